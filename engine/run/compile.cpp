// From a model specification to a compiled model: names, checks, normalisation, programs.
#include <algorithm>
#include <cctype>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <unordered_map>

#include "engine/core/errors.hpp"
#include "engine/run/chunk.hpp"
#include "engine/run/clocks.hpp"
#include "engine/run/model.hpp"
#include "engine/run/model_graph.hpp"
#include "engine/run/reference_sample.hpp"
#include "engine/run/start.hpp"

namespace proeftuin {
namespace {

using Risks = std::vector<Expression>;

Unit unit_of(const char* text) { return *parse_unit(text); }

class Compiler {
public:
    Compiler(const ModelSpec& spec, const PersonTable* start, RunKey key, DiagnosticSink& sink)
        : spec_{spec}, start_{start}, key_{key}, sink_{sink}, model_{std::make_shared<Model>()} {}

    std::shared_ptr<const Model> run();

private:
    struct Share {
        Expression probability;
        Risks risks;
        bool normalised;
    };
    struct BoundTransition {
        Expression base;
        Risks risks;
        Expression fatality;
        std::vector<Expression> effects;
    };

    // --- small tools
    void error(const char* code, std::string message, SourceSpan where, std::optional<std::string> help = {},
               std::vector<Note> notes = {}) {
        sink_.report({Severity::error, code, std::move(message), where, {}, std::move(notes), std::move(help)});
    }
    Expression bind_number(const ExprText& text, const Unit& unit) {
        Expected expected;
        expected.unit = unit;
        return bind(text, symbols_, expected, sink_).value_or(Expression::constant(0.0));
    }
    Expression bind_any(const ExprText& text) {
        Expected expected;
        expected.any_unit = true;
        return bind(text, symbols_, expected, sink_).value_or(Expression::constant(0.0));
    }
    Expression bind_condition(const ExprText& text) {
        Expected expected;
        expected.kind = ValueKind::boolean;
        return bind(text, symbols_, expected, sink_).value_or(Expression::constant(1.0));
    }
    Expression bind_category(const ExprText& text, std::shared_ptr<const Categories> categories) {
        Expected expected;
        expected.kind = ValueKind::category;
        expected.categories = std::move(categories);
        return bind(text, symbols_, expected, sink_).value_or(Expression::constant(0.0));
    }
    Expression lookup(const std::shared_ptr<Table>& table) {
        symbols_.set(table->name, TableSymbol{table});
        std::string text = table->name + "[";
        for (std::size_t k = 0; k < table->axes.size(); ++k) text += (k ? ", " : "") + table->axes[k].name;
        Expected expected;
        expected.any_unit = true;
        return bind({text + "]", {}, false}, symbols_, expected, sink_).value_or(Expression::constant(1.0));
    }
    Program compile(const std::vector<Expression>& roots, const std::vector<int>& groupings = {},
                    const std::vector<std::vector<Grouping::Dim>>& grids = {}) {
        std::vector<CellExpression> cells;
        for (const int g : groupings) {
            const Grouping& grouping = model_->groupings[static_cast<std::size_t>(g)];
            CellExpression& cell = cells.emplace_back();
            for (const Grouping::Dim& dim : grouping.dims) cell.terms.emplace_back(dim.code, dim.stride);
            cell.when = grouping.when;
            cell.outside = grouping.cells;
        }
        for (const auto& grid : grids) {
            CellExpression& cell = cells.emplace_back();
            for (const Grouping::Dim& dim : grid) cell.terms.emplace_back(dim.code, dim.stride);
        }
        return Program::compile(roots, model_->widths, cells);
    }
    ColumnId add_column(std::string name, ColumnType type) {
        const ColumnId id = model_->layout.add(std::move(name), type);
        model_->widths.push_back(static_cast<std::uint8_t>(width_of(type)));
        return id;
    }
    bool given(const std::string& name, bool category) const {
        return start_ != nullptr && (category ? start_->category(name) != nullptr : start_->number(name) != nullptr);
    }

    // --- phases
    void declare();
    void declare_attributes();
    void declare_processes();
    void check_process(const ProcessSpec& p);
    void bind_derived();
    void bind_starts();
    void bind_transitions();
    void bind_life();
    void bind_flows();
    void bind_effects();
    void order_starts();
    void normalise();
    void finish_rates();
    void plan_slots();
    void match_residuals();
    void declare_measures();
    /// Rate per year at which an event happens to a person as it is: 0 in states that it does not start from; of death, with the
    /// deaths by case fatality.
    Expression expected_rate(int transition);
    void compile_programs();
    int grouping_for(const MeasureSpec& m);
    std::optional<Grouping::Dim> group_dim(const std::string& name, SourceSpan where);
    void record_event(int transition, int measure, const Expression* amount);
    void take_lumps(const MeasureSpec& spec, int measure);
    Expression with_risks(const Expression& base, const Risks& risks, const Expression* inverse) const;

