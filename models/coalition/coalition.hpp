// The kind `coalition`: organisations that must work together, and how far that brings the programmes of a region.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/config/schema.hpp"
#include "engine/run/model_spec.hpp"
#include "models/coalition/implementation.hpp"

namespace proeftuin::coalition {

struct OrganisationEntry {
    std::string doc;
    LocatedText shared_vision;
    std::optional<LocatedText> reluctance;
    std::vector<MapItem<LocatedText>> targets;  ///< by indicator: weight, positive where more is better
};

struct TieEntry {
    std::vector<Located<std::string>> between;
    LocatedText strength;
    SourceSpan place;
};

struct ConvenorEntry {
    std::string doc;
    std::optional<Located<Date>> from, to;
    std::vector<Located<std::string>> reaches;  ///< empty: all
    std::optional<LocatedText> persuades, overcomes, speeds_up, cost_per_year;
    SourceSpan place;
};

struct RuleEntry {
    std::string doc;
    Located<Date> opens;
    std::vector<Located<std::string>> programmes;
    std::optional<LocatedText> before;
};

/// What of a programme the level of its implementation multiplies.
enum class ActsOn : std::uint8_t { invitations, uptake, effects };

struct PartEntry {
    std::string doc;
    std::vector<MapItem<LocatedText>> partners;  ///< by organisation: share
    Combines combines = Combines::geometric;
    std::vector<MapItem<LocatedText>> moves;  ///< by indicator
    std::optional<Located<Date>> from;
    LocatedText takes;
    std::optional<LocatedText> at_start;
    std::vector<Located<std::string>> after;
    std::vector<Located<ActsOn>> acts_on;  ///< empty: invitations
};

struct MechanismsEntry {
    bool shared_vision = true, reluctance = true, conflicting_targets = true, rules = true, prerequisites = true,
         convenor = true;
};

struct CoalitionEntry {
    Located<std::string> name;
    std::string doc;
    std::vector<MapItem<OrganisationEntry>> organisations;
    std::vector<TieEntry> ties;
    std::optional<ConvenorEntry> convenor;
    std::vector<MapItem<RuleEntry>> rules;
    std::vector<MapItem<PartEntry>> programmes;
    MechanismsEntry mechanisms;
    std::vector<MapItem<Node>> parameters;  ///< read elsewhere
    long long format = 1;
};

Schema<CoalitionEntry> coalition_schema();

/// Name of the table, by year, of how far a programme is implemented (0 to 1).
std::string level_name(const CoalitionEntry& entry, const std::string& programme);

/// What a coalition comes to, for `plan` and the summary.
struct Account {
    std::string name;
    SourceSpan where;
    std::vector<std::string> tables;  ///< names that expressions may use
    std::vector<std::string> organisations;
    Coalition coalition;
    struct Programme {
        std::string name;
        std::string measure;  ///< of its level, mean of a year
    };
    std::vector<Programme> programmes;
    Course course;
    std::string convenor_cost;  ///< measure; empty when it costs nothing
};

/// Adds to the model, whose parameters are known: by year a table COALITION_PROGRAMME of how far each programme is
/// implemented and COALITION_ORGANISATION_vision of how far its vision is shared, measures of the former and of what
/// the convenor costs. What does not fit together is reported with its place.
/// \return nothing after a mistake
std::optional<Account> lower(const CoalitionEntry& entry, ModelSpec& model, DiagnosticSink& sink);

}  // namespace proeftuin::coalition
