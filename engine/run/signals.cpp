// Signals between two steps.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

#include "engine/run/accrual.hpp"
#include "engine/run/run_error.hpp"
#include "engine/run/worker.hpp"

namespace proeftuin {
namespace {

constexpr double most_servers = 1e6;

}  // namespace

void Simulation::serve_queues() {
    const Model& m = *model_;
    if (m.queues.empty()) return;
    std::vector<Visit> visits;
    for (auto& w : workers_) {
        visits.insert(visits.end(), w->visits.begin(), w->visits.end());
        w->visits.clear();
    }
    std::sort(visits.begin(), visits.end(), [](const Visit& a, const Visit& b) {
        return std::tie(a.at, a.uid, a.transition) < std::tie(b.at, b.uid, b.transition);
    });
    const double length = 1.0 / m.ticks_per_year;
    served_.clear();
    for (std::size_t q = 0; q < m.queues.size(); ++q) {
        const Queue& queue = m.queues[q];
        std::vector<Visitor> visitors;
        for (const Visit& v : visits) {
            const auto found = queue.priority_of.find(v.transition);
            if (found == queue.priority_of.end()) continue;
            const auto& site = service_sites_[static_cast<std::size_t>(v.transition)];
            const double length_of_visit =
                queue.service * (queue.constant ? 1.0 : unit_exponential(site, v.uid, v.occurrence));
            visitors.push_back({begin() + v.at, v.uid, length_of_visit, found->second});
        }
        const double servers = signals_[static_cast<std::size_t>(queue.servers)];
        if (!(servers >= 0.0 && servers <= most_servers))
            throw RunError({Severity::error,
                            "E0446",
                            fmt::format("in {} (step {}): '{}' has {} servers (0 to {:.0f})",
                                        static_cast<int>(m.start_year) + tick_ / m.ticks_per_year, tick_, queue.name,
                                        servers, most_servers),
                            queue.where,
                            {},
                            {},
                            {}});
        auto served =
            queues_[q].serve(visitors, begin(), begin() + length, static_cast<std::size_t>(std::floor(servers + 1e-9)));
        ServerQueue::Served all;
        for (const auto& [priority, some] : served) all += some;
        served_.push_back(all);
        for (const std::int64_t priority : queue.priorities) served_.push_back(served[priority]);
    }
}

void Simulation::change_signals() {
    const Model& m = *model_;
    if (m.signals.empty()) return;
    const double length = 1.0 / m.ticks_per_year, end = begin();
    std::vector<double> scalars{m.start_year + end, end};
    scalars.insert(scalars.end(), signals_.begin(), signals_.end());
    const std::size_t volumes = scalars.size();
    scalars.resize(volumes + m.measures.size(), 0.0);
    for (const ServerQueue::Served& served : served_) {
        const auto visits = static_cast<double>(served.visits), waiting = static_cast<double>(served.waiting);
        // Where nobody was served, those who wait tell how long that is.
        const double wait = served.visits > 0    ? served.waited / visits
                            : served.waiting > 0 ? served.waiting_for / waiting
                                                 : 0.0;
        const double delayed = served.visits > 0 ? static_cast<double>(served.delayed) / visits : 0.0;
        scalars.insert(scalars.end(), {visits / length, wait, waiting, delayed});
    }
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
            throw RunError(
                {Severity::error,
                 "E0446",
                 fmt::format("in {} (step {}): signal '{}' becomes {}",
                             static_cast<int>(m.start_year) + (tick_ - 1) / m.ticks_per_year, tick_, m.signals[k].name,
                             next[k]),
                 m.signals[k].where,
                 {},
                 {},
                 "something is divided by 0: the capacity of a place where people wait, or a number of people"});
        signal_history_[k].push_back(signals_[k]);
    }
    signals_ = std::move(next);
}

}  // namespace proeftuin
