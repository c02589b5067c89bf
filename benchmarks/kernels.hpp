// What every variant of the reference model takes and gives, and the list of variants.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "benchmarks/reference_model.hpp"

namespace proeftuin::benchmarks {

struct Request {
    std::int64_t people = 100'000;
    int years = 20;
    std::uint64_t seed = 1;
    bool with_programmes = false;
};

struct Outcome {
    std::int64_t alive = 0;
    std::array<std::int64_t, n_diseases> with_disease{};  ///< alive, in a state other than 0
    std::array<std::int64_t, n_diseases> most_severe{};  ///< alive, in the last state
    std::int64_t current_smokers = 0;
    double bmi_sum = 0.0;  ///< over those alive [kg/m2]
    double qalys = 0.0;
    std::int64_t events = 0;
    double seconds = 0.0;  ///< of simulation; the start population is made before
    double cpu_seconds = 0.0;  ///< of this thread: what other programs on the machine leave alone
    double processor_seconds = 0.0;  ///< of all threads together
    double load_seconds = 0.0, compile_seconds = 0.0;  ///< of YAML, before the simulation; 0 without YAML
    double bytecode_seconds = 0.0;  ///< part of compiling: from checked expressions to programs
};

/// Time since it was made: on the wall, of this thread, of all threads.
class Stopwatch {
public:
    Stopwatch();
    void stop(Outcome& outcome) const;

private:
    double wall_, cpu_, processor_;
};

/// Adds one person who is alive at the end.
void count(Outcome& outcome, const std::uint8_t* state, Smoking smoking, double bmi);

struct Variant {
    std::string_view name;  ///< kebab-case
    std::string_view what;
    Outcome (*run)(const Request& request, const std::vector<StartPerson>& start);
};

/// (a) The model as YAML through the engine, yearly steps, one thread; measures only what the others count.
Outcome run_engine(const Request& request, const std::vector<StartPerson>& start);
/// As run_engine with all measures of the scenario, and all of it by age group and neighbourhood.
Outcome run_engine_outputs(const Request& request, const std::vector<StartPerson>& start);
/// As run_engine on two threads: compare `seconds`, for `cpu_seconds` are of one of them.
Outcome run_engine_2_threads(const Request& request, const std::vector<StartPerson>& start);
/// (b) Unit-rate clocks, yearly steps, covariates of the middle of the year, only people with an event
/// stepped inside; double precision, keyed draws.
Outcome run_clocks(const Request& request, const std::vector<StartPerson>& start);
/// As run_clocks, every chunk through all years before the next: possible only where nothing couples people.
Outcome run_clocks_tiled(const Request& request, const std::vector<StartPerson>& start);
/// (c) Monthly steps, all hazards and one keyed draw for each, every month; double precision.
Outcome run_monthly(const Request& request, const std::vector<StartPerson>& start);
/// As run_monthly, in single precision.
Outcome run_monthly_float(const Request& request, const std::vector<StartPerson>& start);
/// (d) Monthly steps over objects; every disease a module with a virtual call per person.
Outcome run_objects(const Request& request, const std::vector<StartPerson>& start);
/// (e) Monthly steps over objects that keep risk factors and diseases in maps from names.
Outcome run_maps(const Request& request, const std::vector<StartPerson>& start);

/// All variants in the order of the report.
const std::vector<Variant>& variants();

}  // namespace proeftuin::benchmarks
