// Measures: their groups, the events that they count and the lumps that they add.
#include <fmt/format.h>

#include <cctype>
#include <cmath>

#include "engine/run/accrual.hpp"
#include "engine/run/model_compiler.hpp"

namespace proeftuin {

std::optional<Grouping::Dim> ModelCompiler::group_dim(const std::string& name, SourceSpan where) {
    if (const auto known = group_dims_.find(name); known != group_dims_.end()) return known->second;
    const auto dim = make_group_dim(name, where);
    if (dim) group_dims_.emplace(name, *dim);
    return dim;
}

std::optional<Grouping::Dim> ModelCompiler::make_group_dim(const std::string& name, SourceSpan where) {
    Grouping::Dim dim;
    dim.name = name;
    for (const GroupSpec& g : spec_.groups) {
        if (g.name != name) continue;
        Expected any;
        any.any_kind = true;
        any.any_unit = true;
        const auto of = bind(g.of, symbols_, any, sink_);
        if (!of) return std::nullopt;
        if (g.from.empty()) {
            if (of->kind() == ValueKind::boolean) {
                dim.labels = g.labels.size() == 2 ? g.labels : std::vector<std::string>{"no", "yes"};
            } else if (of->kind() == ValueKind::category) {
                dim.labels = of->categories()->labels;
            } else {
                error("E0413", fmt::format("group '{}' cuts a number but says not where", name), g.where,
                      "add `from: [0, 20, 65]`");
                return std::nullopt;
            }
            dim.code = *of;
            return dim;
        }
        auto table = std::make_shared<Table>();
        table->name = "__band_" + name;
        TableAxis axis;
        axis.name = "value";
        axis.unit = of->unit();
        axis.points = g.from;
        table->axes.push_back(axis);
        for (std::size_t k = 0; k < g.from.size(); ++k) table->values.push_back(static_cast<double>(k));
        symbols_.set(table->name, TableSymbol{table});
        symbols_.set("__of_" + name, BoundSymbol{of->root_ptr()});
        auto code = bind({table->name + "[__of_" + name + "]", {}, false}, symbols_, Expected{}, sink_);
        if (!code) return std::nullopt;
        dim.code = *code;
        dim.labels = g.labels;
        for (std::size_t k = dim.labels.size(); k < g.from.size(); ++k)
            dim.labels.push_back(k + 1 == g.from.size()
                                     ? fmt::format("{}+", g.from[k])
                                     : fmt::format("{}-{}", g.from[k], g.from[k + 1] - (g.of.text == "age" ? 1 : 0)));
        return dim;
    }
    if (symbols_.find(name) == nullptr) {
        std::vector<std::string> known;
        for (const GroupSpec& g : spec_.groups) known.push_back(g.name);
        for (const ProcessSpec& p : spec_.processes) known.push_back(p.name);
        for (const AttributeSpec& a : spec_.attributes)
            if (a.categories) known.push_back(a.name);
        error("E0413", fmt::format("'{}' is no group, process or attribute to count people by", name), where,
              suggestion(name, known));
        return std::nullopt;
    }
    Expected any;
    any.any_kind = true;
    any.any_unit = true;
    const auto of = bind({name, where, true}, symbols_, any, sink_);
    if (!of) return std::nullopt;
    if (of->kind() != ValueKind::category) {
        error("E0413", fmt::format("'{}' is no category, so people cannot be grouped by it", name), where,
              "define a group: groups: { " + name + "_band: { of: " + name + ", from: [..] } }");
        return std::nullopt;
    }
    dim.labels = of->categories()->labels;
    dim.code = *of;
    return dim;
}

int ModelCompiler::grouping_for(const MeasureSpec& spec) {
    std::string key;
    for (const auto& b : spec.by) key += b + ",";
    key += "|" + (spec.when ? spec.when->text : std::string{});
    if (const auto it = grouping_index_.find(key); it != grouping_index_.end()) return it->second;
    Grouping g;
    for (std::size_t k = 0; k < spec.by.size(); ++k)
        if (auto dim = group_dim(spec.by[k], k < spec.by_places.size() ? spec.by_places[k] : spec.where))
            g.dims.push_back(std::move(*dim));
    if (spec.when) g.when = bind_condition(*spec.when);
    for (std::size_t d = g.dims.size(); d-- > 0;) {
        g.dims[d].stride = g.cells;
        g.cells *= static_cast<int>(g.dims[d].labels.size());
    }
    const int index = static_cast<int>(model_->groupings.size());
    model_->groupings.push_back(std::move(g));
    grouping_index_.emplace(key, index);
    return index;
}

void ModelCompiler::record_event(int transition, int measure, const Expression* amount) {
    const auto k = static_cast<std::size_t>(transition);
    EventRecord::Item item{measure, no_index};
    if (amount != nullptr) {
        item.amount_output = static_cast<int>(record_amounts_[k].size());
        record_amounts_[k].push_back(*amount);
    }
    record_items_[k].push_back(item);
}

/// A flow, or a sum or difference of flows, brings the lumps of the flows with it.
void ModelCompiler::take_lumps(const MeasureSpec& spec, int measure) {
    std::vector<std::pair<double, const BoundFlow*>> terms;
    bool with_lumps = false;
    for (const auto& n : names_in(spec.value))
        if (const auto it = flows_.find(n); it != flows_.end()) with_lumps = with_lumps || !it->second.lumps.empty();
    if (!with_lumps) return;
    double sign = 1.0;
    bool expects_name = true, linear = true;
    const std::string& text = spec.value.text;
    for (std::size_t k = 0; k < text.size() && linear;) {
        const char c = text[k];
        if (c == ' ' || c == '\n' || c == '\t') {
            ++k;
        } else if ((c == '+' || c == '-') && !expects_name) {
            sign = c == '+' ? 1.0 : -1.0;
            expects_name = true;
            ++k;
        } else if (expects_name && (std::isalpha(static_cast<unsigned char>(c)) || c == '_')) {
            std::size_t end = k;
            while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '_'))
                ++end;
            const auto it = flows_.find(text.substr(k, end - k));
            linear = it != flows_.end();
            if (linear) terms.emplace_back(sign, &it->second);
            expects_name = false;
            k = end;
        } else {
            linear = false;
        }
    }
    if (!linear || expects_name) {
        error("E0436",
              fmt::format("measure '{}' integrates an expression of flows with lumps (their lumps at events could not "
                          "be told apart)",
                          spec.name),
              spec.value.span, "integrate a flow, or a sum or difference of flows");
        return;
    }
    for (const auto& [factor, flow] : terms)
        for (const auto& lump : flow->lumps) {
            const Expression amount = factor > 0.0 ? lump.amount : product(Expression::constant(factor), lump.amount);
            record_event(lump.transition, measure, &amount);
        }
}

