// What the cells of a table stand for.
#pragma once

#include <string>

#include "engine/expr/type.hpp"

namespace proeftuin {

/// Where cell k of a numeric axis begins. The value of a year of age or a calendar year that is read linearly holds in
/// the middle of the year, where the point of the axis is; the cell is the whole year.
double cell_start(const TableAxis& axis, std::size_t k);

/// "female, age 80" of a cell (its place in Table::values).
std::string cell_text(const Table& table, std::size_t cell);

}  // namespace proeftuin
