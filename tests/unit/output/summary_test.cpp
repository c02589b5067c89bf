// The summary: lines worked out over measures, and the page they make.
#include "output/summary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "engine/core/errors.hpp"
#include "output/reader.hpp"
#include "output/result_set.hpp"
#include "output/show.hpp"
#include "output/text.hpp"
#include "output/writer.hpp"
#include "tests/unit/store/scratch.hpp"

namespace proeftuin::output {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Dim years(const std::string& name, int first, int last) {
    Dim dim{.name = name, .unit = "year"};
    for (int year = first; year <= last; ++year) dim.numbers.push_back(year);
    return dim;
}

MeasureResult measure(std::string name, MeasureKind kind, std::vector<Dim> dims, std::vector<double> values,
                      std::string unit = "1") {
    MeasureResult out;
    out.name = std::move(name);
    out.kind = kind;
    out.dims = std::move(dims);
    out.values = std::move(values);
    out.unit = std::move(unit);
    return out;
}

SummaryLine line(std::string label, std::vector<std::string> measures) {
    SummaryLine out;
    out.label = std::move(label);
    out.measures = std::move(measures);
    return out;
}

const Dim sex{.name = "sex", .labels = {"female", "male"}};

/// Two years and three dates of a small place.
ResultSet village() {
    ResultSet set;
    set.scenario = "village";
    set.doc = "A village.";
    set.measures.push_back(
        measure("people", MeasureKind::people, {years("date", 2020, 2022), sex}, {40, 60, 50, 60, 60, 61}, "person"));
    set.measures.push_back(
        measure("ill", MeasureKind::people, {years("date", 2020, 2022), sex}, {1, 3, 2, 4, 3, 6}, "person"));
    set.measures.push_back(
        measure("cost", MeasureKind::integral, {years("year", 2020, 2021), sex}, {1e6, 3e6, 2e6, 3e6}, "EUR"));
    set.measures.push_back(
        measure("years", MeasureKind::integral, {years("year", 2020, 2021), sex}, {45, 55, 55, 70}, "year"));
    set.measures.back().statistics = {{"top_share_1", "", "1", {0.2, 0.2, 0.3, 0.3}}};
    return set;
}

std::vector<std::size_t> widths(const std::string& text) {
    std::vector<std::size_t> out;
    std::istringstream in(text);
    for (std::string row; std::getline(in, row);) out.push_back(characters(row));
    return out;
}

TEST(Summary, adds_groups_and_measures_and_divides) {
    ResultSet set = village();
    SummaryLine women = line("women", {"people"});
    women.where = {{"sex", {"female"}}};
    SummaryLine head = line("cost per head", {"cost"});
    head.per = {"years"};
    head.times = 1e-3;
    set.summary.sections = {{"People", "", {{0, {women}}, {0, {line("both", {"people", "ill"})}}, {0, {head}}}, {}}};

    const auto rows = evaluate_summary(set).at(0).rows;

    EXPECT_EQ(rows[0].period, "date");
    EXPECT_THAT(rows[0].values, ElementsAre(40, 50, 60));
    EXPECT_THAT(rows[1].values, ElementsAre(104, 116, 130));
    EXPECT_EQ(rows[2].period, "year");
    EXPECT_THAT(rows[2].values, ElementsAre(40, 40));  // 4e6 / 100 and 5e6 / 125, in thousands
    EXPECT_TRUE(rows[2].spread.empty());
}

TEST(Summary, keeps_the_periods_that_are_asked_for) {
    ResultSet set = village();
    set.summary.sections = {{"People", "", {{0, {line("all", {"people"})}}}, {}}};
    const auto rows = evaluate_summary(set, {{}, 2021.0, {}}).at(0).rows;
    EXPECT_THAT(rows[0].periods, ElementsAre(2021, 2022));
    EXPECT_THAT(rows[0].values, ElementsAre(110, 121));
}

TEST(Summary, tells_change_in_percent_a_year_and_in_units) {
    ResultSet set = village();
    SummaryLine units = line("in units", {"people"});
    units.change = SummaryLine::Change::units;
    SummaryLine none = line("none", {"people"});
    none.change = SummaryLine::Change::none;
    set.summary.sections = {{"People", "", {{0, {line("all", {"people"})}}, {0, {units}}, {0, {none}}}, {}}};

    const auto rows = evaluate_summary(set).at(0).rows;

    EXPECT_NEAR(rows[0].total_change(), 21.0, 1e-12);  // 100 -> 121
    EXPECT_NEAR(rows[0].yearly_change(), 10.0, 1e-12);  // 1.1^2 = 1.21
    EXPECT_NEAR(rows[1].total_change(), 21.0, 1e-12);
    EXPECT_NEAR(rows[1].yearly_change(), 10.5, 1e-12);
    EXPECT_TRUE(std::isnan(rows[2].total_change()));
}

TEST(Summary, averages_replicates_and_tells_their_spread) {
    ResultSet set = village();
    set.provenance.replicates = 2;
    const Dim replicate{.name = "replicate", .numbers = {0, 1}};
    set.measures = {
        measure("deaths", MeasureKind::events, {replicate, years("year", 2020, 2021), sex}, {1, 1, 2, 2, 3, 3, 4, 4}),
        measure("years", MeasureKind::integral, {replicate, years("year", 2020, 2021), sex}, {1, 1, 1, 1, 1, 1, 4, 4})};
    SummaryLine rate = line("rate", {"deaths"});
    rate.per = {"years"};
    set.summary.sections = {{"Deaths", "", {{0, {line("deaths", {"deaths"})}}, {0, {rate}}}, {}}};

    const auto rows = evaluate_summary(set).at(0).rows;

    EXPECT_THAT(rows[0].values, ElementsAre(4, 6));  // (2 + 6) / 2, (4 + 8) / 2
    EXPECT_THAT(rows[0].spread, ElementsAre(DoubleNear(std::sqrt(8.0), 1e-12), DoubleNear(std::sqrt(8.0), 1e-12)));
    EXPECT_THAT(rows[1].values, ElementsAre(2, 1.5));  // (1 + 3) / 2, (2 + 1) / 2
    EXPECT_THAT(summary_text(set, {}), HasSubstr("Means of 2 replicates"));
    EXPECT_THAT(summary_text(set, {}), HasSubstr("± sd"));
}

TEST(Summary, chooses_the_largest_of_the_last_year) {
    ResultSet set = village();
    set.measures.push_back(measure("small", MeasureKind::integral, {years("year", 2020, 2021)}, {9e6, 1e6}, "EUR"));
    set.summary.sections = {{"Cost", "", {{1, {line("small", {"small"}), line("cost", {"cost"})}}}, {}}};
    const auto rows = evaluate_summary(set).at(0).rows;
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].label, "cost");
}

