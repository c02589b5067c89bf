#include "models/programme/programme.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/expr/located.hpp"
#include "engine/run/calendar.hpp"

namespace proeftuin::programme {
namespace {

/// Before and after every scenario.
constexpr double always = 1e5;

Schema<RunsEntry> runs_schema() {
    Schema<PauseEntry> pause("pause", "Days on which nobody is invited and nobody starts.");
    pause.required("from", &PauseEntry::from, date(), "First day.", "2020-03-15");
    pause.required("to", &PauseEntry::to, date(), "Last day; a year is all of it.", "2020-05-31");
    Schema<RunsEntry> s("runs", "When people are invited.");
    s.optional("from", &RunsEntry::from, located(date()), "First day.", "2014-01-01")
        .default_is("the start of the scenario");
    s.optional("to", &RunsEntry::to, located(date()),
               "Last day; a year is all of it. Without a `duration` people take part until then.", "2018-12-31")
        .default_is("the end of the scenario");
    s.optional("ramp", &RunsEntry::ramp, quantity("year", 0.0, 50.0),
               "Time from the first day over which invitations rise from 0 to their number.", "18 months")
        .default_is("0")
        .unit_is("year");
    s.optional("pauses", &RunsEntry::pauses, list_of(located(object(pause))),
               "Days on which nobody is invited and nobody starts.", "[{ from: 2020-03-15, to: 2020-05-31 }]");
    s.place(&RunsEntry::place);
    return s;
}

Schema<EntryEntry> entry_schema() {
    Schema<EntryEntry> s("entry", "How people enter.");
    s.optional("invite", &EntryEntry::invite, expression(),
               "Invitations of the region, of numbers, parameters and `year`; what is not whole waits for the next "
               "step, what finds nobody is lost.",
               "2000 per year")
        .default_is("everybody who is eligible")
        .unit_is("per year");
    s.optional("places", &EntryEntry::places, expression(), "Most people of the region who take part at a time.", "300")
        .default_is("no limit")
        .unit_is("1");
    s.optional("uptake", &EntryEntry::uptake, expression(), "Probability that who is invited consents.",
               "age < 65 years ? 0.4 : 0.25")
        .default_is("1")
        .unit_is("1");
    s.optional("order_by", &EntryEntry::order_by, expression(),
               "Who is invited first: `random`, `first_come`, or a number of the person, the highest first. Equal "
               "people come in an order drawn once for each person and programme.",
               "age")
        .default_is("random");
    s.optional("ask_again_after", &EntryEntry::ask_again_after, quantity("year", 1e-3, 100.0),
               "Time after which somebody who declined may be invited again.", "1 year")
        .default_is("never")
        .unit_is("year");
    s.place(&EntryEntry::place);
    return s;
}

Schema<LeaveEntry> leave_schema() {
    Schema<LeaveEntry> s("leave", "How people leave.");
    s.optional("dropout", &LeaveEntry::dropout, expression(), "Rate of leaving before the end.", "0.2 per year")
        .unit_is("per year");
    s.optional("duration", &LeaveEntry::duration, quantity("year", 1e-3, 100.0), "Time from start to completion.",
               "2 years")
        .default_is("as long as it runs")
        .unit_is("year");
    s.optional("again_after", &LeaveEntry::again_after, quantity("year", 1e-3, 100.0),
               "Time after leaving from which somebody may be invited again.", "3 years")
        .default_is("never")
        .unit_is("year");
    return s;
}

Schema<EffectEntry> effect_schema() {
    Schema<FadesEntry> fades("fades", "What is left of an effect after it was in full.");
    fades
        .required("half_life", &FadesEntry::half_life, quantity("year", 1e-3, 1000.0),
                  "Time after which half of what goes is gone.", "3 months")
        .unit_is("year");
    fades.optional("to", &FadesEntry::to, number(0, 1), "Share that stays.", "0.33").default_is("0");
    Schema<EffectEntry> s("effect of a programme",
                          "What taking part changes; applied last, as one further multiplication or addition.");
    s.required("on", &EffectEntry::on, list_or_single(located(text())),
               "Transitions; `copd.*` for all of a process; `death`; `utility`; a cost such as `cost_hospital`.",
               "[copd.exacerbation, death]");
    s.optional("multiply", &EffectEntry::multiply, expression(), "Factor.", "0.8").unit_is("1");
    s.optional("add", &EffectEntry::add, expression(), "Term, to a utility or a cost.", "0.02");
    s.optional("while", &EffectEntry::during, list_or_single(located(name())),
               "States in which the effect is in full: consented, active, completed, dropped.", "active")
        .default_is("active");
    s.optional("fades", &EffectEntry::fades, object(fades),
               "The share `to + (1 - to) 2^(-t / half_life)` is left a time t after these states.",
               "{ half_life: 3 months, to: 0.33 }")
        .default_is("nothing is left");
    s.optional("for", &EffectEntry::when, expression(), "Condition; everybody who takes part when it is left out.",
               "copd != none");
    s.optional("claimed", &EffectEntry::claimed, expression(),
               "What the programme says of itself, in place of `multiply` or `add` under `effects_as: claimed`.",
               "0.6");
    s.optional("at_scale", &EffectEntry::at_scale, expression(),
               "Share of the effect that is left when a pilot becomes usual practice.", "0.7")
        .default_is("1")
        .unit_is("1");
    s.optional("source", &EffectEntry::source, located(name()),
               "Where the number comes from, when it is not a parameter.", "jonkman_2016");
    s.optional("why", &EffectEntry::why, text(), "Why this assumption.");
    s.optional("doc", &EffectEntry::doc, text(), "What it is.");
    s.exactly_one_of({"multiply", "add"});
    s.place(&EffectEntry::place);
    s.check([](const EffectEntry& e, const Node&, DiagnosticSink& sink) {
        if (e.source && e.source->value == "assumption" && e.why.empty())
            sink.error("E0513", "an assumption says why", e.source->span, "why: \"...\"");
    });
    return s;
}

Schema<CostEntry> cost_schema() {
    Schema<CostEntry> s("cost of a programme", "What the programme itself costs; care that people need is apart.");
    s.optional("per_invitation", &CostEntry::per_invitation, expression(), "Cost of each invitation.", "4 EUR")
        .unit_is("EUR");
    s.optional("per_person_start", &CostEntry::per_person_start, expression(), "Cost of each start.", "180 EUR")
        .unit_is("EUR");
    s.optional("per_person_year", &CostEntry::per_person_year, expression(), "Cost while somebody takes part.",
               "240 EUR per year")
        .unit_is("EUR per year");
    s.optional(
         "fixed_per_year", &CostEntry::fixed_per_year, expression(),
         "Cost of the region while the programme runs, pauses included; nobody's, so it is in no sum over people.",
         "225000 EUR per year")
        .unit_is("EUR per year");
    s.optional("law", &CostEntry::law, located(name()),
               "Law or budget of the care entry that what people cost is added to.", "zvw")
        .default_is("the total only");
    s.at_least_one_of({"per_invitation", "per_person_start", "per_person_year", "fixed_per_year"});
    return s;
}

Schema<NeedsEntry> needs_schema() {
    Schema<NeedsAtEntry> at("needs at an event", "Units needed once.");
    at.others(&NeedsAtEntry::amounts, expression(), "Units of a service.");
    Schema<NeedsEntry> s("needs of a programme", "Services of the care entry that it uses, at their price there.");
    s.optional("at", &NeedsEntry::at, map_of(object(at)), "Units at events of the programme: invite, start, complete.",
               "{ start: { gp_consult: 1 } }");
    s.others(&NeedsEntry::flows, expression(), "Units per year while somebody takes part.");
    return s;
}

/// Writes a programme down for the kernel.
class Lowering {
public:
    Lowering(const ProgrammeEntry& entry, const Implementation* implementation, ModelSpec& model,
             Contributions& contributions, DiagnosticSink& sink)
        : entry_{entry},
          implementation_{implementation},
          model_{model},
          contributions_{contributions},
          sink_{sink},
          name_{entry.name.value} {}

