#include "engine/random/philox.hpp"

#include <gtest/gtest.h>

namespace proeftuin {

// Known answers of philox4x32-10 published with Random123 (Salmon et al. 2011).

TEST(Philox, zero_counter_and_key) {
    const PhiloxPair block = philox(0, 0, 0);
    EXPECT_EQ(block.low, 0xe169c58d'6627e8d5u);
    EXPECT_EQ(block.high, 0x9b00dbd8'bc57ac4cu);
}

TEST(Philox, all_bits_set) {
    const std::uint64_t ones = ~std::uint64_t{0};
    const PhiloxPair block = philox(ones, ones, ones);
    EXPECT_EQ(block.low, 0x41c83b0e'408f276du);
    EXPECT_EQ(block.high, 0x6d5451fd'a20bc7c6u);
}

TEST(Philox, digits_of_pi) {
    // counter 243f6a88 85a308d3 13198a2e 03707344, key a4093822 299f31d0
    const PhiloxPair block = philox(0x299f31d0'a4093822u, 0x85a308d3'243f6a88u, 0x03707344'13198a2eu);
    EXPECT_EQ(block.low, 0x94fdcceb'd16cfe09u);
    EXPECT_EQ(block.high, 0x24126ea1'5001e420u);
}

TEST(Philox, works_in_constant_expressions) { static_assert(philox(1, 2, 3).low != philox(1, 2, 4).low); }

}  // namespace proeftuin
