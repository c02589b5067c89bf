#include "engine/config/utf8.hpp"

#include <fmt/format.h>

namespace proeftuin {

namespace {

bool within(char32_t code, char32_t first, char32_t last) { return code >= first && code <= last; }

bool turns_direction(char32_t code) {
    return within(code, 0x202A, 0x202E) || within(code, 0x2066, 0x2069) || code == 0x200E || code == 0x200F ||
           code == 0x061C;
}

}  // namespace

Utf8Char decode_utf8(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(at);
    if (lead < 0x80) return {lead, 1, true};
    std::uint8_t length = 0;
    char32_t code = 0;
    char32_t smallest = 0;
    if ((lead & 0xE0u) == 0xC0u) {
        length = 2;
        code = lead & 0x1Fu;
        smallest = 0x80;
    } else if ((lead & 0xF0u) == 0xE0u) {
        length = 3;
        code = lead & 0x0Fu;
        smallest = 0x800;
    } else if ((lead & 0xF8u) == 0xF0u) {
        length = 4;
        code = lead & 0x07u;
        smallest = 0x10000;
    } else {
        return {lead, 1, false};
    }
    if (at + length > text.size()) return {lead, 1, false};
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(at + i) & 0xC0u) != 0x80u) return {lead, 1, false};
        code = (code << 6) | (byte(at + i) & 0x3Fu);
    }
    if (code < smallest || code > 0x10FFFF || within(code, 0xD800, 0xDFFF)) return {lead, 1, false};
    return {code, length, true};
}

std::size_t display_width(const Utf8Char& c) {
    if (!c.valid) return 1;
    const char32_t code = c.code;
    if (within(code, 0x0300, 0x036F) || within(code, 0x200B, 0x200D) || within(code, 0xFE00, 0xFE0F)) return 0;
    const bool wide = within(code, 0x1100, 0x115F) || within(code, 0x2E80, 0xA4CF) || within(code, 0xAC00, 0xD7A3) ||
                      within(code, 0xF900, 0xFAFF) || within(code, 0xFE30, 0xFE6F) || within(code, 0xFF00, 0xFF60) ||
                      within(code, 0xFFE0, 0xFFE6) || within(code, 0x1F300, 0x1FAFF) || within(code, 0x20000, 0x3FFFD);
    return wide ? 2 : 1;
}

bool is_control(char32_t code) {
    if (code == '\t' || code == '\n' || code == '\r') return false;
    return code < 0x20 || within(code, 0x7F, 0x9F) || turns_direction(code) || code == 0xFEFF || code == 0x2028 ||
           code == 0x2029;
}

std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const Utf8Char c = decode_utf8(text, at);
        if (!c.valid) {
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[at]));
        } else if (c.code == '\n') {
            out += "\\n";
        } else if (c.code == '\r') {
            out += "\\r";
        } else if (c.code == '\t') {
            out += "\\t";
        } else if (is_control(c.code)) {
            out += c.code < 0x80 ? fmt::format("\\x{:02x}", static_cast<unsigned>(c.code))
                                 : fmt::format("\\u{:04x}", static_cast<unsigned>(c.code));
        } else {
            out += text.substr(at, c.length);
        }
        at += c.length;
    }
    return out;
}

}  // namespace proeftuin
