// What two scenarios differ by, and what the luck of the replicates leaves open of it.
#pragma once

#include <limits>
#include <span>
#include <string>

namespace proeftuin::output {

struct ResultSet;

/// A number in two scenarios, as means over replicates.
struct Difference {
    double against = std::numeric_limits<double>::quiet_NaN();
    double here = std::numeric_limits<double>::quiet_NaN();
    double mean = std::numeric_limits<double>::quiet_NaN();  ///< here - against
    double error = std::numeric_limits<double>::quiet_NaN();  ///< standard error of `mean`; NaN: of one replicate
    double low = std::numeric_limits<double>::quiet_NaN();  ///< of the 95 % interval; NaN: of one replicate
    double high = std::numeric_limits<double>::quiet_NaN();

    double percent() const;  ///< `mean` in percent of `against`; NaN when that is not above 0
    bool within_chance() const { return low < 0.0 && high > 0.0; }  ///< the interval has 0 in it
};

/// The difference of means over replicates. The interval is that of Student's t: of the differences replicate by
/// replicate when these are `paired`, otherwise of two samples (Welch).
/// \pre as many values here as there, and at least one, when `paired`
Difference difference(std::span<const double> here, std::span<const double> against, bool paired);

/// Half the width of the 95 % interval of a mean (Student's t); NaN: of one value.
double interval_of_mean(std::span<const double> values);

/// Whether both start from the same people with the same luck: equal seed and start population.
bool same_people(const ResultSet& here, const ResultSet& against);

/// Whether replicates of both are of the same people with the same luck: equal number of replicates too.
bool are_paired(const ResultSet& here, const ResultSet& against);

/// What an interval covers, or why there is none, in a sentence or two.
std::string what_is_covered(bool paired, bool several);

}  // namespace proeftuin::output
