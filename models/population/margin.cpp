#include "models/population/margin.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/core/contracts.hpp"

namespace proeftuin::population {
namespace {

/// The coarsest description that two margins share, as a map from the cells of each to parts of the whole.
struct CommonParts {
    std::size_t parts = 1;
    std::vector<std::uint32_t> first;  ///< part of each cell of the first margin
    std::vector<std::uint32_t> second;
};

std::uint32_t root(std::vector<std::uint32_t>& parent, std::uint32_t x) {
    while (parent[x] != x) x = parent[x] = parent[parent[x]];
    return x;
}

const MarginAxis* axis_of(const Margin& margin, std::size_t axis) {
    for (const auto& a : margin.axes)
        if (a.axis == axis) return &a;
    return nullptr;
}

std::uint32_t group_of(const MarginAxis& axis, std::size_t value) {
    return axis.group.empty() ? static_cast<std::uint32_t>(value) : axis.group[value];
}

std::size_t groups_of(const MarginAxis& axis, const Shape& shape) {
    return axis.group.empty() ? shape[axis.axis] : axis.groups;
}

/// Part of each group of each axis of `margin`, extended to its cells.
std::vector<std::uint32_t> extend(const Margin& margin, const Shape& shape,
                                  const std::vector<std::vector<std::uint32_t>>& part_of_group,
                                  const std::vector<std::size_t>& parts_of_axis) {
    std::vector<std::uint32_t> result(cells_of(margin_shape(margin, shape)), 0);
    for (std::size_t cell = 0; cell < result.size(); ++cell) {
        std::size_t rest = cell;
        std::vector<std::uint32_t> part(shape.size(), 0);
        for (std::size_t k = margin.axes.size(); k-- > 0;) {
            const std::size_t n = groups_of(margin.axes[k], shape);
            part[margin.axes[k].axis] =
                part_of_group[margin.axes[k].axis].empty() ? 0 : part_of_group[margin.axes[k].axis][rest % n];
            rest /= n;
        }
        std::size_t index = 0;
        for (std::size_t a = 0; a < shape.size(); ++a) index = index * parts_of_axis[a] + part[a];
        result[cell] = static_cast<std::uint32_t>(index);
    }
    return result;
}

CommonParts common_parts(const Margin& first, const Margin& second, const Shape& shape) {
    std::vector<std::vector<std::uint32_t>> of_first(shape.size()), of_second(shape.size());
    std::vector<std::size_t> parts_of_axis(shape.size(), 1);
    for (std::size_t a = 0; a < shape.size(); ++a) {
        const MarginAxis* x = axis_of(first, a);
        const MarginAxis* y = axis_of(second, a);
        if (x == nullptr || y == nullptr) continue;
        // Values in one group of either margin cannot be told apart by both: join them.
        const std::size_t nx = groups_of(*x, shape), ny = groups_of(*y, shape);
        std::vector<std::uint32_t> parent(nx + ny);
        std::iota(parent.begin(), parent.end(), 0u);
        for (std::size_t v = 0; v < shape[a]; ++v) {
            const auto p = root(parent, group_of(*x, v));
            const auto q = root(parent, static_cast<std::uint32_t>(nx) + group_of(*y, v));
            parent[std::max(p, q)] = std::min(p, q);
        }
        std::vector<std::uint32_t> number(nx + ny, 0);
        std::uint32_t next = 0;
        for (std::uint32_t g = 0; g < nx + ny; ++g)
            if (root(parent, g) == g) number[g] = next++;
        parts_of_axis[a] = next;
        of_first[a].resize(nx);
        of_second[a].resize(ny);
        for (std::uint32_t g = 0; g < nx; ++g) of_first[a][g] = number[root(parent, g)];
        for (std::uint32_t g = 0; g < ny; ++g)
            of_second[a][g] = number[root(parent, static_cast<std::uint32_t>(nx) + g)];
    }
    CommonParts common;
    common.parts = 1;
    for (const auto n : parts_of_axis) common.parts *= n;
    common.first = extend(first, shape, of_first, parts_of_axis);
    common.second = extend(second, shape, of_second, parts_of_axis);
    return common;
}

}  // namespace

std::size_t cells_of(const Shape& shape) {
    std::size_t n = 1;
    for (const auto s : shape) n *= s;
    return n;
}

Shape margin_shape(const Margin& margin, const Shape& shape) {
    Shape result;
    for (const auto& a : margin.axes) result.push_back(groups_of(a, shape));
    return result;
}

std::vector<std::uint32_t> margin_cells(const Margin& margin, const Shape& shape) {
    for (const auto& a : margin.axes) {
        PT_EXPECT(a.axis < shape.size());
        PT_EXPECT(a.group.empty() || a.group.size() == shape[a.axis]);
    }
    std::vector<std::uint32_t> cells{0};
    cells.reserve(cells_of(shape));
    // One axis after the other: the index of a margin's cell is a sum of one term per axis.
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        std::vector<std::uint32_t> term(shape[axis], 0);
        std::size_t stride = 1;
        for (std::size_t k = margin.axes.size(); k-- > 0;) {
            if (margin.axes[k].axis == axis)
                for (std::size_t v = 0; v < shape[axis]; ++v)
                    term[v] = static_cast<std::uint32_t>(stride * group_of(margin.axes[k], v));
            stride *= groups_of(margin.axes[k], shape);
        }
        std::vector<std::uint32_t> wider;
        wider.reserve(cells.size() * shape[axis]);
        for (const auto c : cells)
            for (const auto t : term) wider.push_back(c + t);
        cells = std::move(wider);
    }
    return cells;
}

