// The texts that a run was made from, and places in them.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace proeftuin {

/// A place in an input file. Lines and columns count from 1; columns count bytes. line 0 = no place.
struct SourceSpan {
    std::uint32_t file = 0;  ///< index into SourceFiles
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::uint32_t length = 1;  ///< bytes to underline
};

/// All files read for one command, kept for excerpts in messages and for provenance.
class SourceFiles {
public:
    /// Adds a text under the path that messages will show; returns its index. A byte order mark is dropped.
    std::uint32_t add(std::string path, std::string text);
    const std::string& path(std::uint32_t file) const { return files_[file].path; }
    const std::string& text(std::uint32_t file) const { return files_[file].text; }
    std::size_t size() const { return files_.size(); }
    /// Line `number` (from 1) without its end; empty when there is no such line.
    std::string_view line(std::uint32_t file, std::uint32_t number) const;
    /// The place of the byte at `offset` (the end of the text when beyond it).
    SourceSpan span(std::uint32_t file, std::size_t offset, std::size_t length = 1) const;
    /// The byte offset of a place that has a line.
    std::size_t offset(const SourceSpan& place) const;

private:
    struct File {
        std::string path;
        std::string text;
        std::vector<std::size_t> line_starts;
    };
    std::deque<File> files_;
};

}  // namespace proeftuin
