#include "models/process/process.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/expr/located.hpp"

namespace proeftuin::process {
namespace {

Schema<ShareEntry> share_schema() {
    Schema<ShareEntry> s("share", "How many start in a state.");
    s.required("probability", &ShareEntry::probability, expression(),
               "Probability to start in the state, given age and sex.", "copd_prevalence[sex, age]")
        .unit_is("1");
    s.optional("risks", &ShareEntry::risks, list_or_single(expression()),
               "Relative risks that shift the probability between people.", "[rr_smoking[smoking]]")
        .unit_is("1");
    s.optional("normalised", &ShareEntry::normalised, boolean(),
               "Divide by the national mean of the product of the risks, so that the national probability stays.")
        .default_is("true");
    return s;
}

Type<ShareEntry> share_type() {
    return scalar_or(converted<ShareEntry>(expression(),
                                           [](LocatedText t) {
                                               return ShareEntry{std::move(t), {}, true};
                                           }),
                     object(share_schema()));
}

Type<StartEntry> start_type() {
    return scalar_or(converted<StartEntry>(located(name()),
                                           [](Located<std::string> n) {
                                               return StartEntry{std::move(n), {}};
                                           }),
                     converted<StartEntry>(map_of(share_type()), [](std::vector<MapItem<ShareEntry>> m) {
                         return StartEntry{{}, std::move(m)};
                     }));
}

Schema<TransitionEntry> transition_schema() {
    Schema<TransitionEntry> s("transition",
                              "A way from one state to another, or a recurrent event without change of state.");
    s.optional("from", &TransitionEntry::from, list_or_single(located(name())), "State or states it leaves.", "none");
    s.optional("to", &TransitionEntry::to, located(name()), "State it enters.", "gold1");
    s.optional("within", &TransitionEntry::within, list_or_single(located(name())),
               "States in which a recurrent event happens; nobody changes state.", "[gold2, gold3]");
    s.optional("rate", &TransitionEntry::rate, expression(), "How often per person-year, in continuous time.",
               "copd_incidence[sex, age]")
        .unit_is("per year");
    s.optional("probability", &TransitionEntry::probability, expression(), "Chance per cycle of the process.", "0.15")
        .unit_is("1");
    s.optional("risks", &TransitionEntry::risks, list_or_single(expression()), "Relative risks that multiply the rate.",
               "[rr_smoking[smoking]]")
        .unit_is("1");
    s.optional("normalised", &TransitionEntry::normalised, boolean(),
               "Divide by the national mean of the product of the risks among those at risk, by sex and age.")
        .default_is("true");
    s.optional("fatality", &TransitionEntry::fatality, expression(),
               "Probability that the person dies of the event at once.", "0.12")
        .unit_is("1");
    s.optional("doc", &TransitionEntry::doc, text(), "What it is.");
    s.exactly_one_of({"rate", "probability"});
    s.place(&TransitionEntry::place);
    s.check([](const TransitionEntry& t, const Node&, DiagnosticSink& sink) {
        const bool move = !t.from.empty() && t.to.has_value();
        const bool event = !t.within.empty() && t.from.empty() && !t.to;
        if (!move && !event)
            sink.error("E0416", "a transition needs `from` and `to`, or `within` alone", t.place,
                       "from: none, to: sick for a change of state; within: [sick] for a recurrent event");
    });
    return s;
}

Schema<HazardEntry> hazard_schema() {
    Schema<HazardEntry> s("mortality of a process", "What being in a state does to the rate of death.");
    s.optional("multiply", &HazardEntry::multiply, expression(), "Relative risk of death.", "copd_mortality_rr[copd]")
        .unit_is("1");
    s.optional("add", &HazardEntry::add, expression(), "Additional rate of death.", "0.01 per year")
        .unit_is("per year");
    s.at_least_one_of({"multiply", "add"});
    return s;
}

Schema<UtilityEntry> utility_schema() {
    Schema<UtilityEntry> s("utility of a process", "What being in a state does to quality of life.");
    s.optional("multiply", &UtilityEntry::multiply, expression(), "Factor on the utility.", "copd_utility[copd]")
        .unit_is("1");
    s.optional("subtract", &UtilityEntry::subtract, expression(), "Decrement of the utility.", "0.05").unit_is("1");
    s.at_least_one_of({"multiply", "subtract"});
    return s;
}

Schema<CostsEntry> amounts_schema(const char* title, const char* doc, const char* flow, const char* unit) {
    Schema<AmountsEntry> at(fmt::format("{} at a transition", title),
                            "Amounts booked once, when the transition happens.");
    at.others(&AmountsEntry::amounts, expression(), "Amount.");
    Schema<CostsEntry> s(title, doc);
    s.optional("at", &CostsEntry::at, map_of(object(at), Keys::any), "Amounts at transitions of this process.")
        .unit_is(unit);
    s.others(&CostsEntry::flows, expression(), flow);
    return s;
}

}  // namespace

Schema<ProcessEntry> process_schema() {
    Schema<ProcessEntry> s("process",
                           "A finite-state machine per person: a disease, smoking, self-reliance. Transitions are "
                           "rates or, per cycle, probabilities.");
    s.entry_kind("process");
    s.optional("format", &ProcessEntry::format, integer(1, 1), "Version of the language.", "1");
    s.required("process", &ProcessEntry::name, located(name()), "Name; expressions use it as a category.", "copd");
    s.optional("doc", &ProcessEntry::doc, text(), "What it is.");
    s.required("states", &ProcessEntry::states, list_of(located(name()), 2),
               "States; the first is where most people are.", "[none, gold1, gold2]");
    s.optional("absorbing", &ProcessEntry::absorbing, list_or_single(located(name())),
               "States without a way out; they must be declared.", "[gold4]");
    s.optional("death", &ProcessEntry::death, list_or_single(located(name())), "States in which the person is dead.",
               "[dead]");
    s.optional("cycle", &ProcessEntry::cycle, quantity("year", 1e-3, 100), "Length of a cycle; only for probabilities.",
               "1 year")
        .unit_is("year");
    s.optional("start", &ProcessEntry::start, start_type(),
               "State at entry: one state for everybody, or probabilities; the first state takes the rest.",
               "{ gold1: copd_prevalence[sex, age] }");
    s.optional("transitions", &ProcessEntry::transitions, map_of(object(transition_schema())),
               "Ways between the states.");
    s.optional("mortality", &ProcessEntry::mortality, object(hazard_schema()), "Effect on the rate of death.");
    s.optional("utility", &ProcessEntry::utility, object(utility_schema()), "Effect on quality of life.");
    s.optional(
        "costs", &ProcessEntry::costs,
        object(amounts_schema("costs", "Cost by category.",
                              "Cost per year of a category, while in the states that the expression says.", "EUR")),
        "Cost by category of care.");
    s.optional("needs", &ProcessEntry::needs,
               object(amounts_schema("needs", "Need for services.", "Units per year of a service.", "1")),
               "Units of service by name of the service.");
    s.optional("parameters", &ProcessEntry::parameters,
               map_of(raw_node("parameter", R"({"$ref": "#/definitions/parameter"})")),
               "Numbers with unit and source that expressions use.");
    s.place(&ProcessEntry::place);
    return s;
}

void lower(const ProcessEntry& entry, ModelSpec& model, Contributions& contributions, DiagnosticSink& sink) {
    ProcessSpec spec;
    spec.name = entry.name.value;
    spec.where = entry.name.span;
    spec.doc = entry.doc;
    auto states = std::make_shared<Categories>();
    states->name = spec.name;
    for (const auto& s : entry.states) {
        if (states->code(s.value) >= 0)
            sink.error("E0417", fmt::format("state '{}' is listed twice", s.value), s.span);
        else
            states->labels.push_back(s.value);
    }
    if (states->labels.size() > 250)
        sink.error("E0418", fmt::format("process '{}' has {} states (at most 250)", spec.name, states->labels.size()),
                   spec.where);
    spec.states = states;
    const auto code = [&](const Located<std::string>& s) {
        const int c = states->code(s.value);
        if (c < 0) {
            Diagnostic d{Severity::error,
                         "E0419",
                         fmt::format("process '{}' has no state '{}'", spec.name, s.value),
                         s.span,
                         {},
                         {{entry.states.front().span, "states are listed here"}},
                         suggestion(s.value, states->labels)};
            sink.report(std::move(d));
        }
        return c;
    };
    for (const auto& s : entry.absorbing)
        if (const int c = code(s); c >= 0) spec.absorbing.push_back(c);
    for (const auto& s : entry.death)
        if (const int c = code(s); c >= 0) spec.death.push_back(c);
    if (entry.start) {
        if (entry.start->everybody) spec.start_state = std::max(0, code(*entry.start->everybody));
        for (const auto& share : entry.start->shares) {
            const int c = code({share.key, share.key_span});
            if (c == 0)
                sink.error("E0420",
                           fmt::format("the first state '{}' takes the rest and has no share of its own", share.key),
                           share.key_span);
            if (c <= 0) continue;
            StartShareSpec out;
            out.code = c;
            out.probability = expr_text(share.value.probability);
            out.risks = expr_texts(share.value.risks);
            out.normalised = share.value.normalised;
            spec.shares.push_back(std::move(out));
        }
    }
    bool probabilities = false;
    for (const auto& item : entry.transitions) {
        const TransitionEntry& t = item.value;
        TransitionSpec out;
        out.name = spec.name + "." + item.key;
        out.where = item.key_span;
        for (const auto& s : t.from.empty() ? t.within : t.from)
            if (const int c = code(s); c >= 0) out.from.push_back(c);
        if (t.to) {
            out.to = code(*t.to);
            if (out.from.size() == 1 && out.from.front() == out.to && out.to >= 0)
                sink.error("E0421", fmt::format("transition '{}' leads back to the state it leaves", item.key),
                           t.to->span, "a recurrent event is written `within: [state]`");
        }
        out.is_rate = t.rate.has_value();
        probabilities = probabilities || !out.is_rate;
        out.value = expr_text(t.rate ? *t.rate : *t.probability);
        out.risks = expr_texts(t.risks);
        out.normalised = t.normalised;
        if (t.fatality) out.fatality = expr_text(*t.fatality);
        spec.transitions.push_back(std::move(out));
    }
    if (probabilities) spec.cycle = entry.cycle.value_or(1.0);
    if (!probabilities && entry.cycle)
        sink.error("E0422", fmt::format("process '{}' has rates, so it has no cycle", spec.name), entry.place,
                   "remove `cycle`");

    if (entry.mortality) {
        if (entry.mortality->multiply)
            contributions.mortality_multiply.push_back(expr_text(*entry.mortality->multiply));
        if (entry.mortality->add) contributions.mortality_add.push_back(expr_text(*entry.mortality->add));
    }
    if (entry.utility) {
        if (entry.utility->multiply) contributions.utility_multiply.push_back(expr_text(*entry.utility->multiply));
        if (entry.utility->subtract) contributions.utility_subtract.push_back(expr_text(*entry.utility->subtract));
    }
    const auto amounts = [&](const std::optional<CostsEntry>& from, std::vector<Contributions::Amount>& flows,
                             std::vector<Contributions::EventAmount>& events) {
        if (!from) return;
        for (const auto& f : from->flows) flows.push_back({f.key, expr_text(f.value), f.key_span});
        for (const auto& at : from->at)
            for (const auto& a : at.value.amounts) {
                const std::string event =
                    at.key.find('.') == std::string::npos && at.key != "death" ? spec.name + "." + at.key : at.key;
                events.push_back({event, {a.key, expr_text(a.value), a.key_span}});
            }
    };
    amounts(entry.costs, contributions.costs, contributions.event_costs);
    amounts(entry.needs, contributions.needs, contributions.event_needs);
    model.processes.push_back(std::move(spec));
}

}  // namespace proeftuin::process
