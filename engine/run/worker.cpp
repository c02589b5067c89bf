#include "engine/run/worker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/run/accrual.hpp"

namespace proeftuin {
namespace {

/// Clocks of a row are a whole number of vectors.
constexpr std::size_t row_width = 4;

template <class T>
T* const* point_at(std::vector<std::vector<T>>& arrays, std::vector<T*>& pointers, std::size_t n, std::size_t size) {
    if (arrays.size() < n) arrays.resize(n);
    pointers.resize(n);
    for (std::size_t k = 0; k < n; ++k) {
        if (arrays[k].size() < size) arrays[k].resize(size);
        pointers[k] = arrays[k].data();
    }
    return pointers.data();
}

}  // namespace

Simulation::Worker::Worker(const Model& model) {
    for (const Measure& m : model.measures) {
        const auto cells = static_cast<std::size_t>(model.groupings[static_cast<std::size_t>(m.grouping)].cells);
        sum.emplace_back(cells + 1, 0);
        weight.emplace_back(m.is_mean ? cells + 1 : 0, 0);
    }
    counted.resize(model.measures.size());
    for (const PointProgram* point : model.point_programs())
        for (const auto& count : point->state_counts) {
            const auto k = static_cast<std::size_t>(count.measure);
            counted[k].resize(sum[k].size() - 1);
        }
    state.resize(model.processes.size());
    left.resize(model.slots.size());
    for (const int k : model.integrals) {
        const auto index = static_cast<std::size_t>(k);
        const Measure& m = model.measures[index];
        Accrual a;
        a.group = static_cast<std::size_t>(m.grouping);
        a.cells = model.groupings[a.group].cells;
        a.row = static_cast<std::size_t>(model.groupings[a.group].dense_cell);
        a.output = static_cast<std::size_t>(m.dense_output);
        a.value = a.output - model.dense_transitions.size();
        a.quantum = m.quantum;
        a.measure = &m;
        a.sum = sum[index].data();
        a.weight = m.is_mean ? weight[index].data() : nullptr;
        accruals.push_back(a);
    }
    own_columns.push_back(model.age);
    for (const Timer& timer : model.timers) own_columns.push_back(timer.value);
    for (const AttributeColumn& a : model.attributes)
        if (a.moving) own_columns.push_back(a.middle);
    for (const Fade& fade : model.fades) own_columns.push_back(fade.share);
    own.resize(own_columns.size());
    for (const Process& p : model.processes)
        for (std::size_t s = 0; p.is_rate && s < p.by_state.size(); ++s)
            if (!p.by_state[s].transitions.empty()) state_people.push_back({&p, s, &p.by_state[s]});
    least.resize(people_block);
    last_left.resize(model.slots.size() * clock_people);
    for (std::size_t s = 0; s < model.slots.size(); ++s) last_clocks.push_back(last_left.data() + s * clock_people);
    quiet.resize(people_block);
    open.resize(people_block);
    amount.resize(4 * people_block);
    rate.resize(model.slots.size());
    value.resize(model.dense.outputs() - model.dense_transitions.size());
    dense_out.resize(model.dense.outputs());
    for (const int k : model.dense_transitions) {
        const Transition& t = model.transitions[static_cast<std::size_t>(k)];
        dense_out[static_cast<std::size_t>(t.dense_output)] = rate[static_cast<std::size_t>(t.slot)];
    }
    for (const Accrual& a : accruals) dense_out[a.output] = value[a.value];
    group.assign(model.dense_cells, std::vector<std::int32_t>(people_block));
    for (auto& cells : group) dense_cells.push_back(cells.data());
    fresh_group.resize(group.size());
    fresh_cells.resize(group.size());
    std::size_t states = 1;
    for (const auto& p : model.processes) states = std::max(states, p.states->labels.size());
    by_state.resize(states + 1);
    elsewhere.resize(states);
    row_by_state.resize(states);
    bucket.resize(model.transitions.size());
    row_slots = (model.slots.size() + row_width - 1) / row_width * row_width;
    fires.resize(row_slots);
}

void Simulation::Worker::chunk(std::size_t people) {
    for (auto& column : own)
        if (column.size() < people) column.resize(people);
    for (StatePeople& in : state_people) {
        if (in.people.size() < people) in.people.resize(people);
        in.rates.resize(in.program->transitions.size());
    }
    if (living.size() >= people) return;
    living.resize(people);
    for (auto& list : elsewhere) list.resize(people);
}

double Simulation::Worker::age_of(const Model& model, std::size_t i) const {
    return told_at ? *told_at - columns.get<double>(model.birth)[i] : columns.get<double>(model.age)[i];
}

void Simulation::Worker::rows(std::size_t count) {
    if (now.size() >= count) return;
    now.resize(count);
    next_time.resize(count);
    next_transition.resize(count);
    // Rows are whole vectors: what is beyond the last clock never runs out.
    row_rate.resize(count * row_slots, 0.0);
    row_left.resize(count * row_slots, 1.0);
    row_anchor.resize(count * row_slots, 0.0);
    for (auto* rows : {&row_value, &row_value_anchor}) rows->resize(count * accruals.size());
    row_group.resize(count * group.size());
}

double* const* Simulation::Worker::outputs(std::size_t n, std::size_t size) {
    return point_at(out, out_pointers, n, size);
}

std::int32_t* const* Simulation::Worker::cells(std::size_t n, std::size_t size) {
    return point_at(cell, cell_pointers, n, size);
}

double* const* Simulation::Worker::evaluated_again(std::size_t n, std::size_t size) {
    return point_at(again, again_pointers, n, size);
}

void add_by_cell(const Grouping& grouping, const std::int64_t* amount, const std::int32_t* cell, std::size_t n,
                 std::int64_t* sum) {
    if (grouping.cells == 1 && !grouping.when.valid()) {
        std::int64_t all = 0;
        for (std::size_t i = 0; i < n; ++i) all += amount[i];
        sum[0] += all;
    } else {
        add_to_cells(cell, n, grouping.cells, sum, [amount](std::size_t i) { return amount[i]; });
    }
}

void note_bad_rate(const Model& model, Simulation::Worker& w, std::size_t slot, std::size_t i, int state, double rate) {
    const int t = model.slots[slot].transition_by_state[static_cast<std::size_t>(state)];
    const auto uid = w.columns.get<std::uint64_t>(model.uid)[i];
    static const Transition none{};
    const Transition& transition = t == no_index ? none : model.transitions[static_cast<std::size_t>(t)];
    w.bad.note(
        uid,
        fmt::format("the rate of '{}' is {:g} per year for person {} at age {:.2f} (it must be a number of at least 0)",
                    transition.name, rate, uid, w.age_of(model, i)),
        transition.value_where, transition.effect_where);
}

void note_bad_fatality(const Model& model, Simulation::Worker& w, int transition, std::size_t i, double chance) {
    const Transition& t = model.transitions[static_cast<std::size_t>(transition)];
    const auto uid = w.columns.get<std::uint64_t>(model.uid)[i];
    w.bad.note(uid,
               fmt::format("the fatality of '{}' is {:g} for person {} at age {:.2f} (a probability is from 0 to 1)",
                           t.name, chance, uid, w.age_of(model, i)),
               t.fatality_where);
}

void note_bad_value(const Model& model, Simulation::Worker& w, const Measure& measure, std::size_t i, double value) {
    const double limit = 0x1p50 * measure.quantum;
    if (std::fabs(value) <= limit) return;
    const auto uid = w.columns.get<std::uint64_t>(model.uid)[i];
    w.bad.note(uid,
               fmt::format("'{}' is {:g} for person {} at age {:.2f} (it must be a number below {:.3g})", measure.name,
                           value, uid, w.age_of(model, i), limit),
               measure.where);
}

void record_event(const Model& model, Simulation::Worker& w, const EventRecord& record,
                  const std::vector<std::uint16_t>& slots, const double* scalars,
                  const std::function<double(std::size_t)>& time_of) {
    double* const* out = w.outputs(std::max<std::size_t>(record.program.outputs(), 1), slots.size());
    std::int32_t* const* cells = w.cells(record.groupings.size(), slots.size());
    record.program.run(w.columns.input(scalars, slots.data(), slots.size()), w.scratch, out, cells);
    for (const auto& item : record.items) {
        const Measure& measure = model.measures[static_cast<std::size_t>(item.measure)];
        const auto g = static_cast<std::size_t>(
            std::find(record.groupings.begin(), record.groupings.end(), measure.grouping) - record.groupings.begin());
        const Grouping& grouping = model.groupings[static_cast<std::size_t>(measure.grouping)];
        const bool discounted = measure.discount.convention != DiscountSpec::Convention::none;
        for (std::size_t j = 0; j < slots.size(); ++j) {
            const std::int32_t cell = cells[g][j];
            if (cell == grouping.cells) continue;
            const double amount = item.amount_output == no_index ? 1.0 : out[item.amount_output][j];
            const double factor = discounted ? discount_factor(measure.discount, time_of(j)) : 1.0;
            const double scaled = amount * factor / measure.quantum;
            if (!(std::fabs(scaled) <= 0x1p50)) {
                const auto uid = w.columns.get<std::uint64_t>(model.uid)[slots[j]];
                w.bad.note(
                    uid,
                    fmt::format(
                        "an event of '{}' adds {:g} for person {} at age {:.2f} (it must be a number below {:.3g})",
                        measure.name, amount, uid, w.age_of(model, slots[j]), 0x1p50 * measure.quantum),
                    measure.where);
                continue;
            }
            const std::int64_t q = nearest_integer(scaled);
            w.sum[static_cast<std::size_t>(item.measure)][static_cast<std::size_t>(cell)] += q;
            if (measure.total != no_column) w.columns.get<std::int64_t>(measure.total)[slots[j]] += q;
        }
    }
}

}  // namespace proeftuin
