// Published cohort models against their own transition matrices multiplied out (derivations beside the numbers).
#include "tests/lab/lab.hpp"

namespace proeftuin {
namespace {

using namespace lab;

// Chancellor et al. 1997. Rows of the yearly matrix: counts 1251 350 116 17 of 1734; 731 512 15 of 1258; 1312 437 of
// 1749. Under combination therapy (cycles 1 and 2) every off-diagonal entry times 0.509. x(0) = (1, 0, 0, 0), x(t) =
// x(t-1) P(t); life years = sum over t = 1..20 of the share alive; cost = sum of x(t) . c(t) / 1.06^t, c = medical +
// community + 2278 (+ 2086.50 in t = 1, 2) for the living. Published (Briggs et al. 2006, exercise 2.5): 44,663
// and 7.996 (rounded probabilities) or 7.991; 50,602 and 8.937; 6,276 per life year.
constexpr double mono_cost = 44663.45356369667, mono_years = 7.991206645840882;
constexpr double combi_cost = 50601.65133120373, combi_years = 8.937388891643472;

TEST(cohort, hiv_therapies_of_chancellor_1997_come_out_as_published) {
    const Choice choice{.number = people(100'000)};
    const Done mono(textbook("hiv_monotherapy"), choice);
    const Done combi(textbook("hiv_combination"), choice);
    for (const auto& [run, name, cost, years] : {std::tuple{&mono, "monotherapy", mono_cost, mono_years},
                                                 std::tuple{&combi, "combination", combi_cost, combi_years}}) {
        const double root = std::sqrt(run->people());
        EXPECT_TRUE(
            within(std::string(name) + " cost", run->persons("cost").mean, cost, run->persons("cost").sd / root));
        EXPECT_TRUE(within(std::string(name) + " life years", run->persons("life_years").mean, years,
                           run->persons("life_years").sd / root));
    }
    const auto years = moments(difference(combi.totals("life_years"), mono.totals("life_years")));
    const auto cost = moments(difference(combi.totals("cost"), mono.totals("cost")));
    EXPECT_TRUE(within("life years gained", years.mean, combi_years - mono_years, years.error()));
    EXPECT_TRUE(within("incremental cost", cost.mean, combi_cost - mono_cost, cost.error()));
    EXPECT_TRUE(ratio_within("icer", cost.mean / years.mean, 6275.95560353179,
                             3.5 * (years.error() / years.mean + cost.error() / cost.mean)));
}

// Briggs, Claxton & Sculpher 2006, chapter 3. Women of 60; revision risk of year t: 1 - exp(s ((t-1)^g - t^g)),
// s = exp(-5.490935 - 0.0367022 x 60), g = exp(0.3740968), new prosthesis s times exp(-1.344474). Death of year t by
// age 60 + t. Cost = 394 or 579 at t = 0, 5294 per revision, / 1.06^t; QALYs 0.85, 0.30, 0.75 / 1.015^t, t = 1..60.
// Published: 512 and 14.65, 610 and 14.70.
TEST(cohort, hip_prostheses_of_briggs_2006_come_out_as_published) {
    const Choice choice{.number = people(100'000)};
    const Done standard(textbook("hip_standard"), choice);
    const Done fresh(textbook("hip_new"), choice);
    const double root = std::sqrt(standard.people());
    EXPECT_TRUE(
        within("standard cost", standard.persons("cost").mean, 512.4346583436432, standard.persons("cost").sd / root));
    EXPECT_TRUE(within("standard qaly", standard.persons("qalys").mean, 14.653189614825322,
                       standard.persons("qalys").sd / root));
    EXPECT_TRUE(within("standard life years", standard.persons("life_years").mean, 20.909141403360266,
                       standard.persons("life_years").sd / root));
    EXPECT_TRUE(within("new cost", fresh.persons("cost").mean, 610.3118177575828, fresh.persons("cost").sd / root));
    EXPECT_TRUE(within("new qaly", fresh.persons("qalys").mean, 14.697709857306146, fresh.persons("qalys").sd / root));
    const auto gain = moments(difference(fresh.totals("qalys"), standard.totals("qalys")));
    EXPECT_TRUE(within("qaly gain", gain.mean, 14.697709857306146 - 14.653189614825322, gain.error()));
}

}  // namespace
}  // namespace proeftuin
