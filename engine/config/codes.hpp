// The stable codes of diagnostics, with a text for each: one table for messages, tests and `proeftuin explain`.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace proeftuin {

/// One code. Groups: E01xx reading YAML and CSV, E02xx keys and schema, E03xx names, expressions and units,
/// E04xx checks of a model, E05xx tables and parameters, E06xx population, E07xx run and command line; W.. warnings.
struct CodeEntry {
    std::string_view code;  ///< "E0107"; never given another meaning, never used again
    std::string_view title;  ///< a few words, lower case
    std::string_view meaning;  ///< what it means and what to do
    std::string_view wrong;  ///< a short example that gives it
    std::string_view right;  ///< the same example put right
};

/// Every code, in ascending order.
std::span<const CodeEntry> all_codes();

/// The entry of `code` (any case); nullptr when there is none.
const CodeEntry* find_code(std::string_view code);

/// The text of `proeftuin explain CODE`; nothing when there is no such code.
std::optional<std::string> explain_code(std::string_view code);

}  // namespace proeftuin
