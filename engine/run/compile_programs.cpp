// Where integrals are kept, and the programs that a chunk runs.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/run/clocks.hpp"
#include "engine/run/model_compiler.hpp"

namespace proeftuin {
namespace {

bool same_cells(const std::vector<Grouping::Dim>& a, const std::vector<Grouping::Dim>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
        return x.stride == y.stride && x.labels == y.labels && x.code.same_as(y.code);
    });
}

}  // namespace

void ModelCompiler::plan_slots() {
    Model& m = *model_;
    for (std::size_t p = 0; p < m.processes.size(); ++p) {
        Process& process = m.processes[p];
        const int states = static_cast<int>(process.states->labels.size());
        process.by_state.resize(static_cast<std::size_t>(states));
        std::vector<int> mine;
        std::vector<ClockNeed> needs;
        for (std::size_t k = 0; k < m.transitions.size(); ++k) {
            const Transition& t = m.transitions[k];
            if (t.process != static_cast<int>(p)) continue;
            mine.push_back(static_cast<int>(k));
            needs.push_back({t.from, t.to, t.trigger});
        }
        if (!process.is_rate) {
            for (const int k : mine)
                for (const int s : m.transitions[static_cast<std::size_t>(k)].from)
                    process.by_state[static_cast<std::size_t>(s)].transitions.push_back(k);
            continue;
        }
        const ClockPlan plan = plan_clocks(states, needs);
        const int first = static_cast<int>(m.slots.size());
        for (int s = 0; s < plan.slots; ++s) {
            ClockSlot slot;
            slot.process = static_cast<int>(p);
            slot.left = add_column(fmt::format("clock.{}.{}", process.name, s), ColumnType::f64);
            slot.transition_by_state.assign(static_cast<std::size_t>(states), no_index);
            slot.live_by_state.assign(static_cast<std::size_t>(states), no_index);
            process.slots.push_back(static_cast<int>(m.slots.size()));
            m.slots.push_back(std::move(slot));
        }
        for (std::size_t j = 0; j < mine.size(); ++j) {
            Transition& t = m.transitions[static_cast<std::size_t>(mine[j])];
            if (t.trigger == Trigger::selection) continue;
            t.slot = first + plan.slot[j];
            ClockSlot& slot = m.slots[static_cast<std::size_t>(t.slot)];
            for (const int f : t.from) slot.transition_by_state[static_cast<std::size_t>(f)] = mine[j];
            for (int s = 0; s < states; ++s)
                if (plan.live[j][static_cast<std::size_t>(s)])
                    slot.live_by_state[static_cast<std::size_t>(s)] = mine[j];
            if (plan.fires_again[j] && t.trigger == Trigger::rate)
                t.firings = add_column("firings." + t.name, ColumnType::u16);
            const bool for_everybody = std::find(t.from.begin(), t.from.end(), 0) != t.from.end();
            if (for_everybody) {
                m.dense_transitions.push_back(mine[j]);
            } else {
                for (const int f : t.from) process.by_state[static_cast<std::size_t>(f)].transitions.push_back(mine[j]);
                process.any_by_state = true;
            }
        }
    }
    for (std::size_t k = 0; k < m.transitions.size(); ++k) {
        Transition& t = m.transitions[k];
        if (t.process != no_index || !t.rate.valid()) continue;
        ClockSlot slot;
        slot.left = add_column("clock." + t.name, ColumnType::f64);
        slot.transition_by_state = {static_cast<int>(k)};
        slot.live_by_state = {static_cast<int>(k)};
        t.slot = static_cast<int>(m.slots.size());
        m.slots.push_back(std::move(slot));
        if (t.kind == Transition::Kind::birth) t.firings = add_column("firings." + t.name, ColumnType::u16);
        m.dense_transitions.push_back(static_cast<int>(k));
    }
}

