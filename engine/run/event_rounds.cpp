// The part of a step for people to whom something happens: from event to event, in rounds over all of them.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "engine/core/four.hpp"
#include "engine/run/accrual.hpp"
#include "engine/run/clocks.hpp"
#include "engine/run/domain.hpp"
#include "engine/run/fade.hpp"
#include "engine/run/live.hpp"

namespace proeftuin {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();

bool same_bits(double a, double b) { return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b); }

/// Brings the clocks whose rate changes up to date, and gives them the new one. \pre clocks are whole vectors
void change_rates(std::size_t clocks, double now, const double* fresh, double* rate, double* left, double* anchor) {
    for (std::size_t s = 0; s < clocks; s += 4) {
        const Four old = four::load(rate + s), since = four::load(anchor + s), before = four::load(left + s);
        const Four becomes = four::load(fresh + s);
        const Four x = four::fma(-old, now - since, before);
        const Four remains = x < 0.0 ? four::all(0.0) : x;  // rounding only: it had not fired
        const Four running = old > 0.0 ? remains : before;
        const FourWhole same = becomes == old;
        four::store(same ? before : running, left + s);
        four::store(same ? since : four::all(now), anchor + s);
        four::store(becomes, rate + s);
    }
}

}  // namespace

void ChunkStep::step_events() {
    w_.active.resize(w_.event_slot.size());
    std::iota(w_.active.begin(), w_.active.end(), 0u);
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

/// Rows of the people of the block who joined `event_slot` after the first `already`.
void ChunkStep::lift_rows(std::size_t already) {
    const std::size_t count = w_.event_slot.size();
    const std::size_t stride = w_.row_slots, values = m_.integrals.size(), groups = w_.group.size();
    const std::size_t slots = m_.slots.size();
    w_.rows(count);
    const double* rates = w_.rate[0];
    double* const* left_of = left_;
    for (std::size_t e = already; e < count; ++e) {
        const std::size_t i = w_.event_slot[e] - first_;
        const double start = entry_ == nullptr ? 0.0 : entry_[i];
        double* rate = w_.row_rate.data() + e * stride;
        double* left = w_.row_left.data() + e * stride;
        double* anchor = w_.row_anchor.data() + e * stride;
        for (std::size_t s = 0; s < slots; ++s) {
            rate[s] = rates[s * BlockArrays::stride + i];
            left[s] = left_of[s][i];
            anchor[s] = start;
        }
        for (std::size_t k = 0; k < values; ++k) w_.row_value[e * values + k] = w_.value[w_.accruals[k].value][i];
        for (std::size_t k = 0; k < values; ++k) w_.row_value_anchor[e * values + k] = start;
        for (std::size_t g = 0; g < groups; ++g) w_.row_group[e * groups + g] = w_.group[g][i];
        w_.now[e] = start;
    }
}

bool ChunkStep::find_next(std::size_t e) {
    const std::size_t stride = w_.row_slots;
    const double* rate = w_.row_rate.data() + e * stride;
    const double* left = w_.row_left.data() + e * stride;
    const double* anchor = w_.row_anchor.data() + e * stride;
    double* fires = w_.fires.data();
    const double length = time_.length;
    Four nearest = four::all(1.0);
    for (std::size_t s = 0; s < stride; s += 4) {
        const Four r = four::load(rate + s);
        const Four remains = four::fma(-r, length - four::load(anchor + s), four::load(left + s));
        const Four open = r > 0.0 ? remains : four::all(1.0);
        four::store(open, fires + s);
        nearest = four::smaller(open, nearest);
    }
    if (four::least(nearest) > 0.0) return false;
    const Four now = four::all(w_.now[e]), end = four::all(length), not_now = four::all(never);
    Four first = not_now;
    for (std::size_t s = 0; s < stride; s += 4) {
        Four t = four::load(anchor + s) + four::load(left + s) / four::load(rate + s);
        t = t < now ? now : t;
        t = t > end ? end : t;
        t = four::load(fires + s) > 0.0 ? not_now : t;
        four::store(t, fires + s);
        first = four::smaller(t, first);
    }
    const double best = four::least(first);
    FourWhole where = {}, slots = {0, 1, 2, 3}, hits = {};
    for (std::size_t s = 0; s < stride; s += 4) {
        const FourWhole hit = four::load(fires + s) == best;
        where |= hit & slots;
        hits -= hit;
        slots += 4;
    }
    const auto transition_of = [&](std::size_t s) {
        const ClockSlot& slot = m_.slots[s];
        return slot.transition_by_state[static_cast<std::size_t>(state_of(slot, w_.event_slot[e]))];
    };
    int chosen = no_index;
    if (hits[0] + hits[1] + hits[2] + hits[3] == 1) {
        chosen = transition_of(static_cast<std::size_t>(where[0] | where[1] | where[2] | where[3]));
    } else {
        // Of two that fire at the same time, the first by name.
        for (std::size_t s = 0; s < m_.slots.size(); ++s) {
            if (fires[s] != best) continue;
            const int transition = transition_of(s);
            if (chosen == no_index || transition < chosen) chosen = transition;
        }
    }
    w_.next_time[e] = best;
    w_.next_transition[e] = chosen;
    return true;
}

void ChunkStep::record(int transition, const std::vector<std::uint32_t>& people) {
    const EventRecord& record = m_.records[static_cast<std::size_t>(transition)];
    if (record.empty()) return;
    w_.changed_slot.clear();
    for (const auto e : people) w_.changed_slot.push_back(w_.event_slot[e]);
    record_event(m_, w_, record, w_.changed_slot, scalars_,
                 [&](std::size_t j) { return time_.begin + w_.next_time[people[j]]; });
}

/// Sets the clock of a transition to a new unit-exponential waiting time.
void ChunkStep::draw_clocks(int transition, People people) {
    const Transition& t = m_.transitions[static_cast<std::size_t>(transition)];
    const std::uint16_t* firings = t.firings == no_column ? nullptr : columns_.get<std::uint16_t>(t.firings);
    if (t.trigger != Trigger::rate) {
        const DrawSite& site = sites_.clock[static_cast<std::size_t>(transition)];
        for (const std::uint32_t e : people)
            w_.row_left[e * w_.row_slots + static_cast<std::size_t>(t.slot)] =
                waiting_time(t, site, uid_[w_.event_slot[e]], 0, time_.begin + w_.now[e]);
        return;
    }
    w_.ids.resize(people.size());
    w_.occurrences.resize(people.size());
    w_.drawn.resize(people.size());
    for (std::size_t j = 0; j < people.size(); ++j) {
        const std::size_t i = w_.event_slot[people[j]];
        w_.ids[j] = uid_[i];
        w_.occurrences[j] = firings == nullptr ? 0 : firings[i];
    }
    unit_exponential_batch(sites_.clock[static_cast<std::size_t>(transition)], w_.ids, w_.occurrences, w_.drawn);
    for (std::size_t j = 0; j < people.size(); ++j)
        w_.row_left[people[j] * w_.row_slots + static_cast<std::size_t>(t.slot)] = w_.drawn[j];
}

/// Who dies of the event itself, into `victims`; the others into `survivors`.
void ChunkStep::part_victims(int transition, const std::vector<std::uint32_t>& people) {
    const Transition& t = m_.transitions[static_cast<std::size_t>(transition)];
    w_.victims.clear();
    w_.survivors.clear();
    if (!t.fatal.valid()) {
        w_.survivors = people;
        return;
    }
    w_.changed_slot.clear();
    for (const auto e : people) w_.changed_slot.push_back(w_.event_slot[e]);
    w_.chance.resize(std::max(w_.chance.size(), people.size()));
    double* out[] = {w_.chance.data()};
    m_.fatality[static_cast<std::size_t>(transition)].run(
        columns_.input(scalars_, w_.changed_slot.data(), people.size()), w_.scratch, out);
    const std::uint16_t* firings = t.firings == no_column ? nullptr : columns_.get<std::uint16_t>(t.firings);
    for (std::size_t j = 0; j < people.size(); ++j) {
        const std::size_t i = w_.event_slot[people[j]];
        // The occurrence of this event: firings counted before it.
        const std::uint64_t occurrence = firings == nullptr ? 0 : static_cast<std::uint16_t>(firings[i] - 1);
        if (!probability_domain.holds(w_.chance[j])) note_bad_fatality(m_, w_, transition, i, w_.chance[j]);
        const bool dies =
            uniform(sites_.fatal[static_cast<std::size_t>(transition)], uid_[i], occurrence) < w_.chance[j];
        (dies ? w_.victims : w_.survivors).push_back(people[j]);
    }
}

void ChunkStep::fire(int transition, const std::vector<std::uint32_t>& people) {
    const Transition& t = m_.transitions[static_cast<std::size_t>(transition)];
    record(transition, people);
    w_.events += static_cast<std::int64_t>(people.size());
    for (const auto e : people) {
        w_.now[e] = w_.next_time[e];
        w_.row_anchor[e * w_.row_slots + static_cast<std::size_t>(t.slot)] = w_.now[e];
        if (t.firings != no_column) ++columns_.get<std::uint16_t>(t.firings)[w_.event_slot[e]];
    }
    if (t.is_visit)
        for (const auto e : people) {
            const std::size_t i = w_.event_slot[e];
            const std::uint16_t occurrence = t.firings == no_column ? 0 : columns_.get<std::uint16_t>(t.firings)[i];
            w_.visits.push_back({w_.now[e], uid_[i], transition, occurrence});
        }
    switch (t.kind) {
        case Transition::Kind::death:
        case Transition::Kind::departure:
            for (const auto e : people) {
                finish(e, w_.now[e]);
                life_[w_.event_slot[e]] =
                    static_cast<std::uint8_t>(t.kind == Transition::Kind::death ? Life::dead : Life::gone);
            }
            return;
        case Transition::Kind::birth:
            for (const auto e : people) {
                const std::size_t i = w_.event_slot[e];
                w_.births.push_back({uid_[i], range_.begin + i, columns_.get<std::uint16_t>(t.firings)[i], w_.now[e]});
            }
            draw_clocks(transition, people);
            return;
        case Transition::Kind::arrival:
        case Transition::Kind::ordinary:
            break;
    }
    part_victims(transition, people);
    if (t.to == no_index) {
        draw_clocks(transition, w_.survivors);
    } else {
        auto& next = t.kills ? w_.victims : w_.changed;
        next.insert(next.end(), w_.survivors.begin(), w_.survivors.end());
        change_state(t, w_.survivors);
    }
    if (w_.victims.empty()) return;
    // A death by an event or a state is a death: it is recorded as one.
    if (m_.death != no_index) record(m_.death, w_.victims);
    for (const auto e : w_.victims) {
        finish(e, w_.next_time[e]);
        life_[w_.event_slot[e]] = static_cast<std::uint8_t>(Life::dead);
    }
}

void ChunkStep::change_state(const Transition& t, People people) {
    const Process& p = m_.processes[static_cast<std::size_t>(t.process)];
    std::uint8_t* state = state_[t.process];
    const auto after = static_cast<std::size_t>(t.to);
    w_.before.resize(people.size());
    for (std::size_t j = 0; j < people.size(); ++j) {
        std::uint8_t& mine = state[w_.event_slot[people[j]]];
        w_.before[j] = mine;
        mine = static_cast<std::uint8_t>(t.to);
    }
    for (const int s : p.slots) {
        const ClockSlot& slot = m_.slots[static_cast<std::size_t>(s)];
        const int enabled = slot.transition_by_state[after];
        w_.to_draw.clear();
        for (std::size_t j = 0; j < people.size(); ++j) {
            const std::uint32_t e = people[j];
            const std::size_t at = e * w_.row_slots + static_cast<std::size_t>(s);
            if (s == t.slot || slot.live_by_state[w_.before[j]] != slot.live_by_state[after]) {
                w_.row_left[at] = -1.0;  // nobody's clock
                w_.row_rate[at] = 0.0;
                w_.row_anchor[at] = w_.now[e];
            }
            if (enabled != no_index && w_.row_left[at] < 0.0) w_.to_draw.push_back(e);
        }
        if (!w_.to_draw.empty()) draw_clocks(enabled, w_.to_draw);
    }
    for (const int k : p.fades) {
        const Fade& fade = m_.fades[static_cast<std::size_t>(k)];
        for (std::size_t j = 0; j < people.size(); ++j) {
            if (!fade.in_full[w_.before[j]] || fade.in_full[after]) continue;
            const std::size_t i = w_.event_slot[people[j]];
            columns_.get<double>(fade.left)[i] = time_.begin + w_.now[people[j]];
            columns_.get<double>(fade.share)[i] = mean_share(fade, 0.0, time_.length - w_.now[people[j]]);
        }
    }
    for (const int k : p.timers) {
        const Timer& timer = m_.timers[static_cast<std::size_t>(k)];
        for (std::size_t j = 0; j < people.size(); ++j) {
            const auto before = static_cast<std::size_t>(w_.before[j]);
            const bool entered = timer.in_set.empty() ? before != after : timer.in_set[after] && !timer.in_set[before];
            if (!entered) continue;
            const std::size_t i = w_.event_slot[people[j]];
            columns_.get<double>(timer.entered)[i] = time_.begin + w_.now[people[j]];
            // The middle of what is left of the step, whatever else happens to the person in it.
            columns_.get<double>(timer.value)[i] = 0.5 * (time_.length - w_.now[people[j]]);
        }
    }
}

/// Rates of the people in `changed`, as they are now, by row of them.
void ChunkStep::fresh_rows() {
    const std::size_t n = w_.changed.size(), stride = w_.row_slots;
    if (w_.fresh.size() < n * stride) w_.fresh.resize(n * stride);
    const std::uint16_t* slots = w_.changed_slot.data();
    for (std::size_t s = 0; s < m_.slots.size(); ++s) {
        const ClockSlot& slot = m_.slots[s];
        double* fresh = w_.fresh.data() + s;
        if (slot.dense == no_index) {
            for (std::size_t j = 0; j < n; ++j) fresh[j * stride] = 0.0;
            continue;
        }
        const auto output = m_.transitions[static_cast<std::size_t>(slot.dense)].dense_output;
        const double* value = w_.again[static_cast<std::size_t>(output)].data();
        if (slot.process == no_index) {
            for (std::size_t j = 0; j < n; ++j) fresh[j * stride] = value[j];
            continue;
        }
        // Without a branch: the state that somebody has come to cannot be foreseen.
        std::array<std::uint64_t, 256> open;
        for (std::size_t state = 0; state < slot.transition_by_state.size(); ++state)
            open[state] = slot.transition_by_state[state] == slot.dense ? ~std::uint64_t{0} : 0;
        const std::uint8_t* state = state_[slot.process];
        for (std::size_t j = 0; j < n; ++j)
            fresh[j * stride] = std::bit_cast<double>(std::bit_cast<std::uint64_t>(value[j]) & open[state[slots[j]]]);
    }
    for (const Process& p : m_.processes)
        if (p.is_rate && p.any_by_state) fresh_by_state(p);
}

/// Those of transitions out of states that few people are in.
void ChunkStep::fresh_by_state(const Process& p) {
    const std::size_t n = w_.changed.size(), stride = w_.row_slots, states = p.by_state.size();
    const std::uint16_t* slots = w_.changed_slot.data();
    std::array<std::uint32_t*, 256> end;
    for (std::size_t s = 0; s < states; ++s) {
        if (w_.row_by_state[s].size() < n) w_.row_by_state[s].resize(n);
        end[s] = w_.row_by_state[s].data();
    }
    const std::uint8_t* state = columns_.get<std::uint8_t>(p.state);
    for (std::size_t j = 0; j < n; ++j)
        if (const std::uint8_t s = state[slots[j]]; s != 0) *end[s]++ = static_cast<std::uint32_t>(j);
    for (std::size_t s = 1; s < states; ++s) {
        const StateProgram& program = p.by_state[s];
        const std::uint32_t* row = w_.row_by_state[s].data();
        const auto count = static_cast<std::size_t>(end[s] - row);
        if (count == 0 || program.transitions.empty()) continue;
        auto& people = w_.by_state[s];
        people.resize(count);
        for (std::size_t j = 0; j < count; ++j) people[j] = slots[row[j]];
        double* const* rates = w_.outputs(program.program.outputs(), count);
        program.program.run(columns_.input(scalars_, people.data(), count), w_.scratch, rates);
        for (std::size_t k = 0; k < program.transitions.size(); ++k) {
            double* fresh = w_.fresh.data() + m_.transitions[static_cast<std::size_t>(program.transitions[k])].slot;
            for (std::size_t j = 0; j < count; ++j) fresh[row[j] * stride] = rates[k][j];
        }
    }
}

void ChunkStep::check_fresh() {
    const auto limit = std::bit_cast<std::int64_t>(largest_rate);
    std::int64_t outside = 0;
    for (std::size_t k = 0; k < w_.changed.size() * w_.row_slots; ++k) outside |= beyond(w_.fresh[k], limit);
    if (outside >= 0) return;
    for (std::size_t j = 0; j < w_.changed.size(); ++j)
        for (std::size_t s = 0; s < m_.slots.size(); ++s) {
            const double rate = w_.fresh[j * w_.row_slots + s];
            const std::size_t i = w_.changed_slot[j];
            if (!(rate >= 0.0 && rate <= largest_rate)) note_bad_rate(m_, w_, s, i, state_of(m_.slots[s], i), rate);
        }
}

void ChunkStep::reevaluate() {
    const std::size_t n = w_.changed.size(), stride = w_.row_slots;
    const std::size_t values = m_.integrals.size(), groups = w_.group.size();
    w_.changed_slot.clear();
    for (const auto e : w_.changed) w_.changed_slot.push_back(w_.event_slot[e]);
    double* const* out = w_.evaluated_again(m_.dense.outputs(), n);
    for (std::size_t g = 0; g < groups; ++g) {
        w_.fresh_group[g].resize(std::max(w_.fresh_group[g].size(), n));
        w_.fresh_cells[g] = w_.fresh_group[g].data();
    }
    m_.dense.run(columns_.input(scalars_, w_.changed_slot.data(), n), w_.scratch, out, w_.fresh_cells.data());
    w_.evaluations += static_cast<std::int64_t>(n);
    fresh_rows();
    check_fresh();
    for (std::size_t j = 0; j < n; ++j) {
        const std::uint32_t e = w_.changed[j];
        const std::size_t i = w_.event_slot[e];
        const double now = w_.now[e];
        const double* fresh = w_.fresh.data() + j * stride;
        double* rate = w_.row_rate.data() + e * stride;
        double* left = w_.row_left.data() + e * stride;
        double* anchor = w_.row_anchor.data() + e * stride;
        change_rates(stride, now, fresh, rate, left, anchor);
        std::int32_t* group = w_.row_group.data() + e * groups;
        double* value = w_.row_value.data() + e * values;
        for (std::size_t k = 0; k < values; ++k) {
            const Accrual& a = w_.accruals[k];
            const double now_is = out[a.output][j];
            if (same_bits(now_is, value[k]) && w_.fresh_group[a.row][j] == group[a.row]) continue;
            note_bad_value(m_, w_, *a.measure, i, now_is);
            flush_value(e, k, now);
            value[k] = now_is;
        }
        for (std::size_t g = 0; g < groups; ++g) group[g] = w_.fresh_group[g][j];
    }
}

void ChunkStep::flush_value(std::size_t e, std::size_t k, double until) {
    const Accrual& a = w_.accruals[k];
    const std::int32_t cell = w_.row_group[e * w_.group.size() + a.row];
    const std::size_t at = e * m_.integrals.size() + k;
    const double from = w_.row_value_anchor[at];
    w_.row_value_anchor[at] = until;
    if (cell == a.cells || until <= from) return;
    double weight = a.whole_weight;
    if (from != 0.0 || until != time_.length) {
        const double begin = time_.begin + from, end = time_.begin + until;
        weight = a.factor ? *a.factor * (end - begin) : discount_weight(a.measure->discount, begin, end);
    }
    const std::int64_t q = nearest_integer(w_.row_value[at] * (weight / a.quantum));
    a.sum[cell] += q;
    if (a.total != nullptr) a.total[w_.event_slot[e]] += q;
    if (a.weight != nullptr) a.weight[cell] += nearest_integer(weight / time_quantum);
}

/// Puts the person back, alive or not.
void ChunkStep::finish(std::size_t e, double at) {
    const std::size_t i = w_.event_slot[e], stride = w_.row_slots;
    const double* rate = w_.row_rate.data() + e * stride;
    const double* left = w_.row_left.data() + e * stride;
    const double* anchor = w_.row_anchor.data() + e * stride;
    double* remains = w_.fires.data();
    for (std::size_t s = 0; s < stride; s += 4)
        four::store(four::fma(-four::load(rate + s), at - four::load(anchor + s), four::load(left + s)), remains + s);
    double* const* left_of = left_;
    for (std::size_t s = 0, slots = m_.slots.size(); s < slots; ++s) left_of[s][i] = remains[s];
    for (std::size_t k = 0; k < m_.integrals.size(); ++k) flush_value(e, k, at);
    const double start = entry_ == nullptr ? 0.0 : entry_[i];
    w_.person_time += nearest_integer((at - start) / time_quantum);
}

}  // namespace proeftuin
