// The text of an expression as a tree of spans, before any name is looked up.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/config/diagnostic.hpp"
#include "engine/expr/tree.hpp"

namespace proeftuin {

/// Bytes [begin, end) of an expression's text.
struct TextRange {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
};

enum class SyntaxKind : std::uint8_t {
    missing,  ///< stands for what could not be read; already reported
    number,
    boolean,
    name,
    unary,
    binary,
    choose,
    index,  ///< name[children...]
    call,  ///< name(children...)
    one_of,  ///< children[0] in [labels...]
    per_unit  ///< (children[0]) per unit
};

struct SyntaxLabel {
    std::string text;
    TextRange range;
};

/// One node of the syntax tree.
struct SyntaxNode {
    SyntaxKind kind = SyntaxKind::missing;
    TextRange range;
    TextRange op;  ///< the operator, or the name of an index or a call
    Operation operation = Operation::constant;  ///< unary, binary
    double number = 0.0;  ///< number; boolean: 0 or 1
    std::string name = {};  ///< name, index, call
    std::string unit = {};  ///< number, per_unit: text of the unit, empty when there is none
    TextRange unit_range = {};
    std::vector<SyntaxLabel> labels = {};
    std::vector<std::unique_ptr<SyntaxNode>> children = {};
    std::uint32_t depth = 1;
};

/// Reports mistakes in one expression at their place in its file.
class ExpressionErrors {
public:
    ExpressionErrors(const ExprText& text, DiagnosticSink& sink) : text_{text}, sink_{sink} {}
    /// The place of a range; the whole value where offsets are not exact.
    SourceSpan place(TextRange range) const;
    std::string_view slice(TextRange range) const;
    void report(const char* code, TextRange range, std::string message, std::string label = {},
                std::optional<std::string> help = {}, std::vector<Note> notes = {}) const;
    const ExprText& text() const { return text_; }

private:
    const ExprText& text_;
    DiagnosticSink& sink_;
};

/// Reads the text; every mistake is reported and stands as a `missing` node.
/// \return nothing for a text that is empty, too long or nested too deeply (reported)
std::unique_ptr<SyntaxNode> parse_expression(const ExprText& text, DiagnosticSink& sink);

}  // namespace proeftuin
