// A place that serves people one by one, in the order of the exact time at which they come.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <vector>

namespace proeftuin {

/// Somebody who comes to a place. Times in years since the start of the run.
struct Visitor {
    double at;
    std::uint64_t uid;
    double service;  ///< that the visit takes
    std::int64_t priority;  ///< the lowest is served first
};

/// Servers, each with one visitor at a time, who is not sent away for another; of those who wait the lowest priority
/// comes first, within it who came first. Whoever leaves the region or dies while waiting keeps the place.
class ServerQueue {
public:
    /// What happened in a step.
    struct Served {
        std::int64_t visits = 0;  ///< that began
        std::int64_t delayed = 0;  ///< of them, after a wait
        double waited = 0.0;  ///< by all of them together [years]
        std::int64_t waiting = 0;  ///< at the end of the step
        double waiting_for = 0.0;  ///< they, so far, together [years]

        Served& operator+=(const Served& other);
    };
    using ByPriority = std::map<std::int64_t, Served>;

    /// Goes on from `begin` to `end`. Fewer servers than before: those who are free first leave, after their visit.
    /// \pre visitors in order of time and uid, from this step
    ByPriority serve(std::span<const Visitor> visitors, double begin, double end, std::size_t servers);

    struct State {
        std::vector<double> free_at;  ///< of each server, ascending
        std::vector<Visitor> waiting;  ///< by priority, then in their order
    };
    State state() const;
    void restore(const State& state);

private:
    void set_servers(std::size_t servers, double now);
    void begin_visit(const Visitor& visitor, double at, ByPriority& served);

    std::vector<double> free_at_;  ///< a heap, the first to be free on top
    std::map<std::int64_t, std::deque<Visitor>> waiting_;  ///< by priority, none of them empty
};

}  // namespace proeftuin
