// How the totals of people are distributed.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/run/results.hpp"

namespace proeftuin {

/// Statistics of one total per person, given in quanta; what they are in follows from `quantum`. Sorts `totals`.
/// Sums are exact; quantiles are of type 7 (Hyndman & Fan 1996). Without people there are no quantiles.
PersonStatistics describe(std::vector<std::int64_t>& totals, double quantum);

}  // namespace proeftuin
