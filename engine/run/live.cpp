// The event kernel: everybody of a chunk through one step, at exact times.
#include <algorithm>
#include <bit>
#include <cmath>
#include <fmt/format.h>

#include "engine/core/math.hpp"
#include "engine/random/draw.hpp"
#include "engine/run/accrual.hpp"
#include "engine/run/live.hpp"

namespace proeftuin {
namespace {

constexpr double time_quantum = 1e-9;  // years, of person-time

bool same_bits(double a, double b) { return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b); }

/// Whether all values are numbers within [0, limit] (or [-limit, limit]). Compares bit patterns, which rise with the size
/// of a number, so that the loop becomes vector code; -0 may give false. \pre limit > 0
bool all_within(const double* values, std::size_t n, double limit, bool from_zero) {
    const auto most = std::bit_cast<std::int64_t>(limit);
    const std::int64_t sign = from_zero ? 0 : INT64_MIN;
    std::int64_t outside = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const std::int64_t bits = std::bit_cast<std::int64_t>(values[i]) & ~sign;
        outside |= bits | (most - (bits & INT64_MAX));
    }
    return outside >= 0;
}

bool contains(const std::vector<int>& list, int x) { return std::find(list.begin(), list.end(), x) != list.end(); }

}  // namespace

ChunkStep::ChunkStep(const Model& model, Simulation::Worker& worker, const KernelSites& sites, const StepTime& time,
                     ChunkRange range, std::size_t base, const double* entry)
    : m_{model}, w_{worker}, sites_{sites}, time_{time}, range_{range}, base_{base}, entry_{entry} {
    scalars_[scalar::year] = time.calendar + 0.5 * time.length;
    scalars_[scalar::time] = time.begin + 0.5 * time.length;
    uid_ = w_.columns.get<std::uint64_t>(m_.uid);
    life_ = w_.columns.get<std::uint8_t>(m_.life);
}

void ChunkStep::run() {
    const std::size_t n = range_.size();
    w_.list.clear();
    for (std::size_t i = 0; i < n; ++i)
        if (life_[i] == static_cast<std::uint8_t>(Life::alive)) w_.list.push_back(static_cast<std::uint16_t>(i));
    if (w_.list.empty()) return;
    set_clock_columns();
    move_attributes();
    evaluate(w_.list, /*everybody=*/true);
    w_.evaluations += static_cast<std::int64_t>(w_.list.size());
    if (entry_ == nullptr) {
        find_events();
        accrue_quiet();
    } else {
        w_.event_slot = w_.list;
    }
    if (!w_.event_slot.empty()) step_events();
}

void ChunkStep::set_clock_columns() {
    double* age = w_.columns.get<double>(m_.age);
    const double* birth = w_.columns.get<double>(m_.birth);
    const std::size_t n = range_.size();
    const double middle = time_.calendar + 0.5 * time_.length;
    if (entry_ == nullptr) {
        for (std::size_t i = 0; i < n; ++i) age[i] = middle - birth[i];
    } else {
        // The middle of the part of the step that the person is here.
        for (std::size_t i = 0; i < n; ++i) {
            const double a = time_.calendar + 0.5 * (entry_[i] + time_.length) - birth[i];
            age[i] = a > 0.0 ? a : 0.0;
        }
    }
    for (const Timer& timer : m_.timers) {
        const double* entered = w_.columns.get<double>(timer.entered);
        double* value = w_.columns.get<double>(timer.value);
        const double at = time_.begin + 0.5 * time_.length;
        for (std::size_t i = 0; i < n; ++i) {
            const double t = at - entered[i];
            value[i] = t > 0.0 ? t : 0.0;
        }
    }
}

