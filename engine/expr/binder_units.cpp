#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/config/utf8.hpp"
#include "engine/expr/binder.hpp"

namespace proeftuin {

namespace {

/// Square root of a unit; nothing when a power is odd.
std::optional<Unit> root(const Unit& unit) {
    Unit result;
    for (const auto& [base, power] : unit.powers) {
        if (power % 2 != 0) return std::nullopt;
        result.powers[base] = power / 2;
    }
    return result;
}

/// The text as one factor of a product.
std::string bracketed(std::string_view text) {
    const bool whole = text.find(" + ") == text.npos && text.find(" - ") == text.npos && text.find('?') == text.npos;
    return whole ? printable(text) : fmt::format("({})", printable(text));
}

/// What may have been meant by a base unit that nothing else uses: "year" for "yeer".
std::optional<std::string> meant_unit(const Unit& written, const Unit& wanted) {
    std::vector<std::string> known{"year", "month", "week", "day", "hour", "minute", "EUR"};
    for (const auto& [base, power] : wanted.powers) known.push_back(base);
    for (const auto& [base, power] : written.powers) {
        if (std::find(known.begin(), known.end(), base) != known.end()) continue;
        if (const auto near = nearest(base, known))
            return fmt::format("did you mean '{}' where '{}' is written?", *near, base);
    }
    return std::nullopt;
}

}  // namespace

std::string describe(const Unit& unit) {
    return unit.dimensionless() ? "a plain number" : fmt::format("'{}'", to_string(unit));
}

std::string Binder::quote(TextRange range) const {
    std::string_view text = errors_.slice(range);
    return text.size() <= 40 ? fmt::format("'{}'", printable(text)) : "this";
}

Typed Binder::scaled(Typed operand, double factor, Unit unit) {
    const ExprNode& node = *operand.node;
    if (node.operation == Operation::constant) {
        operand.node = make_constant(node.value * factor, ValueKind::number, unit);
    } else if (factor != 1.0) {
        operand.node = make_node(Operation::multiply, ValueKind::number, unit, {operand.node, make_constant(factor)});
    } else {
        auto copy = std::make_shared<ExprNode>(node);
        copy->unit = unit;
        copy->unit.factor = 1.0;
        operand.node = std::move(copy);
    }
    operand.unit = std::move(unit);
    operand.bare = false;
    return operand;
}

Typed Binder::with_unit(Typed bare, const Unit& unit) { return scaled(std::move(bare), unit.factor, unit); }

std::optional<Unit> Binder::read_unit(const SyntaxNode& node) {
    if (const Symbol* symbol = symbols_.find(node.unit); symbol && node.unit != "year") {
        errors_.report("E0301", node.unit_range, fmt::format("expected an operator before '{}'", node.unit), {},
                       fmt::format("to multiply, write '* {}'", node.unit));
        return std::nullopt;
    }
    auto unit = parse_unit(node.unit);
    if (const auto meant = intended_unit(node.unit)) {
        errors_.report("E0311", node.unit_range, fmt::format("'{}' is not a unit", node.unit), {},
                       fmt::format("did you mean '{}'?", *meant));
        return std::nullopt;
    }
    if (!unit) {
        errors_.report("E0311", node.unit_range, fmt::format("'{}' is not a unit", node.unit), {},
                       "units are written like 'per year', 'EUR per year' or 'kg/m2'");
    }
    return unit;
}

Typed Binder::bind_number(const SyntaxNode& node) {
    Typed result{make_constant(node.number), ValueKind::number, {}, true, nullptr, node.range};
    if (node.unit.empty()) return result;
    const auto unit = read_unit(node);
    if (!unit) return {};
    return with_unit(std::move(result), *unit);
}

Typed Binder::bind_per_unit(const SyntaxNode& node, Typed operand) {
    const auto unit = read_unit(node);
    if (!unit || !operand || !require_number(operand)) return {};
    operand.range = node.range;
    return scaled(std::move(operand), unit->factor, operand.unit * *unit);
}

bool Binder::require_number(const Typed& operand) {
    if (operand.kind == ValueKind::number) return true;
    if (operand.kind == ValueKind::boolean) {
        errors_.report("E0309", operand.range, fmt::format("{} is a condition, not a number", quote(operand.range)), {},
                       "a choice makes a number of it: 'condition ? 1 : 0'");
    } else {
        const std::string& name = operand.categories->name;
        const std::string& label = operand.categories->labels.empty() ? name : operand.categories->labels.back();
        errors_.report("E0309", operand.range, fmt::format("{} is a category, not a number", quote(operand.range)), {},
                       fmt::format("compare it, as in '{} == {}', or look it up in a table, as in 'table[{}]'", name,
                                   label, name));
    }
    return false;
}

bool Binder::require_condition(const Typed& operand) {
    if (operand.kind == ValueKind::boolean) return true;
    const bool number = operand.kind == ValueKind::number;
    errors_.report(
        "E0309", operand.range,
        fmt::format("{} is a {}, not a condition", quote(operand.range), number ? "number" : "category"), {},
        number ? "compare it with a number, as in 'x > 0'"
               : fmt::format("compare it with one of its categories, as in '{} == {}'", operand.categories->name,
                             operand.categories->labels.empty() ? "" : operand.categories->labels.back()));
    return false;
}

bool Binder::require_plain(Typed& operand, std::string_view what) {
    if (!require_number(operand)) return false;
    operand.bare = false;
    if (operand.unit.dimensionless()) return true;
    errors_.report("E0310", operand.range, fmt::format("{} takes a plain number, not {}", what, describe(operand.unit)),
                   fmt::format("this is in {}", describe(operand.unit)),
                   fmt::format("divide by a number with that unit: '{} / {}'", bracketed(errors_.slice(operand.range)),
                               operand.unit.powers.size() == 1 && operand.unit.powers.begin()->second == 1
                                   ? fmt::format("1 {}", operand.unit.powers.begin()->first)
                                   : fmt::format("(1 {})", to_string(operand.unit))));
    return false;
}

bool Binder::unify(Typed& a, Typed& b, TextRange op, std::string_view verb) {
    if (a.bare && b.bare) return true;
    if (a.bare) {
        a = with_unit(std::move(a), b.unit);
    } else if (b.bare) {
        b = with_unit(std::move(b), a.unit);
    } else if (!a.unit.same_dimension(b.unit)) {
        std::vector<Note> notes;
        if (errors_.text().exact && errors_.text().span.line > 0) {
            notes.push_back({errors_.place(a.range), fmt::format("this is in {}", describe(a.unit))});
            notes.push_back({errors_.place(b.range), fmt::format("this is in {}", describe(b.unit))});
        }
        errors_.report(
            "E0310", op,
            fmt::format("cannot {} {} and {} (their units differ)", verb, describe(a.unit), describe(b.unit)), {},
            std::nullopt, std::move(notes));
        return false;
    }
    return true;
}

Typed Binder::product(Operation operation, TextRange range, Typed a, Typed b) {
    if (!require_number(a) || !require_number(b)) return {};
    const Unit unit = operation == Operation::multiply ? a.unit * b.unit : a.unit / b.unit;
    return {make_node(operation, ValueKind::number, unit, {a.node, b.node}),
            ValueKind::number,
            unit,
            a.bare && b.bare,
            nullptr,
            range};
}

Typed Binder::bind_power(TextRange range, Typed base, Typed exponent) {
    if (!require_number(base) || !require_number(exponent)) return {};
    Unit unit;
    if (!base.unit.dimensionless()) {
        const ExprNode& node = *exponent.node;
        const Expression tree{exponent.node};
        const auto value = exponent.bare ? tree.as_constant() : std::nullopt;
        if (!value || *value != std::floor(*value) || std::fabs(*value) > 9.0) {
            errors_.report("E0310", exponent.range,
                           fmt::format("a number in {} can only be raised to a whole power", describe(base.unit)),
                           node.operation == Operation::constant ? "not a small whole number" : "not a whole literal");
            return {};
        }
        unit = power(base.unit, static_cast<int>(*value));
    } else if (!require_plain(exponent, "an exponent")) {
        return {};
    }
    return {make_node(Operation::power, ValueKind::number, unit, {base.node, exponent.node}),
            ValueKind::number,
            unit,
            base.bare && exponent.node->operation == Operation::constant,
            nullptr,
            range};
}

Typed Binder::bind_function(const SyntaxNode& node, const FunctionEntry& entry, std::vector<Typed> arguments) {
    for (const Typed& argument : arguments)
        if (!argument || !require_number(argument)) return {};
    const auto number = [&](Operation operation, const Unit& unit, std::vector<ExprPtr> children, bool bare) {
        return Typed{make_node(operation, ValueKind::number, unit, std::move(children)),
                     ValueKind::number,
                     unit,
                     bare,
                     nullptr,
                     node.range};
    };
    switch (entry.rule) {
        case UnitRule::plain:
            if (!require_plain(arguments[0], fmt::format("'{}'", entry.name))) return {};
            return number(entry.operation, {}, {arguments[0].node}, false);
        case UnitRule::root: {
            const auto unit = root(arguments[0].unit);
            if (!unit) {
                errors_.report("E0310", arguments[0].range,
                               fmt::format("{} has no square root as a unit", describe(arguments[0].unit)));
                return {};
            }
            return number(entry.operation, *unit, {arguments[0].node}, false);
        }
        case UnitRule::power:
            return bind_power(node.range, std::move(arguments[0]), std::move(arguments[1]));
        case UnitRule::clock:
            return {};
        case UnitRule::keep:
        case UnitRule::compare:
            break;
    }
    // All arguments in the unit of the first that has one.
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        if (!unify(arguments[0], arguments[i], node.op, "compare")) return {};
    }
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        if (!unify(arguments[0], arguments[i], node.op, "compare")) return {};
    }
    const Unit unit = arguments[0].unit;
    const bool bare = arguments[0].bare;
    if (entry.rule == UnitRule::compare) {
        const ExprPtr reached =
            make_node(entry.operation, ValueKind::boolean, {}, {arguments[0].node, arguments[1].node});
        return number(Operation::choose, {}, {reached, make_constant(1.0), make_constant(0.0)}, false);
    }
    if (arguments.size() == 1) return number(entry.operation, unit, {arguments[0].node}, bare);
    if (entry.name == "clamp") {
        const ExprPtr raised =
            make_node(Operation::maximum, ValueKind::number, unit, {arguments[0].node, arguments[1].node});
        return number(Operation::minimum, unit, {raised, arguments[2].node}, bare);
    }
    ExprPtr all = arguments[0].node;
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        all = make_node(entry.operation, ValueKind::number, unit, {all, arguments[i].node});
    }
    return Typed{all, ValueKind::number, unit, bare, nullptr, node.range};
}

