// Probabilities, rates and factors that cannot be: told at the value that makes them so, before anything runs; what
// only people show is told with the place of its expression.
#include <gmock/gmock.h>

#include "engine/run/run_error.hpp"
#include "tests/lab/lab.hpp"

namespace proeftuin {
namespace {

using namespace lab;
using ::testing::HasSubstr;

/// What is said of a cohort with one process; `numbers` are its parameters.
std::string said_of(const std::string& process, const std::string& numbers = "", const std::string& more = "",
                    std::vector<std::string> set = {}) {
    const std::string text =
        "format: 1\nscenario: tiny\npeople: { number: 20 }\nstarts: 2000\nyears: 2\n" + more +
        "entries:\n  - attributes: a\n    define: { sex: { categories: [female, male], start: { male: 0.5 } } }\n" +
        (numbers.empty() ? "" : "  - parameter_set: n\n    parameters:\n" + numbers) +
        "  - process: p\n    states: [well, ill]\n    absorbing: [ill]\n" + process;
    try {
        (void)from_text(text, {.set = std::move(set)});
    } catch (const std::runtime_error& e) {
        return e.what();
    }
    return "good";
}

std::string onset(const std::string& keys) {
    return "    transitions: { onset: { from: well, to: ill, " + keys + " } }\n";
}

const char* chance = "      chance: { value: 0.2, source: assumption, why: test }\n";

TEST(domain, a_fatality_beyond_1_is_told_at_its_value) {
    const std::string said = said_of(onset("rate: 0.1 per year, fatality: chance"),
                                     "      chance: { value: 3, source: assumption, why: test }\n");
    EXPECT_THAT(said, HasSubstr("error[E0445]: the fatality of 'p.onset' is 3 (a probability is from 0 to 1)"));
    EXPECT_THAT(said, HasSubstr(".yaml:11:24"));  // of the 3
    EXPECT_THAT(said, HasSubstr("used here"));
}

TEST(domain, a_value_given_with_set_is_told_there) {
    const std::string said = said_of(onset("rate: 0.1 per year, fatality: chance"), chance, "", {"chance=3"});
    EXPECT_THAT(said, HasSubstr("is 3 (a probability is from 0 to 1)"));
    EXPECT_THAT(said, HasSubstr("--> --set:1:8"));
    EXPECT_EQ(said_of(onset("rate: 0.1 per year, fatality: chance"), chance, "", {"chance=1"}), "good");
    EXPECT_EQ(said_of(onset("rate: 0.1 per year, fatality: chance"), chance, "", {"chance=0"}), "good");
}

TEST(domain, a_table_is_told_at_the_cell) {
    const std::string numbers =
        "      chance:\n        by: [sex, age]\n        values: { female: { 0-49: 0.1, 50+: 0.2 }, male: { 0-49: 0.3, "
        "50+: 1.2 } }\n"
        "        source: assumption\n        why: test\n";
    const std::string said = said_of(onset("rate: 0.1 per year, fatality: \"chance[sex, age]\""), numbers);
    EXPECT_THAT(said, HasSubstr("the fatality of 'p.onset' can be 1.2"));
    EXPECT_THAT(said, HasSubstr(".yaml:13:76"));  // of the 1.2
}

TEST(domain, negative_rates_and_factors_are_told) {
    EXPECT_THAT(said_of(onset("rate: -0.1 per year")),
                HasSubstr("the rate of 'p.onset' is -0.1 (a rate is at least 0)"));
    EXPECT_THAT(said_of(onset("rate: 0.1 per year, risks: [ factor ], normalised: false"),
                        "      factor: { value: -2, source: assumption, why: test }\n"),
                HasSubstr("a risk on 'p.onset' is -2 (a factor on rates is at least 0)"));
    EXPECT_THAT(said_of(onset("rate: 0.1 per year"), "", "effects: [ { on: p.onset, multiply: -0.5 } ]\n"),
                HasSubstr("the factor of an effect is -0.5"));
    EXPECT_THAT(said_of(onset("rate: 0.1 per year, risks: [ \"factor[sex]\" ], normalised: false"),
                        "      factor: { by: sex, values: { female: 1, male: -1 }, source: assumption, why: test }\n"),
                HasSubstr("a risk on 'p.onset' can be -1"));
}

TEST(domain, start_shares_are_told) {
    EXPECT_THAT(said_of("    start: { ill: 1.5 }\n" + onset("rate: 0.1 per year")),
                HasSubstr("the start probability of 'ill' of 'p' is 1.5"));
    EXPECT_THAT(said_of("    start: { ill: -0.1 }\n" + onset("rate: 0.1 per year")),
                HasSubstr("the start probability of 'ill' of 'p' is -0.1"));
}

TEST(domain, rows_of_probabilities_are_told) {
    EXPECT_THAT(said_of("    cycle: 1 year\n" + onset("probability: 1.2")),
                HasSubstr("the probability of 'p.onset' is 1.2"));
    const std::string row =
        "format: 1\nscenario: tiny\npeople: { number: 5 }\nstarts: 2000\nentries:\n  - process: p\n    states: [a, b, "
        "c]\n    absorbing: [b, c]\n    cycle: 1 year\n"
        "    transitions:\n      t: { from: a, to: b, probability: 0.7 }\n      s: { from: a, to: c, probability: 0.4 "
        "}\n";
    try {
        (void)from_text(row);
        FAIL() << "no error";
    } catch (const std::runtime_error& e) {
        EXPECT_THAT(std::string(e.what()), HasSubstr("the probabilities to leave state 'a' of 'p' add up to 1.1"));
    }
}

TEST(domain, what_depends_on_people_is_left_to_the_run) {
    EXPECT_EQ(said_of(onset("rate: 0.1 per year, fatality: \"0.02 per year * age\"")), "good");
    EXPECT_EQ(said_of(onset("rate: 0.1 per year, fatality: \"min(1, 3 * chance * chance)\""), chance), "good");
    EXPECT_EQ(said_of(onset("rate: 0.1 per year, fatality: \"sex == male ? chance : 0\""), chance), "good");
    // Two tables need not have their largest values for the same person.
    const std::string two =
        "      a: { by: sex, values: { female: 0.2, male: 2 }, source: assumption, why: test }\n      b: { by: sex, "
        "values: { female: 2, male: 0.2 }, source: assumption, why: test }\n";
    EXPECT_EQ(said_of(onset("rate: 0.1 per year, fatality: \"a[sex] * b[sex]\""), two), "good");
    EXPECT_THAT(said_of(onset("rate: 0.1 per year, fatality: \"0.6 + a[sex] * b[sex]\""), two), "good");
    EXPECT_THAT(said_of(onset("rate: 0.1 per year, fatality: \"1.1 + a[sex] * b[sex]\""), two),
                HasSubstr("is at least 1."));
}

TEST(domain, a_calculation_names_its_parameters) {
    const std::string said = said_of(onset("rate: 0.1 per year, fatality: \"1.5 + chance\""), chance);
    EXPECT_THAT(said, HasSubstr("the fatality of 'p.onset' is 1.7"));
    EXPECT_THAT(said, HasSubstr("'chance' is 0.2"));
}

TEST(domain, during_a_run_the_expression_and_the_person_are_named) {
    const auto scenario = [](const std::string& keys, const std::string& more = "") {
        return "format: 1\nscenario: tiny\npeople: { number: 20 }\nstarts: 2000\nyears: 60\n" + more +
               "entries:\n  - attributes: a\n    define: { age: { unit: year, start: { uniform: { from: 20, to: 30 } } "
               "} }\n"
               "  - process: p\n    states: [well, ill]\n    absorbing: [ill]\n" +
               onset(keys);
    };
    struct Case {
        std::string keys, more, message;
        std::uint32_t line, notes;
    };
    for (const Case& c :
         {Case{"rate: 1 per year, fatality: \"0.045 per year * age\"", "", "the fatality of 'p.onset' is 1.", 12, 0},
          Case{"rate: \"(0.5 - 0.02 per year * age) per year\"", "", "the rate of 'p.onset' is -", 12, 0},
          Case{"rate: 0.01 per year", "effects: [ { on: p.onset, multiply: \"1 - 0.02 per year * age\" } ]\n",
               "the rate of 'p.onset' is -", 13, 1}})
        try {
            from_text(scenario(c.keys, c.more))->simulation()->run();
            FAIL() << "no error for " << c.keys;
        } catch (const RunError& e) {
            EXPECT_THAT(std::string(e.what()), HasSubstr(c.message));
            EXPECT_THAT(std::string(e.what()), HasSubstr("for person "));
            EXPECT_THAT(std::string(e.what()), HasSubstr("at age "));
            EXPECT_EQ(e.diagnostic().code, "E0446");
            EXPECT_EQ(e.diagnostic().where.line, c.line);
            EXPECT_EQ(e.diagnostic().notes.size(), c.notes);
            for (const Note& note : e.diagnostic().notes) EXPECT_EQ(note.where.line, 6u);
        }
}

}  // namespace
}  // namespace proeftuin
