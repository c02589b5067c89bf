// The kind `demography`: death, birth, arrival and departure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/config/schema.hpp"
#include "engine/run/model_spec.hpp"

namespace proeftuin::population {

struct MortalityEntry {
    LocatedText rate;
    bool total = false;
};
struct RateEntry {
    LocatedText rate;
};
struct ArrivalsEntry {
    Located<std::string> numbers;
    std::optional<LocatedText> scale;
};

struct DemographyEntry {
    Located<std::string> name;
    std::string doc;
    std::optional<MortalityEntry> mortality;
    std::optional<RateEntry> births;
    std::optional<ArrivalsEntry> arrivals;
    std::optional<RateEntry> departures;
    std::vector<MapItem<Node>> parameters;
    long long format = 1;
};

Schema<DemographyEntry> demography_schema();

/// Tables must be in `model` already: arrivals name one.
void lower(const DemographyEntry& entry, ModelSpec& model, DiagnosticSink& sink);

}  // namespace proeftuin::population
