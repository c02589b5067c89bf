#include "output/compare_measures.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "output/result_set.hpp"
#include "output/show.hpp"

namespace proeftuin::output {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Cost by replicate, year and sex.
ResultSet scenario(const std::string& name, std::vector<double> values, std::vector<double> years = {2020, 2021}) {
    ResultSet set;
    set.scenario = name;
    set.provenance.replicates = 2;
    MeasureResult cost;
    cost.name = "cost";
    cost.unit = "EUR";
    cost.dims = {{.name = "replicate", .numbers = {0, 1}},
                 {.name = "year", .unit = "year", .numbers = std::move(years)},
                 {.name = "sex", .labels = {"female", "male"}}};
    cost.values = std::move(values);
    set.measures = {cost};
    return set;
}

const ResultSet usual = scenario("usual", {10, 20, 30, 40, 50, 60, 70, 80});
const ResultSet policy = scenario("policy", {11, 18, 33, 40, 52, 58, 77, 80});

TEST(CompareMeasures, keeps_years_and_groups) {
    const ComparedMeasure m = compare_measure(policy, usual, "cost", {{"sex"}});
    EXPECT_THAT(m.rows, ElementsAre(2020, 2021));
    EXPECT_THAT(m.columns, ElementsAre("female", "male"));
    EXPECT_DOUBLE_EQ(m.cells[0][0].mean, 1.5);  // 1 and 2
    EXPECT_DOUBLE_EQ(m.cells[0][1].mean, -2.0);  // -2 and -2
    EXPECT_EQ(m.cells[0][1].error, 0.0);
    EXPECT_DOUBLE_EQ(m.cells[1][0].mean, 5.0);  // 3 and 7
    EXPECT_DOUBLE_EQ(m.cells[1][0].error, 2.0);
    EXPECT_EQ(m.cells[1][1].mean, 0.0);
    EXPECT_DOUBLE_EQ(m.over_all[0].mean, 6.5);  // 4 and 9
    EXPECT_DOUBLE_EQ(m.over_all[1].mean, -2.0);
}

TEST(CompareMeasures, adds_groups_up_before_it_compares) {
    const ComparedMeasure m = compare_measure(policy, usual, "cost", {});
    EXPECT_DOUBLE_EQ(m.cells[0][0].mean, -0.5);  // 29 - 30 and 110 - 110
    EXPECT_DOUBLE_EQ(m.cells[0][0].here, 69.5);
    EXPECT_DOUBLE_EQ(m.over_all[0].mean, 4.5);  // 2 and 7
}

TEST(CompareMeasures, takes_the_years_that_both_have) {
    const ResultSet later = scenario("later", {30, 40, 1, 1, 70, 81, 1, 1}, {2021, 2022});
    const ComparedMeasure m = compare_measure(later, usual, "cost", {});
    EXPECT_THAT(m.rows, ElementsAre(2021));
    EXPECT_DOUBLE_EQ(m.cells[0][0].mean, 0.5);
    EXPECT_DOUBLE_EQ(m.over_all[0].mean, 0.5);
}

TEST(CompareMeasures, refuses_what_is_not_there_or_not_the_same) {
    EXPECT_THROW(compare_measure(policy, usual, "costs", {}), std::invalid_argument);
    EXPECT_THROW(compare_measure(policy, usual, "cost", {{"age"}}), std::invalid_argument);
    ResultSet other = usual;
    other.measures[0].unit = "year";
    EXPECT_THROW(compare_measure(policy, other, "cost", {}), std::invalid_argument);
    EXPECT_THROW(compare_measure(policy, scenario("later", {1, 1, 1, 1, 1, 1, 1, 1}, {2030, 2031}), "cost", {}),
                 std::invalid_argument);
}

TEST(CompareMeasures, are_a_table_and_json) {
    ShowOptions options;
    options.measures = {"cost"};
    const std::string text = measures_comparison_text(policy, usual, options);
    EXPECT_THAT(text, HasSubstr("cost, EUR\n"));
    EXPECT_THAT(text, HasSubstr("2020"));
    EXPECT_THAT(text, HasSubstr("not the uncertainty of"));
    const auto json = nlohmann::json::parse(measures_comparison_json(policy, usual, options));
    EXPECT_EQ(json["measures"][0]["cells"][0]["difference"], -0.5);
    EXPECT_EQ(json["measures"][0]["cells"][0]["year"], 2020.0);
    EXPECT_EQ(json["measures"][0]["over_all"][0]["difference"], 4.5);
}

}  // namespace
}  // namespace proeftuin::output
