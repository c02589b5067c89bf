#include "tests/property/expr/random_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace proeftuin::testing {

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

std::size_t pick(Random& random, std::size_t n) { return random() % n; }
double between(Random& random, double low, double high) {
    return low + (high - low) * (static_cast<double>(random() >> 11) * 0x1p-53);
}

std::shared_ptr<const Categories> labels(std::string name, int n) {
    auto made = std::make_shared<Categories>();
    made->name = std::move(name);
    for (int i = 0; i < n; ++i) made->labels.push_back(fmt::format("l{}", i));
    return made;
}

TableAxis numeric(std::vector<double> points, Interpolation between) {
    TableAxis axis;
    axis.points = std::move(points);
    axis.between = between;
    return axis;
}

std::vector<double> ascending(double first, double step, int n) {
    std::vector<double> points;
    for (int i = 0; i < n; ++i) points.push_back(first + step * i);
    return points;
}

}  // namespace

RandomWorld::RandomWorld(Random& random) {
    const double edges[] = {0.0,    -0.0,     1.0,       -1.0, 0.5,  1e-300, 5e-324, 1e300,
                            -1e300, INFINITY, -INFINITY, NAN,  18.0, 65.0,   99.5};
    numbers.resize(3);
    for (std::size_t i = 0; i < people; ++i) {
        const bool edge = pick(random, 20) == 0;
        numbers[0].push_back(edge ? edges[pick(random, std::size(edges))] : between(random, -3, 3));
        numbers[1].push_back(pick(random, 4) == 0 ? static_cast<double>(pick(random, 440)) / 4
                                                  : between(random, 0, 110));
        numbers[2].push_back(between(random, 0.01, 4));
    }
    const int sizes[] = {2, 3, 5, 40, 300};
    for (const int size : sizes) {
        if (size < 300) {
            auto& column = bytes.emplace_back();
            for (std::size_t i = 0; i < people; ++i)
                column.push_back(static_cast<std::uint8_t>(pick(random, static_cast<std::size_t>(size))));
        } else {
            auto& column = words.emplace_back();
            for (std::size_t i = 0; i < people; ++i)
                column.push_back(static_cast<std::uint16_t>(pick(random, static_cast<std::size_t>(size))));
        }
    }
    for (const auto& column : numbers) {
        columns.push_back(column.data());
        widths.push_back(8);
        categories.push_back(nullptr);
    }
    for (const auto& column : bytes) {
        columns.push_back(column.data());
        widths.push_back(1);
    }
    columns.push_back(words[0].data());
    widths.push_back(2);
    for (const int size : sizes) categories.push_back(labels(fmt::format("c{}", size), size));
    scalars = {between(random, -2, 2), between(random, 2005, 2045), between(random, 0.1, 3)};

    // Axes: categories, grids of years of age, bands, calendar years, irregular points, one point.
    std::vector<TableAxis> axes;
    for (std::size_t c = 3; c < categories.size(); ++c) {
        TableAxis axis;
        axis.categories = categories[c];
        axes.push_back(axis);
    }
    axes.push_back(numeric(ascending(0.5, 1, 100), Interpolation::linear));
    axes.push_back(numeric(ascending(18.5, 1, 40), Interpolation::linear));
    axes.push_back(numeric({0, 5, 18, 40, 65}, Interpolation::step));
    axes.push_back(numeric(ascending(2010, 1, 20), Interpolation::step));
    axes.push_back(numeric({2010, 2015, 2030}, Interpolation::linear));
    axes.push_back(numeric({-1.3, 0.1, 0.7, 2.2}, Interpolation::linear));
    axes.push_back(numeric({-1.3, 0.1, 0.7, 2.2}, Interpolation::step));
    axes.push_back(numeric({7}, Interpolation::linear));
    axes.push_back(numeric(ascending(-2, 1, 5), Interpolation::linear));
    for (int t = 0; t < 14; ++t) {
        auto table = std::make_shared<Table>();
        table->name = fmt::format("t{}", t);
        std::size_t cells = 1;
        const std::size_t n = 1 + pick(random, 3);
        for (std::size_t k = 0; k < n; ++k) {
            const TableAxis& axis = axes[pick(random, axes.size())];
            if (cells * axis.size() > 20000) continue;
            table->axes.push_back(axis);
            cells *= axis.size();
        }
        for (std::size_t i = 0; i < cells; ++i)
            table->values.push_back(between(random, pick(random, 3) == 0 ? -2 : 0.2, 3));
        tables.push_back(std::move(table));
    }
}

