// The kind `network`: where demand for care arises, the places that serve it, the routes between them and their
// capacity.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/config/schema.hpp"
#include "engine/run/model_spec.hpp"

namespace proeftuin::network {

struct PlaceEntry {
    std::string doc;
    std::optional<LocatedText> stay;
    std::vector<MapItem<LocatedText>> to;  ///< shares of the visits that go on
    std::vector<Located<std::string>> events;  ///< of other models, that are visits here
    std::optional<Located<std::string>> up_to;  ///< level of complexity
    std::optional<LocatedText> capacity;
    std::optional<LocatedText> capacity_per_resident;
    std::optional<LocatedText> servers;
    std::optional<LocatedText> visit_time;
    bool same_time = false;  ///< every visit takes `visit_time`
    std::optional<LocatedText> wait_at_start;
    std::optional<LocatedText> longest_wait;
    std::optional<Located<std::string>> overflow_to;
    std::vector<MapItem<LocatedText>> staff;  ///< by profession: hours of a visit
    std::vector<MapItem<LocatedText>> costs;  ///< by category: of a visit
    std::vector<MapItem<LocatedText>> needs;  ///< by service: units of a visit
};

struct DemandEntry {
    std::string doc;
    LocatedText rate;
    std::optional<Located<std::string>> complexity;
    long long priority = 1;
    std::vector<MapItem<LocatedText>> to;  ///< shares
    std::vector<MapItem<LocatedText>> choose;  ///< utilities, of a logit
    std::vector<Located<std::string>> could_go_to;  ///< places besides these
    std::optional<LocatedText> needed;  ///< share of the cases
};

struct NetworkEntry {
    Located<std::string> name;
    std::string doc;
    std::vector<Located<std::string>> complexity;  ///< levels, the lowest first
    std::vector<MapItem<DemandEntry>> demands;
    std::vector<MapItem<PlaceEntry>> places;
    std::vector<MapItem<LocatedText>> professions;  ///< hours that one works a year
    std::vector<Located<std::string>> by;
    bool compare_with_cheapest = false;
    std::vector<MapItem<Node>> parameters;  ///< read elsewhere
    long long format = 1;
};

Schema<NetworkEntry> network_schema();

/// Names of the measures from which the cheapest way to see everybody follows, and of those that then tell of it.
struct Cheapest {
    struct Demand {
        std::string cases, needed;  ///< measures: all, and those for which care is needed
        std::vector<std::pair<std::size_t, std::string>> visits;  ///< first visits by place
        std::vector<std::size_t> allowed;  ///< places that may see it
    };
    struct Place {
        std::string name;
        std::string all;  ///< measure: expected number of visits, those of other models among them
        std::string arrivals;  ///< measure: the same, of the demands
        std::string drawn;  ///< measure: visits
        std::string cost;  ///< measure: of these visits; empty where they cost nothing
        std::string capacity;  ///< signal; empty where there is no limit
        bool one_by_one = false;  ///< the signal is of servers
        std::vector<std::pair<std::size_t, std::string>> onward;  ///< place -> measure of visits that follow there
    };
    std::vector<Demand> demands;
    std::vector<Place> places;
    std::string cost, cheapest_cost, unneeded, dearer, unmet, beyond_capacity;
};

/// A network as a picture shows it, and what it records under names of its own.
struct Drawn {
    struct Node {
        std::string name;
        bool is_place = true;
        bool has_capacity = false;
    };
    struct Route {
        std::size_t from, to;  ///< indexes of `nodes`
        std::string share;
        bool overflow = false;
    };
    std::string name;
    std::vector<Node> nodes;  ///< demands, then places
    std::vector<Route> routes;
    std::vector<std::pair<std::string, std::string>> visits;  ///< place -> measure
    std::vector<std::pair<std::string, std::string>> staff;  ///< profession -> measure
    std::optional<Cheapest> cheapest;  ///< where it is asked for
};

/// Adds the network to the model: a process for each demand, measures of visits and staff, and for each place with a
/// capacity the signals of its queue; costs and needs go to `contributions`. What does not fit together is reported
/// with its place.
Drawn lower(const NetworkEntry& entry, ModelSpec& model, Contributions& contributions, DiagnosticSink& sink);

}  // namespace proeftuin::network
