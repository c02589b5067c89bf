// What the verbs share: loading, reporting, running a scenario.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/config/diagnostic.hpp"
#include "engine/run/model.hpp"
#include "engine/run/simulation.hpp"
#include "models/population/synthesize.hpp"
#include "models/scenario.hpp"
#include "output/result_set.hpp"

namespace proeftuin::app {

/// Choices that every verb has.
struct Common {
    bool json = false;
    bool strict = false;  ///< warnings are errors
    std::string format = "full";  ///< of diagnostics: full, short
};

/// Settings of a run that are not in the scenario.
struct RunChoices {
    std::string scenario;
    std::string out;
    models::LoadOptions load;
    std::optional<std::uint64_t> seed;
    std::optional<int> replicates;
    int threads = 0;
    std::size_t chunk = 0;  ///< 0: chosen by the number of people
    bool resume = false;
    std::string checkpoint;  ///< file; empty: beside the results
    int checkpoint_every = 0;  ///< years; 0: only when stopped
    std::string from;  ///< checkpoint to fork from
};

/// A scenario that was read, checked and compiled, with its people.
struct Prepared {
    SourceFiles files;
    DiagnosticSink sink;
    models::LoadedScenario scenario;
    std::optional<PersonTable> people;
    std::optional<population::FitReport> fit;
    std::shared_ptr<const Model> model;  ///< null when there are errors
    output::Summary summary;  ///< that the scenario declares
    double stands_for = 1.0;  ///< people of the region for each one simulated; results are multiplied by it
    double seconds_load = 0.0, seconds_people = 0.0, seconds_compile = 0.0;
};

/// Set by Ctrl-C.
extern std::atomic<bool> interrupted;
void catch_interrupt();

/// Loads and compiles. Diagnostics stay in `prepared.sink`. \throws IoError
void prepare(Prepared& prepared, const RunChoices& choices, std::uint64_t replicate = 0);

/// Prints the diagnostics to stderr (or json to stdout). \return exit code
int report(const Prepared& prepared, const Common& common);

/// All replicates from start to end, or until interrupted.
struct RunOutcome {
    bool finished = false;
    output::ResultSet results;
    RunResults raw;
    double seconds = 0.0;
    std::string checkpoint;  ///< written when interrupted
    int replicate = 0;  ///< that was interrupted; from 0
};
RunOutcome run_prepared(Prepared& prepared, const RunChoices& choices, const Common& common);

/// The same, and tells what goes wrong for people and numbers. \return exit code; ok also when interrupted
int run_or_report(Prepared& prepared, const RunChoices& choices, const Common& common, RunOutcome& outcome);

/// Raw sums of one or more replicates as measures with axes.
output::ResultSet to_result_set(const Prepared& prepared, const std::vector<RunResults>& replicates,
                                const RunChoices& choices);

/// Statistics over people's totals that the results of a measure hold.
std::vector<std::string> shown_statistics(const Measure& measure);

/// A long run must not end in a folder that cannot be written: makes it. \throws IoError
void check_writable(const std::string& file);

/// Whether stderr is a terminal that wants colour and progress.
bool interactive();

std::string version_text();

}  // namespace proeftuin::app
