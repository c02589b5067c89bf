// Runs small enough to calculate by hand.
#include "engine/core/errors.hpp"
#include "engine/random/draw.hpp"
#include "engine/random/uid.hpp"
#include "tests/lab/lab.hpp"

namespace proeftuin {
namespace {

using namespace lab;

std::string scenario(const std::string& entries, int years = 2, int number = 1, const std::string& more = "") {
    return "format: 1\nscenario: tiny\npeople: { number: " + std::to_string(number) +
           " }\nstarts: 2000\nyears: " + std::to_string(years) + "\n" + more + "entries:\n" + entries;
}

/// People with ages and one number each.
PersonTable table_of(const std::vector<double>& ages, const std::vector<double>& numbers = {},
                     const std::vector<std::uint16_t>& sexes = {}) {
    PersonTable t;
    t.people = ages.size();
    t.numbers.push_back({"age", "year", ages});
    if (!numbers.empty()) t.numbers.push_back({"x", "1", numbers});
    if (!sexes.empty()) t.categories.push_back({"sex", {"female", "male"}, sexes});
    return t;
}

const char* given_x = "  - attributes: a\n    define: { x: {} }\n";

TEST(tiny, integrals_counts_means_and_people_of_people_to_whom_nothing_happens) {
    const Done run(from_text(scenario(std::string(given_x) + R"yaml(
  - attributes: b
    define: { sex: { categories: [female, male] } }
  - process: p
    states: [calm, stirred]
    transitions: { stir: { from: calm, to: stirred, rate: 0 per year }, settle: { from: stirred, to: calm, rate: 0 per year } }
  - measures: m
    groups: { band: { of: age, from: [0, 40, 41] } }
    define:
      time: { integrate: "1", by: [band] }
      amount: { integrate: x }
      mean: { mean: x, by: [sex] }
      old: { people: "age >= 40 years" }
      sum_x: { people: x }
      stirs: { count: p.stir }
      men: { integrate: x, when: sex == male }
)yaml"),
                             {.table = table_of({39.75, 10.0, 70.0}, {2.0, 3.5, -1.25}, {0, 1, 1})}));
    // A step of a year takes the age of its middle: 40.25 and 41.25 for the first.
    EXPECT_DOUBLE_EQ(run.at("time", 0, 0), 1.0);
    EXPECT_DOUBLE_EQ(run.at("time", 0, 1), 1.0);
    EXPECT_DOUBLE_EQ(run.at("time", 0, 2), 1.0);
    EXPECT_DOUBLE_EQ(run.at("time", 1, 1), 0.0);
    EXPECT_DOUBLE_EQ(run.at("time", 1, 2), 2.0);
    EXPECT_DOUBLE_EQ(run.at("amount", 0), 4.25);
    EXPECT_DOUBLE_EQ(run.at("amount", 1), 4.25);
    EXPECT_DOUBLE_EQ(run.mean_at("mean", 0, 0), 2.0);
    EXPECT_DOUBLE_EQ(run.mean_at("mean", 0, 1), 1.125);
    EXPECT_DOUBLE_EQ(run.at("men", 1), 2.25);
    // People on 1 January of 2000, 2001, 2002, at exact age.
    EXPECT_EQ(run.periods("old"), 3);
    EXPECT_EQ(run.at("old", 0), 1.0);
    EXPECT_EQ(run.at("old", 1), 2.0);
    EXPECT_EQ(run.at("old", 2), 2.0);
    EXPECT_DOUBLE_EQ(run.at("sum_x", 2), 4.25);
    EXPECT_EQ(run.total("stirs"), 0.0);
    EXPECT_EQ(run.results().person_years, 6.0);
    EXPECT_EQ(run.results().people_alive, 3);
}

TEST(tiny, statistics_over_people_are_those_of_their_totals) {
    // Totals 0, 1, ..., 99, of one year.
    std::vector<double> ages(100, 30.0), x;
    for (int k = 0; k < 100; ++k) x.push_back(k);
    const Done run(
        from_text(scenario(std::string(given_x) + "  - measures: m\n    define:\n      a: { integrate: x, per_person: "
                                                  "year }\n      b: { integrate: x, per_person: run }\n"),
                  {.table = table_of(ages, x)}));
    const auto& persons = run.results().measures[run.lab().measure("a")].persons;
    ASSERT_EQ(persons.size(), 2u);
    for (const auto& s : persons) {
        EXPECT_EQ(s.people, 100);
        EXPECT_DOUBLE_EQ(s.mean, 49.5);
        EXPECT_NEAR(s.sd, std::sqrt(99.0 * 100.0 * 199.0 / 6.0 / 99.0 - 100.0 / 99.0 * 49.5 * 49.5),
                    1e-9);  // (sum of squares - n mean^2) / (n - 1)
        EXPECT_NEAR(s.quantiles[0], 0.99, 1e-9);  // type 7: 0.01 x 99
        EXPECT_NEAR(s.quantiles[4], 49.5, 1e-9);
        EXPECT_NEAR(s.quantiles[8], 98.01, 1e-9);
        EXPECT_NEAR(s.top_share_1, 99.0 / 4950.0, 1e-12);
        EXPECT_NEAR(s.top_share_5, (99.0 + 98.0 + 97.0 + 96.0 + 95.0) / 4950.0, 1e-12);
        EXPECT_NEAR(s.top_share_10, 945.0 / 4950.0, 1e-12);
    }
    ASSERT_EQ(run.results().measures[run.lab().measure("b")].persons.size(), 1u);
    EXPECT_DOUBLE_EQ(run.persons("b").mean, 99.0);
}

TEST(tiny, a_top_share_takes_a_fraction_of_the_person_on_its_border) {
    // 50 people: the top 1 % is half of the richest.
    std::vector<double> ages(50, 30.0), x(50, 1.0);
    x[17] = 51.0;
    const Done run(from_text(
        scenario(std::string(given_x) + "  - measures: m\n    define: { a: { integrate: x, per_person: year } }\n", 1),
        {.table = table_of(ages, x)}));
    EXPECT_NEAR(run.persons("a").top_share_1, 25.5 / 100.0, 1e-12);
    EXPECT_NEAR(run.persons("a").top_share_5, 52.5 / 100.0, 1e-12);
}

TEST(tiny, totals_of_a_year_include_those_who_die_in_it_once) {
    const std::string entries = R"yaml(
  - process: p
    states: [alive, dead]
    death: [dead]
    transitions: { die: { from: alive, to: dead, rate: 0.7 per year } }
  - measures: m
    define:
      time: { integrate: "1", per_person: year }
      life: { integrate: "1", per_person: run }
      alive: { people: "1" }
      deaths: { count: p.die, per_person: year }
)yaml";
    const Done run(from_text(scenario(entries, 4, 1000)));
    const auto& time = run.results().measures[run.lab().measure("time")].persons;
    const auto& deaths = run.results().measures[run.lab().measure("deaths")].persons;
    ASSERT_EQ(time.size(), 4u);
    for (int t = 0; t < 4; ++t) {
        const auto k = static_cast<std::size_t>(t);
        EXPECT_EQ(time[k].people, static_cast<std::int64_t>(run.at("alive", t)));
        EXPECT_NEAR(time[k].mean * static_cast<double>(time[k].people), run.at("time", t), 1e-6);
        EXPECT_NEAR(deaths[k].mean * static_cast<double>(time[k].people), run.at("deaths", t), 1e-9);
    }
    EXPECT_EQ(run.persons("life").people, 1000);
    EXPECT_NEAR(run.persons("life").mean * 1000.0, run.total("life"), 1e-6);
    // Life of a person: threshold / rate, cut at the end.
    const DrawSite site(1, 0, "clock.p.die");
    const auto life = run.totals("life");
    for (std::size_t i = 0; i < life.size(); ++i)
        EXPECT_NEAR(life[i], std::min(4.0, unit_exponential(site, i, 0) / 0.7), 5e-9);
}

TEST(tiny, recurrent_events_happen_at_the_sums_of_their_thresholds) {
    const Done run(from_text(scenario(R"yaml(
  - process: p
    states: [inside, outside]
    absorbing: [inside, outside]
    start: { outside: 0 }
    transitions: { attack: { within: inside, rate: 1.6 per year } }
  - measures: m
    define: { attacks: { count: p.attack, per_person: run } }
)yaml",
                                      5, 300)));
    const DrawSite site(1, 0, "clock.p.attack");
    const auto got = run.totals("attacks");
    for (std::size_t i = 0; i < got.size(); ++i) {
        int count = 0;
        for (double sum = 0.0;; ++count) {
            sum += unit_exponential(site, i, static_cast<std::uint64_t>(count));
            if (sum > 1.6 * 5.0) break;
        }
        EXPECT_EQ(got[i], count) << i;
    }
}

