// The kind `attributes`: columns of the population that are no processes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/config/schema.hpp"
#include "engine/run/model_spec.hpp"

namespace proeftuin::population {

struct AttributeShareEntry {
    LocatedText probability;
    std::vector<LocatedText> risks;
    bool normalised = true;
};

/// A number drawn at entry, or probabilities of categories.
struct AttributeStartEntry {
    std::optional<NumberDrawSpec> draw;
    std::vector<MapItem<AttributeShareEntry>> shares;
};

struct AttributeEntry {
    std::string doc;
    std::optional<Located<std::string>> unit;
    std::vector<Located<std::string>> categories;
    std::optional<std::string> categories_from;  ///< `region`: as the start population has them
    std::optional<LocatedText> value;
    std::optional<AttributeStartEntry> start;
    std::optional<AttributeStartEntry> draw;
    std::optional<std::string> each;
    bool inherit = false;
    std::optional<LocatedText> toward, speed, drift, noise;
    std::optional<double> min, max;
    SourceSpan place;
};

struct AttributesEntry {
    Located<std::string> name;
    std::string doc;
    std::vector<MapItem<AttributeEntry>> define;
    std::vector<MapItem<Node>> parameters;
    long long format = 1;
};

Schema<AttributesEntry> attributes_schema();

/// Labels of a category that the start population brings, by attribute name; empty when it has none.
using RegionLabels = std::vector<std::pair<std::string, std::vector<std::string>>>;

void lower(const AttributesEntry& entry, const RegionLabels& region, ModelSpec& model, DiagnosticSink& sink);

}  // namespace proeftuin::population
