// Numbers from the world: values and tables with unit, source and uncertainty.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/config/schema.hpp"
#include "engine/run/model_spec.hpp"

namespace proeftuin::models {

struct UncertaintyEntry {
    std::string kind;  ///< normal, lognormal, beta, gamma, uniform, triangular, pert, dirichlet
    std::vector<MapItem<double>> parameters;
};

struct ParameterEntry {
    std::string doc;
    Located<std::string> unit{"1", {}};
    std::vector<Located<std::string>> by;
    std::optional<Located<double>> value;
    std::optional<Node> values;
    std::optional<Located<std::string>> file;
    std::optional<Located<std::string>> column;
    std::optional<Node> dated;
    std::optional<Interpolation> between;
    std::optional<UncertaintyEntry> uncertainty;
    std::optional<Located<std::string>> source;
    std::optional<std::string> why;
    SourceSpan place;
};

Schema<ParameterEntry> parameter_schema();

/// One parameter of a scenario, for `check --resolved` and provenance.
struct ResolvedParameter {
    std::string name;
    std::string entry;  ///< of which entry
    SourceSpan where;
    std::string origin;  ///< "set by scenario X" when it was changed
    ParameterEntry read;
    std::shared_ptr<const Table> table;  ///< null for a single value
};

/// What entries that could not be read would have declared. A message that such a name is unknown only repeats what was
/// already said, and buries it.
struct Unread {
    bool anything = false;  ///< a whole file or entry: nobody knows which names it has
    bool sources = false;  ///< an entry of sources
    std::set<std::string, std::less<>> names;  ///< processes, attributes, parameters

    bool has(std::string_view name) const { return anything || names.find(name) != names.end(); }
};

/// Reads a parameter and adds it to the model as a constant or a table. Categories of its axes must be declared in
/// `model`. \param folder of the file that it stands in, for `file:` \param unread what may be missing without a
/// message; gets the name when the parameter cannot be read
void add_parameter(const std::string& name, const Node& node, SourceSpan key_span, const std::string& entry,
                   const std::string& folder, ModelSpec& model, SourceFiles& files,
                   std::vector<ResolvedParameter>& resolved, Unread& unread, DiagnosticSink& sink);

}  // namespace proeftuin::models
