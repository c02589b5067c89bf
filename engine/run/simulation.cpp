#include "engine/run/simulation.hpp"

#include <fmt/format.h>
#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <bit>
#include <boost/sort/spreadsort/integer_sort.hpp>
#include <cmath>
#include <numeric>

#include "engine/core/bytes.hpp"
#include "engine/core/errors.hpp"
#include "engine/core/hash.hpp"
#include "engine/random/uid.hpp"
#include "engine/run/cycles.hpp"
#include "engine/run/live.hpp"
#include "engine/run/points.hpp"
#include "engine/run/start.hpp"
#include "engine/run/worker.hpp"

namespace proeftuin {
namespace {

constexpr double quantile_levels[] = {0.01, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.99};
// A total that was reported and must not be reported again (of people kept after their death).
constexpr std::int64_t reported = INT64_MIN;

/// Sum of the largest `count` values / sum of all, with a fraction of the value at the border.
double top_share(const std::vector<std::int64_t>& sorted, double share, double total) {
    if (total == 0.0) return 0.0;
    const double wanted = share * static_cast<double>(sorted.size());
    const auto whole = static_cast<std::size_t>(wanted);
    __int128 sum = 0;
    for (std::size_t k = 0; k < whole; ++k) sum += sorted[sorted.size() - 1 - k];
    double top = static_cast<double>(sum);
    if (whole < sorted.size())
        top += (wanted - static_cast<double>(whole)) * static_cast<double>(sorted[sorted.size() - 1 - whole]);
    return top / total;
}

PersonStatistics describe(std::vector<std::int64_t>& totals, double quantum) {
    PersonStatistics s;
    s.people = static_cast<std::int64_t>(totals.size());
    if (totals.empty()) return s;
    boost::sort::spreadsort::integer_sort(totals.begin(), totals.end());
    __int128 sum = 0;
    for (const auto t : totals) sum += t;
    const double n = static_cast<double>(totals.size());
    const double mean = static_cast<double>(sum) / n;
    // Deviations from the rounded mean are whole numbers: squares add exactly.
    const auto centre = static_cast<std::int64_t>(std::llround(mean));
    __int128 deviation = 0;
    double squares_high = 0.0;
    unsigned __int128 squares = 0;
    for (const auto t : totals) {
        const __int128 d = static_cast<__int128>(t) - centre;
        deviation += d;
        squares += static_cast<unsigned __int128>(d * d);
    }
    squares_high = static_cast<double>(squares);
    const double off = static_cast<double>(deviation) / n;
    s.mean = mean * quantum;
    s.sd = totals.size() > 1 ? std::sqrt(std::max(0.0, (squares_high - n * off * off) / (n - 1.0))) * quantum : 0.0;
    for (const double level : quantile_levels) {
        // Type 7 of Hyndman & Fan 1996: linear between order statistics.
        const double h = level * (n - 1.0);
        const auto k = static_cast<std::size_t>(h);
        const double low = static_cast<double>(totals[k]);
        const double high = static_cast<double>(totals[std::min(k + 1, totals.size() - 1)]);
        s.quantiles.push_back((low + (h - static_cast<double>(k)) * (high - low)) * quantum);
    }
    const double total = static_cast<double>(sum);
    s.top_share_1 = top_share(totals, 0.01, total);
    s.top_share_5 = top_share(totals, 0.05, total);
    s.top_share_10 = top_share(totals, 0.10, total);
    return s;
}

}  // namespace

std::uint64_t RunResults::digest() const {
    std::uint64_t h = combine64(static_cast<std::uint64_t>(people_at_start), static_cast<std::uint64_t>(people_alive));
    const auto add = [&](std::uint64_t x) { h = combine64(h, x); };
    for (const auto& m : measures) {
        for (const auto x : m.sum) add(static_cast<std::uint64_t>(x));
        for (const auto x : m.weight) add(static_cast<std::uint64_t>(x));
        for (const auto& p : m.persons) {
            add(static_cast<std::uint64_t>(p.people));
            for (const double x : {p.mean, p.sd, p.top_share_1, p.top_share_5, p.top_share_10})
                add(std::bit_cast<std::uint64_t>(x));
            for (const double x : p.quantiles) add(std::bit_cast<std::uint64_t>(x));
        }
    }
    return h;
}

Simulation::Simulation(std::shared_ptr<const Model> model, Population start, RunOptions options)
    : model_{std::move(model)}, people_{std::move(start)}, options_{std::move(options)} {
    PT_EXPECT(options_.chunk <= 32768);
    const Model& m = *model_;
    if (options_.threads <= 0) options_.threads = tbb::this_task_arena::max_concurrency();
    for (const Measure& measure : m.measures) {
        MeasureSums sums;
        const bool borders = measure.kind == MeasureSpec::Kind::people || measure.kind == MeasureSpec::Kind::points;
        sums.periods = m.years + (borders ? 1 : 0);
        sums.cells = m.groupings[static_cast<std::size_t>(measure.grouping)].cells;
        sums.sum.assign(static_cast<std::size_t>(sums.periods) * static_cast<std::size_t>(sums.cells), 0);
        if (measure.is_mean) sums.weight.assign(sums.sum.size(), 0);
        sums_.push_back(std::move(sums));
    }
    left_totals_.resize(m.measures.size());
    const RunKey key = options_.key;
    for (const auto& t : m.transitions) {
        clock_sites_.emplace_back(key.seed, key.replicate, "clock." + t.name);
        fatal_sites_.emplace_back(key.seed, key.replicate, "fatal." + t.name);
    }
    for (const auto& p : m.processes) cycle_sites_.emplace_back(key.seed, key.replicate, "cycle." + p.name);
    for (const auto& a : m.attributes) noise_sites_.emplace_back(key.seed, key.replicate, "noise." + a.name);
    people_at_start_ = static_cast<std::int64_t>(people_.size());
}

Simulation::~Simulation() = default;

int Simulation::ticks() const { return model_->years * model_->ticks_per_year; }

template <class Body>
void Simulation::in_arena(const Body& body) {
    tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                              std::max<std::size_t>(static_cast<std::size_t>(options_.threads), 1));
    tbb::task_arena arena(options_.threads);
    arena.execute(body);
}

