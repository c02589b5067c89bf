// What the micro benchmarks share: counters, and models to run.
#pragma once

#include <benchmark/benchmark.h>
#include <tbb/global_control.h>

#include <memory>
#include <string>
#include <utility>

#include "benchmarks/engine_run.hpp"
#include "engine/run/start.hpp"

namespace proeftuin::benchmarks {

/// `each` things were done in every iteration: time for one.
inline void count(benchmark::State& state, double each, const char* name) {
    state.counters[std::string("per_") + name] = benchmark::Counter(
        static_cast<double>(state.iterations()) * each, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

/// A compiled scenario and what starts it anew: benchmarks step for as long as it takes.
class Stepper {
public:
    explicit Stepper(ScenarioChoice choice) : compiled_{compile(std::move(choice))} { restart(); }

    const Model& model() const { return *compiled_.model; }
    std::size_t number() const { return compiled_.number; }
    const Simulation& simulation() const { return *simulation_; }
    bool finished() const { return simulation_->finished(); }
    void step() { simulation_->step(); }
    void restart() {
        RunOptions options;
        options.key = compiled_.key;
        options.threads = 1;
        simulation_ = std::make_unique<Simulation>(
            compiled_.model, make_start_population(*compiled_.model, nullptr, compiled_.number, compiled_.key),
            options);
    }

private:
    tbb::global_control one_thread_{tbb::global_control::max_allowed_parallelism, 1};
    Compiled compiled_;
    std::unique_ptr<Simulation> simulation_;
};

/// Steps of a simulation; what starts it again is not timed.
inline void run_steps(benchmark::State& state, Stepper& stepper) {
    for (auto _ : state) {
        if (stepper.finished()) {
            state.PauseTiming();
            stepper.restart();
            state.ResumeTiming();
        }
        stepper.step();
    }
}

}  // namespace proeftuin::benchmarks
