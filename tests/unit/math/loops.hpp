// Plain loops around the functions of engine/core/math.hpp, compiled for each instruction set.
#pragma once

#include <cstddef>

#include "engine/core/cpu.hpp"
#include "tests/unit/math/each_function.hpp"

namespace proeftuin::math_test {

using UnaryLoop = void (*)(const double* x, double* out, std::size_t n);
using BinaryLoop = void (*)(const double* x, const double* y, double* out, std::size_t n);

struct Loops {
#define PT_MEMBER(name, low, high) UnaryLoop name;
    PT_EACH_UNARY(PT_MEMBER)
#undef PT_MEMBER
    BinaryLoop pow;
};

extern const Loops loops_baseline;
extern const Loops loops_avx2;
extern const Loops loops_avx512;

}  // namespace proeftuin::math_test
