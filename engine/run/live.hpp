// One chunk through one step: the event kernel of DESIGN section 3.
#pragma once

#include <functional>
#include <vector>

#include "engine/random/draw.hpp"
#include "engine/run/worker.hpp"

namespace proeftuin {

/// Draw sites of a run, by index of what they belong to.
struct KernelSites {
    const std::vector<DrawSite>& clock;   ///< by transition
    const std::vector<DrawSite>& fatal;   ///< by transition
    const std::vector<DrawSite>& noise;   ///< by attribute
    int tick;
};

/// Adds what an event means to measures; `time_of(j)` = years since the start, of the j-th person.
void record_event(const Model& model, Simulation::Worker& worker, const EventRecord& record,
                  const std::vector<std::uint16_t>& slots, const double* scalars,
                  const std::function<double(std::size_t)>& time_of);

/// Steps the people of a chunk. One object per chunk and step; everything large lives in the worker.
class ChunkStep {
public:
    /// \param base slot in the population of the first person of the chunk
    /// \param entry for people who enter in this step: years after its start, by slot of the chunk; else null
    ChunkStep(const Model& model, Simulation::Worker& worker, const KernelSites& sites, const StepTime& time,
              ChunkRange range, std::size_t base, const double* entry);
    void run();

private:
    void set_clock_columns();
    void move_attributes();
    void evaluate(const std::vector<std::uint16_t>& slots, bool everybody);
    void check(const std::vector<std::uint16_t>& slots);
    void group_index(const Grouping& grouping, double* const* out, int first, std::size_t size,
                     const std::uint16_t* list, std::int32_t* index) const;
    void find_events();
    void accrue_quiet();
    void step_events();
    bool find_next(std::size_t e);
    void fire(int transition, const std::vector<std::uint32_t>& people);
    void record(int transition, const std::vector<std::uint32_t>& people, const double* times);
    void redraw(std::size_t e, int transition);
    void change_state(std::size_t e, const Transition& t, double at);
    void reevaluate();
    void flush_value(std::size_t e, std::size_t k, double until);
    void finish(std::size_t e, double at);

    const Model& m_;
    Simulation::Worker& w_;
    const KernelSites& sites_;
    const StepTime& time_;
    ChunkRange range_;
    std::size_t base_;
    const double* entry_;
    double scalars_[scalar::count];
    const std::uint64_t* uid_;
    std::uint8_t* life_;
    std::vector<std::vector<double>>& value_ = w_.value;
    std::vector<std::vector<double>>& moved_ = w_.moved;
    std::vector<double>& chance_ = w_.chance;
    std::vector<std::uint32_t>& victims_ = w_.victims;
    std::vector<std::uint16_t>& reevaluated_ = w_.reevaluated;
};

}  // namespace proeftuin
