#include "engine/run/arrivals.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "engine/core/hash.hpp"
#include "engine/random/draw.hpp"
#include "engine/random/uid.hpp"
#include "engine/run/run_error.hpp"
#include "engine/run/table_cells.hpp"

namespace proeftuin {
namespace {

/// One cell of a table of arrivals.
struct Group {
    std::uint64_t hash;  ///< of its name and place in the table, the year aside
    double per_year = 0.0;
    double age_from = 0.0, age_width = 1.0;  ///< years
    std::vector<std::pair<int, int>> codes;
};

/// The row of an axis of years that is in force at `time`: the last that has begun, else the first.
std::size_t row_in_force(const TableAxis& years, double time) {
    std::size_t row = 0;
    for (std::size_t j = 0; j < years.points.size(); ++j)
        if (years.points[j] <= time) row = j;
    return row;
}

/// The group that a cell stands for in the year with this middle; nothing when the cell is of another year.
std::optional<Group> group_of(const Arrivals& arrivals, std::size_t cell, double middle) {
    const Table& table = *arrivals.numbers;
    Group group{.hash = hash64(table.name), .codes = {}};
    double weight_of_next = 0.0;
    std::size_t next = cell, rest = cell, stride = 1;
    for (std::size_t x = table.axes.size(); x-- > 0;) {
        const TableAxis& axis = table.axes[x];
        const std::size_t k = rest % axis.size();
        const std::size_t step = stride;
        rest /= axis.size();
        stride *= axis.size();
        const int attribute = arrivals.attribute_by_axis[x];
        if (attribute == Arrivals::by_year) {
            if (row_in_force(axis, middle) != k) return std::nullopt;
            if (axis.between == Interpolation::linear && k + 1 < axis.points.size() && middle > axis.points[k]) {
                weight_of_next = (middle - axis.points[k]) / (axis.points[k + 1] - axis.points[k]);
                next = cell + step;
            }
            continue;
        }
        if (attribute == Arrivals::by_age) {
            group.age_from = cell_start(axis, k);
            group.age_width = k + 1 < axis.points.size() ? axis.points[k + 1] - axis.points[k] : 1.0;
        } else {
            group.codes.emplace_back(attribute, static_cast<int>(k));
        }
        group.hash = combine64(group.hash, combine64(hash64(axis.name), k));
    }
    const double in_force = weight_of_next == 0.0
                                ? table.values[cell]
                                : std::fma(weight_of_next, table.values[next] - table.values[cell], table.values[cell]);
    group.per_year = in_force * arrivals.scale;
    return group;
}

[[noreturn]] void no_number(const Table& table, std::size_t cell, double people, std::int64_t year) {
    throw RunError(
        {Severity::error,
         "E0446",
         fmt::format("arrivals '{}' are {} in some group of {} (they must be at least 0)", table.name, people, year),
         table.places.empty() ? SourceSpan{} : table.places[cell],
         {},
         {},
         {}});
}

}  // namespace

std::vector<Newcomer> draw_newcomers(const Model& model, RunKey key, double begin, double length) {
    const double whole_years = std::floor(begin + 1e-9);
    const auto year = static_cast<std::int64_t>(std::floor(model.start_year + begin + 1e-9));
    std::vector<Newcomer> newcomers;
    for (const Arrivals& arrivals : model.arrivals) {
        const Table& table = *arrivals.numbers;
        const DrawSite rounding(key.seed, key.replicate, "arrivals.number." + table.name);
        const DrawSite moment(key.seed, key.replicate, "arrivals.time." + table.name);
        const DrawSite ages(key.seed, key.replicate, "arrivals.age." + table.name);
        for (std::size_t cell = 0; cell < table.values.size(); ++cell) {
            const auto group = group_of(arrivals, cell, static_cast<double>(year) + 0.5);
            if (!group) continue;
            if (!(group->per_year >= 0.0)) no_number(table, cell, group->per_year, year);
            const double whole = std::floor(group->per_year);
            const auto of_year = combine64(group->hash, static_cast<std::uint64_t>(year));
            const auto number =
                static_cast<std::uint64_t>(whole) + (uniform(rounding, of_year, 0) < group->per_year - whole ? 1 : 0);
            for (std::uint64_t k = 0; k < number; ++k) {
                const double at = uniform(moment, of_year, k) - (begin - whole_years);
                if (at < 0.0 || at >= length) continue;
                const std::uint64_t uid = uid_of_arrival(year, group->hash, k);
                const double age = group->age_from + group->age_width * uniform(ages, uid, 0);
                newcomers.push_back({uid, at, age, group->codes});
            }
        }
    }
    std::sort(newcomers.begin(), newcomers.end(), [](const auto& a, const auto& b) { return a.uid < b.uid; });
    return newcomers;
}

}  // namespace proeftuin
