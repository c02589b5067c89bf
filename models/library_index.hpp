// Which entry of the library declares a name: for messages about names of entries that are not included.
#pragma once

#include <string>
#include <vector>

#include "engine/config/diagnostic.hpp"
#include "models/scenario.hpp"

namespace proeftuin::models {

/// Library entries (by the name that `include` takes, sorted) that declare `name`: a process or set of that name, a
/// parameter, attribute, measure, group or source. Reads the library: only for messages.
std::vector<std::string> entries_that_declare(const std::string& name, const std::vector<LoadedEntry>& included);

/// The same messages, where one says that a name is unknown which an entry of the library declares: with the entry to
/// include as help.
DiagnosticSink with_library_hints(const DiagnosticSink& sink, const std::vector<LoadedEntry>& included);

}  // namespace proeftuin::models
