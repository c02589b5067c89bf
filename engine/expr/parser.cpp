#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/config/utf8.hpp"
#include "engine/expr/lexer.hpp"

namespace proeftuin {

namespace {

constexpr std::size_t longest_text = 64 * 1024;
constexpr std::uint32_t deepest_nesting = 100;
constexpr int most_errors = 8;

/// How tightly operators bind, from loose to tight.
enum Binding : int {
    loosest = 0,
    choice,
    disjunction,
    conjunction,
    negation,
    comparison,
    sum,
    product,
    sign,
    exponent
};

struct BinaryOperator {
    std::string_view text;
    Operation operation;
    Binding binding;
};
constexpr std::array<BinaryOperator, 13> binary_operators{{
    {"or", Operation::either, disjunction},
    {"and", Operation::both, conjunction},
    {"<", Operation::less, comparison},
    {"<=", Operation::less_equal, comparison},
    {">", Operation::greater, comparison},
    {">=", Operation::greater_equal, comparison},
    {"==", Operation::equal, comparison},
    {"!=", Operation::not_equal, comparison},
    {"+", Operation::add, sum},
    {"-", Operation::subtract, sum},
    {"*", Operation::multiply, product},
    {"/", Operation::divide, product},
    {"^", Operation::power, exponent},
}};

const BinaryOperator* find_binary(const Token& token) {
    for (const auto& op : binary_operators)
        if (token.is(op.text)) return &op;
    return nullptr;
}

bool is_keyword(const Token& token) {
    for (const char* word : {"and", "or", "not", "in", "per", "true", "false"})
        if (token.kind == TokenKind::name && token.text == word) return true;
    return false;
}

bool is_plain_name(const Token& token) { return token.kind == TokenKind::name && !is_keyword(token); }

using SyntaxPtr = std::unique_ptr<SyntaxNode>;

class Parser {
public:
    Parser(const ExprText& text, const ExpressionErrors& errors) : errors_{errors}, tokens_{tokenise(text, errors)} {}

    SyntaxPtr run() {
        SyntaxPtr tree = expression(loosest);
        if (here().kind != TokenKind::end && reported_ == 0) {
            if (here().is(")") || here().is("]")) {
                error(here().range, fmt::format("'{}' closes nothing", here().text));
            } else if (here().is(",")) {
                error(here().range, "a comma stands only between arguments", "numbers are written with a point: 0.5");
            } else {
                const std::string word = shown_token();
                std::optional<std::string> help;
                if (word == "if" || word == "else" || word == "then")
                    help = "a choice is written 'condition ? value : otherwise'";
                error(here().range, fmt::format("expected an operator before '{}'", word), std::move(help));
            }
        }
        if (too_deep_) return nullptr;
        return tree;
    }

private:
    const Token& here() const { return tokens_[at_]; }
    const Token& ahead(std::size_t n) const { return tokens_[std::min(at_ + n, tokens_.size() - 1)]; }
    bool accept(std::string_view word) {
        if (!here().is(word)) return false;
        ++at_;
        return true;
    }
    std::uint32_t last_end() const { return at_ == 0 ? 0 : tokens_[at_ - 1].range.end; }
    std::string shown_token() const { return printable(errors_.slice(here().range)); }

    void error(TextRange range, std::string message, std::optional<std::string> help = {}, std::vector<Note> notes = {},
               const char* code = "E0301") {
        if (too_deep_ && std::string_view{code} != "E0304") return;
        if (reported_++ < most_errors) {
            errors_.report(code, range, std::move(message), {}, std::move(help), std::move(notes));
        }
    }

    /// Skips what cannot be read, up to where the enclosing list or bracket goes on.
    void synchronise() {
        int open = 0;
        for (; here().kind != TokenKind::end; ++at_) {
            if (here().is("(") || here().is("[")) ++open;
            const bool closes = here().is(")") || here().is("]");
            if (open == 0 && (closes || here().is(","))) return;
            if (closes) --open;
        }
    }

    static SyntaxPtr make(SyntaxKind kind, TextRange range) {
        auto node = std::make_unique<SyntaxNode>();
        node->kind = kind;
        node->range = range;
        node->op = range;
        return node;
    }

