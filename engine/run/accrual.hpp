// How amounts become integers, and what an interval of time weighs under a discounting convention.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <optional>

#include "engine/core/math.hpp"
#include "engine/run/model_spec.hpp"

namespace proeftuin {

/// Person-time is counted in steps of this [years].
inline constexpr double time_quantum = 1e-9;

/// Nearest integer, ties to even; |x| < 2^51. Plain arithmetic, so that loops over it become vector code.
inline std::int64_t nearest_integer(double x) {
    constexpr double magic = 0x1.8p52;
    return std::bit_cast<std::int64_t>(x + magic) - std::bit_cast<std::int64_t>(magic);
}

/// The discount factor within the year around `at` (years since the start); nothing when it changes continuously.
/// Conventions (r per year, year k = [k, k+1)): start (1+r)^-k, middle (1+r)^-(k+1/2), end (1+r)^-(k+1).
inline std::optional<double> yearly_factor(const DiscountSpec& discount, double at) {
    using Convention = DiscountSpec::Convention;
    if (discount.convention == Convention::none) return 1.0;
    if (discount.convention == Convention::continuous) return std::nullopt;
    const double shift = discount.convention == Convention::start_of_year ? 0.0
                         : discount.convention == Convention::mid_year    ? 0.5
                                                                          : 1.0;
    return math::exp(-math::log1p(discount.rate) * (std::floor(at) + shift));
}

/// Weight of [a, b] (years since the start): the integral of the discount factor over it; continuous: exp(-ln(1+r) t).
/// \pre a step does not cross a border of years
inline double discount_weight(const DiscountSpec& discount, double a, double b) {
    // A border of years may be reached with rounding: the middle of the interval tells the year.
    if (const auto factor = yearly_factor(discount, 0.5 * (a + b))) return *factor * (b - a);
    const double delta = math::log1p(discount.rate);
    if (delta == 0.0) return b - a;
    return math::exp(-delta * a) * -math::expm1(-delta * (b - a)) / delta;
}

/// Factor of an amount at time t (years since the start).
inline double discount_factor(const DiscountSpec& discount, double t) {
    if (const auto factor = yearly_factor(discount, t + 1e-9)) return *factor;
    return math::exp(-math::log1p(discount.rate) * t);
}

}  // namespace proeftuin
