#include "engine/config/diagnostic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/config/utf8.hpp"

namespace proeftuin {

namespace {

/// Columns of an excerpt; longer lines are cut around the caret.
constexpr std::size_t excerpt_width = 100;
constexpr std::size_t tab_width = 4;

struct Paint {
    Colour colour;
    std::string operator()(std::string_view text, const char* code) const {
        if (colour == Colour::off || text.empty()) return std::string{text};
        return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
    }
    std::string bold(std::string_view text) const { return (*this)(text, "1"); }
    std::string frame(std::string_view text) const { return (*this)(text, "1;34"); }
    std::string severity(std::string_view text, Severity severity) const {
        return (*this)(text, severity == Severity::error ? "1;31" : "1;33");
    }
};

/// A line cut into pieces as they are shown, with the byte and the display column at which each starts.
struct Cell {
    std::string shown;
    std::size_t width;
    std::size_t byte;
};

std::vector<Cell> cells_of(std::string_view line, std::size_t from, std::size_t to) {
    std::vector<Cell> cells;
    std::size_t column = 0;
    for (std::size_t at = from; at < to;) {
        const Utf8Char c = decode_utf8(line, at);
        Cell cell{"", 0, at};
        if (c.valid && c.code == '\t') {
            cell.width = tab_width - column % tab_width;
            cell.shown.assign(cell.width, ' ');
        } else {
            cell.shown = printable(line.substr(at, c.length));
            cell.width = cell.shown == line.substr(at, c.length) ? display_width(c) : cell.shown.size();
        }
        column += cell.width;
        at += c.length;
        cells.push_back(std::move(cell));
    }
    return cells;
}

struct Excerpt {
    std::string text;
    std::size_t caret_column = 0;
    std::size_t caret_width = 1;
};

Excerpt excerpt_of(std::string_view line, const SourceSpan& where) {
    const std::size_t column = std::min<std::size_t>(where.column > 0 ? where.column - 1 : 0, line.size());
    const std::size_t end = std::min<std::size_t>(column + where.length, line.size());
    // A window in bytes that surely holds the window in columns, so that a line of megabytes costs nothing.
    const std::size_t from = column > 4 * excerpt_width ? column - 4 * excerpt_width : 0;
    const std::size_t to = std::min(line.size(), column + 8 * excerpt_width);
    std::vector<Cell> cells = cells_of(line, from, to);

    std::size_t caret = 0;
    std::size_t caret_width = 0;
    for (const Cell& cell : cells) {
        if (cell.byte < column)
            caret += cell.width;
        else if (cell.byte < end)
            caret_width += cell.width;
    }
    Excerpt excerpt;
    std::size_t begin = 0;
    if (caret + std::min(caret_width, excerpt_width / 2) > excerpt_width) {
        begin = caret > excerpt_width / 3 ? caret - excerpt_width / 3 : 0;
    }
    std::size_t at = 0;
    std::size_t cut_width = 0;
    bool cut_end = false;
    if (begin > 0 || from > 0) excerpt.text = "...";
    const std::size_t prefix = excerpt.text.size();
    for (const Cell& cell : cells) {
        if (at >= begin) {
            if (at - begin + cell.width > excerpt_width) {
                cut_end = true;
                break;
            }
            excerpt.text += cell.shown;
        } else if (at + cell.width > begin) {
            begin = at + cell.width;  // do not start inside a wide character
        }
        at += cell.width;
    }
    cut_width = at - begin;
    if (cut_end || to < line.size()) excerpt.text += "...";
    excerpt.caret_column = prefix + caret - begin;
    excerpt.caret_width = std::clamp<std::size_t>(
        caret_width, 1, std::max<std::size_t>(1, cut_width - std::min(cut_width, caret - begin)));
    while (!excerpt.text.empty() && excerpt.text.back() == ' ') excerpt.text.pop_back();
    return excerpt;
}

std::string place_text(const SourceSpan& where, const SourceFiles& files) {
    const std::string path = where.file < files.size() ? printable(files.path(where.file)) : "?";
    return fmt::format("{}:{}:{}", path, where.line, where.column);
}

void append_excerpt(std::string& out, const SourceSpan& where, std::string_view label, char mark, std::size_t gutter,
                    const SourceFiles& files, Severity severity, const Paint& paint) {
    out += fmt::format("{}{} {}\n", std::string(gutter, ' '), paint.frame("-->"), place_text(where, files));
    if (where.file >= files.size()) return;
    const std::string bar = paint.frame(fmt::format("{} |", std::string(gutter, ' ')));
    const Excerpt excerpt = excerpt_of(files.line(where.file, where.line), where);
    out += bar + '\n';
    out += paint.frame(fmt::format("{:>{}} |", where.line, gutter));
    if (!excerpt.text.empty()) out += ' ' + excerpt.text;
    out += '\n';
    std::string carets(excerpt.caret_width, mark);
    if (!label.empty()) carets += ' ' + printable(label);
    out += fmt::format("{} {}{}\n", bar, std::string(excerpt.caret_column, ' '),
                       mark == '^' ? paint.severity(carets, severity) : paint.frame(carets));
}

void append_footer(std::string& out, std::string_view word, std::string_view text, std::size_t gutter,
                   const Paint& paint) {
    const std::string indent(gutter + 5 + word.size(), ' ');
    std::size_t at = 0;
    bool first = true;
    while (at <= text.size()) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string line = printable(text.substr(at, end - at));
        if (first) {
            out += fmt::format("{} {} {}: {}\n", std::string(gutter, ' '), paint.frame("="), paint.bold(word), line);
        } else {
            out += line.empty() ? "\n" : fmt::format("{}{}\n", indent, line);
        }
        first = false;
        at = end + 1;
    }
}

void append_full(std::string& out, const Diagnostic& diagnostic, const SourceFiles& files, const Paint& paint) {
    std::uint32_t largest = diagnostic.where.line;
    for (const Note& note : diagnostic.notes) largest = std::max(largest, note.where.line);
    const std::size_t gutter = std::to_string(largest).size();

    const char* word = diagnostic.severity == Severity::error ? "error" : "warning";
    out += fmt::format("{}{}\n", paint.severity(fmt::format("{}[{}]", word, diagnostic.code), diagnostic.severity),
                       paint.bold(": " + printable(diagnostic.message)));
    if (diagnostic.where.line > 0) {
        append_excerpt(out, diagnostic.where, diagnostic.label, '^', gutter, files, diagnostic.severity, paint);
    }
    for (const Note& note : diagnostic.notes) {
        if (note.where.line == 0) append_footer(out, "note", note.message, gutter, paint);
    }
    if (diagnostic.help) append_footer(out, "help", *diagnostic.help, gutter, paint);
    for (const Note& note : diagnostic.notes) {
        if (note.where.line == 0) continue;
        out += fmt::format("{}: {}\n", paint.bold("note"), printable(note.message));
        append_excerpt(out, note.where, "", '-', gutter, files, diagnostic.severity, paint);
    }
}

void append_brief(std::string& out, const Diagnostic& diagnostic, const SourceFiles& files) {
    if (diagnostic.where.line > 0) out += place_text(diagnostic.where, files) + ": ";
    out += fmt::format("{}[{}]: {}", diagnostic.severity == Severity::error ? "error" : "warning", diagnostic.code,
                       printable(diagnostic.message));
    for (const Note& note : diagnostic.notes) {
        if (note.where.line > 0)
            out += fmt::format(" ({}: {})", place_text(note.where, files), printable(note.message));
    }
    if (diagnostic.help) {
        std::string help = *diagnostic.help;
        std::replace(help.begin(), help.end(), '\n', ' ');
        out += fmt::format("; {}", printable(help));
    }
    out += '\n';
}

nlohmann::ordered_json place_json(const SourceSpan& where, const SourceFiles& files) {
    if (where.line == 0) return nullptr;
    return {{"path", where.file < files.size() ? files.path(where.file) : ""},
            {"line", where.line},
            {"column", where.column},
            {"length", where.length}};
}

nlohmann::ordered_json to_json(const Diagnostic& diagnostic, const SourceFiles& files) {
    nlohmann::ordered_json json;
    json["severity"] = diagnostic.severity == Severity::error ? "error" : "warning";
    json["code"] = diagnostic.code;
    json["message"] = diagnostic.message;
    json["place"] = place_json(diagnostic.where, files);
    json["label"] = diagnostic.label;
    json["notes"] = nlohmann::ordered_json::array();
    for (const Note& note : diagnostic.notes) {
        json["notes"].push_back({{"message", note.message}, {"place", place_json(note.where, files)}});
    }
    json["help"] = diagnostic.help ? nlohmann::ordered_json(*diagnostic.help) : nlohmann::ordered_json(nullptr);
    return json;
}

/// Edit distance with swaps of neighbours counted as one (optimal string alignment), given up above `limit`.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit) {
    if (a.size() > b.size() + limit || b.size() > a.size() + limit) return limit + 1;
    std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        std::swap(before, above);
        std::swap(above, row);
    }
    return above[b.size()];
}

}  // namespace

