// How people get their attributes and states when they enter.
#pragma once

#include <cstdint>
#include <span>

#include "engine/data/person_table.hpp"
#include "engine/data/population.hpp"
#include "engine/run/model.hpp"
#include "engine/run/reference_sample.hpp"
#include "engine/run/run_error.hpp"

namespace proeftuin {

/// The shares of a start distribution leave [0, 1] for somebody: a mistake of the input that shows only on people.
class StartError : public RunError {
public:
    using RunError::RunError;
};

/// Sets one node (attribute >= 0, process -1-i) for slots [first, first + count) by its start rule.
/// Uids and what the rule depends on must be set.
/// \throws StartError when probabilities leave [0, 1]; it names the first such person, whatever the number of threads
void initialise_node(const Model& model, Population& people, int node, std::size_t first, std::size_t count, RunKey key,
                     std::span<const double> scalars);
/// The same for all of a national sample, whose means rest on rare states with large effects. Draws of states and
/// categories are even: those of a stratum of n people are one in each n-th of (0, 1), in an order of their own for
/// every node, and the place in the n-th moves evenly from stratum to stratum. A state of a process that somebody
/// starts in with a probability below 1 % is drawn with 1 %, and the weight of the person changes by the ratio
/// (docs/methods/mortality.md).
void initialise_node(const Model& model, ReferencePeople& people, int node, std::size_t first, std::size_t count,
                     RunKey key, std::span<const double> scalars);

/// Attributes redrawn every year: their value for the calendar year `year`.
void redraw_yearly(const Model& model, Population& people, std::size_t first, std::size_t count, RunKey key,
                   std::span<const double> scalars, std::int64_t year);

/// Opens the clocks of people who enter, in their present states; timers count from `time` [years since the start].
void open_clocks(const Model& model, Population& people, std::size_t first, std::size_t count, RunKey key, double time);

/// The people of the start: uid = row number; given columns from `start`, the others by their rules; clocks open.
/// `start` may be null: then `number` people whose every attribute comes from its rule.
/// \throws StartError when a start probability leaves [0, 1]
Population make_start_population(const Model& model, const PersonTable* start, std::size_t number, RunKey key);

}  // namespace proeftuin
