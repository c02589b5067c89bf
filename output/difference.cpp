#include "output/difference.hpp"

#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <vector>

#include "output/result_set.hpp"

namespace proeftuin::output {
namespace {

struct Sample {
    double mean = 0.0;
    double variance = std::numeric_limits<double>::quiet_NaN();  ///< of the mean
    double freedom = 0.0;
};

Sample sample(std::span<const double> values) {
    const auto n = static_cast<double>(values.size());
    Sample out;
    for (const double value : values) out.mean += value / n;
    if (values.size() < 2) return out;
    double squares = 0.0;
    for (const double value : values) squares += (value - out.mean) * (value - out.mean);
    out.freedom = n - 1.0;
    out.variance = squares / out.freedom / n;
    return out;
}

/// Half the width of a 95 % interval in standard errors.
double reach(double freedom) {
    return freedom > 0.0 ? boost::math::quantile(boost::math::students_t(freedom), 0.975)
                         : std::numeric_limits<double>::quiet_NaN();
}

/// Welch and Satterthwaite's degrees of freedom; those of both together where nothing varies.
double welch(const Sample& a, const Sample& b) {
    const double both = a.variance + b.variance;
    if (!(both > 0.0)) return a.freedom + b.freedom;
    return both * both / (a.variance * a.variance / a.freedom + b.variance * b.variance / b.freedom);
}

}  // namespace

double Difference::percent() const {
    return against > 0.0 ? 100.0 * mean / against : std::numeric_limits<double>::quiet_NaN();
}

Difference difference(std::span<const double> here, std::span<const double> against, bool paired) {
    const Sample a = sample(here), b = sample(against);
    Difference out;
    out.here = a.mean;
    out.against = b.mean;
    double freedom = 0.0;
    if (paired) {
        std::vector<double> differences(here.size());
        for (std::size_t r = 0; r < here.size(); ++r) differences[r] = here[r] - against[r];
        const Sample d = sample(differences);
        out.mean = d.mean;
        out.error = std::sqrt(d.variance);
        freedom = d.freedom;
    } else {
        out.mean = a.mean - b.mean;
        out.error = std::sqrt(a.variance + b.variance);
        freedom = welch(a, b);
    }
    out.low = out.mean - reach(freedom) * out.error;
    out.high = out.mean + reach(freedom) * out.error;
    return out;
}

double interval_of_mean(std::span<const double> values) {
    const Sample s = sample(values);
    return reach(s.freedom) * std::sqrt(s.variance);
}

bool same_people(const ResultSet& here, const ResultSet& against) {
    const auto population = [](const ResultSet& set) {
        const auto found = set.provenance.digests.find("population");
        return found == set.provenance.digests.end() ? std::string{} : found->second;
    };
    return here.provenance.seed == against.provenance.seed && here.stands_for == against.stands_for &&
           population(here) == population(against);
}

bool are_paired(const ResultSet& here, const ResultSet& against) {
    return same_people(here, against) && here.provenance.replicates == against.provenance.replicates;
}

std::string what_is_covered(bool paired, bool several) {
    std::string out = paired
                          ? "The same people with the same luck in both."
                          : "Seed, replicates or start population differ, so that the people are not the same in both: "
                            "chance does not fall out of the difference.";
    out +=
        several
            ? " The 95 % interval (Student's t over replicates) holds the luck of the people, not the uncertainty of "
              "parameters; where it has 0 in it the difference is in brackets."
            : " One replicate: chance is left in small differences (--replicates 10 shows how much).";
    return out;
}

}  // namespace proeftuin::output
