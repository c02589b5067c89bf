// The keys of a network.
#include "models/network/network.hpp"

namespace proeftuin::network {
namespace {

Schema<PlaceEntry> place_schema() {
    Schema<PlaceEntry> s("place", "Where care is given: a practice, a clinic, a ward, a home, a screen.");
    s.optional("doc", &PlaceEntry::doc, text(), "What it is.");
    s.optional("stay", &PlaceEntry::stay, expression(),
               "Mean time from the visit until it is clear what follows; in it the person has no other case of the "
               "same demand.",
               "6 weeks")
        .default_is("nothing follows")
        .unit_is("year");
    s.optional("to", &PlaceEntry::to, map_of(expression()), "Places where visits lead to, with their share.",
               "{ clinic: 0.28 }")
        .unit_is("1");
    s.optional("events", &PlaceEntry::events, list_or_single(located(text())),
               "Transitions of other models that are visits here.", "heart_failure.admission");
    s.optional("up_to", &PlaceEntry::up_to, located(name()), "Highest level of complexity that it may serve.", "low")
        .default_is("all");
    s.optional("capacity", &PlaceEntry::capacity, expression(),
               "Visits a year that it can do, of the region: numbers, parameters and `year`.", "16000 per year")
        .default_is("no limit, no queue")
        .unit_is("per year");
    s.optional("capacity_per_resident", &PlaceEntry::capacity_per_resident, expression(),
               "The same for each resident, so that it moves with their number.", "0.0945 per year")
        .unit_is("per year");
    s.optional(
         "servers", &PlaceEntry::servers, expression(),
         "How many are served at the same time: the place then serves one by one, in order of exact time. Numbers, "
         "parameters and `year`; a part of a server does not count.",
         "10")
        .unit_is("1");
    s.optional("visit_time", &PlaceEntry::visit_time, expression(),
               "Mean time that a visit takes a server: numbers and parameters.", "20 minutes")
        .unit_is("year");
    s.optional("visit_times", &PlaceEntry::same_time, one_of<bool>({{"exponential", false}, {"constant", true}}),
               "How the times of visits differ.", "constant")
        .default_is("exponential");
    s.optional("wait_at_start", &PlaceEntry::wait_at_start, expression(), "Time to a visit in the first step.",
               "5 weeks")
        .default_is("0")
        .unit_is("year");
    s.optional("longest_wait", &PlaceEntry::longest_wait, expression(),
               "Who would wait longer goes to `overflow_to`, or elsewhere when that is not given.", "6 months")
        .unit_is("year");
    s.optional("overflow_to", &PlaceEntry::overflow_to, located(name()),
               "Place that serves those who would wait longer than `longest_wait`, one step later.", "clinic");
    s.optional("staff", &PlaceEntry::staff, map_of(expression()),
               "Hours of a visit by profession; a person's own characteristics may be in it.", "{ gp: 0.17 }")
        .unit_is("1");
    s.optional("costs", &PlaceEntry::costs, map_of(expression()), "Cost of a visit by category of care.",
               "{ hospital: 264 EUR }")
        .unit_is("EUR");
    s.optional("needs", &PlaceEntry::needs, map_of(expression()), "Units of services of the care entry in a visit.")
        .unit_is("1");
    s.at_most_one_of({"capacity", "capacity_per_resident", "servers"});
    return s;
}

Schema<DemandEntry> demand_schema() {
    Schema<DemandEntry> s("demand", "What people come with, one at a time.");
    s.optional("doc", &DemandEntry::doc, text(), "What it is.");
    s.required("rate", &DemandEntry::rate, expression(), "How often per person-year.", "0.1 per year")
        .unit_is("per year");
    s.optional("complexity", &DemandEntry::complexity, located(name()), "Level of complexity.", "low")
        .default_is("the lowest");
    s.optional("priority", &DemandEntry::priority, integer(1, 9), "Who is served first where people wait: 1, then 2.")
        .default_is("1");
    s.optional("to", &DemandEntry::to, map_of(expression()),
               "Places with the share that each gets: by clinical rule, incentive, programme or wait. What is left of "
               "1 stays without care here.",
               "{ gp: 0.9, clinic: 0.1 }")
        .unit_is("1");
    s.optional("choose", &DemandEntry::choose, map_of(expression()),
               "Places with their utility U to the person, by distance, own payment or wait: each gets the share "
               "exp(U) of the sum of exp(U).",
               "{ clinic: -0.1 * distance_km, pcplus: 0.5 }")
        .unit_is("1");
    s.optional("could_go_to", &DemandEntry::could_go_to, list_or_single(located(name())),
               "Places besides these that may see it; for `compare_with_cheapest`.", "[pcplus]");
    s.optional("needed", &DemandEntry::needed, expression(),
               "Share of the cases for which care is needed at all, on every route the same; for "
               "`compare_with_cheapest`.",
               "0.9")
        .default_is("1")
        .unit_is("1");
    s.exactly_one_of({"to", "choose"});
    return s;
}

}  // namespace

Schema<NetworkEntry> network_schema() {
    Schema<NetworkEntry> s(
        "network",
        "Demand for care, the places that serve it, the routes between them, and their capacity. Each "
        "demand is a process of its name; of a place PLACE the measure PLACE_arrivals and, where it "
        "has a capacity, the signals PLACE_capacity, PLACE_wait, PLACE_waiting_list and PLACE_visits; where it has "
        "servers, PLACE_servers "
        "and PLACE_delayed in place of the first.");
    s.entry_kind("network");
    s.optional("format", &NetworkEntry::format, integer(1, 1), "Version of the language.", "1");
    s.required("network", &NetworkEntry::name, located(name()), "Name.", "low_complex_care");
    s.optional("doc", &NetworkEntry::doc, text(), "What it is.");
    s.optional("complexity", &NetworkEntry::complexity, list_of(located(name())),
               "Levels of complexity, the lowest first.", "[low, high]");
    s.required("demands", &NetworkEntry::demands, map_of(object(demand_schema())), "Demands by name.");
    s.required("places", &NetworkEntry::places, map_of(object(place_schema())), "Places by name.");
    s.optional("professions", &NetworkEntry::professions, map_of(expression()),
               "Hours that one full-time worker works in a year, by profession; gives PROFESSION_fte.", "{ gp: 1500 }")
        .unit_is("1");
    s.optional("by", &NetworkEntry::by, list_or_single(located(name())),
               "Groups, processes or categories by which visits and staff are recorded.", "[sex]");
    s.optional(
         "compare_with_cheapest", &NetworkEntry::compare_with_cheapest, boolean(),
         "Whether each year is held against the cheapest way to see all for whom care is needed, under the "
         "capacity of places: NETWORK_cost, NETWORK_cheapest_cost, NETWORK_unneeded_visits (over-use), "
         "NETWORK_dearer_visits (at a dearer place than needed), NETWORK_unmet (who need care and come nowhere) and "
         "NETWORK_beyond_capacity (whom the places cannot see in any way). Not together with `overflow_to`.")
        .default_is("false");
    s.optional("parameters", &NetworkEntry::parameters,
               map_of(raw_node("parameter", R"({"$ref": "#/definitions/parameter"})")),
               "Numbers with unit and source that expressions use.");
    return s;
}

}  // namespace proeftuin::network
