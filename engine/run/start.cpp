#include "engine/run/start.hpp"

#include <fmt/format.h>
#include <tbb/blocked_range.h>
#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <mutex>

#include "engine/core/bytes.hpp"
#include "engine/core/contracts.hpp"
#include "engine/core/hash.hpp"
#include "engine/core/math.hpp"
#include "engine/core/quantile.hpp"
#include "engine/random/draw.hpp"
#include "engine/run/chunk.hpp"
#include "engine/run/clocks.hpp"
#include "engine/run/fade.hpp"

namespace proeftuin {
namespace {

constexpr std::size_t block = 1024;

struct Workspace {
    EvaluationScratch scratch;
    ChunkColumns columns;
    std::vector<std::vector<double>> values;
    std::vector<double> draws;

    double* const* outputs(std::size_t n) {
        if (values.size() < n) values.resize(n);
        pointers_.resize(n);
        for (std::size_t k = 0; k < n; ++k) {
            values[k].resize(block);
            pointers_[k] = values[k].data();
        }
        return pointers_.data();
    }

private:
    std::vector<double*> pointers_;
};

template <class Body>
void for_blocks(Population& people, std::size_t first, std::size_t count, const Body& body) {
    const std::size_t blocks = (count + block - 1) / block;
    tbb::enumerable_thread_specific<Workspace> workspaces;
    tbb::parallel_for(tbb::blocked_range<std::size_t>(0, blocks, 1), [&](const auto& range) {
        Workspace& w = workspaces.local();
        for (std::size_t b = range.begin(); b < range.end(); ++b) {
            const std::size_t begin = first + b * block;
            const std::size_t n = std::min(block, first + count - begin);
            w.columns.point_at(people, begin);
            body(w, begin, n);
        }
    });
}

/// Draws for n people: first (and second) parameter of `rule` in `a` and `b`, result in `out`.
void draw_numbers(const StartRule& rule, const double* a, const double* b, const DrawSite& site,
                  std::span<const std::uint64_t> uids, std::uint64_t occurrence, double* out) {
    const bool same_spread = b != nullptr && rule.program.output_is_uniform(1);
    const std::size_t n = uids.size();
    switch (rule.draw) {
        case NumberDrawSpec::Kind::expression:
            std::copy(a, a + n, out);
            return;
        case NumberDrawSpec::Kind::uniform:
            uniform_batch(site, uids, occurrence, {out, n});
            for (std::size_t i = 0; i < n; ++i) out[i] = std::fma(b[i] - a[i], out[i], a[i]);
            return;
        case NumberDrawSpec::Kind::normal:
            standard_normal_batch(site, uids, occurrence, {out, n});
            for (std::size_t i = 0; i < n; ++i) out[i] = std::fma(b[i], out[i], a[i]);
            return;
        case NumberDrawSpec::Kind::lognormal:
            // mean a, coefficient of variation b: sigma^2 = ln(1 + b^2), mu = ln a - sigma^2/2
            standard_normal_batch(site, uids, occurrence, {out, n});
            if (same_spread) {
                const double variance = math::log1p(b[0] * b[0]);
                const double spread = std::sqrt(variance);
                for (std::size_t i = 0; i < n; ++i)
                    out[i] = a[i] * math::exp(std::fma(spread, out[i], -0.5 * variance));
                return;
            }
            for (std::size_t i = 0; i < n; ++i) {
                const double variance = math::log1p(b[i] * b[i]);
                out[i] = a[i] * math::exp(std::fma(std::sqrt(variance), out[i], -0.5 * variance));
            }
            return;
        case NumberDrawSpec::Kind::gamma:
            uniform_batch(site, uids, occurrence, {out, n});
            for (std::size_t i = 0; i < n; ++i) {
                const double shape = 1.0 / (b[i] * b[i]);
                out[i] = a[i] / shape * math::gamma_quantile(out[i], shape);
            }
            return;
    }
}

double clamp_to(const AttributeColumn& attribute, double x) {
    if (attribute.min && x < *attribute.min) x = *attribute.min;
    if (attribute.max && x > *attribute.max) x = *attribute.max;
    return x;
}

/// The first person, by slot, whose shares leave [0, 1].
class Misfit {
public:
    void note(std::size_t slot, std::vector<double> shares) {
        const std::lock_guard lock(mutex_);
        if (slot >= slot_) return;
        slot_ = slot;
        shares_ = std::move(shares);
    }
    bool any() const { return slot_ != nobody; }
    std::size_t slot() const { return slot_; }
    const std::vector<double>& shares() const { return shares_; }

private:
    static constexpr std::size_t nobody = static_cast<std::size_t>(-1);
    std::mutex mutex_;  // the blocks of a population are taken by several threads
    std::size_t slot_ = nobody;
    std::vector<double> shares_;
};

[[noreturn]] void shares_out_of_range(const std::string& name, SourceSpan where, const Categories& labels,
                                      const StartRule& rule, const Misfit& misfit, std::uint64_t uid, double age) {
    double total = 0.0;
    std::string each;
    bool good = true;
    for (std::size_t k = 0; k < rule.codes.size(); ++k) {
        const double share = misfit.shares()[k];
        good = good && share >= 0.0;
        total += share;
        each +=
            fmt::format("{}{} {:.6g}", k ? ", " : "", labels.labels[static_cast<std::size_t>(rule.codes[k])], share);
    }
    const std::string rest = labels.labels[static_cast<std::size_t>(rule.rest_code)];
    Diagnostic d{Severity::error, "E0438", {}, where, {}, {}, {}};
    d.message = good ? fmt::format(
                           "the start probabilities of '{}' add up to {:.6g} for person {} of age {:.1f} ({}; together "
                           "they may be at most 1, '{}' takes the rest)",
                           name, total, uid, age, each, rest)
                     : fmt::format(
                           "a start probability of '{}' is no probability for person {} of age {:.1f} ({}; each must "
                           "be at least 0)",
                           name, uid, age, each);
    d.help = good ? "check the sum of its rows at that age, or bound what is calculated: min(0.6, ...)"
                  : "bound what is calculated: max(0, ...)";
    throw StartError(std::move(d));
}

/// A number below `n` for each number below `n`: an order drawn by `key`.
/// Multiplication by an odd number, addition and a shifted exclusive or are one-to-one on numbers of so many bits; what
/// falls beyond n goes round again.
class Order {
public:
    Order(std::size_t n, std::uint64_t key) : n_{n}, bits_{std::max(2, static_cast<int>(std::bit_width(n - 1)))} {
        for (std::uint64_t& k : keys_) {
            k = key;
            key = mix64(key);
        }
    }
    std::size_t place_of(std::size_t i) const {
        const std::uint64_t mask = (std::uint64_t{1} << bits_) - 1;
        std::uint64_t x = i;
        do {
            for (int round = 0; round < rounds; ++round) {
                const std::uint64_t k = keys_[round];
                x = (x * (k | 1) + (k >> 32)) & mask;
                x ^= x >> (bits_ / 2 + round % 2);
            }
        } while (x >= n_);
        return static_cast<std::size_t>(x);
    }

private:
    static constexpr int rounds = 4;
    std::size_t n_;
    int bits_;
    std::uint64_t keys_[rounds];
};

std::vector<double> even_draws(const DrawSite& site, std::size_t people, std::size_t stratum) {
    constexpr double golden = 0.6180339887498949;  // its multiples fill (0, 1) evenly, wherever one begins
    const double shift = draw_detail::open_unit(mix64(site.key()));
    std::vector<double> draws(people);
    tbb::parallel_for(tbb::blocked_range<std::size_t>(0, (people + stratum - 1) / stratum), [&](const auto& range) {
        for (std::size_t s = range.begin(); s < range.end(); ++s) {
            const double moved = shift + golden * static_cast<double>(s);
            const double within = std::min(moved - std::floor(moved), 1.0 - 0x1p-53);
            const Order order(stratum, combine64(site.key(), s));
            for (std::size_t i = 0; i < stratum && s * stratum + i < people; ++i)
                draws[s * stratum + i] =
                    (static_cast<double>(order.place_of(i)) + within) / static_cast<double>(stratum);
        }
    });
    return draws;
}

/// Turns the draw `u` of person i among probabilities that are at least `least_share`, where they are above 0, into one
/// among the probabilities in `shares`, with the same state; `weight` changes by the ratio of the two.
void take_rare_states_more_often(const StartRule& rule, double* const* shares, std::size_t i, double& weight,
                                 double& u) {
    constexpr double least_share = 0.01;
    const std::size_t n = rule.codes.size();
    double total = 0.0, drawn_total = 0.0;
    for (std::size_t k = 0; k < n; ++k) total += shares[k][i];
    if (!(total < 0.9)) return;  // nothing rare to gain, or wrong: told later
    for (std::size_t k = 0; k < n; ++k) drawn_total += shares[k][i] > 0.0 ? std::max(shares[k][i], least_share) : 0.0;
    if (!(drawn_total < 0.95)) return;
    double cumulative = 0.0, drawn = 0.0;
    for (std::size_t k = 0; k < n; ++k) {
        const double share = shares[k][i];
        if (!(share > 0.0)) continue;
        const double width = std::max(share, least_share);
        if (u < drawn + width) {
            u = cumulative + (u - drawn) / width * share;
            weight *= share / width;
            return;
        }
        cumulative += share;
        drawn += width;
    }
    const double ratio = (1.0 - total) / (1.0 - drawn_total);
    u = std::min(total + (u - drawn_total) * ratio, 1.0 - 0x1p-53);
    weight *= ratio;
}

/// `reference`: the national sample when it is `people`, else null.
void initialise(const Model& model, Population& people, int node, std::size_t first, std::size_t count, RunKey key,
                std::span<const double> scalars, ReferencePeople* reference) {
    const bool is_attribute = node >= 0;
    const AttributeColumn* attribute = is_attribute ? &model.attributes[static_cast<std::size_t>(node)] : nullptr;
    const Process* process = is_attribute ? nullptr : &model.processes[static_cast<std::size_t>(-1 - node)];
    const StartRule& rule = is_attribute ? attribute->start : process->start;
    if (rule.kind == StartRule::Kind::given) return;
    const std::string& name = is_attribute ? attribute->name : process->name;
    const DrawSite site(key.seed, key.replicate, rule.site);
    const ColumnId column = is_attribute ? attribute->column : process->state;
    const bool wide = people.layout().items[column].type == ColumnType::u16;

    std::vector<double> even;
    if (reference != nullptr && rule.kind == StartRule::Kind::shares)
        even = even_draws(site, count, reference->stratum());
    Misfit misfit;
    for_blocks(people, first, count, [&](Workspace& w, std::size_t begin, std::size_t n) {
        const auto* uids = w.columns.get<std::uint64_t>(model.uid);
        const auto set_code = [&](std::size_t i, int code) {
            if (wide)
                w.columns.get<std::uint16_t>(column)[i] = static_cast<std::uint16_t>(code);
            else
                w.columns.get<std::uint8_t>(column)[i] = static_cast<std::uint8_t>(code);
        };
        if (rule.kind == StartRule::Kind::fixed) {
            for (std::size_t i = 0; i < n; ++i) set_code(i, rule.fixed);
            return;
        }
        double* const* out = w.outputs(std::max<std::size_t>(rule.program.outputs(), 1));
        rule.program.run(w.columns.input(scalars.data(), nullptr, n), w.scratch, out);
        if (rule.kind == StartRule::Kind::number) {
            double* values = w.columns.get<double>(column);
            const bool two = rule.program.outputs() > 1;
            draw_numbers(rule, out[0], two ? out[1] : nullptr, site, {uids, n}, 0, values);
            if (attribute->min || attribute->max)
                for (std::size_t i = 0; i < n; ++i) values[i] = clamp_to(*attribute, values[i]);
            if (attribute->middle != attribute->column) {
                double* middle = w.columns.get<double>(attribute->middle);
                for (std::size_t i = 0; i < n; ++i) middle[i] = values[i];
            }
            return;
        }
        w.draws.resize(block);
        if (even.empty())
            uniform_batch(site, {uids, n}, 0, {w.draws.data(), n});
        else
            std::copy_n(even.begin() + static_cast<std::ptrdiff_t>(begin), n, w.draws.begin());
        bool told = false;
        for (std::size_t i = 0; i < n; ++i) {
            double u = w.draws[i];
            if (reference != nullptr && !is_attribute)
                take_rare_states_more_often(rule, out, i, reference->weights()[begin + i], u);
            if (rule.capped) {
                double total = 0.0;
                for (std::size_t k = 0; k < rule.codes.size(); ++k) total += out[k][i];
                if (total > 1.0) u *= total;
            }
            int code = rule.rest_code;
            double cumulative = 0.0;
            bool chosen = false, good = true;
            for (std::size_t k = 0; k < rule.codes.size(); ++k) {
                const double p = out[k][i];
                good = good && p >= 0.0;
                cumulative += p;
                if (!chosen && u < cumulative) {
                    code = rule.codes[k];
                    chosen = true;
                }
            }
            if (!told && (!good || (!rule.capped && !(cumulative <= 1.0 + 1e-9)))) {
                told = true;
                std::vector<double> shares;
                for (std::size_t k = 0; k < rule.codes.size(); ++k) shares.push_back(out[k][i]);
                misfit.note(begin + i, std::move(shares));
            }
            set_code(i, code);
        }
    });
    if (misfit.any())
        shares_out_of_range(name, is_attribute ? attribute->where : process->where,
                            is_attribute ? *attribute->categories : *process->states, rule, misfit,
                            people.column<std::uint64_t>(model.uid)[misfit.slot()],
                            people.column<double>(model.age)[misfit.slot()]);
}

}  // namespace

void initialise_node(const Model& model, Population& people, int node, std::size_t first, std::size_t count, RunKey key,
                     std::span<const double> scalars) {
    initialise(model, people, node, first, count, key, scalars, nullptr);
}

void initialise_node(const Model& model, ReferencePeople& people, int node, std::size_t first, std::size_t count,
                     RunKey key, std::span<const double> scalars) {
    PT_EXPECT(first == 0 && count == people.size());
    initialise(model, people, node, first, count, key, scalars, &people);
}

void redraw_yearly(const Model& model, Population& people, std::size_t first, std::size_t count, RunKey key,
                   std::span<const double> scalars, std::int64_t year) {
    for (const AttributeColumn& attribute : model.attributes) {
        if (!attribute.each_year) continue;
        const DrawSite site(key.seed, key.replicate, attribute.start.site);
        for_blocks(people, first, count, [&](Workspace& w, std::size_t, std::size_t n) {
            const auto* uids = w.columns.get<std::uint64_t>(model.uid);
            double* values = w.columns.get<double>(attribute.column);
            double* const* out = w.outputs(attribute.start.program.outputs());
            attribute.start.program.run(w.columns.input(scalars.data(), nullptr, n), w.scratch, out);
            const bool two = attribute.start.program.outputs() > 1;
            draw_numbers(attribute.start, out[0], two ? out[1] : nullptr, site, {uids, n},
                         static_cast<std::uint64_t>(year), values);
            if (attribute.min || attribute.max)
                for (std::size_t i = 0; i < n; ++i) values[i] = clamp_to(attribute, values[i]);
        });
    }
}

void open_clocks(const Model& model, Population& people, std::size_t first, std::size_t count, RunKey key,
                 double time) {
    std::vector<DrawSite> sites;
    for (const Transition& t : model.transitions) sites.emplace_back(key.seed, key.replicate, "clock." + t.name);
    for_blocks(people, first, count, [&](Workspace& w, std::size_t, std::size_t n) {
        const auto* uids = w.columns.get<std::uint64_t>(model.uid);
        std::vector<std::vector<std::size_t>> waiting(model.transitions.size());
        std::vector<std::uint64_t> ids;
        std::vector<double> drawn;
        for (const ClockSlot& slot : model.slots) {
            double* left = w.columns.get<double>(slot.left);
            const std::uint8_t* state =
                slot.process == no_index
                    ? nullptr
                    : w.columns.get<std::uint8_t>(model.processes[static_cast<std::size_t>(slot.process)].state);
            // Nearly everybody waits for the transition out of the first state.
            const int usual = slot.transition_by_state[0];
            if (usual == no_index)
                std::fill_n(left, n, -1.0);
            else if (const Transition& t = model.transitions[static_cast<std::size_t>(usual)];
                     t.trigger != Trigger::rate)
                std::fill_n(left, n, waiting_time(t, sites[static_cast<std::size_t>(usual)], 0, 0, time));
            else
                unit_exponential_batch(sites[static_cast<std::size_t>(usual)], {uids, n}, 0, {left, n});
            if (state == nullptr) continue;
            for (auto& people : waiting) people.clear();
            for_each_nonzero(state, n, [&](std::size_t i) {
                const int t = slot.transition_by_state[state[i]];
                if (t == no_index)
                    left[i] = -1.0;
                else if (t != usual)
                    waiting[static_cast<std::size_t>(t)].push_back(i);
            });
            for (std::size_t t = 0; t < waiting.size(); ++t) {
                if (waiting[t].empty()) continue;
                ids.clear();
                for (const std::size_t i : waiting[t]) ids.push_back(uids[i]);
                drawn.resize(ids.size());
                if (const Transition& waits_for = model.transitions[t]; waits_for.trigger == Trigger::rate)
                    unit_exponential_batch(sites[t], ids, 0, drawn);
                else
                    std::fill(drawn.begin(), drawn.end(), waiting_time(waits_for, sites[t], 0, 0, time));
                for (std::size_t j = 0; j < ids.size(); ++j) left[waiting[t][j]] = drawn[j];
            }
        }
        for (const Fade& fade : model.fades) {
            std::fill_n(w.columns.get<double>(fade.left), n, never_left);
            std::fill_n(w.columns.get<double>(fade.share), n, 0.0);
        }
        for (const Timer& timer : model.timers) {
            double* entered = w.columns.get<double>(timer.entered);
            for (std::size_t i = 0; i < n; ++i) entered[i] = time;
        }
    });
}

namespace {

void take_given(const Model& model, Population& people, const PersonTable& start, const std::string& name,
                ColumnId column, const Categories* categories) {
    if (categories == nullptr) {
        if (const NumberColumn* c = start.number(name))
            std::copy(c->values.begin(), c->values.end(), people.column<double>(column).begin());
        return;
    }
    const CategoryColumn* c = start.category(name);
    if (c == nullptr) return;
    std::vector<int> code_of(c->labels.size());
    for (std::size_t k = 0; k < c->labels.size(); ++k) code_of[k] = categories->code(c->labels[k]);
    const bool wide = model.layout.items[column].type == ColumnType::u16;
    for (std::size_t i = 0; i < c->codes.size(); ++i) {
        const int code = code_of[c->codes[i]];
        if (code < 0)
            throw NumericError(fmt::format("start population: '{}' has the value '{}', which the model does not know",
                                           name, c->labels[c->codes[i]]));
        if (wide)
            people.column<std::uint16_t>(column)[i] = static_cast<std::uint16_t>(code);
        else
            people.column<std::uint8_t>(column)[i] = static_cast<std::uint8_t>(code);
    }
}

}  // namespace

Population make_start_population(const Model& model, const PersonTable* start, std::size_t number, RunKey key) {
    Population people(model.layout);
    const std::size_t n = start != nullptr ? start->people : number;
    people.append(n);
    auto uid = people.column<std::uint64_t>(model.uid);
    for (std::size_t i = 0; i < n; ++i) uid[i] = i;
    const Scalars scalars(model.start_year, 0.0, model.signal_starts);

    auto age = people.column<double>(model.age);
    if (start != nullptr)
        if (const NumberColumn* c = start->number("age")) std::copy(c->values.begin(), c->values.end(), age.begin());
    for (const int node : model.start_order) {
        const bool is_attribute = node >= 0;
        const auto k = static_cast<std::size_t>(is_attribute ? node : -1 - node);
        const std::string& name = is_attribute ? model.attributes[k].name : model.processes[k].name;
        const Categories* categories =
            is_attribute ? model.attributes[k].categories.get() : model.processes[k].states.get();
        const ColumnId column = is_attribute ? model.attributes[k].column : model.processes[k].state;
        const bool given = start != nullptr &&
                           (categories != nullptr ? start->category(name) != nullptr : start->number(name) != nullptr);
        if (given) {
            take_given(model, people, *start, name, column, categories);
            if (is_attribute && model.attributes[k].middle != column) {
                const auto from = people.column<double>(column);
                std::copy(from.begin(), from.end(), people.column<double>(model.attributes[k].middle).begin());
            }
        } else if (!(is_attribute && model.attributes[k].each_year)) {
            initialise_node(model, people, node, 0, n, key, scalars);
        } else {
            redraw_yearly(model, people, 0, n, key, scalars, static_cast<std::int64_t>(model.start_year));
        }
    }
    auto birth = people.column<double>(model.birth);
    for (std::size_t i = 0; i < n; ++i) birth[i] = model.start_year - age[i];
    open_clocks(model, people, 0, n, key, 0.0);
    return people;
}

}  // namespace proeftuin
