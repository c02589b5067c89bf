#include "engine/expr/program.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <new>
#include <optional>
#include <unordered_map>

#include "engine/core/contracts.hpp"
#include "engine/expr/emission.hpp"
#include "engine/expr/tree.hpp"

namespace proeftuin {

namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Code::count_)> code_names{
    "constant",     "scalar",  "index",        "load",         "load8",      "load16",    "add",        "sub",
    "mul",          "div",     "pow",          "min",          "max",        "lt",        "le",         "eq",
    "ne",           "neg",     "not",          "exp",          "log",        "log1p",     "expm1",      "sqrt",
    "abs",          "floor",   "ceil",         "logistic",     "logit",      "mul_add",   "mul_sub",    "choose",
    "blend",        "to_code", "from_code",    "index_add",    "index_keep", "grid_cell", "grid_share", "search_cell",
    "search_share", "look_up", "look_up_pair", "look_up_rows", "lane",       "chain"};

/// By kind of step.
constexpr std::array<std::string_view, 8> step_names{"add",         "take",         "take_from", "mul",
                                                     "add_product", "take_product", "mul_add",   "exp"};

/// Memory aligned to cache lines that only ever grows, with values that can be cells of a table.
class AlignedBlock {
public:
    AlignedBlock() = default;
    AlignedBlock(const AlignedBlock&) = delete;
    AlignedBlock& operator=(const AlignedBlock&) = delete;
    ~AlignedBlock() { ::operator delete[](memory_, std::align_val_t{64}); }
    double* at_least(std::size_t count) {
        if (count > size_) {
            ::operator delete[](memory_, std::align_val_t{64});
            memory_ = nullptr;
            size_ = 0;
            memory_ = static_cast<double*>(::operator new[](count * sizeof(double), std::align_val_t{64}));
            // Values of no one must still be valid cells of a table.
            std::memset(memory_, 0, count * sizeof(double));
            size_ = count;
        }
        return memory_;
    }

private:
    double* memory_ = nullptr;
    std::size_t size_ = 0;
};

Kernel kernel_for(InstructionSet isa) { return pick<Kernel>(isa, run_baseline, run_avx2, run_avx512); }

/// A tile buffer, and a little more: buffers a multiple of 4096 bytes apart would fall on the same cache lines.
constexpr std::size_t buffer_stride = tile_size + 8;

}  // namespace

struct EvaluationScratch::Impl {
    /// What a program needs to know of this scratch; worked out when it first runs here.
    struct Prepared {
        double* buffers = nullptr;  ///< those it was worked out for
        std::vector<double> uniform;  ///< `lanes` of each value that is the same for everybody
        std::vector<void*> registers;
        std::vector<void*> memory;  ///< by register: its own memory, which loads go back to
    };
    AlignedBlock buffers;
    std::unordered_map<std::uint64_t, Prepared> programs;  ///< by number of the program
};

EvaluationScratch::EvaluationScratch() : impl_{std::make_unique<Impl>()} {}
EvaluationScratch::~EvaluationScratch() = default;
EvaluationScratch::EvaluationScratch(EvaluationScratch&&) noexcept = default;
EvaluationScratch& EvaluationScratch::operator=(EvaluationScratch&&) noexcept = default;

struct Program::Impl {
    EmittedProgram program;
    std::uint64_t number = next_number();  ///< no two programs of a process have the same

    static std::uint64_t next_number() {
        static std::atomic<std::uint64_t> last{0};
        return ++last;
    }
};

Program::Program() : impl_{std::make_unique<Impl>()} {}
Program::~Program() = default;
Program::Program(Program&&) noexcept = default;
Program& Program::operator=(Program&&) noexcept = default;

