// What measures take of people at a point in time: on the first of January, or where a cycle ends.
#pragma once

#include "engine/run/worker.hpp"

namespace proeftuin {

/// People that are taken at a time: measure after measure goes over all of them, so that its cells come to the nearest
/// cache once.
inline constexpr std::size_t points_block = 4 * people_block;

/// Sets age and timers to time `at` [years since the start], and moving attributes to their value now.
void set_exact_time(const Model& model, ChunkColumns& columns, std::size_t people, double at);
/// The same for what is evaluated of the people at hand, until the worker turns to others; nothing is written to them.
void show_exact_time(const Model& model, Simulation::Worker& worker, std::size_t people, double at);

/// What a program reads of what set_exact_time sets.
struct TimeRead {
    bool any = false;
    std::vector<const Timer*> timers = {};
    std::vector<const Fade*> fades = {};
};
TimeRead time_read_by(const Model& model, const Program& program);
/// As above, for a program that reads no more than this.
void show_exact_time(const Model& model, Simulation::Worker& worker, const TimeRead& read, std::size_t people,
                     double at);

/// Whether a program depends on anything that set_exact_time sets.
bool depends_on_time(const Model& model, const Program& program);

/// Adds what `point` takes of the people at hand, at most points_block of them, to the sums of the worker. Once all
/// were at hand, finish_points adds what it has put off.
void take_points(const Model& model, Simulation::Worker& worker, const PointProgram& point, std::size_t people,
                 const double* scalars, double at);
void finish_points(const Model& model, Simulation::Worker& worker, const PointProgram& point, double at);

}  // namespace proeftuin
