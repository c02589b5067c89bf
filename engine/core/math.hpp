// Our own exp, log and their kin: the same bits on every machine, with every compiler and flag.
//
// Only exactly rounded operations (+ - * / sqrt floor fma) in a fixed order, so the bits do not
// depend on compiler, optimisation or instruction set, as long as nothing is contracted or
// reassociated (-ffp-contract=off, no -ffast-math). Special cases are selects, not branches: a
// plain loop around any function of this header is vectorised by g++ and clang at -O3 (-mavx2 -mfma
// or more; without -mfma each fma is a slow call with the same result).
// Polynomials: tests/unit/math/derive_polynomials.py. Errors are bounds above the largest seen for a
// million arguments in each region against quadruple precision, in units in the last place of the
// exact result. Round to nearest is assumed; subnormal numbers are right, in arguments and results.
// The sign and payload of a NaN are not specified.
#pragma once

#include <cstdint>

#include "engine/core/cpu.hpp"

namespace proeftuin::math {

inline constexpr double infinity = __builtin_inf();
inline constexpr double not_a_number = __builtin_nan("");

/// a b + c, rounded once, on every machine.
PT_KERNEL_INLINE double fma(double a, double b, double c) { return __builtin_fma(a, b, c); }

namespace detail {

PT_KERNEL_INLINE std::uint64_t bits_of(double x) { return __builtin_bit_cast(std::uint64_t, x); }
PT_KERNEL_INLINE double from_bits(std::uint64_t b) { return __builtin_bit_cast(double, b); }

PT_KERNEL_INLINE double horner(double, double c) { return c; }
/// c + x (c1 + x (c2 + ...)).
template <class... Coefficients>
PT_KERNEL_INLINE double horner(double x, double c, Coefficients... rest) {
    return fma(horner(x, rest...), x, c);
}

/// The unevaluated sum of a number and its rounding error.
struct Pair {
    double hi;
    double lo;
};

// ln 2 = ln2_hi + ln2_lo; ln2_hi has 42 bits, so its product with any exponent is exact.
inline constexpr double ln2_hi = 0x1.62e42fefa3800p-1;
inline constexpr double ln2_lo = 0x1.ef35793c76730p-45;
inline constexpr double log2_e = 0x1.71547652b82fep+0;
// Adding this leaves the nearest whole number in the low bits (two's complement).
inline constexpr double round_magic = 0x1.8p52;
inline constexpr double two_52 = 0x1p52;
inline constexpr std::uint64_t fraction_mask = 0x000fffffffffffffu;
inline constexpr std::uint64_t one_bits = 0x3ff0000000000000u;
inline constexpr std::uint64_t sqrt_half_bits = 0x3fe6a09e667f3bcdu;

/// 2^k, where `rounded` = round_magic + k and -1022 <= k <= 1023.
PT_KERNEL_INLINE double power_of_two(double rounded) { return from_bits((bits_of(rounded) + 1023u) << 52); }

/// (e^r - 1 - r) / r^2 for |r| <= 0.347, from the constant up.
inline constexpr double exp_tail[] = {0x1.0000000000000p-1,  0x1.555555555555cp-3,  0x1.5555555555556p-5,
                                      0x1.111111110e84bp-7,  0x1.6c16c16c17d51p-10, 0x1.a01a01b77acb7p-13,
                                      0x1.a01a01a425491p-16, 0x1.71dde0c020b21p-19, 0x1.27e4bb885299bp-22,
                                      0x1.af8da177db622p-26, 0x1.1ff85e6d96619p-29};

/// x = k ln 2 + r + r_lo with |r| <= 0.347, and tail = e^r - 1 - r.
struct ExpParts {
    double k, r, r_lo, tail;
};
PT_KERNEL_INLINE ExpParts exp_parts(double x) {
    const double k = fma(x, log2_e, round_magic) - round_magic;
    const double r_hi = fma(-k, ln2_hi, x);  // exact
    const double r = fma(-k, ln2_lo, r_hi);
    const double r_lo = fma(-k, ln2_lo, r_hi - r);
    const double p = horner(r, exp_tail[0], exp_tail[1], exp_tail[2], exp_tail[3], exp_tail[4], exp_tail[5],
                            exp_tail[6], exp_tail[7], exp_tail[8], exp_tail[9], exp_tail[10]);
    return {k, r, r_lo, r * r * p};
}

/// value * 2^k in two steps, for -1080 <= k <= 1030; rounds when the result is subnormal.
PT_KERNEL_INLINE double scale(double value, double k) {
    const double half = fma(k, 0.5, round_magic);
    const double rest = (k - (half - round_magic)) + round_magic;
    return value * power_of_two(half) * power_of_two(rest);
}

/// e^x for |x| <= 700, where nothing overflows or is subnormal: the same bits as `exp`, in half the operations.
PT_KERNEL_INLINE double exp_ordinary(double x) {
    const ExpParts e = exp_parts(x);
    return (1.0 + (e.r + (e.tail + e.r_lo))) * power_of_two(e.k + round_magic);
}
inline constexpr double largest_ordinary_exponent = 700.0;

/// e^(x + x_lo) for |x_lo| far below 1; e^x overflows to infinity and underflows to 0.
PT_KERNEL_INLINE double exp_of_pair(double x, double x_lo) {
    const double above = x > 710.0 ? 710.0 : x;
    const double clamped = above < -746.0 ? -746.0 : above;
    const double lo = clamped == x ? x_lo : 0.0;
    const ExpParts e = exp_parts(clamped);
    const double low = e.r_lo + lo;
    const double tail = fma(low, 1.0 + (e.r + e.tail), e.tail);
    return scale(1.0 + (e.r + tail), e.k);
}

/// x = 2^k (1 + f) with sqrt(1/2) <= 1 + f < sqrt(2); x positive and finite.
struct LogParts {
    double k, f;
};
PT_KERNEL_INLINE LogParts log_parts(double x) {
    const bool subnormal = x < 0x1p-1022;
    const double normal = subnormal ? x * 0x1p54 : x;
    const double bias = subnormal ? two_52 + 1023.0 + 54.0 : two_52 + 1023.0;
    const std::uint64_t shifted = bits_of(normal) + (one_bits - sqrt_half_bits);
    const double k = from_bits((shifted >> 52) | 0x4330000000000000u) - bias;
    return {k, from_bits((shifted & fraction_mask) + sqrt_half_bits) - 1.0};
}

/// (log((1+s)/(1-s)) - 2s) / s, for z = s^2 and |s| <= 0.1716.
PT_KERNEL_INLINE double log_tail(double z) {
    return z * horner(z, 0x1.5555555555593p-1, 0x1.999999997f9edp-2, 0x1.249249422b500p-2, 0x1.c71c51d6a8a6dp-3,
                      0x1.746649fa7fee7p-3, 0x1.39a08ca505783p-3, 0x1.2f11e59a317bfp-3);
}

/// k ln 2 + log(1 + f) + low, for f as from log_parts and a low far below the result.
PT_KERNEL_INLINE double log_sum(double k, double f, double low) {
    // log(1+f) = f - (f^2/2 - s (f^2/2 + tail)): f is exact, what is rounded is small beside it.
    const double s = f / (2.0 + f);
    const double half_square = 0.5 * f * f;
    const double tail = log_tail(s * s);
    return fma(k, ln2_hi, f - (half_square - fma(s, half_square + tail, fma(k, ln2_lo, low))));
}

/// log(x) for x positive and finite.
PT_KERNEL_INLINE double log_inside(double x) {
    const LogParts parts = log_parts(x);
    return log_sum(parts.k, parts.f, 0.0);
}

/// log(x) to about 2^-65 of itself, for x > 0; infinite at 0 and infinity.
PT_KERNEL_INLINE Pair log_pair(double x) {
    const LogParts parts = log_parts(x);
    const double f = parts.f;
    const double g = f + 2.0;
    const double g_lo = f - (g - 2.0);
    const double inverse = 1.0 / g;
    const double s = f * inverse;
    const double s_lo = inverse * fma(-s, g_lo, fma(-s, g, f));
    const double z = s * s;
    const double z_lo = fma(s, s, -z) + 2.0 * s * s_lo;
    // log(1+f) = 2s + s z (2/3 + z p(z)), products and sums with their errors.
    const double p =
        z * horner(z, 0x1.9999999999996p-2, 0x1.2492492492f55p-2, 0x1.c71c71c595c03p-3, 0x1.745d1829d8311p-3,
                   0x1.3b1364a09411bp-3, 0x1.11207606113b9p-3, 0x1.de3c42f9f6e9bp-4, 0x1.ead03129b7adfp-4);
    const double third = 0x1.5555555555555p-1;
    const double third_lo = 0x1.5555555555555p-55;
    const double t = third + p;
    const double t_lo = fma(z_lo, 0.4, (p - (t - third)) + third_lo);
    const double a = z * t;
    const double a_lo = fma(z, t, -a) + fma(z, t_lo, z_lo * t);
    const double b = s * a;
    const double b_lo = fma(s, a, -b) + fma(s, a_lo, s_lo * a);
    const double m = fma(2.0, s, b);
    const double m_lo = (b - fma(-2.0, s, m)) + fma(2.0, s_lo, b_lo);
    const double kl = parts.k * ln2_hi;
    const double h = kl + m;
    const double h_lo = (m - (h - kl)) + fma(parts.k, ln2_lo, m_lo);
    const double hi = h + h_lo;
    const double lo = h_lo - (hi - h);
    const bool finite = x > 0.0 && x < infinity;
    return {finite ? hi : x == 0.0 ? -infinity : x, finite ? lo : 0.0};
}

}  // namespace detail

/// e^x. Error 0.9 ulp (subnormal results: 1). Above 709.79 infinity, below -745.14 zero.
PT_KERNEL_INLINE double exp(double x) {
    const double above = x > 710.0 ? 710.0 : x;
    const detail::ExpParts e = detail::exp_parts(above < -746.0 ? -746.0 : above);
    return detail::scale(1.0 + (e.r + (e.tail + e.r_lo)), e.k);
}

/// e^x - 1, relative error kept for small x. Error 1.2 ulp. Keeps -0.
PT_KERNEL_INLINE double expm1(double x) {
    const double above = x > 710.0 ? 710.0 : x;
    const detail::ExpParts e = detail::exp_parts(above < -60.0 ? -60.0 : above);
    // Everything at half scale, so that k = 1024 does not overflow too early.
    const double power = detail::power_of_two((e.k - 1.0) + detail::round_magic);
    const double base = power - 0.5;
    const double scaled = power * e.r;
    const double sum = base + scaled;
    const double low = fma(power, e.tail + e.r_lo, scaled - (sum - base));
    const double result = 2.0 * (sum + low);
    return __builtin_fabs(x) < 0x1p-54 ? x : result;
}

/// Natural logarithm. Error 0.9 ulp. log(0) = -infinity, NaN below 0.
PT_KERNEL_INLINE double log(double x) {
    const double inside = detail::log_inside(x);
    const double special = x == 0.0 ? -infinity : x == infinity ? infinity : not_a_number;
    return x > 0.0 && x < infinity ? inside : special;
}

/// log(1 + x), relative error kept for small x. Error 0.9 ulp. log1p(-1) = -infinity, NaN below.
/// Keeps -0.
PT_KERNEL_INLINE double log1p(double x) {
    const double u = 1.0 + x;
    const double whole = u - 1.0;
    const double lost = (1.0 - (u - whole)) + (x - whole);  // 1 + x = u + lost, exactly
    const detail::LogParts parts = detail::log_parts(u);
    const bool near = parts.k == 0.0;
    const double inside = detail::log_sum(parts.k, near ? x : parts.f, near ? 0.0 : lost / u);
    const double special = x == -1.0 ? -infinity : x == infinity ? infinity : not_a_number;
    const double result = x > -1.0 && x < infinity ? inside : special;
    return __builtin_fabs(x) < 0x1p-54 ? x : result;
}

/// x to the power y. Error 0.9 ulp. As in IEC 60559: pow(x, 0) = pow(1, y) = 1 for every x and y,
/// pow(0, y) = 0 for y > 0 and infinity for y < 0; of a negative x NaN unless y is a whole number.
PT_KERNEL_INLINE double pow(double x, double y) {
    const double size = __builtin_fabs(x);
    const detail::Pair l = detail::log_pair(size);
    const double product = y * l.hi;
    const double product_lo = fma(y, l.lo, fma(y, l.hi, -product));
    const double magnitude = detail::exp_of_pair(product, product_lo);
    const bool whole = __builtin_floor(y) == y;
    const bool odd = whole && __builtin_floor(0.5 * y) != 0.5 * y;
    const bool negative = (detail::bits_of(x) >> 63) != 0;
    const double with_sign = negative && odd ? -magnitude : magnitude;
    const double result = x < 0.0 && x > -infinity && !whole ? not_a_number : with_sign;
    const bool is_one = y == 0.0 || x == 1.0 || (x == -1.0 && __builtin_fabs(y) == infinity);
    return is_one ? 1.0 : result;
}

/// 1 / (1 + e^-x). Error 1.5 ulp; tends to 0 as e^x does, never early.
PT_KERNEL_INLINE double logistic(double x) {
    const double e = exp(-__builtin_fabs(x));  // at most 1
    const double d = 1.0 + e;
    const double d_lo = e - (d - 1.0);
    const double q = 1.0 / d;
    const double q_lo = q * fma(-d_lo, q, fma(-d, q, 1.0));
    return x < 0.0 ? fma(e, q, e * q_lo) : q + q_lo;
}

/// log(p / (1 - p)). Error 0.9 ulp. logit(0) = -infinity, logit(1) = infinity, NaN outside.
PT_KERNEL_INLINE double logit(double p) {
    const double d = 1.0 - p;
    const double d_lo = (1.0 - d) - p;
    const double odds = p / d;
    const double odds_error = fma(-odds, d_lo, fma(-odds, d, p)) / p;  // relative
    const detail::LogParts parts = detail::log_parts(odds);
    const double far = detail::log_sum(parts.k, parts.f, odds_error);
    const double s = 2.0 * p - 1.0;  // logit = 2 artanh(s)
    const double close = fma(s, detail::log_tail(s * s), 2.0 * s);
    const double inside = __builtin_fabs(s) < 0.17 ? close : far;
    const double special = p == 0.0 ? -infinity : p == 1.0 ? infinity : not_a_number;
    return p > 0.0 && p < 1.0 ? inside : special;
}

namespace detail {

/// normal_quantile for 0 < p < 1: a straight line plus a rational correction g, both of a variable
/// of the region. Only the line needs to be exact, so it is computed with its rounding error.
///   |p - 1/2| <= 0.425:  q (2.875 + g(0.180625 - q^2)),        q = p - 1/2
///   s <= 7:              1.09375 s - 1.0625 + g(s - 2),        s = sqrt(-2 log(min(p, 1 - p)))
///   beyond:              1.0078125 s - 0.4375 + g(s - 6)
/// with q = p - 1/2 and its rounding error q_lo, s and its s_lo, and the region that p is in.
PT_KERNEL_INLINE double normal_quantile_of(double q, double q_lo, double s, double s_lo, bool central, bool middle) {
    const auto by_region = [=](double a, double b, double c) __attribute__((always_inline)) {
        return central ? a : middle ? b : c;
    };
    const double r = central ? fma(-q, q, 0.180625) : s - (middle ? 2.0 : 6.0);
    const double numerator = horner(r, by_region(0x1.063647a7bbdd7p-1, -0x1.80b3d0ec87555p-6, -0x1.21306fc6cf4f0p-4),
                                    by_region(0x1.d427c8ba5e7edp+3, 0x1.ceb14edecd57bp-4, 0x1.58c5bd60c6590p-7),
                                    by_region(0x1.ddf6c441fe023p+5, 0x1.1a32426c7e2fap-3, 0x1.0312417259715p-7),
                                    by_region(-0x1.db8a950113b00p+10, 0x1.952c94edaf870p-5, 0x1.b9e51d1a45c76p-11),
                                    by_region(-0x1.8ac05b729473fp+14, 0x1.09ca7b7d5c25bp-8, 0x1.0097efc7432b1p-16),
                                    by_region(-0x1.d816e2f15bebep+16, -0x1.7e372ee462746p-10, -0x1.0b4fdde6ac509p-20),
                                    by_region(-0x1.e1c8de5b2b395p+17, -0x1.b0fca45e0b3aep-12, -0x1.7aaf08bb8c897p-26),
                                    by_region(-0x1.74ace360531e4p+17, -0x1.3613e35e49145p-15, 0x1.1cba2bccdee11p-32),
                                    by_region(-0x1.1c2c828fd9801p+15, -0x1.023d7be6f3197p-20, 0x1.1e31a9dfe47c6p-38));
    const double denominator =
        horner(r, 1.0, by_region(0x1.838a803d79505p+5, 0x1.9c5350aff512ap+0, 0x1.d914bcf74b0bep-2),
               by_region(0x1.d2cfe3ef518f5p+9, 0x1.0d707fe424abfp+0, 0x1.411c165c93bc1p-4),
               by_region(0x1.1e08a5a0c5713p+13, 0x1.74f7aeb266cc2p-2, 0x1.81ed472d0e394p-8),
               by_region(0x1.7af80098eb252p+15, 0x1.2a13f51929ef7p-4, 0x1.71a85f2dae850p-13),
               by_region(0x1.0aea08f6ca078p+17, 0x1.11f0747a5e492p-7, 0x1.55169d2b4bf3dp-22),
               by_region(0x1.6f9ba955c9b3dp+17, 0x1.002ef55b5f1bfp-11, -0x1.fa3502ae622e8p-25),
               by_region(0x1.9a12e55de9eabp+16, 0x1.58b418290513ep-17, -0x1.1e76a491d9736p-31),
               by_region(0x1.d186ca4ee1b73p+13, -0x1.66e59cf6a1cf8p-34, 0x1.d09ad3a9efb8ep-51));
    const double correction = numerator / denominator * (central ? q : 1.0);

    const double variable = central ? q : s;
    const double slope = by_region(2.875, 1.09375, 1.0078125);
    const double start = by_region(0.0, -1.0625, -0.4375);
    const double product = slope * variable;
    const double line = product + start;
    const double line_lo = (start - (line - product)) + fma(slope, variable, -product);
    // q_lo is not 0 only for p < 1/4; there the derivative of the quantile is this within 3 %.
    const double derivative = horner(r, 7.06, -62.2, 246.4);
    const double variable_lo = central ? derivative * q_lo : slope * s_lo;
    const double result = line + (correction + (line_lo + variable_lo));
    return central || q > 0.0 ? result : -result;
}

inline constexpr double normal_central_half = 0.425;  // of the probabilities that need no logarithm

/// Quantile for p in (0, 1).
PT_KERNEL_INLINE double normal_quantile_inside(double p) {
    const double q = p - 0.5;
    const double q_lo = p - (q + 0.5);
    const bool central = __builtin_fabs(q) <= normal_central_half;
    const Pair log_tail = log_pair(q < 0.0 ? p : 1.0 - p);
    const double s = __builtin_sqrt(-2.0 * log_tail.hi);
    const double s_lo = fma(-2.0, log_tail.lo, fma(-s, s, -2.0 * log_tail.hi)) / (2.0 * s);
    return normal_quantile_of(q, q_lo, s, s_lo, central, s <= 7.0);
}

/// The same bits for |p - 1/2| <= normal_central_half, at a third of the price; nonsense elsewhere.
PT_KERNEL_INLINE double normal_quantile_central(double p) {
    const double q = p - 0.5;
    return normal_quantile_of(q, p - (q + 0.5), 0.0, 0.0, true, false);
}

}  // namespace detail

/// Standard normal quantile. Error 1.4 ulp. 0 and 1 give infinities, NaN outside.
/// Regions as in Wichura (1988), Algorithm AS 241, Applied Statistics 37:477-484; fits of our own.
PT_KERNEL_INLINE double normal_quantile(double p) {
    const double inside = detail::normal_quantile_inside(p);
    const double special = p == 0.0 ? -infinity : p == 1.0 ? infinity : not_a_number;
    return p > 0.0 && p < 1.0 ? inside : special;
}

}  // namespace proeftuin::math
