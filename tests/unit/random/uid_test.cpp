#include "engine/random/uid.hpp"

#include <gtest/gtest.h>

#include <set>

namespace proeftuin {

TEST(Uids, of_later_people_are_never_those_of_start_people) {
    for (std::uint64_t i = 0; i < 10000; ++i) {
        EXPECT_FALSE(is_start_uid(uid_of_newborn(i, 1)));
        EXPECT_FALSE(is_start_uid(uid_of_arrival(2030, hash64("centre"), i)));
    }
    EXPECT_TRUE(is_start_uid(17000000));
}

TEST(Uids, of_later_people_differ) {
    std::set<std::uint64_t> all;
    std::size_t n = 0;
    for (std::uint64_t mother = 0; mother < 20000; ++mother)
        for (std::uint64_t child = 1; child <= 3; ++child) all.insert(uid_of_newborn(mother, child)), ++n;
    for (std::int64_t year = 2020; year < 2040; ++year)
        for (const char* group : {"a", "b", "c"})
            for (std::uint64_t number = 0; number < 500; ++number)
                all.insert(uid_of_arrival(year, hash64(group), number)), ++n;
    const std::uint64_t daughter = uid_of_newborn(1, 1);
    all.insert(uid_of_newborn(daughter, 1)), ++n;
    EXPECT_EQ(all.size(), n);
}

TEST(Uids, keep_their_bits_from_version_to_version) {
    static_assert(uid_of_newborn(12, 1) != uid_of_newborn(1, 12));
    EXPECT_EQ(uid_of_newborn(12, 1), 0xe4e340cf67b067d5u);
    EXPECT_EQ(uid_of_arrival(2030, hash64("centre"), 0), 0xfb09318622e1b496u);
}

}  // namespace proeftuin
