// What one thread needs while it steps chunks: registers, lists, and sums of its own.
#pragma once

#include <cstdint>
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

    void note(std::uint64_t person, const std::string& text) {
        if (any && person >= uid) return;
        any = true;
        uid = person;
        what = text;
    }
};

struct PendingBirth {
    std::uint64_t mother;
    std::size_t slot;
    std::uint16_t number;
    double at;  ///< years after the start of the step
};

/// Interval of a step: years since the start of the scenario.
struct StepTime {
    double begin = 0.0;
    double length = 0.0;
    double end = 0.0;
    double calendar = 0.0;  ///< calendar year at `begin`
};

struct Simulation::Worker {
    explicit Worker(const Model& model, std::size_t chunk);

    EvaluationScratch scratch;
    ChunkColumns columns;
    Bad bad;
    std::vector<PendingBirth> births;
    std::int64_t events = 0;
    std::int64_t evaluations = 0;
    std::int64_t person_time = 0;  ///< in 1e-9 years

    std::vector<std::vector<std::int64_t>> sum;     ///< by measure: cells
    std::vector<std::vector<std::int64_t>> weight;

    // By slot of the chunk.
    std::vector<std::uint16_t> list;       ///< people to evaluate
    std::vector<std::uint8_t> flagged;
    std::vector<double> least;             ///< left of the nearest clock at the end of the step
    std::vector<std::vector<double>> rate;  ///< by clock slot
    std::vector<std::vector<double>> out;   ///< outputs of programs
    std::vector<double*> out_pointers;
    std::vector<std::vector<std::int32_t>> group;  ///< by grouping
    std::vector<std::vector<std::uint16_t>> by_state;

    // By person with an event in this step.
    std::vector<std::uint16_t> event_slot;
    std::vector<double> now;
    std::vector<double> next_time;
    std::vector<int> next_transition;
    std::vector<std::uint32_t> active;
    std::vector<std::vector<double>> e_rate, e_anchor;                  ///< by clock slot
    std::vector<std::vector<double>> e_value, e_value_anchor;           ///< by integral
    std::vector<std::vector<std::int32_t>> e_group;                     ///< by grouping
    std::vector<std::uint32_t> changed;
    std::vector<std::uint16_t> changed_slot;
    std::vector<std::vector<std::uint32_t>> bucket;                     ///< by transition
    std::vector<std::vector<double>> value;                             ///< by integral: integrand by slot of the chunk
    std::vector<std::vector<double>> moved;                             ///< by attribute
    std::vector<double> chance;
    std::vector<std::uint32_t> victims;
    std::vector<std::uint16_t> reevaluated;
    std::vector<std::uint64_t> ids;
    std::vector<std::vector<std::int32_t>> cell;                         ///< by grouping of a point program

    double* const* outputs(std::size_t n, std::size_t size) {
        if (out.size() < n) out.resize(n);
        out_pointers.resize(n);
        for (std::size_t k = 0; k < n; ++k) {
            if (out[k].size() < size) out[k].resize(size);
            out_pointers[k] = out[k].data();
        }
        return out_pointers.data();
    }
};

}  // namespace proeftuin
