// How a specification becomes a model: what the parts of compilation (compile_*.cpp) know and tell each other.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/run/domain.hpp"
#include "engine/run/model.hpp"

namespace proeftuin {

class ReferenceSample;

/// Compiles one specification, once; private to compile_*.cpp. What is wrong goes to the sink.
class ModelCompiler {
public:
    ModelCompiler(const ModelSpec& spec, const PersonTable* start, RunKey key, DiagnosticSink& sink)
        : spec_{spec}, start_{start}, key_{key}, sink_{sink}, model_{std::make_shared<Model>()} {}

    std::shared_ptr<const Model> run();

private:
    using Risks = std::vector<Expression>;
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
    /// A transition before it has its place among the others.
    struct Draft {
        Transition transition;
        BoundTransition bound;
    };

    // --- small tools
    /// \pre `text` is a unit
    static Unit unit_of(const char* text) { return *parse_unit(text); }
    void error(const char* code, std::string message, SourceSpan where, std::optional<std::string> help = {},
               std::vector<Note> notes = {}) {
        sink_.error(code, std::move(message), where, std::move(help), std::move(notes));
    }
    Expression bind_number(const ExprText& text, const Unit& unit) {
        Expected expected;
        expected.unit = unit;
        return bind(text, symbols_, expected, sink_).value_or(Expression::constant(0.0));
    }
    /// The same for a number that has to lie in a domain; `what` it is, for the message.
    Expression bind_within(const ExprText& text, const Unit& unit, const Domain& domain, const std::string& what) {
        const std::size_t before = sink_.errors();
        Expression bound = bind_number(text, unit);
        if (sink_.errors() == before) check_domain(text, bound, domain, what);
        return bound;
    }
    void check_domain(const ExprText& text, const Expression& bound, const Domain& domain, const std::string& what);
    Expression bind_any(const ExprText& text) {
        Expected expected;
        expected.any_unit = true;
        return bind(text, symbols_, expected, sink_).value_or(Expression::constant(0.0));
    }
    Expression bind_condition(const ExprText& text) {
        Expected expected;
        expected.kind = ValueKind::boolean;
        if (auto bound = bind(text, symbols_, expected, sink_)) return *std::move(bound);
        return *bind({"1 == 1", {}, false}, symbols_, expected, sink_);
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
    void declare_signals();
    void check_process(const ProcessSpec& p);
    void bind_derived();
    void bind_starts();
    void bind_transitions();
    Draft draft(const TransitionSpec& spec, std::size_t process);
    void check_rows(const std::vector<Draft>& drafts);
    void draft_life(std::vector<Draft>& drafts);
    void bind_life();
    void bind_flows();
    void bind_effects();
    Expression share_left(const EffectSpec::Fade& fade);
    Expression reach(const EffectSpec& effect, Expression value, double none);
    void bind_selections();
    void compile_selections();
    std::vector<std::int64_t> invitations_by_step(const SelectionSpec& spec, const Expression& per_year);
    std::vector<std::int64_t> regional_amounts(const MeasureSpec& spec, const Measure& measure);
    /// An expression of constants and the calendar.
    Expression bind_regional(const ExprText& text, const Unit& unit, const std::string& what);
    void check_regional(const Expression& bound, const ExprText& text, const std::string& what);
    double regional_value(const Program& program, int tick) const;
    void bind_at_most(const MeasureSpec& spec, const Unit& unit, Measure& measure);
    std::vector<CalendarSpan> since_start(const std::vector<CalendarSpan>& calendar) const;
    void order_starts();
    void normalise();
    bool needs_nation() const;
    void normalise_starts(ReferenceSample* nation);
    void normalise_transitions(ReferenceSample* nation);
    void normalise_mortality(ReferenceSample* nation);
    Expression remaining_share(ReferenceSample& nation, const Expression& total);
    Expression inverse_mean(ReferenceSample& nation, const Risks& risks, const std::vector<double>& weight,
                            const std::string& name);
    const TransitionSpec* spec_of(const Transition& transition) const;
    void apply_effects();
    void plan_slots();
    void match_residuals();
    void declare_measures();
    void bind_signals();
    void bind_queues();
    /// The value of an expression that must be the same for everybody and at all times.
    double bind_constant(const ExprText& text, const Unit& unit, const std::string& what);
    /// Rate per year at which an event happens to a person as it is: 0 in states that it does not start from; of death,
    /// with the deaths by case fatality.
    Expression expected_rate(int transition);
    void compile_programs();
    void compile_dense();
    void compile_by_state();
    void compile_records();
    void compile_points(PointProgram& point, const std::function<bool(const Measure&)>& wanted);
    static void find_finer_counts(PointProgram& point);
    void place_grids(PointProgram& point) const;
    bool counts_states(PointProgram& point, int measure) const;
    std::vector<int> groupings_of(const std::vector<int>& measures) const;
    int grouping_for(const MeasureSpec& m);
    /// One and the same for all measures: programs see equal parts by the tables that these hold.
    std::optional<Grouping::Dim> group_dim(const std::string& name, SourceSpan where);
    std::optional<Grouping::Dim> make_group_dim(const std::string& name, SourceSpan where);
    void record_event(int transition, int measure, const Expression* amount);
    void take_lumps(const MeasureSpec& spec, int measure);
    Expression with_risks(const Expression& base, const Risks& risks, const Expression* inverse) const;

    const ModelSpec& spec_;
    const PersonTable* start_;
    RunKey key_;
    DiagnosticSink& sink_;
    std::shared_ptr<Model> model_;
    SymbolTable symbols_;
    std::unordered_map<std::string, int> transition_of_;  ///< by name, index into model_->transitions
    std::vector<BoundTransition> bound_;  ///< by transition
    std::vector<std::vector<Share>> attribute_shares_;  ///< by attribute
    std::vector<std::vector<Share>> process_shares_;
    std::vector<std::vector<Expression>> attribute_draw_;
    std::vector<std::vector<Expression>> motion_;
    std::vector<Expression> death_multiply_, death_add_;
    struct BoundFlow {
        Expression rate;  ///< complete
        Expression expected;  ///< without the factor of the person
        Expression plain;  ///< also without residual and index
        Expression unindexed;  ///< complete but for the index
        Unit unit;
        struct Lump {
            int transition;
            Expression amount;  ///< complete
            Expression plain;  ///< without index and effects
            Expression unindexed;  ///< complete but for the index
        };
        std::vector<Lump> lumps;
    };
    std::map<std::string, BoundFlow> flows_;
    std::vector<std::vector<Expression>> selection_roots_;  ///< by selection: whether eligible, uptake, score
    std::multimap<std::string, const EffectSpec*> flow_effects_;  ///< by name of the flow, in order
    std::vector<std::vector<EventRecord::Item>> record_items_;
    std::vector<std::vector<Expression>> record_amounts_;
    std::map<std::string, std::shared_ptr<Table>> residual_tables_;
    std::map<std::string, int> grouping_index_;
    std::map<std::string, Grouping::Dim> group_dims_;

    /// What diseases and lumps cost the people in one cell of a table [per year].
    struct CellMean {
        double people = 0.0;
        double sum = 0.0;
        double squares = 0.0;
        double mean() const { return sum / people; }
    };
    std::vector<CellMean> attributed_by_cell(const BoundFlow& flow, const Table& residual, Population& people);
    void subtract_attributed(const FlowSpec& spec, const std::vector<CellMean>& attributed, Table& residual);
};

}  // namespace proeftuin
