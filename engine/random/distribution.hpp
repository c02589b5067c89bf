// Distributions of uncertain parameters, as quantile functions: a uniform in, a value out.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace proeftuin {

struct Normal {
    double mean, sd;
};
/// exp of a normal: `log_mean`, `log_sd` on the log scale.
struct Lognormal {
    double log_mean, log_sd;
};
/// On (0, 1).
struct Beta {
    double a, b;
};
/// Mean shape * scale.
struct Gamma {
    double shape, scale;
};
struct Uniform {
    double low, high;
};
struct Triangular {
    double low, mode, high;
};
/// Beta stretched over [low, high], with mean (low + 4 mode + high) / 6 (Malcolm et al. 1959).
struct Pert {
    double low, mode, high;
};

/// A distribution whose parameters are valid; made by the functions below.
using Distribution = std::variant<Normal, Lognormal, Beta, Gamma, Uniform, Triangular, Pert>;

/// A distribution, or why there is none: one sentence in terms of the parameters given.
struct DistributionResult {
    std::optional<Distribution> distribution;
    std::string problem;  ///< empty when there is a distribution

    explicit operator bool() const { return distribution.has_value(); }
};

DistributionResult make_normal(double mean, double sd);
DistributionResult make_lognormal(double log_mean, double log_sd);
/// From the mean on the natural scale and a symmetric interval of log(x) with this coverage, as
/// published relative risks have: `low` and `high` are the bounds of, say, the 95 % interval.
/// The spread comes from the interval; the mean of the distribution is `mean`.
DistributionResult make_lognormal_by_interval(double mean, double low, double high, double coverage = 0.95);
/// From the mean on the natural scale and the coefficient of variation (sd / mean).
DistributionResult make_lognormal_by_cv(double mean, double cv);
DistributionResult make_beta(double a, double b);
/// Needs 0 < mean < 1 and sd^2 < mean (1 - mean).
DistributionResult make_beta_by_sd(double mean, double sd);
DistributionResult make_gamma(double shape, double scale);
DistributionResult make_gamma_by_sd(double mean, double sd);
DistributionResult make_uniform(double low, double high);
DistributionResult make_triangular(double low, double mode, double high);
DistributionResult make_pert(double low, double mode, double high);

/// The quantile of `distribution` at the uniform u in (0, 1). Rises with u.
double sample(const Distribution& distribution, double u);

double mean(const Distribution& distribution);
double standard_deviation(const Distribution& distribution);

/// Shares that sum to 1, from one uniform per category: normalised gammas.
class Dirichlet {
public:
    /// \return nothing and a sentence in `problem` unless there are two or more concentrations, all
    /// positive and finite
    static std::optional<Dirichlet> make(std::vector<double> concentrations, std::string& problem);

    std::size_t size() const { return concentrations_.size(); }
    /// Contract: as many uniforms as categories.
    std::vector<double> sample(std::span<const double> uniforms) const;

private:
    explicit Dirichlet(std::vector<double> c) : concentrations_(std::move(c)) {}
    std::vector<double> concentrations_;
};

}  // namespace proeftuin
