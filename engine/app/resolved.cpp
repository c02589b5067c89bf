#include "engine/app/resolved.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "engine/core/unit.hpp"
#include "engine/run/table_cells.hpp"

namespace proeftuin::app {
namespace {

using Json = nlohmann::ordered_json;
using models::ResolvedParameter;

constexpr std::size_t few_values = 12;  // of a table, in the list of all

class Resolved {
public:
    explicit Resolved(const Prepared& prepared) : p_{prepared}, scenario_{prepared.scenario} {}

    std::string text(const std::vector<std::string>& names) const;
    Json json(const std::vector<std::string>& names) const;

private:
    const models::Source* source(const std::string& key) const {
        const auto it = std::find_if(scenario_.sources.begin(), scenario_.sources.end(),
                                     [&](const auto& s) { return s.key == key; });
        return it == scenario_.sources.end() ? nullptr : &*it;
    }
    static std::string field(const models::Source& source, const std::string& name) {
        for (const auto& [key, value] : source.fields)
            if (key == name) return value;
        return {};
    }
    std::string place(SourceSpan where) const {
        return where.line == 0 ? "" : fmt::format("{}:{}", p_.files.path(where.file), where.line);
    }

    std::string parameter(const ResolvedParameter& x, bool whole) const;
    std::string entry(const models::LoadedEntry& e) const;
    std::string described(const models::Source& s) const;
    Json parameter_json(const ResolvedParameter& x) const;
    [[noreturn]] void unknown(const std::string& name) const;

