#include "models/population/households.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/core/contracts.hpp"
#include "engine/random/draw.hpp"

namespace proeftuin::population {
namespace {

constexpr std::uint8_t code(Position p) { return static_cast<std::uint8_t>(p); }

/// Numbers to sort by with the person or slot they belong to; ties fall to the lower index, on every machine.
using Ranking = std::vector<std::pair<double, std::uint32_t>>;

double normal(const DrawSite& site, std::uint64_t who, std::uint64_t occurrence) {
    return standard_normal(site, who, occurrence);
}

struct Family {
    std::uint32_t reference;  ///< mother when there is one
    std::uint32_t household;
    bool single;
};

/// Households of one neighbourhood.
class Builder {
public:
    Builder(Draft& people, const RegionSpec& region, std::uint64_t seed, HouseholdNotes& notes)
        : people_{people},
          spec_{region.households},
          region_{region},
          notes_{notes},
          pairing_{seed, 0, "synthesis.pairing"},
          leftover_{seed, 0, "synthesis.leftover"},
          births_{seed, 0, "synthesis.births"},
          siblings_{seed, 0, "synthesis.siblings"},
          lodging_{seed, 0, "synthesis.lodging"} {}

    void build(std::uint32_t first, std::uint32_t last) {
        for (auto& list : by_position_) list.clear();
        for (std::uint32_t i = first; i < last; ++i) by_position_[people_.position[i]].push_back(i);
        families_.clear();
        partner_of_.clear();
        shared_.clear();
        alone_.clear();
        pair_up(Position::couple);
        pair_up(Position::couple_with_children);
        settle_alone();
        for (const auto i : by_position_[code(Position::single_parent)])
            families_.push_back({i, new_household(i), true});
        if (last > first) children(region_.neighbourhoods[people_.neighbourhood[first]].municipality);
        others();
        for (const auto p : {Position::single, Position::institution})
            for (const auto i : by_position_[code(p)]) new_household(i);
    }

private:
    std::uint32_t new_household(std::uint32_t person) {
        const auto h = static_cast<std::uint32_t>(people_.households++);
        people_.household[person] = h;
        return h;
    }

    void change(std::uint32_t person, Position to) {
        people_.position[person] = code(to);
        ++notes_.changed_position;
    }

    /// Women and men by age with a spread, oldest with oldest. The surplus of one sex pairs among itself.
    void pair_up(Position position) {
        auto& list = by_position_[code(position)];
        Ranking women, men;
        for (const auto i : list) {
            const double noise = 0.7071067811865476 * spec_.partner_gap_sd * normal(pairing_, i, 0);
            const double shift = people_.sex[i] == 0 ? spec_.partner_gap_mean : 0.0;
            (people_.sex[i] == 0 ? women : men).emplace_back(people_.age[i] + shift + noise, i);
        }
        auto& more = women.size() > men.size() ? women : men;
        const std::size_t both = std::min(women.size(), men.size());
        // Who stays over is drawn, so that the rest keep the ages of all.
        Ranking surplus;
        if (more.size() > both) {
            Ranking order;
            for (const auto& [age, i] : more) order.emplace_back(uniform(leftover_, i, 0), i);
            std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(both), order.end());
            std::vector<std::uint32_t> out;
            for (std::size_t k = both; k < order.size(); ++k) out.push_back(order[k].second);
            std::sort(out.begin(), out.end());
            Ranking kept;
            for (const auto& entry : more)
                (std::binary_search(out.begin(), out.end(), entry.second) ? surplus : kept).push_back(entry);
            more = std::move(kept);
        }
        std::sort(women.begin(), women.end());
        std::sort(men.begin(), men.end());
        std::sort(surplus.begin(), surplus.end());
        // Should one stay alone, any of them may: not always the oldest.
        if (surplus.size() % 2 == 1) {
            const double at = uniform(leftover_, surplus.front().second, 1) * static_cast<double>(surplus.size());
            const auto alone = surplus.begin() + static_cast<std::ptrdiff_t>(at);
            std::rotate(alone, alone + 1, surplus.end());
        }
        list.clear();
        for (std::size_t k = 0; k < both; ++k) couple(women[k].second, men[k].second, position);
        for (std::size_t k = 0; k + 1 < surplus.size(); k += 2) {
            couple(surplus[k].second, surplus[k + 1].second, position);
            ++notes_.same_sex_couples;
        }
        if (surplus.size() % 2 == 1) alone_.push_back(surplus.back().second);
    }

