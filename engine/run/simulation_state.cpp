// The state of a simulation between two steps, as a checkpoint and back.
#include <fmt/format.h>

#include <algorithm>

#include "engine/core/errors.hpp"
#include "engine/run/worker.hpp"

namespace proeftuin {
namespace {

/// Calls `body` with a value of the type of the column.
template <class Body>
void with_type(ColumnType type, const Body& body) {
    switch (type) {
        case ColumnType::f64:
            return body(double{});
        case ColumnType::u8:
            return body(std::uint8_t{});
        case ColumnType::u16:
            return body(std::uint16_t{});
        case ColumnType::i64:
            return body(std::int64_t{});
        case ColumnType::u64:
            return body(std::uint64_t{});
    }
}

}  // namespace

Checkpoint Simulation::checkpoint() const {
    Checkpoint c;
    const Model& m = *model_;
    c.texts["model"] = m.name;
    c.scalars["tick"] = static_cast<std::int64_t>(tick_);
    c.scalars["ticks_per_year"] = static_cast<std::int64_t>(m.ticks_per_year);
    c.scalars["seed"] = options_.key.seed;
    c.scalars["replicate"] = options_.key.replicate;
    c.scalars["people_at_start"] = people_at_start_;
    c.scalars["events"] = events_;
    c.scalars["evaluations"] = evaluations_;
    c.scalars["person_time"] = person_time_;
    for (std::size_t k = 0; k < m.layout.items.size(); ++k)
        with_type(m.layout.items[k].type, [&]<class T>(T) {
            const auto values = people_.column<T>(static_cast<ColumnId>(k));
            c.arrays["people/" + m.layout.items[k].name] = std::vector<T>(values.begin(), values.end());
        });
    save_sums(m, sums_, "", c);
    save_signals(m, signal_history_, "", c);
    c.arrays["signals_now"] = signals_;
    std::vector<std::int64_t> observed;
    for (const Observed& o : observed_) observed.insert(observed.end(), {o.sum, o.weight});
    c.arrays["observed"] = std::move(observed);
    for (std::size_t k = 0; k < sums_.size(); ++k)
        c.arrays["measures/" + m.measures[k].name + "/totals_of_those_gone"] = left_totals_[k];
    for (std::size_t q = 0; q < queues_.size(); ++q) {
        const std::string of = "queues/" + m.queues[q].name + "/";
        ServerQueue::State state = queues_[q].state();
        std::vector<double> at, service;
        std::vector<std::uint64_t> uid;
        std::vector<std::int64_t> priority;
        for (const Visitor& v : state.waiting) {
            at.push_back(v.at);
            uid.push_back(v.uid);
            service.push_back(v.service);
            priority.push_back(v.priority);
        }
        c.arrays[of + "free_at"] = std::move(state.free_at);
        c.arrays[of + "at"] = std::move(at);
        c.arrays[of + "uid"] = std::move(uid);
        c.arrays[of + "service"] = std::move(service);
        c.arrays[of + "priority"] = std::move(priority);
    }
    std::vector<std::uint64_t> later(later_uids_.begin(), later_uids_.end());
    std::sort(later.begin(), later.end());
    c.arrays["later_uids"] = std::move(later);
    return c;
}

void Simulation::restore(const Checkpoint& c) {
    const Model& m = *model_;
    if (c.scalar<std::uint64_t>("seed") != options_.key.seed ||
        c.scalar<std::uint64_t>("replicate") != options_.key.replicate)
        throw IoError(fmt::format("the checkpoint was made with seed {} and replicate {}, this run has {} and {}",
                                  c.scalar<std::uint64_t>("seed"), c.scalar<std::uint64_t>("replicate"),
                                  options_.key.seed, options_.key.replicate));
    if (c.scalar<std::int64_t>("ticks_per_year") != m.ticks_per_year)
        throw IoError("the checkpoint was made with another length of step");
    const auto tick = c.scalar<std::int64_t>("tick");
    if (tick < 0 || tick > ticks())
        throw IoError(fmt::format("the checkpoint is of step {}, this run has {}", tick, ticks()));
    Population people(m.layout);
    people.append(c.array<std::uint64_t>("people/uid").size());
    for (std::size_t k = 0; k < m.layout.items.size(); ++k)
        with_type(m.layout.items[k].type, [&]<class T>(T) {
            const std::string name = "people/" + m.layout.items[k].name;
            const auto& values = c.array<T>(name);
            if (values.size() != people.size())
                throw IoError(fmt::format("the checkpoint is damaged: '{}' has {} values", name, values.size()));
            std::copy(values.begin(), values.end(), people.column<T>(static_cast<ColumnId>(k)).begin());
        });
    std::vector<MeasureSums> sums = restore_sums(m, c, "");
    std::vector<std::vector<std::int64_t>> left_totals;
    for (const Measure& measure : m.measures)
        left_totals.push_back(c.array<std::int64_t>("measures/" + measure.name + "/totals_of_those_gone"));
    auto signal_history = restore_signals(m, c, "");
    const auto& signals = c.array<double>("signals_now");
    const auto& observed = c.array<std::int64_t>("observed");
    if (signals.size() != m.signals.size() || observed.size() != 2 * m.observed.size())
        throw IoError("the checkpoint has other signals");
    std::vector<ServerQueue> queues(m.queues.size());
    for (std::size_t q = 0; q < queues.size(); ++q) {
        const std::string of = "queues/" + m.queues[q].name + "/";
        const auto& at = c.array<double>(of + "at");
        const auto& service = c.array<double>(of + "service");
        const auto& uid = c.array<std::uint64_t>(of + "uid");
        const auto& priority = c.array<std::int64_t>(of + "priority");
        if (service.size() != at.size() || uid.size() != at.size() || priority.size() != at.size())
            throw IoError(fmt::format("the checkpoint is damaged: queue '{}'", m.queues[q].name));
        ServerQueue::State state{c.array<double>(of + "free_at"), {}};
        for (std::size_t i = 0; i < at.size(); ++i) state.waiting.push_back({at[i], uid[i], service[i], priority[i]});
        queues[q].restore(state);
    }
    const auto& later = c.array<std::uint64_t>("later_uids");
    const auto people_at_start = c.scalar<std::int64_t>("people_at_start");
    const auto events = c.scalar<std::int64_t>("events"), evaluations = c.scalar<std::int64_t>("evaluations");
    const auto person_time = c.scalar<std::int64_t>("person_time");
    // Everything is there: from here on nothing fails.
    people_ = std::move(people);
    sums_ = std::move(sums);
    left_totals_ = std::move(left_totals);
    signal_history_ = std::move(signal_history);
    signals_ = signals;
    queues_ = std::move(queues);
    for (std::size_t k = 0; k < observed_.size(); ++k) observed_[k] = {observed[2 * k], observed[2 * k + 1]};
    tick_ = static_cast<int>(tick);
    people_at_start_ = people_at_start;
    events_ = events;
    evaluations_ = evaluations;
    person_time_ = person_time;
    later_uids_ = {later.begin(), later.end()};
}

}  // namespace proeftuin
