// Random typed expression trees over random people, with bounds on what rounding may do to them.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "engine/expr/expression.hpp"
#include "engine/expr/program.hpp"
#include "engine/expr/tree.hpp"

namespace proeftuin::testing {

using Random = std::mt19937_64;

/// People, scalars and tables that random trees draw on.
struct RandomWorld {
    static constexpr std::size_t people = 600;
    explicit RandomWorld(Random& random);

    std::vector<std::shared_ptr<const Categories>> categories;  ///< by column id; null for numbers
    std::vector<std::shared_ptr<const Table>> tables;
    ColumnWidths widths;
    std::vector<std::vector<double>> numbers;
    std::vector<std::vector<std::uint8_t>> bytes;
    std::vector<std::vector<std::uint16_t>> words;
    std::vector<const void*> columns;
    std::vector<double> scalars;

    EvaluationInput input(const std::uint16_t* slots = nullptr, std::size_t n = people) const {
        return {columns.data(), scalars.data(), slots, n};
    }
};

/// A random tree of at most `depth` levels that yields a number.
ExprPtr random_number(Random& random, const RandomWorld& world, int depth);

/// What an evaluation may yield when sums and products are re-associated.
struct Bound {
    double value = 0.0;
    double error = 0.0;  ///< largest allowed distance
    double magnitude = 0.0;  ///< of the terms and factors inside
    bool known = true;  ///< false: rounding may decide a comparison, a cell, an overflow
};
Bound bound_of(const ExprNode& node, const RandomWorld& world, std::size_t person);

/// Trees with one part of `root` left out or replaced by something simpler.
std::vector<ExprPtr> simpler(const ExprPtr& root);
std::string to_text(const ExprNode& node);

}  // namespace proeftuin::testing
