// Mistakes in a care network are told at their place.
#include "tests/lab/lab.hpp"

namespace proeftuin {
namespace {

/// What is said of a network, "line:column code message" each. The network begins on line 8.
std::vector<std::string> said(const std::string& network) {
    return lab::said_of(
        "format: 1\n"
        "scenario: s\n"
        "people: { number: 100 }\n"
        "starts: 2001\n"
        "entries:\n"
        "  - attributes: a\n"
        "    define: { far: { start: { uniform: { from: 0, to: 1 } } } }\n" +
        network);
}

using Said = std::vector<std::string>;

TEST(network_messages, a_good_one_is_taken) {
    EXPECT_EQ(said("  - network: n\n"
                   "    complexity: [low, high]\n"
                   "    demands:\n"
                   "      question: { rate: 0.5 per year, complexity: low, choose: { gp: 1 - far, clinic: 0 } }\n"
                   "      pain: { rate: 0.1 per year, complexity: high, priority: 2, to: { clinic: 1 } }\n"
                   "    places:\n"
                   "      gp: { stay: 6 weeks, to: { clinic: 0.3 }, up_to: low, staff: { doctor: 0.17 } }\n"
                   "      clinic: { capacity: 20 per year, wait_at_start: 1 month, longest_wait: 1 year, overflow_to: "
                   "abroad, staff: { doctor: 0.5 + 0.1 * far } }\n"
                   "      abroad: { stay: 1 month, to: { clinic: 0.5 } }\n"  // only by overflow: nobody stays there
                   "    professions: { doctor: 1500 }\n"),
              Said{});
}

TEST(network_messages, routes_lead_to_places_and_places_have_a_way_in) {
    EXPECT_EQ(said("  - network: n\n"
                   "    demands: { question: { rate: 0.5 per year, to: { clinc: 1 } } }\n"
                   "    places:\n"
                   "      clinic: { stay: 1 month, to: { wardd: 0.5 } }\n"
                   "      ward: {}\n"),
              (Said{"9:54 E0470 a route from 'question' leads to 'clinc', which is no place | did you mean 'clinic'?",
                    "11:38 E0470 a route from 'clinic' leads to 'wardd', which is no place | did you mean 'ward'?",
                    "11:7 E0472 no demand leads to place 'clinic' | give a demand or a place a share that goes there, "
                    "or leave the place out",
                    "12:7 E0472 no demand leads to place 'ward' | give a demand or a place a share that goes there, or "
                    "leave the place out"}));
}

TEST(network_messages, events_are_those_of_other_models) {
    EXPECT_EQ(
        said("  - network: n\n"
             "    demands: { question: { rate: 0.5 per year, to: { gp: 1 } } }\n"
             "    places: { gp: { events: illness.onset } }\n"),
        (Said{"10:29 E0414 measure 'gp_arrivals' counts 'illness.onset', which is no event | only this is known here: "
              "question.to_gp"}));
}

TEST(network_messages, no_name_has_two_meanings) {
    EXPECT_EQ(
        said("  - network: n\n"
             "    demands: { far: { rate: 0.5 per year, to: { clinic: 1 } } }\n"
             "    places: { clinic: { capacity: 2 per year } }\n"
             "    parameters: { clinic_capacity: { value: 3, unit: per year, source: assumption, why: a test } }\n"),
        (Said{"9:16 E0703 'far' is an attribute and a process | an expression could mean either: give one of them "
              "another name",
              "10:35 E0703 'clinic_capacity' is a parameter and a signal | an expression could mean either: give "
              "one of them another name"}));
}

TEST(network_messages, who_is_served_one_by_one_is_alive_and_waits) {
    const auto clinic = [](const std::string& keys) {
        return said(
            "  - demography: d\n"
            "    mortality: { rate: 0.01 per year }\n"
            "  - network: n\n"
            "    demands: { question: { rate: 0.5 per year, to: { clinic: 1 } } }\n"
            "    places: { clinic: { servers: 2, " +
            keys + " } }\n");
    };
    EXPECT_EQ(
        clinic("visit_time: 1 hour, longest_wait: 1 year"),
        (Said{"12:71 E0474 who comes to 'clinic' waits for a server, as long as it takes | give it a `capacity` in "
              "place of `servers`"}));
    EXPECT_EQ(clinic("visit_time: 1 hour, events: death"),
              (Said{"12:65 E0475 nobody is served by 'clinic' after death"}));
    EXPECT_EQ(clinic("visit_time: 0 year"), (Said{"12:49 E0445 the time of a visit to 'clinic' is 0 (it is above 0)"}));
    EXPECT_EQ(
        clinic("visit_times: constant"),
        (Said{"12:34 E0474 'clinic' has servers, and it is not said how long a visit takes | visit_time: 20 minutes"}));
}

TEST(network_messages, a_place_serves_what_it_may) {
    EXPECT_EQ(said("  - network: n\n"
                   "    complexity: [low, high]\n"
                   "    demands: { heart: { rate: 0.5 per year, complexity: high, to: { gp: 1 } } }\n"
                   "    places:\n"
                   "      gp: { stay: 1 month, to: { home: 0.5 } }\n"
                   "      home: { up_to: low }\n"),
              (Said{"10:57 E0473 demand 'heart' is of complexity 'high' and may come to 'home', which serves up to "
                    "'low'"}));
    EXPECT_EQ(said("  - network: n\n"
                   "    complexity: [low, high]\n"
                   "    demands: { heart: { rate: 0.5 per year, complexity: hihg, to: { gp: 1 } } }\n"
                   "    places: { gp: {} }\n"),
              (Said{"10:57 E0471 'hihg' is no level of complexity of network 'n' | did you mean 'high'?"}));
}

TEST(network_messages, a_demand_could_go_to_places_that_may_serve_it) {
    EXPECT_EQ(
        said("  - network: n\n"
             "    compare_with_cheapest: true\n"
             "    complexity: [low, high]\n"
             "    demands: { heart: { rate: 0.5 per year, complexity: high, to: { clinic: 1 }, could_go_to: [gp, "
             "clinik] } }\n"
             "    places:\n"
             "      clinic: {}\n"
             "      gp: { up_to: low, events: death }\n"),
        (Said{"11:96 E0473 demand 'heart' is of complexity 'high' and could not go to 'gp', which serves up to "
              "'low'",
              "11:100 E0470 a route from 'heart' leads to 'clinik', which is no place | did you mean 'clinic'?"}));
}

TEST(network_messages, keys_that_need_another) {
    EXPECT_EQ(said("  - network: n\n"
                   "    demands: { question: { rate: 0.5 per year, to: { gp: 1 } } }\n"
                   "    places:\n"
                   "      gp: { to: { clinic: 0.5 }, wait_at_start: 1 month, staff: { doctor: 1 } }\n"
                   "      clinic: { capacity: 3 per year, overflow_to: clinic }\n"),
              (Said{"11:19 E0474 visits to 'gp' go on, and it is not said after what time | stay: 6 weeks",
                    "11:49 E0474 nobody waits for 'gp', which has no capacity | capacity: 16000 per year",
                    "11:67 E0474 'doctor' is no profession of network 'n' | professions: { doctor: 1500 }",
                    "12:52 E0474 people go elsewhere when they would wait too long, and it is not said how long | "
                    "longest_wait: 6 months",
                    "12:52 E0474 people who cannot wait for a place cannot go to the same place"}));
    EXPECT_EQ(said("  - network: n\n"
                   "    demands: { question: { rate: 0.5, to: { gp: 1 }, choose: { gp: 0 } } }\n"
                   "    places: { gp: { capacity: 3 per year, capacity_per_resident: 1 per year } }\n")
                  .size(),
              2u);
}

}  // namespace
}  // namespace proeftuin