    Recorded run() {
        check_name();
        check_implementation();
        find_runs();
        make_process();
        make_selection();
        for (const EffectEntry& e : entry_.effects) add_effect(e);
        add_cost();
        add_needs();
        record();
        return std::move(recorded_);
    }

private:
    std::string event(const char* name) const { return name_ + "." + name; }
    int state(std::string_view label) const { return process_.states->code(label); }
    std::string active() const { return name_ + " == active"; }

    void check_name() {
        for (const auto& p : model_.processes)
            if (p.name == name_)
                sink_.error("E0703", fmt::format("'{}' is a programme and a process, or two programmes", name_),
                            entry_.name.span, {}, {{p.where, "first given here"}});
    }

    void check_implementation() {
        if (implementation_ == nullptr) return;
        const auto& e = entry_.entry;
        const auto missing = [&](bool acts, bool there, const char* what, const char* help) {
            if (acts && !there)
                sink_.error("E0483", fmt::format("programme '{}' has no {} that a coalition could act on", name_, what),
                            implementation_->where, help, {{entry_.name.span, "the programme"}});
        };
        missing(implementation_->invitations, e && e->invite, "`invite`", "acts_on: uptake");
        missing(implementation_->uptake, e && e->uptake, "`uptake`", "acts_on: invitations");
        missing(implementation_->effects, !entry_.effects.empty(), "`effects`", "acts_on: invitations");
    }

