#include "models/outcome/utility.hpp"

#include <fmt/format.h>

#include "engine/expr/located.hpp"

namespace proeftuin::outcome {

Schema<UtilityEntry> utility_schema() {
    Schema<UtilityEntry> s("utility", "Quality of life of a person; integrated over time it gives QALYs.");
    s.entry_kind("utility");
    s.optional("format", &UtilityEntry::format, integer(1, 1), "Version of the language.", "1");
    s.required("utility", &UtilityEntry::name, located(name()), "Name.", "eq5d");
    s.optional("doc", &UtilityEntry::doc, text(), "What it is.");
    s.optional("base", &UtilityEntry::base, expression(), "Utility of a person without any of the conditions.", "0.97")
        .unit_is("1");
    s.optional("norm", &UtilityEntry::norm, expression(), "Mean utility of the nation by sex and age.",
               "utility_norm[sex, age]")
        .unit_is("1");
    s.optional("normalised", &UtilityEntry::normalised, boolean(),
               "Divide the product of the multipliers by its national mean by sex and age.")
        .default_is("false");
    s.optional("multiply", &UtilityEntry::multiply, list_or_single(expression()), "Further factors.").unit_is("1");
    s.optional("subtract", &UtilityEntry::subtract, list_or_single(expression()), "Further decrements.").unit_is("1");
    s.optional("parameters", &UtilityEntry::parameters,
               map_of(raw_node("parameter", R"({"$ref": "#/definitions/parameter"})")),
               "Numbers with unit and source that expressions use.");
    s.exactly_one_of({"base", "norm"});
    return s;
}

void lower(const UtilityEntry& entry, const Contributions& contributions, ModelSpec& model, DiagnosticSink& sink) {
    for (const auto& f : model.flows)
        if (f.name == "utility")
            sink.error("E0427", "the utility is given by more than one entry", entry.name.span, {},
                       {{f.where, "first given here"}});
    FlowSpec flow;
    flow.name = "utility";
    flow.where = entry.name.span;
    flow.base = expr_text(entry.base ? *entry.base : *entry.norm);
    flow.normalise_multipliers = entry.normalised;
    flow.multiply = expr_texts(entry.multiply);
    flow.multiply.insert(flow.multiply.end(), contributions.utility_multiply.begin(),
                         contributions.utility_multiply.end());
    flow.subtract = expr_texts(entry.subtract);
    flow.subtract.insert(flow.subtract.end(), contributions.utility_subtract.begin(),
                         contributions.utility_subtract.end());
    model.flows.push_back(std::move(flow));
}

}  // namespace proeftuin::outcome
