#include "engine/core/cpu.hpp"

#include <gtest/gtest.h>

namespace proeftuin {

TEST(InstructionSets, without_a_wish_the_strongest_is_used) {
    EXPECT_EQ(choose_instruction_set(nullptr, InstructionSet::avx2), InstructionSet::avx2);
}

TEST(InstructionSets, a_weaker_one_can_be_asked_for_by_name) {
    EXPECT_EQ(choose_instruction_set("baseline", InstructionSet::avx512), InstructionSet::baseline);
    EXPECT_EQ(choose_instruction_set("avx2", InstructionSet::avx512), InstructionSet::avx2);
}

TEST(InstructionSets, one_beyond_the_machine_or_unknown_is_ignored) {
    EXPECT_EQ(choose_instruction_set("avx512", InstructionSet::avx2), InstructionSet::avx2);
    EXPECT_EQ(choose_instruction_set("sse9", InstructionSet::avx2), InstructionSet::avx2);
    EXPECT_EQ(choose_instruction_set("", InstructionSet::baseline), InstructionSet::baseline);
}

TEST(InstructionSets, the_active_one_runs_here) { EXPECT_LE(active_instruction_set(), strongest_instruction_set()); }

TEST(InstructionSets, pick_takes_the_variant_of_the_set) {
    EXPECT_EQ(pick(InstructionSet::baseline, 1, 2, 3), 1);
    EXPECT_EQ(pick(InstructionSet::avx2, 1, 2, 3), 2);
    EXPECT_EQ(pick(InstructionSet::avx512, 1, 2, 3), 3);
}

}  // namespace proeftuin