    /// A text times the level of implementation.
    ExprText implemented(ExprText text) const {
        return {fmt::format("({}) * ({})", text.text, implementation_->level), text.span, false};
    }

    void find_runs() {
        const RunsEntry runs = entry_.runs.value_or(RunsEntry{});
        double from = -always, to = always;
        if (runs.from) from = calendar_year(runs.from->value, false);
        if (runs.to) to = calendar_year(runs.to->value, true), end_ = to;
        if (!(from < to))
            sink_.error("E0452", fmt::format("'{}' ends before it begins", name_), runs.to->span, {},
                        {{runs.from->span, "its first day"}});
        if (runs.ramp && *runs.ramp > 0.0) {
            if (!runs.from)
                sink_.error("E0452", "a ramp begins on the first day, which is not given", runs.place,
                            "from: 2014-01-01");
            ramp_ = *runs.ramp;
        }
        whole_ = {{from, to}};
        double open = from;
        for (const auto& pause : runs.pauses) {
            const double first = calendar_year(pause.value.from, false), last = calendar_year(pause.value.to, true);
            if (!(first < last))
                sink_.error("E0452", "a pause ends before it begins", pause.span);
            else if (first < open || last > to)
                sink_.error("E0452",
                            "a pause lies outside of the days that the programme runs, or before the pause "
                            "ahead of it",
                            pause.span, "give pauses in their order, each within `from` and `to`");
            else if (open < first)
                runs_.push_back({open, first});
            open = std::max(open, last);
        }
        if (open < to) runs_.push_back({open, to});
    }

    void make_process() {
        const bool declines = entry_.entry && entry_.entry->uptake;
        const LeaveEntry leave = entry_.leave.value_or(LeaveEntry{});
        const bool completes = leave.duration || end_;
        auto states = std::make_shared<Categories>();
        states->name = name_;
        states->labels = {"none"};
        if (declines) states->labels.push_back("declined");
        for (const char* label : {"consented", "active"}) states->labels.push_back(label);
        if (completes) states->labels.push_back("completed");
        if (leave.dropout) states->labels.push_back("dropped");
        process_.name = name_;
        process_.where = entry_.name.span;
        process_.doc = entry_.doc;
        process_.states = states;
        const auto add = [&](const char* name, std::vector<int> from, int to, Trigger trigger, double years = 0.0) {
            TransitionSpec t;
            t.name = event(name);
            t.where = entry_.name.span;
            t.from = std::move(from);
            t.to = to;
            t.trigger = trigger;
            t.years = years;
            process_.transitions.push_back(std::move(t));
        };
        add("invite", {0}, -1, Trigger::selection);
        add("consent", {0}, state("consented"), Trigger::selection);
        if (declines) {
            add("decline", {0}, state("declined"), Trigger::selection);
            if (entry_.entry->ask_again_after)
                add("ask_again", {state("declined")}, 0, Trigger::duration, *entry_.entry->ask_again_after);
            else
                process_.absorbing.push_back(state("declined"));
        }
        add("start", {state("consented")}, state("active"), Trigger::entry);
        std::vector<int> ended;
        if (leave.duration)
            add("complete", {state("active")}, state("completed"), Trigger::duration, *leave.duration);
        else if (end_)
            add("complete", {state("active")}, state("completed"), Trigger::date, *end_);
        if (completes) ended.push_back(state("completed"));
        if (leave.dropout) {
            add("drop", {state("active")}, state("dropped"), Trigger::rate);
            process_.transitions.back().value = expr_text(*leave.dropout);
            ended.push_back(state("dropped"));
        }
        if (ended.empty()) process_.absorbing.push_back(state("active"));
        if (leave.again_after && !ended.empty())
            add("again", ended, 0, Trigger::duration, *leave.again_after);
        else
            process_.absorbing.insert(process_.absorbing.end(), ended.begin(), ended.end());
        model_.processes.push_back(process_);
    }