namespace {

class Grower {
public:
    Grower(Random& random, const RandomWorld& world) : random_{random}, world_{world} {}

    ExprPtr number(int depth) {
        if (depth <= 1 || chance(8)) return leaf();
        switch (pick(random_, 16)) {
            case 0:
            case 1:
                return node(Operation::add, depth, chance(10));
            case 2:
                return node(Operation::subtract, depth, chance(10));
            case 3:
            case 4:
            case 5:
                return node(Operation::multiply, depth, chance(8));
            case 6:
                return node(Operation::divide, depth, false);
            case 7:
                return node(chance(2) ? Operation::minimum : Operation::maximum, depth, false);
            case 8:
            case 9:
                return make_node(Operation::choose, ValueKind::number, {},
                                 {boolean(depth - 1), number(depth - 1), number(depth - 1)});
            case 10:
            case 11:
            case 12:
                return look_up(depth);
            case 13: {
                const ExprPtr exponents[] = {make_constant(2), make_constant(3), make_constant(-1), make_constant(0.7),
                                             number(2)};
                return make_node(Operation::power, ValueKind::number, {},
                                 {number(depth - 1), exponents[pick(random_, 5)]});
            }
            case 14:
                return make_node(chance(2) ? Operation::negate : Operation::opaque, ValueKind::number, {},
                                 {number(depth - 1)});
            default: {
                const Operation functions[] = {
                    Operation::exp,      Operation::log,   Operation::log1p, Operation::expm1,    Operation::sqrt,
                    Operation::absolute, Operation::floor, Operation::ceil,  Operation::logistic, Operation::logit};
                return make_node(functions[pick(random_, std::size(functions))], ValueKind::number, {},
                                 {number(depth - 1)});
            }
        }
    }

private:
    bool chance(std::size_t one_in) { return pick(random_, one_in) == 0; }

    ExprPtr leaf() {
        if (chance(3))
            return make_constant(chance(4) ? static_cast<double>(pick(random_, 4)) : between(random_, -2, 3));
        auto made = std::make_shared<ExprNode>();
        const bool column = chance(2);
        made->operation = column ? Operation::number_column : Operation::scalar;
        made->id = static_cast<std::uint32_t>(pick(random_, 3));
        return made;
    }

    ExprPtr node(Operation operation, int depth, bool barrier) {
        auto made = std::make_shared<ExprNode>(
            *make_node(operation, ValueKind::number, {}, {number(depth - 1), number(depth - 1)}));
        made->barrier = barrier;
        return made;
    }

    ExprPtr boolean(int depth) {
        const auto truth = [&](Operation operation, std::vector<ExprPtr> children) {
            return make_node(operation, ValueKind::boolean, {}, std::move(children));
        };
        if (depth > 1 && chance(3)) {
            if (chance(3)) return truth(Operation::opposite, {boolean(depth - 1)});
            return truth(chance(2) ? Operation::both : Operation::either, {boolean(depth - 1), boolean(depth - 1)});
        }
        const std::size_t which = 3 + pick(random_, 5);
        if (chance(3)) {
            auto made = std::make_shared<ExprNode>(*truth(Operation::one_of, {category(which, depth - 1)}));
            for (std::size_t i = 0; i < 1 + pick(random_, 3); ++i)
                made->codes.push_back(static_cast<int>(pick(random_, world_.categories[which]->labels.size())));
            return made;
        }
        if (chance(2))
            return truth(chance(2) ? Operation::equal : Operation::not_equal,
                         {category(which, depth - 1), category(which, depth - 1)});
        const Operation comparisons[] = {Operation::less,          Operation::less_equal, Operation::greater,
                                         Operation::greater_equal, Operation::equal,      Operation::not_equal};
        return truth(comparisons[pick(random_, 6)], {number(depth - 1), number(depth - 1)});
    }

