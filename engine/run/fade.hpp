// What is left of an effect that fades: exact means over intervals of time (docs/methods/programmes.md).
#pragma once

#include <cstddef>
#include <limits>

#include "engine/core/math.hpp"
#include "engine/run/model.hpp"

namespace proeftuin {

/// Fade::left of somebody who never left the states in which the effect is in full.
inline constexpr double never_left = -std::numeric_limits<double>::infinity();

/// Mean of to + (1 - to) 2^(-t / half_life) over t from `from` to `until`, years since the states were left;
/// the value at `from` where the two are equal. \pre 0 <= from <= until
inline double mean_share(const Fade& fade, double from, double until) {
    constexpr double ln_2 = 0x1.62e42fefa39efp-1;
    const double speed = ln_2 / fade.half_life, passed = speed * (until - from);
    // The mean of exp(-x) over [0, passed] is 1 - passed / 2 + ..., whose first terms are exact enough where the
    // quotient would lose digits.
    const double mean = passed > 1e-9 ? -math::expm1(-passed) / passed : 1.0 - 0.5 * passed;
    return fade.to + (1.0 - fade.to) * math::exp(-speed * from) * mean;
}

/// Sets the shares of n people to their means over [begin, end], years since the start.
inline void set_shares(const Fade& fade, const double* left, double* share, std::size_t n, double begin, double end) {
    for (std::size_t i = 0; i < n; ++i) {
        if (left[i] == never_left) {
            share[i] = 0.0;
            continue;
        }
        const double from = begin > left[i] ? begin - left[i] : 0.0;
        const double until = end > left[i] ? end - left[i] : 0.0;
        share[i] = mean_share(fade, from, until);
    }
}

}  // namespace proeftuin