    void make_selection() {
        SelectionSpec s;
        s.process = name_;
        s.where = entry_.name.span;
        s.invite = event("invite");
        s.consent = event("consent");
        s.start = event("start");
        s.eligible = expr_text(entry_.eligible);
        s.runs = runs_;
        s.ramp = ramp_;
        s.taking_part = {state("consented"), state("active")};
        if (entry_.entry) {
            const EntryEntry& e = *entry_.entry;
            if (e.uptake) {
                s.uptake = expr_text(*e.uptake);
                s.decline = event("decline");
            } else if (e.ask_again_after) {
                sink_.error("E0454", "nobody declines without an `uptake`, so nobody is asked again", e.place,
                            "uptake: 0.4");
            }
            if (e.invite) s.invitations = expr_text(*e.invite);
            if (e.places) s.places = expr_text(*e.places);
            if (e.order_by && e.order_by->text == "first_come") {
                s.order = SelectionSpec::Order::first_come;
            } else if (e.order_by && e.order_by->text != "random") {
                s.order = SelectionSpec::Order::score;
                s.score = expr_text(*e.order_by);
            }
            if (e.order_by && e.order_by->text != "random" && !e.invite && !e.places)
                sink_.error("E0454", "there is no order among people who are all invited at once", e.order_by->span,
                            "invite: 2000 per year, or places: 300");
        }
        if (ramp_ > 0.0 && !s.invitations)
            sink_.error("E0454", "a ramp is of the number of invitations, which is not limited", entry_.runs->place,
                        "entry: { invite: 2000 per year }");
        if (implementation_ != nullptr && implementation_->invitations && s.invitations)
            s.invitations = implemented(*s.invitations);
        if (implementation_ != nullptr && implementation_->uptake && s.uptake) s.uptake = implemented(*s.uptake);
        model_.selections.push_back(std::move(s));
    }

    void add_effect(const EffectEntry& e) {
        EffectSpec effect;
        for (const auto& on : e.on) {
            effect.on.push_back(on.value);
            effect.places.push_back(on.span);
        }
        effect.where = e.place;
        const double none = e.add ? 0.0 : 1.0;
        ExprText size = expr_text(e.add ? *e.add : *e.multiply);
        if (entry_.effects_as == EffectsAs::claimed && e.claimed) size = expr_text(*e.claimed);
        const auto lessen = [&](const std::string& share) {
            size = {none == 0.0 ? fmt::format("({}) * ({})", size.text, share)
                                : fmt::format("1 + (({}) - 1) * ({})", size.text, share),
                    size.span, false};
        };
        if (e.at_scale) lessen(e.at_scale->text);
        if (implementation_ != nullptr && implementation_->effects) lessen(implementation_->level);
        if (e.add)
            effect.add = size;
        else
            effect.multiply = size;
        std::vector<int> states;
        std::string list;
        for (const auto& s : e.during) {
            const int code = s.value == "none" || s.value == "declined" ? -1 : state(s.value);
            if (code < 0) {
                std::vector<std::string> known;
                for (const auto& label : process_.states->labels)
                    if (label != "none" && label != "declined") known.push_back(label);
                sink_.error("E0451",
                            fmt::format("'{}' has no state '{}' in which it could have an effect", name_, s.value),
                            s.span, suggestion(s.value, known));
                continue;
            }
            states.push_back(code);
            list += (list.empty() ? "" : ", ") + s.value;
        }
        if (e.during.empty()) {
            states = {state("active")};
            list = "active";
        }
        if (states.empty()) return;
        const std::string taking_part = fmt::format("{} in [{}]", name_, list);
        if (e.when) effect.when = expr_text(*e.when);
        if (e.fades)
            effect.fade = EffectSpec::Fade{name_, states, e.fades->half_life, e.fades->to};
        else if (e.when)
            effect.when = ExprText{fmt::format("{} and ({})", taking_part, e.when->text), e.when->span, false};
        else
            effect.when = ExprText{taking_part, {}, false};
        model_.effects.push_back(std::move(effect));
    }