template <class Body>
void Simulation::for_chunks(std::size_t first, std::size_t last, std::size_t chunk, const Body& body) {
    const std::size_t chunks = (last - first + chunk - 1) / chunk;
    const auto threads = static_cast<std::size_t>(options_.threads);
    while (workers_.size() < threads) workers_.push_back(std::make_unique<Worker>(*model_));
    in_arena([&] {
        tbb::parallel_for(
            tbb::blocked_range<std::size_t>(0, chunks, 1),
            [&](const tbb::blocked_range<std::size_t>& range) {
                Worker& w = *workers_[static_cast<std::size_t>(tbb::this_task_arena::current_thread_index())];
                for (std::size_t c = range.begin(); c < range.end(); ++c) {
                    const ChunkRange r{first + c * chunk, std::min(last, first + (c + 1) * chunk)};
                    w.columns.point_at(people_, r.begin);
                    body(w, r);
                }
            },
            tbb::simple_partitioner());
    });
}

/// Large chunks let many people go from event to event together; there must be enough of them to share out.
std::size_t Simulation::step_chunk(std::size_t people) const {
    if (options_.chunk != 0) return options_.chunk;
    const std::size_t share = people / (static_cast<std::size_t>(options_.threads) * 16) / people_block * people_block;
    return std::clamp<std::size_t>(share, people_block, 8 * people_block);
}

void Simulation::live(std::size_t first, std::size_t last, bool entrants) {
    if (first >= last) return;
    const double length = 1.0 / model_->ticks_per_year;
    const double begin = static_cast<double>(tick_) / model_->ticks_per_year;
    const StepTime time{begin, length, static_cast<double>(tick_ + 1) / model_->ticks_per_year,
                        model_->start_year + begin};
    const KernelSites sites{clock_sites_, fatal_sites_, noise_sites_, tick_};
    for_chunks(first, last, step_chunk(last - first), [&](Worker& w, ChunkRange r) {
        const double* entry = entrants ? entry_.data() + (r.begin - first_entrant_) : nullptr;
        ChunkStep(*model_, w, people_, sites, time, r, entry).run();
    });
}