Program Program::compile(std::span<const Expression> roots, const ColumnWidths& widths,
                         std::span<const CellExpression> cells) {
    Graph graph;
    const auto add = [&](const Expression& e) {
        PT_EXPECT(e.valid());
        return graph.add(e.root());
    };
    std::vector<NodeId> nodes;
    for (const Expression& root : roots) nodes.push_back(add(root));
    struct CellNodes {
        std::vector<std::pair<NodeId, std::int32_t>> terms;
        std::optional<NodeId> when;
        std::int32_t outside;
    };
    std::vector<CellNodes> cell_nodes;
    for (const CellExpression& cell : cells) {
        CellNodes& c = cell_nodes.emplace_back();
        for (const auto& [code, stride] : cell.terms) c.terms.emplace_back(add(code), stride);
        if (cell.when.valid()) c.when = add(cell.when);
        c.outside = cell.outside;
    }
    Lowering lowering{graph, widths};
    std::vector<ValueId> values, indices;
    for (const NodeId node : nodes) values.push_back(lowering.number(node));
    for (const CellNodes& c : cell_nodes) indices.push_back(lowering.cell(c.terms, c.when, c.outside));
    lowering.pack_tables();
    Program program;
    program.impl_->program = emit(lowering, values, indices);
    return program;
}

std::size_t Program::outputs() const { return impl_->program.roots.size(); }
bool Program::output_is_uniform(std::size_t k) const { return impl_->program.root_is_uniform[k] != 0; }
bool Program::reads(std::uint32_t column) const {
    const auto is_load = [&](const Instruction& op) {
        return (op.code == Code::load_number || op.code == Code::load_code8 || op.code == Code::load_code16) &&
               op.column == column;
    };
    return std::any_of(impl_->program.code.begin(), impl_->program.code.end(), is_load);
}
std::size_t Program::instructions() const { return impl_->program.code.size(); }

void Program::run(const EvaluationInput& input, EvaluationScratch& scratch, double* const* outputs,
                  UniformOutputs uniform) const {
    run_on(active_instruction_set(), input, scratch, outputs, nullptr, uniform);
}

void Program::run(const EvaluationInput& input, EvaluationScratch& scratch, double* const* outputs,
                  std::int32_t* const* cells, UniformOutputs uniform) const {
    run_on(active_instruction_set(), input, scratch, outputs, cells, uniform);
}

void Program::run_on(InstructionSet isa, const EvaluationInput& input, EvaluationScratch& scratch,
                     double* const* outputs, std::int32_t* const* cells, UniformOutputs uniform_outputs) const {
    const EmittedProgram& program = impl_->program;
    PT_EXPECT(cells != nullptr || program.cells.empty());
    if (input.n == 0 || (program.roots.empty() && program.cells.empty())) return;
    const Kernel kernel = kernel_for(isa);
    EvaluationScratch::Impl& memory = scratch.impl();
    double* const buffers = memory.buffers.at_least(program.n_buffers * buffer_stride);
    auto& prepared = memory.programs[impl_->number];
    if (prepared.registers.empty() || prepared.buffers != buffers) {
        prepared.buffers = buffers;
        prepared.uniform.assign(program.uniform_registers.size() * lanes, 0.0);
        prepared.registers.assign(program.n_registers, nullptr);
        auto& registers = prepared.registers;
        for (std::size_t k = 0; k < program.constant_registers.size(); ++k)
            registers[program.constant_registers[k]] = const_cast<double*>(program.constants.data() + k * lanes);
        for (std::size_t k = 0; k < program.index_constant_registers.size(); ++k)
            registers[program.index_constant_registers[k]] =
                const_cast<std::int32_t*>(program.index_constants.data() + k * lanes);
        for (std::size_t k = 0; k < program.uniform_registers.size(); ++k)
            registers[program.uniform_registers[k]] = prepared.uniform.data() + k * lanes;
        for (std::size_t r = 0; r < program.n_registers; ++r)
            if (program.buffer_of[r] != no_register) registers[r] = buffers + program.buffer_of[r] * buffer_stride;
        prepared.memory = registers;
    }
    void** const registers = prepared.registers.data();
    void** const own = prepared.memory.data();
    for (const auto& [reg, scalar] : program.scalars) {
        std::fill_n(static_cast<double*>(registers[reg]), lanes, input.scalars[scalar]);
    }
    Tile tile;
    tile.columns = input.columns;
    tile.buffers = own;
    tile.n = tile.padded = lanes;
    kernel(program.uniform.data(), program.uniform.size(), registers, tile);

    for (std::size_t first = 0; first < input.n; first += tile_size) {
        tile.first = first;
        tile.n = std::min(tile_size, input.n - first);
        tile.padded = (tile.n + lanes - 1) / lanes * lanes;
        tile.slots = input.slots ? input.slots + first : nullptr;
        const bool whole = tile.n == tile.padded;
        for (std::size_t k = 0; k < program.roots.size(); ++k) {
            if (!program.root_writes_directly[k]) continue;
            const std::uint32_t root = program.roots[k];
            registers[root] = whole ? outputs[k] + first : own[root];
        }
        for (std::size_t k = 0; k < program.cells.size(); ++k) {
            if (!program.cell_writes_directly[k]) continue;
            const std::uint32_t root = program.cells[k];
            registers[root] = whole ? static_cast<void*>(cells[k] + first) : own[root];
        }
        kernel(program.code.data(), program.code.size(), registers, tile);
        for (std::size_t k = 0; k < program.cells.size(); ++k) {
            const auto* from = static_cast<const std::int32_t*>(registers[program.cells[k]]);
            if (program.cell_is_uniform[k]) {
                std::fill_n(cells[k] + first, tile.n, from[0]);
            } else if (from != cells[k] + first) {
                std::memcpy(cells[k] + first, from, tile.n * sizeof(std::int32_t));
            }
        }
        for (std::size_t k = 0; k < program.roots.size(); ++k) {
            const double* from = static_cast<const double*>(registers[program.roots[k]]);
            if (program.root_is_uniform[k]) {
                if (uniform_outputs == UniformOutputs::all)
                    std::fill_n(outputs[k] + first, tile.n, from[0]);
                else
                    outputs[k][0] = from[0];
            } else if (from != outputs[k] + first) {
                std::memcpy(outputs[k] + first, from, tile.n * sizeof(double));
            }
        }
    }
}