    SyntaxPtr adopt(SyntaxPtr parent, SyntaxPtr child) {
        parent->depth = std::max(parent->depth, child->depth + 1);
        if (parent->depth > max_expression_depth && !too_deep_) {
            too_deep_ = true;
            error(parent->range, "the expression has too many operations in one chain",
                  "give a part of it a name of its own", {}, "E0304");
        }
        parent->children.push_back(std::move(child));
        return parent;
    }

    SyntaxPtr expression(int loosest_allowed) {
        if (nesting_ >= deepest_nesting) {
            if (!too_deep_) {
                error(here().range,
                      fmt::format("the expression is nested too deeply (more than {} levels)", deepest_nesting),
                      "give a part of it a name of its own", {}, "E0304");
            }
            too_deep_ = true;
            at_ = tokens_.size() - 1;
            return make(SyntaxKind::missing, here().range);
        }
        ++nesting_;
        SyntaxPtr left = prefix();
        while (true) {
            SyntaxPtr next = infix(left, loosest_allowed);
            if (!next) break;
            left = std::move(next);
            if (too_deep_) break;
        }
        --nesting_;
        return left;
    }

    SyntaxPtr prefix() {
        const Token op = here();
        if (op.is("-") || op.is("+") || op.is("not")) {
            ++at_;
            SyntaxPtr operand = expression(op.is("not") ? negation : sign);
            if (op.is("+")) {
                error(op.range, "a number has no leading '+'");
                return operand;
            }
            SyntaxPtr node = make(SyntaxKind::unary, {op.range.begin, operand->range.end});
            node->op = op.range;
            node->operation = op.is("not") ? Operation::opposite : Operation::negate;
            return adopt(std::move(node), std::move(operand));
        }
        return postfix(primary());
    }

    /// The next operator applied to `left` when it binds tightly enough; null (and `left` untouched) otherwise.
    SyntaxPtr infix(SyntaxPtr& left, int loosest_allowed) {
        const Token op = here();
        if (op.is("?")) return loosest_allowed > choice ? nullptr : conditional(std::move(left));
        if (op.is("in") || (op.is("not") && ahead(1).is("in"))) {
            return loosest_allowed >= comparison ? nullptr : membership(std::move(left));
        }
        const BinaryOperator* binary = find_binary(op);
        if (!binary) return nullptr;
        // '^' groups to the right, all others to the left.
        const bool right = binary->binding == exponent;
        if (binary->binding < loosest_allowed || (!right && binary->binding == loosest_allowed)) return nullptr;
        ++at_;
        SyntaxPtr operand = expression(right ? sign : binary->binding);
        const bool refused = binary->binding == comparison && refuse_chain(*left, op, *operand);
        SyntaxPtr node =
            make(refused ? SyntaxKind::missing : SyntaxKind::binary, {left->range.begin, operand->range.end});
        node->op = op.range;
        node->operation = binary->operation;
        return adopt(adopt(std::move(node), std::move(left)), std::move(operand));
    }

    bool refuse_chain(const SyntaxNode& left, const Token& op, const SyntaxNode& right) {
        const bool chained = left.kind == SyntaxKind::binary && left.operation >= Operation::less &&
                             left.operation <= Operation::not_equal && !bracketed(left);
        if (!chained || left.children.size() != 2) return false;
        error(op.range, "comparisons cannot be chained",
              fmt::format("write '{} and {} {} {}'", printable(errors_.slice(left.range)),
                          printable(errors_.slice(left.children[1]->range)), op.text,
                          printable(errors_.slice(right.range))),
              {}, "E0303");
        return true;
    }
    /// A node in brackets has a range that is wider than its children.
    static bool bracketed(const SyntaxNode& node) { return node.range.begin < node.children[0]->range.begin; }

    SyntaxPtr conditional(SyntaxPtr condition) {
        const Token question = here();
        ++at_;
        SyntaxPtr yes = expression(choice);
        SyntaxPtr no;
        if (accept(":")) {
            no = expression(choice);
        } else {
            error(here().range, "expected ':' and what holds otherwise",
                  "a choice is written 'condition ? value : otherwise'",
                  {{errors_.place(question.range), "the choice starts here"}});
            synchronise();
            no = make(SyntaxKind::missing, here().range);
        }
        SyntaxPtr node = make(SyntaxKind::choose, {condition->range.begin, no->range.end});
        node->op = question.range;
        return adopt(adopt(adopt(std::move(node), std::move(condition)), std::move(yes)), std::move(no));
    }