std::vector<double> margin_sums(const std::vector<double>& table, const std::vector<std::uint32_t>& cells,
                                std::size_t size) {
    PT_EXPECT(table.size() == cells.size());
    std::vector<double> sums(size, 0.0);
    for (std::size_t i = 0; i < table.size(); ++i) sums[cells[i]] += table[i];
    return sums;
}

std::optional<Discrepancy> find_discrepancy(const std::vector<Margin>& margins, const Shape& shape, double tolerance) {
    std::optional<Discrepancy> worst;
    double worst_difference = tolerance;
    const auto compare = [&](std::size_t i, std::size_t j, bool overall) {
        CommonParts common;
        if (overall) {
            common.first.assign(margins[i].target.size(), 0);
            common.second.assign(margins[j].target.size(), 0);
        } else {
            common = common_parts(margins[i], margins[j], shape);
        }
        std::vector<double> x(common.parts, 0.0), y(common.parts, 0.0);
        std::vector<std::size_t> at_x(common.parts, 0), at_y(common.parts, 0);
        // NaN carries through the sum: a part with a missing target is never compared.
        for (std::size_t c = margins[i].target.size(); c-- > 0;) {
            x[common.first[c]] += margins[i].target[c];
            at_x[common.first[c]] = c;
        }
        for (std::size_t c = margins[j].target.size(); c-- > 0;) {
            y[common.second[c]] += margins[j].target[c];
            at_y[common.second[c]] = c;
        }
        for (std::size_t p = 0; p < common.parts; ++p) {
            const double scale = std::max({std::fabs(x[p]), std::fabs(y[p]), 1e-300});
            const double difference = std::fabs(x[p] - y[p]) / scale;
            if (difference > worst_difference) {
                worst_difference = difference;
                worst = Discrepancy{i, j, at_x[p], at_y[p], x[p], y[p], overall};
            }
        }
    };
    for (std::size_t j = 0; j < margins.size(); ++j)
        for (std::size_t i = 0; i < j; ++i) compare(i, j, true);
    if (worst) return worst;  // when the grand totals differ, every part does
    for (std::size_t j = 0; j < margins.size(); ++j)
        for (std::size_t i = 0; i < j; ++i) compare(i, j, false);
    return worst;
}

std::optional<double> rescale_margin(std::vector<Margin>& margins, std::size_t which, const Shape& shape) {
    PT_EXPECT(which < margins.size());
    auto& target = margins[which].target;
    const std::vector<double> before = target;
    struct Constraint {
        std::vector<std::uint32_t> part;  ///< of each cell of this margin
        std::vector<double> total;  ///< wanted total of each part; NaN: none
    };
    std::vector<Constraint> constraints;
    for (std::size_t i = 0; i < which; ++i) {
        const CommonParts common = common_parts(margins[i], margins[which], shape);
        Constraint c{common.second, std::vector<double>(common.parts, 0.0)};
        for (std::size_t k = 0; k < margins[i].target.size(); ++k) c.total[common.first[k]] += margins[i].target[k];
        std::vector<double> own(common.parts, 0.0);
        for (std::size_t k = 0; k < target.size(); ++k) own[common.second[k]] += target[k];
        for (std::size_t p = 0; p < common.parts; ++p)
            if (std::isnan(own[p])) c.total[p] = std::nan("");
        constraints.push_back(std::move(c));
    }
    double worst = 0.0;
    for (int round = 0; round < 2000; ++round) {
        worst = 0.0;
        for (const auto& c : constraints) {
            std::vector<double> own(c.total.size(), 0.0);
            for (std::size_t k = 0; k < target.size(); ++k) own[c.part[k]] += target[k];
            std::vector<double> factor(c.total.size(), 1.0);
            for (std::size_t p = 0; p < factor.size(); ++p) {
                if (std::isnan(c.total[p])) continue;
                if (own[p] <= 0.0) {
                    if (c.total[p] > 1e-9) return std::nullopt;
                    continue;
                }
                factor[p] = c.total[p] / own[p];
                worst = std::max(worst, std::fabs(factor[p] - 1.0));
            }
            for (std::size_t k = 0; k < target.size(); ++k) target[k] *= factor[c.part[k]];
        }
        if (worst < 1e-13) break;
    }
    if (worst > 1e-6) return std::nullopt;
    double change = 0.0;
    for (std::size_t k = 0; k < target.size(); ++k)
        if (before[k] > 0.0) change = std::max(change, std::fabs(target[k] / before[k] - 1.0));
    return change;
}

}  // namespace proeftuin::population
