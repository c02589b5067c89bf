// Relative risks are normalised over the nation: people whose attributes come from the same start rules get the
// incidence, prevalence and mortality of the tables, by age and sex.
#include "tests/oracle/lab.hpp"

namespace proeftuin {
namespace {

using namespace lab;

std::string nation(const std::string& extra) {
    return R"yaml(format: 1
scenario: nation
people: { number: 400000 }
starts: 2000
years: 1
reference_per_cell: 4000
entries:
  - attributes: people
    define:
      sex: { categories: [female, male], start: { male: 0.5 } }
      age: { unit: year, start: { uniform: { from: 0, to: 100 } } }
      smoking: { categories: [never, current, former], start: { current: "age < 15 years ? 0 : sex == male ? 0.3 : 0.2", former: "age < 30 years ? 0 : 0.006 per year * (age - 30 years)" } }
      weight: { start: { normal: { mean: "25 + 0.03 per year * age", sd: 4 } } }
  - parameter_set: tables
    parameters:
      incidence: { unit: per year, by: [sex, age], values: { female: { 0-19: 0.002, 20-39: 0.004, 40-59: 0.008, 60-79: 0.016, 80+: 0.024 }, male: { 0-19: 0.003, 20-39: 0.006, 40-59: 0.010, 60-79: 0.020, 80+: 0.028 } }, source: assumption, why: test }
      prevalence: { by: [sex, age], values: { female: { 0-39: 0.05, 40-69: 0.15, 70+: 0.35 }, male: { 0-39: 0.06, 40-69: 0.18, 70+: 0.40 } }, source: assumption, why: test }
      mortality: { unit: per year, by: [sex, age], values: { female: { 0-49: 0.02, 50-69: 0.05, 70-84: 0.12, 85+: 0.3 }, male: { 0-49: 0.03, 50-69: 0.06, 70-84: 0.15, 85+: 0.35 } }, source: assumption, why: test }
      rr_smoking: { by: smoking, values: { never: 1, current: 5, former: 2 }, source: assumption, why: test }
)yaml" + extra;
}

const char* measures = R"yaml(
  - measures: m
    groups: { band: { of: age, from: [0, 20, 40, 60, 80] } }
    define:
      onsets: { count: ill.onset, by: [sex, band] }
      expected_onsets: { integrate: "ill == none ? incidence[sex, age] * 1 year : 0", by: [sex, band] }
      onsets_of_current: { count: ill.onset, when: "smoking == current and age >= 40 years and age < 60 years" }
      time_of_current: { integrate: "ill == none ? incidence[sex, age] * 1 year : 0", when: "smoking == current and age >= 40 years and age < 60 years" }
      onsets_of_never: { count: ill.onset, when: "smoking == never and age >= 40 years and age < 60 years" }
      time_of_never: { integrate: "ill == none ? incidence[sex, age] * 1 year : 0", when: "smoking == never and age >= 40 years and age < 60 years" }
      ill_at_start: { people: "ill == ill", by: [sex, band] }
      expected_ill: { people: "prevalence[sex, age]", by: [sex, band] }
)yaml";

TEST(nation, normalised_risks_give_the_national_incidence_and_prevalence_by_sex_and_age) {
    const Done run(from_text(nation(R"yaml(
  - process: ill
    states: [none, ill]
    absorbing: [ill]
    start: { ill: { probability: "prevalence[sex, age]", risks: ["rr_smoking[smoking]", "exp(0.05 * (weight - 25))"] } }
    transitions:
      onset: { from: none, to: ill, rate: "incidence[sex, age]", risks: ["rr_smoking[smoking]", "exp(0.05 * (weight - 25))"] }
)yaml") + measures, {.number = people(400'000)}));
    // Low incidence, so that the risks of those who are left hardly change within the year.
    for (int c = 0; c < 10; ++c) {
        const double expected = run.total("expected_onsets", c);
        // Poisson, and the national mean of the risks is itself known to about 0.7 % within a band.
        EXPECT_TRUE(within("onsets, cell " + std::to_string(c), run.total("onsets", c), expected, std::hypot(std::sqrt(expected), 0.007 * expected)));
        const double ill = run.at("expected_ill", 0, c);
        EXPECT_TRUE(within("ill at the start, cell " + std::to_string(c), run.at("ill_at_start", 0, c), ill, std::hypot(std::sqrt(ill), 0.007 * ill)));
    }
    // Individuals keep their relative risks.
    const double current = run.total("onsets_of_current") / run.total("time_of_current");
    const double never = run.total("onsets_of_never") / run.total("time_of_never");
    const double error = std::sqrt(1.0 / run.total("onsets_of_current") + 1.0 / run.total("onsets_of_never"));
    EXPECT_TRUE(within("current against never at 40-59", current / never, 5.0, 5.0 * error));
}

TEST(nation, risks_without_normalisation_raise_the_national_level) {
    const Done run(from_text(nation(R"yaml(
  - process: ill
    states: [none, ill]
    absorbing: [ill]
    start: { ill: "prevalence[sex, age]" }
    transitions:
      onset: { from: none, to: ill, rate: "incidence[sex, age]", risks: ["rr_smoking[smoking]"], normalised: false }
)yaml") + measures, {.number = 100'000}));
    double onsets = 0.0, expected = 0.0;
    for (int c = 0; c < 10; ++c) {
        onsets += run.total("onsets", c);
        expected += run.total("expected_onsets", c);
    }
    EXPECT_GT(onsets, 1.5 * expected);
}

TEST(nation, total_mortality_is_reproduced_and_deaths_by_fatality_are_not_counted_twice) {
    const Done run(from_text(nation(R"yaml(
  - process: ill
    states: [none, ill]
    absorbing: [ill]
    start: { ill: { probability: "prevalence[sex, age]", risks: ["rr_smoking[smoking]"] } }
    transitions:
      onset: { from: none, to: ill, rate: "incidence[sex, age]", risks: ["rr_smoking[smoking]"], fatality: 0.25 }
      attack: { within: ill, rate: 0.1 per year, fatality: 0.1 }
    mortality: { multiply: "ill == ill ? 2 : 1", add: "ill == ill ? 0.005 per year : 0 per year" }
  - demography: d
    mortality: { rate: "mortality[sex, age]", total: true }
  - measures: m
    groups: { band: { of: age, from: [0, 50, 70, 85] } }
    define:
      deaths: { count: death, by: [sex, band] }
      all_deaths: { count: death }
      expected_deaths: { integrate: "mortality[sex, age] * 1 year", by: [sex, band] }
      attacks: { count: ill.attack }
      alive: { people: "1" }
)yaml"), {.number = people(400'000), .step = "3 months"}));
    double deaths = 0.0;
    for (int c = 0; c < 8; ++c) {
        const double expected = run.total("expected_deaths", c);
        deaths += run.total("deaths", c);
        // Within the year the frail die first and the share of the ill rises: 1 % of model error allowed.
        EXPECT_TRUE(within("deaths, cell " + std::to_string(c), run.total("deaths", c), expected, std::hypot(std::sqrt(expected), 0.01 * expected)));
    }
    EXPECT_EQ(deaths, run.total("all_deaths"));
    EXPECT_EQ(run.at("alive", 0) - run.at("alive", 1), run.total("all_deaths"));
}

}  // namespace
}  // namespace proeftuin
