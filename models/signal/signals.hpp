// The kind `signals`: numbers of the region that everybody sees in the next step.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/config/schema.hpp"
#include "engine/run/model_spec.hpp"

namespace proeftuin::signal {

struct SignalEntry {
    std::string doc;
    std::optional<Located<std::string>> unit;
    LocatedText start;
    LocatedText next;
};

struct SignalsEntry {
    Located<std::string> name;
    std::string doc;
    std::vector<MapItem<SignalEntry>> define;
    std::vector<MapItem<Node>> parameters;
    long long format = 1;
};

Schema<SignalsEntry> signals_schema();
void lower(const SignalsEntry& entry, ModelSpec& model, DiagnosticSink& sink);

}  // namespace proeftuin::signal
