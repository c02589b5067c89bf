#include "engine/expr/expression.hpp"

#include <algorithm>
#include <functional>
#include <unordered_set>

#include "engine/core/contracts.hpp"
#include "engine/expr/graph.hpp"
#include "engine/expr/lexer.hpp"
#include "engine/expr/program.hpp"
#include "engine/expr/tree.hpp"

namespace proeftuin {

namespace {

void visit_once(const ExprNode& node, std::unordered_set<const ExprNode*>& seen,
                const std::function<void(const ExprNode&)>& visit) {
    if (!seen.insert(&node).second) return;
    visit(node);
    for (const auto& child : node.children) visit_once(*child, seen, visit);
}

std::set<std::uint32_t> ids(const ExprNode& root, bool columns) {
    std::set<std::uint32_t> found;
    std::unordered_set<const ExprNode*> seen;
    visit_once(root, seen, [&](const ExprNode& node) {
        const bool column = node.operation == Operation::number_column || node.operation == Operation::category_column;
        if (columns ? column : node.operation == Operation::scalar) found.insert(node.id);
    });
    return found;
}

Unit unit_of(Operation operation, const Unit& a, const Unit& b) {
    Unit unit = operation == Operation::multiply ? a * b : a;
    unit.factor = 1.0;
    return unit;
}

ExprPtr combine(Operation operation, const Expression& a, const Expression& b, bool barrier) {
    PT_EXPECT(a.valid() && b.valid());
    PT_EXPECT(a.kind() == ValueKind::number && b.kind() == ValueKind::number);
    auto node = std::make_shared<ExprNode>();
    node->operation = operation;
    node->barrier = barrier;
    node->unit = unit_of(operation, a.root().unit, b.root().unit);
    node->children = {a.root_ptr(), b.root_ptr()};
    node->depth = 1 + std::max(a.root().depth, b.root().depth);
    PT_ENSURE(node->depth <= max_expression_depth);
    return node;
}

Expression chain(Operation operation, std::span<const Expression> parts, double empty) {
    if (parts.empty()) return Expression::constant(empty);
    Expression all = parts[0];
    for (const Expression& part : parts.subspan(1)) all = Expression{combine(operation, all, part, false)};
    return all;
}

}  // namespace

ExprPtr make_node(Operation operation, ValueKind kind, Unit unit, std::vector<ExprPtr> children) {
    auto node = std::make_shared<ExprNode>();
    node->operation = operation;
    node->kind = kind;
    node->unit = std::move(unit);
    node->unit.factor = 1.0;
    for (const auto& child : children) node->depth = std::max(node->depth, child->depth + 1);
    node->children = std::move(children);
    return node;
}

ExprPtr make_constant(double value, ValueKind kind, Unit unit) {
    auto node = std::make_shared<ExprNode>();
    node->value = value;
    node->kind = kind;
    node->unit = std::move(unit);
    node->unit.factor = 1.0;
    return node;
}

Expression Expression::constant(double value) { return Expression{make_constant(value)}; }

std::set<std::uint32_t> Expression::columns() const { return ids(root(), true); }
std::set<std::uint32_t> Expression::scalars() const { return ids(root(), false); }

ValueKind Expression::kind() const { return root().kind; }
Unit Expression::unit() const { return root().unit; }
std::shared_ptr<const Categories> Expression::categories() const { return root().categories; }

std::optional<double> Expression::as_constant() const {
    if (!columns().empty() || !scalars().empty()) return std::nullopt;
    return evaluate_reference(*this, EvaluationInput{}, 0, ColumnWidths{});
}

std::optional<std::uint32_t> Expression::as_category_column() const {
    if (root_->operation != Operation::category_column) return std::nullopt;
    return root_->id;
}

bool Expression::same_as(const Expression& other) const {
    Graph graph;  // in which equal parts are one
    const NodeId mine = graph.add(*root_);
    return graph.add(*other.root_) == mine;
}

Expression operator*(const Expression& a, const Expression& b) {
    return Expression{combine(Operation::multiply, a, b, true)};
}
Expression operator+(const Expression& a, const Expression& b) {
    return Expression{combine(Operation::add, a, b, true)};
}
Expression operator-(const Expression& a, const Expression& b) {
    return Expression{combine(Operation::subtract, a, b, true)};
}
Expression product(const Expression& a, const Expression& b) {
    return Expression{combine(Operation::multiply, a, b, false)};
}

Expression select(const Expression& condition, const Expression& a, const Expression& b) {
    PT_EXPECT(condition.kind() == ValueKind::boolean && a.kind() == b.kind());
    auto node = std::make_shared<ExprNode>();
    node->operation = Operation::choose;
    node->kind = a.kind();
    node->unit = a.unit();
    node->categories = a.categories();
    node->children = {condition.root_ptr(), a.root_ptr(), b.root_ptr()};
    node->depth = 1 + std::max({condition.root().depth, a.root().depth, b.root().depth});
    PT_ENSURE(node->depth <= max_expression_depth);
    return Expression{std::move(node)};
}

Expression product_of(std::span<const Expression> parts) { return chain(Operation::multiply, parts, 1.0); }
Expression sum_of(std::span<const Expression> parts) { return chain(Operation::add, parts, 0.0); }

std::set<std::string> names_in(const ExprText& text) {
    DiagnosticSink ignored;
    const auto tree = parse_expression(text, ignored);
    std::set<std::string> names;
    const std::function<void(const SyntaxNode&)> visit = [&](const SyntaxNode& node) {
        if (node.kind == SyntaxKind::name || node.kind == SyntaxKind::index) names.insert(node.name);
        for (const auto& child : node.children) visit(*child);
    };
    if (tree) visit(*tree);
    return names;
}

}  // namespace proeftuin
