// Care networks against closed forms: queues, routes, choice, staff and cost.
#include <gtest/gtest.h>

#include <cmath>
#include <iostream>

#include "models/network/cheapest.hpp"
#include "tests/lab/lab.hpp"

namespace proeftuin::lab {
namespace {

std::string scenario(const std::string& entries, int years, int people, const std::string& step) {
    return "format: 1\nscenario: network\npeople: { number: " + std::to_string(people) +
           " }\nstarts: 2000\nyears: " + std::to_string(years) + "\nstep: " + step +
           "\nentries:\n  - attributes: a\n    define: { far: { start: { uniform: { from: 0, to: 1 } } } }\n" + entries;
}

const std::vector<double>& signal(const Model& model, const RunResults& results, const std::string& name) {
    for (std::size_t k = 0; k < model.signals.size(); ++k)
        if (model.signals[k].name == name) return results.signals[k];
    throw std::runtime_error("no signal " + name);
}

const std::vector<double>& signal(const Done& run, const std::string& name) {
    return signal(run.lab().model(), run.results(), name);
}

/// Results, the same to the bit on 1, 2 and 7 threads, with chunks of any size, and resumed after some steps.
RunResults same_on_any_threads(const Lab& lab, int steps) {
    const auto one = lab.simulation(1, 512);
    one->run();
    const std::uint64_t expected = one->results().digest();
    for (const int threads : {2, 7}) {
        const auto other = lab.simulation(threads, 2048);
        other->run();
        EXPECT_EQ(other->results().digest(), expected);
    }
    const auto first = lab.simulation(2, 1024);
    for (int k = 0; k < steps; ++k) first->step();
    const auto second = lab.simulation(1, 512);
    second->restore(first->checkpoint());
    second->run();
    EXPECT_EQ(second->results().digest(), expected);
    return one->results();
}

TEST(network, urgent_people_are_seen_first_and_the_others_wait) {
    // 100 people: 200 urgent and 300 planned visits a year, room for 400 until 2002 and for 700 from then on. The list
    // is 40 at the start, all planned. It grows by 100 a year for two years, to 240, and shrinks by 200 a year after
    // that.
    const Done run(from_text(scenario(R"yaml(
  - network: n
    demands:
      urgent: { rate: 2 per year, priority: 1, to: { clinic: 1 } }
      planned: { rate: 3 per year, priority: 2, to: { clinic: 1 } }
    places:
      clinic: { capacity: "room[year]", wait_at_start: 0.1 year }
    parameters:
      room: { by: year, between: step, values: { 2000: 400, 2002: 700 }, unit: per year, source: assumption, why: test }
)yaml",
                                      4, 100, "3 months")));
    const auto& list = signal(run, "clinic_waiting_list");
    const auto& urgent = signal(run, "clinic_waiting_list_1");
    const auto& wait = signal(run, "clinic_wait");
    const auto& visits = signal(run, "clinic_visits");
    for (std::size_t k = 0; k < 16; ++k) {
        const double t = static_cast<double>(k) / 4.0;
        const double expected = t <= 2.0 ? 40.0 + 100.0 * t : std::max(0.0, 240.0 - 200.0 * (t - 2.0));
        EXPECT_NEAR(list[k], expected, 1e-5) << k;
        EXPECT_NEAR(wait[k], expected / (k < 8 ? 400.0 : 700.0), 1e-7) << k;
        EXPECT_NEAR(urgent[k], 0.0, 1e-5) << k;
        // In the step before; when the last 40 of the list are seen, the 125 of that quarter are too.
        EXPECT_NEAR(visits[k], k <= 8 ? 400.0 : k <= 12 ? 700.0 : k == 13 ? 4.0 * (40.0 + 125.0) : 500.0, 1e-4) << k;
    }
    EXPECT_NEAR(run.total("clinic_arrivals"), 2000.0, 1e-3);
    EXPECT_NEAR(run.total("clinic_arrivals_1"), 800.0, 1e-3);
    EXPECT_NEAR(run.total("clinic_arrivals_2"), 1200.0, 1e-3);
}

TEST(network, is_held_against_the_cheapest_way_to_see_those_who_need_it) {
    const auto lab = from_text(scenario(R"yaml(
  - network: n
    compare_with_cheapest: true
    demands:
      question: { rate: 0.5 per year, needed: 0.8, to: { clinic: 0.6, centre: 0.3 } }
      worry: { rate: 0.1 per year, needed: 0, to: { centre: 1 } }
    places:
      clinic: { costs: { hospital: 200 EUR } }
      centre: { stay: 1 month, to: { clinic: 0.25 }, capacity: 2500 per year, costs: { gp: 60 EUR, hospital: 40 EUR } }
)yaml",
                                        2, 10000, "3 months"));
    const auto simulation = lab->simulation();
    simulation->run();
    RunResults results = simulation->results();
    ASSERT_EQ(lab->scenario().networks.size(), 1u);
    network::hold_against_cheapest(lab->scenario().networks[0], lab->model(), results);
    const auto of = [&](const std::string& name, std::size_t year) {
        const std::size_t k = lab->measure(name);
        return static_cast<double>(results.measures[k].sum[year]) * lab->model().measures[k].quantum;
    };
    for (const std::size_t year : {0u, 1u}) {
        // Of a rate of 1/2 a tenth sees nobody; the time in the centre, when nothing new comes, is what is missing to
        // 5,000.
        const double cases = of("question_cases", year), clinic = of("question_to_clinic", year),
                     centre = of("question_to_centre", year), worries = of("worry_to_centre", year),
                     onward = of("centre_to_clinic", year);
        EXPECT_NEAR(cases, 5000.0 - 0.5 * (centre / 12.0), 30.0);
        EXPECT_NEAR(clinic, 0.6 * cases, 1e-3);
        EXPECT_NEAR(centre, 0.3 * cases, 1e-3);
        // In the first year those of its last month are still to come; numbers and stays are drawn.
        const double come = centre + worries;
        EXPECT_TRUE(
            within("onward", onward, 0.25 * come * (year == 0 ? 11.0 / 12.0 : 1.0), 0.25 * std::sqrt(2.0 * come)));
        EXPECT_NEAR(of("n_cost", year), 200.0 * (clinic + onward) + 100.0 * (centre + worries), 0.5);
        EXPECT_NEAR(of("n_unneeded_visits", year), 0.2 * (clinic + centre) + worries, 1e-3);
        EXPECT_NEAR(of("n_unmet", year), 0.8 * 0.1 * cases, 1e-3);
        // The centre costs 100 and, as often as it happened, a visit to the clinic; it sees 2,500 of those 4,000 who
        // need it.
        const double begins = 100.0 + 200.0 * onward / (centre + worries);
        EXPECT_NEAR(of("n_dearer_visits", year), 0.8 * clinic, 1e-3);
        const double needed = std::round(0.8 * cases);
        EXPECT_NEAR(of("n_cheapest_cost", year), 2500.0 * begins + (needed - 2500.0) * 200.0, 0.01 * 2500.0);
        EXPECT_EQ(of("n_beyond_capacity", year), 0.0);
    }
}

