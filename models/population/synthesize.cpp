#include "models/population/synthesize.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/core/contracts.hpp"
#include "engine/random/draw.hpp"
#include "models/population/attribute_draw.hpp"
#include "models/population/households.hpp"
#include "models/population/integerise.hpp"

namespace proeftuin::population {
namespace {

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& w : words) text += (text.empty() ? "" : ", ") + w;
    return text;
}

/// Whole people by cell, one after the other.
Draft expand(const RegionSpec& region, const std::vector<std::uint32_t>& counts, std::size_t number) {
    Draft d;
    d.neighbourhood.reserve(number);
    d.sex.reserve(number);
    d.age.reserve(number);
    d.position.reserve(number);
    std::size_t cell = 0;
    for (std::uint32_t n = 0; n < region.neighbourhoods.size(); ++n)
        for (std::uint8_t s = 0; s < 2; ++s)
            for (std::uint16_t a = 0; a < region.ages; ++a)
                for (std::uint8_t p = 0; p < n_positions; ++p, ++cell)
                    for (std::uint32_t c = 0; c < counts[cell]; ++c) {
                        d.neighbourhood.push_back(n);
                        d.sex.push_back(s);
                        d.age.push_back(a);
                        d.position.push_back(p);
                    }
    return d;
}

/// People by neighbourhood, household (in keyed order) and age; households get their final numbers.
Draft arrange(const Draft& draft, std::uint64_t seed) {
    const std::uint64_t key = DrawSite{seed, 0, "synthesis.order"}.key();
    std::vector<std::uint32_t> neighbourhood(draft.households, 0);
    for (std::size_t i = 0; i < draft.size(); ++i) neighbourhood[draft.household[i]] = draft.neighbourhood[i];
    struct Place {
        std::uint32_t neighbourhood;
        std::uint64_t key;
        std::uint32_t household;
    };
    std::vector<Place> places(draft.households);
    for (std::uint32_t h = 0; h < draft.households; ++h) places[h] = {neighbourhood[h], combine64(key, h), h};
    std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
        if (a.neighbourhood != b.neighbourhood) return a.neighbourhood < b.neighbourhood;
        if (a.key != b.key) return a.key < b.key;
        return a.household < b.household;
    });
    std::vector<std::uint32_t> number(draft.households);
    for (std::uint32_t h = 0; h < places.size(); ++h) number[places[h].household] = h;
    // Members together by counting, then the oldest first.
    std::vector<std::uint32_t> begin(draft.households + 1, 0), order(draft.size());
    for (std::size_t i = 0; i < draft.size(); ++i) ++begin[number[draft.household[i]] + 1];
    for (std::size_t h = 0; h < draft.households; ++h) begin[h + 1] += begin[h];
    {
        std::vector<std::uint32_t> next(begin.begin(), begin.end() - 1);
        for (std::uint32_t i = 0; i < draft.size(); ++i) order[next[number[draft.household[i]]]++] = i;
    }
    for (std::size_t h = 0; h < draft.households; ++h)
        std::stable_sort(order.begin() + begin[h], order.begin() + begin[h + 1],
                         [&](std::uint32_t a, std::uint32_t b) { return draft.age[a] > draft.age[b]; });
    Draft result;
    result.households = draft.households;
    for (const auto i : order) {
        result.neighbourhood.push_back(draft.neighbourhood[i]);
        result.sex.push_back(draft.sex[i]);
        result.age.push_back(draft.age[i]);
        result.position.push_back(draft.position[i]);
        result.household.push_back(number[draft.household[i]]);
    }
    return result;
}

