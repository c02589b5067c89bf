// Signals between two steps.
#include <fmt/format.h>

#include <cmath>
#include <numeric>

#include "engine/run/accrual.hpp"
#include "engine/run/run_error.hpp"
#include "engine/run/simulation.hpp"

namespace proeftuin {

void Simulation::change_signals() {
    const Model& m = *model_;
    if (m.signals.empty()) return;
    const double length = 1.0 / m.ticks_per_year, end = begin();
    std::vector<double> scalars{m.start_year + end, end};
    scalars.insert(scalars.end(), signals_.begin(), signals_.end());
    const std::size_t volumes = scalars.size();
    scalars.resize(volumes + m.measures.size(), 0.0);
    for (std::size_t k = 0; k < m.observed.size(); ++k) {
        const auto measure = static_cast<std::size_t>(m.observed[k]);
        const MeasureSums& sums = sums_[measure];
        const Observed now{std::accumulate(sums.sum.begin(), sums.sum.end(), std::int64_t{0}),
                           std::accumulate(sums.weight.begin(), sums.weight.end(), std::int64_t{0})};
        const double amount = static_cast<double>(now.sum - observed_[k].sum) * m.measures[measure].quantum;
        const double time = static_cast<double>(now.weight - observed_[k].weight) * time_quantum;
        if (m.measures[measure].is_mean)
            scalars[volumes + measure] = time > 0.0 ? amount / time : 0.0;
        else
            scalars[volumes + measure] = amount * m.stands_for / length;
        observed_[k] = now;
    }
    std::vector<double> next(m.signals.size());
    std::vector<double*> out;
    for (double& x : next) out.push_back(&x);
    EvaluationScratch scratch;
    m.next_signals.run({nullptr, scalars.data(), nullptr, 1}, scratch, out.data());
    for (std::size_t k = 0; k < next.size(); ++k) {
        if (!std::isfinite(next[k]))
            throw RunError({Severity::error,
                            "E0446",
                            fmt::format("in {} (step {}): signal '{}' becomes {}",
                                        static_cast<int>(m.start_year) + (tick_ - 1) / m.ticks_per_year, tick_,
                                        m.signals[k].name, next[k]),
                            m.signals[k].where,
                            {},
                            {},
                            {}});
        signal_history_[k].push_back(signals_[k]);
    }
    signals_ = std::move(next);
}

}  // namespace proeftuin
