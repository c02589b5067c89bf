// The expressions of a program as one graph in which equal parts are one node.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/expr/tree.hpp"

namespace proeftuin {

using NodeId = std::uint32_t;

/// One distinct operation.
struct GraphNode {
    Operation operation = Operation::constant;
    ValueKind kind = ValueKind::number;
    bool barrier = false;
    bool uniform = false;  ///< the same for everybody; false for anything that holds a barrier
    /// Depends on categories alone, of at most `largest_merged_table` combinations: can be tabulated.
    bool tabulable = false;
    std::uint32_t id = 0;
    std::uint32_t labels = 0;  ///< number of categories, of nodes that yield one
    double value = 0.0;
    std::shared_ptr<const Table> table = nullptr;
    std::vector<int> codes = {};
    std::vector<NodeId> args = {};
    /// Nodes that yield the categories this one depends on, ascending. A category that cannot be tabulated is its own.
    std::vector<NodeId> sources = {};
    bool source_of_itself = false;
};

/// Combinations of categories that one merged table may have.
inline constexpr std::size_t largest_merged_table = 512;

/// Builds the graph; folds constants.
class Graph {
public:
    NodeId add(const ExprNode& root);
    const GraphNode& node(NodeId id) const { return nodes_[id]; }
    std::size_t size() const { return nodes_.size(); }
    NodeId add_constant(double value);

    /// Number of combinations of the categories of `sources`.
    std::size_t combinations(const std::vector<NodeId>& sources) const;
    /// Union of two ascending lists.
    static std::vector<NodeId> merge(const std::vector<NodeId>& a, const std::vector<NodeId>& b);
    /// Values of a tabulable node over `sources` (its own or more), the last source fastest.
    std::vector<double> tabulate(NodeId id, const std::vector<NodeId>& sources);

private:
    NodeId intern(GraphNode node);
    void classify(GraphNode& node, NodeId self) const;
    std::string key(const GraphNode& node) const;
    const std::vector<double>& own_table(NodeId id);

    std::vector<GraphNode> nodes_;
    std::unordered_map<std::string, NodeId> known_;
    std::unordered_map<const ExprNode*, NodeId> added_;
    std::unordered_map<NodeId, std::vector<double>> tables_;
};

/// The value of one operation; of a look-up in `table` for look_up.
double evaluate_operation(const GraphNode& node, const std::vector<double>& args);

/// Where `x` falls on a numeric axis: the cell, and the share of the way to the next one (0 for steps and outside).
struct AxisPlace {
    std::size_t cell;
    double share;
};
AxisPlace place_on(const TableAxis& axis, double x);

}  // namespace proeftuin
