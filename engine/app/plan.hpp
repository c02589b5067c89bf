// What a scenario will do, in which order, as text or as a graph.
#pragma once

#include <string>

#include "engine/app/session.hpp"

namespace proeftuin::app {

/// Order of a step, processes with their transitions, clocks, measures, sizes of programs.
std::string plan_text(const Prepared& prepared);
/// The same as JSON.
std::string plan_json(const Prepared& prepared);
/// Processes with states and transitions as a Graphviz graph.
std::string plan_dot(const Prepared& prepared);

}  // namespace proeftuin::app
