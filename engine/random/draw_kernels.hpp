// The loops behind the batch draws, compiled once for each instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/core/cpu.hpp"

namespace proeftuin::draw_detail {

/// `occurrences` has n elements; or it is null, and `occurrence` holds for all.
using DrawKernel = void (*)(std::uint64_t key, const std::uint64_t* uids, const std::uint64_t* occurrences,
                            std::uint64_t occurrence, std::size_t n, double* out);

struct DrawKernels {
    DrawKernel uniform;
    DrawKernel unit_exponential;
    DrawKernel standard_normal;
};

extern const DrawKernels kernels_baseline;
extern const DrawKernels kernels_avx2;
extern const DrawKernels kernels_avx512;

/// The loops for one instruction set; tests compare them.
inline const DrawKernels& kernels_for(InstructionSet isa) {
    return *pick(isa, &kernels_baseline, &kernels_avx2, &kernels_avx512);
}

}  // namespace proeftuin::draw_detail
