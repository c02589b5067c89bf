#include "engine/core/fixed_sum.hpp"

namespace proeftuin {

namespace {

int bit_length(Uint128 x) {
    int bits = 0;
    for (; x != 0; x >>= 1) ++bits;
    return bits;
}

}  // namespace

double Quantum::to_double(Int128 steps, int power) const {
    PT_EXPECT(power == 1 || power == 2);
    const bool negative = steps < 0;
    const Uint128 size = negative ? -static_cast<Uint128>(steps) : static_cast<Uint128>(steps);
    if (size == 0) return 0.0;
    const auto unit = static_cast<Uint128>(per_unit_);
    const Uint128 divisor = power == 1 ? unit : unit * unit;  // below 2^121

    // Long division until the quotient has more bits than a double; what remains only breaks ties.
    Uint128 quotient = size / divisor;
    Uint128 remainder = size % divisor;
    int exponent = 0;
    for (int bits = bit_length(quotient); bits < 55; --exponent) {
        remainder <<= 1;
        const bool one = remainder >= divisor;
        if (one) remainder -= divisor;
        quotient = (quotient << 1) | (one ? 1u : 0u);
        if (quotient != 0) ++bits;
    }
    const int drop = bit_length(quotient) - 53;
    auto kept = static_cast<std::uint64_t>(quotient >> drop);
    const Uint128 lost = quotient & ((Uint128{1} << drop) - 1);
    const Uint128 half = Uint128{1} << (drop - 1);
    const bool beyond_half = lost > half || (lost == half && remainder != 0);
    if (beyond_half || (lost == half && (kept & 1u) != 0)) ++kept;
    const double result = __builtin_ldexp(static_cast<double>(kept), exponent + drop);
    return negative ? -result : result;
}

}  // namespace proeftuin
