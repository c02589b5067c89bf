// Which lines a summary has: what a model declares over its measures, as it stands in the results file.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace proeftuin::output {

/// One line: measures added up over their groups, per year or date.
struct SummaryLine {
    enum class Change : std::uint8_t { percent, units, none };
    /// Mean length of life from deaths and person-years by age.
    struct LifeTable {
        std::string deaths;
        std::string person_years;
        std::string healthy_years;  ///< empty: all years count
        std::string age;  ///< the axis; its labels start with the lower bound of the band
        bool operator==(const LifeTable&) const = default;
    };
    /// A part of the growth of an amount since the first period.
    struct Growth {
        enum class Part : std::uint8_t { people, ages, care, index };
        std::string amount;  ///< by the same groups (age and sex) as the other two
        std::string unindexed;  ///< the amount without the index; empty: `care` has the index in it
        std::string person_years;
        Part part = Part::people;
        bool operator==(const Growth&) const = default;
    };

    std::string label;
    std::vector<std::string> measures = {};
    std::map<std::string, std::vector<std::string>> where = {};  ///< axis -> labels that count; other axes: all
    std::vector<std::string> per = {};  ///< measures to divide by, over the same groups
    std::string statistic = {};  ///< of the totals of people, instead of the values: "top_share_1"
    std::optional<LifeTable> life_table = {};
    std::optional<Growth> growth = {};
    double times = 1.0;  ///< values are multiplied by this to be in `unit`
    std::string unit = {};  ///< empty: plain numbers (people, events)
    int decimals = -1;  ///< digits after the point; -1: by size
    Change change = Change::percent;
    std::string note = {};  ///< printed under the page, with a mark
    bool operator==(const SummaryLine&) const = default;
};

/// Lines that stand together: one, or several of which the `largest` are shown.
struct SummaryItem {
    int largest = 0;  ///< 0: all, as they stand; else so many, by their last value
    std::vector<SummaryLine> lines = {};
    bool operator==(const SummaryItem&) const = default;
};

struct SummarySection {
    std::string heading;
    std::string per_1000 = {};  ///< measure: show first and last also per 1,000 of it
    std::vector<SummaryItem> items = {};
    std::vector<std::string> notes = {};
    bool operator==(const SummarySection&) const = default;
};

struct Summary {
    std::vector<SummarySection> sections = {};
    std::vector<std::string> notes = {};  ///< on the run as a whole
    bool empty() const { return sections.empty(); }
    bool operator==(const Summary&) const = default;
};

/// "people", "ages", "care", "index".
std::string_view name_of(SummaryLine::Growth::Part part);

/// As it stands in results files (JSON).
std::string to_json(const Summary& summary);

/// The other way round. \throws IoError when the text is not of this form
Summary summary_of_json(std::string_view text);

}  // namespace proeftuin::output
