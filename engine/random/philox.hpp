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

/// Ten rounds of Philox on the counter {counter_low, counter_high} (128 bits) under `key`.
/// Words of 32 bits are kept in 64, so that a loop over people has one width and is vectorised.
PT_KERNEL_INLINE constexpr PhiloxPair philox(std::uint64_t key, std::uint64_t counter_low,
                                                   std::uint64_t counter_high) {
    using namespace philox_detail;
    auto key_0 = static_cast<std::uint32_t>(key);
    auto key_1 = static_cast<std::uint32_t>(key >> 32);
    std::uint64_t word_0 = counter_low & low_half;
    std::uint64_t word_1 = counter_low >> 32;
    std::uint64_t word_2 = counter_high & low_half;
    std::uint64_t word_3 = counter_high >> 32;
#pragma GCC unroll 10
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t product_0 = multiplier_0 * word_0;
        const std::uint64_t product_1 = multiplier_1 * word_2;
        word_0 = (product_1 >> 32) ^ word_1 ^ key_0;
        word_1 = product_1 & low_half;
        word_2 = (product_0 >> 32) ^ word_3 ^ key_1;
        word_3 = product_0 & low_half;
        key_0 += weyl_0;
        key_1 += weyl_1;
    }
    return {word_0 | (word_1 << 32), word_2 | (word_3 << 32)};
}

}  // namespace proeftuin
