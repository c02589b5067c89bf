// Small tables in CSV files: header row, comma, UTF-8, '#' comment lines; every cell keeps its place.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/config/diagnostic.hpp"
#include "engine/config/source.hpp"

namespace proeftuin {

struct CsvCell {
    std::string text;
    SourceSpan span;
};

struct CsvTable {
    std::uint32_t file = 0;
    std::vector<CsvCell> header;
    std::vector<std::vector<CsvCell>> rows;
    /// Index of the column named `name`; nothing when there is none.
    std::optional<std::size_t> column(std::string_view name) const;
};

/// Reads the table in a file that `files` holds already; at most 32 MB and 1.5 million cells.
std::optional<CsvTable> read_csv(const SourceFiles& files, std::uint32_t file, DiagnosticSink& sink);

/// Reads a table; rows of the wrong length, duplicate columns, open quotes, bad UTF-8 and NUL are reported with place.
/// \throws IoError when the file cannot be read
std::optional<CsvTable> read_csv_file(SourceFiles& files, const std::string& path, DiagnosticSink& sink);

}  // namespace proeftuin
