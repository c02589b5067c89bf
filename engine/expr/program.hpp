// Expressions compiled to a program that runs over the people of a chunk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/core/cpu.hpp"
#include "engine/expr/expression.hpp"

namespace proeftuin {

/// Where a program finds its inputs for one evaluation.
struct EvaluationInput {
    /// By column id: first slot of the chunk (const double*, const uint8_t* or const uint16_t* as the column is).
    const void* const* columns = nullptr;
    /// By scalar id.
    const double* scalars = nullptr;
    /// Slots (relative to the chunk) to evaluate; nullptr = slots 0..n-1.
    const std::uint16_t* slots = nullptr;
    std::size_t n = 0;
};

/// Registers of one thread; grows to what the largest program needs.
class EvaluationScratch {
public:
    EvaluationScratch();
    ~EvaluationScratch();
    EvaluationScratch(EvaluationScratch&&) noexcept;
    EvaluationScratch& operator=(EvaluationScratch&&) noexcept;
    struct Impl;
    Impl& impl() { return *impl_; }

private:
    std::unique_ptr<Impl> impl_;
};

/// How much of an output that is the same for everybody is written: every place, or the first alone.
enum class UniformOutputs : std::uint8_t { all, first };

/// The cell of a person in a grid: the sum of the codes of categories, each times its stride.
struct CellExpression {
    std::vector<std::pair<Expression, std::int32_t>> terms;
    Expression when;  ///< may be invalid; of whom it does not hold, the cell is `outside`
    std::int32_t outside = 0;
};

/// Width in bytes of category columns, by column id; 8 for numbers (double).
using ColumnWidths = std::vector<std::uint8_t>;

/// Several expressions compiled together, sharing common sub-expressions. Immutable.
class Program {
public:
    Program();
    ~Program();
    Program(Program&&) noexcept;
    Program& operator=(Program&&) noexcept;

    /// Compiles `roots` and `cells`; output k of `run` is the value of roots[k]: numbers as they are, booleans 0 or 1,
    /// categories their code.
    static Program compile(std::span<const Expression> roots, const ColumnWidths& widths,
                           std::span<const CellExpression> cells = {});

    std::size_t outputs() const;
    /// Whether output k is the same for everybody in a run.
    bool output_is_uniform(std::size_t k) const;
    /// Whether any output depends on a column.
    bool reads(std::uint32_t column) const;
    /// Evaluates everything for input.n people; outputs[k] points to input.n doubles (in order of the slots list, not
    /// scattered). Same bits whatever the list, its length and the instruction set, and whatever else the program
    /// computes. Outputs may overlap neither each other nor a column. Allocates only while `scratch` has to grow.
    /// Division by zero and the like give infinities and NaN, which the caller checks; a table looked up by a NaN
    /// gives its first cell.
    void run(const EvaluationInput& input, EvaluationScratch& scratch, double* const* outputs,
             UniformOutputs uniform = UniformOutputs::all) const;
    /// The same, for a program with cells: cells[k] points to input.n cells.
    void run(const EvaluationInput& input, EvaluationScratch& scratch, double* const* outputs,
             std::int32_t* const* cells, UniformOutputs uniform = UniformOutputs::all) const;
    /// The same with a given instruction set, which the machine must have (tests and benchmarks).
    void run_on(InstructionSet isa, const EvaluationInput& input, EvaluationScratch& scratch, double* const* outputs,
                std::int32_t* const* cells = nullptr, UniformOutputs uniform = UniformOutputs::all) const;
    /// Number of instructions, for `plan` and benchmarks.
    std::size_t instructions() const;
    /// Readable listing of the program, for `plan --programs` and tests.
    std::string listing() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// The slow, obvious evaluator: value of `expression` for the person in `slot`. Oracle of Program::run.
double evaluate_reference(const Expression& expression, const EvaluationInput& input, std::size_t slot,
                          const ColumnWidths& widths);

}  // namespace proeftuin
