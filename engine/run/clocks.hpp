// Which transitions of a process can share one stored clock, and when a clock must be kept.
#pragma once

#include <vector>

namespace proeftuin {

/// What matters of a transition for its clock.
struct ClockNeed {
    std::vector<int> from;
    int to = -1;  ///< -1: no change of state
};

struct ClockPlan {
    std::vector<int> slot;  ///< by transition
    int slots = 0;
    std::vector<std::vector<bool>> live;  ///< by transition and state: its clock must be kept there
    std::vector<bool> fires_again;  ///< it can fire more than once
};

/// A clock is live where its transition is enabled, and where a person who left without firing it can come back.
/// Transitions that are never live in the same state share a slot. \pre states are 0..states-1
ClockPlan plan_clocks(int states, const std::vector<ClockNeed>& transitions);

}  // namespace proeftuin
