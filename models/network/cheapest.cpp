#include "models/network/cheapest.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "engine/core/contracts.hpp"
#include "engine/run/accrual.hpp"
#include "models/network/allocation.hpp"

namespace proeftuin::network {
namespace {

/// Most of the visits to a place that others follow on.
constexpr double most_follow = 0.95;

class Account {
public:
    Account(const Cheapest& asked, const Model& model, RunResults& results)
        : asked_{asked}, model_{model}, results_{results} {}

    void run() {
        for (int year = 0; year < model_.years; ++year) one_year(year);
    }

private:
    std::size_t index(const std::string& name) const {
        for (std::size_t k = 0; k < model_.measures.size(); ++k)
            if (model_.measures[k].name == name) return k;
        PT_EXPECT(false);
        return 0;
    }

    /// What a measure had in a year, of the whole region.
    double amount(const std::string& name, int year) const {
        const std::size_t k = index(name);
        const MeasureSums& m = results_.measures[k];
        const auto* first = m.sum.data() + static_cast<std::size_t>(year) * static_cast<std::size_t>(m.cells);
        return static_cast<double>(std::accumulate(first, first + m.cells, std::int64_t{0})) *
               model_.measures[k].quantum * model_.stands_for;
    }

    void put(const std::string& name, int year, double value) {
        const std::size_t k = index(name);
        results_.measures[k].sum[static_cast<std::size_t>(year)] =
            nearest_integer(value / model_.stands_for / model_.measures[k].quantum);
    }

    /// Visits that a place can do in a year; negative: no limit.
    double capacity(const Cheapest::Place& place, int year) const {
        if (place.capacity.empty()) return -1.0;
        for (std::size_t k = 0; k < model_.signals.size(); ++k) {
            if (model_.signals[k].name != place.capacity) continue;
            const auto& history = results_.signals[k];
            const auto first = history.begin() + static_cast<std::ptrdiff_t>(year) * model_.ticks_per_year;
            const double mean = std::accumulate(first, first + model_.ticks_per_year, 0.0) / model_.ticks_per_year;
            if (!place.one_by_one) return mean;
            for (const Queue& q : model_.queues)
                if (q.name == place.name) return mean / q.service;
        }
        return -1.0;
    }

    /// Mean of the visits drawn in a year; where there are none, of those of the whole run; NaN where it is not known.
    double cost_of_visit(const Cheapest::Place& place, int year) const {
        if (place.cost.empty()) return 0.0;
        if (const double seen = amount(place.drawn, year); seen > 0.0) return amount(place.cost, year) / seen;
        double cost = 0.0, seen = 0.0;
        for (int y = 0; y < model_.years; ++y) cost += amount(place.cost, y), seen += amount(place.drawn, y);
        return seen > 0.0 ? cost / seen : std::numeric_limits<double>::quiet_NaN();
    }

    void one_year(int year) {
        const std::size_t places = asked_.places.size();
        std::vector<double> come(places), each(places), whole(places), onward_into(places, 0.0);
        std::vector<bool> known(places);
        std::vector<std::vector<double>> onward(places, std::vector<double>(places, 0.0));
        double cost = 0.0;
        for (std::size_t p = 0; p < places; ++p) {
            const Cheapest::Place& place = asked_.places[p];
            come[p] = amount(place.arrivals, year);
            each[p] = cost_of_visit(place, year);
            known[p] = come[p] > 0.0 && !std::isnan(each[p]);
            if (!known[p]) each[p] = 0.0;
            cost += come[p] * each[p];
            for (const auto& [q, measure] : place.onward) {
                const double visits = amount(measure, year);
                onward_into[q] += visits;
                onward[p][q] = come[p] > 0.0 ? visits / come[p] : 0.0;
            }
            // Where fewer come than did, visits that follow on earlier ones may be more than those who come.
            const double follow = std::accumulate(onward[p].begin(), onward[p].end(), 0.0);
            for (double& share : onward[p]) share *= follow > most_follow ? most_follow / follow : 1.0;
        }
        // What a case costs that begins at a place: with the visits that follow, as often as they did.
        whole = each;
        for (int round = 0; round < 1000; ++round) {
            double change = 0.0;
            for (std::size_t p = 0; p < places; ++p) {
                double sum = each[p];
                for (std::size_t q = 0; q < places; ++q) sum += onward[p][q] * whole[q];
                change = std::max(change, std::fabs(sum - whole[p]));
                whole[p] = sum;
            }
            if (change < 1e-9) break;
        }
        AllocationProblem problem;
        for (std::size_t p = 0; p < places; ++p) {
            const double room = capacity(asked_.places[p], year);
            const double others = amount(asked_.places[p].all, year) - come[p];
            problem.capacity.push_back(room < 0.0 ? -1
                                                  : nearest_integer(std::max(0.0, room - onward_into[p] - others)));
            problem.cost.push_back(nearest_integer(std::max(0.0, whole[p]) * 100.0));
        }
        double unneeded = 0.0, dearer = 0.0, unmet = 0.0;
        for (const Cheapest::Demand& demand : asked_.demands) {
            const double cases = amount(demand.cases, year), needed = amount(demand.needed, year);
            const double share = cases > 0.0 ? needed / cases : 0.0;
            problem.cases.push_back(nearest_integer(needed));
            problem.allowed.emplace_back();
            double least = std::numeric_limits<double>::infinity();
            for (const std::size_t p : demand.allowed) {
                if (!known[p]) continue;
                problem.allowed.back().push_back(p);
                least = std::min(least, whole[p]);
            }
            double seen = 0.0;
            for (const auto& [p, measure] : demand.visits) {
                const double visits = amount(measure, year);
                seen += visits;
                if (whole[p] > least + 0.005) dearer += visits * share;
            }
            unneeded += seen * (1.0 - share);
            unmet += std::max(0.0, needed - seen * share);
        }
        const Allocation cheapest = cheapest_allocation(problem);
        put(asked_.cost, year, cost);
        put(asked_.cheapest_cost, year, static_cast<double>(cheapest.cost) / 100.0);
        put(asked_.unneeded, year, unneeded);
        put(asked_.dearer, year, dearer);
        put(asked_.unmet, year, unmet);
        put(asked_.beyond_capacity, year, static_cast<double>(cheapest.unseen));
    }

    const Cheapest& asked_;
    const Model& model_;
    RunResults& results_;
};

}  // namespace

void hold_against_cheapest(const Drawn& network, const Model& model, RunResults& results) {
    if (network.cheapest) Account(*network.cheapest, model, results).run();
}

}  // namespace proeftuin::network
