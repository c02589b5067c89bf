#include "models/population/ipu.hpp"

#include <gtest/gtest.h>

namespace proeftuin::population {
namespace {

// The example of Ye, Konduri, Pendyala, Sana & Waddell (2009), table 1: eight households of two kinds with people of
// three kinds. The paper prints weights to two decimals; the converged ones are the fixed point of the same updates.
const Incidence example{8,
                        5,
                        {1, 0, 1, 1, 1,  //
                         1, 0, 1, 0, 1,  //
                         1, 0, 2, 1, 0,  //
                         0, 1, 1, 0, 2,  //
                         0, 1, 0, 2, 1,  //
                         0, 1, 1, 1, 0,  //
                         0, 1, 2, 1, 2,  //
                         0, 1, 1, 1, 0},
                        {35, 65, 91, 65, 104}};

TEST(Ipu, converges_to_the_weights_of_ye_2009) {
    const double expected[]{1.3596072980273641, 25.660805562589374, 7.97958713932159, 27.791268945930824,
                            18.45207450866028,  8.64208458793227,   1.47248736943067, 8.64208458793227};

    const auto result = update_weights(example, std::vector<double>(8, 1.0));

    ASSERT_TRUE(result.converged);
    for (int h = 0; h < 8; ++h) EXPECT_NEAR(result.weights[h], expected[h], 1e-6) << h;
}

TEST(Ipu, shows_the_printed_weights_after_638_iterations) {
    const double printed[]{1.36, 25.66, 7.98, 27.79, 18.45, 8.64, 1.47, 8.64};
    const double exact[]{1.3604, 25.6599, 7.9791, 27.7906, 18.4517, 8.6417, 1.4734, 8.6417};
    IpuLimits limits;
    limits.iterations = 638;

    const auto result = update_weights(example, std::vector<double>(8, 1.0), limits);

    for (int h = 0; h < 8; ++h) {
        EXPECT_NEAR(result.weights[h], printed[h], 0.005) << h;
        EXPECT_NEAR(result.weights[h], exact[h], 1.5e-4) << h;
    }
    EXPECT_FALSE(result.converged);
}

TEST(Ipu, names_the_kind_that_nobody_in_the_sample_has) {
    const Incidence sample{2, 2, {1, 0, 1, 0}, {10, 5}};

    const auto result = update_weights(sample, {1, 1});

    EXPECT_FALSE(result.converged);
    EXPECT_EQ(result.worst_kind, 1u);
    EXPECT_EQ(result.totals[1], 0.0);
}

}  // namespace
}  // namespace proeftuin::population
