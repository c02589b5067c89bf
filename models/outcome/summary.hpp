// The key `summary` of measures: the page that tells a reader what a run found, declared over measures.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/config/schema.hpp"

namespace proeftuin::outcome {

/// Length of life from deaths and person-years by age.
struct LifeTableEntry {
    Located<std::string> deaths;
    Located<std::string> person_years;
    std::optional<Located<std::string>> healthy_years;
    Located<std::string> age;
};

/// Growth of an amount, split in more people, their ages, what each costs, and the index.
struct GrowthEntry {
    Located<std::string> amount;
    std::optional<Located<std::string>> unindexed;
    Located<std::string> person_years;
};

struct SummaryLineEntry {
    enum class Scale : std::uint8_t { one, thousand, million, percent };
    enum class Change : std::uint8_t { percent, units, none };
    using Names = std::vector<Located<std::string>>;

    std::string label;
    Names measure;
    std::vector<MapItem<Names>> where;  ///< axis -> labels
    Names per;
    std::optional<Located<std::string>> statistic;
    std::optional<LifeTableEntry> life_table;
    std::optional<GrowthEntry> growth;
    std::vector<MapItem<Names>> of;  ///< label -> measures
    std::optional<Located<std::string>> each;
    long long largest = 0;
    Scale scale = Scale::one;
    std::string unit;
    std::optional<long long> decimals;
    Change change = Change::percent;
    std::string note;
    SourceSpan place;
};

struct SummarySectionEntry {
    std::string heading;
    std::optional<Located<std::string>> per_1000;
    std::vector<SummaryLineEntry> lines;
    std::vector<std::string> notes;
};

Schema<SummarySectionEntry> summary_section_schema();

/// Adds sections to those of entries before: lines go to the section with the same heading where there is one.
void join(const std::vector<SummarySectionEntry>& from, std::vector<SummarySectionEntry>& to);

}  // namespace proeftuin::outcome
