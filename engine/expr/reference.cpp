// The slow, obvious evaluator: one person, one node at a time, in the order of the text.
// It shares nothing with the compiler but the functions of engine/core/math.hpp.
#include <cmath>
#include <span>

#include "engine/core/contracts.hpp"
#include "engine/core/math.hpp"
#include "engine/expr/program.hpp"
#include "engine/expr/tree.hpp"

namespace proeftuin {

namespace {

struct Person {
    const EvaluationInput& input;
    std::size_t slot;
    const ColumnWidths& widths;
};

double column_value(const ExprNode& node, const Person& person) {
    const void* column = person.input.columns[node.id];
    switch (person.widths[node.id]) {
        case 1:
            return static_cast<const std::uint8_t*>(column)[person.slot];
        case 2:
            return static_cast<const std::uint16_t*>(column)[person.slot];
        default:
            return static_cast<const double*>(column)[person.slot];
    }
}

/// The last band or point that starts at or below x; the first one below all of them.
std::size_t cell_of(const std::vector<double>& points, double x) {
    std::size_t cell = 0;
    while (cell + 1 < points.size() && x >= points[cell + 1]) ++cell;
    return cell;
}

double look_up(const Table& table, std::span<const double> at, std::size_t axis, std::size_t offset) {
    if (axis == table.axes.size()) return table.values[offset];
    const TableAxis& along = table.axes[axis];
    const std::size_t row = offset * along.size();
    if (along.categories) return look_up(table, at, axis + 1, row + static_cast<std::size_t>(at[axis]));

    const std::size_t cell = cell_of(along.points, at[axis]);
    const double here = look_up(table, at, axis + 1, row + cell);
    const bool inside = at[axis] > along.points.front() && at[axis] < along.points.back();
    if (along.between == Interpolation::step || !inside) return here;
    const double next = look_up(table, at, axis + 1, row + cell + 1);
    const double share = (at[axis] - along.points[cell]) / (along.points[cell + 1] - along.points[cell]);
    return std::fma(share, next - here, here);
}

double value_of(const ExprNode& node, const Person& person) {
    const auto child = [&](std::size_t i) { return value_of(*node.children[i], person); };
    const auto truth = [](bool holds) { return holds ? 1.0 : 0.0; };
    switch (node.operation) {
        case Operation::constant:
            return node.value;
        case Operation::number_column:
        case Operation::category_column:
            return column_value(node, person);
        case Operation::scalar:
            return person.input.scalars[node.id];
        case Operation::look_up: {
            std::vector<double> at;
            for (std::size_t i = 0; i < node.children.size(); ++i) at.push_back(child(i));
            return look_up(*node.table, at, 0, 0);
        }
        case Operation::choose:
            return child(0) != 0.0 ? child(1) : child(2);
        case Operation::one_of: {
            const double code = child(0);
            for (const int wanted : node.codes)
                if (code == wanted) return 1.0;
            return 0.0;
        }
        case Operation::opaque:
            return child(0);
        case Operation::negate:
            return -child(0);
        case Operation::add:
            return child(0) + child(1);
        case Operation::subtract:
            return child(0) - child(1);
        case Operation::multiply:
            return child(0) * child(1);
        case Operation::divide:
            return child(0) / child(1);
        case Operation::power:
            return math::pow(child(0), child(1));
        case Operation::less:
            return truth(child(0) < child(1));
        case Operation::less_equal:
            return truth(child(0) <= child(1));
        case Operation::greater:
            return truth(child(0) > child(1));
        case Operation::greater_equal:
            return truth(child(0) >= child(1));
        case Operation::equal:
            return truth(child(0) == child(1));
        case Operation::not_equal:
            return truth(child(0) != child(1));
        case Operation::both:
            return truth(child(0) != 0.0 && child(1) != 0.0);
        case Operation::either:
            return truth(child(0) != 0.0 || child(1) != 0.0);
        case Operation::opposite:
            return truth(child(0) == 0.0);
        case Operation::exp:
            return math::exp(child(0));
        case Operation::log:
            return math::log(child(0));
        case Operation::log1p:
            return math::log1p(child(0));
        case Operation::expm1:
            return math::expm1(child(0));
        case Operation::sqrt:
            return std::sqrt(child(0));
        case Operation::absolute:
            return std::fabs(child(0));
        // Of a number and a NaN, both yield the first argument.
        case Operation::minimum: {
            const double a = child(0), b = child(1);
            return b < a ? b : a;
        }
        case Operation::maximum: {
            const double a = child(0), b = child(1);
            return b > a ? b : a;
        }
        case Operation::floor:
            return std::floor(child(0));
        case Operation::ceil:
            return std::ceil(child(0));
        case Operation::logistic:
            return math::logistic(child(0));
        case Operation::logit:
            return math::logit(child(0));
    }
    PT_ASSERT(false);
    return 0.0;
}

}  // namespace

double evaluate_reference(const Expression& expression, const EvaluationInput& input, std::size_t slot,
                          const ColumnWidths& widths) {
    PT_EXPECT(expression.valid());
    return value_of(expression.root(), Person{input, slot, widths});
}

}  // namespace proeftuin
