// What a person has had of a measure in this year: bounded, and known to expressions.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/lab/lab.hpp"

namespace proeftuin::lab {
namespace {

std::string scenario(const std::string& measures, const std::string& step, int people = 100) {
    return "format: 1\nscenario: s\npeople: { number: " + std::to_string(people) +
           " }\nstarts: 2000\nyears: 2\nstep: " + step +
           "\nentries:\n"
           "  - attributes: a\n"
           "    define: { need: { start: { uniform: { from: 0, to: 1 } } } }\n"
           "  - parameter_set: p\n"
           "    parameters: { deductible: { unit: EUR, by: year, between: step, values: { 2000: 50, 2001: 80 }, "
           "source: "
           "assumption, why: test } }\n"
           "  - measures: m\n"
           "    define:\n" +
           measures;
}

TEST(so_far, a_person_counts_up_to_the_bound_of_the_year) {
    const std::string paid =
        "      paid: { integrate: 100 EUR per year * need, per_person: year, at_most: \"deductible[year]\", show: "
        "[mean] }\n"
        "      all: { integrate: 100 EUR per year * need, per_person: year }\n";
    const Done month(from_text(scenario(paid, "1 month", 20000))), year(from_text(scenario(paid, "1 year", 20000)));
    // Of the uniform distribution on 0 to 100: m - m^2 / 200 with bound m; its standard deviation is at most 29.
    EXPECT_TRUE(within("2000", month.at("paid", 0) / 20000.0, 37.5, 29.0 / std::sqrt(20000.0)));
    EXPECT_TRUE(within("2001", month.at("paid", 1) / 20000.0, 48.0, 29.0 / std::sqrt(20000.0)));
    for (const int t : {0, 1}) {
        EXPECT_NEAR(month.at("paid", t), year.at("paid", t), 0.1);
        EXPECT_NEAR(month.at("all", t) / 20000.0, 50.0, 4.0 * 29.0 / std::sqrt(20000.0));
        const auto& persons = month.results().measures[month.lab().measure("paid")].persons;
        EXPECT_NEAR(persons[static_cast<std::size_t>(t)].mean, month.at("paid", t) / 20000.0, 1e-6);
    }
}

TEST(so_far, expressions_know_it_at_the_start_of_the_step) {
    const std::string text =
        "      paid: { integrate: 120 EUR per year, per_person: year, at_most: 60 EUR, so_far: { name: paid_so_far, "
        "unit: "
        "EUR } }\n"
        "      years_with_a_price: { integrate: \"paid_so_far < 25 EUR ? 1 : 0\" }\n"
        "      so_far_in_the_end: { integrate: \"year - floor(year) > 0.9 ? paid_so_far * 12 per year : 0 EUR per "
        "year\" }\n";
    const Done month(from_text(scenario(text, "1 month"))), year(from_text(scenario(text, "1 year")));
    for (const int t : {0, 1}) {
        // 10 EUR a month: below 25 EUR in the first three months of every year; in December at its bound.
        EXPECT_NEAR(month.at("years_with_a_price", t), 25.0, 1e-6);
        EXPECT_NEAR(month.at("so_far_in_the_end", t), 6000.0, 1e-3);
        EXPECT_NEAR(year.at("years_with_a_price", t), 100.0, 1e-6);
        EXPECT_NEAR(month.at("paid", t), 6000.0, 1e-3);
    }
}

TEST(so_far, begins_anew_on_the_first_of_january) {
    const Done run(
        from_text(scenario("      paid: { integrate: 120 EUR per year, per_person: year, at_most: \"60 EUR * (year - "
                           "1999)\", so_far: { name: "
                           "paid_so_far, unit: EUR } }\n"
                           "      have_to_pay: { people: paid_so_far < 60 EUR }\n",
                           "1 month")));
    for (const int t : {0, 1, 2}) EXPECT_EQ(run.at("have_to_pay", t), 100.0) << t;
    // Bounds that depend on the year are those of its first day.
    EXPECT_NEAR(run.at("paid", 0), 6000.0, 1e-3);
    EXPECT_NEAR(run.at("paid", 1), 12000.0, 1e-3);
}

TEST(so_far, is_the_same_on_any_threads_and_after_a_resume) {
    const std::string text =
        "      paid: { integrate: 120 EUR per year * need, per_person: year, at_most: 60 EUR, so_far: { name: "
        "paid_so_far, "
        "unit: EUR } }\n"
        "      care: { integrate: \"paid_so_far < 25 EUR ? need : 2 * need\" }\n";
    const auto lab = from_text(scenario(text, "1 month", 5000));
    const auto one = lab->simulation(1, 512);
    one->run();
    for (const int threads : {2, 7}) {
        const auto other = lab->simulation(threads, 2048);
        other->run();
        EXPECT_EQ(other->results().digest(), one->results().digest());
    }
    const auto first = lab->simulation(2, 1024);
    for (int k = 0; k < 17; ++k) first->step();
    const auto second = lab->simulation(1, 512);
    second->restore(first->checkpoint());
    second->run();
    EXPECT_EQ(second->results().digest(), one->results().digest());
}

TEST(so_far, mistakes_are_told_at_their_place) {
    const auto said = [](const std::string& measure) {
        return said_of(scenario("      paid: " + measure + "\n", "1 month"));
    };
    using Said = std::vector<std::string>;
    EXPECT_EQ(said("{ integrate: 1, at_most: 3 years }"),
              (Said{"14:38 E0432 `at_most` belongs to `integrate` with `per_person: year`, without discounting"}));
    EXPECT_EQ(
        said("{ integrate: 10 EUR per year, per_person: year, so_far: { name: need, unit: EUR } }"),
        (Said{"14:77 E0703 'need' is an attribute and an amount so far | an expression could mean either: give one "
              "of them another name"}));
    EXPECT_EQ(said("{ integrate: 10 EUR per year, per_person: year, so_far: { name: paid_so_far, unit: year } }"),
              (Said{"14:77 E0310 'paid_so_far' is in 'year', and 'paid' is in 'EUR' | unit: EUR"}));
    EXPECT_EQ(said("{ integrate: 10 EUR per year, per_person: year, at_most: 100 EUR * need }"),
              (Said{"14:70 E0450 the bound of measure 'paid' depends on a person (it is a number of the region) | use "
                    "numbers, parameters and `year`"}));
}

}  // namespace
}  // namespace proeftuin::lab
