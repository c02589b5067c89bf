#include "engine/config/field_type.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/core/contracts.hpp"
#include "engine/core/unit.hpp"

namespace proeftuin {

namespace {

using Json = nlohmann::ordered_json;

std::string kind_words(const Node& node) {
    switch (node.kind) {
        case NodeKind::null:
            return "nothing";
        case NodeKind::scalar:
            return shown(node.text);
        case NodeKind::sequence:
            return "a list";
        case NodeKind::map:
            return "a map";
    }
    return "nothing";
}

const char* article(std::string_view words) {
    return words.empty() || std::string_view{"aeiou"}.find(words.front()) == std::string_view::npos ? "a" : "an";
}

void report_origin(Diagnostic& diagnostic, const Node& node) {
    if (!node.origin.empty()) diagnostic.notes.push_back({{}, "this value was " + node.origin});
}

void report_value(const Node& node, const Reading& reading, std::string code, std::string must,
                  std::optional<std::string> help = {}, std::string label = {}) {
    Diagnostic diagnostic{.code = std::move(code),
                          .message = fmt::format("'{}' must be {}, not {}", reading.key, must, kind_words(node)),
                          .where = node.span,
                          .label = std::move(label),
                          .help = std::move(help)};
    report_origin(diagnostic, node);
    reading.sink.report(std::move(diagnostic));
}

/// Reports anything that is not a scalar.
bool expect_scalar(const Node& node, const Reading& reading, const std::string& words) {
    if (node.is_scalar()) return true;
    if (node.is_null()) {
        Diagnostic diagnostic{.code = "E0204",
                              .message = fmt::format("'{}' has no value", reading.key),
                              .where = node.span,
                              .help = fmt::format("give {} {}", article(words), words)};
        report_origin(diagnostic, node);
        reading.sink.report(std::move(diagnostic));
        return false;
    }
    report_value(node, reading, "E0203", fmt::format("{} {}", article(words), words));
    return false;
}

bool all_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// What may have been meant by a text that is not a number as we write them.
std::optional<std::string> number_help(const Node& node) {
    std::string_view text = node.text;
    if (node.quoted) {
        if (parse_number(text)) return "write it without quotes";
        return std::nullopt;
    }
    std::string sign;
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
        if (text.front() == '-') sign = "-";
        text.remove_prefix(1);
        if (sign.empty() && parse_number(text)) return fmt::format("write {} without '+'", text);
    }
    if (text.size() > 40) return std::nullopt;
    const std::size_t first = std::min(text.find_first_not_of('0'), text.size() - 1);
    if (first > 0 && first < text.size() && parse_number(text.substr(first)) && text.front() == '0') {
        return fmt::format("write {}{} (a leading 0 means octal to some readers), or put it in quotes if it is a text",
                           sign, text.substr(first));
    }
    std::string without;
    for (const char c : text) {
        if (c != '_') without += c;
    }
    if (without.size() < text.size() && parse_number(without)) return fmt::format("write {}{}", sign, without);
    if (text.starts_with("0x") || text.starts_with("0o")) return "write it as a decimal number";
    if (text.starts_with('.') && parse_number("0" + std::string{text})) return fmt::format("write {}0{}", sign, text);
    if (text.ends_with('.') && parse_number(text.substr(0, text.size() - 1))) {
        return fmt::format("write {}{}", sign, text.substr(0, text.size() - 1));
    }
    if (text.find(':') != std::string_view::npos) return "times and base-60 numbers are not read";
    if (text.ends_with('%')) {
        if (const auto share = parse_number(text.substr(0, text.size() - 1))) {
            return fmt::format("write a share of one: {}{}", sign, *share / 100);
        }
    }
    if (const std::size_t comma = text.find(','); comma != std::string_view::npos) {
        std::string dotted{text};
        dotted[comma] = '.';
        if (parse_number(dotted)) return fmt::format("write {}{} (the decimal sign is a point)", sign, dotted);
    }
    std::string lower{text};
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    if (lower == ".inf" || lower == ".nan" || lower == "inf" || lower == "nan") return "give a finite number";
    return std::nullopt;
}

std::string bound(double value) { return fmt::format("{}", value); }

std::string range_words(const char* what, const std::string& low, const std::string& high) {
    if (low.empty() && high.empty()) return what;
    if (high.empty()) return fmt::format("{} of at least {}", what, low);
    if (low.empty()) return fmt::format("{} of at most {}", what, high);
    return fmt::format("{} from {} to {}", what, low, high);
}

bool in_range(const Node& node, const Reading& reading, bool within, const std::string& words) {
    if (within) return true;
    report_value(node, reading, "E0207", fmt::format("{} {}", article(words), words));
    return false;
}

const std::set<std::string, std::less<>>& reserved_words() {
    static const std::set<std::string, std::less<>> words{"and", "or", "not", "in", "per", "true", "false", "null"};
    return words;
}

bool is_identifier(std::string_view text) {
    if (text.empty() || text.front() < 'a' || text.front() > 'z') return false;
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

/// The identifier nearest to a text: "Blood pressure" -> "blood_pressure"; empty when nothing is left.
std::string as_identifier(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c >= 'A' && c <= 'Z')
            out += static_cast<char>(c - 'A' + 'a');
        else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            out += c;
        else if (!out.empty() && out.back() != '_')
            out += '_';
    }
    while (!out.empty() && out.back() == '_') out.pop_back();
    return is_identifier(out) && out.size() <= 60 ? out : std::string{};
}

