#include "benchmarks/engine_run.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "engine/config/diagnostic.hpp"
#include "models/population/synthesize.hpp"
#include "models/scenario.hpp"

namespace proeftuin::benchmarks {
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

}  // namespace

std::string source_file(const std::string& path) { return std::string(PROEFTUIN_SOURCE_DIR "/").append(path); }

Compiled compile(const ScenarioChoice& choice) {
    Compiled out;
    SourceFiles files;
    DiagnosticSink sink;
    const auto fail = [&] {
        throw std::runtime_error(choice.path + "\n" + render(sink.items(), files, DiagnosticFormat::full, Colour::off));
    };
    models::LoadOptions options;
    options.settings = choice.settings;
    options.people = choice.people;
    options.years = choice.years;
    options.step = choice.step;

    auto start = Clock::now();
    auto scenario = models::load_scenario(choice.path, options, files, sink);
    out.load_seconds = since(start);
    if (!scenario || sink.has_errors()) fail();
    if (!choice.measures.empty())
        std::erase_if(scenario->model.measures, [&](const MeasureSpec& m) {
            return std::find(choice.measures.begin(), choice.measures.end(), m.name) == choice.measures.end();
        });
    out.key = {choice.seed.value_or(scenario->seed), 0};

    start = Clock::now();
    if (choice.people_given == nullptr && scenario->region)
        out.synthesised = population::synthesize(*scenario->region, out.key.seed, scenario->people).people;
    out.people_seconds = since(start);
    const PersonTable* people = choice.people_given != nullptr ? choice.people_given
                                : out.synthesised              ? &*out.synthesised
                                                               : nullptr;
    out.number = people != nullptr ? people->people : scenario->people;

    start = Clock::now();
    out.model = compile_model(scenario->model, people, out.key, sink);
    out.compile_seconds = since(start);
    if (out.model == nullptr || sink.has_errors()) fail();
    return out;
}

std::size_t measure_of(const Model& model, std::string_view name) {
    for (std::size_t k = 0; k < model.measures.size(); ++k)
        if (model.measures[k].name == name) return k;
    throw std::runtime_error("no measure " + std::string(name));
}

}  // namespace proeftuin::benchmarks
