// Reads the CSV tables of a region into margins, seeds and shares, with the place of every mistake.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/config/csv.hpp"
#include "models/population/region.hpp"

namespace proeftuin::population {

/// Single years [from, to], both included, of `7`, `15-24` or `65+`.
struct AgeRange {
    std::size_t from = 0, to = 0;
};
/// \return nothing when the text is no age class or lies beyond the oldest age
std::optional<AgeRange> parse_ages(std::string_view text, std::size_t ages);

/// Reads the tables of one region; every mistake goes to the sink.
class RegionTables {
public:
    RegionTables(const RegionEntry& entry, RegionSpec& spec, SourceFiles& files, DiagnosticSink& sink)
        : entry_{entry}, spec_{spec}, files_{files}, sink_{sink} {}

    /// Reads everything but the fit itself.
    bool read();
    const std::vector<double>& seed() const { return seed_; }

private:
    struct Columns {
        CsvTable table;
        std::vector<std::size_t> by;
        std::size_t value = 0;
    };
    /// The values of an axis that a cell of a table names.
    struct Selection {
        Axis axis = Axis::age;
        std::vector<std::size_t> values;
    };

    std::optional<CsvTable> open(const Located<std::string>& file);
    /// Keeps the rows that the entry asks for.
    bool keep_only(const TableEntry& entry, CsvTable& table);
    std::optional<std::size_t> column(const CsvTable& table, std::string_view name, SourceSpan place);
    std::optional<Columns> open_by(const TableEntry& entry, std::string_view default_column);
    std::optional<double> read_number(const CsvCell& cell, double low, double high);
    std::optional<Selection> select(const std::string& by, const CsvCell& cell);
    std::optional<std::size_t> municipality(const CsvCell& cell);

    void neighbourhoods();
    void find_ages();
    void margin(const std::string& name, SourceSpan place, const TableEntry& entry);
    void seed(const TableEntry& entry);
    void household_sizes();
    void attribute(const MapItem<RegionAttributeEntry>& item);
    std::optional<Shares> shares(const TableEntry& entry, const RegionAttribute& attribute);
    void gradient(const GradientEntry& entry, RegionAttribute& attribute);
    void totals(const TotalsEntry& entry, RegionAttribute& attribute);
    void number_rule(const BmiEntry& entry, RegionAttribute& attribute);
    std::string reason(const std::string& why) const;

    const RegionEntry& entry_;
    RegionSpec& spec_;
    SourceFiles& files_;
    DiagnosticSink& sink_;
    std::map<std::string, CsvTable> opened_;
    std::vector<double> seed_;
};

}  // namespace proeftuin::population
