// Prints chosen arguments and our results as bits, for make_golden.py; not part of any target.
#include <cstdint>
#include <cstdio>
#include <vector>

#include "engine/core/hash.hpp"
#include "engine/core/math.hpp"
#include "tests/unit/math/each_function.hpp"

namespace {

using namespace proeftuin;

double unit(std::uint64_t i) { return static_cast<double>(mix64(i) >> 11) * 0x1p-53; }

void line(const char* name, double x, double y, double result) {
    std::printf("%s %016llx %016llx %016llx\n", name,
                static_cast<unsigned long long>(__builtin_bit_cast(std::uint64_t, x)),
                static_cast<unsigned long long>(__builtin_bit_cast(std::uint64_t, y)),
                static_cast<unsigned long long>(__builtin_bit_cast(std::uint64_t, result)));
}

std::vector<double> arguments(double low, double high) {
    std::vector<double> numbers = {0x1p-1074, 0x1p-1022, 1e-300, 1e-100, 1e-20, 0x1p-54, 0x1p-53, 1e-10,
                                   0x1.8p-27, 1e-5,      0.001,  0.0123, 0.1,   0.25,    0.5,     0.75};
    const std::size_t fixed = numbers.size();
    for (std::size_t i = 0; i < fixed; ++i) numbers.push_back(-numbers[i]);
    for (const double near : {1.0, 2.0, 3.0, 0.0751, 0.92})
        for (const double step : {-0x1p-53, 0.0, 0x1p-52, 1e-9}) numbers.push_back(near + step);
    for (const double wide : {10.0, 36.7, 100.0, 700.0, -1.0, -10.0, -36.7, -100.0, -700.0, -740.0, 1e10, 1e100, 1e300})
        numbers.push_back(wide);
    for (std::uint64_t i = 0; i < 40; ++i) numbers.push_back(low + (high - low) * unit(i));
    return numbers;
}

}  // namespace

int main() {
#define PT_PRINT(name, low, high) \
    for (const double x : arguments(low, high)) line(#name, x, 0.0, math::name(x));
    PT_EACH_UNARY(PT_PRINT)
    for (std::uint64_t i = 0; i < 100; ++i) {
        const double x = i < 50 ? 10.0 * unit(i) : 1.0 + (unit(i) - 0.5) * 1e-6;
        const double y = (unit(i + 1000) - 0.5) * (i < 50 ? 300.0 : 1e9);
        line("pow", x, y, math::pow(x, y));
    }
}
