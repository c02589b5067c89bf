// The keys of a kind of entry, described once: reading, checks, suggestions, reference page and JSON Schema come from
// it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/config/field_type.hpp"
#include "engine/core/contracts.hpp"

namespace proeftuin {

/// One key of an object. The setters return the key itself, to be chained after Schema::required and Schema::optional.
struct KeyInfo {
    std::string key;
    std::shared_ptr<const TypeInfo> type;
    std::string doc;
    std::string example;  ///< YAML of the value, on one line
    bool required = false;
    std::string default_text;  ///< what holds when the key is left out
    std::string unit;
    std::string since = "0.1";

    KeyInfo& default_is(std::string value) { return default_text = std::move(value), *this; }
    KeyInfo& unit_is(std::string value) { return unit = std::move(value), *this; }
    KeyInfo& since_version(std::string value) { return since = std::move(value), *this; }
};

/// How many of some keys must be given.
struct KeyRule {
    enum class Count : std::uint8_t { exactly_one, at_most_one, at_least_one };
    Count count;
    std::vector<std::string> keys;
};

/// The keys of an object, without its C++ type.
struct ObjectInfo {
    std::string name;
    std::string doc;
    std::vector<KeyInfo> keys;
    std::vector<KeyRule> rules;
    std::shared_ptr<const TypeInfo> other_type;  ///< of keys that the author chooses; null when there are none
    std::string other_doc;
    Keys other_keys = Keys::names;
    /// For a kind of entry: the key that names it ("process"), else empty.
    std::string kind_key;
};

namespace schema_detail {

/// Reads objects of any type through functions that know the members; the part of Schema that needs no template.
class ObjectReader {
public:
    using FieldReader = std::function<bool(const Node&, const Reading&, void*)>;
    using OtherReader = std::function<bool(const NodeEntry&, const Reading&, void*)>;

    std::shared_ptr<ObjectInfo> info = std::make_shared<ObjectInfo>();
    std::vector<FieldReader> fields;  ///< one for each of info->keys
    OtherReader others;

    KeyInfo& add(KeyInfo key, FieldReader reader);
    bool read(const Node& node, const Reading& reading, void* object) const;
};

template <class M>
struct IsOptional : std::false_type {};
template <class M>
struct IsOptional<std::optional<M>> : std::true_type {};
template <class M>
struct IsLocated : std::false_type {};
template <class M>
struct IsLocated<Located<M>> : std::true_type {};

/// Puts a value that was read into a member: itself, an optional, a Located, or a smaller integer.
template <class M, class V>
void store(M& member, V&& value, const Node& node) {
    using Value = std::remove_cvref_t<V>;
    if constexpr (std::is_same_v<M, Value>) {
        member = std::forward<V>(value);
    } else if constexpr (IsOptional<M>::value) {
        store(member.emplace(), std::forward<V>(value), node);
    } else if constexpr (IsLocated<M>::value) {
        store(member.value, std::forward<V>(value), node);
        member.span = node.span;
    } else if constexpr (std::is_integral_v<M> && std::is_same_v<Value, long long>) {
        member = static_cast<M>(value);
        PT_ASSERT(static_cast<long long>(member) == value);  // give integer() a range that the member holds
    } else {
        member = M(std::forward<V>(value));
    }
}

std::string object_words(const ObjectInfo& info);
std::string object_json(const ObjectInfo& info);
SourceSpan place_of(const Node& node);

}  // namespace schema_detail

/// The keys of T. T must be default-constructible; its initial values are the defaults.
template <class T>
class Schema {
public:
    using value_type = T;

    /// `name` is what messages and the reference call the object: "process", "transition".
    Schema(std::string name, std::string doc) {
        reader_.info->name = std::move(name);
        reader_.info->doc = std::move(doc);
    }

