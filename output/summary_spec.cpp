#include "output/summary_spec.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "engine/core/errors.hpp"

namespace proeftuin::output {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 3> changes = {"percent", "units", "none"};
constexpr std::array<std::string_view, 4> parts = {"people", "ages", "care", "index"};

Json to_object(const SummaryLine& line) {
    Json out;
    out["label"] = line.label;
    if (line.life_table) {
        const auto& t = *line.life_table;
        out["life_table"] = {{"deaths", t.deaths}, {"person_years", t.person_years}, {"age", t.age}};
        if (!t.healthy_years.empty()) out["life_table"]["healthy_years"] = t.healthy_years;
    } else if (line.growth) {
        const auto& g = *line.growth;
        out["growth"] = {{"amount", g.amount}, {"person_years", g.person_years}, {"part", name_of(g.part)}};
        if (!g.unindexed.empty()) out["growth"]["unindexed"] = g.unindexed;
    } else {
        out["measures"] = line.measures;
    }
    if (!line.where.empty()) out["where"] = line.where;
    if (!line.per.empty()) out["per"] = line.per;
    if (!line.statistic.empty()) out["statistic"] = line.statistic;
    out["times"] = line.times;
    out["unit"] = line.unit;
    out["decimals"] = line.decimals;
    out["change"] = changes[static_cast<std::size_t>(line.change)];
    if (!line.note.empty()) out["note"] = line.note;
    return out;
}

SummaryLine line_of(const Json& in) {
    SummaryLine line;
    line.label = in.at("label");
    if (in.contains("life_table")) {
        const auto& t = in.at("life_table");
        line.life_table = {t.at("deaths"), t.at("person_years"), t.value("healthy_years", ""), t.at("age")};
    } else if (in.contains("growth")) {
        const auto& g = in.at("growth");
        const std::string part = g.at("part");
        const auto at = static_cast<std::size_t>(std::find(parts.begin(), parts.end(), part) - parts.begin());
        if (at == parts.size()) throw IoError("cannot use a summary with the part '" + part + "' of a growth");
        line.growth = {g.at("amount"), g.value("unindexed", ""), g.at("person_years"),
                       static_cast<SummaryLine::Growth::Part>(at)};
    } else {
        in.at("measures").get_to(line.measures);
    }
    if (in.contains("where")) in.at("where").get_to(line.where);
    if (in.contains("per")) in.at("per").get_to(line.per);
    line.statistic = in.value("statistic", "");
    line.times = in.at("times");
    line.unit = in.at("unit");
    line.decimals = in.at("decimals");
    const std::string change = in.at("change");
    std::size_t index = 0;
    while (index < changes.size() && changes[index] != change) ++index;
    if (index == changes.size()) throw IoError("cannot use a summary with the change '" + change + "'");
    line.change = static_cast<SummaryLine::Change>(index);
    line.note = in.value("note", "");
    return line;
}

}  // namespace

std::string_view name_of(SummaryLine::Growth::Part part) { return parts[static_cast<std::size_t>(part)]; }

std::string to_json(const Summary& summary) {
    Json out;
    out["sections"] = Json::array();
    for (const auto& section : summary.sections) {
        Json s;
        s["heading"] = section.heading;
        if (!section.per_1000.empty()) s["per_1000"] = section.per_1000;
        s["items"] = Json::array();
        for (const auto& item : section.items) {
            Json lines = Json::array();
            for (const auto& line : item.lines) lines.push_back(to_object(line));
            s["items"].push_back({{"largest", item.largest}, {"lines", std::move(lines)}});
        }
        s["notes"] = section.notes;
        out["sections"].push_back(std::move(s));
    }
    out["notes"] = summary.notes;
    return out.dump(1, ' ', false, Json::error_handler_t::replace);
}

Summary summary_of_json(std::string_view text) {
    try {
        const Json in = Json::parse(text);
        Summary summary;
        for (const auto& s : in.at("sections")) {
            SummarySection section{s.at("heading"), s.value("per_1000", ""), {}, s.at("notes")};
            for (const auto& i : s.at("items")) {
                SummaryItem item{i.at("largest"), {}};
                for (const auto& line : i.at("lines")) item.lines.push_back(line_of(line));
                section.items.push_back(std::move(item));
            }
            summary.sections.push_back(std::move(section));
        }
        in.at("notes").get_to(summary.notes);
        return summary;
    } catch (const nlohmann::json::exception& e) {
        throw IoError(std::string("cannot use the summary of a results file (") + e.what() + ")");
    }
}

}  // namespace proeftuin::output
