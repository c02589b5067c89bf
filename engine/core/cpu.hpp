// Which instruction set the hot loops use on this machine; results never depend on it.
#pragma once

#include <string_view>

namespace proeftuin {

/// Instruction sets the hot loops are compiled for, from weak to strong. All give the same bits:
/// every loop is made of exactly rounded operations and explicit fma, which `baseline` computes
/// in software where the processor has none.
enum class InstructionSet { baseline, avx2, avx512 };

/// Strongest instruction set of this machine. avx2 includes FMA; avx512 means F, DQ, BW and VL.
InstructionSet strongest_instruction_set();

/// The one to use: the strongest, or a weaker one named by the environment variable PROEFTUIN_ISA
/// (`baseline`, `avx2`, `avx512`). A name that is unknown or beyond this machine is ignored.
/// Read once, at the first call.
InstructionSet active_instruction_set();

/// "baseline", "avx2", "avx512".
std::string_view name_of(InstructionSet isa);

/// What PROEFTUIN_ISA = `wanted` (may be null) means on a machine whose strongest set is `strongest`.
InstructionSet choose_instruction_set(const char* wanted, InstructionSet strongest);

/// Picks one of three variants of a kernel, say function pointers.
template <class Kernel>
constexpr Kernel pick(InstructionSet isa, Kernel baseline, Kernel avx2, Kernel avx512) {
    return isa == InstructionSet::avx512 ? avx512 : isa == InstructionSet::avx2 ? avx2 : baseline;
}

}  // namespace proeftuin

/// For functions in headers that kernels of several instruction sets share. Without it a linker may
/// keep the copy made with the strongest flags and call it from the baseline.
#define PT_KERNEL_INLINE [[gnu::always_inline]] inline
