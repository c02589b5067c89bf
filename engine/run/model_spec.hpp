// What a scenario asks the engine to run, as plain data with places: the border between the kinds of
// models (which read YAML) and the kernel (which knows no disease, region or contract).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/config/source.hpp"
#include "engine/core/unit.hpp"
#include "engine/expr/type.hpp"

namespace proeftuin {

/// How a number is drawn for a person at entry (or every year).
struct NumberDrawSpec {
    enum class Kind : std::uint8_t { expression, uniform, normal, lognormal, gamma };
    Kind kind = Kind::expression;
    ExprText first;  ///< the expression; from; mean
    ExprText second;  ///< to; sd; cv (unused for an expression)
};

/// Probability to start in a state or with a category; risks multiply it and may be normalised.
struct StartShareSpec {
    int code = 0;
    ExprText probability;
    std::vector<ExprText> risks;
    bool normalised = true;
};

/// A column of the population: given, drawn at entry, drifting, redrawn, or derived from others.
struct AttributeSpec {
    std::string name;
    SourceSpan where;
    std::string doc;
    std::shared_ptr<const Categories> categories;  ///< null: a number
    Unit unit;
    std::optional<ExprText> value;  ///< derived; nothing below applies
    std::optional<NumberDrawSpec> draw;  ///< numbers, at entry
    std::vector<StartShareSpec> shares;  ///< categories, at entry; code 0 takes the rest
    bool inherit = false;  ///< a newborn has its mother's value
    bool each_year = false;  ///< `draw` is repeated every calendar year
    std::optional<ExprText> toward;  ///< relaxes to this value
    std::optional<ExprText> speed;  ///< at this rate [per year]
    std::optional<ExprText> drift;  ///< and moves by this [unit per year]
    std::optional<ExprText> noise;  ///< sd after one year [unit]
    std::optional<double> min;
    std::optional<double> max;
    bool dynamic() const { return toward || drift || noise; }
};

/// What makes a transition with a rate happen.
enum class Trigger : std::uint8_t {
    rate,  ///< its rate, after a unit-exponential waiting time
    duration,  ///< a fixed time after entering a state that it starts from
    date,  ///< a moment of the calendar; at once for who comes later
    entry,  ///< a moment inside the step in which a selection chose the person
    selection,  ///< a selection, between two steps: it has no clock
};

struct TransitionSpec {
    std::string name;  ///< full: "copd.onset"
    SourceSpan where;
    std::vector<int> from;
    int to = -1;  ///< -1: no change of state (a recurrent event)
    bool is_rate = true;
    Trigger trigger = Trigger::rate;  ///< otherwise there is no `value`
    double years = 0.0;  ///< duration: > 0; date: calendar year with its fraction
    ExprText value;  ///< rate [per year] or probability [per cycle]
    std::vector<ExprText> risks;
    bool normalised = true;
    std::optional<ExprText> fatality;  ///< probability that the event kills
};

struct ProcessSpec {
    std::string name;
    SourceSpan where;
    std::string doc;
    std::shared_ptr<const Categories> states;
    std::vector<int> absorbing;
    std::vector<int> death;  ///< states in which the person is dead
    double cycle = 0.0;  ///< years; 0 when all transitions are rates
    int start_state = 0;  ///< when there are no shares
    std::vector<StartShareSpec> shares;
    std::vector<TransitionSpec> transitions;
};

/// Base x product(multiply) + sum(add).
struct HazardSpec {
    ExprText rate;
    std::vector<ExprText> multiply;
    std::vector<ExprText> add;
    bool total = false;  ///< `rate` is the total: normalise the multipliers and take off what comes by fatality
};

struct ArrivalSpec {
    std::shared_ptr<const Table> numbers;  ///< people per year; axes: any of year, age and categories
    ExprText scale;
    SourceSpan where;
};

/// A quantity that accrues to people over time, with lumps at events. `expected_<name>` is the same without
/// `factor`, `unindexed_<name>` the same without `index`.
struct FlowSpec {
    std::string name;
    SourceSpan where;
    Unit unit;  ///< of the rate: EUR per year; 1 for a utility (accrues years)
    std::optional<ExprText> base;
    std::vector<ExprText> add;
    std::vector<ExprText> subtract;
    std::vector<ExprText> multiply;  ///< of the base, before add and subtract
    bool normalise_multipliers = false;  ///< divide by their national mean by sex and age
    std::vector<ExprText> factor;  ///< of the person, mean 1, on what accrues over time (not on lumps)
    std::vector<ExprText> index;  ///< of the calendar, on everything
    struct Lump {
        std::string event;  ///< "death", "birth", "departure" or a transition
        ExprText amount;
        SourceSpan where;
    };
    std::vector<Lump> lumps;
    /// Look-up of a table with the mean per head wanted in each of its cells: the residual is computed and added.
    std::optional<ExprText> match;
    std::vector<std::string> sum_of;  ///< other flows whose sum this is (nothing else then)
};

/// A factor on rates, probabilities or flows, or a term of a flow; applied last, as a further operation of its own.
struct EffectSpec {
    std::vector<std::string> on;  ///< transition names; "copd.*" for all of a process; "death"; names of flows
    std::vector<SourceSpan> places = {};  ///< of each
    ExprText multiply;
    std::optional<ExprText> add;  ///< to flows, in place of `multiply`
    std::optional<ExprText> when;  ///< condition; everybody when absent
    SourceSpan where;
    /// In full in some states of a process; after they are left the share to + (1 - to) 2^(-t / half_life) of it.
    struct Fade {
        std::string process;
        std::vector<int> states;
        double half_life = 0.0;  ///< years, > 0
        double to = 0.0;  ///< share that stays, from 0 to 1
    };
    std::optional<Fade> fade;
};

/// Times of the calendar [from, to), in years with their fraction.
struct CalendarSpan {
    double from;
    double to;
};

/// Who enters a process (a programme) at the beginning of a step: of those for whom a condition holds, as many as the
/// capacity of the step, in an order; each consents with a probability and starts at a moment of the step.
struct SelectionSpec {
    enum class Order : std::uint8_t { random, first_come, score };
    std::string process;
    SourceSpan where;
    std::string invite, consent, decline, start;  ///< names of transitions; `decline` may be empty
    ExprText eligible;
    std::optional<ExprText> uptake;  ///< probability to consent; all do when absent
    Order order = Order::random;
    ExprText score;  ///< the highest first
    std::optional<ExprText> invitations;  ///< per year, of the region; constants and `year`; no limit when absent
    std::optional<ExprText> places;  ///< most people who take part at a time, of the region; a constant
    std::vector<int> taking_part;  ///< states that take a place
    std::vector<CalendarSpan> runs;  ///< ascending, apart
    double ramp = 0.0;  ///< years from the first of `runs` over which invitations rise from 0 to their number
};

struct DiscountSpec {
    enum class Convention : std::uint8_t { none, start_of_year, mid_year, end_of_year, continuous };
    Convention convention = Convention::none;
    double rate = 0.0;  ///< per year
};

struct GroupSpec {
    std::string name;
    SourceSpan where;
    ExprText of;  ///< a category, or a number cut at `from`
    std::vector<double> from;  ///< lower bounds; empty for a category
    std::vector<std::string> labels;  ///< of the bands; filled when empty
};

struct MeasureSpec {
    enum class Kind : std::uint8_t { integral, count, people, mean, points, regional };
    std::string name;
    SourceSpan where;
    std::string doc;
    Kind kind = Kind::integral;
    ExprText value;  ///< integrand, weight, condition or number; regional: amount per year of the region, of nobody
    std::vector<CalendarSpan> runs;  ///< regional: when it accrues
    std::vector<std::string> events;  ///< count
    bool expected = false;  ///< count: their rates over the time at risk, in place of the events
    std::vector<SourceSpan> event_places = {};
    std::string process;  ///< points: whose cycle points
    std::optional<ExprText> when;  ///< only people for whom this holds
    std::vector<std::string> by;  ///< names of groups, categories or processes
    std::vector<SourceSpan> by_places = {};
    DiscountSpec discount;
    enum class PerPerson : std::uint8_t { no, year, run };
    PerPerson per_person = PerPerson::no;
    std::optional<ExprText> at_most = {};  ///< of a person in a year; of the region: constants and `year`
    std::string so_far = {};  ///< name by which expressions know what the person has had of it in this year
    Unit so_far_unit = {};
    SourceSpan so_far_where = {};
    std::vector<std::string> show;  ///< statistics over people: mean, sd, p50, top_share_1 ...
    double quantum = 0.0;  ///< 0: chosen by unit
};

/// A number of the region that everybody sees alike. It changes between steps only, from what the step had: what people
/// need of each other and of the system comes through signals.
struct SignalSpec {
    std::string name;
    SourceSpan where;
    std::string doc;
    Unit unit;
    ExprText start;  ///< a constant: its value in the first step
    /// Its value in the next step: of constants, signals, `year`, `time`, `step` (its length, years) and measures,
    /// whose names stand for what they had in the step, per year and for the whole region (of a mean: the mean).
    ExprText next;
};

/// A place that serves its visitors one by one. What it did in a step is there for signals under the names of
/// `queue_quantities`.
struct QueueSpec {
    std::string name;
    SourceSpan where;
    struct Visits {
        std::string transition;
        SourceSpan where;
        std::int64_t priority;  ///< the lowest is served first
    };
    std::vector<Visits> visits;
    std::string servers;  ///< a signal: how many serve in a step
    ExprText service;  ///< a constant: mean time of a visit
    bool constant = false;  ///< every visit takes that long; otherwise exponential

