// The same people in two scenarios: who is touched, who gains and who loses.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace proeftuin::output {

struct ResultSet;
struct ShowOptions;

/// A number of each person (QALYs, cost of the run) among the people of a group who are in both.
struct ComparedPeople {
    std::string number;  ///< column
    std::string group;  ///< label; empty: everybody
    std::int64_t people = 0;
    std::int64_t more = 0;  ///< have more of it here than there
    std::int64_t less = 0;
    double gained = 0.0;  ///< by those with more, added [unit of the number]
    double lost = 0.0;  ///< by those with less, added, above 0
};

struct PeopleComparison {
    std::int64_t both = 0;  ///< people of both, joined by uid
    std::int64_t only_here = 0;  ///< born or arrived only here
    std::int64_t only_against = 0;
    std::int64_t untouched = 0;  ///< of `both`: equal in every column, to the last bit
    std::vector<ComparedPeople> rows = {};
};

/// Joins the recorded people of both by uid. Numbers that are compared are totals of the run (columns `total_*`).
/// \param by category columns whose groups are told apart (as they are in `against`); empty: everybody together
/// \throws std::invalid_argument when one of them recorded nobody, they are not paired, or a column is not there
PeopleComparison compare_people(const ResultSet& here, const ResultSet& against,
                                const std::vector<std::string>& by = {});

/// As a table and as JSON text.
std::string people_comparison_text(const ResultSet& here, const ResultSet& against, const ShowOptions& options);
std::string people_comparison_json(const ResultSet& here, const ResultSet& against, const ShowOptions& options);

}  // namespace proeftuin::output
