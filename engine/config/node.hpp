// Our own located tree of a YAML file, made once; no other file of the product includes yaml-cpp.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/config/diagnostic.hpp"
#include "engine/config/source.hpp"

namespace proeftuin {

enum class NodeKind : std::uint8_t { null, scalar, sequence, map };

struct NodeEntry;

/// One value of a YAML file with its place. Scalars keep their text exactly as written (unquoted).
struct Node {
    NodeKind kind = NodeKind::null;
    SourceSpan span;  ///< of the value; of the key when the value is null
    std::string text;  ///< scalars only
    bool quoted = false;  ///< scalar written in quotes or as a block: never a number, a boolean or null
    bool block = false;  ///< scalar written as a block (| or >): offsets inside it have no exact place
    bool exact = false;  ///< scalars: the text stands in the file byte for byte, see text_span()
    std::vector<Node> items;  ///< sequences only
    std::vector<NodeEntry> entries;  ///< maps only, in the order of the file
    std::string origin;  ///< how the value came here when not from its file: "set by scenario X", "--set"

    /// The value under `key` of a map; nullptr when there is none.
    const Node* find(std::string_view key) const;
    Node* find(std::string_view key);
    /// The entry under `key`; nullptr when there is none.
    const NodeEntry* entry(std::string_view key) const;
    /// Of the first byte of a scalar's text: after the quote if there is one.
    SourceSpan text_span() const;
    bool is_map() const { return kind == NodeKind::map; }
    bool is_sequence() const { return kind == NodeKind::sequence; }
    bool is_scalar() const { return kind == NodeKind::scalar; }
    bool is_null() const { return kind == NodeKind::null; }
};

struct NodeEntry {
    std::string key;
    SourceSpan key_span;
    Node value;
};

/// Limits that keep any input within a second and 200 MB.
struct YamlLimits {
    std::size_t bytes = 4u << 20;
    std::size_t depth = 64;
    std::size_t nodes = 200'000;  ///< nodes of the file itself, keys included
    std::size_t alias_nodes = 100'000;  ///< nodes copied through aliases
    std::size_t value_bytes = 512u << 10;  ///< one bracketed list or map, one text, one run of comments
};

/// Reads one YAML document strictly. Every mistake goes to `sink` with its place.
/// \return the tree, or nothing when the file cannot be used (the sink then has an error)
std::optional<Node> read_yaml(SourceFiles& files, std::uint32_t file, DiagnosticSink& sink,
                              const YamlLimits& limits = {});

/// Adds the file at `path` to `files` and reads it.
/// \throws IoError when the file cannot be read
std::optional<Node> read_yaml_file(SourceFiles& files, const std::string& path, DiagnosticSink& sink,
                                   const YamlLimits& limits = {});

/// The bytes of a file, at most one buffer beyond `most_bytes`, so that a limit on size is noticed by the reader.
/// \throws IoError when the file cannot be read
std::string read_text_file(const std::string& path, std::size_t most_bytes);

/// A decimal number as YAML 1.2 writes it (no octal, no sexagesimal, no .inf/.nan, no leading '+', '010' refused).
std::optional<double> parse_number(std::string_view text);
/// A whole number within 64 bits, with the same rules.
std::optional<long long> parse_integer(std::string_view text);

}  // namespace proeftuin
