// Runs a compiled model: enter, live, record, tick by tick.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <unordered_set>
#include <vector>

#include "engine/data/population.hpp"
#include "engine/random/draw.hpp"
#include "engine/run/chunk.hpp"
#include "engine/run/model.hpp"
#include "engine/run/results.hpp"
#include "engine/run/server_queue.hpp"
#include "engine/store/checkpoint.hpp"

namespace proeftuin {

struct RunOptions {
    RunKey key;
    int threads = 0;  ///< 0: as many as the machine has
    std::size_t chunk = 0;  ///< people per chunk, at most 32768; 0: chosen by their number; no result depends on it
    bool keep_dead = false;  ///< keep everybody in the population (person-level output)
    std::function<void(int year, double fraction)> progress;
    const std::atomic<bool>* stop = nullptr;  ///< checked between steps
};

struct Candidate;  // engine/run/worker.hpp

/// One scenario, one replicate, in time. Same bits for any number of threads, chunk size and order of people.
class Simulation {
public:
    Simulation(std::shared_ptr<const Model> model, Population start, RunOptions options);
    ~Simulation();
    Simulation(const Simulation&) = delete;
    Simulation& operator=(const Simulation&) = delete;

    /// Steps made so far; `ticks()` in all.
    int tick() const { return tick_; }
    int ticks() const;
    bool finished() const { return tick_ >= ticks(); }
    /// One step of the kernel. \throws NumericError when a rate, probability or value leaves its domain
    void step();
    /// Steps until the end or until stopped. \return whether it finished
    bool run();

    const Model& model() const { return *model_; }
    const Population& people() const { return people_; }
    Population& people() { return people_; }
    /// Complete once finished; before that, what has been recorded so far.
    RunResults results() const;

    /// The state between two steps.
    Checkpoint checkpoint() const;
    /// Goes on from a checkpoint of the same model and key. \throws IoError when it does not fit
    void restore(const Checkpoint& checkpoint);

    struct Worker;
    struct Bad;

private:
    /// Years since the start, at the beginning of the present step.
    double begin() const { return static_cast<double>(tick_) / model_->ticks_per_year; }
    void take(const PointProgram& point);
    void set_time(double at);
    void make_step();
    void begin_year();
    void tell_so_far();
    void select();
    void accrue_to_region();
    void live(std::size_t first, std::size_t last, bool entrants);
    void live_entrants();
    void admit_arrivals();
    void admit_births();
    std::size_t make_room(std::size_t entrants);
    void enter(std::size_t slot, std::uint64_t uid, double at, double age);
    void settle(std::size_t first);
    void close_cycles();
    void close_year();
    void remove_dead();
    void fill_places();
    /// Adds what the workers have summed to the totals: of events and integrals, and of what was taken at a point in
    /// time.
    void merge_workers(int period_of_events, int period_of_points);
    void raise_bad();
    /// Lets places that serve one by one serve those who came in the step.
    void serve_queues();
    /// What the next step sees, from what this one had.
    void change_signals();

    std::shared_ptr<const Model> model_;
    Population people_;
    RunOptions options_;
    struct Threads;
    std::unique_ptr<Threads> threads_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::vector<ChunkRange> ranges_;  ///< of the loop that runs
    std::vector<MeasureSums> sums_;
    std::vector<std::vector<std::int64_t>> totals_;  ///< by measure: of the people, while they are sorted
    std::vector<std::vector<std::int64_t>>
        left_totals_;  ///< by measure of the whole run: of people who are no longer kept
    std::vector<std::uint32_t> gone_;
    std::vector<double> entry_;  ///< of people entering in this step: years after its start, by slot - first_entrant_
    std::size_t first_entrant_ = 0;
    std::unordered_set<std::uint64_t> later_uids_;
    int tick_ = 0;
    std::int64_t people_at_start_ = 0;
    std::int64_t events_ = 0;
    std::int64_t evaluations_ = 0;
    std::int64_t person_time_ = 0;
    std::vector<double> signals_;  ///< in this step
    /// What a measure has had so far, by Model::observed.
    struct Observed {
        std::int64_t sum = 0;
        std::int64_t weight = 0;
    };
    std::vector<Observed> observed_;
    std::vector<std::vector<double>> signal_history_;  ///< by signal and step
    std::vector<ServerQueue> queues_;
    std::vector<ServerQueue::Served> served_;  ///< in this step: by queue, and by its priorities
    std::vector<DrawSite> service_sites_;  ///< by transition
    std::vector<DrawSite> clock_sites_, fatal_sites_, cycle_sites_, noise_sites_;
    struct SelectionSites {
        DrawSite priority, uptake, entry;
    };
    std::vector<SelectionSites> selection_sites_;
    /// How many a selection may invite in this step, and how many can enter.
    struct Limits {
        std::int64_t invitations, places;
    };
    /// What somebody who is invited says to it.
    struct Answer {
        std::size_t slot;
        bool consents;
        double start;  ///< years after the start of the step
    };
    std::vector<Candidate> find_candidates(const Selection& selection, Limits& limits);
    void put_in_order(const Selection& selection, const SelectionSites& sites, const Limits& limits,
                      std::vector<Candidate>& candidates) const;
    void carry_out(const Selection& selection, const std::vector<Answer>& answers);

    template <class Body>
    void in_arena(const Body& body);
    template <class Body>
    void for_chunks(std::size_t first, std::size_t last, std::size_t chunk, const Body& body);
};

}  // namespace proeftuin
