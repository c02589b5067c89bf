#include "engine/run/cycles.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/core/math.hpp"
#include "engine/run/domain.hpp"
#include "engine/run/fade.hpp"
#include "engine/run/points.hpp"

namespace proeftuin {
namespace {

using Block = std::array<double, people_block>;
constexpr double most_together = 1.0 + 1e-12;  // probabilities may miss 1 by rounding

class CycleStep {
public:
    CycleStep(const Model& model, Simulation::Worker& worker, const Process& process, const Cycle& cycle,
              const DrawSite& choice, const std::vector<DrawSite>& fatal, std::size_t people)
        : m_{model},
          w_{worker},
          process_{process},
          cycle_{cycle},
          choice_{choice},
          fatal_{fatal},
          people_{people},
          state_{w_.columns.get<std::uint8_t>(process.state)},
          life_{w_.columns.get<std::uint8_t>(model.life)},
          uid_{w_.columns.get<std::uint64_t>(model.uid)} {}

    void run() {
        w_.told_at = m_.start_year + cycle_.end - process_.cycle;
        if (cycle_.shows_time) {
            show_exact_time(m_, w_, people_, cycle_.end);
            double* age = w_.columns.get<double>(m_.age);
            for (std::size_t i = 0; i < people_; ++i) age[i] -= process_.cycle;  // the row of the cycle that ends now
            for (const Fade& fade : m_.fades)
                set_shares(fade, w_.columns.get<double>(fade.left), w_.columns.get<double>(fade.share), people_,
                           cycle_.end - process_.cycle, cycle_.end);
        }
        list_by_state();
        for (auto& b : w_.bucket) b.clear();
        for (std::size_t s = 0; s < process_.by_state.size(); ++s)
            if (!process_.by_state[s].transitions.empty() && !w_.by_state[s].empty()) choose_exits(s);
        for (std::size_t t = 0; t < w_.bucket.size(); ++t)
            if (!w_.bucket[t].empty()) move(t);
    }

private:
    /// The living in each state.
    void list_by_state() {
        const std::size_t states = process_.by_state.size();
        std::array<std::uint16_t*, 257> end;
        for (std::size_t s = 0; s <= states; ++s) {
            w_.by_state[s].resize(people_block);
            end[s] = w_.by_state[s].data();
        }
        // Without a branch: which state comes next cannot be foreseen. The dead go to a list that nobody reads.
        for (std::size_t i = 0; i < people_; ++i) {
            const std::size_t s = life_[i] == 0 ? state_[i] : states;
            *end[s]++ = static_cast<std::uint16_t>(i);
        }
        for (std::size_t s = 0; s <= states; ++s)
            w_.by_state[s].resize(static_cast<std::size_t>(end[s] - w_.by_state[s].data()));
    }

    void choose_exits(std::size_t s) {
        const StateProgram& program = process_.by_state[s];
        const std::vector<std::uint16_t>& list = w_.by_state[s];
        const std::size_t n = list.size(), exits = program.transitions.size();
        w_.ids.resize(n);
        for (std::size_t j = 0; j < n; ++j) w_.ids[j] = uid_[list[j]];
        w_.drawn.resize(people_block);
        uniform_batch(choice_, w_.ids, cycle_.number, std::span<double>(w_.drawn.data(), n));

        double* const* p = w_.outputs(2 * exits, people_block);
        bool same = !program.has_effects;
        for (std::size_t k = 0; k < exits; ++k) same = same && program.program.output_is_uniform(k);
        program.program.run(w_.columns.input(cycle_.scalars, list.data(), n), w_.scratch, p,
                            same ? UniformOutputs::first : UniformOutputs::all);
        check(s, p, same ? 1 : n);
        if (program.has_effects) {
            program.effects.run(w_.columns.input(cycle_.scalars, list.data(), n), w_.scratch, p + exits);
            check_effects(s, p + exits);
            apply_effects(p, exits, n);
        }
        // The exit is the first whose cumulative probability lies above the draw: as many as do not are passed over.
        std::array<std::int64_t, people_block> exit;
        std::fill_n(exit.begin(), n, 0);
        const double* u = w_.drawn.data();
        if (same) {
            double cumulative = 0.0;
            for (std::size_t k = 0; k < exits; ++k) {
                cumulative += p[k][0];
                for (std::size_t j = 0; j < n; ++j) exit[j] += u[j] < cumulative ? 0 : 1;
            }
        } else {
            Block cumulative;
            std::fill_n(cumulative.begin(), n, 0.0);
            for (std::size_t k = 0; k < exits; ++k)
                for (std::size_t j = 0; j < n; ++j) {
                    cumulative[j] += p[k][j];
                    exit[j] += u[j] < cumulative[j] ? 0 : 1;
                }
        }
        // Those who stay are written too, to a place that the next one takes.
        w_.leaving.resize(people_block + 1);
        for (std::size_t k = 0; k < exits; ++k) {
            std::size_t found = 0;
            for (std::size_t j = 0; j < n; ++j) {
                w_.leaving[found] = list[j];
                found += exit[j] == static_cast<std::int64_t>(k);
            }
            auto& bucket = w_.bucket[static_cast<std::size_t>(program.transitions[k])];
            bucket.insert(bucket.end(), w_.leaving.begin(), w_.leaving.begin() + static_cast<std::ptrdiff_t>(found));
        }
    }

