// A summary declared in YAML: resolved against the measures of the scenario, with a message for every mistake.
#include "engine/app/summary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "engine/app/session.hpp"
#include "output/summary.hpp"

namespace proeftuin::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

constexpr const char* before = R"(format: 1
scenario: ill
people: { number: 500 }
starts: 2000
years: 3
entries:
  - process: illness
    states: [none, mild, severe]
    absorbing: [severe]
    transitions:
      onset: { from: none, to: mild, rate: 0.1 per year }
      worse: { from: mild, to: severe, rate: 0.2 per year }
  - measures: counts
    define:
      people: { people: 1, by: [illness] }
      ill: { people: "illness != none" }
      onsets: { count: illness.onset }
      years: { integrate: 1, by: [illness] }
      burden: { mean: "illness == mild ? 0.5 : 1", by: [illness] }
      cost: { integrate: "illness == none ? 0 EUR per year : 100 EUR per year", per_person: year, show: [mean, top_share_1] }
)";

/// The scenario above with a summary of one section.
struct Loaded {
    explicit Loaded(const std::string& lines, const std::string& keys = "") {
        const std::string path =
            (fs::temp_directory_path() / ("proeftuin_summary_" + std::to_string(::getpid()) + ".yaml")).string();
        std::ofstream(path) << before << "    summary:\n      - heading: Found\n"
                            << keys << "        lines:\n"
                            << lines;
        RunChoices choices;
        choices.scenario = path;
        prepare(prepared, choices);
        fs::remove(path);
    }
    std::string messages() const {
        std::string out;
        for (const auto& d : prepared.sink.items())
            out += d.code + " " + d.message + " / " + d.help.value_or("") + "\n";
        return out;
    }
    const output::SummarySection& section() const { return prepared.summary.sections.at(0); }
    Prepared prepared;
};

TEST(resolve_summary, takes_units_from_measures_and_scales_them) {
    const Loaded loaded(
        "          - { label: ill, measure: ill }\n"
        "          - { label: cost, measure: cost, in: million }\n"
        "          - { label: a head, measure: cost, per: years }\n"
        "          - { label: share, measure: cost, statistic: top_share_1, in: percent, change: units, decimals: 1, "
        "note: Few. }\n",
        "        per_1000: people\n");
    ASSERT_EQ(loaded.messages(), "");
    const auto& items = loaded.section().items;
    ASSERT_EQ(items.size(), 4u);
    EXPECT_EQ(loaded.section().per_1000, "people");
    EXPECT_EQ(items[0].lines[0].unit, "");
    EXPECT_EQ(items[1].lines[0].unit, "million EUR");
    EXPECT_EQ(items[1].lines[0].times, 1e-6);
    EXPECT_EQ(items[2].lines[0].unit, "EUR per year");
    EXPECT_EQ(items[3].lines[0].unit, "%");
    EXPECT_EQ(items[3].lines[0].change, output::SummaryLine::Change::units);
    EXPECT_EQ(items[3].lines[0].note, "Few.");
}

TEST(resolve_summary, makes_a_line_for_each_label_or_choice) {
    const Loaded loaded(
        "          - { each: illness, measure: people, where: { illness: [mild, severe] } }\n"
        "          - { largest: 1, of: { once ill: ill, everybody: people } }\n");
    ASSERT_EQ(loaded.messages(), "");
    const auto& items = loaded.section().items;
    ASSERT_EQ(items[0].lines.size(), 2u);
    EXPECT_EQ(items[0].lines[1].label, "severe");
    EXPECT_THAT(items[0].lines[1].where.at("illness"), ElementsAre("severe"));
    EXPECT_EQ(items[1].largest, 1);
    EXPECT_EQ(items[1].lines[0].label, "once ill");
}

TEST(resolve_summary, reports_what_is_not_there_with_a_suggestion) {
    EXPECT_THAT(Loaded("          - { label: x, measure: il }\n").messages(),
                HasSubstr("E0437 there is no measure 'il' / one of: people, ill, onsets"));
    EXPECT_THAT(Loaded("          - { label: x, measure: people, where: { ilness: mild } }\n").messages(),
                HasSubstr("'people' is not counted by 'ilness' / did you mean 'illness'?"));
    EXPECT_THAT(Loaded("          - { label: x, measure: people, where: { illness: mld } }\n").messages(),
                HasSubstr("'illness' has no label 'mld' / did you mean 'mild'?"));
    EXPECT_THAT(Loaded("          - { label: x, measure: cost, statistic: p50 }\n").messages(),
                HasSubstr("does not show 'p50'"));
    EXPECT_THAT(Loaded("          - { label: x, measure: ill, statistic: p50 }\n").messages(),
                HasSubstr("keeps no totals of people"));
    EXPECT_THAT(Loaded("          - { each: sex, measure: people }\n").messages(), HasSubstr("not counted by 'sex'"));
    EXPECT_THAT(Loaded("          - { label: x, measure: ill }\n", "        per_1000: persons\n").messages(),
                HasSubstr("no measure 'persons'"));
}

TEST(resolve_summary, reports_what_does_not_go_together) {
    EXPECT_THAT(Loaded("          - { label: x, measure: [ill, onsets] }\n").messages(),
                HasSubstr("'onsets' is counted over years and goes with measures that are counted on dates"));
    EXPECT_THAT(Loaded("          - { label: x, measure: ill, per: years }\n").messages(),
                HasSubstr("'years' is counted over years"));
    EXPECT_THAT(Loaded("          - { label: x, measure: burden }\n").messages(),
                HasSubstr("means over several groups do not add up"));
    EXPECT_EQ(Loaded("          - { label: x, measure: burden, where: { illness: mild } }\n").messages(), "");
    EXPECT_THAT(Loaded("          - { measure: ill }\n").messages(), HasSubstr("lacks the key 'label'"));
    EXPECT_THAT(Loaded("          - { label: x, each: illness, measure: people }\n").messages(),
                HasSubstr("not one of its own"));
    EXPECT_THAT(Loaded("          - { label: x, measure: ill, largest: 2 }\n").messages(),
                HasSubstr("`largest` chooses among several lines"));
}

TEST(run_prepared, hands_the_summary_on_to_the_results) {
    Loaded loaded("          - { label: ill, measure: ill }\n          - { label: new, measure: onsets }\n");
    RunChoices choices;
    choices.replicates = 3;
    loaded.prepared.scenario.replicates = 3;
    Common common;
    common.json = true;
    const RunOutcome outcome = run_prepared(loaded.prepared, choices, common);
    const auto blocks = output::evaluate_summary(outcome.results);
    ASSERT_EQ(blocks.at(0).rows.size(), 2u);
    EXPECT_THAT(blocks[0].rows[0].periods, ElementsAre(2000, 2001, 2002, 2003));
    EXPECT_THAT(blocks[0].rows[1].periods, ElementsAre(2000, 2001, 2002));
    EXPECT_EQ(blocks[0].rows[0].spread.size(), 4u);
    EXPECT_EQ(blocks[0].rows[0].spread[0], 0.0);
}

}  // namespace
}  // namespace proeftuin::app