TEST(network, a_place_whose_cost_nobody_has_seen_is_no_cheap_one_and_visits_of_others_take_room) {
    // Of 20 people about 10 come a year to the clinic, one in a thousand of them to the rare place: most likely nobody.
    // The clinic sees 1,000 a year for other reasons, of its 1,004.
    const auto lab = from_text(scenario(R"yaml(
  - process: check
    states: [well, ill]
    transitions: { visit: { within: well, rate: 50 per year }, turn: { from: well, to: ill, rate: 0 per year }, back: { from: ill, to: well, rate: 1 per year } }
  - network: n
    compare_with_cheapest: true
    demands: { question: { rate: 0.5 per year, to: { clinic: 0.999, rare: 0.001 } } }
    places:
      clinic: { events: check.visit, capacity: 1004 per year, costs: { hospital: 100 EUR } }
      rare: { costs: { hospital: 5000 EUR } }
)yaml",
                                        1, 20, "1 year"));
    const auto simulation = lab->simulation();
    simulation->run();
    RunResults results = simulation->results();
    const auto of = [&](const std::string& name) {
        const std::size_t k = lab->measure(name);
        return static_cast<double>(results.measures[k].sum[0]) * lab->model().measures[k].quantum;
    };
    ASSERT_EQ(of("rare_cases_drawn"), 0.0);
    network::hold_against_cheapest(lab->scenario().networks[0], lab->model(), results);
    EXPECT_NEAR(of("question_cases"), 10.0, 1e-6);
    EXPECT_NEAR(of("n_cheapest_cost"), 400.0, 1e-6);
    EXPECT_NEAR(of("n_beyond_capacity"), 6.0, 1e-6);
}

