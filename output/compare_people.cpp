#include "output/compare_people.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <unordered_map>

#include "engine/config/diagnostic.hpp"
#include "output/comparison_text.hpp"
#include "output/difference.hpp"
#include "output/result_set.hpp"
#include "output/show.hpp"
#include "output/text.hpp"

namespace proeftuin::output {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::string_view total = "total_";

/// \throws std::invalid_argument
const PersonPanel& people_of(const ResultSet& set) {
    if (!set.persons)
        throw std::invalid_argument("'" + set.scenario + "' recorded no people (`record: {}` in the scenario does)");
    return *set.persons;
}

template <class Column>
const Column* named(const std::vector<Column>& columns, const std::string& name) {
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const Column& c) { return c.name == name; });
    return found == columns.end() ? nullptr : &*found;
}

bool same_bits(double a, double b) { return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b); }

struct Pair {
    std::size_t here, against;  ///< rows
};

/// The columns that both have.
struct SharedColumns {
    std::vector<std::pair<const NumberColumn*, const NumberColumn*>> numbers;
    std::vector<std::pair<const CategoryColumn*, const CategoryColumn*>> categories;

    SharedColumns(const PersonPanel& here, const PersonPanel& against) {
        for (const auto& column : here.numbers)
            if (const auto* other = named(against.numbers, column.name)) numbers.emplace_back(&column, other);
        for (const auto& column : here.categories)
            if (const auto* other = named(against.categories, column.name)) categories.emplace_back(&column, other);
    }
    bool are_equal(const Pair& row) const {
        return std::all_of(numbers.begin(), numbers.end(),
                           [&](const auto& c) {
                               return same_bits(c.first->values[row.here], c.second->values[row.against]);
                           }) &&
               std::all_of(categories.begin(), categories.end(), [&](const auto& c) {
                   return c.first->labels.at(c.first->codes[row.here]) ==
                          c.second->labels.at(c.second->codes[row.against]);
               });
    }
};

void add(ComparedPeople& row, double difference) {
    ++row.people;
    row.more += difference > 0.0;
    row.less += difference < 0.0;
    (difference > 0.0 ? row.gained : row.lost) += std::fabs(difference);
}

/// One row for each label of the category column, or one for everybody when there is none.
std::vector<ComparedPeople> rows_of(const NumberColumn& here, const NumberColumn& against, const CategoryColumn* groups,
                                    const std::vector<Pair>& pairs) {
    std::vector<ComparedPeople> out(groups == nullptr ? 1 : groups->labels.size());
    for (std::size_t g = 0; g < out.size(); ++g) {
        out[g].number = here.name.substr(total.size());
        if (groups != nullptr) out[g].group = groups->name + " " + groups->labels[g];
    }
    for (const Pair& row : pairs)
        add(out[groups == nullptr ? 0 : groups->codes[row.against]],
            here.values[row.here] - against.values[row.against]);
    std::erase_if(out, [](const ComparedPeople& row) { return row.people == 0; });
    return out;
}

}  // namespace

PeopleComparison compare_people(const ResultSet& here, const ResultSet& against, const std::vector<std::string>& by) {
    const PersonPanel &a = people_of(here), &b = people_of(against);
    if (!same_people(here, against))
        throw std::invalid_argument("the people of '" + here.scenario + "' and '" + against.scenario +
                                    "' are not the same (seed or start population differ)");
    std::unordered_map<std::int64_t, std::size_t> row_of;
    for (std::size_t k = 0; k < b.uid.size(); ++k) row_of.emplace(b.uid[k], k);
    PeopleComparison out;
    std::vector<Pair> pairs;
    for (std::size_t k = 0; k < a.uid.size(); ++k)
        if (const auto found = row_of.find(a.uid[k]); found != row_of.end()) pairs.push_back({k, found->second});
    out.both = static_cast<std::int64_t>(pairs.size());
    out.only_here = static_cast<std::int64_t>(a.uid.size()) - out.both;
    out.only_against = static_cast<std::int64_t>(b.uid.size()) - out.both;
    const SharedColumns columns(a, b);
    out.untouched = std::count_if(pairs.begin(), pairs.end(), [&](const Pair& row) { return columns.are_equal(row); });
    std::vector<const CategoryColumn*> groups;
    for (const auto& name : by) {
        groups.push_back(named(b.categories, name));
        if (groups.back() != nullptr) continue;
        std::vector<std::string> known;
        for (const auto& column : b.categories) known.push_back(column.name);
        throw std::invalid_argument("people have no category '" + name + "' (" + suggestion(name, known) + ")");
    }
    if (groups.empty()) groups.push_back(nullptr);
    for (const auto& [of_here, of_against] : columns.numbers) {
        if (!of_here->name.starts_with(total)) continue;
        for (const CategoryColumn* group : groups)
            for (auto& row : rows_of(*of_here, *of_against, group, pairs)) out.rows.push_back(std::move(row));
    }
    return out;
}

std::string people_comparison_text(const ResultSet& here, const ResultSet& against, const ShowOptions& options) {
    const PeopleComparison people = compare_people(here, against, options.selection.by);
    std::string out = fmt::format(
        "Simulated people of both (first replicate): {}{}, of whom {} are the same in everything recorded of them, to "
        "the last bit.",
        fixed(static_cast<double>(people.both), 0),
        here.stands_for == 1.0 ? "" : fmt::format(", each for {:.3g} of the region", here.stands_for),
        fixed(static_cast<double>(people.untouched), 0));
    if (people.only_here + people.only_against > 0)
        out += fmt::format(" Born or arrived only here: {}, only there: {}.", people.only_here, people.only_against);
    std::vector<std::vector<std::string>> lines{
        {"", "people", "more", "less", "added", "taken off", "mean difference"}};
    for (const auto& row : people.rows) {
        const double mean = (row.gained - row.lost) / static_cast<double>(row.people);
        lines.push_back({row.number + (row.group.empty() ? "" : ", " + row.group),
                         fixed(static_cast<double>(row.people), 0), fixed(static_cast<double>(row.more), 0),
                         fixed(static_cast<double>(row.less), 0), fixed(row.gained, decimals_for({row.gained})),
                         fixed(row.lost, decimals_for({row.lost})), with_sign(mean, decimals_for({mean}))});
    }
    return wrapped(out, options.width) + (people.rows.empty() ? "" : in_columns(lines));
}

std::string people_comparison_json(const ResultSet& here, const ResultSet& against, const ShowOptions& options) {
    const PeopleComparison people = compare_people(here, against, options.selection.by);
    Json out{{"both", people.both},
             {"untouched", people.untouched},
             {"only_here", people.only_here},
             {"only_against", people.only_against},
             {"totals", Json::array()}};
    for (const auto& row : people.rows)
        out["totals"].push_back({{"total", row.number},
                                 {"group", row.group},
                                 {"people", row.people},
                                 {"more", row.more},
                                 {"less", row.less},
                                 {"gained", row.gained},
                                 {"lost", row.lost}});
    return out.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace proeftuin::output
