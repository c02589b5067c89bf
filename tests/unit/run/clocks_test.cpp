// Which transitions share a stored clock, and where a clock must be kept.
#include "engine/run/clocks.hpp"

#include <gtest/gtest.h>

namespace proeftuin {
namespace {

TEST(clocks, a_chain_needs_one_slot) {
    // 0 -> 1 -> 2 -> 3: nobody comes back, so the clock of a state is made at entry.
    const ClockPlan plan = plan_clocks(4, {{{0}, 1}, {{1}, 2}, {{2}, 3}});
    EXPECT_EQ(plan.slots, 1);
    for (int t = 0; t < 3; ++t) {
        EXPECT_FALSE(plan.fires_again[t]);
        for (int s = 0; s < 4; ++s) EXPECT_EQ(plan.live[t][s], s == t);
    }
}

TEST(clocks, competing_exits_of_a_state_need_a_slot_each) {
    const ClockPlan plan = plan_clocks(3, {{{0}, 1}, {{0}, 2}});
    EXPECT_EQ(plan.slots, 2);
    EXPECT_NE(plan.slot[0], plan.slot[1]);
}

TEST(clocks, a_pair_of_states_both_ways_shares_a_slot) {
    // Leaving 0 is always by firing 0 -> 1, so nothing is kept on the other side.
    const ClockPlan plan = plan_clocks(2, {{{0}, 1}, {{1}, 0}});
    EXPECT_EQ(plan.slots, 1);
    EXPECT_TRUE(plan.fires_again[0]);
    EXPECT_TRUE(plan.fires_again[1]);
}

TEST(clocks, a_clock_is_kept_through_a_detour) {
    // 0 -> 1 (a), 0 -> 2 (b), 1 -> 0 (c): who goes 0 -> 1 -> 0 must find the clock of b where it stood.
    const ClockPlan plan = plan_clocks(3, {{{0}, 1}, {{0}, 2}, {{1}, 0}});
    EXPECT_TRUE(plan.live[1][1]);  // b in state 1
    EXPECT_FALSE(plan.live[1][2]);  // after firing
    EXPECT_FALSE(plan.live[0][1]);  // a fired on the way
    EXPECT_FALSE(plan.fires_again[1]);
    EXPECT_NE(plan.slot[1], plan.slot[0]);
    EXPECT_NE(plan.slot[1], plan.slot[2]);
}

TEST(clocks, recurrent_events_fire_again_and_keep_their_clock_where_people_return) {
    // 0 <-> 1 with an attack within 1.
    const ClockPlan plan = plan_clocks(2, {{{0}, 1}, {{1}, 0}, {{1}, -1}});
    EXPECT_TRUE(plan.fires_again[2]);
    EXPECT_TRUE(plan.live[2][0]);
    EXPECT_TRUE(plan.live[2][1]);
    EXPECT_EQ(plan.slots, 2);
}

TEST(clocks, no_two_transitions_of_a_slot_are_live_in_the_same_state) {
    const std::vector<ClockNeed> needs{{{0}, 1}, {{1}, 2}, {{2}, 0}, {{0, 1, 2}, 3}, {{1, 2}, -1}, {{3}, 2}, {{0}, -1}};
    const ClockPlan plan = plan_clocks(4, needs);
    for (std::size_t a = 0; a < needs.size(); ++a)
        for (std::size_t b = a + 1; b < needs.size(); ++b)
            for (std::size_t s = 0; s < 4; ++s)
                EXPECT_FALSE(plan.slot[a] == plan.slot[b] && plan.live[a][s] && plan.live[b][s]) << a << b << s;
    for (std::size_t a = 0; a < needs.size(); ++a)
        for (const int s : needs[a].from) EXPECT_TRUE(plan.live[a][static_cast<std::size_t>(s)]);
}

TEST(clocks, a_process_without_transitions_needs_none) { EXPECT_EQ(plan_clocks(3, {}).slots, 0); }

}  // namespace
}  // namespace proeftuin
