// Runs any scenario once and prints what each part took as a line of JSON.
// proeftuin_time_scenario <scenario> [people] [years] [threads] [seed] [step]; people, years or seed of 0: as the
// scenario says.
#include <sys/resource.h>
#include <tbb/global_control.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

#include "benchmarks/engine_run.hpp"
#include "benchmarks/kernels.hpp"
#include "engine/run/start.hpp"

namespace {

using namespace proeftuin;
using namespace proeftuin::benchmarks;

long peak_kilobytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

int run(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: proeftuin_time_scenario <scenario> [people] [years] [threads] [seed] [step]\n");
        return 2;
    }
    const auto argument = [&](int k) { return argc > k ? std::strtoull(argv[k], nullptr, 10) : 0; };
    ScenarioChoice choice;
    choice.path = argv[1];
    if (argument(2) > 0) choice.people = argument(2);
    if (argument(3) > 0) choice.years = static_cast<int>(argument(3));
    const int threads = argument(4) > 0 ? static_cast<int>(argument(4)) : 1;
    if (argument(5) > 0) choice.seed = argument(5);
    if (argc > 6) choice.step = argv[6];
    const Compiled compiled = compile(choice);
    const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(threads));

    Outcome start, stepping;
    const Stopwatch start_watch;
    Population people = make_start_population(*compiled.model, compiled.synthesised ? &*compiled.synthesised : nullptr,
                                              compiled.number, compiled.key);
    start_watch.stop(start);
    const std::size_t bytes = people.bytes_per_slot();
    RunOptions options;
    options.key = compiled.key;
    options.threads = threads;
    Simulation simulation(compiled.model, std::move(people), options);
    const Stopwatch watch;
    simulation.run();
    watch.stop(stepping);
    const RunResults results = simulation.results();

    std::printf(
        "{\"scenario\": \"%s\", \"people\": %lld, \"years\": %d, \"steps\": %d, \"threads\": %d, \"seed\": %llu, ",
        compiled.model->name.c_str(), static_cast<long long>(results.people_at_start), compiled.model->years,
        simulation.ticks(), threads, static_cast<unsigned long long>(compiled.key.seed));
    std::printf(
        "\"load_seconds\": %.6f, \"people_seconds\": %.6f, \"compile_seconds\": %.6f, \"start_seconds\": %.6f, "
        "\"seconds\": %.6f, \"processor_seconds\": %.6f, ",
        compiled.load_seconds, compiled.people_seconds, compiled.compile_seconds, start.seconds, stepping.seconds,
        stepping.processor_seconds);
    std::printf(
        "\"person_years\": %.3f, \"events\": %lld, \"evaluations\": %lld, \"bytes_per_person\": %zu, "
        "\"peak_megabytes\": %ld, \"digest\": \"%016llx\"}\n",
        results.person_years, static_cast<long long>(results.events), static_cast<long long>(results.evaluations),
        bytes, peak_kilobytes() / 1024, static_cast<unsigned long long>(results.digest()));
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "%s\n", e.what());
        return 3;
    }
}