    ExprPtr category(std::size_t which, int depth) {
        auto made = std::make_shared<ExprNode>();
        made->kind = ValueKind::category;
        made->categories = world_.categories[which];
        if (depth > 1 && chance(4)) {
            const auto choice = make_node(Operation::choose, ValueKind::category, {},
                                          {boolean(depth - 1), category(which, depth - 1), category(which, depth - 1)});
            auto copy = std::make_shared<ExprNode>(*choice);
            copy->categories = world_.categories[which];
            return copy;
        }
        if (chance(4)) {
            made->value = static_cast<double>(pick(random_, made->categories->labels.size()));
        } else {
            made->operation = Operation::category_column;
            made->id = static_cast<std::uint32_t>(which);
        }
        return made;
    }

    ExprPtr look_up(int depth) {
        const auto& table = world_.tables[pick(random_, world_.tables.size())];
        std::vector<ExprPtr> children;
        for (const auto& axis : table->axes) {
            if (axis.categories) {
                const auto at = std::find(world_.categories.begin(), world_.categories.end(), axis.categories);
                children.push_back(category(static_cast<std::size_t>(at - world_.categories.begin()), depth - 1));
            } else if (chance(3)) {
                children.push_back(number(depth - 1));
            } else {
                auto leaf = std::make_shared<ExprNode>();
                const bool year = axis.points.front() > 1000;
                leaf->operation = year ? Operation::scalar : Operation::number_column;
                leaf->id = year || axis.points.back() > 5 ? 1 : 0;
                children.push_back(leaf);
            }
        }
        auto made =
            std::make_shared<ExprNode>(*make_node(Operation::look_up, ValueKind::number, {}, std::move(children)));
        made->table = table;
        return made;
    }

    Random& random_;
    const RandomWorld& world_;
};

bool comparison(Operation operation) { return operation >= Operation::less && operation <= Operation::not_equal; }

}  // namespace

ExprPtr random_number(Random& random, const RandomWorld& world, int depth) {
    return Grower{random, world}.number(depth);
}

Bound bound_of(const ExprNode& node, const RandomWorld& world, std::size_t person) {
    std::vector<Bound> at;
    for (const auto& child : node.children) at.push_back(bound_of(*child, world, person));
    // The operation alone, on given operands.
    const auto apply = [&](const std::vector<double>& operands) {
        auto copy = std::make_shared<ExprNode>(node);
        for (std::size_t i = 0; i < operands.size(); ++i) copy->children[i] = make_constant(operands[i]);
        return evaluate_reference(Expression{copy}, world.input(), person, world.widths);
    };
    Bound result;
    std::vector<double> exact;
    for (const Bound& b : at) {
        exact.push_back(b.value);
        result.known = result.known && (b.known || node.operation == Operation::choose);
    }
    result.value = apply(exact);
    result.magnitude = std::fabs(result.value);
    bool inexact = false;
    for (const Bound& b : at) inexact = inexact || b.error > 0;
    switch (node.operation) {
        case Operation::add:
        case Operation::subtract:
            result.magnitude = at[0].magnitude + at[1].magnitude;
            result.error = at[0].error + at[1].error + epsilon * result.magnitude;
            break;
        case Operation::multiply:
            result.magnitude = at[0].magnitude * at[1].magnitude;
            result.error = at[0].magnitude * at[1].error + at[1].magnitude * at[0].error + at[0].error * at[1].error +
                           2 * epsilon * result.magnitude;
            break;
        case Operation::divide:
            if (!(std::fabs(at[1].value) > 4 * at[1].error)) result.known = false;
            result.magnitude = at[0].magnitude / std::fabs(at[1].value);
            result.error = 2 * (at[0].error + result.magnitude * at[1].error) / std::fabs(at[1].value) +
                           2 * epsilon * result.magnitude;
            break;
        case Operation::negate:
        case Operation::opaque:
            result = at[0], result.value = apply(exact);
            break;
        case Operation::choose: {
            const Bound& taken = at[0].value != 0.0 ? at[1] : at[2];
            const bool known = at[0].known && taken.known;
            result = taken;
            result.known = known;
            break;
        }
        case Operation::minimum:
        case Operation::maximum:
            result.error = std::max(at[0].error, at[1].error);
            break;
        default:
            if (comparison(node.operation)) {
                const double distance = std::fabs(at[0].value - at[1].value);
                if (inexact && !(distance > 16 * (at[0].error + at[1].error))) result.known = false;
            } else if (node.operation == Operation::floor || node.operation == Operation::ceil) {
                if (apply({exact[0] - 16 * at[0].error}) != apply({exact[0] + 16 * at[0].error}) && inexact)
                    result.known = false;
            } else if (!at.empty() && node.kind == ValueKind::number) {
                // How much the result moves with its operands, each alone.
                double scale = std::fabs(result.value);
                if (node.table)
                    for (const double v : node.table->values) scale = std::max(scale, std::fabs(v));
                result.error = 4 * epsilon * scale;
                for (std::size_t i = 0; i < at.size(); ++i) {
                    if (at[i].error == 0) continue;
                    for (const double side : {-16.0, 16.0}) {
                        std::vector<double> moved = exact;
                        moved[i] += side * at[i].error;
                        const double step = std::fabs(apply(moved) - result.value);
                        result.error += step;
                        if (node.table && step > 1e-6 * scale) result.known = false;
                    }
                }
            }
    }
    if (at.empty() || node.kind != ValueKind::number) return result;
    // Products may overflow or vanish half-way, in one order and not in another.
    if (node.operation == Operation::multiply || node.operation == Operation::divide) {
        for (const Bound& b : at)
            if (b.value != 0.0 && !(std::fabs(b.value) > 1e-140 && b.magnitude < 1e140)) result.known = false;
    }
    if (!(result.magnitude < 1e140) || (result.magnitude != 0 && result.magnitude < 1e-140) ||
        !std::isfinite(result.value))
        result.known = false;
    if (!std::isfinite(result.error)) result.known = false;
    return result;
}