    void add_cost() {
        if (!entry_.cost) return;
        const CostEntry& cost = *entry_.cost;
        if (cost.per_invitation || cost.per_person_start || cost.per_person_year) {
            FlowSpec flow;
            flow.name = "cost_" + name_;
            flow.where = entry_.name.span;
            flow.unit = *parse_unit("EUR per year");
            if (cost.per_invitation)
                flow.lumps.push_back({event("invite"), expr_text(*cost.per_invitation), cost.per_invitation->span});
            if (cost.per_person_start)
                flow.lumps.push_back({event("start"), expr_text(*cost.per_person_start), cost.per_person_start->span});
            if (cost.per_person_year) {
                EffectSpec while_active;
                while_active.on = {flow.name};
                while_active.where = cost.per_person_year->span;
                while_active.add = expr_text(*cost.per_person_year);
                while_active.when = ExprText{active(), {}, false};
                model_.effects.push_back(std::move(while_active));
            }
            contributions_.cost_flows.push_back(
                {flow.name, cost.law ? cost.law->value : "", cost.law ? cost.law->span : entry_.name.span});
            recorded_.cost = name_ + "_cost";
            model_.flows.push_back(std::move(flow));
        } else if (cost.law) {
            sink_.error("E0454", "only what people cost is added to a law, and they cost nothing here", cost.law->span,
                        "leave out `law`");
        }
        if (cost.fixed_per_year) recorded_.fixed_cost = name_ + "_fixed_cost";
    }

    void add_needs() {
        if (!entry_.needs) return;
        for (const auto& f : entry_.needs->flows)
            contributions_.needs.push_back(
                {f.key, ExprText{fmt::format("({} ? 1 : 0) * ({})", active(), f.value.text), f.value.span, false},
                 f.key_span});
        std::vector<std::string> events;
        for (const auto& t : process_.transitions) events.push_back(t.name.substr(name_.size() + 1));
        for (const auto& at : entry_.needs->at) {
            if (std::find(events.begin(), events.end(), at.key) == events.end()) {
                sink_.error("E0451", fmt::format("'{}' has no event '{}'", name_, at.key), at.key_span,
                            suggestion(at.key, events));
                continue;
            }
            for (const auto& a : at.value.amounts)
                contributions_.event_needs.push_back({event(at.key.c_str()), {a.key, expr_text(a.value), a.key_span}});
        }
    }

    MeasureSpec& measure(const std::string& name, MeasureSpec::Kind kind, std::string doc) {
        MeasureSpec m;
        m.name = name;
        m.where = entry_.name.span;
        m.doc = std::move(doc);
        m.kind = kind;
        if (kind != MeasureSpec::Kind::regional)
            for (const auto& b : entry_.by) {
                m.by.push_back(b.value);
                m.by_places.push_back(b.span);
            }
        const auto same = std::find_if(model_.measures.begin(), model_.measures.end(),
                                       [&](const MeasureSpec& other) { return other.name == name; });
        if (same != model_.measures.end())
            sink_.error("E0433", fmt::format("measure '{}' is defined twice: programme '{}' makes one", name, name_),
                        entry_.name.span, {}, {{same->where, "first defined here"}});
        return model_.measures.emplace_back(std::move(m));
    }

    void record() {
        using Kind = MeasureSpec::Kind;
        recorded_.programme = name_;
        struct Stage {
            const char* event;
            const char* label;
            const char* doc;
        };
        for (const Stage& s : {Stage{"invite", "offered", "Invitations"}, Stage{"consent", "consented", "Consents"},
                               Stage{"start", "started", "Starts"}, Stage{"complete", "completed", "Completions"},
                               Stage{"drop", "dropped", "People who left before the end"}}) {
            const auto happens = [&](const TransitionSpec& t) { return t.name == event(s.event); };
            if (std::none_of(process_.transitions.begin(), process_.transitions.end(), happens)) continue;
            MeasureSpec& m = measure(fmt::format("{}_{}", name_, s.label), Kind::count,
                                     fmt::format("{} of programme {}", s.doc, name_));
            m.events = {event(s.event)};
            recorded_.funnel.emplace_back(s.label, m.name);
        }
        recorded_.active = name_ + "_active";
        measure(recorded_.active, Kind::people, fmt::format("People who take part in programme {}", name_)).value = {
            active(), {}, false};
        measure(name_ + "_person_years", Kind::integral, fmt::format("Years of taking part in programme {}", name_))
            .value = {active() + " ? 1 : 0", {}, false};
        if (!recorded_.cost.empty())
            measure(recorded_.cost, Kind::integral, fmt::format("What people cost in programme {}", name_)).value = {
                "cost_" + name_, {}, false};
        if (!recorded_.fixed_cost.empty()) {
            MeasureSpec& m =
                measure(recorded_.fixed_cost, Kind::regional, fmt::format("Fixed cost of programme {}", name_));
            m.value = expr_text(*entry_.cost->fixed_per_year);
            m.runs = whole_;
        }
    }

