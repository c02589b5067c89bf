// The page that a run ends with: lines that the model declares over its measures, worked out and set.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "output/summary_spec.hpp"
#include "output/table.hpp"

namespace proeftuin::output {

struct ResultSet;
struct ShowOptions;

/// A line of a summary worked out: one number per period, averaged over replicates.
struct SummaryRow {
    std::string label;
    std::string unit;  ///< of `values`: "million EUR", "%"; empty for plain numbers
    std::string period = {};  ///< name of the axis: "year", "date"
    std::vector<double> periods = {};
    std::vector<double> values = {};  ///< NaN = nothing there
    std::vector<double> spread = {};  ///< standard deviation between replicates; empty when there is one
    std::vector<std::vector<double>> replicates = {};  ///< [replicate][period]: `values` is their mean
    bool adds_up = false;  ///< over periods, where they are years
    std::vector<double> per_1000 = {};  ///< of the section's reference; empty when it has none
    int decimals = -1;  ///< digits after the point; -1: by size
    SummaryLine::Change change = SummaryLine::Change::percent;
    std::string note = {};
    std::string part = {};  ///< of the growth of an amount: "people", "ages", "care", "index"; else empty
    double log_mean = std::numeric_limits<double>::quiet_NaN();  ///< of that amount, first and last period
    bool within_chance = false;  ///< a count whose first and last differ by no more than luck would make them

    /// From the first to the last period: in percent, or in units. NaN when it is not wanted or cannot be.
    /// Of a part of growth: by how many percent the part alone lets the amount grow.
    double total_change() const;
    /// The same a year: compound for percent, even for units.
    double yearly_change() const;
};

struct SummaryBlock {
    std::string heading;
    std::string per_1000;  ///< measure that `per_1000` of the rows refers to; may be empty
    std::vector<SummaryRow> rows = {};
    std::vector<std::string> notes = {};
};

/// Works out what the results declare, for the periods from `selection.from` until `selection.until`.
/// \throws std::invalid_argument when a line names what the results do not hold
std::vector<SummaryBlock> evaluate_summary(const ResultSet& set, const Selection& selection = {});

/// The page as text, at most `options.width` columns wide where labels allow. \throws std::invalid_argument as above
std::string summary_text(const ResultSet& set, const ShowOptions& options);

/// The page as JSON text: `replicates`, `sections` with their `lines`, `notes`.
std::string summary_json(const ResultSet& set, const Selection& selection = {});

/// Mean years of life left at the lower bound of the first band, of the deaths and person-years of one period by age.
/// The death rate is constant within a band; bands after the last with a death join it, and it is left open.
///
///     L = l (1 - exp(-n m)) / m,   m = deaths / person-years,   n = width of the band [years]
///
/// \param bounds lower bounds of the bands, ascending
/// \param counted person-years that count (Sullivan's method); empty: all of them
/// \return NaN when nobody died
double years_of_life(const std::vector<double>& bounds, const std::vector<double>& deaths,
                     const std::vector<double>& person_years, const std::vector<double>& counted = {});

}  // namespace proeftuin::output