void Simulation::step() {
    PT_EXPECT(!finished());
    const Model& m = *model_;
    if (tick_ == 0) {
        take(m.border);
        for (const PointProgram& point : m.points) take(point);
        merge_workers(0, 0);
    }
    if (tick_ > 0 && tick_ % m.ticks_per_year == 0) {
        const double begin = static_cast<double>(tick_) / m.ticks_per_year;
        const double scalars[scalar::count] = {m.start_year + begin, begin};
        if (std::any_of(m.attributes.begin(), m.attributes.end(),
                        [](const AttributeColumn& a) { return a.each_year; })) {
            set_time(begin);
            redraw_yearly(m, people_, 0, people_.size(), options_.key, scalars,
                          static_cast<std::int64_t>(m.start_year + begin));
        }
    }
    const std::size_t residents = people_.size();
    live(0, residents, false);
    raise_bad();
    first_entrant_ = residents;
    entry_.clear();
    admit_arrivals();
    admit_births();
    std::size_t done = first_entrant_;
    while (done < people_.size()) {
        const std::size_t last = people_.size();
        live(done, last, true);
        raise_bad();
        done = last;
        admit_births();
    }
    const int period = tick_ / m.ticks_per_year;
    merge_workers(period, period);
    ++tick_;
    if (m.has_cycles) close_cycles();
    raise_bad();
    if (tick_ % m.ticks_per_year == 0) {
        close_year();
        take(m.border);
        merge_workers(tick_ / m.ticks_per_year, tick_ / m.ticks_per_year);
        remove_dead();
    }
    if (finished()) set_time(static_cast<double>(tick_) / m.ticks_per_year);
    raise_bad();
}

/// People as they are at a time [years since the start], whatever was looked at there.
void Simulation::set_time(double at) {
    for_chunks(0, people_.size(), people_block,
               [&](Worker& w, ChunkRange r) { set_exact_time(*model_, w.columns, r.size(), at); });
}

bool Simulation::run() {
    while (!finished()) {
        if (options_.stop != nullptr && options_.stop->load()) return false;
        step();
        if (options_.progress)
            options_.progress(static_cast<int>(model_->start_year) + (tick_ - 1) / model_->ticks_per_year,
                              static_cast<double>(tick_) / ticks());
    }
    return true;
}

void Simulation::raise_bad() {
    Bad worst;
    for (const auto& w : workers_)
        if (w->bad.any) worst.note(w->bad.uid, w->bad.what, w->bad.where, w->bad.others);
    if (worst.any) {
        const int at = std::max(0, tick_);
        Diagnostic d{Severity::error,
                     "E0446",
                     fmt::format("in {} (step {}): {}",
                                 static_cast<int>(model_->start_year) + at / model_->ticks_per_year, at, worst.what),
                     worst.where,
                     {},
                     {},
                     {}};
        for (const SourceSpan& other : worst.others) d.notes.push_back({other, "this factor is on it"});
        throw RunError(std::move(d));
    }
}

