#include "engine/random/distribution.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "engine/core/math.hpp"

namespace proeftuin {

namespace {

std::vector<DistributionResult> one_of_each() {
    return {make_normal(-3.0, 2.0),
            make_lognormal(0.4, 0.7),
            make_lognormal_by_cv(1200.0, 0.3),
            make_beta(0.7, 4.0),
            make_beta_by_sd(0.85, 0.05),
            make_gamma(2.5, 10.0),
            make_gamma_by_sd(1.5, 2.0),
            make_uniform(-1.0, 4.0),
            make_triangular(0.0, 1.0, 5.0),
            make_triangular(2.0, 2.0, 5.0),
            make_triangular(2.0, 5.0, 5.0),
            make_pert(1.0, 2.0, 7.0)};
}

void expect_problem(const DistributionResult& result, const std::string& part) {
    EXPECT_FALSE(result);
    EXPECT_NE(result.problem.find(part), std::string::npos) << result.problem;
}

}  // namespace

TEST(Distributions, samples_rise_with_the_uniform) {
    for (const auto& result : one_of_each()) {
        ASSERT_TRUE(result) << result.problem;
        double last = -math::infinity;
        for (int i = 1; i < 500; ++i) {
            const double value = sample(*result.distribution, i / 500.0);
            EXPECT_GT(value, last);
            last = value;
        }
    }
}

TEST(Distributions, samples_have_the_mean_and_spread_that_are_stated) {
    // Midpoint rule over the quantile function; its tails converge slowly, hence the tolerance.
    const int n = 20000;
    for (const auto& result : one_of_each()) {
        ASSERT_TRUE(result);
        double sum = 0.0, squares = 0.0;
        for (int i = 0; i < n; ++i) {
            const double value = sample(*result.distribution, (i + 0.5) / n);
            sum += value;
            squares += value * value;
        }
        const double sd = standard_deviation(*result.distribution);
        EXPECT_NEAR(sum / n, mean(*result.distribution), 1e-3 * sd);
        EXPECT_NEAR(std::sqrt(squares / n - (sum / n) * (sum / n)), sd, 5e-3 * sd);
    }
}

TEST(Distributions, moments_asked_for_are_moments_got) {
    const auto beta = make_beta_by_sd(0.85, 0.05);
    EXPECT_NEAR(mean(*beta.distribution), 0.85, 1e-15);
    EXPECT_NEAR(standard_deviation(*beta.distribution), 0.05, 1e-15);
    const auto gamma = make_gamma_by_sd(1.5, 2.0);
    EXPECT_NEAR(mean(*gamma.distribution), 1.5, 1e-15);
    EXPECT_NEAR(standard_deviation(*gamma.distribution), 2.0, 1e-15);
    const auto lognormal = make_lognormal_by_cv(1200.0, 0.3);
    EXPECT_NEAR(mean(*lognormal.distribution), 1200.0, 1e-11);
    EXPECT_NEAR(standard_deviation(*lognormal.distribution), 360.0, 1e-11);
}

TEST(Distributions, a_lognormal_by_interval_has_its_mean_and_the_width_on_the_log_scale) {
    const auto result = make_lognormal_by_interval(1.5, 1.2, 1.9);
    ASSERT_TRUE(result);
    EXPECT_NEAR(mean(*result.distribution), 1.5, 1e-15);
    const double ratio = sample(*result.distribution, 0.975) / sample(*result.distribution, 0.025);
    EXPECT_NEAR(ratio, 1.9 / 1.2, 1e-14);
}

TEST(Distributions, a_triangle_has_its_corners) {
    const auto result = make_triangular(0.0, 1.0, 5.0);
    EXPECT_NEAR(sample(*result.distribution, 0.2), 1.0, 1e-15);
    EXPECT_NEAR(sample(*result.distribution, 0.05), 0.5, 1e-15);
    EXPECT_NEAR(sample(*result.distribution, 1.0 - 0x1p-53), 5.0, 1e-7);
}

TEST(Distributions, wrong_parameters_are_explained) {
    expect_problem(make_normal(0.0, 0.0), "sd is 0, but must be positive");
    expect_problem(make_normal(math::infinity, 1.0), "mean is inf");
    expect_problem(make_normal(0.0, math::not_a_number), "sd");
    expect_problem(make_lognormal(0.0, -1.0), "log_sd is -1");
    expect_problem(make_lognormal_by_interval(-1.0, 1.0, 2.0), "mean is -1");
    expect_problem(make_lognormal_by_interval(1.5, 2.0, 1.0), "low (2) must be below high (1)");
    expect_problem(make_lognormal_by_interval(3.0, 1.0, 2.0), "mean (3) must lie between");
    expect_problem(make_lognormal_by_interval(1.5, 1.0, 2.0, 95.0), "coverage is 95");
    expect_problem(make_lognormal_by_cv(10.0, 0.0), "cv is 0");
    expect_problem(make_beta(0.0, 1.0), "a is 0");
    expect_problem(make_beta_by_sd(1.2, 0.1), "mean is 1.2");
    expect_problem(make_beta_by_sd(0.5, 0.5), "needs one below 0.5");
    expect_problem(make_gamma(1.0, -2.0), "scale is -2");
    expect_problem(make_gamma_by_sd(0.0, 1.0), "mean is 0");
    expect_problem(make_uniform(2.0, 2.0), "low (2) must be below high (2)");
    expect_problem(make_uniform(-math::infinity, 2.0), "low is -inf");
    expect_problem(make_triangular(0.0, 6.0, 5.0), "mode (6) must lie between low (0) and high (5)");
    expect_problem(make_pert(0.0, -1.0, 5.0), "mode (-1)");
    std::string problem;
    EXPECT_FALSE(Dirichlet::make({1.0}, problem));
    EXPECT_NE(problem.find("two or more"), std::string::npos);
    EXPECT_FALSE(Dirichlet::make({1.0, 0.0}, problem));
    EXPECT_EQ(problem, "concentration 2 is 0, but must be positive");
}

TEST(Distributions, dirichlet_shares_sum_to_one_and_have_their_means) {
    std::string problem;
    const auto dirichlet = Dirichlet::make({2.0, 3.0, 5.0}, problem);
    ASSERT_TRUE(dirichlet);
    std::vector<double> total(3, 0.0);
    const int n = 25;
    for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; ++j)
            for (int k = 0; k < n; ++k) {
                const double uniforms[] = {(i + 0.5) / n, (j + 0.5) / n, (k + 0.5) / n};
                const std::vector<double> shares = dirichlet->sample(uniforms);
                EXPECT_NEAR(std::accumulate(shares.begin(), shares.end(), 0.0), 1.0, 1e-15);
                for (std::size_t c = 0; c < 3; ++c) total[c] += shares[c] / (n * n * n);
            }
    EXPECT_NEAR(total[0], 0.2, 0.003);
    EXPECT_NEAR(total[1], 0.3, 0.003);
    EXPECT_NEAR(total[2], 0.5, 0.003);
}

TEST(Distributions, a_dirichlet_that_underflows_gives_all_to_one) {
    std::string problem;
    const auto dirichlet = Dirichlet::make({1e-5, 1e-5}, problem);
    const double uniforms[] = {0.1, 0.2};
    EXPECT_EQ(dirichlet->sample(uniforms), (std::vector<double>{0.0, 1.0}));
}

}  // namespace proeftuin
