// Rounding of amounts and weights of time.
#include "engine/run/accrual.hpp"

#include <gtest/gtest.h>

namespace proeftuin {
namespace {

using Convention = DiscountSpec::Convention;

TEST(accrual, nearest_integer_rounds_ties_to_even) {
    EXPECT_EQ(nearest_integer(0.5), 0);
    EXPECT_EQ(nearest_integer(1.5), 2);
    EXPECT_EQ(nearest_integer(2.5), 2);
    EXPECT_EQ(nearest_integer(-0.5), 0);
    EXPECT_EQ(nearest_integer(-1.5), -2);
    EXPECT_EQ(nearest_integer(-7.4), -7);
    EXPECT_EQ(nearest_integer(0x1p50 + 0.25), std::int64_t{1} << 50);
    EXPECT_EQ(nearest_integer(-0x1p50), -(std::int64_t{1} << 50));
}

TEST(accrual, without_discounting_time_weighs_what_it_is) {
    EXPECT_EQ(discount_weight({}, 3.25, 3.75), 0.5);
    EXPECT_EQ(discount_factor({}, 12.0), 1.0);
}

TEST(accrual, conventions_take_the_start_middle_or_end_of_the_year) {
    EXPECT_NEAR(discount_weight({Convention::start_of_year, 0.03}, 2.25, 2.5), 0.25 / (1.03 * 1.03), 1e-15);
    EXPECT_NEAR(discount_weight({Convention::mid_year, 0.03}, 2.25, 2.5), 0.25 * std::pow(1.03, -2.5), 1e-15);
    EXPECT_NEAR(discount_weight({Convention::end_of_year, 0.03}, 2.25, 2.5), 0.25 / (1.03 * 1.03 * 1.03), 1e-15);
    EXPECT_NEAR(discount_weight({Convention::continuous, 0.03}, 2.25, 2.5),
                (std::pow(1.03, -2.25) - std::pow(1.03, -2.5)) / std::log(1.03), 1e-14);
}

TEST(accrual, the_first_year_at_its_start_is_not_discounted) {
    EXPECT_EQ(discount_weight({Convention::start_of_year, 0.03}, 0.0, 1.0), 1.0);
    EXPECT_EQ(discount_factor({Convention::start_of_year, 0.03}, 0.0), 1.0);
    EXPECT_EQ(discount_factor({Convention::continuous, 0.03}, 0.0), 1.0);
}

TEST(accrual, an_amount_on_the_border_belongs_to_the_year_that_begins) {
    EXPECT_NEAR(discount_factor({Convention::start_of_year, 0.03}, 5.0), std::pow(1.03, -5.0), 1e-15);
    EXPECT_NEAR(discount_factor({Convention::start_of_year, 0.03}, 5.0 - 1e-12), std::pow(1.03, -5.0), 1e-15);
    EXPECT_NEAR(discount_factor({Convention::start_of_year, 0.03}, 4.999), std::pow(1.03, -4.0), 1e-15);
}

TEST(accrual, a_rate_of_zero_discounts_nothing_under_any_convention) {
    for (const auto c :
         {Convention::start_of_year, Convention::mid_year, Convention::end_of_year, Convention::continuous}) {
        EXPECT_EQ(discount_weight({c, 0.0}, 1.5, 2.0), 0.5);
        EXPECT_EQ(discount_factor({c, 0.0}, 9.7), 1.0);
    }
}

TEST(accrual, parts_of_a_year_add_up_to_the_year) {
    for (const auto c :
         {Convention::start_of_year, Convention::mid_year, Convention::end_of_year, Convention::continuous}) {
        double parts = 0.0;
        for (int k = 0; k < 365; ++k) parts += discount_weight({c, 0.04}, 7.0 + k / 365.0, 7.0 + (k + 1) / 365.0);
        EXPECT_NEAR(parts, discount_weight({c, 0.04}, 7.0, 8.0), 1e-13);
    }
}

}  // namespace
}  // namespace proeftuin
