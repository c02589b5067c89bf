// A measure with most of its axes added up: what fits on a screen or in a chart.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "output/result_set.hpp"

namespace proeftuin::output {

/// Which part of a measure to look at.
struct Selection {
    std::vector<std::string> by = {};  ///< axes to keep besides the period; others are added up where that is right
    std::optional<double> from = {};  ///< first period, inclusive
    std::optional<double> until = {};  ///< last period, inclusive
};

/// Whether an axis counts repetitions of the run: replicates or draws.
bool is_repeat(const Dim& dim);

/// Index of the axis of periods: the first that is no repetition, when it has numbers other than ages.
std::optional<std::size_t> period_axis(const MeasureResult& measure);

/// Periods by groups. `values[row][column]`, NaN = nothing there.
struct Table {
    std::string period = {};  ///< name of the axis of periods; empty = no periods, one row
    std::vector<double> rows = {};  ///< the periods
    std::vector<std::string> columns =
        {};  ///< "female, 65-74"; one column called after the measure when nothing is kept
    std::vector<std::vector<double>> values = {};
    std::vector<std::string> kept = {};  ///< axes behind the columns, with those that cannot be added up
};

/// Adds up a measure over the axes that are not kept. Axes over which the measure does not add stay
/// (every axis of a mean); replicates and draws are averaged.
/// \throws std::invalid_argument when the selection names an axis that the measure does not have
Table tabulate(const MeasureResult& measure, const Selection& selection);

/// One number for a whole column: the sum over periods where the measure adds over time, else the last period.
double over_periods(const MeasureResult& measure, const Table& table, std::size_t column);

}  // namespace proeftuin::output
