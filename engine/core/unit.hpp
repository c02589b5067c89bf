// Units of measurement: products of powers of named base units, with a factor to them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace proeftuin {

/// A unit such as `per year`, `EUR per month`, `kg/m2`. Base unit of time is the year.
struct Unit {
    double factor = 1.0;  ///< size in base units: month = 1/12 [year]
    std::map<std::string, int> powers;  ///< base unit -> power, no zeros; empty = dimensionless

    bool dimensionless() const { return powers.empty(); }
    /// Same dimension; factors may differ.
    bool same_dimension(const Unit& other) const { return powers == other.powers; }
};

/// Product and quotient of units, and whole powers.
Unit operator*(const Unit& a, const Unit& b);
Unit operator/(const Unit& a, const Unit& b);
Unit power(const Unit& a, int exponent);

/// Reads `1`, `per year`, `EUR per year`, `kg/m2`, `years`, `contact per month`. Time: year(s), month(s) = 1/12,
/// week(s) = 7/365.25, day(s) = 1/365.25. Any other identifier is a base unit of its own.
/// \return nothing when the text is not a unit
std::optional<Unit> parse_unit(std::string_view text);

/// What was meant where a unit is a common way to write a known one otherwise: "per yr" -> "per year", "euro" -> "EUR".
/// Any other name may be a unit of the author's own. Nothing when all names are fine.
std::optional<std::string> intended_unit(std::string_view text);

/// Canonical text, e.g. "EUR per year"; "1" when dimensionless. Factors other than 1 are not shown.
std::string to_string(const Unit& unit);

}  // namespace proeftuin
