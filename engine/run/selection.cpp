// The beginning of a step: programmes invite those who are eligible, and those who consent enter.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "engine/run/calendar.hpp"
#include "engine/run/clocks.hpp"
#include "engine/run/domain.hpp"
#include "engine/run/fade.hpp"
#include "engine/run/points.hpp"
#include "engine/run/simulation_loops.hpp"

namespace proeftuin {
namespace {

/// The order in which people are invited: whoever is asked, and however the chunks lie, it is the same.
bool comes_first(const Candidate& a, const Candidate& b) {
    if (a.score != b.score) return a.score > b.score;
    if (a.priority != b.priority) return a.priority < b.priority;
    return a.uid < b.uid;
}

/// The moments of a step in which a programme runs.
class OpenTime {
public:
    OpenTime(const std::vector<CalendarSpan>& runs, double begin, double length)
        : parts_{overlaps(runs, begin, begin + length)}, begin_{begin} {
        for (const CalendarSpan& part : parts_) total_ += part.to - part.from;
    }
    bool any() const { return total_ > 0.0; }
    /// Years after the start of the step, for a number in (0, 1).
    double at(double u) const {
        double rest = u * total_;
        for (const CalendarSpan& part : parts_) {
            const double length = part.to - part.from;
            if (rest <= length || &part == &parts_.back()) return part.from - begin_ + std::min(rest, length);
            rest -= length;
        }
        return 0.0;
    }

private:
    std::vector<CalendarSpan> parts_;
    double begin_;
    double total_ = 0.0;
};

/// People at hand who are invited, by what becomes of it.
struct Invited {
    std::vector<std::uint16_t> all, consenting, declining;
    std::vector<double> start;  ///< of those who consent, years after the start of the step
};

/// Somebody to invite, of whom the uptake and the score were evaluated; what is no number is noted.
Candidate candidate(const Selection& selection, Simulation::Worker& w, double* const* out, std::size_t j,
                    std::uint64_t uid) {
    Candidate c{0.0, 0.0, uid, 0, 1.0};
    if (selection.uptake != no_index) {
        c.uptake = out[selection.uptake][j];
        if (!probability_domain.holds(c.uptake))
            w.bad.note(uid,
                       fmt::format("the uptake of '{}' is {:g} for person {} (a probability is from 0 to 1)",
                                   selection.name, c.uptake, uid),
                       selection.uptake_where);
    }
    if (selection.score != no_index) {
        c.score = out[selection.score][j];
        if (!(std::fabs(c.score) <= largest_rate)) {
            w.bad.note(uid,
                       fmt::format("the score of '{}' is {:g} for person {} (it must be a number)", selection.name,
                                   c.score, uid),
                       selection.score_where);
            c.score = 0.0;
        }
    }
    return c;
}

/// Moves people to the state that a transition of a selection leads to, at the beginning of a step.
void enter_state(const Model& m, const ChunkColumns& columns, const Transition& transition,
                 const std::vector<std::uint16_t>& slots, const std::vector<DrawSite>& sites, double begin) {
    const Process& p = m.processes[static_cast<std::size_t>(transition.process)];
    std::uint8_t* state = columns.get<std::uint8_t>(p.state);
    const std::uint64_t* uid = columns.get<std::uint64_t>(m.uid);
    const auto after = static_cast<std::size_t>(transition.to);
    for (const std::uint16_t i : slots) {
        const std::size_t before = state[i];
        state[i] = static_cast<std::uint8_t>(transition.to);
        for (const int s : p.slots) {
            const ClockSlot& slot = m.slots[static_cast<std::size_t>(s)];
            double& left = columns.get<double>(slot.left)[i];
            if (slot.live_by_state[before] != slot.live_by_state[after]) left = -1.0;  // nobody's clock
            const int enabled = slot.transition_by_state[after];
            if (enabled == no_index || left >= 0.0) continue;
            const Transition& t = m.transitions[static_cast<std::size_t>(enabled)];
            const std::uint64_t firings = t.firings == no_column ? 0 : columns.get<std::uint16_t>(t.firings)[i];
            left = waiting_time(t, sites[static_cast<std::size_t>(enabled)], uid[i], firings, begin);
        }
        for (const int k : p.timers) {
            const Timer& timer = m.timers[static_cast<std::size_t>(k)];
            const bool entered = timer.in_set.empty() || (timer.in_set[after] && !timer.in_set[before]);
            if (entered) columns.get<double>(timer.entered)[i] = begin;
        }
    }
}

}  // namespace

void Simulation::select() {
    const Model& m = *model_;
    for (std::size_t k = 0; k < m.selections.size(); ++k) {
        const Selection& selection = m.selections[k];
        const OpenTime open(selection.runs, begin(), 1.0 / m.ticks_per_year);
        if (!open.any()) continue;
        Limits limits{INT64_MAX, INT64_MAX};
        if (selection.invitations_by_step)
            limits.invitations = (*selection.invitations_by_step)[static_cast<std::size_t>(tick_)];
        // Who comes first must be seen to come, even in a step without an invitation.
        if (limits.invitations == 0 && selection.waits_since == no_column) continue;
        fill_places();
        std::vector<Candidate> candidates = find_candidates(selection, limits);
        if (limits.invitations <= 0 || limits.places <= 0 || candidates.empty()) continue;
        put_in_order(selection, selection_sites_[k], limits, candidates);
        std::vector<Answer> answers;
        const auto numbers = people_.column<std::uint16_t>(selection.invitations);
        const SelectionSites& sites = selection_sites_[k];
        for (const Candidate& c : candidates) {
            if (limits.places <= 0) break;
            std::uint16_t& number = numbers[c.slot];
            const bool consents = selection.uptake == no_index || uniform(sites.uptake, c.uid, number) < c.uptake;
            answers.push_back({c.slot, consents, consents ? open.at(uniform(sites.entry, c.uid, number)) : 0.0});
            if (number < UINT16_MAX) ++number;
            if (consents && selection.places) --limits.places;
        }
        std::sort(answers.begin(), answers.end(), [](const Answer& a, const Answer& b) { return a.slot < b.slot; });
        carry_out(selection, answers);
    }
}

/// Everybody who may be invited, in no order; takes the people who are in the programme off its places.
std::vector<Candidate> Simulation::find_candidates(const Selection& selection, Limits& limits) {
    const Model& m = *model_;
    const ColumnId state_column = m.processes[static_cast<std::size_t>(selection.process)].state;
    const int outside = m.transitions[static_cast<std::size_t>(selection.consent)].from.front();
    const Scalars scalars(m.start_year + begin(), begin(), signals_);
    const TimeRead read = time_read_by(m, selection.program);
    for_chunks(0, people_.size(), people_block, [&](Worker& w, ChunkRange r) {
        const std::uint8_t* life = w.columns.get<std::uint8_t>(m.life);
        const std::uint8_t* state = w.columns.get<std::uint8_t>(state_column);
        const std::uint64_t* uid = w.columns.get<std::uint64_t>(m.uid);
        w.list.resize(r.size());
        std::size_t found = 0;
        for (std::size_t i = 0; i < r.size(); ++i) {
            w.list[found] = static_cast<std::uint16_t>(i);
            found += (life[i] == 0) & (state[i] == outside);
        }
        w.list.resize(found);
        if (selection.places)
            for (std::size_t i = 0; i < r.size(); ++i)
                if (life[i] == 0) w.taking_part += selection.takes_place[state[i]];
        if (w.list.empty()) return;
        show_exact_time(m, w, read, r.size(), begin());
        double* const* out = w.outputs(selection.program.outputs(), w.list.size());
        selection.program.run(w.columns.input(scalars, w.list.data(), w.list.size()), w.scratch, out);
        double* waits = selection.waits_since == no_column ? nullptr : w.columns.get<double>(selection.waits_since);
        for (std::size_t j = 0; j < w.list.size(); ++j) {
            const std::size_t i = w.list[j];
            if (out[0][j] == 0.0) {
                if (waits != nullptr) waits[i] = 0.0;
                continue;
            }
            Candidate c = candidate(selection, w, out, j, uid[i]);
            c.slot = r.begin + i;
            if (waits != nullptr) {
                if (waits[i] == 0.0) waits[i] = begin() + 1.0;
                c.score = -waits[i];
            }
            w.candidates.push_back(c);
        }
    });
    std::vector<Candidate> candidates;
    if (selection.places) limits.places = *selection.places;
    for (auto& w : workers_) {
        candidates.insert(candidates.end(), w->candidates.begin(), w->candidates.end());
        w->candidates.clear();
        if (selection.places) limits.places -= w->taking_part;
        w->taking_part = 0;
    }
    return candidates;
}

/// Keeps those who can be invited at most; in the order of invitation where places may run out before.
void Simulation::put_in_order(const Selection& selection, const SelectionSites& sites, const Limits& limits,
                              std::vector<Candidate>& candidates) const {
    const auto wanted =
        static_cast<std::size_t>(std::min(limits.invitations, static_cast<std::int64_t>(candidates.size())));
    if (wanted == candidates.size() && !selection.places) return;
    for (Candidate& c : candidates) c.priority = uniform(sites.priority, c.uid, 0);
    const auto last = candidates.begin() + static_cast<std::ptrdiff_t>(wanted);
    // Who declines leaves the place to the next: how far down the order the invitations go is known only at the end.
    if (selection.places)
        std::partial_sort(candidates.begin(), last, candidates.end(), comes_first);
    else
        std::nth_element(candidates.begin(), last, candidates.end(), comes_first);
    candidates.resize(wanted);
}

/// \pre the answers go by slot
void Simulation::carry_out(const Selection& selection, const std::vector<Answer>& answers) {
    const Model& m = *model_;
    Worker& w = *workers_.front();
    const Scalars scalars(m.start_year + begin(), begin(), signals_);
    const auto moves = [&](int transition, const std::vector<std::uint16_t>& slots) {
        if (transition != no_index)
            enter_state(m, w.columns, m.transitions[static_cast<std::size_t>(transition)], slots, clock_sites_,
                        begin());
    };
    const int entry_slot = m.transitions[static_cast<std::size_t>(selection.start)].slot;
    std::vector<TimeRead> reads;
    for (const int transition : {selection.invite, selection.consent, selection.decline})
        if (transition != no_index)
            reads.push_back(time_read_by(m, m.records[static_cast<std::size_t>(transition)].program));
    for (std::size_t next = 0; next < answers.size();) {
        const std::size_t block = answers[next].slot / people_block * people_block;
        Invited invited;
        for (; next < answers.size() && answers[next].slot < block + people_block; ++next) {
            const Answer& a = answers[next];
            const auto i = static_cast<std::uint16_t>(a.slot - block);
            invited.all.push_back(i);
            (a.consents ? invited.consenting : invited.declining).push_back(i);
            if (a.consents) invited.start.push_back(a.start);
        }
        w.columns.point_at(people_, block);
        for (const TimeRead& read : reads)
            show_exact_time(m, w, read, std::min(people_block, people_.size() - block), begin());
        w.told_at = m.start_year + begin();
        const auto happens = [&](int transition, const std::vector<std::uint16_t>& slots) {
            if (transition == no_index || slots.empty()) return;
            w.events += static_cast<std::int64_t>(slots.size());
            const EventRecord& record = m.records[static_cast<std::size_t>(transition)];
            if (!record.empty()) record_event(m, w, record, slots, scalars, [&](std::size_t) { return begin(); });
        };
        happens(selection.invite, invited.all);
        happens(selection.consent, invited.consenting);
        happens(selection.decline, invited.declining);
        moves(selection.consent, invited.consenting);
        moves(selection.decline, invited.declining);
        // The clock runs at one per step, so it is at 0 at the moment chosen; always inside the step.
        double* left = w.columns.get<double>(m.slots[static_cast<std::size_t>(entry_slot)].left);
        for (std::size_t j = 0; j < invited.consenting.size(); ++j)
            left[invited.consenting[j]] = std::min(invited.start[j] * m.ticks_per_year, 1.0 - 0x1p-50);
        if (selection.waits_since != no_column) {
            double* waits = w.columns.get<double>(selection.waits_since);
            for (const std::uint16_t i : invited.all) waits[i] = 0.0;
        }
    }
}

}  // namespace proeftuin
