#include "engine/core/cpu.hpp"

#include <cstdlib>
#include <initializer_list>

namespace proeftuin {

InstructionSet strongest_instruction_set() {
#if defined(__x86_64__)
    __builtin_cpu_init();
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
    if (avx512) return InstructionSet::avx512;
    if (avx2) return InstructionSet::avx2;
#endif
    return InstructionSet::baseline;
}

std::string_view name_of(InstructionSet isa) { return pick<std::string_view>(isa, "baseline", "avx2", "avx512"); }

InstructionSet choose_instruction_set(const char* wanted, InstructionSet strongest) {
    if (wanted == nullptr) return strongest;
    for (const auto isa : {InstructionSet::baseline, InstructionSet::avx2, InstructionSet::avx512})
        if (name_of(isa) == wanted && isa <= strongest) return isa;
    return strongest;
}

InstructionSet active_instruction_set() {
    static const InstructionSet active =
        choose_instruction_set(std::getenv("PROEFTUIN_ISA"), strongest_instruction_set());
    return active;
}

}  // namespace proeftuin
