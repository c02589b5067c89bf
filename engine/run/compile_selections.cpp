// Selections of people into programmes: their conditions, and how many they choose in each step.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/run/accrual.hpp"
#include "engine/run/calendar.hpp"
#include "engine/run/model_compiler.hpp"

namespace proeftuin {
namespace {

/// Years worth of full invitations from the start of a ramp (0 at 0, 1 from `ramp` on) until t after it.
double ramped(double t, double ramp) {
    if (t <= 0.0) return 0.0;
    return t < ramp ? t * t / (2.0 * ramp) : t - 0.5 * ramp;
}

}  // namespace

/// Value of an expression that reads no person, in the middle of a step.
double ModelCompiler::regional_value(const Program& program, int tick) const {
    const double length = 1.0 / model_->ticks_per_year;
    const double middle = (static_cast<double>(tick) + 0.5) * length;
    const double scalars[scalar::count] = {spec_.start_year + middle, middle};
    double value = 0.0;
    double* out[] = {&value};
    EvaluationScratch scratch;
    program.run(EvaluationInput{nullptr, scalars, nullptr, 1}, scratch, out);
    return value;
}

/// Tells of what cannot be known before the run.
void ModelCompiler::check_regional(const Expression& bound, const ExprText& text, const std::string& what) {
    const std::set<std::uint32_t> scalars = bound.scalars();
    if (!bound.columns().empty())
        error("E0450", fmt::format("{} depends on a person (it is a number of the region)", what), text.span,
              "use numbers, parameters and `year`");
    else if (!scalars.empty() && *scalars.rbegin() >= scalar::count)
        error("E0450", fmt::format("{} depends on a signal (it is known before the run)", what), text.span,
              "use numbers, parameters and `year`");
}

Expression ModelCompiler::bind_regional(const ExprText& text, const Unit& unit, const std::string& what) {
    const Expression bound = bind_within(text, unit, amount_domain, what);
    check_regional(bound, text, what);
    return bound;
}

std::vector<CalendarSpan> ModelCompiler::since_start(const std::vector<CalendarSpan>& calendar) const {
    std::vector<CalendarSpan> spans;
    for (const CalendarSpan& s : calendar) spans.push_back({s.from - spec_.start_year, s.to - spec_.start_year});
    return spans;
}

/// How many may be invited in each step. Invitations add up over the calendar in parts of 2^-20, and what is not whole
/// waits for the next step: a function of the calendar alone, so nothing of it needs to be remembered.
std::vector<std::int64_t> ModelCompiler::invitations_by_step(const SelectionSpec& spec, const Expression& per_year) {
    constexpr int parts_bits = 20;
    constexpr double parts = 1 << parts_bits;
    const Model& m = *model_;
    const std::vector<CalendarSpan> runs = since_start(spec.runs);
    const double first = runs.empty() ? 0.0 : runs.front().from;
    const Program program = compile({per_year});
    std::vector<std::int64_t> numbers;
    double sum = 0.0;
    std::int64_t whole = 0;
    for (int tick = 0; tick < m.years * m.ticks_per_year; ++tick) {
        const double begin = static_cast<double>(tick) / m.ticks_per_year;
        const double end = static_cast<double>(tick + 1) / m.ticks_per_year;
        double time = 0.0;
        for (const CalendarSpan& part : overlaps(runs, begin, end))
            time += ramped(part.to - first, spec.ramp) - ramped(part.from - first, spec.ramp);
        if (time > 0.0) sum += regional_value(program, tick) * time / spec_.stands_for;
        if (!(sum < 0x1p30)) {
            error("E0445",
                  fmt::format("'{}' would invite {:g} people by {:.0f} (at most 2^30)", spec.process, sum,
                              m.start_year + end),
                  spec.invitations->span);
            break;
        }
        const std::int64_t now = nearest_integer(sum * parts) >> parts_bits;
        numbers.push_back(now - whole);
        whole = now;
    }
    return numbers;
}

void ModelCompiler::bind_selections() {
    Model& m = *model_;
    for (const SelectionSpec& spec : spec_.selections) {
        Selection s;
        s.name = spec.process;
        s.where = spec.where;
        s.order = spec.order;
        for (std::size_t p = 0; p < m.processes.size(); ++p)
            if (m.processes[p].name == spec.process) s.process = static_cast<int>(p);
        const auto transition = [&](const std::string& name) {
            const auto it = transition_of_.find(name);
            return it == transition_of_.end() ? no_index : it->second;
        };
        s.invite = transition(spec.invite);
        s.consent = transition(spec.consent);
        s.start = transition(spec.start);
        if (!spec.decline.empty()) s.decline = transition(spec.decline);
        PT_EXPECT(s.process != no_index && s.invite != no_index && s.consent != no_index && s.start != no_index);
        s.takes_place.assign(m.processes[static_cast<std::size_t>(s.process)].states->labels.size(), 0);
        for (const int state : spec.taking_part) s.takes_place[static_cast<std::size_t>(state)] = 1;
        s.runs = since_start(spec.runs);
        s.invitations = add_column("invitations." + spec.process, ColumnType::u16);
        std::vector<Expression> roots;
        roots.reserve(3);
        roots.push_back(bind_condition(spec.eligible));
        if (spec.uptake) {
            s.uptake = static_cast<int>(roots.size());
            s.uptake_where = spec.uptake->span;
            roots.push_back(
                bind_within(*spec.uptake, Unit{}, probability_domain, fmt::format("the uptake of '{}'", spec.process)));
        }
        if (spec.order == SelectionSpec::Order::score) {
            s.score = static_cast<int>(roots.size());
            s.score_where = spec.score.span;
            roots.push_back(bind_any(spec.score));
        }
        if (spec.order == SelectionSpec::Order::first_come)
            s.waits_since = add_column("waits_since." + spec.process, ColumnType::f64);
        if (spec.invitations) {
            const std::size_t before = sink_.errors();
            const Expression per_year = bind_regional(*spec.invitations, unit_of("per year"),
                                                      fmt::format("the invitations of '{}'", spec.process));
            if (sink_.errors() == before) s.invitations_by_step = invitations_by_step(spec, per_year);
        }
        if (spec.places) {
            const Expression places =
                bind_regional(*spec.places, Unit{}, fmt::format("the places of '{}'", spec.process));
            if (const auto number = places.as_constant())
                s.places = static_cast<std::int64_t>(std::floor(*number / spec_.stands_for + 1e-9));
            else
                error("E0450", fmt::format("the places of '{}' change over time (they are one number)", spec.process),
                      spec.places->span);
        }
        selection_roots_.push_back(std::move(roots));
        m.selections.push_back(std::move(s));
    }
}

void ModelCompiler::compile_selections() {
    for (std::size_t k = 0; k < selection_roots_.size(); ++k)
        model_->selections[k].program = compile(selection_roots_[k]);
}

/// What accrues to the region in each step, in quanta: the sums over years do not depend on the step.
std::vector<std::int64_t> ModelCompiler::regional_amounts(const MeasureSpec& spec, const Measure& measure) {
    const Model& m = *model_;
    const std::vector<CalendarSpan> runs = since_start(spec.runs);
    const Program program = compile({measure.value});
    std::vector<std::int64_t> amounts;
    double sum = 0.0;
    std::int64_t counted = 0;
    for (int tick = 0; tick < m.years * m.ticks_per_year; ++tick) {
        const double begin = static_cast<double>(tick) / m.ticks_per_year;
        const double end = static_cast<double>(tick + 1) / m.ticks_per_year;
        double weight = 0.0;
        for (const CalendarSpan& part : overlaps(runs, begin, end))
            weight += discount_weight(spec.discount, part.from, part.to);
        if (weight > 0.0) sum += regional_value(program, tick) * weight / spec_.stands_for;
        if (!(std::fabs(sum) <= 0x1p50 * measure.quantum)) {
            error("E0445",
                  fmt::format("'{}' adds up to {:g} (at most {:.3g})", spec.name, sum, 0x1p50 * measure.quantum),
                  spec.value.span);
            break;
        }
        const std::int64_t now = nearest_integer(sum / measure.quantum);
        amounts.push_back(now - counted);
        counted = now;
    }
    return amounts;
}

}  // namespace proeftuin