SummarySection split(const std::string& unindexed) {
    using Part = SummaryLine::Growth::Part;
    SummarySection section{"Cost", "", {{0, {line("cost", {"cost"})}}}, {}};
    for (const Part part : {Part::people, Part::ages, Part::care, Part::index}) {
        SummaryLine one = line(std::string(name_of(part)), {});
        one.growth = {"cost", unindexed, "years", part};
        section.items.push_back({0, {one}});
    }
    return section;
}

TEST(Summary, splits_growth_in_parts_that_add_up_and_multiply_in_percent) {
    ResultSet set = village();  // women 1e6 in 45 years, men 3e6 in 55; then 2e6 in 55 and 3e6 in 70
    set.measures.push_back(
        measure("plain", MeasureKind::integral, {years("year", 2020, 2021), sex}, {1e6, 3e6, 1.6e6, 2.9e6}, "EUR"));
    set.summary.sections = {split("plain")};
    const auto rows = evaluate_summary(set).at(0).rows;
    double added = 0.0, multiplied = 1.0;
    for (std::size_t k = 1; k < rows.size(); ++k) {
        EXPECT_EQ(rows[k].values[0], 0.0);
        added += rows[k].values[1];
        multiplied *= 1.0 + rows[k].total_change() / 100.0;
    }
    EXPECT_NEAR(added, 1e6, 1e-6);  // 4e6 -> 5e6
    EXPECT_NEAR(multiplied, 5.0 / 4.0, 1e-14);
    EXPECT_NEAR(rows[1].total_change(), 25.0, 1e-12);  // 100 person-years -> 125
    EXPECT_NEAR(rows[1].values[1], std::log(1.25) * 1e6 / std::log(1.25), 1e-6);
    // The index is 1 at first, then 2 / 1.6 and 3 / 2.9, on what either year spends.
    EXPECT_GT(rows[4].total_change(), 100.0 * (3.0 / 2.9 - 1.0));
    EXPECT_LT(rows[4].total_change(), 25.0);
    EXPECT_EQ(rows[4].part, "index");
    EXPECT_NEAR(rows[4].yearly_change(), rows[4].total_change(), 1e-12);

    set.summary.sections = {split("")};
    EXPECT_EQ(evaluate_summary(set).at(0).rows[4].values[1], 0.0);
    const Scratch scratch;
    set.summary.sections.push_back(split("plain"));
    write_results(scratch.file("r.h5"), set);
    EXPECT_EQ(read_results(scratch.file("r.h5")).scenarios.at(0).summary, set.summary);
}

