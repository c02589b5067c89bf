#include "output/chance.hpp"

#include <algorithm>
#include <cmath>

#include "output/table.hpp"

namespace proeftuin::output {

Chance::Chance(const ResultSet& set, const MeasureResult& measure)
    : counts_{(measure.kind == MeasureKind::events || measure.kind == MeasureKind::people) &&
              (measure.discount.empty() || measure.discount == "none")},
      people_{measure.kind == MeasureKind::people},
      per_count_{set.stands_for} {
    for (const auto& dim : measure.dims)
        if (is_repeat(dim)) per_count_ /= static_cast<double>(dim.size());
}

bool Chance::hides(double a, double b, double deviations) const {
    constexpr double few_people = 1000.0;
    if (!counts_ || !(a >= 0.0) || !(b >= 0.0)) return false;
    if (people_ && std::max(a, b) >= few_people * per_count_) return false;
    return std::fabs(a - b) <= deviations * std::sqrt((a + b) * per_count_);
}

bool Chance::hides_trend(std::span<const double> values) const {
    if (values.empty()) return false;
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    // The range of ten to thirty draws is three to four standard deviations of one of them.
    return hides(*low, *high, 3.0);
}

}  // namespace proeftuin::output
