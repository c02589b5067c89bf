#include "output/growth.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/core/contracts.hpp"

namespace proeftuin::output {
namespace {

/// The mean over all 24 orders in which the four can change, step by step, of the logarithm of the amount.
std::array<double, 4> over_all_orders(const GrowthPeriod& first, const GrowthPeriod& now) {
    const GrowthPeriod* periods[] = {&first, &now};
    double people[] = {0.0, 0.0};
    for (int k = 0; k < 2; ++k)
        for (const double years : periods[k]->person_years) people[k] += years;
    const auto amount = [&](const std::array<int, 4>& of) {
        double total = 0.0;
        for (std::size_t g = 0; g < first.amount.size(); ++g)
            total += people[of[0]] * (periods[of[1]]->person_years[g] / people[of[1]]) *
                     (periods[of[2]]->unindexed[g] / periods[of[2]]->person_years[g]) *
                     (periods[of[3]]->amount[g] / periods[of[3]]->unindexed[g]);
        return total;
    };
    std::array<int, 4> order{0, 1, 2, 3};
    std::array<double, 4> mean{};
    do {
        std::array<int, 4> of{0, 0, 0, 0};
        for (const int next : order) {
            const double before = amount(of);
            of[static_cast<std::size_t>(next)] = 1;
            mean[static_cast<std::size_t>(next)] += std::log(amount(of) / before) / 24.0;
        }
    } while (std::next_permutation(order.begin(), order.end()));
    return mean;
}

TEST(Growth, is_the_closed_form_where_the_factors_are_alike_in_all_groups) {
    // 0.4 % more people, ages that cost 0.8 % more, 1 % more care, an index of 2 %: 4.2595366400000056 % in all.
    // The young cost 1 and the old 3 a head. Half of each cost 2; 50.8 % old cost 2.016.
    const double people = 1004, old = 0.508;
    const GrowthPeriod first{{500, 500}, {500, 1500}, {500, 1500}};
    const GrowthPeriod now{{people * (1 - old), people * old},
                           {people * (1 - old) * 1.01 * 1.02, people * old * 3 * 1.01 * 1.02},
                           {people * (1 - old) * 1.01, people * old * 3 * 1.01}};
    const GrowthFactors f = growth_factors(first, now);
    EXPECT_NEAR(f.people, 1.004, 1e-14);
    EXPECT_NEAR(f.ages, 1.008, 1e-14);
    EXPECT_NEAR(f.care, 1.01, 1e-14);
    EXPECT_NEAR(f.index, 1.02, 1e-14);
    EXPECT_NEAR(f.people * f.ages * f.care * f.index, 1.042595366400000056, 1e-12);
}

TEST(Growth, is_the_mean_over_all_orders) {
    const GrowthPeriod first{{400, 350, 120}, {900, 2100, 1500}, {900, 2000, 1400}};
    const GrowthPeriod now{{380, 500, 260}, {1100, 3900, 6100}, {700, 3600, 3500}};
    const GrowthFactors f = growth_factors(first, now);
    const auto mean = over_all_orders(first, now);
    EXPECT_NEAR(std::log(f.people), mean[0], 1e-14);
    EXPECT_NEAR(std::log(f.ages), mean[1], 1e-14);
    EXPECT_NEAR(std::log(f.care), mean[2], 1e-14);
    EXPECT_NEAR(std::log(f.index), mean[3], 1e-14);
    EXPECT_NEAR(f.people * f.ages * f.care * f.index, 11100.0 / 4500.0, 1e-14);
}

TEST(Growth, turns_round_with_time) {
    const GrowthPeriod first{{400, 350}, {900, 2100}, {900, 2000}};
    const GrowthPeriod now{{380, 500}, {1100, 3900}, {700, 3600}};
    const GrowthFactors there = growth_factors(first, now), back = growth_factors(now, first);
    EXPECT_NEAR(there.people * back.people, 1.0, 1e-14);
    EXPECT_NEAR(there.ages * back.ages, 1.0, 1e-14);
    EXPECT_NEAR(there.care * back.care, 1.0, 1e-14);
    EXPECT_NEAR(there.index * back.index, 1.0, 1e-14);
}

TEST(Growth, counts_an_empty_group_at_what_it_costs_in_the_other_period) {
    const GrowthFactors f = growth_factors({{100, 0}, {100, 0}, {}}, {{100, 100}, {100, 500}, {}});
    EXPECT_DOUBLE_EQ(f.people, 2.0);
    EXPECT_DOUBLE_EQ(f.ages, 3.0);  // (1 + 5) / 2 a head, and it was 1
    EXPECT_DOUBLE_EQ(f.care, 1.0);
    EXPECT_DOUBLE_EQ(f.index, 1.0);
}

TEST(Growth, keeps_to_the_whole_where_a_group_starts_to_cost) {
    const GrowthFactors f = growth_factors({{10, 10}, {50, 0}, {40, 0}}, {{12, 20}, {70, 90}, {50, 60}});
    EXPECT_NEAR(f.people * f.ages * f.care * f.index, 160.0 / 50.0, 1e-14);
    EXPECT_DOUBLE_EQ(f.people, 1.6);
}

TEST(Growth, is_nothing_without_people_or_amounts) {
    EXPECT_TRUE(std::isnan(growth_factors({{0}, {0}, {}}, {{1}, {1}, {}}).people));
    EXPECT_TRUE(std::isnan(growth_factors({{1}, {0}, {}}, {{1}, {1}, {}}).care));
    EXPECT_THROW((void)growth_factors({{1}, {1}, {}}, {{1, 2}, {1, 2}, {}}), ContractViolation);
}

TEST(LogarithmicMean, lies_between_and_turns_logarithms_into_amounts) {
    EXPECT_NEAR(logarithmic_mean(1.0, std::exp(1.0)), std::exp(1.0) - 1.0, 1e-15);
    EXPECT_DOUBLE_EQ(logarithmic_mean(3.0, 3.0), 3.0);
    EXPECT_NEAR(logarithmic_mean(8.0, 2.0), logarithmic_mean(2.0, 8.0), 1e-14);
    const double near = logarithmic_mean(1.0, 1.0 + 1e-12);
    EXPECT_GE(near, 1.0);
    EXPECT_LE(near, 1.0 + 1e-12);
}

}  // namespace
}  // namespace proeftuin::output
