#include "engine/expr/program.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "engine/expr/tree.hpp"
#include "tests/unit/expr/world.hpp"

namespace proeftuin {
namespace {

using testing::any_number;
using testing::unit;
using testing::World;

class ProgramTest : public ::testing::Test {
protected:
    ProgramTest() {
        for (const char* name : {"bands", "other_bands"}) {
            std::vector<double> values;
            for (int i = 0; i < 10; ++i) values.push_back(name[0] == 'b' ? 1.0 + 0.1 * i : std::sqrt(2.0 + i));
            const auto ages = World::numbers("age", {0, 18, 40, 65, 80}, Interpolation::step, unit("years"));
            world.symbols.set(name, TableSymbol{World::table(name, {World::axis(world.sex), ages}, values, {})});
        }
    }
    Expression expression(const std::string& text, Expected expected = any_number()) const {
        DiagnosticSink sink;
        auto bound = world.bound(text, expected, sink);
        if (!bound)
            throw std::runtime_error(text + ": " + render(sink.items(), {}, DiagnosticFormat::brief, Colour::off));
        return *bound;
    }
    std::vector<double> run(const Program& program, const EvaluationInput& input, std::size_t output = 0) const {
        EvaluationScratch scratch;
        std::vector<std::vector<double>> values(program.outputs(), std::vector<double>(input.n));
        std::vector<double*> pointers;
        for (auto& v : values) pointers.push_back(v.data());
        program.run(input, scratch, pointers.data());
        return values[output];
    }
    std::vector<double> run(const Expression& e) const {
        return run(Program::compile({&e, 1}, world.widths), world.input());
    }
    void matches_reference(const std::string& text) const {
        const Expression e = expression(text);
        const auto values = run(e);
        for (std::size_t i = 0; i < World::people; ++i) {
            const double wanted = evaluate_reference(e, world.input(), i, world.widths);
            ASSERT_NEAR(values[i], wanted, 1e-12 * std::fabs(wanted)) << text << ", person " << i;
        }
    }