TEST(Summary, splits_the_growth_of_each_replicate_and_keeps_to_the_mean) {
    ResultSet set = village();
    set.provenance.replicates = 2;
    const Dim replicate{.name = "replicate", .numbers = {0, 1}};
    const std::vector<Dim> dims{replicate, years("year", 2020, 2022), sex};
    set.measures = {measure("cost", MeasureKind::integral, dims, {10, 30, 20, 31, 30, 40, 12, 28, 11, 0, 50, 60}),
                    measure("years", MeasureKind::integral, dims, {45, 55, 50, 60, 66, 77, 44, 56, 40, 0, 70, 90})};
    set.summary.sections = {split("")};
    const auto rows = evaluate_summary(set).at(0).rows;
    for (std::size_t t = 0; t < 3; ++t)
        EXPECT_NEAR(rows[1].values[t] + rows[2].values[t] + rows[3].values[t], rows[0].values[t] - rows[0].values[0],
                    1e-12);
    double multiplied = 1.0, a_year = 1.0;
    for (std::size_t k = 1; k < 4; ++k) {
        multiplied *= 1.0 + rows[k].total_change() / 100.0;
        a_year *= 1.0 + rows[k].yearly_change() / 100.0;
    }
    EXPECT_NEAR(multiplied, 1.0 + rows[0].total_change() / 100.0, 1e-13);
    EXPECT_NEAR(a_year, 1.0 + rows[0].yearly_change() / 100.0, 1e-13);
    EXPECT_GT(rows[2].spread[2], 0.0);
}

TEST(Summary, takes_a_statistic_in_place_of_the_value) {
    ResultSet set = village();
    SummaryLine share = line("share", {"years"});
    share.statistic = "top_share_1";
    share.where = {{"sex", {"male"}}};
    share.times = 100.0;
    set.summary.sections = {{"Shares", "", {{0, {share}}}, {}}};
    EXPECT_THAT(evaluate_summary(set).at(0).rows[0].values, ElementsAre(20, 30));
}

TEST(Summary, tells_of_discounted_measures_by_itself) {
    ResultSet set = village();
    set.measures[2].discount = "3 % per year, continuous";
    set.summary.sections = {{"Cost", "", {{0, {line("cost", {"cost"})}}, {0, {line("years", {"years"})}}}, {}}};
    const auto rows = evaluate_summary(set).at(0).rows;
    EXPECT_EQ(rows[0].note, "Discounted: 3 % per year, continuous.");
    EXPECT_EQ(rows[1].note, "");
}

TEST(Summary, refuses_what_the_results_do_not_hold) {
    const auto refused = [](const SummaryLine& one) {
        ResultSet set = village();
        set.summary.sections = {{"x", "", {{0, {one}}}, {}}};
        return message_of<std::invalid_argument>([&] { evaluate_summary(set); });
    };
    EXPECT_THAT(refused(line("x", {"nothing"})), HasSubstr("'nothing'"));
    EXPECT_THAT(refused(line("x", {"people", "cost"})), HasSubstr("different periods"));
    SummaryLine by = line("x", {"people"});
    by.where = {{"income", {"low"}}};
    EXPECT_THAT(refused(by), HasSubstr("'income'"));
    SummaryLine statistic = line("x", {"people"});
    statistic.statistic = "p50";
    EXPECT_THAT(refused(statistic), HasSubstr("'p50'"));
}

TEST(YearsOfLife, of_a_constant_rate_are_its_inverse_whatever_the_bands) {
    EXPECT_NEAR(years_of_life({0, 1, 5, 50}, {5, 5, 5, 5}, {100, 100, 100, 100}), 20.0, 1e-9);
    EXPECT_NEAR(years_of_life({0}, {1}, {80}), 80.0, 1e-9);
}

TEST(YearsOfLife, close_at_the_last_band_with_a_death) {
    // l(0) = 1, rate 0 for ten years; then 2 deaths in 20 + 4 years: 10 + 12
    EXPECT_NEAR(years_of_life({0, 10, 20}, {0, 2, 0}, {50, 20, 4}), 22.0, 1e-12);
    EXPECT_TRUE(std::isnan(years_of_life({0, 10}, {0, 0}, {50, 20})));
}

