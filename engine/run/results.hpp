// What a run has found so far, as exact integers; floating point appears only when it is read out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/store/checkpoint.hpp"

namespace proeftuin {

struct Model;

/// Distribution over people of their totals in one period.
struct PersonStatistics {
    /// Of `quantiles`.
    static constexpr double levels[] = {0.01, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.99};

    std::int64_t people = 0;
    double mean = 0.0;
    double sd = 0.0;
    std::vector<double> quantiles;  ///< at `levels`; none when there are no people
    double top_share_1 = 0.0;  ///< share of the total that the top 1 % of people have
    double top_share_5 = 0.0;
    double top_share_10 = 0.0;
};

/// Sums of one measure. Value = sum x quantum of the measure.
struct MeasureSums {
    int periods = 0;
    int cells = 1;
    std::vector<std::int64_t> sum;  ///< period-major
    std::vector<std::int64_t> weight;  ///< means: person-time, in 1e-9 years
    std::vector<PersonStatistics> persons;
};

struct RunResults {
    std::vector<MeasureSums> measures;  ///< as Model::measures
    std::int64_t people_at_start = 0;
    std::int64_t people_alive = 0;
    double person_years = 0.0;
    std::int64_t events = 0;
    std::int64_t evaluations = 0;  ///< people whose rates were evaluated
    std::vector<std::vector<double>> signals;  ///< as Model::signals, by step

    /// Hash over every number: equal hashes, equal bits.
    std::uint64_t digest() const;
};

/// Sums of a run in which nothing has happened yet.
std::vector<MeasureSums> empty_sums(const Model& model);

/// Sums as arrays of a checkpoint, their names below `prefix` (empty, or ending in '/').
/// `restore_sums` throws IoError when they are missing or of another shape.
void save_sums(const Model& model, const std::vector<MeasureSums>& sums, const std::string& prefix, Checkpoint& to);
std::vector<MeasureSums> restore_sums(const Model& model, const Checkpoint& from, const std::string& prefix);

/// Values of the signals by step; as above.
void save_signals(const Model& model, const std::vector<std::vector<double>>& signals, const std::string& prefix,
                  Checkpoint& to);
std::vector<std::vector<double>> restore_signals(const Model& model, const Checkpoint& from, const std::string& prefix);

/// Results of a run that has finished, in the checkpoint of one that goes on after it; as above.
void save_results(const Model& model, const RunResults& results, const std::string& prefix, Checkpoint& to);
RunResults restore_results(const Model& model, const Checkpoint& from, const std::string& prefix);

}  // namespace proeftuin
