// Turns the events of yaml-cpp into our located tree, and refuses what it would let pass.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/config/node.hpp"

namespace proeftuin {

/// Reads one document of one file. Used once; internal to engine/config.
class YamlReader {
public:
    YamlReader(SourceFiles& files, std::uint32_t file, DiagnosticSink& sink, const YamlLimits& limits);
    std::optional<Node> read();

private:
    class Events;
    friend class Events;

    /// A node as it was met. Children of a map are its keys and values in turn; an alias points to its target.
    struct Raw {
        NodeKind kind = NodeKind::null;
        bool quoted = false;
        bool block = false;
        bool exact = false;
        bool open = false;
        bool in_brackets = false;
        std::uint32_t offset = 0;
        std::uint32_t length = 1;
        std::uint32_t anchor_offset = 0;
        std::uint32_t first = 0, last = 0, next = 0;  ///< children and sibling; 0 = none
        std::uint32_t children = 0;
        std::uint32_t target = 0;  ///< of an alias
        std::uint32_t depth = 1;  ///< levels, aliases followed
        std::uint64_t total = 1;  ///< nodes, aliases followed
        std::string text;
    };
    /// Where a scalar stands in the text.
    struct Extent {
        std::size_t length = 1;
        bool closed = true;
        bool exact = false;
    };
    struct Stop {};  // thrown through yaml-cpp when reading on makes no sense

    SourceSpan span(std::size_t offset, std::size_t length = 1) const { return files_.span(file_, offset, length); }
    void report(std::string code, std::string message, std::size_t offset, std::size_t length = 1,
                std::optional<std::string> help = {}, std::vector<Note> notes = {}, std::string label = {});
    [[noreturn]] void stop(std::string code, std::string message, std::size_t offset, std::size_t length = 1,
                           std::optional<std::string> help = {}, std::vector<Note> notes = {}, std::string label = {});
    bool check_bytes();
    bool check_tabs_between(std::size_t from, std::size_t to);
    void check_indentation(std::size_t offset);
    std::size_t skip_properties(std::size_t offset, bool has_anchor);
    Extent extent_of(std::size_t offset, const std::string& value, bool plain) const;
    void check_key_end(std::size_t offset, std::size_t end, std::string_view key);

    std::uint32_t add(Raw raw, std::size_t anchor);
    void finish();
    void use_alias(std::size_t offset, std::size_t anchor);
    void explain(const std::string& message, std::size_t offset);
    [[noreturn]] void stop_too_long();
    [[noreturn]] void stop_open_bracket(std::size_t offset, std::size_t stopped_at);
    void check_bracket(std::size_t offset);
    void build(std::uint32_t index, const SourceSpan& key_span, Node& out);
    void build_map(const Raw& raw, Node& out);

    SourceFiles& files_;
    std::uint32_t file_;
    DiagnosticSink& sink_;
    YamlLimits limits_;
    const std::string& text_;
    std::size_t errors_before_;
    std::deque<Raw> raws_;  ///< index 0 is no node
    std::vector<std::uint32_t> stack_;  ///< collections that are open
    std::vector<std::uint32_t> anchors_;  ///< by yaml-cpp's number
    std::uint64_t alias_nodes_ = 0;
    std::size_t last_offset_ = 0;
    std::size_t long_quote_ = 0;  ///< start of the last quoted text over several lines
    std::size_t long_quote_end_ = 0;  ///< its end; 0 = none
};

}  // namespace proeftuin
