// Programs of expressions: all rates of the reference model, single look-ups and exponentials, and compiling.
#include <cmath>
#include <stdexcept>
#include <vector>

#include "benchmarks/micro.hpp"
#include "engine/expr/program.hpp"
#include "engine/random/draw.hpp"
#include "engine/run/chunk.hpp"

namespace {

using namespace proeftuin;
using namespace proeftuin::benchmarks;

constexpr std::size_t people = 1024;  // a chunk

/// A chunk of people of the reference model and its programs.
struct ReferenceChunk {
    Compiled compiled =
        compile({.path = source_file("scenarios/textbook/reference_model_r.yaml"), .people = people, .step = "1 year"});
    const Model& model = *compiled.model;
    Population population = make_start_population(model, nullptr, people, compiled.key);
    ChunkColumns columns;
    double scalars[scalar::count] = {2000.0, 0.0};

    ReferenceChunk() { columns.point_at(population, 0); }
};

struct Outputs {
    std::vector<std::vector<double>> values;
    std::vector<double*> pointers;

    explicit Outputs(std::size_t n) : values(n, std::vector<double>(people)) {
        for (auto& v : values) pointers.push_back(v.data());
    }
};

void run_program(benchmark::State& state, const Program& program, InstructionSet isa, const EvaluationInput& input) {
    EvaluationScratch scratch;
    Outputs out(program.outputs());
    for (auto _ : state) {
        program.run_on(isa, input, scratch, out.pointers.data());
        benchmark::ClobberMemory();
    }
    count(state, static_cast<double>(input.n), "person");
    state.counters["instructions"] = static_cast<double>(program.instructions());
}

/// Everything that the reference model evaluates for everybody in every step. Argument 0: how many of a chunk, as a
/// list of slots, as after an event; 0: the whole chunk.
void reference_model_rates(benchmark::State& state, InstructionSet isa) {
    ReferenceChunk chunk;
    const auto wanted = static_cast<std::size_t>(state.range(0));
    std::vector<std::uint16_t> slots;
    for (std::size_t k = 0; k < wanted; ++k) slots.push_back(static_cast<std::uint16_t>(k * people / wanted));
    const bool all = wanted == 0;
    run_program(state, chunk.model.dense, isa,
                chunk.columns.input(chunk.scalars, all ? nullptr : slots.data(), all ? people : wanted));
}

/// Three numbers and two categories for a chunk.
struct World {
    std::shared_ptr<const Categories> smoking =
        std::make_shared<Categories>(Categories{"smoking", {"never", "current", "former"}});
    std::shared_ptr<const Categories> sex = std::make_shared<Categories>(Categories{"sex", {"female", "male"}});
    std::vector<double> age = std::vector<double>(people), x = age, y = age;
    std::vector<std::uint8_t> smoking_codes = std::vector<std::uint8_t>(people), sex_codes = smoking_codes;
    const void* columns[5] = {age.data(), x.data(), y.data(), smoking_codes.data(), sex_codes.data()};
    ColumnWidths widths{8, 8, 8, 1, 1};
    SymbolTable symbols;

