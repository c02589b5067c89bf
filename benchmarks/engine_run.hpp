// A scenario of YAML through the engine, from its file to the last step, with the time that each part takes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/data/person_table.hpp"
#include "engine/run/model.hpp"
#include "engine/run/simulation.hpp"

namespace proeftuin::benchmarks {

/// A file of this source tree, by its path from the root.
std::string source_file(const std::string& path);

struct ScenarioChoice {
    std::string path;
    std::optional<std::size_t> people{};
    std::optional<int> years{};
    std::optional<std::string> step{};  ///< empty: as the scenario says
    std::vector<std::string> settings{};  ///< PATH=VALUE
    std::vector<std::string> measures{};  ///< only these; empty: all
    std::optional<std::uint64_t> seed{};
    const PersonTable* people_given = nullptr;  ///< instead of the people of the scenario
};

/// A scenario that was read, checked and compiled.
struct Compiled {
    std::shared_ptr<const Model> model;
    std::optional<PersonTable> synthesised;
    std::size_t number = 0;  ///< people at the start
    RunKey key;
    double load_seconds = 0.0, people_seconds = 0.0, compile_seconds = 0.0;
};

/// \throws std::runtime_error with all diagnostics
Compiled compile(const ScenarioChoice& choice);

/// Index of a measure. \throws std::runtime_error when there is none of that name
std::size_t measure_of(const Model& model, std::string_view name);

}  // namespace proeftuin::benchmarks
