// Philox4x32-10: four random words as a function of a key and a counter, without any state.
//
// Salmon, Moraes, Dror & Shaw (2011), Parallel random numbers: as easy as 1, 2, 3, SC '11.
#pragma once

#include <cstdint>

#include "engine/core/cpu.hpp"

namespace proeftuin {

/// The output as two words of 64 bits; `low` is words 1 (high half) and 0, `high` words 3 and 2.
struct PhiloxPair {
    std::uint64_t low;
    std::uint64_t high;
};

namespace philox_detail {

constexpr std::uint64_t multiplier_0 = 0xD2511F53u;
constexpr std::uint64_t multiplier_1 = 0xCD9E8D57u;
constexpr std::uint32_t weyl_0 = 0x9E3779B9u;
constexpr std::uint32_t weyl_1 = 0xBB67AE85u;
constexpr std::uint64_t low_half = 0xFFFFFFFFu;

}  // namespace philox_detail

namespace philox_detail {

/// Ten rounds on words of 32 bits, each in the low half of a lane of 64. Lanes is uint64_t or a GNU
/// vector of them; `multiply(lanes, constant)` is their product, of the low halves.
template <class Lanes, class Multiply>
PT_KERNEL_INLINE constexpr void ten_rounds(std::uint64_t key, Lanes& word_0, Lanes& word_1, Lanes& word_2,
                                           Lanes& word_3, Multiply multiply) {
    auto key_0 = static_cast<std::uint32_t>(key);
    auto key_1 = static_cast<std::uint32_t>(key >> 32);
#pragma GCC unroll 10
    for (int round = 0; round < 10; ++round) {
        const Lanes product_0 = multiply(word_0, multiplier_0);
        const Lanes product_1 = multiply(word_2, multiplier_1);
        word_0 = (product_1 >> 32) ^ word_1 ^ std::uint64_t{key_0};
        word_1 = product_1 & low_half;
        word_2 = (product_0 >> 32) ^ word_3 ^ std::uint64_t{key_1};
        word_3 = product_0 & low_half;
        key_0 += weyl_0;
        key_1 += weyl_1;
    }
}

}  // namespace philox_detail

/// Ten rounds of Philox on the counter {counter_low, counter_high} (128 bits) under `key`.
PT_KERNEL_INLINE constexpr PhiloxPair philox(std::uint64_t key, std::uint64_t counter_low, std::uint64_t counter_high) {
    using philox_detail::low_half;
    std::uint64_t word_0 = counter_low & low_half;
    std::uint64_t word_1 = counter_low >> 32;
    std::uint64_t word_2 = counter_high & low_half;
    std::uint64_t word_3 = counter_high >> 32;
    philox_detail::ten_rounds(
        key, word_0, word_1, word_2, word_3,
        [](std::uint64_t a, std::uint64_t b) __attribute__((always_inline)) { return a * b; });
    return {word_0 | (word_1 << 32), word_2 | (word_3 << 32)};
}

}  // namespace proeftuin
