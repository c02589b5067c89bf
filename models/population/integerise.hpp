// Turns fractional cells of a fitted table into whole people, keeping margins as nearly as whole people can.
#pragma once

#include <cstdint>
#include <vector>

#include "models/population/margin.hpp"

namespace proeftuin::population {

struct IntegeriseOptions {
    /// Where systematic rounding starts, in [0, 1): a keyed draw, so that seeds differ.
    double start = 0.5;
    /// So many leading axes have combinations whose totals are whole already and must come out exactly.
    std::size_t fixed_axes = 0;
    /// Passes of the repair of margins, each over all cells.
    std::size_t passes = 40;
};

struct IntegeriseResult {
    std::vector<std::uint32_t> counts;  ///< each the floor or the ceiling of its cell; zeros stay zero
    std::size_t moves = 0;  ///< people moved by the repair
};

/// Rounds every cell down or up. Systematic rounding in row-major order makes the sum of any run of cells right to
/// within one; then single people move along one axis at a time as long as that lowers the sum of squared errors of
/// `margins`. The total is the nearest whole number to the sum of `table`, which is scaled to it first. Method:
/// docs/methods/population_synthesis.md. \pre margins' targets are of the size of the table's own sums (they need not
/// be whole)
IntegeriseResult integerise(const Shape& shape, const std::vector<double>& table, const std::vector<Margin>& margins,
                            const IntegeriseOptions& options = {});

}  // namespace proeftuin::population
