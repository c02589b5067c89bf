// The typed tree of an expression: what the binder makes, the compiler reads and the reference evaluates.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/expr/type.hpp"

namespace proeftuin {

/// What a node of an expression computes. Booleans are 0 or 1, categories their code, all as double.
enum class Operation : std::uint8_t {
    // leaves
    constant,
    number_column,
    category_column,
    scalar,
    // structure
    look_up,  ///< table[children...], one child per axis
    choose,  ///< children[0] ? children[1] : children[2]
    one_of,  ///< children[0] has one of `codes`
    opaque,  ///< children[0], never merged with what is around it: its bits are those it has alone
    // arithmetic
    negate,
    add,
    subtract,
    multiply,
    divide,
    power,
    // comparison and logic
    less,
    less_equal,
    greater,
    greater_equal,
    equal,
    not_equal,
    both,
    either,
    opposite,
    // functions
    exp,
    log,
    log1p,
    expm1,
    sqrt,
    absolute,
    minimum,
    maximum,
    floor,
    ceil,
    logistic,
    logit,
};

/// One operation of an expression. Immutable and shared; all numbers are in base units.
struct ExprNode {
    Operation operation = Operation::constant;
    ValueKind kind = ValueKind::number;
    /// Put together by the program (an effect): computed from its finished children, never merged with what is inside
    /// or around it.
    bool barrier = false;
    std::uint32_t id = 0;  ///< column or scalar
    std::uint32_t depth = 1;  ///< of the tree below, this node included
    double value = 0.0;  ///< constant
    Unit unit = {};  ///< of a number, in base units
    std::shared_ptr<const Table> table = nullptr;  ///< look_up
    std::shared_ptr<const Categories> categories = nullptr;  ///< of nodes that yield a category
    std::vector<int> codes = {};  ///< one_of
    std::vector<std::shared_ptr<const ExprNode>> children = {};
};

using ExprPtr = std::shared_ptr<const ExprNode>;

/// A node over `children`, with its depth.
ExprPtr make_node(Operation operation, ValueKind kind, Unit unit, std::vector<ExprPtr> children);
ExprPtr make_constant(double value, ValueKind kind = ValueKind::number, Unit unit = {});

/// Deepest tree that any part of the program must accept.
inline constexpr std::uint32_t max_expression_depth = 1000;

}  // namespace proeftuin
