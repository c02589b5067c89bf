// How far a run is from the cheapest way to see the people who needed it.
#pragma once

#include "engine/run/model.hpp"
#include "engine/run/results.hpp"
#include "models/network/network.hpp"

namespace proeftuin::network {

/// Fills the measures that `compare_with_cheapest` announces, year by year, from the others of the same run; does
/// nothing for a network that does not ask for it.
void hold_against_cheapest(const Drawn& network, const Model& model, RunResults& results);

}  // namespace proeftuin::network