    SyntaxPtr membership(SyntaxPtr left) {
        SyntaxPtr node = make(SyntaxKind::one_of, left->range);
        node->op = here().range;
        if (accept("not")) {
            error({node->op.begin, here().range.end}, "'not in' is not an operator",
                  fmt::format("write 'not {} in [...]'", printable(errors_.slice(left->range))));
        }
        ++at_;
        label_list(*node);
        node->range.end = last_end();
        return adopt(std::move(node), std::move(left));
    }

    void label_list(SyntaxNode& node) {
        const Token open = here();
        if (!accept("[")) {
            error(here().range, "expected '[' and the list of categories", "write 'copd in [gold1, gold2]'");
            if (is_plain_name(here())) ++at_;
            node.kind = SyntaxKind::missing;
            return;
        }
        while (!here().is("]")) {
            if (is_plain_name(here())) {
                node.labels.push_back({std::string{here().text}, here().range});
                ++at_;
            } else {
                error(here().range, fmt::format("expected a category, found {}", found()));
                synchronise();
            }
            if (!accept(",")) break;
        }
        close("]", open);
    }

    std::string found() const {
        return here().kind == TokenKind::end ? std::string{"the end"} : fmt::format("'{}'", shown_token());
    }

    void close(std::string_view bracket, const Token& open) {
        if (accept(bracket)) return;
        if (here().kind == TokenKind::end) {
            error(open.range, fmt::format("'{}' is never closed", open.text));
            return;
        }
        error(here().range, fmt::format("expected '{}' or an operator, found {}", bracket, found()), {},
              {{errors_.place(open.range), fmt::format("to close this '{}'", open.text)}});
        synchronise();
        while (here().is(",")) {
            ++at_;
            synchronise();
        }
        if (here().kind != TokenKind::end) ++at_;
    }

    SyntaxPtr primary() {
        const Token token = here();
        if (token.kind == TokenKind::number) return number();
        if (accept("(")) {
            SyntaxPtr inside = expression(loosest);
            close(")", token);
            inside->range = {token.range.begin, last_end()};
            return inside;
        }
        if (token.is("true") || token.is("false")) {
            ++at_;
            SyntaxPtr node = make(SyntaxKind::boolean, token.range);
            node->number = token.is("true") ? 1.0 : 0.0;
            return node;
        }
        if (is_plain_name(token)) {
            ++at_;
            SyntaxPtr node = make(SyntaxKind::name, token.range);
            node->name = token.text;
            return node;
        }
        error(token.range, fmt::format("expected a value, found {}", found()));
        SyntaxPtr node = make(SyntaxKind::missing, token.range);
        if (token.kind != TokenKind::end && !token.is(")") && !token.is("]") && !token.is(",")) {
            // One operator too many hides nothing of what follows; anything else might.
            if (!find_binary(token))
                synchronise_after();
            else
                while (find_binary(here())) ++at_;
            if (is_plain_name(here()) || here().kind == TokenKind::number || here().is("(")) return primary();
        }
        return node;
    }
    void synchronise_after() {
        ++at_;
        synchronise();
    }

    SyntaxPtr postfix(SyntaxPtr node) {
        while (true) {
            const Token open = here();
            if (open.is("(") && node->kind == SyntaxKind::name) {
                node = call(std::move(node));
            } else if (open.is("[")) {
                if (node->kind != SyntaxKind::name) error(open.range, "only a table can be followed by '['");
                ++at_;
                node->kind = node->kind == SyntaxKind::name ? SyntaxKind::index : SyntaxKind::missing;
                node = arguments(std::move(node), open, "]");
            } else if (open.is("per")) {
                SyntaxPtr parent = make(SyntaxKind::per_unit, node->range);
                read_unit(*parent);
                parent->range.end = last_end();
                node = adopt(std::move(parent), std::move(node));
            } else {
                return node;
            }
        }
    }

