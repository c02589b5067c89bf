#include "engine/core/bytes.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace proeftuin {
namespace {

TEST(Bytes, visits_every_code_that_is_not_0_in_order) {
    std::mt19937 random(3);
    for (std::size_t n = 0; n < 100; ++n) {
        std::vector<std::uint8_t> codes(n + 3);
        for (auto& c : codes) c = random() % 4 == 0 ? static_cast<std::uint8_t>(1 + random() % 255) : 0;
        const std::uint8_t* from = codes.data() + n % 3;  // at any place in memory
        std::vector<std::size_t> wanted, seen;
        for (std::size_t i = 0; i < n; ++i)
            if (from[i] != 0) wanted.push_back(i);

        for_each_nonzero(from, n, [&](std::size_t i) { seen.push_back(i); });

        EXPECT_EQ(seen, wanted);
    }
}

}  // namespace
}  // namespace proeftuin