    /// At most one person of each kind of couple is left: together they are one, alone a person who lives alone.
    void settle_alone() {
        if (alone_.size() == 2) {
            change(alone_[0], Position::couple_with_children);
            couple(alone_[0], alone_[1], Position::couple_with_children);
            if (people_.sex[alone_[0]] == people_.sex[alone_[1]]) ++notes_.same_sex_couples;
        } else if (alone_.size() == 1) {
            change(alone_[0], Position::single);
            by_position_[code(Position::single)].push_back(alone_[0]);
        }
    }

    void couple(std::uint32_t reference, std::uint32_t partner, Position position) {
        const auto h = new_household(reference);
        people_.household[partner] = h;
        ++notes_.couples;
        if (position == Position::couple_with_children) {
            families_.push_back({reference, h, false});
            partner_of_.emplace_back(h, partner);
        } else {
            shared_.push_back(h);
        }
    }

    /// How many families have at least 1, 2, 3 ... children: from the size of households, tilted to the number there
    /// is.
    std::vector<std::size_t> families_by_children(std::size_t families, std::size_t children,
                                                  std::size_t municipality) const {
        const double four = spec_.sizes[municipality * 5 + 3], five = spec_.sizes[municipality * 5 + 4];
        // Of families with two children; a little lower, since other members make large households too.
        const double third = four + five > 0.0 ? 0.8 * five / (four + five) : 0.16;
        std::vector<std::size_t> at_least{families};
        std::size_t extra = children - families;
        const double second = static_cast<double>(extra) / (1.0 + third / (1.0 - 0.25));
        std::size_t want = std::min(families, static_cast<std::size_t>(std::floor(second + 0.5)));
        while (extra > 0 && want > 0 && at_least.size() < 8) {
            const std::size_t n = std::min(want, extra);
            at_least.push_back(n);
            extra -= n;
            want = static_cast<std::size_t>(
                std::floor(static_cast<double>(n) * (at_least.size() == 2 ? third : 0.25) + 0.5));
        }
        // What is still left fills the smaller families first.
        for (std::size_t level = 1; extra > 0; ++level) {
            if (level == at_least.size()) at_least.push_back(0);
            const std::size_t n = std::min(at_least[level - 1] - at_least[level], extra);
            at_least[level] += n;
            extra -= n;
        }
        return at_least;
    }

    void children(std::size_t municipality) {
        auto& kids = by_position_[code(Position::child)];
        if (kids.size() < families_.size()) childless(families_.size() - kids.size());
        if (families_.empty()) {  // nobody to live with: they live on their own or with others
            for (const auto i : kids) {
                change(i, people_.age[i] >= 18 ? Position::single : Position::other);
                by_position_[people_.position[i]].push_back(i);
            }
            kids.clear();
            return;
        }
        const auto at_least = families_by_children(families_.size(), kids.size(), municipality);
        // Families in the order in which they get more children: middle-aged parents and couples first.
        Ranking order;
        for (std::uint32_t f = 0; f < families_.size(); ++f) {
            const auto age = people_.age[families_[f].reference];
            const double weight = (age < 25   ? 0.3
                                   : age < 30 ? 0.6
                                   : age < 35 ? 0.9
                                   : age < 50 ? 1.2
                                   : age < 55 ? 0.8
                                              : 0.25) *
                                  (families_[f].single ? 0.45 : 1.0);
            order.emplace_back(-math::log(uniform(siblings_, families_[f].reference, 0)) / weight, f);
        }
        std::sort(order.begin(), order.end());
        Ranking slots;  // wanted age of each child, with the family
        for (std::size_t k = 0; k < order.size(); ++k) {
            const auto f = order[k].second;
            const auto reference = families_[f].reference;
            const double at_birth =
                std::clamp(spec_.first_child_mean + spec_.first_child_sd * normal(births_, reference, 0), 17.0, 43.0);
            double wanted = people_.age[reference] - at_birth;
            for (std::size_t child = 0; child < at_least.size() && k < at_least[child]; ++child) {
                if (child > 0)
                    wanted -= std::max(
                        0.8, spec_.sibling_gap_mean + spec_.sibling_gap_sd * normal(births_, reference, child));
                slots.emplace_back(wanted, f);
            }
        }
        std::sort(slots.begin(), slots.end());
        Ranking by_age;
        for (const auto i : kids) by_age.emplace_back(people_.age[i] + uniform(births_, i, 99), i);
        std::sort(by_age.begin(), by_age.end());
        PT_ASSERT(slots.size() == by_age.size());
        mend(slots, by_age);
        for (std::size_t k = 0; k < slots.size(); ++k) {
            const auto& family = families_[slots[k].second];
            people_.household[by_age[k].second] = family.household;
            ++notes_.parents_children;
            if (!likely(slots[k].second, by_age[k].second)) ++notes_.unlikely_parents;
        }
        for (const auto& f : families_) shared_.push_back(f.household);
    }

