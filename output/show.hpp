// Results in a terminal: tables and sparklines, and the same as JSON.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "output/table.hpp"

namespace proeftuin::output {

enum class Glyphs : bool { ascii, unicode };

/// What to show of a scenario's results.
struct ShowOptions {
    std::vector<std::string> measures = {};  ///< empty: the summary of the model, or a short overview without one
    bool all = false;  ///< without measures: an overview of all, a line each
    Selection selection = {};
    Glyphs glyphs = Glyphs::unicode;
    std::size_t width = 100;  ///< columns of the terminal
    std::string file = "FILE";  ///< how commands that are suggested call the results
};

/// A line of small bars, one per value, from the lowest to the highest.
std::string sparkline(std::span<const double> values, Glyphs glyphs);

/// The values in at most `width` numbers, each the mean of those that stand for it; 0 leaves them alone.
std::vector<double> thinned(std::span<const double> values, std::size_t width);

/// A number for reading: five or more digits before the point are grouped, otherwise five significant digits.
std::string readable(double number);

/// Text for people. \throws std::invalid_argument for a measure or axis that is not there (the message lists those that
/// are)
std::string show(const ResultSet& set, const ShowOptions& options);

/// The same as JSON (UTF-8, indented): `scenario`, `doc`, `summary` (unless measures are named), and `measures` with
/// their table. NaN becomes null.
std::string show_json(const ResultSet& set, const ShowOptions& options);

}  // namespace proeftuin::output
