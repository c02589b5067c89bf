// Scanning arrays of small codes.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace proeftuin {

/// Calls visit(i) for every i in [0, n) whose code is not 0, in order. Fast where nearly all are 0.
template <class Visit>
void for_each_nonzero(const std::uint8_t* codes, std::size_t n, Visit visit) {
    std::size_t i = 0;
#ifdef __SSE2__
    for (; i + 16 <= n; i += 16) {
        const __m128i sixteen = _mm_loadu_si128(reinterpret_cast<const __m128i*>(codes + i));
        auto found = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(sixteen, _mm_setzero_si128()))) ^ 0xffffu;
        for (; found != 0; found &= found - 1) visit(i + static_cast<std::size_t>(std::countr_zero(found)));
    }
#endif
    for (; i < n; ++i)
        if (codes[i] != 0) visit(i);
}

}  // namespace proeftuin
