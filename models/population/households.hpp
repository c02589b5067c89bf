// Puts people with a place in the household together: couples, parents with children, people alone.
#pragma once

#include <cstdint>
#include <vector>

#include "models/population/region.hpp"

namespace proeftuin::population {

/// People before and while they are put in households, as columns.
struct Draft {
    std::vector<std::uint32_t> neighbourhood;
    std::vector<std::uint8_t> sex;  ///< 0 female, 1 male
    std::vector<std::uint16_t> age;  ///< whole years
    std::vector<std::uint8_t> position;
    std::vector<std::uint32_t> household;
    std::size_t households = 0;

    std::size_t size() const { return age.size(); }
};

/// What did not work out while households were made.
struct HouseholdNotes {
    std::size_t changed_position = 0;  ///< people without a partner or a child to live with, who live otherwise now
    std::size_t same_sex_couples = 0;
    std::size_t couples = 0;
    std::size_t parents_children = 0;  ///< children at home matched with a parent
    std::size_t unlikely_parents = 0;  ///< of those, the parent is less than 15 or more than 55 years older
};

/// Gives every person of `people` (those of one neighbourhood standing together) a household; positions change where
/// nobody is left to live with.
HouseholdNotes make_households(Draft& people, const RegionSpec& region, std::uint64_t seed);

}  // namespace proeftuin::population