TEST(tiny, a_clock_stands_still_while_its_transition_is_closed) {
    // b is open in `one` only; time spent in `two` does not count. Its threshold is met by the hours in `one`.
    const Done run(from_text(scenario(R"yaml(
  - process: p
    states: [one, two, three]
    absorbing: [three]
    transitions:
      away: { from: one, to: two, rate: 1 per year }
      back: { from: two, to: one, rate: 2 per year }
      b: { from: one, to: three, rate: 0.3 per year }
  - measures: m
    define:
      in_one: { integrate: "p == one ? 1 : 0", per_person: run }
      b: { count: p.b, per_person: run }
)yaml",
                                      60, 500, "step: 1 month\n")));
    const DrawSite site(1, 0, "clock.p.b");
    const auto in_one = run.totals("in_one"), b = run.totals("b");
    std::size_t done = 0;
    for (std::size_t i = 0; i < b.size(); ++i)
        if (b[i] == 1.0) {
            ++done;
            EXPECT_NEAR(in_one[i], unit_exponential(site, i, 0) / 0.3, 1e-6) << i;
        } else {
            EXPECT_LT(in_one[i], unit_exponential(site, i, 0) / 0.3 + 1e-6);
        }
    EXPECT_GT(done, 480u);
}

TEST(tiny, lumps_are_booked_at_the_event_with_the_state_before_it) {
    const Done run(from_text(scenario(R"yaml(
  - process: p
    states: [well, ill, dead]
    death: [dead]
    transitions:
      fall: { from: well, to: ill, rate: 2 per year }
      die: { from: ill, to: dead, rate: 2 per year }
    costs: { hospital: "p == ill ? 100 EUR per year : 0 EUR per year", at: { fall: { hospital: "p == well ? 7 EUR : 1000 EUR" }, die: { hospital: 11 EUR } } }
  - care: c
    laws: [act]
    categories: { hospital: act }
  - measures: m
    define:
      cost: { integrate: cost_total }
      falls: { count: p.fall, by: [p] }
      deaths: { count: p.die }
      time_ill: { integrate: "p == ill ? 1 : 0" }
)yaml",
                                      3, 400)));
    EXPECT_GT(run.total("deaths"), 300.0);
    EXPECT_EQ(run.total("falls", 1), 0.0);  // grouped by the state that is left
    EXPECT_NEAR(run.total("cost"),
                7.0 * run.total("falls", 0) + 11.0 * run.total("deaths") + 100.0 * run.total("time_ill"), 1e-3);
}

