// Sums in fixed point: any order and any grouping of the same numbers give the same total.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/core/contracts.hpp"

namespace proeftuin {

__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 Uint128;

namespace fixed_detail {

/// Nearest whole number of `scaled`, ties to even, whatever the rounding mode; |scaled| <= 2^62.
inline std::int64_t nearest_whole(double scaled) {
    const auto whole = static_cast<std::int64_t>(scaled);  // towards zero, exact
    const double rest = scaled - static_cast<double>(whole);  // exact: 0 from 2^53 on
    const bool odd = (whole & 1) != 0;
    if (rest > 0.5 || (rest == 0.5 && odd)) return whole + 1;
    if (rest < -0.5 || (rest == -0.5 && odd)) return whole - 1;
    return whole;
}

}  // namespace fixed_detail

/// The step of a measure: numbers are stored as whole multiples of it.
class Quantum {
public:
    /// 10^-digits, 0 <= digits <= 18: `decimal(6)` stores millionths.
    static constexpr Quantum decimal(int digits) {
        std::int64_t per_unit = 1;
        for (int i = 0; i < digits; ++i) per_unit *= 10;
        return Quantum(per_unit);
    }
    /// 2^-bits, 0 <= bits <= 60.
    static constexpr Quantum binary(int bits) { return Quantum(std::int64_t{1} << bits); }

    /// Number of steps in 1.
    constexpr std::int64_t per_unit() const { return per_unit_; }
    /// Largest number that `to_fixed` takes, either sign.
    constexpr double limit() const { return 0x1p62 / static_cast<double>(per_unit_); }
    /// Whether `to_fixed` takes x. False for NaN.
    constexpr bool holds(double x) const { return x <= limit() && x >= -limit(); }

    /// Nearest multiple of the step, ties to even of the rounded product x * per_unit.
    /// Contract: holds(x).
    std::int64_t to_fixed(double x) const {
        PT_EXPECT(holds(x));
        return fixed_detail::nearest_whole(x * static_cast<double>(per_unit_));
    }
    /// The same, or nothing when x is NaN or too large.
    std::optional<std::int64_t> try_to_fixed(double x) const {
        if (!holds(x)) return std::nullopt;
        return fixed_detail::nearest_whole(x * static_cast<double>(per_unit_));
    }
    /// The double nearest to steps / per_unit^power, ties to even; power is 1 or 2 (for squares).
    double to_double(Int128 steps, int power = 1) const;

    friend constexpr bool operator==(Quantum, Quantum) = default;

private:
    explicit constexpr Quantum(std::int64_t per_unit) : per_unit_(per_unit) {}
    std::int64_t per_unit_;
};

/// A sum of fixed-point numbers, 128 bits: room for 2^65 numbers of the largest size.
class Sum128 {
public:
    constexpr Sum128() = default;
    constexpr explicit Sum128(Int128 steps) : steps_(steps) {}

    constexpr void add(std::int64_t steps) { steps_ += steps; }
    constexpr void add(const Sum128& other) { steps_ += other.steps_; }
    /// Adds steps^2, a multiple of the squared step. Contract: the total stays below 2^127, so
    /// numbers of up to 2^45 steps can be squared and added 2^37 times.
    void add_square(std::int64_t steps) {
        [[maybe_unused]] const bool overflow =
            __builtin_add_overflow(steps_, static_cast<Int128>(steps) * steps, &steps_);
        PT_ENSURE(!overflow);
    }
    constexpr Int128 steps() const { return steps_; }
    /// The total, correctly rounded.
    double value(Quantum quantum) const { return quantum.to_double(steps_); }
    /// The total of squares, correctly rounded.
    double square_value(Quantum quantum) const { return quantum.to_double(steps_, 2); }

    friend constexpr bool operator==(const Sum128&, const Sum128&) = default;

private:
    Int128 steps_ = 0;
};

}  // namespace proeftuin
