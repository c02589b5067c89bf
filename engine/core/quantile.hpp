// Gamma and beta distributions: probabilities and quantiles from our own exp and log, so that their
// bits are the same on every machine. For parameters, not for hot loops: microseconds each.
#pragma once

namespace proeftuin::math {

/// log(Gamma(1 + a)), a >= 0. Absolute error about 5e-15 for a < 2, relative beyond.
double log_gamma_of_1_plus(double a);

/// P(X <= x) and P(X > x), the smaller with a relative error of about 1e-13 (times the square root
/// of the shape, where the result is that sensitive to x).
struct Tails {
    double lower;
    double upper;
};
/// Of the gamma distribution with this shape (0 < shape <= 1e8) and scale 1; x >= 0.
Tails gamma_tails(double x, double shape);
/// Of Beta(a, b), a and b > 0, at x in [0, 1]; `rest` = 1 - x, given apart so that it may be tiny.
Tails beta_tails(double x, double rest, double a, double b);

/// Quantile of the gamma distribution with this shape and scale 1. Relative error about 1e-13, divided
/// by the shape where that is below 1; 0 where it underflows. Beyond shape 1e8 the formula of
/// Wilson & Hilferty (1931), which is as good there. NaN unless 0 <= p <= 1 and 0 < shape < infinity.
double gamma_quantile(double p, double shape);

/// Quantile of Beta(a, b). Relative error about 1e-13, divided by a where that is below 1; 0 where it
/// underflows.
/// NaN unless 0 <= p <= 1 and a, b positive and finite. Time grows with sqrt(max(a, b)).
double beta_quantile(double p, double a, double b);

}  // namespace proeftuin::math