TEST(tiny, cost_without_its_index_keeps_person_factor_and_lumps) {
    const Done run(from_text(scenario(R"yaml(
  - attributes: a
    define: { x: {} }
  - process: p
    states: [well, ill]
    absorbing: [ill]
    cycle: 1 year
    transitions: { fall: { from: well, to: ill, probability: 1 } }
    costs: { gp: 10 EUR per year, at: { fall: { hospital: 7 EUR } } }
  - parameter_set: t
    parameters:
      growth: { by: year, between: step, values: { 2000: 2, 2001: 3 }, source: assumption, why: test }
  - care: c
    laws: [act]
    categories: { gp: act, hospital: act, dental: act }
    residual: { gp: 30 EUR per year, dental: 5 EUR per year }
    multiply: { gp: x, dental: x }
    index: { gp: "growth[year]", hospital: "growth[year]" }
  - measures: m
    define:
      cost: { integrate: cost_total }
      plain: { integrate: unindexed_cost_total }
      hospital: { integrate: unindexed_cost_hospital }
      dental: { integrate: "unindexed_cost_act - unindexed_cost_gp - unindexed_cost_hospital" }
)yaml",
                                      2, 2),
                             {.table = table_of({40.0, 50.0}, {0.5, 2.0})}));
    // The two have x = 2.5 together. Everybody falls at the end of the first year.
    EXPECT_DOUBLE_EQ(run.at("cost", 0), 2.5 * (40.0 * 2.0 + 5.0) + 2.0 * 7.0 * 2.0);
    EXPECT_DOUBLE_EQ(run.at("cost", 1), 2.5 * (40.0 * 3.0 + 5.0));
    EXPECT_DOUBLE_EQ(run.at("plain", 0), 2.5 * 45.0 + 2.0 * 7.0);
    EXPECT_DOUBLE_EQ(run.at("plain", 1), 2.5 * 45.0);
    EXPECT_DOUBLE_EQ(run.at("hospital", 0), 14.0);
    EXPECT_DOUBLE_EQ(run.at("hospital", 1), 0.0);
    EXPECT_DOUBLE_EQ(run.at("dental", 1), 12.5);
}

TEST(tiny, start_shares_and_draws_have_the_stated_distribution) {
    const Done run(from_text(scenario(R"yaml(
  - attributes: a
    define:
      sex: { categories: [female, male], start: { male: 0.3 } }
      u: { start: { uniform: { from: 2, to: 6 } } }
      n: { start: { normal: { mean: "sex == male ? 10 : 20", sd: 2 } } }
      l: { start: { lognormal: { mean: 5, cv: 0.5 } } }
      g: { start: { gamma: { mean: 3, cv: 1 } } }
      cut: { start: { normal: { mean: 0, sd: 1 } }, min: -1, max: 1 }
      twice: { start: "2 * u" }
  - process: p
    states: [none, low, high]
    absorbing: [low, high]
    start: { low: "sex == male ? 0.5 : 0", high: 0.25 }
    transitions: { a: { from: none, to: low, rate: 0 per year } }
  - measures: m
    define:
      men: { people: "sex == male" }
      u: { people: u }
      n_men: { people: n, when: sex == male }
      l: { people: l }
      l2: { people: "l * l" }
      g: { people: g }
      g2: { people: "g * g" }
      at_min: { people: "cut == -1" }
      beyond: { people: "cut < -1 or cut > 1" }
      odd: { people: "twice != 2 * u" }
      p: { people: "1", by: [sex, p] }
)yaml",
                                      1, 40000)));
    const double n = 40000.0;
    const double men = run.at("men", 0);
    EXPECT_TRUE(share_within("men", men, n, 0.3));
    EXPECT_TRUE(within("uniform", run.at("u", 0) / n, 4.0, 4.0 / std::sqrt(12.0 * n)));
    EXPECT_TRUE(within("normal", run.at("n_men", 0) / men, 10.0, 2.0 / std::sqrt(men)));
    EXPECT_TRUE(within("lognormal", run.at("l", 0) / n, 5.0, 2.5 / std::sqrt(n)));
    EXPECT_TRUE(ratio_within("lognormal second moment", run.at("l2", 0) / n, 25.0 * 1.25, 0.04));
    EXPECT_TRUE(within("gamma", run.at("g", 0) / n, 3.0, 3.0 / std::sqrt(n)));
    EXPECT_TRUE(ratio_within("gamma second moment", run.at("g2", 0) / n, 18.0, 0.05));
    EXPECT_TRUE(share_within("clamped", run.at("at_min", 0), n, 0.158655253931457));
    EXPECT_EQ(run.at("beyond", 0), 0.0);
    EXPECT_EQ(run.at("odd", 0), 0.0);
    EXPECT_EQ(run.at("p", 0, 1), 0.0);  // women, low
    EXPECT_TRUE(share_within("men, low", run.at("p", 0, 4), men, 0.5));
    EXPECT_TRUE(share_within("women, high", run.at("p", 0, 2), n - men, 0.25));
}

TEST(tiny, start_probabilities_beyond_one_are_an_error) {
    const auto lab =
        from_text(scenario("  - process: p\n    states: [a, b, c]\n    absorbing: [b, c]\n    start: { b: 0.7, c: 0.5 "
                           "}\n    transitions: { t: { from: a, to: b, rate: 0 per year } }\n",
                           1, 10));
    EXPECT_THROW((void)lab->start(), NumericError);
}

TEST(tiny, a_negative_rate_names_the_transition_and_the_lowest_person) {
    const auto lab =
        from_text(scenario("  - attributes: a\n    define: { u: { start: { uniform: { from: 0, to: 1 } } } }\n  - "
                           "process: p\n    states: [a, b]\n    absorbing: [b]\n"
                           "    transitions: { t: { from: a, to: b, rate: \"(u - 0.5) per year\" } }\n",
                           1, 500));
    const DrawSite site(1, 0, "start.u");
    std::uint64_t lowest = 0;
    while (uniform(site, lowest, 0) >= 0.5) ++lowest;
    for (const int threads : {1, 3}) try {
            lab->simulation(threads, 32)->run();
            FAIL() << "no error";
        } catch (const NumericError& e) {
            EXPECT_NE(std::string(e.what()).find("'p.t'"), std::string::npos) << e.what();
            EXPECT_NE(std::string(e.what()).find("for person " + std::to_string(lowest) + " "), std::string::npos)
                << e.what();
        }
}

TEST(tiny, probabilities_that_add_up_beyond_one_are_an_error) {
    const auto lab = from_text(
        scenario("  - process: p\n    states: [a, b, c]\n    absorbing: [b, c]\n    cycle: 1 year\n    transitions:\n"
                 "      t: { from: a, to: b, probability: 0.7 }\n      s: { from: a, to: c, probability: \"0.4 per "
                 "year * age\" }\n",
                 2, 50));
    EXPECT_THROW(lab->simulation()->run(), NumericError);
}

