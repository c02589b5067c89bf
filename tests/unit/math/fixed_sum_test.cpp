#include "engine/core/fixed_sum.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cfenv>
#include <random>
#include <vector>

#include "engine/core/math.hpp"

namespace proeftuin {

TEST(FixedSum, rounds_to_the_nearest_multiple_and_ties_to_even) {
    const Quantum half = Quantum::binary(1);
    EXPECT_EQ(half.to_fixed(0.2), 0);
    EXPECT_EQ(half.to_fixed(0.25), 0);
    EXPECT_EQ(half.to_fixed(0.3), 1);
    EXPECT_EQ(half.to_fixed(0.75), 2);
    EXPECT_EQ(half.to_fixed(-0.25), 0);
    EXPECT_EQ(half.to_fixed(-0.3), -1);
    EXPECT_EQ(half.to_fixed(-0.75), -2);
    EXPECT_EQ(half.to_fixed(-1.25), -2);
    EXPECT_EQ(Quantum::decimal(6).to_fixed(12.3456789), 12345679);
    EXPECT_EQ(Quantum::decimal(2).to_fixed(-0.004), 0);
}

TEST(FixedSum, does_not_depend_on_the_rounding_mode_of_the_processor) {
    const Quantum quantum = Quantum::binary(10);
    std::mt19937_64 engine(1);
    std::vector<double> numbers(10000);
    for (double& x : numbers) x = std::ldexp(static_cast<double>(engine() >> 11), -50) - 3.0;
    std::vector<std::int64_t> plain;
    for (const double x : numbers) plain.push_back(quantum.to_fixed(x));
    for (const int mode : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
        std::fesetround(mode);
        std::vector<std::int64_t> other;
        for (const double x : numbers) other.push_back(quantum.to_fixed(x));
        std::fesetround(FE_TONEAREST);
        EXPECT_EQ(plain, other);
    }
}

TEST(FixedSum, refuses_numbers_that_do_not_fit) {
    const Quantum micro = Quantum::decimal(6);
    EXPECT_TRUE(micro.holds(4e12));
    EXPECT_FALSE(micro.holds(5e12));
    EXPECT_FALSE(micro.holds(math::infinity));
    EXPECT_FALSE(micro.holds(math::not_a_number));
    EXPECT_EQ(micro.try_to_fixed(-5e12), std::nullopt);
    EXPECT_EQ(micro.try_to_fixed(1.5), 1500000);
#if PT_CONTRACTS
    EXPECT_THROW(micro.to_fixed(5e12), ContractViolation);
    EXPECT_THROW(micro.to_fixed(math::not_a_number), ContractViolation);
#endif
}

TEST(FixedSum, is_the_same_in_any_order_and_grouping) {
    std::mt19937_64 engine(7);
    std::vector<std::int64_t> numbers(5000);
    for (auto& x : numbers) x = static_cast<std::int64_t>(engine()) >> 20;
    Sum128 total, squares;
    for (const auto x : numbers) total.add(x), squares.add_square(x);
    for (int round = 0; round < 10; ++round) {
        std::shuffle(numbers.begin(), numbers.end(), engine);
        Sum128 left, right, left_squares, right_squares;
        const auto cut = static_cast<std::size_t>(engine() % numbers.size());
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            (i < cut ? left : right).add(numbers[i]);
            (i < cut ? left_squares : right_squares).add_square(numbers[i]);
        }
        right.add(left);
        right_squares.add(left_squares);
        EXPECT_EQ(total, right);
        EXPECT_EQ(squares, right_squares);
    }
}

TEST(FixedSum, becomes_the_nearest_double) {
    const Quantum cents = Quantum::decimal(2);
    EXPECT_EQ(cents.to_double(0), 0.0);
    EXPECT_EQ(cents.to_double(1), 0.01);
    EXPECT_EQ(cents.to_double(-123456), -1234.56);
    EXPECT_EQ(cents.to_double(10), 0.1);
    EXPECT_EQ(Quantum::decimal(18).to_double(1), 1e-18);
    EXPECT_EQ(Quantum::decimal(18).to_double(1, 2), 1e-36);
    EXPECT_EQ(Quantum::decimal(6).to_double(1, 2), 1e-12);
    EXPECT_EQ(Quantum::decimal(6).to_double(Int128{1000000} * 1000000 * 9, 2), 9.0);
    EXPECT_EQ(Quantum::binary(0).to_double((Int128{1} << 53) + 1), 0x1p53);
    EXPECT_EQ(Quantum::binary(0).to_double((Int128{1} << 53) + 3), 0x1p53 + 4);
    EXPECT_EQ(Quantum::binary(0).to_double((Int128{1} << 100) + (Int128{1} << 47)), 0x1p100);
    EXPECT_EQ(Quantum::binary(0).to_double((Int128{1} << 100) + (Int128{1} << 47) + 1), 0x1p100 + 0x1p48);
    const Int128 lowest = Int128{1} << 127;
    EXPECT_EQ(Quantum::binary(0).to_double(lowest), -0x1p127);
    EXPECT_EQ(Quantum::binary(0).to_double(~lowest), 0x1p127);
}

TEST(FixedSum, agrees_with_long_division_in_extended_precision) {
    // With at most 64 bits over a power of ten that fits 64 bits, long double division is within
    // 2^-64, so the double must be one of the two around it.
    std::mt19937_64 engine(3);
    for (int i = 0; i < 100000; ++i) {
        const int digits = static_cast<int>(engine() % 19);
        const auto steps = static_cast<std::int64_t>(engine()) >> (engine() % 60);
        const Quantum quantum = Quantum::decimal(digits);
        const long double quotient = static_cast<long double>(steps) / static_cast<long double>(quantum.per_unit());
        const double value = quantum.to_double(steps);
        const long double error = std::fabs(static_cast<long double>(value) - quotient);
        EXPECT_LE(error, std::fabs(quotient) * (0x1p-53L + 0x1p-62L));
    }
}

TEST(FixedSum, numbers_survive_the_way_there_and_back) {
    const Quantum micro = Quantum::decimal(6);
    for (std::int64_t steps = -1000000; steps <= 1000000; steps += 997)
        EXPECT_EQ(micro.to_fixed(micro.to_double(steps)), steps);
}

#if PT_CONTRACTS
TEST(FixedSum, a_total_of_squares_that_overflows_is_noticed) {
    Sum128 sum;
    const std::int64_t largest = std::int64_t{1} << 62;
    for (int i = 0; i < 7; ++i) sum.add_square(largest);
    EXPECT_THROW(sum.add_square(largest), ContractViolation);
}
#endif

}  // namespace proeftuin
