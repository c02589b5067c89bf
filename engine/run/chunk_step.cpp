// The part of a step that everybody goes through: attributes, rates, clocks, and what accrues without an event.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "engine/core/bytes.hpp"
#include "engine/core/math.hpp"
#include "engine/run/accrual.hpp"
#include "engine/run/live.hpp"

namespace proeftuin {
namespace {

/// Whether all values are numbers within [-limit, limit]; loops without a branch become vector code. \pre limit > 0
bool all_within(const double* values, std::size_t n, double limit) {
    const auto most = std::bit_cast<std::int64_t>(limit);
    std::int64_t outside = 0;
    for (std::size_t i = 0; i < n; ++i) outside |= most - (std::bit_cast<std::int64_t>(values[i]) & INT64_MAX);
    return outside >= 0;
}

}  // namespace

ChunkStep::ChunkStep(const Model& model, Simulation::Worker& worker, Population& people, const KernelSites& sites,
                     const StepTime& time, ChunkRange range, const double* entry)
    : m_{model},
      w_{worker},
      sites_{sites},
      time_{time},
      people_{people},
      range_{range},
      entry_of_chunk_{entry},
      scalars_(time.calendar + 0.5 * time.length, time.begin + 0.5 * time.length, time.signals),
      columns_{worker.columns} {
    for (Accrual& a : w_.accruals) {
        a.factor = yearly_factor(a.measure->discount, 0.5 * (time_.begin + time_.end));
        a.whole_weight = discount_weight(a.measure->discount, time_.begin, time_.end);
    }
}

void ChunkStep::run() {
    w_.event_slot.clear();
    for (std::size_t first = 0; first < range_.size(); first += people_block) {
        look_at(first, std::min(people_block, range_.size() - first));
        step_block();
    }
    if (w_.event_slot.empty()) return;
    look_at(0, range_.size());
    step_events();
}

void ChunkStep::look_at(std::size_t first, std::size_t n) {
    first_ = first;
    n_ = n;
    w_.columns.point_at(people_, range_.begin + first);
    entry_ = entry_of_chunk_ == nullptr ? nullptr : entry_of_chunk_ + first;
    uid_ = columns_.get<std::uint64_t>(m_.uid);
    life_ = columns_.get<std::uint8_t>(m_.life);
    for (std::size_t p = 0; p < m_.processes.size(); ++p)
        w_.state[p] = columns_.get<std::uint8_t>(m_.processes[p].state);
    for (std::size_t s = 0; s < m_.slots.size(); ++s) w_.left[s] = columns_.get<double>(m_.slots[s].left);
    for (Accrual& a : w_.accruals)
        if (a.measure->total != no_column) a.total = columns_.get<std::int64_t>(a.measure->total);
    state_ = w_.state.data();
    left_ = w_.left.data();
}

void ChunkStep::step_block() {
    const auto alive = static_cast<std::size_t>(std::count(life_, life_ + n_, static_cast<std::uint8_t>(Life::alive)));
    if (alive == 0) return;
    w_.list.clear();
    // Evaluating a few of the dead too is cheaper than gathering the living.
    if (alive * 4 < n_ * 3)
        for (std::size_t i = 0; i < n_; ++i)
            if (life_[i] == 0) w_.list.push_back(static_cast<std::uint16_t>(i));
    // Nothing happens to anybody between the ends of cycles.
    if (m_.slots.empty() && m_.integrals.empty() && !m_.any_moving && entry_ == nullptr) {
        w_.person_time += static_cast<std::int64_t>(alive) * nearest_integer(time_.length / time_quantum);
        w_.evaluations += static_cast<std::int64_t>(alive);
        return;
    }
    set_clock_columns();
    move_attributes();
    evaluate_everybody();
    w_.evaluations += static_cast<std::int64_t>(alive);
    const std::size_t already = w_.event_slot.size();
    if (entry_ == nullptr) {
        find_events();
        accrue_quiet();
    } else {
        check_entrants();
        for (std::size_t i = 0; i < n_; ++i)
            if (life_[i] == 0) w_.event_slot.push_back(static_cast<std::uint16_t>(first_ + i));
    }
    lift_rows(already);
}

void ChunkStep::set_clock_columns() {
    double* age = columns_.get<double>(m_.age);
    const double* birth = columns_.get<double>(m_.birth);
    const std::size_t n = n_;
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
        const double* entered = columns_.get<double>(timer.entered);
        double* value = columns_.get<double>(timer.value);
        const double at = time_.begin + 0.5 * time_.length;
        for (std::size_t i = 0; i < n; ++i) {
            const double t = at - entered[i];
            value[i] = t > 0.0 ? t : 0.0;
        }
    }
}

