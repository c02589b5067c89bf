#include "models/population/synthesize.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

namespace proeftuin::population {
namespace {

RegionSpec load(const std::string& name) {
    SourceFiles files;
    DiagnosticSink sink;
    const auto node = read_yaml_file(files, std::string(PROEFTUIN_LIBRARY) + "/regions/" + name + ".yaml", sink);
    std::optional<RegionSpec> spec;
    if (node) spec = read_region(*node, files, sink);
    EXPECT_TRUE(spec) << render(sink.items(), files, DiagnosticFormat::full, Colour::off);
    return spec ? *spec : RegionSpec{};
}

/// Everything of a table, bit for bit.
void expect_same(const PersonTable& a, const PersonTable& b) {
    ASSERT_EQ(a.people, b.people);
    ASSERT_EQ(a.numbers.size(), b.numbers.size());
    ASSERT_EQ(a.categories.size(), b.categories.size());
    for (std::size_t c = 0; c < a.numbers.size(); ++c) EXPECT_EQ(a.numbers[c].values, b.numbers[c].values);
    for (std::size_t c = 0; c < a.categories.size(); ++c) EXPECT_EQ(a.categories[c].codes, b.categories[c].codes);
}

class Region : public testing::TestWithParam<const char*> {};

TEST_P(Region, is_synthesised_with_every_margin_within_tolerance) {
    const auto spec = load(GetParam());
    const std::size_t number = std::string(GetParam()).starts_with("netherlands") ? 200000 : 0;

    const auto made = synthesize(spec, 1, number);

    EXPECT_EQ(made.people.people, number == 0 ? static_cast<std::size_t>(spec.people) : number);
    for (const auto& c : made.people.numbers) EXPECT_EQ(c.values.size(), made.people.people) << c.name;
    for (const auto& c : made.people.categories) EXPECT_EQ(c.codes.size(), made.people.people) << c.name;
    for (const auto& m : made.report.margins) {
        if (!m.fitted) continue;
        for (const auto& c : m.cells) {
            // Two people or half a per cent. Places in the household move by a few more people where somebody had no
            // partner or child left in the neighbourhood: at most one in a neighbourhood, so five per cell are allowed.
            const double few = m.name.starts_with("position") ? 5.0 : 2.0;
            EXPECT_LE(std::fabs(c.difference()), std::max(few, 0.005 * c.target)) << m.name << ": " << c.label;
        }
        EXPECT_LT(m.srmse, 0.02) << m.name;
    }
}

TEST_P(Region, has_households_that_make_sense) {
    const auto spec = load(GetParam());
    const auto made = synthesize(spec, 1, 50000);

    const auto& age = made.people.number("age")->values;
    const auto& household = made.people.number("household")->values;
    const auto& position = *made.people.category("household_position");
    const auto& neighbourhood = made.people.category("neighbourhood")->codes;
    struct Members {
        std::size_t neighbourhood = 0, partners = 0, parents = 0, children = 0, singles = 0, all = 0;
    };
    std::map<std::size_t, Members> households;
    for (std::size_t i = 0; i < made.people.people; ++i) {
        auto& h = households[static_cast<std::size_t>(household[i])];
        if (h.all > 0) {
            EXPECT_EQ(h.neighbourhood, neighbourhood[i]);
        }
        h.neighbourhood = neighbourhood[i];
        ++h.all;
        const std::string place = position.labels[position.codes[i]];
        if (place == "couple") ++h.partners;
        if (place == "couple_with_children" || place == "single_parent") ++h.parents;
        if (place == "child") ++h.children;
        if (place == "single" || place == "institution") ++h.singles;
        if (place != "child" && place != "other" && place != "institution") {
            EXPECT_GE(age[i], 15.0);
        }
        if (i > 0) {  // members stand together
            EXPECT_GE(household[i], household[i - 1]);
        }
    }
    EXPECT_EQ(households.size(), made.report.households);
    for (const auto& [number, h] : households) {
        if (h.singles > 0) {
            EXPECT_EQ(h.all, 1u) << number;
        }
        if (h.partners > 0) {
            EXPECT_EQ(h.partners, 2u) << number;
        }
        if (h.children > 0) {
            EXPECT_TRUE(h.parents == 1 || h.parents == 2) << number;
        }
        if (h.parents > 0) {
            EXPECT_GT(h.children, 0u) << number;
        }
    }
}

TEST_P(Region, gives_the_same_bits_again_and_other_people_for_another_seed) {
    const auto spec = load(GetParam());

    const auto first = synthesize(spec, 7, 20000), again = synthesize(spec, 7, 20000),
               other = synthesize(spec, 8, 20000);

    expect_same(first.people, again.people);
    EXPECT_EQ(to_csv(first.report), to_csv(again.report));
    EXPECT_NE(first.people.number("age")->values, other.people.number("age")->values);
    EXPECT_NE(first.people.category("smoking")->codes, other.people.category("smoking")->codes);
    EXPECT_EQ(other.people.people, 20000u);
}

TEST_P(Region, shows_the_classes_of_body_mass_index_in_the_numbers) {
    const auto spec = load(GetParam());
    const auto made = synthesize(spec, 1, 50000);

    const auto& age = made.people.number("age")->values;
    const auto& bmi = *made.people.number("bmi");
    EXPECT_EQ(bmi.unit, "kg/m2");
    double adults = 0, over = 0, obese = 0, sum = 0;
    for (std::size_t i = 0; i < bmi.values.size(); ++i) {
        EXPECT_GE(bmi.values[i], 11.0);
        EXPECT_LE(bmi.values[i], 60.0);
        if (age[i] < 18.0) continue;
        ++adults;
        sum += bmi.values[i];
        if (bmi.values[i] >= 25.0) ++over;
        if (bmi.values[i] >= 30.0) ++obese;
    }
    // CBS and RIVM, adults 2012-2022: overweight 48 to 51 %, obesity 12 to 16 %, mean about 25 to 26; regions differ.
    EXPECT_GT(over / adults, 0.40);
    EXPECT_LT(over / adults, 0.56);
    EXPECT_GT(obese / adults, 0.09);
    EXPECT_LT(obese / adults, 0.18);
    EXPECT_GT(sum / adults, 24.5);
    EXPECT_LT(sum / adults, 26.8);
}

INSTANTIATE_TEST_SUITE_P(Library, Region,
                         testing::Values("maastricht_heuvelland_2013", "maastricht_heuvelland_2023", "leiden_2013",
                                         "leiden_2023", "netherlands_2013", "netherlands_2023"),
                         [](const auto& info) { return std::string(info.param); });

TEST(Synthesis, has_the_columns_that_models_read) {
    const auto made = synthesize(load("maastricht_heuvelland_2013"), 1, 10000);

    for (const char* name : {"age", "household", "bmi"}) EXPECT_NE(made.people.number(name), nullptr) << name;
    const std::map<std::string, std::vector<std::string>> expected{{"sex", {"female", "male"}},
                                                                   {"education", {"low", "middle", "high"}},
                                                                   {"ses", {"q1", "q2", "q3", "q4", "q5"}},
                                                                   {"smoking", {"never", "former", "current"}},
                                                                   {"activity", {"inactive", "active"}}};
    for (const auto& [name, labels] : expected) {
        const auto* column = made.people.category(name);
        ASSERT_NE(column, nullptr) << name;
        EXPECT_EQ(column->labels, labels) << name;
    }
    EXPECT_NE(made.people.category("municipality"), nullptr);
    EXPECT_EQ(made.people.category("municipality")->labels.size(), 6u);
}

TEST(Synthesis, tells_the_four_neighbourhoods_of_maastricht_noordoost_apart) {
    const auto made = synthesize(load("maastricht_heuvelland_2013"), 1);

    const auto& column = *made.people.category("neighbourhood");
    std::map<std::string, double> people;
    for (const auto c : column.codes) people[column.labels[c]] += 1.0;
    for (const char* name : {"wittevrouwenveld", "wyckerpoort", "nazareth", "limmel"})
        EXPECT_GT(people[name], 1000.0) << name;
    // Split by the inhabitants of 2025 (CBS): 6,055 to 4,070 and 3,145 to 2,670.
    EXPECT_NEAR(people["wittevrouwenveld"] / people["wyckerpoort"], 6055.0 / 4070.0, 0.05);
    EXPECT_NEAR(people["nazareth"] / people["limmel"], 3145.0 / 2670.0, 0.05);
}

TEST(Synthesis, makes_170000_patients_of_the_region) {
    const auto made = synthesize(load("maastricht_heuvelland_2013"), 1);

    EXPECT_EQ(made.people.people, 170000u);
    EXPECT_EQ(made.report.people, 170000u);
}

TEST(Synthesis, spreads_birthdays_over_the_year_of_age) {
    const auto made = synthesize(load("netherlands_2013"), 3, 100000);

    double sum = 0.0;
    for (const double a : made.people.number("age")->values) sum += a - std::floor(a);
    // Mean of 100,000 uniforms: 1/2 with a standard deviation of 0.000913; six of them for one failure in 10^9.
    EXPECT_NEAR(sum / 100000.0, 0.5, 6.2 * 0.000913);
}

TEST(Synthesis, shares_income_in_a_household_and_favours_the_educated) {
    const auto made = synthesize(load("leiden_2023"), 1, 50000);

    const auto& household = made.people.number("household")->values;
    const auto& ses = made.people.category("ses")->codes;
    const auto& education = made.people.category("education")->codes;
    for (std::size_t i = 1; i < ses.size(); ++i)
        if (household[i] == household[i - 1]) {
            ASSERT_EQ(ses[i], ses[i - 1]);
        }
    double sum[3]{}, n[3]{};
    for (std::size_t i = 0; i < ses.size(); ++i) sum[education[i]] += ses[i], n[education[i]] += 1.0;
    EXPECT_LT(sum[0] / n[0] + 0.3, sum[1] / n[1]);
    EXPECT_LT(sum[1] / n[1] + 0.3, sum[2] / n[2]);
}

}  // namespace
}  // namespace proeftuin::population
