// Which transitions of a process can share one stored clock, and when a clock must be kept.
#pragma once

#include <vector>

#include "engine/random/draw.hpp"
#include "engine/run/model.hpp"

namespace proeftuin {

/// What matters of a transition for its clock.
struct ClockNeed {
    std::vector<int> from;
    int to = -1;  ///< -1: no change of state
    Trigger trigger = Trigger::rate;
};

struct ClockPlan {
    std::vector<int> slot;  ///< by transition; -1: it has no clock
    int slots = 0;
    std::vector<std::vector<bool>> live;  ///< by transition and state: its clock must be kept there
    std::vector<bool> fires_again;  ///< it can fire more than once
};

/// A clock is live where its transition is enabled, and where a person who left without firing it can come back and
/// goes on waiting; a duration or a date begins anew.
/// Transitions that are never live in the same state share a slot. \pre states are 0..states-1
ClockPlan plan_clocks(int states, const std::vector<ClockNeed>& transitions);

/// What a clock is set to when its transition becomes possible `now` (years since the start): the draw of the person
/// for a rate, else what makes it fire at its time. \pre the transition is not triggered by a selection
inline double waiting_time(const Transition& transition, const DrawSite& site, std::uint64_t uid,
                           std::uint64_t occurrence, double now) {
    // A date is often the border of two steps, and clocks run with rounding: what belongs before it happens before it.
    constexpr double before = 1e-9;
    switch (transition.trigger) {
        case Trigger::date:
            return transition.until - before > now ? transition.until - before - now : 0.0;
        case Trigger::rate:
            return unit_exponential(site, uid, occurrence);
        default:
            return 1.0;
    }
}

}  // namespace proeftuin
