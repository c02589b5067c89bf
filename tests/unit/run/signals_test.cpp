// Signals against closed forms: what a step sees is what the step before had.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/errors.hpp"
#include "tests/lab/lab.hpp"

namespace proeftuin::lab {
namespace {

std::string scenario(const std::string& entries, int years, int people, const std::string& step = "1 year") {
    return "format: 1\nscenario: signals\npeople: { number: " + std::to_string(people) +
           " }\nstarts: 2000\nyears: " + std::to_string(years) + "\nstep: " + step + "\nentries:\n" + entries;
}

const char* const attribute =
    "  - attributes: a\n    define: { sex: { categories: [female, male], start: { male: 0.25 } } }\n";

TEST(signals, change_after_each_step_from_what_all_were_before_it) {
    const Done run(from_text(scenario(std::string(attribute) + R"yaml(
  - signals: s
    define:
      steps: { start: 2, next: steps + 1 }
      half: { start: 8, next: half / 2 + 0 * steps }
      clock: { unit: year, start: 0 year, next: clock + step }
      seen: { start: 0, next: steps }
      now: { start: year, next: year }
)yaml",
                                      1, 3, "3 months")));
    const auto& s = run.results().signals;
    ASSERT_EQ(s.size(), 5u);
    EXPECT_EQ(s[0], (std::vector<double>{2, 3, 4, 5}));
    EXPECT_EQ(s[1], (std::vector<double>{8, 4, 2, 1}));
    EXPECT_EQ(s[2], (std::vector<double>{0, 0.25, 0.5, 0.75}));
    EXPECT_EQ(s[3], (std::vector<double>{0, 2, 3, 4}));
    EXPECT_EQ(s[4], (std::vector<double>{2000, 2000.25, 2000.5, 2000.75}));
}

TEST(signals, see_measures_per_year_and_means_of_the_step) {
    const Done run(from_text(scenario(std::string(attribute) + R"yaml(
  - measures: m
    groups: { s: { of: sex } }
    define:
      need: { integrate: "2 per year", by: [sex] }
      share_of_men: { mean: "sex == male ? 1 : 0", by: [sex] }
  - signals: s
    define:
      demand: { unit: per year, start: 0 per year, next: need }
      men: { start: 0, next: share_of_men }
)yaml",
                                      2, 400, "1 month")));
    const auto& s = run.results().signals;
    ASSERT_EQ(s[0].size(), 24u);
    EXPECT_EQ(s[0][0], 0.0);
    const auto sex = run.simulation().people().column<std::uint8_t>(
        run.lab().model().attributes[static_cast<std::size_t>(run.lab().model().sex_attribute)].column);
    const double men = static_cast<double>(std::count(sex.begin(), sex.end(), 1)) / 400.0;
    for (std::size_t k = 1; k < 24; ++k) {
        EXPECT_NEAR(s[0][k], 800.0, 1e-3) << k;
        EXPECT_NEAR(s[1][k], men, 1e-6) << k;
    }
}

TEST(signals, make_a_fluid_queue_that_fills_and_drains) {
    // 300 a year come, 240 are seen: the queue grows by 60 a year. When the demand falls to 120 in 2002 it shrinks by
    // 120 a year, and is empty a year later.
    const Done run(from_text(scenario(std::string(attribute) + R"yaml(
  - measures: m
    define: { arrivals: { integrate: "year < 2002 ? 3 per year : 1.2 per year" } }
  - parameter_set: p
    parameters: { seen: { value: 240, unit: per year, source: assumption, why: test } }
  - signals: s
    define:
      queue: { start: 0, next: "max(0, queue + step * (arrivals - seen))" }
)yaml",
                                      4, 100, "3 months")));
    const auto& queue = run.results().signals[0];
    for (std::size_t k = 0; k <= 8; ++k) EXPECT_NEAR(queue[k], 15.0 * static_cast<double>(k), 1e-6) << k;
    for (std::size_t k = 9; k <= 11; ++k) EXPECT_NEAR(queue[k], 120.0 - 30.0 * static_cast<double>(k - 8), 1e-6) << k;
    for (std::size_t k = 12; k < 16; ++k) EXPECT_NEAR(queue[k], 0.0, 1e-6) << k;
}

const char* const epidemic = R"yaml(
  - process: flu
    states: [well, ill, immune]
    absorbing: [immune]
    start: { ill: 0.2 }
    transitions:
      catch: { from: well, to: ill, rate: 15 per year * share_ill }
      recover: { from: ill, to: immune, rate: 10 per year }
  - measures: m
    define: { ill: { mean: "flu == ill ? 1 : 0" }, caught: { count: flu.catch } }
  - signals: s
    define: { share_ill: { start: 0.2, next: ill } }
)yaml";

