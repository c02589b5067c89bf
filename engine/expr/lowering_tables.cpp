#include <algorithm>
#include <cmath>
#include <functional>

#include "engine/core/contracts.hpp"
#include "engine/expr/lowering.hpp"

namespace proeftuin {

namespace {

/// Categories of all sources of one look-up together; beyond this they are looked up one by one.
constexpr std::size_t most_combinations = 4096;
constexpr double longest_grid = 1024;
/// Grids of one argument are joined, so that tables that end at different ages share their cells, up to this length.
constexpr int longest_joined_grid = 256;

}  // namespace

ValueId Lowering::merged_table(const std::vector<NodeId>& sources, std::vector<double> values) {
    if (sources.empty()) return constant(values[0]);
    const ValueId index = index_of(sources);
    LowValue value;
    value.code = Code::look_up;
    value.args[0] = index;
    value.uniform = values_[index].uniform;
    value.data = pool(std::move(values));
    const ValueId table = intern(std::move(value));
    merged_.try_emplace(table, sources);
    return table;
}

ValueId Lowering::code_of(NodeId source) {
    const GraphNode& node = graph_.node(source);
    if (node.operation != Operation::category_column) {
        const ValueId value = number(source);
        const ValueId cell = cell_itself(value);
        return cell == no_value ? make(Code::to_code, value) : cell;
    }
    PT_EXPECT(node.id < widths_.size() && (widths_[node.id] == 1 || widths_[node.id] == 2));
    LowValue value;
    value.code = widths_[node.id] == 1 ? Code::load_code8 : Code::load_code16;
    value.column = node.id;
    return intern(std::move(value));
}

/// Of a table that gives the number of each cell of a grid, from some cell to another: the cell, without the table.
ValueId Lowering::cell_itself(ValueId table) {
    const LowValue& value = values_[table];
    if (value.code != Code::look_up || value.args[2] != no_value) return no_value;
    LowValue grid = values_[value.args[0]];
    const std::vector<double>& codes = *value.data;
    const double last = codes.back();
    const auto first = std::find(codes.begin(), codes.end(), 1.0) - codes.begin() - 1;
    if (grid.code != Code::grid_cell || !(last >= 1.0 && last <= longest_grid) || first < 0) return no_value;
    for (std::size_t c = 0; c < codes.size(); ++c)
        if (codes[c] != std::clamp(static_cast<double>(c) - static_cast<double>(first), 0.0, last)) return no_value;
    grid.i0 += static_cast<std::int32_t>(first);
    grid.i1 = grid.i0 + static_cast<std::int32_t>(last);
    return intern(std::move(grid));
}

ValueId Lowering::index_of(const std::vector<NodeId>& sources) {
    ValueId index = code_of(sources[0]);
    for (std::size_t i = 1; i < sources.size(); ++i) {
        LowValue value;
        value.code = Code::index_add;
        value.i0 = static_cast<std::int32_t>(graph_.node(sources[i]).labels);
        value.args = {index, code_of(sources[i]), no_value};
        value.uniform = values_[value.args[0]].uniform && values_[value.args[1]].uniform;
        index = intern(std::move(value));
    }
    return index;
}

ValueId Lowering::cell(const std::vector<std::pair<NodeId, std::int32_t>>& terms, std::optional<NodeId> when,
                       std::int32_t outside) {
    // The last first: grids that end with the same categories share their sums.
    ValueId cell = index_constant(0);
    for (std::size_t k = terms.size(); k-- > 0;) {
        const auto& [source, stride] = terms[k];
        const ValueId code = code_of(source);
        if (k + 1 == terms.size() && stride == 1) {
            cell = code;
            continue;
        }
        LowValue value;
        value.code = Code::index_add;
        value.i0 = stride;
        value.args = {code, cell, no_value};
        value.uniform = values_[code].uniform && values_[cell].uniform;
        cell = intern(std::move(value));
    }
    if (!when) return cell;
    LowValue value;
    value.code = Code::index_keep;
    value.i0 = outside;
    value.args = {number(*when), cell, no_value};
    value.uniform = values_[value.args[0]].uniform && values_[cell].uniform;
    return intern(std::move(value));
}

bool Lowering::grid_of(const TableAxis& axis, double& phase, int& low, int& high) {
    const double first = axis.points.front();
    const double last = axis.points.back();
    if (!(std::fabs(first) < 1e6 && std::fabs(last) < 1e6) || last - first > longest_grid) return false;
    phase = first - std::floor(first);
    // Halves are exact in what follows; other fractions are not, nor are halves below zero.
    if (phase != 0.0 && (phase != 0.5 || first < 0.0)) return false;
    for (std::size_t i = 0; i < axis.points.size(); ++i) {
        const double steps = axis.points[i] - first;
        if (steps != std::floor(steps)) return false;
        if (axis.between == Interpolation::linear && steps != static_cast<double>(i)) return false;
    }
    low = static_cast<int>(std::floor(first));
    high = static_cast<int>(std::floor(last));
    return true;
}

void Lowering::join_grids() {
    for (NodeId id = 0; id < graph_.size(); ++id) {
        const GraphNode& node = graph_.node(id);
        if (node.operation != Operation::look_up) continue;
        for (std::size_t k = 0; k < node.args.size(); ++k) {
            const TableAxis& axis = node.table->axes[k];
            double phase;
            int low, high;
            if (axis.categories || graph_.node(node.args[k]).uniform || !grid_of(axis, phase, low, high)) continue;
            if (high - low > longest_joined_grid) continue;
            auto& grid = grids_.try_emplace({node.args[k], phase}, low - 1, high).first->second;
            const int from = std::min(grid.first, low - 1), to = std::max(grid.second, high);
            if (to - from <= longest_joined_grid) grid = {from, to};
        }
    }
}

Lowering::AxisPlan Lowering::plan_axis(NodeId argument, const TableAxis& axis) const {
    AxisPlan plan;
    plan.argument = argument;
    plan.axis = &axis;
    plan.linear = axis.between == Interpolation::linear && axis.points.size() > 1;
    plan.uniform = graph_.node(argument).uniform;
    plan.grid = grid_of(axis, plan.phase, plan.low, plan.high);
    if (!plan.grid) return plan;
    --plan.low;  // a cell below the first point, where a linear axis is flat
    const auto joined = grids_.find({argument, plan.phase});
    if (joined != grids_.end() && joined->second.first <= plan.low && joined->second.second >= plan.high) {
        plan.low = joined->second.first;
        plan.high = joined->second.second;
    }
    return plan;
}

std::vector<std::size_t> Lowering::AxisPlan::rows() const {
    std::vector<std::size_t> rows;
    for (std::size_t cell = 0; cell < cells(); ++cell) {
        rows.push_back(grid ? place_on(*axis, low + static_cast<double>(cell) + phase).cell : cell);
    }
    if (linear) rows.push_back(axis->points.size() - 1);
    return rows;
}

ValueId Lowering::cell_of(const AxisPlan& plan) {
    LowValue value;
    const GraphNode& argument = graph_.node(plan.argument);
    // The cell rounds down itself.
    const bool rounded =
        plan.grid && plan.phase == 0.0 && argument.operation == Operation::floor && !argument.tabulable;
    value.args[0] = number(rounded ? argument.args[0] : plan.argument);
    value.uniform = values_[value.args[0]].uniform;
    if (plan.grid) {
        value.code = Code::grid_cell;
        value.number = plan.phase;
        value.i0 = plan.low;
        value.i1 = plan.high;
    } else {
        value.code = Code::search_cell;
        value.i0 = static_cast<std::int32_t>(plan.axis->points.size());
        value.data = pool(plan.axis->points);
    }
    return intern(std::move(value));
}

ValueId Lowering::share_of(const AxisPlan& plan) {
    LowValue value;
    value.args[0] = number(plan.argument);
    value.uniform = values_[value.args[0]].uniform;
    if (plan.grid) {
        value.code = Code::grid_share;
        value.number = plan.phase;
    } else {
        const auto& points = plan.axis->points;
        std::vector<double> data = points;
        for (std::size_t i = 0; i + 1 < points.size(); ++i) data.push_back(points[i + 1] - points[i]);
        data.push_back(1.0);
        value.code = Code::search_share;
        value.args[1] = cell_of(plan);
        value.i0 = static_cast<std::int32_t>(points.size());
        value.data = pool(std::move(data));
    }
    return intern(std::move(value));
}

std::vector<double> Lowering::lay_out(const GraphNode& node, const std::vector<NodeId>& sources,
                                      const std::vector<Dimension>& dimensions, const std::vector<std::size_t>& fixed) {
    const auto& axes = node.table->axes;
    std::vector<std::size_t> strides(axes.size(), 1);
    for (std::size_t k = axes.size() - 1; k-- > 0;) strides[k] = strides[k + 1] * axes[k + 1].size();

    // Offset in the table of each combination of the sources, and of each cell of the other dimensions.
    std::size_t base = 0;
    std::vector<std::size_t> combination(graph_.combinations(sources), 0);
    std::vector<bool> own_dimension(axes.size(), false);
    for (const Dimension& dimension : dimensions)
        if (dimension.axis >= 0) own_dimension[static_cast<std::size_t>(dimension.axis)] = true;
    for (std::size_t k = 0; k < axes.size(); ++k) {
        if (own_dimension[k]) continue;
        if (!axes[k].categories) {
            base += fixed[k] * strides[k];
            continue;
        }
        const std::vector<double> codes = graph_.tabulate(node.args[k], sources);
        for (std::size_t i = 0; i < codes.size(); ++i)
            combination[i] += static_cast<std::size_t>(codes[i]) * strides[k];
    }
    if (sources.empty()) base += combination[0];  // categories that are written out
    std::vector<std::size_t> offsets{base};
    for (const Dimension& dimension : dimensions) {
        std::vector<std::size_t> longer;
        longer.reserve(offsets.size() * dimension.size);
        for (const std::size_t offset : offsets) {
            for (std::size_t i = 0; i < dimension.size; ++i) {
                longer.push_back(offset + (dimension.axis < 0 ? combination[i]
                                                              : dimension.rows[i] *
                                                                    strides[static_cast<std::size_t>(dimension.axis)]));
            }
        }
        offsets = std::move(longer);
    }
    std::vector<double> values;
    values.reserve(offsets.size());
    for (const std::size_t offset : offsets) values.push_back(node.table->values[offset]);
    return values;
}

ValueId Lowering::look_up(NodeId id) {
    const GraphNode node = graph_.node(id);
    const auto& axes = node.table->axes;

    std::vector<NodeId> sources;
    std::vector<int> forced;
    std::vector<std::size_t> fixed(axes.size(), 0);
    std::vector<std::pair<int, AxisPlan>> shared, steps, slopes;  // same for all; steps; linear
    for (std::size_t k = 0; k < axes.size(); ++k) {
        const GraphNode& argument = graph_.node(node.args[k]);
        if (axes[k].categories) {
            const auto more = Graph::merge(sources, argument.sources);
            const bool plain = argument.source_of_itself || argument.operation == Operation::constant;
            if (argument.tabulable && (plain || graph_.combinations(more) <= most_combinations))
                sources = more;
            else
                forced.push_back(static_cast<int>(k));
        } else if (argument.operation == Operation::constant && axes[k].between == Interpolation::step) {
            fixed[k] = place_on(axes[k], argument.value).cell;
        } else {
            AxisPlan plan = plan_axis(node.args[k], axes[k]);
            auto& list = plan.uniform ? shared : plan.linear ? slopes : steps;
            list.emplace_back(static_cast<int>(k), std::move(plan));
        }
    }

    // Dimensions from slow to fast; the index of those that differ between people, the offset of those that do not.
    std::vector<Dimension> dimensions;
    ValueId index = no_value, offset = no_value;
    const auto extend = [&](ValueId& sum, ValueId cell, std::size_t size) {
        if (sum == no_value) {
            sum = cell;
            return;
        }
        LowValue value;
        value.code = Code::index_add;
        value.i0 = static_cast<std::int32_t>(size);
        value.args = {sum, cell, no_value};
        value.uniform = values_[sum].uniform && values_[cell].uniform;
        sum = intern(std::move(value));
    };
    const auto add_axis = [&](ValueId& sum, int axis, const AxisPlan& plan, bool paired) {
        Dimension dimension{0, axis, plan.rows()};
        if (paired) dimension.rows.pop_back();
        dimension.size = dimension.rows.size();
        extend(sum, cell_of(plan), dimension.size);
        dimensions.push_back(std::move(dimension));
    };
    for (const auto& [axis, plan] : shared) add_axis(offset, axis, plan, false);
    const std::size_t outer = dimensions.size();
    if (!sources.empty()) {
        index = index_of(sources);
        dimensions.push_back({graph_.combinations(sources), -1, {}});
    }
    for (const int axis : forced) {
        Dimension dimension{axes[static_cast<std::size_t>(axis)].size(), axis, {}};
        for (std::size_t i = 0; i < dimension.size; ++i) dimension.rows.push_back(i);
        extend(index, code_of(node.args[static_cast<std::size_t>(axis)]), dimension.size);
        dimensions.push_back(std::move(dimension));
    }
    for (const auto& [axis, plan] : steps) add_axis(index, axis, plan, false);
    for (const auto& slope : slopes) add_axis(index, slope.first, slope.second, &slope == &slopes.back());
    if (index == no_value) index = index_constant(0);

    std::vector<std::size_t> strides(dimensions.size(), 1);
    std::size_t inner_size = 1;
    for (std::size_t k = dimensions.size(); k-- > 0;) {
        if (k + 1 < dimensions.size()) strides[k] = strides[k + 1] * dimensions[k + 1].size;
        if (k >= outer) inner_size *= dimensions[k].size;
    }
    const auto scaled = [&](ValueId a, std::size_t factor, std::size_t plus) {
        LowValue value;
        value.code = Code::index_add;
        value.i0 = static_cast<std::int32_t>(factor);
        value.args = {a, index_constant(static_cast<std::int32_t>(plus)), no_value};
        value.uniform = values_[a].uniform;
        return intern(std::move(value));
    };
    if (offset != no_value && inner_size > 1) offset = scaled(offset, inner_size, 0);

    std::vector<double> cells = lay_out(node, sources, dimensions, fixed);
    if (!slopes.empty()) {
        // Each value with the step to the next, so that both come with one fetch.
        const std::size_t row = dimensions.back().size;
        const AxisPlan& plan = slopes.back().second;
        std::vector<double> pairs;
        pairs.reserve(2 * cells.size());
        for (std::size_t i = 0; i < cells.size(); ++i) {
            pairs.push_back(cells[i]);
            const std::size_t at = i % row;
            const bool flat =
                at + 1 == row || (plan.grid && dimensions.back().rows[at] == dimensions.back().rows[at + 1]);
            pairs.push_back(flat ? 0.0 : cells[i + 1] - cells[i]);
        }
        cells = std::move(pairs);
    }
    const auto data = pool(std::move(cells));

    const auto fetch = [&](ValueId at, ValueId from) {
        LowValue value;
        value.code = slopes.empty() ? Code::look_up : Code::look_up_pair;
        value.args = {at, slopes.empty() ? no_value : share_of(slopes.back().second), from};
        value.data = data;
        value.uniform = true;
        for (const ValueId arg : value.args) value.uniform = value.uniform && (arg == no_value || values_[arg].uniform);
        return intern(std::move(value));
    };
    // Between cells along every other linear axis, the first outermost.
    std::vector<std::pair<const AxisPlan*, std::size_t>> between;
    for (std::size_t i = 0; i < shared.size(); ++i)
        if (shared[i].second.linear) between.emplace_back(&shared[i].second, strides[i]);
    for (std::size_t i = 0; i + 1 < slopes.size(); ++i)
        between.emplace_back(&slopes[i].second, strides[dimensions.size() - slopes.size() + i]);
    const std::function<ValueId(std::size_t, ValueId, ValueId)> value_at = [&](std::size_t level, ValueId at,
                                                                               ValueId from) -> ValueId {
        if (level == between.size()) return fetch(at, from);
        const auto& [plan, stride] = between[level];
        const ValueId here = value_at(level + 1, at, from);
        const ValueId next = plan->uniform ? value_at(level + 1, at, scaled(from, 1, stride))
                                           : value_at(level + 1, scaled(at, 1, stride), from);
        return make(Code::blend, here, next, share_of(*plan));
    };
    return value_at(0, index, offset);
}

}  // namespace proeftuin
