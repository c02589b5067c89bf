// The kind `utility`: quality of life of a person, 1 = full health.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/config/schema.hpp"
#include "engine/run/model_spec.hpp"

namespace proeftuin::outcome {

struct UtilityEntry {
    Located<std::string> name;
    std::string doc;
    std::optional<LocatedText> base;
    std::optional<LocatedText> norm;
    bool normalised = false;
    std::vector<LocatedText> multiply;
    std::vector<LocatedText> subtract;
    std::vector<MapItem<Node>> parameters;
    long long format = 1;
};

Schema<UtilityEntry> utility_schema();

/// Makes the flow `utility` [1] from the entry and what processes contributed.
void lower(const UtilityEntry& entry, const Contributions& contributions, ModelSpec& model, DiagnosticSink& sink);

}  // namespace proeftuin::outcome