Expression ModelCompiler::expected_rate(int transition) {
    const Model& m = *model_;
    const auto of = [&](const Transition& t) {
        if (t.process == no_index) return t.rate;
        const Process& process = m.processes[static_cast<std::size_t>(t.process)];
        std::vector<std::string> from;
        for (const int s : t.from) from.push_back(process.states->labels[static_cast<std::size_t>(s)]);
        const Expression open =
            bind_condition({fmt::format("{} in [{}]", process.name, fmt::join(from, ", ")), {}, false});
        return select(open, t.rate, Expression::constant(0.0));
    };
    const Transition& wanted = m.transitions[static_cast<std::size_t>(transition)];
    Expression rate = of(wanted);
    if (wanted.kind == Transition::Kind::death)
        for (const Transition& t : m.transitions)
            if (t.process != no_index && t.rate.valid() && (t.kills || t.fatal.valid()))
                rate = rate + (t.kills ? of(t) : product(of(t), t.fatal));
    return rate;
}

void ModelCompiler::bind_at_most(const MeasureSpec& spec, const Unit& unit, Measure& measure) {
    const std::size_t before = sink_.errors();
    const Expression bound = bind_regional(*spec.at_most, unit, fmt::format("the bound of measure '{}'", spec.name));
    if (sink_.errors() != before) return;
    const Program program = compile({bound});
    for (int year = 0; year < model_->years; ++year) {
        const double scalars[scalar::count] = {spec_.start_year + year, static_cast<double>(year)};
        double value = 0.0;
        double* out[] = {&value};
        EvaluationScratch scratch;
        program.run(EvaluationInput{nullptr, scalars, nullptr, 1}, scratch, out);
        if (!(value <= 0x1p50 * measure.quantum))
            return error("E0445",
                         fmt::format("the bound of measure '{}' is {:g} (at most {:.3g})", spec.name, value,
                                     0x1p50 * measure.quantum),
                         spec.at_most->span);
        measure.at_most.push_back(nearest_integer(value / measure.quantum));
    }
}