    World() {
        for (std::size_t i = 0; i < people; ++i) {
            const auto draw = [&](std::uint64_t k) { return uniform(DrawSite(1, 0, "micro"), i, k); };
            age[i] = 100.0 * draw(0);
            x[i] = draw(1);
            y[i] = draw(2);
            smoking_codes[i] = static_cast<std::uint8_t>(3.0 * draw(3));
            sex_codes[i] = static_cast<std::uint8_t>(2.0 * draw(4));
        }
        symbols.set("age", NumberSymbol{0, {}});
        symbols.set("x", NumberSymbol{1, {}});
        symbols.set("y", NumberSymbol{2, {}});
        symbols.set("smoking", CategorySymbol{3, smoking});
        symbols.set("sex", CategorySymbol{4, sex});
        add_table("risk", {category_axis(smoking)});
        add_table("risk_both", {category_axis(smoking), category_axis(sex)});
        add_table("mortality", {category_axis(sex), age_axis(100, 1.0, Interpolation::step)});
        add_table("bands", {age_axis(8, 12.5, Interpolation::step)});
        TableAxis uneven = age_axis(8, 12.5, Interpolation::step);
        for (std::size_t k = 1; k < uneven.points.size(); ++k) uneven.points[k] += 0.1 * static_cast<double>(k * k);
        add_table("uneven_bands", {uneven});
        add_table("curve", {age_axis(20, 5.0, Interpolation::linear)});
    }
    static TableAxis category_axis(const std::shared_ptr<const Categories>& categories) {
        TableAxis axis;
        axis.name = categories->name;
        axis.categories = categories;
        return axis;
    }
    static TableAxis age_axis(int points, double width, Interpolation between) {
        TableAxis axis;
        axis.name = "age";
        axis.between = between;
        for (int k = 0; k < points; ++k) axis.points.push_back(width * k);
        return axis;
    }
    void add_table(const char* name, std::vector<TableAxis> axes) {
        Table table;
        table.name = name;
        std::size_t cells = 1;
        for (const TableAxis& axis : axes) cells *= axis.size();
        table.axes = std::move(axes);
        for (std::size_t k = 0; k < cells; ++k) table.values.push_back(0.5 + 0.01 * static_cast<double>(k % 37));
        symbols.set(name, TableSymbol{std::make_shared<Table>(std::move(table))});
    }
    Program program(const std::string& text) const {
        DiagnosticSink sink;
        const auto expression = bind({text, {}, false}, symbols, Expected{}, sink);
        if (!expression) throw std::runtime_error(text + ": " + sink.items().front().message);
        return Program::compile(std::vector<Expression>{*expression}, widths);
    }
};

void expression(benchmark::State& state, InstructionSet isa, const char* text) {
    const World world;
    const double scalars[scalar::count] = {};
    run_program(state, world.program(text), isa, {world.columns, scalars, nullptr, people});
}

const std::pair<const char*, const char*> expressions[] = {
    {"exp", "exp(x)"},
    {"exp_of_a_sum", "exp(-9 + 0.04 * age + 0.5 * x - 0.2 * y)"},
    {"power", "x ^ y"},
    {"comparison", "age >= 65 and x < 0.5 ? x : y"},
    {"table_of_a_category", "risk[smoking]"},
    {"table_of_two_categories", "risk_both[smoking, sex]"},
    {"product_of_three_tables", "risk[smoking] * risk_both[smoking, sex] * (sex == male ? 1.25 : 1)"},
    {"table_by_year_of_age", "mortality[sex, age]"},
    {"table_of_equal_bands", "bands[age]"},
    {"table_of_unequal_bands", "uneven_bands[age]"},
    {"curve", "curve[age]"},
};

/// From checked expressions to programs, all rates of the reference model in one.
void compile_rates(benchmark::State& state) {
    const ReferenceChunk chunk;
    std::vector<Expression> rates;
    for (const Transition& t : chunk.model.transitions)
        if (t.rate.valid()) rates.push_back(t.rate);
    for (auto _ : state) benchmark::DoNotOptimize(Program::compile(rates, chunk.model.widths).outputs());
    count(state, static_cast<double>(rates.size()), "rate");
}
BENCHMARK(compile_rates)->Unit(benchmark::kMicrosecond);

/// From the file to a model that can run.
void compile_reference_model(benchmark::State& state) {
    const std::string path = source_file("scenarios/textbook/reference_model_r.yaml");
    for (auto _ : state) benchmark::DoNotOptimize(compile({.path = path, .step = "1 year"}).number);
}
BENCHMARK(compile_reference_model)->Unit(benchmark::kMillisecond);

const bool registered = [] {
    for (const InstructionSet isa : {InstructionSet::baseline, InstructionSet::avx2, InstructionSet::avx512}) {
        if (isa > strongest_instruction_set()) continue;
        const std::string suffix = std::string(1, '/').append(name_of(isa));
        auto* rates =
            benchmark::RegisterBenchmark(("reference_model_rates" + suffix).c_str(), reference_model_rates, isa);
        rates->Arg(0)->Arg(16)->Arg(128)->Arg(1024);
        for (const auto& [name, text] : expressions)
            benchmark::RegisterBenchmark(("evaluate_" + std::string(name) + suffix).c_str(), expression, isa, text);
    }
    return true;
}();

}  // namespace