    /// Ascending; empty where all visits have the same.
    std::vector<std::int64_t> priorities() const {
        std::set<std::int64_t> all;
        for (const Visits& v : visits) all.insert(v.priority);
        return all.size() > 1 ? std::vector<std::int64_t>(all.begin(), all.end()) : std::vector<std::int64_t>();
    }
};

/// Of what a queue did in a step, with its name after it, and `2_` before that for priority 2 where there are several:
/// visits that began [per year], the mean time that they had been
/// waited for [year], people who wait at its end [1], share of the visits that had to be waited for [1].
inline constexpr std::array queue_quantities{"__visits_", "__wait_", "__waiting_", "__delayed_"};

/// What one model adds to quantities that others own. Families never see each other: they meet here.
struct Contributions {
    struct Amount {
        std::string of;  ///< cost category or service
        ExprText value;
        SourceSpan where;
    };
    struct EventAmount {
        std::string event;
        Amount amount;
    };
    std::vector<ExprText> mortality_multiply;
    std::vector<ExprText> mortality_add;
    std::vector<ExprText> utility_multiply;
    std::vector<ExprText> utility_subtract;
    std::vector<Amount> costs;
    std::vector<EventAmount> event_costs;
    std::vector<Amount> needs;
    std::vector<EventAmount> event_needs;
    /// Flows of cost of their own, not scaled by what scales care: part of the total and, where they name one, of a
    /// law.
    struct Flow {
        std::string name;
        std::string law;  ///< may be empty
        SourceSpan where;
    };
    std::vector<Flow> cost_flows;
};

/// Everything the kernel runs.
struct ModelSpec {
    std::string name;
    double start_year = 0.0;
    int years = 1;
    int steps_per_year = 1;
    std::size_t people = 0;  ///< at the start, where no start population is given
    double stands_for = 1.0;  ///< people of the region for each one simulated
    std::vector<AttributeSpec> attributes;
    std::vector<ProcessSpec> processes;
    std::vector<std::shared_ptr<const Table>> tables;
    struct Constant {
        std::string name;
        double value;
        Unit unit;
        SourceSpan where = {};
    };
    std::vector<Constant> constants;
    std::optional<HazardSpec> mortality;
    std::optional<ExprText> births;
    std::optional<ExprText> departures;
    std::vector<ArrivalSpec> arrivals;
    std::vector<FlowSpec> flows;
    std::vector<EffectSpec> effects;
    std::vector<SignalSpec> signals;
    std::vector<QueueSpec> queues;
    std::vector<SelectionSpec> selections;  ///< in the order in which they choose
    std::vector<GroupSpec> groups;
    std::vector<MeasureSpec> measures;
    int reference_per_cell = 400;  ///< people per sex and year of age in the national reference sample
};

}  // namespace proeftuin
