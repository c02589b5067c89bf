// Programmes against closed forms: who is invited, who consents, when they start and leave, what it costs, what is left
// of an effect.
#include <cmath>
#include <set>

#include "engine/random/draw.hpp"
#include "tests/lab/lab.hpp"

namespace proeftuin {
namespace {

using namespace lab;

/// A cohort that nobody joins or leaves, with a programme.
std::string cohort(std::size_t number, int years, const std::string& programme, const std::string& more = {}) {
    return "format: 1\nscenario: s\npeople: { number: " + std::to_string(number) +
           " }\nstarts: 2001\nyears: " + std::to_string(years) +
           "\nentries:\n  - attributes: a\n    define: { skill: { start: { uniform: { from: 0, to: 1 } } } }\n"
           "  - measures: people_by_person\n    define:\n"
           "      waiting: { integrate: \"p in [none, consented] ? 1 : 0\", per_person: run }\n"
           "      taking_part: { integrate: \"p == active ? 1 : 0\", per_person: run }\n" +
           more + "  - programme: p\n" + programme;
}

TEST(programme, invites_its_number_every_year_whatever_the_step) {
    // 1,000 a year is 83 1/3 a month: 83, 83, 84 and again; 7 a year is none in most months. Enough people for all.
    for (const auto& [per_year, number] : {std::pair{"1000", 1000.0}, std::pair{"7", 7.0}, std::pair{"100.25", 100.25}})
        for (const char* step : {"1 month", "1 year"}) {
            const Done run(from_text(
                cohort(5000, 4, std::string("    for: skill >= 0\n    entry: { invite: ") + per_year + " per year }\n"),
                {.step = step}));
            double all = 0.0;
            for (int year = 0; year < 4; ++year) {
                all += run.at("p_offered", year);
                EXPECT_EQ(all, std::floor(number * (year + 1))) << per_year << " " << step << " " << year;
            }
            EXPECT_EQ(run.total("p_started"), all);
            EXPECT_EQ(run.at("p_active", 4), all);
            EXPECT_EQ(run.at("p_active", 0), 0.0);
        }
}

TEST(programme, rises_over_its_ramp_pauses_and_ends) {
    // From 1 July 2001 (181 of 365 days) with a ramp of a year: after t years (t - x)^2 / 2 years' worth, then t - 1/2.
    // From 2003 on it pauses for a year; it ends with 2004.
    const Done run(from_text(cohort(9000, 5,
                                    "    for: skill >= 0\n    entry: { invite: 1200 per year }\n"
                                    "    runs: { from: 2001-07-01, to: 2004, ramp: 1 year, "
                                    "pauses: [{ from: 2003, to: 2003-12-31 }] }\n",
                                    {}),
                             {.step = "1 month"}));
    const double x = 181.0 / 365.0, first = 1200.0 * (1 - x) * (1 - x) / 2.0, second = 1200.0 * (2 - x - 0.5);
    EXPECT_EQ(run.at("p_offered", 0), std::floor(first));
    EXPECT_EQ(run.at("p_offered", 0) + run.at("p_offered", 1), std::floor(second));
    EXPECT_EQ(run.at("p_offered", 2), 0.0);
    EXPECT_EQ(run.total("p_offered"), std::floor(second + 1200.0));
    EXPECT_EQ(run.at("p_offered", 4), 0.0);
    // It has no duration: who takes part does so until it ends.
    EXPECT_EQ(run.total("p_completed"), run.total("p_started"));
    EXPECT_EQ(run.at("p_completed", 3), run.total("p_started"));
    EXPECT_EQ(run.at("p_active", 4), 0.0);
}

TEST(programme, consents_as_often_as_the_uptake_says_and_asks_again) {
    // Two thirds of those with little skill consent to an invitation, one third of the others. Asked once a year.
    const char* programme =
        "    for: skill >= 0\n    entry: { uptake: \"skill < 0.5 ? 2/3 : 1/3\", ask_again_after: 364 days }\n"
        "    by: little\n";
    const char* more =
        "  - measures: groups\n    groups: { little: { of: \"skill < 0.5\" } }\n    define: { x: { people: 1 } }\n";
    const Done run(from_text(cohort(40000, 3, programme, more), {.step = "1 year"}));
    for (int group = 0; group < 2; ++group) {
        const double share = group == 1 ? 2.0 / 3.0 : 1.0 / 3.0;
        double left = run.at("p_offered", 0, group);
        EXPECT_GT(left, 19000.0);
        for (int year = 0; year < 3; ++year) {
            EXPECT_EQ(run.at("p_offered", year, group), left);
            EXPECT_TRUE(share_within("consent", run.at("p_consented", year, group), left, share));
            left -= run.at("p_consented", year, group);
        }
    }
}

TEST(programme, starts_are_even_over_the_step) {
    // Kolmogorov-Smirnov: the largest distance from the uniform distribution is below 3.3 / sqrt(n) but for one in
    // 2 exp(-2 * 3.3^2) = 7e-10.
    for (const auto& [step, length] : {std::pair{"1 year", 1.0}, std::pair{"3 months", 0.25}}) {
        const Done run(
            from_text(cohort(20000, 1, "    for: skill >= 0\n    runs: { from: 2001, to: 2001 }\n"), {.step = step}), 2,
            1024, true);
        std::vector<double> start = run.totals("waiting");
        std::sort(start.begin(), start.end());
        double distance = 0.0;
        for (std::size_t i = 0; i < start.size(); ++i)
            distance = std::max(distance, std::fabs(start[i] / length - (static_cast<double>(i) + 0.5) / 20000.0));
        EXPECT_LT(distance, 3.3 / std::sqrt(20000.0)) << step;
        EXPECT_GT(start.front(), 0.0);
        EXPECT_LT(start.back(), length);
    }
}

TEST(programme, invites_by_score_then_by_the_order_of_the_person) {
    const Done run(
        from_text(cohort(4000, 1, "    for: skill >= 0\n    entry: { invite: 1000 per year, order_by: skill }\n"),
                  {.step = "1 month"}),
        2, 1024, true);
    const Population& people = run.simulation().people();
    const Model& m = run.simulation().model();
    const auto column = [&](const char* name) {
        for (std::size_t c = 0; c < people.layout().items.size(); ++c)
            if (people.layout().items[c].name == name) return static_cast<ColumnId>(c);
        throw std::runtime_error(name);
    };
    const auto skill = people.column<double>(column("skill"));
    const auto state = people.column<std::uint8_t>(column("p"));
    std::vector<double> in, out;
    for (std::size_t i = 0; i < people.size(); ++i) (state[i] != 0 ? in : out).push_back(skill[i]);
    ASSERT_EQ(in.size(), 1000u);
    EXPECT_GT(*std::min_element(in.begin(), in.end()), *std::max_element(out.begin(), out.end()));
    // Of equal people, those with the lowest priority: one fixed uniform of the person.
    const Done even(
        from_text(cohort(4000, 1, "    for: skill >= 0\n    entry: { invite: 1000 per year }\n"), {.step = "1 month"}),
        2, 1024, true);
    const DrawSite site(1, 0, "priority.p");
    std::vector<std::pair<double, std::uint64_t>> order;
    for (std::uint64_t uid = 0; uid < 4000; ++uid) order.emplace_back(uniform(site, uid, 0), uid);
    std::sort(order.begin(), order.end());
    const auto uid = even.simulation().people().column<std::uint64_t>(m.uid);
    const auto chosen = even.simulation().people().column<std::uint8_t>(column("p"));
    std::set<std::uint64_t> expected, got;
    for (std::size_t k = 0; k < 1000; ++k) expected.insert(order[k].second);
    for (std::size_t i = 0; i < uid.size(); ++i)
        if (chosen[i] != 0) got.insert(uid[i]);
    EXPECT_EQ(got, expected);
}

TEST(programme, keeps_its_places_and_gives_them_again) {
    // 50 places, a duration of exactly half a year: never more than 50 at a time, and every place is taken again at the
    // first step after it is free.
    const Done run(from_text(cohort(5000, 5,
                                    "    for: skill >= 0\n    entry: { places: 50, uptake: 0.5 }\n"
                                    "    leave: { duration: 6 months }\n"),
                             {.step = "1 month"}));
    // Someone who starts at a uniform moment of a month is there for 6 months, so gives the place free at the start of
    // the seventh month after: 12 / 7 turns a year, and one at the beginning.
    EXPECT_EQ(run.total("p_consented"), 50.0 * std::ceil(60.0 / 7.0));
    for (int year = 0; year <= 5; ++year) EXPECT_LE(run.at("p_active", year), 50.0);
}

TEST(programme, first_come_is_first_invited) {
    // Who is eligible first (by skill, a tenth more every year) is invited first, although the number would do for
    // fewer than those who become eligible.
    const Done run(from_text(cohort(3000, 10,
                                    "    for: skill <= 0.1 * (year - 2000)\n"
                                    "    entry: { invite: 150 per year, order_by: first_come }\n"),
                             {.step = "1 year"}),
                   2, 1024, true);
    const Population& people = run.simulation().people();
    std::vector<double> invited, not_invited;
    for (std::size_t c = 0; c < people.layout().items.size(); ++c) {
        if (people.layout().items[c].name != "p") continue;
        const auto state = people.column<std::uint8_t>(static_cast<ColumnId>(c));
        for (std::size_t k = 0; k < people.layout().items.size(); ++k)
            if (people.layout().items[k].name == "skill") {
                const auto skill = people.column<double>(static_cast<ColumnId>(k));
                for (std::size_t i = 0; i < people.size(); ++i)
                    (state[i] != 0 ? invited : not_invited).push_back(std::ceil(skill[i] * 10.0));
            }
    }
    EXPECT_EQ(invited.size(), 1500u);
    // Groups of a tenth are served one after the other.
    EXPECT_LE(*std::max_element(invited.begin(), invited.end()),
              *std::min_element(not_invited.begin(), not_invited.end()));
}

TEST(programme, lasts_its_duration_and_loses_people_at_its_rate) {
    // Everybody starts at s within the first step. Dropout at 0.5 per year, duration 2 years: the time in the programme
    // has mean (1 - exp(-1)) / 0.5, and a share exp(-1) completes.
    const Done run(
        from_text(cohort(50000, 4, "    for: skill >= 0\n    leave: { dropout: 0.5 per year, duration: 2 years }\n"),
                  {.step = "1 year"}),
        2, 1024, true);
    EXPECT_EQ(run.total("p_started"), 50000.0);
    EXPECT_EQ(run.total("p_completed") + run.total("p_dropped"), 50000.0);
    EXPECT_TRUE(share_within("completed", run.total("p_completed"), 50000.0, std::exp(-1.0)));
    const Moments time = moments(run.totals("taking_part"));
    EXPECT_TRUE(within("years in the programme", time.mean, (1.0 - std::exp(-1.0)) / 0.5, time.error()));
    for (const double t : run.totals("taking_part")) EXPECT_LE(t, 2.0 + 2e-9);
}

TEST(programme, lets_people_in_again) {
    // A month, then again after a month: with yearly steps everybody starts once a year.
    const Done run(
        from_text(cohort(500, 4, "    for: skill >= 0\n    leave: { duration: 0.01 year, again_after: 0.01 year }\n"),
                  {.step = "1 year"}));
    for (int year = 1; year < 4; ++year) EXPECT_NEAR(run.at("p_started", year), 500.0, 25.0) << year;
    EXPECT_EQ(run.at("p_started", 0), 500.0);
}

TEST(programme, costs_exactly_what_it_says) {
    for (const char* step : {"1 month", "1 year"}) {
        const Done run(from_text(cohort(2000, 3,
                                        "    for: skill >= 0\n    entry: { invite: 300 per year, uptake: 0.5 }\n"
                                        "    runs: { from: 2001-07-01, to: 2003-03-31 }\n"
                                        "    cost: { per_invitation: 4 EUR, per_person_start: 180 EUR, "
                                        "per_person_year: 240 EUR per year, fixed_per_year: 225000 EUR per year }\n"),
                                 {.step = step}));
        EXPECT_NEAR(run.total("p_cost"),
                    4.0 * run.total("p_offered") + 180.0 * run.total("p_started") + 240.0 * run.total("p_person_years"),
                    1e-3);
        // Days: 184 of 365, all, 90 of 365.
        EXPECT_NEAR(run.at("p_fixed_cost", 0), 225000.0 * 184.0 / 365.0, 1e-5) << step;
        EXPECT_NEAR(run.at("p_fixed_cost", 1), 225000.0, 1e-5) << step;
        EXPECT_NEAR(run.at("p_fixed_cost", 2), 225000.0 * 90.0 / 365.0, 1e-5) << step;
    }
}

/// Expected events of everybody, by person, with an effect that fades; the closed form by the time of its start.
void check_fading(const char* step, double half_life, double to) {
    // A recurrent event at 2 per year; half as often for the 0.7 years of the programme, then back to a share `to`.
    const double rate = 2.0, factor = 0.5, duration = 0.7, years = 5.0;
    char programme[400];
    std::snprintf(programme, sizeof programme,
                  "    for: skill >= 0\n    runs: { from: 2001, to: 2001-06-30 }\n"
                  "    leave: { duration: 0.7 year }\n    effects:\n"
                  "      - { on: d.attack, multiply: 0.5, while: active, fades: { half_life: %g year, to: %g } }\n",
                  half_life, to);
    const char* more =
        "  - process: d\n    states: [ill, well]\n    absorbing: [well]\n    transitions: { attack: { within: [ill], "
        "rate: 2 per year }, cure: { from: ill, to: well, rate: 0 per year } }\n"
        "  - process: others\n    states: [a, b]\n    transitions:\n"
        "      there: { from: a, to: b, rate: 3 per year }\n      back: { from: b, to: a, rate: 5 per year }\n"
        "  - measures: m\n    define: { attacks: { count: d.attack, expected: true, per_person: run } }\n";
    const Done run(from_text(cohort(400, 5, programme, more), {.step = step, .quantum = 1e-12}), 2, 1024, true);
    const auto start = run.totals("waiting"), events = run.totals("attacks");
    for (std::size_t i = 0; i < start.size(); ++i) {
        const double left = years - start[i] - duration;
        const double speed = std::log(2.0) / half_life;
        const double share = to * left + (1.0 - to) * (1.0 - std::exp(-speed * left)) / speed;
        ASSERT_LT(start[i], 181.0 / 365.0 + (std::string(step) == "1 year" ? 0.0 : 1e-9));
        ASSERT_NEAR(events[i], rate * (years + (factor - 1.0) * (duration + share)), 1e-9) << step << " person " << i;
    }
}

TEST(programme, an_effect_fades_as_the_closed_form_for_any_step) {
    for (const char* step : {"1 month", "3 months", "1 year"})
        for (const double half_life : {0.05, 0.25, 3.0})
            for (const double to : {0.0, 0.33, 1.0}) check_fading(step, half_life, to);
}

TEST(programme, without_fading_nothing_is_left) { check_fading("1 year", 0.001, 0.0); }

TEST(programme, changes_utility_and_cost_while_it_lasts) {
    const char* more =
        "  - utility: u\n    base: 0.8\n"
        "  - care: c\n    laws: [zvw]\n    categories: { gp: zvw }\n    services: { visit: { category: gp, price: 30 "
        "EUR } }\n"
        "    residual: { gp: 100 EUR per year }\n"
        "  - measures: m\n    define:\n      qalys: { integrate: utility }\n      gp: { integrate: cost_gp }\n"
        "      zvw: { integrate: cost_zvw }\n      all: { integrate: cost_total }\n";
    const char* programme =
        "    for: skill >= 0\n    leave: { duration: 1 year }\n    effects:\n"
        "      - { on: utility, add: 0.05 }\n      - { on: cost_gp, multiply: 0.5, at_scale: 0.4 }\n"
        "    needs: { visit: 2 per year, at: { start: { visit: 1 } } }\n"
        "    cost: { per_person_start: 10 EUR, law: zvw }\n";
    const Done run(from_text(cohort(300, 3, programme, more), {.step = "1 year"}));
    // Everybody takes part for one year of three. 1 + (0.5 - 1) 0.4 = 0.8 of (100 + 2 x 30) and of the visit at the
    // start, which is counted just before it takes effect.
    EXPECT_NEAR(run.total("qalys"), 300.0 * (3.0 * 0.8 + 0.05), 1e-5);
    EXPECT_NEAR(run.total("gp"), 300.0 * (2.0 * 100.0 + 0.8 * 160.0 + 30.0), 1e-2);
    EXPECT_NEAR(run.total("zvw"), run.total("gp") + 300.0 * 10.0, 1e-2);
    EXPECT_EQ(run.total("all"), run.total("zvw"));
}

}  // namespace
}  // namespace proeftuin
