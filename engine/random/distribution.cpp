#include "engine/random/distribution.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "engine/core/contracts.hpp"
#include "engine/core/math.hpp"
#include "engine/core/quantile.hpp"

namespace proeftuin {

namespace {

bool is_finite(double x) { return std::fabs(x) < math::infinity; }
bool is_positive(double x) { return x > 0.0 && is_finite(x); }

DistributionResult good(Distribution distribution) { return {distribution, {}}; }

template <class... Arguments>
DistributionResult bad(fmt::format_string<Arguments...> text, Arguments&&... arguments) {
    return {std::nullopt, fmt::format(text, std::forward<Arguments>(arguments)...)};
}

/// Names the first number that is not finite.
std::string not_finite(std::initializer_list<std::pair<const char*, double>> numbers) {
    for (const auto& [name, value] : numbers)
        if (!is_finite(value)) return fmt::format("{} is {}, which is not a finite number", name, value);
    return {};
}

std::string not_positive(std::initializer_list<std::pair<const char*, double>> numbers) {
    for (const auto& [name, value] : numbers)
        if (!is_positive(value)) return fmt::format("{} is {}, but must be positive", name, value);
    return {};
}

DistributionResult check_mode(double low, double mode, double high) {
    if (auto problem = not_finite({{"low", low}, {"mode", mode}, {"high", high}}); !problem.empty())
        return {std::nullopt, problem};
    if (!(low < high)) return bad("low ({}) must be below high ({})", low, high);
    if (!(low <= mode && mode <= high))
        return bad("mode ({}) must lie between low ({}) and high ({})", mode, low, high);
    return {};
}

double squared(double x) { return x * x; }

Beta beta_of(const Pert& d) {
    const double width = d.high - d.low;
    return {1.0 + 4.0 * (d.mode - d.low) / width, 1.0 + 4.0 * (d.high - d.mode) / width};
}

double sample_of(const Normal& d, double u) { return d.mean + d.sd * math::normal_quantile(u); }
double sample_of(const Lognormal& d, double u) { return math::exp(d.log_mean + d.log_sd * math::normal_quantile(u)); }
double sample_of(const Beta& d, double u) { return math::beta_quantile(u, d.a, d.b); }
double sample_of(const Gamma& d, double u) { return d.scale * math::gamma_quantile(u, d.shape); }
double sample_of(const Uniform& d, double u) { return d.low + (d.high - d.low) * u; }
double sample_of(const Triangular& d, double u) {
    const double width = d.high - d.low;
    const double rise = (d.mode - d.low) / width;
    if (u < rise) return d.low + width * std::sqrt(u * rise);
    return d.high - width * std::sqrt((1.0 - u) * (1.0 - rise));
}
double sample_of(const Pert& d, double u) {
    const Beta beta = beta_of(d);
    return d.low + (d.high - d.low) * math::beta_quantile(u, beta.a, beta.b);
}

double mean_of(const Normal& d) { return d.mean; }
double mean_of(const Lognormal& d) { return math::exp(d.log_mean + 0.5 * squared(d.log_sd)); }
double mean_of(const Beta& d) { return d.a / (d.a + d.b); }
double mean_of(const Gamma& d) { return d.shape * d.scale; }
double mean_of(const Uniform& d) { return 0.5 * (d.low + d.high); }
double mean_of(const Triangular& d) { return (d.low + d.mode + d.high) / 3.0; }
double mean_of(const Pert& d) { return (d.low + 4.0 * d.mode + d.high) / 6.0; }

double sd_of(const Normal& d) { return d.sd; }
double sd_of(const Lognormal& d) { return mean_of(d) * std::sqrt(math::expm1(squared(d.log_sd))); }
double sd_of(const Beta& d) {
    const double n = d.a + d.b;
    return std::sqrt(d.a / n * (d.b / n) / (n + 1.0));
}
double sd_of(const Gamma& d) { return std::sqrt(d.shape) * d.scale; }
double sd_of(const Uniform& d) { return (d.high - d.low) / std::sqrt(12.0); }
double sd_of(const Triangular& d) {
    const double width = d.high - d.low;
    const double rise = (d.mode - d.low) / width;
    return width * std::sqrt((1.0 - rise * (1.0 - rise)) / 18.0);
}
double sd_of(const Pert& d) { return (d.high - d.low) * sd_of(beta_of(d)); }

}  // namespace

DistributionResult make_normal(double mean, double sd) {
    if (auto problem = not_finite({{"mean", mean}}); !problem.empty()) return {std::nullopt, problem};
    if (auto problem = not_positive({{"sd", sd}}); !problem.empty()) return {std::nullopt, problem};
    return good(Normal{mean, sd});
}

DistributionResult make_lognormal(double log_mean, double log_sd) {
    if (auto problem = not_finite({{"log_mean", log_mean}}); !problem.empty()) return {std::nullopt, problem};
    if (auto problem = not_positive({{"log_sd", log_sd}}); !problem.empty()) return {std::nullopt, problem};
    return good(Lognormal{log_mean, log_sd});
}

DistributionResult make_lognormal_by_interval(double mean, double low, double high, double coverage) {
    if (auto problem = not_positive({{"mean", mean}, {"low", low}, {"high", high}}); !problem.empty())
        return {std::nullopt, problem};
    if (!(low < high)) return bad("low ({}) must be below high ({})", low, high);
    if (!(low < mean && mean < high)) return bad("mean ({}) must lie between low ({}) and high ({})", mean, low, high);
    if (!(coverage > 0.0 && coverage < 1.0)) return bad("coverage is {}, but must lie between 0 and 1", coverage);
    const double half_width = math::normal_quantile(0.5 + 0.5 * coverage);
    const double log_sd = (math::log(high) - math::log(low)) / (2.0 * half_width);
    return good(Lognormal{math::log(mean) - 0.5 * squared(log_sd), log_sd});
}

DistributionResult make_lognormal_by_cv(double mean, double cv) {
    if (auto problem = not_positive({{"mean", mean}, {"cv", cv}}); !problem.empty()) return {std::nullopt, problem};
    const double variance = math::log1p(squared(cv));
    return good(Lognormal{math::log(mean) - 0.5 * variance, std::sqrt(variance)});
}

DistributionResult make_beta(double a, double b) {
    if (auto problem = not_positive({{"a", a}, {"b", b}}); !problem.empty()) return {std::nullopt, problem};
    return good(Beta{a, b});
}

DistributionResult make_beta_by_sd(double mean, double sd) {
    if (!(mean > 0.0 && mean < 1.0)) return bad("mean is {}, but must lie between 0 and 1", mean);
    if (auto problem = not_positive({{"sd", sd}}); !problem.empty()) return {std::nullopt, problem};
    const double most = mean * (1.0 - mean);
    if (!(squared(sd) < most))
        return bad("sd is {}, but a beta with mean {} needs one below {}", sd, mean, std::sqrt(most));
    const double n = most / squared(sd) - 1.0;
    return make_beta(mean * n, (1.0 - mean) * n);
}

DistributionResult make_gamma(double shape, double scale) {
    if (auto problem = not_positive({{"shape", shape}, {"scale", scale}}); !problem.empty())
        return {std::nullopt, problem};
    return good(Gamma{shape, scale});
}

DistributionResult make_gamma_by_sd(double mean, double sd) {
    if (auto problem = not_positive({{"mean", mean}, {"sd", sd}}); !problem.empty()) return {std::nullopt, problem};
    return make_gamma(squared(mean / sd), squared(sd) / mean);
}

DistributionResult make_uniform(double low, double high) {
    if (auto problem = not_finite({{"low", low}, {"high", high}}); !problem.empty()) return {std::nullopt, problem};
    if (!(low < high)) return bad("low ({}) must be below high ({})", low, high);
    return good(Uniform{low, high});
}

DistributionResult make_triangular(double low, double mode, double high) {
    if (auto result = check_mode(low, mode, high); !result.problem.empty()) return result;
    return good(Triangular{low, mode, high});
}

DistributionResult make_pert(double low, double mode, double high) {
    if (auto result = check_mode(low, mode, high); !result.problem.empty()) return result;
    return good(Pert{low, mode, high});
}

double sample(const Distribution& distribution, double u) {
    PT_EXPECT(u > 0.0 && u < 1.0);
    return std::visit([u](const auto& d) { return sample_of(d, u); }, distribution);
}

double mean(const Distribution& distribution) {
    return std::visit([](const auto& d) { return mean_of(d); }, distribution);
}

double standard_deviation(const Distribution& distribution) {
    return std::visit([](const auto& d) { return sd_of(d); }, distribution);
}

std::optional<Dirichlet> Dirichlet::make(std::vector<double> concentrations, std::string& problem) {
    if (concentrations.size() < 2) {
        problem = fmt::format("a Dirichlet needs two or more concentrations, not {}", concentrations.size());
        return std::nullopt;
    }
    for (std::size_t i = 0; i < concentrations.size(); ++i)
        if (!is_positive(concentrations[i])) {
            problem = fmt::format("concentration {} is {}, but must be positive", i + 1, concentrations[i]);
            return std::nullopt;
        }
    problem.clear();
    return Dirichlet(std::move(concentrations));
}

std::vector<double> Dirichlet::sample(std::span<const double> uniforms) const {
    PT_EXPECT(uniforms.size() == concentrations_.size());
    std::vector<double> shares(size());
    double sum = 0.0;
    for (std::size_t i = 0; i < size(); ++i) {
        shares[i] = math::gamma_quantile(uniforms[i], concentrations_[i]);
        sum += shares[i];
    }
    // Tiny concentrations may all underflow; then the one with the largest uniform takes all.
    if (!(sum > 0.0)) {
        std::size_t largest = 0;
        for (std::size_t i = 1; i < size(); ++i)
            if (uniforms[i] > uniforms[largest]) largest = i;
        shares[largest] = sum = 1.0;
    }
    for (double& share : shares) share /= sum;
    return shares;
}

}  // namespace proeftuin
