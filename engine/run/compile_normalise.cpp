// Constants that make totals right: over a reference sample, risks must average to what was stated.
#include <fmt/format.h>

#include <algorithm>

#include "engine/run/chunk.hpp"
#include "engine/run/model_compiler.hpp"
#include "engine/run/reference_sample.hpp"
#include "engine/run/start.hpp"

namespace proeftuin {

namespace {

std::vector<double> ones(const ReferenceSample& nation) { return std::vector<double>(nation.size(), 1.0); }

/// 1 for the people who are in a state that the transition starts from, else 0. \pre it is one of a process
std::vector<double> at_risk(const Model& model, ReferenceSample& nation, const Transition& transition) {
    const auto process = static_cast<std::size_t>(transition.process);
    const auto state = nation.people().column<std::uint8_t>(model.processes[process].state);
    std::vector<double> weight(state.size());
    for (std::size_t i = 0; i < state.size(); ++i) {
        const bool open = std::find(transition.from.begin(), transition.from.end(), static_cast<int>(state[i])) !=
                          transition.from.end();
        weight[i] = open ? 1.0 : 0.0;
    }
    return weight;
}

}  // namespace

/// A look-up of the inverse of the mean of the product of `risks` over the nation's people, by sex and age.
Expression ModelCompiler::inverse_mean(ReferenceSample& nation, const Risks& risks, const std::vector<double>& weight,
                                       const std::string& name) {
    const auto risk = nation.evaluate(*model_, with_risks(Expression::constant(1.0), risks, nullptr));
    const auto mean = nation.mean(risk, weight);
    auto table = nation.make_table(*model_, name);
    for (std::size_t c = 0; c < mean.size(); ++c) table->values[c] = 1.0 / mean[c];
    return lookup(table);
}

/// The specification of a transition of a process; null for those of life.
const TransitionSpec* ModelCompiler::spec_of(const Transition& transition) const {
    for (const auto& p : spec_.processes)
        for (const auto& t : p.transitions)
            if (t.name == transition.name) return &t;
    return nullptr;
}

bool ModelCompiler::needs_nation() const {
    const auto normalised = [](const Share& share) { return share.normalised && !share.risks.empty(); };
    for (const auto* of : {&process_shares_, &attribute_shares_})
        for (const auto& shares : *of)
            if (std::any_of(shares.begin(), shares.end(), normalised)) return true;
    const bool total = spec_.mortality && spec_.mortality->total;
    if (total && (!death_multiply_.empty() || !death_add_.empty())) return true;
    for (std::size_t k = 0; k < bound_.size(); ++k) {
        const TransitionSpec* t = spec_of(model_->transitions[k]);
        if ((total && bound_[k].fatality.valid()) || (t != nullptr && t->normalised && !t->risks.empty())) return true;
    }
    return std::any_of(spec_.flows.begin(), spec_.flows.end(), [](const auto& f) { return f.normalise_multipliers; });
}

void ModelCompiler::normalise() {
    std::optional<ReferenceSample> nation;
    if (needs_nation()) nation.emplace(*model_, spec_.reference_per_cell);
    normalise_starts(nation ? &*nation : nullptr);
    normalise_transitions(nation ? &*nation : nullptr);
    normalise_mortality(nation ? &*nation : nullptr);
    for (const auto& f : spec_.flows) {
        if (!f.normalise_multipliers) continue;
        Risks multipliers;
        for (const auto& e : f.multiply) multipliers.push_back(bind_number(e, Unit{}));
        (void)inverse_mean(*nation, multipliers, ones(*nation), "__norm_" + f.name);
    }
}

/// In the order of the start: the norm of a rule needs the people set by the rules before it.
void ModelCompiler::normalise_starts(ReferenceSample* nation) {
    Model& m = *model_;
    const Scalars scalars(m.start_year, 0.0, m.signal_starts);
    for (const int node : m.start_order) {
        const bool is_attribute = node >= 0;
        const auto k = static_cast<std::size_t>(is_attribute ? node : -1 - node);
        StartRule& rule = is_attribute ? m.attributes[k].start : m.processes[k].start;
        auto& shares = is_attribute ? attribute_shares_[k] : process_shares_[k];
        const std::string& name = is_attribute ? m.attributes[k].name : m.processes[k].name;
        std::vector<Expression> finished;
        for (std::size_t j = 0; j < shares.size(); ++j) {
            const Share& share = shares[j];
            if (share.risks.empty() || !share.normalised) {
                finished.push_back(with_risks(share.probability, share.risks, nullptr));
                continue;
            }
            const Expression inverse =
                inverse_mean(*nation, share.risks, ones(*nation), fmt::format("__start_norm_{}_{}", name, j));
            finished.push_back(with_risks(share.probability, share.risks, &inverse));
        }
        if (rule.kind == StartRule::Kind::number)
            rule.program = compile(is_attribute ? attribute_draw_[k] : std::vector<Expression>{});
        if (rule.kind == StartRule::Kind::shares) rule.program = compile(finished);
        if (nation == nullptr) continue;
        const bool of_sample = is_attribute && (static_cast<int>(k) == m.sex_attribute || name == "age");
        const bool drawn_below = is_attribute && m.attributes[k].each_year;
        if (!of_sample && !drawn_below)
            initialise_node(m, nation->people(), node, 0, nation->size(), nation->key(), scalars);
    }
    if (nation != nullptr)
        redraw_yearly(m, nation->people(), 0, nation->size(), nation->key(), scalars,
                      static_cast<std::int64_t>(m.start_year));
}

/// Relative risks on transitions: their mean over the nation's people who are at risk is 1.
void ModelCompiler::normalise_transitions(ReferenceSample* nation) {
    for (std::size_t k = 0; k < bound_.size(); ++k) {
        Transition& t = model_->transitions[k];
        const BoundTransition& b = bound_[k];
        if (t.kind == Transition::Kind::death || t.kind == Transition::Kind::arrival) continue;
        if (t.trigger == Trigger::selection) continue;
        const TransitionSpec* spec = spec_of(t);
        if (b.risks.empty() || (spec != nullptr && !spec->normalised)) {
            t.rate = with_risks(b.base, b.risks, nullptr);
        } else {
            std::string name = "__norm_" + t.name;
            std::replace(name.begin(), name.end(), '.', '_');
            const Expression inverse = inverse_mean(*nation, b.risks, at_risk(*model_, *nation, t), name);
            t.rate = with_risks(b.base, b.risks, &inverse);
        }
        t.fatal = b.fatality;
    }
}

/// Takes off what comes by fatality and addition, divides by the mean multiplier.
void ModelCompiler::normalise_mortality(ReferenceSample* nation) {
    if (!spec_.mortality) return;
    Transition& death = model_->transitions[static_cast<std::size_t>(model_->death)];
    Expression hazard = bound_[static_cast<std::size_t>(model_->death)].base;
    if (spec_.mortality->total && nation != nullptr) {
        hazard = product(hazard, remaining_share(*nation, hazard));
        if (!death_multiply_.empty()) {
            const Expression inverse = inverse_mean(*nation, death_multiply_, ones(*nation), "__mortality_norm");
            hazard = with_risks(hazard, death_multiply_, &inverse);
        }
    } else {
        hazard = with_risks(hazard, death_multiply_, nullptr);
    }
    for (const auto& e : death_add_) hazard = hazard + e;
    death.rate = hazard;
}

/// By sex and age, the share of all deaths (`total`, per year) that do not come by case fatality and addition.
Expression ModelCompiler::remaining_share(ReferenceSample& nation, const Expression& total) {
    constexpr double most = 0.95;
    Model& m = *model_;
    std::vector<double> other(nation.size(), 0.0);
    for (const Transition& t : m.transitions) {
        if (!t.fatal.valid() || t.process == no_index) continue;
        const auto rate = nation.evaluate(m, product(t.rate, t.fatal));
        const auto open = at_risk(m, nation, t);
        for (std::size_t i = 0; i < rate.size(); ++i)
            if (open[i] > 0.0) other[i] += rate[i];
    }
    for (const auto& e : death_add_) {
        const auto rate = nation.evaluate(m, e);
        for (std::size_t i = 0; i < rate.size(); ++i) other[i] += rate[i];
    }
    const auto all = nation.mean(nation.evaluate(m, total), ones(nation));
    const auto off = nation.mean(other, ones(nation));
    auto share = nation.make_table(m, "__mortality_remainder");
    double largest = 0.0;
    for (std::size_t c = 0; c < all.size(); ++c) {
        const double attributed = all[c] > 0.0 ? off[c] / all[c] : 0.0;
        largest = std::max(largest, attributed);
        share->values[c] = 1.0 - std::min(attributed, most);
    }
    if (largest > most)
        sink_.warning("W0401",
                      fmt::format("deaths by fatality and addition reach {:.0f} % of all deaths in some cell (at most "
                                  "{:.0f} % is taken off)",
                                  100.0 * largest, 100.0 * most),
                      spec_.mortality->rate.span);
    m.notes.push_back(
        fmt::format("mortality: up to {:.1f} % of the deaths of a sex and age come by case fatality and are taken off "
                    "the total",
                    100.0 * largest));
    return lookup(share);
}

}  // namespace proeftuin
