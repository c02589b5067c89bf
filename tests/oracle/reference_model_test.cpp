// Reference model R against the averages of an independent program with hazards held for a month.
#include "tests/oracle/lab.hpp"

namespace proeftuin {
namespace {

using namespace lab;

TEST(reference_model, twenty_years_of_model_r_agree_with_an_independent_program) {
    // Expected of 10^6 people; the sd of a difference between two correct runs of 10^6 is 370 alive and 0.0006 of a prevalence.
    const Done run(textbook("reference_model_r"), {.number = people(100'000)});
    const double n = run.people();
    const double root = std::sqrt(1e6 / n);
    const double alive = run.at("alive", 20);
    EXPECT_TRUE(within("alive per person", alive / n, 0.667495, 370e-6 * root));
    const std::pair<const char*, double> prevalence[] = {{"diabetes", 0.1209}, {"copd", 0.1205}, {"chd", 0.1130}, {"heart_failure", 0.0302},
                                                         {"stroke", 0.0456}, {"depression", 0.0175}, {"dementia", 0.0192}, {"frailty", 0.1118}};
    for (const auto& [name, expected] : prevalence) {
        const double none = run.at(std::string(name) + "_people", 20, 0);
        EXPECT_TRUE(within(std::string("prevalence of ") + name, 1.0 - none / alive, expected, 0.0006 * root));
    }
    const std::pair<const char*, double> severe[] = {{"diabetes", 0.0377}, {"copd", 0.0094}, {"chd", 0.1109}, {"heart_failure", 0.0170},
                                                     {"stroke", 0.0442}, {"dementia", 0.0115}, {"frailty", 0.0656}};
    for (const auto& [name, expected] : severe) {
        const std::string measure = std::string(name) + "_people";
        EXPECT_TRUE(within(std::string("most severe ") + name, run.at(measure, 20, run.cells(measure) - 1) / alive, expected, 0.0006 * root));
    }
    EXPECT_TRUE(within("current smokers", run.at("smoking_people", 20, 1) / alive, 0.2349, 0.0006 * root));
    EXPECT_TRUE(within("mean bmi", run.at("bmi_at_border", 20) / alive, 25.149, 0.004 * root));
    // QALYs of 20 years per person: sd over people about 6, so 0.006 for 10^6 and two runs 0.0085.
    EXPECT_TRUE(within("qalys per person", run.total("qalys") / n, 14.023374, 0.0085 * root));
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