std::optional<std::string> name_help(std::string_view text) {
    const std::string rule = "a name is lower-case letters, digits and '_', and starts with a letter";
    if (reserved_words().contains(text)) return "this word has a meaning in expressions; choose another";
    const std::string near = as_identifier(text);
    if (near.empty() || reserved_words().contains(near)) return rule;
    return fmt::format("write {} ({})", near, rule);
}

bool valid_date(const Date& date) {
    constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (date.month < 1 || date.month > 12 || date.day < 1) return false;
    const bool leap = (date.year % 4 == 0 && date.year % 100 != 0) || date.year % 400 == 0;
    return date.day <= days[date.month - 1] + (date.month == 2 && leap ? 1 : 0);
}

std::optional<Date> parse_date(std::string_view text) {
    const auto digits = [&](std::size_t at, std::size_t n) {
        int value = 0;
        for (std::size_t i = at; i < at + n; ++i) value = value * 10 + (text[i] - '0');
        return value;
    };
    if (text.size() == 4 && all_digits(text)) return Date{digits(0, 4), 1, 1, true};
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    if (!all_digits(text.substr(0, 4)) || !all_digits(text.substr(5, 2)) || !all_digits(text.substr(8, 2))) {
        return std::nullopt;
    }
    const Date date{digits(0, 4), digits(5, 2), digits(8, 2), false};
    if (!valid_date(date)) return std::nullopt;
    return date;
}

bool read_real(const Node& node, const Reading& reading, double low, double high, const std::string& words,
               double& out) {
    if (!expect_scalar(node, reading, words)) return false;
    const auto value = node.quoted ? std::nullopt : parse_number(node.text);
    if (!value) {
        report_value(node, reading, "E0205", fmt::format("{} {}", article(words), words), number_help(node));
        return false;
    }
    out = *value;
    return in_range(node, reading, *value >= low && *value <= high, words);
}

Json number_json(const char* type, double low, double high) {
    Json json{{"type", type}};
    if (std::isfinite(low)) json["minimum"] = low;
    if (std::isfinite(high)) json["maximum"] = high;
    return json;
}

constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

