// Decoding UTF-8 strictly, and showing text from outside without letting it control the terminal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace proeftuin {

/// One character at a place in a text. An invalid byte is a character of length 1.
struct Utf8Char {
    char32_t code = 0;
    std::uint8_t length = 1;
    bool valid = false;
};

/// The character that starts at `text[at]`. Overlong forms, surrogates and codes above U+10FFFF are invalid.
Utf8Char decode_utf8(std::string_view text, std::size_t at);

/// Columns that a terminal gives it: 0 for combining marks, 2 for wide East Asian characters and emoji.
std::size_t display_width(const Utf8Char& c);

/// Characters that no input file may hold: controls but tab and line ends, and marks that turn the reading direction.
bool is_control(char32_t code);

/// The text with controls, direction marks and invalid bytes written as escapes (`\x1b`, `\u202e`, `\n`).
std::string printable(std::string_view text);

}  // namespace proeftuin
