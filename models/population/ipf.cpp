#include "models/population/ipf.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/core/contracts.hpp"

namespace proeftuin::population {

IpfResult fit(const Shape& shape, std::vector<double> seed, std::vector<Margin> margins, const IpfLimits& limits,
              Inconsistent inconsistent) {
    PT_EXPECT(seed.size() == cells_of(shape));
    IpfResult result;
    result.discrepancy = find_discrepancy(margins, shape, limits.consistency);
    if (result.discrepancy && inconsistent == Inconsistent::fail) {
        result.status = IpfStatus::inconsistent;
        result.margins = std::move(margins);
        return result;
    }
    if (result.discrepancy)
        for (std::size_t m = 1; m < margins.size(); ++m)
            if (!rescale_margin(margins, m, shape)) {
                result.status = IpfStatus::inconsistent;
                result.discrepancy = find_discrepancy(margins, shape, limits.consistency);
                result.margins = std::move(margins);
                return result;
            }

    std::vector<std::vector<std::uint32_t>> cells;
    cells.reserve(margins.size());
    for (const auto& m : margins) {
        cells.push_back(margin_cells(m, shape));
        PT_EXPECT(m.target.size() == cells_of(margin_shape(m, shape)));
    }
    // A wanted total behind which the seed has nothing can never be met.
    for (std::size_t m = 0; m < margins.size(); ++m) {
        const auto sums = margin_sums(seed, cells[m], margins[m].target.size());
        for (std::size_t c = 0; c < sums.size(); ++c)
            if (margins[m].target[c] > limits.absolute && !(sums[c] > 0.0)) {
                result.status = IpfStatus::infeasible;
                result.worst = WorstCell{m, c, margins[m].target[c], 0.0};
                result.table = std::move(seed);
                result.margins = std::move(margins);
                return result;
            }
    }

    std::vector<double> sums, factors;
    for (result.iterations = 0; result.iterations < limits.iterations; ++result.iterations) {
        double error = 0.0;
        bool within = true;
        result.worst.reset();
        for (std::size_t m = 0; m < margins.size(); ++m) {
            const auto& target = margins[m].target;
            const auto& of = cells[m];
            sums.assign(target.size(), 0.0);
            for (std::size_t i = 0; i < seed.size(); ++i) sums[of[i]] += seed[i];
            factors.assign(target.size(), 1.0);
            for (std::size_t c = 0; c < target.size(); ++c) {
                if (std::isnan(target[c])) continue;
                if (!(sums[c] > 0.0)) {
                    // Cells that faded to nothing while a total is still wanted of them.
                    if (target[c] > limits.absolute && error < 1.0) {
                        error = 1.0;
                        within = false;
                        result.worst = WorstCell{m, c, target[c], 0.0};
                    }
                    continue;
                }
                factors[c] = target[c] / sums[c];
                const double off = std::fabs(sums[c] - target[c]);
                const double relative = target[c] > 0.0 ? off / target[c] : (sums[c] > limits.absolute ? 1.0 : 0.0);
                if (off <= limits.absolute) continue;
                if (relative > limits.tolerance) within = false;
                if (relative > error) {
                    error = relative;
                    result.worst = WorstCell{m, c, target[c], sums[c]};
                }
            }
            for (std::size_t i = 0; i < seed.size(); ++i) seed[i] *= factors[of[i]];
        }
        result.error = error;
        if (within) break;
    }
    result.table = std::move(seed);
    result.margins = std::move(margins);
    if (result.iterations == limits.iterations) {
        result.status = IpfStatus::not_converged;
    } else {
        result.worst.reset();
    }
    return result;
}

std::string explain(const IpfResult& result) {
    const auto name = [&](std::size_t m) { return result.margins[m].name; };
    switch (result.status) {
        case IpfStatus::converged:
            if (!result.discrepancy) return "";
            return fmt::format("margin '{}' was rescaled from a total of {} to the {} of margin '{}'",
                               name(result.discrepancy->second), result.discrepancy->second_total,
                               result.discrepancy->first_total, name(result.discrepancy->first));
        case IpfStatus::inconsistent:
            return fmt::format("margins '{}' and '{}' disagree{} ({} against {})", name(result.discrepancy->first),
                               name(result.discrepancy->second),
                               result.discrepancy->overall ? " in total" : " where they speak of the same people",
                               result.discrepancy->first_total, result.discrepancy->second_total);
        case IpfStatus::infeasible:
            return fmt::format(
                "margin '{}' cannot be met (cell {} wants {} and every combination behind it is impossible)",
                name(result.worst->margin), result.worst->cell, result.worst->target);
        case IpfStatus::not_converged:
            return fmt::format(
                "margin '{}' cannot be met together with the others (cell {} wants {} and stays at {} "
                "after {} iterations)",
                name(result.worst->margin), result.worst->cell, result.worst->target, result.worst->fitted,
                result.iterations);
    }
    return "";
}

}  // namespace proeftuin::population