namespace schema_detail {

std::shared_ptr<const TypeInfo> make_info(std::string words, std::string json,
                                          std::vector<std::shared_ptr<const ObjectInfo>> objects) {
    return std::make_shared<const TypeInfo>(TypeInfo{std::move(words), std::move(json), std::move(objects)});
}

void add_objects(std::vector<std::shared_ptr<const ObjectInfo>>& all, const TypeInfo& info) {
    for (const auto& object : info.objects) {
        if (std::find(all.begin(), all.end(), object) == all.end()) all.push_back(object);
    }
}

std::string list_json(const TypeInfo& item, std::size_t at_least) {
    Json json{{"type", "array"}, {"items", Json::parse(item.json)}};
    if (at_least > 0) json["minItems"] = at_least;
    return json.dump();
}

std::string either_json(const std::vector<const TypeInfo*>& types) {
    Json any = Json::array();
    for (const TypeInfo* type : types) any.push_back(Json::parse(type->json));
    return Json{{"anyOf", std::move(any)}}.dump();
}

std::string map_json(const TypeInfo& value, bool names) {
    Json json{{"type", "object"}};
    if (names) {
        json["patternProperties"] = {{"^[a-z][a-z0-9_]*$", Json::parse(value.json)}};
        json["additionalProperties"] = false;
    } else {
        json["additionalProperties"] = Json::parse(value.json);
    }
    return json.dump();
}

std::string choice_json(const std::vector<std::string>& words) { return Json{{"enum", words}}.dump(); }

std::string keyed_json(const std::vector<std::pair<std::string, const TypeInfo*>>& cases) {
    Json json{{"type", "object"}, {"minProperties", 1}, {"maxProperties", 1}};
    json["properties"] = Json::object();
    for (const auto& [key, type] : cases) json["properties"][key] = Json::parse(type->json);
    json["additionalProperties"] = false;
    return json.dump();
}

std::string words_list(const std::vector<std::string>& words) {
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
        out += words[i];
    }
    return out;
}

bool read_choice(const Node& node, const Reading& reading, const std::vector<std::string>& words, std::size_t& index) {
    if (!node.is_scalar()) {
        if (node.is_null()) return expect_scalar(node, reading, "value: " + words_list(words));
        report_value(node, reading, "E0203", words_list(words));
        return false;
    }
    const auto found = std::find(words.begin(), words.end(), node.text);
    if (found == words.end()) {
        report_value(
            node, reading, "E0210", words_list(words),
            nearest(node.text, words).has_value() ? std::optional{suggestion(node.text, words)} : std::nullopt);
        return false;
    }
    index = static_cast<std::size_t>(found - words.begin());
    return true;
}

bool expect_kind(const Node& node, const Reading& reading, NodeKind kind, std::string_view words) {
    if (node.kind == kind) return true;
    if (node.is_null()) {
        Diagnostic diagnostic{
            .code = "E0204",
            .message = fmt::format("'{}' has no value", reading.key),
            .where = node.span,
            .help = fmt::format("give a {}{}", words,
                                kind == NodeKind::map ? ", or {} for an empty one" : ", or [] for an empty one")};
        report_origin(diagnostic, node);
        reading.sink.report(std::move(diagnostic));
        return false;
    }
    std::optional<std::string> help;
    if (kind == NodeKind::sequence && node.is_scalar() && node.text.size() <= 40) {
        help = fmt::format("write a list of one as [{}]", node.text);
    }
    report_value(node, reading, "E0203", fmt::format("a {}", words), std::move(help));
    return false;
}

bool check_map_key(const NodeEntry& entry, const Reading& reading, bool names) {
    if (!names || (is_identifier(entry.key) && !reserved_words().contains(entry.key))) return true;
    reading.sink.error("E0209", fmt::format("{} in '{}' is not a name", shown(entry.key), reading.key), entry.key_span,
                       name_help(entry.key));
    return false;
}

bool read_single_key(const Node& node, const Reading& reading, const std::vector<std::string>& keys,
                     std::size_t& index) {
    if (!node.is_map()) {
        if (node.is_null()) return expect_kind(node, reading, NodeKind::map, "map");
        report_value(node, reading, "E0203", fmt::format("a map with the key {}", words_list(keys)));
        return false;
    }
    if (node.entries.empty()) {
        reading.sink.error("E0211", fmt::format("'{}' needs one of the keys {}", reading.key, words_list(keys)),
                           node.span);
        return false;
    }
    bool good = true;
    for (const NodeEntry& entry : node.entries) {
        if (std::find(keys.begin(), keys.end(), entry.key) != keys.end()) continue;
        reading.sink.error("E0201", fmt::format("unknown key {} in '{}'", shown(entry.key), reading.key),
                           entry.key_span, suggestion(entry.key, keys));
        good = false;
    }
    if (!good) return false;
    if (node.entries.size() > 1) {
        reading.sink.report({.code = "E0211",
                             .message = fmt::format("'{}' has {} keys where only one of {} can be", reading.key,
                                                    node.entries.size(), words_list(keys)),
                             .where = node.entries[1].key_span,
                             .notes = {{node.entries[0].key_span, "first given here"}},
                             .help = "keep one of them"});
        return false;
    }
    index = static_cast<std::size_t>(std::find(keys.begin(), keys.end(), node.entries[0].key) - keys.begin());
    return true;
}

