// The reference model as a user writes it, in YAML, through the engine: the same people, hazards and steps as the
// hand-written kernels.
#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/parallel_reduce.h>

#include <algorithm>
#include <stdexcept>

#include "benchmarks/engine_run.hpp"
#include "benchmarks/kernels.hpp"
#include "engine/run/start.hpp"

namespace proeftuin::benchmarks {
namespace {

const char* const smoking_labels[] = {"never", "current", "former"};
const std::vector<std::string> disease_labels[n_diseases] = {
    {"none", "undiagnosed", "uncomplicated", "complicated"},
    {"none", "gold1", "gold2", "gold3", "gold4"},
    {"none", "acute", "post"},
    {"none", "nyha12", "nyha34"},
    {"none", "acute", "post"},
    {"none", "depressed"},
    {"none", "mild", "severe"},
    {"none", "mild", "severe"},
};

/// The people of the hand-written kernels as columns of the model. What only serves to draw them is 0.
PersonTable person_table(const std::vector<StartPerson>& start) {
    PersonTable table;
    table.people = start.size();
    const auto number = [&](const char* name, const char* unit, auto value) {
        NumberColumn column{name, unit, std::vector<double>(start.size())};
        std::transform(start.begin(), start.end(), column.values.begin(), value);
        table.numbers.push_back(std::move(column));
    };
    const auto category = [&](const char* name, std::vector<std::string> labels, auto code) {
        CategoryColumn column{name, std::move(labels), std::vector<std::uint16_t>(start.size())};
        std::transform(start.begin(), start.end(), column.codes.begin(),
                       [&](const StartPerson& p) { return static_cast<std::uint16_t>(code(p)); });
        table.categories.push_back(std::move(column));
    };
    number("age", "year", [](const StartPerson& p) { return p.age; });
    number("bmi", "kg/m2", [](const StartPerson& p) { return p.bmi; });
    number("sbp", "mmHg", [](const StartPerson& p) { return p.pressure; });
    number("neighbourhood", "1", [](const StartPerson& p) { return (p.neighbourhood + 0.5) / 100.0; });
    for (const char* draw : {"age_group", "age_draw", "bmi_draw", "sbp_draw"})
        number(draw, "1", [](const StartPerson&) { return 0.0; });
    category("sex", {"female", "male"}, [](const StartPerson& p) { return p.male; });
    category("ses", {"q1", "q2", "q3", "q4", "q5"}, [](const StartPerson& p) { return p.ses; });
    category("reached", {"no_one", "all"}, [](const StartPerson& p) { return p.id % 3 == 0; });
    category("smoking", {std::begin(smoking_labels), std::end(smoking_labels)},
             [](const StartPerson& p) { return p.smoking; });
    for (std::size_t d = 0; d < n_diseases; ++d)
        category(diseases[d].name, disease_labels[d], [d](const StartPerson& p) { return p.state[d]; });
    return table;
}

// The scenario has mortality by exact age; the yardstick has a table by completed years.
const char* const mortality_by_completed_year =
    "model_r_mortality.mortality.rate=\"((age < 1 year ? 2e-3 : 4e-5) + 1.6e-5 * exp(0.098 per year * floor(age))) "
    "per year * (sex == male ? 1.25 : 1)\"";

/// Column of a process. \throws std::runtime_error when the model has none of that name
ColumnId state_of(const Model& model, std::string_view name) {
    for (const Process& p : model.processes)
        if (p.name == name) return p.state;
    throw std::runtime_error("no process " + std::string(name));
}

Outcome both(const Outcome& a, const Outcome& b) {
    Outcome sum = a;
    sum.alive += b.alive;
    for (std::size_t d = 0; d < n_diseases; ++d) {
        sum.with_disease[d] += b.with_disease[d];
        sum.most_severe[d] += b.most_severe[d];
    }
    sum.current_smokers += b.current_smokers;
    sum.bmi_sum += b.bmi_sum;
    return sum;
}

void count_alive(const Model& model, const Population& people, Outcome& outcome) {
    const auto life = people.column<std::uint8_t>(model.life);
    const auto smoking = people.column<std::uint8_t>(state_of(model, "smoking"));
    const auto bmi =
        people.column<double>(std::find_if(model.attributes.begin(), model.attributes.end(), [](const auto& a) {
                                  return a.name == "bmi";
                              })->column);
    std::array<std::span<const std::uint8_t>, n_diseases> columns;
    for (std::size_t d = 0; d < n_diseases; ++d)
        columns[d] = people.column<std::uint8_t>(state_of(model, diseases[d].name));
    // On the threads of the run: the time of two would else have a part that is of one.
    const auto count_some = [&](const tbb::blocked_range<std::size_t>& some, Outcome so_far) {
        for (std::size_t i = some.begin(); i < some.end(); ++i) {
            if (life[i] != static_cast<std::uint8_t>(Life::alive)) continue;
            std::uint8_t state[n_diseases];
            for (std::size_t d = 0; d < n_diseases; ++d) state[d] = columns[d][i];
            count(so_far, state, static_cast<Smoking>(smoking[i]), bmi[i]);
        }
        return so_far;
    };
    outcome = tbb::parallel_deterministic_reduce(tbb::blocked_range<std::size_t>(0, people.size(), 8192), outcome,
                                                 count_some, both);
}

/// Seconds to turn everything that the model evaluates into one program, once more: rates, measures and groups.
double time_bytecode(const Model& model) {
    std::vector<Expression> roots;
    const auto add = [&](const Expression& e) {
        if (e.valid()) roots.push_back(e);
    };
    for (const Transition& t : model.transitions) add(t.rate);
    for (const Measure& m : model.measures) add(m.value);
    for (const Grouping& g : model.groupings)
        for (const auto& dim : g.dims) add(dim.code);
    Outcome time;
    const Stopwatch stopwatch;
    const Program program = Program::compile(roots, model.widths);
    stopwatch.stop(time);
    return program.outputs() == roots.size() ? time.seconds : 0.0;
}

enum class Outputs : std::uint8_t {
    lean,  ///< what the hand-written kernels count
    full,  ///< all measures of the scenario, and everything by age group and neighbourhood
};

Outcome run(const Request& request, const std::vector<StartPerson>& start, Outputs outputs, int threads) {
    const PersonTable table = person_table(start);
    ScenarioChoice choice;
    const std::string name = request.with_programmes ? "reference_model_r_programmes" : "reference_model_r";
    choice.path = source_file(outputs == Outputs::full ? "benchmarks/scenarios/" + name + "_outputs.yaml"
                                                       : "scenarios/textbook/" + name + ".yaml");
    choice.years = request.years;
    choice.step = "1 year";
    choice.settings = {mortality_by_completed_year};
    if (outputs == Outputs::lean) choice.measures = {"qalys"};
    choice.seed = request.seed;
    choice.people_given = &table;
    const Compiled compiled = compile(choice);
    const Model& model = *compiled.model;
    const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(threads));
    Population people = make_start_population(model, &table, table.people, compiled.key);

