// The event scheme of the engine, written by hand for the reference model: what a compiled model is measured against.
#include <algorithm>
#include <limits>

#include "benchmarks/kernels.hpp"
#include "benchmarks/lanes.hpp"
#include "benchmarks/philox.hpp"

namespace proeftuin::benchmarks {
namespace {

// Lanes 0 to 7 are the diseases, then death and smoking: one lane for each process.
static_assert(lane_mortality == n_diseases && lane_smoking == n_processes - 1);
constexpr int lanes = row_lanes<double>;
constexpr std::size_t chunk_size = 1024;
constexpr double never = std::numeric_limits<double>::infinity();

/// Each state has one way out, so a person needs one running clock per process; its threshold is drawn at
/// entry, keyed by the number of times the process has moved.
struct alignas(32) Person {
    double remaining[lanes];  ///< of the unit-exponential threshold; `never` in lanes without a process
    Covariates now;
    std::uint8_t state[n_diseases];
    std::uint32_t id;
    bool reached;
    std::uint8_t moves[lanes];
};

/// BMI and pressure after six months, linear in BMI, pressure and age.
struct HalfYear {
    double bmi_bmi, bmi_age, bmi_constant;
    double pressure_pressure, pressure_bmi, pressure_age, pressure_constant;

    HalfYear() {
        // The recursion run on each unit input.
        const auto run = [](double bmi, double pressure, double age, double constant) {
            for (int month = 0; month < 6; ++month) {
                const double a = age + constant * month / 12.0;
                bmi += drift.bmi_speed * (constant * drift.bmi_base + drift.bmi_age * a - bmi);
                pressure += drift.pressure_speed * (constant * drift.pressure_base + drift.pressure_age * a +
                                                    drift.pressure_bmi * bmi - pressure);
            }
            return std::array<double, 2>{bmi, pressure};
        };
        bmi_bmi = run(1, 0, 0, 0)[0];
        pressure_bmi = run(1, 0, 0, 0)[1];
        pressure_pressure = run(0, 1, 0, 0)[1];
        bmi_age = run(0, 0, 1, 0)[0];
        pressure_age = run(0, 0, 1, 0)[1];
        bmi_constant = run(0, 0, 0, 1)[0];
        pressure_constant = run(0, 0, 0, 1)[1];
    }
    void advance(Covariates& c) const {
        const double bmi = bmi_bmi * c.bmi + (bmi_age * c.age + bmi_constant);
        c.pressure = pressure_pressure * c.pressure + pressure_bmi * c.bmi + (pressure_age * c.age + pressure_constant);
        c.bmi = bmi;
        c.age += 0.5;
    }
};

class Simulation {
public:
    explicit Simulation(const Request& request) : seed_{request.seed}, with_programmes_{request.with_programmes} {}

    Person enter(const StartPerson& start) const {
        Person p{};
        p.now = {start.age, start.bmi, start.pressure, start.male, start.ses, start.smoking};
        std::copy(start.state.begin(), start.state.end(), p.state);
        p.id = start.id;
        p.reached = with_programmes_ && start.id % 3 == 0;
        for (int lane = 0; lane < lanes; ++lane) p.remaining[lane] = never;
        for (int d = 0; d < n_diseases; ++d) p.remaining[d] = threshold(p, d);
        p.remaining[lane_mortality] = threshold(p, lane_mortality);
        p.remaining[lane_smoking] = threshold(p, lane_smoking);
        return p;
    }

    /// One year of a chunk; returns how many of it are alive, moved to its front.
    std::size_t step(Person* people, std::size_t n) {
        double qalys = 0.0;
        for (std::size_t i = 0; i < n;) {
            Person& p = people[i];
            half_year_.advance(p.now);
            double utility;
            const Row<double> rate = hazards(tables_, p.now, p.state, p.reached, utility);
            Row<double> left;
            std::memcpy(&left, p.remaining, sizeof(left));
            IntegerVector<double> fires{};
            for (int k = 0; k < Shape<double>::vectors; ++k) {
                left.v[k] -= rate.v[k];
                fires |= left.v[k] <= 0.0;
            }
            if (any_lane(fires)) [[unlikely]] {
                if (!live_through(p, rate, utility, qalys)) {
                    p = people[--n];
                    continue;
                }
            } else {
                std::memcpy(p.remaining, &left, sizeof(left));
                qalys += utility;
            }
            half_year_.advance(p.now);
            ++i;
        }
        qalys_ += qalys;
        return n;
    }

