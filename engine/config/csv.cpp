#include "engine/config/csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "engine/config/node.hpp"
#include "engine/config/utf8.hpp"

namespace proeftuin {

namespace {

constexpr std::size_t most_bytes = 32u << 20;
constexpr std::size_t most_cells = 1'500'000;
constexpr std::size_t most_errors = 100;

class CsvReader {
public:
    CsvReader(const SourceFiles& files, std::uint32_t file, DiagnosticSink& sink)
        : files_{files}, file_{file}, sink_{sink}, text_{files.text(file)}, errors_before_{sink.errors()} {}

    std::optional<CsvTable> read() {
        if (!check_bytes()) return std::nullopt;
        CsvTable table;
        table.file = file_;
        std::size_t cells = 0;
        while (at_ < text_.size() && errors() < most_errors) {
            if (skip_line()) continue;
            const std::size_t begin = at_;
            std::vector<CsvCell> row = read_row(table.header.size());
            if (open_quote_) break;
            cells += row.size();
            if (cells > most_cells) {
                report("E0135", fmt::format("the table has more than {} cells", most_cells), begin);
                break;
            }
            if (table.header.empty()) {
                check_header(row);
                table.header = std::move(row);
            } else if (row.size() != table.header.size()) {
                report_length(row, table, begin);
            } else {
                table.rows.push_back(std::move(row));
            }
        }
        if (errors() == 0 && table.header.empty()) report("E0134", "the table has no header row", 0);
        if (errors() > 0) return std::nullopt;
        return table;
    }

private:
    SourceSpan span(std::size_t offset, std::size_t length = 1) const { return files_.span(file_, offset, length); }
    std::size_t errors() const { return sink_.errors() - errors_before_; }
    void report(std::string code, std::string message, std::size_t offset, std::size_t length = 1,
                std::optional<std::string> help = {}) {
        sink_.error(std::move(code), std::move(message), span(offset, length), std::move(help));
    }

    bool check_bytes() {
        if (text_.size() > most_bytes) {
            report("E0135", fmt::format("the file is larger than {} MB", most_bytes >> 20), 0);
            return false;
        }
        for (std::size_t at = 0; at < text_.size();) {
            const auto byte = static_cast<unsigned char>(text_[at]);
            if (byte >= 0x20 && byte < 0x7F) {
                ++at;
                continue;
            }
            const Utf8Char c = decode_utf8(text_, at);
            if (!c.valid) {
                report("E0101", fmt::format("the file is not UTF-8 (byte 0x{:02x})", byte), at, 1, "save it as UTF-8");
                return false;
            }
            if (is_control(c.code) || (c.code == '\r' && (at + 1 >= text_.size() || text_[at + 1] != '\n'))) {
                report("E0102",
                       fmt::format("the file holds the control character U+{:04X}", static_cast<unsigned>(c.code)), at,
                       c.length, "remove it");
                return false;
            }
            at += c.length;
        }
        return true;
    }

    std::size_t line_end(std::size_t at) const {
        std::size_t end = std::min(text_.find('\n', at), text_.size());
        if (end > at && text_[end - 1] == '\r') --end;
        return end;
    }

    /// Goes past a line that is empty or a comment.
    bool skip_line() {
        const std::size_t end = line_end(at_);
        std::size_t first = at_;
        while (first < end && (text_[first] == ' ' || text_[first] == '\t')) ++first;
        if (first < end && text_[first] != '#') return false;
        at_ = std::min(text_.find('\n', at_), text_.size() - 1) + 1;
        return true;
    }

    std::vector<CsvCell> read_row(std::size_t expected) {
        std::vector<CsvCell> row;
        row.reserve(expected);
        while (true) {
            row.push_back(read_cell());
            if (open_quote_) return row;
            if (at_ < text_.size() && text_[at_] == ',') {
                ++at_;
                continue;
            }
            if (at_ < text_.size() && text_[at_] == '\r') ++at_;
            if (at_ < text_.size()) ++at_;  // the line feed
            return row;
        }
    }

