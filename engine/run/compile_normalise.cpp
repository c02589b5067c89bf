// Constants that make totals right: over a reference sample, risks must average to what was stated.
#include <fmt/format.h>

#include <algorithm>

#include "engine/run/chunk.hpp"
#include "engine/run/model_compiler.hpp"
#include "engine/run/reference_sample.hpp"
#include "engine/run/start.hpp"

namespace proeftuin {

void ModelCompiler::normalise() {
    Model& m = *model_;
    const auto compile_rule = [&](StartRule& rule, const std::vector<Expression>& draw,
                                  const std::vector<Expression>& shares) {
        if (rule.kind == StartRule::Kind::number) rule.program = compile(draw);
        if (rule.kind == StartRule::Kind::shares) rule.program = compile(shares);
    };
    bool needed = spec_.mortality && spec_.mortality->total && (!death_multiply_.empty() || !death_add_.empty());
    for (const auto& s : process_shares_)
        for (const auto& share : s) needed = needed || (share.normalised && !share.risks.empty());
    for (const auto& s : attribute_shares_)
        for (const auto& share : s) needed = needed || (share.normalised && !share.risks.empty());
    for (std::size_t k = 0; k < bound_.size(); ++k) {
        needed = needed || (bound_[k].fatality.valid() && spec_.mortality && spec_.mortality->total);
        for (const auto& p : spec_.processes)
            for (const auto& t : p.transitions)
                if (t.name == m.transitions[k].name) needed = needed || (t.normalised && !t.risks.empty());
    }
    for (const auto& f : spec_.flows) needed = needed || f.normalise_multipliers;

    std::optional<ReferenceSample> nation;
    if (needed) nation.emplace(m, spec_.reference_per_cell);
    const double scalars[scalar::count] = {m.start_year, 0.0};

    // Start rules, in order: the norm of a rule needs the people set by the rules before it.
    for (const int node : m.start_order) {
        const bool is_attribute = node >= 0;
        const auto k = static_cast<std::size_t>(is_attribute ? node : -1 - node);
        StartRule& rule = is_attribute ? m.attributes[k].start : m.processes[k].start;
        auto& shares = is_attribute ? attribute_shares_[k] : process_shares_[k];
        const std::string& name = is_attribute ? m.attributes[k].name : m.processes[k].name;
        std::vector<Expression> finished;
        for (std::size_t j = 0; j < shares.size(); ++j) {
            Share& share = shares[j];
            if (share.risks.empty() || !share.normalised) {
                finished.push_back(with_risks(share.probability, share.risks, nullptr));
                continue;
            }
            auto table = nation->make_table(m, fmt::format("__start_norm_{}_{}", name, j));
            const auto risk = nation->evaluate(m, with_risks(Expression::constant(1.0), share.risks, nullptr));
            const auto mean = nation->mean(risk, std::vector<double>(risk.size(), 1.0));
            for (std::size_t c = 0; c < mean.size(); ++c) table->values[c] = 1.0 / mean[c];
            const Expression inverse = lookup(table);
            finished.push_back(with_risks(share.probability, share.risks, &inverse));
        }
        compile_rule(rule, is_attribute ? attribute_draw_[k] : std::vector<Expression>{}, finished);
        if (nation && !(is_attribute && (static_cast<int>(k) == m.sex_attribute || m.attributes[k].name == "age"))) {
            if (is_attribute && m.attributes[k].each_year)
                continue;  // conditional mean 1 by construction; left at its start value 0 would bias: set below
            initialise_node(m, nation->people(), node, 0, nation->people().size(), nation->key(), scalars);
        }
    }
    if (nation)
        redraw_yearly(m, nation->people(), 0, nation->people().size(), nation->key(), scalars,
                      static_cast<std::int64_t>(m.start_year));

    // Relative risks on transitions: mean over the nation's people who are at risk.
    for (std::size_t k = 0; k < bound_.size(); ++k) {
        Transition& t = m.transitions[k];
        bool normalised = true;
        for (const auto& p : spec_.processes)
            for (const auto& ts : p.transitions)
                if (ts.name == t.name) normalised = ts.normalised;
        BoundTransition& b = bound_[k];
        if (t.kind == Transition::Kind::death || t.kind == Transition::Kind::arrival) continue;
        if (b.risks.empty() || !normalised) {
            t.rate = with_risks(b.base, b.risks, nullptr);
        } else {
            auto table = nation->make_table(
                m, "__norm_" + t.name.substr(0, t.name.find('.')) + "_" + t.name.substr(t.name.find('.') + 1));
            const auto risk = nation->evaluate(m, with_risks(Expression::constant(1.0), b.risks, nullptr));
            std::vector<double> at_risk(risk.size(), 0.0);
            const auto state =
                nation->people().column<std::uint8_t>(m.processes[static_cast<std::size_t>(t.process)].state);
            for (std::size_t i = 0; i < risk.size(); ++i)
                at_risk[i] =
                    std::find(t.from.begin(), t.from.end(), static_cast<int>(state[i])) != t.from.end() ? 1.0 : 0.0;
            const auto mean = nation->mean(risk, at_risk);
            for (std::size_t c = 0; c < mean.size(); ++c) table->values[c] = 1.0 / mean[c];
            const Expression inverse = lookup(table);
            t.rate = with_risks(b.base, b.risks, &inverse);
        }
        t.fatal = b.fatality;
    }

    // Mortality: take off what comes by fatality and addition, divide by the mean multiplier.
    if (spec_.mortality) {
        BoundTransition& b = bound_[static_cast<std::size_t>(m.death)];
        Expression hazard = b.base;
        if (spec_.mortality->total && nation) {
            std::vector<double> ones(nation->people().size(), 1.0);
            std::vector<double> other(nation->people().size(), 0.0);
            for (std::size_t k = 0; k < m.transitions.size(); ++k) {
                const Transition& t = m.transitions[k];
                if (!t.fatal.valid() || t.process == no_index) continue;
                const auto rate = nation->evaluate(m, product(t.rate, t.fatal));
                const auto state =
                    nation->people().column<std::uint8_t>(m.processes[static_cast<std::size_t>(t.process)].state);
                for (std::size_t i = 0; i < rate.size(); ++i)
                    if (std::find(t.from.begin(), t.from.end(), static_cast<int>(state[i])) != t.from.end())
                        other[i] += rate[i];
            }
            for (const auto& e : death_add_) {
                const auto rate = nation->evaluate(m, e);
                for (std::size_t i = 0; i < rate.size(); ++i) other[i] += rate[i];
            }
            const auto total = nation->mean(nation->evaluate(m, b.base), ones);
            const auto off = nation->mean(other, ones);
            auto share = nation->make_table(m, "__mortality_remainder");
            double largest = 0.0;
            for (std::size_t c = 0; c < total.size(); ++c) {
                const double attributed = total[c] > 0.0 ? off[c] / total[c] : 0.0;
                largest = std::max(largest, attributed);
                share->values[c] = 1.0 - std::min(attributed, 0.95);
            }
            if (largest > 0.95)
                sink_.warning("W0401",
                              fmt::format("deaths by fatality and addition reach {:.0f} % of all deaths in some cell "
                                          "(at most 95 % is taken off)",
                                          100.0 * largest),
                              spec_.mortality->rate.span);
            m.notes.push_back(
                fmt::format("mortality: up to {:.1f} % of the deaths of a sex and age come by case fatality and are "
                            "taken off the total",
                            100.0 * largest));
            hazard = product(hazard, lookup(share));
            if (!death_multiply_.empty()) {
                const auto risk = nation->evaluate(m, with_risks(Expression::constant(1.0), death_multiply_, nullptr));
                const auto mean = nation->mean(risk, ones);
                auto table = nation->make_table(m, "__mortality_norm");
                for (std::size_t c = 0; c < mean.size(); ++c) table->values[c] = 1.0 / mean[c];
                const Expression inverse = lookup(table);
                hazard = with_risks(hazard, death_multiply_, &inverse);
            }
        } else {
            hazard = with_risks(hazard, death_multiply_, nullptr);
        }
        for (const auto& e : death_add_) hazard = hazard + e;
        m.transitions[static_cast<std::size_t>(m.death)].rate = hazard;
    }

    // Multipliers of utilities.
    for (const auto& f : spec_.flows) {
        if (!f.normalise_multipliers) continue;
        Risks multipliers;
        for (const auto& e : f.multiply) multipliers.push_back(bind_number(e, Unit{}));
        const auto risk = nation->evaluate(m, with_risks(Expression::constant(1.0), multipliers, nullptr));
        const auto mean = nation->mean(risk, std::vector<double>(risk.size(), 1.0));
        auto table = nation->make_table(m, "__norm_" + f.name);
        for (std::size_t c = 0; c < mean.size(); ++c) table->values[c] = 1.0 / mean[c];
        (void)lookup(table);
    }
}

}  // namespace proeftuin
