#include "engine/run/model_graph.hpp"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/depth_first_search.hpp>
#include <boost/graph/strong_components.hpp>
#include <boost/graph/topological_sort.hpp>
#include <boost/graph/transitive_closure.hpp>
#include <queue>

namespace proeftuin {
namespace {

using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;

Graph make_graph(int vertices, const std::vector<std::pair<int, int>>& edges) {
    Graph graph(static_cast<std::size_t>(vertices));
    for (const auto& [a, b] : edges) boost::add_edge(static_cast<std::size_t>(a), static_cast<std::size_t>(b), graph);
    return graph;
}

struct CycleFinder : boost::default_dfs_visitor {
    std::vector<int>* parent;
    std::pair<int, int>* back;
    CycleFinder(std::vector<int>* p, std::pair<int, int>* b) : parent{p}, back{b} {}
    template <class Edge, class G>
    void tree_edge(Edge e, const G& g) {
        (*parent)[boost::target(e, g)] = static_cast<int>(boost::source(e, g));
    }
    template <class Edge, class G>
    void back_edge(Edge e, const G& g) {
        if (back->first < 0) *back = {static_cast<int>(boost::source(e, g)), static_cast<int>(boost::target(e, g))};
    }
};

}  // namespace

std::vector<std::vector<bool>> reachable(int vertices, const std::vector<std::pair<int, int>>& edges) {
    const Graph graph = make_graph(vertices, edges);
    const auto n = static_cast<std::size_t>(vertices);
    std::vector<std::vector<bool>> reach(n, std::vector<bool>(n, false));
    if (vertices == 0) return reach;
    boost::adjacency_list<> closure;
    boost::transitive_closure(graph, closure);
    for (auto [e, end] = boost::edges(closure); e != end; ++e)
        reach[boost::source(*e, closure)][boost::target(*e, closure)] = true;
    return reach;
}

std::vector<int> ordered(int vertices, const std::vector<std::pair<int, int>>& edges) {
    std::vector<std::vector<int>> next(static_cast<std::size_t>(vertices));
    std::vector<int> waiting(static_cast<std::size_t>(vertices), 0);
    for (const auto& [a, b] : edges) {
        next[static_cast<std::size_t>(a)].push_back(b);
        ++waiting[static_cast<std::size_t>(b)];
    }
    std::priority_queue<int, std::vector<int>, std::greater<>> ready;
    for (int v = 0; v < vertices; ++v)
        if (waiting[static_cast<std::size_t>(v)] == 0) ready.push(v);
    std::vector<int> order;
    while (!ready.empty()) {
        const int v = ready.top();
        ready.pop();
        order.push_back(v);
        for (const int w : next[static_cast<std::size_t>(v)])
            if (--waiting[static_cast<std::size_t>(w)] == 0) ready.push(w);
    }
    if (static_cast<int>(order.size()) != vertices) order.clear();
    return order;
}

std::vector<int> find_cycle(int vertices, const std::vector<std::pair<int, int>>& edges) {
    const Graph graph = make_graph(vertices, edges);
    std::vector<int> parent(static_cast<std::size_t>(vertices), -1);
    std::pair<int, int> back{-1, -1};
    boost::depth_first_search(graph, boost::visitor(CycleFinder(&parent, &back)));
    if (back.first < 0) return {};
    std::vector<int> path{back.second};
    for (int v = back.first; v != back.second && v >= 0; v = parent[static_cast<std::size_t>(v)])
        path.insert(path.begin() + 1, v);
    path.push_back(back.second);
    return path;
}

}  // namespace proeftuin
