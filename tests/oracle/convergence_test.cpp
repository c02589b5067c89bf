// What the length of the step costs: the exact life of each person follows from that person's own threshold E, so the
// error of the kernel shows without any Monte-Carlo noise.
#include "engine/random/draw.hpp"
#include "tests/lab/lab.hpp"

namespace proeftuin {
namespace {

using namespace lab;

/// Mean of |life in the run - exact life(E)| over people, by length of the step.
template <class Exact>
std::vector<double> errors(const std::string& text, const std::vector<std::string>& steps, const std::string& clock,
                           std::size_t n, const Exact& exact) {
    std::vector<double> out;
    for (const auto& step : steps) {
        const Done run(from_text(text, {.number = n, .step = step}));
        const auto life = run.totals("life");
        const DrawSite site(1, 0, clock);
        double sum = 0.0;
        for (std::size_t i = 0; i < life.size(); ++i) sum += std::fabs(life[i] - exact(unit_exponential(site, i, 0)));
        out.push_back(sum / static_cast<double>(life.size()));
        std::printf("[ numbers  ] step %-8s mean error of a life %.3e years\n", step.c_str(), out.back());
    }
    return out;
}

TEST(convergence, gompertz_error_falls_with_the_square_of_the_step) {
    // H(t) = a/b (exp(b t) - 1), so the life is log(1 + b E / a) / b.
    const std::string text =
        "format: 1\nscenario: g\npeople: { number: 2000 }\nstarts: 2000\nyears: 140\nentries:\n"
        "  - attributes: a\n    define: { age: { unit: year, start: 0 years } }\n"
        "  - demography: d\n    mortality: { rate: \"5e-5 per year * exp(0.095 per year * age)\" }\n"
        "  - measures: m\n    define: { life: { integrate: \"1\", per_person: run } }\n";
    const double a = 5e-5, b = 0.095;
    const auto e = errors(text, {"1 year", "6 months", "3 months", "1 month"}, "clock.death", 2000,
                          [&](double x) { return std::log1p(b * x / a) / b; });
    EXPECT_TRUE(ratio_within("year / half year", e[0] / e[1], 4.0, 0.15));
    EXPECT_TRUE(ratio_within("half year / quarter", e[1] / e[2], 4.0, 0.15));
    EXPECT_TRUE(ratio_within("quarter / month", e[2] / e[3], 9.0, 0.2));
    EXPECT_LT(e[0], 0.012);  // three days with steps of a year
}

TEST(convergence, drifting_covariate_error_falls_with_the_square_of_the_step) {
    // x(t) = 30 - 10 exp(-0.4 t); hazard 0.002 exp(0.15 x). Exact: the integral by Simpson, inverted by bisection.
    const std::string text =
        "format: 1\nscenario: x\npeople: { number: 2000 }\nstarts: 2000\nyears: 100\nentries:\n"
        "  - attributes: a\n    define: { x: { start: \"20\", toward: \"30\", speed: 0.4 per year } }\n"
        "  - process: p\n    states: [alive, dead]\n    death: [dead]\n"
        "    transitions: { die: { from: alive, to: dead, rate: \"0.002 per year * exp(0.15 * x)\" } }\n"
        "  - measures: m\n    define: { life: { integrate: \"1\", per_person: run } }\n";
    const auto hazard = [](double t) { return 0.002 * std::exp(0.15 * (30.0 - 10.0 * std::exp(-0.4 * t))); };
    std::vector<double> table{0.0};
    const double h = 1.0 / 256.0;
    for (int k = 0; k < 100 * 256; ++k)
        table.push_back(table.back() + h / 6.0 * (hazard(k * h) + 4.0 * hazard((k + 0.5) * h) + hazard((k + 1) * h)));
    const auto exact = [&](double e) {
        if (e >= table.back()) return 100.0;
        const auto it = std::upper_bound(table.begin(), table.end(), e);
        const double at = static_cast<double>(it - table.begin() - 1) * h;
        double low = 0.0, high = h;
        for (int k = 0; k < 60; ++k) {
            const double mid = 0.5 * (low + high);
            const double sum = *(it - 1) + mid / 6.0 * (hazard(at) + 4.0 * hazard(at + 0.5 * mid) + hazard(at + mid));
            (sum < e ? low : high) = mid;
        }
        return at + low;
    };
    const auto e = errors(text, {"1 year", "6 months", "3 months", "1 month"}, "clock.p.die", 2000, exact);
    EXPECT_TRUE(ratio_within("year / half year", e[0] / e[1], 4.0, 0.25));
    EXPECT_TRUE(ratio_within("half year / quarter", e[1] / e[2], 4.0, 0.25));
    EXPECT_TRUE(ratio_within("quarter / month", e[2] / e[3], 9.0, 0.3));
}

TEST(convergence, covariates_that_drive_each_other_converge_with_the_square_of_the_step) {
    // y' = 0.3 (x - y), x' = 0.5 (40 - x): no midpoint of its own is exact. Reference by classical Runge-Kutta.
    const std::string text =
        "format: 1\nscenario: xy\npeople: { number: 1 }\nstarts: 2000\nyears: 4\nentries:\n"
        "  - attributes: a\n    define:\n      x: { start: \"10\", toward: \"40\", speed: 0.5 per year }\n"
        "      y: { start: \"0\", toward: x, speed: 0.3 per year }\n"
        "  - measures: m\n    define: { y_now: { people: y } }\n";
    double x = 10.0, y = 0.0;
    const auto fx = [](double a) { return 0.5 * (40.0 - a); };
    const auto fy = [](double a, double b) { return 0.3 * (a - b); };
    const double h = 1e-3;
    for (int k = 0; k < 4000; ++k) {
        const double a1 = fx(x), b1 = fy(x, y), a2 = fx(x + h / 2 * a1), b2 = fy(x + h / 2 * a1, y + h / 2 * b1);
        const double a3 = fx(x + h / 2 * a2), b3 = fy(x + h / 2 * a2, y + h / 2 * b2), a4 = fx(x + h * a3),
                     b4 = fy(x + h * a3, y + h * b3);
        x += h / 6 * (a1 + 2 * a2 + 2 * a3 + a4);
        y += h / 6 * (b1 + 2 * b2 + 2 * b3 + b4);
    }
    std::vector<double> e;
    for (const char* step : {"1 year", "6 months", "3 months", "1 month"}) {
        const Done run(from_text(text, {.step = step}));
        e.push_back(std::fabs(run.at("y_now", 4) - y));
        std::printf("[ numbers  ] step %-8s error of y(4) %.3e\n", step, e.back());
    }
    EXPECT_TRUE(ratio_within("year / half year", e[0] / e[1], 4.0, 0.25));
    EXPECT_TRUE(ratio_within("half year / quarter", e[1] / e[2], 4.0, 0.25));
    EXPECT_TRUE(ratio_within("quarter / month", e[2] / e[3], 9.0, 0.3));
}

TEST(convergence, rates_that_are_constant_between_events_are_exact_for_any_step) {
    const std::string text =
        "format: 1\nscenario: c\npeople: { number: 2000 }\nstarts: 2000\nyears: 100\nentries:\n"
        "  - process: p\n    states: [alive, dead]\n    death: [dead]\n    transitions: { die: { from: alive, to: "
        "dead, rate: 0.08 per year } }\n"
        "  - measures: m\n    define: { life: { integrate: \"1\", per_person: run } }\n";
    for (const double e :
         errors(text, {"1 year", "1 month"}, "clock.p.die", 2000, [](double x) { return std::min(100.0, x / 0.08); }))
        EXPECT_LT(e, 1200 * 1e-9);  // the quantum of each step
}

TEST(convergence, waiting_by_time_in_state_converges_with_the_step) {
    // Weibull: hazard 2 t / 25 since entry, reached by a first move at 0.5 per year. Sojourn: exact mean 5 Gamma(1.5).
    const std::string text =
        "format: 1\nscenario: w\npeople: { number: 20000 }\nstarts: 2000\nyears: 60\nentries:\n"
        "  - process: p\n    states: [before, inside, after]\n    absorbing: [after]\n    transitions:\n"
        "      enter: { from: before, to: inside, rate: 0.5 per year }\n"
        "      leave: { from: inside, to: after, rate: \"0.08 per year * (time_in(p) / 1 year)\" }\n"
        "  - measures: m\n    define: { inside: { integrate: \"p == inside ? 1 : 0\", per_person: run } }\n";
    const DrawSite site(1, 0, "clock.p.leave");
    std::vector<double> e;
    for (const char* step : {"1 year", "6 months", "3 months", "1 month"}) {
        const Done run(from_text(text, {.number = 20'000, .step = step}));
        const auto inside = run.totals("inside");
        double sum = 0.0;
        for (std::size_t i = 0; i < inside.size(); ++i)
            sum += std::fabs(inside[i] - 5.0 * std::sqrt(unit_exponential(site, i, 0)));
        e.push_back(sum / static_cast<double>(inside.size()));
        std::printf("[ numbers  ] step %-8s mean error of a stay %.3e years\n", step, e.back());
    }
    EXPECT_TRUE(ratio_within("year / half year", e[0] / e[1], 4.0, 0.3));
    EXPECT_TRUE(ratio_within("half year / quarter", e[1] / e[2], 4.0, 0.3));
    EXPECT_TRUE(ratio_within("quarter / month", e[2] / e[3], 9.0, 0.35));
}

}  // namespace
}  // namespace proeftuin
