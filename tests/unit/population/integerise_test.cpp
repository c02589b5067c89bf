#include "models/population/integerise.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "engine/random/draw.hpp"

namespace proeftuin::population {
namespace {

TEST(Integerise, keeps_whole_tables) {
    const std::vector<double> table{3, 0, 2, 5};

    const auto result = integerise({2, 2}, table, {});

    EXPECT_EQ(result.counts, (std::vector<std::uint32_t>{3, 0, 2, 5}));
}

TEST(Integerise, rounds_every_cell_down_or_up_and_keeps_totals_and_margins_near) {
    for (std::uint64_t trial = 0; trial < 60; ++trial) {
        const DrawSite site{trial, 0, "test"};
        const Shape shape{5, 2, 9, 3};
        std::vector<double> table(cells_of(shape));
        for (std::size_t i = 0; i < table.size(); ++i)
            table[i] = uniform(site, i, 0) < 0.2 ? 0.0 : 4.0 * uniform(site, i, 1) * uniform(site, i, 2);
        std::vector<Margin> margins{{"a", {{0, {}, 0}, {2, {0, 0, 0, 1, 1, 1, 2, 2, 2}, 3}}, {}},
                                    {"b", {{1, {}, 0}, {2, {}, 0}}, {}},
                                    {"c", {{2, {}, 0}, {3, {}, 0}}, {}},
                                    {"d", {{0, {}, 0}, {3, {}, 0}}, {}}};
        for (auto& m : margins) m.target = margin_sums(table, margin_cells(m, shape), cells_of(margin_shape(m, shape)));
        IntegeriseOptions options;
        options.start = uniform(site, 0, 9);

        const auto result = integerise(shape, table, margins, options);

        double sum = 0.0, made = 0.0;
        for (std::size_t i = 0; i < table.size(); ++i) {
            // Scaling to a whole total (about 430 people) moves a cell of 4 by less than 0.01.
            ASSERT_LT(std::fabs(result.counts[i] - table[i]), 1.01) << i;
            if (table[i] == 0.0) {
                ASSERT_EQ(result.counts[i], 0u);
            }
            sum += table[i];
            made += result.counts[i];
        }
        EXPECT_LE(std::fabs(made - sum), 0.5 + 1e-6);
        const std::vector<double> counts(result.counts.begin(), result.counts.end());
        for (const auto& m : margins) {
            const auto sums = margin_sums(counts, margin_cells(m, shape), m.target.size());
            for (std::size_t c = 0; c < sums.size(); ++c)
                EXPECT_LE(std::fabs(sums[c] - m.target[c]), 2.0) << m.name << c;
        }
    }
}

TEST(Integerise, keeps_the_people_of_fixed_cells_exactly) {
    // Two cells with 3 and 7 people, shared out over three categories.
    std::vector<double> table;
    for (const double people : {3.0, 7.0})
        for (const double share : {0.2, 0.5, 0.3}) table.push_back(people * share);
    IntegeriseOptions options;
    options.fixed_axes = 1;
    for (const double start : {0.0, 0.1, 0.35, 0.6, 0.999}) {
        options.start = start;

        const auto result = integerise({2, 3}, table, {}, options);

        EXPECT_EQ(result.counts[0] + result.counts[1] + result.counts[2], 3u);
        EXPECT_EQ(result.counts[3] + result.counts[4] + result.counts[5], 7u);
    }
}

TEST(Integerise, gives_each_cell_its_expected_count_over_starts) {
    // Systematic rounding: over all starts the mean count is the cell.
    const std::vector<double> table{0.3, 1.45, 0.0, 2.25};
    std::vector<double> mean(4, 0.0);
    for (int k = 0; k < 1000; ++k) {
        IntegeriseOptions options;
        options.start = (k + 0.5) / 1000.0;
        const auto result = integerise({4}, table, {}, options);
        for (int i = 0; i < 4; ++i) mean[i] += result.counts[i] / 1000.0;
    }

    for (int i = 0; i < 4; ++i) EXPECT_NEAR(mean[i], table[i], 0.002) << i;
}

}  // namespace
}  // namespace proeftuin::population
