// A coalition in a scenario: what its levels do to programmes, and what is said of mistakes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/lab/lab.hpp"

namespace proeftuin {
namespace {

using lab::said_of;
using Said = std::vector<std::string>;

std::string scenario(const std::string& entries) {
    return "format: 1\n"
           "scenario: s\n"
           "people: { number: 4000 }\n"
           "starts: 2013\n"
           "years: 2\n"
           "step: 1 month\n"
           "entries:\n" +
           entries;
}

const std::string programme =
    "  - programme: walking\n"
    "    for: 1 == 1\n"
    "    entry: { invite: 1000 per year, uptake: 0.5 }\n"
    "    effects: [{ on: utility, add: 0.1 }]\n"
    "  - utility: u\n"
    "    base: 0.5\n"
    "  - measures: m\n"
    "    define: { qalys: { integrate: utility } }\n";

double years_implemented(double vision) { return vision * 2.0 * std::exp(-1.0); }  // of two, taking two

TEST(coalition, invitations_follow_the_level_of_implementation) {
    const lab::Done done(
        lab::from_text(scenario(programme + "  - coalition: c\n"
                                            "    organisations: { a: { shared_vision: 0.6 } }\n"
                                            "    programmes: { walking: { partners: { a: 1 }, takes: 2 years } }\n")));
    // What is not whole waits for the next step.
    EXPECT_NEAR(done.total("walking_offered"), 1000.0 * years_implemented(0.6), 1.5);
    EXPECT_NEAR(done.total("c_walking_level"), years_implemented(0.6), 1e-3);
}

TEST(coalition, uptake_and_effects_follow_it_where_it_acts_on_them) {
    // At its strength of 0.6 from the start on: 0.3 of the invited accept, and each gains 0.06.
    const std::string c =
        "  - coalition: c\n"
        "    organisations: { a: { shared_vision: 0.6 } }\n"
        "    programmes: { walking: { partners: { a: 1 }, takes: 1 year, at_start: 0.6, acts_on: [uptake, effects] } "
        "}\n";
    const lab::Done done(lab::from_text(scenario(programme + c)));
    const double offered = done.total("walking_offered"), years = done.total("walking_person_years");
    EXPECT_EQ(offered, 2000.0);
    EXPECT_TRUE(lab::share_within("consents", done.total("walking_consented"), offered, 0.3));
    EXPECT_NEAR(done.total("qalys"), 0.5 * 8000.0 + 0.06 * years, 1e-3);
}

TEST(coalition, a_full_one_changes_no_bit) {
    const auto qalys = [&](const std::string& more) {
        const lab::Done done(lab::from_text(scenario(programme + more)));
        return std::pair{done.total("qalys"), done.total("walking_offered")};
    };
    EXPECT_EQ(qalys("  - coalition: c\n"
                    "    organisations: { a: { shared_vision: 1 } }\n"
                    "    programmes: { walking: { partners: { a: 1 }, takes: 1 year, at_start: 1, "
                    "acts_on: [invitations, uptake, effects] } }\n"),
              qalys(""));
}

TEST(coalition, a_convenor_costs_while_it_works) {
    const auto cost = [&](const std::string& mechanisms) {
        const auto lab =
            lab::from_text(scenario("  - coalition: c\n"
                                    "    organisations: { a: { shared_vision: 0.6 } }\n"
                                    "    convenor: { from: 2013-07-02, to: 2014, cost_per_year: 100000 EUR per year }\n"
                                    "    programmes: { ict: { partners: { a: 1 }, takes: 1 year } }\n" +
                                    mechanisms));
        const auto& measures = lab->model().measures;
        const bool there =
            std::any_of(measures.begin(), measures.end(), [](const Measure& m) { return m.name == "c_convenor_cost"; });
        auto simulation = lab->simulation();
        simulation->run();
        if (!there) return 0.0;
        const std::size_t k = lab->measure("c_convenor_cost");
        double sum = 0.0;
        const RunResults results = simulation->results();
        for (const std::int64_t s : results.measures[k].sum) sum += static_cast<double>(s);
        return sum * measures[k].quantum;
    };
    // 183 of 365 days of the first year.
    EXPECT_NEAR(cost(""), 100000.0 * (1.0 + 183.0 / 365.0), 0.01);
    EXPECT_EQ(cost("    mechanisms: { convenor: false }\n"), 0.0);
}

TEST(coalition_messages, names_are_looked_up_in_the_coalition) {
    EXPECT_EQ(said_of(scenario("  - coalition: c\n"
                               "    organisations: { hospital: { shared_vision: 0.5, targets: { admissions: 1 } } }\n"
                               "    ties: [{ between: [hospital, gps], strength: 0.1 per year }]\n"
                               "    convenor: { reaches: [hospitl] }\n"
                               "    rules: { title: { opens: 2015, programmes: [icy] } }\n"
                               "    programmes: { ict: { partners: { hospitals: 1 }, takes: 1 year, "
                               "moves: { admision: -1 } } }\n")),
              (Said{"10:34 E0480 'gps' is no organisation of coalition 'c' | only this is known here: hospital",
                    "11:27 E0480 'hospitl' is no organisation of coalition 'c' | did you mean 'hospital'?",
                    "13:38 E0480 'hospitals' is no organisation of coalition 'c' | did you mean 'hospital'?",
                    "13:78 E0480 no organisation is held to 'admision' | did you mean 'admissions'?",
                    "12:49 E0480 'icy' is no programme of coalition 'c' | did you mean 'ict'?"}));
}

TEST(coalition_messages, programmes_do_not_wait_for_each_other) {
    EXPECT_EQ(said_of(scenario("  - coalition: c\n"
                               "    organisations: { a: { shared_vision: 0.5 } }\n"
                               "    programmes:\n"
                               "      x: { partners: { a: 1 }, takes: 1 year, after: y }\n"
                               "      y: { partners: { a: 1 }, takes: 1 year, after: [z] }\n"
                               "      z: { partners: { a: 1 }, takes: 1 year, after: x }\n")),
              (Said{"11:7 E0481 programmes of 'c' wait for each other (x -> z -> y -> x) | leave one of them out of "
                    "`after`"}));
}

TEST(coalition_messages, parts_without_meaning_and_numbers_outside_of_their_domain) {
    EXPECT_EQ(
        said_of(scenario("  - coalition: c\n"
                         "    organisations: { a: { shared_vision: 60, reluctance: 0.5 per year }, b: { "
                         "shared_vision: \"year > 2014 ? 1 : 0\" } }\n"
                         "    ties: [{ between: [a, a], strength: 0.1 per year }]\n"
                         "    convenor: { from: 2015, to: 2014 }\n"
                         "    programmes: { x: { partners: {}, takes: 1 week } }\n")),
        (Said{"9:42 E0445 the vision of 'a' is 60 (from 0 to 1)",
              "9:58 E0310 this is in 'per year', but a plain number is needed here", "9:95 E0305 unknown name 'year'",
              "10:27 E0482 'a' has a tie with itself", "11:33 E0482 the convenor ends before it begins",
              "12:19 E0482 nobody has a share in 'x' | partners: { gp_practices: 1 }",
              "12:45 E0445 the time that 'x' takes is 0.019165 (from half a month to 100 years)"}));
}

TEST(coalition_messages, the_names_that_it_makes_are_its_own) {
    EXPECT_EQ(
        said_of(scenario(
            "  - measures: m\n"
            "    define: { c_x_level: { integrate: 1 } }\n"
            "  - parameter_set: p\n"
            "    parameters: { c_x: { value: 1, source: assumption, why: test } }\n"
            "  - coalition: c\n"
            "    organisations: { a: { shared_vision: 0.5 } }\n"
            "    programmes: { x: { partners: { a: 1 }, takes: 1 year }, a_vision: { partners: { a: 1 }, takes: 1 "
            "year, after: [x, x] } }\n")),
        (Said{"14:119 E0482 'x' is named twice"}));
    EXPECT_EQ(
        said_of(scenario(
            "  - measures: m\n"
            "    define: { c_x_level: { integrate: 1 } }\n"
            "  - parameter_set: p\n"
            "    parameters: { c_x: { value: 1, source: assumption, why: test } }\n"
            "  - coalition: c\n"
            "    organisations: { a: { shared_vision: 0.5 } }\n"
            "    programmes: { x: { partners: { a: 1 }, takes: 1 year }, a_vision: { partners: { a: 1 }, takes: 1 "
            "year } }\n")),
        (Said{
            "12:16 E0433 measure 'c_x_level' is defined twice: coalition 'c' makes one",
            "12:16 E0703 'c_x' is a parameter and a number of a coalition | an expression could mean either: give one "
            "of them another name",
            "12:16 E0703 number of a coalition 'c_a_vision' is given twice | an expression could mean either: give "
            "one of them another name"}));
}

TEST(coalition_messages, it_acts_on_what_is_there) {
    EXPECT_EQ(said_of(scenario("  - programme: walking\n"
                               "    for: 1 == 1\n"
                               "  - coalition: c\n"
                               "    organisations: { a: { shared_vision: 0.5 } }\n"
                               "    programmes:\n"
                               "      walking: { partners: { a: 1 }, takes: 1 year }\n"
                               "      walkin: { partners: { a: 1 }, takes: 1 year, acts_on: uptake }\n")),
              (Said{"14:61 E0480 'walkin' is no programme of this scenario | did you mean 'walking'?",
                    "13:7 E0483 programme 'walking' has no `invite` that a coalition could act on | acts_on: uptake"}));
}

}  // namespace
}  // namespace proeftuin
