#include "models/signal/signals.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/expr/located.hpp"

namespace proeftuin::signal {

Schema<SignalsEntry> signals_schema() {
    Schema<SignalEntry> signal("signal", "A number of the region; it changes between steps only.");
    signal.optional("doc", &SignalEntry::doc, text(), "What it is.");
    signal.optional("unit", &SignalEntry::unit, located(text()), "Unit.", "year").default_is("1");
    signal.required(
        "start", &SignalEntry::start, expression(),
        "In the first step: of numbers, parameters, `year` and `region_at_start`, the people of the region.",
        "0.1 year");
    signal.required(
        "next", &SignalEntry::next, expression(),
        "In the next step: of numbers, parameters, signals as they are, `year`, `time`, `step` (its length) and "
        "measures, whose names stand for what they had in the step, per year, in the whole region (of a mean: "
        "the mean).",
        "max(0, queue + step * (referrals - clinic_capacity))");
    Schema<SignalsEntry> s("signals", "What people need of each other and of the system, one step later.");
    s.entry_kind("signals");
    s.optional("format", &SignalsEntry::format, integer(1, 1), "Version of the language.", "1");
    s.required("signals", &SignalsEntry::name, located(name()), "Name of the set.", "outpatient_waiting");
    s.optional("doc", &SignalsEntry::doc, text(), "What they are.");
    s.required("define", &SignalsEntry::define, map_of(object(signal)), "The signals by name.");
    s.optional("parameters", &SignalsEntry::parameters,
               map_of(raw_node("parameter", R"({"$ref": "#/definitions/parameter"})")),
               "Numbers with unit and source that expressions use.");
    return s;
}

void lower(const SignalsEntry& entry, ModelSpec& model, DiagnosticSink& sink) {
    for (const auto& item : entry.define) {
        SignalSpec spec;
        spec.name = item.key;
        spec.where = item.key_span;
        spec.doc = item.value.doc;
        if (item.value.unit) {
            const auto meant = intended_unit(item.value.unit->value);
            if (const auto unit = meant ? std::nullopt : parse_unit(item.value.unit->value))
                spec.unit = *unit;
            else
                sink.error("E0425", fmt::format("'{}' is no unit", item.value.unit->value), item.value.unit->span,
                           meant ? fmt::format("did you mean '{}'?", *meant)
                                 : "write units such as `year`, `per year`, `EUR per year`");
        }
        spec.start = expr_text(item.value.start);
        spec.next = expr_text(item.value.next);
        const auto same = std::find_if(model.signals.begin(), model.signals.end(),
                                       [&](const SignalSpec& other) { return other.name == spec.name; });
        if (same != model.signals.end()) {
            sink.error("E0433", fmt::format("signal '{}' is defined twice", spec.name), spec.where, {},
                       {{same->where, "first defined here"}});
            continue;
        }
        model.signals.push_back(std::move(spec));
    }
}

}  // namespace proeftuin::signal
