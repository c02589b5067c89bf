// One chunk through one step: the event kernel of DESIGN section 3.
#pragma once

#include <span>
#include <vector>

#include "engine/random/draw.hpp"
#include "engine/run/worker.hpp"

namespace proeftuin {

/// Draw sites of a run, by index of what they belong to.
struct KernelSites {
    const std::vector<DrawSite>& clock;  ///< by transition
    const std::vector<DrawSite>& fatal;  ///< by transition
    const std::vector<DrawSite>& noise;  ///< by attribute
    int tick;
};

/// Steps the people of a chunk. One object per chunk and step; everything large lives in the worker.
///
/// Everybody is evaluated once, column by column, a block at a time so that what is computed stays in the cache, but
/// rates of states that few people are in for the whole chunk; most people only let their clocks run (chunk_step.cpp).
/// Those for whom a clock runs out are lifted out into rows of their own, go from event to event in rounds over all of
/// the chunk, and are put back at the end (event_rounds.cpp).
class ChunkStep {
public:
    /// \param entry for people who enter in this step: years after its start, by slot of the chunk; else null
    ChunkStep(const Model& model, Simulation::Worker& worker, Population& people, const KernelSites& sites,
              const StepTime& time, ChunkRange range, const double* entry);
    void run();

private:
    using People = std::span<const std::uint32_t>;  ///< numbers of rows

    // chunk_step.cpp
    void look_at(std::size_t first, std::size_t n);
    std::size_t alive() const;
    void pass_time();
    void move_block();
    void step_block();
    void set_clock_columns();
    void move_attributes();
    void move(std::size_t attribute, bool whole, double* middle);
    void evaluate_everybody();
    void spread_sparse(double* const* out, std::int32_t* const* cells);
    void keep_open_rates();
    void list_by_state();
    void evaluate_by_state();
    void take_rates_by_state();
    void check_entrants();
    void check_rates();
    void check_values();
    bool run_clocks();
    void find_events();
    void accrue_quiet();
    int state_of(const ClockSlot& slot, std::size_t i) const {
        return slot.process == no_index ? 0 : state_[static_cast<std::size_t>(slot.process)][i];
    }

    // event_rounds.cpp
    void step_events();
    void lift_rows(std::size_t already);
    bool find_next(std::size_t e);
    void fire(int transition, const std::vector<std::uint32_t>& people);
    void part_victims(int transition, const std::vector<std::uint32_t>& people);
    void record(int transition, const std::vector<std::uint32_t>& people);
    void draw_clocks(int transition, People people);
    void change_state(const Transition& transition, People people);
    void reevaluate();
    void fresh_rows();
    void fresh_by_state(const Process& process);
    void check_fresh();
    void flush_value(std::size_t e, std::size_t k, double until);
    void finish(std::size_t e, double at);

    const Model& m_;
    Simulation::Worker& w_;
    const KernelSites& sites_;
    const StepTime& time_;
    Population& people_;
    ChunkRange range_;
    const double* entry_of_chunk_;
    Scalars scalars_;

    // The people looked at: a block, or the whole chunk.
    std::size_t first_ = 0;  ///< slot of the chunk
    std::size_t n_ = 0;
    ChunkColumns& columns_;
    const double* entry_ = nullptr;
    const std::uint64_t* uid_ = nullptr;
    std::uint8_t* life_ = nullptr;
    std::uint8_t* const* state_ = nullptr;  ///< by process
    double* const* left_ = nullptr;  ///< by clock slot
};

}  // namespace proeftuin