void report_count(const Node& node, const Reading& reading, std::size_t at_least) {
    reading.sink.error("E0214",
                       fmt::format("'{}' needs at least {} item{}, not {}", reading.key, at_least,
                                   at_least == 1 ? "" : "s", node.items.size()),
                       node.span);
}

}  // namespace schema_detail

Type<std::string> text() {
    return custom<std::string>("text", R"({"type":["string","number","boolean"]})",
                               [](const Node& node, const Reading& reading, std::string& out) {
                                   if (!expect_scalar(node, reading, "text")) return false;
                                   out = node.text;
                                   return true;
                               });
}

Type<std::string> name() {
    return custom<std::string>("name", R"({"type":"string","pattern":"^[a-z][a-z0-9_]*$"})",
                               [](const Node& node, const Reading& reading, std::string& out) {
                                   if (!expect_scalar(node, reading, "name")) return false;
                                   if (!is_identifier(node.text) || reserved_words().contains(node.text)) {
                                       report_value(node, reading, "E0209", "a name", name_help(node.text));
                                       return false;
                                   }
                                   out = node.text;
                                   return true;
                               });
}

Type<double> number() { return number(-infinity, infinity); }

Type<double> number(double low, double high) {
    std::string words =
        range_words("number", std::isfinite(low) ? bound(low) : "", std::isfinite(high) ? bound(high) : "");
    return custom<double>(words, number_json("number", low, high).dump(),
                          [=](const Node& node, const Reading& reading, double& out) {
                              return read_real(node, reading, low, high, words, out);
                          });
}

Type<long long> integer() {
    return integer(std::numeric_limits<long long>::min(), std::numeric_limits<long long>::max());
}

Type<long long> integer(long long low, long long high) {
    using Limits = std::numeric_limits<long long>;
    std::string words = range_words("whole number", low == Limits::min() ? "" : std::to_string(low),
                                    high == Limits::max() ? "" : std::to_string(high));
    Json json{{"type", "integer"}};
    if (low != Limits::min()) json["minimum"] = low;
    if (high != Limits::max()) json["maximum"] = high;
    return custom<long long>(words, json.dump(), [=](const Node& node, const Reading& reading, long long& out) {
        if (!expect_scalar(node, reading, words)) return false;
        const auto value = node.quoted ? std::nullopt : parse_integer(node.text);
        if (!value) {
            auto help = number_help(node);
            const auto real = node.quoted ? std::nullopt : parse_number(node.text);
            if (!help && real && std::floor(*real) == *real && std::fabs(*real) < 1e15) {
                help = fmt::format("write {:.0f}", *real);
                // 20.000 is twenty thousand where a point stands between thousands.
                if (const auto point = node.text.find('.'); point != std::string::npos && point > 0 && point <= 3 &&
                                                            node.text.size() == point + 4 && *real != 0.0)
                    help = fmt::format("write {}{} if that is meant (without a point between thousands), or {:.0f}",
                                       node.text.substr(0, point), node.text.substr(point + 1), *real);
            }
            report_value(node, reading, "E0206", "a " + words, std::move(help));
            return false;
        }
        out = *value;
        return in_range(node, reading, *value >= low && *value <= high, words);
    });
}

Type<bool> boolean() {
    return custom<bool>(
        "true or false", R"({"type":"boolean"})", [](const Node& node, const Reading& reading, bool& out) {
            if (!expect_scalar(node, reading, "value: true or false")) return false;
            if (!node.quoted && (node.text == "true" || node.text == "false")) {
                out = node.text == "true";
                return true;
            }
            std::string lower = node.text.substr(0, 8);
            for (char& c : lower) {
                if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
            }
            std::optional<std::string> help;
            if (lower == "yes" || lower == "on" || lower == "y" || lower == "true" || lower == "1") {
                help = "write true";
            } else if (lower == "no" || lower == "off" || lower == "n" || lower == "false" || lower == "0") {
                help = "write false";
            }
            if (help && node.quoted) *help += " without quotes";
            report_value(node, reading, "E0208", "true or false", std::move(help));
            return false;
        });
}

Type<double> quantity(std::string unit) { return quantity(std::move(unit), -infinity, infinity); }

