#include "engine/config/node.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>

#include "engine/config/yaml_reader.hpp"
#include "engine/core/errors.hpp"

namespace proeftuin {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Length of an optional minus and a whole number without leading zeros at the start of `text`; 0 when there is none.
std::size_t integer_length(std::string_view text) {
    std::size_t at = text.starts_with('-') ? 1 : 0;
    if (at >= text.size() || !is_digit(text[at])) return 0;
    if (text[at] == '0') return at + 1;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at;
}

std::size_t digits_length(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at;
}

}  // namespace

const Node* Node::find(std::string_view key) const {
    const NodeEntry* found = entry(key);
    return found == nullptr ? nullptr : &found->value;
}

Node* Node::find(std::string_view key) {
    for (NodeEntry& candidate : entries) {
        if (candidate.key == key) return &candidate.value;
    }
    return nullptr;
}

const NodeEntry* Node::entry(std::string_view key) const {
    for (const NodeEntry& candidate : entries) {
        if (candidate.key == key) return &candidate;
    }
    return nullptr;
}

SourceSpan Node::text_span() const {
    SourceSpan place = span;
    if (quoted && !block) {
        place.column += 1;
        if (place.length > 2) place.length -= 2;
    }
    return place;
}

std::optional<Node> read_yaml(SourceFiles& files, std::uint32_t file, DiagnosticSink& sink, const YamlLimits& limits) {
    return YamlReader{files, file, sink, limits}.read();
}

std::string read_text_file(const std::string& path, std::size_t most_bytes) {
    std::ifstream stream{path, std::ios::binary};
    if (!stream) throw IoError(fmt::format("cannot open '{}': {}", path, std::strerror(errno)));
    std::string text;
    char buffer[1 << 16];
    while (text.size() <= most_bytes && (stream.read(buffer, sizeof buffer), stream.gcount() > 0)) {
        text.append(buffer, static_cast<std::size_t>(stream.gcount()));
    }
    if (stream.bad()) throw IoError(fmt::format("cannot read '{}': {}", path, std::strerror(errno)));
    return text;
}

std::optional<Node> read_yaml_file(SourceFiles& files, const std::string& path, DiagnosticSink& sink,
                                   const YamlLimits& limits) {
    const std::uint32_t file = files.add(path, read_text_file(path, limits.bytes));
    return read_yaml(files, file, sink, limits);
}

std::optional<double> parse_number(std::string_view text) {
    std::size_t at = integer_length(text);
    if (at == 0) return std::nullopt;
    if (at < text.size() && text[at] == '.') {
        const std::size_t digits = digits_length(text.substr(at + 1));
        if (digits == 0) return std::nullopt;
        at += 1 + digits;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
        const std::size_t digits = digits_length(text.substr(at));
        if (digits == 0) return std::nullopt;
        at += digits;
    }
    if (at != text.size()) return std::nullopt;
    double value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    if (result.ec == std::errc::result_out_of_range) {
        // Too small rounds to nothing; too large has no value.
        const std::size_t exponent = text.find_first_of("eE");
        if (exponent != std::string_view::npos && text.substr(exponent + 1).starts_with('-')) return 0.0;
        return std::nullopt;
    }
    if (result.ec != std::errc{} || result.ptr != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<long long> parse_integer(std::string_view text) {
    const std::size_t length = integer_length(text);
    if (length == 0 || length != text.size()) return std::nullopt;
    long long value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    if (result.ec != std::errc{}) return std::nullopt;
    return value;
}

}  // namespace proeftuin
