#include "benchmarks/kernels.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <ostream>

#include "benchmarks/philox.hpp"

namespace proeftuin::benchmarks {

/// How GoogleTest names the parameter.
void PrintTo(const Variant& variant, std::ostream* out) { *out << variant.name; }

namespace {

class ReferenceVariant : public testing::TestWithParam<Variant> {};

/// People per variant: about a second each.
std::int64_t people_for(std::string_view name) { return name == "maps" ? 3'000 : name == "objects" ? 10'000 : 100'000; }

/// Half the width in which a correct run of `n` people stays: 6.2 standard deviations (missed once in 10^9) plus
/// what whole months and events at month ends leave open in the values of the reference.
double bound(double deviation_of_one, double n, double open) { return 6.2 * deviation_of_one / std::sqrt(n) + open; }

TEST_P(ReferenceVariant, gives_the_expected_population_after_twenty_years) {
    const Request request{.people = people_for(GetParam().name), .years = expected_years, .seed = 11};
    const Expected expected;
    const double n = static_cast<double>(request.people);
    const double share_alive = expected.alive / static_cast<double>(expected_people);

    const Outcome got = GetParam().run(request, start_population(request.people, request.seed));

    const double alive = static_cast<double>(got.alive);
    const auto share_bound = [&](double p) { return bound(std::sqrt(p * (1.0 - p)), alive, 0.04 * p); };
    EXPECT_NEAR(alive / n, share_alive, bound(std::sqrt(share_alive * (1.0 - share_alive)), n, 0.0025));
    EXPECT_NEAR(got.qalys / n, expected.qalys / static_cast<double>(expected_people), bound(6.0, n, 0.04));
    EXPECT_NEAR(got.bmi_sum / alive, expected.mean_bmi, bound(3.0, alive, 0.01));
    EXPECT_NEAR(static_cast<double>(got.current_smokers) / alive, expected.current_smokers,
                share_bound(expected.current_smokers));
    for (std::size_t d = 0; d < n_diseases; ++d) {
        EXPECT_NEAR(static_cast<double>(got.with_disease[d]) / alive, expected.prevalence[d],
                    share_bound(expected.prevalence[d]))
            << diseases[d].name;
        if (expected.most_severe[d] >= 0.0) {
            EXPECT_NEAR(static_cast<double>(got.most_severe[d]) / alive, expected.most_severe[d],
                        share_bound(expected.most_severe[d]))
                << diseases[d].name;
        }
    }
}

TEST_P(ReferenceVariant, programmes_prevent_events_and_add_health) {
    // Where people are not paired, noise hides the effect in so small a sample: see the end of the test.
    const bool paired = GetParam().name != "objects" && GetParam().name != "maps";
    Request request{.people = paired ? 40'000 : 1'000, .years = 20, .seed = 5};
    const auto start = start_population(request.people, request.seed);
    const Outcome without = GetParam().run(request, start);
    request.with_programmes = true;
    const Outcome with = GetParam().run(request, start);

    if (!paired) {
        EXPECT_NE(with.events, without.events);
        return;
    }
    EXPECT_LT(with.events, without.events);
    EXPECT_GT(with.qalys, without.qalys);
}

INSTANTIATE_TEST_SUITE_P(Of, ReferenceVariant, testing::ValuesIn(variants()), [](const auto& instance) {
    std::string name{instance.param.name};
    for (char& c : name) c = c == '-' ? '_' : c;
    return name;
});

TEST(ClocksKernel, gives_the_same_whether_chunks_take_one_year_or_all_at_once) {
    const Request request{.people = 30'000, .years = 20, .seed = 3};
    const auto start = start_population(request.people, request.seed);

    const Outcome yearly = run_clocks(request, start);
    const Outcome tiled = run_clocks_tiled(request, start);

    EXPECT_EQ(yearly.alive, tiled.alive);
    EXPECT_EQ(yearly.events, tiled.events);
    EXPECT_EQ(yearly.with_disease, tiled.with_disease);
    EXPECT_NEAR(yearly.qalys, tiled.qalys, 1e-6);
}

TEST(EngineVariants, outputs_and_threads_change_no_result) {
    const Request request{.people = 30'000, .years = 10, .seed = 3};
    const auto start = start_population(request.people, request.seed);

    const Outcome lean = run_engine(request, start);

    for (const Outcome& other : {run_engine_outputs(request, start), run_engine_2_threads(request, start)}) {
        EXPECT_EQ(other.alive, lean.alive);
        EXPECT_EQ(other.events, lean.events);
        EXPECT_EQ(other.with_disease, lean.with_disease);
        EXPECT_EQ(other.bmi_sum, lean.bmi_sum);
        EXPECT_EQ(other.qalys, lean.qalys);
    }
}

/// One scheme of events and the same people: only chance is left between the two, no months and no ends of months.
TEST(EngineVariants, agree_with_the_hand_written_clocks) {
    const Request request{.people = 100'000, .years = 20, .seed = 7};
    const auto start = start_population(request.people, request.seed);

    const Outcome engine = run_engine(request, start);
    const Outcome clocks = run_clocks(request, start);

    const auto agree = [](const char* what, double a, double b, double variance) {
        EXPECT_LT(std::fabs(a - b), 4.5 * std::sqrt(variance)) << what << ": " << a << " and " << b;
    };
    const auto agree_as_counts = [&](const char* what, std::int64_t a, std::int64_t b) {
        agree(what, static_cast<double>(a), static_cast<double>(b), static_cast<double>(a + b));
    };
    const double n = static_cast<double>(request.people);
    agree_as_counts("deaths", request.people - engine.alive, request.people - clocks.alive);
    agree_as_counts("current smokers", engine.current_smokers, clocks.current_smokers);
    for (std::size_t d = 0; d < n_diseases; ++d) {
        agree_as_counts(diseases[d].name, engine.with_disease[d], clocks.with_disease[d]);
        agree_as_counts(diseases[d].name, engine.most_severe[d], clocks.most_severe[d]);
    }
    agree_as_counts("events", engine.events, clocks.events);
    agree("qalys", engine.qalys, clocks.qalys, 2.0 * 16.0 * n);  // sd of one person, given the start: below 4
    // Body mass has no chance in it, only who is alive: its mean is the same but for the deaths that differ.
    EXPECT_NEAR(engine.bmi_sum / static_cast<double>(engine.alive), clocks.bmi_sum / static_cast<double>(clocks.alive),
                0.01);
}

TEST(Philox, gives_the_published_answer_for_zero_counter_and_key) {
    const auto words = philox({0, 0, 0, 0}, 0);

    EXPECT_EQ(words, (std::array<std::uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
}

}  // namespace
}  // namespace proeftuin::benchmarks
