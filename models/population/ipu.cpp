#include "models/population/ipu.hpp"

#include <cmath>

#include "engine/core/contracts.hpp"

namespace proeftuin::population {

IpuResult update_weights(const Incidence& incidence, std::vector<double> start, const IpuLimits& limits) {
    const std::size_t households = incidence.households, kinds = incidence.kinds;
    PT_EXPECT(incidence.counts.size() == households * kinds);
    PT_EXPECT(incidence.targets.size() == kinds);
    PT_EXPECT(start.size() == households);
    const auto count = [&](std::size_t h, std::size_t k) { return incidence.counts[h * kinds + k]; };

    IpuResult result;
    result.weights = std::move(start);
    result.totals.assign(kinds, 0.0);
    double before = HUGE_VAL;
    while (true) {
        double sum = 0.0, largest = -1.0;
        for (std::size_t k = 0; k < kinds; ++k) {
            double total = 0.0;
            for (std::size_t h = 0; h < households; ++h) total = std::fma(result.weights[h], count(h, k), total);
            result.totals[k] = total;
            const double error = std::fabs(total - incidence.targets[k]) / incidence.targets[k];
            sum += error;
            if (error > largest) {
                largest = error;
                result.worst_kind = k;
            }
        }
        result.error = sum / static_cast<double>(kinds);
        result.converged = result.error <= limits.fit;
        if (result.converged || result.iterations == limits.iterations ||
            std::fabs(before - result.error) <= limits.tolerance * result.error * 1e-6)
            break;
        before = result.error;
        for (std::size_t k = 0; k < kinds; ++k) {
            double total = 0.0;
            for (std::size_t h = 0; h < households; ++h) total = std::fma(result.weights[h], count(h, k), total);
            if (!(total > 0.0)) continue;  // nobody of this kind in the sample: stays unmet and is reported
            const double factor = incidence.targets[k] / total;
            for (std::size_t h = 0; h < households; ++h)
                if (count(h, k) > 0.0) result.weights[h] *= factor;
        }
        ++result.iterations;
    }
    return result;
}

}  // namespace proeftuin::population
