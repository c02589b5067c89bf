#include "engine/expr/graph.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "engine/core/contracts.hpp"
#include "engine/core/math.hpp"

namespace proeftuin {

AxisPlace place_on(const TableAxis& axis, double x) {
    const auto& points = axis.points;
    const auto above = std::upper_bound(points.begin(), points.end(), x, [](double v, double p) { return v < p; });
    // A NaN is at the first cell.
    const std::size_t cell =
        above == points.begin() || x != x ? 0 : static_cast<std::size_t>(above - points.begin()) - 1;
    if (axis.between == Interpolation::step || !(x > points.front() && x < points.back())) return {cell, 0.0};
    return {cell, (x - points[cell]) / (points[cell + 1] - points[cell])};
}

namespace {

double value_in_table(const Table& table, const std::vector<double>& at, std::size_t axis, std::size_t row) {
    if (axis == table.axes.size()) return table.values[row];
    const TableAxis& along = table.axes[axis];
    const std::size_t first = row * along.size();
    if (along.categories) return value_in_table(table, at, axis + 1, first + static_cast<std::size_t>(at[axis]));
    const auto [cell, share] = place_on(along, at[axis]);
    const double here = value_in_table(table, at, axis + 1, first + cell);
    if (share == 0.0) return here;
    const double next = value_in_table(table, at, axis + 1, first + cell + 1);
    return math::fma(share, next - here, here);
}

template <class T>
void append(std::string& key, const T& value) {
    char bytes[sizeof(T)];
    std::memcpy(bytes, &value, sizeof(T));
    key.append(bytes, sizeof(T));
}

}  // namespace

double evaluate_operation(const GraphNode& node, const std::vector<double>& args) {
    const double a = args.empty() ? 0.0 : args[0];
    const double b = args.size() < 2 ? 0.0 : args[1];
    const auto truth = [](bool holds) { return holds ? 1.0 : 0.0; };
    switch (node.operation) {
        case Operation::look_up:
            return value_in_table(*node.table, args, 0, 0);
        case Operation::choose:
            return a != 0.0 ? b : args[2];
        case Operation::one_of:
            return truth(std::find(node.codes.begin(), node.codes.end(), static_cast<int>(a)) != node.codes.end());
        case Operation::negate:
            return -a;
        case Operation::add:
            return a + b;
        case Operation::subtract:
            return a - b;
        case Operation::multiply:
            return a * b;
        case Operation::divide:
            return a / b;
        case Operation::power:
            return math::pow(a, b);
        case Operation::less:
            return truth(a < b);
        case Operation::less_equal:
            return truth(a <= b);
        case Operation::greater:
            return truth(b < a);
        case Operation::greater_equal:
            return truth(b <= a);
        case Operation::equal:
            return truth(a == b);
        case Operation::not_equal:
            return truth(a != b);
        case Operation::both:
            return a * b;
        case Operation::either:
            return b > a ? b : a;
        case Operation::opposite:
            return truth(a == 0.0);
        case Operation::exp:
            return math::exp(a);
        case Operation::log:
            return math::log(a);
        case Operation::log1p:
            return math::log1p(a);
        case Operation::expm1:
            return math::expm1(a);
        case Operation::sqrt:
            return std::sqrt(a);
        case Operation::absolute:
            return std::fabs(a);
        case Operation::minimum:
            return b < a ? b : a;
        case Operation::maximum:
            return b > a ? b : a;
        case Operation::floor:
            return std::floor(a);
        case Operation::ceil:
            return std::ceil(a);
        case Operation::logistic:
            return math::logistic(a);
        case Operation::logit:
            return math::logit(a);
        case Operation::opaque:
        case Operation::constant:
        case Operation::number_column:
        case Operation::category_column:
        case Operation::scalar:
            break;
    }
    PT_ASSERT(false);
    return 0.0;
}

std::vector<NodeId> Graph::merge(const std::vector<NodeId>& a, const std::vector<NodeId>& b) {
    std::vector<NodeId> all;
    std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(all));
    return all;
}

std::size_t Graph::combinations(const std::vector<NodeId>& sources) const {
    std::size_t n = 1;
    for (const NodeId source : sources) n *= std::max<std::size_t>(1, nodes_[source].labels);
    return n;
}

std::string Graph::key(const GraphNode& node) const {
    std::string key;
    append(key, node.operation);
    append(key, node.kind);
    append(key, node.barrier);
    append(key, node.id);
    append(key, node.labels);
    append(key, std::bit_cast<std::uint64_t>(node.value));
    append(key, node.table.get());
    for (const int code : node.codes) append(key, code);
    append(key, node.codes.size());
    for (const NodeId arg : node.args) append(key, arg);
    return key;
}

