// Flows of money and utility, and residuals matched so that totals are those of the accounts.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/run/chunk.hpp"
#include "engine/run/model_compiler.hpp"
#include "engine/run/start.hpp"

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
            if (!f->sum_of.empty()) {
                bool first = true;
                for (const auto& n : f->sum_of) {
                    const auto it = flows_.find(n);
                    if (it == flows_.end()) continue;
                    flow.rate = first ? it->second.rate : flow.rate + it->second.rate;
                    flow.expected = first ? it->second.expected : flow.expected + it->second.expected;
                    first = false;
                    for (const auto& lump : it->second.lumps) flow.lumps.push_back(lump);
                }
                if (first) flow.rate = flow.expected = Expression::constant(0.0);
                flow.plain = flow.rate;
            } else {
                Expression rate = f->base ? bind_number(*f->base, f->unit) : Expression::constant(0.0);
                for (const auto& e : f->multiply) rate = product(rate, bind_number(e, Unit{}));
                if (f->normalise_multipliers && symbols_.find("__norm_" + f->name) != nullptr) {
                    Expected expected;
                    std::string text =
                        "__norm_" + f->name + (model_->sex_attribute != no_index ? "[sex, age]" : "[age]");
                    if (auto inverse = bind({text, {}, false}, symbols_, expected, sink_))
                        rate = product(rate, *inverse);
                }
                for (const auto& e : f->add) rate = rate + bind_number(e, f->unit);
                for (const auto& e : f->subtract) rate = rate - bind_number(e, f->unit);
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
                for (const auto& e : f->factor) flow.rate = product(bind_number(e, Unit{}), flow.rate);
                for (const auto& lump : f->lumps) {
                    const auto it = transition_of_.find(lump.event);
                    if (it == transition_of_.end()) {
                        error("E0411", fmt::format("lump of '{}' at '{}', which is no event", f->name, lump.event),
                              lump.where, suggestion(lump.event, names));
                        continue;
                    }
                    const Expression plain = bind_number(lump.amount, f->unit * unit_of("year"));
                    flow.lumps.push_back({it->second, index.valid() ? product(index, plain) : plain, plain});
                }
            }
            symbols_.set(f->name, BoundSymbol{flow.rate.root_ptr()});
            if (f->name.starts_with("cost_")) {
                BoundFlow expected = flow;
                expected.rate = flow.expected;
                symbols_.set("expected_" + f->name, BoundSymbol{expected.rate.root_ptr()});
                flows_.emplace("expected_" + f->name, std::move(expected));
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
    const double half = 0.5 / m.ticks_per_year;
    auto age = people.column<double>(m.age);
    auto birth = people.column<double>(m.birth);
    // States are those of the age at the start. Half a step later people would be as old as the cell they are put in
    // and as ill as half a step younger: too little would be attributed, and the first year cost 1 to 2 % too much from
    // 45 on.
    for (std::size_t i = 0; i < age.size(); ++i) age[i] = m.start_year - birth[i];
    for (const auto& f : spec_.flows) {
        const auto it = residual_tables_.find(f.name);
        if (it == residual_tables_.end()) continue;
        BoundFlow& flow = flows_.at(f.name);
        Table& residual = *it->second;
        // Which cell of the table a person is in: the same axes with the numbers of the cells as values.
        auto index = std::make_shared<Table>(residual);
        index->name = "__cell_" + f.name;
        index->unit = Unit{};
        for (auto& axis : index->axes) axis.between = Interpolation::step;
        for (std::size_t c = 0; c < index->values.size(); ++c) index->values[c] = static_cast<double>(c);
        std::vector<Expression> roots{lookup(index), flow.plain};
        for (const auto& lump : flow.lumps) {
            const Expression& rate = m.transitions[static_cast<std::size_t>(lump.transition)].rate;
            roots.push_back(rate.valid() ? product(rate, lump.plain) : Expression::constant(0.0));
        }
        const Program program = compile(roots);
        std::vector<std::vector<double>> values(roots.size(), std::vector<double>(people.size()));
        EvaluationScratch scratch;
        ChunkColumns columns;
        const double scalars[scalar::count] = {m.start_year + half, half};
        constexpr std::size_t block = 1024;
        for (std::size_t begin = 0; begin < people.size(); begin += block) {
            columns.point_at(people, begin);
            std::vector<double*> out;
            for (auto& v : values) out.push_back(v.data() + begin);
            program.run(columns.input(scalars, nullptr, std::min(block, people.size() - begin)), scratch, out.data());
        }
        std::vector<double> sum(residual.values.size(), 0.0), squares(residual.values.size(), 0.0),
            count(residual.values.size(), 0.0);
        for (std::size_t i = 0; i < people.size(); ++i) {
            const auto c = static_cast<std::size_t>(values[0][i]);
            double attributed = values[1][i];
            for (std::size_t l = 0; l < flow.lumps.size(); ++l) {
                const Transition& t = m.transitions[static_cast<std::size_t>(flow.lumps[l].transition)];
                bool open = t.process == no_index;
                if (!open) {
                    const auto state =
                        people.column<std::uint8_t>(m.processes[static_cast<std::size_t>(t.process)].state)[i];
                    open = std::find(t.from.begin(), t.from.end(), static_cast<int>(state)) != t.from.end();
                }
                if (open) attributed += values[2 + l][i];
            }
            sum[c] += attributed;
            squares[c] += attributed * attributed;
            count[c] += 1.0;
        }
        int negative = 0, noisy = 0;
        for (std::size_t c = 0; c < residual.values.size(); ++c) {
            if (count[c] <= 0.0) continue;
            const double mean = sum[c] / count[c];
            double left = residual.values[c] - mean;
            // A sample of a region has cells of a few people, one of whom is ill: that is no mistake of the author.
            const double error_of_mean = std::sqrt(std::max(0.0, squares[c] / count[c] - mean * mean) / count[c]);
            if (left < 0.0 && (count[c] < 30.0 || -left < 4.0 * error_of_mean)) {
                left = 0.0;
                ++noisy;
            }
            if (left < 0.0) {
                std::string cell;
                std::size_t rest = c;
                for (std::size_t a = residual.axes.size(); a-- > 0;) {
                    const auto& axis = residual.axes[a];
                    const std::size_t k = rest % axis.size();
                    rest /= axis.size();
                    cell = (axis.categories ? axis.categories->labels[k]
                                            : fmt::format("{} {}", axis.name, axis.points[k])) +
                           (cell.empty() ? "" : ", ") + cell;
                }
                if (++negative <= 5)
                    error("E0412",
                          fmt::format("the residual of '{}' is negative for {} (diseases and lumps account for {:.2f} "
                                      "EUR per year, the target is {:.2f})",
                                      f.name, cell, mean, residual.values[c]),
                          f.where, "lower the cost attributed to diseases, or check the target of that cell");
            }
            residual.values[c] = left;
        }
        if (noisy > 0)
            m.notes.push_back(fmt::format(
                "{}: in {} of {} cells the few people cost more than the target by chance; their residual is 0", f.name,
                noisy, residual.values.size()));
    }
}

}  // namespace proeftuin
