// Splits the text of an expression into tokens.
#pragma once

#include <vector>

#include "engine/expr/syntax.hpp"

namespace proeftuin {

enum class TokenKind : std::uint8_t { end, number, name, symbol };

struct Token {
    TokenKind kind = TokenKind::end;
    TextRange range;
    std::string_view text;  ///< within the expression's text
    double number = 0.0;
    /// Whether this token is exactly `word`: a symbol, or a name used as a keyword.
    bool is(std::string_view word) const { return kind != TokenKind::end && kind != TokenKind::number && text == word; }
};

/// All tokens, the last of kind `end`. Characters that no expression uses are reported and left out.
std::vector<Token> tokenise(const ExprText& text, const ExpressionErrors& errors);

}  // namespace proeftuin
