#include "engine/run/points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <utility>

#include "engine/core/bytes.hpp"
#include "engine/run/accrual.hpp"
#include "engine/run/fade.hpp"

namespace proeftuin {
namespace {

constexpr double largest_amount = 0x1p50;  // in quanta: what can be added often without overflow

/// The people whom a program was evaluated for: all that are at hand, or those of a list.
struct Evaluated {
    std::size_t n;
    std::size_t alive;
    const std::uint16_t* list;  ///< null: all at hand

    std::size_t slot(std::size_t j) const { return list == nullptr ? j : list[j]; }
};

/// Amounts in quanta; false if one is no number or too large, of whomever.
bool amounts_of(const double* value, double scale, std::size_t n, std::int64_t* amount) {
    const auto most = std::bit_cast<std::int64_t>(largest_amount);
    std::int64_t beyond = 0;
    for (std::size_t j = 0; j < n; ++j) {
        const double scaled = value[j] * scale;
        beyond |= most - (std::bit_cast<std::int64_t>(scaled) & INT64_MAX);
        amount[j] = nearest_integer(scaled);
    }
    return beyond >= 0;
}

class Taking {
public:
    Taking(const Model& model, Simulation::Worker& worker, const PointProgram& point, Evaluated who)
        : m_{model}, w_{worker}, point_{point}, who_{who} {}

    void add(std::size_t k, double* value, double at) {
        const auto index = static_cast<std::size_t>(point_.measures[k]);
        const Measure& measure = m_.measures[index];
        const auto g = static_cast<std::size_t>(
            std::find(point_.groupings.begin(), point_.groupings.end(), measure.grouping) - point_.groupings.begin());
        const Grouping& grouping = m_.groupings[static_cast<std::size_t>(measure.grouping)];
        const std::int32_t* cell = w_.cell[g].data();
        const double scale = discount_factor(measure.discount, at) / measure.quantum;
        std::int64_t* sum = w_.sum[index].data();
        std::int64_t* total = measure.total == no_column ? nullptr : w_.columns.get<std::int64_t>(measure.total);
        if (point_.program.output_is_uniform(static_cast<std::size_t>(point_.value_output[k]))) {
            if (total == nullptr && std::fabs(value[0] * scale) <= largest_amount) {
                add_same(grouping, cell, nearest_integer(value[0] * scale), sum);
                return;
            }
            std::fill_n(value, who_.n, value[0]);
        }
        std::int64_t* amount = w_.amount.data();
        if (!amounts_of(value, scale, who_.n, amount) && !tell_of_bad(measure, cell, grouping.cells, value, scale))
            return;
        for (std::size_t j = 0; j < who_.n; ++j) amount[j] = cell[j] == grouping.cells ? 0 : amount[j];
        add_by_cell(grouping, amount, cell, who_.n, sum);
        if (total != nullptr)
            for (std::size_t j = 0; j < who_.n; ++j) total[who_.slot(j)] += amount[j];
    }

private:
    void add_same(const Grouping& grouping, const std::int32_t* cell, std::int64_t amount, std::int64_t* sum) const {
        if (grouping.cells == 1 && !grouping.when.valid()) {
            sum[0] += amount * static_cast<std::int64_t>(who_.alive);
        } else if (amount != 0) {
            // Of nobody's cell too, which is emptied.
            add_to_cells(cell, who_.n, grouping.cells, sum, [amount](std::size_t) { return amount; });
        }
    }

    /// False if there was something to tell: the dead, and people whom the measure leaves out, may have any value.
    bool tell_of_bad(const Measure& measure, const std::int32_t* cell, std::int32_t cells, const double* value,
                     double scale) {
        bool good = true;
        for (std::size_t j = 0; j < who_.n; ++j) {
            if (cell[j] == cells || std::fabs(value[j] * scale) <= largest_amount) continue;
            const auto uid = w_.columns.get<std::uint64_t>(m_.uid)[who_.slot(j)];
            w_.bad.note(
                uid,
                fmt::format("'{}' is {:g} for person {} at age {:.2f} (it must be a number below {:.3g})", measure.name,
                            value[j], uid, w_.age_of(m_, who_.slot(j)), largest_amount * measure.quantum),
                measure.where);
            good = false;
        }
        return good;
    }

