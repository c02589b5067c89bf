// Reach, order and circles of small graphs.
#include <gtest/gtest.h>

#include <set>

#include "engine/run/model_graph.hpp"

namespace proeftuin {
namespace {

TEST(model_graph, reach_follows_edges_and_includes_the_start_only_on_a_circle) {
    const auto reach = reachable(4, {{0, 1}, {1, 2}, {2, 1}});
    EXPECT_TRUE(reach[0][2]);
    EXPECT_FALSE(reach[0][0]);
    EXPECT_TRUE(reach[1][1]);
    EXPECT_FALSE(reach[2][0]);
    EXPECT_FALSE(reach[3][3]);
    EXPECT_TRUE(reachable(0, {}).empty());
}

TEST(model_graph, order_puts_causes_first_and_the_smaller_number_where_it_may) {
    EXPECT_EQ(ordered(5, {{3, 0}, {0, 4}, {2, 4}}), (std::vector<int>{1, 2, 3, 0, 4}));
    EXPECT_EQ(ordered(3, {}), (std::vector<int>{0, 1, 2}));
    EXPECT_TRUE(ordered(2, {{0, 1}, {1, 0}}).empty());
    EXPECT_EQ(ordered(2, {{0, 1}, {0, 1}}), (std::vector<int>{0, 1}));
}

TEST(model_graph, a_circle_is_given_as_a_closed_path_along_edges) {
    const std::vector<std::pair<int, int>> edges{{0, 1}, {1, 2}, {2, 3}, {3, 1}, {0, 4}};
    const auto cycle = find_cycle(5, edges);
    ASSERT_EQ(cycle.size(), 4u);
    EXPECT_EQ(cycle.front(), cycle.back());
    const std::set<std::pair<int, int>> known(edges.begin(), edges.end());
    for (std::size_t k = 0; k + 1 < cycle.size(); ++k) EXPECT_TRUE(known.contains({cycle[k], cycle[k + 1]}));
    EXPECT_TRUE(find_cycle(5, {{0, 1}, {1, 2}, {0, 2}}).empty());
    EXPECT_EQ(find_cycle(2, {{1, 1}}), (std::vector<int>{1, 1}));
}

}  // namespace
}  // namespace proeftuin
