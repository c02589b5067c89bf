// Questions about the graphs of a model: states of a process, definitions that need each other.
#pragma once

#include <string>
#include <vector>

namespace proeftuin {

/// reach[a][b]: a path of one or more edges leads from a to b.
std::vector<std::vector<bool>> reachable(int vertices, const std::vector<std::pair<int, int>>& edges);

/// Vertices in an order in which every edge (before, after) holds; empty when there is a cycle.
/// Among free vertices the smallest number goes first, so the order is a property of the model.
std::vector<int> ordered(int vertices, const std::vector<std::pair<int, int>>& edges);

/// A cycle as the list of its vertices (first repeated at the end); empty when there is none.
std::vector<int> find_cycle(int vertices, const std::vector<std::pair<int, int>>& edges);

}  // namespace proeftuin
