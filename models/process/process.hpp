// The kind `process`: a finite-state machine per person, such as a disease.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/config/schema.hpp"
#include "engine/run/model_spec.hpp"

namespace proeftuin::process {

/// Share of people who start in a state.
struct ShareEntry {
    LocatedText probability;
    std::vector<LocatedText> risks;
    bool normalised = true;
};

struct StartEntry {
    std::optional<Located<std::string>> everybody;  ///< `start: gold1`
    std::vector<MapItem<ShareEntry>> shares;
};

struct TransitionEntry {
    std::vector<Located<std::string>> from;
    std::optional<Located<std::string>> to;
    std::vector<Located<std::string>> within;
    std::optional<LocatedText> rate;
    std::optional<LocatedText> probability;
    std::vector<LocatedText> risks;
    bool normalised = true;
    std::optional<LocatedText> fatality;
    std::string doc;
    SourceSpan place;
};

struct HazardEntry {
    std::optional<LocatedText> multiply;
    std::optional<LocatedText> add;
};

struct UtilityEntry {
    std::optional<LocatedText> multiply;
    std::optional<LocatedText> subtract;
};

struct AmountsEntry {
    std::vector<MapItem<LocatedText>> amounts;
};

struct CostsEntry {
    std::vector<MapItem<AmountsEntry>> at;
    std::vector<MapItem<LocatedText>> flows;
};

struct ProcessEntry {
    Located<std::string> name;
    std::string doc;
    std::vector<Located<std::string>> states;
    std::vector<Located<std::string>> absorbing;
    std::vector<Located<std::string>> death;
    std::optional<double> cycle;
    std::optional<StartEntry> start;
    std::vector<MapItem<TransitionEntry>> transitions;
    std::optional<HazardEntry> mortality;
    std::optional<UtilityEntry> utility;
    std::optional<CostsEntry> costs;
    std::optional<CostsEntry> needs;
    std::vector<MapItem<Node>> parameters;  ///< read elsewhere
    long long format = 1;
    SourceSpan place;
};

Schema<ProcessEntry> process_schema();

/// Adds the process to the model and what it does to mortality, utility, cost and need to `contributions`.
/// Unknown states, missing keys and mixtures are reported with their place.
void lower(const ProcessEntry& entry, ModelSpec& model, Contributions& contributions, DiagnosticSink& sink);

}  // namespace proeftuin::process
