// Clocks: drawing their thresholds, and steps in which few or many of them run out.
#include <algorithm>
#include <string>
#include <vector>

#include "benchmarks/micro.hpp"
#include "engine/random/draw.hpp"

namespace {

using namespace proeftuin;
using namespace proeftuin::benchmarks;

/// One threshold for one person, as after an event.
void threshold_of_one_person(benchmark::State& state) {
    const DrawSite site(1, 0, "clock.micro");
    std::uint64_t uid = 0;
    for (auto _ : state) benchmark::DoNotOptimize(unit_exponential(site, uid++, 1));
    count(state, 1.0, "draw");
}
BENCHMARK(threshold_of_one_person);

/// Thresholds of a list of people, as after an event that many have: argument 0 says how many.
void thresholds_of_a_list(benchmark::State& state) {
    const DrawSite site(1, 0, "clock.micro");
    const auto n = static_cast<std::size_t>(state.range(0));
    std::vector<std::uint64_t> uids(n), occurrences(n);
    for (std::size_t i = 0; i < n; ++i) uids[i] = 7 * i, occurrences[i] = i % 3;
    std::vector<double> out(n);
    for (auto _ : state) {
        unit_exponential_batch(site, uids, occurrences, out);
        benchmark::ClobberMemory();
    }
    count(state, static_cast<double>(n), "draw");
}
BENCHMARK(thresholds_of_a_list)->Arg(4)->Arg(16)->Arg(64)->Arg(1024);

/// The clocks of people who enter: eight each.
void open_clocks_of_entrants(benchmark::State& state) {
    const Compiled compiled = compile({.path = source_file("benchmarks/scenarios/micro_clocks.yaml")});
    const tbb::global_control one_thread(tbb::global_control::max_allowed_parallelism, 1);
    Population people = make_start_population(*compiled.model, nullptr, compiled.number, compiled.key);
    for (auto _ : state) {
        open_clocks(*compiled.model, people, 0, people.size(), compiled.key, 0.0);
        benchmark::ClobberMemory();
    }
    count(state, static_cast<double>(compiled.number * compiled.model->slots.size()), "clock");
}
BENCHMARK(open_clocks_of_entrants)->Unit(benchmark::kMicrosecond);

/// A step of people with eight clocks, by the rate at which each runs out [1/1000 per year]: 0 events, then 0.008 to 8
/// a year.
void step_with_eight_clocks(benchmark::State& state) {
    const std::string rate = state.range(0) == 0 ? "1e-15" : std::to_string(1e-3 * static_cast<double>(state.range(0)));
    Stepper stepper({.path = source_file("benchmarks/scenarios/micro_clocks.yaml"), .settings = {"switching=" + rate}});
    run_steps(state, stepper);
    count(state, static_cast<double>(stepper.number()), "person_step");
    const RunResults results = stepper.simulation().results();
    state.counters["events_per_person_step"] =
        static_cast<double>(results.events) /
        (static_cast<double>(stepper.number()) * std::max(1, stepper.simulation().tick()));
}
BENCHMARK(step_with_eight_clocks)->Arg(0)->Arg(1)->Arg(10)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);

/// The same people for a twelfth of the time: what a step costs in which hardly anything happens.
void step_of_a_month(benchmark::State& state) {
    Stepper stepper({.path = source_file("benchmarks/scenarios/micro_clocks.yaml"), .step = "1 month"});
    run_steps(state, stepper);
    count(state, static_cast<double>(stepper.number()), "person_step");
}
BENCHMARK(step_of_a_month)->Unit(benchmark::kMicrosecond);

}  // namespace
