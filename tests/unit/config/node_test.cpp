#include "engine/config/node.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "engine/core/errors.hpp"
#include "tests/unit/config/fixture.hpp"

namespace proeftuin {
namespace {

using testing::YamlText;

std::string repeated(const std::string& text, std::size_t times) {
    std::string out;
    out.reserve(text.size() * times);
    for (std::size_t i = 0; i < times; ++i) out += text;
    return out;
}

TEST(Node, keeps_text_kind_and_place) {
    YamlText text{"a: 1\nb: 'it''s'\nc: [x, \"y\"]\nd:\n  e: |\n    two\n    lines\nf: ~\ng:\nh: null\n"};
    ASSERT_TRUE(text.node) << text.full();
    const Node& root = *text.node;

    EXPECT_EQ(root.find("a")->text, "1");
    EXPECT_FALSE(root.find("a")->quoted);
    EXPECT_EQ(root.find("b")->text, "it's");
    EXPECT_TRUE(root.find("b")->quoted);
    EXPECT_FALSE(root.find("b")->exact);
    EXPECT_EQ(root.find("b")->span.column, 4u);
    EXPECT_EQ(root.find("b")->span.length, 7u);
    EXPECT_EQ(root.find("c")->items.at(1).span.column, 8u);
    EXPECT_TRUE(root.find("c")->items.at(1).exact);
    EXPECT_EQ(root.find("c")->items.at(1).text_span().column, 9u);
    EXPECT_EQ(root.find("d")->find("e")->text, "two\nlines\n");
    EXPECT_TRUE(root.find("d")->find("e")->block);
    EXPECT_TRUE(root.find("d")->find("e")->quoted);
    EXPECT_TRUE(root.find("f")->is_null());
    EXPECT_TRUE(root.find("g")->is_null());
    EXPECT_EQ(root.find("g")->span.line, 9u);
    EXPECT_EQ(root.find("g")->span.column, 1u);
    EXPECT_TRUE(root.find("h")->is_null());
    EXPECT_EQ(root.find("missing"), nullptr);
    EXPECT_EQ(root.entry("d")->key_span.line, 4u);
}

TEST(Node, counts_columns_in_bytes_also_behind_letters_of_two_bytes) {
    YamlText text{"\u00e9: \u00e9\u00e9 # \u00e9\nb: {\u00e9: x, y: z}\n"};
    ASSERT_TRUE(text.node) << text.full();

    EXPECT_EQ(text.node->find("\u00e9")->span.column, 5u);
    EXPECT_EQ(text.node->find("\u00e9")->span.length, 4u);
    EXPECT_EQ(text.node->find("b")->find("y")->span.column, 15u);
}

TEST(Node, reads_windows_line_ends_and_a_byte_order_mark) {
    YamlText text{
        "\xEF\xBB\xBF"
        "a: 1\r\nb: [1,\r\n  2]\r\nc: >\r\n  x\r\n  y\r\n"};
    ASSERT_TRUE(text.node) << text.full();

    EXPECT_EQ(text.node->find("a")->text, "1");
    EXPECT_EQ(text.node->entry("a")->key_span.column, 1u);
    EXPECT_EQ(text.node->find("b")->items.at(1).span.line, 3u);
    EXPECT_EQ(text.node->find("b")->items.at(1).span.column, 3u);
    EXPECT_EQ(text.node->find("c")->text, "x y\n");
}

TEST(Node, copies_what_an_alias_refers_to) {
    YamlText text{"a: &x {b: [1, 2]}\nc: *x\nd: [*x, *x]\n"};
    ASSERT_TRUE(text.node) << text.full();

    EXPECT_EQ(text.node->find("c")->find("b")->items.at(1).text, "2");
    EXPECT_EQ(text.node->find("d")->items.at(1).find("b")->items.size(), 2u);
    EXPECT_EQ(text.node->find("c")->find("b")->items.at(1).span.line, 1u);
}

TEST(Node, keeps_the_order_of_the_file) {
    YamlText text{"z: 1\na: 2\nm: 3\n"};

    EXPECT_EQ(text.node->entries.at(0).key, "z");
    EXPECT_EQ(text.node->entries.at(1).key, "a");
    EXPECT_EQ(text.node->entries.at(2).key, "m");
}

TEST(Node, accepts_one_document_with_marks_and_comments) {
    YamlText text{"%YAML 1.2\n---\n# a comment\na: 1 # another\n...\n"};

    ASSERT_TRUE(text.node) << text.full();
    EXPECT_EQ(text.node->find("a")->text, "1");
}

TEST(Node, reports_several_mistakes_of_one_file) {
    YamlText text{"a: 1\na: 2\nb: !!int 3\nc: {<<: *d}\n"};

    EXPECT_FALSE(text.node);
    EXPECT_EQ(text.sink.errors(), 2u) << text.full();  // the tag, and the alias that stops the reading
}

TEST(Node, throws_when_the_file_cannot_be_opened) {
    SourceFiles files;
    DiagnosticSink sink;

    EXPECT_THROW(read_yaml_file(files, "no/such/file.yaml", sink), IoError);
    EXPECT_THROW(read_yaml_file(files, std::filesystem::temp_directory_path().string(), sink), IoError);
}

TEST(Node, respects_the_limits_given) {
    EXPECT_NE(YamlText("a: [[[1]]]\n", {.depth = 3}).brief().find("E0110"), std::string::npos);
    EXPECT_TRUE(YamlText("a: [[1]]\n", {.depth = 3}).node);
    EXPECT_NE(YamlText("a: [1, 2]\n", {.nodes = 4}).brief().find("E0111"), std::string::npos);
    EXPECT_TRUE(YamlText("a: [1, 2]\n", {.nodes = 5}).node);
    EXPECT_NE(YamlText("a: [1, 2]\n", {.bytes = 9}).brief().find("E0111"), std::string::npos);
    // `*x` copies a list and its two items.
    EXPECT_NE(YamlText("a: &x [1, 2]\nb: [*x, *x]\n", {.alias_nodes = 5}).brief().find("E0109"), std::string::npos);
    EXPECT_TRUE(YamlText("a: &x [1, 2]\nb: [*x, *x]\n", {.alias_nodes = 6}).node);
}

TEST(Node, counts_depth_through_aliases) {
    std::string yaml = "a0: &a0 [1]\n";
    for (int i = 1; i < 80; ++i) {
        yaml += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
    }

    EXPECT_NE(YamlText(yaml).brief().find("error[E0110]"), std::string::npos);
}

struct Burden {
    const char* name;
    std::string piece;
};

class NodeBurden : public ::testing::TestWithParam<Burden> {};

TEST_P(NodeBurden, ends_soon_with_an_error_that_has_a_place) {
    const std::string& piece = GetParam().piece;
    const std::string yaml = repeated(piece, (4u << 20) / piece.size());

    const auto begin = std::chrono::steady_clock::now();
    YamlText text{yaml};
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;

    EXPECT_FALSE(text.node);
    ASSERT_TRUE(text.sink.has_errors());
    EXPECT_GT(text.sink.items().front().where.line, 0u);
    EXPECT_GT(text.sink.items().front().where.column, 0u);
    EXPECT_LT(text.full().size(), 200'000u);
    // The promise is 1 s on a quiet machine; the bound leaves room for a busy one and for sanitizers.
    EXPECT_LT(seconds.count(), 10.0);
}

INSTANTIATE_TEST_SUITE_P(FourMegabytes, NodeBurden,
                         ::testing::Values(Burden{"brackets", "["}, Burden{"braces", "{"}, Burden{"hidden", "[ #]\n"},
                                           Burden{"pairs", "[\"]\","}, Burden{"keys", "a: "}, Burden{"colons", "a:"},
                                           Burden{"dashes", "- "}, Burden{"lines", "-\n"}, Burden{"questions", "? "},
                                           Burden{"anchors", "&a "}, Burden{"tags", "! "}, Burden{"same_key", "a: 1\n"},
                                           Burden{"spaces", " "}, Burden{"newlines", "\n"}, Burden{"comment", "#"},
                                           Burden{"plain", "a"}, Burden{"quotes", "'"}, Burden{"tabs", "\t"},
                                           Burden{"documents", "---\n"}, Burden{"directives", "%a\n"},
                                           Burden{"nul", std::string(1, '\0')}, Burden{"bytes", "\xff"}),
                         [](const auto& info) { return std::string{info.param.name}; });

TEST(ParseNumber, reads_decimal_numbers) {
    EXPECT_EQ(parse_number("0"), 0.0);
    EXPECT_EQ(parse_number("-12"), -12.0);
    EXPECT_EQ(parse_number("1.5"), 1.5);
    EXPECT_EQ(parse_number("1e3"), 1000.0);
    EXPECT_EQ(parse_number("1.5E-3"), 0.0015);
    EXPECT_EQ(parse_number("0.1"), 0.1);
    EXPECT_EQ(parse_number("1e-400"), 0.0);
}

TEST(ParseNumber, refuses_everything_else) {
    for (const char* text :
         {"",      "-",    "+1",  "010",   "-010", "00",  "0x1F", "0o17",  "1_000", "12:30:45", ".inf",
          "-.inf", ".nan", "inf", "nan",   "NaN",  ".5",  "5.",   "1e",    "1e+",   "1.e3",     "1,5",
          " 1",    "1 ",   "1 2", "1e400", "--1",  "0b1", "1f",   "1.0.0", "one"}) {
        EXPECT_FALSE(parse_number(text).has_value()) << text;
    }
}

TEST(ParseInteger, reads_whole_numbers_within_64_bits) {
    EXPECT_EQ(parse_integer("9223372036854775807"), 9223372036854775807LL);
    EXPECT_EQ(parse_integer("-9223372036854775808"), -9223372036854775807LL - 1);
    for (const char* text : {"", "9223372036854775808", "1.0", "1e3", "010", "+1", "0x1F", "1_000", "-", "1 "}) {
        EXPECT_FALSE(parse_integer(text).has_value()) << text;
    }
}

}  // namespace
}  // namespace proeftuin
