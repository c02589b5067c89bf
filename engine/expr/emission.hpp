// Puts the operations of a program in order and gives them registers.
#pragma once

#include <memory>
#include <vector>

#include "engine/expr/lowering.hpp"

namespace proeftuin {

/// A program ready to run. Registers are numbered: constants, scalars, other uniform values, then the people's.
struct EmittedProgram {
    struct ScalarInput {
        std::uint32_t reg;
        std::uint32_t scalar;
    };
    std::vector<Instruction> uniform;  ///< once per run
    std::vector<Instruction> code;  ///< once per tile
    std::vector<std::uint32_t> roots;  ///< register of each output
    std::vector<std::uint32_t> cells;  ///< register of each cell
    std::vector<std::uint8_t> cell_is_uniform;
    std::vector<std::uint8_t> cell_writes_directly;
    std::vector<std::uint8_t> root_is_uniform;
    std::vector<std::uint8_t> root_writes_directly;  ///< its instruction may write to the output itself
    std::vector<ScalarInput> scalars;
    std::vector<ChainStep> steps;  ///< of all chains
    std::vector<double> constants;  ///< `lanes` of each constant register
    std::vector<std::int32_t> index_constants;
    std::uint32_t n_registers = 0;
    std::vector<std::uint32_t> constant_registers;
    std::vector<std::uint32_t> index_constant_registers;
    std::vector<std::uint32_t> uniform_registers;  ///< with memory of `lanes` doubles each
    std::vector<std::uint32_t> buffer_of;  ///< by register: number of its tile buffer, or no_register
    std::uint32_t n_buffers = 0;
    std::vector<std::shared_ptr<const std::vector<double>>> data;  ///< keeps tables alive
};

EmittedProgram emit(const Lowering& values, const std::vector<ValueId>& roots, const std::vector<ValueId>& cells);

}  // namespace proeftuin
