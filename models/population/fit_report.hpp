// How well a synthesised population shows the margins that it was made from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace proeftuin::population {

struct FitCell {
    std::string label;
    double target = 0.0;  ///< people (or households), scaled to the size of the population
    double realised = 0.0;
    double difference() const { return realised - target; }
};

struct MarginFit {
    std::string name;
    std::string by;  ///< "municipality, sex, age"
    std::string source;
    std::string note;  ///< why it may differ, or how it was scaled; empty when there is nothing to say
    bool fitted = true;  ///< false: only compared, not used in fitting
    std::vector<FitCell> cells;

    double largest = 0.0;  ///< largest absolute difference
    double total_absolute_error = 0.0;  ///< sum of absolute differences
    double srmse = 0.0;  ///< root mean squared difference over the mean target
    std::size_t outside = 0;  ///< cells off by more than max(2, 0.5 % of the target)

    void summarise();
};

struct FitReport {
    std::string region;
    std::uint64_t seed = 0;
    std::size_t people = 0;
    std::size_t households = 0;
    std::size_t iterations = 0;  ///< of the proportional fitting
    std::vector<MarginFit> margins;
    std::vector<std::string> remarks;  ///< what was decided or went less than well, one sentence each

    const MarginFit* find(const std::string& name) const;
};

/// The report as text: one line per margin, and the worst cells of those that are off.
std::string to_text(const FitReport& report);

/// The report as CSV: margin, cell, target, realised, difference, fitted.
std::string to_csv(const FitReport& report);

}  // namespace proeftuin::population
