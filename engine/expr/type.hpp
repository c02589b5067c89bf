// What an expression can yield, and the names it can use.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "engine/config/source.hpp"
#include "engine/core/unit.hpp"

namespace proeftuin {

enum class ValueKind : std::uint8_t { number, category, boolean };

/// The values that a category column can take, in code order (code = position, at most 65,536).
struct Categories {
    std::string name;  ///< of the process or attribute
    std::vector<std::string> labels;
    /// Code of `label`; -1 when unknown.
    int code(std::string_view label) const;
};

/// Text of an expression and where it stands.
struct ExprText {
    std::string text;
    SourceSpan span;  ///< of the first byte of the text; line 0 when unknown
    bool exact = true;  ///< offsets inside the text are exact places (false for block and quoted-with-escapes scalars)
};

enum class Interpolation : std::uint8_t { step, linear };

/// One axis of a table: a category, or a number looked up in bands or at points.
struct TableAxis {
    std::string name;  ///< what it is looked up by: `sex`, `age`, `year`
    std::shared_ptr<const Categories> categories;  ///< null for a numeric axis
    Unit unit;  ///< numeric axes
    std::vector<double> points;  ///< numeric: ascending; step: lower bound of each band; linear: where the value holds
    Interpolation between = Interpolation::step;
    /// Number of cells along this axis.
    std::size_t size() const { return categories ? categories->labels.size() : points.size(); }
};

/// Values over the product of its axes, last axis fastest. Outside a numeric axis the nearest end holds.
struct Table {
    std::string name;
    std::vector<TableAxis> axes;
    std::vector<double> values;  ///< in units of `unit`, base units
    Unit unit;
    std::vector<SourceSpan> places = {};  ///< of each value in the file that gives it; empty: made by the program
};

/// A number per person in a column of doubles.
struct NumberSymbol {
    std::uint32_t column;  ///< engine/data column id (f64)
    Unit unit;
};
/// A category per person in a column of codes.
struct CategorySymbol {
    std::uint32_t column;  ///< engine/data column id (u8 or u16)
    std::shared_ptr<const Categories> categories;
};
/// A number that is the same for everybody during one evaluation: calendar year, a signal.
struct ScalarSymbol {
    std::uint32_t scalar;  ///< index into the scalars given at evaluation
    Unit unit;
};
struct ConstantSymbol {
    double value;
    Unit unit;
};
struct TableSymbol {
    std::shared_ptr<const Table> table;
};
/// A name that stands for another expression (derived attributes, flows).
struct DerivedSymbol {
    ExprText expression;
    std::shared_ptr<const Categories> categories;  ///< null: a number of unit `unit`
    Unit unit;
};
struct ExprNode;
/// A name that stands for an expression bound earlier (flows, composed by the program).
struct BoundSymbol {
    std::shared_ptr<const ExprNode> root;
};
using Symbol =
    std::variant<NumberSymbol, CategorySymbol, ScalarSymbol, ConstantSymbol, TableSymbol, DerivedSymbol, BoundSymbol>;

/// Names that expressions may use. `age`, `year` and `time` are ordinary symbols put in by the caller.
class SymbolTable {
public:
    void set(std::string name, Symbol symbol) { symbols_[std::move(name)] = std::move(symbol); }
    const Symbol* find(std::string_view name) const;
    /// All names, sorted, for suggestions.
    std::vector<std::string> names() const;

    /// Column (f64, years) holding the time since entry into the present state (empty set) or into the set of states.
    /// Called for time_in(process) and time_in(process in [A, B]); the caller may allocate on demand.
    std::function<std::uint32_t(std::string_view process, const std::vector<int>& states)> time_in_column;

private:
    std::unordered_map<std::string, Symbol> symbols_;
};

}  // namespace proeftuin