void ChunkStep::move_attributes() {
    bool any = false;
    for (const auto& a : m_.attributes) any = any || a.moving;
    if (!any) return;
    const std::size_t n = range_.size();
    const auto input = w_.columns.input(scalars_, nullptr, n);
    // Middle of the step from its start, then the whole step with what holds in the middle.
    for (const auto& a : m_.attributes) {
        if (!a.moving) continue;
        const double* x = w_.columns.get<double>(a.column);
        double* middle = w_.columns.get<double>(a.middle);
        std::copy(x, x + n, middle);
    }
    std::vector<std::vector<double>>& ends = moved_;
    ends.resize(m_.attributes.size());
    for (const bool whole : {false, true}) {
        for (std::size_t k = 0; k < m_.attributes.size(); ++k) {
            const AttributeColumn& a = m_.attributes[k];
            if (!a.moving) continue;
            double* const* out = w_.outputs(a.motion.outputs(), n);
            a.motion.run(input, w_.scratch, out);
            const double* x = w_.columns.get<double>(a.column);
            ends[k].resize(n);
            double* y = ends[k].data();
            const double part = whole ? 1.0 : 0.5;
            if (entry_ == nullptr) {
                const double d = part * time_.length;
                if (a.relaxes)
                    for (std::size_t i = 0; i < n; ++i) y[i] = std::fma(x[i] - out[0][i], math::exp(-out[1][i] * d), out[0][i]);
                else
                    std::copy(x, x + n, y);
                for (std::size_t i = 0; i < n; ++i) y[i] = std::fma(out[2][i], d, y[i]);
            } else {
                for (std::size_t i = 0; i < n; ++i) {
                    const double d = part * (time_.length - entry_[i]);
                    y[i] = std::fma(out[2][i], d, a.relaxes ? std::fma(x[i] - out[0][i], math::exp(-out[1][i] * d), out[0][i]) : x[i]);
                }
            }
            if (whole && a.has_noise)
                for (std::size_t i = 0; i < n; ++i)
                    y[i] = std::fma(out[3][i] * std::sqrt(entry_ == nullptr ? time_.length : time_.length - entry_[i]),
                                    standard_normal(sites_.noise[k], uid_[i], static_cast<std::uint64_t>(sites_.tick)), y[i]);
            if (a.min || a.max)
                for (std::size_t i = 0; i < n; ++i) {
                    if (a.min && y[i] < *a.min) y[i] = *a.min;
                    if (a.max && y[i] > *a.max) y[i] = *a.max;
                }
        }
        for (std::size_t k = 0; k < m_.attributes.size(); ++k) {
            const AttributeColumn& a = m_.attributes[k];
            if (!a.moving) continue;
            double* to = w_.columns.get<double>(whole ? a.column : a.middle);
            std::copy(ends[k].begin(), ends[k].begin() + static_cast<std::ptrdiff_t>(n), to);
        }
    }
}

void ChunkStep::evaluate(const std::vector<std::uint16_t>& slots, bool everybody) {
    const std::size_t n = range_.size();
    // Nearly everybody is alive: evaluating the few others too is cheaper than gathering.
    const bool dense = everybody && slots.size() * 4 >= n * 3;
    const std::size_t size = dense ? n : slots.size();
    const std::uint16_t* list = dense ? nullptr : slots.data();
    double* const* out = w_.outputs(m_.dense.outputs(), std::max(size, n));
    m_.dense.run(w_.columns.input(scalars_, list, size), w_.scratch, out);
    const auto at = [&](std::size_t j) -> std::size_t { return dense ? j : slots[j]; };

    for (auto& r : w_.rate) {
        if (everybody)
            std::fill(r.begin(), r.begin() + static_cast<std::ptrdiff_t>(n), 0.0);
        else
            for (const auto i : slots) r[i] = 0.0;
    }
    for (const int k : m_.dense_transitions) {
        const Transition& t = m_.transitions[static_cast<std::size_t>(k)];
        const double* value = out[t.dense_output];
        double* r = w_.rate[static_cast<std::size_t>(t.slot)].data();
        if (t.process == no_index) {
            if (dense)
                for (std::size_t j = 0; j < size; ++j) r[j] = life_[j] == 0 ? value[j] : 0.0;
            else
                for (std::size_t j = 0; j < size; ++j) r[slots[j]] = value[j];
            continue;
        }
        const std::uint8_t* state = w_.columns.get<std::uint8_t>(m_.processes[static_cast<std::size_t>(t.process)].state);
        if (t.from.size() == 1 && dense) {
            for (std::size_t j = 0; j < size; ++j) r[j] = (state[j] == 0) & (life_[j] == 0) ? value[j] : r[j];
        } else {
            for (std::size_t j = 0; j < size; ++j)
                if (life_[at(j)] == 0 && contains(t.from, state[at(j)])) r[at(j)] = value[j];
        }
    }
    // Groups and integrands, at the person's slot.
    for (std::size_t g = 0; g < m_.groupings.size(); ++g) {
        const Grouping& grouping = m_.groupings[g];
        if (grouping.dense_output == no_index) continue;
        std::int32_t* index = w_.group[g].data();
        group_index(grouping, out, grouping.dense_output, size, list, index);
        if (dense)
            for (std::size_t j = 0; j < size; ++j) index[j] = life_[j] == 0 ? index[j] : -1;
    }
    for (std::size_t k = 0; k < m_.integrals.size(); ++k) {
        const double* value = out[m_.measures[static_cast<std::size_t>(m_.integrals[k])].dense_output];
        double* to = value_[k].data();
        if (dense)
            std::copy(value, value + size, to);
        else
            for (std::size_t j = 0; j < size; ++j) to[slots[j]] = value[j];
    }
    // Transitions out of states that few people are in.
    for (const Process& p : m_.processes) {
        if (!p.is_rate || !p.any_by_state) continue;
        const std::uint8_t* state = w_.columns.get<std::uint8_t>(p.state);
        for (std::size_t s = 0; s < p.by_state.size(); ++s) w_.by_state[s].clear();
        for (const auto i : slots)
            if (!p.by_state[state[i]].transitions.empty()) w_.by_state[state[i]].push_back(i);
        for (std::size_t s = 0; s < p.by_state.size(); ++s) {
            const StateProgram& program = p.by_state[s];
            const auto& people = w_.by_state[s];
            if (people.empty()) continue;
            double* const* rates = w_.outputs(std::max(program.program.outputs(), m_.dense.outputs()), std::max(people.size(), n));
            program.program.run(w_.columns.input(scalars_, people.data(), people.size()), w_.scratch, rates);
            for (std::size_t k = 0; k < program.transitions.size(); ++k) {
                double* r = w_.rate[static_cast<std::size_t>(m_.transitions[static_cast<std::size_t>(program.transitions[k])].slot)].data();
                for (std::size_t j = 0; j < people.size(); ++j) r[people[j]] = rates[k][j];
            }
        }
    }
    check(slots);
}

