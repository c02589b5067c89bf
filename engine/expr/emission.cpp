#include "engine/expr/emission.hpp"

#include <algorithm>

#include "engine/core/contracts.hpp"

namespace proeftuin {

namespace {

bool is_given(Code code) { return code == Code::constant || code == Code::scalar || code == Code::index_constant; }

class Emitter {
public:
    Emitter(const Lowering& values, const std::vector<ValueId>& roots)
        : values_{values}, roots_{roots}, register_of_(values.size(), no_register) {}

    EmittedProgram run() {
        for (const ValueId root : roots_) visit(root);
        for (const ValueId root : roots_) {
            out_.roots.push_back(register_of_[root]);
            out_.root_is_uniform.push_back(values_.value(root).uniform);
        }
        assign_buffers();
        return std::move(out_);
    }

private:
    /// Operands first, depth first: what is computed is used soon.
    void visit(ValueId id) {
        if (register_of_[id] != no_register) return;
        const LowValue& value = values_.value(id);
        for (const ValueId arg : value.args)
            if (arg != no_value) visit(arg);
        if (value.code == Code::lane) {
            register_of_[id] = register_of_[value.args[0]] + static_cast<std::uint32_t>(value.i0);
            return;
        }
        const std::uint32_t reg = out_.n_registers;
        out_.n_registers += value.code == Code::look_up_rows ? static_cast<std::uint32_t>(value.i1) : 1;
        register_of_[id] = reg;
        if (value.code == Code::constant) {
            out_.constants.insert(out_.constants.end(), lanes, value.number);
            out_.constant_registers.push_back(reg);
        } else if (value.code == Code::index_constant) {
            out_.index_constants.insert(out_.index_constants.end(), lanes, value.i0);
            out_.index_constant_registers.push_back(reg);
        } else if (value.code == Code::scalar) {
            out_.scalars.push_back({reg, value.column});
            out_.uniform_registers.push_back(reg);
        }
        if (is_given(value.code)) return;

        Instruction op;
        op.code = value.code;
        op.d = reg;
        op.i0 = value.i0;
        op.i1 = value.i1;
        op.column = value.column;
        op.number = value.number;
        if (value.data) {
            op.data = value.code == Code::look_up_rows ? first_row(*value.data) + value.column : value.data->data();
            out_.data.push_back(value.data);
        }
        std::uint32_t* operands[] = {&op.a, &op.b, &op.c};
        for (std::size_t k = 0; k < 3; ++k) {
            if (value.args[k] == no_value) continue;
            *operands[k] = register_of_[value.args[k]];
            if (values_.value(value.args[k]).uniform) op.uniform |= static_cast<std::uint8_t>(1u << k);
        }
        if (value.uniform) {
            op.uniform = 0;  // among uniform values every operand is as wide as the result
            out_.uniform.push_back(op);
            out_.uniform_registers.push_back(reg);
        } else {
            out_.code.push_back(op);
        }
    }

    void assign_buffers() {
        constexpr std::size_t never = static_cast<std::size_t>(-1);
        std::vector<std::size_t> last_use(out_.n_registers, never);
        for (std::size_t k = 0; k < out_.code.size(); ++k) {
            const Instruction& op = out_.code[k];
            for (const std::uint32_t r : {op.a, op.b, op.c})
                if (r != no_register) last_use[r] = k;
        }
        for (const std::uint32_t root : out_.roots) last_use[root] = out_.code.size();

        out_.buffer_of.assign(out_.n_registers, no_register);
        std::vector<std::uint32_t> free;
        for (std::size_t k = 0; k < out_.code.size(); ++k) {
            const Instruction& op = out_.code[k];
            // The results first: they never share memory with an operand.
            for (std::uint32_t d = op.d; d < op.d + op.results(); ++d) {
                if (free.empty()) free.push_back(out_.n_buffers++);
                out_.buffer_of[d] = free.back();
                free.pop_back();
            }
            for (std::uint32_t d = op.d; d < op.d + op.results(); ++d)
                if (last_use[d] == never) free.push_back(out_.buffer_of[d]);
            for (const std::uint32_t r : {op.a, op.b, op.c}) {
                if (r == no_register || last_use[r] != k || out_.buffer_of[r] == no_register) continue;
                free.push_back(out_.buffer_of[r]);
                last_use[r] = never;  // an operand used twice is freed once
            }
        }
        // A root computed by an instruction can be written where the caller wants it, unless two outputs share it.
        for (std::size_t k = 0; k < out_.roots.size(); ++k) {
            const std::uint32_t root = out_.roots[k];
            const auto op = std::find_if(out_.code.begin(), out_.code.end(), [&](const auto& i) { return i.d <= root && root < i.d + i.results(); });
            const bool first = std::find(out_.roots.begin(), out_.roots.end(), root) == out_.roots.begin() + static_cast<std::ptrdiff_t>(k);
            out_.root_writes_directly.push_back(first && op != out_.code.end() && op->code != Code::load_number);
        }
    }

    const Lowering& values_;
    const std::vector<ValueId>& roots_;
    std::vector<std::uint32_t> register_of_;
    EmittedProgram out_;
};

}  // namespace

EmittedProgram emit(const Lowering& values, const std::vector<ValueId>& roots) { return Emitter{values, roots}.run(); }

}  // namespace proeftuin
