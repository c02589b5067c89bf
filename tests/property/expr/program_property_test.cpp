// Random trees over random people: the compiled program against the reference, and against itself run otherwise.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>

#include "tests/property/expr/random_tree.hpp"

namespace proeftuin {
namespace {

using namespace testing;

bool same_bits(double a, double b) {
    return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) || (a != a && b != b);
}

std::vector<double> run(const Program& program, InstructionSet isa, const EvaluationInput& input,
                        std::size_t output = 0) {
    static EvaluationScratch scratch;
    std::vector<std::vector<double>> values(program.outputs(), std::vector<double>(input.n, -77.0));
    std::vector<double*> pointers;
    for (auto& v : values) pointers.push_back(v.data());
    program.run_on(isa, input, scratch, pointers.data());
    return values[output];
}

/// What is wrong with the program of `tree`; empty when nothing is.
std::string fault(const ExprPtr& tree, const ExprPtr& company, const RandomWorld& world, std::uint64_t seed,
                  std::size_t* checked = nullptr) {
    const Expression expression{tree};
    const Program program = Program::compile({&expression, 1}, world.widths);
    const InstructionSet strongest = strongest_instruction_set();
    const auto all = run(program, strongest, world.input());
    for (std::size_t i = 0; i < RandomWorld::people; ++i) {
        const Bound bound = bound_of(*tree, world, i);
        if (!bound.known) continue;
        if (checked) ++*checked;
        if (!(std::fabs(all[i] - bound.value) <= 16 * bound.error) && !same_bits(all[i], bound.value) &&
            all[i] != bound.value) {
            return fmt::format("person {}: program {}, reference {}, allowed {}", i, all[i], bound.value,
                               16 * bound.error);
        }
    }
    for (int isa = 0; isa < static_cast<int>(strongest); ++isa) {
        const auto other = run(program, static_cast<InstructionSet>(isa), world.input());
        for (std::size_t i = 0; i < other.size(); ++i)
            if (!same_bits(other[i], all[i]))
                return fmt::format("person {}: {} gives {}, not {}", i, name_of(static_cast<InstructionSet>(isa)),
                                   other[i], all[i]);
    }
    Random random{seed};
    const std::size_t n = 1 + random() % RandomWorld::people;
    std::vector<std::uint16_t> slots;
    for (std::size_t i = 0; i < n; ++i) slots.push_back(static_cast<std::uint16_t>(random() % RandomWorld::people));
    const auto listed = run(program, strongest, world.input(slots.data(), n));
    const auto fewer = run(program, strongest, world.input(nullptr, n));
    for (std::size_t i = 0; i < n; ++i) {
        if (!same_bits(listed[i], all[slots[i]]))
            return fmt::format("place {} of a list of {}: {}, not {}", i, n, listed[i], all[slots[i]]);
        if (!same_bits(fewer[i], all[i]))
            return fmt::format("person {} of the first {}: {}, not {}", i, n, fewer[i], all[i]);
    }
    const Expression both[] = {Expression{company}, expression};
    const auto accompanied = run(Program::compile(both, world.widths), strongest, world.input(), 1);
    for (std::size_t i = 0; i < all.size(); ++i)
        if (!same_bits(accompanied[i], all[i]))
            return fmt::format("person {} in company: {}, not {}", i, accompanied[i], all[i]);
    return {};
}

TEST(ProgramProperty, random_trees_equal_the_reference_and_themselves) {
    const char* wanted = std::getenv("PROEFTUIN_PROPERTY_CASES");
    const char* from = std::getenv("PROEFTUIN_PROPERTY_SEED");
    const int cases = wanted ? std::atoi(wanted) : 300;
    const std::uint64_t first = from ? std::strtoull(from, nullptr, 10) : 20130;
    std::size_t checked = 0;
    for (int k = 0; k < cases; ++k) {
        const std::uint64_t seed = first + static_cast<std::uint64_t>(k);
        Random random{seed};
        const RandomWorld world{random};
        ExprPtr tree = random_number(random, world, 2 + static_cast<int>(random() % 5));
        const ExprPtr company = random_number(random, world, 5);
        std::string problem = fault(tree, company, world, seed, &checked);
        if (problem.empty()) continue;
        for (bool smaller = true; smaller;) {
            smaller = false;
            for (const ExprPtr& candidate : simpler(tree)) {
                const std::string still = fault(candidate, company, world, seed);
                if (still.empty()) continue;
                tree = candidate;
                problem = still;
                smaller = true;
                break;
            }
        }
        const Expression expression{tree};
        FAIL() << "seed " << seed << ": " << problem << "\n"
               << to_text(*tree) << "\n"
               << Program::compile({&expression, 1}, world.widths).listing();
    }
    // Most people of most trees must be decidable, or the test tests nothing.
    EXPECT_GT(checked, static_cast<std::size_t>(cases) * RandomWorld::people / 3);
}

TEST(ProgramProperty, an_effect_of_one_changes_no_bit) {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        Random random{seed};
        const RandomWorld world{random};
        const Expression rate{random_number(random, world, 5)};
        const Expression one =
            select(Expression{make_node(Operation::less, ValueKind::boolean, {},
                                        {random_number(random, world, 2), random_number(random, world, 2)})},
                   Expression::constant(1.0), Expression::constant(1.0));
        const Expression with = rate * one;
        const auto without_effect =
            run(Program::compile({&rate, 1}, world.widths), strongest_instruction_set(), world.input());
        const auto with_effect =
            run(Program::compile({&with, 1}, world.widths), strongest_instruction_set(), world.input());
        for (std::size_t i = 0; i < without_effect.size(); ++i)
            ASSERT_TRUE(same_bits(without_effect[i], with_effect[i])) << "seed " << seed;
    }
}

}  // namespace
}  // namespace proeftuin
