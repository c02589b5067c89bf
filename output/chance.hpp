// How much of a difference between counts chance alone would make.
#pragma once

#include <span>

#include "output/result_set.hpp"

namespace proeftuin::output {

/// Chance in the counts of a measure: people or events of one run, or means over replicates, each simulated person
/// standing for `stands_for`. A count of n simulated events varies by about sqrt(n) (Poisson).
class Chance {
public:
    Chance(const ResultSet& set, const MeasureResult& measure);

    /// Whether the last differs from the first by at most two standard deviations of such a difference. Never of what
    /// is no count, and of people only while they are few: most of those who are there at the end were there at the
    /// start.
    bool hides_change(double first, double last) const { return hides(first, last, 2.0); }
    /// Whether the highest differs from the lowest by what a series without any trend would show.
    bool hides_trend(std::span<const double> values) const;

private:
    bool hides(double a, double b, double deviations) const;

    bool counts_ = false;
    bool people_ = false;
    double per_count_ = 1.0;  ///< what one simulated event adds to a value
};

}  // namespace proeftuin::output