std::vector<ExprPtr> simpler(const ExprPtr& root) {
    std::vector<ExprPtr> all;
    for (const auto& child : root->children)
        if (child->kind == root->kind && (root->kind != ValueKind::category || child->categories == root->categories))
            all.push_back(child);
    if (!root->children.empty() && root->kind != ValueKind::category) all.push_back(make_constant(1, root->kind));
    if (root->barrier) {
        auto copy = std::make_shared<ExprNode>(*root);
        copy->barrier = false;
        all.push_back(copy);
    }
    for (std::size_t i = 0; i < root->children.size(); ++i) {
        for (const ExprPtr& child : simpler(root->children[i])) {
            auto copy = std::make_shared<ExprNode>(*root);
            copy->children[i] = child;
            all.push_back(copy);
        }
    }
    return all;
}

std::string to_text(const ExprNode& node) {
    static const char* const names[] = {"constant", "number", "category", "scalar", "look_up", "choose",   "one_of",
                                        "opaque",   "neg",    "add",      "sub",    "mul",     "div",      "pow",
                                        "lt",       "le",     "gt",       "ge",     "eq",      "ne",       "and",
                                        "or",       "not",    "exp",      "log",    "log1p",   "expm1",    "sqrt",
                                        "abs",      "min",    "max",      "floor",  "ceil",    "logistic", "logit"};
    if (node.operation == Operation::constant) return fmt::format("{}", node.value);
    std::string text = names[static_cast<std::size_t>(node.operation)];
    if (node.children.empty()) return fmt::format("{}{}", text, node.id);
    if (node.barrier) text += '!';
    if (node.table) {
        text = node.table->name + "{";
        for (const auto& axis : node.table->axes)
            text += axis.categories ? axis.categories->name + " "
                                    : fmt::format("{}..{}{} ", axis.points.front(), axis.points.back(),
                                                  axis.between == Interpolation::linear ? "~" : "");
        text += "}";
    }
    text += "(";
    for (std::size_t i = 0; i < node.children.size(); ++i) text += (i ? ", " : "") + to_text(*node.children[i]);
    for (const int code : node.codes) text += fmt::format(" #{}", code);
    return text + ")";
}

}  // namespace proeftuin::testing
