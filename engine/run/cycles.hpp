// Processes with probabilities per cycle: a chunk of people through the end of one cycle.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/random/draw.hpp"
#include "engine/run/worker.hpp"

namespace proeftuin {

struct Cycle {
    bool shows_time = true;  ///< whether anything that is evaluated depends on age or time
    double end = 0.0;  ///< years since the start
    std::uint64_t number = 0;  ///< which one it is: what draws hang on
    const double* scalars = nullptr;  ///< of its begin
};

/// Whether anything that is evaluated at the end of a cycle of the process depends on age or time.
bool cycle_depends_on_time(const Model& model, const Process& process);

/// Moves the people at hand, at most people_block of them, to the states they are in after the cycle, and records what
/// happens. \param choice the draw of the process \param fatal those of its events, by transition of the model
void end_cycle(const Model& model, Simulation::Worker& worker, const Process& process, const Cycle& cycle,
               const DrawSite& choice, const std::vector<DrawSite>& fatal, std::size_t people);

}  // namespace proeftuin
