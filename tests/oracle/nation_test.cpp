// Relative risks are normalised over the nation: people whose attributes come from the same start rules get the
// incidence, prevalence and mortality of the tables, by age and sex.
#include "engine/run/reference_sample.hpp"
#include "engine/run/start.hpp"
#include "tests/lab/lab.hpp"

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
)yaml") + measures,
                             {.number = people(400'000)}));
    // Low incidence, so that the risks of those who are left hardly change within the year.
    for (int c = 0; c < 10; ++c) {
        const double expected = run.total("expected_onsets", c);
        // Poisson, and the national mean of the risks is itself known to about 0.7 % within a band.
        EXPECT_TRUE(within("onsets, cell " + std::to_string(c), run.total("onsets", c), expected,
                           std::hypot(std::sqrt(expected), 0.007 * expected)));
        const double ill = run.at("expected_ill", 0, c);
        EXPECT_TRUE(within("ill at the start, cell " + std::to_string(c), run.at("ill_at_start", 0, c), ill,
                           std::hypot(std::sqrt(ill), 0.007 * ill)));
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
)yaml") + measures,
                             {.number = 100'000}));
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
      deaths_by_rate: { count: death, expected: true, by: [sex, band] }
      attacks: { count: ill.attack }
      changes_by_rate: { count: [ill.onset, ill.attack], expected: true }
      changes: { count: [ill.onset, ill.attack] }
      alive: { people: "1" }
)yaml"),
                             {.number = people(400'000), .step = "3 months"}));
    double deaths = 0.0;
    for (int c = 0; c < 8; ++c) {
        const double expected = run.total("expected_deaths", c);
        deaths += run.total("deaths", c);
        // Within the year the frail die first and the share of the ill rises: 1 % of model error allowed.
        EXPECT_TRUE(within("deaths, cell " + std::to_string(c), run.total("deaths", c), expected,
                           std::hypot(std::sqrt(expected), 0.01 * expected)));
        // The rates that the people were at risk of, fatal events among them: their sum has the mean of the count.
        const double by_rate = run.total("deaths_by_rate", c);
        EXPECT_TRUE(
            within("deaths by rate, cell " + std::to_string(c), run.total("deaths", c), by_rate, std::sqrt(by_rate)));
        // The sum itself has hardly any noise: only that of who is ill.
        EXPECT_TRUE(within("rates of death, cell " + std::to_string(c), by_rate, expected,
                           std::hypot(0.2 * std::sqrt(expected), 0.01 * expected)));
    }
    const double changes = run.total("changes_by_rate");
    EXPECT_TRUE(within("changes by rate", run.total("changes"), changes, std::sqrt(changes)));
    EXPECT_EQ(deaths, run.total("all_deaths"));
    EXPECT_EQ(run.at("alive", 0) - run.at("alive", 1), run.total("all_deaths"));
}

TEST(nation, few_people_are_enough_for_rare_states_with_large_relative_risks) {
    // Four processes, of which a cell of 500 people would hold 0.15, 0.5, 1.5 and 5; their relative risks multiply to
    // 480,000.
    const auto lab = from_text(R"yaml(format: 1
scenario: rare
people: { number: 10 }
starts: 2000
years: 1
entries:
  - attributes: people
    define:
      sex: { categories: [female, male], start: { male: 0.5 } }
      age: { unit: year, start: 50 years }
      smoking: { categories: [never, current], start: { current: 0.3 } }
      risk: { value: "(a == ill ? 400 : 1) * (b == ill ? 100 : 1) * (c == mild ? 3 : c == severe ? 4 : 1) * (d == ill ? 3 : 1) * (smoking == current ? 2 : 1)" }
  - process: a
    states: [none, ill]
    absorbing: [ill]
    start: { ill: "smoking == current ? 0.0008 : 0.0001" }
  - process: b
    states: [none, ill]
    absorbing: [ill]
    start: { ill: 0.001 }
  - process: c
    states: [none, mild, severe]
    absorbing: [mild, severe]
    start: { mild: 0.002, severe: "sex == male ? 0.003 : 0" }
  - process: d
    states: [none, ill]
    absorbing: [ill]
    start: { ill: 0.01 }
  - measures: m
    define:
      risk: { people: risk }
      ill: { people: "a == ill" }
)yaml");
    const Model& model = lab->model();
    ReferenceSample nation(model, 500);
    const double scalars[scalar::count] = {2000.0, 0.0};
    for (const int node : model.start_order)
        if (node < 0 || (node != model.sex_attribute && model.attributes[static_cast<std::size_t>(node)].name != "age"))
            initialise_node(model, nation.people(), node, 0, nation.people().size(), nation.key(), scalars);
    const std::vector<double> ones(nation.people().size(), 1.0);
    const auto mean = [&](const char* measure) {
        return nation.mean(nation.evaluate(model, model.measures[lab->measure(measure)].value), ones);
    };

    const auto risk = mean("risk"), ill = mean("ill");

    ASSERT_EQ(risk.size(), 2u * reference_ages);
    const double never = 1.0 + 399.0 * 0.0001, current = 1.0 + 399.0 * 0.0008;
    const double others = (1.0 + 99.0 * 0.001) * (1.0 + 2.0 * 0.01);
    for (int sex = 0; sex < 2; ++sex) {
        const double expected =
            (0.7 * never + 0.3 * 2.0 * current) * others * (1.0 + 2.0 * 0.002 + (sex == 1 ? 3.0 * 0.003 : 0.0));
        double squares = 0.0, all = 0.0;
        for (int age = 0; age < reference_ages; ++age) {
            const auto cell = static_cast<std::size_t>(sex * reference_ages + age);
            squares += (risk[cell] / expected - 1.0) * (risk[cell] / expected - 1.0) / reference_ages;
            all += risk[cell] / reference_ages;
            // Near the ends fewer years of age are put together than nine.
            const int years = 2 * std::min({4, age, reference_ages - 1 - age}) + 1;
            EXPECT_NEAR(ill[cell], 0.00031, 0.00031 * std::sqrt(9.0 / years)) << sex << " " << age;
        }
        // The sd of the product over people is 26.5 times its mean: drawn as they come, nine years of age (which count
        // as 3,700 people) would give the mean to 44 %, and all ages to 11 %.
        EXPECT_LT(std::sqrt(squares), 0.06);
        EXPECT_NEAR(all, expected, 0.02 * expected);
    }
}

}  // namespace
}  // namespace proeftuin
