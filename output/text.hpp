// Text for a terminal: widths in characters, padding, wrapping.
#pragma once

#include <string>
#include <string_view>

namespace proeftuin::output {

/// Characters of a UTF-8 text, each taken as one column wide.
std::size_t characters(std::string_view text);

/// The text filled up with blanks to `width` columns; `right` puts it at the right end.
std::string padded(const std::string& text, std::size_t width, bool right);

/// The words of a text in lines of at most `width` columns, each with a line end; a longer word has a line of its own.
std::string wrapped(std::string_view text, std::size_t width);

}  // namespace proeftuin::output
