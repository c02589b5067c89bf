#include "output/names.hpp"

#include <array>

#include "engine/core/errors.hpp"

namespace proeftuin::output {
namespace {

constexpr std::array<std::string_view, 5> kinds = {"integral", "events", "people", "mean", "points"};

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

// Length of the UTF-8 character that `text` starts with; 0 when it starts with none.
std::size_t character_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
    const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0u) == 0x80u; };
    const unsigned first = byte(0);
    if (first >= 0x01 && first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        if (!follows(1) || !follows(2)) return 0;
        if (first == 0xE0 && byte(1) < 0xA0) return 0;  // could be written shorter
        if (first == 0xED && byte(1) > 0x9F) return 0;  // surrogates
        return 3;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        if (!follows(1) || !follows(2) || !follows(3)) return 0;
        if (first == 0xF0 && byte(1) < 0x90) return 0;
        if (first == 0xF4 && byte(1) > 0x8F) return 0;  // beyond U+10FFFF
        return 4;
    }
    return 0;
}

}  // namespace

std::string_view to_string(MeasureKind kind) { return kinds[static_cast<std::size_t>(kind)]; }

MeasureKind measure_kind(std::string_view text) {
    for (std::size_t i = 0; i < kinds.size(); ++i)
        if (kinds[i] == text) return static_cast<MeasureKind>(i);
    throw IoError("cannot use a measure of kind '" + std::string(text) + "' (this program does not know it)");
}

std::string udunits(std::string_view unit, std::string_view currency) {
    unit = trimmed(unit);
    if (unit.empty() || unit == "1") return "1";
    std::string_view over = unit;
    std::string_view under;
    if (unit.starts_with("per ")) {
        over = "1";
        under = unit.substr(4);
    } else if (const auto at = unit.find(" per "); at != std::string_view::npos) {
        over = trimmed(unit.substr(0, at));
        under = unit.substr(at + 5);
    }
    std::string out;
    if (over != "1" && over != currency) out = over;
    while (!under.empty()) {
        const auto at = under.find(" per ");
        if (!out.empty()) out += ' ';
        out += std::string(trimmed(under.substr(0, at))) + "-1";
        under = at == std::string_view::npos ? std::string_view{} : under.substr(at + 5);
    }
    return out.empty() ? "1" : out;
}

std::string valid_utf8(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = character_length(text);
        if (length == 0)
            out += "\xEF\xBF\xBD";
        else
            out += text.substr(0, length);
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return out;
}

}  // namespace proeftuin::output