TEST(YearsOfLife, count_healthy_years_as_sullivan_does) {
    // ten years at 90 % and, of the 22 - 10 left, 50 %
    EXPECT_NEAR(years_of_life({0, 10}, {0, 2}, {50, 24}, {45, 12}), 9.0 + 6.0, 1e-12);
}

TEST(Summary, life_table_reads_the_ages_from_their_labels) {
    ResultSet set = village();
    const Dim age{.name = "age_band", .labels = {"0-9", "10+"}};
    set.measures = {measure("deaths", MeasureKind::events, {years("year", 2020, 2020), age, sex}, {0, 0, 1, 1}),
                    measure("lived", MeasureKind::integral, {years("year", 2020, 2020), age, sex}, {25, 25, 10, 14})};
    SummaryLine life = line("life expectancy", {});
    life.life_table = {"deaths", "lived", "", "age_band"};
    set.summary.sections = {{"Health", "", {{0, {life}}}, {}}};
    EXPECT_THAT(evaluate_summary(set).at(0).rows[0].values, ElementsAre(DoubleNear(22.0, 1e-12)));
    life.life_table->age = "sex";
    set.summary.sections = {{"Health", "", {{0, {life}}}, {}}};
    EXPECT_THAT(message_of<std::invalid_argument>([&] { evaluate_summary(set); }), HasSubstr("'sex' for ages"));
}

ResultSet page_set() {
    ResultSet set = village();
    SummaryLine cost = line("all care", {"cost"});
    cost.times = 1e-6;
    cost.unit = "million EUR";
    SummaryLine head = line("per head", {"cost"});
    head.per = {"years"};
    head.unit = "EUR";
    head.note = "A guess.";
    set.summary.sections = {{"People on 1 January", "", {{0, {line("all", {"people"})}}}, {}},
                            {"People who are ill", "people", {{0, {line("ill", {"ill"})}}}, {"Illness is national."}},
                            {"Spending", "", {{0, {cost}}, {0, {head}}}, {}}};
    set.summary.notes = {"Nothing else."};
    return set;
}

TEST(SummaryText, is_a_page_of_lines_with_their_ends) {
    ShowOptions options{.glyphs = Glyphs::ascii};
    EXPECT_EQ(show(page_set(), options),
              "A village.\n"
              "People on 1 January      2020  2021         2022   change    a year\n"
              "  all                     100   110          121  (+21 %)   (+10 %)\n"
              "People who are ill       2020  2022  /1,000 2020     2022    change\n"
              "  ill                       4     9         40.0     74.4  (+125 %)\n"
              "Spending, million EUR    2020               2021   change    a year\n"
              "  all care                  4                  5    +25 %     +25 %\n"
              "  per head (EUR)[1]    40,000             40,000    0.0 %     0.0 %\n"
              "\n"
              "[1] A guess. Illness is national. Nothing else. A change in brackets is within chance. One run:\n"
              "chance moves small numbers (run --replicates 10 tells how much).\n");
}

TEST(SummaryText, brackets_no_change_that_is_more_than_chance) {
    ResultSet set = page_set();
    for (auto& m : set.measures)
        if (m.kind == MeasureKind::people)
            for (double& v : m.values) v *= 100.0;  // 10,000 -> 12,100 people, 400 -> 900 ill
    const std::string text = show(set, {.glyphs = Glyphs::ascii});
    EXPECT_THAT(text, HasSubstr("  +21 %   +10 %  _~#\n"));
    EXPECT_THAT(text, HasSubstr("  +125 %  _~#\n"));
    EXPECT_THAT(text, Not(HasSubstr("brackets")));
    set.stands_for = 100.0;  // of the same few
    EXPECT_THAT(show(set, {.glyphs = Glyphs::ascii}), HasSubstr("(+125 %)"));
    EXPECT_EQ(nlohmann::json::parse(show_json(set, {}))["summary"]["sections"][1]["lines"][0]["within_chance"], true);
}

TEST(SummaryText, shows_the_course_of_what_came_and_went) {
    ResultSet set = page_set();
    for (auto& m : set.measures)
        if (m.kind == MeasureKind::people)
            for (std::size_t i = 0; i < m.values.size(); ++i) m.values[i] = i * 3 / m.values.size() == 1 ? 50.0 : 0.0;
    EXPECT_THAT(show(set, {.glyphs = Glyphs::ascii}), HasSubstr("_#_\n"));
    for (auto& m : set.measures)
        if (m.kind == MeasureKind::people) std::fill(m.values.begin(), m.values.end(), 0.0);
    EXPECT_THAT(show(set, {.glyphs = Glyphs::ascii}), Not(HasSubstr("___")));
}

