// A programme touches only those who take part, and how a run is carried out changes no bit of it.
#include <set>

#include "engine/random/uid.hpp"
#include "tests/invariance/columns.hpp"

namespace proeftuin {
namespace {

using namespace lab;

std::string with(const std::string& programmes) {
    return std::string("format: 1\nscenario: changed\nbased_on: ") + village() + "\nentries:\n" + programmes;
}

/// Two programmes that people enter and leave in mid-step, again and again; `factor` of every effect.
std::string programmes(const std::string& factor, const std::string& invitations = "700") {
    return "  - programme: coaching\n"
           "    for: \"age >= 18 years and (lungs != well or smoking == current)\"\n"
           "    runs: { from: 2000-05-10, to: 2004-11-15, ramp: 6 months, pauses: [{ from: 2002-03-05, to: 2002-04-20 "
           "}] }\n"
           "    entry: { invite: " +
           invitations +
           " per year, uptake: \"age > 60 years ? 0.8 : 0.5\", order_by: bmi, ask_again_after: 5 months }\n"
           "    leave: { dropout: 0.8 per year, duration: 7 months, again_after: 3 months }\n"
           "    effects:\n"
           "      - { on: [lungs.*, heart.infarct, death, memory.*], multiply: \"" +
           factor +
           "\", fades: { half_life: 4 months, to: 0.2 } }\n"
           "      - { on: [birth, departure], multiply: \"" +
           factor +
           "\", while: [active, completed] }\n"
           "      - { on: [utility, cost_hospital], multiply: \"" +
           factor +
           "\", fades: { half_life: 1 year } }\n"
           "    cost: { per_person_start: 100 EUR, per_person_year: 50 EUR per year, fixed_per_year: 1000 EUR per year "
           "}\n"
           "    by: [age_band, sex]\n"
           "  - programme: visits\n"
           "    for: \"time_in(lungs) > 0.1 years and coaching in [none, dropped]\"\n"
           "    entry: { places: 60, order_by: first_come }\n"
           "    leave: { duration: 2 months, again_after: 1 month }\n";
}

TEST(programme, without_effect_changes_nobody_by_a_bit) {
    for (const char* step : {"1 month", "3 months", "1 year"}) {
        const Done usual(std::make_unique<Lab>(village(), Choice{.step = step}), 2, 1024, true);
        const Done policy(from_text(with(programmes("1")), {.step = step}), 7, 300, true);
        EXPECT_TRUE(same_people(usual.simulation(), policy.simulation(), {"total.cost_per_person"})) << step;
        // Every measure of usual care but the total that the programme itself is part of.
        const Model& m = usual.simulation().model();
        std::size_t equal = 0;
        for (std::size_t k = 0; k < m.measures.size(); ++k) {
            const std::string& name = m.measures[k].name;
            if (name == "cost" || name == "cost_per_person") continue;
            const auto& a = usual.results().measures[k];
            const auto& b = policy.results().measures[policy.lab().measure(name)];
            EXPECT_EQ(a.sum, b.sum) << name << " " << step;
            EXPECT_EQ(a.weight, b.weight) << name << " " << step;
            ++equal;
        }
        EXPECT_GT(equal, 10u);
        // And the total rises by exactly its cost, which is that of its starts and its time.
        double more = 0.0, starts = 0.0, time = 0.0, cost = 0.0;
        for (int sex = 0; sex < 2; ++sex) more += policy.total("cost", sex) - usual.total("cost", sex);
        for (int c = 0; c < policy.cells("coaching_cost"); ++c) {
            starts += policy.total("coaching_started", c);
            time += policy.total("coaching_person_years", c);
            cost += policy.total("coaching_cost", c);
        }
        EXPECT_GT(starts, 300.0) << step;
        EXPECT_NEAR(more, cost, 2e-2) << step;  // each amount is rounded to a millionth of a euro
        EXPECT_NEAR(cost, 100.0 * starts + 50.0 * time, 2e-2) << step;
        EXPECT_GT(policy.total("visits_started"), 60.0) << step;
    }
}

TEST(programme, gives_the_same_bits_for_any_threads_chunks_and_order) {
    const auto lab = from_text(with(programmes("0.7")));
    const auto reference = lab->simulation(2, 1024);
    reference->run();
    for (const auto& [threads, chunk] :
         {std::pair{1, 64u}, std::pair{2, 100u}, std::pair{7, 1000u}, std::pair{7, 1u}, std::pair{1, 32768u}}) {
        const auto run = lab->simulation(threads, chunk);
        run->run();
        EXPECT_EQ(run->results().digest(), reference->results().digest()) << threads << " " << chunk;
        EXPECT_TRUE(same_people(*reference, *run)) << threads << " " << chunk;
    }
    Population people = lab->start();
    std::vector<std::uint32_t> order(people.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::uint32_t>(order.size() - 1 - i);
    people.reorder(order);
    const auto run = lab->simulation_of(std::move(people), 2, 200);
    run->run();
    EXPECT_EQ(run->results().digest(), reference->results().digest());
    EXPECT_TRUE(same_people(*reference, *run));
}

TEST(programme, goes_on_from_a_checkpoint_at_any_step) {
    const auto lab = from_text(with(programmes("0.7")));
    const auto leader = lab->simulation(2, 512);
    std::vector<Checkpoint> states;
    while (!leader->finished()) {
        states.push_back(leader->checkpoint());
        leader->step();
    }
    for (std::size_t tick = 0; tick < states.size(); ++tick) {
        const auto follower = lab->simulation(1, 300);
        follower->restore(states[tick]);
        follower->run();
        EXPECT_EQ(follower->results().digest(), leader->results().digest()) << tick;
        EXPECT_TRUE(same_people(*leader, *follower)) << tick;
    }
}

TEST(programme, before_it_runs_is_usual_care) {
    // The same in every person up to the day: nobody is invited, and nothing else differs.
    const auto lab =
        from_text(with("  - programme: late\n    for: age > 30 years\n    runs: { from: 2003 }\n"
                       "    entry: { invite: 333 per year }\n"
                       "    effects: [{ on: lungs.*, multiply: 0.5 }]\n"));
    const Lab usual(village());
    const auto a = usual.simulation(2, 1024, true), b = lab->simulation(2, 1024, true);
    while (b->tick() < 12) {
        a->step();
        b->step();
    }
    EXPECT_TRUE(same_people(*a, *b));
    a->step();
    b->step();
    EXPECT_FALSE(same_people(*a, *b));
    EXPECT_EQ(b->results().measures[lab->measure("late_offered")].sum[3], 333 / 4);
}

/// Uids of people who were ever invited, and of those who ever consented.
std::set<std::uint64_t> ever(const Done& run, const char* column) {
    std::set<std::uint64_t> uids;
    const auto columns = columns_by_uid(run.simulation());
    for (const auto& [uid, value] : columns.at(column))
        if (value != 0) uids.insert(uid);
    return uids;
}

TEST(programme, more_capacity_adds_people_and_removes_none) {
    // Eligibility changes with the illness of each person, and the programme has no effect on it. Everybody is asked
    // once.
    std::set<std::uint64_t> before_invited, before_in;
    for (const char* invitations : {"20", "90", "91", "400", "2500"}) {
        const Done run(from_text(with(std::string("  - programme: coaching\n    for: lungs != well and age > 30 years\n"
                                                  "    entry: { invite: ") +
                                      invitations + " per year, uptake: 0.6 }\n")),
                       2, 1024, true);
        const auto invited = ever(run, "invitations.coaching");
        std::set<std::uint64_t> in;
        const auto columns = columns_by_uid(run.simulation());
        for (const auto& [uid, state] : columns.at("coaching"))
            if (state > 1) in.insert(uid);  // consented or further
        EXPECT_TRUE(std::includes(invited.begin(), invited.end(), before_invited.begin(), before_invited.end()))
            << invitations;
        EXPECT_TRUE(std::includes(in.begin(), in.end(), before_in.begin(), before_in.end())) << invitations;
        EXPECT_GT(invited.size(), before_invited.size()) << invitations;
        before_invited = invited;
        before_in = in;
    }
    EXPECT_GT(before_in.size(), 150u);
}

TEST(programme, people_whom_it_does_not_invite_stay_the_same) {
    const Done usual(std::make_unique<Lab>(village()), 2, 1024, true);
    const Done policy(from_text(with("  - programme: coaching\n    for: smoking == current\n"
                                     "    entry: { invite: 150 per year, uptake: 0.5 }\n"
                                     "    effects: [{ on: [lungs.*, heart.infarct], multiply: 0.3 }]\n")),
                      2, 1024, true);
    const auto a = columns_by_uid(usual.simulation()), b = columns_by_uid(policy.simulation());
    const auto& state = b.at("coaching");
    std::size_t changed = 0;
    for (const auto& [name, bits] : a)
        for (const auto& [uid, value] : bits) {
            if (!is_start_uid(uid)) continue;
            if (state.at(uid) < 2)
                EXPECT_EQ(value, b.at(name).at(uid)) << name << " " << uid;
            else
                changed += value != b.at(name).at(uid);
        }
    EXPECT_GT(changed, 50u);
}

}  // namespace
}  // namespace proeftuin