void DiagnosticSink::report(Diagnostic diagnostic) {
    if (strict_) diagnostic.severity = Severity::error;
    if (items_.size() >= max_kept) {
        ++dropped_;
        if (diagnostic.severity == Severity::error) ++errors_;
        return;
    }
    std::string key = fmt::format("{}|{}|{}|{}|{}", diagnostic.code, diagnostic.where.file, diagnostic.where.line,
                                  diagnostic.where.column, diagnostic.message);
    if (!seen_.insert(std::move(key)).second) return;
    if (diagnostic.severity == Severity::error) ++errors_;
    items_.push_back(std::move(diagnostic));
}

void DiagnosticSink::error(std::string code, std::string message, SourceSpan where, std::optional<std::string> help,
                           std::vector<Note> notes) {
    report({.severity = Severity::error,
            .code = std::move(code),
            .message = std::move(message),
            .where = where,
            .notes = std::move(notes),
            .help = std::move(help)});
}

void DiagnosticSink::warning(std::string code, std::string message, SourceSpan where, std::optional<std::string> help) {
    report({.severity = Severity::warning,
            .code = std::move(code),
            .message = std::move(message),
            .where = where,
            .help = std::move(help)});
}

void DiagnosticSink::make_strict() {
    strict_ = true;
    for (Diagnostic& item : items_) {
        if (item.severity == Severity::warning) ++errors_;
        item.severity = Severity::error;
    }
}

