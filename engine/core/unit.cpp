#include "engine/core/unit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace proeftuin {

namespace {

constexpr double months_per_year = 12.0;
constexpr double days_per_year = 365.25;  // Julian year
constexpr double days_per_week = 7.0;

/// Every factor is a product of whole powers of 12, 7 and 365.25. Products of rounded doubles drift by a last bit;
/// here they are put back on the one nearest double, so that a month times `per month` is exactly 1.
double exact_factor(double factor) {
    struct Candidates {
        std::vector<double> values;
        Candidates() {
            for (int month = -6; month <= 6; ++month) {
                for (int week = -6; week <= 6; ++week) {
                    for (int day = -6; day <= 6; ++day) {
                        double above = 1;
                        double below = 1;
                        const auto multiply = [&](double base, int exponent) {
                            for (int i = 0; i < std::abs(exponent); ++i) (exponent > 0 ? above : below) *= base;
                        };
                        multiply(months_per_year, month);
                        multiply(days_per_week, week);
                        multiply(days_per_year, day);
                        values.push_back(above / below);
                    }
                }
            }
            std::sort(values.begin(), values.end());
        }
    };
    static const Candidates candidates;
    if (factor == 1.0) return factor;
    const auto next = std::lower_bound(candidates.values.begin(), candidates.values.end(), factor);
    constexpr double tolerance = 1e-14;
    const auto close = [&](double value) { return std::fabs(value - factor) <= tolerance * value; };
    if (next != candidates.values.end() && close(*next)) return *next;
    if (next != candidates.values.begin() && close(*(next - 1))) return *(next - 1);
    return factor;
}

void add_power(Unit& unit, const std::string& base, int exponent) {
    const int sum = (unit.powers[base] += exponent);
    if (sum == 0) unit.powers.erase(base);
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// One name of a unit, to the power 1.
Unit named_unit(std::string_view name) {
    struct TimeUnit {
        std::string_view singular, plural;
        double years;
    };
    static constexpr std::array<TimeUnit, 6> times{{{"year", "years", 1.0},
                                                    {"month", "months", 1.0 / months_per_year},
                                                    {"week", "weeks", days_per_week / days_per_year},
                                                    {"day", "days", 1.0 / days_per_year},
                                                    {"hour", "hours", 1.0 / (24.0 * days_per_year)},
                                                    {"minute", "minutes", 1.0 / (1440.0 * days_per_year)}}};
    for (const TimeUnit& time : times) {
        if (name == time.singular || name == time.plural) return {time.years, {{"year", 1}}};
    }
    return {1.0, {{std::string{name}, 1}}};
}

class UnitReader {
public:
    explicit UnitReader(std::string_view text) : text_{text} {}

    std::optional<Unit> read() {
        skip_spaces();
        Unit unit;
        bool divide = take_per();
        bool first = true;
        while (true) {
            const auto factor = read_factor(first && !divide);
            if (!factor) return std::nullopt;
            unit = divide ? unit / *factor : unit * *factor;
            first = false;
            skip_spaces();
            if (at_ == text_.size()) return unit;
            if (take('/'))
                divide = true;
            else if (take('*'))
                divide = false;
            else if (take_per())
                divide = true;
            else
                return std::nullopt;
        }
    }

private:
    void skip_spaces() {
        while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    }
    bool take(char c) {
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        skip_spaces();
        return true;
    }
    bool take_per() {
        if (text_.substr(at_, 4) != "per ") return false;
        at_ += 4;
        skip_spaces();
        return true;
    }
    std::optional<Unit> read_factor(bool one_allowed) {
        if (one_allowed && take('1')) return Unit{};
        const std::size_t begin = at_;
        if (at_ >= text_.size() || !is_letter(text_[at_])) return std::nullopt;
        while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) ++at_;
        const std::string_view name = text_.substr(begin, at_ - begin);
        if (name == "per") return std::nullopt;
        skip_spaces();
        if (!take('^')) return named_unit(name);
        const bool negative = take('-');
        if (at_ >= text_.size() || !is_digit(text_[at_])) return std::nullopt;
        const int exponent = text_[at_++] - '0';
        if (exponent == 0 || (at_ < text_.size() && (is_digit(text_[at_]) || is_letter(text_[at_]))))
            return std::nullopt;
        return power(named_unit(name), negative ? -exponent : exponent);
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

Unit operator*(const Unit& a, const Unit& b) {
    Unit product{exact_factor(a.factor * b.factor), a.powers};
    for (const auto& [base, exponent] : b.powers) add_power(product, base, exponent);
    return product;
}

Unit operator/(const Unit& a, const Unit& b) {
    Unit quotient{exact_factor(a.factor / b.factor), a.powers};
    for (const auto& [base, exponent] : b.powers) add_power(quotient, base, -exponent);
    return quotient;
}

Unit power(const Unit& a, int exponent) {
    Unit result;
    for (int i = 0; i < std::abs(exponent); ++i) result = exponent > 0 ? result * a : result / a;
    return result;
}

std::optional<Unit> parse_unit(std::string_view text) { return UnitReader{text}.read(); }

namespace {

/// The known unit that a name stands for; empty when it may be the author's own.
std::string_view meant_name(std::string_view name) {
    struct Spelling {
        std::string_view written, meant;
    };
    static constexpr auto spellings = std::to_array<Spelling>({
        {"yr", "year"},       {"yrs", "years"},       {"y", "year"},       {"annum", "year"},     {"yearly", "year"},
        {"jaar", "year"},     {"jaren", "years"},     {"mo", "month"},     {"mos", "months"},     {"mth", "month"},
        {"mths", "months"},   {"mnd", "month"},       {"maand", "month"},  {"maanden", "months"}, {"wk", "week"},
        {"wks", "weeks"},     {"weken", "weeks"},     {"d", "day"},        {"dy", "day"},         {"dag", "day"},
        {"dagen", "days"},    {"euro", "EUR"},        {"euros", "EUR"},    {"eur", "EUR"},        {"Euro", "EUR"},
        {"Eur", "EUR"},       {"Year", "year"},       {"Years", "years"},  {"Month", "month"},    {"Week", "week"},
        {"Day", "day"},       {"yeras", "years"},     {"yaer", "year"},    {"yera", "year"},      {"moth", "month"},
        {"montsh", "months"}, {"moths", "months"},    {"mont", "month"},   {"yeer", "year"},      {"yar", "year"},
        {"wek", "week"},      {"dya", "day"},         {"hr", "hour"},      {"hrs", "hours"},      {"uur", "hour"},
        {"uren", "hours"},    {"minuten", "minutes"}, {"mins", "minutes"},
    });
    for (const auto& s : spellings)
        if (s.written == name) return s.meant;
    return {};
}

}  // namespace

std::optional<std::string> intended_unit(std::string_view text) {
    std::string out;
    bool changed = false;
    for (std::size_t at = 0; at < text.size();) {
        if (!is_letter(text[at])) {
            out += text[at++];
            continue;
        }
        const std::size_t begin = at;
        while (at < text.size() && (is_letter(text[at]) || is_digit(text[at]))) ++at;
        const std::string_view name = text.substr(begin, at - begin), meant = meant_name(name);
        changed = changed || !meant.empty();
        out += meant.empty() ? name : meant;
    }
    if (!changed) return std::nullopt;
    return out;
}

std::string to_string(const Unit& unit) {
    std::string text;
    const auto append_power = [&](const std::string& base, int exponent) {
        text += base;
        if (exponent != 1) text += '^' + std::to_string(exponent);
    };
    for (const auto& [base, exponent] : unit.powers) {
        if (exponent < 0) continue;
        if (!text.empty()) text += '*';
        append_power(base, exponent);
    }
    for (const auto& [base, exponent] : unit.powers) {
        if (exponent > 0) continue;
        text += text.empty() ? "per " : " per ";
        append_power(base, -exponent);
    }
    return text.empty() ? "1" : text;
}

}  // namespace proeftuin
