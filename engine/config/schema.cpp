#include "engine/config/schema.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace proeftuin::schema_detail {

namespace {

const NodeEntry* entry_of(const Node& node, const std::string& key) { return node.entry(key); }

std::vector<std::string> key_names(const ObjectInfo& info) {
    std::vector<std::string> names;
    for (const KeyInfo& key : info.keys) names.push_back(key.key);
    return names;
}

std::string quoted_list(const std::vector<std::string>& keys, const char* last) {
    std::string out;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (i > 0) out += i + 1 == keys.size() ? fmt::format(" {} ", last) : ", ";
        out += '\'' + keys[i] + '\'';
    }
    return out;
}

bool check_rule(const KeyRule& rule, const Node& node, const Reading& reading, const ObjectInfo& info) {
    std::vector<const NodeEntry*> given;
    std::vector<std::string> names;
    for (const std::string& key : rule.keys) {
        if (const NodeEntry* entry = entry_of(node, key)) {
            given.push_back(entry);
            names.push_back(key);
        }
    }
    if (given.empty() && rule.count != KeyRule::Count::at_most_one) {
        reading.sink.error("E0211",
                           fmt::format("{} '{}' needs {} of {}", info.name, reading.key,
                                       rule.count == KeyRule::Count::exactly_one ? "exactly one" : "at least one",
                                       quoted_list(rule.keys, "and")),
                           reading.key_span);
        return false;
    }
    if (given.size() > 1 && rule.count != KeyRule::Count::at_least_one) {
        // In the order of the file, so that "first given" is true.
        std::sort(given.begin(), given.end(), [](const NodeEntry* a, const NodeEntry* b) {
            return std::pair{a->key_span.line, a->key_span.column} < std::pair{b->key_span.line, b->key_span.column};
        });
        reading.sink.report({.code = "E0211",
                             .message = fmt::format("{} cannot be given together in {} '{}'", quoted_list(names, "and"),
                                                    info.name, reading.key),
                             .where = given[1]->key_span,
                             .notes = {{given[0]->key_span, fmt::format("'{}' is given here", given[0]->key)}},
                             .help = "keep one of them"});
        return false;
    }
    return true;
}

/// The key that stands here for a word that means the same elsewhere, or in plain speech; empty when there is none.
std::string same_meaning(std::string_view word, const std::vector<std::string>& keys) {
    static const std::vector<std::vector<std::string_view>> meanings = {
        {"when", "for", "if", "condition"},
        {"doc", "description", "comment", "about"},
        {"years", "horizon", "duration", "period"},
        {"starts", "start_year", "begins", "year"},
        {"scenario", "name", "title"},
        {"rate", "hazard", "intensity"},
        {"probability", "chance", "prob", "p"},
        {"multiply", "factor", "times", "relative_risk", "rr"},
        {"include", "import", "imports", "uses"},
        {"why", "reason", "because"},
    };
    for (const auto& words : meanings)
        if (std::find(words.begin(), words.end(), word) != words.end())
            for (const auto& key : keys)
                if (std::find(words.begin(), words.end(), key) != words.end()) return key;
    return {};
}

}  // namespace

KeyInfo& ObjectReader::add(KeyInfo key, FieldReader reader) {
    PT_EXPECT(
        std::none_of(info->keys.begin(), info->keys.end(), [&](const KeyInfo& known) { return known.key == key.key; }));
    info->keys.push_back(std::move(key));
    fields.push_back(std::move(reader));
    return info->keys.back();
}

bool ObjectReader::read(const Node& node, const Reading& reading, void* object) const {
    if (!expect_kind(node, reading, NodeKind::map, "map")) return false;
    bool good = true;
    for (const NodeEntry& entry : node.entries) {
        const auto known = std::find_if(info->keys.begin(), info->keys.end(),
                                        [&](const KeyInfo& key) { return key.key == entry.key; });
        const Reading inner{reading.sink, entry.key, entry.key_span};
        if (known != info->keys.end()) {
            const auto index = static_cast<std::size_t>(known - info->keys.begin());
            if (!fields[index](entry.value, inner, object)) good = false;
        } else if (others) {
            if (!check_map_key(entry, reading, info->other_keys == Keys::names)) good = false;
            if (!others(entry, inner, object)) good = false;
        } else {
            Diagnostic diagnostic{
                .code = "E0201",
                .message = fmt::format(
                    "unknown key {} in {}{}", shown(entry.key), info->name,
                    reading.key == info->name || reading.key.empty() ? std::string{} : " '" + reading.key + "'"),
                .where = entry.key_span,
                .help = suggestion(entry.key, key_names(*info))};
            if (const auto key = same_meaning(entry.key, key_names(*info)); !key.empty())
                diagnostic.help = fmt::format("did you mean {}?", shown(key));
            if (!entry.value.origin.empty()) diagnostic.notes.push_back({{}, "this value was " + entry.value.origin});
            reading.sink.report(std::move(diagnostic));
            good = false;
        }
    }
    for (const KeyInfo& key : info->keys) {
        if (!key.required || entry_of(node, key.key) != nullptr) continue;
        std::string help = fmt::format("add {}: {}", key.key, key.example.empty() ? "..." : key.example);
        reading.sink.error(
            "E0202",
            fmt::format("{}{} lacks the key '{}' ({})", info->name,
                        reading.key == info->name ? std::string{} : " '" + reading.key + "'", key.key, key.type->words),
            reading.key_span, std::move(help));
        good = false;
    }
    for (const KeyRule& rule : info->rules) {
        if (!check_rule(rule, node, reading, *info)) good = false;
    }
    return good;
}

SourceSpan place_of(const Node& node) {
    if (node.is_map() && !node.entries.empty()) return node.entries.front().key_span;
    return node.span;
}

std::string object_words(const ObjectInfo& info) { return fmt::format("map ({})", info.name); }

}  // namespace proeftuin::schema_detail
