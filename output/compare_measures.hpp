// A measure in two scenarios, by period and group.
#pragma once

#include <string>
#include <vector>

#include "output/difference.hpp"
#include "output/table.hpp"

namespace proeftuin::output {

struct MeasureResult;
struct ResultSet;
struct ShowOptions;

/// Differences of a measure. `cells[row][column]`; `over_all[column]` is of all rows added, empty where they do not
/// add.
struct ComparedMeasure {
    std::string name;
    std::string doc;
    std::string unit;
    std::string period;  ///< name of the axis of periods; empty: one row
    std::vector<double> rows = {};  ///< periods that both have
    std::vector<std::string> columns = {};  ///< groups that both have
    std::vector<std::vector<Difference>> cells = {};
    std::vector<Difference> over_all = {};
};

/// \throws std::invalid_argument when the two do not have the measure, an axis of it, or a period in common
ComparedMeasure compare_measure(const ResultSet& here, const ResultSet& against, const std::string& name,
                                const Selection& selection);

/// `options.measures` of both, or all that both have with `options.all`; as tables and as JSON text.
/// \throws std::invalid_argument as above
std::string measures_comparison_text(const ResultSet& here, const ResultSet& against, const ShowOptions& options);
std::string measures_comparison_json(const ResultSet& here, const ResultSet& against, const ShowOptions& options);

}  // namespace proeftuin::output
