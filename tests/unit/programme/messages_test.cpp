// Mistakes in a programme are told at their place, several at once.
#include "tests/lab/lab.hpp"

namespace proeftuin {
namespace {

/// What is said of a programme, "line:column code message" each. The programme begins on line 13.
std::vector<std::string> said(const std::string& programme) {
    return lab::said_of(
        "format: 1\n"
        "scenario: s\n"
        "people: { number: 100 }\n"
        "starts: 2001\n"
        "entries:\n"
        "  - attributes: a\n"
        "    define: { skill: { start: { uniform: { from: 0, to: 1 } } } }\n"
        "  - process: d\n"
        "    states: [well, ill]\n"
        "    transitions: { onset: { from: well, to: ill, rate: 0.1 per year }, cure: { from: ill, "
        "to: well, rate: 1 per year } }\n"
        "  - utility: u\n"
        "    base: 0.9\n" +
        programme);
}

using Said = std::vector<std::string>;

TEST(programme_messages, a_good_one_is_taken) {
    EXPECT_EQ(
        said("  - programme: p\n"
             "    goal: health\n"
             "    partners: [one, two]\n"
             "    for: d == ill\n"
             "    entry: { invite: 3 per month, places: 7, uptake: 0.5, order_by: skill, ask_again_after: 1 year }\n"
             "    leave: { duration: 2 years, dropout: 0.1 per year, again_after: 1 year }\n"
             "    effects:\n"
             "      - { on: [d.cure, d.onset], multiply: 1.2, while: [active, completed], claimed: 2, at_scale: 0.4 }\n"
             "      - { on: utility, add: 0.01, fades: { half_life: 3 months } }\n"
             "    cost: { fixed_per_year: 100 EUR per year, per_person_start: 5 EUR }\n"),
        Said{});
}

TEST(programme_messages, unknown_keys_and_states_are_told_with_what_was_meant) {
    EXPECT_EQ(said("  - programme: p\n"
                   "    for: d == ill\n"
                   "    entry: { invites: 3 per year }\n"),
              (Said{"15:14 E0201 unknown key 'invites' in entry | did you mean 'invite'?"}));
    EXPECT_EQ(
        said("  - programme: p\n"
             "    for: d == ill\n"
             "    leave: { duration: 1 year }\n"
             "    effects: [{ on: d.cure, multiply: 2, while: complete }]\n"),
        (Said{"16:49 E0451 'p' has no state 'complete' in which it could have an effect | did you mean 'completed'?"}));
    EXPECT_EQ(said("  - programme: p\n"
                   "    for: d == il\n"),
              (Said{"14:15 E0306 'il' is not a category of 'd' | one of: well, ill"}));
}

TEST(programme_messages, effects_on_what_has_none) {
    EXPECT_EQ(
        said("  - programme: p\n"
             "    for: d == ill\n"
             "    effects:\n"
             "      - { on: d.cures, multiply: 2 }\n"
             "      - { on: p.start, multiply: 2 }\n"
             "      - { on: d.cure, add: 0.1 }\n"
             "      - { on: d.cure, multiply: -1 }\n"),
        (Said{"16:15 E0410 effect on 'd.cures', which is no transition, cost or utility | did you mean 'd.cure'?",
              "17:15 E0410 effect on 'p.start', which has no rate | one of: d.cure, d.onset, utility",
              "18:15 E0410 effect adds to 'd.cure', which is no cost and not the utility | `multiply` for rates and "
              "probabilities",
              "19:33 E0445 the factor of an effect is -1 (a factor on rates is at least 0)"}));
}

TEST(programme_messages, numbers_that_cannot_be) {
    EXPECT_EQ(
        said("  - programme: p\n"
             "    for: d == ill\n"
             "    entry: { invite: skill * 3 per year, uptake: 1.5, places: -2 }\n"),
        (Said{"15:50 E0445 the uptake of 'p' is 1.5 (a probability is from 0 to 1)",
              "15:22 E0450 the invitations of 'p' depends on a person (it is a number of the region) | use numbers, "
              "parameters and `year`",
              "15:63 E0445 the places of 'p' is -2 (an amount is at least 0)"}));
    EXPECT_EQ(said("  - programme: p\n"
                   "    for: d == ill\n"
                   "    runs: { from: 2010, to: 2008 }\n"),
              (Said{"15:29 E0452 'p' ends before it begins"}));
    EXPECT_EQ(said("  - programme: p\n"
                   "    for: d == ill\n"
                   "    entry: { invite: 3 per year, ask_again_after: 1 year }\n"),
              (Said{"15:5 E0454 nobody declines without an `uptake`, so nobody is asked again | uptake: 0.4"}));
    EXPECT_EQ(said("  - programme: d\n"
                   "    for: skill > 0.5\n")
                  .front(),
              "13:16 E0703 'd' is a programme and a process, or two programmes");
}

TEST(programme_messages, an_assumption_says_why_and_a_source_is_known) {
    EXPECT_EQ(said("  - programme: p\n"
                   "    for: d == ill\n"
                   "    effects: [{ on: d.cure, multiply: 2, source: assumption }]\n"),
              (Said{"15:50 E0513 an assumption says why | why: \"...\""}));
    EXPECT_EQ(said("  - programme: p\n"
                   "    for: d == ill\n"
                   "    effects: [{ on: d.cure, multiply: 2, source: nobody_2020 }]\n")
                  .front()
                  .substr(0, 75),
              "15:50 E0514 the effect names the source 'nobody_2020', which no sources ent");
}

TEST(programme_messages, costs_and_quality_of_life_that_cannot_be) {
    EXPECT_EQ(said("  - programme: p\n"
                   "    for: d == ill\n"
                   "    leave: { duration: 6 }\n"),
              (Said{"15:24 E0212 'duration' must be a number from 0.001 to 100 with a unit as in 'year', not '6' "
                    "| write its unit: 6 year, or months"}));
    EXPECT_EQ(said("  - programme: p\n"
                   "    for: d == ill\n"
                   "    effects:\n"
                   "      - { on: utility, multiply: 97 }\n"
                   "      - { on: utility, add: 3 }\n"
                   "    cost: { per_person_start: -500 EUR, law: zvw }\n"),
              (Said{"18:31 E0445 an amount of 'cost_p' is -500 (an amount is at least 0)",
                    "16:34 E0445 the factor of an effect is 97 (an effect on the utility is a factor from 0 to 1.5)",
                    "17:29 E0445 the effect is 3 (a utility is from -1 to 1)"}));
}

}  // namespace
}  // namespace proeftuin
