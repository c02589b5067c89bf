// A scenario as its files state it, put together: includes, inheritance, settings; ready for the engine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/config/diagnostic.hpp"
#include "engine/config/node.hpp"
#include "engine/config/overrides.hpp"
#include "engine/run/model_spec.hpp"
#include "models/coalition/coalition.hpp"
#include "models/network/network.hpp"
#include "models/outcome/summary.hpp"
#include "models/parameters.hpp"
#include "models/population/region.hpp"

namespace proeftuin::models {

/// Where the library of models is: the environment variable PROEFTUIN_LIBRARY, else beside the program, else as built.
std::string library_folder();

/// One entry that a scenario uses.
struct LoadedEntry {
    std::string kind;
    std::string name;
    std::string path;  ///< of its file, as messages show it
    std::string folder;
    Node node;
    Located<std::string> root = {};  ///< name in the scenario's `include` that brings it in, itself or by a bundle
};

struct Source {
    std::string key;
    SourceSpan where;
    std::vector<std::pair<std::string, std::string>> fields;
};

struct RecordSpec {
    bool persons = false;
    double share = 1.0;  ///< of the start population and entrants
    std::optional<std::size_t> number;  ///< of people at the start, in place of a share; entrants in proportion
    int every = 0;  ///< years from row to row of a person; 0: the end of the run only
    std::vector<Located<std::string>> columns;  ///< empty: all
    SourceSpan where;
};

/// A scenario that was read and checked; `model` still has texts of expressions, bound by compile_model.
struct LoadedScenario {
    std::string name;
    std::string doc;
    std::string path;
    ModelSpec model;
    std::optional<population::RegionSpec> region;
    std::optional<std::string> population_file;  ///< HDF5 with people, instead of a region
    std::size_t people = 0;  ///< simulated; 0: as many as the region says
    std::uint64_t seed = 1;
    int replicates = 1;
    RecordSpec record;
    std::vector<LoadedEntry> entries;
    std::vector<ResolvedParameter> parameters;
    std::vector<Source> sources;
    std::vector<outcome::SummarySectionEntry> summary;
    std::vector<network::Drawn> networks;
    std::vector<coalition::Account> coalitions;
    Node resolved;  ///< the scenario's own node after inheritance and settings
};

struct LoadOptions {
    std::vector<std::string> settings;  ///< PATH=VALUE of the command line
    std::optional<std::size_t> people;
    std::optional<int> years;
    std::optional<std::string> step;
};

/// Reads a scenario file and everything it names. All mistakes go to the sink.
/// \throws IoError when the scenario file itself cannot be read
std::optional<LoadedScenario> load_scenario(const std::string& path, const LoadOptions& options, SourceFiles& files,
                                            DiagnosticSink& sink);

/// The kinds of entry, for `schema` and the reference pages.
std::vector<std::shared_ptr<const ObjectInfo>> entry_kinds();

/// One entry after settings, as YAML.
std::string entry_yaml(const LoadedEntry& entry);

/// The scenario as one YAML text: every entry after settings, with where each changed value came from.
std::string resolved_yaml(const LoadedScenario& scenario, const SourceFiles& files);

}  // namespace proeftuin::models
