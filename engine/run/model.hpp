// A compiled scenario: immutable, dense, ready for the kernel.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/config/diagnostic.hpp"
#include "engine/data/person_table.hpp"
#include "engine/data/population.hpp"
#include "engine/expr/program.hpp"
#include "engine/run/model_spec.hpp"

namespace proeftuin {

/// Values of the column `life`.
enum class Life : std::uint8_t { alive = 0, dead = 1, gone = 2 };

/// Ids of the scalars of every evaluation.
namespace scalar {
inline constexpr std::uint32_t year = 0;  ///< calendar year at the time of evaluation
inline constexpr std::uint32_t time = 1;  ///< years since the start
inline constexpr std::size_t count = 2;  ///< then the signals
}  // namespace scalar

/// What everybody sees alike at one moment.
class Scalars {
public:
    Scalars(double calendar, double time, std::span<const double> signals) : values_{calendar, time} {
        values_.insert(values_.end(), signals.begin(), signals.end());
    }
    operator const double*() const { return values_.data(); }
    operator std::span<const double>() const { return values_; }

private:
    std::vector<double> values_;
};

inline constexpr int no_index = -1;

/// Key of all draws of one run.
struct RunKey {
    std::uint64_t seed = 1;
    std::uint64_t replicate = 0;
};

/// How a stored attribute or a process gets its value at entry.
struct StartRule {
    enum class Kind : std::uint8_t { given, fixed, number, shares };
    Kind kind = Kind::given;
    int fixed = 0;
    NumberDrawSpec::Kind draw = NumberDrawSpec::Kind::expression;
    std::vector<int> codes;  ///< of `shares`, in order; the rest is `rest_code`
    int rest_code = 0;
    bool capped = false;  ///< probabilities carry risks: a sum above 1 is scaled to 1
    Program program;  ///< number: first, second; shares: one probability per code
    std::string site;
};

struct AttributeColumn {
    std::string name;
    SourceSpan where;
    bool is_category = false;
    std::shared_ptr<const Categories> categories;
    ColumnId column = no_column;  ///< value; of a moving attribute that at the start of the step
    ColumnId middle = no_column;  ///< value in the middle of the step (== column when it does not move)
    bool inherit = false;
    bool each_year = false;
    bool moving = false;
    bool has_noise = false;
    bool relaxes = false;
    std::optional<double> min;
    std::optional<double> max;
    Program motion;  ///< toward, speed, drift, noise
    StartRule start;
};

/// A transition of a rate process, of life (death, birth, departure) or of a probability process.
struct Transition {
    enum class Kind : std::uint8_t { ordinary, death, birth, departure, arrival };
    std::string name;
    SourceSpan where;
    SourceSpan value_where = {};  ///< of the text of its rate or probability
    SourceSpan fatality_where = {};
    std::vector<SourceSpan> effect_where = {};  ///< of the factors of the scenario on it
    Kind kind = Kind::ordinary;
    int process = no_index;  ///< no_index: life
    std::vector<int> from;
    int to = no_index;  ///< no_index: no change of state
    bool is_rate = true;
    Trigger trigger = Trigger::rate;
    double until = 0.0;  ///< Trigger::date: years since the start
    bool kills = false;  ///< `to` is a state of death
    int slot = no_index;  ///< clock slot (rates)
    ColumnId firings = no_column;  ///< u16 count of firings, when it can fire more than once
    int dense_output = no_index;  ///< output of Model::dense that is its rate, if evaluated for everybody
    int fatality = no_index;  ///< index into Model::fatality
    Expression rate;  ///< complete, effects included
    Expression effect;  ///< product of effects alone (probability processes); may be invalid
    Expression fatal;
    bool is_visit = false;  ///< to a queue
};

/// What is left of the unit-exponential waiting time of whichever transition is open for the person.
struct ClockSlot {
    int process = no_index;  ///< no_index: life
    ColumnId left = no_column;  ///< f64
    std::vector<int> transition_by_state;  ///< enabled: index into Model::transitions or no_index; for life: one entry
    std::vector<int> live_by_state;  ///< whose clock must be kept in that state, or no_index
    int dense = no_index;  ///< transition evaluated for everybody, if one is
};

struct StateProgram {
    Program program;  ///< rates (or probabilities) of `transitions`
    std::vector<int> transitions;
    Program effects;  ///< probability processes: factor of each transition on the rate behind it
    bool has_effects = false;
};

struct Process {
    std::string name;
    SourceSpan where;
    std::shared_ptr<const Categories> states;
    ColumnId state = no_column;  ///< u8
    bool is_rate = true;
    double cycle = 0.0;
    int ticks_per_cycle = 0;
    std::vector<std::uint8_t> is_death;  ///< by state
    std::vector<StateProgram> by_state;  ///< transitions not evaluated for everybody
    std::vector<int> slots;  ///< its clock slots
    bool any_by_state = false;
    StartRule start;
    std::vector<int> timers;  ///< of Model::timers
    std::vector<int> fades;  ///< of Model::fades
};

/// Time since a process entered its present state or a set of states.
struct Timer {
    int process = no_index;
    std::vector<std::uint8_t> in_set;  ///< by state; empty: any present state
    ColumnId entered = no_column;  ///< f64, years since the start of the scenario (negative: before)
    ColumnId value = no_column;  ///< f64, what expressions read
};

/// Share that is left of an effect after a process has left the states in which it is in full.
struct Fade {
    int process = no_index;
    std::vector<std::uint8_t> in_full;  ///< by state
    double half_life = 1.0;  ///< years
    double to = 0.0;  ///< share that stays
    ColumnId left = no_column;  ///< f64, when the states were left last, years since the start; never_left
    ColumnId share = no_column;  ///< f64, mean over what is left of the step; what expressions read
};

/// Who enters a process at the beginning of a step (SelectionSpec).
struct Selection {
    std::string name;  ///< of the process; draw sites hang on it
    SourceSpan where;
    SourceSpan uptake_where = {}, score_where = {};
    int process = no_index;
    int invite = no_index, consent = no_index, decline = no_index, start = no_index;  ///< transitions
    SelectionSpec::Order order = SelectionSpec::Order::random;
    Program program;  ///< whether eligible, then what is there of uptake and score
    int uptake = no_index;  ///< output
    int score = no_index;  ///< output
    ColumnId invitations = no_column;  ///< u16, of the person so far
    ColumnId waits_since = no_column;  ///< f64, first come: year since the start + 1 of the step seen eligible first; 0
    /// Limits are of the people simulated; none: nobody is turned away.
    std::optional<std::vector<std::int64_t>> invitations_by_step;
    std::optional<std::int64_t> places;
    std::vector<std::uint8_t> takes_place;  ///< by state
    std::vector<CalendarSpan> runs;  ///< years since the start
};

/// Distinct `by` + `when` of measures; its index per person is computed once.
struct Grouping {
    struct Dim {
        std::string name;
        std::vector<std::string> labels;
        Expression code;
        int stride = 1;
    };
    std::vector<Dim> dims;
    Expression when;  ///< may be invalid
    int cells = 1;
    int dense_cell = no_index;  ///< its cell in Model::dense, if that has it
};

struct Measure {
    MeasureSpec::Kind kind = MeasureSpec::Kind::integral;
    std::string name;
    std::string doc;
    std::string unit;
    SourceSpan where;
    int grouping = 0;
    int dense_output = no_index;  ///< integrand in Model::dense
    int flow = no_index;  ///< flow it integrates (lumps included)
    double quantum = 1.0;
    DiscountSpec discount;
    MeasureSpec::PerPerson per_person = MeasureSpec::PerPerson::no;
    std::vector<std::string> show;
    ColumnId total = no_column;  ///< i64 running total per person
    ColumnId so_far = no_column;  ///< f64: `total` at the start of the step, in the unit of the measure
    std::vector<std::int64_t> at_most = {};  ///< by year, in quanta: most that a person counts with; empty: no bound
    int process = no_index;  ///< points
    Expression value;
    bool is_mean = false;
    std::vector<std::int64_t> by_step = {};  ///< regional: in quanta
};

/// What an event adds to measures: amounts and groups, evaluated just before it happens.
struct EventRecord {
    struct Item {
        int measure;
        int amount_output;  ///< no_index: 1
    };
    Program program;  ///< amounts; the cells of the groupings used
    std::vector<Item> items;
    std::vector<int> groupings;  ///< used
    bool empty() const { return items.empty(); }
};

/// Measures taken at a point in time (people at the borders of years, points of cycles).
struct PointProgram {
    /// People in each state of a process, by other things: nearly all are in the first state, so these are not looked
    /// for but are those of everybody who are in no other.
    struct StateCount {
        int measure;
        ColumnId state;
        int stride;  ///< of the state in the cells of the measure
        std::size_t grid;  ///< of the cells of the other things
        int finer = no_index;  ///< one of state_counts by the same state and more: this one adds up what that counts
    };
    /// Cells of the other things that people are counted by.
    struct Grid {
        std::vector<Grouping::Dim> dims;
        int cell = no_index;  ///< of the program; none if all are in the same cell
        bool is_grouping = false;  ///< the cell is that of a grouping too
    };
    Program program;  ///< values of `measures`; cells of `groupings`, then those of grids that have their own
    std::vector<StateCount> state_counts;
    std::vector<Grid> grids;
    std::size_t cells = 0;  ///< of the program
    std::vector<int> measures;
    std::vector<int> value_output;
    std::vector<int> groupings;
    bool empty() const { return measures.empty() && state_counts.empty(); }
};

/// A number of the region that changes between steps (SignalSpec).
struct Signal {
    std::string name;
    std::string doc;
    std::string unit;
    SourceSpan where;  ///< of what it becomes
    double start = 0.0;
};

/// A place that serves its visitors one by one.
struct Queue {
    std::string name;
    SourceSpan where;
    std::map<int, std::int64_t> priority_of;  ///< by transition that is a visit
    std::vector<std::int64_t> priorities;  ///< ascending; empty where all have the same
    int servers = no_index;  ///< signal
    double service = 0.0;  ///< mean time of a visit [years]
    bool constant = false;  ///< otherwise exponential
};

/// People per year who come to live in the region.
struct Arrivals {
    static constexpr int by_age = -1;
    static constexpr int by_year = -2;
    std::shared_ptr<const Table> numbers;
    double scale = 1.0;
    std::vector<int> attribute_by_axis;  ///< index into Model::attributes, or by_age, or by_year
};

/// Everything of one scenario that does not change while it runs.
struct Model {
    std::string name;
    double start_year = 0.0;
    int years = 1;
    int ticks_per_year = 1;  ///< steps of the kernel
    ColumnLayout layout;
    ColumnWidths widths;
    ColumnId uid = no_column;
    ColumnId life = no_column;
    ColumnId birth = no_column;  ///< calendar year of birth
    ColumnId age = no_column;  ///< years, at the time of evaluation
    std::vector<AttributeColumn> attributes;
    bool any_moving = false;  ///< an attribute drifts
    std::vector<Process> processes;
    std::vector<Transition> transitions;  ///< sorted by name: ties fire in this order
    std::vector<ClockSlot> slots;
    std::vector<Timer> timers;
    std::vector<Fade> fades;
    std::vector<Selection> selections;  ///< in the order in which they choose
    std::vector<int> start_order;  ///< >= 0: attribute; < 0: process -1-i
    int sex_attribute = no_index;