void ModelCompiler::compile_programs() {
    Model& m = *model_;
    m.fatality.resize(m.transitions.size());
    for (std::size_t k = 0; k < m.transitions.size(); ++k)
        if (m.transitions[k].fatal.valid()) m.fatality[k] = compile({m.transitions[k].fatal});
    for (std::size_t k = 0; k < m.attributes.size(); ++k)
        if (m.attributes[k].moving) {
            m.attributes[k].motion = compile(motion_[k]);
            m.any_moving = true;
        }
    compile_selections();
    compile_dense();
    compile_by_state();
    compile_records();
    compile_points(m.border, [](const Measure& x) { return x.kind == MeasureSpec::Kind::people; });
    m.points.resize(m.processes.size());
    for (std::size_t p = 0; p < m.processes.size(); ++p)
        compile_points(m.points[p], [p](const Measure& x) {
            return x.kind == MeasureSpec::Kind::points && x.process == static_cast<int>(p);
        });
}

/// What is evaluated for everybody.
void ModelCompiler::compile_dense() {
    Model& m = *model_;
    std::vector<Expression> dense;
    for (const int k : m.dense_transitions) {
        m.transitions[static_cast<std::size_t>(k)].dense_output = static_cast<int>(dense.size());
        m.slots[static_cast<std::size_t>(m.transitions[static_cast<std::size_t>(k)].slot)].dense = k;
        dense.push_back(m.transitions[static_cast<std::size_t>(k)].rate);
    }
    const std::size_t rates = dense.size();
    for (const int k : m.integrals) {
        // What is integrated by several groupings is evaluated once.
        Measure& measure = m.measures[static_cast<std::size_t>(k)];
        const auto same = std::find_if(dense.begin() + static_cast<std::ptrdiff_t>(rates), dense.end(),
                                       [&](const Expression& e) { return e.same_as(measure.value); });
        measure.dense_output = static_cast<int>(same - dense.begin());
        if (same == dense.end()) dense.push_back(measure.value);
    }
    std::vector<bool> used(m.groupings.size(), false);
    for (const int k : m.integrals)
        used[static_cast<std::size_t>(m.measures[static_cast<std::size_t>(k)].grouping)] = true;
    std::vector<int> dense_groupings;
    for (std::size_t g = 0; g < m.groupings.size(); ++g) {
        if (!used[g]) continue;
        m.groupings[g].dense_cell = static_cast<int>(dense_groupings.size());
        dense_groupings.push_back(static_cast<int>(g));
    }
    m.dense_cells = dense_groupings.size();
    m.dense = compile(dense, dense_groupings);
}

/// Rates and probabilities of states that few people are in.
void ModelCompiler::compile_by_state() {
    Model& m = *model_;
    for (Process& p : m.processes)
        for (StateProgram& s : p.by_state) {
            if (s.transitions.empty()) continue;
            std::vector<Expression> roots, effects;
            for (const int k : s.transitions) {
                const Transition& t = m.transitions[static_cast<std::size_t>(k)];
                roots.push_back(t.rate);
                s.has_effects = s.has_effects || t.effect.valid();
                effects.push_back(t.effect.valid() ? t.effect : Expression::constant(1.0));
            }
            s.program = compile(roots);
            if (s.has_effects) s.effects = compile(effects);
        }
}

/// The groupings of measures, each once.
std::vector<int> ModelCompiler::groupings_of(const std::vector<int>& measures) const {
    std::vector<int> groupings;
    for (const int k : measures) {
        const int g = model_->measures[static_cast<std::size_t>(k)].grouping;
        if (std::find(groupings.begin(), groupings.end(), g) == groupings.end()) groupings.push_back(g);
    }
    return groupings;
}

/// What events add to measures.
void ModelCompiler::compile_records() {
    Model& m = *model_;
    m.records.resize(m.transitions.size());
    for (std::size_t k = 0; k < m.transitions.size(); ++k) {
        EventRecord& record = m.records[k];
        record.items = record_items_[k];
        if (record.items.empty()) continue;
        std::vector<int> measures;
        for (const auto& item : record.items) measures.push_back(item.measure);
        record.groupings = groupings_of(measures);
        record.program = compile(record_amounts_[k], record.groupings);
    }
}

