// Rates and probabilities of transitions: risks, fatality, deaths of all causes, effects of policies.
#include <fmt/format.h>

#include <algorithm>

#include "engine/run/model_compiler.hpp"
#include "engine/run/table_cells.hpp"

namespace proeftuin {

ModelCompiler::Draft ModelCompiler::draft(const TransitionSpec& t, std::size_t process) {
    Draft d;
    d.transition.name = t.name;
    d.transition.where = t.where;
    d.transition.process = static_cast<int>(process);
    d.transition.from = t.from;
    d.transition.to = t.to;
    d.transition.is_rate = t.is_rate;
    d.transition.kills = t.to >= 0 && model_->processes[process].is_death[static_cast<std::size_t>(t.to)] != 0;
    d.transition.value_where = t.value.span;
    d.transition.trigger = t.trigger;
    switch (t.trigger) {
        case Trigger::rate:
            break;
        case Trigger::duration:
            PT_EXPECT(t.years > 0.0);
            d.bound.base = Expression::constant(1.0 / t.years);
            return d;
        case Trigger::date:
            d.transition.until = t.years - spec_.start_year;
            d.bound.base = Expression::constant(1.0);
            return d;
        case Trigger::entry:
            d.bound.base = Expression::constant(model_->ticks_per_year);
            return d;
        case Trigger::selection:
            return d;
    }
    d.bound.base =
        t.is_rate ? bind_within(t.value, unit_of("per year"), rate_domain, fmt::format("the rate of '{}'", t.name))
                  : bind_within(t.value, Unit{}, probability_domain, fmt::format("the probability of '{}'", t.name));
    for (const auto& r : t.risks)
        d.bound.risks.push_back(bind_within(r, Unit{}, factor_domain, fmt::format("a risk on '{}'", t.name)));
    if (t.fatality) {
        d.transition.fatality_where = t.fatality->span;
        d.bound.fatality =
            bind_within(*t.fatality, Unit{}, probability_domain, fmt::format("the fatality of '{}'", t.name));
    }
    return d;
}

/// Tells of rows of probabilities that constants and tables alone take beyond 1.
void ModelCompiler::check_rows(const std::vector<Draft>& drafts) {
    for (std::size_t p = 0; p < spec_.processes.size(); ++p) {
        const ProcessSpec& ps = spec_.processes[p];
        for (int s = 0; s < static_cast<int>(ps.states->labels.size()); ++s) {
            double least = 0.0;
            std::vector<Note> parts;
            SourceSpan last;
            for (const auto& d : drafts) {
                const Transition& t = d.transition;
                if (t.process != static_cast<int>(p) || t.is_rate || !d.bound.risks.empty() ||
                    std::find(t.from.begin(), t.from.end(), s) == t.from.end())
                    continue;
                const double low = range_of(d.bound.base).low;
                if (!(low > 0.0) || low > 1.0) continue;  // more than 1 alone is told already
                least += low;
                last = t.value_where;
                parts.push_back({t.value_where, fmt::format("'{}' is {:g}", t.name, low)});
            }
            if (least > 1.0 + Domain::slack) {
                parts.pop_back();
                error("E0445",
                      fmt::format(
                          "the probabilities to leave state '{}' of '{}' add up to {:g} (together they are at most 1)",
                          ps.states->labels[static_cast<std::size_t>(s)], ps.name, least),
                      last, {}, std::move(parts));
            }
        }
    }
}

/// Death, birth, departure and arrival.
void ModelCompiler::draft_life(std::vector<Draft>& drafts) {
    const auto life = [&](const char* name, Transition::Kind kind, SourceSpan where) {
        Draft d;
        d.transition.name = name;
        d.transition.where = d.transition.value_where = where;
        d.transition.kind = kind;
        d.transition.from = {0};
        d.transition.kills = kind == Transition::Kind::death;
        drafts.push_back(std::move(d));
        return drafts.size() - 1;
    };
    if (spec_.mortality) {
        const auto k = life("death", Transition::Kind::death, spec_.mortality->rate.span);
        drafts[k].bound.base =
            bind_within(spec_.mortality->rate, unit_of("per year"), rate_domain, "the rate of death");
    }
    bool other_deaths = false;
    for (const auto& d : drafts) other_deaths = other_deaths || d.transition.kills || d.bound.fatality.valid();
    // Deaths by a state or by fatality are deaths too: `count: death` finds them even without a rate of death.
    if (!spec_.mortality && other_deaths) life("death", Transition::Kind::death, {});
    if (spec_.births) {
        const auto k = life("birth", Transition::Kind::birth, spec_.births->span);
        drafts[k].bound.base = bind_within(*spec_.births, unit_of("per year"), rate_domain, "the rate of birth");
    }
    if (spec_.departures) {
        const auto k = life("departure", Transition::Kind::departure, spec_.departures->span);
        drafts[k].bound.base =
            bind_within(*spec_.departures, unit_of("per year"), rate_domain, "the rate of departure");
    }
    if (!spec_.arrivals.empty()) life("arrival", Transition::Kind::arrival, spec_.arrivals.front().where);
}

void ModelCompiler::bind_transitions() {
    Model& m = *model_;
    std::vector<Draft> drafts;
    for (std::size_t p = 0; p < spec_.processes.size(); ++p)
        for (const TransitionSpec& t : spec_.processes[p].transitions) drafts.push_back(draft(t, p));
    check_rows(drafts);
    draft_life(drafts);
    std::stable_sort(drafts.begin(), drafts.end(),
                     [](const Draft& a, const Draft& b) { return a.transition.name < b.transition.name; });
    for (auto& d : drafts) {
        const int index = static_cast<int>(m.transitions.size());
        if (!transition_of_.emplace(d.transition.name, index).second)
            error("E0406", fmt::format("transition '{}' is given twice", d.transition.name), d.transition.where);
        if (d.transition.kind == Transition::Kind::death) m.death = index;
        if (d.transition.kind == Transition::Kind::arrival) m.arrival = index;
        m.transitions.push_back(std::move(d.transition));
        bound_.push_back(std::move(d.bound));
    }
    record_items_.resize(m.transitions.size());
    record_amounts_.resize(m.transitions.size());
}

void ModelCompiler::bind_life() {
    if (spec_.mortality) {
        for (const auto& e : spec_.mortality->multiply)
            death_multiply_.push_back(bind_within(e, Unit{}, factor_domain, "a factor on mortality"));
        for (const auto& e : spec_.mortality->add) death_add_.push_back(bind_number(e, unit_of("per year")));
    }
    Model& m = *model_;
    for (const ArrivalSpec& a : spec_.arrivals) {
        Arrivals arrivals;
        arrivals.numbers = a.numbers;
        const Expression scale = bind_within(a.scale, Unit{}, factor_domain, "the scale of arrivals");
        for (std::size_t c = 0; c < a.numbers->values.size(); ++c)
            if (!(a.numbers->values[c] >= 0.0)) {
                error("E0445",
                      fmt::format("arrivals '{}' are {:g} for {} (people who arrive are at least 0)", a.numbers->name,
                                  a.numbers->values[c], cell_text(*a.numbers, c)),
                      a.numbers->places.empty() ? a.where : a.numbers->places[c]);
                break;
            }
        if (const auto value = scale.as_constant())
            arrivals.scale = *value;
        else
            error("E0408", "the scale of arrivals must be a constant", a.scale.span);
        for (const TableAxis& axis : a.numbers->axes) {
            if (axis.name == "age") {
                arrivals.attribute_by_axis.push_back(Arrivals::by_age);
            } else if (axis.name == "year") {
                arrivals.attribute_by_axis.push_back(Arrivals::by_year);
            } else {
                int found = no_index;
                for (std::size_t k = 0; k < m.attributes.size(); ++k)
                    if (m.attributes[k].name == axis.name && m.attributes[k].is_category) found = static_cast<int>(k);
                if (found == no_index)
                    error(
                        "E0409",
                        fmt::format("arrivals are given by '{}', which is not an attribute with categories", axis.name),
                        a.where);
                arrivals.attribute_by_axis.push_back(found);
            }
        }
        if (std::find(arrivals.attribute_by_axis.begin(), arrivals.attribute_by_axis.end(), Arrivals::by_age) ==
            arrivals.attribute_by_axis.end())
            error("E0409", fmt::format("arrivals '{}' do not say how old people are who come", a.numbers->name),
                  a.where, "give the table by age: by: [age]");
        m.arrivals.push_back(std::move(arrivals));
    }
}

/// The column with the share that is left of an effect; equal ones are kept once.
Expression ModelCompiler::share_left(const EffectSpec::Fade& spec) {
    Model& m = *model_;
    Fade fade;
    for (std::size_t p = 0; p < m.processes.size(); ++p)
        if (m.processes[p].name == spec.process) fade.process = static_cast<int>(p);
    PT_EXPECT(fade.process != no_index && spec.half_life > 0.0);
    Process& process = m.processes[static_cast<std::size_t>(fade.process)];
    fade.in_full.assign(process.states->labels.size(), 0);
    for (const int s : spec.states) fade.in_full[static_cast<std::size_t>(s)] = 1;
    fade.half_life = spec.half_life;
    fade.to = spec.to;
    auto same = std::find_if(m.fades.begin(), m.fades.end(), [&](const Fade& other) {
        return other.process == fade.process && other.in_full == fade.in_full && other.half_life == fade.half_life &&
               other.to == fade.to;
    });
    if (same == m.fades.end()) {
        const std::string tag = fmt::format("{}.{}", process.name, process.fades.size());
        fade.left = add_column("left." + tag, ColumnType::f64);
        fade.share = add_column("share." + tag, ColumnType::f64);
        process.fades.push_back(static_cast<int>(m.fades.size()));
        same = m.fades.insert(m.fades.end(), fade);
    }
    const std::string name = fmt::format("__share_{}", same - m.fades.begin());
    symbols_.set(name, NumberSymbol{same->share, Unit{}});
    return bind_number({name, {}, false}, Unit{});
}

/// `value` for whom and as far as the effect reaches, `none` (1 of a factor, 0 of a term) for the others. Nobody's
/// number changes by a bit where the value is `none`.
Expression ModelCompiler::reach(const EffectSpec& effect, Expression value, double none) {
    const Expression nothing = Expression::constant(none);
    if (effect.fade) {
        const auto& process = *std::find_if(spec_.processes.begin(), spec_.processes.end(),
                                            [&](const ProcessSpec& p) { return p.name == effect.fade->process; });
        std::vector<std::string> states;
        for (const int s : effect.fade->states) states.push_back(process.states->labels[static_cast<std::size_t>(s)]);
        const Expression in_full =
            bind_condition({fmt::format("{} in [{}]", process.name, fmt::join(states, ", ")), {}, false});
        const Expression share = share_left(*effect.fade);
        const Expression in_part = none == 0.0 ? value * share : nothing + (value - nothing) * share;
        value = select(in_full, value, in_part);
    }
    if (effect.when) value = select(bind_condition(*effect.when), value, nothing);
    return value;
}

void ModelCompiler::bind_effects() {
    std::vector<std::string> names, flows;
    for (const auto& t : model_->transitions)
        if (t.trigger == Trigger::rate && t.kind != Transition::Kind::arrival) names.push_back(t.name);
    for (const auto& f : spec_.flows)
        if (f.sum_of.empty()) flows.push_back(f.name);
    std::vector<std::string> all_names = names;
    all_names.insert(all_names.end(), flows.begin(), flows.end());
    for (const EffectSpec& effect : spec_.effects) {
        Expression factor;
        if (!effect.add)
            factor = reach(effect, bind_within(effect.multiply, Unit{}, factor_domain, "the factor of an effect"), 1.0);
        for (std::size_t j = 0; j < effect.on.size(); ++j) {
            const std::string& on = effect.on[j];
            const SourceSpan place = j < effect.places.size() ? effect.places[j] : effect.where;
            if (std::find(flows.begin(), flows.end(), on) != flows.end()) {
                flow_effects_.emplace(on, &effect);
                continue;
            }
            if (std::any_of(spec_.flows.begin(), spec_.flows.end(), [&](const FlowSpec& f) { return f.name == on; })) {
                error("E0410", fmt::format("effect on '{}', which is a sum of others", on), place,
                      "name the categories that it is on");
                continue;
            }
            if (effect.add) {
                error("E0410", fmt::format("effect adds to '{}', which is no cost and not the utility", on), place,
                      "`multiply` for rates and probabilities");
                continue;
            }
            bool any = false;
            const bool all = on.size() > 2 && on.ends_with(".*");
            for (std::size_t k = 0; k < model_->transitions.size(); ++k) {
                Transition& t = model_->transitions[k];
                if (t.trigger != Trigger::rate || t.kind == Transition::Kind::arrival) continue;
                const bool hit = all ? t.name.starts_with(on.substr(0, on.size() - 1)) : t.name == on;
                if (!hit) continue;
                // Arrivals come from a table, and death without `mortality` has no rate: a factor would change nothing.
                if (model_->transitions[k].is_rate && !bound_[k].base.valid())
                    error("E0410", fmt::format("effect on '{}', which has no rate", on),
                          j < effect.places.size() ? effect.places[j] : effect.where);
                bound_[k].effects.push_back(factor);
                t.effect_where.push_back(effect.multiply.span);
                any = true;
            }
            if (any) continue;
            const bool event = transition_of_.contains(on);
            error("E0410",
                  event ? fmt::format("effect on '{}', which has no rate", on)
                        : fmt::format("effect on '{}', which is no transition{}", on,
                                      flows.empty() ? "" : ", cost or utility"),
                  place, suggestion(on, all_names));
        }
    }
}

Expression ModelCompiler::with_risks(const Expression& base, const Risks& risks, const Expression* inverse) const {
    Expression e = base;
    for (const auto& r : risks) e = product(e, r);
    if (inverse != nullptr) e = product(e, *inverse);
    return e;
}

void ModelCompiler::apply_effects() {
    Model& m = *model_;
    for (std::size_t k = 0; k < m.transitions.size(); ++k) {
        Transition& t = m.transitions[k];
        if (t.is_rate && !t.rate.valid()) continue;
        for (const Expression& effect : bound_[k].effects) {
            if (t.is_rate)
                t.rate = t.rate * effect;
            else
                t.effect = t.effect.valid() ? t.effect * effect : effect;
        }
    }
}

}  // namespace proeftuin
