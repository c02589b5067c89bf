// Time per number of our mathematics and draws, by instruction set, beside the C library.
#include <benchmark/benchmark.h>

#include <cmath>
#include <string>
#include <vector>

#include "benchmarks/micro.hpp"
#include "engine/core/math.hpp"
#include "engine/core/quantile.hpp"
#include "engine/random/draw.hpp"
#include "engine/random/draw_kernels.hpp"
#include "tests/unit/math/loops.hpp"

namespace {

using namespace proeftuin;

constexpr std::size_t people = 1024;  // a chunk

std::vector<double> between(double low, double high) {
    const DrawSite site(1, 0, "benchmark");
    std::vector<double> numbers(people);
    for (std::size_t i = 0; i < people; ++i) numbers[i] = low + (high - low) * uniform(site, i, 0);
    return numbers;
}

void count(benchmark::State& state) { benchmarks::count(state, static_cast<double>(people), "number"); }

void run_loop(benchmark::State& state, math_test::UnaryLoop loop, double low, double high) {
    const std::vector<double> x = between(low, high);
    std::vector<double> out(people);
    for (auto _ : state) {
        loop(x.data(), out.data(), people);
        benchmark::DoNotOptimize(out.data());
        benchmark::ClobberMemory();
    }
    count(state);
}

void run_pow(benchmark::State& state, math_test::BinaryLoop loop) {
    const std::vector<double> x = between(0.1, 5.0), y = between(-3.0, 3.0);
    std::vector<double> out(people);
    for (auto _ : state) {
        loop(x.data(), y.data(), out.data(), people);
        benchmark::DoNotOptimize(out.data());
        benchmark::ClobberMemory();
    }
    count(state);
}

void run_draws(benchmark::State& state, draw_detail::DrawKernel kernel) {
    std::vector<std::uint64_t> uids(people), occurrences(people);
    for (std::size_t i = 0; i < people; ++i) uids[i] = i, occurrences[i] = i % 5;
    std::vector<double> out(people);
    for (auto _ : state) {
        kernel(12345, uids.data(), occurrences.data(), 0, people, out.data());
        benchmark::DoNotOptimize(out.data());
        benchmark::ClobberMemory();
    }
    count(state);
}

double (*volatile library_exp)(double) = std::exp;
double (*volatile library_log)(double) = std::log;

void run_library(benchmark::State& state, double (*function)(double), double low, double high) {
    const std::vector<double> x = between(low, high);
    std::vector<double> out(people);
    for (auto _ : state) {
        for (std::size_t i = 0; i < people; ++i) out[i] = function(x[i]);
        benchmark::DoNotOptimize(out.data());
        benchmark::ClobberMemory();
    }
    count(state);
}

void run_gamma_quantile(benchmark::State& state) {
    const std::vector<double> p = between(0.0, 1.0);
    std::size_t i = 0;
    for (auto _ : state) benchmark::DoNotOptimize(math::gamma_quantile(p[i++ % people], 2.5));
}

void run_beta_quantile(benchmark::State& state) {
    const std::vector<double> p = between(0.0, 1.0);
    std::size_t i = 0;
    for (auto _ : state) benchmark::DoNotOptimize(math::beta_quantile(p[i++ % people], 20.0, 50.0));
}

void add_set(InstructionSet isa, const math_test::Loops& loops) {
    const std::string suffix = std::string(1, '/').append(name_of(isa));
    const auto add = [&](const char* name, math_test::UnaryLoop loop, double low, double high) {
        benchmark::RegisterBenchmark((name + suffix).c_str(), run_loop, loop, low, high);
    };
    add("exp", loops.exp, -10.0, 3.0);
    add("expm1", loops.expm1, -1.0, 1.0);
    add("log", loops.log, 0.0, 1.0);
    add("log1p", loops.log1p, -0.5, 1.0);
    add("logistic", loops.logistic, -8.0, 3.0);
    add("logit", loops.logit, 0.0, 1.0);
    add("normal_quantile", loops.normal_quantile, 0.0, 1.0);
    benchmark::RegisterBenchmark(("pow" + suffix).c_str(), run_pow, loops.pow);
    const draw_detail::DrawKernels& kernels = draw_detail::kernels_for(isa);
    benchmark::RegisterBenchmark(("draw_uniform" + suffix).c_str(), run_draws, kernels.uniform);
    benchmark::RegisterBenchmark(("draw_unit_exponential" + suffix).c_str(), run_draws, kernels.unit_exponential);
    benchmark::RegisterBenchmark(("draw_standard_normal" + suffix).c_str(), run_draws, kernels.standard_normal);
}

}  // namespace

int main(int argc, char** argv) {
    const InstructionSet strongest = strongest_instruction_set();
    add_set(InstructionSet::baseline, math_test::loops_baseline);
    if (strongest >= InstructionSet::avx2) add_set(InstructionSet::avx2, math_test::loops_avx2);
    if (strongest >= InstructionSet::avx512) add_set(InstructionSet::avx512, math_test::loops_avx512);
    benchmark::RegisterBenchmark("exp/library", run_library, library_exp, -10.0, 3.0);
    benchmark::RegisterBenchmark("log/library", run_library, library_log, 0.0, 1.0);
    benchmark::RegisterBenchmark("gamma_quantile", run_gamma_quantile);
    benchmark::RegisterBenchmark("beta_quantile", run_beta_quantile);
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
}
