// What a scenario does not change, it does not touch: common luck, to the last bit.
#include "engine/random/uid.hpp"
#include "tests/invariance/columns.hpp"

namespace proeftuin {
namespace {

using namespace lab;

std::string on_top(const std::string& more) {
    return std::string("format: 1\nscenario: changed\nbased_on: ") + village() + "\n" + more;
}

TEST(policy, an_effect_of_factor_one_leaves_every_person_the_same) {
    const Done usual(std::make_unique<Lab>(village()), 2, 1024, true);
    for (const char* effects :
         {"effects:\n  - { on: [lungs.*, heart.infarct, memory.*, death, birth, departure], multiply: \"1\" }\n",
          "effects:\n  - { on: [lungs.*, heart.infarct, memory.*, death], multiply: \"1.0\", for: reached == all }\n",
          "effects:\n  - { on: [lungs.*, death], multiply: \"reached == all ? 1 : 1.0\" }\n"}) {
        const Done policy(from_text(on_top(effects)), 7, 300, true);
        EXPECT_EQ(policy.results().digest(), usual.results().digest());
        EXPECT_TRUE(same_people(usual.simulation(), policy.simulation()));
    }
}

TEST(policy, people_whom_an_effect_does_not_reach_stay_the_same) {
    const Done usual(std::make_unique<Lab>(village()), 2, 1024, true);
    const Done policy(from_text(on_top("effects:\n  - { on: lungs.*, multiply: \"0.6\", for: reached == all }\n")), 2,
                      1024, true);
    const auto a = columns_by_uid(usual.simulation()), b = columns_by_uid(policy.simulation());
    std::size_t changed = 0;
    for (const auto& [name, bits] : a)
        for (const auto& [uid, value] : bits) {
            if (!is_start_uid(uid) || !b.at(name).contains(uid)) continue;
            if (a.at("reached").at(uid) == 0)
                EXPECT_EQ(value, b.at(name).at(uid)) << name << " " << uid;
            else
                changed += value != b.at(name).at(uid);
        }
    EXPECT_GT(changed, 100u);
}

// People enter and leave at random moments within steps; what the programme does is multiply by 1.
const char* stirring = R"yaml(entries:
  - process: visits
    states: [outside, inside]
    transitions:
      enter: { from: outside, to: inside, rate: "2.5 per year * (sex == male ? 1.3 : 1)" }
      leave: { from: inside, to: outside, rate: 4 per year }
  - process: letters
    states: [none, read]
    start: { read: 0.4 }
    absorbing: [read]
    transitions:
      reading: { from: none, to: read, rate: 3 per year }
      reminder: { within: [none], rate: 6 per year }
effects:
  - { on: [lungs.*, heart.infarct, memory.*, death, birth, departure], multiply: "1", for: visits == inside }
  - { on: [lungs.onset, death], multiply: "letters == read ? 1 : 1" }
)yaml";

TEST(policy, stirring_without_effect_disturbs_no_clock_and_no_integral) {
    for (const char* step : {"1 month", "3 months", "1 year"}) {
        const Done usual(std::make_unique<Lab>(village(), Choice{.step = step}), 2, 1024, true);
        const Done stirred(from_text(on_top(stirring), {.step = step}), 2, 1024, true);
        EXPECT_TRUE(same_people(usual.simulation(), stirred.simulation())) << step;
        EXPECT_TRUE(same_measures(usual.simulation(), stirred.simulation())) << step;
        EXPECT_GT(stirred.results().events, 2 * usual.results().events) << step;
    }
}

TEST(policy, an_added_disease_leaves_the_luck_of_the_others_alone) {
    // It does not kill and nothing depends on it: all that was there before stays as it was.
    const Done usual(std::make_unique<Lab>(village()), 2, 1024, true);
    const Done more(
        from_text(on_top("entries:\n  - process: a_new_disease\n    states: [none, ill]\n    start: { ill: 0.1 }\n"
                         "    transitions:\n      onset: { from: none, to: ill, rate: 0.2 per year }\n      remission: "
                         "{ from: ill, to: none, rate: 0.5 per year }\n"
                         "  - attributes: new_attribute\n    define: { mood: { start: { normal: { mean: 0, sd: 1 } }, "
                         "noise: \"1\" } }\n")),
        2, 1024, true);
    EXPECT_TRUE(same_people(usual.simulation(), more.simulation()));
    EXPECT_TRUE(same_measures(usual.simulation(), more.simulation()));
}

TEST(policy, an_added_deadly_disease_leaves_the_luck_of_survivors_alone) {
    const Done usual(std::make_unique<Lab>(village()), 2, 1024, true);
    const Done more(
        from_text(on_top("entries:\n  - process: a_new_disease\n    states: [none, dead]\n    death: [dead]\n"
                         "    transitions: { onset: { from: none, to: dead, rate: 0.05 per year } }\n")),
        2, 1024, true);
    const auto a = columns_by_uid(usual.simulation()), b = columns_by_uid(more.simulation());
    const auto& killed = b.at("a_new_disease");
    std::size_t survivors = 0;
    for (const auto& [uid, dead] : killed) {
        if (dead != 0) continue;
        ASSERT_TRUE(a.at("life").contains(uid));
        ++survivors;
        for (const auto& [name, bits] : a) EXPECT_EQ(bits.at(uid), b.at(name).at(uid)) << name << " " << uid;
    }
    EXPECT_GT(survivors, 1000u);
    EXPECT_GT(usual.results().people_alive, more.results().people_alive);
}

TEST(policy, newborns_and_newcomers_have_the_same_uid_in_every_scenario) {
    const Done usual(std::make_unique<Lab>(village()), 2, 1024, true);
    // Fewer births: each child that is born at all is the same child; newcomers are all the same.
    const Done fewer(from_text(on_top("effects:\n  - { on: birth, multiply: \"0.5\" }\n")), 2, 1024, true);
    const auto a = columns_by_uid(usual.simulation()), b = columns_by_uid(fewer.simulation());
    std::size_t later = 0, shared = 0;
    for (const auto& [uid, sex] : b.at("sex")) {
        if (is_start_uid(uid)) continue;
        ++later;
        if (!a.at("sex").contains(uid)) continue;
        ++shared;
        for (const char* name : {"sex", "street", "smoking", "reached", "frailness"})
            EXPECT_EQ(a.at(name).at(uid), b.at(name).at(uid)) << name;
    }
    EXPECT_LT(b.at("uid").size(), a.at("uid").size());
    EXPECT_GT(later, 300u);
    EXPECT_EQ(later, shared);
    for (int t = 0; t < 6; ++t)
        for (int s = 0; s < 2; ++s) EXPECT_EQ(usual.at("arrivals", t, s), fewer.at("arrivals", t, s));
}

TEST(policy, a_lower_rate_never_brings_an_event_forward) {
    const std::string text =
        "format: 1\nscenario: s\npeople: { number: 20000 }\nstarts: 2000\nyears: 60\nstep: 1 month\nentries:\n  - "
        "process: p\n"
        "    states: [waiting, done]\n    absorbing: [done]\n    transitions: { happens: { from: waiting, to: done, "
        "rate: \"R per year\" } }\n"
        "  - measures: m\n    define: { waits: { integrate: \"p == waiting ? 1 : 0\", per_person: run } }\n";
    const auto with = [&](const std::string& rate) {
        std::string t = text;
        t.replace(t.find("R per"), 1, rate);
        return Done(from_text(t)).totals("waits");
    };
    const auto quick = with("0.1"), slow = with("0.09");
    for (std::size_t i = 0; i < quick.size(); ++i) ASSERT_GE(slow[i], quick[i]) << i;
}

}  // namespace
}  // namespace proeftuin
