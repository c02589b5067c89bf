// Nothing about how a run is carried out may change a bit of it.
#include <algorithm>
#include <numeric>

#include "engine/core/cpu.hpp"
#include "engine/core/hash.hpp"
#include "engine/store/checkpoint.hpp"
#include "tests/invariance/columns.hpp"

namespace proeftuin {
namespace {

using namespace lab;

struct Reference {
    std::unique_ptr<Lab> lab = std::make_unique<Lab>(village());
    std::unique_ptr<Simulation> run = lab->simulation(2, 1024);
    Reference() { run->run(); }
};
const Reference& reference() {
    static const Reference r;
    return r;
}

TEST(schedule, the_village_has_something_of_everything) {
    const Done run(std::make_unique<Lab>(village()));
    for (const char* name : {"births", "deaths", "departures", "arrivals", "onsets", "attacks", "infarcts", "slips"})
        EXPECT_GT(run.total(name) + run.total(name, run.cells(name) - 1), 5.0) << name;
}

TEST(schedule, any_number_of_threads_gives_the_same_bits) {
    for (const int threads : {1, 2, 7}) {
        const auto run = reference().lab->simulation(threads, 128);
        run->run();
        EXPECT_EQ(run->results().digest(), reference().run->results().digest()) << threads;
        EXPECT_TRUE(same_people(*reference().run, *run)) << threads;
    }
}

TEST(schedule, any_size_of_chunk_gives_the_same_bits) {
    for (const std::size_t chunk : {1u, 64u, 100u, 256u, 1000u, 4096u, 32768u}) {
        const auto run = reference().lab->simulation(2, chunk);
        run->run();
        EXPECT_EQ(run->results().digest(), reference().run->results().digest()) << chunk;
        EXPECT_TRUE(same_people(*reference().run, *run)) << chunk;
    }
}

TEST(schedule, any_order_of_people_gives_the_same_bits) {
    for (const std::uint64_t seed : {1u, 2u, 3u}) {
        Population people = reference().lab->start();
        std::vector<std::uint32_t> order(people.size());
        std::iota(order.begin(), order.end(), 0u);
        std::sort(order.begin(), order.end(),
                  [&](auto a, auto b) { return mix64(a + 1000003 * seed) < mix64(b + 1000003 * seed); });
        people.reorder(order);
        const auto run = reference().lab->simulation_of(std::move(people), 2, 200);
        run->run();
        EXPECT_EQ(run->results().digest(), reference().run->results().digest());
        EXPECT_TRUE(same_people(*reference().run, *run));
    }
}

TEST(schedule, keeping_the_dead_changes_no_result) {
    const auto run = reference().lab->simulation(2, 512, true);
    run->run();
    EXPECT_EQ(run->results().digest(), reference().run->results().digest());
}

TEST(schedule, going_on_from_a_checkpoint_at_any_step_gives_the_same_bits) {
    const auto leader = reference().lab->simulation(2, 512);
    for (int tick = 0; tick <= leader->ticks(); ++tick) {
        const Checkpoint state = leader->checkpoint();
        const auto follower = reference().lab->simulation(1, 300);
        follower->restore(state);
        EXPECT_EQ(follower->tick(), tick);
        follower->run();
        EXPECT_EQ(follower->results().digest(), reference().run->results().digest()) << tick;
        EXPECT_TRUE(same_people(*reference().run, *follower)) << tick;
        EXPECT_EQ(follower->results().events, reference().run->results().events);
        EXPECT_EQ(follower->results().person_years, reference().run->results().person_years);
        if (!leader->finished()) leader->step();
    }
}

TEST(schedule, a_checkpoint_survives_its_file) {
    const auto leader = reference().lab->simulation();
    for (int k = 0; k < 9; ++k) leader->step();
    const std::string path = ::testing::TempDir() + "/invariance_" + std::to_string(::getpid()) + ".ckpt.h5";
    write_checkpoint(path, leader->checkpoint());
    const auto follower = reference().lab->simulation();
    follower->restore(read_checkpoint(path));
    std::remove(path.c_str());
    follower->run();
    EXPECT_EQ(follower->results().digest(), reference().run->results().digest());
}

TEST(schedule, a_fork_equals_a_policy_that_starts_on_that_day) {
    // The policy acts from 2003 on: run it from the start, and from the checkpoint of usual care of 1 January 2003.
    const std::string policy =
        std::string("format: 1\nscenario: policy\nbased_on: ") + village() +
        "\neffects:\n  - { on: [lungs.*, heart.infarct], multiply: \"year < 2003 ? 1 : 0.5\" }\n";
    const auto lab = from_text(policy);
    const auto whole = lab->simulation();
    whole->run();
    const auto usual = reference().lab->simulation();
    while (usual->tick() < 12) usual->step();
    const auto fork = lab->simulation();
    fork->restore(usual->checkpoint());
    fork->run();
    EXPECT_EQ(fork->results().digest(), whole->results().digest());
    EXPECT_TRUE(same_people(*whole, *fork));
    EXPECT_NE(fork->results().digest(), reference().run->results().digest());
}

TEST(schedule, seed_and_replicate_change_the_luck) {
    Choice other;
    other.replicate = 1;
    EXPECT_NE(Done(std::make_unique<Lab>(village(), other)).results().digest(), reference().run->results().digest());
    other.replicate = 0;
    other.seed = 2;
    EXPECT_NE(Done(std::make_unique<Lab>(village(), other)).results().digest(), reference().run->results().digest());
}

}  // namespace
}  // namespace proeftuin
