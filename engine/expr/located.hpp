// From the text of a key to the text of an expression.
#pragma once

#include "engine/config/field_type.hpp"
#include "engine/expr/type.hpp"

namespace proeftuin {

inline ExprText expr_text(const LocatedText& text) { return {text.text, text.span, text.exact}; }

inline std::vector<ExprText> expr_texts(const std::vector<LocatedText>& texts) {
    std::vector<ExprText> out;
    for (const auto& t : texts) out.push_back(expr_text(t));
    return out;
}

}  // namespace proeftuin