    Outcome outcome;
    const Stopwatch stopwatch;
    // The hand-written kernels draw their first thresholds within their time; so here, once more.
    open_clocks(model, people, 0, people.size(), compiled.key, 0.0);
    RunOptions options;
    options.key = compiled.key;
    options.threads = threads;
    Simulation simulation(compiled.model, std::move(people), options);
    simulation.run();
    count_alive(model, simulation.people(), outcome);
    const RunResults results = simulation.results();
    stopwatch.stop(outcome);

    const std::size_t qalys = measure_of(model, "qalys");
    for (const std::int64_t sum : results.measures[qalys].sum)
        outcome.qalys += static_cast<double>(sum) * model.measures[qalys].quantum;
    outcome.events = results.events;
    outcome.load_seconds = compiled.load_seconds;
    outcome.compile_seconds = compiled.compile_seconds;
    outcome.bytecode_seconds = time_bytecode(model);
    return outcome;
}

}  // namespace

Outcome run_engine(const Request& request, const std::vector<StartPerson>& start) {
    return run(request, start, Outputs::lean, 1);
}

Outcome run_engine_outputs(const Request& request, const std::vector<StartPerson>& start) {
    return run(request, start, Outputs::full, 1);
}

Outcome run_engine_2_threads(const Request& request, const std::vector<StartPerson>& start) {
    return run(request, start, Outputs::lean, 2);
}

}  // namespace proeftuin::benchmarks