TEST(tiny, arrivals_come_in_the_stated_numbers_at_moments_within_the_year) {
    const std::string entries = R"yaml(
  - attributes: a
    define: { sex: { categories: [female, male], start: { male: 0.5 } } }
  - parameter_set: t
    parameters: { newcomers: { unit: per year, by: [sex, age], values: { female: { 0-9: 30, 10-19: 0, 20+: 12 }, male: { 0-9: 0, 10-19: 7.5, 20+: 0 } }, source: assumption, why: test } }
  - demography: d
    arrivals: { numbers: newcomers, scale: 2 }
  - measures: m
    groups: { band: { of: age, from: [0, 10, 20] } }
    define:
      arrivals: { count: arrival, by: [sex] }
      time: { integrate: "1" }
      here: { people: "1", by: [sex, band] }
)yaml";
    for (const char* step : {"1 year", "1 month"}) {
        const Done run(from_text(scenario(entries, 1, 1), {.step = step}));
        EXPECT_EQ(run.at("arrivals", 0, 0), 84.0);  // 2 x (30 + 12)
        EXPECT_EQ(run.at("arrivals", 0, 1), 15.0);
        // Uniform in the year: half a year each, and the one who was there.
        EXPECT_TRUE(within("person-years", run.total("time"), 1.0 + 99.0 / 2.0, std::sqrt(99.0 / 12.0)));
    }
    // A fraction is rounded at random: 0.25 per year over 40 years.
    std::string rare = entries;
    rare.replace(rare.find("scale: 2"), 8, "scale: 0.025");
    double men = 0.0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed)
        men += Done(from_text(scenario(rare, 40, 1), {.seed = seed})).total("arrivals", 1);
    EXPECT_TRUE(within("rare arrivals", men, 0.1875 * 400.0, std::sqrt(400.0 * 0.1875 * 0.8125)));
}

TEST(tiny, people_of_tables_with_different_axes_get_from_the_start_what_their_table_does_not_give) {
    // 40 men come by a table of men and women, from afar as all people at the start; 25 from near by a table of
    // origins, women as all people at the start.
    const Done run(from_text(scenario(R"yaml(
  - attributes: a
    define: { sex: { categories: [female, male], start: { male: 0 } }, origin: { categories: [here, near, far], start: { far: 1 } } }
  - parameter_set: t
    parameters:
      by_sex: { unit: per year, by: [sex, age], values: { female: { 0-9: 0, 10+: 0 }, male: { 0-9: 0, 10+: 40 } }, source: assumption, why: test }
      by_origin: { unit: per year, by: [origin, age], values: { here: { 0-9: 0, 10+: 0 }, near: { 0-9: 0, 10+: 25 }, far: { 0-9: 0, 10+: 0 } }, source: assumption, why: test }
  - demography: d
    arrivals: { numbers: by_sex }
  - demography: e
    arrivals: { numbers: by_origin }
  - measures: m
    define: { arrivals: { count: arrival, by: [sex, origin] } }
)yaml",
                                      1, 1)));
    const double expected[] = {0, 25, 0, 0, 0, 40};  // women from here, near, far; men
    for (int cell = 0; cell < 6; ++cell) EXPECT_EQ(run.at("arrivals", 0, cell), expected[cell]) << cell;
}

TEST(tiny, arrivals_without_an_age_are_refused) {
    try {
        from_text(scenario(R"yaml(
  - attributes: a
    define: { sex: { categories: [female, male], start: { male: 0.5 } } }
  - parameter_set: t
    parameters: { newcomers: { unit: per year, by: [sex], values: { female: 3, male: 4 }, source: assumption, why: test } }
  - demography: d
    arrivals: { numbers: newcomers }
)yaml"));
        FAIL() << "no error";
    } catch (const std::runtime_error& e) {
        EXPECT_NE(std::string(e.what()).find("E0409"), std::string::npos) << e.what();
    }
}

TEST(tiny, a_process_has_at_most_250_states) {
    const auto with_states = [](int n) {
        std::string states, transitions;
        for (int k = 0; k < n; ++k) {
            states += (k ? ", s" : "s") + std::to_string(k);
            transitions += "      t" + std::to_string(k) + ": { from: s" + std::to_string(k) + ", to: s" +
                           std::to_string((k + 1) % n) + ", rate: 0.1 per year }\n";
        }
        return scenario("  - process: p\n    states: [" + states + "]\n    transitions:\n" + transitions);
    };
    EXPECT_NO_THROW(from_text(with_states(250)));
    try {
        from_text(with_states(251));
        FAIL() << "no error";
    } catch (const std::runtime_error& e) {
        EXPECT_NE(std::string(e.what()).find("E0418"), std::string::npos) << e.what();
    }
}

TEST(tiny, a_start_within_a_year_is_refused) {
    std::string text = scenario(given_x);
    text.replace(text.find("starts: 2000"), 12, "starts: 2000.5");
    try {
        from_text(text);
        FAIL() << "no error";
    } catch (const std::runtime_error& e) {
        EXPECT_NE(std::string(e.what()).find("must be a whole year, not 2000.5"), std::string::npos) << e.what();
    }
}

TEST(tiny, a_cost_matched_by_single_years_counts_people_in_their_year_of_age) {
    // Both are 41 at the start, and diseases cost one of them 50: of the 200 at 41 a mean of 25 is explained. The
    // residual 100, 175, 300 holds in the middle of the years of age; half a year later they are 41.7 and 42.3.
    const Done run(from_text(scenario(std::string(given_x) + R"yaml(
  - parameter_set: t
    parameters: { target: { unit: EUR per year, by: [age], values: { 40: 100, 41: 200, 42: 300 }, source: assumption, why: test } }
  - care: c
    laws: [law]
    categories: { gp: law }
    attributed: { gp: "x * 50 EUR per year" }
    match: { gp: "target[age]" }
  - measures: m
    define: { cost: { integrate: cost_gp } }
)yaml",
                                      1),
                             {.table = table_of({41.2, 41.8}, {0.0, 1.0})}));
    EXPECT_NEAR(run.at("cost", 0), (175.0 + 0.2 * 125.0) + (175.0 + 0.8 * 125.0) + 50.0, 1e-5);
}