void ModelCompiler::declare_measures() {
    Model& m = *model_;
    const Unit year = unit_of("year");
    std::vector<std::string> events;
    for (const auto& t : m.transitions) events.push_back(t.name);
    for (const MeasureSpec& spec : spec_.measures) {
        Measure measure{
            .kind = spec.kind,
            .name = spec.name,
            .doc = spec.doc,
            .unit = {},
            .where = spec.value.span.line > 0 ? spec.value.span : spec.where,
            .discount = spec.discount,
            .per_person = spec.per_person,
            .show = spec.show,
            .value = {},
        };
        measure.grouping = grouping_for(spec);
        const int index = static_cast<int>(m.measures.size());
        Unit unit;
        switch (spec.kind) {
            case MeasureSpec::Kind::integral:
            case MeasureSpec::Kind::mean: {
                measure.value = bind_any(spec.value);
                unit = measure.value.unit();
                // Flows are put together by the program, which does not carry units: their own unit counts.
                for (const auto& n : names_in(spec.value))
                    if (const auto it = flows_.find(n); it != flows_.end() && n.starts_with("cost_"))
                        unit = it->second.unit;
                if (const auto it = flows_.find(spec.value.text); it != flows_.end()) unit = it->second.unit;
                if (spec.kind == MeasureSpec::Kind::integral) unit = unit * year;
                measure.is_mean = spec.kind == MeasureSpec::Kind::mean;
                m.integrals.push_back(index);
                if (spec.kind == MeasureSpec::Kind::integral) take_lumps(spec, index);
                break;
            }
            case MeasureSpec::Kind::count:
                if (spec.expected) {
                    measure.kind = MeasureSpec::Kind::integral;
                    measure.value = Expression::constant(0.0);
                    m.integrals.push_back(index);
                }
                for (std::size_t j = 0; j < spec.events.size(); ++j) {
                    const std::string& e = spec.events[j];
                    const SourceSpan place = j < spec.event_places.size() ? spec.event_places[j] : spec.where;
                    const auto it = transition_of_.find(e);
                    if (it == transition_of_.end())
                        error("E0414", fmt::format("measure '{}' counts '{}', which is no event", spec.name, e), place,
                              suggestion(e, events));
                    else if (!spec.expected)
                        record_event(it->second, index, nullptr);
                    else if (const Transition& t = m.transitions[static_cast<std::size_t>(it->second)];
                             t.rate.valid() && t.is_rate)
                        measure.value = measure.value + expected_rate(it->second);
                    else if (!sink_.has_errors())  // otherwise its rate may not have been read
                        error(
                            "E0414",
                            fmt::format("measure '{}' is the expected number of '{}', which has no rate", spec.name, e),
                            place, "leave out `expected`");
                }
                break;
            case MeasureSpec::Kind::people: {
                Expected any;
                any.any_kind = true;
                any.any_unit = true;
                measure.value = bind(spec.value, symbols_, any, sink_).value_or(Expression::constant(1.0));
                break;
            }
            case MeasureSpec::Kind::regional:
                measure.value = bind_any(spec.value);
                unit = measure.value.unit() * year;
                check_regional(measure.value, spec.value, fmt::format("measure '{}'", spec.name));
                break;
            case MeasureSpec::Kind::points: {
                measure.value = bind_any(spec.value);
                unit = measure.value.unit();
                for (std::size_t p = 0; p < m.processes.size(); ++p)
                    if (m.processes[p].name == spec.process && !m.processes[p].is_rate)
                        measure.process = static_cast<int>(p);
                if (measure.process == no_index)
                    error("E0415",
                          fmt::format(
                              "measure '{}' is taken at the cycle points of '{}', which is no process with cycles",
                              spec.name, spec.process),
                          spec.where);
                break;
            }
        }
        const bool counts =
            (spec.kind == MeasureSpec::Kind::count && !spec.expected) || spec.kind == MeasureSpec::Kind::people;
        // Years and pure numbers are small; money, contacts and the like may be large.
        bool small = true;
        for (const auto& [base, power] : unit.powers) small = small && base == "year";
        measure.unit = to_string(unit);
        if (spec.kind == MeasureSpec::Kind::count || spec.kind == MeasureSpec::Kind::people)
            measure.unit = spec.kind == MeasureSpec::Kind::people ? "person" : "1";
        measure.quantum = spec.quantum > 0.0 ? spec.quantum : counts ? 1.0 : small ? 1e-9 : 1e-6;
        const auto each = spec.kind == MeasureSpec::Kind::people ? measure.value.as_constant() : std::nullopt;
        const bool whole = each ? *each == std::floor(*each)
                                : spec.kind != MeasureSpec::Kind::people || measure.value.kind() != ValueKind::number;
        if (counts && !whole && spec.quantum <= 0.0) measure.quantum = 1e-9;
        if (spec.discount.convention != DiscountSpec::Convention::none && counts) measure.quantum = 1e-9;
        if (measure.per_person != MeasureSpec::PerPerson::no)
            measure.total = add_column("total." + spec.name, ColumnType::i64);
        if (spec.kind == MeasureSpec::Kind::regional && !sink_.has_errors())
            measure.by_step = regional_amounts(spec, measure);
        if (spec.at_most) bind_at_most(spec, unit, measure);
        if (!spec.so_far.empty()) {
            measure.so_far = std::get<NumberSymbol>(*symbols_.find(spec.so_far)).column;
            if (!unit.same_dimension(spec.so_far_unit))
                error("E0310",
                      fmt::format("'{}' is in '{}', and '{}' is in '{}'", spec.so_far, to_string(spec.so_far_unit),
                                  spec.name, to_string(unit)),
                      spec.so_far_where, fmt::format("unit: {}", to_string(unit)));
        }
        m.measures.push_back(std::move(measure));
    }
}

}  // namespace proeftuin
