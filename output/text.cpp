#include "output/text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "output/show.hpp"

namespace proeftuin::output {

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u; }));
}

std::string padded(const std::string& text, std::size_t width, bool right) {
    const std::size_t have = characters(text);
    const std::string space(width > have ? width - have : 0, ' ');
    return right ? space + text : text + space;
}

std::string wrapped(std::string_view text, std::size_t width) {
    std::string out;
    std::size_t used = 0;
    while (!text.empty()) {
        const std::size_t begin = text.find_first_not_of(" \n\t");
        if (begin == std::string_view::npos) break;
        text.remove_prefix(begin);
        const std::string_view word = text.substr(0, text.find_first_of(" \n\t"));
        text.remove_prefix(word.size());
        const std::size_t length = characters(word);
        if (used > 0 && used + 1 + length > width) {
            out += '\n';
            used = 0;
        }
        if (used > 0) out += ' ';
        out += word;
        used += length + (used > 0 ? 1 : 0);
    }
    return out.empty() ? out : out + "\n";
}

std::string fixed(double number, int decimals) {
    if (std::isnan(number)) return "-";
    if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
    if (std::fabs(number) >= 1e15) return readable(number);
    char buffer[64];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::fixed, decimals).ptr;
    std::string digits(buffer, end);
    if (digits.find_first_not_of("-0.") == std::string::npos && digits.front() == '-') digits.erase(0, 1);
    const std::size_t sign = digits.front() == '-' ? 1 : 0;
    const std::size_t whole = std::min(digits.find('.'), digits.size());
    for (std::size_t at = whole; at > sign + 3; at -= 3) digits.insert(at - 3, ",");
    return digits;
}

std::string with_sign(double number, int decimals) {
    const std::string text = fixed(number, decimals);
    return text == "-" || text.front() == '-' || text.find_first_not_of("0.") == std::string::npos ? text : "+" + text;
}

int decimals_for(const std::vector<double>& values) {
    double size = 0.0;
    bool whole = true;
    for (const double value : values) {
        if (!std::isfinite(value)) continue;
        size = std::max(size, std::fabs(value));
        whole = whole && value == std::floor(value);
    }
    if (whole || size >= 100.0) return 0;
    return size >= 10.0 ? 1 : size >= 1.0 ? 2 : 3;
}

}  // namespace proeftuin::output
