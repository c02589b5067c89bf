// The part of a step that everybody goes through: attributes, rates, clocks, and what accrues without an event.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "engine/core/bytes.hpp"
#include "engine/core/four.hpp"
#include "engine/core/math.hpp"
#include "engine/run/accrual.hpp"
#include "engine/run/fade.hpp"
#include "engine/run/live.hpp"

// Before a loop: no person's turn reads what another's wrote, wherever the columns are.
#ifdef __clang__
#define PT_EACH_ALONE
#else
#define PT_EACH_ALONE _Pragma("GCC ivdep")
#endif

namespace proeftuin {
namespace {

/// Whether all values are numbers within [-limit, limit]; loops without a branch become vector code. \pre limit > 0
bool all_within(const double* values, std::size_t n, double limit) {
    const auto most = std::bit_cast<std::int64_t>(limit);
    std::int64_t outside = 0;
    for (std::size_t i = 0; i < n; ++i) outside |= most - (std::bit_cast<std::int64_t>(values[i]) & INT64_MAX);
    return outside >= 0;
}

constexpr std::size_t clock_vectors = clock_people / 4;
/// People between those whose clocks are fetched from memory and those whose clocks run.
constexpr std::size_t clocks_ahead = 128;

/// The clocks of `clock_people` people, from place `at` of `left`, with rates from `rates` on: see run_clocks.
void run_clocks_of_several(std::size_t slots, double length, const double* rates, double* const* left, std::size_t at,
                           double* least, EightHalves& highest) {
    Four nearest[clock_vectors];
    EightHalves high = highest;
    for (Four& x : nearest) x = four::all(1.0);
    const Four until = four::all(length);
    for (std::size_t s = 0; s < slots; ++s)
        for (std::size_t k = 0; k < clock_vectors; ++k) {
            const Four rate = four::load(rates + s * BlockArrays::stride + 4 * k);
            const Four remains = four::fma(-rate, until, four::load(left[s] + at + 4 * k));
            nearest[k] = four::smaller(rate > 0.0 ? remains : four::all(1.0), nearest[k]);
            const auto halves = reinterpret_cast<EightHalves>(rate);
            high = halves > high ? halves : high;
        }
    highest = high;
    for (std::size_t k = 0; k < clock_vectors; ++k) four::store(nearest[k], least + 4 * k);
    for (std::size_t s = 0; s < slots; ++s)
        for (std::size_t k = 0; k < clock_vectors; ++k) {
            const Four rate = four::load(rates + s * BlockArrays::stride + 4 * k);
            const Four before = four::load(left[s] + at + 4 * k);
            const Four remains = four::fma(-rate, until, before);
            four::store(nearest[k] > 0.0 ? remains : before, left[s] + at + 4 * k);
        }
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
    w_.told_at.reset();
    for (Accrual& a : w_.accruals) {
        a.factor = yearly_factor(a.measure->discount, 0.5 * (time_.begin + time_.end));
        a.whole_weight = discount_weight(a.measure->discount, time_.begin, time_.end);
    }
}

void ChunkStep::run() {
    w_.event_slot.clear();
    w_.chunk(range_.size());
    const auto for_blocks = [&](void (ChunkStep::*step)()) {
        for (std::size_t first = 0; first < range_.size(); first += people_block) {
            look_at(first, std::min(people_block, range_.size() - first));
            (this->*step)();
        }
    };
    // Nothing happens to anybody between the ends of cycles.
    if (m_.slots.empty() && m_.integrals.empty() && !m_.any_moving && entry_of_chunk_ == nullptr)
        return for_blocks(&ChunkStep::pass_time);
    for_blocks(&ChunkStep::move_block);
    if (!w_.state_people.empty()) {
        look_at(0, range_.size());
        evaluate_by_state();
    }
    for_blocks(&ChunkStep::step_block);
    if (w_.event_slot.empty()) return;
    look_at(0, range_.size());
    step_events();
}

void ChunkStep::look_at(std::size_t first, std::size_t n) {
    first_ = first;
    n_ = n;
    columns_.point_at(people_, range_.begin + first);
    for (std::size_t k = 0; k < w_.own.size(); ++k) columns_.redirect(w_.own_columns[k], w_.own[k].data() + first);
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

std::size_t ChunkStep::alive() const {
    return static_cast<std::size_t>(std::count(life_, life_ + n_, static_cast<std::uint8_t>(Life::alive)));
}

void ChunkStep::pass_time() {
    const std::size_t people = alive();
    w_.person_time += static_cast<std::int64_t>(people) * nearest_integer(time_.length / time_quantum);
    w_.evaluations += static_cast<std::int64_t>(people);
}

void ChunkStep::move_block() {
    if (alive() == 0) return;
    set_clock_columns();
    move_attributes();
}

void ChunkStep::step_block() {
    const std::size_t people = alive();
    if (people == 0) return;
    w_.list.clear();
    // Evaluating a few of the dead too is cheaper than gathering the living.
    if (people * 4 < n_ * 3)
        for (std::size_t i = 0; i < n_; ++i)
            if (life_[i] == 0) w_.list.push_back(static_cast<std::uint16_t>(i));
    evaluate_everybody();
    w_.evaluations += static_cast<std::int64_t>(people);
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
    for (const Fade& fade : m_.fades)
        set_shares(fade, columns_.get<double>(fade.left), columns_.get<double>(fade.share), n, time_.begin, time_.end);
}

/// To the middle of the step from its start, then the whole step with what holds in the middle.
void ChunkStep::move_attributes() {
    if (!m_.any_moving) return;
    w_.gone.clear();
    for_each_nonzero(life_, n_, [&](std::size_t i) { w_.gone.push_back(static_cast<std::uint16_t>(i)); });
    for (const bool whole : {false, true}) {
        std::size_t own = 1 + m_.timers.size();
        // What programs read as the middle is the start at first.
        for (const AttributeColumn& a : m_.attributes)
            if (a.moving)
                columns_.redirect(a.middle, whole ? w_.own[own++].data() + first_ : columns_.get<double>(a.column));
        own = 1 + m_.timers.size();
        for (std::size_t k = 0; k < m_.attributes.size(); ++k)
            if (m_.attributes[k].moving) move(k, whole, w_.own[own++].data() + first_);
    }
}

/// \param middle the attribute in the middle of the step, or where it goes
void ChunkStep::move(std::size_t k, bool whole, double* middle) {
    const AttributeColumn& a = m_.attributes[k];
    const std::size_t n = n_;
    double* const* out = w_.outputs(a.motion.outputs(), n);
    a.motion.run(columns_.input(scalars_, nullptr, n), w_.scratch, out, UniformOutputs::first);
    const double *toward = out[0], *speed = out[1], *drift = out[2], *noise = out[3];
    const bool same_speed = a.motion.output_is_uniform(1), same_drift = a.motion.output_is_uniform(2),
               same_noise = a.motion.output_is_uniform(3);
    if (a.relaxes && a.motion.output_is_uniform(0)) std::fill_n(out[0], n, out[0][0]);
    if (entry_ != nullptr)
        for (const std::size_t j : {1, 2})
            if (a.motion.output_is_uniform(j)) std::fill_n(out[j], n, out[j][0]);
    const double part = whole ? 1.0 : 0.5;
    const double* x = columns_.get<double>(a.column);
    double* y = whole ? columns_.get<double>(a.column) : middle;
    if (entry_ == nullptr) {
        const double d = part * time_.length;
        const auto drifted = [&](auto relaxed) __attribute__((always_inline)) {
            if (const double all = drift[0]; same_drift) {
                PT_EACH_ALONE for (std::size_t i = 0; i < n; ++i) y[i] = std::fma(all, d, relaxed(i));
            } else {
                PT_EACH_ALONE for (std::size_t i = 0; i < n; ++i) y[i] = std::fma(drift[i], d, relaxed(i));
            }
        };
        if (!a.relaxes) {
            drifted([x](std::size_t i) { return x[i]; });
        } else if (same_speed) {
            const double stays = math::exp(-speed[0] * d);
            drifted([=](std::size_t i) { return std::fma(x[i] - toward[i], stays, toward[i]); });
        } else {
            drifted([=](std::size_t i) { return std::fma(x[i] - toward[i], math::exp(-speed[i] * d), toward[i]); });
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
    // The dead keep what they died with.
    for (const std::uint16_t i : w_.gone) y[i] = whole ? middle[i] : x[i];
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
    take_rates_by_state();
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

/// The living of the chunk by those of their states that few people are in.
void ChunkStep::list_by_state() {
    const std::size_t n = n_;
    std::array<std::uint16_t*, 256> end;
    for (std::size_t from = 0, to = 0; from < w_.state_people.size(); from = to) {
        const Process& p = *w_.state_people[from].process;
        // Whoever is in another state is put on a list that nobody reads.
        end.fill(nullptr);
        while (to < w_.state_people.size() && w_.state_people[to].process == &p) {
            end[w_.state_people[to].state] = w_.state_people[to].people.data();
            ++to;
        }
        for (std::size_t s = 0; s < p.by_state.size(); ++s)
            if (end[s] == nullptr) end[s] = w_.elsewhere[s].data();
        const std::uint8_t *state = columns_.get<std::uint8_t>(p.state), *life = life_;
        std::uint8_t* living = w_.living.data();
        PT_EACH_ALONE for (std::size_t i = 0; i < n; ++i) {
            const std::uint8_t mask = life[i] == 0 ? 0xff : 0;
            living[i] = state[i] & mask;
        }
        for_each_nonzero(living, n, [&](std::size_t i) { *end[living[i]]++ = static_cast<std::uint16_t>(i); });
        for (std::size_t k = from; k < to; ++k) {
            StatePeople& in = w_.state_people[k];
            in.count = static_cast<std::size_t>(end[in.state] - in.people.data());
            in.done = 0;
        }
    }
}

/// Rates of transitions out of states that few people are in: of the whole chunk, so that they are not too few.
void ChunkStep::evaluate_by_state() {
    list_by_state();
    for (StatePeople& in : w_.state_people) {
        if (in.count == 0) continue;
        w_.rates.clear();
        for (auto& rates : in.rates) {
            if (rates.size() < in.count) rates.resize(in.count);
            w_.rates.push_back(rates.data());
        }
        in.program->program.run(columns_.input(scalars_, in.people.data(), in.count), w_.scratch, w_.rates.data());
    }
}

/// Those of the people of the block.
void ChunkStep::take_rates_by_state() {
    for (StatePeople& in : w_.state_people) {
        const std::uint16_t* people = in.people.data();
        const std::size_t from = in.done, end = first_ + n_;
        std::size_t to = from;
        for (std::size_t k = 0; k < in.rates.size(); ++k) {
            const auto t = static_cast<std::size_t>(in.program->transitions[k]);
            double* r = w_.rate[static_cast<std::size_t>(m_.transitions[t].slot)];
            const double* rates = in.rates[k].data();
            for (to = from; to < in.count && people[to] < end; ++to) r[people[to] - first_] = rates[to];
        }
        in.done = to;
    }
}

void ChunkStep::check_entrants() {
    const auto limit = std::bit_cast<std::int64_t>(largest_rate);
    std::int64_t outside = 0;
    for (std::size_t s = 0; s < m_.slots.size(); ++s) {
        const double* r = w_.rate[s];
        for (std::size_t i = 0; i < n_; ++i) outside |= beyond(r[i], limit);
    }
    if (outside < 0) check_rates();
}

/// Tells of rates that are none.
void ChunkStep::check_rates() {
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
        const double* v = w_.value[w_.accruals[k].value];
        if (all_within(v, n_, 0x1p50 * measure.quantum)) continue;
        for (std::size_t i = 0; i < n_; ++i)
            if (life_[i] == 0) note_bad_value(m_, w_, measure, i, v[i]);
    }
}

/// Lets the clocks of all run to the end of the step, except those of people for whom one would run out on the way;
/// `least` is what their nearest would have left. \return whether a rate may be none
bool ChunkStep::run_clocks() {
    const std::size_t slots = m_.slots.size();
    EightHalves highest = {};
    const auto together = [&](std::size_t first, double* const* left, std::size_t at) {
        run_clocks_of_several(slots, time_.length, w_.rate[0] + first, left, at, w_.least.data() + first, highest);
    };
    std::size_t first = 0;
    for (; first + clock_people <= n_; first += clock_people) {
        // The next clocks on their way while these are at work: too many columns for the machine to see what comes.
        const std::size_t next = range_.begin + first_ + first + clocks_ahead;
        if (next + clock_people <= people_.size())
            for (std::size_t s = 0; s < slots; ++s)
                for (std::size_t k = 0; k < clock_people; k += 8)
                    __builtin_prefetch(left_[s] + first + clocks_ahead + k, 1);
        together(first, left_, first);
    }
    if (first < n_) {
        const std::size_t rest = n_ - first;
        for (std::size_t s = 0; s < slots; ++s) std::copy_n(left_[s] + first, rest, w_.last_clocks[s]);
        together(first, w_.last_clocks.data(), 0);
        for (std::size_t s = 0; s < slots; ++s) std::copy_n(w_.last_clocks[s], rest, left_[s] + first);
    }
    // Bit patterns rise with the size of a number, and those of negative numbers and NaN are higher still.
    const std::uint32_t limit = std::bit_cast<std::uint64_t>(largest_rate) >> 32;
    return highest[1] >= limit || highest[3] >= limit || highest[5] >= limit || highest[7] >= limit;
}

void ChunkStep::find_events() {
    const std::size_t n = n_;
    if (run_clocks()) check_rates();
    std::uint64_t* quiet = w_.quiet.data();
    const double* least = w_.least.data();
    for (std::size_t i = 0; i < n; ++i) quiet[i] = ((least[i] > 0.0) & (life_[i] == 0)) ? ~std::uint64_t{0} : 0;
    for (std::size_t i = 0; i < n; i += 4)
        for (unsigned some = four::signs(four::load(least + i) <= 0.0); some != 0; some &= some - 1) {
            const std::size_t k = i + static_cast<std::size_t>(std::countr_zero(some));
            if (k < n && life_[k] == 0) w_.event_slot.push_back(static_cast<std::uint16_t>(first_ + k));
        }
}

void ChunkStep::accrue_quiet() {
    const std::size_t n = n_;
    const std::uint64_t* quiet = w_.quiet.data();
    std::int64_t people = 0;
    for (std::size_t i = 0; i < n; ++i) people += static_cast<std::int64_t>(quiet[i] & 1);
    w_.person_time += people * nearest_integer(time_.length / time_quantum);
    std::int64_t* amount = w_.amount.data();
    const double* same_value = nullptr;  // as the measure before, by other groups
    double same_scale = 0.0;
    for (const Accrual& a : w_.accruals) {
        const Grouping& grouping = m_.groupings[a.group];
        const std::int32_t* group = w_.group[a.row].data();
        const double* value = w_.value[a.value];
        const double scale = a.whole_weight / a.quantum;
        if (value != same_value || scale != same_scale)
            for (std::size_t i = 0; i < n; ++i)
                amount[i] = nearest_integer(value[i] * scale) & static_cast<std::int64_t>(quiet[i]);
        if (grouping.when.valid())
            for (std::size_t i = 0; i < n; ++i) amount[i] = group[i] == a.cells ? 0 : amount[i];
        same_value = grouping.when.valid() || a.weight != nullptr ? nullptr : value;
        same_scale = scale;
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
