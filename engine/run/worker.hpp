// What one thread needs while it steps chunks: registers, lists, and sums of its own.
#pragma once

#include <bit>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/run/chunk.hpp"
#include "engine/run/model.hpp"
#include "engine/run/simulation.hpp"

namespace proeftuin {

/// A number that left its domain; the lowest uid is reported, so that every thread count tells the same.
struct Simulation::Bad {
    bool any = false;
    std::uint64_t uid = ~std::uint64_t{0};
    std::string what;
    SourceSpan where = {};  ///< of the expression
    std::vector<SourceSpan> others = {};  ///< factors on it

    void note(std::uint64_t person, const std::string& text, SourceSpan place,
              const std::vector<SourceSpan>& factors = {}) {
        if (any && person >= uid) return;
        any = true;
        uid = person;
        what = text;
        where = place;
        others = factors;
    }
};

struct PendingBirth {
    std::uint64_t mother;
    std::size_t slot;
    std::uint16_t number;
    double at;  ///< years after the start of the step
};

/// Somebody who comes to a place that serves one by one.
struct Visit {
    double at;  ///< years after the start of the step
    std::uint64_t uid;
    int transition;
    std::uint64_t occurrence;  ///< of the transition, of this person
};

/// Interval of a step: years since the start of the scenario.
struct StepTime {
    double begin = 0.0;
    double length = 0.0;
    double end = 0.0;
    double calendar = 0.0;  ///< calendar year at `begin`
    std::span<const double> signals = {};
};

/// People that a step evaluates at a time: what it computes of them stays in the cache.
inline constexpr std::size_t people_block = 512;
/// People whose clocks run together, in vectors of four, so that what they have in common is fetched once for all.
inline constexpr std::size_t clock_people = 16;

/// Equally long arrays of doubles that start at different places of a page, so that the same element of all of them
/// does not fall on the same lines of the nearest cache.
class BlockArrays {
public:
    void resize(std::size_t arrays) {
        arrays_ = arrays;
        memory_.assign(arrays * stride + alignment, 0.0);
    }
    std::size_t size() const { return arrays_; }
    double* operator[](std::size_t k) {
        const auto start = reinterpret_cast<std::uintptr_t>(memory_.data());
        return memory_.data() + (alignment - start / sizeof(double) % alignment) % alignment + k * stride;
    }

private:
    static constexpr std::size_t alignment = 8;  // doubles

public:
    static constexpr std::size_t stride = people_block + 5 * alignment;  ///< from one array to the next

private:
    std::size_t arrays_ = 0;
    std::vector<double> memory_;
};

/// What accruing an integral needs to know, in one place.
struct Accrual {
    std::size_t group;  ///< grouping
    std::size_t row;  ///< of Worker::group, that holds its cells
    std::int32_t cells;  ///< of it
    std::size_t output;  ///< of the dense program
    std::size_t value;  ///< array of Worker::value
    double quantum;
    std::optional<double> factor = {};  ///< of discounting in this step; nothing when it changes continuously
    double whole_weight = 0.0;  ///< what the whole step weighs under its discounting
    const Measure* measure;
    std::int64_t* sum;  ///< of this worker
    std::int64_t* weight;  ///< of this worker; null unless it is a mean
    std::int64_t* total = nullptr;  ///< by person at hand; null unless counted by person
};

/// The people of a chunk in a state that few people are in, and their rates.
struct StatePeople {
    const Process* process;
    std::size_t state;
    const StateProgram* program;
    std::vector<std::uint16_t> people = {};  ///< slots of the chunk, ascending
    std::size_t count = 0;  ///< of them
    std::size_t done = 0;  ///< those whose rates have been put where their block needs them
    std::vector<std::vector<double>> rates = {};  ///< by transition of the program
};

/// Somebody whom a selection may invite.
struct Candidate {
    double score;  ///< the highest first
    double priority;  ///< then the lowest
    std::uint64_t uid;
    std::size_t slot;  ///< of the population
    double uptake;
};

struct Simulation::Worker {
    explicit Worker(const Model& model);

    /// Room for a chunk of this many people.
    void chunk(std::size_t people);

    /// Room for this many people with an event.
    void rows(std::size_t count);
    /// Outputs of a program over `size` people, valid until the next call.
    double* const* outputs(std::size_t n, std::size_t size);
    /// Cells that a program gives over `size` people, valid until the next call.
    std::int32_t* const* cells(std::size_t n, std::size_t size);
    /// Outputs of the dense program for people whose state changed.
    double* const* evaluated_again(std::size_t n, std::size_t size);

    /// Age of the person in slot i, to tell of.
    double age_of(const Model& model, std::size_t i) const;

    EvaluationScratch scratch;
    ChunkColumns columns;
    std::optional<double> told_at;  ///< calendar time of ages that are told, where their column may not be up to date
    Bad bad;
    std::vector<PendingBirth> births;
    std::vector<Visit> visits;
    std::int64_t events = 0;
    std::int64_t evaluations = 0;
    std::int64_t person_time = 0;  ///< in time_quantum
    std::vector<Candidate> candidates;
    std::int64_t taking_part = 0;  ///< people who take a place of a programme

    // By measure: its cells, and one more for those whom no cell takes.
    std::vector<std::vector<std::int64_t>> sum;
    std::vector<std::vector<std::int64_t>> weight;

    std::vector<std::vector<std::uint32_t>> counted;  ///< people in each cell, of the measures that count states

    // The people at hand.
    std::vector<std::uint8_t*> state;  ///< by process
    std::vector<double*> left;  ///< by clock slot
    std::vector<Accrual> accruals;  ///< by integral

