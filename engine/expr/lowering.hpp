// Turns the graph of expressions into operations that the kernels have: merges tables, flattens sums and products.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/expr/bytecode.hpp"
#include "engine/expr/graph.hpp"
#include "engine/expr/program.hpp"

namespace proeftuin {

using ValueId = std::uint32_t;
inline constexpr ValueId no_value = 0xffffffffu;

/// An operation of the program before registers are given out.
struct LowValue {
    Code code = Code::constant;
    bool uniform = false;
    std::array<ValueId, 3> args{no_value, no_value, no_value};
    std::int32_t i0 = 0;
    std::int32_t i1 = 0;
    std::uint32_t column = 0;  ///< loads; scalar
    double number = 0.0;
    std::shared_ptr<const std::vector<double>> data = nullptr;
};

/// Where the rows of a look_up_rows begin in its data: at the first cache line.
const double* first_row(const std::vector<double>& data);

/// Every decision depends on the expression alone, never on what else is compiled: so an expression has the same
/// bits in every program. What is merged: the factors of a product, and the terms of a sum, that depend on a few
/// categories only; constants; factors and terms that are the same for everybody.
class Lowering {
public:
    Lowering(Graph& graph, const ColumnWidths& widths);
    /// The value of a node as a number.
    ValueId number(NodeId node);
    /// The sum of codes times strides, as an index; `outside` where `when` does not hold.
    ValueId cell(const std::vector<std::pair<NodeId, std::int32_t>>& terms, std::optional<NodeId> when,
                 std::int32_t outside);
    /// Lays tables side by side that are looked up in the same cell, or could be: one fetch serves several. No bit
    /// changes. Once, after the last `number`.
    void pack_tables();
    const LowValue& value(ValueId id) const { return values_[id]; }
    std::size_t size() const { return values_.size(); }

private:
    /// How a numeric axis is looked up: on a grid of whole steps, or by search.
    struct AxisPlan {
        bool grid = false;
        bool linear = false;
        bool uniform = false;
        double phase = 0.0;
        int low = 0;  ///< first cell of the grid
        int high = 0;  ///< last cell of the grid
        NodeId argument = 0;
        const TableAxis* axis = nullptr;
        std::size_t cells() const { return grid ? static_cast<std::size_t>(high - low + 1) : axis->points.size(); }
        /// Row of the table for each cell; one more at the end for a linear axis whose next cell is looked up too.
        std::vector<std::size_t> rows() const;
    };
    /// One dimension of a table laid out anew.
    struct Dimension {
        std::size_t size = 1;
        int axis = -1;  ///< axis of the table; -1: the combinations of `sources`
        std::vector<std::size_t> rows = {};  ///< row of that axis for each cell
    };
    struct Parts {
        std::vector<std::pair<NodeId, bool>> items;  ///< true: divided by, subtracted
    };

    ValueId lower(NodeId node);
    ValueId lower_leaf(NodeId node);
    ValueId lower_power(NodeId node);
    ValueId product(NodeId node);
    ValueId sum(NodeId node);
    ValueId conjunction(NodeId node);
    void flatten_product(NodeId node, bool inverse, Parts& parts, double& sign) const;
    void flatten_sum(NodeId node, bool negative, Parts& parts) const;
    void flatten_same(NodeId node, Operation operation, std::vector<NodeId>& parts) const;
    /// Merges tabulable items into as few tables as the size limit allows, `combine` putting them together.
    template <class Combine>
    std::vector<ValueId> merge_tables(const Parts& tabulable, double start, double neutral, Combine combine);

    // lowering_tables.cpp
    ValueId merged_table(const std::vector<NodeId>& sources, std::vector<double> values);
    ValueId code_of(NodeId source);
    ValueId cell_itself(ValueId table);
    ValueId index_of(const std::vector<NodeId>& sources);
    ValueId look_up(NodeId node);
    AxisPlan plan_axis(NodeId argument, const TableAxis& axis) const;
    static bool grid_of(const TableAxis& axis, double& phase, int& low, int& high);
    ValueId cell_of(const AxisPlan& plan);
    ValueId share_of(const AxisPlan& plan);
    std::vector<double> lay_out(const GraphNode& node, const std::vector<NodeId>& sources,
                                const std::vector<Dimension>& dimensions, const std::vector<std::size_t>& fixed);
    void join_grids();

    // lowering_packing.cpp
    struct Pack;
    void join_packs(std::vector<Pack>& packs) const;
    std::vector<double> spread(const std::vector<double>& table, const std::vector<NodeId>& own,
                               const std::vector<NodeId>& all) const;
    void lay_side_by_side(const Pack& pack);

    ValueId make(Code code, ValueId a = no_value, ValueId b = no_value, ValueId c = no_value);
    ValueId intern(LowValue value);
    ValueId constant(double value);
    ValueId index_constant(std::int32_t value);
    std::shared_ptr<const std::vector<double>> pool(std::vector<double> values);

    Graph& graph_;
    const ColumnWidths& widths_;
    std::vector<LowValue> values_;
    std::unordered_map<std::string, ValueId> known_;
    std::unordered_map<NodeId, ValueId> lowered_;
    std::unordered_map<ValueId, std::vector<NodeId>> merged_;  ///< tables over categories alone: which
    std::unordered_map<std::uint64_t, std::vector<std::shared_ptr<const std::vector<double>>>> pool_;
    std::map<std::pair<NodeId, double>, std::pair<int, int>>
        grids_;  ///< (argument, phase) -> first and last cell in use
};

}  // namespace proeftuin