    const Model& m_;
    Simulation::Worker& w_;
    const PointProgram& point_;
    Evaluated who_;
};

/// The amount in quanta that one person adds to a measure whose value is the same for everybody.
std::int64_t amount_of_each(const Measure& measure, double at) {
    return nearest_integer(*measure.value.as_constant() * (discount_factor(measure.discount, at) / measure.quantum));
}

/// Puts the dead into nobody's cell.
void leave_out_dead(const std::uint8_t* life, std::size_t people, std::int32_t nobody, std::int32_t* cell) {
    for (std::size_t i = 0; i < people; ++i) {
        const std::int32_t here = life[i] == 0 ? -1 : 0;
        cell[i] = (cell[i] & here) | (nobody & ~here);
    }
}

/// People in each cell of the grids, and for each measure those who are in a state other than the first.
void count_states(const Model& m, Simulation::Worker& w, const PointProgram& point, Evaluated who, std::size_t people,
                  std::int32_t* const* cell) {
    const std::uint8_t* life = w.columns.get<std::uint8_t>(m.life);
    w.everybody.resize(std::max(w.everybody.size(), point.grids.size()));
    for (std::size_t g = 0; g < point.grids.size(); ++g) {
        const PointProgram::Grid& grid = point.grids[g];
        auto& everybody = w.everybody[g];
        std::size_t cells = 1;
        for (const auto& dim : grid.dims) cells *= dim.labels.size();
        if (everybody.size() != cells + 1) everybody.assign(cells + 1, 0);
        if (cells == 1) everybody[0] += static_cast<std::int64_t>(who.alive);
        if (grid.cell == no_index) continue;
        const auto nobody = static_cast<std::int32_t>(cells);
        if (!grid.is_grouping && who.list == nullptr && who.alive < people)
            leave_out_dead(life, people, nobody, cell[grid.cell]);
        if (cells > 1)
            add_to_cells(cell[grid.cell], who.n, nobody, everybody.data(), [](std::size_t) { return std::int64_t{1}; });
    }
    for (const auto& count : point.state_counts) {
        if (count.finer != no_index) continue;
        const std::uint8_t* state = w.columns.get<std::uint8_t>(count.state);
        const std::int32_t* grid = cell[point.grids[count.grid].cell];
        const auto nobody = static_cast<std::int32_t>(w.everybody[count.grid].size() - 1);
        std::uint32_t* people_in = w.counted[static_cast<std::size_t>(count.measure)].data();
        const auto visit = [&](std::size_t j, std::size_t s) {
            if (grid[j] != nobody) ++people_in[grid[j] + static_cast<std::ptrdiff_t>(s) * count.stride];
        };
        if (who.list == nullptr) {
            for_each_nonzero(state, who.n, [&](std::size_t i) { visit(i, state[i]); });
        } else {
            for (std::size_t j = 0; j < who.n; ++j)
                if (state[who.list[j]] != 0) visit(j, state[who.list[j]]);
        }
    }
}

/// Of counts by a state alone: the people that a finer count has found.
void add_up_finer(Simulation::Worker& w, const PointProgram& point) {
    for (const auto& count : point.state_counts) {
        if (count.finer == no_index) continue;
        const auto& finer = point.state_counts[static_cast<std::size_t>(count.finer)];
        const std::uint32_t* cells = w.counted[static_cast<std::size_t>(finer.measure)].data();
        std::vector<std::uint32_t>& counted = w.counted[static_cast<std::size_t>(count.measure)];
        for (std::size_t s = 1; s < counted.size(); ++s)
            counted[s] = std::accumulate(cells + s * static_cast<std::size_t>(finer.stride),
                                         cells + (s + 1) * static_cast<std::size_t>(finer.stride), std::uint32_t{0});
    }
}

void set_age(const Model& m, ChunkColumns& columns, std::size_t people, double at) {
    double* age = columns.get<double>(m.age);
    const double* birth = columns.get<double>(m.birth);
    for (std::size_t i = 0; i < people; ++i) age[i] = m.start_year + at - birth[i];
}

void set_timer(const Timer& timer, ChunkColumns& columns, std::size_t people, double at) {
    const double* entered = columns.get<double>(timer.entered);
    double* value = columns.get<double>(timer.value);
    for (std::size_t i = 0; i < people; ++i) value[i] = at - entered[i];
}

void set_fade(const Fade& fade, ChunkColumns& columns, std::size_t people, double at) {
    set_shares(fade, columns.get<double>(fade.left), columns.get<double>(fade.share), people, at, at);
}

/// Age and timers at time `at`.
void set_clocks(const Model& m, ChunkColumns& columns, std::size_t people, double at) {
    set_age(m, columns, people, at);
    for (const Timer& timer : m.timers) set_timer(timer, columns, people, at);
    for (const Fade& fade : m.fades) set_fade(fade, columns, people, at);
}

/// From here on the columns that only a step reads are those of the worker; moving attributes are as they are.
void turn_to_own(const Model& m, Simulation::Worker& w, std::size_t people) {
    w.chunk(people);
    for (std::size_t k = 0; k < w.own.size(); ++k) w.columns.redirect(w.own_columns[k], w.own[k].data());
    for (const auto& a : m.attributes)
        if (a.moving) w.columns.redirect(a.middle, w.columns.get<double>(a.column));
}

}  // namespace

void set_exact_time(const Model& m, ChunkColumns& columns, std::size_t people, double at) {
    set_clocks(m, columns, people, at);
    for (const auto& a : m.attributes)
        if (a.moving) {
            const double* x = columns.get<double>(a.column);
            std::copy(x, x + people, columns.get<double>(a.middle));
        }
}

void show_exact_time(const Model& m, Simulation::Worker& w, std::size_t people, double at) {
    turn_to_own(m, w, people);
    set_clocks(m, w.columns, people, at);
}

void show_exact_time(const Model& m, Simulation::Worker& w, const TimeRead& read, std::size_t people, double at) {
    if (!read.any) return;
    turn_to_own(m, w, people);
    set_age(m, w.columns, people, at);
    for (const Timer* timer : read.timers) set_timer(*timer, w.columns, people, at);
    for (const Fade* fade : read.fades) set_fade(*fade, w.columns, people, at);
}

TimeRead time_read_by(const Model& m, const Program& program) {
    TimeRead read;
    for (const Timer& timer : m.timers)
        if (program.reads(timer.value)) read.timers.push_back(&timer);
    for (const Fade& fade : m.fades)
        if (program.reads(fade.share)) read.fades.push_back(&fade);
    read.any = program.reads(m.age) || !read.timers.empty() || !read.fades.empty() ||
               std::any_of(m.attributes.begin(), m.attributes.end(),
                           [&](const AttributeColumn& a) { return a.moving && program.reads(a.middle); });
    return read;
}

bool depends_on_time(const Model& m, const Program& program) { return time_read_by(m, program).any; }

void take_points(const Model& m, Simulation::Worker& w, const PointProgram& point, std::size_t people,
                 const double* scalars, double at) {
    PT_EXPECT(people <= points_block);
    const std::uint8_t* life = w.columns.get<std::uint8_t>(m.life);
    const auto alive = static_cast<std::size_t>(std::count(life, life + people, std::uint8_t{0}));
    if (alive == 0) return;
    w.told_at = m.start_year + at;
    // Evaluating a few of the dead too is cheaper than gathering the living.
    Evaluated who{people, alive, nullptr};
    if (alive * 4 < people * 3) {
        w.list.clear();
        for (std::size_t i = 0; i < people; ++i)
            if (life[i] == 0) w.list.push_back(static_cast<std::uint16_t>(i));
        who = {alive, alive, w.list.data()};
    }
    double* const* out = w.outputs(point.program.outputs(), people);
    std::int32_t* const* cells = w.cells(point.cells, people);
    point.program.run(w.columns.input(scalars, who.list, who.n), w.scratch, out, cells, UniformOutputs::first);
    // The dead are in no cell.
    for (std::size_t g = 0; who.list == nullptr && alive < people && g < point.groupings.size(); ++g)
        leave_out_dead(life, people, m.groupings[static_cast<std::size_t>(point.groupings[g])].cells, cells[g]);
    count_states(m, w, point, who, people, cells);
    Taking taking{m, w, point, who};
    for (std::size_t k = 0; k < point.measures.size(); ++k) taking.add(k, out[point.value_output[k]], at);
}

void finish_points(const Model& m, Simulation::Worker& w, const PointProgram& point, double at) {
    if (w.everybody.size() < point.grids.size()) return;  // took nothing
    add_up_finer(w, point);
    for (const auto& count : point.state_counts) {
        const auto k = static_cast<std::size_t>(count.measure);
        const std::vector<std::int64_t>& everybody = w.everybody[count.grid];
        if (everybody.empty()) continue;  // took nobody this time
        const std::int64_t amount = amount_of_each(m.measures[k], at);
        const auto stride = static_cast<std::size_t>(count.stride);
        std::vector<std::uint32_t>& counted = w.counted[k];
        std::vector<std::int64_t>& sum = w.sum[k];
        for (std::size_t c = 0; c < stride; ++c) {
            std::int64_t in_first = everybody[c];
            for (std::size_t s = c + stride; s < counted.size(); s += stride) {
                const std::int64_t people = std::exchange(counted[s], 0);
                sum[s] += amount * people;
                in_first -= people;
            }
            sum[c] += amount * in_first;
        }
    }
    for (std::size_t g = 0; g < point.grids.size(); ++g) w.everybody[g].clear();
}

}  // namespace proeftuin
