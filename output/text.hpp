// Text for a terminal: widths in characters, padding, wrapping, numbers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace proeftuin::output {

/// Characters of a UTF-8 text, each taken as one column wide.
std::size_t characters(std::string_view text);

/// The text filled up with blanks to `width` columns; `right` puts it at the right end.
std::string padded(const std::string& text, std::size_t width, bool right);

/// The words of a text in lines of at most `width` columns, each with a line end; a longer word has a line of its own.
std::string wrapped(std::string_view text, std::size_t width);

/// A number with so many digits after the point and groups of three before it; "-" for NaN.
std::string fixed(double number, int decimals);

/// The same with + before what is above 0.
std::string with_sign(double number, int decimals);

/// Digits after the point so that the largest shows three digits; none for whole numbers.
int decimals_for(const std::vector<double>& values);

}  // namespace proeftuin::output
