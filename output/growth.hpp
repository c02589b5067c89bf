// What an amount has grown by: more people, other ages, other care at given age, and the index on cost.
#pragma once

#include <vector>

namespace proeftuin::output {

/// What a period says of groups of people (by age and sex), the groups in one order.
struct GrowthPeriod {
    std::vector<double> person_years;
    std::vector<double> amount;
    std::vector<double> unindexed;  ///< the amount without the index on cost; empty: there is none
};

/// Factors that multiply to the growth of the amount.
struct GrowthFactors {
    double people;  ///< more person-years
    double ages;  ///< in other groups
    double care;  ///< more for each person of a given group, without the index
    double index;  ///< the index; 1 where the periods lack `unindexed`
};

/// The amount of a group is person-years x its share x its amount per head without the index x the index. The logarithm
/// of each factor is averaged over all orders in which the four can change from the first period to the other one
/// (Shapley), so none comes first.
/// A group that is empty in one of the periods counts at the amount per head and the index of the other.
/// \pre all vectors that are not empty have one length
/// \return NaN when there is no amount or nobody in one of the periods
GrowthFactors growth_factors(const GrowthPeriod& first, const GrowthPeriod& now);

/// (b - a) / log(b / a), and a where they are equal: by this a logarithm of growth becomes an amount.
/// \pre a, b > 0
double logarithmic_mean(double a, double b);

}  // namespace proeftuin::output
