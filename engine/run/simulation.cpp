#include "engine/run/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/core/bytes.hpp"
#include "engine/core/errors.hpp"
#include "engine/run/cycles.hpp"
#include "engine/run/live.hpp"
#include "engine/run/person_statistics.hpp"
#include "engine/run/points.hpp"
#include "engine/run/simulation_loops.hpp"
#include "engine/run/start.hpp"

namespace proeftuin {
namespace {

/// A total that was reported and must not be reported again (of people kept after their death).
constexpr std::int64_t reported = INT64_MIN;

/// Large chunks let many people go from event to event together.
constexpr std::size_t step_chunk = 8 * people_block;

/// Adds `from` to `to` and empties it. \return whether all sums are numbers; without a branch, so that it is vector
/// code
bool move_sums(std::int64_t* __restrict from, std::size_t cells, std::int64_t* __restrict to) {
    std::uint64_t beyond = 0;
    for (std::size_t c = 0; c < cells; ++c) {
        const auto a = static_cast<std::uint64_t>(to[c]), b = static_cast<std::uint64_t>(from[c]), sum = a + b;
        beyond |= (a ^ sum) & (b ^ sum);  // another sign than both
        to[c] = static_cast<std::int64_t>(sum);
        from[c] = 0;
    }
    return beyond >> 63 == 0;
}

}  // namespace

Simulation::Simulation(std::shared_ptr<const Model> model, Population start, RunOptions options)
    : model_{std::move(model)}, people_{std::move(start)}, options_{std::move(options)} {
    PT_EXPECT(options_.chunk <= 32768);
    const Model& m = *model_;
    if (options_.threads <= 0) options_.threads = tbb::this_task_arena::max_concurrency();
    sums_ = empty_sums(m);
    signals_ = m.signal_starts;
    queues_.resize(m.queues.size());
    observed_.resize(m.observed.size());
    signal_history_.resize(m.signals.size());
    left_totals_.resize(m.measures.size());
    const RunKey key = options_.key;
    for (const auto& t : m.transitions) {
        clock_sites_.emplace_back(key.seed, key.replicate, "clock." + t.name);
        fatal_sites_.emplace_back(key.seed, key.replicate, "fatal." + t.name);
        service_sites_.emplace_back(key.seed, key.replicate, "service." + t.name);
    }
    for (const auto& p : m.processes) cycle_sites_.emplace_back(key.seed, key.replicate, "cycle." + p.name);
    for (const auto& a : m.attributes) noise_sites_.emplace_back(key.seed, key.replicate, "noise." + a.name);
    for (const auto& s : m.selections)
        selection_sites_.push_back({DrawSite(key.seed, key.replicate, "priority." + s.name),
                                    DrawSite(key.seed, key.replicate, "uptake." + s.name),
                                    DrawSite(key.seed, key.replicate, "entry." + s.name)});
    people_at_start_ = static_cast<std::int64_t>(people_.size());
}

Simulation::~Simulation() = default;

int Simulation::ticks() const { return model_->years * model_->ticks_per_year; }

void Simulation::live(std::size_t first, std::size_t last, bool entrants) {
    if (first >= last) return;
    const double length = 1.0 / model_->ticks_per_year;
    const StepTime time{begin(), length, static_cast<double>(tick_ + 1) / model_->ticks_per_year,
                        model_->start_year + begin(), signals_};
    const KernelSites sites{clock_sites_, fatal_sites_, noise_sites_, tick_};
    for_chunks(first, last, options_.chunk != 0 ? options_.chunk : step_chunk, [&](Worker& w, ChunkRange r) {
        const double* entry = entrants ? entry_.data() + (r.begin - first_entrant_) : nullptr;
        people_.fill(r.begin, r.end);
        ChunkStep(*model_, w, people_, sites, time, r, entry).run();
    });
    people_.end_fill();
}

void Simulation::step() {
    in_arena([&] { make_step(); });
}

void Simulation::make_step() {
    PT_EXPECT(!finished());
    const Model& m = *model_;
    if (tick_ == 0) {
        take(m.border);
        for (const PointProgram& point : m.points) take(point);
        merge_workers(0, 0);
    }
    if (tick_ > 0 && tick_ % m.ticks_per_year == 0) {
        remove_dead();
        begin_year();
    }
    tell_so_far();
    select();
    raise_bad();
    live(0, people_.size(), false);
    raise_bad();
    live_entrants();
    serve_queues();
    accrue_to_region();
    const int period = tick_ / m.ticks_per_year;
    merge_workers(period, period);
    ++tick_;
    if (m.has_cycles) close_cycles();
    raise_bad();
    if (tick_ % m.ticks_per_year == 0) {
        close_year();
        take(m.border);
        merge_workers(tick_ / m.ticks_per_year, tick_ / m.ticks_per_year);
    }
    if (finished()) {
        remove_dead();
        fill_places();
        set_time(begin());
    }
    raise_bad();
    change_signals();
}

/// Amounts of the step that are nobody's.
void Simulation::accrue_to_region() {
    for (std::size_t k = 0; k < sums_.size(); ++k)
        if (const auto& by_step = model_->measures[k].by_step; !by_step.empty())
            sums_[k].sum[static_cast<std::size_t>(tick_ / model_->ticks_per_year)] +=
                by_step[static_cast<std::size_t>(tick_)];
}

/// Draws anew what is drawn every year.
void Simulation::begin_year() {
    const Model& m = *model_;
    if (std::none_of(m.attributes.begin(), m.attributes.end(), [](const AttributeColumn& a) { return a.each_year; }))
        return;
    fill_places();
    set_time(begin());
    const Scalars scalars(m.start_year + begin(), begin(), signals_);
    redraw_yearly(m, people_, 0, people_.size(), options_.key, scalars,
                  static_cast<std::int64_t>(m.start_year + begin()));
}

/// What people have had of measures in this year, for expressions that name it.
void Simulation::tell_so_far() {
    const Model& m = *model_;
    if (std::none_of(m.measures.begin(), m.measures.end(), [](const Measure& k) { return k.so_far != no_column; }))
        return;
    const auto year = static_cast<std::size_t>(tick_ / m.ticks_per_year);
    for_chunks(0, people_.size(), people_block, [&](Worker& w, ChunkRange r) {
        people_.fill(r.begin, r.end);
        for (const Measure& measure : m.measures) {
            if (measure.so_far == no_column) continue;
            const std::int64_t most = measure.at_most.empty() ? INT64_MAX : measure.at_most[year];
            const std::int64_t* total = w.columns.get<std::int64_t>(measure.total);
            double* so_far = w.columns.get<double>(measure.so_far);
            for (std::size_t i = 0; i < r.size(); ++i)
                so_far[i] =
                    total[i] == reported ? 0.0 : static_cast<double>(std::min(total[i], most)) * measure.quantum;
        }
    });
    people_.end_fill();
}

/// Those who arrive or are born in this step, and the children whom they have in it.
void Simulation::live_entrants() {
    first_entrant_ = people_.size();
    entry_.clear();
    admit_arrivals();
    raise_bad();
    admit_births();
    for (std::size_t done = first_entrant_; done < people_.size();) {
        const std::size_t last = people_.size();
        live(done, last, true);
        raise_bad();
        done = last;
        admit_births();
    }
}

/// People as they are at a time [years since the start], whatever was looked at there.
void Simulation::set_time(double at) {
    for_chunks(0, people_.size(), people_block,
               [&](Worker& w, ChunkRange r) { set_exact_time(*model_, w.columns, r.size(), at); });
}

bool Simulation::run() {
    while (!finished() && !(options_.stop != nullptr && options_.stop->load())) {
        step();
        if (options_.progress)
            options_.progress(static_cast<int>(model_->start_year) + (tick_ - 1) / model_->ticks_per_year,
                              static_cast<double>(tick_) / ticks());
    }
    return finished();
}

void Simulation::raise_bad() {
    Bad worst;
    for (const auto& w : workers_)
        if (w->bad.any) worst.note(w->bad.uid, w->bad.what, w->bad.where, w->bad.others);
    if (!worst.any) return;
    const int year = static_cast<int>(model_->start_year) + tick_ / model_->ticks_per_year;
    Diagnostic d{
        Severity::error, "E0446", fmt::format("in {} (step {}): {}", year, tick_, worst.what), worst.where, {}, {}, {}};
    for (const SourceSpan& other : worst.others) d.notes.push_back({other, "this factor is on it"});
    throw RunError(std::move(d));
}

void Simulation::merge_workers(int period_of_events, int period_of_points) {
    for (auto& w : workers_) {
        for (std::size_t k = 0; k < sums_.size(); ++k) {
            MeasureSums& total = sums_[k];
            const int period = total.periods > model_->years ? period_of_points : period_of_events;
            if (period >= total.periods) continue;
            const std::size_t base = static_cast<std::size_t>(period) * static_cast<std::size_t>(total.cells);
            if (!move_sums(w->sum[k].data(), static_cast<std::size_t>(total.cells), total.sum.data() + base))
                throw NumericError(fmt::format("'{}' adds up to more than can be counted in steps of {:g}",
                                               model_->measures[k].name, model_->measures[k].quantum));
            w->sum[k].back() = 0;  // of nobody's cell
            for (std::size_t c = 0; c < total.weight.size() / static_cast<std::size_t>(total.periods); ++c) {
                total.weight[base + c] += w->weight[k][c];
                w->weight[k][c] = 0;
            }
            if (!w->weight[k].empty()) w->weight[k].back() = 0;
        }
        events_ += std::exchange(w->events, 0);
        evaluations_ += std::exchange(w->evaluations, 0);
        person_time_ += std::exchange(w->person_time, 0);
    }
}

void Simulation::take(const PointProgram& point) {
    if (point.empty()) return;
    const double at = begin();
    const Scalars scalars(model_->start_year + at, at, signals_);
    const TimeRead read = time_read_by(*model_, point.program);
    for_chunks(0, people_.size(), points_block, [&](Worker& w, ChunkRange r) {
        show_exact_time(*model_, w, read, r.size(), at);
        take_points(*model_, w, point, r.size(), scalars, at);
    });
    for (auto& w : workers_) finish_points(*model_, *w, point, at);
}

void Simulation::close_cycles() {
    const Model& m = *model_;
    for (std::size_t p = 0; p < m.processes.size(); ++p) {
        const Process& process = m.processes[p];
        if (process.is_rate || tick_ % process.ticks_per_cycle != 0) continue;
        const double end = begin(), start = end - process.cycle;
        const Scalars scalars(m.start_year + start, start, signals_);
        const Scalars scalars_at_end(m.start_year + end, end, signals_);
        const Cycle cycle{cycle_depends_on_time(m, process), end,
                          static_cast<std::uint64_t>(tick_ / process.ticks_per_cycle), scalars};
        const TimeRead read = time_read_by(m, m.points[p].program);
        for_chunks(0, people_.size(), people_block, [&](Worker& w, ChunkRange r) {
            end_cycle(m, w, process, cycle, cycle_sites_[p], fatal_sites_, r.size());
            if (m.points[p].empty()) return;
            show_exact_time(m, w, read, r.size(), end);
            take_points(m, w, m.points[p], r.size(), scalars_at_end, end);
        });
        for (auto& w : workers_) finish_points(m, *w, m.points[p], end);
        // Events belong to the year that ends, what holds at its end to the next.
        merge_workers((tick_ - 1) / m.ticks_per_year, tick_ / m.ticks_per_year);
    }
}

void Simulation::close_year() {
    const Model& m = *model_;
    std::vector<std::size_t> due;
    for (std::size_t k = 0; k < m.measures.size(); ++k) {
        const auto per_person = m.measures[k].per_person;
        if (per_person == MeasureSpec::PerPerson::year || (per_person == MeasureSpec::PerPerson::run && finished()))
            due.push_back(k);
    }
    if (due.empty()) return;
    const auto life = people_.column<std::uint8_t>(m.life);
    totals_.resize(m.measures.size());
    in_arena([&] {
        tbb::parallel_for(std::size_t{0}, due.size(), [&](std::size_t d) {
            const std::size_t k = due[d];
            const Measure& measure = m.measures[k];
            auto total = people_.column<std::int64_t>(measure.total);
            std::vector<std::int64_t>& totals = totals_[k];
            totals = left_totals_[k];
            const auto year = static_cast<std::size_t>(tick_ / m.ticks_per_year - 1);
            const std::int64_t most = measure.at_most.empty() ? INT64_MAX : measure.at_most[year];
            for (std::size_t i = 0; i < total.size(); ++i) {
                if (total[i] == reported) continue;
                totals.push_back(std::min(total[i], most));
                if (total[i] > most) sums_[k].sum[year] -= total[i] - most;
                if (measure.per_person == MeasureSpec::PerPerson::year) total[i] = life[i] == 0 ? 0 : reported;
            }
            // A new year begins.
            if (measure.so_far != no_column) std::ranges::fill(people_.column<double>(measure.so_far), 0.0);
            sums_[k].persons.push_back(describe(totals, measure.quantum));
        });
    });
}

/// Those who take the places of the dead do so now, not when the step comes to them.
void Simulation::fill_places() {
    in_arena([&] { people_.fill_all(); });
}

void Simulation::remove_dead() {
    if (options_.keep_dead) return;
    const auto life = people_.column<std::uint8_t>(model_->life);
    gone_.clear();
    for_each_nonzero(life.data(), life.size(), [&](std::size_t i) { gone_.push_back(static_cast<std::uint32_t>(i)); });
    // Stepping over a few empty places costs less than filling them.
    if (gone_.size() * 32 < life.size()) return;
    // What the run as a whole counts by person stays, the people go.
    for (std::size_t k = 0; k < left_totals_.size(); ++k) {
        const Measure& measure = model_->measures[k];
        if (measure.per_person != MeasureSpec::PerPerson::run) continue;
        const auto total = people_.column<std::int64_t>(measure.total);
        for (const std::uint32_t i : gone_) left_totals_[k].push_back(total[i]);
    }
    people_.remove(gone_);
}

RunResults Simulation::results() const {
    RunResults r;
    r.measures = sums_;
    r.people_at_start = people_at_start_;
    const auto life = people_.column<std::uint8_t>(model_->life);
    r.people_alive = std::count(life.begin(), life.end(), std::uint8_t{0});
    r.person_years = static_cast<double>(person_time_) * 1e-9;
    r.events = events_;
    r.evaluations = evaluations_;
    r.signals = signal_history_;
    return r;
}

}  // namespace proeftuin
