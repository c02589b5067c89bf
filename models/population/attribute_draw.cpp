#include "models/population/attribute_draw.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/contracts.hpp"
#include "engine/core/math.hpp"
#include "engine/random/draw.hpp"
#include "models/population/integerise.hpp"

namespace proeftuin::population {
namespace {

/// Multiplies shares by the ratios of a group, each over its average in the nation; categories without a ratio take
/// what is left.
void turn(std::vector<double>& shares, const double* ratio, const std::vector<double>& mean) {
    double rated = 0.0, free = 0.0;
    for (std::size_t k = 0; k < shares.size(); ++k) {
        if (std::isnan(ratio[k])) {
            free += shares[k];
            continue;
        }
        shares[k] *= mean[k] > 0.0 ? ratio[k] / mean[k] : 0.0;
        rated += shares[k];
    }
    const bool leaves = free > 0.0 && rated < 1.0;
    for (std::size_t k = 0; k < shares.size(); ++k) {
        if (std::isnan(ratio[k]))
            shares[k] *= leaves ? (1.0 - rated) / free : 0.0;
        else if (!leaves && rated > 0.0)
            shares[k] /= rated;
    }
}

/// Expected shares of each category for (neighbourhood status, sex, age, group of the given attribute).
std::vector<double> expected(const RegionSpec& region, const RegionAttribute& attribute, std::size_t ses,
                             std::size_t sex, std::size_t age, std::size_t given) {
    const std::size_t n = attribute.categories.size();
    std::vector<double> shares(n, 1.0 / static_cast<double>(n));
    if (attribute.shares)
        for (std::size_t k = 0; k < n; ++k) shares[k] = attribute.shares->at(sex, age, k, region.ages);
    for (const auto& g : attribute.gradients) {
        const std::size_t groups = g.ratios.size() / n;
        std::vector<double> mean(n, 0.0);
        for (std::size_t group = 0; group < groups; ++group) {
            double weight = 1.0 / static_cast<double>(groups);
            if (g.attribute && !attribute.of_households)
                weight = region.attributes[*g.attribute].shares
                             ? region.attributes[*g.attribute].shares->at(sex, age, group, region.ages)
                             : weight;
            for (std::size_t k = 0; k < n; ++k)
                if (!std::isnan(g.ratios[group * n + k])) mean[k] += weight * g.ratios[group * n + k];
        }
        turn(shares, g.ratios.data() + (g.attribute ? given : ses) * n, mean);
    }
    return shares;
}

/// The table of one attribute: (neighbourhood, sex, age, given group, category).
struct Table {
    Shape shape;
    std::size_t categories = 0, groups = 1, sexes = 1, ages = 1, parents = 0;
    std::vector<std::uint32_t> begin;  ///< of the members of each parent cell, in order; one more than cells
    std::vector<double> people;  ///< expected, by cell