void ChunkStep::check(const std::vector<std::uint16_t>& slots) {
    for (std::size_t s = 0; s < m_.slots.size(); ++s) {
        const double* r = w_.rate[s].data();
        if (all_within(r, range_.size(), 1e300, /*from_zero=*/true)) continue;
        for (const auto i : slots) {
            if (r[i] >= 0.0 && r[i] <= 1e300) continue;
            const ClockSlot& slot = m_.slots[s];
            const int state = slot.process == no_index ? 0 : w_.columns.get<std::uint8_t>(m_.processes[static_cast<std::size_t>(slot.process)].state)[i];
            const int t = slot.transition_by_state[static_cast<std::size_t>(state)];
            w_.bad.note(uid_[i], fmt::format("the rate of '{}' is {} per year for person {} at age {:.2f} (it must be a number of at least 0)",
                                             t == no_index ? "?" : m_.transitions[static_cast<std::size_t>(t)].name, r[i], uid_[i],
                                             w_.columns.get<double>(m_.age)[i]));
        }
    }
    for (std::size_t k = 0; k < m_.integrals.size(); ++k) {
        const Measure& measure = m_.measures[static_cast<std::size_t>(m_.integrals[k])];
        const double* v = value_[k].data();
        const double limit = 0x1p50 * measure.quantum;
        if (all_within(v, range_.size(), limit, /*from_zero=*/false)) continue;
        for (const auto i : slots)
            if (!(std::fabs(v[i]) <= limit))
                w_.bad.note(uid_[i], fmt::format("'{}' is {} for person {} at age {:.2f} (it must be a number below {:.3g})", measure.name, v[i],
                                                 uid_[i], w_.columns.get<double>(m_.age)[i], limit));
    }
}

void ChunkStep::group_index(const Grouping& grouping, double* const* out, int first, std::size_t size, const std::uint16_t* list,
                            std::int32_t* index) const {
    // `index` is by slot of the chunk when `list` is given, else by position.
    const std::size_t dims = grouping.dims.size();
    const double* when = grouping.when.valid() ? out[static_cast<std::size_t>(first) + dims] : nullptr;
    for (std::size_t j = 0; j < size; ++j) {
        std::int32_t cell = 0;
        for (std::size_t d = 0; d < dims; ++d)
            cell += static_cast<std::int32_t>(out[static_cast<std::size_t>(first) + d][j]) * grouping.dims[d].stride;
        if (when != nullptr && when[j] == 0.0) cell = -1;
        index[list == nullptr ? j : list[j]] = cell;
    }
}

