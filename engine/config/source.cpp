#include "engine/config/source.hpp"

#include <algorithm>

#include "engine/core/contracts.hpp"

namespace proeftuin {

std::uint32_t SourceFiles::add(std::string path, std::string text) {
    // A byte order mark is not part of the text; without it columns and offsets are those an editor shows.
    if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
    File file{std::move(path), std::move(text), {0}};
    for (std::size_t at = file.text.find('\n'); at != std::string::npos; at = file.text.find('\n', at + 1)) {
        file.line_starts.push_back(at + 1);
    }
    files_.push_back(std::move(file));
    return static_cast<std::uint32_t>(files_.size() - 1);
}

std::string_view SourceFiles::line(std::uint32_t file, std::uint32_t number) const {
    if (file >= files_.size()) return {};
    const File& source = files_[file];
    if (number == 0 || number > source.line_starts.size()) return {};
    const std::size_t begin = source.line_starts[number - 1];
    std::size_t end = number < source.line_starts.size() ? source.line_starts[number] - 1 : source.text.size();
    if (end > begin && source.text[end - 1] == '\r') --end;
    return std::string_view{source.text}.substr(begin, end - begin);
}

SourceSpan SourceFiles::span(std::uint32_t file, std::size_t offset, std::size_t length) const {
    PT_EXPECT(file < files_.size());
    const File& source = files_[file];
    offset = std::min(offset, source.text.size());
    const auto next = std::upper_bound(source.line_starts.begin(), source.line_starts.end(), offset);
    const auto number = static_cast<std::uint32_t>(next - source.line_starts.begin());
    const std::size_t column = offset - source.line_starts[number - 1];
    return {.file = file,
            .line = number,
            .column = static_cast<std::uint32_t>(column + 1),
            .length = static_cast<std::uint32_t>(std::max<std::size_t>(length, 1))};
}

std::size_t SourceFiles::offset(const SourceSpan& place) const {
    PT_EXPECT(place.file < files_.size() && place.line > 0);
    const File& source = files_[place.file];
    if (place.line > source.line_starts.size()) return source.text.size();
    return std::min(source.text.size(), source.line_starts[place.line - 1] + place.column - 1);
}

}  // namespace proeftuin
