// The cheapest way to see cases at places, under their capacity and what each may be seen by.
#pragma once

#include <cstdint>
#include <vector>

namespace proeftuin::network {

struct AllocationProblem {
    std::vector<std::int64_t> cases;  ///< by demand
    std::vector<std::int64_t> capacity;  ///< by place: cases; negative: no limit
    std::vector<std::int64_t> cost;  ///< by place: of a case, at least 0
    std::vector<std::vector<std::size_t>> allowed;  ///< by demand: places that may see it
};

struct Allocation {
    std::int64_t cost = 0;  ///< of all that are seen
    std::int64_t unseen = 0;  ///< cases for which there is no capacity: as few as can be, before cost is looked at
};

/// Min-cost flow on whole cases: as many seen as can be, and of all ways to do that the cost of the cheapest. There may
/// be several such ways; the two numbers are the same for all.
Allocation cheapest_allocation(const AllocationProblem& problem);

}  // namespace proeftuin::network