    // What only a step reads, by slot of the chunk: kept here, and so in the cache, and not with the people.
    std::vector<ColumnId>
        own_columns;  ///< age, values of timers, attributes in the middle of the step, shares of fades
    std::vector<std::vector<double>> own;  ///< of each
    std::vector<StatePeople> state_people;
    std::vector<std::uint8_t> living;  ///< state of a process, 0 of the dead
    std::vector<std::vector<std::uint16_t>> elsewhere;  ///< by state: people of whom nothing else is needed
    std::vector<double*> rates;

    // By slot of the block.
    std::vector<std::uint16_t> gone;  ///< the dead
    std::vector<std::uint16_t> list;  ///< people to evaluate, when not everybody
    std::vector<double> least;  ///< left of the nearest clock at the end of the step
    std::vector<double> last_left;  ///< clocks of the last people, where they are no whole number of vectors
    std::vector<double*> last_clocks;  ///< where they are, by clock slot
    std::vector<std::uint64_t> quiet;  ///< all bits set: alive and without an event; else 0
    std::vector<std::uint64_t> open;
    std::vector<std::int64_t> amount;
    BlockArrays rate;  ///< by clock slot
    BlockArrays value;  ///< what is integrated, by output of the dense program
    std::vector<double*> dense_out;  ///< where each output of the dense program goes
    std::vector<std::int32_t*> dense_cells;  ///< where its cells go
    std::vector<std::vector<std::int32_t>> group;  ///< by cell of the dense program

    // By person with an event in this step: rows of row_slots clocks, of integrals, of groupings.
    std::size_t row_slots = 0;
    std::vector<std::uint16_t> event_slot;
    std::vector<double> now;
    std::vector<double> next_time;
    std::vector<int> next_transition;
    std::vector<double> row_rate, row_left, row_anchor;
    std::vector<double> row_value, row_value_anchor;
    std::vector<std::int32_t> row_group;
    std::vector<std::uint32_t> active;
    std::vector<std::vector<std::uint32_t>> bucket;  ///< by transition: who goes through it next
    std::vector<std::uint32_t> changed;  ///< whose state has changed in this round
    std::vector<std::uint16_t> changed_slot;
    std::vector<std::uint32_t> victims, survivors, to_draw;
    std::vector<std::uint8_t> before;
    std::vector<double> fires;
    std::vector<double> fresh;  ///< rows of those in `changed`
    std::vector<std::vector<std::int32_t>> fresh_group;  ///< as `group`
    std::vector<std::int32_t*> fresh_cells;  ///< by cell of the dense program
    std::vector<std::vector<double>> again;
    std::vector<double*> again_pointers;
    std::vector<std::vector<std::uint32_t>> row_by_state;

    std::vector<std::vector<double>> out;  ///< outputs of programs
    std::vector<double*> out_pointers;
    std::vector<std::vector<std::uint16_t>> by_state;  ///< and one more, of no state
    std::vector<std::uint16_t> leaving, victim_slot;
    std::vector<double> chance;
    std::vector<double> drawn;
    std::vector<std::uint64_t> ids;
    std::vector<std::uint64_t> occurrences;
    std::vector<std::vector<std::int32_t>> cell;  ///< by grouping of a program
    std::vector<std::int32_t*> cell_pointers;
    std::vector<std::vector<std::int64_t>>
        everybody;  ///< by grid of a point program: people in each cell, and in nobody's
};

/// Rates above this are no numbers of anything.
inline constexpr double largest_rate = 1e300;

/// The sign bit is set if the value is not within [0, limit]: bit patterns rise with the size of a number.
inline std::int64_t beyond(double value, std::int64_t limit) {
    const auto bits = std::bit_cast<std::int64_t>(value);
    return bits | static_cast<std::int64_t>(static_cast<std::uint64_t>(limit) - static_cast<std::uint64_t>(bits));
}

/// sum[cell[i]] += amount(i); the last of the cells is `cells`. Where they are few, most people add to the one that the
/// person before has just added to, and would wait for that: four take turns.
template <class Amount>
void add_to_cells(const std::int32_t* cell, std::size_t n, std::int32_t cells, std::int64_t* sum, Amount amount) {
    constexpr std::int32_t few = 32;
    if (cells > few) {
        for (std::size_t i = 0; i < n; ++i) sum[cell[i]] += amount(i);
        return;
    }
    std::int64_t part[4][few + 1] = {};
    std::size_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (std::size_t k = 0; k < 4; ++k) part[k][cell[i + k]] += amount(i + k);
    for (; i < n; ++i) part[0][cell[i]] += amount(i);
    for (std::int32_t c = 0; c <= cells; ++c) sum[c] += part[0][c] + part[1][c] + part[2][c] + part[3][c];
}

/// sum[cell[i]] += amount[i]. \pre amount is 0 for people outside
void add_by_cell(const Grouping& grouping, const std::int64_t* amount, const std::int32_t* cell, std::size_t n,
                 std::int64_t* sum);

/// Notes a rate of the person in slot i that is no number of at least 0.
void note_bad_rate(const Model& model, Simulation::Worker& worker, std::size_t slot, std::size_t i, int state,
                   double rate);
/// Notes a probability to die of an event that is none.
void note_bad_fatality(const Model& model, Simulation::Worker& worker, int transition, std::size_t i, double chance);
/// Notes the integrand of the person in slot i if it is too large to count or no number.
void note_bad_value(const Model& model, Simulation::Worker& worker, const Measure& measure, std::size_t i,
                    double value);

/// Adds what an event means to measures; `time_of(j)` = years since the start, of the j-th person.
void record_event(const Model& model, Simulation::Worker& worker, const EventRecord& record,
                  const std::vector<std::uint16_t>& slots, const double* scalars,
                  const std::function<double(std::size_t)>& time_of);

}  // namespace proeftuin
