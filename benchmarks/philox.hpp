// Keyed random numbers of the hand-written kernels: Philox4x32-10 (Salmon et al. 2011), one at a time and four at once.
#pragma once

#include <array>
#include <cstdint>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace proeftuin::benchmarks {

inline constexpr std::uint32_t philox_multiplier[2] = {0xD2511F53u, 0xCD9E8D57u};
inline constexpr std::uint32_t philox_increment[2] = {0x9E3779B9u, 0xBB67AE85u};

inline std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::uint64_t seed) {
    auto low = static_cast<std::uint32_t>(seed);
    auto high = static_cast<std::uint32_t>(seed >> 32);
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t even = std::uint64_t{philox_multiplier[0]} * counter[0];
        const std::uint64_t odd = std::uint64_t{philox_multiplier[1]} * counter[2];
        counter = {static_cast<std::uint32_t>(odd >> 32) ^ counter[1] ^ low, static_cast<std::uint32_t>(odd),
                   static_cast<std::uint32_t>(even >> 32) ^ counter[3] ^ high, static_cast<std::uint32_t>(even)};
        low += philox_increment[0];
        high += philox_increment[1];
    }
    return counter;
}

/// Uniform in (0, 1) from 53 bits.
inline double uniform(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d, std::uint64_t seed) {
    const auto words = philox({a, b, c, d}, seed);
    const std::uint64_t bits = (std::uint64_t{words[0]} << 21) ^ (words[1] >> 11);
    return (static_cast<double>(bits) + 0.5) * 0x1p-53;
}

/// Sixteen words of four calls whose counters are (a, b, 0..3, 0): word w of call j at `word[w][j]`.
struct SixteenWords {
#if defined(__AVX2__)
    __m256i word[4];  ///< each word in the low half of a 64-bit lane
#else
    std::uint64_t word[4][4];
#endif
};

inline SixteenWords philox_sixteen(std::uint32_t a, std::uint32_t b, std::uint64_t seed) {
    auto low = static_cast<std::uint32_t>(seed);
    auto high = static_cast<std::uint32_t>(seed >> 32);
#if defined(__AVX2__)
    const __m256i half = _mm256_set1_epi64x(0xFFFFFFFF);
    const __m256i m0 = _mm256_set1_epi64x(philox_multiplier[0]);
    const __m256i m1 = _mm256_set1_epi64x(philox_multiplier[1]);
    __m256i c0 = _mm256_set1_epi64x(a);
    __m256i c1 = _mm256_set1_epi64x(b);
    __m256i c2 = _mm256_set_epi64x(3, 2, 1, 0);
    __m256i c3 = _mm256_setzero_si256();
    for (int round = 0; round < 10; ++round) {
        // The multiplication reads the low half of a lane only, so the high halves may hold anything.
        const __m256i even = _mm256_mul_epu32(m0, c0);
        const __m256i odd = _mm256_mul_epu32(m1, c2);
        c0 = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(odd, 32), c1), _mm256_set1_epi64x(low));
        c2 = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(even, 32), c3), _mm256_set1_epi64x(high));
        c1 = odd;
        c3 = even;
        low += philox_increment[0];
        high += philox_increment[1];
    }
    return {{_mm256_and_si256(c0, half), _mm256_and_si256(c1, half), _mm256_and_si256(c2, half),
             _mm256_and_si256(c3, half)}};
#else
    SixteenWords all;
    for (std::uint32_t j = 0; j < 4; ++j) {
        const auto words = philox({a, b, j, 0}, seed);
        for (int w = 0; w < 4; ++w) all.word[w][j] = words[static_cast<std::size_t>(w)];
    }
    static_cast<void>(low);
    static_cast<void>(high);
    return all;
#endif
}

}  // namespace proeftuin::benchmarks
