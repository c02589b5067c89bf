#include "engine/expr/lexer.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "engine/config/utf8.hpp"

namespace proeftuin {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// What people write instead of our operators.
struct Foreign {
    std::string_view written;
    std::string_view ours;
};
constexpr Foreign foreign_words[] = {
    {"&&", "and"},
    {"||", "or"},
    {"**", "^"},
    {"<>", "!="},
    {"\xe2\x89\xa4", "<="},
    {"\xe2\x89\xa5", ">="},
    {"\xe2\x89\xa0", "!="},
    {"\xc3\x97", "*"},
    {"\xc2\xb7", "*"},
    {"\xc3\xb7", "/"},
    {"\xe2\x88\x92", "-"},
    {"\xe2\x80\x93", "-"},
    {"!", "not"},
    {"&", "and"},
    {"|", "or"},
    {"=", "=="},
};

class Lexer {
public:
    Lexer(std::string_view text, const ExpressionErrors& errors) : text_{text}, errors_{errors} {}

    std::vector<Token> run() {
        std::vector<Token> tokens;
        while (true) {
            while (at_ < text_.size() && is_space(text_[at_])) ++at_;
            if (at_ >= text_.size()) break;
            const std::size_t begin = at_;
            const char c = text_[at_];
            if (is_digit(c) || (c == '.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))) {
                tokens.push_back(number());
            } else if (is_letter(c)) {
                while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]) || text_[at_] == '.'))
                    ++at_;
                while (text_[at_ - 1] == '.') --at_;
                tokens.push_back(token(TokenKind::name, begin));
            } else if (const std::size_t length = symbol_length(); length > 0) {
                at_ += length;
                tokens.push_back(token(TokenKind::symbol, begin));
            } else {
                refuse(tokens);
            }
        }
        tokens.push_back(token(TokenKind::end, at_));
        return tokens;
    }

private:
    TextRange range(std::size_t begin) const {
        return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at_)};
    }
    Token token(TokenKind kind, std::size_t begin) const {
        return {kind, range(begin), text_.substr(begin, at_ - begin)};
    }
    bool next_is(std::string_view word) const { return text_.substr(at_).starts_with(word); }

    std::size_t symbol_length() const {
        for (const char* two : {"<=", ">=", "==", "!="})
            if (next_is(two)) return 2;
        if (next_is("**") || next_is("<>")) return 0;
        return std::string_view{"()[],?:+-*/^<>"}.find(text_[at_]) != std::string_view::npos ? 1 : 0;
    }

    void digits() {
        while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    }

    Token number() {
        const std::size_t begin = at_;
        digits();
        if (at_ < text_.size() && text_[at_] == '.') {
            ++at_;
            digits();
        }
        if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
            const std::size_t sign = at_ + 1 < text_.size() && (text_[at_ + 1] == '-' || text_[at_ + 1] == '+') ? 1 : 0;
            if (at_ + 1 + sign < text_.size() && is_digit(text_[at_ + 1 + sign])) {
                at_ += 1 + sign;
                digits();
            }
        }
        bool malformed = false;
        // `1_000`, `0x1f`, `1.2.3`: take the whole word, so that the message shows all of it.
        while (at_ < text_.size() &&
               (text_[at_] == '.' || text_[at_] == '_' || is_digit(text_[at_]) || is_letter(text_[at_]))) {
            malformed = true;
            ++at_;
        }
        Token result = token(TokenKind::number, begin);
        const std::string_view word = result.text;
        const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), result.number);
        const bool zeros = word.size() > 1 && word[0] == '0' && is_digit(word[1]);
        if (problem == std::errc::result_out_of_range && !malformed) {
            // Too small is zero; too large has no value.
            if (word.find("e-") == word.npos && word.find("E-") == word.npos && !word.starts_with("0.")) {
                errors_.report("E0302", result.range,
                               fmt::format("number '{}' is too large", errors_.slice(result.range)));
            }
            result.number = 0.0;
        } else if (malformed || zeros || word.front() == '.' || word.back() == '.' ||
                   end != word.data() + word.size()) {
            errors_.report("E0302", result.range, fmt::format("'{}' is not a number", errors_.slice(result.range)), {},
                           number_help(word));
        }
        return result;
    }

    static std::optional<std::string> number_help(std::string_view word) {
        if (word.front() == '.') return fmt::format("write 0{}", word);
        if (word.back() == '.') return fmt::format("write {}", word.substr(0, word.size() - 1));
        if (word.find('_') != word.npos) return "digits are written without separators: 1000000 or 1e6";
        std::size_t letters = word.size();
        while (letters > 0 && is_letter(word[letters - 1])) --letters;
        if (letters > 0 && letters < word.size() && word[letters] != 'x') {
            return fmt::format("write a space before a unit: {} {}", word.substr(0, letters), word.substr(letters));
        }
        return "numbers are written like 12, 0.5 or 1.5e-3";
    }

    void refuse(std::vector<Token>& tokens) {
        const std::size_t begin = at_;
        for (const Foreign& foreign : foreign_words) {
            if (!next_is(foreign.written)) continue;
            at_ += foreign.written.size();
            errors_.report("E0301", range(begin), fmt::format("'{}' is not an operator here", foreign.written), {},
                           fmt::format("write '{}'", foreign.ours));
            Token meant = token(TokenKind::symbol, begin);
            meant.kind = is_letter(foreign.ours.front()) ? TokenKind::name : TokenKind::symbol;
            meant.text = foreign.ours;
            tokens.push_back(meant);
            return;
        }
        if (text_[at_] == '"' || text_[at_] == '\'') {
            const std::size_t close = text_.find(text_[at_], at_ + 1);
            const std::string_view inside = text_.substr(at_ + 1, close == text_.npos ? text_.npos : close - at_ - 1);
            at_ = close == text_.npos ? text_.size() : close + 1;
            errors_.report("E0301", range(begin), "an expression has no quotes", {},
                           "names and categories are written without quotes");
            Token meant = token(TokenKind::name, begin);
            meant.text = inside.empty() ? std::string_view{"_"} : inside;
            tokens.push_back(meant);
            return;
        }
        at_ += std::max<std::size_t>(1, decode_utf8(text_, at_).length);
        const std::string written = printable(text_.substr(begin, at_ - begin));
        errors_.report("E0301", range(begin), fmt::format("unexpected character '{}'", written), {},
                       written == "%" ? std::optional<std::string>{"percent is not a unit; write 5 percent as 0.05"}
                                      : std::nullopt);
    }

    std::string_view text_;
    const ExpressionErrors& errors_;
    std::size_t at_ = 0;
};

}  // namespace

std::vector<Token> tokenise(const ExprText& text, const ExpressionErrors& errors) {
    return Lexer{text.text, errors}.run();
}

}  // namespace proeftuin
