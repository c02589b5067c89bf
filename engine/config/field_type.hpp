// What the value of a key can be: one object per type reads, checks and describes it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/config/diagnostic.hpp"
#include "engine/config/node.hpp"
#include "engine/config/source.hpp"

namespace proeftuin {

/// A value and where it stands.
template <class T>
struct Located {
    T value{};
    SourceSpan span = {};
};

/// A text and where its first byte stands; used for expressions.
struct LocatedText {
    std::string text;
    SourceSpan span = {};
    bool exact = true;  ///< offsets inside `text` are exact places in the file
    bool given() const { return !text.empty(); }
};

/// One entry of a map whose keys the author chooses; maps keep the order of the file.
template <class T>
struct MapItem {
    std::string key;
    SourceSpan key_span = {};
    T value{};
};

/// A day of the calendar; 1 January when only the year was written.
struct Date {
    int year = 0;
    int month = 1;
    int day = 1;
    bool whole_year = false;  ///< written as a year only
};

/// What a reader of a value needs besides the node.
struct Reading {
    DiagnosticSink& sink;
    std::string key;  ///< what messages call the value: "states", "states[2]"
    SourceSpan key_span;  ///< where a missing part of it is reported
};

struct ObjectInfo;

/// Description of a type, for messages, the reference pages and the JSON Schema.
struct TypeInfo {
    std::string words;  ///< "number from 0 to 1"
    std::string json;  ///< draft-07 fragment, as JSON text
    std::vector<std::shared_ptr<const ObjectInfo>> objects = {};  ///< objects it refers to
};

/// A type of value. `read` reports what is wrong and returns false then; it reads on as far as it can.
template <class T>
struct Type {
    using value_type = T;
    std::function<bool(const Node&, const Reading&, T&)> read;
    std::shared_ptr<const TypeInfo> info;
};

namespace schema_detail {
std::string list_json(const TypeInfo& item, std::size_t at_least);
std::string either_json(const std::vector<const TypeInfo*>& types);
std::string map_json(const TypeInfo& value, bool names);
std::string choice_json(const std::vector<std::string>& words);
std::string keyed_json(const std::vector<std::pair<std::string, const TypeInfo*>>& cases);
std::string words_list(const std::vector<std::string>& words);
bool read_choice(const Node& node, const Reading& reading, const std::vector<std::string>& words, std::size_t& index);
bool expect_kind(const Node& node, const Reading& reading, NodeKind kind, std::string_view words);
bool check_map_key(const NodeEntry& entry, const Reading& reading, bool names);
bool read_single_key(const Node& node, const Reading& reading, const std::vector<std::string>& keys,
                     std::size_t& index);
void report_count(const Node& node, const Reading& reading, std::size_t at_least);
std::shared_ptr<const TypeInfo> make_info(std::string words, std::string json,
                                          std::vector<std::shared_ptr<const ObjectInfo>> objects = {});
void add_objects(std::vector<std::shared_ptr<const ObjectInfo>>& all, const TypeInfo& info);
}  // namespace schema_detail

/// Any text; `NO`, `010` and `1e3` stay as written.
Type<std::string> text();
/// A snake_case identifier that expressions can use.
Type<std::string> name();
/// Number within [low, high]; a unit is not allowed.
Type<double> number();
Type<double> number(double low, double high);
Type<long long> integer();
Type<long long> integer(long long low, long long high);
/// `true` or `false`, nothing else.
Type<bool> boolean();
/// A number with a unit, in base units of `unit`: `180 EUR`, `18 months` -> 1.5 years. A bare number is in `unit`
/// itself.
Type<double> quantity(std::string unit);
Type<double> quantity(std::string unit, double low, double high);
/// `2014-01-31` or `2014`.
Type<Date> date();
/// The text of an expression; a bare number is one too.
Type<LocatedText> expression();
/// The tree itself, for shapes that have a reader of their own; `json` describes it for editors.
Type<Node> raw_node(std::string words, std::string json = "true");

/// A type with a reader of its own.
template <class T>
Type<T> custom(std::string words, std::string json, std::function<bool(const Node&, const Reading&, T&)> read) {
    return {std::move(read), schema_detail::make_info(std::move(words), std::move(json))};
}

/// One of some words, as the enumeration value beside it.
template <class E>
Type<E> one_of(std::vector<std::pair<std::string, E>> choices) {
    std::vector<std::string> words;
    for (const auto& choice : choices) words.push_back(choice.first);
    auto info = schema_detail::make_info(schema_detail::words_list(words), schema_detail::choice_json(words));
    return {[choices = std::move(choices), words = std::move(words)](const Node& node, const Reading& reading, E& out) {
                std::size_t index = 0;
                if (!schema_detail::read_choice(node, reading, words, index)) return false;
                out = choices[index].second;
                return true;
            },
            std::move(info)};
}

/// One of some words, as text.
Type<std::string> one_of(std::vector<std::string> words);

/// The value together with its place.
template <class T>
Type<Located<T>> located(Type<T> type) {
    auto info = type.info;
    return {[type = std::move(type)](const Node& node, const Reading& reading, Located<T>& out) {
                out.span = node.span;
                return type.read(node, reading, out.value);
            },
            std::move(info)};
}

/// The same value put into another type by `convert`.
template <class T, class U, class F>
Type<T> converted(Type<U> type, F convert) {
    auto info = type.info;
    return {[type = std::move(type), convert = std::move(convert)](const Node& node, const Reading& reading, T& out) {
                U value{};
                if (!type.read(node, reading, value)) return false;
                out = convert(std::move(value));
                return true;
            },
            std::move(info)};
}

/// `[a, b, c]` with at least `at_least` items.
template <class T>
Type<std::vector<T>> list_of(Type<T> item, std::size_t at_least = 0) {
    auto info = schema_detail::make_info("list of: " + item.info->words, schema_detail::list_json(*item.info, at_least),
                                         item.info->objects);
    return {[item = std::move(item), at_least](const Node& node, const Reading& reading, std::vector<T>& out) {
                if (!schema_detail::expect_kind(node, reading, NodeKind::sequence, "list")) return false;
                bool good = true;
                for (std::size_t i = 0; i < node.items.size(); ++i) {
                    const Reading inner{reading.sink, reading.key + "[" + std::to_string(i) + "]", node.items[i].span};
                    T value{};
                    if (item.read(node.items[i], inner, value))
                        out.push_back(std::move(value));
                    else
                        good = false;
                }
                if (node.items.size() < at_least) {
                    schema_detail::report_count(node, reading, at_least);
                    return false;
                }
                return good;
            },
            std::move(info)};
}

/// `[a, b]`, or `a` alone for a list of one.
template <class T>
Type<std::vector<T>> list_or_single(Type<T> item) {
    Type<std::vector<T>> list = list_of(item, 1);
    auto info =
        schema_detail::make_info(item.info->words + ", or a list of them",
                                 schema_detail::either_json({item.info.get(), list.info.get()}), item.info->objects);
    return {[item = std::move(item), list = std::move(list)](const Node& node, const Reading& reading,
                                                             std::vector<T>& out) {
                if (node.is_sequence()) return list.read(node, reading, out);
                T value{};
                if (!item.read(node, reading, value)) return false;
                out.push_back(std::move(value));
                return true;
            },
            std::move(info)};
}

/// What the keys of a map may be.
enum class Keys : std::uint8_t { names, any };

/// A map whose keys the author chooses, in the order of the file.
template <class T>
Type<std::vector<MapItem<T>>> map_of(Type<T> value, Keys keys = Keys::names) {
    auto info = schema_detail::make_info(
        "map of: " + value.info->words, schema_detail::map_json(*value.info, keys == Keys::names), value.info->objects);
    return {[value = std::move(value), keys](const Node& node, const Reading& reading, std::vector<MapItem<T>>& out) {
                if (!schema_detail::expect_kind(node, reading, NodeKind::map, "map")) return false;
                bool good = true;
                for (const NodeEntry& entry : node.entries) {
                    if (!schema_detail::check_map_key(entry, reading, keys == Keys::names)) good = false;
                    const Reading inner{reading.sink, entry.key, entry.key_span};
                    MapItem<T> item{entry.key, entry.key_span, {}};
                    if (value.read(entry.value, inner, item.value))
                        out.push_back(std::move(item));
                    else
                        good = false;
                }
                return good;
            },
            std::move(info)};
}

/// Two shapes for one key: `scalar` when the value is a text or a number, `other` when it is a map or a list.
template <class T>
Type<T> scalar_or(Type<T> scalar, Type<T> other) {
    std::vector<std::shared_ptr<const ObjectInfo>> objects = scalar.info->objects;
    schema_detail::add_objects(objects, *other.info);
    auto info =
        schema_detail::make_info(scalar.info->words + ", or " + other.info->words,
                                 schema_detail::either_json({scalar.info.get(), other.info.get()}), std::move(objects));
    return {[scalar = std::move(scalar), other = std::move(other)](const Node& node, const Reading& reading, T& out) {
                const bool structured = node.is_map() || node.is_sequence();
                return structured ? other.read(node, reading, out) : scalar.read(node, reading, out);
            },
            std::move(info)};
}

/// A map with exactly one key, which says how its value is read: `{ lognormal: { mean: 1, cv: 0.9 } }`.
template <class T>
struct KeyCase {
    std::string key;
    Type<T> type;
    std::string doc;
};
template <class T>
Type<T> by_key(std::vector<KeyCase<T>> cases) {
    std::vector<std::string> keys;
    std::vector<std::pair<std::string, const TypeInfo*>> described;
    std::vector<std::shared_ptr<const ObjectInfo>> objects;
    for (const KeyCase<T>& one : cases) {
        keys.push_back(one.key);
        described.emplace_back(one.key, one.type.info.get());
        schema_detail::add_objects(objects, *one.type.info);
    }
    auto info = schema_detail::make_info("map with one of the keys " + schema_detail::words_list(keys),
                                         schema_detail::keyed_json(described), std::move(objects));
    return {[cases = std::move(cases), keys = std::move(keys)](const Node& node, const Reading& reading, T& out) {
                std::size_t index = 0;
                if (!schema_detail::read_single_key(node, reading, keys, index)) return false;
                const NodeEntry& entry = node.entries.front();
                const Reading inner{reading.sink, entry.key, entry.key_span};
                return cases[index].type.read(entry.value, inner, out);
            },
            std::move(info)};
}

}  // namespace proeftuin
