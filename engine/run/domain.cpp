#include "engine/run/domain.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "engine/core/math.hpp"
#include "engine/expr/tree.hpp"

namespace proeftuin {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr ValueRange anything{-infinite, infinite, false};

bool varies(const ValueRange& r) { return r.low != r.high; }

ValueRange ordered(double a, double b, bool attained) {
    if (std::isnan(a) || std::isnan(b)) return anything;
    return {std::min(a, b), std::max(a, b), attained};
}

/// 0 times what has no bound is 0: the other factor is some number.
double times(double a, double b) { return a == 0.0 || b == 0.0 ? 0.0 : a * b; }

/// The least and greatest of an operation at the corners; right for operations that are monotone in each operand.
template <class Operate>
ValueRange at_corners(const ValueRange& a, const ValueRange& b, const Operate& operate) {
    const double corners[] = {operate(a.low, b.low), operate(a.low, b.high), operate(a.high, b.low),
                              operate(a.high, b.high)};
    for (const double c : corners)
        if (std::isnan(c)) return anything;
    // Two operands that both vary need not reach their ends together.
    const bool attained = a.attained && b.attained && !(varies(a) && varies(b));
    return {*std::min_element(corners, corners + 4), *std::max_element(corners, corners + 4), attained};
}

class Ranges {
public:
    ValueRange of(const ExprNode& node) {
        if (const auto it = known_.find(&node); it != known_.end()) return it->second;
        const ValueRange range = compute(node);
        known_.emplace(&node, range);
        return range;
    }

private:
    ValueRange compute(const ExprNode& node) {
        const auto child = [&](std::size_t k) { return of(*node.children[k]); };
        const auto rising = [&](auto function) {
            const ValueRange a = child(0);
            return ordered(function(a.low), function(a.high), a.attained);
        };
        using O = Operation;
        switch (node.operation) {
            case O::constant:
                return ordered(node.value, node.value, true);
            case O::opaque:
                return child(0);
            case O::look_up: {
                if (node.table == nullptr || node.table->values.empty()) return anything;
                const auto [low, high] = std::minmax_element(node.table->values.begin(), node.table->values.end());
                return ordered(*low, *high, true);
            }
            case O::choose: {
                const ValueRange a = child(1), b = child(2);
                return {std::min(a.low, b.low), std::max(a.high, b.high), a.attained && b.attained};
            }
            case O::negate:
                return rising([](double x) { return -x; });
            case O::add:
                return at_corners(child(0), child(1), [](double a, double b) { return a + b; });
            case O::subtract:
                return at_corners(child(0), child(1), [](double a, double b) { return a - b; });
            case O::multiply:
                return at_corners(child(0), child(1), times);
            case O::divide: {
                const ValueRange b = child(1);
                if (b.low <= 0.0 && b.high >= 0.0) return anything;
                return at_corners(child(0), b, [](double x, double y) { return x / y; });
            }
            case O::minimum:
                return at_corners(child(0), child(1), [](double a, double b) { return std::min(a, b); });
            case O::maximum:
                return at_corners(child(0), child(1), [](double a, double b) { return std::max(a, b); });
            case O::exp:
                return rising([](double x) { return std::isinf(x) ? (x > 0.0 ? x : 0.0) : math::exp(x); });
            case O::sqrt:
                return rising([](double x) { return std::sqrt(std::max(0.0, x)); });
            case O::logistic:
                return rising(
                    [](double x) { return std::isinf(x) ? (x > 0.0 ? 1.0 : 0.0) : 1.0 / (1.0 + math::exp(-x)); });
            case O::one_of:
            case O::less:
            case O::less_equal:
            case O::greater:
            case O::greater_equal:
            case O::equal:
            case O::not_equal:
            case O::both:
            case O::either:
            case O::opposite:
                return {0.0, 1.0, false};
            default:
                return anything;
        }
    }

    std::unordered_map<const ExprNode*, ValueRange> known_;  // parts are shared
};

}  // namespace

double ValueRange::outside(const Domain& domain) const {
    constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
    const bool above = high > domain.high + Domain::slack, below = low < domain.low;
    if (above && (attained || low > domain.high + Domain::slack)) return attained ? high : low;
    if (below && (attained || high < domain.low)) return attained ? low : high;
    return nothing;
}

ValueRange range_of(const Expression& expression) {
    return expression.valid() ? Ranges().of(expression.root()) : anything;
}

}  // namespace proeftuin
