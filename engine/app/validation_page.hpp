// A validation in words: counts of verdicts, and texts of rows that the pages and the terminal share.
#pragma once

#include <string>

#include "engine/app/validate.hpp"

namespace proeftuin::app {

/// Rows by verdict.
struct VerdictCounts {
    int rows = 0, inside = 0, noise = 0, explained = 0, outside = 0, shown = 0;
    void add(Verdict verdict);
};

/// Of one target; of all when `target` is empty.
VerdictCounts count_verdicts(const ValidationReport& report, const std::string& target);

/// "female, 40-44": which row of the table it is; "all" without keys.
std::string keys_text(const ValidationRow& row);
/// "rate base 2000 female: observed 0.5000, simulated 0.6000 (+20.0 %)".
std::string row_text(const ValidationRow& row);

}  // namespace proeftuin::app
