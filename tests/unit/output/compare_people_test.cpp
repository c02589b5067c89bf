#include "output/compare_people.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "output/result_set.hpp"
#include "output/show.hpp"

namespace proeftuin::output {
namespace {

using testing::HasSubstr;

ResultSet scenario(const std::string& name, std::vector<std::int64_t> uid, std::vector<double> cost,
                   std::vector<std::uint16_t> sex, std::vector<double> birth) {
    ResultSet set;
    set.scenario = name;
    PersonPanel people;
    people.uid = std::move(uid);
    people.numbers = {{"birth", "year", std::move(birth)}, {"total_cost", "EUR", std::move(cost)}};
    people.categories = {{"sex", {"female", "male"}, std::move(sex)}};
    set.persons = std::move(people);
    return set;
}

// 7 is the same in both, 3 costs less, 9 more, 4 only moved in birth, 12 and 20 are in one alone.
const ResultSet usual =
    scenario("usual", {7, 3, 9, 4, 12}, {100, 50, 10, 5, 1}, {0, 1, 1, 0, 0}, {1950, 1960, 1970, 1980, 2014});
const ResultSet policy =
    scenario("policy", {20, 9, 4, 7, 3}, {2, 12.5, 5, 100, 20}, {0, 1, 0, 0, 1}, {2015, 1970, 1981, 1950, 1960});

TEST(ComparePeople, joins_them_by_uid) {
    const PeopleComparison people = compare_people(policy, usual);
    EXPECT_EQ(people.both, 4);
    EXPECT_EQ(people.only_here, 1);
    EXPECT_EQ(people.only_against, 1);
    EXPECT_EQ(people.untouched, 1);
    ASSERT_EQ(people.rows.size(), 1u);  // birth is no total
    EXPECT_EQ(people.rows[0].number, "cost");
    EXPECT_EQ(people.rows[0].people, 4);
    EXPECT_EQ(people.rows[0].more, 1);
    EXPECT_EQ(people.rows[0].less, 1);
    EXPECT_DOUBLE_EQ(people.rows[0].gained, 2.5);
    EXPECT_DOUBLE_EQ(people.rows[0].lost, 30.0);
}

TEST(ComparePeople, tells_groups_apart) {
    const PeopleComparison people = compare_people(policy, usual, {"sex"});
    ASSERT_EQ(people.rows.size(), 2u);
    EXPECT_EQ(people.rows[0].group, "sex female");
    EXPECT_EQ(people.rows[0].people, 2);
    EXPECT_EQ(people.rows[0].more + people.rows[0].less, 0);
    EXPECT_EQ(people.rows[1].people, 2);
    EXPECT_DOUBLE_EQ(people.rows[1].lost, 30.0);
}

TEST(ComparePeople, sees_the_last_bit) {
    ResultSet other = usual;
    EXPECT_EQ(compare_people(other, usual).untouched, 5);
    other.persons->numbers[1].values[0] = std::nextafter(100.0, 200.0);
    EXPECT_EQ(compare_people(other, usual).untouched, 4);
}

TEST(ComparePeople, refuses_other_people_and_unknown_groups) {
    EXPECT_THROW(compare_people(policy, usual, {"age"}), std::invalid_argument);
    ResultSet other = usual;
    other.provenance.seed = 9;
    EXPECT_THROW(compare_people(policy, other), std::invalid_argument);
    other = usual;
    other.persons.reset();
    EXPECT_THROW(compare_people(policy, other), std::invalid_argument);
}

TEST(ComparePeople, are_told_in_words_and_as_json) {
    const std::string text = people_comparison_text(policy, usual, {});
    EXPECT_THAT(text, HasSubstr("4, of whom 1 are the same"));
    EXPECT_THAT(text, HasSubstr("only here: 1, only there: 1"));
    const auto json = nlohmann::json::parse(people_comparison_json(policy, usual, {}));
    EXPECT_EQ(json["untouched"], 1);
    EXPECT_EQ(json["totals"][0]["lost"], 30.0);
}

}  // namespace
}  // namespace proeftuin::output
