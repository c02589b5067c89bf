// A region as its YAML file states it: names of tables and sources, nothing read or checked beyond its own keys.
#pragma once

#include <string>
#include <vector>

#include "engine/config/schema.hpp"

namespace proeftuin::population {

/// A table in a CSV file beside the region's file, with where it comes from.
struct TableEntry {
    std::vector<std::string> by;  ///< columns that say which people a row is about
    Located<std::string> file;
    Located<std::string> column;  ///< column of the numbers; empty: the default of the place where it stands
    std::vector<MapItem<std::string>> only;  ///< rows to read: column -> text
    std::string source;
    std::string why;
    bool scaled = false;  ///< margins only: give way to the margins before
    SourceSpan place;
};

/// How much likelier a category is in some group than on average.
struct GradientEntry {
    Located<std::string> by;
    std::vector<MapItem<std::vector<MapItem<double>>>> ratios;  ///< group -> category -> ratio
    std::string source;
    std::string why;
    SourceSpan place;
};

/// Shares of categories that the municipalities must show.
struct TotalsEntry {
    Located<std::string> file;
    Located<std::string> ages;  ///< age class; empty: all
    std::string source;
    std::string why;
    SourceSpan place;
};

struct BmiEntry {
    std::vector<double> bounds;  ///< between the classes, rising [unit of the attribute]
    double lowest = 0.0, highest = 0.0;
    TableEntry children;  ///< mean and sd by sex and age below `adults_from`
    double adults_from = 18.0;
    SourceSpan place;
};

struct RegionAttributeEntry {
    std::vector<Located<std::string>> categories;
    std::string of = "people";  ///< or households
    std::optional<TableEntry> shares;
    std::vector<GradientEntry> gradients;
    std::vector<TotalsEntry> totals;
    std::optional<BmiEntry> value;  ///< when given, the attribute is a number drawn within its class
    std::string unit;
    std::string doc;
    SourceSpan place;
};

struct HouseholdEntry {
    TableEntry sizes;
    double first_child_mean = 29.0,
           first_child_sd = 4.3;  ///< age of the mother at the birth of the oldest child at home [years]
    double sibling_gap_mean = 2.6, sibling_gap_sd = 1.2;  ///< [years]
    double partner_gap_mean = 2.2, partner_gap_sd = 3.5;  ///< man minus woman [years]
    std::string source;
    std::string why;
    SourceSpan place;
};

struct RegionEntry {
    long long format = 1;
    std::string name;
    std::string doc;
    Located<double> people;
    std::optional<long long> sample;  ///< people simulated unless a run says otherwise
    long long year = 0;
    std::vector<MapItem<std::string>> assumptions;
    TableEntry neighbourhoods;
    std::vector<TableEntry> seed;
    std::vector<MapItem<TableEntry>> margins;
    HouseholdEntry households;
    std::vector<MapItem<RegionAttributeEntry>> attributes;
    SourceSpan place;
};

/// The keys of the kind `region`.
Schema<RegionEntry> region_schema();

}  // namespace proeftuin::population
