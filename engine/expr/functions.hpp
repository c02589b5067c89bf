// The functions of the expression language, in one table: the binder, the tests and the reference page read it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/expr/tree.hpp"

namespace proeftuin {

/// What a function asks of the units of its arguments, and the unit that it yields.
enum class UnitRule : std::uint8_t {
    plain,  ///< dimensionless in, dimensionless out
    keep,  ///< all arguments and the result have one unit
    root,  ///< the square root of the argument's unit
    power,  ///< base to a whole power keeps its dimension; otherwise all dimensionless
    compare,  ///< arguments of one unit, dimensionless out
    clock  ///< takes a process, not a value; yields years
};

struct FunctionEntry {
    std::string_view name;
    std::string_view parameters;  ///< for the reference: "x, low, high"
    int fewest;  ///< arguments
    int most;
    UnitRule rule;
    Operation operation;  ///< of one or two arguments; more are chained; clamp and step are put together
    std::string_view doc;
    std::string_view example;  ///< an expression of constants; empty for `clock`
    double value;  ///< of the example
};

/// All functions, sorted by name.
std::span<const FunctionEntry> all_functions();
const FunctionEntry* find_function(std::string_view name);

/// The reference page of the functions, in Markdown.
std::string functions_markdown();

}  // namespace proeftuin