TEST(tiny, the_end_of_life_of_those_who_die_of_an_event_is_explained_cost_too) {
    // A head costs 100 a year; 0.1 events a year, of which 0.4 are fatal, and 0.02 deaths by a state, each with 1,000
    // at death: 60 are explained, 40 are left.
    const auto lab = from_text(scenario(R"yaml(
  - demography: d
    mortality: { rate: 0.03 per year }
  - process: p
    states: [well, ill]
    absorbing: [ill]
    transitions: { hit: { within: well, rate: 0.1 per year, fatality: 0.4 }, fall: { from: well, to: ill, rate: 0 per year } }
  - process: q
    states: [alive, dead]
    absorbing: [dead]
    death: dead
    transitions: { die: { from: alive, to: dead, rate: 0.02 per year } }
  - parameter_set: t
    parameters: { target: { unit: EUR per year, by: [age], values: { 40: 100, 41: 100 }, source: assumption, why: test } }
  - care: c
    laws: [law]
    categories: { gp: law }
    at_death: { gp: 1000 EUR }
    match: { gp: "target[age]" }
  - measures: m
    define: { cost: { integrate: cost_gp }, deaths: { count: death }, expected: { count: death, expected: true }, time: { integrate: "1" } }
)yaml",
                                        1, 2),
                               {.table = table_of(std::vector<double>(20'000, 40.0))});
    const auto run = lab->simulation();
    run->run();
    const RunResults results = run->results();
    const auto sum = [&](const char* name) {
        const std::size_t k = lab->measure(name);
        return static_cast<double>(results.measures[k].sum[0]) * lab->model().measures[k].quantum;
    };
    EXPECT_NEAR(sum("cost") - 1000.0 * sum("deaths"), 10.0 * sum("time"), 0.01 * sum("time"));
    EXPECT_NEAR(sum("expected"), 0.09 * sum("time"), 1e-4 * sum("time"));
    EXPECT_TRUE(within("deaths", sum("deaths"), sum("expected"), std::sqrt(sum("expected"))));
}

TEST(tiny, an_effect_on_what_has_no_rate_is_refused) {
    try {
        from_text(scenario(R"yaml(
  - process: p
    states: [well, ill]
    absorbing: [ill]
    transitions: { fall: { from: well, to: ill, rate: 0.1 per year, fatality: 0.4 } }
)yaml",
                           1, 2, "effects: [ { on: death, multiply: 0.5 } ]\n"));
        FAIL() << "no error";
    } catch (const std::runtime_error& e) {
        EXPECT_NE(std::string(e.what()).find("which has no rate"), std::string::npos) << e.what();
    }
}

TEST(tiny, a_policy_does_not_change_the_cost_that_the_base_year_leaves_unexplained) {
    // Of the 100 a head of the base year, hits explain 0.1 x 200: without any hit, 80 are left (in the middle of the
    // year of age, where the two are in the middle of the step).
    const Done run(from_text(scenario(R"yaml(
  - process: p
    states: [well, ill]
    absorbing: [ill]
    transitions: { hit: { within: well, rate: 0.1 per year }, fall: { from: well, to: ill, rate: 0 per year } }
    costs: { at: { hit: { gp: 200 EUR } } }
  - parameter_set: t
    parameters: { target: { unit: EUR per year, by: [age], values: { 40: 100, 41: 100 }, source: assumption, why: test } }
  - care: c
    laws: [law]
    categories: { gp: law }
    match: { gp: "target[age]" }
  - measures: m
    define: { cost: { integrate: cost_gp }, hits: { count: p.hit } }
)yaml",
                                      1, 2, "effects: [ { on: p.hit, multiply: 0 } ]\n"),
                             {.table = table_of({40.0, 40.0})}));
    EXPECT_EQ(run.total("hits"), 0.0);
    EXPECT_NEAR(run.at("cost", 0), 2.0 * 80.0, 1e-5);
}

TEST(tiny, a_condition_leaves_people_out_of_their_own_totals_too) {
    const Done run(from_text(scenario(R"yaml(
  - process: p
    states: [calm, stirred]
    absorbing: [stirred]
    start: { stirred: 0.5 }
    transitions: { stir: { from: calm, to: stirred, rate: 0 per year } }
  - measures: m
    define:
      stirred_time: { integrate: "1", when: "p == stirred", per_person: year }
      stirred_mean: { mean: "3", when: "p == stirred" }
)yaml",
                                      2, 500)));
    const auto& persons = run.results().measures[run.lab().measure("stirred_time")].persons;
    EXPECT_GT(run.at("stirred_time", 0), 150.0);
    EXPECT_LT(run.at("stirred_time", 0), 350.0);
    for (int t = 0; t < 2; ++t)
        EXPECT_NEAR(persons[static_cast<std::size_t>(t)].mean * 500.0, run.at("stirred_time", t), 1e-6);
    EXPECT_NEAR(run.mean_at("stirred_mean", 0), 3.0, 1e-9);
}

TEST(tiny, a_bad_rate_of_someone_who_enters_is_an_error) {
    const auto lab = from_text(scenario(R"yaml(
  - attributes: a
    define: { age: { unit: year, start: { uniform: { from: 40, to: 50 } } } }
  - parameter_set: t
    parameters: { newcomers: { unit: per year, by: [age], values: { 0-9: 30, 10+: 0 }, source: assumption, why: test } }
  - demography: d
    arrivals: { numbers: newcomers }
  - process: p
    states: [well, ill]
    absorbing: [ill]
    transitions: { onset: { from: well, to: ill, rate: "(age / (1 year) - 30) per year" } }
)yaml",
                                        1, 5));
    try {
        lab->simulation()->run();
        FAIL() << "no error";
    } catch (const NumericError& e) {
        EXPECT_NE(std::string(e.what()).find("'p.onset'"), std::string::npos) << e.what();
    }
}