void ChunkStep::find_events() {
    const std::size_t n = range_.size();
    const double length = time_.length;
    // What the nearest clock would have left at the end of the step; loops over doubles alone become vector code.
    double* least = w_.least.data();
    std::fill(least, least + n, 1.0);
    for (std::size_t s = 0; s < m_.slots.size(); ++s) {
        const double* r = w_.rate[s].data();
        const double* left = w_.columns.get<double>(m_.slots[s].left);
        for (std::size_t i = 0; i < n; ++i) {
            const double x = std::fma(-r[i], length, left[i]);
            const double open = r[i] > 0.0 ? x : 1.0;
            least[i] = open < least[i] ? open : least[i];
        }
    }
    for (std::size_t s = 0; s < m_.slots.size(); ++s) {
        const double* r = w_.rate[s].data();
        double* left = w_.columns.get<double>(m_.slots[s].left);
        for (std::size_t i = 0; i < n; ++i) {
            const double x = std::fma(-r[i], length, left[i]);
            left[i] = least[i] > 0.0 ? x : left[i];
        }
    }
    std::uint8_t* flagged = w_.flagged.data();
    for (std::size_t i = 0; i < n; ++i) flagged[i] = least[i] <= 0.0;
    w_.event_slot.clear();
    for (const auto i : w_.list)
        if (flagged[i] != 0) w_.event_slot.push_back(i);
}

void ChunkStep::accrue_quiet() {
    const std::size_t n = range_.size();
    const std::uint8_t* flagged = w_.flagged.data();
    std::int64_t quiet = 0;
    for (const auto i : w_.list) quiet += flagged[i] == 0;
    w_.person_time += quiet * nearest_integer(time_.length / time_quantum);
    for (std::size_t k = 0; k < m_.integrals.size(); ++k) {
        const auto index = static_cast<std::size_t>(m_.integrals[k]);
        const Measure& measure = m_.measures[index];
        const std::int32_t* group = w_.group[static_cast<std::size_t>(measure.grouping)].data();
        const double weight = discount_weight(measure.discount, time_.begin, time_.end);
        const double* value = value_[k].data();
        std::int64_t* sum = w_.sum[index].data();
        const double scale = weight / measure.quantum;
        if (measure.total != no_column) {
            std::int64_t* total = w_.columns.get<std::int64_t>(measure.total);
            for (std::size_t i = 0; i < n; ++i) {
                if (flagged[i] != 0 || group[i] < 0 || life_[i] != 0) continue;
                const std::int64_t q = nearest_integer(value[i] * scale);
                sum[group[i]] += q;
                total[i] += q;
            }
        } else {
            for (std::size_t i = 0; i < n; ++i) {
                if (flagged[i] != 0 || group[i] < 0 || life_[i] != 0) continue;
                sum[group[i]] += nearest_integer(value[i] * scale);
            }
        }
        if (measure.is_mean) {
            std::int64_t* total = w_.weight[index].data();
            const std::int64_t q = nearest_integer(weight / time_quantum);
            for (std::size_t i = 0; i < n; ++i)
                if (flagged[i] == 0 && group[i] >= 0 && life_[i] == 0) total[group[i]] += q;
        }
    }
}

void ChunkStep::flush_value(std::size_t e, std::size_t k, double until) {
    const auto index = static_cast<std::size_t>(m_.integrals[k]);
    const Measure& measure = m_.measures[index];
    const std::int32_t group = w_.e_group[static_cast<std::size_t>(measure.grouping)][e];
    const double from = w_.e_value_anchor[k][e];
    w_.e_value_anchor[k][e] = until;
    if (group < 0 || until <= from) return;
    const double weight = from == 0.0 && until == time_.length
                              ? discount_weight(measure.discount, time_.begin, time_.end)
                              : discount_weight(measure.discount, time_.begin + from, time_.begin + until);
    const std::int64_t q = nearest_integer(w_.e_value[k][e] * (weight / measure.quantum));
    w_.sum[index][static_cast<std::size_t>(group)] += q;
    if (measure.total != no_column) w_.columns.get<std::int64_t>(measure.total)[w_.event_slot[e]] += q;
    if (measure.is_mean) w_.weight[index][static_cast<std::size_t>(group)] += nearest_integer(weight / time_quantum);
}

