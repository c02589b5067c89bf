// The cheapest allocation, by hand and against all that there are.
#include "models/network/allocation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>

namespace proeftuin::network {
namespace {

TEST(cheapest_allocation, fills_the_cheap_place_with_those_who_can_go_nowhere_else) {
    // The centre at 150 sees 100 of the easy and the hard could not go there; the clinic at 264 sees the other 50 easy
    // and all 80 hard.
    const Allocation a = cheapest_allocation({{150, 80}, {100, -1}, {15'000, 26'400}, {{0, 1}, {1}}});
    EXPECT_EQ(a.cost, 100 * 15'000 + 130 * 26'400);
    EXPECT_EQ(a.unseen, 0);
}

TEST(cheapest_allocation, sees_as_many_as_it_can_before_it_looks_at_cost) {
    // The cheap place is the only one for the second demand, so the first must go to the dear one.
    const Allocation a = cheapest_allocation({{10, 10}, {10, 7}, {1, 1000}, {{0, 1}, {0}}});
    EXPECT_EQ(a.unseen, 3);
    EXPECT_EQ(a.cost, 10 * 1 + 7 * 1000);
}

TEST(cheapest_allocation, leaves_unseen_whom_no_place_may_see) {
    const Allocation a = cheapest_allocation({{4, 5}, {-1}, {3}, {{0}, {}}});
    EXPECT_EQ(a.unseen, 5);
    EXPECT_EQ(a.cost, 12);
}

TEST(cheapest_allocation, of_nobody_costs_nothing) {
    const Allocation a = cheapest_allocation({{0}, {0}, {5}, {{0}}});
    EXPECT_EQ(a.cost, 0);
    EXPECT_EQ(a.unseen, 0);
}

/// The same by trying every way to spread every case.
Allocation by_trying(const AllocationProblem& p) {
    Allocation best{INT64_MAX, INT64_MAX};
    std::vector<std::int64_t> room = p.capacity;
    const std::function<void(std::size_t, std::int64_t, std::size_t, Allocation)> place =
        [&](std::size_t demand, std::int64_t left, std::size_t next, Allocation so_far) {
            if (demand == p.cases.size()) {
                if (std::pair(so_far.unseen, so_far.cost) < std::pair(best.unseen, best.cost)) best = so_far;
                return;
            }
            if (next == p.allowed[demand].size()) {
                so_far.unseen += left;
                const std::size_t other = demand + 1;
                place(other, other < p.cases.size() ? p.cases[other] : 0, 0, so_far);
                return;
            }
            const std::size_t k = p.allowed[demand][next];
            const std::int64_t most = room[k] < 0 ? left : std::min(left, room[k]);
            for (std::int64_t n = 0; n <= most; ++n) {
                if (room[k] >= 0) room[k] -= n;
                place(demand, left - n, next + 1, {so_far.cost + n * p.cost[k], so_far.unseen});
                if (room[k] >= 0) room[k] += n;
            }
        };
    place(0, p.cases.front(), 0, {});
    return best;
}

TEST(cheapest_allocation, is_the_best_of_all_that_there_are) {
    std::mt19937 random(20131);
    const auto up_to = [&](int n) { return static_cast<std::int64_t>(random() % static_cast<unsigned>(n + 1)); };
    for (int trial = 0; trial < 300; ++trial) {
        AllocationProblem p;
        for (int d = 0; d < 3; ++d) {
            p.cases.push_back(up_to(4));
            p.allowed.emplace_back();
            for (std::size_t k = 0; k < 3; ++k)
                if (up_to(2) > 0) p.allowed.back().push_back(k);
        }
        for (int k = 0; k < 3; ++k) {
            p.capacity.push_back(up_to(5) - 1);
            p.cost.push_back(up_to(9));
        }
        const Allocation got = cheapest_allocation(p), expected = by_trying(p);
        ASSERT_EQ(got.unseen, expected.unseen) << trial;
        ASSERT_EQ(got.cost, expected.cost) << trial;
    }
}

}  // namespace
}  // namespace proeftuin::network
