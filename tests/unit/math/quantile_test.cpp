#include "engine/core/quantile.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/math.hpp"

namespace proeftuin {

TEST(Quantiles, of_the_gamma_distribution_agree_with_mpmath) {
    // Roots of mpmath.gammainc in 40 digits.
    struct Case {
        double p, shape, quantile;
    };
    const Case cases[] = {
        {0.5, 0.25, 0.04367380235287341},
        {0.025, 0.5, 0.00049103455858762801},
        {1e-10, 2.0, 1.4142202290829741e-5},
        {0.975, 1.0, 3.6888794541139354},
        {0.5, 3.5, 3.1729055977607588},
        {0.999, 9.5, 21.910097982258765},
        {0.001, 12.0, 4.0424407904245854},
        {0.75, 100.0, 106.55109252697643},
        {0.9999999990686774, 40.0, 90.363598295370183},
    };
    for (const Case& c : cases)
        EXPECT_NEAR(math::gamma_quantile(c.p, c.shape) / c.quantile, 1.0, 1e-13 / std::fmin(1.0, c.shape))
            << c.p << ", " << c.shape;
}

TEST(Quantiles, of_the_beta_distribution_agree_with_mpmath) {
    // Roots of mpmath.betainc in 40 digits.
    struct Case {
        double p, a, b, quantile;
    };
    const Case cases[] = {
        {0.5, 0.5, 0.5, 0.5},
        {0.025, 2.0, 3.0, 0.067585986488542957},
        {0.975, 2.0, 3.0, 0.80587955031675658},
        {1e-08, 0.7, 4.0, 8.4315956777147132e-13},
        {0.5, 30.0, 70.0, 0.29866197430869573},
        {0.9, 0.125, 12.0, 0.030471866665880989},
        {0.25, 400.0, 0.5, 0.99834620539562608},
        {0.001, 1000.0, 2000.0, 0.30707192667291117},
    };
    for (const Case& c : cases)
        EXPECT_NEAR(math::beta_quantile(c.p, c.a, c.b) / c.quantile, 1.0, 1e-13 / std::fmin(1.0, c.a))
            << c.p << ", " << c.a << ", " << c.b;
}

TEST(Quantiles, undo_the_probabilities) {
    for (const double shape : {0.05, 0.5, 1.0, 3.0, 9.99, 10.01, 250.0, 1e5, 5e7})
        for (const double p : {1e-12, 0.001, 0.3, 0.5, 0.9, 0.9999}) {
            const double x = math::gamma_quantile(p, shape);
            if (x == 0.0) continue;  // underflow
            const math::Tails tails = math::gamma_tails(x, shape);
            // A quantile off by 1e-14 of itself moves the tails by that times sqrt(shape) and more.
            const double slack = 1e-11 + 1e-13 * std::sqrt(shape);
            EXPECT_NEAR(tails.lower / p, 1.0, slack) << shape << ", " << p;
            EXPECT_NEAR(tails.upper / (1.0 - p), 1.0, 10.0 * slack) << shape << ", " << p;
        }
    for (const double a : {0.2, 1.0, 4.0, 300.0, 1e6})
        for (const double b : {0.3, 1.0, 25.0, 1e4})
            for (const double p : {1e-9, 0.01, 0.5, 0.8}) {
                const double x = math::beta_quantile(p, a, b);
                if (x == 1.0 || x == 0.0) continue;
                const math::Tails tails = math::beta_tails(x, 1.0 - x, a, b);
                // What x itself, rounded, allows near 1.
                const double slack = 1e-9 + 1e-15 * a / (1.0 - x);
                EXPECT_NEAR(tails.lower / p, 1.0, slack) << a << ", " << b << ", " << p;
            }
}

TEST(Quantiles, are_continuous_where_the_formula_of_large_shapes_begins) {
    for (const double p : {1e-6, 0.025, 0.5, 0.975, 0.999999})
        EXPECT_NEAR(math::gamma_quantile(p, 1e8) / math::gamma_quantile(p, 1e8 + 1.0), 1.0 - 1e-8, 2e-12);
}

TEST(Quantiles, at_their_ends) {
    EXPECT_EQ(math::gamma_quantile(0.0, 2.0), 0.0);
    EXPECT_EQ(math::gamma_quantile(1.0, 2.0), math::infinity);
    EXPECT_EQ(math::gamma_quantile(1e-20, 0.001), 0.0);
    EXPECT_TRUE(std::isnan(math::gamma_quantile(0.5, 0.0)));
    EXPECT_TRUE(std::isnan(math::gamma_quantile(0.5, -1.0)));
    EXPECT_TRUE(std::isnan(math::gamma_quantile(-0.5, 1.0)));
    EXPECT_TRUE(std::isnan(math::gamma_quantile(math::not_a_number, 1.0)));
    EXPECT_TRUE(std::isnan(math::gamma_quantile(0.5, math::infinity)));
    EXPECT_EQ(math::beta_quantile(0.0, 2.0, 3.0), 0.0);
    EXPECT_EQ(math::beta_quantile(1.0, 2.0, 3.0), 1.0);
    EXPECT_TRUE(std::isnan(math::beta_quantile(0.5, 0.0, 1.0)));
    EXPECT_TRUE(std::isnan(math::beta_quantile(1.5, 1.0, 1.0)));
}

TEST(Quantiles, log_gamma_knows_factorials) {
    double factorial = 1.0;
    for (int n = 1; n < 100; ++n) {
        factorial *= n;
        EXPECT_NEAR(math::log_gamma_of_1_plus(n), std::log(factorial), 5e-15 * (1.0 + std::log(factorial)));
    }
    EXPECT_NEAR(math::log_gamma_of_1_plus(0.0), 0.0, 5e-15);
    EXPECT_NEAR(math::log_gamma_of_1_plus(0.5), -0.12078223763524522, 5e-15);
}

}  // namespace proeftuin