TEST(signals, carry_an_infection_from_person_to_person) {
    // The same with fractions in place of people: i and s fall and rise within the step as the rates say, with what the
    // step before had on average.
    const int people = static_cast<int>(lab::people(50'000, 400'000));
    const Done run(from_text(scenario(epidemic, 2, people, "1 month")));
    double well = 0.8, ill = 0.2, seen = 0.2, caught = 0.0;
    const double step = 1.0 / 12.0;
    for (int k = 0; k < 24; ++k) {
        const double a = 15.0 * seen, b = 10.0;
        const double stay = std::exp(-a * step), heal = std::exp(-b * step);
        // ill(t) = (ill - c) e^{-bt} + c e^{-at} with c = a well / (b - a)
        const double c = a * well / (b - a);
        const double mean = ((ill - c) * (1.0 - heal) / b + (a > 0.0 ? c * (1.0 - stay) / a : c * step)) / step;
        caught += well * (1.0 - stay);
        ill = (ill - c) * heal + c * stay;
        well *= stay;
        EXPECT_NEAR(run.results().signals[0][static_cast<std::size_t>(k)], seen, 0.03 * seen + 6e-4) << k;
        seen = mean;
    }
    EXPECT_GT(caught, 0.3);  // it is an epidemic
    EXPECT_TRUE(ratio_within("caught", run.total("caught") / people, caught, 0.02));
}

TEST(signals, are_the_same_bits_for_any_threads_and_chunks_and_after_a_resume) {
    const auto lab = from_text(scenario(epidemic, 2, 20'000, "1 month"));
    const auto one = lab->simulation(1, 512);
    one->run();
    const std::uint64_t expected = one->results().digest();
    EXPECT_EQ(one->results().signals[0].size(), 24u);
    for (const int threads : {2, 7}) {
        const auto other = lab->simulation(threads, 2048);
        other->run();
        EXPECT_EQ(other->results().digest(), expected);
    }
    const auto first = lab->simulation(2, 1024);
    for (int k = 0; k < 7; ++k) first->step();
    const auto second = lab->simulation(1, 512);
    second->restore(first->checkpoint());
    second->run();
    EXPECT_EQ(second->results().digest(), expected);
}

TEST(signals, without_a_use_change_nobody) {
    const std::string entries = R"yaml(
  - process: p
    states: [well, ill]
    absorbing: [ill]
    transitions: { fall: { from: well, to: ill, rate: 0.1 per year } }
  - measures: m
    define: { falls: { count: p.fall } }
)yaml";
    const Done without(from_text(scenario(entries, 5, 2'000)));
    const Done with(from_text(
        scenario(entries + "  - signals: s\n    define: { trend: { start: 1, next: trend + step * falls / 1000 } }\n",
                 5, 2'000)));
    EXPECT_EQ(without.total("falls"), with.total("falls"));
    EXPECT_EQ(without.results().measures[0].sum, with.results().measures[0].sum);
}

std::string message_of(const std::string& signals, const std::string& measures = "x: { integrate: \"1\" }") {
    try {
        from_text(scenario(std::string(attribute) + "  - measures: m\n    define: { " + measures +
                               " }\n  - signals: s\n    define: { " + signals + " }\n",
                           1, 3));
    } catch (const std::runtime_error& e) {
        return e.what();
    }
    return "no error";
}

TEST(signals, refuse_what_is_not_of_the_region) {
    EXPECT_NE(message_of("s: { start: 1, next: \"sex == male ? 1 : 0\" }").find("E0460"), std::string::npos);
    EXPECT_NE(message_of("s: { start: 1, next: age / (1 year) }").find("E0460"), std::string::npos);
    EXPECT_NE(message_of("s: { start: time / (1 year), next: s }").find("must be a constant"), std::string::npos);
    EXPECT_NE(message_of("s: { unit: year, start: 1 year, next: 3 EUR }").find("error[E"), std::string::npos);
    EXPECT_NE(message_of("s: { start: 1, next: y }").find("error[E"), std::string::npos);
    EXPECT_NE(message_of("s: { start: 1, next: p }", "p: { people: \"1 == 1\" }").find("error[E"), std::string::npos);
}

TEST(signals, that_leave_the_numbers_stop_the_run) {
    const auto lab = from_text(scenario(
        std::string(attribute) + "  - signals: s\n    define: { s: { start: 1, next: 1 / (s - 1) } }\n", 3, 3));
    const auto run = lab->simulation();
    EXPECT_THROW(run->run(), NumericError);
}

}  // namespace
}  // namespace proeftuin::lab