Typed Binder::finish(Typed result, const Expected& expected) {
    if (!result) return result;
    if (expected.any_kind) return result;
    if (expected.kind == ValueKind::boolean) {
        const ExprNode& node = *result.node;
        const bool literal =
            result.bare && node.operation == Operation::constant && (node.value == 0.0 || node.value == 1.0);
        if (literal) {
            result.node = make_constant(node.value, ValueKind::boolean);
            result.kind = ValueKind::boolean;
            return result;
        }
        return require_condition(result) ? result : Typed{};
    }
    if (expected.kind == ValueKind::category) {
        if (result.kind == ValueKind::category &&
            (!expected.categories || same_categories(*expected.categories, *result.categories))) {
            return result;
        }
        const std::string wanted = expected.categories ? fmt::format(" of '{}'", expected.categories->name) : "";
        errors_.report("E0309", result.range, fmt::format("this must yield a category{}", wanted), {},
                       expected.categories ? suggestion("", expected.categories->labels) : "");
        return {};
    }
    if (!require_number(result)) return {};
    if (expected.any_unit) return result;
    if (result.bare) return with_unit(std::move(result), expected.unit);
    if (result.unit.same_dimension(expected.unit)) return result;
    std::optional<std::string> help;
    const Unit missing = expected.unit / result.unit;
    if (const auto meant = meant_unit(result.unit, expected.unit)) {
        help = meant;
    } else if (missing.powers == std::map<std::string, int>{{"year", -1}}) {
        help = fmt::format("if it is meant per year, write '({}) per year'", printable(errors_.slice(result.range)));
    } else if (result.unit.dimensionless()) {
        help = fmt::format("give a number in it its unit, or multiply by '1 {}'", to_string(expected.unit));
    }
    errors_.report("E0310", result.range,
                   fmt::format("this is {}, but {} is needed here",
                               result.unit.dimensionless() ? "a plain number" : "in " + describe(result.unit),
                               describe(expected.unit)),
                   {}, std::move(help));
    return {};
}

}  // namespace proeftuin
