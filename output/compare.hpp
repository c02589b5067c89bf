// Two scenarios side by side: the lines of the page of both, and their difference.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "output/difference.hpp"
#include "output/table.hpp"

namespace proeftuin::output {

struct ResultSet;
struct ShowOptions;

/// A line of the page in two scenarios, in the last period that both have.
struct ComparedRow {
    std::string label;
    std::string unit;  ///< empty for plain numbers
    std::string period;  ///< "year", "date"; empty: of the whole run
    double at = std::numeric_limits<double>::quiet_NaN();  ///< which
    Difference last = {};  ///< in that period
    Difference over_all = {};  ///< of all periods that both have, added; NaN: they do not add up
    int decimals = -1;
};

struct ComparedBlock {
    std::string heading;
    std::vector<ComparedRow> rows;
};

struct Comparison {
    std::vector<ComparedBlock> blocks;
    bool paired = false;  ///< as are_paired
};

/// Lines of the same label under the same heading. The parts of a growth are left out.
/// \throws std::invalid_argument when the two have no line or period in common
Comparison compare(const ResultSet& here, const ResultSet& against, const Selection& selection = {});

/// As a page and as JSON. \throws std::invalid_argument as above
std::string comparison_text(const ResultSet& here, const ResultSet& against, const ShowOptions& options);
std::string comparison_json(const ResultSet& here, const ResultSet& against, const Selection& selection = {});

}  // namespace proeftuin::output
