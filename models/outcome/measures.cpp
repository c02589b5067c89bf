#include "models/outcome/measures.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/expr/located.hpp"

namespace proeftuin::outcome {

const std::vector<std::string>& person_statistics() {
    static const std::vector<std::string> names{"mean", "sd",          "p01",         "p05",         "p10",
                                                "p25",  "p50",         "p75",         "p90",         "p95",
                                                "p99",  "top_share_1", "top_share_5", "top_share_10"};
    return names;
}

Schema<MeasuresEntry> measures_schema() {
    Schema<GroupEntry> group("group", "A way to divide people.");
    group.required("of", &GroupEntry::of, expression(), "A category, a condition, or a number that is cut at `from`.",
                   "age");
    group.optional("from", &GroupEntry::from, list_of(number(), 1),
                   "Lower bounds of the bands, ascending; below the first counts as the first.", "[0, 20, 65]");
    group.optional("labels", &GroupEntry::labels, list_of(text(), 1), "Names of the bands.");

    using Convention = DiscountSpec::Convention;
    Schema<DiscountEntry> discount("discount", "How later amounts count less.");
    discount.required("rate", &DiscountEntry::rate, number(0, 0.2), "Per year.", "0.03").unit_is("per year");
    discount.required("convention", &DiscountEntry::convention,
                      one_of<Convention>({{"start_of_year", Convention::start_of_year},
                                          {"mid_year", Convention::mid_year},
                                          {"end_of_year", Convention::end_of_year},
                                          {"continuous", Convention::continuous}}),
                      "Which moment of its year an amount is discounted from; continuous uses exp(-ln(1 + rate) t).",
                      "continuous");

    Schema<SoFarEntry> so_far("amount so far", "What a person has had of a measure in this year, for expressions.");
    so_far.required("name", &SoFarEntry::name, located(name()), "Its name.", "paid_so_far");
    so_far.required("unit", &SoFarEntry::unit, located(text()), "Its unit, that of the measure.", "EUR");

    using PerPerson = MeasureSpec::PerPerson;
    Schema<MeasureEntry> measure("measure", "One thing that is recorded.");
    measure.optional("doc", &MeasureEntry::doc, text(), "What it is.");
    measure.optional(
        "integrate", &MeasureEntry::integrate, expression(),
        "Integrated over exact time: a utility gives QALYs, a cost per year gives cost; lumps of a flow are included.",
        "utility");
    measure.optional("count", &MeasureEntry::count, list_or_single(located(text())), "Events that are counted.",
                     "copd.exacerbation");
    measure
        .optional("expected", &MeasureEntry::expected, boolean(),
                  "With `count`: not the events, but their rates over the time at risk. The same mean with far less "
                  "noise; for events that have rates.")
        .default_is("false");
    measure.optional("people", &MeasureEntry::people, expression(),
                     "People for whom this holds, on 1 January of every year.", "copd != none");
    measure.optional("mean", &MeasureEntry::mean, expression(), "Mean over person-time.", "bmi");
    measure.optional(
        "points", &MeasureEntry::points, expression(),
        "Summed over people at every cycle point of a process with probabilities, the start included; with `of`.",
        "cost_of_state[sick]");
    measure.optional("of", &MeasureEntry::of, located(name()), "Process whose cycle points are meant.", "sick");
    measure.optional("when", &MeasureEntry::when, expression(), "Only people for whom this holds.", "age >= 65");
    measure.optional("by", &MeasureEntry::by, list_or_single(located(name())), "Groups, processes or categories.",
                     "[age_band, sex]");
    measure.optional("discount", &MeasureEntry::discount, object(discount), "Discounting.");
    measure.optional("per_person", &MeasureEntry::per_person,
                     one_of<PerPerson>({{"year", PerPerson::year}, {"run", PerPerson::run}}),
                     "Keep totals of each person, over a calendar year or the run.");
    measure.optional("at_most", &MeasureEntry::at_most, expression(),
                     "Most that a person counts with in a year, as an own payment up to the deductible: numbers, "
                     "parameters and `year`, as on 1 January. With `integrate` and `per_person: year`.",
                     "deductible[year]");
    measure.optional(
        "so_far", &MeasureEntry::so_far, object(so_far),
        "Name by which expressions know what the person has had of it in this calendar year, at the start of "
        "the step: with steps of a year 0, so use shorter ones. With `per_person: year`.",
        "{ name: paid_so_far, unit: EUR }");
    measure.optional("show", &MeasureEntry::show, list_of(one_of(person_statistics())),
                     "Statistics over people's totals.", "[mean, sd, top_share_1]");
    measure.exactly_one_of({"integrate", "count", "people", "mean", "points"});
    measure.place(&MeasureEntry::place);
    measure.check([](const MeasureEntry& m, const Node&, DiagnosticSink& sink) {
        if (m.expected && m.count.empty()) sink.error("E0432", "`expected` belongs to `count`", m.place);
        if (m.points.has_value() != m.of.has_value()) sink.error("E0432", "`points` and `of` belong together", m.place);
        if (m.per_person != PerPerson::no && !m.by.empty())
            sink.error("E0432", "totals per person are over all people (`by` and `per_person` do not go together)",
                       m.place, "make two measures, or use `when`");
        if (m.at_most && (m.per_person != PerPerson::year || !m.integrate || m.discount))
            sink.error("E0432", "`at_most` belongs to `integrate` with `per_person: year`, without discounting",
                       m.at_most->span);
        if (m.so_far && (m.per_person != PerPerson::year || m.discount))
            sink.error("E0432", "`so_far` belongs to `per_person: year`, without discounting", m.so_far->name.span);
    });

    Schema<MeasuresEntry> s("measures", "What is recorded.");
    s.entry_kind("measures");
    s.optional("format", &MeasuresEntry::format, integer(1, 1), "Version of the language.", "1");
    s.required("measures", &MeasuresEntry::name, located(name()), "Name of the set.", "core");
    s.optional("doc", &MeasuresEntry::doc, text(), "What they are.");
    s.optional("groups", &MeasuresEntry::groups, map_of(object(group)), "Groups that `by` can name.");
    s.required("define", &MeasuresEntry::define, map_of(object(measure)), "The measures by name.");
    s.optional("summary", &MeasuresEntry::summary, list_of(object(summary_section_schema()), 1),
               "The page that `run` and `show` print: what a reader wants to know of these measures.");
    s.optional("parameters", &MeasuresEntry::parameters,
               map_of(raw_node("parameter", R"({"$ref": "#/definitions/parameter"})")),
               "Numbers with unit and source that expressions use.");
    return s;
}

void lower(const MeasuresEntry& entry, ModelSpec& model, DiagnosticSink& sink) {
    for (const auto& item : entry.groups) {
        GroupSpec g;
        g.name = item.key;
        g.where = item.key_span;
        g.of = expr_text(item.value.of);
        g.from = item.value.from;
        g.labels = item.value.labels;
        const auto same = std::find_if(model.groups.begin(), model.groups.end(),
                                       [&](const GroupSpec& other) { return other.name == g.name; });
        if (same != model.groups.end()) {
            if (same->of.text != g.of.text || same->from != g.from)
                sink.error("E0433", fmt::format("group '{}' is defined in two ways", g.name), g.where, {},
                           {{same->where, "first defined here"}});
            continue;
        }
        if (!std::is_sorted(g.from.begin(), g.from.end()) ||
            std::adjacent_find(g.from.begin(), g.from.end()) != g.from.end())
            sink.error("E0434", fmt::format("the bounds of group '{}' do not ascend", g.name), g.where);
        if (!g.labels.empty() && !g.from.empty() && g.labels.size() != g.from.size())
            sink.error("E0434",
                       fmt::format("group '{}' has {} bounds and {} labels", g.name, g.from.size(), g.labels.size()),
                       g.where);
        model.groups.push_back(std::move(g));
    }
    for (const auto& item : entry.define) {
        const MeasureEntry& m = item.value;
        MeasureSpec spec;
        spec.name = item.key;
        spec.where = item.key_span;
        spec.doc = m.doc;
        using Kind = MeasureSpec::Kind;
        if (m.integrate) spec.kind = Kind::integral, spec.value = expr_text(*m.integrate);
        if (!m.count.empty()) {
            spec.kind = Kind::count;
            spec.expected = m.expected;
            for (const auto& e : m.count) {
                spec.events.push_back(e.value);
                spec.event_places.push_back(e.span);
            }
        }
        if (m.people) spec.kind = Kind::people, spec.value = expr_text(*m.people);
        if (m.mean) spec.kind = Kind::mean, spec.value = expr_text(*m.mean);
        if (m.points)
            spec.kind = Kind::points, spec.value = expr_text(*m.points), spec.process = m.of ? m.of->value : "";
        if (m.when) spec.when = expr_text(*m.when);
        for (const auto& b : m.by) {
            spec.by.push_back(b.value);
            spec.by_places.push_back(b.span);
        }
        if (m.discount) spec.discount = {m.discount->convention, m.discount->rate};
        spec.per_person = m.per_person;
        if (m.at_most) spec.at_most = expr_text(*m.at_most);
        if (m.so_far) {
            spec.so_far = m.so_far->name.value;
            spec.so_far_where = m.so_far->name.span;
            if (const auto unit = parse_unit(m.so_far->unit.value))
                spec.so_far_unit = *unit;
            else
                sink.error("E0425", fmt::format("'{}' is no unit", m.so_far->unit.value), m.so_far->unit.span,
                           "write units such as `EUR`, `year`, `1`");
        }
        spec.show = m.show;
        const auto same = std::find_if(model.measures.begin(), model.measures.end(),
                                       [&](const MeasureSpec& other) { return other.name == spec.name; });
        if (same != model.measures.end()) {
            sink.error("E0433", fmt::format("measure '{}' is defined twice", spec.name), spec.where, {},
                       {{same->where, "first defined here"}});
            continue;
        }
        model.measures.push_back(std::move(spec));
    }
}

}  // namespace proeftuin::outcome
