#include "engine/config/schema.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/config/fixture.hpp"

namespace proeftuin {
namespace {

using testing::YamlText;

// How a kind is described: plain structs with their defaults, and one function per object that lists the keys.
enum class Between { step, linear };

struct Transition {
    std::vector<Located<std::string>> from;
    Located<std::string> to;
    std::optional<LocatedText> rate;
    std::optional<LocatedText> probability;
    bool normalised = true;
    SourceSpan place;
};

struct CostsAt {
    std::vector<MapItem<LocatedText>> amounts;
};

struct Costs {
    std::vector<MapItem<LocatedText>> flows;
    std::vector<MapItem<CostsAt>> at;
};

struct Process {
    std::string name;
    std::string doc;
    std::vector<Located<std::string>> states;
    std::optional<double> cycle;
    std::vector<MapItem<Transition>> transitions;
    Costs costs;
    Between between = Between::linear;
    int priority = 3;
};

Schema<Transition> transition_schema() {
    Schema<Transition> s("transition", "A way from one state to another");
    s.required("from", &Transition::from, list_or_single(located(name())), "States it leaves", "none");
    s.required("to", &Transition::to, name(), "State it enters", "gold1");
    s.optional("rate", &Transition::rate, expression(), "How often per year", "0.01 per year").unit_is("per year");
    s.optional("probability", &Transition::probability, expression(), "Chance per cycle", "0.1").unit_is("1");
    s.optional("normalised", &Transition::normalised, boolean(), "Divide by the national mean").default_is("true");
    s.exactly_one_of({"rate", "probability"});
    s.place(&Transition::place);
    return s;
}

Schema<Costs> costs_schema() {
    Schema<CostsAt> at("costs at a transition", "Amounts booked once");
    at.others(&CostsAt::amounts, expression(), "Amount of a category");
    Schema<Costs> s("costs", "What a year costs");
    s.optional("at", &Costs::at, map_of(object(at)), "Amounts by transition");
    s.others(&Costs::flows, expression(), "Flow of a category");
    return s;
}

Schema<Process> process_schema() {
    Schema<Process> s("process", "Something that people are in one state of");
    s.entry_kind("process");
    s.required("process", &Process::name, name(), "Name", "copd");
    s.optional("doc", &Process::doc, text(), "What it is");
    s.required("states", &Process::states, list_of(located(name()), 2), "The states, the first is the default",
               "[none, gold1]");
    s.optional("cycle", &Process::cycle, quantity("year", 0, 10), "Length of a cycle", "1 year");
    s.optional("transitions", &Process::transitions, map_of(object(transition_schema())), "The ways between states");
    s.optional("costs", &Process::costs, object(costs_schema()), "Costs");
    s.optional("between", &Process::between, one_of<Between>({{"step", Between::step}, {"linear", Between::linear}}),
               "Between the points")
        .default_is("linear");
    s.optional("priority", &Process::priority, integer(0, 9), "Order").default_is("3");
    return s;
}

std::string reported(const std::string& yaml) {
    YamlText text{yaml};
    if (!text.node) return text.brief();
    process_schema().read(*text.node, text.sink);
    return text.brief();
}

TEST(Schema, reads_a_complete_entry_into_plain_structs) {
    YamlText text{R"(process: copd
states: [none, gold1]
cycle: 6 months
transitions:
  onset: { from: none, to: gold1, rate: 0.01 per year }
  back:
    from: [gold1]
    to: none
    probability: 0.5
    normalised: false
costs:
  gp: 100 EUR per year
  at: { onset: { hospital: 5000 EUR } }
between: step
)"};
    ASSERT_TRUE(text.node) << text.full();

    const auto process = process_schema().read(*text.node, text.sink);

    ASSERT_TRUE(process) << text.full();
    EXPECT_EQ(process->name, "copd");
    EXPECT_EQ(process->states.at(1).value, "gold1");
    EXPECT_EQ(process->states.at(1).span.line, 2u);
    EXPECT_EQ(process->states.at(1).span.column, 16u);
    EXPECT_EQ(process->cycle, 0.5);
    ASSERT_EQ(process->transitions.size(), 2u);
    EXPECT_EQ(process->transitions[0].key, "onset");
    EXPECT_EQ(process->transitions[0].value.rate->text, "0.01 per year");
    EXPECT_EQ(process->transitions[0].value.rate->span.column, 41u);
    EXPECT_EQ(process->transitions[0].value.place.line, 5u);
    EXPECT_TRUE(process->transitions[0].value.normalised);
    EXPECT_EQ(process->transitions[1].value.probability->text, "0.5");
    EXPECT_FALSE(process->transitions[1].value.normalised);
    EXPECT_EQ(process->costs.flows.at(0).key, "gp");
    EXPECT_EQ(process->costs.at.at(0).value.amounts.at(0).value.text, "5000 EUR");
    EXPECT_EQ(process->between, Between::step);
    EXPECT_EQ(process->priority, 3);
}

TEST(Schema, reports_every_mistake_at_once) {
    EXPECT_EQ(reported(R"(process: Copd
stats: [a, b]
cycle: 3 EUR
transitions:
  onset: { from: none, rate: 1, probability: 2 }
priority: 12
)"),
              "test.yaml:1:10: error[E0209]: 'process' must be a name, not 'Copd'; write copd (a name is lower-case "
              "letters, digits and '_', and starts with a letter)\n"
              "test.yaml:2:1: error[E0201]: unknown key 'stats' in process; did you mean 'states'?\n"
              "test.yaml:3:8: error[E0212]: 'cycle' must be in 'year' or a unit that converts to it, not '3 EUR'\n"
              "test.yaml:5:3: error[E0202]: transition 'onset' lacks the key 'to' (name); add to: gold1\n"
              "test.yaml:5:33: error[E0211]: 'rate' and 'probability' cannot be given together in transition 'onset' "
              "(test.yaml:5:24: 'rate' is given here); keep one of them\n"
              "test.yaml:6:11: error[E0207]: 'priority' must be a whole number from 0 to 9, not '12'\n"
              "test.yaml:1:1: error[E0202]: process lacks the key 'states' (list of: name); add states: [none, "
              "gold1]\n");
}

struct NumberCase {
    const char* yaml;
    const char* help;
};

class NumberHelp : public ::testing::TestWithParam<NumberCase> {};

TEST_P(NumberHelp, says_what_to_write) {
    const std::string text = reported(std::string{"process: p\nstates: [a, b]\npriority: "} + GetParam().yaml + "\n");

    EXPECT_NE(text.find(GetParam().help), std::string::npos) << text;
    EXPECT_NE(text.find("error[E0206]"), std::string::npos) << text;
}

INSTANTIATE_TEST_SUITE_P(Spellings, NumberHelp,
                         ::testing::Values(NumberCase{"010", "write 10 (a leading 0"}, NumberCase{"0x1F", "decimal"},
                                           NumberCase{"1_000", "write 1000"}, NumberCase{"12:30:45", "base-60"},
                                           NumberCase{".inf", "finite"}, NumberCase{"'5'", "without quotes"},
                                           NumberCase{"+5", "write 5 without"}, NumberCase{"5.0", "write 5"},
                                           NumberCase{"1,5", "write 1.5"}, NumberCase{"50%", "a share of one: 0.5"}));

class BooleanSpelling : public ::testing::TestWithParam<const char*> {};

TEST_P(BooleanSpelling, is_refused_with_the_word_to_write) {
    const std::string text =
        reported(std::string{"process: p\nstates: [a, b]\ntransitions: {t: {from: a, to: b, rate: 1, "
                             "normalised: "} +
                 GetParam() + "}}\n");

    EXPECT_NE(text.find("error[E0208]"), std::string::npos) << text;
    EXPECT_NE(text.find("; write "), std::string::npos) << text;
}

INSTANTIATE_TEST_SUITE_P(Spellings, BooleanSpelling,
                         ::testing::Values("yes", "no", "NO", "on", "Off", "True", "FALSE", "\"true\"", "1", "0"));

TEST(Schema, leaves_words_that_look_like_booleans_and_numbers_to_text) {
    for (const char* word : {"NO", "yes", "010", "1e3", "12:30:45"}) {
        YamlText text{std::string{"process: p\nstates: [a, b]\ndoc: "} + word + "\n"};

        const auto process = process_schema().read(*text.node, text.sink);

        ASSERT_TRUE(process) << text.full();
        EXPECT_EQ(process->doc, word);
    }
}

TEST(Schema, reports_null_at_the_key) {
    EXPECT_EQ(reported("process: p\nstates:\ndoc: ~\n"),
              "test.yaml:2:1: error[E0204]: 'states' has no value; give a list, or [] for an empty one\n"
              "test.yaml:3:1: error[E0204]: 'doc' has no value; give a text\n");
}

TEST(Schema, reports_the_wrong_shape) {
    EXPECT_EQ(reported("process: p\nstates: none\ntransitions: [a]\nbetween: {a: 1}\n"),
              "test.yaml:2:9: error[E0203]: 'states' must be a list, not 'none'; write a list of one as [none]\n"
              "test.yaml:3:14: error[E0203]: 'transitions' must be a map, not a list\n"
              "test.yaml:4:10: error[E0203]: 'between' must be step or linear, not a map\n");
}

TEST(Schema, counts_the_items_of_a_list) {
    EXPECT_EQ(reported("process: p\nstates: [a]\n"),
              "test.yaml:2:9: error[E0214]: 'states' needs at least 2 items, not 1\n");
}

TEST(Schema, needs_exactly_one_of_a_group) {
    EXPECT_EQ(reported("process: p\nstates: [a, b]\ntransitions: { t: { from: a, to: b } }\n"),
              "test.yaml:3:16: error[E0211]: transition 't' needs exactly one of 'rate' and 'probability'\n");
}

TEST(Schema, reads_expressions_with_exact_places_where_there_are_any) {
    YamlText text{"a: 'x + 1'\nb: \"x\\t+ 1\"\nc: |\n  x\n  + 1\nd: x\n  + 1\ne: 1.5\n"};
    ASSERT_TRUE(text.node) << text.full();

    std::vector<LocatedText> read;
    for (const NodeEntry& entry : text.node->entries) {
        LocatedText out;
        ASSERT_TRUE(expression().read(entry.value, {text.sink, entry.key, entry.key_span}, out));
        read.push_back(out);
    }

    EXPECT_EQ(read[0].text, "x + 1");
    EXPECT_TRUE(read[0].exact);
    EXPECT_EQ(read[0].span.column, 5u);
    EXPECT_EQ(read[1].text, "x\t+ 1");
    EXPECT_FALSE(read[1].exact);
    EXPECT_EQ(read[2].text, "x\n+ 1\n");
    EXPECT_FALSE(read[2].exact);
    EXPECT_EQ(read[3].text, "x + 1");
    EXPECT_FALSE(read[3].exact);
    EXPECT_EQ(read[4].text, "1.5");
    EXPECT_TRUE(read[4].exact);
}

struct Distribution {
    std::string kind;
    double mean = 0;
};

TEST(Schema, reads_a_value_whose_only_key_says_what_it_is) {
    Schema<Distribution> normal("normal", "Bell-shaped");
    normal.required("mean", &Distribution::mean, number(), "Mean", "1");
    const auto with_kind = [&](const char* kind) {
        return converted<Distribution>(object(normal), [kind](Distribution d) {
            d.kind = kind;
            return d;
        });
    };
    const Type<Distribution> constant = converted<Distribution>(number(), [](double v) {
        return Distribution{"constant", v};
    });
    const Type<Distribution> type = scalar_or(
        constant,
        by_key<Distribution>({{"normal", with_kind("normal"), ""}, {"lognormal", with_kind("lognormal"), ""}}));
    YamlText text{
        "- { lognormal: { mean: 2 } }\n- 3\n- { lognrmal: { mean: 2 } }\n- { normal: {mean: 1}, lognormal: {mean: 1} "
        "}\n"};
    ASSERT_TRUE(text.node) << text.full();

    std::vector<Distribution> read(4);
    std::vector<bool> good;
    for (std::size_t i = 0; i < 4; ++i) good.push_back(type.read(text.node->items[i], {text.sink, "x", {}}, read[i]));

    EXPECT_EQ(good, (std::vector<bool>{true, true, false, false}));
    EXPECT_EQ(read[0].kind, "lognormal");
    EXPECT_EQ(read[1].mean, 3);
    EXPECT_EQ(text.brief(),
              "test.yaml:3:5: error[E0201]: unknown key 'lognrmal' in 'x'; did you mean 'lognormal'?\n"
              "test.yaml:4:24: error[E0211]: 'x' has 2 keys where only one of normal or lognormal can be "
              "(test.yaml:4:5: first given here); keep one of them\n");
}

TEST(Schema, reads_dates) {
    YamlText text{"- 2014-01-31\n- 2014\n- 2014-02-30\n- 31-01-2014\n- 2016-02-29\n"};

    std::vector<Date> dates(5);
    std::vector<bool> good;
    for (std::size_t i = 0; i < 5; ++i)
        good.push_back(date().read(text.node->items[i], {text.sink, "starts", {}}, dates[i]));

    EXPECT_EQ(good, (std::vector<bool>{true, true, false, false, true}));
    EXPECT_EQ(dates[0].month, 1);
    EXPECT_EQ(dates[0].day, 31);
    EXPECT_TRUE(dates[1].whole_year);
    EXPECT_EQ(dates[4].day, 29);
}

TEST(Schema, quantities_come_in_base_units) {
    YamlText text{
        "- 18 months\n- 1 year\n- 2\n- 7 days\n- 1 months per year\n- 4 weeks\n- 6years\n- 0\n"};  // 2 of what?

    std::vector<double> years(8);
    std::vector<bool> good;
    for (std::size_t i = 0; i < years.size(); ++i) {
        good.push_back(quantity("year").read(text.node->items[i], {text.sink, "step", {}}, years[i]));
    }

    EXPECT_EQ(good, (std::vector<bool>{true, true, false, true, false, true, false, true}));
    EXPECT_EQ(years[0], 1.5);
    EXPECT_EQ(years[1], 1.0);
    EXPECT_EQ(years[7], 0.0);
    EXPECT_DOUBLE_EQ(years[3], 7 / 365.25);
    EXPECT_DOUBLE_EQ(years[5], 28 / 365.25);
}

TEST(Schema, describes_itself_as_json_schema) {
    const auto json = nlohmann::json::parse(json_schema({process_schema().info()}, "Proeftuin"));

    EXPECT_EQ(json.at("$schema"), "http://json-schema.org/draft-07/schema#");
    const auto& process = json.at("definitions").at("process");
    EXPECT_EQ(process.at("required"), (nlohmann::json{"process", "states"}));
    EXPECT_EQ(process.at("additionalProperties"), false);
    EXPECT_EQ(process.at("properties").at("priority").at("maximum"), 9);
    EXPECT_EQ(process.at("properties").at("between").at("enum"), (nlohmann::json{"step", "linear"}));
    const auto& transition = process.at("properties").at("transitions").at("patternProperties").at("^[a-z][a-z0-9_]*$");
    EXPECT_EQ(transition.at("properties").at("rate").at("description"),
              "How often per year. Unit: per year. Example: 0.01 per year");
    EXPECT_EQ(transition.at("allOf").at(0).at("oneOf").size(), 2u);
}

TEST(Schema, describes_itself_as_a_reference_page) {
    const std::string page = markdown_reference(*process_schema().info());

    EXPECT_NE(page.find("# process\n\nSomething that people are in one state of.\n"), std::string::npos) << page;
    EXPECT_NE(page.find("| `priority` | whole number from 0 to 9 |  | no | 3 | Order. | 0.1 |\n"), std::string::npos)
        << page;
    EXPECT_NE(page.find("## transition\n"), std::string::npos) << page;
    EXPECT_NE(page.find("Exactly one of `rate`, `probability` is given.\n"), std::string::npos) << page;
    EXPECT_NE(page.find("| *any name* | expression |"), std::string::npos) << page;
    EXPECT_TRUE(page.ends_with("\n"));
}

TEST(Schema, runs_its_own_checks_only_on_what_was_read_without_error) {
    int calls = 0;
    Schema<Distribution> s("normal", "");
    s.required("mean", &Distribution::mean, number(), "");
    s.check([&](const Distribution& d, const Node& node, DiagnosticSink& sink) {
        ++calls;
        if (d.mean < 0) sink.error("E0207", "mean is below 0", node.span);
    });
    YamlText text{"- { mean: x }\n- { mean: -1 }\n- { mean: 1 }\n"};

    const bool first = s.read(text.node->items[0], text.sink).has_value();
    const bool second = s.read(text.node->items[1], text.sink).has_value();
    const bool third = s.read(text.node->items[2], text.sink).has_value();

    EXPECT_EQ(calls, 2);
    EXPECT_FALSE(first);
    EXPECT_FALSE(second);
    EXPECT_TRUE(third);
}

}  // namespace
}  // namespace proeftuin
