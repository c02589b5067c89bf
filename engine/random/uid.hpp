// Identities of people that no scenario changes: a function of where a person comes from.
//
// The uid of a person of the start population is the row in the synthesis, so below 2^63. Everyone
// who comes later gets a hash with the top bit set: never a running counter, which would depend on
// what happened to others, and never a start row. Two of n later people share a uid by chance with
// probability n^2 / 2^64 (5e-8 for a million); whoever adds people checks for it.
#pragma once

#include <cstdint>

#include "engine/core/hash.hpp"

namespace proeftuin {

/// Set in the uid of everyone who was not in the start population.
inline constexpr std::uint64_t later_uid_bit = std::uint64_t{1} << 63;

/// Whether this is the uid of a person of the start population.
constexpr bool is_start_uid(std::uint64_t uid) { return (uid & later_uid_bit) == 0; }

/// The mother's child number `child_number` (from 1, counted over her life).
constexpr std::uint64_t uid_of_newborn(std::uint64_t mother_uid, std::uint64_t child_number) {
    return later_uid_bit | combine64(combine64(hash64("newborn"), mix64(mother_uid)), mix64(child_number));
}

/// Number `number` (from 0) of those who arrive in `year` in a group, say of origin, neighbourhood,
/// age and sex. `group_hash` = hash64 of the name of the group.
constexpr std::uint64_t uid_of_arrival(std::int64_t year, std::uint64_t group_hash, std::uint64_t number) {
    const std::uint64_t when = mix64(static_cast<std::uint64_t>(year));
    return later_uid_bit | combine64(combine64(combine64(hash64("arrival"), when), group_hash), mix64(number));
}

}  // namespace proeftuin
