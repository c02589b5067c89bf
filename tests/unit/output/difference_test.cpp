#include "output/difference.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace proeftuin::output {
namespace {

using Values = std::vector<double>;

TEST(Difference, of_pairs_is_as_sure_as_the_differences_are_alike) {
    const Difference d = difference(Values{11, 22, 36}, Values{10, 20, 33}, true);  // 1, 2, 3
    EXPECT_DOUBLE_EQ(d.mean, 2.0);
    EXPECT_DOUBLE_EQ(d.error, 1.0 / std::sqrt(3.0));
    // Student's t with two degrees of freedom: 4.302653
    EXPECT_NEAR(d.low, 2.0 - 4.302653 / std::sqrt(3.0), 1e-6);
    EXPECT_NEAR(d.high, 2.0 + 4.302653 / std::sqrt(3.0), 1e-6);
    EXPECT_TRUE(d.within_chance());
    EXPECT_DOUBLE_EQ(d.here, 23.0);
    EXPECT_DOUBLE_EQ(d.against, 21.0);
    EXPECT_DOUBLE_EQ(d.percent(), 200.0 / 21.0);
}

TEST(Difference, of_other_people_has_the_variance_of_both) {
    // Variances of the means: 3 (of three values) and 0.75 (of four), so that Welch has 3.75^2 / (3^2/2 + 0.75^2/3) = 3
    // degrees of freedom, for which t is 3.182446.
    const Difference d = difference(Values{1, 4, 7}, Values{1, 1, 4, 4}, false);
    EXPECT_DOUBLE_EQ(d.mean, 1.5);
    EXPECT_DOUBLE_EQ(d.error, std::sqrt(3.75));
    EXPECT_NEAR(d.high, 1.5 + 3.182446 * std::sqrt(3.75), 1e-5);
}

TEST(Difference, of_replicates_that_do_not_vary_has_an_interval_without_width) {
    const Difference paired = difference(Values{5, 6}, Values{4, 5}, true);
    EXPECT_EQ(paired.low, 1.0);
    EXPECT_EQ(paired.high, 1.0);
    EXPECT_FALSE(paired.within_chance());
    const Difference same = difference(Values{5, 5}, Values{5, 5}, false);
    EXPECT_EQ(same.mean, 0.0);
    EXPECT_EQ(same.low, 0.0);
    EXPECT_FALSE(same.within_chance());  // it is 0, for sure
}

TEST(Difference, of_one_replicate_has_no_interval) {
    const Difference d = difference(Values{5}, Values{4}, true);
    EXPECT_EQ(d.mean, 1.0);
    EXPECT_TRUE(std::isnan(d.error));
    EXPECT_TRUE(std::isnan(d.low));
    EXPECT_FALSE(d.within_chance());
    EXPECT_TRUE(std::isnan(difference(Values{5}, Values{0}, true).percent()));
}

TEST(interval_of_mean, is_that_of_student) {
    EXPECT_NEAR(interval_of_mean(Values{1.0, 3.0}), 12.706205, 1e-5);
    EXPECT_NEAR(interval_of_mean(Values{1.0, 2.0, 3.0}), 4.302653 / std::sqrt(3.0), 1e-6);
    EXPECT_TRUE(std::isnan(interval_of_mean(Values{1.0})));
}

}  // namespace
}  // namespace proeftuin::output
