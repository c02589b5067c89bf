#include "engine/expr/emission.hpp"

#include <algorithm>

#include "engine/core/contracts.hpp"

namespace proeftuin {

namespace {

bool is_given(Code code) { return code == Code::constant || code == Code::scalar || code == Code::index_constant; }

bool can_be_step(Code code) {
    switch (code) {
        case Code::add:
        case Code::subtract:
        case Code::multiply:
        case Code::multiply_add:
        case Code::multiply_subtract:
        case Code::exp:
            return true;
        default:
            return false;
    }
}

/// Longer ones gain nothing more, and keep many registers waiting.
constexpr std::size_t longest_chain = 16;

/// The registers that an instruction reads.
template <class F>
void for_each_operand(const Instruction& op, F f) {
    for (const std::uint32_t r : {op.a, op.b, op.c})
        if (r != no_register) f(r);
    for (std::int32_t k = 0; op.code == Code::chain && k < op.i1; ++k) {
        f(op.steps[k].a);
        f(op.steps[k].b);
    }
}

class Emitter {
public:
    Emitter(const Lowering& values, const std::vector<ValueId>& roots, const std::vector<ValueId>& cells)
        : values_{values},
          roots_{roots},
          cells_{cells},
          register_of_(values.size(), no_register),
          uses_(values.size(), 0) {}

    EmittedProgram run() {
        for (const auto* ids : {&roots_, &cells_})
            for (const ValueId root : *ids) count_uses(root);
        for (const auto* ids : {&roots_, &cells_})
            for (const ValueId root : *ids) visit(root);
        for (auto* code : {&out_.uniform, &out_.code})
            for (Instruction& op : *code)
                if (op.code == Code::chain) op.steps = out_.steps.data() + op.i0;
        for (const ValueId root : roots_) {
            out_.roots.push_back(register_of_[root]);
            out_.root_is_uniform.push_back(values_.value(root).uniform);
        }
        for (const ValueId cell : cells_) {
            out_.cells.push_back(register_of_[cell]);
            out_.cell_is_uniform.push_back(values_.value(cell).uniform);
        }
        assign_buffers();
        return std::move(out_);
    }

private:
    void count_uses(ValueId id) {
        if (++uses_[id] > 1) return;
        for (const ValueId arg : values_.value(id).args)
            if (arg != no_value) count_uses(arg);
    }

    /// Whether `id` is better computed as a step of the one that needs it.
    bool is_inner_step(ValueId id) const {
        const LowValue& value = values_.value(id);
        return can_be_step(value.code) && !value.uniform && uses_[id] == 1 && register_of_[id] == no_register;
    }

    struct Step {
        ChainStep::Kind kind;
        ValueId before;  ///< what it works on
        ValueId a = no_value;
        ValueId b = no_value;
    };
    /// The last step to `id`; of two operands it could work on, the one that is a step itself.
    Step last_step(ValueId id) const {
        using Kind = ChainStep::Kind;
        const LowValue& value = values_.value(id);
        const auto [a, b, c] = value.args;
        switch (value.code) {
            case Code::add:
                return is_inner_step(b) && !is_inner_step(a) ? Step{Kind::add, b, a} : Step{Kind::add, a, b};
            case Code::subtract:
                return is_inner_step(b) && !is_inner_step(a) ? Step{Kind::take_from, b, a} : Step{Kind::take, a, b};
            case Code::multiply:
                return is_inner_step(b) && !is_inner_step(a) ? Step{Kind::multiply, b, a} : Step{Kind::multiply, a, b};
            case Code::multiply_add:
                if (!is_inner_step(c) && is_inner_step(a)) return {Kind::multiply_add, a, b, c};
                if (!is_inner_step(c) && is_inner_step(b)) return {Kind::multiply_add, b, a, c};
                return {Kind::add_product, c, a, b};
            case Code::multiply_subtract:
                return {Kind::take_product, c, a, b};
            default:
                return {Kind::exp, a};
        }
    }

