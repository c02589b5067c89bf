#include "engine/expr/functions.hpp"

#include <fmt/format.h>

#include <array>

namespace proeftuin {

namespace {

using enum UnitRule;

constexpr std::array entries{
    FunctionEntry{"abs", "x", 1, 1, keep, Operation::absolute, "Size of `x`, without its sign.", "abs(-3)", 3.0},
    FunctionEntry{
        "ceil", "x", 1, 1, keep, Operation::ceil,
        "Smallest whole number that is not below `x`. Numbers with a unit are rounded in its base unit: years, EUR.",
        "ceil(1.2)", 2.0},
    FunctionEntry{"clamp", "x, low, high", 3, 3, keep, Operation::minimum,
                  "`x`, but at least `low` and at most `high`.", "clamp(31, 15, 30)", 30.0},
    FunctionEntry{"exp", "x", 1, 1, plain, Operation::exp, "e to the power `x`.", "exp(1)", 2.718281828459045},
    FunctionEntry{"expm1", "x", 1, 1, plain, Operation::expm1, "exp(x) - 1, exact for small `x` too.", "expm1(1e-9)",
                  1.0000000005e-9},
    FunctionEntry{
        "floor", "x", 1, 1, keep, Operation::floor,
        "Largest whole number that is not above `x`. Numbers with a unit are rounded in its base unit: years, EUR.",
        "floor(42.9 years) / 1 year", 42.0},
    FunctionEntry{"log", "x", 1, 1, plain, Operation::log, "Natural logarithm of `x`.", "log(10)", 2.302585092994046},
    FunctionEntry{"log1p", "x", 1, 1, plain, Operation::log1p, "log(1 + x), exact for small `x` too.", "log1p(1e-9)",
                  9.999999995e-10},
    FunctionEntry{"logistic", "x", 1, 1, plain, Operation::logistic, "1 / (1 + exp(-x)): a probability from log odds.",
                  "logistic(0)", 0.5},
    FunctionEntry{"logit", "p", 1, 1, plain, Operation::logit, "log(p / (1 - p)): log odds from a probability.",
                  "logit(0.75)", 1.0986122886681098},
    FunctionEntry{"max", "a, b, ...", 2, 16, keep, Operation::maximum, "The largest of its arguments.", "max(1, 5, 3)",
                  5.0},
    FunctionEntry{"min", "a, b, ...", 2, 16, keep, Operation::minimum, "The smallest of its arguments.",
                  "min(0.2 per month, 1 per year) * 1 year", 1.0},
    FunctionEntry{"pow", "x, y", 2, 2, power, Operation::power, "`x` to the power `y`, the same as x ^ y.",
                  "pow(2, 10)", 1024.0},
    FunctionEntry{"sqrt", "x", 1, 1, root, Operation::sqrt, "Square root of `x`.", "sqrt(2)", 1.4142135623730951},
    FunctionEntry{"step", "x, edge", 2, 2, compare, Operation::greater_equal,
                  "0 where `x` is below `edge`, 1 from there on.", "step(65 years, 18)", 1.0},
    FunctionEntry{"time_in", "process", 1, 1, clock, Operation::number_column,
                  "Years since the person entered the present state of `process`; `time_in(copd in [gold3, gold4])` "
                  "counts from entering the set of states, and moves inside the set do not restart it.",
                  "", 0.0},
};

}  // namespace

std::span<const FunctionEntry> all_functions() { return entries; }

const FunctionEntry* find_function(std::string_view name) {
    for (const auto& entry : entries)
        if (entry.name == name) return &entry;
    return nullptr;
}

std::string functions_markdown() {
    std::string page = "| function | meaning | example |\n| --- | --- | --- |\n";
    for (const auto& entry : entries) {
        const std::string example =
            entry.example.empty() ? std::string{} : fmt::format("`{}` = {}", entry.example, entry.value);
        page += fmt::format("| `{}({})` | {} | {} |\n", entry.name, entry.parameters, entry.doc, example);
    }
    return page;
}

}  // namespace proeftuin
