// What a validation compares: values of a run with the rows of an observed table.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/app/validate.hpp"

namespace proeftuin::app {

using AxisLabels = std::vector<std::pair<std::string, std::string>>;  ///< axis of a measure, label

/// One run with its results; looks up cells of measures by replicate and year.
/// All look-ups \throw std::invalid_argument for what is not there.
class ValidationResults {
public:
    std::string name;
    const models::ValidationRun* run = nullptr;
    int start = 0;  ///< calendar year
    int replicates = 1;
    output::ResultSet set;

    const output::MeasureResult& measure(const std::string& wanted) const;
    /// Sum over the cells that `axes` select; the label `all` selects every one. `replicate` -1: the mean of all.
    double cell(const std::string& wanted, int replicate, double period, const AxisLabels& axes) const;
    /// Whether the axis has the label.
    bool has(const std::string& wanted, const std::string& axis, const std::string& label) const;
    /// Over people, of their totals; of the whole run where there is none of the year. `replicate` -1: the mean of all.
    double statistic(const std::string& wanted, const std::string& which, int replicate, int period) const;
};

/// The rows of a target for one run, with verdicts. A mistake in a table goes to the sink.
/// \throws std::invalid_argument for a column, measure, axis, label or year that is not there
std::vector<ValidationRow> compare(const std::string& name, const models::ValidationTarget& target,
                                   const ValidationResults& run, SourceFiles& files, DiagnosticSink& sink);

}  // namespace proeftuin::app
