// Four numbers at a time, in the vectors of the compiler: the same bits on every machine.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/core/cpu.hpp"

#if defined(__FMA__) || defined(__AVX__)
#include <immintrin.h>
#endif

namespace proeftuin {

using Four [[gnu::vector_size(32)]] = double;
/// What comparing gives: all bits set where it holds, else none.
using FourWhole [[gnu::vector_size(32)]] = std::int64_t;
/// The halves of four numbers of 64 bits.
using EightHalves [[gnu::vector_size(32)]] = std::uint32_t;

namespace four {

using Anywhere [[gnu::vector_size(32), gnu::aligned(8), gnu::may_alias]] = double;

PT_KERNEL_INLINE Four load(const double* from) { return *reinterpret_cast<const Anywhere*>(from); }
PT_KERNEL_INLINE void store(Four v, double* to) { *reinterpret_cast<Anywhere*>(to) = v; }
PT_KERNEL_INLINE Four all(double x) { return x - Four{}; }
/// a b + c, rounded once.
PT_KERNEL_INLINE Four fma(Four a, Four b, Four c) {
#ifdef __FMA__
    return _mm256_fmadd_pd(a, b, c);
#else
    Four d = {};
    for (int k = 0; k < 4; ++k) d[k] = __builtin_fma(a[k], b[k], c[k]);
    return d;
#endif
}
PT_KERNEL_INLINE Four smaller(Four a, Four b) { return a < b ? a : b; }
/// Bit k is set if the sign bit of number k is.
PT_KERNEL_INLINE unsigned signs(FourWhole v) {
#ifdef __AVX__
    return static_cast<unsigned>(_mm256_movemask_pd(reinterpret_cast<__m256d>(v)));
#else
    unsigned bits = 0;
    for (int k = 0; k < 4; ++k) bits |= (v[k] < 0 ? 1u : 0u) << k;
    return bits;
#endif
}
/// The smallest of the four. \pre none is NaN
PT_KERNEL_INLINE double least(Four v) {
    const double a = v[0] < v[1] ? v[0] : v[1], b = v[2] < v[3] ? v[2] : v[3];
    return a < b ? a : b;
}

}  // namespace four
}  // namespace proeftuin