    /// Emits `id` with as many of the steps before it as only it needs; false if that is one alone, and no exp.
    bool chain(ValueId id) {
        if (!can_be_step(values_.value(id).code)) return false;
        std::vector<Step> steps{last_step(id)};
        while (steps.size() < longest_chain && is_inner_step(steps.back().before))
            steps.push_back(last_step(steps.back().before));
        if (steps.size() == 1 && steps[0].kind != ChainStep::Kind::exp) return false;
        std::reverse(steps.begin(), steps.end());
        Instruction op;
        op.code = Code::chain;
        op.a = register_for(steps[0].before);
        if (values_.value(steps[0].before).uniform) op.uniform = uniform_a;
        std::vector<ChainStep> mine;
        for (const Step& step : steps) {
            ChainStep& s = mine.emplace_back();
            s.kind = step.kind;
            s.a = s.b = op.a;
            if (step.a != no_value) {
                s.a = s.b = register_for(step.a);
                s.uniform_a = s.uniform_b = values_.value(step.a).uniform;
            }
            if (step.b != no_value) {
                s.b = register_for(step.b);
                s.uniform_b = values_.value(step.b).uniform;
            }
        }
        op.i0 = static_cast<std::int32_t>(out_.steps.size());
        op.i1 = static_cast<std::int32_t>(mine.size());
        out_.steps.insert(out_.steps.end(), mine.begin(), mine.end());
        op.d = register_of_[id] = out_.n_registers++;
        add(op, values_.value(id).uniform);
        return true;
    }

    std::uint32_t register_for(ValueId id) {
        visit(id);
        return register_of_[id];
    }

    void add(const Instruction& op, bool uniform) {
        if (uniform) {
            out_.uniform.push_back(op);
            out_.uniform_registers.push_back(op.d);
        } else {
            out_.code.push_back(op);
        }
    }

    /// Operands first, depth first: what is computed is used soon.
    void visit(ValueId id) {
        if (register_of_[id] != no_register || chain(id)) return;
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
        if (value.uniform) op.uniform = 0;  // among uniform values every operand is as wide as the result
        add(op, value.uniform);
    }

    void assign_buffers() {
        constexpr std::size_t never = static_cast<std::size_t>(-1);
        std::vector<std::size_t> last_use(out_.n_registers, never);
        for (std::size_t k = 0; k < out_.code.size(); ++k) {
            const Instruction& op = out_.code[k];
            for_each_operand(op, [&](std::uint32_t r) { last_use[r] = k; });
        }
        for (const auto* roots : {&out_.roots, &out_.cells})
            for (const std::uint32_t root : *roots) last_use[root] = out_.code.size();

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
            for_each_operand(op, [&](std::uint32_t r) {
                if (last_use[r] != k || out_.buffer_of[r] == no_register) return;
                free.push_back(out_.buffer_of[r]);
                last_use[r] = never;  // an operand used twice is freed once
            });
        }
        out_.root_writes_directly = written_directly(out_.roots);
        out_.cell_writes_directly = written_directly(out_.cells);
    }

    /// A root computed by an instruction can be written where the caller wants it, unless two outputs share it.
    std::vector<std::uint8_t> written_directly(const std::vector<std::uint32_t>& roots) const {
        std::vector<std::uint8_t> directly;
        for (std::size_t k = 0; k < roots.size(); ++k) {
            const std::uint32_t root = roots[k];
            const auto op = std::find_if(out_.code.begin(), out_.code.end(),
                                         [&](const auto& i) { return i.d <= root && root < i.d + i.results(); });
            const bool first =
                std::find(roots.begin(), roots.end(), root) == roots.begin() + static_cast<std::ptrdiff_t>(k);
            directly.push_back(first && op != out_.code.end() && op->code != Code::load_number);
        }
        return directly;
    }

    const Lowering& values_;
    const std::vector<ValueId>& roots_;
    const std::vector<ValueId>& cells_;
    std::vector<std::uint32_t> register_of_;
    std::vector<std::uint32_t> uses_;
    EmittedProgram out_;
};

}  // namespace

EmittedProgram emit(const Lowering& values, const std::vector<ValueId>& roots, const std::vector<ValueId>& cells) {
    return Emitter{values, roots, cells}.run();
}

}  // namespace proeftuin