TEST(SummaryText, keeps_to_the_width_by_shortening_the_trend) {
    ResultSet set = page_set();
    Dim date = years("date", 2000, 2040);
    std::vector<double> many(41);
    for (std::size_t i = 0; i < many.size(); ++i) many[i] = 1000.0 + static_cast<double>(i);
    set.measures.push_back(measure("many", MeasureKind::people, {date}, many, "person"));
    set.summary.sections = {{"People", "", {{0, {line("many", {"many"})}}}, {}}};
    for (const std::size_t width : {100u, 60u, 30u})
        for (const auto used : widths(show(set, {.glyphs = Glyphs::unicode, .width = width})))
            EXPECT_LE(used, std::max<std::size_t>(width, 58));
    EXPECT_THAT(show(set, {.glyphs = Glyphs::unicode, .width = 100}), HasSubstr("1,000  1,020  1,040"));
}

TEST(SummaryText, gives_way_to_the_overview_when_there_is_none) {
    ResultSet set = village();
    EXPECT_THAT(show(set, {.glyphs = Glyphs::ascii}), HasSubstr("unit      first       last  change  over time"));
    for (int i = 0; i < 40; ++i)
        set.measures.push_back(
            measure("m" + std::to_string(i), MeasureKind::events, {years("year", 2020, 2021)}, {1, 2}));
    const std::string text = show(set, {.glyphs = Glyphs::ascii, .file = "r.h5"});
    EXPECT_LE(widths(text).size(), 30u);
    EXPECT_THAT(text, HasSubstr("and 22 more measures: proeftuin show r.h5 --all\n"));
    EXPECT_THAT(show(page_set(), {.all = true}), Not(HasSubstr("Spending")));
}

TEST(SummaryJson, holds_the_lines_with_all_years) {
    const auto json = nlohmann::json::parse(show_json(page_set(), {}));
    const auto& sections = json["summary"]["sections"];
    EXPECT_EQ(sections[0]["lines"][0]["date"], nlohmann::json({2020.0, 2021.0, 2022.0}));
    EXPECT_EQ(sections[0]["lines"][0]["values"], nlohmann::json({100.0, 110.0, 121.0}));
    EXPECT_EQ(sections[1]["per_1000_of"], "people");
    EXPECT_EQ(sections[1]["lines"][0]["per_1000"][0], 40.0);
    EXPECT_EQ(sections[2]["lines"][0]["unit"], "million EUR");
    EXPECT_EQ(sections[2]["lines"][0]["change_percent"], 25.0);
    EXPECT_EQ(sections[2]["lines"][1]["note"], "A guess.");
    EXPECT_EQ(json["measures"].size(), 4u);
    EXPECT_FALSE(nlohmann::json::parse(show_json(page_set(), {.measures = {"cost"}})).contains("summary"));
}

TEST(Summary, comes_back_from_the_results_file) {
    const Scratch scratch;
    ResultSet set = page_set();
    SummaryLine life = line("life", {});
    life.life_table = {"deaths", "lived", "healthy", "age_band"};
    life.where = {{"sex", {"male", "female"}}};
    life.decimals = 2;
    life.change = SummaryLine::Change::units;
    SummaryLine share = line("é \"quoted\"", {"cost"});
    share.statistic = "top_share_1";
    set.summary.sections.push_back({"More", "", {{2, {life, share}}}, {"a", "b"}});
    write_results(scratch.file("r.h5"), set);
    EXPECT_EQ(read_results(scratch.file("r.h5")).scenarios.at(0).summary, set.summary);
    EXPECT_THROW(summary_of_json("{"), IoError);
    EXPECT_THROW(summary_of_json(R"({"sections": [{}], "notes": []})"), IoError);
}

TEST(Wrapped, breaks_between_words_and_counts_characters) {
    EXPECT_EQ(wrapped("één twee  drie\nvier", 9), "één twee\ndrie vier\n");
    EXPECT_EQ(wrapped("  longer-than-the-line x", 5), "longer-than-the-line\nx\n");
    EXPECT_EQ(wrapped(" \n", 5), "");
}

}  // namespace
}  // namespace proeftuin::output