    /// A key that must be given. M may be V, Located<V>, or optional of these.
    template <class M, class V>
    KeyInfo& required(std::string key, M T::*member, Type<V> type, std::string doc, std::string example = {}) {
        return add(std::move(key), member, std::move(type), std::move(doc), std::move(example), true);
    }
    /// A key that may be left out.
    template <class M, class V>
    KeyInfo& optional(std::string key, M T::*member, Type<V> type, std::string doc, std::string example = {}) {
        return add(std::move(key), member, std::move(type), std::move(doc), std::move(example), false);
    }
    /// All other keys are the author's own and are collected in a vector<MapItem<V>>.
    template <class V>
    Schema& others(std::vector<MapItem<V>> T::*member, Type<V> type, std::string doc, Keys keys = Keys::names) {
        reader_.info->other_type = type.info;
        reader_.info->other_doc = std::move(doc);
        reader_.info->other_keys = keys;
        reader_.others = [member, type = std::move(type)](const NodeEntry& entry, const Reading& reading,
                                                          void* object) {
            MapItem<V> item{entry.key, entry.key_span, {}};
            const bool good = type.read(entry.value, reading, item.value);
            (static_cast<T*>(object)->*member).push_back(std::move(item));
            return good;
        };
        return *this;
    }
    Schema& exactly_one_of(std::vector<std::string> keys) { return rule(KeyRule::Count::exactly_one, std::move(keys)); }
    Schema& at_most_one_of(std::vector<std::string> keys) { return rule(KeyRule::Count::at_most_one, std::move(keys)); }
    Schema& at_least_one_of(std::vector<std::string> keys) {
        return rule(KeyRule::Count::at_least_one, std::move(keys));
    }
    /// Keeps the place of the object (the key that holds it) in a member.
    Schema& place(SourceSpan T::*member) {
        place_ = member;
        return *this;
    }
    /// A check of the whole object, made when all keys were read without error.
    Schema& check(std::function<void(const T&, const Node&, DiagnosticSink&)> check) {
        checks_.push_back(std::move(check));
        return *this;
    }
    /// Says that this is a kind of entry, named by the key `key` (which must be described too).
    Schema& entry_kind(std::string key) {
        reader_.info->kind_key = std::move(key);
        return *this;
    }

    /// Reads an object; nothing when something in it was wrong (all of it was reported).
    std::optional<T> read(const Node& node, DiagnosticSink& sink) const {
        T object{};
        const Reading reading{sink, reader_.info->name, schema_detail::place_of(node)};
        if (!read_into(node, reading, object)) return std::nullopt;
        return object;
    }
    bool read_into(const Node& node, const Reading& reading, T& object) const {
        if (place_ != nullptr) object.*place_ = reading.key_span;
        if (!reader_.read(node, reading, &object)) return false;
        const std::size_t errors = reading.sink.errors();
        for (const auto& check : checks_) check(object, node, reading.sink);
        return reading.sink.errors() == errors;
    }
    std::shared_ptr<const ObjectInfo> info() const { return reader_.info; }

private:
    template <class M, class V>
    KeyInfo& add(std::string key, M T::*member, Type<V> type, std::string doc, std::string example, bool required) {
        KeyInfo info{std::move(key), type.info, std::move(doc), std::move(example), required, {}, {}};
        return reader_.add(std::move(info),
                           [member, type = std::move(type)](const Node& node, const Reading& reading, void* object) {
                               V value{};
                               if (!type.read(node, reading, value)) return false;
                               schema_detail::store(static_cast<T*>(object)->*member, std::move(value), node);
                               return true;
                           });
    }
    Schema& rule(KeyRule::Count count, std::vector<std::string> keys) {
        reader_.info->rules.push_back({count, std::move(keys)});
        return *this;
    }

    schema_detail::ObjectReader reader_;
    SourceSpan T::*place_ = nullptr;
    std::vector<std::function<void(const T&, const Node&, DiagnosticSink&)>> checks_;
};

/// A map whose keys a schema describes.
template <class T>
Type<T> object(Schema<T> schema) {
    auto info = schema_detail::make_info(schema_detail::object_words(*schema.info()),
                                         schema_detail::object_json(*schema.info()), {schema.info()});
    return {[schema = std::move(schema)](const Node& node, const Reading& reading, T& out) {
                return schema.read_into(node, reading, out);
            },
            std::move(info)};
}

/// JSON Schema (draft-07) of files that hold one of these kinds of entry.
std::string json_schema(const std::vector<std::shared_ptr<const ObjectInfo>>& kinds, const std::string& title);

/// Reference page of a kind: its keys and those of the objects inside it, as Markdown.
std::string markdown_reference(const ObjectInfo& kind);

}  // namespace proeftuin
