#include "output/growth.hpp"

#include <array>
#include <cmath>
#include <limits>

#include "engine/core/contracts.hpp"
#include "engine/core/math.hpp"

namespace proeftuin::output {
namespace {

/// Of a group in the first period and now. What an empty group would have cost is what it costs in the other period.
struct Factors {
    std::array<double, 2> share, per_head, index;
};

Factors factors_of(const std::array<const GrowthPeriod*, 2>& periods, const std::array<double, 2>& people,
                   std::size_t group) {
    Factors out{};
    std::array<bool, 2> lived{}, cost{};
    for (std::size_t k = 0; k < 2; ++k) {
        const GrowthPeriod& p = *periods[k];
        const double years = p.person_years[group];
        const double plain = p.unindexed.empty() ? p.amount[group] : p.unindexed[group];
        out.share[k] = years / people[k];
        lived[k] = years > 0.0;
        cost[k] = lived[k] && plain > 0.0;
        out.per_head[k] = lived[k] ? plain / years : 0.0;
        out.index[k] = cost[k] ? p.amount[group] / plain : 1.0;
    }
    for (std::size_t k = 0; k < 2; ++k) {
        if (!lived[k]) out.per_head[k] = out.per_head[1 - k];
        if (!cost[k]) out.index[k] = out.index[1 - k];
    }
    return out;
}

double sum(const std::vector<double>& values) {
    double total = 0.0;
    for (const double value : values) total += value;
    return total;
}

}  // namespace

GrowthFactors growth_factors(const GrowthPeriod& first, const GrowthPeriod& now) {
    PT_EXPECT(first.person_years.size() == first.amount.size() && now.person_years.size() == now.amount.size());
    PT_EXPECT(first.person_years.size() == now.person_years.size());
    PT_EXPECT(first.unindexed.size() == now.unindexed.size());
    PT_EXPECT(first.unindexed.empty() || first.unindexed.size() == first.amount.size());
    constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
    const std::array<double, 2> people = {sum(first.person_years), sum(now.person_years)};
    if (!(people[0] > 0.0 && people[1] > 0.0)) return {nothing, nothing, nothing, nothing};

    // Logarithms of the amount per head with each factor of the first period (0) or of now (1).
    std::array<std::array<std::array<double, 2>, 2>, 2> level{};
    for (std::size_t group = 0; group < first.amount.size(); ++group) {
        const Factors f = factors_of({&first, &now}, people, group);
        for (std::size_t s = 0; s < 2; ++s)
            for (std::size_t h = 0; h < 2; ++h)
                for (std::size_t i = 0; i < 2; ++i) level[s][h][i] += f.share[s] * f.per_head[h] * f.index[i];
    }
    for (auto& plane : level)
        for (auto& row : plane)
            for (double& value : row) {
                if (!(value > 0.0)) return {nothing, nothing, nothing, nothing};
                value = math::log(value);
            }

    // The number of people multiplies everything, so its share is the same in every order. Of the other three, one goes
    // first in two of six orders, last in two, and second after each of the others in one.
    const auto mean = [&](auto&& step) {
        return (2.0 * step(0, 0) + step(0, 1) + step(1, 0) + 2.0 * step(1, 1)) / 6.0;
    };
    using Index = std::size_t;
    const double ages = mean([&](Index h, Index i) { return level[1][h][i] - level[0][h][i]; });
    const double care = mean([&](Index s, Index i) { return level[s][1][i] - level[s][0][i]; });
    const double index = mean([&](Index s, Index h) { return level[s][h][1] - level[s][h][0]; });
    return {people[1] / people[0], math::exp(ages), math::exp(care), math::exp(index)};
}

double logarithmic_mean(double a, double b) {
    PT_EXPECT(a > 0.0 && b > 0.0);
    // With log1p, also numbers that differ in their last digits give what lies between them.
    const double change = (b - a) / a;
    return change == 0.0 ? a : (b - a) / math::log1p(change);
}

}  // namespace proeftuin::output
