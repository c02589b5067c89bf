// Tables, sparklines, JSON and CSV of results.
#include "output/show.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "output/export.hpp"
#include "tests/readers/golden.hpp"
#include "tests/unit/store/scratch.hpp"

namespace proeftuin::output {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// cost[y, s, a] = 1000 y + 100 s + a, with [0,0,0] missing
const ResultSet golden = golden_results("usual_care");

TEST(Tabulate, adds_over_the_axes_that_are_not_kept) {
    const Table table = tabulate(*golden.measure("cost"), {});
    EXPECT_EQ(table.period, "year");
    EXPECT_THAT(table.rows, ElementsAre(2013, 2014, 2015));
    // year 0: (1 + 2) + (100 + 101 + 102) = 306; year 1: 6 x 1000 + 306
    EXPECT_EQ(table.values, (std::vector<std::vector<double>>{{306}, {6306}, {12306}}));
    EXPECT_EQ(over_periods(*golden.measure("cost"), table, 0), 306 + 6306 + 12306);
}

TEST(Tabulate, keeps_axes_and_periods_as_asked) {
    const Table table = tabulate(*golden.measure("cost"), {{"sex"}, 2014.0, 2014.0});
    EXPECT_THAT(table.columns, ElementsAre("vrouw", "man"));
    EXPECT_THAT(table.rows, ElementsAre(2014));
    EXPECT_EQ(table.values, (std::vector<std::vector<double>>{{3003, 3303}}));
}

TEST(Tabulate, does_not_add_up_means) {
    MeasureResult mean = *golden.measure("cost");
    mean.kind = MeasureKind::mean;
    const Table table = tabulate(mean, {});
    EXPECT_EQ(table.columns.size(), 6u);
    EXPECT_EQ(table.columns[5], "man, ≥ 45");
    EXPECT_EQ(table.values[2][5], 2102);
    EXPECT_TRUE(std::isnan(table.values[0][0]));
    EXPECT_EQ(over_periods(mean, table, 5), 2102);
}

TEST(Tabulate, averages_replicates) {
    MeasureResult measure;
    measure.name = "deaths";
    measure.kind = MeasureKind::events;
    measure.dims = {Dim{.name = "year", .numbers = {2013}}, Dim{.name = "replicate", .numbers = {0, 1}}};
    measure.values = {10, 20};
    EXPECT_EQ(tabulate(measure, {}).values[0][0], 15);
    EXPECT_EQ(tabulate(measure, {{"replicate"}, {}, {}}).values[0], (std::vector<double>{10, 20}));
    std::swap(measure.dims[0], measure.dims[1]);
    EXPECT_EQ(tabulate(measure, {}).period, "year");
    EXPECT_EQ(tabulate(measure, {}).values[0][0], 15);
}

TEST(Tabulate, names_an_axis_that_is_not_there) {
    EXPECT_THAT(message_of<std::invalid_argument>([] { tabulate(*golden.measure("cost"), {{"region"}, {}, {}}); }),
                HasSubstr("'cost' has no axis 'region'"));
}

TEST(Sparkline, runs_from_the_lowest_to_the_highest) {
    const std::vector<double> values = {0, 1, 2, 3, 4, 5, 6, 7};
    EXPECT_EQ(sparkline(values, Glyphs::unicode), "▁▂▃▄▅▆▇█");
    EXPECT_EQ(sparkline(values, Glyphs::ascii), "_.-~=+*#");
    const std::vector<double> odd = {1, std::numeric_limits<double>::quiet_NaN(), 1};
    EXPECT_EQ(sparkline(odd, Glyphs::ascii), "~ ~");
    EXPECT_EQ(sparkline({}, Glyphs::ascii), "");
}

TEST(Thinned, keeps_the_shape_in_fewer_numbers) {
    const std::vector<double> values = {1, 3, 5, 7, 9};
    EXPECT_THAT(thinned(values, 5), ElementsAre(1, 3, 5, 7, 9));
    EXPECT_THAT(thinned(values, 2), ElementsAre(2, 7));  // 1 3 and 5 7 9
    EXPECT_THAT(thinned({}, 2), ElementsAre());
}

TEST(Show, keeps_a_table_of_many_years_within_the_width) {
    ResultSet set;
    set.scenario = "long";
    MeasureResult measure;
    measure.name = "people";
    measure.dims = {Dim{.name = "year"}, Dim{.name = "group", .labels = {"a", "b", "c", "d", "e", "f"}}};
    for (int year = 0; year < 40; ++year) {
        measure.dims[0].numbers.push_back(2000 + year);
        for (int group = 0; group < 6; ++group) measure.values.push_back(1000 * group + year);
    }
    set.measures = {measure};
    ShowOptions options{.measures = {"people"}, .glyphs = Glyphs::ascii};
    options.selection.by = {"group"};
    std::istringstream lines(show(set, options));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100u);
}

TEST(Readable, groups_large_numbers_and_shortens_small_ones) {
    EXPECT_EQ(readable(1234567.4), "1,234,567");
    EXPECT_EQ(readable(-1234567.0), "-1,234,567");
    EXPECT_EQ(readable(-123456.0), "-123,456");
    EXPECT_EQ(readable(0.0123456), "0.012346");
    EXPECT_EQ(readable(0), "0");
    EXPECT_EQ(readable(std::nan("")), "-");
    EXPECT_EQ(readable(std::numeric_limits<double>::infinity()), "inf");
}

