// What an author sees for the mistakes that authors make.
#include <gtest/gtest.h>

#include "engine/config/codes.hpp"
#include "tests/unit/expr/world.hpp"

namespace proeftuin {
namespace {

using testing::unit;
using testing::World;

class BindingMessage : public ::testing::Test {
protected:
    /// The mistakes in an expression that has to be a rate.
    std::string rate(const std::string& text) const {
        Expected expected;
        expected.unit = unit("per year");
        return "\n" + world.mistakes(text, expected);
    }
    /// The codes alone.
    std::string codes(const std::string& text, Expected expected = {}) const {
        DiagnosticSink sink;
        world.bound(text, expected, sink);
        std::string all;
        for (const auto& item : sink.items()) all += (all.empty() ? "" : " ") + item.code;
        return all;
    }
    World world;
};

TEST_F(BindingMessage, points_at_a_misspelt_category) {
    EXPECT_EQ(rate("smoking == curent ? 0.1 : 0.2"), R"(
error[E0306]: 'curent' is not a category of 'smoking'
 --> model.yaml:2:18
  |
2 | rate: smoking == curent ? 0.1 : 0.2
  |                  ^^^^^^
  = help: did you mean 'current'?
)");
}

TEST_F(BindingMessage, points_at_a_misspelt_name) {
    EXPECT_EQ(rate("0.1 per year * rr_smokng[smoking]"), R"(
error[E0305]: unknown name 'rr_smokng'
 --> model.yaml:2:22
  |
2 | rate: 0.1 per year * rr_smokng[smoking]
  |                      ^^^^^^^^^
  = help: did you mean 'rr_smoking'?
)");
}

TEST_F(BindingMessage, says_how_to_rid_exp_of_a_unit) {
    EXPECT_EQ(rate("exp(-3 * age) per year"), R"(
error[E0310]: 'exp' takes a plain number, not 'year'
 --> model.yaml:2:11
  |
2 | rate: exp(-3 * age) per year
  |           ^^^^^^^^ this is in 'year'
  = help: divide by a number with that unit: '-3 * age / 1 year'
)");
}

TEST_F(BindingMessage, says_when_a_rate_lacks_its_unit) {
    EXPECT_EQ(rate("beta * rr_smoking[smoking]"), R"(
error[E0310]: this is a plain number, but 'per year' is needed here
 --> model.yaml:2:7
  |
2 | rate: beta * rr_smoking[smoking]
  |       ^^^^^^^^^^^^^^^^^^^^^^^^^^
  = help: if it is meant per year, write '(beta * rr_smoking[smoking]) per year'
)");
}

TEST_F(BindingMessage, suggests_a_misspelt_unit) {
    EXPECT_EQ(rate("0.1 per yeer"), R"(
error[E0311]: 'per yeer' is not a unit
 --> model.yaml:2:11
  |
2 | rate: 0.1 per yeer
  |           ^^^^^^^^
  = help: did you mean 'per year'?
)");
}

TEST_F(BindingMessage, shows_both_sides_of_a_sum_with_two_units) {
    EXPECT_EQ(rate("risk + price"), R"(
error[E0310]: cannot add 'per year' and 'EUR' (their units differ)
 --> model.yaml:2:12
  |
2 | rate: risk + price
  |            ^
note: this is in 'per year'
 --> model.yaml:2:7
  |
2 | rate: risk + price
  |       ----
note: this is in 'EUR'
 --> model.yaml:2:14
  |
2 | rate: risk + price
  |              -----
)");
}

TEST_F(BindingMessage, rewrites_a_chained_comparison) {
    EXPECT_EQ(rate("18 <= age < 65 ? 0.1 : 0"), R"(
error[E0303]: comparisons cannot be chained
 --> model.yaml:2:17
  |
2 | rate: 18 <= age < 65 ? 0.1 : 0
  |                 ^
  = help: write '18 <= age and age < 65'
)");
}

TEST_F(BindingMessage, names_the_axes_of_a_table) {
    EXPECT_EQ(rate("incidence[sex]"), R"(
error[E0312]: table 'incidence' is looked up by 2 values, not 1
 --> model.yaml:2:7
  |
2 | rate: incidence[sex]
  |       ^^^^^^^^^^^^^^
  = help: write 'incidence[sex, age]'
)");
    EXPECT_EQ(rate("risk * rr_smoking"), R"(
error[E0312]: 'rr_smoking' is a table, not a number
 --> model.yaml:2:14
  |
2 | rate: risk * rr_smoking
  |              ^^^^^^^^^^
  = help: look it up: 'rr_smoking[smoking]'
)");
}

TEST_F(BindingMessage, names_the_place_of_a_wrong_axis) {
    EXPECT_EQ(rate("risk * rr_copd[smoking, sex]"), R"(
error[E0313]: axis 1 of table 'rr_copd' ('copd') takes a category of 'copd', not of 'smoking'
 --> model.yaml:2:22
  |
2 | rate: risk * rr_copd[smoking, sex]
  |                      ^^^^^^^
  = help: one of: none, gold1, gold2, gold3, gold4
)");
}

TEST_F(BindingMessage, refuses_an_order_of_categories) {
    EXPECT_EQ(rate("copd >= gold2 ? 0.1 : 0"), R"(
error[E0309]: categories have no order ('copd' is a category)
 --> model.yaml:2:12
  |
2 | rate: copd >= gold2 ? 0.1 : 0
  |            ^^
  = help: list the ones meant: 'copd in [none, gold1, gold2, gold3, gold4]'
)");
}

TEST_F(BindingMessage, knows_the_operators_of_other_languages) {
    EXPECT_EQ(rate("sex == male && age > 40 ? 0.1 : 0"), R"(
error[E0301]: '&&' is not an operator here
 --> model.yaml:2:19
  |
2 | rate: sex == male && age > 40 ? 0.1 : 0
  |                   ^^
  = help: write 'and'
)");
}

TEST_F(BindingMessage, knows_percent_and_missing_operators) {
    EXPECT_EQ(rate("5% per year"), R"(
error[E0301]: unexpected character '%'
 --> model.yaml:2:8
  |
2 | rate: 5% per year
  |        ^
  = help: percent is not a unit; write 5 percent as 0.05
)");
    EXPECT_EQ(rate("2 age * risk"), R"(
error[E0301]: expected an operator before 'age'
 --> model.yaml:2:9
  |
2 | rate: 2 age * risk
  |         ^^^
  = help: to multiply, write '* age'
)");
}

TEST_F(BindingMessage, points_at_the_bracket_that_is_never_closed) {
    EXPECT_EQ(rate("risk * (1 + 2"), R"(
error[E0301]: '(' is never closed
 --> model.yaml:2:14
  |
2 | rate: risk * (1 + 2
  |              ^
)");
}

TEST_F(BindingMessage, reports_every_mistake_of_one_expression) {
    EXPECT_EQ(rate("unknown1 + risk * curent(3) + 1.2.3"), R"(
error[E0302]: '1.2.3' is not a number
 --> model.yaml:2:37
  |
2 | rate: unknown1 + risk * curent(3) + 1.2.3
  |                                     ^^^^^
  = help: numbers are written like 12, 0.5 or 1.5e-3

error[E0305]: unknown name 'unknown1'
 --> model.yaml:2:7
  |
2 | rate: unknown1 + risk * curent(3) + 1.2.3
  |       ^^^^^^^^

error[E0307]: there is no function 'curent'
 --> model.yaml:2:25
  |
2 | rate: unknown1 + risk * curent(3) + 1.2.3
  |                         ^^^^^^
  = help: one of: abs, ceil, clamp, exp, expm1, floor, log, log1p, logistic, logit, max, min, pow, sqrt, step, time_in
)");
}

TEST_F(BindingMessage, shows_the_text_where_there_is_no_exact_place) {
    SourceFiles files;
    const auto file = files.add("model.yaml", "rate: |\n  risk *\n  rsk\n");
    DiagnosticSink sink;

    bind(ExprText{"risk *\nrsk", {file, 1, 7, 1}, false}, world.symbols, {}, sink);

    EXPECT_EQ("\n" + render(sink.items(), files, DiagnosticFormat::full, Colour::off), R"(
error[E0305]: unknown name 'rsk'
 --> model.yaml:1:7
  |
1 | rate: |
  |       ^
  = note: at 'rsk' in 'risk *\nrsk'
  = help: did you mean 'risk'?
)");
}

TEST_F(BindingMessage, shows_the_circle_of_names_that_depend_on_themselves) {
    DerivedSymbol a, b;
    a.expression.text = "b + 1";
    b.expression.text = "a + 1";
    world.symbols.set("a", a);
    world.symbols.set("b", b);
    DiagnosticSink sink;

    world.bound("a", {}, sink);

    ASSERT_EQ(sink.items().size(), 1u);
    EXPECT_EQ(sink.items()[0].message, "'a' depends on itself (a -> b -> a)");
}

TEST_F(BindingMessage, has_a_code_for_everything) {
    const Expected condition{ValueKind::boolean, {}, nullptr, false, false};
    const Expected band{ValueKind::category, {}, world.smoking, false, false};
    EXPECT_EQ(codes(""), "E0301");
    EXPECT_EQ(codes("1e999"), "E0302");
    EXPECT_EQ(codes(std::string(200, '(') + "1" + std::string(200, ')')), "E0304");
    EXPECT_EQ(codes("max(1)"), "E0308");
    EXPECT_EQ(codes("sex"), "E0309");
    EXPECT_EQ(codes("sex == 1 ? 1 : 2"), "E0309");
    EXPECT_EQ(codes("(sex == male) == (sex == female) ? 1 : 2"), "E0309");
    EXPECT_EQ(codes("age in [a] ? 1 : 0"), "E0309");
    EXPECT_EQ(codes("beta", condition), "E0309");
    EXPECT_EQ(codes("true", condition), "");
    EXPECT_EQ(codes("1", condition), "");
    EXPECT_EQ(codes("age < 40 ? never : current", band), "");
    EXPECT_EQ(codes("age < 40 ? never : curent", band), "E0306");
    EXPECT_EQ(codes("sex", band), "E0309");
    EXPECT_EQ(codes("3 per"), "E0301");
    EXPECT_EQ(codes("beta[3]"), "E0312");
    EXPECT_EQ(codes("time_in(bmi)"), "E0315");
    EXPECT_EQ(codes("1 / 0"), "E0316");
    EXPECT_EQ(codes("sqrt(bmi)"), "E0310");
    EXPECT_EQ(codes("bmi ^ beta"), "E0310");
    EXPECT_EQ(codes("risk ? 1 : 2"), "E0309");
    EXPECT_EQ(codes("copd in gold2 ? 1 : 2"), "E0301");
    for (const char* code : {"E0301", "E0302", "E0303", "E0304", "E0305", "E0306", "E0307", "E0308", "E0309", "E0310",
                             "E0311", "E0312", "E0313", "E0314", "E0315", "E0316"}) {
        EXPECT_NE(find_code(code), nullptr) << code;
    }
}

}  // namespace
}  // namespace proeftuin
