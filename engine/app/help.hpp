// What the command line can do, for people and for programs.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace proeftuin::app {

/// Everything that `--help` says of the program, as JSON: its flags, `verbs` with arguments and flags (type, default,
/// choices, range), `exit_codes`, `environment`.
std::string help_json(const CLI::App& app);

/// The same of one verb.
std::string verb_json(const CLI::App& verb);

/// Exit codes and environment in words, for the end of `--help`.
std::string help_footer();

}  // namespace proeftuin::app
