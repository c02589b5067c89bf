#include "models/population/region.hpp"

#include <fmt/format.h>

#include <cmath>

#include "models/population/region_tables.hpp"

namespace proeftuin::population {

const std::array<const char*, n_positions> position_labels{
    "child", "single", "couple", "couple_with_children", "single_parent", "other", "institution"};

namespace {

/// Label of a cell of a margin for messages; its number when the file gave it none.
std::string cell_label(const RegionSpec& spec, std::size_t margin, std::size_t cell) {
    const auto& label = spec.described[margin].labels[cell];
    return label.empty() ? "the rest" : label;
}

/// Brings the margins to the level of the region and in line with each other.
bool level_margins(const RegionEntry& entry, RegionSpec& spec, DiagnosticSink& sink) {
    double total = 0.0;
    for (const double t : spec.margins.front().target) total += t;
    if (!(total > 0.0)) {
        sink.report(
            {.code = "E0606",
             .message = fmt::format("margin '{}' is over nobody or leaves people out (the first margin sets the level)",
                                    spec.margins.front().name),
             .where = spec.described.front().place});
        return false;
    }
    for (std::size_t m = 0; m < spec.margins.size(); ++m) {
        if (m > 0 && entry.margins[m].value.scaled) continue;
        for (double& t : spec.margins[m].target) t *= spec.people / total;
    }
    for (std::size_t m = 1; m < spec.margins.size(); ++m) {
        if (entry.margins[m].value.scaled) {
            const auto before = spec.margins[m].target;
            if (!rescale_margin(spec.margins, m, spec.shape())) {
                sink.report(
                    {.code = "E0608",
                     .message = fmt::format("margin '{}' cannot be brought in line with the margins before it (it has "
                                            "nobody where they have people)",
                                            spec.margins[m].name),
                     .where = spec.described[m].place});
                return false;
            }
            const auto& target = spec.margins[m].target;
            double own = 0.0;
            for (const double t : target)
                if (!std::isnan(t)) own += t;
            // Change of the shape, with the change of level taken out.
            const double level = own / spec.described[m].published;
            double& adjusted = spec.described[m].adjusted;
            for (std::size_t k = 0; k < target.size(); ++k)
                if (before[k] > 0.0) adjusted = std::max(adjusted, std::fabs(target[k] / (before[k] * level) - 1.0));
        }
    }
    // Published tables round; a hundredth of a per cent is no contradiction.
    if (const auto d = find_discrepancy(spec.margins, spec.shape(), 1e-4)) {
        const double back = total / spec.people;
        sink.report(
            {.code = "E0608",
             .message =
                 d->overall
                     ? fmt::format("margins '{}' and '{}' have different totals ({:.1f} and {:.1f} people)",
                                   spec.margins[d->first].name, spec.margins[d->second].name, d->first_total * back,
                                   d->second_total * back)
                     : fmt::format("margins '{}' and '{}' disagree around '{}' and '{}' ({:.1f} and {:.1f} people)",
                                   spec.margins[d->first].name, spec.margins[d->second].name,
                                   cell_label(spec, d->first, d->first_cell),
                                   cell_label(spec, d->second, d->second_cell), d->first_total * back,
                                   d->second_total * back),
             .where = spec.described[d->second].place,
             .notes = {{spec.described[d->first].place, "the other margin"}},
             .help = "correct the tables, or write `scaled: true` to let the later one give way"});
        return false;
    }
    return true;
}

}  // namespace

std::optional<RegionSpec> load_region(const RegionEntry& entry, SourceFiles& files, DiagnosticSink& sink) {
    RegionSpec spec;
    RegionTables tables(entry, spec, files, sink);
    if (!tables.read()) return std::nullopt;
    if (spec.margins.empty()) {
        sink.report({.code = "E0604", .message = "the region has no margins", .where = entry.place});
        return std::nullopt;
    }
    if (!level_margins(entry, spec, sink)) return std::nullopt;

    std::vector<double> seed = tables.seed();
    double total = 0.0;
    for (const double s : seed) total += s;
    for (double& s : seed) s *= spec.people / total;
    IpfLimits limits;
    limits.tolerance = 1e-5;
    limits.absolute = 0.01;  // a hundredth of a person
    limits.iterations = 1000;
    limits.consistency = 1e-3;
    auto fitted = fit(spec.shape(), std::move(seed), spec.margins, limits);
    spec.iterations = fitted.iterations;
    if (!fitted.ok()) {
        const auto& worst = *fitted.worst;
        const bool nobody = fitted.status == IpfStatus::infeasible;
        sink.report(
            {.code = "E0609",
             .message =
                 nobody ? fmt::format("margin '{}' cannot be met: '{}' wants {:.2f} people, and every combination "
                                      "behind it is impossible by the seed",
                                      spec.margins[worst.margin].name, cell_label(spec, worst.margin, worst.cell),
                                      worst.target)
                        : fmt::format("margin '{}' cannot be met together with the others: '{}' wants {:.2f} people "
                                      "and stays at {:.2f} after {} iterations",
                                      spec.margins[worst.margin].name, cell_label(spec, worst.margin, worst.cell),
                                      worst.target, worst.fitted, fitted.iterations),
             .where = spec.described[worst.margin].place,
             .help = "a total of 0 in another margin, or a weight of 0 in the seed, rules these people out"});
        return std::nullopt;
    }
    spec.table = std::move(fitted.table);
    return spec;
}

std::optional<RegionSpec> read_region(const Node& node, SourceFiles& files, DiagnosticSink& sink) {
    const auto entry = region_schema().read(node, sink);
    if (!entry) return std::nullopt;
    return load_region(*entry, files, sink);
}

}  // namespace proeftuin::population