ScenarioError::ScenarioError(std::vector<Diagnostic> diagnostics)
    : std::runtime_error(diagnostics.empty() ? "the input cannot be used"
                                             : fmt::format("[{}] {}", diagnostics.front().code,
                                                           printable(diagnostics.front().message))),
      diagnostics_{std::move(diagnostics)} {}

std::string render(const std::vector<Diagnostic>& diagnostics, const SourceFiles& files, DiagnosticFormat format,
                   Colour colour) {
    if (format == DiagnosticFormat::json) {
        nlohmann::ordered_json json = nlohmann::ordered_json::array();
        for (const Diagnostic& diagnostic : diagnostics) json.push_back(to_json(diagnostic, files));
        return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
    }
    std::string out;
    for (const Diagnostic& diagnostic : diagnostics) {
        if (format == DiagnosticFormat::brief) {
            append_brief(out, diagnostic, files);
        } else {
            if (!out.empty()) out += '\n';
            append_full(out, diagnostic, files, Paint{colour});
        }
    }
    return out;
}

std::string summary(const std::vector<Diagnostic>& diagnostics) {
    const auto errors = std::count_if(diagnostics.begin(), diagnostics.end(),
                                      [](const Diagnostic& item) { return item.severity == Severity::error; });
    const auto warnings = static_cast<std::ptrdiff_t>(diagnostics.size()) - errors;
    std::string text;
    if (errors > 0) text = fmt::format("{} error{}", errors, errors == 1 ? "" : "s");
    if (warnings > 0)
        text += fmt::format("{}{} warning{}", text.empty() ? "" : ", ", warnings, warnings == 1 ? "" : "s");
    return text;
}

std::string shown(std::string_view value) {
    constexpr std::size_t longest = 60;
    if (value.size() <= longest) return fmt::format("'{}'", printable(value));
    std::size_t end = longest - 3;
    while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0u) == 0x80u) --end;  // not inside a character
    return fmt::format("'{}...'", printable(value.substr(0, end)));
}

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates) {
    // A short word is near to everything, so the distance allowed grows with its length.
    const std::size_t limit = word.size() <= 2 ? 0 : word.size() == 3 ? 1 : 2;
    std::optional<std::string> best;
    std::size_t best_distance = limit + 1;
    if (word.size() > 100) return best;
    for (const std::string& candidate : candidates) {
        const std::size_t distance = edit_distance(word, candidate, limit);
        if (distance < best_distance) {
            best_distance = distance;
            best = candidate;
        }
    }
    return best;
}

namespace {

/// How much a candidate looks like the word: the longest run of characters they share.
std::size_t likeness(std::string_view word, std::string_view candidate) {
    std::size_t best = 0;
    for (std::size_t i = 0; i < word.size(); ++i)
        for (std::size_t j = 0; j < candidate.size(); ++j) {
            std::size_t n = 0;
            while (i + n < word.size() && j + n < candidate.size() && word[i + n] == candidate[j + n]) ++n;
            best = std::max(best, n);
        }
    return best;
}

}  // namespace

std::string suggestion(std::string_view word, const std::vector<std::string>& candidates) {
    if (candidates.empty()) return {};
    if (const auto near = nearest(word, candidates)) return fmt::format("did you mean {}?", shown(*near));
    constexpr std::size_t most = 16, kept = 10;
    std::vector<std::string> names = candidates;
    std::string rest;
    if (names.size() > most) {
        // Too many to read: those that look like the word, in the order of the alphabet.
        std::sort(names.begin(), names.end());
        names.erase(std::unique(names.begin(), names.end()), names.end());
        const std::string_view known_part = word.substr(0, 60);
        std::stable_sort(names.begin(), names.end(), [&](const std::string& a, const std::string& b) {
            return likeness(known_part, a) > likeness(known_part, b);
        });
        if (names.size() > kept) {
            rest = fmt::format(" and {} more", names.size() - kept);
            names.resize(kept);
        }
        std::sort(names.begin(), names.end());
    }
    std::string text = names.size() == 1 ? "only this is known here: " : "one of: ";
    for (std::size_t i = 0; i < names.size(); ++i) text += (i > 0 ? ", " : "") + names[i];
    return text + rest;
}

}  // namespace proeftuin