void compare_margins(const RegionSpec& region, const std::vector<Margin>& margins, const Draft& people,
                     FitReport& report) {
    const Shape shape = region.shape();
    std::vector<double> table(cells_of(shape), 0.0);
    for (std::size_t i = 0; i < people.size(); ++i)
        table[((people.neighbourhood[i] * shape[1] + people.sex[i]) * shape[2] + people.age[i]) * shape[3] +
              people.position[i]] += 1.0;
    for (std::size_t m = 0; m < margins.size(); ++m) {
        const auto sums = margin_sums(table, margin_cells(margins[m], shape), margins[m].target.size());
        const auto& described = region.described[m];
        MarginFit f;
        f.name = margins[m].name;
        f.by = joined(described.by);
        f.source = described.source;
        f.note = described.why;
        for (std::size_t c = 0; c < sums.size(); ++c)
            if (!described.labels[c].empty()) f.cells.push_back({described.labels[c], margins[m].target[c], sums[c]});
        f.summarise();
        if (described.adjusted > 0.05)
            report.remarks.push_back(
                fmt::format("margin '{}' was brought in line with those before it (shares moved by up to {:.0f} %)",
                            f.name, 100.0 * described.adjusted));
        report.margins.push_back(std::move(f));
    }
}

void compare_sizes(const RegionSpec& region, const Draft& people, FitReport& report) {
    const std::size_t towns = region.municipalities.size();
    std::vector<std::uint32_t> members(people.households, 0), town(people.households, 0);
    std::vector<bool> private_household(people.households, true);
    for (std::size_t i = 0; i < people.size(); ++i) {
        ++members[people.household[i]];
        town[people.household[i]] =
            static_cast<std::uint32_t>(region.neighbourhoods[people.neighbourhood[i]].municipality);
        if (people.position[i] == static_cast<std::uint8_t>(Position::institution))
            private_household[people.household[i]] = false;
    }
    std::vector<double> made(towns * 5, 0.0), total(towns, 0.0), published(towns, 0.0);
    for (std::size_t h = 0; h < people.households; ++h) {
        if (!private_household[h]) continue;
        made[town[h] * 5 + std::min(members[h], 5u) - 1] += 1.0;
        total[town[h]] += 1.0;
    }
    for (std::size_t i = 0; i < made.size(); ++i) published[i / 5] += region.households.sizes[i];
    MarginFit f;
    f.name = "household size";
    f.by = "municipality, size";
    f.source = region.households.source;
    f.note =
        "shares of sizes as published among the households made; sizes follow from places in the household, the number "
        "of "
        "children and the rule for third children, and are not fitted";
    f.fitted = false;
    const char* labels[]{"1", "2", "3", "4", "5+"};
    for (std::size_t i = 0; i < made.size(); ++i)
        f.cells.push_back({fmt::format("{} {}", region.municipalities[i / 5], labels[i % 5]),
                           region.households.sizes[i] / published[i / 5] * total[i / 5], made[i]});
    f.summarise();
    report.margins.push_back(std::move(f));
}

/// The highest category of an ordered attribute among the adults of each household, or among all without adults.
std::vector<std::uint16_t> highest_in_household(const Draft& people, const std::vector<std::uint16_t>& codes) {
    std::vector<std::uint16_t> result(people.households, 0);
    std::vector<bool> adult(people.households, false);
    for (std::size_t i = 0; i < people.size(); ++i)
        if (people.age[i] >= 18) adult[people.household[i]] = true;
    for (std::size_t i = 0; i < people.size(); ++i)
        if (people.age[i] >= 18 || !adult[people.household[i]])
            result[people.household[i]] = std::max(result[people.household[i]], codes[i]);
    return result;
}

}  // namespace

