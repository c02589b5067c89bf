// Measures: what a step costs more for each thing that is recorded, by how it is grouped.
#include <string>
#include <vector>

#include "benchmarks/micro.hpp"

namespace {

using namespace proeftuin;
using namespace proeftuin::benchmarks;

/// Steps of people to whom nothing happens, with `number` measures of a family. Subtract the time of none.
void record(benchmark::State& state, const char* prefix, const char* suffix) {
    ScenarioChoice choice{.path = source_file("benchmarks/scenarios/micro_accumulation.yaml")};
    for (int k = 1; k <= state.range(0); ++k)
        choice.measures.push_back(std::string(prefix) + std::to_string(k) + suffix);
    if (choice.measures.empty()) choice.measures = {"none"};
    Stepper stepper(choice);
    run_steps(state, stepper);
    count(state, static_cast<double>(stepper.number()), "person_step");
}
BENCHMARK_CAPTURE(record, nothing, "", "")->Arg(0)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(record, integrals, "integral_", "")->Arg(1)->Arg(8)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(record, integrals_by_sex, "integral_", "_by_sex")->Arg(1)->Arg(8)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(record, integrals_by_age_and_area, "integral_", "_by_area")
    ->Arg(1)
    ->Arg(8)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(record, people_by_age_and_area, "people_", "_by_area")->Arg(1)->Arg(8)->Unit(benchmark::kMicrosecond);

/// Totals of each person over each year, and their distribution.
void record_per_person(benchmark::State& state) {
    Stepper stepper({.path = source_file("benchmarks/scenarios/micro_accumulation.yaml"), .measures = {"per_person"}});
    run_steps(state, stepper);
    count(state, static_cast<double>(stepper.number()), "person_step");
}
BENCHMARK(record_per_person)->Unit(benchmark::kMicrosecond);

}  // namespace
