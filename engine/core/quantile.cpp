#include "engine/core/quantile.hpp"

#include <cmath>

#include "engine/core/contracts.hpp"
#include "engine/core/math.hpp"

namespace proeftuin::math {

namespace {

constexpr double two_pi = 0x1.921fb54442d18p+2;
constexpr double log_two_pi = 0x1.d67f1c864beb5p+0;
constexpr double epsilon = 0x1p-53;
constexpr double tiny = 0x1p-1000;
constexpr int max_terms = 10'000'000;

/// log Gamma(1 + a) - ((a + 1/2) log a - a + log(2 pi)/2): the rest of Stirling's formula, a >= 15.
/// Coefficients B_2k / (2k (2k - 1)): NIST Digital Library of Mathematical Functions 5.11.1.
double stirling_rest_of_large(double a) {
    const double w = 1.0 / (a * a);
    return detail::horner(w, 1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188, -691.0 / 360360, 1.0 / 156,
                          -3617.0 / 122400) /
           a;
}

double stirling_rest(double a) {
    if (a >= 15.0) return stirling_rest_of_large(a);
    return log_gamma_of_1_plus(a) - ((a + 0.5) * log(a) - a + 0.5 * log_two_pi);
}

/// log(ratio) - difference, where difference = ratio - 1 is also given; exact also for ratio near 1.
double log_minus(double ratio, double difference) {
    if (std::fabs(difference) > 0.29) return log(ratio) - difference;
    const double s = difference / (2.0 + difference);  // log(ratio) = 2s + s tail(s^2)
    return s * (detail::log_tail(s * s) - difference);
}

/// x^a e^-x / Gamma(a + 1).
double gamma_prefactor(double x, double a) {
    if (a < 10.0) return exp(a * log(x) - x - log_gamma_of_1_plus(a));
    const double exponent = a * log_minus(x / a, (x - a) / a) - stirling_rest(a);
    return exp(exponent) / std::sqrt(two_pi * a);
}

/// 1 / (1 + d_1 / (1 + d_2 / (1 + ...))) by the modified method of Lentz (Thompson & Barnett 1986),
/// for the coefficients of the incomplete beta function: DLMF 8.17.22.
double beta_fraction(double x, double a, double b) {
    double value = 1.0;
    double c = 1.0;
    double d = 0.0;
    for (int i = 1; i < max_terms; ++i) {
        const double m = i / 2;
        const double term = i % 2 == 0 ? m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
                                       : -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 + term * d;
        if (std::fabs(d) < tiny) d = tiny;
        d = 1.0 / d;
        c = 1.0 + term / c;
        if (std::fabs(c) < tiny) c = tiny;
        value *= c * d;
        if (std::fabs(c * d - 1.0) <= epsilon) break;
    }
    return 1.0 / value;
}

/// x^a (1-x)^b / B(a, b), written around the mean so that large a and b do not cancel
/// (Loader 2000, Fast and accurate computation of binomial probabilities).
double beta_prefactor(double x, double rest, double a, double b) {
    const double n = a + b;
    const double mean = a / n;
    const double mean_rest = b / n;
    const double distance = x < rest ? x - mean : mean_rest - rest;
    const double exponent = a * log_minus(x / mean, distance / mean) +
                            b * log_minus(rest / mean_rest, -distance / mean_rest) + stirling_rest(n) -
                            stirling_rest(a) - stirling_rest(b);
    return std::sqrt(a * mean_rest / two_pi) * exp(exponent);
}

/// What the search for a quantile needs at a point y of the transformed axis.
struct Point {
    Tails tails;
    double density;  ///< derivative of the lower tail to y
};

/// Solves lower tail = p for y in [-745, 745]: Newton's method on the logarithm of the smaller tail,
/// kept inside a bracket. The path is a function of its arguments alone.
template <class At>
double search(double p, double y, At at) {
    const bool lower = p <= 0.5;
    const double target = log(lower ? p : 1.0 - p);
    double left = -745.0;
    double right = 745.0;
    for (int i = 0; i < 200; ++i) {
        if (!(y > left && y < right)) y = 0.5 * (left + right);
        const Point point = at(y);
        const double tail = lower ? point.tails.lower : point.tails.upper;
        const double excess = log(tail) - target;
        if (excess == 0.0) break;
        ((excess > 0.0) == lower ? right : left) = y;
        const double slope = (lower ? point.density : -point.density) / tail;
        const double next = y - excess / slope;
        const bool usable = next > left && next < right;  // false for NaN
        const double moved = usable ? std::fabs(next - y) : right - left;
        y = usable ? next : 0.5 * (left + right);
        if (moved <= 0x1p-51 * std::fmax(1.0, std::fabs(y))) break;
    }
    return y;
}

bool is_probability(double p) { return p >= 0.0 && p <= 1.0; }
double without_subnormal(double x) { return x < 0x1p-1022 ? 0.0 : x; }
bool is_parameter(double a) { return a > 0.0 && a < infinity; }

}  // namespace

double log_gamma_of_1_plus(double a) {
    PT_EXPECT(a >= 0.0);
    double product = 1.0;
    double shifted = a;
    while (shifted < 15.0) {
        shifted += 1.0;
        product *= shifted;
    }
    return (shifted + 0.5) * log(shifted) - shifted + 0.5 * log_two_pi + stirling_rest_of_large(shifted) - log(product);
}

Tails gamma_tails(double x, double shape) {
    PT_EXPECT(x >= 0.0 && is_parameter(shape));
    if (x == 0.0) return {0.0, 1.0};
    if (x == infinity) return {1.0, 0.0};
    const double prefactor = gamma_prefactor(x, shape);
    if (x < shape + 1.0) {  // DLMF 8.7.1
        double sum = 1.0;
        double term = 1.0;
        for (int n = 1; n < max_terms && term > epsilon * sum; ++n) {
            term *= x / (shape + n);
            sum += term;
        }
        const double lower = std::fmin(prefactor * sum, 1.0);
        return {lower, 1.0 - lower};
    }
    // Legendre's continued fraction, DLMF 8.9.2 contracted, by the modified method of Lentz.
    double b = x + 1.0 - shape;
    double c = 1.0 / tiny;
    double d = 1.0 / b;
    double value = d;
    for (int n = 1; n < max_terms; ++n) {
        const double a = -n * (n - shape);
        b += 2.0;
        d = a * d + b;
        if (std::fabs(d) < tiny) d = tiny;
        d = 1.0 / d;
        c = b + a / c;
        if (std::fabs(c) < tiny) c = tiny;
        value *= c * d;
        if (std::fabs(c * d - 1.0) <= epsilon) break;
    }
    const double upper = std::fmin(prefactor * shape * value, 1.0);
    return {1.0 - upper, upper};
}

Tails beta_tails(double x, double rest, double a, double b) {
    PT_EXPECT(x >= 0.0 && rest >= 0.0 && is_parameter(a) && is_parameter(b));
    if (x == 0.0) return {0.0, 1.0};
    if (rest == 0.0) return {1.0, 0.0};
    const double prefactor = beta_prefactor(x, rest, a, b);
    if (x < (a + 1.0) / (a + b + 2.0)) {
        const double lower = std::fmin(prefactor / a * beta_fraction(x, a, b), 1.0);
        return {lower, 1.0 - lower};
    }
    const double upper = std::fmin(prefactor / b * beta_fraction(rest, b, a), 1.0);
    return {1.0 - upper, upper};
}

double gamma_quantile(double p, double shape) {
    if (!is_probability(p) || !is_parameter(shape)) return not_a_number;
    if (p == 0.0) return 0.0;
    if (p == 1.0) return infinity;
    const double ninth = 1.0 / (9.0 * shape);
    const double root = 1.0 - ninth + normal_quantile(p) * std::sqrt(ninth);
    if (shape > 1e8) return shape * root * root * root;
    // Near 0 the lower tail is x^shape / Gamma(1 + shape).
    const double near_zero = (log(p) + log_gamma_of_1_plus(shape)) / shape;
    if (near_zero < -744.0) return 0.0;
    const double start = shape > 1.0 && root > 0.1 ? log(shape * root * root * root) : near_zero;
    return without_subnormal(exp(search(p, start, [&](double y) {
        const double x = exp(y);
        return Point{gamma_tails(x, shape), shape * gamma_prefactor(x, shape)};
    })));
}

double beta_quantile(double p, double a, double b) {
    if (!is_probability(p) || !is_parameter(a) || !is_parameter(b)) return not_a_number;
    if (p == 0.0 || p == 1.0) return p;
    const double start = log(a / b) + normal_quantile(p) * std::sqrt(1.0 / a + 1.0 / b);
    return without_subnormal(logistic(search(p, start, [&](double y) {
        const double x = logistic(y);
        const double rest = logistic(-y);
        return Point{beta_tails(x, rest, a, b), beta_prefactor(x, rest, a, b)};
    })));
}

}  // namespace proeftuin::math
