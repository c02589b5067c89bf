// Entries written back as YAML, after inheritance and settings.
#include "models/scenario.hpp"

namespace proeftuin::models {
namespace {

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        if (c == '\n')
            out += "\\n";
        else
            out += c;
    }
    return out + "\"";
}

/// On one line: scalars, lists in brackets, maps in braces.
std::string in_line(const Node& node) {
    if (node.is_null()) return "~";
    if (node.is_scalar()) return node.quoted ? quoted(node.text) : node.text;
    std::string parts;
    for (const Node& item : node.items) parts += (parts.empty() ? "" : ", ") + in_line(item);
    for (const NodeEntry& e : node.entries) parts += (parts.empty() ? "" : ", ") + e.key + ": " + in_line(e.value);
    if (node.is_sequence()) return "[" + parts + "]";
    return parts.empty() ? "{}" : "{ " + parts + " }";
}

std::string origin(const Node& node) { return node.origin.empty() ? std::string{} : "  # " + node.origin; }

bool is_long(const Node& node) {
    return (node.is_map() && !node.entries.empty()) || (node.is_sequence() && !node.items.empty());
}

void write_map(std::string& out, const Node& map, std::size_t indent);

void write_items(std::string& out, const Node& list, std::size_t indent) {
    for (const Node& item : list.items) {
        if (item.is_map() && !item.entries.empty()) {
            std::string entries;
            write_map(entries, item, indent + 2);
            entries.replace(indent, 1, "-");
            out += entries;
        } else {
            out += std::string(indent, ' ') + "- " + in_line(item) + (item.is_scalar() ? origin(item) : "") + "\n";
        }
    }
}

void write_map(std::string& out, const Node& map, std::size_t indent) {
    for (const NodeEntry& e : map.entries) {
        out += std::string(indent, ' ') + e.key + ":";
        if (!is_long(e.value)) {
            out += " " + in_line(e.value) + (e.value.is_scalar() || e.value.is_null() ? origin(e.value) : "") + "\n";
            continue;
        }
        out += origin(e.value) + "\n";
        if (e.value.is_map())
            write_map(out, e.value, indent + 2);
        else
            write_items(out, e.value, indent + 2);
    }
}

}  // namespace

std::string entry_yaml(const LoadedEntry& entry) {
    std::string out;
    write_map(out, entry.node, 0);
    return out;
}

std::string resolved_yaml(const LoadedScenario& scenario, const SourceFiles&) {
    std::string out = "# scenario '" + scenario.name + "' with everything it includes\n";
    write_map(out, scenario.resolved, 0);
    for (const auto& e : scenario.entries)
        out += "---\n# " + e.kind + " '" + e.name + "' from " + e.path + "\n" + entry_yaml(e);
    return out;
}

}  // namespace proeftuin::models
