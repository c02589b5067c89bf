// Loops over the chunks of a running simulation, for the files that implement it.
#pragma once

#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <optional>

#include "engine/run/worker.hpp"

namespace proeftuin {

/// Kept from loop to loop, for to gather the threads takes about a tenth of a millisecond.
struct Simulation::Threads {
    explicit Threads(int n) : arena(n) {
        // More threads than the machine has must be allowed.
        if (n > tbb::this_task_arena::max_concurrency())
            allowed.emplace(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(n));
    }
    std::optional<tbb::global_control> allowed;
    tbb::task_arena arena;
};

template <class Body>
void Simulation::in_arena(const Body& body) {
    if (!threads_) threads_ = std::make_unique<Threads>(options_.threads);
    threads_->arena.execute(body);
}

template <class Body>
void Simulation::for_chunks(std::size_t first, std::size_t last, std::size_t chunk, const Body& body) {
    const auto threads = static_cast<std::size_t>(options_.threads);
    while (workers_.size() < threads) workers_.push_back(std::make_unique<Worker>(*model_));
    ranges_.clear();
    for (std::size_t begin = first; begin < last; begin = ranges_.back().end) {
        std::size_t people = chunk;
        // Smaller ones at the end, so that no thread waits long for the last.
        if (options_.chunk == 0 && threads > 1)
            people = std::clamp((last - begin) / (2 * threads) / people_block * people_block, people_block, chunk);
        ranges_.push_back({begin, std::min(last, begin + people)});
    }
    std::atomic<std::size_t> next{0};
    in_arena([&] {
        tbb::parallel_for(
            tbb::blocked_range<std::size_t>(0, threads, 1),
            [&](const tbb::blocked_range<std::size_t>&) {
                Worker& w = *workers_[static_cast<std::size_t>(tbb::this_task_arena::current_thread_index())];
                while (true) {
                    const std::size_t c = next.fetch_add(1, std::memory_order_relaxed);
                    if (c >= ranges_.size()) return;
                    w.columns.point_at(people_, ranges_[c].begin);
                    body(w, ranges_[c]);
                }
            },
            tbb::simple_partitioner());
    });
}

}  // namespace proeftuin