    /// Notes people whose probabilities are none, and lets them stay. `values`: of how many people there are any; 1
    /// stands for all.
    void check(std::size_t s, double* const* p, std::size_t values) {
        const std::size_t exits = process_.by_state[s].transitions.size();
        Block total;
        std::array<std::int64_t, people_block> bad;
        std::fill_n(total.begin(), values, 0.0);
        std::fill_n(bad.begin(), values, 0);
        for (std::size_t k = 0; k < exits; ++k)
            for (std::size_t j = 0; j < values; ++j) {
                bad[j] |= p[k][j] >= 0.0 ? 0 : 1;
                total[j] += p[k][j];
            }
        std::int64_t any = 0;
        for (std::size_t j = 0; j < values; ++j) {
            bad[j] |= total[j] <= most_together ? 0 : 1;
            any |= bad[j];
        }
        if (any == 0) return;
        const auto& list = w_.by_state[s];
        for (std::size_t j = 0; j < values; ++j) {
            if (bad[j] == 0) continue;
            for (std::size_t i = j; i < (values == 1 ? list.size() : j + 1); ++i) {
                const std::uint64_t uid = uid_[list[i]];
                w_.bad.note(
                    uid,
                    fmt::format("the probabilities to leave state '{}' of '{}' add up to {:.9g} for person {} (each at "
                                "least 0, "
                                "together at most 1)",
                                process_.states->labels[s], process_.name, total[j], uid),
                    m_.transitions[static_cast<std::size_t>(process_.by_state[s].transitions.front())].value_where);
            }
            for (std::size_t k = 0; k < exits; ++k) p[k][j] = 0.0;
        }
    }

    void check_effects(std::size_t s, const double* const* effect) {
        const StateProgram& program = process_.by_state[s];
        const auto& list = w_.by_state[s];
        for (std::size_t k = 0; k < program.transitions.size(); ++k) {
            std::int64_t bad = 0;
            for (std::size_t j = 0; j < list.size(); ++j) bad |= effect[k][j] >= 0.0 ? 0 : 1;
            for (std::size_t j = 0; bad != 0 && j < list.size(); ++j) {
                if (effect[k][j] >= 0.0) continue;
                const Transition& t = m_.transitions[static_cast<std::size_t>(program.transitions[k])];
                const std::uint64_t uid = uid_[list[j]];
                w_.bad.note(uid,
                            fmt::format("the effects on '{}' come to {:g} for person {} (a factor is at least 0)",
                                        t.name, effect[k][j], uid),
                            t.value_where, t.effect_where);
            }
        }
    }

    /// Effects act on the rates behind the probabilities, the competing exits jointly. p[exits + k] is the effect on
    /// exit k.
    static void apply_effects(double* const* p, std::size_t exits, std::size_t n) {
        Block total, hazard, changed, leave;
        std::array<std::int64_t, people_block> neutral;
        std::fill_n(total.begin(), n, 0.0);
        std::fill_n(changed.begin(), n, 0.0);
        std::fill_n(neutral.begin(), n, 1);
        for (std::size_t k = 0; k < exits; ++k)
            for (std::size_t j = 0; j < n; ++j) total[j] += p[k][j];
        for (std::size_t j = 0; j < n; ++j) {
            const double capped = total[j] < 1.0 - 0x1p-53 ? total[j] : 1.0 - 0x1p-53;
            hazard[j] = -math::log1p(-capped);
        }
        for (std::size_t k = 0; k < exits; ++k)
            for (std::size_t j = 0; j < n; ++j) {
                changed[j] += hazard[j] * (p[k][j] / total[j]) * p[exits + k][j];
                neutral[j] &= p[exits + k][j] == 1.0 ? 1 : 0;
            }
        for (std::size_t j = 0; j < n; ++j) leave[j] = -math::expm1(-changed[j]);
        for (std::size_t k = 0; k < exits; ++k)
            for (std::size_t j = 0; j < n; ++j) {
                const double share = hazard[j] * (p[k][j] / total[j]) * p[exits + k][j] / changed[j];
                const double after = changed[j] > 0.0 ? leave[j] * share : 0.0;
                p[k][j] = (static_cast<int>(neutral[j] == 0) & static_cast<int>(total[j] > 0.0)) != 0 ? after : p[k][j];
            }
    }

