// Looks up names, checks types and units, and turns a syntax tree into a typed tree.
#pragma once

#include <set>
#include <unordered_map>

#include "engine/expr/expression.hpp"
#include "engine/expr/functions.hpp"
#include "engine/expr/syntax.hpp"

namespace proeftuin {

/// A part of an expression whose names, type and unit are known. `node` is null after a reported mistake.
struct Typed {
    ExprPtr node = nullptr;
    ValueKind kind = ValueKind::number;
    Unit unit = {};  ///< with the factor in which bare numbers beside it are read; the value is in base units
    bool bare = false;  ///< made of literals without a unit: takes the unit that is asked of it
    std::shared_ptr<const Categories> categories = nullptr;
    TextRange range = {};

    explicit operator bool() const { return node != nullptr; }
};

/// What the expressions bound in one call share.
struct BindingContext {
    const SymbolTable& symbols;
    DiagnosticSink& sink;
    std::unordered_map<std::string, Typed> derived = {};  ///< finished
    std::vector<std::string> open = {};  ///< being bound, outermost first
    std::uint32_t depth = 0;
};

/// Binds one text. Derived symbols are bound by binders of their own in the same context.
class Binder {
public:
    Binder(const ExprText& text, BindingContext& context)
        : errors_{text, context.sink}, context_{context}, symbols_{context.symbols} {}

    /// The whole text as `expected`; null node after a mistake.
    Typed run(const Expected& expected);

private:
    using CategoriesPtr = std::shared_ptr<const Categories>;

    // binder.cpp: structure and names. `labels` are the categories that a bare name may mean.
    Typed bind(const SyntaxNode& node, const CategoriesPtr& labels);
    Typed bind_inside(const SyntaxNode& node, const CategoriesPtr& labels);
    Typed bind_name(const SyntaxNode& node, const CategoriesPtr& labels);
    Typed bind_derived(const std::string& name, const DerivedSymbol& symbol, TextRange range);
    Typed bind_unary(const SyntaxNode& node);
    Typed bind_binary(const SyntaxNode& node);
    Typed bind_equality(const SyntaxNode& node);
    Typed bind_choice(const SyntaxNode& node, const CategoriesPtr& labels);
    Typed bind_one_of(const SyntaxNode& node);
    Typed bind_index(const SyntaxNode& node);
    Typed bind_axis(const SyntaxNode& argument, const Table& table, std::size_t axis);
    Typed bind_call(const SyntaxNode& node);
    Typed bind_time_in(const SyntaxNode& node);
    bool resolve_labels(const SyntaxNode& node, const Categories& categories, std::vector<int>& codes);
    CategoriesPtr categories_of_name(const SyntaxNode& node) const;
    void report_unknown_name(const SyntaxNode& node);
    void report_unknown_label(const std::string& name, TextRange range, const Categories& categories);

    // binder_units.cpp: types and units.
    Typed bind_number(const SyntaxNode& node);
    Typed bind_per_unit(const SyntaxNode& node, Typed operand);
    std::optional<Unit> read_unit(const SyntaxNode& node);
    Typed bind_function(const SyntaxNode& node, const FunctionEntry& entry, std::vector<Typed> arguments);
    Typed bind_power(TextRange range, Typed base, Typed exponent);
    Typed product(Operation operation, TextRange range, Typed a, Typed b);
    bool require_number(const Typed& operand);
    bool require_condition(const Typed& operand);
    bool require_plain(Typed& operand, std::string_view what);
    /// Brings two numbers to one unit. \return false after reporting that they do not agree
    bool unify(Typed& a, Typed& b, TextRange op, std::string_view verb);
    Typed finish(Typed result, const Expected& expected);
    static Typed with_unit(Typed bare, const Unit& unit);
    static Typed scaled(Typed operand, double factor, Unit unit);
    std::string quote(TextRange range) const;

    ExpressionErrors errors_;
    BindingContext& context_;
    const SymbolTable& symbols_;
};

/// "'per year'", or "a plain number" for a dimensionless one.
std::string describe(const Unit& unit);
bool same_categories(const Categories& a, const Categories& b);

}  // namespace proeftuin
