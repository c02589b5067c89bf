#include "engine/config/overrides.hpp"

#include <fmt/format.h>

#include <variant>

namespace proeftuin {

namespace {

using Step = std::variant<std::string, std::size_t>;

/// The steps of a path; nothing when it cannot be read.
std::optional<std::vector<Step>> parse_path(std::string_view path) {
    std::vector<Step> steps;
    std::size_t at = 0;
    while (at < path.size()) {
        if (path[at] == '[') {
            const std::size_t end = path.find(']', at);
            if (end == std::string_view::npos || steps.empty()) return std::nullopt;
            const auto index = parse_integer(path.substr(at + 1, end - at - 1));
            if (!index || *index < 0) return std::nullopt;
            steps.emplace_back(static_cast<std::size_t>(*index));
            at = end + 1;
        } else {
            if (!steps.empty()) {
                if (path[at] != '.') return std::nullopt;
                ++at;
            }
            const std::size_t end = std::min(path.find_first_of(".[]", at), path.size());
            if (end == at) return std::nullopt;
            steps.emplace_back(std::string{path.substr(at, end - at)});
            at = end;
        }
    }
    if (steps.empty() || steps.size() > 64) return std::nullopt;
    return steps;
}

void mark(Node& node, const std::string& origin) {
    node.origin = origin;
    for (Node& item : node.items) mark(item, origin);
    for (NodeEntry& entry : node.entries) mark(entry.value, origin);
}

std::string step_text(const Step& step) {
    if (const auto* key = std::get_if<std::string>(&step)) return *key;
    return fmt::format("[{}]", std::get<std::size_t>(step));
}

std::vector<std::string> keys_of(const Node& node) {
    std::vector<std::string> keys;
    for (const NodeEntry& entry : node.entries) keys.push_back(entry.key);
    return keys;
}

/// Why a step leads nowhere from `node`, and what may help.
Diagnostic no_step(const Node& node, const Step& step, std::string_view path, const std::string& walked,
                   const SourceSpan& where, const std::string& origin) {
    const std::string from = walked.empty() ? std::string{"the entry"} : fmt::format("'{}'", walked);
    Diagnostic diagnostic{.code = "E0215", .message = "", .where = where};
    if (const auto* key = std::get_if<std::string>(&step)) {
        if (node.is_map()) {
            diagnostic.message = fmt::format("nothing to set at {}: {} has no key {}", shown(path), from, shown(*key));
            diagnostic.help = suggestion(*key, keys_of(node));
            if (diagnostic.help->empty()) diagnostic.help.reset();
        } else {
            diagnostic.message = fmt::format("nothing to set at {}: {} is not a map", shown(path), from);
        }
    } else if (node.is_sequence()) {
        diagnostic.message = fmt::format("nothing to set at {}: {} has {} item{}", shown(path), from, node.items.size(),
                                         node.items.size() == 1 ? "" : "s");
        diagnostic.help = "items are counted from 0";
    } else {
        diagnostic.message = fmt::format("nothing to set at {}: {} is not a list", shown(path), from);
    }
    if (node.span.line > 0) diagnostic.notes.push_back({node.span, fmt::format("{} is here", from)});
    if (!origin.empty()) diagnostic.notes.push_back({{}, "this value was " + origin});
    return diagnostic;
}

Node* next(Node& node, const Step& step) {
    if (const auto* key = std::get_if<std::string>(&step)) return node.is_map() ? node.find(*key) : nullptr;
    const std::size_t index = std::get<std::size_t>(step);
    return node.is_sequence() && index < node.items.size() ? &node.items[index] : nullptr;
}

}  // namespace

bool set_path(Node& root, std::string_view path, Node value, const std::string& origin, DiagnosticSink& sink,
              NewKeys new_keys) {
    const auto steps = parse_path(path);
    if (!steps) {
        sink.error("E0216", fmt::format("{} is not a path", shown(path)), value.span,
                   "write keys with '.' between them and [n] for items of lists");
        return false;
    }
    mark(value, origin);
    Node* node = &root;
    std::string walked;
    for (std::size_t i = 0; i < steps->size(); ++i) {
        const Step& step = (*steps)[i];
        Node* found = next(*node, step);
        const auto* key = std::get_if<std::string>(&step);
        if (found == nullptr && i + 1 == steps->size() && key != nullptr && node->is_map() &&
            new_keys == NewKeys::added) {
            const SourceSpan place = value.span;
            node->entries.push_back({*key, place, std::move(value)});
            return true;
        }
        if (found == nullptr) {
            sink.report(no_step(*node, step, path, walked, value.span, origin));
            return false;
        }
        if (key != nullptr && !walked.empty()) walked += '.';
        walked += step_text(step);
        node = found;
    }
    *node = std::move(value);
    return true;
}

std::optional<Setting> parse_setting(SourceFiles& files, const std::string& argument, DiagnosticSink& sink) {
    const std::size_t equals = argument.find('=');
    const std::uint32_t file = files.add("--set", argument);
    const SourceSpan whole = files.span(file, 0, argument.size());
    if (equals == std::string::npos || equals == 0 || !parse_path(std::string_view{argument}.substr(0, equals))) {
        sink.error("E0216", fmt::format("{} is not a setting", shown(argument)), whole,
                   "write PATH=VALUE, as in copd.transitions.onset.rate=0.01");
        return std::nullopt;
    }
    // The value is read as a file of its own, in which the path is replaced by spaces, so that places stay right.
    SourceFiles scratch;
    const std::string padded = std::string(equals + 1, ' ') + argument.substr(equals + 1);
    if (padded.find_first_not_of(' ') == std::string::npos) {
        sink.error("E0204", fmt::format("{} has no value behind '='", shown(argument)), whole);
        return std::nullopt;
    }
    DiagnosticSink found;
    std::optional<Node> value;
    const std::uint32_t padded_file = scratch.add("--set", padded);
    value = read_yaml(scratch, padded_file, found);
    struct Move {
        std::uint32_t file;
        void operator()(Node& node) const {
            node.span.file = file;
            for (Node& item : node.items) (*this)(item);
            for (NodeEntry& entry : node.entries) {
                entry.key_span.file = file;
                (*this)(entry.value);
            }
        }
    };
    for (Diagnostic diagnostic : found.items()) {
        diagnostic.where.file = file;
        for (Note& note : diagnostic.notes) note.where.file = file;
        sink.report(std::move(diagnostic));
    }
    if (!value) return std::nullopt;
    Move{file}(*value);
    return Setting{argument.substr(0, equals), files.span(file, 0, equals), std::move(*value)};
}

SplitPath split_path(std::string_view path) {
    const std::size_t dot = path.find('.');
    if (dot == std::string_view::npos) return {path, {}};
    return {path.substr(0, dot), path.substr(dot + 1)};
}

}  // namespace proeftuin
