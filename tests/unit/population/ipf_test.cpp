#include "models/population/ipf.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "engine/random/draw.hpp"

namespace proeftuin::population {
namespace {

using testing::HasSubstr;

Margin rows_of(std::vector<double> target) { return {"rows", {{0, {}, 0}}, std::move(target)}; }
Margin columns_of(std::vector<double> target) { return {"columns", {{1, {}, 0}}, std::move(target)}; }

// The worked example of a four-by-four table in the encyclopaedia article on iterative proportional fitting
// (Wikipedia, "Iterative proportional fitting"), taken to convergence.
const std::vector<double> example_seed{40, 30, 20, 10, 35, 50, 100, 75, 30, 80, 70, 120, 20, 30, 40, 50};
const std::vector<double> example_fitted{
    64.55850977654836, 46.23245970882375,  35.38429826433126,  3.824732250296657,  //
    49.96791941867418, 68.15935407176033,  156.4985464218569,  25.374180087708634,
    56.7219436020963,  144.42822556629858, 145.08248143141708, 53.76734940018802,
    28.75162720268117, 41.17996065311738,  63.03467388239478,  17.033738261806683};

TEST(Ipf, converges_to_the_published_four_by_four_table) {
    IpfLimits limits;
    limits.tolerance = 1e-13;

    const auto result =
        fit({4, 4}, example_seed, {rows_of({150, 300, 400, 150}), columns_of({200, 300, 400, 100})}, limits);

    ASSERT_TRUE(result.ok());
    for (std::size_t i = 0; i < 16; ++i) EXPECT_NEAR(result.table[i], example_fitted[i], 1e-8) << i;
}

TEST(Ipf, keeps_the_odds_ratios_of_the_seed) {
    const auto result = fit({4, 4}, example_seed, {rows_of({150, 300, 400, 150}), columns_of({200, 300, 400, 100})});

    const auto odds = [](const std::vector<double>& t, std::size_t r, std::size_t c) {
        return t[r * 4 + c] * t[(r + 1) * 4 + c + 1] / (t[r * 4 + c + 1] * t[(r + 1) * 4 + c]);
    };
    EXPECT_NEAR(odds(result.table, 0, 0), 40.0 * 50.0 / (30.0 * 35.0), 1e-9);  // 1.9047619
    for (std::size_t r = 0; r < 3; ++r)
        for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(odds(result.table, r, c) / odds(example_seed, r, c), 1.0, 1e-9);
}

TEST(Ipf, names_both_margins_and_totals_when_they_differ) {
    const auto result = fit({2, 2}, {1, 1, 1, 1}, {rows_of({10, 20}), columns_of({10, 25})});

    EXPECT_EQ(result.status, IpfStatus::inconsistent);
    ASSERT_TRUE(result.discrepancy);
    EXPECT_EQ(result.discrepancy->first_total, 30.0);
    EXPECT_EQ(result.discrepancy->second_total, 35.0);
    EXPECT_THAT(explain(result), HasSubstr("'rows' and 'columns'"));
    EXPECT_THAT(explain(result), HasSubstr("30 against 35"));
    EXPECT_TRUE(result.table.empty());
}

TEST(Ipf, rescales_only_when_asked_and_reports_it) {
    const auto result = fit({2, 2}, {1, 1, 1, 1}, {rows_of({10, 20}), columns_of({10, 25})}, {}, Inconsistent::rescale);

    ASSERT_TRUE(result.ok());
    // The columns keep their shares of 35 and take the 30 of the rows; the fit is the product of the shares.
    const double expected[]{10.0 * 10 / 35, 10.0 * 25 / 35, 20.0 * 10 / 35, 20.0 * 25 / 35};
    for (int i = 0; i < 4; ++i) EXPECT_NEAR(result.table[i], expected[i], 1e-9);
    EXPECT_THAT(explain(result), HasSubstr("rescaled from a total of 35 to the 30"));
}

TEST(Ipf, reports_the_margin_that_structural_zeros_make_impossible) {
    const auto result = fit({2, 2}, {1, 0, 0, 1}, {rows_of({10, 20}), columns_of({15, 15})});

    EXPECT_EQ(result.status, IpfStatus::not_converged);
    ASSERT_TRUE(result.worst);
    // After the columns are set the rows stand at 15: the one that wants 10 is furthest off.
    EXPECT_EQ(result.worst->margin, 0u);
    EXPECT_EQ(result.worst->target, 10.0);
    EXPECT_NEAR(result.worst->fitted, 15.0, 1e-9);
    EXPECT_THAT(explain(result), HasSubstr("margin 'rows' cannot be met"));
}

TEST(Ipf, reports_a_total_behind_which_nothing_can_be) {
    const auto result = fit({2, 2}, {0, 0, 1, 1}, {rows_of({10, 20}), columns_of({15, 15})});

    EXPECT_EQ(result.status, IpfStatus::infeasible);
    ASSERT_TRUE(result.worst);
    EXPECT_EQ(result.worst->margin, 0u);
    EXPECT_EQ(result.worst->cell, 0u);
    EXPECT_EQ(result.worst->target, 10.0);
}

TEST(Ipf, finds_margins_that_disagree_where_they_overlap) {
    // Equal totals, but the first says 10 and 20 by row, the second (rows by columns) 12 and 18.
    const Margin both{"both", {{0, {}, 0}, {1, {}, 0}}, {6, 6, 9, 9}};

    const auto result = fit({2, 2}, {1, 1, 1, 1}, {rows_of({10, 20}), both});

    EXPECT_EQ(result.status, IpfStatus::inconsistent);
    EXPECT_FALSE(result.discrepancy->overall);
    EXPECT_EQ(result.discrepancy->first_total, 10.0);
    EXPECT_EQ(result.discrepancy->second_total, 12.0);
}

TEST(Ipf, meets_random_margins_in_groups_of_three_axes) {
    for (std::uint64_t trial = 0; trial < 40; ++trial) {
        const DrawSite site{trial, 0, "test"};
        const Shape shape{2 + trial % 3, 4, 3};
        const std::size_t n = cells_of(shape);
        // Margins of a hidden table are consistent and feasible.
        std::vector<double> hidden(n), seed(n);
        for (std::size_t i = 0; i < n; ++i) {
            hidden[i] = 100.0 * uniform(site, i, 0);
            seed[i] = 0.1 + uniform(site, i, 1);
        }
        std::vector<Margin> margins{{"a", {{0, {}, 0}, {1, {0, 0, 1, 1}, 2}}, {}},
                                    {"b", {{1, {}, 0}, {2, {}, 0}}, {}},
                                    {"c", {{2, {0, 1, 1}, 2}, {0, {}, 0}}, {}}};
        for (auto& m : margins)
            m.target = margin_sums(hidden, margin_cells(m, shape), cells_of(margin_shape(m, shape)));

        const auto result = fit(shape, seed, margins);

        ASSERT_TRUE(result.ok()) << "trial " << trial << ": " << explain(result);
        for (const auto& m : margins) {
            const auto sums = margin_sums(result.table, margin_cells(m, shape), m.target.size());
            for (std::size_t c = 0; c < sums.size(); ++c) EXPECT_NEAR(sums[c], m.target[c], 1e-7 * m.target[c]);
        }
    }
}

TEST(Ipf, leaves_cells_without_a_target_alone) {
    const double none = std::nan("");
    const auto result = fit({2, 2}, {1, 3, 1, 1}, {rows_of({8, none})});

    ASSERT_TRUE(result.ok());
    EXPECT_EQ(result.table, (std::vector<double>{2, 6, 1, 1}));
}

}  // namespace
}  // namespace proeftuin::population
