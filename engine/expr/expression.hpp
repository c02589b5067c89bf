// From text to a checked, typed expression tree.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "engine/config/diagnostic.hpp"
#include "engine/expr/type.hpp"

namespace proeftuin {

struct ExprNode;  // engine/expr/tree.hpp

/// What an expression must yield.
struct Expected {
    ValueKind kind = ValueKind::number;
    Unit unit = {};                                          ///< numbers
    std::shared_ptr<const Categories> categories = nullptr;  ///< categories
};

/// An immutable, typed expression. Cheap to copy.
class Expression {
public:
    Expression() = default;
    explicit Expression(std::shared_ptr<const ExprNode> root) : root_{std::move(root)} {}
    static Expression constant(double value);
    bool valid() const { return root_ != nullptr; }
    const ExprNode& root() const { return *root_; }
    std::shared_ptr<const ExprNode> root_ptr() const { return root_; }
    /// Ids of the columns and scalars it reads (through derived symbols and time_in too).
    std::set<std::uint32_t> columns() const;
    std::set<std::uint32_t> scalars() const;
    /// The value if it depends on nothing.
    std::optional<double> as_constant() const;

    /// Trees put together by the program itself; both must be numbers. Units are not checked here.
    friend Expression operator*(const Expression& a, const Expression& b);
    friend Expression operator+(const Expression& a, const Expression& b);
    friend Expression operator-(const Expression& a, const Expression& b);

private:
    std::shared_ptr<const ExprNode> root_;
};

/// Parses, resolves names, checks types and units. Every mistake goes to the sink with its place.
/// Numbers come out in base units of `expected.unit` (a rate given per month is converted to per year).
/// \return nothing when there was an error
std::optional<Expression> bind(const ExprText& text, const SymbolTable& symbols, const Expected& expected,
                               DiagnosticSink& sink);

/// The names that an expression mentions (for dependency graphs), without binding; syntax errors are ignored.
std::set<std::string> names_in(const ExprText& text);

}  // namespace proeftuin