TEST(network, who_would_wait_too_long_goes_elsewhere) {
    // 300 a year come, 100 are seen: the list reaches half a year's work, 50, in a quarter; then 200 a year go on.
    const Done run(from_text(scenario(R"yaml(
  - network: n
    demands: { question: { rate: 3 per year, to: { clinic: 1 } } }
    places:
      clinic: { capacity_per_resident: 1 per year, longest_wait: 0.5 year, overflow_to: abroad }
      abroad: { capacity: 150 per year }
)yaml",
                                      2, 100, "1 month")));
    const auto& list = signal(run, "clinic_waiting_list");
    const auto& beyond = signal(run, "clinic_overflow");
    const auto& abroad = signal(run, "abroad_waiting_list");
    for (std::size_t k = 0; k < 24; ++k) {
        const double t = static_cast<double>(k) / 12.0;
        EXPECT_NEAR(list[k], std::min(50.0, 200.0 * t), 1e-5) << k;
        EXPECT_NEAR(beyond[k], k <= 3 ? 0.0 : 200.0, 1e-4) << k;
        // Those come there a step later; 50 a year more than it can see.
        EXPECT_NEAR(abroad[k], k <= 4 ? 0.0 : 50.0 * (t - 4.0 / 12.0), 1e-4) << k;
    }
}

TEST(network, nobody_waits_longer_than_the_longest_wait_when_capacity_falls) {
    // 300 a year come. The list is half a year of work, 50, until there is work for 60 a year: then it is 30.
    const Done run(from_text(scenario(R"yaml(
  - network: n
    demands: { question: { rate: 3 per year, to: { clinic: 1 } } }
    places: { clinic: { capacity: "year < 2001 ? 100 per year : 60 per year", wait_at_start: 0.5 year, longest_wait: 0.5 year } }
)yaml",
                                      2, 100, "3 months")));
    for (std::size_t k = 0; k < 8; ++k) {
        EXPECT_NEAR(signal(run, "clinic_waiting_list")[k], k < 4 ? 50.0 : 30.0, 1e-6) << k;
        EXPECT_NEAR(signal(run, "clinic_wait")[k], 0.5, 1e-9) << k;
        // 300 come, those of the step before are seen, and 20 more leave when the capacity falls.
        EXPECT_NEAR(signal(run, "clinic_overflow")[k],
                    k == 0  ? 0.0
                    : k < 4 ? 200.0
                    : k > 4 ? 240.0
                            : 200.0 + 20.0 / 0.25,
                    1e-4)
            << k;
    }
}

