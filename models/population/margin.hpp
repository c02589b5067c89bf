// Margins of a many-way table: totals over any of its axes, each axis as it is or in groups.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace proeftuin::population {

/// Sizes of the axes of a dense table; the last axis varies fastest.
using Shape = std::vector<std::size_t>;

/// Number of cells of a table; 1 without axes.
std::size_t cells_of(const Shape& shape);

/// One axis of a margin: which axis of the table, and the group that each of its values belongs to.
struct MarginAxis {
    std::size_t axis = 0;  ///< index into the shape of the table
    std::vector<std::uint32_t> group;  ///< group of each value; empty: every value is its own group
    std::size_t groups = 0;  ///< number of groups; ignored when `group` is empty
};

/// Wanted totals of the cells of a table, over the axes that are not named.
struct Margin {
    std::string name;
    std::vector<MarginAxis> axes;
    std::vector<double> target;  ///< row-major over the groups of `axes`; NaN: this cell has no target
};

/// Sizes of a margin itself.
Shape margin_shape(const Margin& margin, const Shape& shape);

/// For every cell of the table the cell of the margin that it counts for.
std::vector<std::uint32_t> margin_cells(const Margin& margin, const Shape& shape);

/// Sums of `table` over the cells of a margin.
std::vector<double> margin_sums(const std::vector<double>& table, const std::vector<std::uint32_t>& cells,
                                std::size_t size);

/// Two margins that cannot both hold: where they speak of the same people their totals differ.
struct Discrepancy {
    std::size_t first = 0;  ///< index of the margin given first
    std::size_t second = 0;
    std::size_t first_cell = 0;  ///< a cell of each margin that lies in the part where they differ
    std::size_t second_cell = 0;
    double first_total = 0.0;
    double second_total = 0.0;
    bool overall = false;  ///< the totals over everything differ, not only those of a part
};

/// The largest relative difference between any two margins on what they have in common (their grand totals at
/// least; more where they share axes); nothing when none exceeds `tolerance`. Parts with a missing target are left out.
std::optional<Discrepancy> find_discrepancy(const std::vector<Margin>& margins, const Shape& shape, double tolerance);

/// Rescales margin `which` so that it agrees with those before it on what they have in common, keeping its odds
/// otherwise (by proportional fitting of the margin itself).
/// \return the largest relative change of a cell; nothing when no rescaling can make it agree
std::optional<double> rescale_margin(std::vector<Margin>& margins, std::size_t which, const Shape& shape);

}  // namespace proeftuin::population