Synthesis synthesize(const RegionSpec& region, std::uint64_t seed, std::size_t number) {
    if (number == 0) number = static_cast<std::size_t>(std::floor(region.people + 0.5));
    Synthesis result;
    FitReport& report = result.report;
    report.region = region.name;
    report.seed = seed;
    report.people = number;
    report.iterations = region.iterations;

    // Whole people.
    const double scale = static_cast<double>(number) / region.people;
    std::vector<double> table = region.table;
    double sum = 0.0;
    for (const double t : table) sum += t;
    for (double& t : table) t *= static_cast<double>(number) / sum;
    std::vector<Margin> margins = region.margins;
    for (auto& m : margins)
        for (double& t : m.target) t *= scale;
    IntegeriseOptions options;
    options.start = uniform(DrawSite{seed, 0, "synthesis.rounding"}, 0, 0);
    const auto rounded = integerise(region.shape(), table, margins, options);
    Draft people = expand(region, rounded.counts, number);
    PT_ASSERT(people.size() == number);

    // Households.
    const HouseholdNotes notes = make_households(people, region, seed);
    people = arrange(people, seed);
    report.households = people.households;
    compare_margins(region, margins, people, report);
    compare_sizes(region, people, report);
    report.remarks.push_back(fmt::format("{} people had nobody to live with and changed their place in the household",
                                         notes.changed_position));
    report.remarks.push_back(fmt::format("{} of {} couples are of one sex", notes.same_sex_couples, notes.couples));
    report.remarks.push_back(
        fmt::format("{} of {} children live with a mother or lone parent less than 15 or more than 55 years older",
                    notes.unlikely_parents, notes.parents_children));

    // Columns that every region has.
    PersonTable& out = result.people;
    out.people = number;
    NumberColumn age{"age", "year", std::vector<double>(number)};
    NumberColumn household{"household", "1", std::vector<double>(number)};
    const DrawSite birthday{seed, 0, "synthesis.birthday"};
    for (std::size_t i = 0; i < number; ++i) {
        age.values[i] = people.age[i] + uniform(birthday, i, 0);
        household.values[i] = people.household[i];
    }
    CategoryColumn sex{"sex", {"female", "male"}, {people.sex.begin(), people.sex.end()}};
    CategoryColumn neighbourhood{"neighbourhood", {}, {}};
    for (const auto& n : region.neighbourhoods) neighbourhood.labels.push_back(n.label);
    CategoryColumn municipality{"municipality", region.municipalities, {}};
    CategoryColumn position{"household_position",
                            {position_labels.begin(), position_labels.end()},
                            {people.position.begin(), people.position.end()}};
    for (const auto n : people.neighbourhood) {
        neighbourhood.codes.push_back(static_cast<std::uint16_t>(n));
        municipality.codes.push_back(static_cast<std::uint16_t>(region.neighbourhoods[n].municipality));
    }
    out.numbers.push_back(std::move(age));
    out.numbers.push_back(std::move(household));
    out.categories = {std::move(sex), std::move(neighbourhood), std::move(municipality), std::move(position)};

    // Attributes, in the order of the file.
    std::vector<std::vector<std::uint16_t>> codes;
    for (std::size_t a = 0; a < region.attributes.size(); ++a) {
        const RegionAttribute& attribute = region.attributes[a];
        const std::vector<std::uint16_t>* given = nullptr;
        for (const auto& g : attribute.gradients)
            if (g.attribute) given = &codes[*g.attribute];
        AttributeDraw drawn;
        if (attribute.of_households) {
            Units units;
            units.with_sex_age = false;
            units.neighbourhood.resize(people.households);
            for (std::size_t i = 0; i < number; ++i) units.neighbourhood[people.household[i]] = people.neighbourhood[i];
            units.given.assign(people.households, 0);
            if (given != nullptr) units.given = highest_in_household(people, *given);
            drawn = draw_attribute(region, a, units, seed);
            std::vector<std::uint16_t> of_people(number);
            for (std::size_t i = 0; i < number; ++i) of_people[i] = drawn.codes[people.household[i]];
            drawn.codes = std::move(of_people);
        } else {
            Units units{people.neighbourhood, people.sex, people.age, {}, true};
            if (given != nullptr)
                units.given = *given;
            else
                units.given.assign(number, 0);
            drawn = draw_attribute(region, a, units, seed);
        }
        for (auto& f : drawn.fits) report.margins.push_back(std::move(f));
        for (auto& r : drawn.remarks) report.remarks.push_back(std::move(r));
        if (attribute.number) {
            NumberColumn values{attribute.name, attribute.unit, std::vector<double>(number)};
            const DrawSite rank{seed, 0, "synthesis." + attribute.name + ".rank"};
            for (std::size_t i = 0; i < number; ++i)
                values.values[i] = number_in_class(region, attribute, people.sex[i], people.age[i], drawn.codes[i],
                                                   uniform(rank, i, 0));
            out.numbers.push_back(std::move(values));
        } else {
            out.categories.push_back({attribute.name, attribute.categories, drawn.codes});
        }
        codes.push_back(std::move(drawn.codes));
    }
    return result;
}

}  // namespace proeftuin::population
