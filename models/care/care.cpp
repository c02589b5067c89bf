#include "models/care/care.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/expr/located.hpp"

namespace proeftuin::care {

Schema<CareEntry> care_schema() {
    Schema<ServiceEntry> service("service", "A unit of care with a price.");
    service.required("category", &ServiceEntry::category, located(name()), "Category that its cost belongs to.", "gp");
    service.required("price", &ServiceEntry::price, expression(), "Price of a unit.", "33 EUR").unit_is("EUR");
    service.optional("source", &ServiceEntry::source, name(), "Where the price comes from.", "kostenhandleiding_2024");
    service.optional("why", &ServiceEntry::why, text(), "Why this assumption.");
    service.optional("doc", &ServiceEntry::doc, text(), "What it is.");
    Schema<CategoryAmounts> at("costs at an event", "Amounts booked once.");
    at.others(&CategoryAmounts::amounts, expression(), "Amount of a category.");

    Schema<CareEntry> s("care", "What care costs, by category and law.");
    s.entry_kind("care");
    s.optional("format", &CareEntry::format, integer(1, 1), "Version of the language.", "1");
    s.required("care", &CareEntry::name, located(name()), "Name.", "dutch_care");
    s.optional("doc", &CareEntry::doc, text(), "What it is.");
    s.optional("laws", &CareEntry::laws, list_of(located(name())), "Acts or budgets that categories belong to.",
               "[zvw, wlz]");
    s.required("categories", &CareEntry::categories, map_of(located(name())), "Categories of cost, each with its law.",
               "{ gp: zvw, hospital: zvw }");
    s.optional("services", &CareEntry::services, map_of(object(service)),
               "Services that processes need, with their price.");
    s.optional("attributed", &CareEntry::attributed, map_of(expression()), "Cost that diseases explain, by category.")
        .unit_is("EUR per year");
    s.optional("residual", &CareEntry::residual, map_of(expression()),
               "Cost that diseases do not explain, by category.")
        .unit_is("EUR per year");
    s.optional("match", &CareEntry::match, map_of(expression()),
               "Table of the mean cost per head that the start population must have: the residual is computed by cell "
               "of the table.",
               "{ gp: target_gp[sex, age] }")
        .unit_is("EUR per year");
    s.optional("at_death", &CareEntry::at_death, map_of(expression()), "Lump booked at death, by category.")
        .unit_is("EUR");
    s.optional("at", &CareEntry::at, map_of(object(at), Keys::any), "Lumps booked at events, by event and category.")
        .unit_is("EUR");
    s.optional("multiply", &CareEntry::multiply, map_of(expression()),
               "Factor of the person (mean 1) on the running cost of a category, not on lumps.")
        .unit_is("1");
    s.optional("index", &CareEntry::index, map_of(expression()),
               "Factor of the calendar year on all cost of a category.")
        .unit_is("1");
    s.optional("parameters", &CareEntry::parameters,
               map_of(raw_node("parameter", R"({"$ref": "#/definitions/parameter"})")),
               "Numbers with unit and source that expressions use.");
    return s;
}

void lower(const CareEntry& entry, const Contributions& contributions, ModelSpec& model, DiagnosticSink& sink) {
    const Unit euro_per_year = *parse_unit("EUR per year");
    std::vector<std::string> laws, categories;
    for (const auto& l : entry.laws) laws.push_back(l.value);
    std::map<std::string, FlowSpec> flows;
    std::vector<std::pair<std::string, std::string>> law_of;
    for (const auto& c : entry.categories) {
        categories.push_back(c.key);
        if (std::find(laws.begin(), laws.end(), c.value.value) == laws.end())
            sink.error(
                "E0429",
                fmt::format("category '{}' belongs to '{}', which is no law of this entry", c.key, c.value.value),
                c.value.span, suggestion(c.value.value, laws));
        if (std::find(laws.begin(), laws.end(), c.key) != laws.end())
            sink.error("E0429",
                       fmt::format("'{}' is both a category and a law (both would be called cost_{})", c.key, c.key),
                       c.key_span, "rename the category");
        law_of.emplace_back(c.key, c.value.value);
        FlowSpec f;
        f.name = "cost_" + c.key;
        f.where = c.key_span;
        f.unit = euro_per_year;
        flows.emplace(c.key, std::move(f));
    }
    const auto flow = [&](const std::string& category, SourceSpan where) -> FlowSpec* {
        const auto it = flows.find(category);
        if (it != flows.end()) return &it->second;
        sink.error("E0430", fmt::format("there is no cost category '{}'", category), where,
                   suggestion(category, categories), {{entry.name.span, "categories are listed here"}});
        return nullptr;
    };
    const auto add_all = [&](const std::vector<MapItem<LocatedText>>& items, std::vector<ExprText> FlowSpec::*list) {
        for (const auto& item : items)
            if (FlowSpec* f = flow(item.key, item.key_span)) (f->*list).push_back(expr_text(item.value));
    };
    add_all(entry.attributed, &FlowSpec::add);
    add_all(entry.residual, &FlowSpec::add);
    add_all(entry.multiply, &FlowSpec::factor);
    add_all(entry.index, &FlowSpec::index);
    for (const auto& item : entry.match)
        if (FlowSpec* f = flow(item.key, item.key_span)) f->match = expr_text(item.value);
    for (const auto& item : entry.at_death)
        if (FlowSpec* f = flow(item.key, item.key_span))
            f->lumps.push_back({"death", expr_text(item.value), item.key_span});
    for (const auto& event : entry.at)
        for (const auto& item : event.value.amounts)
            if (FlowSpec* f = flow(item.key, item.key_span))
                f->lumps.push_back({event.key, expr_text(item.value), event.key_span});
    for (const auto& c : contributions.costs)
        if (FlowSpec* f = flow(c.of, c.where)) f->add.push_back(c.value);
    for (const auto& c : contributions.event_costs)
        if (FlowSpec* f = flow(c.amount.of, c.amount.where))
            f->lumps.push_back({c.event, c.amount.value, c.amount.where});

    std::vector<std::string> services;
    for (const auto& s : entry.services) services.push_back(s.key);
    const auto service = [&](const std::string& name, SourceSpan where) -> const ServiceEntry* {
        for (const auto& s : entry.services)
            if (s.key == name) return &s.value;
        sink.error("E0431", fmt::format("there is no service '{}'", name), where, suggestion(name, services),
                   {{entry.name.span, "services are listed here"}});
        return nullptr;
    };
    const auto priced = [](const ServiceEntry& s, const ExprText& units) {
        return ExprText{"(" + units.text + ") * (" + s.price.text + ")", units.span, false};
    };
    for (const auto& n : contributions.needs)
        if (const ServiceEntry* s = service(n.of, n.where))
            if (FlowSpec* f = flow(s->category.value, s->category.span)) f->add.push_back(priced(*s, n.value));
    for (const auto& n : contributions.event_needs)
        if (const ServiceEntry* s = service(n.amount.of, n.amount.where))
            if (FlowSpec* f = flow(s->category.value, s->category.span))
                f->lumps.push_back({n.event, priced(*s, n.amount.value), n.amount.where});

    for (const auto& c : categories) model.flows.push_back(flows.at(c));
    FlowSpec total;
    total.name = "cost_total";
    total.where = entry.name.span;
    total.unit = euro_per_year;
    for (const auto& c : contributions.cost_flows) {
        if (!c.law.empty() && std::find(laws.begin(), laws.end(), c.law) == laws.end())
            sink.error("E0429", fmt::format("'{}' belongs to '{}', which is no law of the care entry", c.name, c.law),
                       c.where, suggestion(c.law, laws), {{entry.name.span, "laws are listed here"}});
        const std::string name = c.name.substr(std::string_view("cost_").size());
        if (flows.contains(name) || std::find(laws.begin(), laws.end(), name) != laws.end() || name == "total")
            sink.error("E0453", fmt::format("a programme and a category or law of cost are both called '{}'", name),
                       c.where, "rename the programme", {{entry.name.span, "categories are listed here"}});
        if (c.law.empty()) total.sum_of.push_back(c.name);
    }
    for (const auto& law : laws) {
        FlowSpec f;
        f.name = "cost_" + law;
        f.where = entry.name.span;
        f.unit = euro_per_year;
        for (const auto& [category, of] : law_of)
            if (of == law) f.sum_of.push_back("cost_" + category);
        for (const auto& c : contributions.cost_flows)
            if (c.law == law) f.sum_of.push_back(c.name);
        total.sum_of.push_back(f.name);
        model.flows.push_back(std::move(f));
    }
    model.flows.push_back(std::move(total));
}

}  // namespace proeftuin::care