    const ProgrammeEntry& entry_;
    const Implementation* implementation_;  ///< null: in full
    ModelSpec& model_;
    Contributions& contributions_;
    DiagnosticSink& sink_;
    const std::string name_;
    ProcessSpec process_;
    std::optional<double> end_;  ///< calendar year
    double ramp_ = 0.0;
    std::vector<CalendarSpan> whole_;  ///< from the first day to the last
    std::vector<CalendarSpan> runs_;  ///< without pauses
    Recorded recorded_;
};

}  // namespace

Schema<ProgrammeEntry> programme_schema() {
    using Entry = ProgrammeEntry;
    Schema<Entry> s("programme",
                    "An intervention: whom it is for, how people enter and leave, what it changes, what it costs. "
                    "Expressions use its name as a category with the states none, declined, consented, active, "
                    "completed and dropped, as far as they occur.");
    s.entry_kind("programme");
    s.optional("format", &Entry::format, integer(1, 1), "Version of the language.", "1");
    s.required("programme", &Entry::name, located(name()), "Name.", "copd_self_management");
    s.optional("doc", &Entry::doc, text(), "What it is.");
    s.optional("goal", &Entry::goal, text(), "What it is for.");
    s.optional("target_group", &Entry::target_group, text(), "For whom, in words.");
    s.optional("partners", &Entry::partners, list_or_single(text()), "Who works together.");
    s.optional("funding", &Entry::funding, text(), "Who pays.");
    s.optional("principle", &Entry::principle, text(), "How it is thought to work.");
    s.optional("contract_term", &Entry::contract_term, text(), "For how long it was agreed.");
    s.optional("results", &Entry::results, text(), "What was found.");
    s.optional("outlook", &Entry::outlook, text(), "What comes after.");
    s.optional("delivered_by", &Entry::delivered_by, text(), "Who delivers it.");
    s.required("for", &Entry::eligible, expression(), "Condition on people who may be invited.",
               "copd in [gold2, gold3] and age >= 40 years");
    s.optional("runs", &Entry::runs, object(runs_schema()), "When people are invited.")
        .default_is("all of the scenario");
    s.optional("entry", &Entry::entry, object(entry_schema()), "How people enter.")
        .default_is("everybody who is eligible");
    s.optional("leave", &Entry::leave, object(leave_schema()), "How people leave.");
    s.optional("effects", &Entry::effects, list_of(object(effect_schema())), "What taking part changes.");
    s.optional("effects_as", &Entry::effects_as,
               one_of<EffectsAs>({{"evidence", EffectsAs::evidence}, {"claimed", EffectsAs::claimed}}),
               "Which size of effects is used, where they state both.")
        .default_is("evidence");
    s.optional("cost", &Entry::cost, object(cost_schema()), "What the programme itself costs.");
    s.optional("needs", &Entry::needs, object(needs_schema()), "Services that it uses.");
    s.optional("by", &Entry::by, list_or_single(located(name())),
               "Groups, processes or categories by which its funnel, people and cost are recorded.", "[sex]");
    s.optional("parameters", &Entry::parameters,
               map_of(raw_node("parameter", R"({"$ref": "#/definitions/parameter"})")),
               "Numbers with unit and source that expressions use.");
    s.place(&Entry::place);
    return s;
}

Recorded lower(const ProgrammeEntry& entry, const Implementation* implementation, ModelSpec& model,
               Contributions& contributions, DiagnosticSink& sink) {
    return Lowering(entry, implementation, model, contributions, sink).run();
}

}  // namespace proeftuin::programme
