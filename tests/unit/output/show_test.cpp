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
    EXPECT_THAT(message_of<std::invalid_argument>([] {
                    tabulate(*golden.measure("cost"), {{"region"}, {}, {}});
                }),
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

TEST(Show, tells_sums_and_people_apart_where_totals_of_people_are_kept) {
    ResultSet set;
    set.scenario = "kept";
    MeasureResult measure;
    measure.name = "cost_per_person";
    measure.unit = "EUR";
    measure.dims = {Dim{.name = "year", .numbers = {2020, 2021}}};
    measure.values = {50000, 60000};
    measure.statistics = {{"mean", "over people, of their totals of the year", "EUR", {500, 600}},
                          {"p50", "", "EUR", {100, 120}}};
    set.measures = {measure};
    EXPECT_EQ(show(set, {.measures = {"cost_per_person"}, .glyphs = Glyphs::ascii}),
              "kept\n\n"
              "cost_per_person [EUR]\n"
              "year   cost_per_person\n"
              "----------------------\n"
              "2020            50,000\n"
              "2021            60,000\n"
              "all            110,000\n"
              "trend               _#\n"
              "\n"
              "per person [EUR; top_share: of the total] over people, of their totals of the year\n"
              "year  mean  p50\n"
              "---------------\n"
              "2020   500  100\n"
              "2021   600  120\n");
}

TEST(Show, says_which_measures_there_are) {
    EXPECT_THAT(message_of<std::invalid_argument>([] { show(golden, {.measures = {"costs"}}); }),
                HasSubstr("has no measure 'costs' (did you mean 'cost'?"));
    EXPECT_THAT(
        message_of<std::invalid_argument>([] { show(golden, {.measures = {"money"}}); }),
        HasSubstr(
            "has no measure 'money' (one of: cost, deaths_per_year, people_at_start, sex; `show --all` lists them)"));
}

/// Ten groups over 31 years, each with 1,000 x its number + the years since 2000.
ResultSet wide() {
    ResultSet set;
    set.scenario = "wide";
    MeasureResult measure;
    measure.name = "years_lived";
    measure.unit = "year";
    measure.dims = {Dim{.name = "year"}, Dim{.name = "age_band",
                                             .labels = {"0-9", "10-19", "20-29", "30-39", "40-49", "50-59", "60-69",
                                                        "70-79", "80-89", "90+"}}};
    for (int year = 0; year <= 30; ++year) {
        measure.dims[0].numbers.push_back(2000 + year);
        for (int group = 0; group < 10; ++group) measure.values.push_back(1000 * group + year);
    }
    set.measures = {measure};
    return set;
}

TEST(Show, puts_groups_below_each_other_where_they_do_not_fit_side_by_side) {
    const ResultSet set = wide();
    for (const std::size_t width : {60u, 80u, 100u}) {
        ShowOptions options{.measures = {"years_lived"}, .glyphs = Glyphs::ascii, .width = width, .file = "r.h5"};
        options.selection.by = {"age_band"};
        const std::string text = show(set, options);
        for (const auto& band : set.measures[0].dims[1].labels)
            EXPECT_THAT(text, HasSubstr("\n" + band + " ")) << width;
        EXPECT_THAT(text, HasSubstr("age_band  2000 "));
        EXPECT_THAT(text, HasSubstr(" 2030 "));
        EXPECT_THAT(text, HasSubstr(" 9030 "));  // 90+ in 2030
        EXPECT_THAT(text, HasSubstr(" 279,465 "));  // 90+ in all: 31 x 9000 + 0 + 1 + .. + 30
        EXPECT_THAT(text, HasSubstr("(one year in "));
        EXPECT_THAT(text, HasSubstr("proeftuin export"));
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), width) << line;
    }
}

TEST(Show, shows_every_year_where_there_is_room) {
    ResultSet set = wide();
    ShowOptions options{.measures = {"years_lived"}, .glyphs = Glyphs::ascii, .width = 70};
    options.selection = {{"age_band"}, 2000.0, 2003.0};
    const std::string text = show(set, options);
    EXPECT_THAT(text, HasSubstr("age_band  2000  2001  2002  2003 "));
    EXPECT_THAT(text, ::testing::Not(HasSubstr("one year in")));
}

ResultSet counted(std::vector<double> values, double stands_for = 1.0, std::size_t replicates = 1) {
    ResultSet set;
    set.scenario = "few";
    set.stands_for = stands_for;
    MeasureResult measure;
    measure.name = "deaths";
    measure.kind = MeasureKind::events;
    measure.dims = {Dim{.name = "replicate"}, Dim{.name = "year"}};
    for (std::size_t r = 0; r < replicates; ++r) {
        measure.dims[0].numbers.push_back(static_cast<double>(r));
        measure.values.insert(measure.values.end(), values.begin(), values.end());
    }
    for (std::size_t t = 0; t < values.size(); ++t) measure.dims[1].numbers.push_back(2020.0 + static_cast<double>(t));
    set.measures = {measure};
    return set;
}

TEST(Show, draws_no_trend_of_counts_that_chance_explains) {
    const ShowOptions options{.measures = {"deaths"}, .glyphs = Glyphs::ascii};
    const auto hidden = [&](const ResultSet& set) {
        return show(set, options).find("no trend beyond chance") != std::string::npos;
    };
    EXPECT_TRUE(hidden(counted({3, 5, 2, 6})));
    EXPECT_THAT(show(counted({3, 5, 2, 6}), options), HasSubstr("trend       ~\n"));
    EXPECT_FALSE(hidden(counted({1000, 1500, 2200})));
    EXPECT_FALSE(hidden(counted({18, 50})));  // 32 against 3 x sqrt(68) = 24.7
    EXPECT_TRUE(hidden(counted({18, 40})));  // 22 against 3 x sqrt(58) = 22.8
    EXPECT_TRUE(hidden(counted({300, 500, 200, 600}, 100)));  // the same 3, 5, 2, 6
    EXPECT_FALSE(hidden(counted({3, 5, 2, 6}, 1, 100)));  // of 300, 500, 200, 600 in a hundred replicates
    ResultSet money = counted({3, 5, 2, 6});
    money.measures[0].kind = MeasureKind::integral;
    EXPECT_FALSE(hidden(money));
}

TEST(Show, says_for_how_many_a_simulated_person_stands) {
    EXPECT_THAT(show(counted({300, 500}, 16.5), {.measures = {"deaths"}}),
                HasSubstr("each simulated person stands for 16.5\n"));
    EXPECT_THAT(show(counted({300, 500}), {.measures = {"deaths"}}), ::testing::Not(HasSubstr("stands for")));
    EXPECT_EQ(nlohmann::json::parse(show_json(counted({300, 500}, 16.5), {}))["stands_for"], 16.5);
    const ResultSet set = counted({300, 500}, 16.5);
    EXPECT_THAT(to_csv(set, set.measures[0]), HasSubstr("# stands for: 16.5 people"));
}

TEST(Show, leaves_out_columns_of_zeros_before_others) {
    ResultSet set;
    set.scenario = "old";
    MeasureResult measure;
    measure.name = "ill";
    measure.dims = {Dim{.name = "year", .numbers = {2020, 2021}},
                    Dim{.name = "age_band", .labels = {"0-19", "20-64", "65-79", "80+"}}};
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
