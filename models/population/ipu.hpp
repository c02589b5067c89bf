// Iterative proportional updating: weights of sampled households that meet household and person totals at once.
#pragma once

#include <vector>

namespace proeftuin::population {

/// How often each kind of household or person occurs in each sampled household.
struct Incidence {
    std::size_t households = 0;
    std::size_t kinds = 0;
    std::vector<double> counts;  ///< row-major, one row per household; >= 0
    std::vector<double> targets;  ///< one per kind; > 0 for a wanted kind
};

struct IpuLimits {
    double tolerance = 1e-12;  ///< largest change of the mean relative error between iterations that ends it
    double fit = 1e-10;  ///< mean relative error that ends it
    std::size_t iterations = 200000;
};

struct IpuResult {
    std::vector<double> weights;  ///< one per household
    std::vector<double> totals;  ///< weighted total of each kind
    double error = 0.0;  ///< mean of |total - target| / target over the kinds
    std::size_t iterations = 0;
    bool converged = false;  ///< the mean relative error reached `fit`
    std::size_t worst_kind = 0;  ///< the kind with the largest relative error
};

/// Adjusts weights kind by kind in the order of the columns until the totals hold (Ye, Konduri, Pendyala, Sana &
/// Waddell 2009, section 3). Kinds of household come before kinds of person in the columns, as there.
/// \pre start has one positive weight per household
IpuResult update_weights(const Incidence& incidence, std::vector<double> start, const IpuLimits& limits = {});

}  // namespace proeftuin::population