TEST(tiny, totals_of_a_run_are_the_same_whether_the_dead_are_kept_or_not) {
    const auto lab = from_text(scenario(R"yaml(
  - attributes: a
    define: { age: { unit: year, start: { uniform: { from: 40, to: 90 } } } }
  - demography: d
    mortality: { rate: "0.2 per year" }
    births: { rate: 0.05 per year }
  - measures: m
    define:
      life: { integrate: "1", per_person: run }
      alive: { people: "1" }
)yaml",
                                        10, 3000));
    std::vector<std::uint64_t> digests;
    for (const bool keep_dead : {false, true}) {
        RunOptions options;
        options.key = lab->key();
        options.keep_dead = keep_dead;
        Simulation simulation(lab->shared_model(), lab->start(), options);
        simulation.run();
        digests.push_back(simulation.results().digest());
        EXPECT_EQ(simulation.people().size() > 3000, keep_dead);
    }
    EXPECT_EQ(digests[0], digests[1]);
}

TEST(tiny, attributes_of_the_dead_do_not_depend_on_the_chunk) {
    const auto lab = from_text(scenario(R"yaml(
  - attributes: a
    define:
      age: { unit: year, start: { uniform: { from: 40, to: 90 } } }
      bmi: { start: 25, toward: 30, speed: 0.1 per year }
  - demography: d
    mortality: { rate: "0.3 per year" }
)yaml",
                                        8, 60));
    std::vector<std::vector<double>> ends;
    for (const std::size_t chunk : {1u, 7u, 512u}) {
        const auto simulation = lab->simulation(1, chunk, /*keep_dead=*/true);
        simulation->run();
        const Model& m = lab->model();
        const auto bmi =
            std::find_if(m.attributes.begin(), m.attributes.end(), [](const auto& a) { return a.name == "bmi"; });
        const auto values = simulation->people().column<double>(bmi->column);
        ends.emplace_back(values.begin(), values.end());
    }
    EXPECT_EQ(ends[0], ends[1]);
    EXPECT_EQ(ends[0], ends[2]);
}

TEST(tiny, children_of_children_are_born_within_the_step_of_their_mother) {
    // Everybody gives birth at rate 1: the expected number of people grows as exp(t), whatever the step.
    const std::string entries =
        "  - demography: d\n    births: { rate: 1 per year }\n  - measures: m\n    define: { births: { count: birth }, "
        "here: { people: \"1\" }, time: { integrate: \"1\" } }\n";
    double last = 0.0;
    for (const char* step : {"1 year", "3 months"}) {
        const Done run(from_text(scenario(entries, 2, 4000), {.step = step}));
        // Yule process: n(t) has mean exp(t) and variance exp(t) (exp(t) - 1) per founder.
        const double e = std::exp(2.0);
        EXPECT_TRUE(within(std::string("people after two years, step ") + step, run.at("here", 2) / 4000.0, e,
                           std::sqrt(e * (e - 1.0) / 4000.0)));
        EXPECT_EQ(run.at("here", 2), 4000.0 + run.total("births"));
        if (last > 0.0) {
            EXPECT_EQ(run.at("here", 2), last);  // constant rates: the same people
        }
        last = run.at("here", 2);
    }
}

TEST(tiny, a_newborn_takes_from_its_mother_what_it_inherits) {
    const Done run(from_text(scenario(R"yaml(
  - attributes: a
    define:
      sex: { categories: [female, male], start: { male: 0.5 } }
      street: { categories: [north, south], start: { south: 0.5 }, inherit: true }
      wealth: { start: { uniform: { from: 0, to: 1 } }, inherit: true }
  - demography: d
    births: { rate: "street == south ? 0.5 per year : 0 per year" }
  - measures: m
    define: { born: { people: "age < 3 years", by: [street] }, grown: { people: "age > 3 years", by: [street] } }
)yaml",
                                      2, 1000),
                             {.table = [] {
                                 PersonTable t = table_of(std::vector<double>(1000, 30.0));
                                 return t;
                             }()}));
    EXPECT_EQ(run.at("born", 2, 0), 0.0);
    EXPECT_GT(run.at("born", 2, 1), 300.0);
}

TEST(tiny, a_fatal_event_is_counted_as_event_and_death_and_ends_the_life) {
    const Done run(from_text(scenario(R"yaml(
  - process: p
    states: [calm, other]
    absorbing: [other]
    transitions:
      attack: { within: calm, rate: 1 per year, fatality: 0.4 }
      move: { from: calm, to: other, rate: 0 per year }
  - demography: d
    mortality: { rate: 0 per year }
  - measures: m
    define: { attacks: { count: p.attack }, deaths: { count: death }, here: { people: "1" } }
)yaml",
                                      3, 5000)));
    // Attacks that kill thin the process: deaths at 0.4, so attacks = deaths / 0.4 on average.
    EXPECT_TRUE(share_within("dead after three years", run.total("deaths"), 5000.0, 1.0 - std::exp(-1.2)));
    EXPECT_EQ(run.at("here", 3), 5000.0 - run.total("deaths"));
    EXPECT_TRUE(share_within("fatal attacks", run.total("deaths"), run.total("attacks"), 0.4));
}

TEST(tiny, draws_of_each_year_change_at_the_year_and_only_then) {
    const Done run(from_text(scenario(R"yaml(
  - attributes: a
    define: { luck: { draw: { uniform: { from: 0, to: 1 } }, each: year } }
  - measures: m
    define: { luck: { integrate: luck, per_person: year } }
)yaml",
                                      3, 200, "step: 3 months\n")));
    const DrawSite site(1, 0, "start.luck");
    for (int t = 0; t < 3; ++t) {
        double sum = 0.0;
        for (std::uint64_t i = 0; i < 200; ++i) sum += uniform(site, i, static_cast<std::uint64_t>(2000 + t));
        EXPECT_NEAR(run.at("luck", t), sum, 200 * 4e-9) << t;
    }
}