void ChunkStep::finish(std::size_t e, double at) {
    const std::size_t i = w_.event_slot[e];
    for (std::size_t s = 0; s < m_.slots.size(); ++s) {
        double& left = w_.columns.get<double>(m_.slots[s].left)[i];
        left = std::fma(-w_.e_rate[s][e], at - w_.e_anchor[s][e], left);
    }
    for (std::size_t k = 0; k < m_.integrals.size(); ++k) flush_value(e, k, at);
    const double start = entry_ == nullptr ? 0.0 : entry_[i];
    w_.person_time += nearest_integer((at - start) / time_quantum);
}

void ChunkStep::step_events() {
    const std::size_t count = w_.event_slot.size();
    const auto fit = [&](auto& lists) {
        for (auto& list : lists)
            if (list.size() < count) list.resize(count);
    };
    fit(w_.e_rate);
    fit(w_.e_anchor);
    fit(w_.e_value);
    fit(w_.e_value_anchor);
    fit(w_.e_group);
    w_.now.resize(std::max(w_.now.size(), count));
    w_.next_time.resize(w_.now.size());
    w_.next_transition.resize(w_.now.size());
    w_.active.clear();
    for (std::size_t e = 0; e < count; ++e) {
        const std::size_t i = w_.event_slot[e];
        const double start = entry_ == nullptr ? 0.0 : entry_[i];
        w_.now[e] = start;
        for (std::size_t s = 0; s < m_.slots.size(); ++s) {
            w_.e_rate[s][e] = w_.rate[s][i];
            w_.e_anchor[s][e] = start;
        }
        for (std::size_t k = 0; k < m_.integrals.size(); ++k) {
            w_.e_value[k][e] = value_[k][i];
            w_.e_value_anchor[k][e] = start;
        }
        for (std::size_t g = 0; g < m_.groupings.size(); ++g)
            if (m_.groupings[g].dense_output != no_index) w_.e_group[g][e] = w_.group[g][i];
        w_.active.push_back(static_cast<std::uint32_t>(e));
    }

    while (!w_.active.empty()) {
        for (auto& b : w_.bucket) b.clear();
        std::size_t kept = 0;
        for (const std::uint32_t e : w_.active) {
            if (!find_next(e)) {
                finish(e, time_.length);
                continue;
            }
            w_.bucket[static_cast<std::size_t>(w_.next_transition[e])].push_back(e);
            w_.active[kept++] = e;
        }
        w_.active.resize(kept);
        w_.changed.clear();
        for (std::size_t t = 0; t < w_.bucket.size(); ++t)
            if (!w_.bucket[t].empty()) fire(static_cast<int>(t), w_.bucket[t]);
        std::erase_if(w_.active, [&](std::uint32_t e) { return life_[w_.event_slot[e]] != 0; });
        if (!w_.changed.empty()) reevaluate();
    }
}

bool ChunkStep::find_next(std::size_t e) {
    const std::size_t i = w_.event_slot[e];
    double best = time_.length;
    int chosen = no_index;
    for (std::size_t s = 0; s < m_.slots.size(); ++s) {
        const double r = w_.e_rate[s][e];
        if (!(r > 0.0)) continue;
        const double left = w_.columns.get<double>(m_.slots[s].left)[i];
        const double anchor = w_.e_anchor[s][e];
        if (std::fma(-r, time_.length - anchor, left) > 0.0) continue;
        double t = anchor + left / r;
        if (t < w_.now[e]) t = w_.now[e];
        if (t > time_.length) t = time_.length;
        const ClockSlot& slot = m_.slots[s];
        const int state = slot.process == no_index ? 0 : w_.columns.get<std::uint8_t>(m_.processes[static_cast<std::size_t>(slot.process)].state)[i];
        const int transition = slot.transition_by_state[static_cast<std::size_t>(state)];
        if (chosen == no_index || t < best || (t == best && transition < chosen)) {
            best = t;
            chosen = transition;
        }
    }
    if (chosen == no_index) return false;
    w_.next_time[e] = best;
    w_.next_transition[e] = chosen;
    return true;
}

void ChunkStep::record(int transition, const std::vector<std::uint32_t>& people, const double* const times) {
    const EventRecord& record = m_.records[static_cast<std::size_t>(transition)];
    if (record.empty()) return;
    w_.changed_slot.clear();
    for (const auto e : people) w_.changed_slot.push_back(w_.event_slot[e]);
    record_event(m_, w_, record, w_.changed_slot, scalars_, [&](std::size_t j) { return time_.begin + times[people[j]]; });
}