    Program dense;  ///< rates of first states and of life, integrands, groups: for everybody
    std::vector<int> dense_transitions;
    std::size_t dense_cells = 0;  ///< groupings of integrals, whose cells `dense` gives
    std::vector<Grouping> groupings;
    std::vector<Measure> measures;
    std::vector<int> integrals;  ///< measures with an integrand
    std::vector<EventRecord> records;  ///< by transition
    std::vector<Program> fatality;
    PointProgram border;  ///< `people` measures
    std::vector<PointProgram> points;  ///< by process
    std::vector<const PointProgram*> point_programs() const {
        std::vector<const PointProgram*> all{&border};
        for (const PointProgram& p : points) all.push_back(&p);
        return all;
    }
    std::vector<Arrivals> arrivals;
    std::vector<Signal> signals;
    std::vector<Queue> queues;
    std::vector<double> signal_starts;
    Program next_signals;  ///< of the scalars, the signals, the volumes of all measures and of each queue, and of each
                           ///< of its priorities, the queue_quantities, in this order
    std::vector<int> observed;  ///< measures that `next_signals` reads
    double stands_for = 1.0;  ///< people of the region for each one simulated
    int death = no_index;  ///< transition
    int arrival = no_index;
    bool has_cycles = false;

    /// Human-readable notes made while compiling (normalisation, residuals), for `plan` and the results file.
    std::vector<std::string> notes;
};

/// Checks and compiles. `start` (may be null) are the people of the region: attributes found there need no start rule,
/// and flows with a `match` take their residual from them.
/// \return nothing when the sink has errors
std::shared_ptr<const Model> compile_model(const ModelSpec& spec, const PersonTable* start, RunKey key,
                                           DiagnosticSink& sink);

}  // namespace proeftuin