Type<double> quantity(std::string unit, double low, double high) {
    const auto expected = parse_unit(unit);
    PT_EXPECT(expected.has_value());
    std::string words = range_words("number", std::isfinite(low) ? bound(low / expected->factor) : "",
                                    std::isfinite(high) ? bound(high / expected->factor) : "");
    words += " with a unit as in '" + unit + "'";
    return custom<double>(
        words,
        expected->same_dimension(Unit{}) ? R"({"type":["string","number"]})"
                                         : R"({"anyOf":[{"type":"string"},{"const":0}]})",
        [words, unit, low, high, expected = *expected](const Node& node, const Reading& reading, double& out) {
            if (!expect_scalar(node, reading, words)) return false;
            const std::string_view whole = node.text;
            const std::size_t space = whole.find(' ');
            const auto value = parse_number(whole.substr(0, space));
            if (!value) {
                auto help = number_help(node);
                if (!help) help = fmt::format("write for example 1 {}", unit);
                report_value(node, reading, "E0205", "a " + words, std::move(help));
                return false;
            }
            Unit given = expected;
            // A bare 6 may be meant as months.
            if (space == std::string_view::npos && *value != 0.0 && !expected.same_dimension(Unit{})) {
                report_value(node, reading, "E0212", "a " + words,
                             fmt::format("write its unit: {} {}{}", whole, unit, unit == "year" ? ", or months" : ""));
                return false;
            }
            if (space != std::string_view::npos) {
                const std::string_view rest = whole.substr(space + 1);
                const auto parsed = parse_unit(rest);
                if (!parsed || !parsed->same_dimension(expected)) {
                    std::optional<std::string> help;
                    if (const auto meant = intended_unit(rest))
                        help = fmt::format("did you mean '{} {}'?", whole.substr(0, space), *meant);
                    report_value(node, reading, "E0212", fmt::format("in '{}' or a unit that converts to it", unit),
                                 std::move(help));
                    return false;
                }
                given = *parsed;
            }
            // A month is 1/12 year: dividing by 12 gives the nearest double, multiplying by a rounded 1/12 may not.
            const double inverse = (Unit{} / given).factor;
            out = given.factor < 1 && inverse == std::floor(inverse) ? *value / inverse : *value * given.factor;
            return in_range(node, reading, out >= low && out <= high, words);
        });
}

Type<Date> date() {
    return custom<Date>("date (2014-01-31) or year (2014)",
                        R"({"anyOf":[{"type":"string","pattern":"^[0-9]{4}(-[0-9]{2}-[0-9]{2})?$"},)"
                        R"({"type":"integer","minimum":1000,"maximum":9999}]})",
                        [](const Node& node, const Reading& reading, Date& out) {
                            if (!expect_scalar(node, reading, "date")) return false;
                            const auto parsed = parse_date(node.text);
                            if (!parsed) {
                                report_value(node, reading, "E0213", "a date",
                                             "write year-month-day, as in 2014-01-31, or a year, as in 2014");
                                return false;
                            }
                            out = *parsed;
                            return true;
                        });
}

Type<LocatedText> expression() {
    return custom<LocatedText>("expression", R"({"type":["string","number","boolean"]})",
                               [](const Node& node, const Reading& reading, LocatedText& out) {
                                   if (!expect_scalar(node, reading, "expression")) return false;
                                   if (node.text.find_first_not_of(" \t\r\n") == std::string::npos) {
                                       report_value(node, reading, "E0204", "an expression");
                                       return false;
                                   }
                                   out.text = node.text;
                                   out.exact = node.exact;
                                   out.span = node.text_span();
                                   return true;
                               });
}

Type<Node> raw_node(std::string words, std::string json) {
    return custom<Node>(std::move(words), std::move(json), [](const Node& node, const Reading&, Node& out) {
        out = node;
        return true;
    });
}

Type<std::string> one_of(std::vector<std::string> words) {
    auto info = schema_detail::make_info(schema_detail::words_list(words), schema_detail::choice_json(words));
    return {[words = std::move(words)](const Node& node, const Reading& reading, std::string& out) {
                std::size_t index = 0;
                if (!schema_detail::read_choice(node, reading, words, index)) return false;
                out = words[index];
                return true;
            },
            std::move(info)};
}

}  // namespace proeftuin