void record_event(const Model& model, Simulation::Worker& w, const EventRecord& record, const std::vector<std::uint16_t>& slots,
                  const double* scalars, const std::function<double(std::size_t)>& time_of) {
    double* const* out = w.outputs(std::max<std::size_t>(record.program.outputs(), 1), slots.size());
    if (record.program.outputs() > 0) record.program.run(w.columns.input(scalars, slots.data(), slots.size()), w.scratch, out);
    for (std::size_t j = 0; j < slots.size(); ++j) {
        for (const auto& item : record.items) {
            const Measure& measure = model.measures[static_cast<std::size_t>(item.measure)];
            const auto g = static_cast<std::size_t>(
                std::find(record.groupings.begin(), record.groupings.end(), measure.grouping) - record.groupings.begin());
            const Grouping& grouping = model.groupings[static_cast<std::size_t>(measure.grouping)];
            const auto first = static_cast<std::size_t>(record.grouping_output[g]);
            std::size_t cell = 0;
            for (std::size_t d = 0; d < grouping.dims.size(); ++d)
                cell += static_cast<std::size_t>(out[first + d][j]) * static_cast<std::size_t>(grouping.dims[d].stride);
            if (grouping.when.valid() && out[first + grouping.dims.size()][j] == 0.0) continue;
            const double amount = item.amount_output == no_index ? 1.0 : out[item.amount_output][j];
            const double factor = discount_factor(measure.discount, time_of(j));
            const double scaled = amount * factor / measure.quantum;
            if (!(std::fabs(scaled) <= 0x1p50)) {
                const auto uid = w.columns.get<std::uint64_t>(model.uid)[slots[j]];
                w.bad.note(uid, fmt::format("an event of '{}' adds {} for person {}", measure.name, amount, uid));
                continue;
            }
            const std::int64_t q = nearest_integer(scaled);
            w.sum[static_cast<std::size_t>(item.measure)][cell] += q;
            if (measure.total != no_column) w.columns.get<std::int64_t>(measure.total)[slots[j]] += q;
        }
    }
}

void ChunkStep::redraw(std::size_t e, int transition) {
    const Transition& t = m_.transitions[static_cast<std::size_t>(transition)];
    const std::size_t i = w_.event_slot[e];
    const std::uint64_t occurrence = t.firings == no_column ? 0 : w_.columns.get<std::uint16_t>(t.firings)[i];
    w_.columns.get<double>(m_.slots[static_cast<std::size_t>(t.slot)].left)[i] =
        unit_exponential(sites_.clock[static_cast<std::size_t>(transition)], uid_[i], occurrence);
}

void ChunkStep::fire(int transition, const std::vector<std::uint32_t>& people) {
    const Transition& t = m_.transitions[static_cast<std::size_t>(transition)];
    record(transition, people, w_.next_time.data());
    w_.events += static_cast<std::int64_t>(people.size());
    std::vector<double>& chance = chance_;
    if (t.fatal.valid()) {
        w_.changed_slot.clear();
        for (const auto e : people) w_.changed_slot.push_back(w_.event_slot[e]);
        chance.resize(people.size());
        double* out[] = {chance.data()};
        m_.fatality[static_cast<std::size_t>(transition)].run(w_.columns.input(scalars_, w_.changed_slot.data(), people.size()), w_.scratch, out);
    }
    std::vector<std::uint32_t>& victims = victims_;
    victims.clear();
    for (std::size_t j = 0; j < people.size(); ++j) {
        const std::uint32_t e = people[j];
        const std::size_t i = w_.event_slot[e];
        const double at = w_.next_time[e];
        w_.now[e] = at;
        std::uint64_t occurrence = 0;
        if (t.firings != no_column) {
            std::uint16_t& firings = w_.columns.get<std::uint16_t>(t.firings)[i];
            occurrence = firings;
            firings = static_cast<std::uint16_t>(firings + 1);
        }
        const auto slot = static_cast<std::size_t>(t.slot);
        w_.e_anchor[slot][e] = at;
        switch (t.kind) {
            case Transition::Kind::death:
                finish(e, at);
                life_[i] = static_cast<std::uint8_t>(Life::dead);
                continue;
            case Transition::Kind::departure:
                finish(e, at);
                life_[i] = static_cast<std::uint8_t>(Life::gone);
                continue;
            case Transition::Kind::birth:
                w_.births.push_back({uid_[i], base_ + i, static_cast<std::uint16_t>(occurrence + 1), at});
                redraw(e, transition);
                continue;
            case Transition::Kind::arrival:
            case Transition::Kind::ordinary: break;
        }
        if (t.fatal.valid() && uniform(sites_.fatal[static_cast<std::size_t>(transition)], uid_[i], occurrence) < chance[j]) {
            victims.push_back(e);
            continue;
        }
        if (t.to == no_index) {
            redraw(e, transition);
            continue;
        }
        if (t.kills)
            victims.push_back(e);
        else
            w_.changed.push_back(e);
        change_state(e, t, at);
    }
    if (!victims.empty()) {
        // A death by an event or a state is a death: it is recorded as one.
        if (m_.death != no_index) record(m_.death, victims, w_.next_time.data());
        for (const auto e : victims) {
            finish(e, w_.next_time[e]);
            life_[w_.event_slot[e]] = static_cast<std::uint8_t>(Life::dead);
        }
    }
}