std::string Program::listing() const {
    const EmittedProgram& program = impl_->program;
    std::string text;
    for (std::size_t k = 0; k < program.constant_registers.size(); ++k) {
        text += fmt::format("r{} = {}\n", program.constant_registers[k], program.constants[k * lanes]);
    }
    for (const auto& [reg, scalar] : program.scalars) text += fmt::format("r{} = scalar {}\n", reg, scalar);
    const auto list = [&](const std::vector<Instruction>& code) {
        for (const Instruction& op : code) {
            text += fmt::format("r{}", op.d);
            if (op.code == Code::look_up_rows) text += fmt::format("..r{}", op.d + op.results() - 1);
            text += fmt::format(" = {}", code_names[static_cast<std::size_t>(op.code)]);
            for (const std::uint32_t r : {op.a, op.b, op.c})
                if (r != no_register) text += fmt::format(" r{}", r);
            for (std::int32_t k = 0; op.code == Code::chain && k < op.i1; ++k) {
                const ChainStep& step = op.steps[k];
                text += fmt::format(" {}", step_names[static_cast<std::size_t>(step.kind)]);
                if (step.kind != ChainStep::Kind::exp) text += fmt::format(" r{}", step.a);
                if (step.kind >= ChainStep::Kind::add_product && step.kind != ChainStep::Kind::exp)
                    text += fmt::format(" r{}", step.b);
            }
            if (op.code == Code::load_number || op.code == Code::load_code8 || op.code == Code::load_code16) {
                text += fmt::format(" column {}", op.column);
            } else if (op.code == Code::index_add || op.code == Code::index_keep) {
                text += fmt::format(" x{}", op.i0);
            } else if (op.code == Code::grid_cell) {
                text += fmt::format(" -{} {}..{}", op.number, op.i0, op.i1);
            }
            text += '\n';
        }
    };
    if (!program.uniform.empty()) {
        text += "once:\n";
        list(program.uniform);
    }
    text += "each:\n";
    list(program.code);
    for (std::size_t k = 0; k < program.roots.size(); ++k)
        text += fmt::format("output {} = r{}\n", k, program.roots[k]);
    for (std::size_t k = 0; k < program.cells.size(); ++k) text += fmt::format("cell {} = r{}\n", k, program.cells[k]);
    return text;
}

}  // namespace proeftuin