void ChunkStep::move_attributes() {
    if (!m_.any_moving) return;
    const std::size_t n = n_;
    const auto input = columns_.input(scalars_, nullptr, n);
    // Middle of the step from its start, then the whole step with what holds in the middle.
    for (const auto& a : m_.attributes) {
        if (!a.moving) continue;
        const double* x = columns_.get<double>(a.column);
        std::copy(x, x + n, columns_.get<double>(a.middle));
    }
    w_.moved.resize(m_.attributes.size());
    for (const bool whole : {false, true}) {
        const double part = whole ? 1.0 : 0.5;
        for (std::size_t k = 0; k < m_.attributes.size(); ++k) {
            const AttributeColumn& a = m_.attributes[k];
            if (!a.moving) continue;
            double* const* out = w_.outputs(a.motion.outputs(), n);
            a.motion.run(input, w_.scratch, out, UniformOutputs::first);
            const double *toward = out[0], *speed = out[1], *drift = out[2], *noise = out[3];
            const bool same_speed = a.motion.output_is_uniform(1), same_drift = a.motion.output_is_uniform(2),
                       same_noise = a.motion.output_is_uniform(3);
            if (a.relaxes && a.motion.output_is_uniform(0)) std::fill_n(out[0], n, out[0][0]);
            if (entry_ != nullptr)
                for (const std::size_t k : {1, 2})
                    if (a.motion.output_is_uniform(k)) std::fill_n(out[k], n, out[k][0]);
            const double* x = columns_.get<double>(a.column);
            w_.moved[k].resize(n);
            double* y = w_.moved[k].data();
            if (entry_ == nullptr) {
                const double d = part * time_.length;
                if (!a.relaxes) {
                    std::copy(x, x + n, y);
                } else if (same_speed) {
                    const double stays = math::exp(-speed[0] * d);
                    for (std::size_t i = 0; i < n; ++i) y[i] = std::fma(x[i] - toward[i], stays, toward[i]);
                } else {
                    for (std::size_t i = 0; i < n; ++i)
                        y[i] = std::fma(x[i] - toward[i], math::exp(-speed[i] * d), toward[i]);
                }
                if (same_drift) {
                    const double all = drift[0];
                    for (std::size_t i = 0; i < n; ++i) y[i] = std::fma(all, d, y[i]);
                } else {
                    for (std::size_t i = 0; i < n; ++i) y[i] = std::fma(drift[i], d, y[i]);
                }
            } else {
                for (std::size_t i = 0; i < n; ++i) {
                    const double d = part * (time_.length - entry_[i]);
                    y[i] = std::fma(drift[i], d,
                                    a.relaxes ? std::fma(x[i] - toward[i], math::exp(-speed[i] * d), toward[i]) : x[i]);
                }
            }
            if (whole && a.has_noise) {
                w_.drawn.resize(n);
                standard_normal_batch(sites_.noise[k], {uid_, n}, static_cast<std::uint64_t>(sites_.tick), w_.drawn);
                for (std::size_t i = 0; i < n; ++i) {
                    const double span = entry_ == nullptr ? time_.length : time_.length - entry_[i];
                    y[i] = std::fma((same_noise ? noise[0] : noise[i]) * std::sqrt(span), w_.drawn[i], y[i]);
                }
            }
            if (a.min || a.max)
                for (std::size_t i = 0; i < n; ++i) {
                    if (a.min && y[i] < *a.min) y[i] = *a.min;
                    if (a.max && y[i] > *a.max) y[i] = *a.max;
                }
        }
        for (std::size_t k = 0; k < m_.attributes.size(); ++k) {
            const AttributeColumn& a = m_.attributes[k];
            if (!a.moving) continue;
            double* to = columns_.get<double>(whole ? a.column : a.middle);
            const double* moved = w_.moved[k].data();
            // The dead keep what they died with.
            for (std::size_t i = 0; i < n; ++i) to[i] = life_[i] == 0 ? moved[i] : to[i];
        }
    }
}

void ChunkStep::evaluate_everybody() {
    const std::size_t n = n_;
    if (w_.list.empty()) {
        m_.dense.run(columns_.input(scalars_, nullptr, n), w_.scratch, w_.dense_out.data(), w_.dense_cells.data());
    } else {
        double* const* out = w_.outputs(m_.dense.outputs(), w_.list.size());
        std::int32_t* const* cells = w_.cells(w_.dense_cells.size(), w_.list.size());
        m_.dense.run(columns_.input(scalars_, w_.list.data(), w_.list.size()), w_.scratch, out, cells);
        spread_sparse(out, cells);
    }
    keep_open_rates();
    evaluate_by_state();
    check_values();
}

