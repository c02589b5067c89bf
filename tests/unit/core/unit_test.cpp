#include "engine/core/unit.hpp"

#include <gtest/gtest.h>

namespace proeftuin {
namespace {

Unit unit(const char* text) {
    const auto parsed = parse_unit(text);
    EXPECT_TRUE(parsed.has_value()) << text;
    return parsed.value_or(Unit{});
}

TEST(Unit, reads_time_in_years) {
    EXPECT_EQ(unit("year").factor, 1.0);
    EXPECT_EQ(unit("years").factor, 1.0);
    EXPECT_EQ(unit("months").factor, 1.0 / 12.0);
    EXPECT_EQ(unit("week").factor, 7.0 / 365.25);
    EXPECT_EQ(unit("days").factor, 1.0 / 365.25);
    EXPECT_EQ(unit("hour").factor, 1.0 / 8766.0);
    EXPECT_EQ(unit("minutes").factor, 1.0 / 525960.0);
    EXPECT_EQ(unit("month").powers, (std::map<std::string, int>{{"year", 1}}));
}

TEST(Unit, has_the_nearest_factor_to_the_exact_one) {
    // 1 / (1/12) etc. are whole or short decimals, which the quotient of rounded numbers may miss.
    EXPECT_EQ(unit("per month").factor, 12.0);
    EXPECT_EQ(unit("per day").factor, 365.25);
    EXPECT_EQ(unit("per week").factor, 365.25 / 7.0);
    EXPECT_EQ((unit("day") * unit("per day")).factor, 1.0);
    EXPECT_EQ((unit("week") / unit("day")).factor, 7.0);
    EXPECT_EQ((unit("day") / unit("hour")).factor, 24.0);
    EXPECT_EQ((unit("hour") / unit("minute")).factor, 60.0);
    EXPECT_EQ(unit("per minute").factor, 525960.0);
    EXPECT_EQ((unit("week") / unit("week")).factor, 1.0);
    EXPECT_EQ(power(unit("month"), -2).factor, 144.0);
    Unit product;
    for (int i = 0; i < 5; ++i) product = product * unit("week");
    for (int i = 0; i < 5; ++i) product = product / unit("day");
    EXPECT_EQ(product.factor, 16807.0);  // 7^5
}

TEST(Unit, reads_compound_units) {
    EXPECT_EQ(unit("EUR per year").powers, (std::map<std::string, int>{{"EUR", 1}, {"year", -1}}));
    EXPECT_EQ(unit("kg/m2").powers, (std::map<std::string, int>{{"kg", 1}, {"m2", -1}}));
    EXPECT_EQ(unit("contact per month").factor, 12.0);
    EXPECT_EQ(unit("EUR per contact per year").powers,
              (std::map<std::string, int>{{"EUR", 1}, {"contact", -1}, {"year", -1}}));
    EXPECT_EQ(unit("1/year").powers, unit("per year").powers);
    EXPECT_EQ(unit("1 per year").powers, unit("per year").powers);
    EXPECT_EQ(unit("year^2").powers, (std::map<std::string, int>{{"year", 2}}));
    EXPECT_EQ(unit("EUR*year").powers, (std::map<std::string, int>{{"EUR", 1}, {"year", 1}}));
    EXPECT_TRUE(unit("1").dimensionless());
    EXPECT_TRUE(unit("year per year").dimensionless());
    EXPECT_EQ(unit("month per year").factor, 1.0 / 12.0);
}

TEST(Unit, refuses_what_is_not_a_unit) {
    for (const char* text : {"",
                             " ",
                             "%",
                             "per",
                             "per ",
                             "2",
                             "EUR per",
                             "EUR year",
                             "kg//m2",
                             "kg/",
                             "/year",
                             "m^",
                             "m^0",
                             "m^12",
                             "EUR per 5 years",
                             "kg m2",
                             "per per year",
                             "year-1",
                             "*",
                             "EUR per (year)"}) {
        EXPECT_FALSE(parse_unit(text).has_value()) << text;
    }
}

TEST(Unit, prints_a_text_that_reads_back_the_same) {
    for (const char* text : {"1", "year", "per year", "EUR per year", "kg per m2", "EUR*kg per contact per year",
                             "year^2", "per year^2", "mmHg"}) {
        const std::string printed = to_string(unit(text));

        EXPECT_EQ(printed, text);
        EXPECT_EQ(unit(printed.c_str()).powers, unit(text).powers);
    }
    EXPECT_EQ(to_string(unit("kg/m2")), "kg per m2");
    EXPECT_EQ(to_string(unit("EUR per month")), "EUR per year");
}

TEST(Unit, compares_dimensions_and_not_factors) {
    EXPECT_TRUE(unit("per month").same_dimension(unit("per year")));
    EXPECT_FALSE(unit("per year").same_dimension(unit("year")));
    EXPECT_FALSE(unit("EUR").same_dimension(unit("1")));
}

}  // namespace
}  // namespace proeftuin
