// Prints a hash of a million outputs of each function and of the draws; every compiler and every set
// of flags must print the same. Built by same_bits.cmake, not linked with anything.
#include <cstdint>
#include <cstdio>

#include "engine/core/hash.hpp"
#include "engine/core/math.hpp"
#include "engine/random/draw.hpp"
#include "tests/unit/math/each_function.hpp"

namespace {

using namespace proeftuin;

constexpr int block = 1000;
constexpr int blocks = 1000;
double x[block], y[block], out[block];

/// Mostly from [low, high]; each tenth number any bit pattern, so all special values and exponents.
void fill(double* numbers, std::uint64_t stream, double low, double high) {
    for (int i = 0; i < block; ++i) {
        const std::uint64_t random = mix64(stream * block + static_cast<std::uint64_t>(i));
        const double unit = draw_detail::open_unit(random);
        numbers[i] = i % 10 == 0   ? __builtin_bit_cast(double, random)
                     : i % 10 == 1 ? (low + (high - low) * unit) * 0x1p-40
                                   : low + (high - low) * unit;
    }
}

std::uint64_t hashed(std::uint64_t hash) {
    for (int i = 0; i < block; ++i) {
        const auto bits = __builtin_bit_cast(std::uint64_t, out[i]);
        hash = mix64(hash ^ (out[i] != out[i] ? 0x7ff8000000000000u : bits));
    }
    return hash;
}

void print(const char* name, std::uint64_t hash) {
    std::printf("%s %016llx\n", name, static_cast<unsigned long long>(hash));
}

}  // namespace

int main() {
#define PT_HASH(name, low, high)                                       \
    {                                                                  \
        std::uint64_t hash = 0;                                        \
        for (std::uint64_t b = 0; b < blocks; ++b) {                   \
            fill(x, b, low, high);                                     \
            for (int i = 0; i < block; ++i) out[i] = math::name(x[i]); \
            hash = hashed(hash);                                       \
        }                                                              \
        print(#name, hash);                                            \
    }
    PT_EACH_UNARY(PT_HASH)
    std::uint64_t hash = 0;
    for (std::uint64_t b = 0; b < blocks; ++b) {
        fill(x, b, -0.5, 10.0);
        fill(y, blocks + b, -30.0, 30.0);
        if (b % 4 == 0)
            for (int i = 0; i < block; ++i) y[i] = __builtin_floor(y[i]);
        for (int i = 0; i < block; ++i) out[i] = math::pow(x[i], y[i]);
        hash = hashed(hash);
    }
    print("pow", hash);
    hash = 0;
    for (std::uint64_t b = 0; b < blocks; ++b) {
        for (int i = 0; i < block; ++i)
            out[i] = draw_detail::exponential_of(philox(42, b * block + static_cast<std::uint64_t>(i), b).low);
        hash = hashed(hash);
    }
    print("unit_exponential", hash);
}