void Simulation::merge_workers(int period_of_events, int period_of_points) {
    for (auto& w : workers_) {
        for (std::size_t k = 0; k < sums_.size(); ++k) {
            MeasureSums& total = sums_[k];
            const int period = total.periods > model_->years ? period_of_points : period_of_events;
            if (period >= total.periods) continue;
            const std::size_t base = static_cast<std::size_t>(period) * static_cast<std::size_t>(total.cells);
            for (std::size_t c = 0; c < static_cast<std::size_t>(total.cells); ++c) {
                if (__builtin_add_overflow(total.sum[base + c], w->sum[k][c], &total.sum[base + c]))
                    throw NumericError(fmt::format("'{}' adds up to more than can be counted in steps of {:g}",
                                                   model_->measures[k].name, model_->measures[k].quantum));
                w->sum[k][c] = 0;
            }
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
    const double at = static_cast<double>(tick_) / model_->ticks_per_year;
    const double scalars[scalar::count] = {model_->start_year + at, at};
    const bool sets_time = depends_on_time(*model_, point.program);
    for_chunks(0, people_.size(), points_block, [&](Worker& w, ChunkRange r) {
        if (sets_time) set_exact_time(*model_, w.columns, r.size(), at);
        take_points(*model_, w, point, r.size(), scalars, at);
    });
    for (auto& w : workers_) finish_points(*model_, *w, point, at);
}

void Simulation::close_cycles() {
    const Model& m = *model_;
    for (std::size_t p = 0; p < m.processes.size(); ++p) {
        const Process& process = m.processes[p];
        if (process.is_rate || tick_ % process.ticks_per_cycle != 0) continue;
        const double end = static_cast<double>(tick_) / m.ticks_per_year;
        const double begin = end - process.cycle;
        const double scalars[scalar::count] = {m.start_year + begin, begin};
        const double scalars_at_end[scalar::count] = {m.start_year + end, end};
        const Cycle cycle{cycle_depends_on_time(m, process), end,
                          static_cast<std::uint64_t>(tick_ / process.ticks_per_cycle), scalars};
        const bool points_set_time = depends_on_time(m, m.points[p].program);
        for_chunks(0, people_.size(), people_block, [&](Worker& w, ChunkRange r) {
            end_cycle(m, w, process, cycle, cycle_sites_[p], fatal_sites_, r.size());
            if (m.points[p].empty()) return;
            if (points_set_time) set_exact_time(m, w.columns, r.size(), end);
            take_points(m, w, m.points[p], r.size(), scalars_at_end, end);
        });
        for (auto& w : workers_) finish_points(m, *w, m.points[p], end);
        // Events belong to the year that ends, what holds at its end to the next.
        merge_workers((tick_ - 1) / m.ticks_per_year, tick_ / m.ticks_per_year);
    }
}

void Simulation::admit_arrivals() {
    const Model& m = *model_;
    if (m.arrivals.empty()) return;
    const double length = 1.0 / m.ticks_per_year;
    const double begin = static_cast<double>(tick_) / m.ticks_per_year;
    const auto year = static_cast<std::int64_t>(std::floor(m.start_year + begin + 1e-9));
    const double in_year = begin - std::floor(begin + 1e-9);
    const std::size_t first = people_.size();
    struct Newcomer {
        std::uint64_t uid;
        double at;
        double age;
        std::vector<std::pair<int, int>> codes;
    };
    std::vector<Newcomer> newcomers;
    for (std::size_t a = 0; a < m.arrivals.size(); ++a) {
        const Arrivals& arrivals = m.arrivals[a];
        const Table& table = *arrivals.numbers;
        const DrawSite rounding(options_.key.seed, options_.key.replicate, "arrivals.number." + table.name);
        const DrawSite moment(options_.key.seed, options_.key.replicate, "arrivals.time." + table.name);
        const DrawSite ages(options_.key.seed, options_.key.replicate, "arrivals.age." + table.name);
        for (std::size_t c = 0; c < table.values.size(); ++c) {
            std::size_t rest = c;
            bool first_row = true;
            double weight_of_next = 0.0;
            std::size_t next = c;
            std::size_t stride = 1;
            double age_low = 0.0, age_width = 1.0;
            std::vector<std::pair<int, int>> codes;
            std::uint64_t group = hash64(table.name);
            for (std::size_t x = table.axes.size(); x-- > 0;) {
                const TableAxis& axis = table.axes[x];
                const std::size_t k = rest % axis.size();
                rest /= axis.size();
                const int attribute = arrivals.attribute_by_axis[x];
                if (attribute == -2) {
                    // The row in force in the middle of the year, or between two rows; outside the nearest.
                    const double middle = static_cast<double>(year) + 0.5;
                    std::size_t row = 0;
                    for (std::size_t j = 0; j < axis.points.size(); ++j)
                        if (axis.points[j] <= middle) row = j;
                    first_row = first_row && row == k;
                    if (axis.between == Interpolation::linear && row + 1 < axis.points.size() &&
                        middle > axis.points[row]) {
                        weight_of_next = (middle - axis.points[row]) / (axis.points[row + 1] - axis.points[row]);
                        next = c + stride;
                    }
                    stride *= axis.size();
                    continue;
                }
                stride *= axis.size();
                if (attribute == -1) {
                    const double shift = axis.between == Interpolation::linear ? 0.5 : 0.0;
                    age_low = axis.points[k] - shift;
                    age_width = k + 1 < axis.points.size() ? axis.points[k + 1] - axis.points[k] : 1.0;
                } else {
                    codes.emplace_back(attribute, static_cast<int>(k));
                }
                group = combine64(group, combine64(hash64(axis.name), k));
            }
            if (!first_row) continue;
            const double in_force =
                weight_of_next == 0.0 ? table.values[c]
                                      : std::fma(weight_of_next, table.values[next] - table.values[c], table.values[c]);
            const double expected = in_force * arrivals.scale;
            if (!(expected >= 0.0))
                throw RunError({Severity::error,
                                "E0446",
                                fmt::format("arrivals '{}' are {} in some group of {} (they must be at least 0)",
                                            table.name, expected, year),
                                table.places.empty() ? SourceSpan{} : table.places[c],
                                {},
                                {},
                                {}});
            const double whole = std::floor(expected);
            const auto yearly = combine64(group, static_cast<std::uint64_t>(year));
            const auto number =
                static_cast<std::uint64_t>(whole) + (uniform(rounding, yearly, 0) < expected - whole ? 1 : 0);
            for (std::uint64_t k = 0; k < number; ++k) {
                const double at = uniform(moment, yearly, k) - in_year;  // years after the start of this step
                if (at < 0.0 || at >= length) continue;
                const std::uint64_t uid = uid_of_arrival(year, group, k);
                newcomers.push_back({uid, at, age_low + age_width * uniform(ages, uid, 0), codes});
            }
        }
    }
    if (newcomers.empty()) return;
    std::sort(newcomers.begin(), newcomers.end(), [](const auto& a, const auto& b) { return a.uid < b.uid; });
    const std::size_t n = newcomers.size();
    people_.append(n);
    entry_.resize(people_.size() - first_entrant_, 0.0);
    for (std::size_t i = 0; i < n; ++i) {
        const Newcomer& x = newcomers[i];
        if (!later_uids_.insert(x.uid).second)
            throw NumericError(fmt::format("two people would have the uid {} (choose another seed)", x.uid));
        people_.column<std::uint64_t>(m.uid)[first + i] = x.uid;
        people_.column<double>(m.age)[first + i] = x.age;
        people_.column<double>(m.birth)[first + i] = m.start_year + begin + x.at - x.age;
        entry_[first + i - first_entrant_] = x.at;
    }
    const double scalars[scalar::count] = {m.start_year + begin + 0.5 * length, begin + 0.5 * length};
    for (const int node : m.start_order) {
        const bool is_attribute = node >= 0;
        if (is_attribute && m.attributes[static_cast<std::size_t>(node)].column == m.age) continue;
        const bool set_by_group =
            is_attribute && std::any_of(newcomers.front().codes.begin(), newcomers.front().codes.end(),
                                        [&](const auto& c) { return c.first == node; });
        if (set_by_group) {
            const AttributeColumn& a = m.attributes[static_cast<std::size_t>(node)];
            for (std::size_t i = 0; i < n; ++i)
                for (const auto& [attribute, code] : newcomers[i].codes)
                    if (attribute == node) {
                        if (m.layout.items[a.column].type == ColumnType::u16)
                            people_.column<std::uint16_t>(a.column)[first + i] = static_cast<std::uint16_t>(code);
                        else
                            people_.column<std::uint8_t>(a.column)[first + i] = static_cast<std::uint8_t>(code);
                    }
        } else {
            initialise_node(m, people_, node, first, n, options_.key, scalars);
        }
    }
    redraw_yearly(m, people_, first, n, options_.key, scalars, year);
    open_clocks(m, people_, first, n, options_.key, begin);
    for (const Timer& timer : m.timers)
        for (std::size_t i = 0; i < n; ++i) people_.column<double>(timer.entered)[first + i] = begin + newcomers[i].at;
    if (m.arrival != no_index && !m.records[static_cast<std::size_t>(m.arrival)].empty())
        for_chunks(first, first + n, people_block, [&](Worker& w, ChunkRange r) {
            w.list.clear();
            for (std::size_t i = 0; i < r.size(); ++i) w.list.push_back(static_cast<std::uint16_t>(i));
            const double* at = entry_.data() + (r.begin - first_entrant_);
            record_event(m, w, m.records[static_cast<std::size_t>(m.arrival)], w.list, scalars,
                         [&](std::size_t j) { return begin + at[j]; });
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
    const std::size_t first = people_.size();
    const std::size_t n = births.size();
    const double length = 1.0 / m.ticks_per_year;
    const double begin = static_cast<double>(tick_) / m.ticks_per_year;
    people_.append(n);
    entry_.resize(people_.size() - first_entrant_, 0.0);
    for (std::size_t i = 0; i < n; ++i) {
        const std::uint64_t uid = uid_of_newborn(births[i].mother, births[i].number);
        if (!later_uids_.insert(uid).second)
            throw NumericError(fmt::format("two people would have the uid {} (choose another seed)", uid));
        people_.column<std::uint64_t>(m.uid)[first + i] = uid;
        people_.column<double>(m.birth)[first + i] = m.start_year + begin + births[i].at;
        people_.column<double>(m.age)[first + i] = 0.0;
        entry_[first + i - first_entrant_] = births[i].at;
    }
    const double scalars[scalar::count] = {m.start_year + begin + 0.5 * length, begin + 0.5 * length};
    for (const int node : m.start_order) {
        const AttributeColumn* a = node >= 0 ? &m.attributes[static_cast<std::size_t>(node)] : nullptr;
        if (a != nullptr && a->column == m.age) continue;
        if (a == nullptr || !a->inherit) {
            initialise_node(m, people_, node, first, n, options_.key, scalars);
            continue;
        }
        for (std::size_t i = 0; i < n; ++i) {
            const std::size_t mother = births[i].slot;
            switch (m.layout.items[a->column].type) {
                case ColumnType::u8:
                    people_.column<std::uint8_t>(a->column)[first + i] =
                        people_.column<std::uint8_t>(a->column)[mother];
                    break;
                case ColumnType::u16:
                    people_.column<std::uint16_t>(a->column)[first + i] =
                        people_.column<std::uint16_t>(a->column)[mother];
                    break;
                default:
                    people_.column<double>(a->column)[first + i] = people_.column<double>(a->column)[mother];
                    people_.column<double>(a->middle)[first + i] = people_.column<double>(a->column)[mother];
            }
        }
    }
    redraw_yearly(m, people_, first, n, options_.key, scalars, static_cast<std::int64_t>(m.start_year + begin + 1e-9));
    open_clocks(m, people_, first, n, options_.key, begin);
    for (const Timer& timer : m.timers)
        for (std::size_t i = 0; i < n; ++i) people_.column<double>(timer.entered)[first + i] = begin + births[i].at;
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
            for (std::size_t i = 0; i < total.size(); ++i) {
                if (total[i] == reported) continue;
                totals.push_back(total[i]);
                if (measure.per_person == MeasureSpec::PerPerson::year) total[i] = life[i] == 0 ? 0 : reported;
            }
            sums_[k].persons.push_back(describe(totals, measure.quantum));
        });
    });
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
    in_arena([&] { people_.remove(gone_); });
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
    return r;
}

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
    for (std::size_t k = 0; k < m.layout.items.size(); ++k) {
        const auto id = static_cast<ColumnId>(k);
        const std::string name = "people/" + m.layout.items[k].name;
        const auto copy = [&]<class T>(T) {
            const auto v = people_.column<T>(id);
            c.arrays[name] = std::vector<T>(v.begin(), v.end());
        };
        switch (m.layout.items[k].type) {
            case ColumnType::f64:
                copy(double{});
                break;
            case ColumnType::u8:
                copy(std::uint8_t{});
                break;
            case ColumnType::u16:
                copy(std::uint16_t{});
                break;
            case ColumnType::i64:
                copy(std::int64_t{});
                break;
            case ColumnType::u64:
                copy(std::uint64_t{});
                break;
        }
    }
    for (std::size_t k = 0; k < sums_.size(); ++k) {
        const std::string name = "measures/" + m.measures[k].name;
        c.arrays[name + "/sum"] = sums_[k].sum;
        c.arrays[name + "/weight"] = sums_[k].weight;
        std::vector<double> persons;
        for (const auto& p : sums_[k].persons) {
            persons.insert(persons.end(),
                           {static_cast<double>(p.people), p.mean, p.sd, p.top_share_1, p.top_share_5, p.top_share_10});
            persons.insert(persons.end(), p.quantiles.begin(), p.quantiles.end());
            persons.resize((persons.size() + 14) / 15 * 15, 0.0);
        }
        c.arrays[name + "/persons"] = persons;
        c.arrays[name + "/totals_of_those_gone"] = left_totals_[k];
    }
    std::vector<std::uint64_t> later(later_uids_.begin(), later_uids_.end());
    std::sort(later.begin(), later.end());
    c.arrays["later_uids"] = later;
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
    Population people(m.layout);
    people.append(c.array<std::uint64_t>("people/uid").size());
    for (std::size_t k = 0; k < m.layout.items.size(); ++k) {
        const auto id = static_cast<ColumnId>(k);
        const std::string name = "people/" + m.layout.items[k].name;
        const auto copy = [&]<class T>(T) {
            const auto& v = c.array<T>(name);
            if (v.size() != people.size())
                throw IoError(fmt::format("the checkpoint is damaged: '{}' has {} values", name, v.size()));
            std::copy(v.begin(), v.end(), people.column<T>(id).begin());
        };
        switch (m.layout.items[k].type) {
            case ColumnType::f64:
                copy(double{});
                break;
            case ColumnType::u8:
                copy(std::uint8_t{});
                break;
            case ColumnType::u16:
                copy(std::uint16_t{});
                break;
            case ColumnType::i64:
                copy(std::int64_t{});
                break;
            case ColumnType::u64:
                copy(std::uint64_t{});
                break;
        }
    }
    people_ = std::move(people);
    for (std::size_t k = 0; k < sums_.size(); ++k) {
        const std::string name = "measures/" + m.measures[k].name;
        const auto& sum = c.array<std::int64_t>(name + "/sum");
        if (sum.size() != sums_[k].sum.size())
            throw IoError(fmt::format("the checkpoint has another shape of measure '{}'", m.measures[k].name));
        sums_[k].sum = sum;
        sums_[k].weight = c.array<std::int64_t>(name + "/weight");
        left_totals_[k] = c.array<std::int64_t>(name + "/totals_of_those_gone");
        sums_[k].persons.clear();
        const auto& persons = c.array<double>(name + "/persons");
        for (std::size_t p = 0; p + 15 <= persons.size(); p += 15) {
            PersonStatistics s;
            s.people = static_cast<std::int64_t>(persons[p]);
            s.mean = persons[p + 1];
            s.sd = persons[p + 2];
            s.top_share_1 = persons[p + 3];
            s.top_share_5 = persons[p + 4];
            s.top_share_10 = persons[p + 5];
            if (s.people > 0)
                s.quantiles.assign(persons.begin() + static_cast<std::ptrdiff_t>(p) + 6,
                                   persons.begin() + static_cast<std::ptrdiff_t>(p) + 15);
            sums_[k].persons.push_back(std::move(s));
        }
    }
    tick_ = static_cast<int>(c.scalar<std::int64_t>("tick"));
    people_at_start_ = c.scalar<std::int64_t>("people_at_start");
    events_ = c.scalar<std::int64_t>("events");
    evaluations_ = c.scalar<std::int64_t>("evaluations");
    person_time_ = c.scalar<std::int64_t>("person_time");
    later_uids_.clear();
    for (const auto uid : c.array<std::uint64_t>("later_uids")) later_uids_.insert(uid);
}

}  // namespace proeftuin
