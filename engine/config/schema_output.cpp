#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/config/schema.hpp"

namespace proeftuin {

namespace {

using Json = nlohmann::ordered_json;

std::string with_full_stop(const std::string& text) { return text.empty() || text.back() == '.' ? text : text + '.'; }

std::string hover(const KeyInfo& key) {
    std::string text = with_full_stop(key.doc);
    if (!key.unit.empty()) text += fmt::format(" Unit: {}.", key.unit);
    if (!key.default_text.empty()) text += fmt::format(" Default: {}.", key.default_text);
    if (!key.example.empty()) text += fmt::format(" Example: {}", key.example);
    return text;
}

Json described(const KeyInfo& key) {
    Json json = Json::parse(key.type->json);
    if (json.is_boolean()) json = Json::object();
    json["description"] = hover(key);
    return json;
}

/// The rule on how many of some keys, as a schema to be put under allOf.
Json rule_json(const KeyRule& rule) {
    Json each = Json::array();
    for (const std::string& key : rule.keys) each.push_back({{"required", {key}}});
    switch (rule.count) {
        case KeyRule::Count::exactly_one:
            return {{"oneOf", each}};
        case KeyRule::Count::at_least_one:
            return {{"anyOf", each}};
        case KeyRule::Count::at_most_one:
            break;
    }
    each.push_back({{"not", {{"anyOf", each}}}});
    return {{"oneOf", each}};
}

std::string cell(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '|')
            out += "\\|";
        else if (c == '\n')
            out += ' ';
        else
            out += c;
    }
    return out;
}

void collect(const ObjectInfo& info, std::vector<const ObjectInfo*>& all) {
    if (std::find(all.begin(), all.end(), &info) != all.end()) return;
    all.push_back(&info);
    const auto enter = [&](const TypeInfo& type) {
        for (const auto& object : type.objects) collect(*object, all);
    };
    for (const KeyInfo& key : info.keys) enter(*key.type);
    if (info.other_type) enter(*info.other_type);
}

void append_object(std::string& out, const ObjectInfo& info, std::size_t level) {
    out += fmt::format("{} {}\n\n{}\n\n", std::string(level, '#'), info.name, with_full_stop(info.doc));
    out += "| key | value | unit | needed | default | meaning | since |\n| --- | --- | --- | --- | --- | --- | --- |\n";
    for (const KeyInfo& key : info.keys) {
        out +=
            fmt::format("| `{}` | {} | {} | {} | {} | {} | {} |\n", key.key, cell(key.type->words), cell(key.unit),
                        key.required ? "yes" : "no", cell(key.default_text), cell(with_full_stop(key.doc)), key.since);
    }
    if (info.other_type) {
        out += fmt::format("| *any {}* | {} |  | no |  | {} |  |\n", info.other_keys == Keys::names ? "name" : "key",
                           cell(info.other_type->words), cell(with_full_stop(info.other_doc)));
    }
    out += '\n';
    for (const KeyRule& rule : info.rules) {
        const char* count = rule.count == KeyRule::Count::exactly_one   ? "Exactly one"
                            : rule.count == KeyRule::Count::at_most_one ? "At most one"
                                                                        : "At least one";
        std::string keys;
        for (const std::string& key : rule.keys) keys += fmt::format("{}`{}`", keys.empty() ? "" : ", ", key);
        out += fmt::format("{} of {} is given.\n\n", count, keys);
    }
    std::string example;
    for (const KeyInfo& key : info.keys) {
        if (!key.example.empty()) example += fmt::format("{}: {}\n", key.key, key.example);
    }
    if (!example.empty()) out += fmt::format("```yaml\n{}```\n\n", example);
}

}  // namespace

namespace schema_detail {

std::string object_json(const ObjectInfo& info) {
    Json json{{"type", "object"}, {"title", info.name}, {"description", info.doc}};
    json["properties"] = Json::object();
    Json needed = Json::array();
    for (const KeyInfo& key : info.keys) {
        json["properties"][key.key] = described(key);
        if (key.required) needed.push_back(key.key);
    }
    if (!needed.empty()) json["required"] = needed;
    if (!info.other_type) {
        json["additionalProperties"] = false;
    } else {
        json["additionalProperties"] = Json::parse(info.other_type->json);
        if (info.other_keys == Keys::names) json["propertyNames"] = {{"pattern", "^[a-z][a-z0-9_]*$"}};
    }
    if (!info.rules.empty()) {
        json["allOf"] = Json::array();
        for (const KeyRule& rule : info.rules) json["allOf"].push_back(rule_json(rule));
    }
    return json.dump();
}

}  // namespace schema_detail

std::string json_schema(const std::vector<std::shared_ptr<const ObjectInfo>>& kinds, const std::string& title) {
    Json json{{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", title}};
    json["definitions"] = Json::object();
    Json choices = Json::array();
    for (const auto& kind : kinds) {
        json["definitions"][kind->name] = Json::parse(schema_detail::object_json(*kind));
        const Json reference{{"$ref", "#/definitions/" + kind->name}};
        // By the key that names the kind, so that an editor reports what is wrong in this kind, not in all of them.
        if (kind->kind_key.empty())
            choices.push_back(reference);
        else
            choices.push_back({{"if", {{"required", {kind->kind_key}}}}, {"then", reference}});
    }
    if (kinds.size() == 1) {
        json["$ref"] = "#/definitions/" + kinds.front()->name;
        json["allOf"] = Json::array({{{"$ref", "#/definitions/" + kinds.front()->name}}});
        json.erase("$ref");
    } else {
        json["type"] = "object";
        json["allOf"] = choices;
        Json any = Json::array();
        for (const auto& kind : kinds) {
            if (!kind->kind_key.empty()) any.push_back({{"required", {kind->kind_key}}});
        }
        if (!any.empty()) json["oneOf"] = any;
    }
    return json.dump(2) + '\n';
}

std::string markdown_reference(const ObjectInfo& kind) {
    std::vector<const ObjectInfo*> all;
    collect(kind, all);
    std::string out;
    for (std::size_t i = 0; i < all.size(); ++i) append_object(out, *all[i], i == 0 ? 1 : 2);
    while (out.size() > 1 && out[out.size() - 2] == '\n') out.pop_back();
    return out;
}

}  // namespace proeftuin
