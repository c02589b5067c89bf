// What is wrong in the input, where, and what may help; collected so that one run reports everything.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <unordered_set>
#include <vector>

#include "engine/config/source.hpp"

namespace proeftuin {

enum class Severity : std::uint8_t { error, warning };

/// A further place that helps to explain a diagnostic ("first given here").
struct Note {
    SourceSpan where;  ///< line 0: a note without a place
    std::string message;
};

struct Diagnostic {
    Severity severity = Severity::error;
    std::string code;  ///< stable, one of engine/config/codes.hpp: "E0107"
    std::string message;  ///< "<what is wrong> (<why>)", lower case, no full stop
    SourceSpan where;
    std::string label = {};  ///< short text behind the caret
    std::vector<Note> notes = {};
    std::optional<std::string> help = {};  ///< "did you mean 'hypertension'?"
};

/// Collects diagnostics; duplicates (same code, place and message) are kept once.
/// Keeps at most `max_kept`; what comes after is only counted.
class DiagnosticSink {
public:
    static constexpr std::size_t max_kept = 500;

    void report(Diagnostic diagnostic);
    /// Shorthand for an error with a place.
    void error(std::string code, std::string message, SourceSpan where, std::optional<std::string> help = {},
               std::vector<Note> notes = {});
    void warning(std::string code, std::string message, SourceSpan where, std::optional<std::string> help = {});
    /// Makes every warning, past and coming, an error (`--strict`).
    void make_strict();
    bool has_errors() const { return errors_ > 0; }
    std::size_t errors() const { return errors_; }
    const std::vector<Diagnostic>& items() const { return items_; }
    /// How many were reported beyond `max_kept`.
    std::size_t dropped() const { return dropped_; }

private:
    std::vector<Diagnostic> items_;
    std::unordered_set<std::string> seen_;
    std::size_t errors_ = 0;
    std::size_t dropped_ = 0;
    bool strict_ = false;
};

/// The input cannot be used; carries every mistake found.
class ScenarioError : public std::runtime_error {
public:
    explicit ScenarioError(std::vector<Diagnostic> diagnostics);
    const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }

private:
    std::vector<Diagnostic> diagnostics_;
};

enum class DiagnosticFormat : std::uint8_t { full, brief, json };
enum class Colour : std::uint8_t { off, on };

/// Text for people (full, as rustc does), for editors (brief: path:line:column: error[CODE]: message) or json.
std::string render(const std::vector<Diagnostic>& diagnostics, const SourceFiles& files, DiagnosticFormat format,
                   Colour colour);

/// "2 errors, 1 warning"; empty when there is nothing.
std::string summary(const std::vector<Diagnostic>& diagnostics);

/// A value from the input between single quotes for use in a message: control characters escaped, cut at 60 bytes.
std::string shown(std::string_view value);

/// The candidate nearest to `word` within edit distance 2, if there is one.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);

/// "did you mean 'x'?" or "one of: a, b, c"; empty when there is nothing to say.
std::string suggestion(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace proeftuin