    const ModelSpec& spec_;
    const PersonTable* start_;
    RunKey key_;
    DiagnosticSink& sink_;
    std::shared_ptr<Model> model_;
    SymbolTable symbols_;
    std::unordered_map<std::string, int> transition_of_;   ///< by name, index into model_->transitions
    std::vector<BoundTransition> bound_;                   ///< by transition
    std::vector<std::vector<Share>> attribute_shares_;     ///< by attribute
    std::vector<std::vector<Share>> process_shares_;
    std::vector<std::vector<Expression>> attribute_draw_;
    std::vector<std::vector<Expression>> motion_;
    std::vector<Expression> death_multiply_, death_add_;
    struct BoundFlow {
        Expression rate;       ///< complete
        Expression expected;   ///< without the factor of the person
        Expression plain;      ///< also without residual and index
        Unit unit;
        struct Lump {
            int transition;
            Expression amount;  ///< with index
            Expression plain;
        };
        std::vector<Lump> lumps;
    };
    std::map<std::string, BoundFlow> flows_;
    std::vector<std::vector<EventRecord::Item>> record_items_;
    std::vector<std::vector<Expression>> record_amounts_;
    std::map<std::string, std::shared_ptr<Table>> residual_tables_;
    std::map<std::string, int> grouping_index_;
};

std::shared_ptr<const Model> Compiler::run() {
    declare();
    if (sink_.has_errors()) return nullptr;
    bind_derived();
    bind_starts();
    bind_transitions();
    bind_life();
    bind_effects();
    order_starts();
    if (sink_.has_errors()) {
        bind_flows();
        declare_measures();
        return nullptr;
    }
    normalise();
    finish_rates();
    bind_flows();
    if (sink_.has_errors()) return nullptr;
    plan_slots();
    match_residuals();
    declare_measures();
    if (sink_.has_errors()) return nullptr;
    compile_programs();
    return model_;
}

void Compiler::declare() {
    Model& m = *model_;
    m.name = spec_.name;
    m.start_year = spec_.start_year;
    m.years = spec_.years;
    m.uid = add_column("uid", ColumnType::u64);
    m.life = add_column("life", ColumnType::u8);
    m.birth = add_column("birth", ColumnType::f64);
    m.age = add_column("age", ColumnType::f64);
    symbols_.set("age", NumberSymbol{m.age, unit_of("year")});
    symbols_.set("year", ScalarSymbol{scalar::year, Unit{}});
    symbols_.set("time", ScalarSymbol{scalar::time, unit_of("year")});
    symbols_.set("people_at_start", ConstantSymbol{static_cast<double>(start_ != nullptr ? start_->people : spec_.people), Unit{}});
    declare_attributes();
    declare_processes();
    for (const auto& table : spec_.tables) symbols_.set(table->name, TableSymbol{table});
    for (const auto& c : spec_.constants) symbols_.set(c.name, ConstantSymbol{c.value, c.unit});

    symbols_.time_in_column = [this](std::string_view process, const std::vector<int>& states) -> std::uint32_t {
        Model& model = *model_;
        for (std::size_t p = 0; p < model.processes.size(); ++p) {
            if (model.processes[p].name != process) continue;
            std::vector<std::uint8_t> in_set;
            if (!states.empty()) {
                in_set.assign(model.processes[p].states->labels.size(), 0);
                for (const int s : states) in_set[static_cast<std::size_t>(s)] = 1;
            }
            for (const int t : model.processes[p].timers)
                if (model.timers[static_cast<std::size_t>(t)].in_set == in_set)
                    return model.timers[static_cast<std::size_t>(t)].value;
            Timer timer;
            timer.process = static_cast<int>(p);
            timer.in_set = in_set;
            const std::string tag = fmt::format("{}.{}", process, model.processes[p].timers.size());
            timer.entered = add_column("entered." + tag, ColumnType::f64);
            timer.value = add_column("time_in." + tag, ColumnType::f64);
            model.processes[p].timers.push_back(static_cast<int>(model.timers.size()));
            model.timers.push_back(timer);
            return timer.value;
        }
        return no_column;
    };
}

void Compiler::declare_attributes() {
    Model& m = *model_;
    for (const AttributeSpec& a : spec_.attributes) {
        if (a.value) continue;
        AttributeColumn column;
        column.name = a.name;
        column.where = a.where;
        column.is_category = a.categories != nullptr;
        column.categories = a.categories;
        column.inherit = a.inherit;
        column.each_year = a.each_year;
        column.moving = a.dynamic();
        column.has_noise = a.noise.has_value();
        column.relaxes = a.toward.has_value();
        column.min = a.min;
        column.max = a.max;
        if (a.name == "age") {
            column.column = column.middle = m.age;
        } else if (column.is_category) {
            const bool wide = a.categories->labels.size() > 256;
            column.column = column.middle = add_column(a.name, wide ? ColumnType::u16 : ColumnType::u8);
            symbols_.set(a.name, CategorySymbol{column.column, a.categories});
        } else {
            column.column = add_column(a.name, ColumnType::f64);
            column.middle = column.moving ? add_column(a.name + ".middle", ColumnType::f64) : column.column;
            symbols_.set(a.name, NumberSymbol{column.middle, a.unit});
        }
        if (a.name == "sex" && column.is_category) m.sex_attribute = static_cast<int>(m.attributes.size());
        column.start.site = "start." + a.name;
        m.attributes.push_back(std::move(column));
    }
    for (const AttributeSpec& a : spec_.attributes)
        if (a.value) symbols_.set(a.name, DerivedSymbol{*a.value, a.categories, a.unit});
}

void Compiler::declare_processes() {
    Model& m = *model_;
    int ticks = spec_.steps_per_year;
    for (const ProcessSpec& p : spec_.processes) {
        Process process;
        process.name = p.name;
        process.where = p.where;
        process.states = p.states;
        process.state = add_column(p.name, ColumnType::u8);
        process.is_rate = p.cycle <= 0.0;
        process.cycle = p.cycle;
        process.is_death.assign(p.states->labels.size(), 0);
        for (const int s : p.death) process.is_death[static_cast<std::size_t>(s)] = 1;
        process.start.site = "start." + p.name;
        if (!process.is_rate) {
            m.has_cycles = true;
            const double per_year = 1.0 / p.cycle;
            const int whole = static_cast<int>(std::lround(per_year));
            if (per_year >= 1.0 && std::fabs(per_year - whole) < 1e-9) {
                // The kernel steps at every border of a step or a cycle.
                int a = ticks, b = whole;
                while (b != 0) { const int r = a % b; a = b; b = r; }
                ticks = ticks / a * whole;
            } else if (std::fabs(p.cycle - std::round(p.cycle)) > 1e-9) {
                error("E0407", fmt::format("cycle of process '{}' does not fit a year (it must be 1/n year or n years)", p.name),
                      p.where);
            }
        }
        symbols_.set(p.name, CategorySymbol{process.state, p.states});
        m.processes.push_back(std::move(process));
        check_process(p);
    }
    m.ticks_per_year = ticks;
    for (Process& p : m.processes)
        if (!p.is_rate) p.ticks_per_cycle = static_cast<int>(std::lround(p.cycle * ticks));
}

void Compiler::check_process(const ProcessSpec& p) {
    const int n = static_cast<int>(p.states->labels.size());
    std::vector<std::pair<int, int>> edges;
    std::vector<bool> start(static_cast<std::size_t>(n), false);
    start[static_cast<std::size_t>(p.start_state)] = true;
    for (const auto& s : p.shares) start[static_cast<std::size_t>(s.code)] = true;
    if (given(p.name, true)) std::fill(start.begin(), start.end(), true);
    bool rate = false, probability = false;
    for (const auto& t : p.transitions) {
        (t.is_rate ? rate : probability) = true;
        if (t.to >= 0)
            for (const int f : t.from) edges.emplace_back(f, t.to);
    }
    if (rate && probability)
        error("E0401", fmt::format("process '{}' mixes rates and probabilities (a process is of one kind)", p.name), p.where,
              "split it into two processes, or give every transition a rate");
    const auto reach = reachable(n, edges);
    for (int s = 0; s < n; ++s) {
        const auto us = static_cast<std::size_t>(s);
        bool reached = start[us];
        for (int f = 0; f < n && !reached; ++f) reached = start[static_cast<std::size_t>(f)] && reach[static_cast<std::size_t>(f)][us];
        if (!reached)
            error("E0402", fmt::format("nobody can ever be in state '{}' of process '{}' (no start and no transition leads there)",
                                       p.states->labels[us], p.name), p.where,
                  "give it a share under 'start', add a transition to it, or remove it");
        const bool leaves = std::any_of(edges.begin(), edges.end(), [&](const auto& e) { return e.first == s && e.second != s; });
        const bool declared = std::find(p.absorbing.begin(), p.absorbing.end(), s) != p.absorbing.end() ||
                              std::find(p.death.begin(), p.death.end(), s) != p.death.end();
        if (!leaves && !declared && !p.transitions.empty())
            error("E0403", fmt::format("state '{}' of process '{}' is a trap (people enter it and nothing leads out)",
                                       p.states->labels[us], p.name), p.where,
                  fmt::format("add a transition out of it, or declare it: absorbing: [{}]", p.states->labels[us]));
        if (leaves && declared)
            error("E0404", fmt::format("state '{}' of process '{}' is declared absorbing but a transition leaves it",
                                       p.states->labels[us], p.name), p.where);
    }
}

void Compiler::bind_derived() {
    // Cyclic definitions among derived attributes and flows, said with the path.
    std::vector<std::string> names;
    std::vector<SourceSpan> places;
    std::map<std::string, int> index;
    const auto add = [&](const std::string& name, SourceSpan where) {
        index.emplace(name, static_cast<int>(names.size()));
        names.push_back(name);
        places.push_back(where);
    };
    for (const auto& a : spec_.attributes)
        if (a.value) add(a.name, a.where);
    for (const auto& f : spec_.flows) add(f.name, f.where);
    std::vector<std::pair<int, int>> edges;
    const auto depends = [&](const std::string& name, const ExprText& text) {
        for (const auto& other : names_in(text))
            if (const auto it = index.find(other); it != index.end()) edges.emplace_back(it->second, index.at(name));
    };
    for (const auto& a : spec_.attributes)
        if (a.value) depends(a.name, *a.value);
    for (const auto& f : spec_.flows) {
        if (f.base) depends(f.name, *f.base);
        for (const auto* list : {&f.add, &f.subtract, &f.multiply, &f.factor, &f.index})
            for (const auto& e : *list) depends(f.name, e);
        for (const auto& other : f.sum_of)
            if (index.contains(other)) edges.emplace_back(index.at(other), index.at(f.name));
    }
    if (const auto cycle = find_cycle(static_cast<int>(names.size()), edges); !cycle.empty()) {
        std::string path;
        for (auto it = cycle.rbegin(); it != cycle.rend(); ++it) path += (path.empty() ? "" : " -> ") + names[static_cast<std::size_t>(*it)];
        error("E0405", fmt::format("'{}' is defined in terms of itself ({})", names[static_cast<std::size_t>(cycle.front())], path),
              places[static_cast<std::size_t>(cycle.front())], "break the circle: one of these must not use the others");
        return;
    }
    for (const auto& a : spec_.attributes) {
        if (!a.value) continue;
        Expected expected;
        if (a.categories) {
            expected.kind = ValueKind::category;
            expected.categories = a.categories;
        } else {
            expected.unit = a.unit;
        }
        (void)bind(*a.value, symbols_, expected, sink_);
    }
}

void Compiler::bind_starts() {
    Model& m = *model_;
    const auto bind_shares = [&](const std::vector<StartShareSpec>& specs) {
        std::vector<Share> shares;
        for (const auto& s : specs) {
            Share share{bind_number(s.probability, Unit{}), {}, s.normalised};
            for (const auto& r : s.risks) share.risks.push_back(bind_number(r, Unit{}));
            shares.push_back(std::move(share));
        }
        return shares;
    };
    std::size_t k = 0;
    for (const AttributeSpec& a : spec_.attributes) {
        if (a.value) continue;
        AttributeColumn& column = m.attributes[k++];
        StartRule& rule = column.start;
        std::vector<Expression> draw;
        std::vector<Share> shares;
        if (a.draw) {
            rule.kind = StartRule::Kind::number;
            rule.draw = a.draw->kind;
            using Kind = NumberDrawSpec::Kind;
            draw.push_back(bind_number(a.draw->first, a.unit));
            if (a.draw->kind == Kind::uniform || a.draw->kind == Kind::normal)
                draw.push_back(bind_number(a.draw->second, a.unit));
            else if (a.draw->kind != Kind::expression)
                draw.push_back(bind_number(a.draw->second, Unit{}));
        } else if (!a.shares.empty()) {
            rule.kind = StartRule::Kind::shares;
            shares = bind_shares(a.shares);
            for (const auto& s : a.shares) {
                rule.codes.push_back(s.code);
                rule.capped = rule.capped || !s.risks.empty();
            }
        } else {
            rule.kind = StartRule::Kind::given;
            if (const CategoryColumn* c = start_ ? start_->category(a.name) : nullptr) {
                // Entrants are spread as the start population was.
                std::vector<double> count(c->labels.size(), 0.0);
                for (const auto code : c->codes) count[code] += 1.0;
                rule.kind = StartRule::Kind::shares;
                for (std::size_t j = 0; j < count.size(); ++j) {
                    const int code = a.categories->code(c->labels[j]);
                    if (code <= 0 || count[j] <= 0.0) continue;
                    rule.codes.push_back(code);
                    shares.push_back({Expression::constant(count[j] / static_cast<double>(c->codes.size())), {}, false});
                }
                rule.capped = true;
            }
        }
        attribute_draw_.push_back(std::move(draw));
        attribute_shares_.push_back(std::move(shares));
        std::vector<Expression> motion;
        if (column.moving) {
            const Unit per_year = a.unit / unit_of("year");
            motion.push_back(a.toward ? bind_number(*a.toward, a.unit) : Expression::constant(0.0));
            motion.push_back(a.speed ? bind_number(*a.speed, unit_of("per year")) : Expression::constant(0.0));
            motion.push_back(a.drift ? bind_number(*a.drift, per_year) : Expression::constant(0.0));
            motion.push_back(a.noise ? bind_number(*a.noise, a.unit) : Expression::constant(0.0));
        }
        motion_.push_back(std::move(motion));
    }
    for (std::size_t p = 0; p < spec_.processes.size(); ++p) {
        const ProcessSpec& ps = spec_.processes[p];
        StartRule& rule = m.processes[p].start;
        if (ps.shares.empty()) {
            rule.kind = StartRule::Kind::fixed;
            rule.fixed = ps.start_state;
        } else {
            rule.kind = StartRule::Kind::shares;
            rule.rest_code = 0;
            for (const auto& s : ps.shares) {
                rule.codes.push_back(s.code);
                rule.capped = rule.capped || !s.risks.empty();
            }
        }
        process_shares_.push_back(bind_shares(ps.shares));
    }
}

void Compiler::bind_transitions() {
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

void Compiler::bind_life() {
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

void Compiler::bind_effects() {
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

void Compiler::order_starts() {
    // Nodes: stored attributes, then processes. An edge for every start rule that reads another node.
    Model& m = *model_;
    const int n_attributes = static_cast<int>(m.attributes.size());
    const int n = n_attributes + static_cast<int>(m.processes.size());
    std::map<ColumnId, int> node_of_column;
    for (int k = 0; k < n_attributes; ++k) {
        node_of_column[m.attributes[static_cast<std::size_t>(k)].column] = k;
        node_of_column[m.attributes[static_cast<std::size_t>(k)].middle] = k;
    }
    for (std::size_t p = 0; p < m.processes.size(); ++p) {
        node_of_column[m.processes[p].state] = n_attributes + static_cast<int>(p);
        for (const int t : m.processes[p].timers) node_of_column[m.timers[static_cast<std::size_t>(t)].value] = n_attributes + static_cast<int>(p);
    }
    std::vector<std::pair<int, int>> edges;
    const auto needs = [&](int node, const Expression& e) {
        for (const auto c : e.columns())
            if (const auto it = node_of_column.find(c); it != node_of_column.end()) edges.emplace_back(it->second, node);
    };
    const auto needs_shares = [&](int node, const std::vector<Share>& shares) {
        for (const auto& s : shares) {
            needs(node, s.probability);
            for (const auto& r : s.risks) needs(node, r);
        }
    };
    for (int k = 0; k < n_attributes; ++k) {
        for (const auto& e : attribute_draw_[static_cast<std::size_t>(k)]) needs(k, e);
        needs_shares(k, attribute_shares_[static_cast<std::size_t>(k)]);
    }
    for (std::size_t p = 0; p < m.processes.size(); ++p) needs_shares(n_attributes + static_cast<int>(p), process_shares_[p]);
    const auto name_of = [&](int node) -> const std::string& {
        return node < n_attributes ? m.attributes[static_cast<std::size_t>(node)].name : m.processes[static_cast<std::size_t>(node - n_attributes)].name;
    };
    if (const auto cycle = find_cycle(n, edges); !cycle.empty()) {
        std::string path;
        for (auto it = cycle.rbegin(); it != cycle.rend(); ++it) path += (path.empty() ? "" : " -> ") + name_of(*it);
        const int first = cycle.front();
        error("E0405", fmt::format("the start of '{}' needs itself ({})", name_of(first), path),
              first < n_attributes ? m.attributes[static_cast<std::size_t>(first)].where : m.processes[static_cast<std::size_t>(first - n_attributes)].where,
              "break the circle: one of these must not use the others");
        return;
    }
    for (const int node : ordered(n, edges)) m.start_order.push_back(node < n_attributes ? node : -1 - (node - n_attributes));
}

Expression Compiler::with_risks(const Expression& base, const Risks& risks, const Expression* inverse) const {
    Expression e = base;
    for (const auto& r : risks) e = product(e, r);
    if (inverse != nullptr) e = product(e, *inverse);
    return e;
}

void Compiler::normalise() {
    Model& m = *model_;
    const auto compile_rule = [&](StartRule& rule, const std::vector<Expression>& draw, const std::vector<Expression>& shares) {
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
    if (nation) redraw_yearly(m, nation->people(), 0, nation->people().size(), nation->key(), scalars, static_cast<std::int64_t>(m.start_year));

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
            auto table = nation->make_table(m, "__norm_" + t.name.substr(0, t.name.find('.')) + "_" + t.name.substr(t.name.find('.') + 1));
            const auto risk = nation->evaluate(m, with_risks(Expression::constant(1.0), b.risks, nullptr));
            std::vector<double> at_risk(risk.size(), 0.0);
            const auto state = nation->people().column<std::uint8_t>(m.processes[static_cast<std::size_t>(t.process)].state);
            for (std::size_t i = 0; i < risk.size(); ++i)
                at_risk[i] = std::find(t.from.begin(), t.from.end(), static_cast<int>(state[i])) != t.from.end() ? 1.0 : 0.0;
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
                const auto state = nation->people().column<std::uint8_t>(m.processes[static_cast<std::size_t>(t.process)].state);
                for (std::size_t i = 0; i < rate.size(); ++i)
                    if (std::find(t.from.begin(), t.from.end(), static_cast<int>(state[i])) != t.from.end()) other[i] += rate[i];
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
                sink_.report({Severity::warning, "W0401",
                              fmt::format("deaths by fatality and addition reach {:.0f} % of all deaths in some cell (at most 95 % is taken off)",
                                          100.0 * largest),
                              spec_.mortality->rate.span, {}, {}, {}});
            m.notes.push_back(fmt::format("mortality: up to {:.1f} % of the deaths of a sex and age come by case fatality and are taken off the total",
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

void Compiler::finish_rates() {
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

void Compiler::bind_flows() {
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
                    std::string text = "__norm_" + f->name + (model_->sex_attribute != no_index ? "[sex, age]" : "[age]");
                    if (auto inverse = bind({text, {}, false}, symbols_, expected, sink_)) rate = product(rate, *inverse);
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
                        error("E0435", fmt::format("the target of '{}' must be a look-up in one table", f->name), f->match->span,
                              "match: { gp: target_gp[sex, age] }");
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
                        error("E0411", fmt::format("lump of '{}' at '{}', which is no event", f->name, lump.event), lump.where,
                              suggestion(lump.event, names));
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

void Compiler::match_residuals() {
    if (residual_tables_.empty()) return;
    Model& m = *model_;
    const std::size_t number = start_ ? start_->people : 0;
    if (number == 0) return;
    Population people = make_start_population(m, start_, number, key_);
    const double half = 0.5 / m.ticks_per_year;
    auto age = people.column<double>(m.age);
    auto birth = people.column<double>(m.birth);
    for (std::size_t i = 0; i < age.size(); ++i) age[i] = m.start_year + half - birth[i];
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
        std::vector<double> sum(residual.values.size(), 0.0), squares(residual.values.size(), 0.0), count(residual.values.size(), 0.0);
        for (std::size_t i = 0; i < people.size(); ++i) {
            const auto c = static_cast<std::size_t>(values[0][i]);
            double attributed = values[1][i];
            for (std::size_t l = 0; l < flow.lumps.size(); ++l) {
                const Transition& t = m.transitions[static_cast<std::size_t>(flow.lumps[l].transition)];
                bool open = t.process == no_index;
                if (!open) {
                    const auto state = people.column<std::uint8_t>(m.processes[static_cast<std::size_t>(t.process)].state)[i];
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
                    cell = (axis.categories ? axis.categories->labels[k] : fmt::format("{} {}", axis.name, axis.points[k])) +
                           (cell.empty() ? "" : ", ") + cell;
                }
                if (++negative <= 5)
                    error("E0412",
                          fmt::format("the residual of '{}' is negative for {} (diseases and lumps account for {:.2f} EUR per year, the target is {:.2f})",
                                      f.name, cell, mean, residual.values[c]),
                          f.where, "lower the cost attributed to diseases, or check the target of that cell");
            }
            residual.values[c] = left;
        }
        if (noisy > 0)
            m.notes.push_back(fmt::format("{}: in {} of {} cells the few people cost more than the target by chance; their residual is 0",
                                          f.name, noisy, residual.values.size()));
    }
}

void Compiler::plan_slots() {
    Model& m = *model_;
    for (std::size_t p = 0; p < m.processes.size(); ++p) {
        Process& process = m.processes[p];
        const int states = static_cast<int>(process.states->labels.size());
        process.by_state.resize(static_cast<std::size_t>(states));
        std::vector<int> mine;
        std::vector<ClockNeed> needs;
        for (std::size_t k = 0; k < m.transitions.size(); ++k) {
            const Transition& t = m.transitions[k];
            if (t.process != static_cast<int>(p)) continue;
            mine.push_back(static_cast<int>(k));
            needs.push_back({t.from, t.to});
        }
        if (!process.is_rate) {
            for (const int k : mine)
                for (const int s : m.transitions[static_cast<std::size_t>(k)].from)
                    process.by_state[static_cast<std::size_t>(s)].transitions.push_back(k);
            continue;
        }
        const ClockPlan plan = plan_clocks(states, needs);
        const int first = static_cast<int>(m.slots.size());
        for (int s = 0; s < plan.slots; ++s) {
            ClockSlot slot;
            slot.process = static_cast<int>(p);
            slot.left = add_column(fmt::format("clock.{}.{}", process.name, s), ColumnType::f64);
            slot.transition_by_state.assign(static_cast<std::size_t>(states), no_index);
            slot.live_by_state.assign(static_cast<std::size_t>(states), no_index);
            process.slots.push_back(static_cast<int>(m.slots.size()));
            m.slots.push_back(std::move(slot));
        }
        for (std::size_t j = 0; j < mine.size(); ++j) {
            Transition& t = m.transitions[static_cast<std::size_t>(mine[j])];
            t.slot = first + plan.slot[j];
            ClockSlot& slot = m.slots[static_cast<std::size_t>(t.slot)];
            for (const int f : t.from) slot.transition_by_state[static_cast<std::size_t>(f)] = mine[j];
            for (int s = 0; s < states; ++s)
                if (plan.live[j][static_cast<std::size_t>(s)]) slot.live_by_state[static_cast<std::size_t>(s)] = mine[j];
            if (plan.fires_again[j]) t.firings = add_column("firings." + t.name, ColumnType::u16);
            const bool for_everybody = std::find(t.from.begin(), t.from.end(), 0) != t.from.end();
            if (for_everybody) {
                m.dense_transitions.push_back(mine[j]);
            } else {
                for (const int f : t.from) process.by_state[static_cast<std::size_t>(f)].transitions.push_back(mine[j]);
                process.any_by_state = true;
            }
        }
    }
    for (std::size_t k = 0; k < m.transitions.size(); ++k) {
        Transition& t = m.transitions[k];
        if (t.process != no_index || !t.rate.valid()) continue;
        ClockSlot slot;
        slot.left = add_column("clock." + t.name, ColumnType::f64);
        slot.transition_by_state = {static_cast<int>(k)};
        slot.live_by_state = {static_cast<int>(k)};
        t.slot = static_cast<int>(m.slots.size());
        m.slots.push_back(std::move(slot));
        if (t.kind == Transition::Kind::birth) t.firings = add_column("firings." + t.name, ColumnType::u16);
        m.dense_transitions.push_back(static_cast<int>(k));
    }
}

std::optional<Grouping::Dim> Compiler::group_dim(const std::string& name, SourceSpan where) {
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
                error("E0413", fmt::format("group '{}' cuts a number but says not where", name), g.where, "add `from: [0, 20, 65]`");
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
            dim.labels.push_back(k + 1 == g.from.size() ? fmt::format("{}+", g.from[k])
                                                        : fmt::format("{}-{}", g.from[k], g.from[k + 1] - (g.of.text == "age" ? 1 : 0)));
        return dim;
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

int Compiler::grouping_for(const MeasureSpec& spec) {
    std::string key;
    for (const auto& b : spec.by) key += b + ",";
    key += "|" + (spec.when ? spec.when->text : std::string{});
    if (const auto it = grouping_index_.find(key); it != grouping_index_.end()) return it->second;
    Grouping g;
    for (const auto& b : spec.by)
        if (auto dim = group_dim(b, spec.where)) g.dims.push_back(std::move(*dim));
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

void Compiler::record_event(int transition, int measure, const Expression* amount) {
    const auto k = static_cast<std::size_t>(transition);
    EventRecord::Item item{measure, no_index};
    if (amount != nullptr) {
        item.amount_output = static_cast<int>(record_amounts_[k].size());
        record_amounts_[k].push_back(*amount);
    }
    record_items_[k].push_back(item);
}

/// A flow, or a sum or difference of flows, brings the lumps of the flows with it.
void Compiler::take_lumps(const MeasureSpec& spec, int measure) {
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
            while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '_')) ++end;
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
        error("E0436", fmt::format("measure '{}' integrates an expression of flows with lumps (their lumps at events could not be told apart)", spec.name), spec.value.span,
              "integrate a flow, or a sum or difference of flows");
        return;
    }
    for (const auto& [factor, flow] : terms)
        for (const auto& lump : flow->lumps) {
            const Expression amount = factor > 0.0 ? lump.amount : product(Expression::constant(factor), lump.amount);
            record_event(lump.transition, measure, &amount);
        }
}

Expression Compiler::expected_rate(int transition) {
    const Model& m = *model_;
    const auto of = [&](const Transition& t) {
        if (t.process == no_index) return t.rate;
        const Process& process = m.processes[static_cast<std::size_t>(t.process)];
        std::vector<std::string> from;
        for (const int s : t.from) from.push_back(process.states->labels[static_cast<std::size_t>(s)]);
        const Expression open = bind_condition({fmt::format("{} in [{}]", process.name, fmt::join(from, ", ")), {}, false});
        return select(open, t.rate, Expression::constant(0.0));
    };
    const Transition& wanted = m.transitions[static_cast<std::size_t>(transition)];
    Expression rate = of(wanted);
    if (wanted.kind == Transition::Kind::death)
        for (const Transition& t : m.transitions)
            if (t.fatal.valid() && t.process != no_index) rate = rate + product(of(t), t.fatal);
    return rate;
}

void Compiler::declare_measures() {
    Model& m = *model_;
    const Unit year = unit_of("year");
    std::vector<std::string> events;
    for (const auto& t : m.transitions) events.push_back(t.name);
    for (const MeasureSpec& spec : spec_.measures) {
        Measure measure;
        measure.kind = spec.kind;
        measure.name = spec.name;
        measure.doc = spec.doc;
        measure.where = spec.where;
        measure.discount = spec.discount;
        measure.per_person = spec.per_person;
        measure.show = spec.show;
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
                    if (const auto it = flows_.find(n); it != flows_.end() && n.starts_with("cost_")) unit = it->second.unit;
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
                for (const auto& e : spec.events) {
                    const auto it = transition_of_.find(e);
                    if (it == transition_of_.end())
                        error("E0414", fmt::format("measure '{}' counts '{}', which is no event", spec.name, e), spec.where, suggestion(e, events));
                    else if (!spec.expected)
                        record_event(it->second, index, nullptr);
                    else if (const Transition& t = m.transitions[static_cast<std::size_t>(it->second)]; !t.is_rate || !t.rate.valid())
                        error("E0414", fmt::format("measure '{}' is the expected number of '{}', which has no rate", spec.name, e), spec.where, "leave out `expected`");
                    else
                        measure.value = measure.value + expected_rate(it->second);
                }
                break;
            case MeasureSpec::Kind::people: {
                Expected any;
                any.any_kind = true;
                any.any_unit = true;
                measure.value = bind(spec.value, symbols_, any, sink_).value_or(Expression::constant(1.0));
                break;
            }
            case MeasureSpec::Kind::points: {
                measure.value = bind_any(spec.value);
                unit = measure.value.unit();
                for (std::size_t p = 0; p < m.processes.size(); ++p)
                    if (m.processes[p].name == spec.process && !m.processes[p].is_rate) measure.process = static_cast<int>(p);
                if (measure.process == no_index)
                    error("E0415", fmt::format("measure '{}' is taken at the cycle points of '{}', which is no process with cycles", spec.name, spec.process),
                          spec.where);
                break;
            }
        }
        const bool counts = (spec.kind == MeasureSpec::Kind::count && !spec.expected) || spec.kind == MeasureSpec::Kind::people;
        // Years and pure numbers are small; money, contacts and the like may be large.
        bool small = true;
        for (const auto& [base, power] : unit.powers) small = small && base == "year";
        measure.unit = to_string(unit);
        if (spec.kind == MeasureSpec::Kind::count || spec.kind == MeasureSpec::Kind::people) measure.unit = spec.kind == MeasureSpec::Kind::people ? "person" : "1";
        measure.quantum = spec.quantum > 0.0 ? spec.quantum : counts ? 1.0 : small ? 1e-9 : 1e-6;
        const auto each = spec.kind == MeasureSpec::Kind::people ? measure.value.as_constant() : std::nullopt;
        const bool whole = each ? *each == std::floor(*each) : spec.kind != MeasureSpec::Kind::people || measure.value.kind() != ValueKind::number;
        if (counts && !whole && spec.quantum <= 0.0) measure.quantum = 1e-9;
        if (spec.discount.convention != DiscountSpec::Convention::none && counts) measure.quantum = 1e-9;
        if (measure.per_person != MeasureSpec::PerPerson::no) measure.total = add_column("total." + spec.name, ColumnType::i64);
        m.measures.push_back(std::move(measure));
    }
}

void Compiler::compile_programs() {
    Model& m = *model_;
    m.fatality.resize(m.transitions.size());
    for (std::size_t k = 0; k < m.transitions.size(); ++k)
        if (m.transitions[k].fatal.valid()) m.fatality[k] = compile({m.transitions[k].fatal});
    for (std::size_t k = 0; k < m.attributes.size(); ++k)
        if (m.attributes[k].moving) {
            m.attributes[k].motion = compile(motion_[k]);
            m.any_moving = true;
        }

    std::vector<Expression> dense;
    for (const int k : m.dense_transitions) {
        m.transitions[static_cast<std::size_t>(k)].dense_output = static_cast<int>(dense.size());
        m.slots[static_cast<std::size_t>(m.transitions[static_cast<std::size_t>(k)].slot)].dense = k;
        dense.push_back(m.transitions[static_cast<std::size_t>(k)].rate);
    }
    for (const int k : m.integrals) {
        m.measures[static_cast<std::size_t>(k)].dense_output = static_cast<int>(dense.size());
        dense.push_back(m.measures[static_cast<std::size_t>(k)].value);
    }
    std::vector<bool> used(m.groupings.size(), false);
    for (const int k : m.integrals) used[static_cast<std::size_t>(m.measures[static_cast<std::size_t>(k)].grouping)] = true;
    std::vector<int> dense_groupings;
    for (std::size_t g = 0; g < m.groupings.size(); ++g) {
        if (!used[g]) continue;
        m.groupings[g].dense_cell = static_cast<int>(dense_groupings.size());
        dense_groupings.push_back(static_cast<int>(g));
    }
    m.dense = compile(dense, dense_groupings);

    for (Process& p : m.processes)
        for (StateProgram& s : p.by_state) {
            if (s.transitions.empty()) continue;
            std::vector<Expression> roots, effects;
            for (const int k : s.transitions) {
                const Transition& t = m.transitions[static_cast<std::size_t>(k)];
                roots.push_back(t.rate);
                s.has_effects = s.has_effects || t.effect.valid();
                effects.push_back(t.effect.valid() ? t.effect : Expression::constant(1.0));
            }
            s.program = compile(roots);
            if (s.has_effects) s.effects = compile(effects);
        }

    const auto groupings_of = [&](const std::vector<int>& measures) {
        std::vector<int> groupings;
        for (const int k : measures) {
            const int g = m.measures[static_cast<std::size_t>(k)].grouping;
            if (std::find(groupings.begin(), groupings.end(), g) == groupings.end()) groupings.push_back(g);
        }
        return groupings;
    };
    m.records.resize(m.transitions.size());
    for (std::size_t k = 0; k < m.transitions.size(); ++k) {
        EventRecord& record = m.records[k];
        record.items = record_items_[k];
        if (record.items.empty()) continue;
        std::vector<int> measures;
        for (const auto& item : record.items) measures.push_back(item.measure);
        record.groupings = groupings_of(measures);
        record.program = compile(record_amounts_[k], record.groupings);
    }
    // Measures that count people by the state of a process: how they are taken.
    const auto counts_states = [&](PointProgram& point, int measure) {
        const Measure& x = m.measures[static_cast<std::size_t>(measure)];
        const Grouping& grouping = m.groupings[static_cast<std::size_t>(x.grouping)];
        const auto each = x.value.as_constant();
        if (!each || !(std::fabs(*each / x.quantum) <= 0x1p40) || x.total != no_column || x.is_mean || grouping.when.valid() || grouping.dims.empty()) return false;
        const auto column = grouping.dims[0].code.as_category_column();
        const bool is_process = column && std::any_of(m.processes.begin(), m.processes.end(), [&](const Process& p) { return p.state == *column; });
        if (!is_process) return false;
        const std::vector<Grouping::Dim> others(grouping.dims.begin() + 1, grouping.dims.end());
        const auto same = [&](const std::vector<Grouping::Dim>& grid) {
            return std::equal(grid.begin(), grid.end(), others.begin(), others.end(),
                              [](const auto& a, const auto& b) { return a.stride == b.stride && a.labels == b.labels && a.code.same_as(b.code); });
        };
        const auto at = std::find_if(point.grids.begin(), point.grids.end(), same);
        point.state_counts.push_back({measure, *column, grouping.dims[0].stride, static_cast<std::size_t>(at - point.grids.begin())});
        if (at == point.grids.end()) point.grids.push_back(others);
        return true;
    };
    const auto make_points = [&](PointProgram& point, const auto& wanted) {
        std::vector<Expression> roots;
        for (std::size_t k = 0; k < m.measures.size(); ++k) {
            if (!wanted(m.measures[k]) || counts_states(point, static_cast<int>(k))) continue;
            point.measures.push_back(static_cast<int>(k));
            point.value_output.push_back(static_cast<int>(roots.size()));
            roots.push_back(m.measures[k].value);
        }
        point.groupings = groupings_of(point.measures);
        point.program = compile(roots, point.groupings, point.grids);
    };
    make_points(m.border, [](const Measure& x) { return x.kind == MeasureSpec::Kind::people; });
    m.points.resize(m.processes.size());
    for (std::size_t p = 0; p < m.processes.size(); ++p)
        make_points(m.points[p], [p](const Measure& x) { return x.kind == MeasureSpec::Kind::points && x.process == static_cast<int>(p); });
}

}  // namespace

std::shared_ptr<const Model> compile_model(const ModelSpec& spec, const PersonTable* start, RunKey key, DiagnosticSink& sink) {
    return Compiler(spec, start, key, sink).run();
}

}  // namespace proeftuin