    bool likely(std::uint32_t family, std::uint32_t child) const {
        const int gap =
            static_cast<int>(people_.age[families_[family].reference]) - static_cast<int>(people_.age[child]);
        return gap >= 15 && gap <= 55;
    }

    /// Swaps children between families where a parent would be too young or too old and a swap suits both.
    void mend(const Ranking& slots, Ranking& kids) const {
        constexpr std::size_t reach = 3000;
        for (std::size_t k = 0; k < slots.size(); ++k) {
            if (likely(slots[k].second, kids[k].second)) continue;
            for (std::size_t step = 1; step <= reach; ++step) {
                bool done = false;
                for (const std::size_t j : {k - step, k + step}) {
                    if (j >= slots.size()) continue;  // below 0 wraps around
                    if (likely(slots[k].second, kids[j].second) && likely(slots[j].second, kids[k].second)) {
                        std::swap(kids[k], kids[j]);
                        done = true;
                        break;
                    }
                }
                if (done) break;
            }
        }
    }

    /// Families for whom there is no child: those with the oldest reference person.
    void childless(std::size_t number) {
        std::stable_sort(families_.begin(), families_.end(), [&](const Family& a, const Family& b) {
            return people_.age[a.reference] < people_.age[b.reference];
        });
        for (; number > 0; --number) {
            const Family family = families_.back();
            families_.pop_back();
            if (family.single) {
                change(family.reference, Position::single);
                continue;
            }
            change(family.reference, Position::couple);
            for (const auto& [household, partner] : partner_of_)
                if (household == family.household) change(partner, Position::couple);
            shared_.push_back(family.household);
        }
    }

    /// Other members: the young live in with a couple or family, the rest share a house in twos.
    void others() {
        std::vector<std::uint32_t> sharing;
        for (const auto i : by_position_[code(Position::other)]) {
            const bool lives_in = people_.age[i] < 18;
            if (lives_in && !shared_.empty()) {
                const auto k = static_cast<std::size_t>(uniform(lodging_, i, 0) * static_cast<double>(shared_.size()));
                people_.household[i] = shared_[k];
            } else {
                sharing.push_back(i);
            }
        }
        Ranking order;
        for (const auto i : sharing) order.emplace_back(people_.age[i] + 4.0 * normal(lodging_, i, 1), i);
        std::sort(order.begin(), order.end());
        for (std::size_t k = 0; k < order.size(); k += 2) {
            const auto i = order[k].second;
            if (k + 1 < order.size()) {
                people_.household[order[k + 1].second] = new_household(i);
            } else if (!shared_.empty()) {
                const auto at = static_cast<std::size_t>(uniform(lodging_, i, 2) * static_cast<double>(shared_.size()));
                people_.household[i] = shared_[at];
            } else {
                new_household(i);
                if (people_.age[i] >= 18) change(i, Position::single);
            }
        }
    }

    Draft& people_;
    const HouseholdSpec& spec_;
    const RegionSpec& region_;
    HouseholdNotes& notes_;
    DrawSite pairing_, leftover_, births_, siblings_, lodging_;
    std::array<std::vector<std::uint32_t>, n_positions> by_position_;
    std::vector<Family> families_;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> partner_of_;
    std::vector<std::uint32_t> alone_;  ///< left over when couples were made
    std::vector<std::uint32_t> shared_;  ///< households of couples and families
};

}  // namespace

HouseholdNotes make_households(Draft& people, const RegionSpec& region, std::uint64_t seed) {
    HouseholdNotes notes;
    people.household.assign(people.size(), 0);
    people.households = 0;
    Builder builder(people, region, seed, notes);
    for (std::uint32_t first = 0; first < people.size();) {
        std::uint32_t last = first;
        while (last < people.size() && people.neighbourhood[last] == people.neighbourhood[first]) ++last;
        builder.build(first, last);
        first = last;
    }
    return notes;
}

}  // namespace proeftuin::population