    World world;
};

TEST_F(ProgramTest, equals_the_reference) {
    for (const char* text : {"age",
                             "1",
                             "sex == male ? 1 : 0",
                             "rr_smoking[smoking] * rr_copd[copd, sex]",
                             "incidence[sex, age]",
                             "incidence[male, age - 3]",
                             "incidence[sex, 40]",
                             "rr_smoking[smoking] * incidence[sex, age] * exp(0.1 per year * age)",
                             "exp(-3 + 0.04 per year * age + 0.1 * bmi / (1 kg/m2) + (sex == male ? 0.3 : 0)) per year",
                             "tax[year] * 3",
                             "tax[year + age / 10]",
                             "rr_smoking[age < 40 ? never : smoking]",
                             "time_in(copd) / (1 year)",
                             "1 - 2 * beta - rr_smoking[smoking] - age / (1 year) * waiting / (1 year)",
                             "2 / (age + 1)",
                             "-age ^ 2",
                             "(age / (1 year)) ^ 1.7",
                             "min(age, 30, 2 * waiting)",
                             "clamp(bmi, 20, 30)",
                             "step(age, 65) * floor(age)",
                             "bmi_band == obese and sex == male and age > 40 ? 7 : 3",
                             "copd in [gold2, gold4] or age < 20 ? bmi : 1",
                             "logistic(logit(0.2) + 0.3 * rr_smoking[smoking]) / sqrt(bmi / (1 kg/m2))",
                             "neighbourhood == n17 ? 3 : 4",
                             "neighbourhood in [n1, n7, n14] ? rr_copd[copd, sex] : -(1 - rr_smoking[smoking])"}) {
        matches_reference(text);
    }
}

TEST_F(ProgramTest, looks_up_steps_and_slopes_at_their_edges) {
    world.symbols.set("bands", TableSymbol{World::table(
                                   "bands", {World::numbers("age", {0, 5, 18, 65}, Interpolation::step, unit("years"))},
                                   {1, 2, 3, 4}, {})});
    world.symbols.set("slope", TableSymbol{World::table(
                                   "slope", {World::numbers("age", {10, 12, 20}, Interpolation::linear, unit("years"))},
                                   {1, 5, 1}, {})});
    world.symbols.set("grid", TableSymbol{World::table("grid", {World::ages(0.5, 3)}, {10, 20, 40}, {})});
    world.age[0] = -1, world.age[1] = 4.999, world.age[2] = 5, world.age[3] = 64.9, world.age[4] = 65,
    world.age[5] = 200;
    world.age[6] = 11, world.age[7] = 16, world.age[8] = 1.0, world.age[9] = 2.5;

    const auto bands = run(expression("bands[age]"));
    const auto slope = run(expression("slope[age]"));
    const auto grid = run(expression("grid[age]"));

    EXPECT_EQ((std::vector<double>{bands.begin(), bands.begin() + 6}), (std::vector<double>{1, 1, 2, 3, 4, 4}));
    EXPECT_EQ(slope[0], 1.0);
    EXPECT_EQ(slope[5], 1.0);
    EXPECT_EQ(slope[6], 3.0);  // half-way from 1 to 5
    EXPECT_EQ(slope[7], 3.0);  // half-way from 5 to 1
    EXPECT_EQ(grid[0], 10.0);
    EXPECT_EQ(grid[8], 15.0);  // the first birthday is half-way between the middles of the years 0 and 1
    EXPECT_EQ(grid[9], 40.0);
    EXPECT_EQ(grid[5], 40.0);
}

TEST_F(ProgramTest, gives_the_same_bits_for_a_list_and_for_everyone) {
    const Expression e = expression(
        "rr_smoking[smoking] * incidence[sex, age] * exp(0.1 per year * age) + 0.2 per year * bmi / (20 kg/m2)");
    const Program program = Program::compile({&e, 1}, world.widths);
    const auto all = run(program, world.input());
    for (const std::size_t n : {1u, 7u, 8u, 9u, 255u, 256u, 257u, 513u}) {
        std::vector<std::uint16_t> slots;
        for (std::size_t i = 0; i < n; ++i) slots.push_back(static_cast<std::uint16_t>(i * 37 % World::people));
        const auto some = run(program, world.input(slots.data(), n));
        for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(some[i], all[slots[i]]);
        const auto front = run(program, world.input(nullptr, n));
        for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(front[i], all[i]);
    }
}

TEST_F(ProgramTest, merges_factors_on_small_categories_into_one_table) {
    const Expression e = expression("rr_smoking[smoking] * rr_copd[copd, sex] * (sex == male ? 1.1 : 0.9) * 3");

    const Program program = Program::compile({&e, 1}, world.widths);

    // three loads, two steps to the cell, one look-up
    EXPECT_EQ(program.instructions(), 6u) << program.listing();
}

TEST_F(ProgramTest, shares_cells_between_tables_that_end_at_different_ages) {
    world.symbols.set("other", TableSymbol{World::table("other", {World::axis(world.sex), World::ages(20.5, 30)},
                                                        std::vector<double>(60, 2.0), {})});
    const Expression both = expression("incidence[sex, age] * other[sex, age]");
    const Expression one = expression("incidence[sex, age]");

    const Program program = Program::compile({&both, 1}, world.widths);

    // one more look-up and one multiplication
    EXPECT_EQ(program.instructions(), Program::compile({&one, 1}, world.widths).instructions() + 2)
        << program.listing();
}

TEST_F(ProgramTest, lays_tables_side_by_side_without_changing_a_bit) {
    // Tables over different categories, two in cells of age as well, and more of them than one fetch serves.
    std::vector<Expression> all;
    for (int k = 0; k < 7; ++k) {
        const std::string factor = std::to_string(k + 1) + ".1";
        all.push_back(expression("exp(-0.3 * rr_smoking[smoking] + " + factor + " * rr_copd[copd, sex])"));
        all.push_back(expression("rr_smoking[smoking] / " + factor));
        all.push_back(expression("(copd == gold2 ? " + factor + " : 0) + 0.01 per year * age"));
    }
    all.push_back(expression("bands[sex, age] * bmi"));
    all.push_back(expression("other_bands[sex, age] - bmi / (1 kg/m2)"));
    all.push_back(expression("copd == gold1 ? 3 : 7"));
    all.push_back(all[1]);

    const Program together = Program::compile(all, world.widths);

    EXPECT_NE(together.listing().find("look_up_rows"), std::string::npos);
    for (const std::size_t n : {std::size_t{5}, std::size_t{256}, World::people})
        for (std::size_t k = 0; k < all.size(); ++k) {
            const auto mine = run(together, world.input(nullptr, n), k);
            const auto alone = run(Program::compile({&all[k], 1}, world.widths), world.input(nullptr, n));
            for (std::size_t i = 0; i < n; ++i)
                ASSERT_EQ(std::bit_cast<std::uint64_t>(mine[i]), std::bit_cast<std::uint64_t>(alone[i])) << k;
            if (n == 5) continue;
            for (std::size_t i = 0; i < n; i += 7) {
                const double wanted = evaluate_reference(all[k], world.input(), i, world.widths);
                ASSERT_NEAR(mine[i], wanted, 1e-12 * std::fabs(wanted)) << k;
            }
        }
}

TEST_F(ProgramTest, gives_cells_of_grids_as_whole_numbers) {
    const std::vector<CellExpression> cells{
        {{{expression("smoking", {.any_kind = true}), 10},
          {expression("copd", {.any_kind = true}), 2},
          {expression("sex", {.any_kind = true}), 1}},
         {},
         0},
        {{{expression("copd", {.any_kind = true}), 2}, {expression("sex", {.any_kind = true}), 1}},
         expression("age > 40", {.kind = ValueKind::boolean}),
         10},
        {{{expression("bmi_band", {.any_kind = true}), 3}}, {}, 0},
        {{}, expression("bmi < 20", {.kind = ValueKind::boolean}), 7},
        {{}, {}, 0},
    };
    const Expression age = expression("age");
    const Program program = Program::compile({&age, 1}, world.widths, cells);
    for (const std::size_t n : {std::size_t{5}, World::people}) {
        std::vector<std::vector<std::int32_t>> got(cells.size(), std::vector<std::int32_t>(n, -1));
        std::vector<std::int32_t*> to;
        for (auto& g : got) to.push_back(g.data());
        std::vector<double> ages(n);
        double* out[] = {ages.data()};
        EvaluationScratch scratch;
        program.run(world.input(nullptr, n), scratch, out, to.data());
        for (std::size_t i = 0; i < n; ++i) {
            EXPECT_EQ(ages[i], world.age[i]);
            const int grid = world.copds[i] * 2 + world.sexes[i];
            EXPECT_EQ(got[0][i], world.smokers[i] * 10 + grid);
            EXPECT_EQ(got[1][i], world.age[i] > 40 ? grid : 10);
            EXPECT_EQ(got[2][i], world.bmi[i] < 25 ? 0 : world.bmi[i] < 30 ? 3 : 6);
            EXPECT_EQ(got[3][i], world.bmi[i] < 20 ? 0 : 7);
            EXPECT_EQ(got[4][i], 0);
        }
    }
}

TEST_F(ProgramTest, looks_up_no_table_for_groups_that_are_whole_numbers) {
    // 18, 19, ... 34 and more; the others have gaps, begin with another number or do not begin with 0.
    const auto code_of = [&](const char* name, std::vector<double> points, std::vector<double> values) {
        const auto axis = World::numbers("years", std::move(points), Interpolation::step, unit("1"));
        world.symbols.set(name, TableSymbol{World::table(name, {axis}, std::move(values), {})});
        return expression(std::string(name) + "[floor(age / (1 year))]");
    };
    std::vector<double> years, numbers;
    for (int year = 18; year <= 34; ++year) {
        years.push_back(year);
        numbers.push_back(year - 18);
    }
    const std::vector<CellExpression> cells{
        {{{code_of("by_year", years, numbers), 1}}, {}, 0},
        {{{code_of("bands", {0, 18, 40}, {0, 1, 2}), 1}}, {}, 0},
        {{{code_of("later", {0, 1, 2, 3}, {2, 3, 4, 5}), 1}}, {}, 0},
        {{{code_of("gap", {0, 1, 2, 3}, {0, 1, 3, 4}), 1}}, {}, 0},
    };
    const auto wanted = [](std::size_t k, int year) {
        if (k == 0) return std::clamp(year - 18, 0, 16);
        if (k == 1) return year < 18 ? 0 : year < 40 ? 1 : 2;
        if (k == 2) return std::clamp(year, 0, 3) + 2;
        return year < 2 ? year : std::min(year, 3) + 1;
    };
    std::vector<std::vector<std::int32_t>> got(cells.size(), std::vector<std::int32_t>(World::people));
    std::vector<std::int32_t*> to;
    for (auto& g : got) to.push_back(g.data());
    EvaluationScratch scratch;
    Program::compile({}, world.widths, cells).run(world.input(), scratch, nullptr, to.data());
    for (std::size_t k = 0; k < cells.size(); ++k)
        for (std::size_t i = 0; i < World::people; ++i)
            ASSERT_EQ(got[k][i], wanted(k, static_cast<int>(std::floor(world.age[i])))) << k << ", person " << i;
    const Program by_year = Program::compile({}, world.widths, {cells.data(), 1});
    EXPECT_EQ(by_year.listing().find("look_up"), std::string::npos) << by_year.listing();
    EXPECT_EQ(by_year.listing().find("floor"), std::string::npos) << by_year.listing();
}

TEST_F(ProgramTest, one_scratch_serves_programs_in_turn) {
    const Expression small = expression("rr_smoking[smoking] + tax[year]");
    const Expression large = expression(
        "rr_copd[copd, sex] * incidence[sex, age] * exp(0.1 per year * age) + 0.2 per year * bmi / (20 kg/m2) + "
        "tax[year] * 1 per year");
    const Program one = Program::compile({&small, 1}, world.widths), two = Program::compile({&large, 1}, world.widths);
    const auto small_alone = run(small), large_alone = run(large);
    EvaluationScratch scratch;
    std::vector<double> values(World::people);
    double* out[] = {values.data()};
    for (int turn = 0; turn < 3; ++turn) {
        one.run(world.input(), scratch, out);
        EXPECT_EQ(values, small_alone);
        two.run(world.input(), scratch, out);
        EXPECT_EQ(values, large_alone);
    }
    // What is the same for everybody may be another thing the next time.
    world.scalars[0] = 2021.0;
    one.run(world.input(), scratch, out);
    EXPECT_EQ(values, run(small));
    EXPECT_NE(values, small_alone);
}

TEST_F(ProgramTest, computes_what_is_the_same_for_everybody_once) {
    const Expression e = expression("age * exp(waiting / (1 year)) * tax[year]");

    const Program program = Program::compile({&e, 1}, world.widths);

    EXPECT_EQ(program.instructions(), 2u) << program.listing();  // load, multiply
}

TEST_F(ProgramTest, an_effect_of_one_changes_no_bit) {
    const Expression rate = expression("rr_smoking[smoking] * 0.1 * incidence[sex, age] * (1 + 0.1 per year * age)");
    world.bmi.assign(World::people, 1.0);
    const Expression effect = expression("(copd == gold2 ? 1 : 1) * (bmi / (1 kg/m2))");
    const Expression with = rate * effect * effect;

    EXPECT_EQ(run(rate), run(with));
}

TEST_F(ProgramTest, an_expression_has_the_same_bits_alone_and_in_company) {
    const Expression e =
        expression("0.3 * rr_smoking[smoking] * incidence[sex, age] + 0.001 per year * bmi / (1 kg/m2)");
    const Expression f = expression("rr_smoking[smoking] * incidence[sex, age + 50] * bmi");
    const Expression both[] = {f, e};

    EXPECT_EQ(run(e), run(Program::compile(both, world.widths), world.input(), 1));
}

TEST_F(ProgramTest, all_instruction_sets_give_the_same_bits) {
    const Expression e = expression(
        "log(1 + age / (3 years)) * logistic(bmi / (30 kg/m2)) * incidence[sex, age] * (age/(1 year)) ^ 0.3 * "
        "rr_smoking[smoking]");
    const Program program = Program::compile({&e, 1}, world.widths);
    std::vector<std::vector<double>> results;
    for (int isa = 0; isa <= static_cast<int>(strongest_instruction_set()); ++isa) {
        EvaluationScratch scratch;
        results.emplace_back(World::people);
        double* output = results.back().data();
        program.run_on(static_cast<InstructionSet>(isa), world.input(), scratch, &output);
    }

    for (const auto& other : results)
        for (std::size_t i = 0; i < World::people; ++i)
            EXPECT_EQ(std::bit_cast<std::uint64_t>(results[0][i]), std::bit_cast<std::uint64_t>(other[i]));
}

TEST_F(ProgramTest, outputs_may_be_columns_constants_and_twice_the_same) {
    const Expression roots[] = {expression("age"), expression("3"), expression("age + 1"), expression("age + 1"),
                                expression("year")};
    const Program program = Program::compile(roots, world.widths);

    EXPECT_EQ(run(program, world.input(), 0)[5], world.age[5]);
    EXPECT_EQ(run(program, world.input(), 1)[5], 3.0);
    EXPECT_EQ(run(program, world.input(), 2)[699], world.age[699] + 1);
    EXPECT_EQ(run(program, world.input(), 3)[699], world.age[699] + 1);
    EXPECT_EQ(run(program, world.input(), 4)[699], 2013.5);
}

}  // namespace
}  // namespace proeftuin
