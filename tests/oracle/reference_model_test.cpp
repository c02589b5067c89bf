// Reference model R against an independent program.
#include "tests/oracle/lab.hpp"

namespace proeftuin {
namespace {

using namespace lab;

// Means of seven runs of 200,000 people of a program written from the description alone, in another language, with hazards
// held for a month (its own error is that of 1.4 million people). A month of delay makes what ends quickly last about 3 %
// longer (depression), and lowers mortality by 0.4 %; hence the allowance beside the Monte-Carlo error.
constexpr double independent_people = 1.4e6;

::testing::AssertionResult share_of_program(const std::string& what, double got, double n, double expected, double allowance) {
    const double error = std::sqrt(expected * (1.0 - expected) * (1.0 / n + 1.0 / independent_people));
    return within(what, got, expected, error + allowance / 3.5);
}

TEST(reference_model, twenty_years_of_model_r_agree_with_an_independent_program) {
    const Done run(textbook("reference_model_r"), {.number = people(100'000)});
    const double n = run.people();
    const double alive = run.at("alive", 20);
    EXPECT_TRUE(share_of_program("alive", alive / n, n, 0.66235, 0.0005));
    const std::pair<const char*, double> prevalence[] = {{"diabetes", 0.1195}, {"copd", 0.1192}, {"chd", 0.1122}, {"heart_failure", 0.0293}, {"stroke", 0.0449}, {"depression", 0.0175}, {"dementia", 0.0186}, {"frailty", 0.1098}};
    for (const auto& [name, expected] : prevalence) {
        const double none = run.at(std::string(name) + "_people", 20, 0);
        EXPECT_TRUE(share_of_program(std::string("prevalence of ") + name, 1.0 - none / alive, alive, expected, 0.035 * expected));
    }
    // Shares in the most severe state of the published description, which hardly depend on who dies of what.
    const std::pair<const char*, double> severe[] = {{"diabetes", 0.0377}, {"copd", 0.0094}, {"chd", 0.1109}, {"heart_failure", 0.0170},
                                                     {"stroke", 0.0442}, {"dementia", 0.0115}, {"frailty", 0.0656}};
    for (const auto& [name, expected] : severe) {
        const std::string measure = std::string(name) + "_people";
        EXPECT_TRUE(share_of_program(std::string("most severe ") + name, run.at(measure, 20, run.cells(measure) - 1) / alive, alive, expected, 0.02 * expected));
    }
    EXPECT_TRUE(share_of_program("current smokers", run.at("smoking_people", 20, 1) / alive, alive, 0.2360, 0.001));
    EXPECT_TRUE(within("mean bmi", run.at("bmi_at_border", 20) / alive, 25.140, 2.5 * std::sqrt(1.0 / alive + 1.5 / independent_people)));
    // Sd over people of the QALYs of 20 years: about 6.
    EXPECT_TRUE(within("qalys per person", run.total("qalys") / n, 13.9679, 6.0 * std::sqrt(1.0 / n + 1.0 / independent_people) + 0.003));
}

TEST(reference_model, programmes_prevent_and_untouched_people_stay_the_same) {
    const Choice choice{.number = 20'000, .step = "1 year"};
    const Done usual(textbook("reference_model_r"), choice);
    const Done with(textbook("reference_model_r_programmes"), choice);
    EXPECT_GT(with.at("alive", 20), usual.at("alive", 20));
    EXPECT_LT(20'000 - with.at("chd_people", 20, 0), 20'000 + (with.at("alive", 20) - usual.at("alive", 20)) - usual.at("chd_people", 20, 0));
}

}  // namespace
}  // namespace proeftuin
