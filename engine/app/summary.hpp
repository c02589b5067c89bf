// The summary that a scenario declares, checked against its measures and resolved for the results file.
#pragma once

#include "engine/config/diagnostic.hpp"
#include "engine/run/model.hpp"
#include "models/scenario.hpp"
#include "output/summary_spec.hpp"

namespace proeftuin::app {

/// Sections, lines and notes with every name checked; mistakes go to the sink, lines with one are left out.
/// Empty when the scenario declares no summary. A note says so where each of the `simulated` people stands for more.
output::Summary resolve_summary(const models::LoadedScenario& scenario, const Model& model, double stands_for,
                                std::size_t simulated, DiagnosticSink& sink);

}  // namespace proeftuin::app
