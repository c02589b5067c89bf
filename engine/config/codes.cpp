#include "engine/config/codes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "engine/config/code_table.hpp"

namespace proeftuin {

std::span<const CodeEntry> all_codes() { return code_table; }

const CodeEntry* find_code(std::string_view code) {
    std::string upper{code};
    for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    const auto found =
        std::lower_bound(code_table.begin(), code_table.end(), upper,
                         [](const CodeEntry& entry, const std::string& wanted) { return entry.code < wanted; });
    return found != code_table.end() && found->code == upper ? &*found : nullptr;
}

std::optional<std::string> explain_code(std::string_view code) {
    const CodeEntry* entry = find_code(code);
    if (entry == nullptr) return std::nullopt;
    const auto indented = [](std::string_view text) {
        std::string out;
        while (!text.empty()) {
            const std::size_t end = std::min(text.find('\n'), text.size());
            out += fmt::format("    {}\n", text.substr(0, end));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
        return out;
    };
    std::string text = fmt::format("{}: {}\n\n{}\n", entry->code, entry->title, entry->meaning);
    if (!entry->wrong.empty()) text += fmt::format("\nWrong:\n\n{}", indented(entry->wrong));
    if (!entry->right.empty()) text += fmt::format("\nRight:\n\n{}", indented(entry->right));
    return text;
}

}  // namespace proeftuin