    /// All who go through a transition.
    void move(std::size_t t) {
        const Transition& transition = m_.transitions[t];
        w_.changed_slot.assign(w_.bucket[t].begin(), w_.bucket[t].end());
        record(t, w_.changed_slot);
        w_.events += static_cast<std::int64_t>(w_.changed_slot.size());
        w_.victim_slot.clear();
        if (transition.fatal.valid()) part_victims(t);
        if (transition.to != no_index) enter(static_cast<std::uint8_t>(transition.to));
        if (transition.kills)
            w_.victim_slot.insert(w_.victim_slot.end(), w_.changed_slot.begin(), w_.changed_slot.end());
        if (w_.victim_slot.empty()) return;
        if (m_.death != no_index) record(static_cast<std::size_t>(m_.death), w_.victim_slot);
        for (const auto i : w_.victim_slot) life_[i] = static_cast<std::uint8_t>(Life::dead);
    }

    void record(std::size_t t, const std::vector<std::uint16_t>& slots) {
        if (!m_.records[t].empty())
            record_event(m_, w_, m_.records[t], slots, cycle_.scalars, [this](std::size_t) { return cycle_.end; });
    }

    /// Moves those who die of the event itself from `changed_slot` to `victim_slot`.
    void part_victims(std::size_t t) {
        w_.chance.resize(std::max(w_.chance.size(), w_.changed_slot.size()));
        double* out[] = {w_.chance.data()};
        m_.fatality[t].run(w_.columns.input(cycle_.scalars, w_.changed_slot.data(), w_.changed_slot.size()), w_.scratch,
                           out);
        std::size_t kept = 0;
        for (std::size_t j = 0; j < w_.changed_slot.size(); ++j) {
            const std::uint16_t i = w_.changed_slot[j];
            if (!probability_domain.holds(w_.chance[j]))
                note_bad_fatality(m_, w_, static_cast<int>(t), i, w_.chance[j]);
            if (uniform(fatal_[t], uid_[i], cycle_.number) < w_.chance[j])
                w_.victim_slot.push_back(i);
            else
                w_.changed_slot[kept++] = i;
        }
        w_.changed_slot.resize(kept);
    }

    void enter(std::uint8_t after) {
        for (const int k : process_.timers) {
            const Timer& timer = m_.timers[static_cast<std::size_t>(k)];
            double* entered = w_.columns.get<double>(timer.entered);
            for (const auto i : w_.changed_slot) {
                const std::size_t before = state_[i];
                if (timer.in_set.empty() ? before != after : timer.in_set[after] && !timer.in_set[before])
                    entered[i] = cycle_.end;
            }
        }
        for (const auto i : w_.changed_slot) state_[i] = after;
    }

    const Model& m_;
    Simulation::Worker& w_;
    const Process& process_;
    const Cycle& cycle_;
    const DrawSite& choice_;
    const std::vector<DrawSite>& fatal_;
    std::size_t people_;
    std::uint8_t* state_;
    std::uint8_t* life_;
    const std::uint64_t* uid_;
};

}  // namespace

bool cycle_depends_on_time(const Model& model, const Process& process) {
    const auto depends = [&](const Program& program) { return depends_on_time(model, program); };
    for (const StateProgram& s : process.by_state) {
        if (s.transitions.empty()) continue;
        if (depends(s.program) || (s.has_effects && depends(s.effects))) return true;
        for (const int t : s.transitions)
            if (depends(model.records[static_cast<std::size_t>(t)].program) ||
                depends(model.fatality[static_cast<std::size_t>(t)]))
                return true;
    }
    return model.death != no_index && depends(model.records[static_cast<std::size_t>(model.death)].program);
}

void end_cycle(const Model& model, Simulation::Worker& worker, const Process& process, const Cycle& cycle,
               const DrawSite& choice, const std::vector<DrawSite>& fatal, std::size_t people) {
    PT_EXPECT(people <= people_block && process.by_state.size() < 256);
    CycleStep(model, worker, process, cycle, choice, fatal, people).run();
}

}  // namespace proeftuin