    const Prepared& p_;
    const models::LoadedScenario& scenario_;
};

double factor_of(const ResolvedParameter& x) {
    const auto unit = parse_unit(x.read.unit.value);
    return unit ? unit->factor : 1.0;
}

/// As the author wrote it: the table has base units, whose last bits a conversion may have moved.
std::string number(double value) { return fmt::format("{:.12g}", value); }

std::string label(const TableAxis& axis, std::size_t k) {
    return axis.categories ? axis.categories->labels[k] : fmt::format("{:g}", cell_start(axis, k));
}

/// The axis whose cells stand side by side: the smallest of categories.
std::size_t across(const Table& table) {
    std::size_t best = table.axes.size();
    for (std::size_t a = 0; a < table.axes.size(); ++a)
        if (table.axes[a].categories && table.axes[a].size() <= 8 &&
            (best == table.axes.size() || table.axes[a].size() < table.axes[best].size()))
            best = a;
    return table.axes.size() > 1 ? best : table.axes.size();
}

std::string values_text(const Table& table, double factor) {
    const std::size_t side = across(table);
    const std::size_t columns = side == table.axes.size() ? 1 : table.axes[side].size();
    std::vector<std::vector<std::string>> rows(1);
    for (std::size_t a = 0; a < table.axes.size(); ++a)
        if (a != side) rows[0].push_back(table.axes[a].name);
    for (std::size_t c = 0; c < columns; ++c)
        rows[0].push_back(side == table.axes.size() ? "value" : label(table.axes[side], c));
    std::vector<std::size_t> at(table.axes.size(), 0);
    const auto cell = [&] {
        std::size_t index = 0;
        for (std::size_t a = 0; a < at.size(); ++a) index = index * table.axes[a].size() + at[a];
        return index;
    };
    for (bool more = true; more;) {
        std::vector<std::string> row;
        for (std::size_t a = 0; a < at.size(); ++a)
            if (a != side) row.push_back(label(table.axes[a], at[a]));
        for (std::size_t c = 0; c < columns; ++c) {
            if (side < at.size()) at[side] = c;
            row.push_back(number(table.values[cell()] / factor));
        }
        if (side < at.size()) at[side] = 0;
        rows.push_back(std::move(row));
        more = false;
        for (std::size_t a = at.size(); a-- > 0 && !more;) {
            if (a == side) continue;
            if (++at[a] < table.axes[a].size())
                more = true;
            else
                at[a] = 0;
        }
    }
    std::vector<std::size_t> widths(rows[0].size(), 0);
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    std::string out;
    for (const auto& row : rows) {
        out += "   ";
        for (std::size_t i = 0; i < row.size(); ++i) out += fmt::format(" {:>{}} ", row[i], widths[i]);
        out.back() = '\n';
    }
    return out;
}

std::string uncertainty_text(const models::UncertaintyEntry& u) {
    std::string out = u.kind;
    for (const auto& item : u.parameters) out += fmt::format(" {} {}", item.key, number(item.value));
    return out;
}

std::string Resolved::parameter(const ResolvedParameter& x, bool whole) const {
    const std::string unit = x.read.unit.value == "1" ? "" : " " + x.read.unit.value;
    std::string out = x.name + " = ";
    if (x.read.value) {
        out += number(x.read.value->value) + unit;
    } else if (x.table) {
        std::string by;
        for (const auto& axis : x.table->axes) by += (by.empty() ? "" : ", ") + axis.name;
        const auto [low, high] = std::minmax_element(x.table->values.begin(), x.table->values.end());
        out += fmt::format("table of {} values by {}, {} to {}{}", x.table->values.size(), by,
                           number(*low / factor_of(x)), number(*high / factor_of(x)), unit);
    }
    out += "  (" + place(x.where) + ")" + (x.origin.empty() ? "" : "  <- " + x.origin) + "\n";
    if (!x.read.doc.empty()) out += "    " + x.read.doc + "\n";
    if (x.table && (whole || x.table->values.size() <= few_values)) out += values_text(*x.table, factor_of(x));
    if (x.read.file)
        out += fmt::format("    from the column '{}' of {}\n", x.read.column ? x.read.column->value : "value",
                           x.read.file->value);
    if (x.read.uncertainty) out += "    uncertainty: " + uncertainty_text(*x.read.uncertainty) + "\n";
    if (x.read.source) {
        if (x.read.source->value == "assumption")
            out += "    assumption: " + x.read.why.value_or("") + "\n";
        else if (const auto* s = source(x.read.source->value))
            out += "    source: " + described(*s) + "\n";
        else
            out += "    source: " + x.read.source->value + "\n";
        if (x.read.source->value != "assumption" && x.read.why) out += "    why: " + *x.read.why + "\n";
    }
    return out;
}

std::string Resolved::described(const models::Source& s) const {
    std::string out = s.key + ": " + field(s, "title");
    if (const auto authors = field(s, "authors"); !authors.empty()) out += ", " + authors;
    if (const auto year = field(s, "year"); !year.empty()) out += ", " + year;
    if (const auto url = field(s, "url"); !url.empty()) out += ", " + url;
    return out;
}

std::string Resolved::entry(const models::LoadedEntry& e) const {
    std::string out = fmt::format("{} '{}' ({})\n", e.kind, e.name, e.path) + models::entry_yaml(e);
    std::string numbers;
    for (const auto& x : scenario_.parameters)
        if (x.entry == e.name && x.where.file == e.node.span.file) numbers += parameter(x, false);
    return numbers.empty() ? out : out + "\nits parameters\n" + numbers;
}

void Resolved::unknown(const std::string& name) const {
    std::vector<std::string> known;
    for (const auto& x : scenario_.parameters) known.push_back(x.name);
    for (const auto& e : scenario_.entries) known.push_back(e.name);
    for (const auto& s : scenario_.sources) known.push_back(s.key);
    const auto near = nearest(name, known);
    throw std::invalid_argument(fmt::format("'{}' is no parameter, process, entry or source of this scenario{}", name,
                                            near ? fmt::format(" (did you mean '{}'?)", *near) : ""));
}

std::string Resolved::text(const std::vector<std::string>& names) const {
    std::string out;
    for (const auto& name : names) {
        const std::size_t before = out.size();
        if (!out.empty()) out += "\n";
        const std::size_t start = out.size();
        for (const auto& x : scenario_.parameters)
            if (x.name == name) out += parameter(x, true);
        for (const auto& e : scenario_.entries)
            if (e.name == name && e.kind != "sources") out += entry(e);
        if (const auto* s = source(name)) {
            out += described(*s) + "\n";
            for (const char* more : {"licence", "note"})
                if (const auto text = field(*s, more); !text.empty()) out += fmt::format("    {}: {}\n", more, text);
            out += "    used by:";
            for (const auto& x : scenario_.parameters)
                if (x.read.source && x.read.source->value == name) out += " " + x.name;
            out += "\n";
        }
        if (out.size() == start) {
            out.resize(before);
            unknown(name);
        }
    }
    if (!names.empty()) return out;
    for (const auto& x : scenario_.parameters) out += parameter(x, false);
    return out;
}

Json Resolved::parameter_json(const ResolvedParameter& x) const {
    Json v{{"name", x.name},
           {"entry", x.entry},
           {"doc", x.read.doc},
           {"unit", x.read.unit.value},
           {"file", p_.files.path(x.where.file)},
           {"line", x.where.line}};
    if (x.read.value) v["value"] = x.read.value->value;
    if (x.table) {
        Json axes = Json::array();
        for (const auto& axis : x.table->axes) {
            Json cells = Json::array();
            for (std::size_t k = 0; k < axis.size(); ++k) {
                if (axis.categories)
                    cells.push_back(axis.categories->labels[k]);
                else
                    cells.push_back(cell_start(axis, k));
            }
            axes.push_back({{"name", axis.name}, {"cells", std::move(cells)}});
        }
        v["by"] = std::move(axes);
        Json values = Json::array();
        for (const double value : x.table->values) values.push_back(value / factor_of(x));
        v["values"] = std::move(values);  // the last axis fastest
    }
    if (x.read.uncertainty) {
        Json u = Json::object();
        for (const auto& item : x.read.uncertainty->parameters) u[item.key] = item.value;
        v["uncertainty"] = {{x.read.uncertainty->kind, std::move(u)}};
    }
    v["source"] = x.read.source ? x.read.source->value : "";
    if (x.read.why) v["why"] = *x.read.why;
    if (!x.origin.empty()) v["origin"] = x.origin;
    return v;
}

Json Resolved::json(const std::vector<std::string>& names) const {
    Json out;
    out["scenario"] = scenario_.name;
    out["parameters"] = Json::array();
    std::vector<std::string> wanted_sources;
    for (const auto& name : names) {
        const bool known = std::any_of(scenario_.parameters.begin(), scenario_.parameters.end(),
                                       [&](const auto& x) { return x.name == name; }) ||
                           std::any_of(scenario_.entries.begin(), scenario_.entries.end(),
                                       [&](const auto& e) { return e.name == name; }) ||
                           source(name) != nullptr;
        if (!known) unknown(name);
    }
    const auto wanted = [&](const std::string& name) {
        return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
    };
    for (const auto& x : scenario_.parameters) {
        if (!wanted(x.name) && !wanted(x.entry)) continue;
        out["parameters"].push_back(parameter_json(x));
        if (x.read.source) wanted_sources.push_back(x.read.source->value);
    }
    if (!names.empty()) {
        out["entries"] = Json::array();
        for (const auto& e : scenario_.entries)
            if (wanted(e.name) && e.kind != "sources")
                out["entries"].push_back(
                    {{"kind", e.kind}, {"name", e.name}, {"file", e.path}, {"yaml", models::entry_yaml(e)}});
    }
    out["sources"] = Json::object();
    for (const auto& s : scenario_.sources) {
        if (!(names.empty() || wanted(s.key) ||
              std::find(wanted_sources.begin(), wanted_sources.end(), s.key) != wanted_sources.end()))
            continue;
        Json fields = Json::object();
        for (const auto& [key, value] : s.fields) fields[key] = value;
        out["sources"][s.key] = std::move(fields);
    }
    return out;
}

}  // namespace

std::string resolved_text(const Prepared& prepared, const std::vector<std::string>& names) {
    return Resolved(prepared).text(names);
}

std::string resolved_json(const Prepared& prepared, const std::vector<std::string>& names) {
    return Resolved(prepared).json(names).dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace proeftuin::app