    CsvCell read_cell() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
        if (at_ < text_.size() && text_[at_] == '"') return read_quoted();
        const std::size_t begin = at_;
        while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n' && text_[at_] != '\r') {
            if (text_[at_] == '"') {
                report("E0133", "a quote stands inside a cell that does not start with one", at_, 1,
                       "put the whole cell in quotes and write the quote twice");
                while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n' && text_[at_] != '\r') ++at_;
                break;
            }
            ++at_;
        }
        std::size_t end = at_;
        while (end > begin && (text_[end - 1] == ' ' || text_[end - 1] == '\t')) --end;
        return {std::string{text_.substr(begin, end - begin)}, span(begin, end - begin)};
    }

    CsvCell read_quoted() {
        const std::size_t begin = at_++;
        std::string value;
        while (at_ < text_.size()) {
            if (text_[at_] == '\n') break;  // a cell ends on its line: an open quote would swallow the rows below
            if (text_[at_] != '"') {
                value += text_[at_++];
            } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
                value += '"';
                at_ += 2;
            } else {
                const std::size_t length = ++at_ - begin;
                while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
                if (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n' && text_[at_] != '\r') {
                    report("E0133", "text stands behind the closing quote of a cell", at_, 1,
                           "write a quote inside a cell twice");
                    while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n' && text_[at_] != '\r') ++at_;
                }
                return {std::move(value), span(begin, length)};
            }
        }
        report("E0133", "a quote is opened and not closed on its line", begin, 1, "close it with \"");
        open_quote_ = true;
        return {};
    }

    void check_header(const std::vector<CsvCell>& row) {
        std::unordered_map<std::string_view, const CsvCell*> seen;
        for (const CsvCell& cell : row) {
            if (cell.text.empty()) {
                sink_.error("E0134", "a column has no name", cell.span, "name every column");
                continue;
            }
            const auto [known, is_new] = seen.try_emplace(cell.text, &cell);
            if (is_new) continue;
            sink_.report({.code = "E0132",
                          .message = fmt::format("column {} is given twice", shown(cell.text)),
                          .where = cell.span,
                          .notes = {{known->second->span, "first given here"}}});
            if (errors() >= most_errors) return;
        }
    }

    void report_length(const std::vector<CsvCell>& row, const CsvTable& table, std::size_t begin) {
        const bool longer = row.size() > table.header.size();
        const SourceSpan place = longer ? row[table.header.size()].span : span(begin, line_end(begin) - begin);
        sink_.report(
            {.code = "E0131",
             .message = fmt::format("the row has {} cell{} where the header has {}", row.size(),
                                    row.size() == 1 ? "" : "s", table.header.size()),
             .where = place,
             .label = longer ? "the first cell without a column" : "",
             .notes = {{table.header.front().span, "the header"}},
             .help = longer
                         ? std::optional<
                               std::string>{"put a cell that holds ',' in double quotes; the decimal sign is a point"}
                         : std::nullopt});
    }

    const SourceFiles& files_;
    std::uint32_t file_;
    DiagnosticSink& sink_;
    std::string_view text_;
    std::size_t errors_before_;
    std::size_t at_ = 0;
    bool open_quote_ = false;
};

}  // namespace

std::optional<std::size_t> CsvTable::column(std::string_view name) const {
    const auto found =
        std::find_if(header.begin(), header.end(), [&](const CsvCell& cell) { return cell.text == name; });
    if (found == header.end()) return std::nullopt;
    return static_cast<std::size_t>(found - header.begin());
}

std::optional<CsvTable> read_csv(const SourceFiles& files, std::uint32_t file, DiagnosticSink& sink) {
    return CsvReader{files, file, sink}.read();
}

std::optional<CsvTable> read_csv_file(SourceFiles& files, const std::string& path, DiagnosticSink& sink) {
    return read_csv(files, files.add(path, read_text_file(path, most_bytes)), sink);
}

}  // namespace proeftuin
