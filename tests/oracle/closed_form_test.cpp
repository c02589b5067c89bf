// Models with closed forms.
#include "engine/core/math.hpp"
#include "engine/random/draw.hpp"
#include "engine/run/accrual.hpp"
#include "tests/lab/lab.hpp"
#include "tests/oracle/matrix.hpp"

namespace proeftuin {
namespace {

using namespace lab;

TEST(closed_form, gompertz_life_expectancy_discounted_and_median) {
    const Done run(textbook("gompertz"), {.number = people(100'000)});
    const double root = std::sqrt(run.people());
    const auto& life = run.persons("life");
    // Integrals of the survival curve exp(-a/b (exp(b t) - 1)); the month as step biases them by less than 1e-5.
    EXPECT_TRUE(within("life expectancy", life.mean, 73.43779653166087, life.sd / root));
    EXPECT_TRUE(within("discounted", run.persons("life_discounted").mean, 29.28962355107446,
                       run.persons("life_discounted").sd / root));
    // Error of a median: 1 / (2 f sqrt n), f the density there = hazard / 2.
    const double hazard = 5e-5 * std::exp(0.095 * 75.61952915389344);
    EXPECT_TRUE(within("median", life.quantiles[4], 75.61952915389344, 1.0 / (hazard * root)));
    EXPECT_EQ(run.total("deaths"), run.people());
}

TEST(closed_form, competing_exponential_causes_share_out_as_the_joint_hazard_says) {
    const Done run(textbook("competing_exponential"), {.number = people(200'000)});
    EXPECT_TRUE(share_within("first cause", run.total("first"), run.people(), 0.14383277034531158));
    EXPECT_TRUE(share_within("second cause", run.total("second"), run.people(), 0.359581925863279));
    EXPECT_TRUE(share_within("neither", run.at("people", 10, 0), run.people(), 0.49658530379140947));
    EXPECT_EQ(run.at("people", 10, 1), run.total("first"));
    EXPECT_EQ(run.at("people", 10, 2), run.total("second"));
}

TEST(closed_form, illness_death_states_and_times) {
    const Done run(textbook("illness_death"), {.number = people(100'000)});
    const double n = run.people();
    EXPECT_TRUE(share_within("healthy at 10", run.at("people", 10, 0), n, 0.301194211912202));
    EXPECT_TRUE(share_within("sick at 10", run.at("people", 10, 1), n, 0.33325393817332427));
    EXPECT_TRUE(
        share_within("dead at 10", n - run.at("people", 10, 0) - run.at("people", 10, 1), n, 0.36555184991447376));
    const double root = std::sqrt(n);
    EXPECT_TRUE(within("time healthy", run.persons("time_healthy").mean, 8.333333333333332,
                       run.persons("time_healthy").sd / root));
    EXPECT_TRUE(
        within("time sick", run.persons("time_sick").mean, 8.325008325008325, run.persons("time_sick").sd / root));
}

TEST(closed_form, annuity_of_twenty_years_under_every_convention) {
    // Sums over k = 0..19 of 1.03^-k, -(k+1), -(k+1/2), and (1 - 1.03^-20) / ln 1.03.
    const std::pair<const char*, double> cases[] = {{"end_of_year", 14.877474860455516},
                                                    {"start_of_year", 15.323799106269181},
                                                    {"mid_year", 15.098987912114854},
                                                    {"continuous", 15.099537598528395}};
    for (const char* step : {"1 year", "3 months", "1 month"})
        for (const auto& [convention, expected] : cases) {
            const std::string text =
                std::string("format: 1\nscenario: annuity\npeople: { number: 1 }\nstarts: 2000\nyears: 20\n") +
                "step: 1 year\nentries:\n  - utility: full\n    base: \"1\"\n  - measures: m\n    define:\n" +
                "      q: { integrate: utility, discount: { rate: 0.03, convention: " + convention + " } }\n";
            // A fine quantum: the one of QALYs (1e-9 years) rounds every step.
            const Done fine(from_text(text, {.step = step, .quantum = 1e-14}));
            EXPECT_NEAR(fine.total("q"), expected, 1e-12) << convention << " " << step;
            const Done usual(from_text(text, {.step = step}));
            EXPECT_NEAR(usual.total("q"), expected, 240 * 0.5e-9 + 1e-12) << convention << " " << step;
        }
    using Convention = DiscountSpec::Convention;
    const std::pair<Convention, double> direct[] = {{Convention::end_of_year, 14.877474860455516},
                                                    {Convention::start_of_year, 15.323799106269181},
                                                    {Convention::mid_year, 15.098987912114854},
                                                    {Convention::continuous, 15.099537598528395}};
    for (const auto& [convention, expected] : direct)
        for (const int parts : {1, 4, 12}) {
            double sum = 0.0;
            for (int k = 0; k < 20 * parts; ++k)
                sum += discount_weight({convention, 0.03}, static_cast<double>(k) / parts,
                                       static_cast<double>(k + 1) / parts);
            EXPECT_NEAR(sum, expected, 1e-12);
        }
}

TEST(closed_form, paired_exponential_people_never_earlier_at_the_lower_rate) {
    const Choice choice{.number = people(100'000)};
    const Done quick(textbook("paired_exponential"), choice);
    const Done slow(textbook("paired_exponential_slower"), choice);
    const auto a = quick.totals("waiting_time"), b = slow.totals("waiting_time");
    std::size_t earlier = 0, same_draw = 0;
    const DrawSite site(1, 0, "clock.event.happens");
    for (std::size_t i = 0; i < a.size(); ++i) {
        earlier += b[i] < a[i];
        const double e = unit_exponential(site, i, 0);
        same_draw +=
            std::fabs(a[i] - std::min(200.0, e / 0.10)) <= 2e-7 && std::fabs(b[i] - std::min(200.0, e / 0.09)) <= 2e-7;
    }
    EXPECT_EQ(earlier, 0u);
    EXPECT_EQ(same_draw, a.size());  // the waiting time is E / rate, for every person, to the quantum of 1e-9 per step
    const auto x = moments(a), y = moments(b), d = moments(difference(b, a));
    EXPECT_TRUE(within("mean at 0.10", x.mean, 10.0, 10.0 / std::sqrt(x.n)));
    EXPECT_TRUE(within("mean at 0.09", y.mean, 1.0 / 0.09, 1.0 / 0.09 / std::sqrt(y.n)));
    EXPECT_TRUE(
        ratio_within("variance independent / paired", (x.sd * x.sd + y.sd * y.sd) / (d.sd * d.sd), 181.0, 0.10));
}

TEST(closed_form, rare_events_happen_and_monthly_steps_lose_none) {
    // 1e6 people x 100 years x 1e-7 = 10 expected; P(0) = 5e-5, P(> 24) = 5e-5.
    const Done monthly(textbook("rare_events"), {});
    const Done yearly(textbook("rare_events"), {.step = "1 year"});
    std::printf("[ numbers  ] rare events: expected 10, got %.0f monthly, %.0f yearly\n", monthly.total("events"),
                yearly.total("events"));
    EXPECT_GE(monthly.total("events"), 1.0);
    EXPECT_LE(monthly.total("events"), 24.0);
    EXPECT_EQ(monthly.total("events"), yearly.total("events"));
}

TEST(closed_form, rare_events_over_many_seeds_have_the_poisson_mean) {
    // 10 seeds x 1e5 people x 100 years x 4e-6 = 400 expected.
    double events = 0.0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed)
        events += Done(textbook("rare_events"),
                       {.number = 100'000, .step = "1 year", .set = {"rare_rate=4e-6"}, .seed = seed})
                      .total("events");
    EXPECT_TRUE(within("events of 10 seeds", events, 400.0, 20.0));
}

TEST(closed_form, rate_processes_follow_the_matrix_exponential) {
    const Done run(textbook("three_state_cancer"), {.number = people(100'000)});
    const double n = run.people();
    const Matrix q{{-0.53, 0.45, 0.08}, {0.0, -0.95, 0.95}, {0.0, 0.0, 0.0}};
    for (const int t : {1, 2, 5, 10}) {
        const Matrix p = expm(q, t);
        EXPECT_TRUE(share_within("stable at " + std::to_string(t), run.at("people", t, 0), n, p[0][0]));
        EXPECT_TRUE(share_within("progressed at " + std::to_string(t), run.at("people", t, 1), n, p[0][1]));
    }
    // Discounted integrals over 15 years by Simpson on 6000 panels; the lump at death weighs its rate.
    const double delta = std::log(1.03);
    double years = 0.0, qalys = 0.0, cost = 0.0;
    const int panels = 6000;
    const Matrix step = expm(q, 15.0 / panels);
    std::vector<double> x{1.0, 0.0, 0.0};
    for (int k = 0; k <= panels; ++k) {
        const double t = 15.0 * k / panels;
        const double w = (k == 0 || k == panels ? 1.0 : k % 2 ? 4.0 : 2.0) * 15.0 / panels / 3.0;
        const double v = std::exp(-delta * t);
        years += w * (x[0] + x[1]);
        qalys += w * v * (0.78 * x[0] + 0.55 * x[1]);
        cost += w * v * (28000.0 * x[0] + 19000.0 * x[1] + 9000.0 * (0.08 * x[0] + 0.95 * x[1]));
        x = row_times(x, step);
    }
    const double root = std::sqrt(n);
    EXPECT_TRUE(within("life years", run.persons("life_years").mean, years, run.persons("life_years").sd / root));
    EXPECT_TRUE(within("qalys", run.persons("qalys").mean, qalys, run.persons("qalys").sd / root));
    EXPECT_TRUE(within("cost", run.persons("cost").mean, cost, run.persons("cost").sd / root));
}

TEST(closed_form, reversible_states_and_their_recurrent_events) {
    const Done run(textbook("reversible_two_state"), {.number = people(100'000)});
    const double n = run.people();
    for (const int t : {1, 2, 5, 10})
        EXPECT_TRUE(share_within("ill at " + std::to_string(t), run.at("people", t, 1), n, 0.3 * (1.0 - std::exp(-t))));
    // Relapses by time T: 0.3 x integral of the share of the well, 1 - 0.3 (1 - exp(-t)).
    const double root = std::sqrt(n);
    EXPECT_TRUE(within("relapses in 10 years", run.persons("relapses").mean,
                       0.3 * (10.0 - 0.3 * (10.0 - (1.0 - std::exp(-10.0)))), run.persons("relapses").sd / root));
    EXPECT_TRUE(within("time ill", run.persons("time_ill").mean, 0.3 * (10.0 - (1.0 - std::exp(-10.0))),
                       run.persons("time_ill").sd / root));
}

TEST(closed_form, random_rate_matrices_agree_with_their_exponential) {
    // Five states, every pair both ways: all clocks are kept through detours.
    const double rates[5][5] = {{0, 0.31, 0.07, 0.22, 0.11},
                                {0.42, 0, 0.35, 0.05, 0.18},
                                {0.09, 0.27, 0, 0.33, 0.21},
                                {0.16, 0.38, 0.12, 0, 0.29},
                                {0.25, 0.14, 0.41, 0.08, 0}};
    std::string text =
        "format: 1\nscenario: random_rates\npeople: { number: 100000 }\nstarts: 2000\nyears: 8\nentries:\n  - process: "
        "p\n    states: [s0, s1, s2, s3, s4]\n    transitions:\n";
    Matrix q(5, std::vector<double>(5, 0.0));
    for (int a = 0; a < 5; ++a)
        for (int b = 0; b < 5; ++b) {
            if (a == b) continue;
            q[a][b] = rates[a][b];
            q[a][a] -= rates[a][b];
            text += "      t" + std::to_string(a) + std::to_string(b) + ": { from: s" + std::to_string(a) + ", to: s" +
                    std::to_string(b) + ", rate: \"" + std::to_string(rates[a][b]) + " per year\" }\n";
        }
    text += "  - measures: m\n    define:\n      people: { people: \"1\", by: [p] }\n";
    for (const char* step : {"1 year", "1 month"}) {
        const Done run(from_text(text, {.number = people(100'000), .step = step}));
        for (const int t : {1, 3, 8}) {
            const Matrix p = expm(q, t);
            for (int s = 0; s < 5; ++s)
                EXPECT_TRUE(
                    share_within(std::string("state ") + std::to_string(s) + " at " + std::to_string(t) + " " + step,
                                 run.at("people", t, s), run.people(), p[0][static_cast<std::size_t>(s)]));
        }
    }
}

TEST(closed_form, independent_risks_give_the_same_answer_in_one_or_two_processes) {
    // Two processes that each kill: survival exp(-(0.03 + 0.07) t); a death ends the other's clock.
    const std::string text =
        "format: 1\nscenario: two_killers\npeople: { number: 100000 }\nstarts: 2000\nyears: 10\nentries:\n"
        "  - process: a\n    states: [alive, dead]\n    death: [dead]\n    transitions: { die: { from: alive, to: "
        "dead, rate: 0.03 per year } }\n"
        "  - process: b\n    states: [alive, dead]\n    death: [dead]\n    transitions: { die: { from: alive, to: "
        "dead, rate: 0.07 per year } }\n"
        "  - measures: m\n    define:\n      by_a: { count: a.die }\n      by_b: { count: b.die }\n      alive: { "
        "people: \"1\" }\n";
    const Done run(from_text(text, {.number = people(100'000)}));
    EXPECT_TRUE(share_within("killed by a", run.total("by_a"), run.people(), 0.3 * (1.0 - std::exp(-1.0))));
    EXPECT_TRUE(share_within("killed by b", run.total("by_b"), run.people(), 0.7 * (1.0 - std::exp(-1.0))));
    EXPECT_EQ(run.at("alive", 10), run.people() - run.total("by_a") - run.total("by_b"));
}

TEST(closed_form, standard_error_falls_as_the_square_root_of_the_number_of_people) {
    // Slope of log(sd of the mean over 24 seeds) on log(n), n = 1e3, 4e3, 16e3 (long: to 256e3): -1/2; sd of the slope
    // about 0.11 / 0.05.
    std::vector<double> x, y;
    for (std::size_t n = 1000; n <= (long_run() ? 256'000u : 16'000u); n *= 4) {
        std::vector<double> means;
        for (std::uint64_t seed = 1; seed <= 24; ++seed)
            means.push_back(Done(textbook("competing_exponential"), {.number = n, .seed = seed}).total("second") /
                            static_cast<double>(n));
        x.push_back(std::log(static_cast<double>(n)));
        y.push_back(std::log(moments(means).sd));
    }
    const auto mx = moments(x), my = moments(y);
    double slope = 0.0, norm = 0.0;
    for (std::size_t k = 0; k < x.size(); ++k) {
        slope += (x[k] - mx.mean) * (y[k] - my.mean);
        norm += (x[k] - mx.mean) * (x[k] - mx.mean);
    }
    slope /= norm;
    // log sd of 24 values has sd 1 / sqrt(2 x 23)
    EXPECT_TRUE(within("slope", slope, -0.5, std::sqrt(1.0 / 46.0 / norm)));
}

}  // namespace
}  // namespace proeftuin
