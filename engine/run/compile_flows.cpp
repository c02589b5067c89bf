// Flows of money and utility, and residuals matched so that totals are those of the accounts.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/run/chunk.hpp"
#include "engine/run/model_compiler.hpp"
#include "engine/run/start.hpp"
#include "engine/run/table_cells.hpp"

namespace proeftuin {

void ModelCompiler::bind_flows() {
    std::vector<std::string> names;
    for (const auto& t : model_->transitions) names.push_back(t.name);
    std::vector<const FlowSpec*> waiting;
    for (const auto& f : spec_.flows) waiting.push_back(&f);
    // Flows may use other flows: definitions were checked to be without a circle.
    while (!waiting.empty()) {
        std::vector<const FlowSpec*> later;
        for (const FlowSpec* f : waiting) {
            bool ready = true;
            const auto check = [&](const ExprText& e) {
                for (const auto& n : names_in(e))
                    for (const FlowSpec* w : waiting) ready = ready && (w == f || w->name != n);
            };
            if (f->base) check(*f->base);
            for (const auto* list : {&f->add, &f->subtract, &f->multiply, &f->factor, &f->index})
                for (const auto& e : *list) check(e);
            for (const auto& n : f->sum_of)
                for (const FlowSpec* w : waiting) ready = ready && w->name != n;
            if (!ready) {
                later.push_back(f);
                continue;
            }
            BoundFlow flow;
            flow.unit = f->unit;
            const bool is_utility = f->name == "utility", is_cost = f->name.starts_with("cost_");
            const std::string of = is_utility ? "the utility" : fmt::format("'{}'", f->name);
            const auto bind_amount = [&](const ExprText& e, const Unit& unit, const std::string& what) {
                return is_utility ? bind_within(e, unit, utility_domain, what)
                       : is_cost  ? bind_within(e, unit, amount_domain, what)
                                  : bind_number(e, unit);
            };
            if (!f->sum_of.empty()) {
                bool first = true;
                for (const auto& n : f->sum_of) {
                    const auto it = flows_.find(n);
                    if (it == flows_.end()) continue;
                    flow.rate = first ? it->second.rate : flow.rate + it->second.rate;
                    flow.expected = first ? it->second.expected : flow.expected + it->second.expected;
                    flow.unindexed = first ? it->second.unindexed : flow.unindexed + it->second.unindexed;
                    first = false;
                    for (const auto& lump : it->second.lumps) flow.lumps.push_back(lump);
                }
                if (first) flow.rate = flow.expected = flow.unindexed = Expression::constant(0.0);
                flow.plain = flow.rate;
            } else {
                Expression rate =
                    f->base ? bind_amount(*f->base, f->unit, "the base of " + of) : Expression::constant(0.0);
                for (const auto& e : f->multiply)
                    rate = product(rate, bind_within(e, Unit{}, factor_domain, "a factor of " + of));
                if (f->normalise_multipliers && symbols_.find("__norm_" + f->name) != nullptr) {
                    Expected expected;
                    std::string text =
                        "__norm_" + f->name + (model_->sex_attribute != no_index ? "[sex, age]" : "[age]");
                    if (auto inverse = bind({text, {}, false}, symbols_, expected, sink_))
                        rate = product(rate, *inverse);
                }
                for (const auto& e : f->add) rate = rate + bind_amount(e, f->unit, "an amount of " + of);
                for (const auto& e : f->subtract) rate = rate - bind_amount(e, f->unit, "an amount of " + of);
                flow.plain = rate;
                if (f->match) {
                    (void)bind_number(*f->match, f->unit);
                    const std::string name = f->match->text.substr(0, f->match->text.find_first_of("[ "));
                    const Symbol* symbol = symbols_.find(name);
                    if (const auto* table = symbol ? std::get_if<TableSymbol>(symbol) : nullptr) {
                        auto residual = std::make_shared<Table>(*table->table);
                        residual->name = "__residual_" + f->name;
                        rate = rate + lookup(residual);
                        residual_tables_[f->name] = residual;
                    } else {
                        error("E0435", fmt::format("the target of '{}' must be a look-up in one table", f->name),
                              f->match->span, "match: { gp: target_gp[sex, age] }");
                    }
                }
                Expression index;
                for (const auto& e : f->index) {
                    const Expression x = bind_number(e, Unit{});
                    index = index.valid() ? product(index, x) : x;
                }
                flow.expected = index.valid() ? product(index, rate) : rate;
                flow.rate = flow.expected;
                flow.unindexed = rate;
                for (const auto& e : f->factor) {
                    const Expression x = bind_number(e, Unit{});
                    flow.rate = product(x, flow.rate);
                    flow.unindexed = product(x, flow.unindexed);
                }
                // Effects of policies last; a factor holds for lumps too.
                const auto [begin, end] = flow_effects_.equal_range(f->name);
                Expression factor;
                for (auto e = begin; e != end; ++e) {
                    const EffectSpec& effect = *e->second;
                    const Expression x =
                        effect.add ? reach(effect,
                                           is_utility ? bind_within(*effect.add, f->unit, utility_domain, "the effect")
                                                      : bind_number(*effect.add, f->unit),
                                           0.0)
                                   : reach(effect,
                                           bind_within(effect.multiply, Unit{},
                                                       is_utility ? utility_factor_domain : factor_domain,
                                                       "the factor of an effect"),
                                           1.0);
                    for (Expression* rate_of : {&flow.rate, &flow.expected, &flow.unindexed})
                        *rate_of = effect.add ? *rate_of + x : *rate_of * x;
                    if (!effect.add) factor = factor.valid() ? factor * x : x;
                }
                const auto with_effects = [&](const Expression& amount) {
                    return factor.valid() ? amount * factor : amount;
                };
                for (const auto& lump : f->lumps) {
                    const auto it = transition_of_.find(lump.event);
                    if (it == transition_of_.end()) {
                        error("E0411", fmt::format("lump of '{}' at '{}', which is no event", f->name, lump.event),
                              lump.where, suggestion(lump.event, names));
                        continue;
                    }
                    const Expression plain = bind_amount(lump.amount, f->unit * unit_of("year"), "an amount of " + of);
                    flow.lumps.push_back({it->second, with_effects(index.valid() ? product(index, plain) : plain),
                                          plain, with_effects(plain)});
                }
            }
            symbols_.set(f->name, BoundSymbol{flow.rate.root_ptr()});
            if (f->name.starts_with("cost_")) {
                BoundFlow expected = flow, unindexed = flow;
                expected.rate = flow.expected;
                unindexed.rate = flow.unindexed;
                for (auto& lump : unindexed.lumps) lump.amount = lump.unindexed;
                symbols_.set("expected_" + f->name, BoundSymbol{expected.rate.root_ptr()});
                symbols_.set("unindexed_" + f->name, BoundSymbol{unindexed.rate.root_ptr()});
                flows_.emplace("expected_" + f->name, std::move(expected));
                flows_.emplace("unindexed_" + f->name, std::move(unindexed));
            }
            flows_.emplace(f->name, std::move(flow));
        }
        if (later.size() == waiting.size()) break;
        waiting = std::move(later);
    }
}

void ModelCompiler::match_residuals() {
    if (residual_tables_.empty()) return;
    Model& m = *model_;
    const std::size_t number = start_ ? start_->people : 0;
    if (number == 0) return;
    Population people = make_start_population(m, start_, number, key_);
    auto age = people.column<double>(m.age);
    auto birth = people.column<double>(m.birth);
    // States are those of the age at the start. Half a step later people would be as old as the cell they are put in
    // and as ill as half a step younger: too little would be attributed, and the first year cost 1 to 2 % too much from
    // 45 on.
    for (std::size_t i = 0; i < age.size(); ++i) age[i] = m.start_year - birth[i];
    for (const auto& f : spec_.flows)
        if (const auto it = residual_tables_.find(f.name); it != residual_tables_.end())
            subtract_attributed(f, attributed_by_cell(flows_.at(f.name), *it->second, people), *it->second);
}

/// Over the people, by cell of the residual: the flow without its residual, and lumps times the rates of their events.
std::vector<ModelCompiler::CellMean> ModelCompiler::attributed_by_cell(const BoundFlow& flow, const Table& residual,
                                                                       Population& people) {
    const Model& m = *model_;
    // Which cell of the table a person is in: the same axes with the numbers of the cells as values.
    auto index = std::make_shared<Table>(residual);
    index->name = "__cell_" + residual.name;
    index->unit = Unit{};
    for (auto& axis : index->axes) {
        for (std::size_t k = 0; k < axis.points.size(); ++k) axis.points[k] = cell_start(axis, k);
        axis.between = Interpolation::step;
    }
    for (std::size_t c = 0; c < index->values.size(); ++c) index->values[c] = static_cast<double>(c);
    std::vector<Expression> roots{lookup(index), flow.plain};
    std::vector<const Transition*> events;  // of roots from 2 on
    const auto take = [&](const Transition& event, const Expression& rate, const Expression& amount) {
        if (!rate.valid()) return;
        events.push_back(&event);
        roots.push_back(product(rate, amount));
    };
    for (const auto& lump : flow.lumps) {
        take(m.transitions[static_cast<std::size_t>(lump.transition)],
             m.transitions[static_cast<std::size_t>(lump.transition)].rate, lump.plain);
        if (lump.transition != m.death) continue;
        // Who dies of an event, or by entering a state, dies too.
        for (const Transition& t : m.transitions)
            if (t.process != no_index && t.rate.valid() && (t.kills || t.fatal.valid()))
                take(t, t.kills ? t.rate : product(t.rate, t.fatal), lump.plain);
    }
    const Program program = compile(roots);
    std::vector<std::vector<double>> values(roots.size(), std::vector<double>(people.size()));
    EvaluationScratch scratch;
    ChunkColumns columns;
    const double half = 0.5 / m.ticks_per_year;
    const Scalars scalars(m.start_year + half, half, m.signal_starts);
    constexpr std::size_t block = 1024;
    for (std::size_t begin = 0; begin < people.size(); begin += block) {
        columns.point_at(people, begin);
        std::vector<double*> out;
        for (auto& v : values) out.push_back(v.data() + begin);
        program.run(columns.input(scalars, nullptr, std::min(block, people.size() - begin)), scratch, out.data());
    }
    const auto is_open = [&](const Transition& t, std::size_t i) {
        if (t.process == no_index) return true;
        const ColumnId state = m.processes[static_cast<std::size_t>(t.process)].state;
        return std::find(t.from.begin(), t.from.end(), static_cast<int>(people.column<std::uint8_t>(state)[i])) !=
               t.from.end();
    };
    std::vector<CellMean> cells(residual.values.size());
    for (std::size_t i = 0; i < people.size(); ++i) {
        double attributed = values[1][i];
        for (std::size_t l = 0; l < events.size(); ++l)
            if (is_open(*events[l], i)) attributed += values[2 + l][i];
        CellMean& cell = cells[static_cast<std::size_t>(values[0][i])];
        cell.people += 1.0;
        cell.sum += attributed;
        cell.squares += attributed * attributed;
    }
    return cells;
}

/// Takes what is attributed off the target in every cell where there are people. What is left must not be negative.
void ModelCompiler::subtract_attributed(const FlowSpec& spec, const std::vector<CellMean>& attributed,
                                        Table& residual) {
    constexpr int most_told = 5;
    int negative = 0, noisy = 0;
    for (std::size_t c = 0; c < residual.values.size(); ++c) {
        const CellMean& cell = attributed[c];
        if (cell.people <= 0.0) continue;
        double left = residual.values[c] - cell.mean();
        // A sample of a region has cells of a few people, one of whom is ill: that is no mistake of the author.
        const double error_of_mean =
            std::sqrt(std::max(0.0, cell.squares / cell.people - cell.mean() * cell.mean()) / cell.people);
        if (left < 0.0 && (cell.people < 30.0 || -left < 4.0 * error_of_mean)) {
            left = 0.0;
            ++noisy;
        }
        if (left < 0.0 && ++negative <= most_told)
            error("E0412",
                  fmt::format("the residual of '{}' is negative for {} (diseases and lumps account for {:.2f} EUR per "
                              "year, the target is {:.2f})",
                              spec.name, cell_text(residual, c), cell.mean(), residual.values[c]),
                  spec.where, "lower the cost attributed to diseases, or check the target of that cell");
        residual.values[c] = left;
    }
    if (noisy > 0)
        model_->notes.push_back(
            fmt::format("{}: in {} of {} cells the few people cost more than the target by chance; their residual is 0",
                        spec.name, noisy, residual.values.size()));
}

}  // namespace proeftuin
