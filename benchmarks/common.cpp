// The start population, the counts and the list of variants.
#include <time.h>

#include <algorithm>
#include <cmath>

#include "benchmarks/kernels.hpp"
#include "benchmarks/philox.hpp"

namespace proeftuin::benchmarks {
namespace {

double seconds_of(clockid_t clock) {
    timespec t;
    clock_gettime(clock, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

}  // namespace

Stopwatch::Stopwatch()
    : wall_{seconds_of(CLOCK_MONOTONIC)},
      cpu_{seconds_of(CLOCK_THREAD_CPUTIME_ID)},
      processor_{seconds_of(CLOCK_PROCESS_CPUTIME_ID)} {}

void Stopwatch::stop(Outcome& outcome) const {
    outcome.seconds = seconds_of(CLOCK_MONOTONIC) - wall_;
    outcome.cpu_seconds = seconds_of(CLOCK_THREAD_CPUTIME_ID) - cpu_;
    outcome.processor_seconds = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - processor_;
}

std::vector<StartPerson> start_population(std::int64_t n, std::uint64_t seed) {
    std::vector<StartPerson> people(static_cast<std::size_t>(n));
    for (std::int64_t i = 0; i < n; ++i) {
        StartPerson& p = people[static_cast<std::size_t>(i)];
        p.id = static_cast<std::uint32_t>(i);
        const auto draw = [&](std::uint32_t site) { return uniform(p.id, site, 0, 0x5747u, seed); };
        const double u = draw(0);
        p.age = u < 0.88 ? 75.0 * (u / 0.88) : 75.0 - 8.0 * std::log(1.0 - 0.95 * ((u - 0.88) / 0.12));
        p.male = draw(1) < 0.5;
        p.ses = static_cast<std::uint8_t>(5.0 * draw(2));
        p.neighbourhood = static_cast<std::uint8_t>(100.0 * draw(3));
        const double s = draw(4);
        p.smoking = p.age < 16.0 || s < 0.50 ? Smoking::never : s < 0.72 ? Smoking::current : Smoking::former;
        p.bmi = 20.0 + 0.06 * std::min(p.age, 60.0) + 8.0 * draw(5);
        p.pressure = 95.0 + 0.5 * p.age + 20.0 * draw(6);
        for (int d = 0; d < n_diseases; ++d) {
            const Disease& disease = diseases[d];
            const double share =
                std::min(0.6, disease.start_share_at_65 * std::exp(disease.start_slope * (p.age - 65.0)));
            const double v = draw(7 + static_cast<std::uint32_t>(d));
            int state = 0;
            if (v < share)
                state = disease.starts_in_last_state ? disease.states - 1
                                                     : 1 + static_cast<int>(v / share * (disease.states - 1));
            p.state[static_cast<std::size_t>(d)] = static_cast<std::uint8_t>(state);
        }
    }
    return people;
}

const std::array<std::array<double, mortality_ages>, 2>& mortality_table() {
    static const auto table = [] {
        std::array<std::array<double, mortality_ages>, 2> t{};
        for (std::size_t male = 0; male < 2; ++male)
            for (std::size_t age = 0; age < mortality_ages; ++age)
                t[male][age] = (mortality.floor * (age == 0 ? mortality.infant_factor : mortality.later_factor) +
                                mortality.level * std::exp(mortality.age * static_cast<double>(age))) *
                               (male == 1 ? mortality.male : 1.0);
        return t;
    }();
    return table;
}

void count(Outcome& outcome, const std::uint8_t* state, Smoking smoking, double bmi) {
    ++outcome.alive;
    for (std::size_t d = 0; d < n_diseases; ++d) {
        outcome.with_disease[d] += state[d] != 0;
        outcome.most_severe[d] += state[d] == diseases[d].states - 1;
    }
    outcome.current_smokers += smoking == Smoking::current;
    outcome.bmi_sum += bmi;
}

const std::vector<Variant>& variants() {
    static const std::vector<Variant> all{
        {"engine", "YAML through the engine, one thread, the outputs of the hand-written ones", run_engine},
        {"engine-outputs", "as engine, all measures, by age group and neighbourhood too", run_engine_outputs},
        {"engine-2-threads", "as engine, two threads", run_engine_2_threads},
        {"clocks", "unit-rate clocks, yearly steps, hand-written, double", run_clocks},
        {"clocks-tiled", "as clocks, each chunk through all years at once", run_clocks_tiled},
        {"monthly", "one draw per hazard and month, hand-written, double", run_monthly},
        {"monthly-float", "as monthly, single precision", run_monthly_float},
        {"objects", "objects, a virtual call per person, disease and month", run_objects},
        {"maps", "objects with maps from names", run_maps},
    };
    return all;
}

}  // namespace proeftuin::benchmarks