void Graph::classify(GraphNode& node, NodeId self) const {
    if (node.operation == Operation::constant) {
        node.uniform = node.tabulable = true;
        return;
    }
    if (node.operation == Operation::scalar) {
        node.uniform = true;
        return;
    }
    // Neither may decide how the expression around a barrier is computed: the same with and without an effect.
    const bool opaque = node.barrier || node.operation == Operation::opaque;
    bool tabulable = !node.args.empty() && !opaque;
    bool uniform = tabulable;
    std::vector<NodeId> sources;
    for (const NodeId arg : node.args) {
        tabulable = tabulable && nodes_[arg].tabulable;
        uniform = uniform && nodes_[arg].uniform;
        if (tabulable) sources = merge(sources, nodes_[arg].sources);
    }
    node.uniform = uniform;
    if (tabulable && combinations(sources) <= largest_merged_table) {
        node.tabulable = true;
        node.sources = std::move(sources);
    } else if (node.kind == ValueKind::category && node.labels > 0 && node.labels <= largest_merged_table) {
        node.tabulable = true;
        node.sources = {self};
        node.source_of_itself = true;
    }
}

NodeId Graph::intern(GraphNode node) {
    const std::string name = key(node);
    if (const auto found = known_.find(name); found != known_.end()) return found->second;
    const NodeId self = static_cast<NodeId>(nodes_.size());
    classify(node, self);
    nodes_.push_back(std::move(node));
    known_.emplace(name, self);
    return self;
}

NodeId Graph::add_constant(double value) {
    GraphNode node;
    node.value = value;
    return intern(std::move(node));
}

NodeId Graph::add(const ExprNode& root) {
    if (const auto found = added_.find(&root); found != added_.end()) return found->second;
    GraphNode node;
    node.operation = root.operation;
    node.kind = root.kind;
    node.barrier = root.barrier;
    node.id = root.id;
    node.value = root.value;
    node.table = root.table;
    node.codes = root.codes;
    node.labels = root.kind == ValueKind::category && root.categories
                      ? static_cast<std::uint32_t>(root.categories->labels.size())
                      : 0;
    bool constant = !root.children.empty() && !root.barrier && root.operation != Operation::opaque;
    std::vector<double> values;
    for (const auto& child : root.children) {
        node.args.push_back(add(*child));
        const GraphNode& arg = nodes_[node.args.back()];
        constant = constant && arg.operation == Operation::constant;
        values.push_back(arg.value);
    }
    NodeId result;
    if (constant) {
        GraphNode folded;
        folded.kind = node.kind;
        folded.labels = node.labels;
        folded.value = evaluate_operation(node, values);
        result = intern(std::move(folded));
    } else if (node.operation == Operation::choose && nodes_[node.args[0]].operation == Operation::constant) {
        result = nodes_[node.args[0]].value != 0.0 ? node.args[1] : node.args[2];
    } else {
        // One form for each comparison.
        if (node.operation == Operation::greater || node.operation == Operation::greater_equal) {
            node.operation = node.operation == Operation::greater ? Operation::less : Operation::less_equal;
            std::swap(node.args[0], node.args[1]);
        }
        result = intern(std::move(node));
    }
    added_.emplace(&root, result);
    return result;
}

const std::vector<double>& Graph::own_table(NodeId id) {
    if (const auto found = tables_.find(id); found != tables_.end()) return found->second;
    const GraphNode& node = nodes_[id];
    std::vector<double> values;
    if (node.operation == Operation::constant) {
        values = {node.value};
    } else if (node.source_of_itself) {
        for (std::uint32_t code = 0; code < node.labels; ++code) values.push_back(code);
    } else {
        std::vector<std::vector<double>> args;
        for (const NodeId arg : node.args) args.push_back(tabulate(arg, node.sources));
        std::vector<double> at(args.size());
        for (std::size_t i = 0; i < combinations(node.sources); ++i) {
            for (std::size_t k = 0; k < args.size(); ++k) at[k] = args[k][i];
            values.push_back(evaluate_operation(node, at));
        }
    }
    return tables_.emplace(id, std::move(values)).first->second;
}

std::vector<double> Graph::tabulate(NodeId id, const std::vector<NodeId>& sources) {
    const std::vector<double>& own = own_table(id);
    const std::vector<NodeId>& mine = nodes_[id].sources;
    if (mine == sources) return own;
    // Stride of each source in the own table; 0 where the node does not depend on it.
    std::vector<std::size_t> sizes, strides;
    for (const NodeId source : sources) {
        sizes.push_back(nodes_[source].labels);
        std::size_t stride = 0;
        const auto at = std::find(mine.begin(), mine.end(), source);
        if (at != mine.end()) stride = combinations({at + 1, mine.end()});
        strides.push_back(stride);
    }
    std::vector<double> values(combinations(sources));
    for (std::size_t i = 0; i < values.size(); ++i) {
        std::size_t rest = i, cell = 0;
        for (std::size_t k = sources.size(); k-- > 0;) {
            cell += rest % sizes[k] * strides[k];
            rest /= sizes[k];
        }
        values[i] = own[cell];
    }
    return values;
}

}  // namespace proeftuin
