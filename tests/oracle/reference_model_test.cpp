// Reference model R against the values that its description states, and against a program written from that
// description.
#include "tests/lab/lab.hpp"
#include "tests/oracle/model_r_program.hpp"

namespace proeftuin {
namespace {

using namespace lab;
using benchmarks::n_diseases;

/// Shares are of those alive after 20 years; QALYs per person at the start.
struct Values {
    double alive, qalys, smokers, bmi;
    double with_disease[n_diseases], most_severe[n_diseases];
};

constexpr double million = 1e6;

/// As stated: a million people, hazards held for whole months, no programme.
Values stated() {
    const benchmarks::Expected e;
    Values v{e.alive / million, e.qalys / million, e.current_smokers, e.mean_bmi, {}, {}};
    std::copy(e.prevalence.begin(), e.prevalence.end(), v.with_disease);
    std::copy(e.most_severe.begin(), e.most_severe.end(), v.most_severe);
    return v;
}

/// Its Monte-Carlo variance: the stated sd of a difference between two runs is 370 alive, so a run has 370 / sqrt(2).
/// That is the spread over lives of one start population (with ages drawn anew it is 471).
constexpr double stated_variance_alive = 370.0 * 370.0 / 2.0 / (million * million);
/// Sd over people of the QALYs of 20 years and of the BMI after them, by ModelRProgram on 20,000 people.
constexpr double sd_qalys = 5.7, sd_bmi = 1.1;

/// What moments within the month are worth, engine minus whole months: a program of whole months looks at everybody at
/// the start of a month and lets everything happen at its end; the engine looks in the middle and events come at their
/// own time. Half a month of age makes deaths 0.4 % more frequent, and a depression that cannot end within its first
/// month lasts half a month of 14 longer. By ModelRProgram: Reading{0.5, false} minus Reading{}, 16 runs of a million
/// people each (standard errors: 75 alive, 0.0001 in a prevalence of 0.12).
constexpr Values within_the_month{-0.00069,
                                  -0.0130,
                                  -0.0003,
                                  -0.002,
                                  {-0.0001, -0.0001, 0.0000, 0.0000, 0.0001, -0.0007, 0.0000, -0.0001},
                                  {0.0002, 0.0001, 0.0006, 0.0000, 0.0004, -0.0007, 0.0000, 0.0001}};

/// Three standard deviations of the difference between a run of n people and the stated one.
void expect_stated(const std::string& who, const Values& got, const Values& within_month, double n) {
    const Values s = stated();
    const auto near = [&](const std::string& what, double value, double expected, double variance) {
        EXPECT_TRUE(within(who + ": " + what, value, expected, std::sqrt(variance), 3.0));
    };
    const auto share = [&](const std::string& what, double value, double expected, double shift) {
        const double p = expected + shift;
        near(what, value, p, p * (1.0 - p) / s.alive * (1.0 / n + 1.0 / million));
    };
    near("alive", got.alive, s.alive + within_month.alive, s.alive * (1.0 - s.alive) / n + stated_variance_alive);
    near("qalys", got.qalys, s.qalys + within_month.qalys, sd_qalys * sd_qalys * (1.0 / n + 1.0 / million));
    near("mean bmi", got.bmi, s.bmi + within_month.bmi, sd_bmi * sd_bmi / s.alive * (1.0 / n + 1.0 / million));
    share("smokers", got.smokers, s.smokers, within_month.smokers);
    for (std::size_t d = 0; d < n_diseases; ++d) {
        const std::string name = benchmarks::diseases[d].name;
        share(name, got.with_disease[d], s.with_disease[d], within_month.with_disease[d]);
        if (s.most_severe[d] >= 0.0)
            share("most severe " + name, got.most_severe[d], s.most_severe[d], within_month.most_severe[d]);
    }
}

TEST(reference_model, a_program_of_whole_months_gives_the_stated_values) {
    const int n = static_cast<int>(people(50'000));
    const oracle::ModelR sums = oracle::ModelRProgram({}, 1).run(n);
    Values got{sums.alive / n, sums.qalys / n, sums.smokers / sums.alive, sums.bmi / sums.alive, {}, {}};
    for (std::size_t d = 0; d < n_diseases; ++d) {
        got.with_disease[d] = sums.with_disease[d] / sums.alive;
        got.most_severe[d] = sums.most_severe[d] / sums.alive;
    }

    expect_stated("program", got, {}, n);
}

TEST(reference_model, the_engine_by_the_month_gives_the_stated_values) {
    const Done run(textbook("reference_model_r"), {.number = people(150'000)});
    const double n = run.people(), alive = run.at("alive", 20);
    Values got{alive / n,
               run.total("qalys") / n,
               run.at("smoking_people", 20, 1) / alive,
               run.at("bmi_at_border", 20) / alive,
               {},
               {}};
    for (std::size_t d = 0; d < n_diseases; ++d) {
        const std::string measure = std::string(benchmarks::diseases[d].name) + "_people";
        got.with_disease[d] = 1.0 - run.at(measure, 20, 0) / alive;
        got.most_severe[d] = run.at(measure, 20, run.cells(measure) - 1) / alive;
    }

    expect_stated("engine", got, within_the_month, n);
}

TEST(reference_model, programmes_prevent_and_untouched_people_stay_the_same) {
    const Choice choice{.number = 20'000, .step = "1 year"};
    const Done usual(textbook("reference_model_r"), choice);
    const Done with(textbook("reference_model_r_programmes"), choice);
    EXPECT_GT(with.at("alive", 20), usual.at("alive", 20));
    EXPECT_LT(20'000 - with.at("chd_people", 20, 0),
              20'000 + (with.at("alive", 20) - usual.at("alive", 20)) - usual.at("chd_people", 20, 0));
}

}  // namespace
}  // namespace proeftuin
