// The smallest program that needs an installed header, an inline contract and a compiled function.
#include <cstdio>

#include "engine/core/contracts.hpp"
#include "engine/core/cpu.hpp"

int main() {
    const auto isa = proeftuin::active_instruction_set();
    PT_EXPECT(isa <= proeftuin::strongest_instruction_set());
    std::printf("built against the installed package; loops use %.*s\n",
                static_cast<int>(proeftuin::name_of(isa).size()), proeftuin::name_of(isa).data());
}
