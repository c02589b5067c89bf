// Loops over the chunks of a running simulation, for the files that implement it.
#pragma once

#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>

#include "engine/run/worker.hpp"

namespace proeftuin {

template <class Body>
void Simulation::in_arena(const Body& body) {
    tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                              std::max<std::size_t>(static_cast<std::size_t>(options_.threads), 1));
    tbb::task_arena arena(options_.threads);
    arena.execute(body);
}

template <class Body>
void Simulation::for_chunks(std::size_t first, std::size_t last, std::size_t chunk, const Body& body) {
    const std::size_t chunks = (last - first + chunk - 1) / chunk;
    const auto threads = static_cast<std::size_t>(options_.threads);
    while (workers_.size() < threads) workers_.push_back(std::make_unique<Worker>(*model_));
    in_arena([&] {
        tbb::parallel_for(
            tbb::blocked_range<std::size_t>(0, chunks, 1),
            [&](const tbb::blocked_range<std::size_t>& range) {
                Worker& w = *workers_[static_cast<std::size_t>(tbb::this_task_arena::current_thread_index())];
                for (std::size_t c = range.begin(); c < range.end(); ++c) {
                    const ChunkRange r{first + c * chunk, std::min(last, first + (c + 1) * chunk)};
                    w.columns.point_at(people_, r.begin);
                    body(w, r);
                }
            },
            tbb::simple_partitioner());
    });
}

}  // namespace proeftuin
