// Replacing values of a tree by path: `set:` of a scenario and `--set PATH=VALUE` of the command line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/config/node.hpp"

namespace proeftuin {

/// May a path end in a key that its map does not have yet?
enum class NewKeys : std::uint8_t { refused, added };

/// Puts `value` at `path`: keys with '.' between them, `[n]` for the n-th item of a list (from 0), as in
/// `transitions.onset.rate` or `effects[0].multiply`. What is not found is reported at the place of `value`.
/// \param origin what messages say of the value: "set by scenario 'low_tax'", "given with --set"
/// \return whether the value was put
bool set_path(Node& root, std::string_view path, Node value, const std::string& origin, DiagnosticSink& sink,
              NewKeys new_keys = NewKeys::refused);

/// A setting of the command line, with the place of its value in `files`.
struct Setting {
    std::string path;
    SourceSpan path_span;
    Node value;
};

/// Reads `PATH=VALUE`; the value is YAML as it would stand behind a key.
std::optional<Setting> parse_setting(SourceFiles& files, const std::string& argument, DiagnosticSink& sink);

/// First key of a path: the entry that it is about, and the rest.
struct SplitPath {
    std::string_view first;
    std::string_view rest;
};
SplitPath split_path(std::string_view path);

}  // namespace proeftuin
