// A region ready for synthesis: its tables read, checked against each other and fitted.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/config/diagnostic.hpp"
#include "engine/config/node.hpp"
#include "engine/config/source.hpp"
#include "models/population/ipf.hpp"
#include "models/population/region_entry.hpp"

namespace proeftuin::population {

/// Places of people in their household, in the order of their codes.
enum class Position : std::uint8_t {
    child,  ///< lives with one or two parents, of any age
    single,
    couple,  ///< with a partner, no children at home
    couple_with_children,
    single_parent,
    other,  ///< other member of a household
    institution,  ///< nursing home and the like: a household of one here
};
inline constexpr std::size_t n_positions = 7;
extern const std::array<const char*, n_positions> position_labels;

/// Axes of the fitted table, in this order.
enum class Axis : std::size_t { neighbourhood, sex, age, position };

struct Neighbourhood {
    std::string label;
    std::size_t municipality = 0;
    std::string name;  ///< for readers; the label when there is none
    std::string postcode;
    std::size_t ses = 2;  ///< fifth of neighbourhood status, from 0 (lowest)
};

/// Shares by sex and single year of age.
struct Shares {
    std::size_t categories = 0;
    std::vector<double> values;  ///< [sex][age][category]; rows sum to 1
    double at(std::size_t sex, std::size_t age, std::size_t category, std::size_t ages) const {
        return values[(sex * ages + age) * categories + category];
    }
};

/// Ratios of the categories of an attribute in each group.
struct Gradient {
    std::optional<std::size_t> attribute;  ///< an earlier attribute; nothing: status of the neighbourhood
    std::vector<double> ratios;  ///< [group][category]; NaN: takes what is left
};

struct Totals {
    std::size_t from = 0, to = 0;  ///< ages, both included
    std::vector<std::uint32_t> group;  ///< group of each category
    std::vector<std::string> labels;  ///< of the groups; empty: no share is given
    std::vector<double> shares;  ///< [municipality][group]; NaN: none
    std::string source, why;
    SourceSpan place;
};

struct NumberRule {
    std::vector<double> bounds;
    double lowest = 0.0, highest = 0.0, adults_from = 18.0;
    std::vector<double> mean, sd;  ///< [sex][age] of children; NaN above
};

struct RegionAttribute {
    std::string name;
    std::string unit;
    std::vector<std::string> categories;
    bool of_households = false;
    std::optional<Shares> shares;  ///< none: equal shares
    std::vector<Gradient> gradients;
    std::vector<Totals> totals;
    std::optional<NumberRule> number;
    std::string source, why;
    SourceSpan place;
};

/// A margin of the people with what a report needs.
struct RegionMargin {
    std::vector<std::string> by;
    std::vector<std::string> labels;  ///< of each cell; empty where nothing is wanted
    double published = 0.0;  ///< total as published, before any scaling
    double adjusted = 0.0;  ///< largest relative change of a cell's share by scaling
    std::string source, why;
    SourceSpan place;
};

struct HouseholdSpec {
    std::vector<double> sizes;  ///< [municipality][size 1..5+], households
    double first_child_mean = 29.0, first_child_sd = 4.3;
    double sibling_gap_mean = 2.6, sibling_gap_sd = 1.2;
    double partner_gap_mean = 2.2, partner_gap_sd = 3.5;
    std::string source, why;
};

struct RegionSpec {
    std::string name, doc;
    int year = 0;
    double stands_for = 0.0;  ///< people of the region
    double people = 0.0;  ///< people simulated by default: the sample, or everybody
    std::size_t ages = 0;  ///< single years of age; the last one is open
    std::vector<std::string> municipalities;
    std::vector<Neighbourhood> neighbourhoods;  ///< those of one municipality together
    std::vector<Margin> margins;  ///< over (neighbourhood, sex, age, position), adding up to `people`
    std::vector<RegionMargin> described;  ///< one for each margin
    std::vector<double> table;  ///< fitted people by cell, row-major
    std::size_t iterations = 0;  ///< of the fit
    HouseholdSpec households;
    std::vector<RegionAttribute> attributes;
    std::vector<MapItem<std::string>> assumptions;

    Shape shape() const { return {neighbourhoods.size(), 2, ages, n_positions}; }
};

/// Reads the tables that `entry` names (relative to the file that it stands in), checks them, and fits the people.
/// \return nothing when something is wrong; all of it is in `sink`
std::optional<RegionSpec> load_region(const RegionEntry& entry, SourceFiles& files, DiagnosticSink& sink);

/// The same from the tree of a file.
std::optional<RegionSpec> read_region(const Node& node, SourceFiles& files, DiagnosticSink& sink);

}  // namespace proeftuin::population