TEST(tiny, draws_of_each_year_see_people_on_the_border_whatever_is_measured) {
    // The width of the draw is the age, 10 at the start: a draw lies between 0 and the age on 1 January.
    for (const char* also : {"", ", people: { people: 1 }, old: { people: \"age > 11 years\" }"}) {
        const Done run(from_text(scenario(R"yaml(
  - attributes: a
    define: { x: { draw: { uniform: { from: 0, to: "age / (1 year)" } }, each: year } }
  - measures: m
    define: { x: { integrate: x, per_person: year })yaml" +
                                              std::string(also) + " }\n",
                                          3, 50),
                                 {.table = table_of(std::vector<double>(50, 10.0))}));
        const DrawSite site(1, 0, "start.x");
        for (int t = 0; t < 3; ++t) {
            double sum = 0.0;
            for (std::uint64_t i = 0; i < 50; ++i)
                sum += (10.0 + t) * uniform(site, i, static_cast<std::uint64_t>(2000 + t));
            EXPECT_NEAR(run.at("x", t), sum, 50 * 4e-9) << t << also;
        }
    }
}

TEST(tiny, people_are_counted_by_state_and_by_anything_else) {
    // Every person is given; in the second year two have moved on.
    const Done run(from_text(scenario(R"yaml(
  - attributes: b
    define: { sex: { categories: [female, male] } }
  - process: p
    states: [calm, stirred, shaken]
    absorbing: [calm, shaken]
    start: { stirred: "age > 30 years ? 1 : 0" }
    transitions: { shake: { from: stirred, to: shaken, rate: "age > 60 years ? 1000 per year : 0 per year" } }
  - measures: m
    groups: { band: { of: age, from: [0, 40] } }
    define:
      all: { people: 1, by: [p] }
      some: { people: 2, by: [p, sex, band] }
      other: { people: "0.5", by: [p, band] }
      when: { people: 1, by: [p, sex], when: "age > 20 years" }
)yaml"),
                             {.table = table_of({10.0, 35.0, 50.0, 70.0, 39.5}, {}, {0, 1, 1, 1, 0})}));
    EXPECT_EQ(run.at("all", 0, 0), 1.0);
    EXPECT_EQ(run.at("all", 0, 1), 4.0);
    EXPECT_EQ(run.at("all", 1, 1), 3.0);
    EXPECT_EQ(run.at("all", 1, 2), 1.0);
    // cells: state, sex, band
    EXPECT_EQ(run.at("some", 0, 0), 2.0);  // calm, female, below 40
    EXPECT_EQ(run.at("some", 0, 4 + 0), 2.0);  // stirred, female, 39.5
    EXPECT_EQ(run.at("some", 0, 4 + 2), 2.0);  // stirred, male, 35
    EXPECT_EQ(run.at("some", 0, 4 + 3), 4.0);  // stirred, male, 50 and 70
    EXPECT_EQ(run.at("some", 1, 4 + 0), 0.0);
    EXPECT_EQ(run.at("some", 1, 4 + 1), 2.0);  // now 40.5
    EXPECT_EQ(run.at("some", 1, 8 + 3), 2.0);  // shaken at 71
    EXPECT_EQ(run.at("other", 1, 4), 0.0);  // shaken, below 40: nobody
    EXPECT_EQ(run.at("other", 1, 5), 0.5);
    EXPECT_EQ(run.at("when", 0, 0), 0.0);  // 10 years old
    for (int year = 0; year < 3; ++year) {
        const auto all = [&](const char* measure, int cells) {
            double sum = 0.0;
            for (int c = 0; c < cells; ++c) sum += run.at(measure, year, c);
            return sum;
        };
        EXPECT_EQ(all("all", 3), 5.0);
        EXPECT_EQ(all("some", 12), 10.0);
        EXPECT_EQ(all("other", 6), 2.5);
        EXPECT_EQ(all("when", 6), 4.0);
    }
}

TEST(tiny, noise_of_an_attribute_is_a_random_walk_with_the_stated_sd) {
    for (const char* step : {"1 year", "1 month"}) {
        const Done run(from_text(scenario(R"yaml(
  - attributes: a
    define: { w: { start: "5", noise: "0.8", drift: 0.5 per year } }
  - measures: m
    define: { w: { people: w }, w2: { people: "(w - 7) * (w - 7)" } }
)yaml",
                                          4, 5000),
                                 {.step = step}));
        EXPECT_TRUE(within(std::string("mean, step ") + step, run.at("w", 4) / 5000.0, 7.0, 1.6 / std::sqrt(5000.0)));
        EXPECT_TRUE(within(std::string("variance, step ") + step, run.at("w2", 4) / 5000.0, 2.56,
                           2.56 * std::sqrt(2.0 / 5000.0)));
    }
}

TEST(tiny, effects_on_probabilities_act_on_the_rates_behind_them) {
    // Exits 0.3 and 0.2 of a cycle: hazard -ln 0.5 shared 3 : 2. Halving the first: total hazard 0.7 of that.
    const Done run(from_text(scenario(R"yaml(
  - process: p
    states: [a, b, c]
    absorbing: [b, c]
    cycle: 1 year
    transitions:
      one: { from: a, to: b, probability: 0.3 }
      two: { from: a, to: c, probability: 0.2 }
  - measures: m
    define: { one: { count: p.one }, two: { count: p.two } }
)yaml",
                                      1, 40000, "effects:\n  - { on: p.one, multiply: \"0.5\" }\n")));
    const double leave = 1.0 - std::pow(0.5, 0.7);
    EXPECT_TRUE(share_within("first exit", run.total("one"), 40000.0, leave * 0.3 / 0.7));
    EXPECT_TRUE(share_within("second exit", run.total("two"), 40000.0, leave * 0.4 / 0.7));
}

