#include "output/text.hpp"

#include <algorithm>

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

}  // namespace proeftuin::output
