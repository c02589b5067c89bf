#include "engine/expr/binder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/config/utf8.hpp"

namespace proeftuin {

namespace {

template <class... Cases>
struct Overload : Cases... {
    using Cases::operator()...;
};
template <class... Cases>
Overload(Cases...) -> Overload<Cases...>;

bool is_comparison(Operation operation) { return operation >= Operation::less && operation <= Operation::not_equal; }

/// The words in one line; no more than fit one.
std::string join(const std::vector<std::string>& words, std::string_view between) {
    constexpr std::size_t most = 12;
    std::string text;
    for (std::size_t i = 0; i < std::min(words.size(), most); ++i) {
        if (i > 0) text += between;
        text += words[i];
    }
    return words.size() > most ? text + std::string{between} + "..." : text;
}

}  // namespace

bool same_categories(const Categories& a, const Categories& b) { return &a == &b || a.labels == b.labels; }

Typed Binder::run(const Expected& expected) {
    const auto tree = parse_expression(errors_.text(), context_.sink);
    if (!tree) return {};
    return finish(bind(*tree, expected.kind == ValueKind::category ? expected.categories : nullptr), expected);
}

Typed Binder::bind(const SyntaxNode& node, const CategoriesPtr& labels) {
    if (context_.depth >= max_expression_depth) {
        errors_.report("E0304", node.range, "the expression is too deep, with what its names stand for");
        return {};
    }
    ++context_.depth;
    Typed result = bind_inside(node, labels);
    --context_.depth;
    result.range = node.range;
    if (result && result.node->depth > max_expression_depth) {
        errors_.report("E0304", node.range, "the expression is too deep, with what its names stand for");
        return {};
    }
    return result;
}

Typed Binder::bind_inside(const SyntaxNode& node, const CategoriesPtr& labels) {
    switch (node.kind) {
        case SyntaxKind::number:
            return bind_number(node);
        case SyntaxKind::boolean:
            return {make_constant(node.number, ValueKind::boolean), ValueKind::boolean, {}, false, nullptr, node.range};
        case SyntaxKind::name:
            return bind_name(node, labels);
        case SyntaxKind::unary:
            return bind_unary(node);
        case SyntaxKind::binary:
            return bind_binary(node);
        case SyntaxKind::choose:
            return bind_choice(node, labels);
        case SyntaxKind::index:
            return bind_index(node);
        case SyntaxKind::call:
            return bind_call(node);
        case SyntaxKind::one_of:
            return bind_one_of(node);
        case SyntaxKind::per_unit:
            return bind_per_unit(node, bind(*node.children[0], nullptr));
        case SyntaxKind::missing:
            break;
    }
    // What was written wrongly is reported already; look for more mistakes inside.
    for (const auto& child : node.children) bind(*child, nullptr);
    return {};
}

void Binder::report_unknown_label(const std::string& name, TextRange range, const Categories& categories) {
    errors_.report("E0306", range, fmt::format("'{}' is not a category of '{}'", name, categories.name), {},
                   suggestion(name, categories.labels));
}

void Binder::report_unknown_name(const SyntaxNode& node) {
    std::vector<std::string> known = symbols_.names();
    for (const auto& function : all_functions()) known.emplace_back(function.name);
    std::optional<std::string> help;
    if (const auto near = nearest(node.name, known)) help = fmt::format("did you mean '{}'?", *near);
    if (find_function(node.name)) help = fmt::format("'{}' is a function: write '{}(...)'", node.name, node.name);
    errors_.report("E0305", node.op, fmt::format("unknown name '{}'", node.name), {}, std::move(help));
}

Typed Binder::bind_name(const SyntaxNode& node, const CategoriesPtr& labels) {
    if (labels) {
        if (const int code = labels->code(node.name); code >= 0) {
            auto constant = std::make_shared<ExprNode>();
            constant->kind = ValueKind::category;
            constant->value = code;
            constant->categories = labels;
            return {std::move(constant), ValueKind::category, {}, false, labels, node.range};
        }
    }
    const Symbol* symbol = symbols_.find(node.name);
    if (!symbol) {
        if (labels) {
            report_unknown_label(node.name, node.range, *labels);
        } else {
            report_unknown_name(node);
        }
        return {};
    }
    const auto column = [&](Operation operation, ValueKind kind, std::uint32_t id, const Unit& unit,
                            CategoriesPtr categories) {
        auto leaf = std::make_shared<ExprNode>();
        leaf->operation = operation;
        leaf->kind = kind;
        leaf->id = id;
        leaf->unit = unit;
        leaf->unit.factor = 1.0;
        leaf->categories = categories;
        return Typed{std::move(leaf), kind, unit, false, std::move(categories), node.range};
    };
    return std::visit(
        Overload{
            [&](const NumberSymbol& s) {
                return column(Operation::number_column, ValueKind::number, s.column, s.unit, nullptr);
            },
            [&](const CategorySymbol& s) {
                return column(Operation::category_column, ValueKind::category, s.column, {}, s.categories);
            },
            [&](const ScalarSymbol& s) {
                return column(Operation::scalar, ValueKind::number, s.scalar, s.unit, nullptr);
            },
            [&](const ConstantSymbol& s) {
                return Typed{make_constant(s.value, ValueKind::number, s.unit),
                             ValueKind::number,
                             s.unit,
                             false,
                             nullptr,
                             node.range};
            },
            [&](const TableSymbol& s) {
                std::vector<std::string> axes;
                for (const auto& axis : s.table->axes) axes.push_back(axis.name);
                errors_.report("E0312", node.range, fmt::format("'{}' is a table, not a number", node.name), {},
                               fmt::format("look it up: '{}[{}]'", node.name, join(axes, ", ")));
                return Typed{};
            },
            [&](const DerivedSymbol& s) { return bind_derived(node.name, s, node.range); },
            [&](const BoundSymbol& s) {
                // What the program composed keeps its bits, whatever an author does with it.
                const ExprPtr whole = s.root->kind == ValueKind::number
                                          ? make_node(Operation::opaque, s.root->kind, s.root->unit, {s.root})
                                          : s.root;
                return Typed{whole, s.root->kind, s.root->unit, false, s.root->categories, node.range};
            },
        },
        *symbol);
}

Typed Binder::bind_derived(const std::string& name, const DerivedSymbol& symbol, TextRange range) {
    if (const auto known = context_.derived.find(name); known != context_.derived.end()) return known->second;
    if (const auto open = std::find(context_.open.begin(), context_.open.end(), name); open != context_.open.end()) {
        std::vector<std::string> circle(open, context_.open.end());
        circle.push_back(name);
        errors_.report("E0314", range, fmt::format("'{}' depends on itself ({})", name, join(circle, " -> ")));
        return {};
    }
    Expected expected;
    expected.kind = symbol.categories ? ValueKind::category : ValueKind::number;
    expected.unit = symbol.unit;
    expected.categories = symbol.categories;
    context_.open.push_back(name);
    Typed result = Binder{symbol.expression, context_}.run(expected);
    context_.open.pop_back();
    if (result) {
        result.bare = false;
        result.unit = symbol.unit;
        if (symbol.categories) result.categories = symbol.categories;
    }
    context_.derived[name] = result;
    return result;
}

Typed Binder::bind_unary(const SyntaxNode& node) {
    Typed operand = bind(*node.children[0], nullptr);
    if (!operand) return {};
    if (node.operation == Operation::opposite) {
        if (!require_condition(operand)) return {};
        return {make_node(Operation::opposite, ValueKind::boolean, {}, {operand.node}),
                ValueKind::boolean,
                {},
                false,
                nullptr,
                node.range};
    }
    if (!require_number(operand)) return {};
    if (operand.node->operation == Operation::constant) {
        operand.node = make_constant(-operand.node->value, ValueKind::number, operand.node->unit);
    } else {
        operand.node = make_node(Operation::negate, ValueKind::number, operand.unit, {operand.node});
    }
    return operand;
}

Typed Binder::bind_binary(const SyntaxNode& node) {
    if (node.operation == Operation::equal || node.operation == Operation::not_equal) return bind_equality(node);
    if (is_comparison(node.operation)) {
        for (const auto& side : node.children) {
            const CategoriesPtr categories = categories_of_name(*side);
            if (!categories) continue;
            errors_.report(
                "E0309", node.op, fmt::format("categories have no order ('{}' is a category)", categories->name), {},
                fmt::format("list the ones meant: '{} in [{}]'", categories->name, join(categories->labels, ", ")));
            return {};
        }
    }
    Typed a = bind(*node.children[0], nullptr);
    Typed b = bind(*node.children[1], nullptr);
    if (!a || !b) return {};
    switch (node.operation) {
        case Operation::multiply:
        case Operation::divide:
            return product(node.operation, node.range, std::move(a), std::move(b));
        case Operation::power:
            return bind_power(node.range, std::move(a), std::move(b));
        case Operation::both:
        case Operation::either: {
            const bool first = require_condition(a);
            if (!require_condition(b) || !first) return {};
            return {make_node(node.operation, ValueKind::boolean, {}, {a.node, b.node}),
                    ValueKind::boolean,
                    {},
                    false,
                    nullptr,
                    node.range};
        }
        default:
            break;
    }
    const bool first = require_number(a);
    if (!require_number(b) || !first) return {};
    const bool comparison = is_comparison(node.operation);
    const char* verb = comparison ? "compare" : node.operation == Operation::add ? "add" : "subtract";
    if (!unify(a, b, node.op, verb)) return {};
    if (comparison) {
        return {make_node(node.operation, ValueKind::boolean, {}, {a.node, b.node}),
                ValueKind::boolean,
                {},
                false,
                nullptr,
                node.range};
    }
    return {make_node(node.operation, ValueKind::number, a.unit, {a.node, b.node}),
            ValueKind::number,
            a.unit,
            a.bare && b.bare,
            nullptr,
            node.range};
}

Binder::CategoriesPtr Binder::categories_of_name(const SyntaxNode& node) const {
    const Symbol* symbol = node.kind == SyntaxKind::name ? symbols_.find(node.name) : nullptr;
    if (!symbol) return nullptr;
    if (const auto* category = std::get_if<CategorySymbol>(symbol)) return category->categories;
    if (const auto* derived = std::get_if<DerivedSymbol>(symbol)) return derived->categories;
    if (const auto* bound = std::get_if<BoundSymbol>(symbol)) return bound->root->categories;
    return nullptr;
}

Typed Binder::bind_equality(const SyntaxNode& node) {
    // The side that is known to be a category says what a name on the other side means.
    const SyntaxNode& left = *node.children[0];
    const SyntaxNode& right = *node.children[1];
    CategoriesPtr labels = categories_of_name(left);
    Typed a, b;
    if (labels || !categories_of_name(right)) {
        a = bind(left, nullptr);
        b = bind(right, a && a.kind == ValueKind::category ? a.categories : labels);
    } else {
        b = bind(right, nullptr);
        a = bind(left, b.categories);
    }
    if (!a || !b) return {};
    if (a.kind == ValueKind::boolean || b.kind == ValueKind::boolean) {
        errors_.report("E0309", node.op, "conditions cannot be compared", {}, "use 'and', 'or' and 'not'");
        return {};
    }
    if (a.kind != b.kind) {
        const Typed& category = a.kind == ValueKind::category ? a : b;
        const Typed& number = a.kind == ValueKind::category ? b : a;
        errors_.report(
            "E0309", number.range,
            fmt::format("a number cannot be compared with '{}', which is a category", category.categories->name), {},
            suggestion("", category.categories->labels));
        return {};
    }
    if (a.kind == ValueKind::category && !same_categories(*a.categories, *b.categories)) {
        errors_.report("E0309", node.op,
                       fmt::format("'{}' and '{}' have different categories", a.categories->name, b.categories->name));
        return {};
    }
    if (a.kind == ValueKind::number && !unify(a, b, node.op, "compare")) return {};
    return {make_node(node.operation, ValueKind::boolean, {}, {a.node, b.node}),
            ValueKind::boolean,
            {},
            false,
            nullptr,
            node.range};
}

Typed Binder::bind_choice(const SyntaxNode& node, const CategoriesPtr& labels) {
    Typed condition = bind(*node.children[0], nullptr);
    Typed a = bind(*node.children[1], labels);
    Typed b = bind(*node.children[2], labels ? labels : a ? a.categories : nullptr);
    if (!condition || !require_condition(condition) || !a || !b) return {};
    if (a.kind != b.kind) {
        const auto name = [](ValueKind kind) {
            return kind == ValueKind::number ? "a number" : kind == ValueKind::boolean ? "a condition" : "a category";
        };
        errors_.report("E0309", b.range,
                       fmt::format("both sides of a choice must be of one kind (this is {}, the other {})",
                                   name(b.kind), name(a.kind)));
        return {};
    }
    if (a.kind == ValueKind::category && !same_categories(*a.categories, *b.categories)) {
        errors_.report("E0309", b.range,
                       fmt::format("'{}' and '{}' have different categories", a.categories->name, b.categories->name));
        return {};
    }
    if (a.kind == ValueKind::number && !unify(a, b, node.op, "choose between")) return {};
    auto choice =
        std::make_shared<ExprNode>(*make_node(Operation::choose, a.kind, a.unit, {condition.node, a.node, b.node}));
    choice->categories = a.categories;
    return {std::move(choice), a.kind, a.unit, a.bare && b.bare, a.categories, node.range};
}

bool Binder::resolve_labels(const SyntaxNode& node, const Categories& categories, std::vector<int>& codes) {
    bool known = true;
    for (const auto& label : node.labels) {
        const int code = categories.code(label.text);
        if (code < 0) {
            report_unknown_label(label.text, label.range, categories);
            known = false;
        } else {
            codes.push_back(code);
        }
    }
    std::sort(codes.begin(), codes.end());
    codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
    return known;
}

Typed Binder::bind_one_of(const SyntaxNode& node) {
    Typed operand = bind(*node.children[0], nullptr);
    if (!operand) return {};
    if (operand.kind != ValueKind::category) {
        errors_.report("E0309", operand.range,
                       fmt::format("{} is not a category ('in' takes one)", quote(operand.range)), {},
                       "numbers are compared: 'age >= 40 and age < 60'");
        return {};
    }
    auto test = std::make_shared<ExprNode>(*make_node(Operation::one_of, ValueKind::boolean, {}, {operand.node}));
    if (!resolve_labels(node, *operand.categories, test->codes)) return {};
    return {std::move(test), ValueKind::boolean, {}, false, nullptr, node.range};
}

Typed Binder::bind_index(const SyntaxNode& node) {
    const Symbol* symbol = symbols_.find(node.name);
    const auto* found = symbol ? std::get_if<TableSymbol>(symbol) : nullptr;
    if (!found) {
        for (const auto& child : node.children) bind(*child, nullptr);
        if (!symbol) {
            report_unknown_name(node);
        } else {
            errors_.report("E0312", node.op, fmt::format("'{}' is not a table", node.name), {},
                           "only a parameter with 'by' can be followed by [..]");
        }
        return {};
    }
    const Table& table = *found->table;
    if (node.children.size() != table.axes.size()) {
        std::vector<std::string> axes;
        for (const auto& axis : table.axes) axes.push_back(axis.name);
        errors_.report("E0312", node.range,
                       fmt::format("table '{}' is looked up by {} value{}, not {}", table.name, table.axes.size(),
                                   table.axes.size() == 1 ? "" : "s", node.children.size()),
                       {}, fmt::format("write '{}[{}]'", node.name, join(axes, ", ")));
        return {};
    }
    std::vector<ExprPtr> children;
    for (std::size_t i = 0; i < table.axes.size(); ++i) {
        const Typed at = bind_axis(*node.children[i], table, i);
        if (at) children.push_back(at.node);
    }
    if (children.size() != table.axes.size()) return {};
    auto look_up =
        std::make_shared<ExprNode>(*make_node(Operation::look_up, ValueKind::number, table.unit, std::move(children)));
    look_up->table = found->table;
    return {std::move(look_up), ValueKind::number, table.unit, false, nullptr, node.range};
}

Typed Binder::bind_axis(const SyntaxNode& argument, const Table& table, std::size_t axis) {
    const TableAxis& along = table.axes[axis];
    Typed at = bind(argument, along.categories);
    if (!at) return {};
    const std::string place = fmt::format("axis {} of table '{}' ('{}')", axis + 1, table.name, along.name);
    if (along.categories) {
        if (at.kind == ValueKind::category && same_categories(*at.categories, *along.categories)) return at;
        errors_.report("E0313", at.range,
                       at.kind == ValueKind::category
                           ? fmt::format("{} takes a category of '{}', not of '{}'", place, along.categories->name,
                                         at.categories->name)
                           : fmt::format("{} takes a category of '{}'", place, along.categories->name),
                       {}, fmt::format("one of: {}", join(along.categories->labels, ", ")));
        return {};
    }
    if (at.kind != ValueKind::number) {
        errors_.report(
            "E0313", at.range,
            fmt::format("{} takes a number{}", place, along.unit.dimensionless() ? "" : " in " + describe(along.unit)));
        return {};
    }
    if (at.bare) return with_unit(std::move(at), along.unit);
    if (at.unit.same_dimension(along.unit)) return at;
    errors_.report("E0313", at.range,
                   fmt::format("{} takes {}, not {}", place, describe(along.unit), describe(at.unit)),
                   fmt::format("this is in {}", describe(at.unit)));
    return {};
}

Typed Binder::bind_call(const SyntaxNode& node) {
    if (node.name == "time_in") return bind_time_in(node);
    std::vector<Typed> arguments;
    for (const auto& child : node.children) arguments.push_back(bind(*child, nullptr));
    const FunctionEntry* entry = find_function(node.name);
    if (!entry) {
        const Symbol* symbol = symbols_.find(node.name);
        std::vector<std::string> known;
        for (const auto& function : all_functions()) known.emplace_back(function.name);
        std::optional<std::string> help;
        if (symbol && std::holds_alternative<TableSymbol>(*symbol)) {
            help = fmt::format("a table is looked up with square brackets: '{}[...]'", node.name);
        } else if (symbol) {
            help = fmt::format("to multiply, write '{} * (...)'", node.name);
        } else {
            help = suggestion(node.name, known);
        }
        errors_.report("E0307", node.op, fmt::format("there is no function '{}'", node.name), {}, std::move(help));
        return {};
    }
    const int given = static_cast<int>(arguments.size());
    if (given < entry->fewest || given > entry->most) {
        const std::string wanted = entry->fewest == entry->most ? fmt::format("{}", entry->fewest)
                                                                : fmt::format("{} to {}", entry->fewest, entry->most);
        errors_.report(
            "E0308", node.range,
            fmt::format("'{}' takes {} argument{}, not {}", entry->name, wanted, wanted == "1" ? "" : "s", given), {},
            fmt::format("write '{}({})'", entry->name, entry->parameters));
        return {};
    }
    return bind_function(node, *entry, std::move(arguments));
}

Typed Binder::bind_time_in(const SyntaxNode& node) {
    const char* usage = "write 'time_in(copd)' or 'time_in(copd in [gold3, gold4])'";
    if (node.children.size() != 1 || node.children[0]->kind != SyntaxKind::name) {
        errors_.report("E0315", node.range, "time_in takes the name of a process", {}, usage);
        return {};
    }
    const SyntaxNode& process = *node.children[0];
    const Symbol* symbol = symbols_.find(process.name);
    if (!symbol) {
        report_unknown_name(process);
        return {};
    }
    const auto* category = std::get_if<CategorySymbol>(symbol);
    if (!category) {
        errors_.report("E0315", process.range, fmt::format("'{}' is not a process", process.name), {}, usage);
        return {};
    }
    std::vector<int> codes;
    if (!resolve_labels(node, *category->categories, codes)) return {};
    if (!symbols_.time_in_column) {
        errors_.report("E0315", node.range, "time_in cannot be used here (people have not entered their states yet)");
        return {};
    }
    auto leaf = std::make_shared<ExprNode>();
    leaf->operation = Operation::number_column;
    leaf->id = symbols_.time_in_column(process.name, codes);
    leaf->unit.powers = {{"year", 1}};
    return {leaf, ValueKind::number, leaf->unit, false, nullptr, node.range};
}

std::optional<Expression> bind(const ExprText& text, const SymbolTable& symbols, const Expected& expected,
                               DiagnosticSink& sink) {
    const std::size_t before = sink.errors();
    BindingContext context{symbols, sink};
    const Typed result = Binder{text, context}.run(expected);
    if (!result || sink.errors() != before) return std::nullopt;
    Expression expression{result.node};
    if (const auto constant = expression.as_constant(); constant && !std::isfinite(*constant)) {
        const ExpressionErrors errors{text, sink};
        errors.report("E0316", result.range, "the value of this expression is not a number");
        return std::nullopt;
    }
    return expression;
}

}  // namespace proeftuin
