#include <gtest/gtest.h>

#include "engine/config/node.hpp"
#include "models/scenario.hpp"

namespace proeftuin::models {
namespace {

/// Kinds, texts, keys and order, without places.
bool same(const Node& a, const Node& b) {
    if (a.kind != b.kind || a.text != b.text || a.quoted != b.quoted || a.items.size() != b.items.size() ||
        a.entries.size() != b.entries.size())
        return false;
    for (std::size_t k = 0; k < a.items.size(); ++k)
        if (!same(a.items[k], b.items[k])) return false;
    for (std::size_t k = 0; k < a.entries.size(); ++k)
        if (a.entries[k].key != b.entries[k].key || !same(a.entries[k].value, b.entries[k].value)) return false;
    return true;
}

Node tree_of(const std::string& text) {
    SourceFiles files;
    DiagnosticSink sink;
    const auto node = read_yaml(files, files.add("test.yaml", text), sink);
    EXPECT_FALSE(sink.has_errors()) << text;
    return node.value_or(Node{});
}

TEST(entry_yaml, is_read_back_as_the_same_entry) {
    for (const char* text : {
             "a: 1\nb: two words\nc: ~\nd: '2'\ne: \"a \\\"quoted\\\" \\\\ text\"\n",
             "a: |\n  a block\n  of lines\nb: >-\n  folded\n  text\n",
             "a: { b: { c: 1 }, d: {} }\ne: []\n",
             "a: [1, 2, 3]\nb:\n  - c: 1\n    d: [x, y]\n  - e: { f: 2 }\n  - g\n",
             "a: [[1, 2], [3, 4]]\nb: [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]\n",
             "a:\n  - {}\n  - []\n  - ~\n  - [{ b: 1, c: [2] }]\n",
         }) {
        const Node node = tree_of(text);
        const std::string written = entry_yaml({.kind = "", .name = "", .path = "", .folder = "", .node = node});
        EXPECT_TRUE(same(tree_of(written), node)) << text << "was written as\n" << written;
    }
}

TEST(entry_yaml, tells_where_a_changed_value_came_from) {
    Node node = tree_of("a: 1\nb: { c: 2 }\n");
    node.find("a")->origin = "given with --set";
    EXPECT_EQ(entry_yaml({.kind = "", .name = "", .path = "", .folder = "", .node = node}),
              "a: 1  # given with --set\nb:\n  c: 2\n");
}

}  // namespace
}  // namespace proeftuin::models