    std::uint32_t members(std::size_t parent) const { return begin[parent + 1] - begin[parent]; }
    std::size_t inner() const { return sexes * ages * groups; }
    std::size_t age_of(std::size_t parent) const { return parent / groups % ages; }
    std::size_t parent(const Units& units, std::size_t i) const {
        const std::size_t s = units.with_sex_age ? units.sex[i] : 0, a = units.with_sex_age ? units.age[i] : 0;
        return ((units.neighbourhood[i] * sexes + s) * ages + a) * groups + units.given[i];
    }
};

Table expected_people(const RegionSpec& region, const RegionAttribute& attribute, const Units& units) {
    Table t;
    t.categories = attribute.categories.size();
    for (const auto& g : attribute.gradients)
        if (g.attribute) t.groups = region.attributes[*g.attribute].categories.size();
    if (units.with_sex_age) t.sexes = 2, t.ages = region.ages;
    t.shape = {region.neighbourhoods.size(), t.sexes, t.ages, t.groups, t.categories};
    t.parents = cells_of(t.shape) / t.categories;
    t.begin.assign(t.parents + 1, 0);
    for (std::size_t i = 0; i < units.size(); ++i) ++t.begin[t.parent(units, i) + 1];
    for (std::size_t p = 0; p < t.parents; ++p) t.begin[p + 1] += t.begin[p];

    // Neighbourhoods of the same status have the same expected shares.
    t.people.assign(t.parents * t.categories, 0.0);
    std::vector<std::vector<double>> known(5 * t.inner());
    for (std::size_t p = 0; p < t.parents; ++p) {
        if (t.members(p) == 0) continue;
        const std::size_t ses = region.neighbourhoods[p / t.inner()].ses, rest = p % t.inner();
        auto& shares = known[ses * t.inner() + rest];
        if (shares.empty())
            shares =
                expected(region, attribute, ses, rest / t.groups / t.ages, rest / t.groups % t.ages, rest % t.groups);
        for (std::size_t k = 0; k < t.categories; ++k) t.people[p * t.categories + k] = t.members(p) * shares[k];
    }
    return t;
}

std::vector<std::uint32_t> municipality_groups(const RegionSpec& region) {
    std::vector<std::uint32_t> result;
    for (const auto& nb : region.neighbourhoods) result.push_back(static_cast<std::uint32_t>(nb.municipality));
    return result;
}

/// Municipal shares as numbers of the people of those ages.
Margin totals_margin(const RegionSpec& region, const RegionAttribute& attribute, const Totals& totals, const Table& t) {
    const std::size_t towns = region.municipalities.size(), labels = totals.labels.size();
    Margin m;
    m.name = attribute.name + " by municipality";
    std::vector<std::uint32_t> beyond(t.ages, 0);
    for (std::size_t a = 0; a < t.ages; ++a) beyond[a] = t.ages == 1 || (a >= totals.from && a <= totals.to) ? 0 : 1;
    m.axes = {{0, municipality_groups(region), towns}, {2, beyond, 2}, {4, totals.group, labels}};
    std::vector<double> people(towns, 0.0);
    for (std::size_t p = 0; p < t.parents; ++p)
        if (beyond[t.age_of(p)] == 0) people[m.axes[0].group[p / t.inner()]] += t.members(p);
    m.target.assign(towns * 2 * labels, std::numeric_limits<double>::quiet_NaN());
    for (std::size_t town = 0; town < towns; ++town) {
        double sum = 0.0;
        for (std::size_t g = 0; g < labels; ++g)
            if (!totals.labels[g].empty()) sum += totals.shares[town * labels + g];
        // Shares of all categories that add up to 0.9999 by rounding leave nobody out.
        const bool all = !totals.labels.back().empty();
        for (std::size_t g = 0; g < labels; ++g) {
            const double share =
                totals.labels[g].empty() ? 1.0 - sum : totals.shares[town * labels + g] / (all ? sum : 1.0);
            m.target[town * 2 * labels + g] = people[town] * share;
        }
    }
    return m;
}

/// Fits the expected people to the municipal totals, keeping the members of every parent cell.
void fit_totals(const RegionAttribute& attribute, const std::vector<Margin>& wanted, Table& t, AttributeDraw& result) {
    Margin fixed;
    fixed.name = "people";
    fixed.axes = {{0, {}, 0}, {1, {}, 0}, {2, {}, 0}, {3, {}, 0}};
    for (std::size_t p = 0; p < t.parents; ++p) fixed.target.push_back(t.members(p));
    std::vector<Margin> fitting = wanted;
    fitting.push_back(std::move(fixed));  // last: they come out exactly
    IpfLimits limits;
    limits.tolerance = 1e-5;
    limits.absolute = 0.02;
    limits.iterations = 300;
    limits.consistency = 1.0;  // two tables of totals may differ; then the remark below says so
    auto fitted = fit(t.shape, t.people, std::move(fitting), limits);
    if (!fitted.ok())
        result.remarks.push_back(fmt::format("totals of '{}' cannot all be met: {}", attribute.name, explain(fitted)));
    t.people = std::move(fitted.table);
    for (std::size_t p = 0; p < t.parents; ++p) {
        double sum = 0.0;
        for (std::size_t k = 0; k < t.categories; ++k) sum += t.people[p * t.categories + k];
        for (std::size_t k = 0; sum > 0.0 && k < t.categories; ++k)
            t.people[p * t.categories + k] *= t.members(p) / sum;
    }
}

std::string cell_label(const RegionSpec& region, const RegionAttribute& attribute, const Margin& margin,
                       const Totals* totals, const Shape& sizes, std::size_t cell) {
    std::string label;
    for (std::size_t x = sizes.size(); x-- > 0;) {
        const std::size_t v = cell % sizes[x];
        cell /= sizes[x];
        const auto& axis = margin.axes[x];
        std::string part;
        switch (axis.axis) {
            case 0:
                part = axis.group.empty() ? region.neighbourhoods[v].label : region.municipalities[v];
                break;
            case 1:
                part = v == 0 ? "female" : "male";
                break;
            case 2:
                if (attribute.of_households) continue;
                part = totals != nullptr ? fmt::format("{}-{}", totals->from, totals->to)
                                         : fmt::format("{}-{}", v * 5, std::min(v * 5 + 4, region.ages - 1));
                break;
            case 3:
                for (const auto& g : attribute.gradients)
                    if (g.attribute) part = region.attributes[*g.attribute].categories[v];
                break;
            default:
                if (totals == nullptr)
                    part = attribute.categories[v];
                else
                    part = totals->labels[v].empty() ? "the rest" : totals->labels[v];
        }
        label = label.empty() ? part : part + " " + label;
    }
    return label;
}

}  // namespace

AttributeDraw draw_attribute(const RegionSpec& region, std::size_t which, const Units& units, std::uint64_t seed) {
    const RegionAttribute& attribute = region.attributes[which];
    AttributeDraw result;
    Table t = expected_people(region, attribute, units);
    std::vector<Margin> margins;
    for (const auto& totals : attribute.totals) margins.push_back(totals_margin(region, attribute, totals, t));
    if (!margins.empty()) fit_totals(attribute, margins, t, result);

    // What else the whole people should show as expected.
    const auto add = [&](std::string name, std::vector<MarginAxis> axes) {
        Margin m{std::move(name), std::move(axes), {}};
        m.target = margin_sums(t.people, margin_cells(m, t.shape), cells_of(margin_shape(m, t.shape)));
        margins.push_back(std::move(m));
    };
    std::vector<std::uint32_t> band(t.ages);
    for (std::size_t a = 0; a < t.ages; ++a) band[a] = static_cast<std::uint32_t>(a / 5);
    add(attribute.name + " by neighbourhood", {{0, {}, 0}, {4, {}, 0}});
    if (units.with_sex_age)
        add(attribute.name + " by sex and age", {{1, {}, 0}, {2, band, (t.ages + 4) / 5}, {4, {}, 0}});
    if (t.groups > 1) add(attribute.name + " by group", {{3, {}, 0}, {4, {}, 0}});

    IntegeriseOptions options;
    options.start = uniform(DrawSite{seed, 0, "synthesis.rounding." + attribute.name}, 0, 0);
    options.fixed_axes = 4;
    const auto rounded = integerise(t.shape, t.people, margins, options);

    // Hand the categories out in keyed order among the members of each cell.
    std::vector<std::pair<std::uint64_t, std::uint32_t>> order(units.size());
    std::vector<std::uint32_t> next(t.begin.begin(), t.begin.end() - 1);
    const std::uint64_t key = DrawSite{seed, 0, "synthesis." + attribute.name}.key();
    for (std::size_t i = 0; i < units.size(); ++i)
        order[next[t.parent(units, i)]++] = {combine64(key, i), static_cast<std::uint32_t>(i)};
    result.codes.assign(units.size(), 0);
    for (std::size_t p = 0; p < t.parents; ++p) {
        if (t.members(p) == 0) continue;
        std::sort(order.begin() + t.begin[p], order.begin() + t.begin[p + 1]);
        std::size_t at = t.begin[p];
        for (std::size_t k = 0; k < t.categories; ++k)
            for (std::uint32_t c = 0; c < rounded.counts[p * t.categories + k]; ++c)
                result.codes[order[at++].second] = static_cast<std::uint16_t>(k);
        PT_ASSERT(at == t.begin[p + 1]);
    }

    const std::vector<double> made(rounded.counts.begin(), rounded.counts.end());
    for (std::size_t m = 0; m < margins.size(); ++m) {
        const Totals* totals = m < attribute.totals.size() ? &attribute.totals[m] : nullptr;
        const auto sums = margin_sums(made, margin_cells(margins[m], t.shape), margins[m].target.size());
        const Shape sizes = margin_shape(margins[m], t.shape);
        MarginFit f;
        f.name = margins[m].name;
        f.by = attribute.of_households ? "households" : "people";
        f.source = totals != nullptr ? totals->source : attribute.source;
        f.note = totals != nullptr ? totals->why : attribute.why;
        for (std::size_t c = 0; c < sums.size(); ++c)
            if (!std::isnan(margins[m].target[c]))
                f.cells.push_back(
                    {cell_label(region, attribute, margins[m], totals, sizes, c), margins[m].target[c], sums[c]});
        f.summarise();
        result.fits.push_back(std::move(f));
    }
    return result;
}

double number_in_class(const RegionSpec& region, const RegionAttribute& attribute, std::size_t sex, std::size_t age,
                       std::size_t category, double uniform) {
    const NumberRule& rule = *attribute.number;
    const std::size_t n = attribute.categories.size();
    // The class is an interval of ranks in the nation; within it the rank is drawn.
    constexpr double tail = 5e-4;
    double below = 0.0;
    for (std::size_t k = 0; k < category; ++k) below += attribute.shares->at(sex, age, k, region.ages);
    const double share = attribute.shares->at(sex, age, category, region.ages);
    const double from = std::clamp(below, tail, 1.0 - 2.0 * tail);
    const double to = std::clamp(below + share, from + 1e-6, 1.0 - tail);
    const double z = math::normal_quantile(std::fma(to - from, uniform, from));
    if (static_cast<double>(age) < rule.adults_from) {
        const std::size_t at = sex * region.ages + age;
        return std::clamp(std::fma(rule.sd[at], z, rule.mean[at]), 0.8 * rule.lowest, rule.highest);
    }
    // A lognormal through the first and the last bound at the ranks that the national shares give them.
    const double first = std::clamp(attribute.shares->at(sex, age, 0, region.ages), tail, 1.0 - 2.0 * tail);
    const double last =
        std::clamp(1.0 - attribute.shares->at(sex, age, n - 1, region.ages), first + 0.5 * tail, 1.0 - tail);
    const double log_first = math::log(rule.bounds.front()), z_first = math::normal_quantile(first);
    double sd = 0.14;  // one bound alone says nothing on the spread: that of body mass index in adults
    if (rule.bounds.size() > 1)
        sd = (math::log(rule.bounds.back()) - log_first) / (math::normal_quantile(last) - z_first);
    const double value = math::exp(std::fma(sd, z - z_first, log_first));
    const double low = category == 0 ? rule.lowest : rule.bounds[category - 1];
    const double high = category + 1 == n ? rule.highest : rule.bounds[category];
    // A class begins at its bound and ends just before the next.
    return std::clamp(value, low, category + 1 == n ? high : high * (1.0 - 1e-12));
}

}  // namespace proeftuin::population
