// Files: results with many measures, results with people, checkpoints.
#include <unistd.h>

#include <filesystem>
#include <string>

#include "benchmarks/micro.hpp"
#include "engine/random/draw.hpp"
#include "engine/store/checkpoint.hpp"
#include "output/reader.hpp"
#include "output/writer.hpp"

namespace {

using namespace proeftuin;
using namespace proeftuin::benchmarks;

/// A folder that goes with the benchmark.
class ScratchFolder {
public:
    ScratchFolder() : path_{std::filesystem::temp_directory_path() / ("proeftuin_micro_" + std::to_string(getpid()))} {
        std::filesystem::create_directories(path_);
    }
    ~ScratchFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    std::string file(const char* name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

/// The size of a regional run: `measures` by year, five-year age band and sex.
output::ResultSet results_of_a_region(int measures) {
    output::ResultSet set;
    set.scenario = "micro";
    output::Dim year{.name = "year", .unit = "year"}, age{.name = "age_band"},
        sex{.name = "sex", .labels = {"female", "male"}};
    for (int t = 0; t < 40; ++t) year.numbers.push_back(2000.0 + t);
    for (int a = 0; a < 19; ++a) age.labels.push_back(std::to_string(5 * a));
    const DrawSite site(1, 0, "micro");
    for (int k = 0; k < measures; ++k) {
        output::MeasureResult m;
        m.name = "measure_" + std::to_string(k);
        m.dims = {year, age, sex};
        for (std::size_t c = 0; c < m.cells(); ++c) m.values.push_back(uniform(site, static_cast<std::uint64_t>(k), c));
        set.measures.push_back(std::move(m));
    }
    return set;
}

output::PersonPanel panel(std::size_t people, int columns) {
    output::PersonPanel out;
    const DrawSite site(1, 0, "micro");
    for (std::size_t i = 0; i < people; ++i) out.uid.push_back(static_cast<std::int64_t>(i));
    for (int c = 0; c < columns; ++c) {
        NumberColumn number{"number_" + std::to_string(c), "1", {}};
        CategoryColumn category{"category_" + std::to_string(c), {"a", "b", "c"}, {}};
        for (std::size_t i = 0; i < people; ++i) {
            const double u = uniform(site, i, static_cast<std::uint64_t>(c));
            number.values.push_back(u);
            category.codes.push_back(static_cast<std::uint16_t>(3.0 * u));
        }
        out.numbers.push_back(std::move(number));
        out.categories.push_back(std::move(category));
    }
    return out;
}

void write_results_file(benchmark::State& state, bool with_people) {
    const ScratchFolder folder;
    output::ResultSet set = results_of_a_region(with_people ? 1 : static_cast<int>(state.range(0)));
    if (with_people) set.persons = panel(static_cast<std::size_t>(state.range(0)), 10);
    const std::string path = folder.file("results.h5");
    for (auto _ : state) output::write_results(path, set);
    count(state, static_cast<double>(state.range(0)), with_people ? "person" : "measure");
    state.counters["file_bytes"] = static_cast<double>(std::filesystem::file_size(path));
}
BENCHMARK_CAPTURE(write_results_file, measures, false)
    ->Arg(1)
    ->Arg(10)
    ->Arg(100)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(write_results_file, people, true)->Arg(100'000)->Unit(benchmark::kMillisecond)->UseRealTime();

void read_results_file(benchmark::State& state) {
    const ScratchFolder folder;
    const std::string path = folder.file("results.h5");
    output::write_results(path, results_of_a_region(static_cast<int>(state.range(0))));
    for (auto _ : state) benchmark::DoNotOptimize(output::read_results(path, output::Persons::skip).scenarios.size());
    count(state, static_cast<double>(state.range(0)), "measure");
}
BENCHMARK(read_results_file)->Arg(100)->Unit(benchmark::kMillisecond)->UseRealTime();

/// The state of the reference model. Argument 0: people; 1: whether it is compressed.
void write_checkpoint_file(benchmark::State& state) {
    const ScratchFolder folder;
    const auto number = static_cast<std::size_t>(state.range(0));
    Stepper stepper(
        {.path = source_file("scenarios/textbook/reference_model_r.yaml"), .people = number, .step = "1 year"});
    stepper.step();
    const Checkpoint checkpoint = stepper.simulation().checkpoint();
    const std::string path = folder.file("run.ckpt.h5");
    for (auto _ : state) write_checkpoint(path, checkpoint, state.range(1) != 0);
    count(state, static_cast<double>(number), "person");
    state.counters["file_bytes"] = static_cast<double>(std::filesystem::file_size(path));
}
BENCHMARK(write_checkpoint_file)
    ->Args({20'000, 0})
    ->Args({20'000, 1})
    ->Args({200'000, 0})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

/// Taking the state of a simulation, and putting one back from its file.
void take_checkpoint(benchmark::State& state) {
    Stepper stepper(
        {.path = source_file("scenarios/textbook/reference_model_r.yaml"), .people = 200'000, .step = "1 year"});
    stepper.step();
    for (auto _ : state) benchmark::DoNotOptimize(stepper.simulation().checkpoint().arrays.size());
    count(state, 200'000.0, "person");
}
BENCHMARK(take_checkpoint)->Unit(benchmark::kMillisecond);

void read_checkpoint_file(benchmark::State& state) {
    const ScratchFolder folder;
    Stepper stepper(
        {.path = source_file("scenarios/textbook/reference_model_r.yaml"), .people = 200'000, .step = "1 year"});
    const std::string path = folder.file("run.ckpt.h5");
    write_checkpoint(path, stepper.simulation().checkpoint());
    for (auto _ : state) benchmark::DoNotOptimize(read_checkpoint(path).arrays.size());
    count(state, 200'000.0, "person");
}
BENCHMARK(read_checkpoint_file)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
