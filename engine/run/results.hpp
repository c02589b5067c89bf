// What a run has found so far, as exact integers; floating point appears only when it is read out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace proeftuin {

/// Distribution over people of their totals in one period.
struct PersonStatistics {
    /// Of `quantiles`.
    static constexpr double levels[] = {0.01, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.99};

    std::int64_t people = 0;
    double mean = 0.0;
    double sd = 0.0;
    std::vector<double> quantiles;  ///< at `levels`; none when there are no people
    double top_share_1 = 0.0;  ///< share of the total that the top 1 % of people have
    double top_share_5 = 0.0;
    double top_share_10 = 0.0;
};

/// Sums of one measure. Value = sum x quantum of the measure.
struct MeasureSums {
    int periods = 0;
    int cells = 1;
    std::vector<std::int64_t> sum;  ///< period-major
    std::vector<std::int64_t> weight;  ///< means: person-time, in 1e-9 years
    std::vector<PersonStatistics> persons;
};

struct RunResults {
    std::vector<MeasureSums> measures;  ///< as Model::measures
    std::int64_t people_at_start = 0;
    std::int64_t people_alive = 0;
    double person_years = 0.0;
    std::int64_t events = 0;
    std::int64_t evaluations = 0;  ///< people whose rates were evaluated

    /// Hash over every number: equal hashes, equal bits.
    std::uint64_t digest() const;
};

}  // namespace proeftuin
