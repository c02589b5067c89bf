// The numbers of a scenario with where they come from: what `check --resolved` prints.
#pragma once

#include <string>
#include <vector>

#include "engine/app/session.hpp"

namespace proeftuin::app {

/// Every parameter in a few lines, then the sources; with names only those parameters, processes, entries and sources,
/// and all of each: every value of a table, every key of a process.
/// \throws std::invalid_argument for a name that is none of these
std::string resolved_text(const Prepared& prepared, const std::vector<std::string>& names);
std::string resolved_json(const Prepared& prepared, const std::vector<std::string>& names);

}  // namespace proeftuin::app
