// The kind `measures`: what is recorded, by which groups.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/config/schema.hpp"
#include "engine/run/model_spec.hpp"
#include "models/outcome/summary.hpp"

namespace proeftuin::outcome {

struct GroupEntry {
    LocatedText of;
    std::vector<double> from;
    std::vector<std::string> labels;
};

struct DiscountEntry {
    double rate = 0.0;
    DiscountSpec::Convention convention = DiscountSpec::Convention::none;
};

struct SoFarEntry {
    Located<std::string> name;
    Located<std::string> unit;
};

struct MeasureEntry {
    std::string doc;
    std::optional<LocatedText> integrate;
    std::vector<Located<std::string>> count;
    bool expected = false;
    std::optional<LocatedText> people;
    std::optional<LocatedText> mean;
    std::optional<LocatedText> points;
    std::optional<Located<std::string>> of;
    std::optional<LocatedText> when;
    std::vector<Located<std::string>> by;
    std::optional<DiscountEntry> discount;
    MeasureSpec::PerPerson per_person = MeasureSpec::PerPerson::no;
    std::optional<LocatedText> at_most;
    std::optional<SoFarEntry> so_far;
    std::vector<std::string> show;
    SourceSpan place;
};

struct MeasuresEntry {
    Located<std::string> name;
    std::string doc;
    std::vector<MapItem<GroupEntry>> groups;
    std::vector<MapItem<MeasureEntry>> define;
    std::vector<SummarySectionEntry> summary;
    std::vector<MapItem<Node>> parameters;
    long long format = 1;
};

Schema<MeasuresEntry> measures_schema();
void lower(const MeasuresEntry& entry, ModelSpec& model, DiagnosticSink& sink);

/// Statistics over people that `show` can name.
const std::vector<std::string>& person_statistics();

}  // namespace proeftuin::outcome
