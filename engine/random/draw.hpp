// Random numbers as a function of seed, replicate, name of the draw site, person and occurrence.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/core/hash.hpp"
#include "engine/core/math.hpp"
#include "engine/random/philox.hpp"

namespace proeftuin {

/// A named place where chance enters, under one seed and replicate. Names, not positions: what else
/// a model draws never changes the numbers of this site.
class DrawSite {
public:
    constexpr DrawSite(std::uint64_t seed, std::uint64_t replicate, std::string_view name)
        : key_(combine64(combine64(mix64(seed), mix64(replicate)), hash64(name))) {}

    /// The key of all draws here. Two sites share one by chance with probability 2^-64.
    constexpr std::uint64_t key() const { return key_; }

private:
    std::uint64_t key_;
};

namespace draw_detail {

/// (k + 1/2) 2^-53 for the upper 53 bits k of `word`, in (0, 1): at most 1 - 2^-53.
PT_KERNEL_INLINE double open_unit(std::uint64_t word) {
    // k as a double in two exact halves: there is no instruction for it before AVX-512.
    const std::uint64_t k = word >> 11;
    const double upper = __builtin_bit_cast(double, (k >> 32) | 0x4530000000000000u) - (0x1p84 + 0x1p52);
    const double lower = __builtin_bit_cast(double, (k & 0xffffffffu) | 0x4330000000000000u);
    const double unit = (upper + lower + 0.5) * 0x1p-53;
    // Not a select between unit and a constant: g++ would push later comparisons into it, and then
    // finds no vector form for them.
    return unit - (unit < 1.0 ? 0.0 : 0x1p-53);
}

PT_KERNEL_INLINE double exponential_of(std::uint64_t word) { return -math::detail::log_inside(open_unit(word)); }

PT_KERNEL_INLINE double normal_of(std::uint64_t word) { return math::detail::normal_quantile_inside(open_unit(word)); }

}  // namespace draw_detail

/// Uniform in (0, 1), 53 bits. `occurrence` counts what happens to this person at this site: the
/// number of firings of a clock, the cycle of a process, the number of an invitation.
inline double uniform(const DrawSite& site, std::uint64_t uid, std::uint64_t occurrence) {
    return draw_detail::open_unit(philox(site.key(), uid, occurrence).low);
}

struct TwoUniforms {
    double first;  ///< the same number as `uniform`
    double second;  ///< independent of it
};
/// Two uniforms for the price of one.
inline TwoUniforms uniform2(const DrawSite& site, std::uint64_t uid, std::uint64_t occurrence) {
    const PhiloxPair words = philox(site.key(), uid, occurrence);
    return {draw_detail::open_unit(words.low), draw_detail::open_unit(words.high)};
}

/// Exponential with mean 1: -log of `uniform`, so in [1.1e-16, 37.5]. Never 0.
inline double unit_exponential(const DrawSite& site, std::uint64_t uid, std::uint64_t occurrence) {
    return draw_detail::exponential_of(philox(site.key(), uid, occurrence).low);
}

/// Standard normal: the quantile of `uniform`, in [-8.3, 8.3]. Rises with it.
inline double standard_normal(const DrawSite& site, std::uint64_t uid, std::uint64_t occurrence) {
    return draw_detail::normal_of(philox(site.key(), uid, occurrence).low);
}

/// Gamma with this shape (> 0) and scale 1, by the quantile of `uniform`: about a microsecond.
double standard_gamma(const DrawSite& site, std::uint64_t uid, std::uint64_t occurrence, double shape);

/// Beta(a, b), a and b > 0, by the quantile of `uniform`: some microseconds.
double standard_beta(const DrawSite& site, std::uint64_t uid, std::uint64_t occurrence, double a, double b);

/// The same numbers for many people: out[i] belongs to uids[i] and occurrences[i], or to one
/// occurrence for all. Vectorised; bitwise equal to the functions for one person.
/// Contract: all spans have the same length; `out` overlaps none of the others.
void uniform_batch(const DrawSite& site, std::span<const std::uint64_t> uids,
                   std::span<const std::uint64_t> occurrences, std::span<double> out);
void uniform_batch(const DrawSite& site, std::span<const std::uint64_t> uids, std::uint64_t occurrence,
                   std::span<double> out);
void unit_exponential_batch(const DrawSite& site, std::span<const std::uint64_t> uids,
                            std::span<const std::uint64_t> occurrences, std::span<double> out);
void unit_exponential_batch(const DrawSite& site, std::span<const std::uint64_t> uids, std::uint64_t occurrence,
                            std::span<double> out);
void standard_normal_batch(const DrawSite& site, std::span<const std::uint64_t> uids,
                           std::span<const std::uint64_t> occurrences, std::span<double> out);
void standard_normal_batch(const DrawSite& site, std::span<const std::uint64_t> uids, std::uint64_t occurrence,
                           std::span<double> out);

}  // namespace proeftuin