void ChunkStep::change_state(std::size_t e, const Transition& t, double at) {
    const std::size_t i = w_.event_slot[e];
    const Process& p = m_.processes[static_cast<std::size_t>(t.process)];
    std::uint8_t& state = w_.columns.get<std::uint8_t>(p.state)[i];
    const auto before = static_cast<std::size_t>(state);
    const auto after = static_cast<std::size_t>(t.to);
    state = static_cast<std::uint8_t>(t.to);
    for (const int s : p.slots) {
        const ClockSlot& slot = m_.slots[static_cast<std::size_t>(s)];
        double& left = w_.columns.get<double>(slot.left)[i];
        const bool fired = s == t.slot;
        if (fired || slot.live_by_state[before] != slot.live_by_state[after]) {
            left = -1.0;  // nobody's clock
            w_.e_rate[static_cast<std::size_t>(s)][e] = 0.0;
            w_.e_anchor[static_cast<std::size_t>(s)][e] = at;
        }
        const int enabled = slot.transition_by_state[after];
        if (enabled != no_index && left < 0.0) redraw(e, enabled);
    }
    for (const int k : p.timers) {
        const Timer& timer = m_.timers[static_cast<std::size_t>(k)];
        const bool entered = timer.in_set.empty() ? before != after : timer.in_set[after] && !timer.in_set[before];
        if (!entered) continue;
        w_.columns.get<double>(timer.entered)[i] = time_.begin + at;
        // The middle of what is left of the step, whatever else happens to the person in it.
        w_.columns.get<double>(timer.value)[i] = 0.5 * (time_.length - at);
    }
}

void ChunkStep::reevaluate() {
    w_.changed_slot.clear();
    for (const auto e : w_.changed) w_.changed_slot.push_back(w_.event_slot[e]);
    reevaluated_ = w_.changed_slot;
    evaluate(reevaluated_, /*everybody=*/false);
    w_.evaluations += static_cast<std::int64_t>(w_.changed.size());
    for (const auto e : w_.changed) {
        const std::size_t i = w_.event_slot[e];
        const double now = w_.now[e];
        for (std::size_t s = 0; s < m_.slots.size(); ++s) {
            const double fresh = w_.rate[s][i];
            double& old = w_.e_rate[s][e];
            if (same_bits(fresh, old)) continue;
            double& left = w_.columns.get<double>(m_.slots[s].left)[i];
            double& anchor = w_.e_anchor[s][e];
            if (old > 0.0) {
                left = std::fma(-old, now - anchor, left);
                if (left < 0.0) left = 0.0;  // rounding only: it had not fired
            }
            anchor = now;
            old = fresh;
        }
        for (std::size_t k = 0; k < m_.integrals.size(); ++k) {
            const auto g = static_cast<std::size_t>(m_.measures[static_cast<std::size_t>(m_.integrals[k])].grouping);
            const double fresh = value_[k][i];
            if (same_bits(fresh, w_.e_value[k][e]) && w_.group[g][i] == w_.e_group[g][e]) continue;
            flush_value(e, k, now);
            w_.e_value[k][e] = fresh;
        }
        for (std::size_t g = 0; g < m_.groupings.size(); ++g)
            if (m_.groupings[g].dense_output != no_index) w_.e_group[g][e] = w_.group[g][i];
    }
}

}  // namespace proeftuin
