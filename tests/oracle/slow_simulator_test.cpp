// Random models run twice: by the kernel, and by a simulator as plain as can be, one person and one event at a time.
// Without drifting covariates the kernel is exact, so every person must have the same events at the same times.
#include <array>

#include "engine/core/hash.hpp"
#include "engine/random/draw.hpp"
#include "tests/lab/lab.hpp"

namespace proeftuin {
namespace {

using namespace lab;

struct SlowTransition {
    std::string name;
    int process;  ///< -1: death
    std::vector<int> from;
    int to;  ///< -1: stays
    double rate;
    int driver;  ///< process whose state multiplies the rate
    std::vector<double> factor;
    double fatality = 0.0;
};

struct SlowModel {
    std::vector<int> states;
    std::vector<SlowTransition> transitions;
    std::string yaml;
};

/// A number in [0, 1) from a seed and a counter.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : seed_{seed} {}
    double operator()() { return static_cast<double>(mix64(combine64(seed_, next_++)) >> 11) * 0x1p-53; }
    int below(int n) { return static_cast<int>((*this)() * n); }

private:
    std::uint64_t seed_;
    std::uint64_t next_ = 0;
};

SlowModel random_model(std::uint64_t seed, const std::string& step) {
    Dice dice(seed);
    SlowModel m;
    const int processes = 2 + dice.below(3);
    for (int p = 0; p < processes; ++p) m.states.push_back(2 + dice.below(3));
    const auto process_name = [](int p) { return "p" + std::to_string(p); };
    std::string parameters = "  - parameter_set: t\n    parameters:\n", body,
                measures = "  - measures: m\n    define:\n";
    const auto factors = [&](SlowTransition& t, const std::string& table) {
        t.driver = dice.below(processes);
        parameters += "      " + table + ": { by: " + process_name(t.driver) + ", values: { ";
        for (int s = 0; s < m.states[static_cast<std::size_t>(t.driver)]; ++s) {
            // Now and then a state closes the transition.
            t.factor.push_back(dice() < 0.15 ? 0.0 : std::round(100.0 * (0.3 + 2.0 * dice())) / 100.0);
            parameters += (s ? ", s" : "s") + std::to_string(s) + ": " + std::to_string(t.factor.back());
        }
        parameters += " }, source: assumption, why: test }\n";
    };
    for (int p = 0; p < processes; ++p) {
        const int n = m.states[static_cast<std::size_t>(p)];
        body += "  - process: " + process_name(p) + "\n    states: [";
        for (int s = 0; s < n; ++s) body += (s ? ", s" : "s") + std::to_string(s);
        body += "]\n    transitions:\n";
        int number = 0;
        const auto add = [&](std::vector<int> from, int to, double rate, double fatality) {
            SlowTransition t{process_name(p) + ".t" + std::to_string(number),
                             p,
                             std::move(from),
                             to,
                             std::round(1000.0 * rate) / 1000.0,
                             0,
                             {},
                             fatality};
            const std::string table = "f_" + process_name(p) + "_" + std::to_string(number++);
            factors(t, table);
            body += "      " + t.name.substr(t.name.find('.') + 1) + ": { " + (to < 0 ? "within: [" : "from: [");
            for (std::size_t k = 0; k < t.from.size(); ++k) body += (k ? ", s" : "s") + std::to_string(t.from[k]);
            body += "]";
            if (to >= 0) body += ", to: s" + std::to_string(to);
            body +=
                ", rate: \"" + std::to_string(t.rate) + " per year * " + table + "[" + process_name(t.driver) + "]\"";
            if (fatality > 0.0) body += ", fatality: " + std::to_string(fatality);
            body += " }\n";
            measures += "      c_" + process_name(p) + "_" + std::to_string(number - 1) + ": { count: " + t.name +
                        ", per_person: run }\n";
            m.transitions.push_back(std::move(t));
        };
        // A ring, so that every state is reached and left; then some at random.
        for (int s = 0; s < n; ++s) add({s}, (s + 1) % n, 0.1 + dice(), 0.0);
        for (int k = dice.below(3); k > 0; --k) {
            const int from = dice.below(n), to = dice.below(n);
            if (from != to) add({from}, to, 0.05 + 0.5 * dice(), 0.0);
        }
        if (dice() < 0.7) add({dice.below(n)}, -1, 0.3 + dice(), dice() < 0.5 ? 0.125 : 0.0);
        if (n > 2 && dice() < 0.5) add({0, 1}, 2, 0.2 * dice() + 0.02, 0.0);
        for (int s = 0; s < n; ++s)
            measures += "      time_" + process_name(p) + "_" + std::to_string(s) + ": { integrate: \"" +
                        process_name(p) + " == s" + std::to_string(s) + " ? 1 : 0\", per_person: run }\n";
    }
    SlowTransition death{"death", -1, {}, -1, 0.03, 0, {}, 0.0};
    factors(death, "f_death");
    body +=
        "  - demography: d\n    mortality: { rate: \"0.03 per year * f_death[" + process_name(death.driver) + "]\" }\n";
    measures += "      c_death: { count: death, per_person: run }\n";
    m.transitions.push_back(std::move(death));
    m.yaml = "format: 1\nscenario: random\npeople: { number: 150 }\nstarts: 2000\nyears: 12\nstep: " + step +
             "\nentries:\n" + parameters + body + measures;
    return m;
}

struct SlowLife {
    std::vector<int> counts;  ///< by transition
    std::vector<std::vector<double>> time;  ///< by process and state
    bool died = false;
};

SlowLife live_slowly(const SlowModel& m, std::uint64_t uid, double horizon) {
    SlowLife life;
    life.counts.assign(m.transitions.size(), 0);
    for (const int n : m.states) life.time.emplace_back(static_cast<std::size_t>(n), 0.0);
    std::vector<int> state(m.states.size(), 0);
    std::vector<double> left;
    const auto threshold = [&](std::size_t k) {
        return unit_exponential(DrawSite(1, 0, "clock." + m.transitions[k].name), uid,
                                static_cast<std::uint64_t>(life.counts[k]));
    };
    for (std::size_t k = 0; k < m.transitions.size(); ++k) left.push_back(threshold(k));
    double now = 0.0;
    for (;;) {
        std::size_t next = m.transitions.size();
        double wait = horizon - now;
        std::vector<double> rate(m.transitions.size(), 0.0);
        for (std::size_t k = 0; k < m.transitions.size(); ++k) {
            const auto& t = m.transitions[k];
            const bool open = t.process < 0 || std::find(t.from.begin(), t.from.end(),
                                                         state[static_cast<std::size_t>(t.process)]) != t.from.end();
            if (open) rate[k] = t.rate * t.factor[static_cast<std::size_t>(state[static_cast<std::size_t>(t.driver)])];
            if (rate[k] > 0.0 && left[k] / rate[k] < wait) {
                wait = left[k] / rate[k];
                next = k;
            }
        }
        now += wait;
        for (std::size_t k = 0; k < left.size(); ++k) left[k] -= rate[k] * wait;
        for (std::size_t p = 0; p < state.size(); ++p) life.time[p][static_cast<std::size_t>(state[p])] += wait;
        if (next == m.transitions.size()) return life;
        const auto& t = m.transitions[next];
        const auto occurrence = static_cast<std::uint64_t>(life.counts[next]++);
        if (t.process < 0) {
            life.died = true;
            return life;
        }
        if (t.fatality > 0.0 && uniform(DrawSite(1, 0, "fatal." + t.name), uid, occurrence) < t.fatality) {
            life.died = true;
            life.counts.back() += 1;
            return life;
        }
        if (t.to >= 0) state[static_cast<std::size_t>(t.process)] = t.to;
        left[next] = threshold(next);
    }
}

TEST(slow_simulator, every_person_of_random_models_has_the_same_events_and_times) {
    const std::array<const char*, 4> steps{"1 year", "6 months", "1 month", "3 months"};
    std::int64_t events = 0, different = 0;
    double worst = 0.0;
    for (std::uint64_t seed = 1; seed <= (long_run() ? 400u : 60u); ++seed) {
        const SlowModel m = random_model(seed, steps[seed % steps.size()]);
        const Done run(from_text(m.yaml));
        std::vector<std::vector<double>> counts;
        for (const auto& t : m.transitions) {
            const std::string name =
                t.process < 0 ? "c_death"
                              : "c_" + t.name.substr(0, t.name.find('.')) + "_" + t.name.substr(t.name.find('.') + 2);
            counts.push_back(run.totals(name));
        }
        std::vector<std::vector<std::vector<double>>> time;
        for (std::size_t p = 0; p < m.states.size(); ++p) {
            time.emplace_back();
            for (int s = 0; s < m.states[p]; ++s)
                time.back().push_back(run.totals("time_p" + std::to_string(p) + "_" + std::to_string(s)));
        }
        for (std::uint64_t uid = 0; uid < 150; ++uid) {
            const SlowLife life = live_slowly(m, uid, 12.0);
            bool same = true;
            for (std::size_t k = 0; k < m.transitions.size(); ++k) {
                same = same && counts[k][uid] == life.counts[k];
                events += life.counts[k];
            }
            for (std::size_t p = 0; p < m.states.size() && same; ++p)
                for (std::size_t s = 0; s < life.time[p].size(); ++s) {
                    const double error = std::fabs(time[p][s][uid] - life.time[p][s]);
                    worst = std::max(worst, error);
                    same = same && error < 1e-6;
                }
            if (!same && different++ == 0) ADD_FAILURE() << "person " << uid << " of model " << seed << "\n" << m.yaml;
        }
    }
    std::printf("[ numbers  ] %lld events, largest difference of a time in a state %.1e years, %lld people differ\n",
                static_cast<long long>(events), worst, static_cast<long long>(different));
    EXPECT_EQ(different, 0);
    EXPECT_GT(events, 50'000);
}

}  // namespace
}  // namespace proeftuin
