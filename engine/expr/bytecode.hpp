// The instructions that a compiled expression is made of, and the loops that carry them out.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/core/cpu.hpp"

namespace proeftuin {

/// One operation over all people of a tile. d = result, a, b, c = operands; numbers are doubles, codes and cells int32.
enum class Code : std::uint8_t {
    // given, no instruction
    constant,
    scalar,
    index_constant,
    // from columns
    load_number,
    load_code8,
    load_code16,
    // numbers
    add,
    subtract,
    multiply,
    divide,
    power,
    minimum,
    maximum,
    less,
    less_equal,
    equal,
    not_equal,
    negate,
    opposite,
    exp,
    log,
    log1p,
    expm1,
    sqrt,
    absolute,
    floor,
    ceil,
    logistic,
    logit,
    multiply_add,  ///< a b + c, rounded once
    multiply_subtract,  ///< c - a b, rounded once
    choose,  ///< a != 0 ? b : c
    blend,  ///< a + c (b - a), rounded as one fma
    // cells of tables
    to_code,  ///< category held as a number -> int32
    from_code,  ///< int32 -> number
    index_add,  ///< a i0 + b
    index_keep,  ///< a != 0 ? b : i0
    grid_cell,  ///< floor(a - number) kept within i0..i1, less i0
    grid_share,  ///< (a - number) - floor(a - number); 0 where that is no number
    search_cell,  ///< the last of the i0 points at or below a
    search_share,  ///< how far a is from point b to the next, 0 outside
    look_up,  ///< data[a + c]
    look_up_pair,  ///< data[2 (a + c)] + b data[2 (a + c) + 1], one fma: a value and the step to the next
    look_up_rows,  ///< d + k = data[(a + c) i0 + k] for k < i1 (at most row_lanes): tables side by side
    lane,  ///< result i0 of a look_up_rows; no instruction
    chain,  ///< i1 steps, each on the result of the one before; the first on a. The only way to an exp
    count_
};

/// Tables that one look_up_rows reads; i0 is a multiple of it, and its data is aligned to a cache line.
inline constexpr int row_lanes = 4;

/// Which operands are the same for everybody (a register of one value).
enum UniformFlags : std::uint8_t { uniform_a = 1, uniform_b = 2, uniform_c = 4 };

inline constexpr std::uint32_t no_register = 0xffffffffu;

/// One step of a chain on x, the result so far; its operands are a and b.
struct ChainStep {
    enum class Kind : std::uint8_t {
        add,  ///< x + a
        take,  ///< x - a
        take_from,  ///< a - x
        multiply,  ///< x a
        add_product,  ///< a b + x, rounded once
        take_product,  ///< x - a b, rounded once
        multiply_add,  ///< x a + b, rounded once
        exp
    };
    Kind kind = Kind::exp;
    bool uniform_a = true;
    bool uniform_b = true;
    std::uint32_t a = 0;  ///< registers; any, where there is no operand
    std::uint32_t b = 0;

    static constexpr int selector_of(Kind kind, bool uniform_a, bool uniform_b) {
        return static_cast<int>(kind) * 4 + uniform_a * 2 + uniform_b;
    }
    int selector() const { return selector_of(kind, uniform_a, uniform_b); }
};

struct Instruction {
    Code code = Code::constant;
    std::uint8_t uniform = 0;  ///< UniformFlags
    std::uint32_t d = no_register;  ///< registers: indices into the table of pointers
    std::uint32_t a = no_register;
    std::uint32_t b = no_register;
    std::uint32_t c = no_register;
    std::int32_t i0 = 0;
    std::int32_t i1 = 0;
    std::uint32_t column = 0;  ///< loads
    double number = 0.0;
    const double* data = nullptr;  ///< tables and points
    const ChainStep* steps = nullptr;

    /// Registers it writes: d and those that follow.
    std::uint32_t results() const { return code == Code::look_up_rows ? static_cast<std::uint32_t>(i1) : 1; }
};

/// People of one tile, and where their columns are.
struct Tile {
    const void* const* columns = nullptr;
    const std::uint16_t* slots = nullptr;  ///< of this tile; null: `first`, `first` + 1, ...
    std::size_t first = 0;
    std::size_t n = 0;
    std::size_t padded = 0;  ///< n rounded up to a whole number of lanes
    void* const* buffers = nullptr;  ///< by register: memory of its own, for loads
};

/// People that are evaluated together: registers stay in the first-level cache.
inline constexpr std::size_t tile_size = 256;
/// All loops run over a multiple of this, so that none has a tail; what is computed beyond n is thrown away.
inline constexpr std::size_t lanes = 8;

/// Carries out `count` instructions over a tile. registers[r] points to tile.padded values, or to one if uniform.
using Kernel = void (*)(const Instruction* code, std::size_t count, void** registers, const Tile& tile);

void run_baseline(const Instruction* code, std::size_t count, void** registers, const Tile& tile);
void run_avx2(const Instruction* code, std::size_t count, void** registers, const Tile& tile);
void run_avx512(const Instruction* code, std::size_t count, void** registers, const Tile& tile);

}  // namespace proeftuin
