// Rates and probabilities of transitions: risks, fatality, deaths of all causes, effects of policies.
#include <algorithm>
#include <fmt/format.h>

#include "engine/run/model_compiler.hpp"

namespace proeftuin {

void ModelCompiler::bind_transitions() {
    Model& m = *model_;
    struct Draft {
        Transition transition;
        BoundTransition bound;
    };
    std::vector<Draft> drafts;
    for (std::size_t p = 0; p < spec_.processes.size(); ++p)
        for (const TransitionSpec& t : spec_.processes[p].transitions) {
            Draft d;
            d.transition.name = t.name;
            d.transition.where = t.where;
            d.transition.process = static_cast<int>(p);
            d.transition.from = t.from;
            d.transition.to = t.to;
            d.transition.is_rate = t.is_rate;
            d.transition.kills = t.to >= 0 && m.processes[p].is_death[static_cast<std::size_t>(t.to)] != 0;
            d.bound.base = bind_number(t.value, t.is_rate ? unit_of("per year") : Unit{});
            for (const auto& r : t.risks) d.bound.risks.push_back(bind_number(r, Unit{}));
            if (t.fatality) d.bound.fatality = bind_number(*t.fatality, Unit{});
            drafts.push_back(std::move(d));
        }
    const auto life = [&](const char* name, Transition::Kind kind, SourceSpan where) {
        Draft d;
        d.transition.name = name;
        d.transition.where = where;
        d.transition.kind = kind;
        d.transition.from = {0};
        d.transition.kills = kind == Transition::Kind::death;
        drafts.push_back(std::move(d));
        return drafts.size() - 1;
    };
    if (spec_.mortality) {
        const auto k = life("death", Transition::Kind::death, spec_.mortality->rate.span);
        drafts[k].bound.base = bind_number(spec_.mortality->rate, unit_of("per year"));
    }
    bool other_deaths = false;
    for (const auto& d : drafts) other_deaths = other_deaths || d.transition.kills || d.bound.fatality.valid();
    // Deaths by a state or by fatality are deaths too: `count: death` finds them even without a rate of death.
    if (!spec_.mortality && other_deaths) life("death", Transition::Kind::death, {});
    if (spec_.births) {
        const auto k = life("birth", Transition::Kind::birth, spec_.births->span);
        drafts[k].bound.base = bind_number(*spec_.births, unit_of("per year"));
        m.closed_cohort = false;
    }
    if (spec_.departures) {
        const auto k = life("departure", Transition::Kind::departure, spec_.departures->span);
        drafts[k].bound.base = bind_number(*spec_.departures, unit_of("per year"));
    }
    if (!spec_.arrivals.empty()) life("arrival", Transition::Kind::arrival, spec_.arrivals.front().where);
    std::stable_sort(drafts.begin(), drafts.end(), [](const Draft& a, const Draft& b) { return a.transition.name < b.transition.name; });
    for (auto& d : drafts) {
        const int index = static_cast<int>(m.transitions.size());
        if (!transition_of_.emplace(d.transition.name, index).second)
            error("E0406", fmt::format("transition '{}' is given twice", d.transition.name), d.transition.where);
        if (d.transition.kind == Transition::Kind::death) m.death = index;
        if (d.transition.kind == Transition::Kind::birth) m.birth_event = index;
        if (d.transition.kind == Transition::Kind::departure) m.departure = index;
        if (d.transition.kind == Transition::Kind::arrival) m.arrival = index;
        m.transitions.push_back(std::move(d.transition));
        bound_.push_back(std::move(d.bound));
    }
    record_items_.resize(m.transitions.size());
    record_amounts_.resize(m.transitions.size());
}

void ModelCompiler::bind_life() {
    if (spec_.mortality) {
        for (const auto& e : spec_.mortality->multiply) death_multiply_.push_back(bind_number(e, Unit{}));
        for (const auto& e : spec_.mortality->add) death_add_.push_back(bind_number(e, unit_of("per year")));
    }
    Model& m = *model_;
    for (const ArrivalSpec& a : spec_.arrivals) {
        m.closed_cohort = false;
        Arrivals arrivals;
        arrivals.numbers = a.numbers;
        const Expression scale = bind_number(a.scale, Unit{});
        if (const auto value = scale.as_constant())
            arrivals.scale = *value;
        else
            error("E0408", "the scale of arrivals must be a constant", a.scale.span);
        for (const TableAxis& axis : a.numbers->axes) {
            if (axis.name == "age") {
                arrivals.attribute_by_axis.push_back(-1);
            } else if (axis.name == "year") {
                arrivals.attribute_by_axis.push_back(-2);
            } else {
                int found = no_index;
                for (std::size_t k = 0; k < m.attributes.size(); ++k)
                    if (m.attributes[k].name == axis.name && m.attributes[k].is_category) found = static_cast<int>(k);
                if (found == no_index)
                    error("E0409", fmt::format("arrivals are given by '{}', which is not an attribute with categories", axis.name), a.where);
                arrivals.attribute_by_axis.push_back(found);
            }
        }
        m.arrivals.push_back(std::move(arrivals));
    }
}

void ModelCompiler::bind_effects() {
    std::vector<std::string> names;
    for (const auto& t : model_->transitions) names.push_back(t.name);
    for (const EffectSpec& effect : spec_.effects) {
        Expression factor = bind_number(effect.multiply, Unit{});
        if (effect.when) factor = select(bind_condition(*effect.when), factor, Expression::constant(1.0));
        for (const std::string& on : effect.on) {
            bool any = false;
            const bool all = on.size() > 2 && on.ends_with(".*");
            for (std::size_t k = 0; k < names.size(); ++k) {
                const bool hit = all ? names[k].starts_with(on.substr(0, on.size() - 1)) : names[k] == on;
                if (!hit) continue;
                bound_[k].effects.push_back(factor);
                any = true;
            }
            if (!any)
                error("E0410", fmt::format("effect on '{}', which is no transition", on), effect.where, suggestion(on, names));
        }
    }
}

Expression ModelCompiler::with_risks(const Expression& base, const Risks& risks, const Expression* inverse) const {
    Expression e = base;
    for (const auto& r : risks) e = product(e, r);
    if (inverse != nullptr) e = product(e, *inverse);
    return e;
}

void ModelCompiler::finish_rates() {
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
