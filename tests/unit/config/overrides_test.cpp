#include "engine/config/overrides.hpp"

#include <gtest/gtest.h>

#include "tests/unit/config/fixture.hpp"

namespace proeftuin {
namespace {

using testing::YamlText;

struct Outcome {
    bool done;
    std::string brief;
    Node root;
};

Outcome set(const std::string& setting, NewKeys new_keys = NewKeys::refused) {
    YamlText text{"transitions:\n  onset: { from: a, rate: 0.1 }\nstates: [a, b]\nempty:\n"};
    const auto parsed = parse_setting(text.files, setting, text.sink);
    const bool done =
        parsed && set_path(*text.node, parsed->path, parsed->value, "given with --set", text.sink, new_keys);
    return {done, text.brief(), *text.node};
}

TEST(SetPath, replaces_a_value_and_marks_where_it_came_from) {
    const Outcome outcome = set("transitions.onset.rate=0.2 per year");

    ASSERT_TRUE(outcome.done) << outcome.brief;
    const Node* rate = outcome.root.find("transitions")->find("onset")->find("rate");
    EXPECT_EQ(rate->text, "0.2 per year");
    EXPECT_EQ(rate->origin, "given with --set");
    EXPECT_EQ(rate->span.column, 24u);
    EXPECT_EQ(outcome.root.find("transitions")->find("onset")->find("from")->origin, "");
}

TEST(SetPath, reaches_items_of_lists_and_takes_maps) {
    EXPECT_EQ(set("states[1]=c").root.find("states")->items.at(1).text, "c");
    const Outcome outcome = set("transitions.onset={from: b, to: [c]}");
    EXPECT_EQ(outcome.root.find("transitions")->find("onset")->find("to")->items.at(0).origin, "given with --set");
}

TEST(SetPath, reports_a_path_that_leads_nowhere) {
    EXPECT_EQ(set("transition.onset.rate=1").brief,
              "--set:1:23: error[E0215]: nothing to set at 'transition.onset.rate': the entry has no key 'transition' "
              "(test.yaml:1:1: the entry is here); did you mean 'transitions'?\n");
    EXPECT_EQ(
        set("transitions.onset.rates=1").brief,
        "--set:1:25: error[E0215]: nothing to set at 'transitions.onset.rates': 'transitions.onset' has no key 'rates' "
        "(test.yaml:2:10: 'transitions.onset' is here); did you mean 'rate'?\n");
    EXPECT_NE(set("states[2]=1").brief.find("'states' has 2 items"), std::string::npos);
    EXPECT_NE(set("states.a=1").brief.find("'states' is not a map"), std::string::npos);
    EXPECT_NE(set("transitions[0]=1").brief.find("'transitions' is not a list"), std::string::npos);
}

TEST(SetPath, adds_a_last_key_only_when_asked) {
    EXPECT_FALSE(set("transitions.onset.to=b").done);
    const Outcome outcome = set("transitions.onset.to=b", NewKeys::added);
    ASSERT_TRUE(outcome.done);
    EXPECT_EQ(outcome.root.find("transitions")->find("onset")->find("to")->text, "b");
    EXPECT_FALSE(set("transition.onset.to=b", NewKeys::added).done);
}

TEST(SetPath, refuses_what_is_not_a_setting) {
    for (const char* setting :
         {"", "a", "=1", "a..b=1", ".a=1", "a.=1", "a[=1", "a[x]=1", "[0]=1", "a[0]b=1", "a]=1"}) {
        const Outcome outcome = set(setting);
        EXPECT_FALSE(outcome.done) << setting;
        EXPECT_NE(outcome.brief.find("E0216"), std::string::npos) << setting << outcome.brief;
    }
    EXPECT_NE(set("a=").brief.find("E0204"), std::string::npos);
    EXPECT_NE(set("a=[1").brief.find("--set:1:3: error[E0118]"), std::string::npos) << set("a=[1").brief;
}

TEST(SplitPath, gives_the_first_key_and_the_rest) {
    EXPECT_EQ(split_path("copd.states[0]").first, "copd");
    EXPECT_EQ(split_path("copd.states[0]").rest, "states[0]");
    EXPECT_EQ(split_path("copd").rest, "");
}

}  // namespace
}  // namespace proeftuin