TEST(network, a_list_without_capacity_is_told_and_a_place_not_yet_open_has_no_wait) {
    const auto with = [](const char* first_year) {
        return from_text(scenario(std::string(R"yaml(
  - network: n
    demands: { question: { rate: "year < )yaml") +
                                      first_year + R"yaml( ? 0 per year : 3 per year", to: { clinic: 1 } } }
    places: { clinic: { capacity: "year < 2001 ? 0 per year : 400 per year" } }
)yaml",
                                  2, 100, "1 year"));
    };
    const Done open(with("2001"));
    EXPECT_EQ(signal(open, "clinic_wait")[0], 0.0);
    EXPECT_EQ(signal(open, "clinic_wait")[1], 0.0);
    const auto closed = from_text(scenario(R"yaml(
  - network: n
    demands: { question: { rate: 3 per year, to: { clinic: 1 } } }
    places: { clinic: { capacity: 0 per year } }
)yaml",
                                           2, 100, "1 year"));
    EXPECT_ANY_THROW(closed->simulation()->run());
}

TEST(network, visits_lead_on) {
    // A person is at the GP or not: with rates a to the GP and 1/s away, the expected number of referrals to the clinic
    // in T years is q/s times the expected time at the GP, and one follows from the other by two-state Markov chains.
    const double a = 0.8, s = 0.25, q = 0.4, direct = 0.1, years = 5.0;
    const Done run(from_text(scenario(R"yaml(
  - network: n
    demands: { question: { rate: 1 per year, to: { gp: 0.8, clinic: 0.1 } } }
    places:
      gp: { stay: 3 months, to: { clinic: 0.4 } }
      clinic: {}
  - measures: m
    define:
      referrals: { count: question.gp_to_clinic }
      ends: { count: question.gp_ends }
)yaml",
                                      5, static_cast<int>(people(40'000)), "1 year")));
    const double rate = a + 1.0 / s, share = a / rate;
    const double at_gp = share * (years - (1.0 - std::exp(-rate * years)) / rate);
    const double n = run.people();
    EXPECT_TRUE(ratio_within("gp", run.total("gp_arrivals") / n, a * (years - at_gp), 0.01));
    EXPECT_TRUE(
        ratio_within("clinic", run.total("clinic_arrivals") / n, direct * (years - at_gp) + q / s * at_gp, 0.01));
    // The events themselves, not only what is expected of them.
    EXPECT_TRUE(ratio_within("referrals", run.total("referrals") / n, q / s * at_gp, 0.02));
    EXPECT_TRUE(ratio_within("ends", run.total("ends") / n, (1.0 - q) / s * at_gp, 0.02));
}

TEST(network, people_choose_by_utility_and_staff_and_cost_follow_the_visits) {
    const Done run(from_text(scenario(R"yaml(
  - network: n
    demands: { question: { rate: 0.6 per year, choose: { near: 0, distant: "log(3) - 2 * far" } } }
    places:
      near: { staff: { nurse: 0.5 }, costs: { gp: 31 EUR } }
      distant: { staff: { nurse: 0.25, doctor: 1 + far }, costs: { hospital: 100 EUR } }
    professions: { nurse: 1000, doctor: 2000 }
  - care: c
    laws: [zvw]
    categories: { gp: zvw, hospital: zvw }
  - measures: m
    define:
      near: { count: question.to_near }
      distant: { count: question.to_distant }
      near_cost: { integrate: cost_gp }
      all_cost: { integrate: cost_total }
)yaml",
                                      3, static_cast<int>(people(60'000)), "1 year")));
    // The mean of 3 e^{-2x} / (1 + 3 e^{-2x}) over x from 0 to 1.
    const double share = 0.5 * std::log((1.0 + 3.0) / (1.0 + 3.0 * std::exp(-2.0)));
    const double visits = 0.6 * 3.0 * run.people();
    EXPECT_TRUE(ratio_within("distant", run.total("distant_arrivals"), visits * share, 0.01));
    EXPECT_TRUE(ratio_within("near", run.total("near_arrivals"), visits * (1.0 - share), 0.01));
    const double near = run.total("near"), distant = run.total("distant");
    EXPECT_NEAR(run.total("nurse_fte"), near * 0.5 / 1000.0 + distant * 0.25 / 1000.0, 1e-3);
    EXPECT_GT(run.total("doctor_fte"), distant / 2000.0);
    EXPECT_LT(run.total("doctor_fte"), 1.5 * distant / 2000.0);  // those who are near come more often
    EXPECT_NEAR(run.total("near_cost"), near * 31.0, 0.01);
    EXPECT_NEAR(run.total("all_cost"), near * 31.0 + distant * 100.0, 0.01);
}

TEST(network, a_short_wait_draws_demand_and_the_bits_do_not_depend_on_threads) {
    const auto lab = from_text(scenario(R"yaml(
  - network: n
    demands:
      question: { rate: "1 per year * pow(clamp(clinic_wait / (0.1 year), 0.02, 50), -0.5)", to: { clinic: 1 } }
    places: { clinic: { capacity_per_resident: 1.2 per year, wait_at_start: 0.1 year } }
)yaml",
                                        8, 20'000, "1 month"));
    const auto results = same_on_any_threads(*lab, 19);
    // It settles where demand meets room: (w / 0.1)^-0.5 = 1.2.
    EXPECT_NEAR(signal(lab->model(), results, "clinic_wait").back(), 0.1 / (1.2 * 1.2), 1e-3);
}

/// A clinic whose visitors are served one by one: 20,000 people come four times a year, 80,000 in all.
std::string one_by_one(const std::string& clinic, const std::string& step, int years) {
    return scenario("  - network: n\n    demands: { question: { rate: 4 per year, to: { clinic: 1 } } }\n" +
                        std::string("    places: { clinic: ") + clinic + " }\n",
                    years, 20'000, step);
}

struct Estimate {
    double mean, error;
};

/// Over steps, which are nearly independent: in one there are many times the time in which a queue forgets. The first
/// begins with an empty clinic.
Estimate mean_over_steps(const std::vector<double>& values) {
    double sum = 0.0, squares = 0.0;
    for (std::size_t k = 2; k < values.size(); ++k) {
        sum += values[k];
        squares += values[k] * values[k];
    }
    const double n = static_cast<double>(values.size() - 2), mean = sum / n;
    return {mean, std::sqrt((squares / n - mean * mean) / (n - 1.0))};
}

void expect_estimate(const std::string& what, const Estimate& got, double expected) {
    std::cout << what << ": expected " << expected << ", got " << got.mean << " +- " << got.error << '\n';
    EXPECT_NEAR(got.mean, expected, 4.0 * got.error) << what;
    EXPECT_LT(got.error, 0.04 * expected) << what << ": too rough to tell";
}

TEST(network, people_served_one_by_one_wait_as_erlang_c_says) {
    // In units of a visit of 1e-4 years: 8 come, 10 servers. A published case of queueing theory (Erlang C).
    const Done run(from_text(one_by_one("{ servers: 10, visit_time: 0.0001 years }", "1 month", 10)));
    expect_estimate("share that waits", mean_over_steps(signal(run, "clinic_delayed")), 0.4091801507964435);
    expect_estimate("mean wait", mean_over_steps(signal(run, "clinic_wait")), 0.20459007539822174e-4);
    expect_estimate("visits", mean_over_steps(signal(run, "clinic_visits")), 80'000.0);
}

TEST(network, visits_of_one_length_are_waited_for_as_pollaczek_and_khinchine_say) {
    // One server, 0.8 busy, visits of 1e-5 years: the mean wait is 0.8 / (2 (1 - 0.8)) visits.
    const Done run(
        from_text(one_by_one("{ servers: 1, visit_time: 0.00001 years, visit_times: constant }", "1 month", 5)));
    expect_estimate("mean wait", mean_over_steps(signal(run, "clinic_wait")), 2e-5);
    expect_estimate("share that waits", mean_over_steps(signal(run, "clinic_delayed")), 0.8);
}

TEST(network, waits_one_by_one_do_not_depend_on_the_step) {
    // The same people come at the same times; in the last year the clinic loses servers and a list grows.
    const std::string clinic = "{ servers: \"year < 2002 ? 10 : 7\", visit_time: 0.0001 years }";
    struct Sum {
        double visits = 0.0, waited = 0.0;
    };
    const auto sum_of = [&](const char* step, std::size_t steps) {
        const Done run(from_text(one_by_one(clinic, step, 4)));
        Sum sum;
        for (std::size_t k = 1; k <= 3 * steps; ++k) {
            const double visits = signal(run, "clinic_visits")[k] / static_cast<double>(steps);
            sum.visits += visits;
            sum.waited += visits * signal(run, "clinic_wait")[k];
        }
        return sum;
    };
    const Sum yearly = sum_of("1 year", 1), monthly = sum_of("1 month", 12);
    EXPECT_NEAR(yearly.visits, 230'000.0, 2'000.0);  // 80,000 twice, then 70,000
    EXPECT_NEAR(yearly.visits, monthly.visits, 1e-6);
    EXPECT_GT(yearly.waited, 1'000.0);
    EXPECT_NEAR(yearly.waited, monthly.waited, 1e-6 * yearly.waited);
}

TEST(network, urgent_people_are_served_first_one_by_one) {
    // Two classes with exponential visits and one server (Cobham): with r1 and r2 the share of time that each keeps it
    // busy, visits of length s and R = (r1 + r2) s, the first wait R / (1 - r1), the others R / ((1 - r1) (1 - r1 -
    // r2)). Together: (r1 W1 + r2 W2) / (r1 + r2), which is what it is without priorities.
    const Done run(from_text(scenario(R"yaml(
  - network: n
    demands:
      urgent: { rate: 1 per year, priority: 1, to: { clinic: 1 } }
      planned: { rate: 3 per year, priority: 2, to: { clinic: 1 } }
    places: { clinic: { servers: 1, visit_time: 0.00001 years } }
)yaml",
                                      5, 20'000, "1 month")));
    const double r1 = 0.2, r2 = 0.6, rest = (r1 + r2) * 1e-5;
    const double first = rest / (1.0 - r1), second = rest / ((1.0 - r1) * (1.0 - r1 - r2));
    expect_estimate("mean wait", mean_over_steps(signal(run, "clinic_wait")), (r1 * first + r2 * second) / (r1 + r2));
    expect_estimate("urgent", mean_over_steps(signal(run, "clinic_wait_1")), first);
    expect_estimate("planned", mean_over_steps(signal(run, "clinic_wait_2")), second);
}

TEST(network, places_that_serve_one_by_one_do_not_hear_of_each_other) {
    // `a` has visits with priority 2, and there is a place `a_2`.
    const Done run(from_text(scenario(R"yaml(
  - network: n
    demands:
      urgent: { rate: 1 per year, priority: 1, to: { a: 1 } }
      planned: { rate: 2 per year, priority: 2, to: { a: 1 } }
      other: { rate: 8 per year, to: { a_2: 1 } }
    places:
      a: { servers: 100, visit_time: 1 hour }
      a_2: { servers: 100, visit_time: 1 hour }
)yaml",
                                      2, 10'000, "1 year")));
    EXPECT_TRUE(ratio_within("planned", signal(run, "a_visits_2").back(), 20'000.0, 0.03));
    EXPECT_TRUE(ratio_within("all", signal(run, "a_visits").back(), 30'000.0, 0.03));
    EXPECT_TRUE(ratio_within("other", signal(run, "a_2_visits").back(), 80'000.0, 0.03));
}

TEST(network, those_served_one_by_one_are_the_same_on_any_threads) {
    const auto lab =
        from_text(one_by_one("{ servers: \"year < 2001.5 ? 9.9 : 7\", visit_time: 0.0001 years }", "3 months", 3));
    const auto results = same_on_any_threads(*lab, 5);
    EXPECT_GT(signal(lab->model(), results, "clinic_waiting_list").back(), 0.0);
}

}  // namespace
}  // namespace proeftuin::lab
