// Signals: their names for people, and what they become between two steps.
#include <fmt/format.h>

#include <set>

#include "engine/run/model_compiler.hpp"

namespace proeftuin {

double ModelCompiler::bind_constant(const ExprText& text, const Unit& unit, const std::string& what) {
    const Expression bound = bind_number(text, unit);
    if (const auto value = bound.as_constant()) return *value;
    error("E0408", what + " must be a constant", text.span);
    return 0.0;
}

void ModelCompiler::declare_signals() {
    Model& m = *model_;
    m.stands_for = spec_.stands_for;
    const Symbol year = *symbols_.find("year");
    symbols_.set("year", ConstantSymbol{m.start_year, Unit{}});  // of the first step
    for (const SignalSpec& s : spec_.signals) {
        Signal signal;
        signal.name = s.name;
        signal.doc = s.doc;
        signal.unit = to_string(s.unit);
        signal.where = s.next.span;
        signal.start = bind_constant(s.start, s.unit, fmt::format("the start of signal '{}'", s.name));
        m.signal_starts.push_back(signal.start);
        symbols_.set(s.name, ScalarSymbol{static_cast<std::uint32_t>(scalar::count + m.signals.size()), s.unit});
        m.signals.push_back(std::move(signal));
    }
    symbols_.set("year", year);
}

void ModelCompiler::bind_signals() {
    Model& m = *model_;
    if (spec_.signals.empty()) return;
    const SymbolTable of_people = symbols_;
    symbols_.set("step", ConstantSymbol{1.0 / m.ticks_per_year, unit_of("year")});
    const std::size_t first = scalar::count + m.signals.size();
    for (std::size_t k = 0; k < m.measures.size(); ++k) {
        const Measure& measure = m.measures[k];
        if (measure.kind == MeasureSpec::Kind::people || measure.kind == MeasureSpec::Kind::points) continue;
        const Unit unit = *parse_unit(measure.unit);
        symbols_.set(measure.name, ScalarSymbol{static_cast<std::uint32_t>(first + k),
                                                measure.is_mean ? unit : unit / unit_of("year")});
    }
    auto of_queue = static_cast<std::uint32_t>(first + m.measures.size());
    const Unit units[] = {unit_of("per year"), unit_of("year"), Unit{}, Unit{}};
    for (const QueueSpec& q : spec_.queues) {
        std::vector<std::string> names{q.name};
        for (const std::int64_t priority : q.priorities()) names.push_back(fmt::format("{}_{}", priority, q.name));
        for (const std::string& name : names)
            for (std::size_t k = 0; k < queue_quantities.size(); ++k)
                symbols_.set(queue_quantities[k] + name, ScalarSymbol{of_queue++, units[k]});
    }
    std::vector<Expression> next;
    std::set<std::uint32_t> read;
    for (const SignalSpec& s : spec_.signals) {
        next.push_back(bind_number(s.next, s.unit));
        if (!next.back().columns().empty())
            error("E0460", fmt::format("signal '{}' depends on a person (it is a number of the region)", s.name),
                  s.next.span, "make a measure of it, and name the measure");
        read.merge(next.back().scalars());
    }
    for (const std::uint32_t id : read)
        if (id >= first && id < first + m.measures.size()) m.observed.push_back(static_cast<int>(id - first));
    symbols_ = of_people;
    bind_queues();
    if (!sink_.has_errors()) m.next_signals = compile(next);
}

void ModelCompiler::bind_queues() {
    Model& m = *model_;
    for (const QueueSpec& spec : spec_.queues) {
        Queue queue{spec.name, spec.where, {}, spec.priorities(), no_index, 0.0, spec.constant};
        if (m.stands_for != 1.0)
            error("E0475",
                  fmt::format("'{}' serves people one by one, and each person of this run stands for {:g}", spec.name,
                              m.stands_for),
                  spec.where, "simulate everybody, or give it a `capacity` in place of `servers`");
        for (const auto& visits : spec.visits) {
            const auto found = transition_of_.find(visits.transition);
            if (found == transition_of_.end()) continue;  // told of the measure that counts them
            Transition& t = m.transitions[static_cast<std::size_t>(found->second)];
            if (!t.is_rate || t.trigger == Trigger::selection) continue;  // the same
            if (t.kind == Transition::Kind::death)
                error("E0475", fmt::format("nobody is served by '{}' after death", spec.name), visits.where);
            t.is_visit = true;
            queue.priority_of.emplace(found->second, visits.priority);
        }
        for (std::size_t k = 0; k < m.signals.size(); ++k)
            if (m.signals[k].name == spec.servers) queue.servers = static_cast<int>(k);
        PT_EXPECT(queue.servers != no_index);
        const std::size_t before = sink_.errors();
        queue.service =
            bind_constant(spec.service, unit_of("year"), fmt::format("the time of a visit to '{}'", spec.name));
        if (queue.service <= 0.0 && sink_.errors() == before)
            error("E0445", fmt::format("the time of a visit to '{}' is {:g} (it is above 0)", spec.name, queue.service),
                  spec.service.span);
        m.queues.push_back(std::move(queue));
    }
}

}  // namespace proeftuin
