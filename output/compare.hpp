// Two scenarios side by side: the lines of the page of both, and their difference.
#pragma once

#include <cmath>
#include <limits>
#include <string>
#include <vector>

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
    double against = 0.0, here = 0.0;  ///< means over replicates
    double difference = 0.0;  ///< here - against
    double error = std::numeric_limits<double>::quiet_NaN();  ///< standard error of `difference`; NaN: one replicate
    double over_all = std::numeric_limits<double>::quiet_NaN();  ///< differences of all periods added; NaN: do not add
    int decimals = -1;

    double percent() const;  ///< the difference in percent of `against`; NaN when that is not above 0
    bool within_chance() const { return std::fabs(difference) < 2.0 * error; }
};

struct ComparedBlock {
    std::string heading;
    std::vector<ComparedRow> rows;
};

struct Comparison {
    std::vector<ComparedBlock> blocks;
    bool paired = false;  ///< replicates are of the same people with the same luck: equal seed and numbers
};

/// Lines of the same label under the same heading. The parts of a growth are left out.
/// \throws std::invalid_argument when the two have no line or period in common
Comparison compare(const ResultSet& here, const ResultSet& against, const Selection& selection = {});

/// As a page and as JSON. \throws std::invalid_argument as above
std::string comparison_text(const ResultSet& here, const ResultSet& against, const ShowOptions& options);
std::string comparison_json(const ResultSet& here, const ResultSet& against, const Selection& selection = {});

}  // namespace proeftuin::output