    double qalys() const { return qalys_; }
    std::int64_t events() const { return events_; }

private:
    double threshold(const Person& p, int lane) const {
        return -std::log(uniform(p.id, static_cast<std::uint32_t>(lane), p.moves[lane], 0xC10Cu, seed_));
    }

    /// A year with at least one event: from event to event; false when the person dies. A clock is brought up to
    /// date only when its own rate changes.
    [[gnu::noinline]] bool live_through(Person& p, Row<double> rate, double utility, double& qalys) {
        constexpr int vectors = Shape<double>::vectors;
        Row<double> left, since{};
        std::memcpy(&left, p.remaining, sizeof(left));
        double utility_since = 0.0;
        while (true) {
            alignas(64) double time[lanes];
            for (int k = 0; k < vectors; ++k) {
                const Vector<double> t = since.v[k] + left.v[k] / rate.v[k];
                std::memcpy(time + k * Shape<double>::width, &t, sizeof(t));
            }
            int lane = -1;
            double at = 1.0;
            for (int k = 0; k < n_processes; ++k)
                if (time[k] < at) {
                    at = time[k];
                    lane = k;
                }
            if (lane < 0) break;
            ++events_;
            if (lane == lane_mortality) {
                qalys += utility * (at - utility_since);
                return false;
            }
            if (lane == lane_smoking)
                p.now.smoking = smoking_exit[static_cast<int>(p.now.smoking)].to;
            else
                p.state[lane] =
                    static_cast<std::uint8_t>(p.state[lane] == 0 ? 1 : diseases[lane].progression[p.state[lane]].to);
            ++p.moves[lane];
            double new_utility;
            const Row<double> new_rate = hazards(tables_, p.now, p.state, p.reached, new_utility);
            for (int k = 0; k < vectors; ++k) {
                const auto changed = new_rate.v[k] != rate.v[k];
                left.v[k] = changed ? left.v[k] - rate.v[k] * (at - since.v[k]) : left.v[k];
                since.v[k] = changed ? Vector<double>{} + at : since.v[k];
            }
            left.set(lane, threshold(p, lane));
            since.set(lane, at);
            if (new_utility != utility) {
                qalys += utility * (at - utility_since);
                utility_since = at;
            }
            rate = new_rate;
            utility = new_utility;
        }
        for (int k = 0; k < vectors; ++k) left.v[k] -= rate.v[k] * (1.0 - since.v[k]);
        std::memcpy(p.remaining, &left, sizeof(left));
        qalys += utility * (1.0 - utility_since);
        return true;
    }

    Tables<double> tables_;
    HalfYear half_year_;
    std::uint64_t seed_;
    bool with_programmes_;
    double qalys_ = 0.0;
    std::int64_t events_ = 0;
};

Outcome run(const Request& request, const std::vector<StartPerson>& start, int years_at_once) {
    const std::size_t n = start.size();
    const std::size_t n_chunks = (n + chunk_size - 1) / chunk_size;
    std::vector<std::size_t> size(n_chunks);

    const Stopwatch stopwatch;
    std::vector<Person> people(n);
    Simulation simulation{request};
    for (std::size_t c = 0; c < n_chunks; ++c) {
        const std::size_t first = c * chunk_size;
        size[c] = std::min(chunk_size, n - first);
        for (std::size_t i = first; i < first + size[c]; ++i) people[i] = simulation.enter(start[i]);
    }
    for (int year = 0; year < request.years; year += years_at_once)
        for (std::size_t c = 0; c < n_chunks; ++c)
            for (int y = year; y < std::min(year + years_at_once, request.years); ++y)
                size[c] = simulation.step(people.data() + c * chunk_size, size[c]);
    Outcome outcome;
    for (std::size_t c = 0; c < n_chunks; ++c)
        for (std::size_t i = c * chunk_size; i < c * chunk_size + size[c]; ++i)
            count(outcome, people[i].state, people[i].now.smoking, people[i].now.bmi);
    outcome.qalys = simulation.qalys();
    outcome.events = simulation.events();
    stopwatch.stop(outcome);
    return outcome;
}

}  // namespace

Outcome run_clocks(const Request& request, const std::vector<StartPerson>& start) { return run(request, start, 1); }

Outcome run_clocks_tiled(const Request& request, const std::vector<StartPerson>& start) {
    return run(request, start, request.years);
}

}  // namespace proeftuin::benchmarks
