// How far a coalition brings its programmes, against closed forms.
#include "models/coalition/implementation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace proeftuin::coalition {
namespace {

constexpr double tolerance = 1e-6;

/// One organisation that does all of one programme, which takes a year.
Coalition alone(double vision) {
    Coalition c;
    c.organisations = {{.shared_vision = vision}};
    c.parts = {{.shares = {1.0}, .conflict = {0.0}}};
    return c;
}

/// Compares a row of a course with f(years since 2013) at all its times.
template <class F>
void expect_course(const Course& course, const std::vector<double>& row, F f) {
    ASSERT_EQ(row.size(), course.times.size());
    for (std::size_t k = 0; k < row.size(); ++k)
        ASSERT_NEAR(row[k], f(course.times[k] - 2013.0), tolerance) << course.times[k];
}

TEST(coalition_course, a_convenor_persuades_exponentially_while_it_works) {
    Coalition c = alone(0.3);
    c.organisations[0].reached = true;
    c.convenor = {.from = 2014.25, .to = 2016.5, .persuades = 0.8};
    const Course course = course_of(c, 2013.0, 2020.0);
    expect_course(course, course.vision[0],
                  [](double t) { return 1.0 - 0.7 * std::exp(-0.8 * std::clamp(t - 1.25, 0.0, 2.25)); });
}

TEST(coalition_course, a_convenor_leaves_alone_whom_it_does_not_reach) {
    Coalition c = alone(0.3);
    c.convenor = {.from = 2013.0, .to = 2020.0, .persuades = 0.8, .overcomes = 1.0};
    c.organisations[0].reluctance = 0.5;
    const Course course = course_of(c, 2013.0, 2020.0);
    expect_course(course, course.vision[0], [](double) { return 0.3; });
    expect_course(course, course.level[0], [](double t) { return 0.15 * (1.0 - std::exp(-t)); });
}

TEST(coalition_course, visions_of_three_in_a_row_spread_as_the_laplacian_of_a_path_says) {
    Coalition c;
    c.organisations = {{1.0}, {0.0}, {0.0}};
    constexpr double k = 0.4;
    c.ties = {{0, 1, k}, {2, 1, k}};
    const Course course = course_of(c, 2013.0, 2033.0);
    expect_course(course, course.vision[0],
                  [](double t) { return 1.0 / 3.0 + std::exp(-k * t) / 2.0 + std::exp(-3.0 * k * t) / 6.0; });
    expect_course(course, course.vision[1], [](double t) { return 1.0 / 3.0 - std::exp(-3.0 * k * t) / 3.0; });
    expect_course(course, course.vision[2],
                  [](double t) { return 1.0 / 3.0 - std::exp(-k * t) / 2.0 + std::exp(-3.0 * k * t) / 6.0; });
}

TEST(coalition_course, a_programme_comes_at_its_speed_to_the_strength_of_its_partners) {
    Coalition c = alone(0.6);
    c.parts[0].takes = 2.5;
    c.parts[0].from = 2014.0;
    c.parts[0].at_start = 0.1;
    const Course course = course_of(c, 2013.0, 2023.0);
    expect_course(course, course.level[0],
                  [](double t) { return 0.6 - 0.5 * std::exp(-std::max(0.0, t - 1.0) / 2.5); });
}

TEST(coalition_course, a_convenor_speeds_up_and_overcomes_reluctance) {
    Coalition c = alone(1.0);
    c.organisations[0] = {.shared_vision = 1.0, .reluctance = 0.5, .reached = true};
    c.convenor = {.from = 2013.0, .to = 2015.0, .overcomes = 0.6, .speeds_up = 3.0};
    const Course course = course_of(c, 2013.0, 2020.0);
    // 1 - 0.5 (1 - 0.6) = 0.8 while it works, 0.5 after it.
    const double left = 0.8 * (1.0 - std::exp(-6.0));
    expect_course(course, course.level[0], [&](double t) {
        return t <= 2.0 ? 0.8 * (1.0 - std::exp(-3.0 * t)) : 0.5 + (left - 0.5) * std::exp(-(t - 2.0));
    });
}

TEST(coalition_course, partners_combine_as_said) {
    Coalition c;
    c.organisations = {{0.64}, {0.25}, {0.0}};
    const std::vector<double> shares = {0.5, 0.5, 0.0}, none = {0.0, 0.0, 0.0};
    for (const auto how : {Combines::geometric, Combines::mean, Combines::weakest})
        c.parts.push_back({.shares = shares, .conflict = none, .combines = how});
    const Course course = course_of(c, 2013.0, 2014.0);
    const double share = 1.0 - std::exp(-1.0);
    EXPECT_NEAR(course.level[0].back(), 0.4 * share, tolerance);
    EXPECT_NEAR(course.level[1].back(), 0.445 * share, tolerance);
    EXPECT_NEAR(course.level[2].back(), 0.25 * share, tolerance);
}

TEST(coalition_course, one_partner_that_does_nothing_stops_a_programme_of_all) {
    Coalition c;
    c.organisations = {{1.0}, {0.0}};
    c.parts = {{.shares = {0.9, 0.1}, .conflict = {0.0, 0.0}}};
    EXPECT_EQ(course_of(c, 2013.0, 2014.0).level[0].back(), 0.0);
}

TEST(coalition_course, targets_that_a_programme_works_against_lower_the_will) {
    // Against the first of two targets of weights 1 and 1/2, for the second: (1 - 1/2) / (1 + 1/2) against.
    EXPECT_DOUBLE_EQ(conflict({1.0, 0.5}, {-1.0, 1.0}), 1.0 / 3.0);
    EXPECT_DOUBLE_EQ(conflict({1.0, 0.5}, {1.0, -1.0}), 0.0);
    EXPECT_DOUBLE_EQ(conflict({1.0, 0.0}, {0.0, -1.0}), 0.0);
    EXPECT_DOUBLE_EQ(conflict({-2.0}, {0.1}), 1.0);
    Coalition c;
    c.organisations = {{1.0}, {1.0}};
    c.parts = {{.shares = {0.75, 0.25}, .conflict = {0.0, 0.4}, .combines = Combines::mean}};
    EXPECT_DOUBLE_EQ(c.misalignment(0), 0.1);
    EXPECT_NEAR(course_of(c, 2013.0, 2014.0).level[0].back(), 0.9 * (1.0 - std::exp(-1.0)), tolerance);
}

TEST(coalition_course, a_rule_holds_up_until_it_opens) {
    Coalition c = alone(1.0);
    c.rules = {{.opens = 2015.0, .before = 0.2}};
    c.parts[0].rules = {0};
    const Course course = course_of(c, 2013.0, 2020.0);
    const double left = 0.2 * (1.0 - std::exp(-2.0));
    expect_course(course, course.level[0], [&](double t) {
        return t <= 2.0 ? 0.2 * (1.0 - std::exp(-t)) : 1.0 + (left - 1.0) * std::exp(-(t - 2.0));
    });
}

TEST(coalition_course, a_programme_comes_no_further_than_what_it_builds_on) {
    Coalition c = alone(1.0);
    c.parts.push_back(c.parts[0]);
    c.parts[1].after = {0};
    const Course course = course_of(c, 2013.0, 2023.0);
    expect_course(course, course.level[1], [](double t) { return 1.0 - (1.0 + t) * std::exp(-t); });
}

TEST(coalition_course, without_its_mechanisms_only_the_time_is_left) {
    Coalition c = alone(0.1);
    c.organisations[0] = {.shared_vision = 0.1, .reluctance = 0.9, .reached = true};
    c.convenor = {.from = 2013.0, .to = 2020.0, .persuades = 1.0, .overcomes = 1.0, .speeds_up = 9.0};
    c.rules = {{.opens = 2050.0}};
    c.parts[0].conflict = {0.7};
    c.parts[0].rules = {0};
    c.parts.push_back(c.parts[0]);
    c.parts[0].after = {1};
    c.on.fill(false);
    const Course course = course_of(c, 2013.0, 2020.0);
    expect_course(course, course.level[0], [](double t) { return 1.0 - std::exp(-t); });
}

TEST(coalition_course, a_contribution_is_with_less_without) {
    Coalition c = alone(1.0);
    c.organisations[0].reluctance = 0.25;
    const double come = 1.0 - std::exp(-2.0);
    EXPECT_NEAR(contribution(c, Mechanism::reluctance, 2013.0, 2015.0)[0], -0.25 * come, tolerance);
    EXPECT_EQ(contribution(c, Mechanism::convenor, 2013.0, 2015.0)[0], 0.0);
    // The same, whether it is on or off at present.
    c.on[static_cast<std::size_t>(Mechanism::reluctance)] = false;
    EXPECT_NEAR(contribution(c, Mechanism::reluctance, 2013.0, 2015.0)[0], -0.25 * come, tolerance);
}

TEST(coalition_course, is_read_between_its_times_on_a_line) {
    const Course course = course_of(alone(1.0), 2013.0, 2014.0);
    const auto& row = course.level[0];
    EXPECT_EQ(course.at(row, 2012.0), 0.0);
    EXPECT_EQ(course.at(row, 2030.0), row.back());
    EXPECT_NEAR(course.at(row, 2013.0 + 1.0 / 24.0), 0.5 * (row[0] + row[1]), 1e-12);
}

}  // namespace
}  // namespace proeftuin::coalition
