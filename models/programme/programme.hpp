// The kind `programme`: an intervention: whom it is for, how people enter and leave, what it changes and what it costs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/config/schema.hpp"
#include "engine/run/model_spec.hpp"

namespace proeftuin::programme {

struct PauseEntry {
    Date from;
    Date to;
};

struct RunsEntry {
    std::optional<Located<Date>> from;
    std::optional<Located<Date>> to;
    std::optional<double> ramp;  ///< years
    std::vector<Located<PauseEntry>> pauses;
    SourceSpan place;
};

struct EntryEntry {
    std::optional<LocatedText> invite;
    std::optional<LocatedText> places;
    std::optional<LocatedText> uptake;
    std::optional<LocatedText> order_by;
    std::optional<double> ask_again_after;  ///< years
    SourceSpan place;
};

struct LeaveEntry {
    std::optional<LocatedText> dropout;
    std::optional<double> duration;  ///< years
    std::optional<double> again_after;  ///< years
};

struct FadesEntry {
    double half_life = 0.0;  ///< years
    double to = 0.0;
};

struct EffectEntry {
    std::vector<Located<std::string>> on;
    std::optional<LocatedText> multiply;
    std::optional<LocatedText> add;
    std::vector<Located<std::string>> during;
    std::optional<FadesEntry> fades;
    std::optional<LocatedText> when;
    std::optional<LocatedText> claimed;
    std::optional<LocatedText> at_scale;
    std::optional<Located<std::string>> source;
    std::string why;
    std::string doc;
    SourceSpan place;
};

struct CostEntry {
    std::optional<LocatedText> per_invitation;
    std::optional<LocatedText> per_person_start;
    std::optional<LocatedText> per_person_year;
    std::optional<LocatedText> fixed_per_year;
    std::optional<Located<std::string>> law;
};

struct NeedsAtEntry {
    std::vector<MapItem<LocatedText>> amounts;
};

struct NeedsEntry {
    std::vector<MapItem<NeedsAtEntry>> at;
    std::vector<MapItem<LocatedText>> flows;
};

/// Effects as the evidence has them, or as the programme claims them.
enum class EffectsAs : std::uint8_t { evidence, claimed };

struct ProgrammeEntry {
    Located<std::string> name;
    std::string doc;
    std::string goal, target_group, funding, principle, contract_term, results, outlook, delivered_by;
    std::vector<std::string> partners;
    LocatedText eligible;
    std::optional<RunsEntry> runs;
    std::optional<EntryEntry> entry;
    std::optional<LeaveEntry> leave;
    std::vector<EffectEntry> effects;
    EffectsAs effects_as = EffectsAs::evidence;
    std::optional<CostEntry> cost;
    std::optional<NeedsEntry> needs;
    std::vector<Located<std::string>> by;
    std::vector<MapItem<Node>> parameters;  ///< read elsewhere
    long long format = 1;
    SourceSpan place;
};

Schema<ProgrammeEntry> programme_schema();

/// How far a programme is implemented, and what of it that multiplies.
struct Implementation {
    std::string level;  ///< expression of `year`, 0 to 1
    SourceSpan where;
    bool invitations = false, uptake = false, effects = false;
};

/// What a programme records under names of its own, for the summary.
struct Recorded {
    std::string programme;
    std::vector<std::pair<std::string, std::string>> funnel;  ///< label -> measure that counts events
    std::string active;  ///< measure of people
    std::string cost;  ///< measure; empty when people cost nothing
    std::string fixed_cost;  ///< measure; empty when there is none
};

/// Adds the programme to the model: a process of the same name, a selection, effects, a flow of cost `cost_<name>` and
/// measures; needs go to `contributions`. What does not fit together is reported with its place.
/// \param implementation null: in full
Recorded lower(const ProgrammeEntry& entry, const Implementation* implementation, ModelSpec& model,
               Contributions& contributions, DiagnosticSink& sink);

}  // namespace proeftuin::programme