void ModelCompiler::compile_points(PointProgram& point, const std::function<bool(const Measure&)>& wanted) {
    const Model& m = *model_;
    std::vector<Expression> roots;
    for (std::size_t k = 0; k < m.measures.size(); ++k) {
        if (!wanted(m.measures[k]) || counts_states(point, static_cast<int>(k))) continue;
        point.measures.push_back(static_cast<int>(k));
        point.value_output.push_back(static_cast<int>(roots.size()));
        roots.push_back(m.measures[k].value);
    }
    point.groupings = groupings_of(point.measures);
    find_finer_counts(point);
    place_grids(point);
    std::vector<std::vector<Grouping::Dim>> own;
    for (const auto& grid : point.grids)
        if (grid.cell != no_index && !grid.is_grouping) own.push_back(grid.dims);
    point.cells = point.groupings.size() + own.size();
    point.program = compile(roots, point.groupings, own);
}

/// People counted by a state alone need not be looked for where they are counted by the state and other things too.
void ModelCompiler::find_finer_counts(PointProgram& point) {
    for (auto& count : point.state_counts) {
        if (!point.grids[count.grid].dims.empty()) continue;
        const auto finer = std::find_if(point.state_counts.begin(), point.state_counts.end(), [&](const auto& other) {
            return other.state == count.state && !point.grids[other.grid].dims.empty();
        });
        if (finer != point.state_counts.end()) count.finer = static_cast<int>(finer - point.state_counts.begin());
    }
}

/// Where the program has the cells of the grids that people are looked up in.
void ModelCompiler::place_grids(PointProgram& point) const {
    auto next = static_cast<int>(point.groupings.size());
    for (std::size_t g = 0; g < point.grids.size(); ++g) {
        PointProgram::Grid& grid = point.grids[g];
        const bool needed = std::any_of(point.state_counts.begin(), point.state_counts.end(),
                                        [&](const auto& count) { return count.grid == g && count.finer == no_index; });
        if (!needed) continue;
        for (std::size_t k = 0; k < point.groupings.size() && !grid.is_grouping; ++k) {
            const Grouping& grouping = model_->groupings[static_cast<std::size_t>(point.groupings[k])];
            grid.is_grouping = !grouping.when.valid() && same_cells(grouping.dims, grid.dims);
            if (grid.is_grouping) grid.cell = static_cast<int>(k);
        }
        if (!grid.is_grouping) grid.cell = next++;
    }
}

/// Whether the measure counts people by the state of a process (and by other things); if so, adds how it is taken.
bool ModelCompiler::counts_states(PointProgram& point, int measure) const {
    const Model& m = *model_;
    const Measure& x = m.measures[static_cast<std::size_t>(measure)];
    const Grouping& grouping = m.groupings[static_cast<std::size_t>(x.grouping)];
    const auto each = x.value.as_constant();
    if (!each || !(std::fabs(*each / x.quantum) <= 0x1p40) || x.total != no_column || x.is_mean ||
        grouping.when.valid() || grouping.dims.empty())
        return false;
    const auto column = grouping.dims[0].code.as_category_column();
    const bool is_process = column && std::any_of(m.processes.begin(), m.processes.end(),
                                                  [&](const Process& p) { return p.state == *column; });
    if (!is_process) return false;
    const std::vector<Grouping::Dim> others(grouping.dims.begin() + 1, grouping.dims.end());
    const auto at = std::find_if(point.grids.begin(), point.grids.end(),
                                 [&](const PointProgram::Grid& grid) { return same_cells(grid.dims, others); });
    point.state_counts.push_back(
        {measure, *column, grouping.dims[0].stride, static_cast<std::size_t>(at - point.grids.begin())});
    if (at == point.grids.end()) point.grids.push_back({others});
    return true;
}

}  // namespace proeftuin
