// How differences are written: in columns for people, as JSON for programs.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "output/difference.hpp"

namespace proeftuin::output {

/// The text in brackets when the interval of the difference has 0 in it.
std::string doubtful(const Difference& difference, const std::string& text);

/// "-4.1 to +0.3"; empty without an interval.
std::string interval_text(const Difference& difference, int decimals);

/// Lines of cells, the first of each at the left, the others at the right of their column.
std::string in_columns(const std::vector<std::vector<std::string>>& lines);

/// `difference`, `standard_error`, `low`, `high`, `percent`, `here`, `against`; null where there is none.
nlohmann::ordered_json difference_json(const Difference& difference);

}  // namespace proeftuin::output
