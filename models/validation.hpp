// The kind `validation`: which runs are compared with which observed tables, within which bounds.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/config/schema.hpp"

namespace proeftuin::models {

/// A scenario that is run for a validation.
struct ValidationRun {
    Located<std::string> scenario;  ///< file, relative to the validation
    std::string region;  ///< selects the rows of tables that have a column `region`
    std::optional<long long> years;
    long long replicates = 1;
    std::optional<long long> people;
    SourceSpan place;
};

/// How far the run may be from the observation. Several keys: one of them suffices.
struct ValidationBound {
    std::optional<double> absolute;  ///< in the unit of the value
    std::optional<double> relative;
    bool at_least = false;  ///< the observation is a lower bound
    std::string better_than;  ///< column with the forecast that must be beaten
};

/// Weights of the cells of a mean, from a table.
struct ValidationWeights {
    std::string file;
    std::string column;
    std::vector<MapItem<std::string>> by;  ///< column of the file -> axis of the measure
    bool grown = false;  ///< weights of the start, times the growth of the cell in the run
    std::vector<MapItem<std::vector<std::string>>> rows;
};

/// Rates that the people of the run are put on to find expected events.
struct ValidationRates {
    std::string file;
    std::string column;
    std::vector<MapItem<std::string>> by;
    std::vector<MapItem<std::vector<std::string>>> rows;
};

struct ValidationTarget {
    enum class Quantity : std::uint8_t { ratio, of_start, life_expectancy, statistic, over_expected };
    std::string title;
    std::string doc;
    std::vector<Located<std::string>> runs;
    Quantity quantity = Quantity::ratio;
    std::string measure;  ///< `<column>` inside is replaced by the row's value
    std::string per;
    double scale = 1.0;
    std::string statistic;
    std::vector<MapItem<std::string>> by;  ///< column of the table -> axis of the measure
    std::vector<long long> years;  ///< of the table; empty: the year in which the run starts
    long long after = 0;  ///< the run is read so many years after the year of the table
    std::optional<ValidationWeights> weights;
    std::optional<ValidationRates> expected;
    std::string table;
    std::string value;
    std::vector<MapItem<std::vector<std::string>>> rows;
    std::string naive;  ///< column of a rival forecast
    std::string weight;  ///< column; adds one row per run and year with the mean absolute relative error
    std::string unit;
    std::optional<ValidationBound> bound;  ///< without: shown only
    double from = 0.0;  ///< observations below are shown only
    std::string data;
    bool used_to_fit = false;
    std::string source;
    SourceSpan place;
    std::string folder;  ///< of the file that has the target
};

/// Why rows are out of bounds.
struct ValidationExplanation {
    std::vector<std::string> targets;
    std::vector<std::string> runs;  ///< empty: all
    std::vector<MapItem<std::vector<std::string>>> rows;
    std::string because;
};

struct ValidationEntry {
    long long format = 1;
    Located<std::string> name;
    std::string doc;
    std::vector<Located<std::string>> include;  ///< more entries of this kind
    std::vector<MapItem<ValidationRun>> runs;
    std::vector<MapItem<ValidationTarget>> targets;
    std::vector<ValidationExplanation> explained;
};

Schema<ValidationEntry> validation_schema();

/// Reads a validation with what it includes; paths of scenarios become relative to the working folder.
std::optional<ValidationEntry> load_validation(const std::string& path, SourceFiles& files, DiagnosticSink& sink);

}  // namespace proeftuin::models
