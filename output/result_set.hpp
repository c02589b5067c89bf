// What a run has found, in memory: measures with named axes, people, and where it all came from.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/person_table.hpp"
#include "output/summary_spec.hpp"

namespace proeftuin::output {

/// One axis of a measure: either labels (categories) or numbers (years, ages, draws), never both.
struct Dim {
    std::string name;  ///< snake_case: "year", "sex", "age_band"
    std::string unit = "1";  ///< of `numbers`
    std::string doc = {};
    std::vector<std::string> labels = {};
    std::vector<double> numbers = {};
    std::vector<std::string> names = {};  ///< what readers call each label; empty: as the label

    std::size_t size() const { return labels.empty() ? numbers.size() : labels.size(); }
    bool categorical() const { return !labels.empty(); }
    bool operator==(const Dim&) const = default;
};

/// How the values of a measure came about; decides how they may be added up.
enum class MeasureKind : std::uint8_t {
    integral,  ///< integrated over time: person-years, QALYs, costs. Adds over every axis
    events,  ///< counted. Adds over every axis
    people,  ///< people at the end of a period. Adds over groups, not over time
    mean,  ///< an average: adds over nothing
    points,  ///< summed at cycle points. Adds over every axis
};

/// Another number per cell of the measure: "sd", "p50", "top_share_1".
struct Statistic {
    std::string name;  ///< snake_case, unique within the measure
    std::string doc = {};
    std::string unit = "1";
    std::vector<double> values = {};  ///< as long as the measure's values
    bool operator==(const Statistic&) const = default;
};

/// One measure. `values` is row-major over `dims`; the period (year) is the first axis where there is one.
/// NaN = no value there (a mean over nobody).
struct MeasureResult {
    std::string name;  ///< snake_case, unique within the scenario
    std::string doc = {};
    std::string unit = "1";  ///< as the language writes it: "1", "year", "EUR", "EUR per year"
    std::string currency = {};  ///< "EUR" when the measure is money
    std::optional<int> price_year = {};
    std::string discount = "none";  ///< the convention in words: "1.5 % per year, continuous"
    MeasureKind kind = MeasureKind::integral;
    std::vector<Dim> dims = {};
    std::vector<double> values = {};
    std::vector<double> sums_of_squares = {};  ///< of the parts behind each value; empty = not kept
    std::vector<std::int64_t> counts =
        {};  ///< number of parts (people, replicates) behind each value; empty = not kept
    std::vector<Statistic> statistics = {};

    /// Product of the sizes of the axes; 1 for a single number.
    std::size_t cells() const {
        std::size_t n = 1;
        for (const auto& d : dims) n *= d.size();
        return n;
    }
    /// Index of the axis called `name`; nothing when there is none.
    std::optional<std::size_t> dim(std::string_view name) const {
        for (std::size_t i = 0; i < dims.size(); ++i)
            if (dims[i].name == name) return i;
        return std::nullopt;
    }
};

/// People as columns: one row per person at the end of the run, or one per person and date.
struct PersonPanel {
    std::vector<std::int64_t> uid = {};
    std::vector<double> year = {};  ///< 1 January of the row; empty: one row per person
    std::vector<NumberColumn> numbers = {};
    std::vector<CategoryColumn> categories = {};
};

/// A file that the run has read, exactly as it was.
struct SourceText {
    std::string path;  ///< as messages show it
    std::string text;
    std::string sha256 = {};  ///< hex; filled by the writer when empty
    bool operator==(const SourceText&) const = default;
};

/// What must be equal for the results to be equal. Part of the content digest.
struct Provenance {
    std::string resolved = {};  ///< the scenario after includes, based_on and set, as YAML
    std::vector<SourceText> sources = {};
    std::int64_t seed = 0;
    std::int64_t replicates = 1;
    std::int64_t chunk_size = 0;  ///< people per chunk; 0 = not applicable
    std::map<std::string, std::string> digests = {};  ///< "population" -> hex
    bool operator==(const Provenance&) const = default;
};

/// How, where and by which build it was computed. Never part of a comparison of results.
struct RunInfo {
    std::string program_version = {};
    std::string git_sha = {};
    bool git_dirty = false;
    std::string compiler = {};
    std::string build_flags = {};
    std::map<std::string, std::string> library_versions = {};  ///< "hdf5" -> "1.10.8"
    std::string command_line = {};
    std::string host = {};
    std::string started = {};  ///< ISO 8601, UTC
    std::string ended = {};
    double wall_seconds = 0.0;
    std::int64_t threads = 0;
    std::map<std::string, double> seconds = {};  ///< by part of the run: "setup", "step", "write"
    bool operator==(const RunInfo&) const = default;
};

/// The results of one scenario.
struct ResultSet {
    std::string scenario;  ///< snake_case; the name of its group in the file
    std::string doc = {};
    /// People that each simulated one stands for: values other than means are already multiplied by it, statistics over
    /// people and numbers of people behind them (`counts`) are not.
    double stands_for = 1.0;
    std::vector<MeasureResult> measures = {};
    Summary summary = {};
    std::optional<PersonPanel> persons = {};  ///< at the end of the run
    std::optional<PersonPanel> panel = {};  ///< year after year
    Provenance provenance = {};
    RunInfo run_info = {};

    const MeasureResult* measure(std::string_view name) const {
        for (const auto& m : measures)
            if (m.name == name) return &m;
        return nullptr;
    }
};

}  // namespace proeftuin::output