TEST(Show, gives_an_overview) {
    const std::string text = show(golden, {.all = true, .glyphs = Glyphs::ascii});
    EXPECT_EQ(text,
              "usual_care: Usual care in the heuvelland\n\n"
              "measure           value         unit             by  over time\n"
              "--------------------------------------------------------------\n"
              "cost             18,918  EUR of 2013  sex, age_band  _=#\n"
              "deaths_per_year    0.03     per year                 _#_\n"
              "people_at_start    1234            1\n"
              "sex                  10            1            sex  _#\n");
}

TEST(Show, gives_a_table_by_group) {
    ShowOptions options{.measures = {"cost"}, .glyphs = Glyphs::ascii};
    options.selection.by = {"sex"};
    EXPECT_EQ(show(golden, options),
              "usual_care: Usual care in the heuvelland\n\n"
              "cost [EUR of 2013]  Spending on care\n"
              "discounted: 4 % per year, continuous\n"
              "year   vrouw   man\n"
              "------------------\n"
              "2013       3   303\n"
              "2014    3003  3303\n"
              "2015    6003  6303\n"
              "all     9009  9909\n"
              "trend    _=#   _=#\n");
}

TEST(Show, says_which_measures_there_are) {
    EXPECT_THAT(message_of<std::invalid_argument>([] { show(golden, {.measures = {"costs"}}); }),
                HasSubstr("has no measure 'costs' (it has: cost, deaths_per_year, people_at_start, sex)"));
}

TEST(Show, leaves_out_columns_that_do_not_fit) {
    ShowOptions options{.measures = {"cost"}, .glyphs = Glyphs::unicode, .width = 40};
    options.selection.by = {"sex", "age_band"};
    EXPECT_THAT(show(golden, options), HasSubstr("more columns do not fit"));
}

TEST(Show, leaves_out_columns_of_zeros_before_others) {
    ResultSet set;
    set.scenario = "old";
    MeasureResult measure;
    measure.name = "ill";
    measure.dims = {Dim{.name = "year", .numbers = {2020, 2021}}, Dim{.name = "age_band", .labels = {"0-19", "20-64", "65-79", "80+"}}};
    measure.values = {0, 1, 2, 3, 0, 1, 4, 5};
    set.measures = {measure};
    ShowOptions options{.measures = {"ill"}, .glyphs = Glyphs::ascii, .width = 46};
    options.selection.by = {"age_band"};
    EXPECT_THAT(show(set, options), HasSubstr("year   20-64  65-79  80+\n"));
    EXPECT_THAT(show(set, options), HasSubstr("(0 throughout: 0-19)\n"));
    options.width = 80;
    EXPECT_THAT(show(set, options), HasSubstr("year   0-19  20-64  65-79  80+\n"));
}

TEST(ShowJson, is_json_with_null_for_nothing) {
    ShowOptions options{.measures = {"cost"}};
    options.selection.by = {"sex", "age_band"};
    const auto json = nlohmann::json::parse(show_json(golden, options));
    EXPECT_TRUE(json["measures"][0]["values"][0][0].is_null());
    EXPECT_EQ(json["measures"][0]["values"][1][5], 1102.0);
    EXPECT_EQ(json["measures"][0]["year"][2], 2015.0);
    EXPECT_EQ(json["measures"][0]["columns"][5], "man, ≥ 45");
    EXPECT_EQ(json["measures"][0]["price_year"], 2013);
    EXPECT_EQ(nlohmann::json::parse(show_json(golden, {}))["measures"].size(), 4u);
}

TEST(Csv, is_tidy_with_units_above) {
    MeasureResult measure;
    measure.name = "cost";
    measure.unit = "EUR";
    measure.currency = "EUR";
    measure.price_year = 2013;
    measure.dims = {Dim{.name = "year", .unit = "year", .numbers = {2013, 2014}},
                    Dim{.name = "group", .labels = {"a, \"b\"", "c"}}};
    measure.values = {0.1 + 0.2, std::nan(""), 3, 4};
    measure.counts = {1, 0, 2, 3};
    measure.statistics = {{"sd", "", "EUR", {0.5, 0.5, 0.5, 0.5}}};
    EXPECT_EQ(to_csv(golden, measure),
              "# scenario: usual_care\n# measure: cost\n# kind: integral\n# unit: EUR\n# currency: EUR\n"
              "# price year: 2013\n# discount: none\n# unit of year: year\n# unit of sd: EUR\n"
              "year,group,value,count,sd\n"
              "2013,\"a, \"\"b\"\"\",0.30000000000000004,1,0.5\n"
              "2013,c,,0,0.5\n"
              "2014,\"a, \"\"b\"\"\",3,2,0.5\n"
              "2014,c,4,3,0.5\n");
}

TEST(Csv, writes_a_file_per_measure) {
    const Scratch scratch;
    const auto paths = write_csv_files(golden, scratch.file("csv"));
    ASSERT_EQ(paths.size(), 4u);
    EXPECT_EQ(paths[0], scratch.file("csv/usual_care__cost.csv"));
    EXPECT_EQ(bytes_of(paths[0]), to_csv(golden, golden.measures[0]));
}

}  // namespace
}  // namespace proeftuin::output
