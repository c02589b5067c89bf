#include "models/network/allocation.hpp"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/successive_shortest_path_nonnegative_weights.hpp>
#include <numeric>

#include "engine/core/contracts.hpp"

namespace proeftuin::network {
namespace {

using Number = std::int64_t;
using Traits = boost::adjacency_list_traits<boost::vecS, boost::vecS, boost::directedS>;
using Graph = boost::adjacency_list<
    boost::vecS, boost::vecS, boost::directedS, boost::no_property,
    boost::property<boost::edge_capacity_t, Number,
                    boost::property<boost::edge_residual_capacity_t, Number,
                                    boost::property<boost::edge_reverse_t, Traits::edge_descriptor,
                                                    boost::property<boost::edge_weight_t, Number>>>>>;

void connect(Graph& graph, std::size_t from, std::size_t to, Number capacity, Number cost) {
    const auto there = boost::add_edge(from, to, graph).first, back = boost::add_edge(to, from, graph).first;
    boost::put(boost::edge_capacity, graph, there, capacity);
    boost::put(boost::edge_capacity, graph, back, 0);
    boost::put(boost::edge_weight, graph, there, cost);
    boost::put(boost::edge_weight, graph, back, -cost);
    boost::put(boost::edge_reverse, graph, there, back);
    boost::put(boost::edge_reverse, graph, back, there);
}

}  // namespace

Allocation cheapest_allocation(const AllocationProblem& p) {
    const std::size_t demands = p.cases.size(), places = p.capacity.size();
    PT_EXPECT(p.cost.size() == places && p.allowed.size() == demands);
    const Number all = std::accumulate(p.cases.begin(), p.cases.end(), Number{0});
    // To leave somebody unseen costs more than any way to see them, whomever that moves elsewhere.
    Number penalty = 1;
    for (const Number c : p.cost) penalty += c;
    const std::size_t first_place = 1 + demands, nowhere = first_place + places, sink = nowhere + 1;
    Graph graph(sink + 1);
    for (std::size_t d = 0; d < demands; ++d) {
        connect(graph, 0, 1 + d, p.cases[d], 0);
        for (const std::size_t place : p.allowed[d]) connect(graph, 1 + d, first_place + place, p.cases[d], 0);
        connect(graph, 1 + d, nowhere, p.cases[d], penalty);
    }
    for (std::size_t k = 0; k < places; ++k)
        connect(graph, first_place + k, sink, p.capacity[k] < 0 ? all : std::min(p.capacity[k], all), p.cost[k]);
    connect(graph, nowhere, sink, all, 0);
    boost::successive_shortest_path_nonnegative_weights(graph, 0, sink);
    Allocation out;
    for (auto [e, end] = boost::edges(graph); e != end; ++e) {
        if (boost::target(*e, graph) != sink) continue;
        const Number flow =
            boost::get(boost::edge_capacity, graph, *e) - boost::get(boost::edge_residual_capacity, graph, *e);
        const std::size_t from = boost::source(*e, graph);
        if (from == nowhere)
            out.unseen = flow;
        else
            out.cost += flow * p.cost[from - first_place];
    }
    return out;
}

}  // namespace proeftuin::network
