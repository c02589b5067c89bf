// People who enter a running simulation: arrivals and births.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/core/errors.hpp"
#include "engine/random/uid.hpp"
#include "engine/run/arrivals.hpp"
#include "engine/run/simulation_loops.hpp"
#include "engine/run/start.hpp"

namespace proeftuin {
namespace {

void set_code(Population& people, ColumnId column, std::size_t slot, int code) {
    if (people.layout().items[column].type == ColumnType::u16)
        people.column<std::uint16_t>(column)[slot] = static_cast<std::uint16_t>(code);
    else
        people.column<std::uint8_t>(column)[slot] = static_cast<std::uint8_t>(code);
}

/// The category of an attribute that the table of the newcomer gives, or no_index.
int code_given(const Newcomer& newcomer, int attribute) {
    for (const auto& [of, code] : newcomer.codes)
        if (of == attribute) return code;
    return no_index;
}

void copy_attribute(Population& people, const AttributeColumn& attribute, std::size_t from, std::size_t to) {
    const auto copy = [&]<class T>(T) {
        const auto values = people.column<T>(attribute.column);
        values[to] = values[from];
        if (attribute.middle != attribute.column) people.column<T>(attribute.middle)[to] = values[from];
    };
    switch (people.layout().items[attribute.column].type) {
        case ColumnType::u8:
            return copy(std::uint8_t{});
        case ColumnType::u16:
            return copy(std::uint16_t{});
        default:
            return copy(double{});
    }
}

/// What expressions see of time while entrants get their attributes and states: the middle of the step.
struct EntryTime {
    Scalars scalars;
    EntryTime(const Model& m, double begin, std::span<const double> signals)
        : scalars(m.start_year + begin + 0.5 / m.ticks_per_year, begin + 0.5 / m.ticks_per_year, signals) {}
};

}  // namespace

/// Adds slots for people who enter in this step; returns the first.
std::size_t Simulation::make_room(std::size_t entrants) {
    const std::size_t first = people_.append(entrants);
    entry_.resize(people_.size() - first_entrant_, 0.0);
    return first;
}

/// \param at years after the start of the step \param age then, years
void Simulation::enter(std::size_t slot, std::uint64_t uid, double at, double age) {
    if (!later_uids_.insert(uid).second)
        throw NumericError(fmt::format("two people would have the uid {} (choose another seed)", uid));
    people_.column<std::uint64_t>(model_->uid)[slot] = uid;
    people_.column<double>(model_->age)[slot] = age;
    people_.column<double>(model_->birth)[slot] = model_->start_year + begin() + at - age;
    entry_[slot - first_entrant_] = at;
}

/// What comes after the attributes and states of the people from slot `first` on.
void Simulation::settle(std::size_t first) {
    const Model& m = *model_;
    const EntryTime time(m, begin(), signals_);
    const std::size_t n = people_.size() - first;
    const auto year = static_cast<std::int64_t>(std::floor(m.start_year + begin() + 1e-9));
    redraw_yearly(m, people_, first, n, options_.key, time.scalars, year);
    open_clocks(m, people_, first, n, options_.key, begin());
    for (const Timer& timer : m.timers) {
        const auto entered = people_.column<double>(timer.entered);
        for (std::size_t i = first; i < people_.size(); ++i) entered[i] = begin() + entry_[i - first_entrant_];
    }
}

void Simulation::admit_arrivals() {
    const Model& m = *model_;
    const std::vector<Newcomer> newcomers = draw_newcomers(m, options_.key, begin(), 1.0 / m.ticks_per_year);
    if (newcomers.empty()) return;
    const std::size_t n = newcomers.size(), first = make_room(n);
    for (std::size_t i = 0; i < n; ++i) enter(first + i, newcomers[i].uid, newcomers[i].at, newcomers[i].age);
    const EntryTime time(m, begin(), signals_);
    for (const int node : m.start_order) {
        const AttributeColumn* a = node >= 0 ? &m.attributes[static_cast<std::size_t>(node)] : nullptr;
        if (a != nullptr && a->column == m.age) continue;
        // Tables may have different axes: who has no category from a table gets it as at the start.
        const auto given = [&](const Newcomer& x) { return a != nullptr && code_given(x, node) != no_index; };
        if (!std::all_of(newcomers.begin(), newcomers.end(), given))
            initialise_node(m, people_, node, first, n, options_.key, time.scalars);
        for (std::size_t i = 0; i < n; ++i)
            if (given(newcomers[i])) set_code(people_, a->column, first + i, code_given(newcomers[i], node));
    }
    settle(first);
    if (m.arrival == no_index || m.records[static_cast<std::size_t>(m.arrival)].empty()) return;
    for_chunks(first, first + n, people_block, [&](Worker& w, ChunkRange r) {
        w.told_at.reset();
        w.list.clear();
        for (std::size_t i = 0; i < r.size(); ++i) w.list.push_back(static_cast<std::uint16_t>(i));
        const double* at = entry_.data() + (r.begin - first_entrant_);
        record_event(m, w, m.records[static_cast<std::size_t>(m.arrival)], w.list, time.scalars,
                     [&](std::size_t j) { return begin() + at[j]; });
    });
}

void Simulation::admit_births() {
    const Model& m = *model_;
    std::vector<PendingBirth> births;
    for (auto& w : workers_) {
        births.insert(births.end(), w->births.begin(), w->births.end());
        w->births.clear();
    }
    if (births.empty()) return;
    std::sort(births.begin(), births.end(), [](const auto& a, const auto& b) {
        return std::pair(a.mother, a.number) < std::pair(b.mother, b.number);
    });
    const std::size_t n = births.size(), first = make_room(n);
    for (std::size_t i = 0; i < n; ++i)
        enter(first + i, uid_of_newborn(births[i].mother, births[i].number), births[i].at, 0.0);
    const EntryTime time(m, begin(), signals_);
    for (const int node : m.start_order) {
        const AttributeColumn* a = node >= 0 ? &m.attributes[static_cast<std::size_t>(node)] : nullptr;
        if (a != nullptr && a->column == m.age) continue;
        if (a != nullptr && a->inherit)
            for (std::size_t i = 0; i < n; ++i) copy_attribute(people_, *a, births[i].slot, first + i);
        else
            initialise_node(m, people_, node, first, n, options_.key, time.scalars);
    }
    settle(first);
}

}  // namespace proeftuin
