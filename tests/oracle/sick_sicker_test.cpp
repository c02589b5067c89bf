// Krijkamp et al. 2018 (Med Decis Making 38(3):400-422). The exact answers are those of the cohort calculation with the
// same transition matrix (variant A) and of its expansion by years of sickness (variant B); second moments by the same
// recursion on squares of the discounted rewards still to come.
#include "tests/lab/lab.hpp"

namespace proeftuin {
namespace {

using namespace lab;

struct Arm {
    double cost, cost_sd, qaly, qaly_sd;
};
struct Expected {
    Arm none, treated;
    double inc_cost, inc_cost_sd, inc_qaly, inc_qaly_sd, icer;
};
constexpr Expected variant_a{{75976.14914014253, 57903.0695840203, 15.838847814542657, 4.9489062605063125},
                             {141623.02818834377, 108371.26834122861, 16.4004055892414, 5.097815596537015},
                             65646.87904820124,
                             51857.092810871785,
                             0.5615577746987448,
                             0.3562800134958182,
                             116901.38042059589};
constexpr Expected variant_b{{62706.61848419141, 38067.781714292345, 15.297737581943602, 5.37416795285051},
                             {117544.56926785884, 73267.27552830552, 15.805551974126395, 5.508669074545567},
                             54837.95078366743,
                             37072.903067831416,
                             0.5078143921827953,
                             0.31351746926896945,
                             107988.17762519754};

// State shares at the cycle points (Markov chain multiplied out), healthy, sick, sicker, dead.
constexpr double trace_a_1[] = {0.845, 0.15, 0.0, 0.005};
constexpr double trace_a_10[] = {0.61840958718426, 0.15677546854993568, 0.1350551751833481, 0.089759769082456};
constexpr double trace_a_30[] = {0.34868357164743047, 0.08839631149723567, 0.2065287629319083, 0.35639135392342497};
constexpr double trace_b_2[] = {0.7890249999999999, 0.1833175032351141, 0.01575, 0.011907496764885927};
constexpr double trace_b_10[] = {0.6148321071369822, 0.1548338399052222, 0.11392713048371628, 0.11640692247407876};
constexpr double trace_b_30[] = {0.3407086104476734, 0.08580081138368126, 0.09045144631665063, 0.48303913185199404};

void check_arm(const Done& run, const Arm& e, const std::string& name) {
    const double root = std::sqrt(run.people());
    EXPECT_TRUE(within(name + " cost", run.persons("cost").mean, e.cost, e.cost_sd / root));
    EXPECT_TRUE(within(name + " qaly", run.persons("qalys").mean, e.qaly, e.qaly_sd / root));
    EXPECT_TRUE(ratio_within(name + " cost sd", run.persons("cost").sd, e.cost_sd, 0.05));
    EXPECT_TRUE(ratio_within(name + " qaly sd", run.persons("qalys").sd, e.qaly_sd, 0.05));
    EXPECT_NEAR(run.total("cost") / run.people(), run.persons("cost").mean, 1e-6 * e.cost);
}

void check_pair(const Done& none, const Done& treated, const Expected& e, const std::string& name) {
    const auto cost = moments(difference(treated.totals("cost"), none.totals("cost")));
    const auto qaly = moments(difference(treated.totals("qalys"), none.totals("qalys")));
    EXPECT_TRUE(within(name + " incremental cost", cost.mean, e.inc_cost, e.inc_cost_sd / std::sqrt(cost.n)));
    EXPECT_TRUE(within(name + " incremental qaly", qaly.mean, e.inc_qaly, e.inc_qaly_sd / std::sqrt(qaly.n)));
    EXPECT_TRUE(ratio_within(name + " incremental cost sd", cost.sd, e.inc_cost_sd, 0.05));
    EXPECT_TRUE(ratio_within(name + " incremental qaly sd", qaly.sd, e.inc_qaly_sd, 0.05));
    // Relative error of the ratio, at most the sum of those of its parts.
    const double relative = 3.5 * (e.inc_cost_sd / e.inc_cost + e.inc_qaly_sd / e.inc_qaly) / std::sqrt(cost.n);
    EXPECT_TRUE(ratio_within(name + " icer", cost.mean / qaly.mean, e.icer, relative));
}

void check_trace(const Done& run, int point, const double (&shares)[4], const std::string& name) {
    double alive = 0.0;
    for (int s = 0; s < 3; ++s) {
        const double count = run.at("trace", point, s);
        alive += count;
        if (shares[s] == 0.0)
            EXPECT_EQ(count, 0.0);
        else
            EXPECT_TRUE(share_within(name + " state " + std::to_string(s) + " at " + std::to_string(point), count,
                                     run.people(), shares[s]));
    }
    EXPECT_TRUE(
        share_within(name + " dead at " + std::to_string(point), run.people() - alive, run.people(), shares[3]));
}

TEST(sick_sicker, variant_a_agrees_with_the_cohort_and_pairs_people) {
    const Choice choice{.number = people(100'000)};
    const Done none(textbook("sick_sicker_a"), choice);
    const Done treated(textbook("sick_sicker_a_treatment"), choice);
    check_arm(none, variant_a.none, "A none");
    check_arm(treated, variant_a.treated, "A treated");
    check_pair(none, treated, variant_a, "A");
    EXPECT_NEAR(none.at("trace", 0, 0), none.people(), 1e-6);
    check_trace(none, 1, trace_a_1, "A");
    check_trace(none, 10, trace_a_10, "A");
    check_trace(none, 30, trace_a_30, "A");
    // Treatment changes rewards only: the same lives in both arms.
    for (int t = 0; t <= 30; ++t)
        for (int s = 0; s < 3; ++s) EXPECT_EQ(none.at("trace", t, s), treated.at("trace", t, s));
}

TEST(sick_sicker, common_random_numbers_shrink_the_variance_of_differences_as_derived) {
    // Variances of the difference: independent arms (sum of the variances of both) over paired people.
    const Choice choice{.number = people(100'000)};
    const Done none(textbook("sick_sicker_a"), choice);
    const Done treated(textbook("sick_sicker_a_treatment"), choice);
    for (const auto& [name, expected] :
         {std::pair{std::string("cost"), 5.6140609251047024}, std::pair{std::string("qalys"), 397.6777001250349}}) {
        const auto a = moments(none.totals(name));
        const auto b = moments(treated.totals(name));
        const auto d = moments(difference(treated.totals(name), none.totals(name)));
        EXPECT_TRUE(
            ratio_within("variance ratio of " + name, (a.sd * a.sd + b.sd * b.sd) / (d.sd * d.sd), expected, 0.10));
    }
}

TEST(sick_sicker, variant_b_with_duration_and_personal_benefit_agrees_with_the_expanded_cohort) {
    const Choice choice{.number = people(100'000)};
    const Done none(textbook("sick_sicker_b"), choice);
    const Done treated(textbook("sick_sicker_b_treatment"), choice);
    check_arm(none, variant_b.none, "B none");
    check_arm(treated, variant_b.treated, "B treated");
    check_pair(none, treated, variant_b, "B");
    check_trace(none, 2, trace_b_2, "B");
    check_trace(none, 10, trace_b_10, "B");
    check_trace(none, 30, trace_b_30, "B");
}

TEST(sick_sicker, the_step_of_the_kernel_does_not_touch_a_process_with_cycles) {
    Choice choice{.number = 3000};
    const Done yearly(textbook("sick_sicker_b_treatment"), choice);
    choice.step = "3 months";
    const Done quarterly(textbook("sick_sicker_b_treatment"), choice);
    EXPECT_EQ(yearly.results().digest(), quarterly.results().digest());
}

}  // namespace
}  // namespace proeftuin
