#include "output/compare.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "output/result_set.hpp"
#include "output/show.hpp"

namespace proeftuin::output {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// Deaths (events) and people in each of two replicates.
ResultSet scenario(const std::string& name, std::vector<double> deaths, std::vector<double> people, int last = 2021) {
    ResultSet set;
    set.scenario = name;
    set.provenance.replicates = 2;
    set.provenance.seed = 7;
    const Dim replicate{.name = "replicate", .numbers = {0, 1}};
    Dim year{.name = "year", .unit = "year"}, date{.name = "date", .unit = "year"};
    for (int y = 2020; y <= last; ++y) year.numbers.push_back(y);
    for (int y = 2020; y <= last + 1; ++y) date.numbers.push_back(y);
    MeasureResult d, p;
    d.name = "deaths";
    d.kind = MeasureKind::events;
    d.dims = {replicate, year};
    d.values = std::move(deaths);
    p.name = "people";
    p.kind = MeasureKind::people;
    p.dims = {replicate, date};
    p.values = std::move(people);
    set.measures = {d, p};
    SummaryLine a, b;
    a.label = "deaths";
    a.measures = {"deaths"};
    b.label = "everybody";
    b.measures = {"people"};
    set.summary.sections = {{"Town", "", {{0, {a}}, {0, {b}}}, {}}};
    return set;
}

const ResultSet usual = scenario("usual", {10, 12, 20, 22}, {100, 100, 100, 200, 200, 200});
const ResultSet policy = scenario("policy", {9, 11, 15, 14}, {100, 101, 103, 200, 203, 203.1});

TEST(Compare, takes_the_difference_replicate_by_replicate) {
    const Comparison c = compare(policy, usual);
    ASSERT_TRUE(c.paired);
    const ComparedRow& deaths = c.blocks.at(0).rows.at(0);
    EXPECT_EQ(deaths.at, 2021.0);
    EXPECT_DOUBLE_EQ(deaths.last.against, 17.0);  // (12 + 22) / 2
    EXPECT_DOUBLE_EQ(deaths.last.here, 12.5);  // (11 + 14) / 2
    EXPECT_DOUBLE_EQ(deaths.last.mean, -4.5);  // -1 and -8
    EXPECT_DOUBLE_EQ(deaths.over_all.mean, -7.5);  // 2020: -1 and -5
    EXPECT_DOUBLE_EQ(deaths.over_all.error, 5.5);  // -2 and -13
    const ComparedRow& people = c.blocks.at(0).rows.at(1);
    EXPECT_EQ(people.at, 2022.0);
    EXPECT_NEAR(people.last.mean, 3.05, 1e-12);  // 3 and 3.1
    EXPECT_TRUE(std::isnan(people.over_all.mean));  // people of two dates do not add
}

TEST(Compare, adds_variances_where_people_differ) {
    ResultSet other = usual;
    other.provenance.seed = 8;
    const Comparison c = compare(policy, other);
    EXPECT_FALSE(c.paired);
    EXPECT_DOUBLE_EQ(c.blocks.at(0).rows.at(0).last.mean, -4.5);
    EXPECT_DOUBLE_EQ(c.blocks.at(0).rows.at(0).last.error,
                     std::sqrt(1.5 * 1.5 + 5.0 * 5.0));  // of 11, 14 and of 12, 22
    EXPECT_THAT(comparison_text(policy, other, {}), HasSubstr("the people are not the same"));
}

TEST(Compare, takes_no_other_start_population_for_the_same_people) {
    ResultSet a = usual, b = policy;
    a.provenance.digests["population"] = "1f";
    b.provenance.digests["population"] = "1f";
    EXPECT_TRUE(compare(b, a).paired);
    b.provenance.digests["population"] = "20";
    EXPECT_FALSE(compare(b, a).paired);
    EXPECT_FALSE(same_people(b, a));
}

TEST(Compare, uses_the_last_year_that_both_have) {
    const ResultSet shorter = scenario("shorter", {9, 15}, {100, 101, 200, 203}, 2020);
    const ComparedRow deaths = compare(shorter, usual).blocks.at(0).rows.at(0);
    EXPECT_EQ(deaths.at, 2020.0);
    EXPECT_DOUBLE_EQ(deaths.last.mean, -3.0);
    EXPECT_EQ(compare(policy, usual, {{}, {}, 2020.0}).blocks.at(0).rows.at(0).at, 2020.0);
}

TEST(Compare, refuses_pages_without_a_line_in_common) {
    ResultSet other = usual;
    other.summary.sections.at(0).heading = "Elsewhere";
    EXPECT_THROW(compare(policy, other), std::invalid_argument);
}

TEST(Compare, holds_what_one_run_alone_has_against_nothing) {
    ResultSet shorter = scenario("shorter", {9, 15}, {100, 101, 200, 203}, 2020);
    ResultSet programme = policy;
    programme.summary.sections.push_back(programme.summary.sections.at(0));
    programme.summary.sections.back().heading = "Programme";
    const Comparison c = compare(programme, shorter);
    ASSERT_EQ(c.blocks.size(), 2u);
    const ComparedRow& deaths = c.blocks.at(1).rows.at(0);
    EXPECT_EQ(deaths.at, 2020.0);  // the last year of both
    EXPECT_DOUBLE_EQ(deaths.last.here, 12.0);  // (9 + 15) / 2
    EXPECT_DOUBLE_EQ(deaths.last.against, 0.0);
    EXPECT_DOUBLE_EQ(deaths.over_all.mean, 12.0);
    EXPECT_DOUBLE_EQ(compare(shorter, programme).blocks.at(1).rows.at(0).last.mean, -12.0);
}

TEST(Compare, is_set_in_columns_with_chance_in_brackets) {
    EXPECT_THAT(comparison_text(policy, usual, {.glyphs = Glyphs::ascii}),
                StartsWith("policy (here) against usual\n"
                           "Town, 2021         difference     95 % interval        %  here  against  all years\n"
                           "  deaths              (-4.50)  -48.97 to +39.97  (-26.5)  12.5     17.0    (-7.50)\n"
                           "  everybody, 2022       +3.05    +2.41 to +3.69     +2.0   153      150\n"));
}

TEST(Compare, says_the_same_as_json) {
    const auto json = nlohmann::json::parse(comparison_json(policy, usual));
    EXPECT_EQ(json["scenario"], "policy");
    EXPECT_EQ(json["against"], "usual");
    EXPECT_EQ(json["paired"], true);
    const auto& deaths = json["sections"][0]["lines"][0];
    EXPECT_EQ(deaths["year"], 2021.0);
    EXPECT_EQ(deaths["difference"], -4.5);
    EXPECT_EQ(deaths["standard_error"], 3.5);
    EXPECT_NEAR(deaths["low"].get<double>(), -4.5 - 12.706205 * 3.5, 1e-5);
    EXPECT_EQ(deaths["all_years"]["difference"], -7.5);
    EXPECT_FALSE(json["sections"][0]["lines"][1].contains("all_years"));
}

}  // namespace
}  // namespace proeftuin::output