/// From the order of the list to the slots of the chunk; 0 for whoever is not in it.
void ChunkStep::spread_sparse(double* const* out, std::int32_t* const* cells) {
    for (std::size_t k = 0; k < w_.dense_cells.size(); ++k) {
        std::int32_t* to = w_.dense_cells[k];
        std::fill_n(to, n_, 0);
        for (std::size_t j = 0; j < w_.list.size(); ++j) to[w_.list[j]] = cells[k][j];
    }
    for (std::size_t k = 0; k < w_.dense_out.size(); ++k) {
        double* to = w_.dense_out[k];
        std::fill_n(to, n_, 0.0);
        for (std::size_t j = 0; j < w_.list.size(); ++j) to[w_.list[j]] = out[k][j];
    }
}

/// Rates of transitions that are evaluated for everybody, kept where the person is alive and in their state.
void ChunkStep::keep_open_rates() {
    const std::size_t n = n_;
    std::uint64_t* open = w_.open.data();
    for (std::size_t s = 0; s < m_.slots.size(); ++s)
        if (m_.slots[s].dense == no_index) std::fill_n(w_.rate[s], n, 0.0);
    for (const int k : m_.dense_transitions) {
        const Transition& t = m_.transitions[static_cast<std::size_t>(k)];
        double* r = w_.rate[static_cast<std::size_t>(t.slot)];
        if (t.process == no_index) {
            for (std::size_t i = 0; i < n; ++i) r[i] = life_[i] == 0 ? r[i] : 0.0;
        } else if (t.from.size() == 1) {
            const std::uint8_t* state = state_[t.process];
            const auto from = static_cast<std::uint8_t>(t.from[0]);
            for (std::size_t i = 0; i < n; ++i) r[i] = ((state[i] == from) & (life_[i] == 0)) ? r[i] : 0.0;
        } else {
            const std::uint8_t* state = state_[t.process];
            for (std::size_t i = 0; i < n; ++i) open[i] = 0;
            for (const int from : t.from)
                for (std::size_t i = 0; i < n; ++i) open[i] |= state[i] == from ? ~std::uint64_t{0} : 0;
            for (std::size_t i = 0; i < n; ++i) r[i] = ((open[i] != 0) & (life_[i] == 0)) ? r[i] : 0.0;
        }
    }
}

/// Rates of transitions out of states that few people are in.
void ChunkStep::evaluate_by_state() {
    const std::size_t n = n_;
    for (const Process& p : m_.processes) {
        if (!p.is_rate || !p.any_by_state) continue;
        for (auto& list : w_.by_state) list.clear();
        const std::uint8_t* state = columns_.get<std::uint8_t>(p.state);
        for_each_nonzero(state, n, [&](std::size_t i) {
            if (life_[i] == 0) w_.by_state[state[i]].push_back(static_cast<std::uint16_t>(i));
        });
        for (std::size_t s = 0; s < p.by_state.size(); ++s) {
            const StateProgram& program = p.by_state[s];
            const auto& people = w_.by_state[s];
            if (people.empty() || program.transitions.empty()) continue;
            double* const* rates = w_.outputs(program.program.outputs(), people.size());
            program.program.run(columns_.input(scalars_, people.data(), people.size()), w_.scratch, rates);
            for (std::size_t k = 0; k < program.transitions.size(); ++k) {
                double* r = w_.rate[static_cast<std::size_t>(
                    m_.transitions[static_cast<std::size_t>(program.transitions[k])].slot)];
                for (std::size_t j = 0; j < people.size(); ++j) r[people[j]] = rates[k][j];
            }
        }
    }
}

void ChunkStep::check_entrants() {
    const auto limit = std::bit_cast<std::int64_t>(largest_rate);
    std::int64_t outside = 0;
    for (std::size_t s = 0; s < m_.slots.size(); ++s) {
        const double* r = w_.rate[s];
        for (std::size_t i = 0; i < n_; ++i) outside |= beyond(r[i], limit);
    }
    check_rates(outside);
}

/// Tells of rates that are none, if the sign bit of `outside` says that there may be some.
void ChunkStep::check_rates(std::int64_t outside) {
    if (outside >= 0) return;
    for (std::size_t s = 0; s < m_.slots.size(); ++s) {
        const double* r = w_.rate[s];
        for (std::size_t i = 0; i < n_; ++i) {
            if (life_[i] != 0 || (r[i] >= 0.0 && r[i] <= largest_rate)) continue;
            note_bad_rate(m_, w_, s, i, state_of(m_.slots[s], i), r[i]);
        }
    }
}

