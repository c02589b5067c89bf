#include "engine/expr/expression.hpp"

#include <gtest/gtest.h>

#include "engine/expr/functions.hpp"
#include "engine/expr/tree.hpp"
#include "tests/unit/expr/world.hpp"

namespace proeftuin {
namespace {

using testing::any_number;
using testing::unit;
using testing::World;

class ExpressionTest : public ::testing::Test {
protected:
    /// The value of an expression of constants, as a number of `of`.
    double value(const std::string& text, const Unit& of = {}) const {
        Expected expected;
        expected.unit = of;
        return value_as(text, expected);
    }
    double value_as(const std::string& text, const Expected& expected) const {
        DiagnosticSink sink;
        const auto bound = world.bound(text, expected, sink);
        if (!bound) throw std::runtime_error(render(sink.items(), {}, DiagnosticFormat::brief, Colour::off));
        return bound->as_constant().value();
    }
    Expression any(const std::string& text) const {
        DiagnosticSink sink;
        auto bound = world.bound(text, any_number(), sink);
        if (!bound) throw std::runtime_error(render(sink.items(), {}, DiagnosticFormat::brief, Colour::off));
        return *bound;
    }
    World world;
};

TEST_F(ExpressionTest, follows_the_usual_precedence) {
    EXPECT_EQ(value("2 + 3 * 4"), 14);
    EXPECT_EQ(value("(2 + 3) * 4"), 20);
    EXPECT_EQ(value("-2 ^ 2"), -4);
    EXPECT_EQ(value("2 ^ 3 ^ 2"), 512);
    EXPECT_EQ(value("2 ^ -1"), 0.5);
    EXPECT_EQ(value("10 - 4 - 3"), 3);
    EXPECT_EQ(value("24 / 4 / 2"), 3);
    EXPECT_EQ(value("1 < 2 and not 3 < 2 or false ? 5 : 6"), 5);
    EXPECT_EQ(value("false ? 1 : true ? 2 : 3"), 2);
    EXPECT_EQ(value("not 1 == 2 ? 1 : 0"), 1);
}

TEST_F(ExpressionTest, reads_units_and_converts_them_to_base_units) {
    EXPECT_EQ(value("1 per month", unit("per year")), 12);
    EXPECT_EQ(value("6 months", unit("years")), 0.5);
    EXPECT_EQ(value("480 EUR per year", unit("EUR per year")), 480);
    EXPECT_EQ(value("(2 + 3) per month", unit("per year")), 60);
    EXPECT_EQ(value("25 kg/m2 * 2", unit("kg/m2")), 50);
    EXPECT_EQ(value("exp(0) per year", unit("per year")), 1);
    EXPECT_EQ(value("1 / 20 years", unit("per year")), 0.05);
}

TEST_F(ExpressionTest, a_bare_number_takes_the_unit_of_its_neighbour_or_its_key) {
    EXPECT_EQ(value("0.1", unit("per month")), 0.1 * 12);
    EXPECT_EQ(value("1 per month + 1", unit("per year")), 24);
    EXPECT_EQ(value("max(0, 1 per month)", unit("per year")), 12);
    EXPECT_EQ(value("1 < 2 ? 0 : 3 per year", unit("per year")), 0);
    EXPECT_EQ(value("2 * (3 per year)", unit("per year")), 6);
    EXPECT_EQ(value("2 * 3", unit("per year")), 6);
    EXPECT_EQ(value("18 months > 1 ? 1 : 0"), 1);
    EXPECT_EQ(value("tax[2016]"), 0.2);
}

TEST_F(ExpressionTest, knows_its_kind_unit_columns_and_scalars) {
    const Expression e = any("rr_smoking[smoking] * risk * (bmi_band == obese ? year : 2)");

    EXPECT_EQ(e.kind(), ValueKind::number);
    EXPECT_EQ(to_string(e.unit()), "1");
    EXPECT_EQ(e.columns(), (std::set<std::uint32_t>{1, 3}));
    EXPECT_EQ(e.scalars(), (std::set<std::uint32_t>{0}));
    EXPECT_FALSE(e.as_constant());
    EXPECT_EQ(to_string((any("risk") * any("price")).unit()), to_string(any("risk * price").unit()));
}

TEST_F(ExpressionTest, accepts_any_kind_when_asked) {
    Expected expected;
    expected.any_kind = true;
    DiagnosticSink sink;

    EXPECT_EQ(world.bound("sex == male", expected, sink)->kind(), ValueKind::boolean);
    EXPECT_EQ(world.bound("smoking", expected, sink)->categories()->name, "smoking");
    EXPECT_EQ(world.bound("12", expected, sink)->kind(), ValueKind::number);
}

TEST_F(ExpressionTest, an_example_of_every_function_has_its_value) {
    for (const FunctionEntry& function : all_functions()) {
        if (function.example.empty()) continue;
        EXPECT_DOUBLE_EQ(value(std::string{function.example}), function.value) << function.name;
    }
    EXPECT_NE(functions_markdown().find("| `clamp(x, low, high)` |"), std::string::npos);
}

TEST_F(ExpressionTest, names_are_found_without_binding) {
    EXPECT_EQ(names_in({"exp(a + 0.04 per year * age) * rr[smoking] * (copd in [x, y] ? 1 : time_in(copd))", {}, true}),
              (std::set<std::string>{"a", "age", "rr", "smoking", "copd"}));
    EXPECT_EQ(names_in({"a + * b )", {}, true}), (std::set<std::string>{"a", "b"}));
}

TEST_F(ExpressionTest, a_name_bound_earlier_keeps_its_value_in_any_company) {
    world.symbols.set("flow", BoundSymbol{any("risk * 0.3 * rr_smoking[smoking]").root_ptr()});

    EXPECT_EQ(any("flow").root().operation, Operation::opaque);
    EXPECT_EQ(to_string(any("flow * 2").unit()), "per year");
}

}  // namespace
}  // namespace proeftuin
