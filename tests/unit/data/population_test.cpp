#include "engine/data/population.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace proeftuin {
namespace {

class PopulationTest : public ::testing::Test {
protected:
    PopulationTest() {
        ColumnLayout layout;
        uid = layout.add("uid", ColumnType::u64);
        state = layout.add("state", ColumnType::u8);
        firings = layout.add("firings", ColumnType::u16);
        left = layout.add("left", ColumnType::f64);
        people = Population(layout);
    }
    void add(std::size_t n) {
        const std::size_t first = people.append(n);
        for (std::size_t i = first; i < first + n; ++i) {
            people.column<std::uint64_t>(uid)[i] = next;
            people.column<std::uint8_t>(state)[i] = static_cast<std::uint8_t>(next % 7);
            people.column<std::uint16_t>(firings)[i] = static_cast<std::uint16_t>(next);
            people.column<double>(left)[i] = 0.5 * static_cast<double>(next);
            ++next;
        }
    }
    void expect_whole() {
        for (std::size_t i = 0; i < people.size(); ++i) {
            const std::uint64_t id = people.column<std::uint64_t>(uid)[i];
            ASSERT_EQ(people.column<std::uint8_t>(state)[i], id % 7);
            ASSERT_EQ(people.column<std::uint16_t>(firings)[i], static_cast<std::uint16_t>(id));
            ASSERT_EQ(people.column<double>(left)[i], 0.5 * static_cast<double>(id));
        }
    }
    Population people{ColumnLayout{}};
    ColumnId uid, state, firings, left;
    std::uint64_t next = 1;
};

TEST_F(PopulationTest, keeps_everybody_when_it_has_to_move) {
    for (const std::size_t n : {1u, 63u, 1000u, 100'000u, 400'000u}) {
        add(n);
        expect_whole();
    }
    EXPECT_EQ(people.size(), next - 1);
}

TEST_F(PopulationTest, removes_people_and_puts_the_last_in_their_places) {
    add(1000);
    std::vector<std::uint32_t> gone;
    for (std::uint32_t i = 0; i < 1000; ++i)
        if (i % 3 != 0) gone.push_back(i);

    people.remove(gone);
    people.fill(0, 100);
    people.fill(100, 200);
    people.fill_all();  // the others

    ASSERT_EQ(people.size(), 334u);
    std::vector<std::uint64_t> left;
    for (std::size_t i = 0; i < 334; ++i) {
        left.push_back(people.column<std::uint64_t>(uid)[i]);
        if (i % 3 == 0) {
            EXPECT_EQ(left.back(), i + 1);
        }
    }
    EXPECT_EQ(left[1], 1000u);
    std::sort(left.begin(), left.end());
    for (std::size_t i = 0; i < 334; ++i) EXPECT_EQ(left[i], 3 * i + 1);
    expect_whole();
}

TEST_F(PopulationTest, fills_places_part_by_part_in_any_order) {
    add(1000);
    people.remove(std::vector<std::uint32_t>{0, 5, 6, 499, 500, 900, 998, 999});

    for (const auto& [first, last] : {std::pair{500, 992}, {6, 500}, {0, 6}})
        people.fill(static_cast<std::size_t>(first), static_cast<std::size_t>(last));
    people.end_fill();

    ASSERT_EQ(people.size(), 992u);
    expect_whole();
    for (const auto& [slot, id] :
         {std::pair{0u, 998u}, {5u, 997u}, {6u, 996u}, {499u, 995u}, {500u, 994u}, {900u, 993u}})
        EXPECT_EQ(people.column<std::uint64_t>(uid)[slot], id);
    add(10);
    expect_whole();
}

TEST_F(PopulationTest, gives_newcomers_zeros_in_the_places_of_those_who_left) {
    add(1000);
    std::vector<std::uint32_t> everybody(1000);
    std::iota(everybody.begin(), everybody.end(), 0u);
    people.remove(everybody);
    people.fill_all();

    people.append(1300);

    for (std::size_t i = 0; i < 1300; ++i) {
        ASSERT_EQ(people.column<std::uint64_t>(uid)[i], 0u);
        ASSERT_EQ(people.column<std::uint8_t>(state)[i], 0u);
        ASSERT_EQ(people.column<double>(left)[i], 0.0);
    }
}

TEST_F(PopulationTest, reorders_every_column_alike) {
    add(100);
    std::vector<std::uint32_t> order(100);
    std::iota(order.rbegin(), order.rend(), 0u);

    people.reorder(order);

    EXPECT_EQ(people.column<std::uint64_t>(uid)[0], 100u);
    expect_whole();
}

}  // namespace
}  // namespace proeftuin
