#include "engine/run/clocks.hpp"

#include <algorithm>

#include "engine/run/model_graph.hpp"

namespace proeftuin {

ClockPlan plan_clocks(int states, const std::vector<ClockNeed>& transitions) {
    const std::size_t n = transitions.size();
    ClockPlan plan;
    plan.live.assign(n, std::vector<bool>(static_cast<std::size_t>(states), false));
    plan.fires_again.assign(n, false);
    plan.slot.assign(n, -1);

    std::vector<std::pair<int, int>> edges;
    for (const auto& t : transitions)
        if (t.to >= 0)
            for (const int f : t.from)
                if (f != t.to) edges.emplace_back(f, t.to);
    const auto reach = reachable(states, edges);
    const auto to_any = [&](int s, const std::vector<int>& targets) {
        return std::any_of(targets.begin(), targets.end(), [&](int f) {
            return f == s || reach[static_cast<std::size_t>(s)][static_cast<std::size_t>(f)];
        });
    };

    for (std::size_t k = 0; k < n; ++k) {
        const auto& t = transitions[k];
        if (t.trigger == Trigger::selection) continue;
        plan.fires_again[k] = t.to < 0 || to_any(t.to, t.from);
        std::vector<std::pair<int, int>> others;
        for (std::size_t j = 0; j < n; ++j)
            if (j != k && transitions[j].to >= 0)
                for (const int f : transitions[j].from)
                    if (f != transitions[j].to) others.emplace_back(f, transitions[j].to);
        const auto reach_others = reachable(states, others);
        for (int s = 0; s < states; ++s) {
            const bool enabled = std::find(t.from.begin(), t.from.end(), s) != t.from.end();
            const bool left_unfired = std::any_of(t.from.begin(), t.from.end(), [&](int f) {
                return reach_others[static_cast<std::size_t>(f)][static_cast<std::size_t>(s)];
            });
            const bool waits_on = t.trigger == Trigger::rate && left_unfired && to_any(s, t.from);
            plan.live[k][static_cast<std::size_t>(s)] = enabled || waits_on;
        }
    }
    // Greedy colouring in the order given.
    for (std::size_t k = 0; k < n; ++k) {
        if (transitions[k].trigger == Trigger::selection) continue;
        int slot = 0;
        for (bool taken = true; taken;) {
            taken = false;
            for (std::size_t j = 0; j < k && !taken; ++j) {
                if (plan.slot[j] != slot) continue;
                for (int s = 0; s < states && !taken; ++s)
                    taken = plan.live[j][static_cast<std::size_t>(s)] && plan.live[k][static_cast<std::size_t>(s)];
            }
            if (taken) ++slot;
        }
        plan.slot[k] = slot;
        plan.slots = std::max(plan.slots, slot + 1);
    }
    return plan;
}

}  // namespace proeftuin
