// Measures as tidy CSV: one row per cell, a column per axis, then the value and its companions.
#pragma once

#include <string>
#include <vector>

#include "output/result_set.hpp"

namespace proeftuin::output {

/// A number in the fewest digits that read back to the same double; empty for NaN.
std::string shortest(double number);

/// The whole measure as CSV (RFC 4180, '.' decimal, UTF-8). '#' lines at the top give unit, price year and the like.
std::string to_csv(const ResultSet& set, const MeasureResult& measure);

/// Writes `<directory>/<scenario>__<measure>.csv` for every measure; returns the paths. \throws IoError
std::vector<std::string> write_csv_files(const ResultSet& set, const std::string& directory);

}  // namespace proeftuin::output