    SyntaxPtr call(SyntaxPtr node) {
        const Token open = here();
        ++at_;
        node->kind = SyntaxKind::call;
        if (node->name == "time_in" && is_plain_name(here()) && (ahead(1).is("in") || ahead(1).is(")"))) {
            SyntaxPtr process = make(SyntaxKind::name, here().range);
            process->name = here().text;
            ++at_;
            if (accept("in")) {
                label_list(*node);
                if (node->labels.empty()) node->kind = SyntaxKind::missing;
            }
            close(")", open);
            node->range.end = last_end();
            return adopt(std::move(node), std::move(process));
        }
        return arguments(std::move(node), open, ")");
    }

    SyntaxPtr arguments(SyntaxPtr node, const Token& open, std::string_view bracket) {
        if (!here().is(bracket)) {
            do {
                node = adopt(std::move(node), expression(loosest));
            } while (accept(","));
        }
        close(bracket, open);
        node->range.end = last_end();
        return node;
    }

    SyntaxPtr number() {
        SyntaxPtr node = make(SyntaxKind::number, here().range);
        node->number = here().number;
        ++at_;
        if (is_plain_name(here()) || here().is("per")) read_unit(*node);
        node->range.end = last_end();
        return node;
    }

    /// `EUR per year`, `kg/m2`, `per month`: names joined by `per`, or by a slash without spaces.
    void read_unit(SyntaxNode& node) {
        const std::uint32_t begin = here().range.begin;
        if (is_plain_name(here())) unit_name();
        while (here().is("per")) {
            ++at_;
            if (!is_plain_name(here())) {
                error(here().range, fmt::format("expected a unit after 'per', found {}", found()),
                      "a rate is written '0.04 per year'");
                node.kind = SyntaxKind::missing;
                break;
            }
            unit_name();
        }
        node.unit_range = {begin, last_end()};
        node.unit = errors_.slice(node.unit_range);
    }
    void unit_name() {
        ++at_;
        while (here().is("/") && here().range.begin == last_end() && is_plain_name(ahead(1)) &&
               ahead(1).range.begin == here().range.end) {
            at_ += 2;
        }
    }

    const ExpressionErrors& errors_;
    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    std::uint32_t nesting_ = 0;
    int reported_ = 0;
    bool too_deep_ = false;
};

}  // namespace

SourceSpan ExpressionErrors::place(TextRange range) const {
    SourceSpan span = text_.span;
    if (span.line == 0 || !text_.exact) return span;
    span.column += range.begin;
    span.length = std::max<std::uint32_t>(1, range.end - range.begin);
    return span;
}

std::string_view ExpressionErrors::slice(TextRange range) const {
    return std::string_view{text_.text}.substr(std::min<std::size_t>(range.begin, text_.text.size()),
                                               range.end - range.begin);
}

void ExpressionErrors::report(const char* code, TextRange range, std::string message, std::string label,
                              std::optional<std::string> help, std::vector<Note> notes) const {
    if (text_.span.line == 0 || !text_.exact) {
        // There is no caret to point with: show the text around the mistake.
        const std::uint32_t begin = range.begin > 20 ? range.begin - 20 : 0;
        notes.insert(notes.begin(), Note{{},
                                         fmt::format("at '{}' in '{}'", printable(slice(range)),
                                                     printable(slice({begin, range.end + 20})))});
    }
    sink_.report({.severity = Severity::error,
                  .code = code,
                  .message = std::move(message),
                  .where = place(range),
                  .label = std::move(label),
                  .notes = std::move(notes),
                  .help = std::move(help)});
}

std::unique_ptr<SyntaxNode> parse_expression(const ExprText& text, DiagnosticSink& sink) {
    const ExpressionErrors errors{text, sink};
    if (text.text.find_first_not_of(" \t\r\n") == std::string::npos) {
        errors.report("E0301", {0, static_cast<std::uint32_t>(text.text.size())}, "the expression is empty");
        return nullptr;
    }
    if (text.text.size() > longest_text) {
        errors.report("E0304", {0, 1},
                      fmt::format("the expression is too long ({} bytes; at most {})", text.text.size(), longest_text));
        return nullptr;
    }
    return Parser{text, errors}.run();
}

}  // namespace proeftuin