TEST(tiny, events_of_cycles_belong_to_the_year_that_ends_with_them) {
    const Done run(from_text(scenario(R"yaml(
  - process: p
    states: [a, b]
    absorbing: [b]
    cycle: 1 year
    transitions: { go: { from: a, to: b, probability: 1 } }
  - measures: m
    define: { go: { count: p.go }, points: { points: "1", of: p, by: [p] }, time: { integrate: "p == a ? 1 : 0" } }
)yaml",
                                      2, 10)));
    EXPECT_EQ(run.at("go", 0), 10.0);
    EXPECT_EQ(run.at("go", 1), 0.0);
    EXPECT_EQ(run.at("time", 0), 10.0);
    EXPECT_EQ(run.at("time", 1), 0.0);
    EXPECT_EQ(run.at("points", 0, 0), 10.0);
    EXPECT_EQ(run.at("points", 1, 1), 10.0);
    EXPECT_EQ(run.at("points", 2, 1), 10.0);
}

TEST(tiny, cycles_may_be_longer_or_shorter_than_steps) {
    const std::string entries = R"yaml(
  - process: p
    states: [a, b]
    absorbing: [b]
    cycle: CYCLE
    transitions: { go: { from: a, to: b, probability: 0.2 } }
  - measures: m
    define: { here: { people: "1", by: [p] } }
)yaml";
    for (const auto& [cycle, left] :
         {std::pair{"6 months", 12}, std::pair{"1 year", 6}, std::pair{"2 years", 3}, std::pair{"1 month", 72}}) {
        std::string text = entries;
        text.replace(text.find("CYCLE"), 5, cycle);
        const Done run(from_text(scenario(text, 6, 20000, "step: 1 year\n")));
        EXPECT_TRUE(share_within(std::string("left after 6 years of cycles of ") + cycle, run.at("here", 6, 0), 20000.0,
                                 std::pow(0.8, left)));
    }
}

TEST(tiny, restoring_a_checkpoint_of_another_key_or_step_is_refused) {
    const std::string text = scenario(
        "  - process: p\n    states: [a, b]\n    absorbing: [b]\n    transitions: { t: { from: a, to: b, rate: 0.1 per "
        "year } }\n",
        2, 10);
    const auto a = from_text(text), b = from_text(text, {.seed = 2}), c = from_text(text, {.step = "6 months"});
    const Checkpoint state = a->simulation()->checkpoint();
    EXPECT_THROW(b->simulation()->restore(state), IoError);
    EXPECT_THROW(c->simulation()->restore(state), IoError);
    EXPECT_NO_THROW(a->simulation()->restore(state));
}

TEST(tiny, restoring_a_checkpoint_of_another_shape_is_refused_and_changes_nothing) {
    const auto lab = from_text(
        scenario(std::string(given_x) + "  - measures: m\n    define: { a: { mean: x }, n: { people: \"1\" } }\n"),
        {.table = table_of({30.0, 40.0}, {1.0, 2.0})});
    const auto simulation = lab->simulation();
    const Checkpoint good = simulation->checkpoint();
    const auto refused = [&](const std::function<void(Checkpoint&)>& spoil) {
        Checkpoint bad = good;
        bad.scalars["events"] = std::int64_t{7};  // would be seen if anything were taken
        spoil(bad);
        EXPECT_THROW(simulation->restore(bad), IoError);
        EXPECT_EQ(simulation->checkpoint(), good);
    };
    refused([](Checkpoint& c) { c.arrays["measures/a/weight"] = std::vector<std::int64_t>{1}; });
    refused([](Checkpoint& c) { c.arrays["measures/n/weight"] = std::vector<std::int64_t>{1}; });
    refused([](Checkpoint& c) { c.arrays["measures/n/sum"] = std::vector<std::int64_t>{1}; });
    refused([](Checkpoint& c) { c.arrays["people/x"] = std::vector<double>{1.0}; });
    refused([](Checkpoint& c) { c.scalars["tick"] = std::int64_t{3}; });
    refused([](Checkpoint& c) { c.scalars["tick"] = std::int64_t{-1}; });
    refused([](Checkpoint& c) { c.arrays.erase("later_uids"); });
}

TEST(tiny, results_come_back_from_the_checkpoint_of_a_later_replicate) {
    const std::string text = scenario(std::string(given_x) + R"yaml(
  - process: p
    states: [a, b]
    absorbing: [b]
    transitions: { t: { from: a, to: b, rate: 0.5 per year } }
  - measures: m
    groups: { band: { of: age, from: [0, 40] } }
    define:
      time: { integrate: "1", by: [band] }
      each: { integrate: x, per_person: year }
      life: { integrate: x, per_person: run }
      mean: { mean: x, by: [p] }
      here: { people: "1", by: [p] }
      gone: { count: p.t }
)yaml",
                                      3);
    const auto lab = from_text(text, {.table = table_of({20.0, 39.5, 60.0, 80.0}, {1.5, -2.0, 0.25, 7.0})});
    const auto simulation = lab->simulation();
    ASSERT_TRUE(simulation->run());
    const RunResults results = simulation->results();

    Checkpoint later;
    save_results(simulation->model(), results, "finished/0/", later);
    const RunResults back = restore_results(simulation->model(), later, "finished/0/");

    EXPECT_EQ(back.digest(), results.digest());
    EXPECT_EQ(back.people_at_start, 4);
    EXPECT_EQ(back.people_alive, 4);
    EXPECT_EQ(back.person_years, 12.0);
    EXPECT_EQ(back.events, results.events);
    EXPECT_EQ(back.evaluations, results.evaluations);
    for (std::size_t k = 0; k < results.measures.size(); ++k) {
        EXPECT_EQ(back.measures[k].periods, results.measures[k].periods);
        EXPECT_EQ(back.measures[k].cells, results.measures[k].cells);
    }
    EXPECT_THROW(restore_results(simulation->model(), later, "finished/1/"), IoError);
    later.arrays["finished/0/measures/mean/weight"] = std::vector<std::int64_t>{1};
    EXPECT_THROW(restore_results(simulation->model(), later, "finished/0/"), IoError);
}

}  // namespace
}  // namespace proeftuin