void ChunkStep::check_values() {
    for (std::size_t k = 0; k < m_.integrals.size(); ++k) {
        const Measure& measure = m_.measures[static_cast<std::size_t>(m_.integrals[k])];
        const double* v = w_.value[k];
        if (all_within(v, n_, 0x1p50 * measure.quantum)) continue;
        for (std::size_t i = 0; i < n_; ++i)
            if (life_[i] == 0) note_bad_value(m_, w_, measure, i, v[i]);
    }
}

void ChunkStep::find_events() {
    const std::size_t n = n_;
    const double length = time_.length;
    const auto limit = std::bit_cast<std::int64_t>(largest_rate);
    std::int64_t outside = 0;
    // A block at a time, so that the second pass finds everything in the nearest cache. `least` is what the nearest
    // clock would have left at the end of the step.
    constexpr std::size_t clock_block = 128;
    for (std::size_t first = 0; first < n; first += clock_block) {
        const std::size_t count = std::min(clock_block, n - first);
        double* least = w_.least.data() + first;
        std::fill_n(least, count, 1.0);
        // The next clocks on their way while these are at work: too many columns for the machine to see what comes.
        const std::size_t next = range_.begin + first_ + first + clock_block;
        if (next + clock_block <= people_.size())
            for (std::size_t s = 0; s < m_.slots.size(); ++s)
                for (std::size_t k = 0; k < clock_block; k += 8)
                    __builtin_prefetch(left_[s] + first + clock_block + k, 1);
        for (std::size_t s = 0; s < m_.slots.size(); ++s) {
            const double* r = w_.rate[s] + first;
            const double* left = left_[s] + first;
            for (std::size_t i = 0; i < count; ++i) {
                outside |= beyond(r[i], limit);
                const double x = std::fma(-r[i], length, left[i]);
                const double open = r[i] > 0.0 ? x : 1.0;
                least[i] = open < least[i] ? open : least[i];
            }
        }
        for (std::size_t s = 0; s < m_.slots.size(); ++s) {
            const double* r = w_.rate[s] + first;
            double* left = left_[s] + first;
            for (std::size_t i = 0; i < count; ++i) {
                const double x = std::fma(-r[i], length, left[i]);
                left[i] = least[i] > 0.0 ? x : left[i];
            }
        }
    }
    check_rates(outside);
    std::uint64_t* quiet = w_.quiet.data();
    const double* least = w_.least.data();
    for (std::size_t i = 0; i < n; ++i) quiet[i] = ((least[i] > 0.0) & (life_[i] == 0)) ? ~std::uint64_t{0} : 0;
    for (std::size_t i = 0; i < n; ++i)
        if (least[i] <= 0.0 && life_[i] == 0) w_.event_slot.push_back(static_cast<std::uint16_t>(first_ + i));
}

void ChunkStep::accrue_quiet() {
    const std::size_t n = n_;
    const std::uint64_t* quiet = w_.quiet.data();
    std::int64_t people = 0;
    for (std::size_t i = 0; i < n; ++i) people += static_cast<std::int64_t>(quiet[i] & 1);
    w_.person_time += people * nearest_integer(time_.length / time_quantum);
    std::int64_t* amount = w_.amount.data();
    for (std::size_t k = 0; k < w_.accruals.size(); ++k) {
        const Accrual& a = w_.accruals[k];
        const Grouping& grouping = m_.groupings[a.group];
        const std::int32_t* group = w_.group[a.row].data();
        const double* value = w_.value[k];
        const double scale = a.whole_weight / a.quantum;
        for (std::size_t i = 0; i < n; ++i)
            amount[i] = nearest_integer(value[i] * scale) & static_cast<std::int64_t>(quiet[i]);
        if (grouping.when.valid())
            for (std::size_t i = 0; i < n; ++i) amount[i] = group[i] == a.cells ? 0 : amount[i];
        if (a.total != nullptr)
            for (std::size_t i = 0; i < n; ++i) a.total[i] += amount[i];
        add_by_cell(grouping, amount, group, n, a.sum);
        if (a.weight != nullptr) {
            const std::int64_t q = nearest_integer(a.whole_weight / time_quantum);
            for (std::size_t i = 0; i < n; ++i)
                amount[i] = group[i] == a.cells ? 0 : q & static_cast<std::int64_t>(quiet[i]);
            add_by_cell(grouping, amount, group, n, a.weight);
        }
    }
}

}  // namespace proeftuin
