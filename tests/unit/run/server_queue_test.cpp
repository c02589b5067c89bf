// Who is served when, worked out by hand.
#include "engine/run/server_queue.hpp"

#include <gtest/gtest.h>

namespace proeftuin {
namespace {

using Served = ServerQueue::Served;

Served together(const ServerQueue::ByPriority& served) {
    Served sum;
    for (const auto& [priority, s] : served) sum += s;
    return sum;
}

void expect(const ServerQueue::ByPriority& by_priority, std::int64_t visits, std::int64_t delayed, double waited,
            std::int64_t waiting, double waiting_for) {
    const Served served = together(by_priority);
    EXPECT_EQ(served.visits, visits);
    EXPECT_EQ(served.delayed, delayed);
    EXPECT_DOUBLE_EQ(served.waited, waited);
    EXPECT_EQ(served.waiting, waiting);
    EXPECT_DOUBLE_EQ(served.waiting_for, waiting_for);
}

TEST(server_queue, serves_in_the_order_of_time) {
    ServerQueue queue;
    // 1 from 0 to 3; 2 comes at 1 and waits till 3, from 3 to 4; 3 comes at 2 and waits till 4, from 4 to 9.
    const std::vector<Visitor> three{{0, 1, 3, 1}, {1, 2, 1, 1}, {2, 3, 5, 1}};
    expect(queue.serve(three, 0, 10, 1), 3, 2, 2 + 2, 0, 0);
    // Free at 9, before this step.
    expect(queue.serve(std::vector<Visitor>{{12, 1, 1, 1}}, 10, 20, 1), 1, 0, 0, 0, 0);
}

TEST(server_queue, a_wait_goes_on_in_the_next_step) {
    ServerQueue queue;
    const std::vector<Visitor> two{{1, 1, 12, 1}, {4, 2, 1, 1}};
    expect(queue.serve(two, 0, 10, 1), 1, 0, 0, 1, 6);
    expect(queue.serve({}, 10, 20, 1), 1, 1, 9, 0, 0);  // from 13 on
}

TEST(server_queue, two_servers_serve_two_at_a_time) {
    ServerQueue queue;
    // Until 5 and until 3: the third begins at 3, the fourth at 4.
    const std::vector<Visitor> four{{0, 1, 5, 1}, {1, 2, 2, 1}, {2, 3, 1, 1}, {2, 4, 1, 1}};
    expect(queue.serve(four, 0, 10, 2), 4, 2, 1 + 2, 0, 0);
}

TEST(server_queue, the_lowest_priority_goes_first_and_nobody_is_sent_away) {
    ServerQueue queue;
    // 1 from 0 to 4. Then 3 (priority 1), from 4 to 6, then 2, from 6 on.
    const std::vector<Visitor> three{{0, 1, 4, 2}, {1, 2, 1, 2}, {2, 3, 2, 1}};
    auto served = queue.serve(three, 0, 10, 1);
    expect(served, 3, 2, 2 + 5, 0, 0);
    EXPECT_EQ(served[1].waited, 2);
    EXPECT_EQ(served[2].visits, 2);
    EXPECT_EQ(served[2].waited, 5);
}

TEST(server_queue, servers_come_and_go_between_steps) {
    ServerQueue queue;
    const std::vector<Visitor> three{{0, 1, 100, 1}, {1, 2, 100, 1}, {2, 3, 100, 1}};
    expect(queue.serve(three, 0, 10, 0), 0, 0, 0, 3, 10 + 9 + 8);
    expect(queue.serve({}, 10, 20, 2), 2, 2, 10 + 9, 1, 18);
    // Both are busy till 110; one goes after the visit.
    expect(queue.serve({}, 20, 110, 1), 0, 0, 0, 1, 108);
    expect(queue.serve({}, 110, 120, 1), 1, 1, 108, 0, 0);
}

TEST(server_queue, goes_on_from_its_state) {
    ServerQueue one, other;
    const std::vector<Visitor> before{{0, 1, 7, 1}, {1, 2, 9, 2}, {1, 3, 6, 2}, {2, 4, 8, 1}};
    const std::vector<Visitor> after{{5, 5, 7, 2}, {6, 6, 1, 1}, {8, 7, 1, 1}};
    (void)one.serve(before, 0, 5, 2);
    other.restore(one.state());
    const Served a = together(one.serve(after, 5, 20, 2)), b = together(other.serve(after, 5, 20, 2));
    EXPECT_EQ(a.visits, b.visits);
    EXPECT_EQ(a.waited, b.waited);
    EXPECT_EQ(a.waiting, b.waiting);
    EXPECT_GT(a.delayed, 0);
}

}  // namespace
}  // namespace proeftuin
