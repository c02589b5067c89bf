// Iterative proportional fitting of a many-way table to margins; method in docs/methods/population_synthesis.md.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/population/margin.hpp"

namespace proeftuin::population {

/// When to stop, and when margins count as equal.
struct IpfLimits {
    double tolerance = 1e-10;  ///< largest relative error of a margin cell that counts as converged
    double absolute = 0.0;  ///< errors up to this size (in units of the table) count as converged as well
    std::size_t iterations = 5000;
    double consistency = 1e-9;  ///< largest relative difference between the totals of two margins
};

/// What to do when the totals of two margins differ.
enum class Inconsistent {
    fail,  ///< report the discrepancy and fit nothing
    rescale,  ///< bring each margin in line with those before it, and report what was changed
};

enum class IpfStatus {
    converged,
    inconsistent,  ///< two margins disagree: see `discrepancy`
    infeasible,  ///< a margin cell is wanted but every table cell behind it is a structural zero: see `worst`
    not_converged,  ///< out of iterations, as when structural zeros contradict the margins: see `worst`
};

/// The margin cell that is met worst.
struct WorstCell {
    std::size_t margin = 0;
    std::size_t cell = 0;
    double target = 0.0;
    double fitted = 0.0;
};

struct IpfResult {
    IpfStatus status = IpfStatus::converged;
    std::vector<double> table;  ///< fitted when converged; the last iterate when not; empty when nothing was fitted
    std::size_t iterations = 0;
    double error = 0.0;  ///< largest relative error left
    std::optional<Discrepancy> discrepancy;  ///< also when it was rescaled away: what the margins said
    std::optional<WorstCell> worst;
    std::vector<Margin> margins;  ///< as fitted: after rescaling
    bool ok() const { return status == IpfStatus::converged; }
};

/// Scales `seed` (row-major, >= 0) by factors of the margins' cells until all margins hold; odds ratios of the seed
/// stay and zeros stay zero (Deming & Stephan 1940).
/// \pre seed.size() == cells_of(shape); targets are >= 0 or NaN (no target)
IpfResult fit(const Shape& shape, std::vector<double> seed, std::vector<Margin> margins, const IpfLimits& limits = {},
              Inconsistent inconsistent = Inconsistent::fail);

/// One sentence on why the fit failed, with the margin and both numbers; empty when it converged without rescaling.
std::string explain(const IpfResult& result);

}  // namespace proeftuin::population
