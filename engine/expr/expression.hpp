// From text to a checked, typed expression tree.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/config/diagnostic.hpp"
#include "engine/expr/type.hpp"

namespace proeftuin {

struct ExprNode;  // engine/expr/tree.hpp

/// What an expression must yield.
struct Expected {
    ValueKind kind = ValueKind::number;
    Unit unit = {};  ///< numbers
    std::shared_ptr<const Categories> categories = nullptr;  ///< categories
    bool any_unit = false;  ///< numbers: every unit is accepted; the value comes out in base units
    bool any_kind = false;  ///< any kind of value is accepted (see Expression::kind)
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
    ValueKind kind() const;
    Unit unit() const;  ///< of a number, in base units; dimensionless for a bare literal
    std::shared_ptr<const Categories> categories() const;  ///< of a category
    /// The value if it depends on nothing.
    std::optional<double> as_constant() const;
    /// The column if it is nothing but the category in one.
    std::optional<std::uint32_t> as_category_column() const;
    /// Whether both compute the same in the same way.
    bool same_as(const Expression& other) const;

    /// Trees put together by the program itself; both must be numbers. Units are not checked here.
    /// Each operand is computed on its own and then combined: never merged or re-associated with what is inside,
    /// so that a factor of exactly 1 or a term of exactly 0 changes no bit.
    friend Expression operator*(const Expression& a, const Expression& b);
    friend Expression operator+(const Expression& a, const Expression& b);
    friend Expression operator-(const Expression& a, const Expression& b);
    /// An ordinary product, as if an author had written it: its category factors may be merged into one table.
    friend Expression product(const Expression& a, const Expression& b);
    /// condition ? a : b. Both of one kind; the condition a boolean.
    friend Expression select(const Expression& condition, const Expression& a, const Expression& b);

private:
    std::shared_ptr<const ExprNode> root_;
};

/// Products and sums that the compiler may merge as if an author had written `a * b * c`; 1 and 0 when empty.
Expression product_of(std::span<const Expression> parts);
Expression sum_of(std::span<const Expression> parts);

/// Parses, resolves names, checks types and units. Every mistake goes to the sink with its place.
/// Numbers come out in base units of `expected.unit` (a rate given per month is converted to per year).
/// The values of all symbols are in base units already; the factor of a symbol's or the expected unit only says
/// how a bare number beside it, or standing alone, is read (with `per month`, 0.1 means 0.1 per month).
/// \return nothing when there was an error
std::optional<Expression> bind(const ExprText& text, const SymbolTable& symbols, const Expected& expected,
                               DiagnosticSink& sink);

/// The names that an expression mentions (for dependency graphs), without binding; syntax errors are ignored.
/// Labels after == are among them; functions, units and labels in [..] are not.
std::set<std::string> names_in(const ExprText& text);

}  // namespace proeftuin
