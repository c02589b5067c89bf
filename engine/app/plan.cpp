#include "engine/app/plan.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace proeftuin::app {
namespace {

std::string state_list(const Process& p, const std::vector<int>& states) {
    std::string out;
    for (const int s : states) out += (out.empty() ? "" : ", ") + p.states->labels[static_cast<std::size_t>(s)];
    return out;
}

std::string clean(std::string text) {
    for (char& c : text)
        if (c == '.') c = '_';
    return text;
}

/// Inside the quotes of a label.
std::string quoted(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out;
}

}  // namespace

std::string plan_text(const Prepared& prepared) {
    const Model& m = *prepared.model;
    std::string out = fmt::format(
        "{}: {:.0f} to {:.0f}, {} step{} a year, {} people at the start{}\n\n", m.name, m.start_year,
        m.start_year + m.years, m.ticks_per_year, m.ticks_per_year == 1 ? "" : "s",
        prepared.people ? prepared.people->people : prepared.scenario.people,
        prepared.stands_for == 1.0 ? "" : fmt::format(", each for {:.4g} of the region", prepared.stands_for));
    out += "at entry, in this order\n";
    for (const int node : m.start_order) {
        const bool attribute = node >= 0;
        const auto k = static_cast<std::size_t>(attribute ? node : -1 - node);
        const StartRule& rule = attribute ? m.attributes[k].start : m.processes[k].start;
        const char* how = rule.kind == StartRule::Kind::given    ? "given"
                          : rule.kind == StartRule::Kind::fixed  ? "one state"
                          : rule.kind == StartRule::Kind::number ? "drawn or computed"
                                                                 : "by probability";
        out += fmt::format("  {:<10} {:<28} {}\n", attribute ? "attribute" : "process",
                           attribute ? m.attributes[k].name : m.processes[k].name, how);
    }
    out += "\neach step\n";
    int phase = 0;
    const auto add_phase = [&](const char* what) { out += fmt::format("  {} {}\n", ++phase, what); };
    add_phase("enter    arrivals and births of the step get exact times inside it");
    if (!m.selections.empty()) {
        std::string names;
        for (const Selection& s : m.selections) names += (names.empty() ? "" : ", ") + s.name;
        add_phase(("select   programmes invite, in this order: " + names).c_str());
    }
    add_phase("live     events at exact times, chunk by chunk; moving attributes; measures accrue");
    if (m.has_cycles) add_phase("cycles   rows of probabilities at the end of a cycle, for those alive");
    add_phase("record   sums of whole numbers by year");
    if (!m.signals.empty()) {
        std::string names;
        for (const Signal& s : m.signals) names += " " + s.name;
        add_phase(("signal   what the next step sees:" + names).c_str());
    }
    out += "\nevents (ties in this order)\n";
    for (const Transition& t : m.transitions) {
        if (t.process == no_index) {
            out += fmt::format("  {:<36} life\n", t.name);
            continue;
        }
        const Process& p = m.processes[static_cast<std::size_t>(t.process)];
        out += fmt::format("  {:<36} {} -> {}{}{}\n", t.name, state_list(p, t.from),
                           t.to == no_index ? "(recurrent)" : p.states->labels[static_cast<std::size_t>(t.to)],
                           !t.is_rate                        ? "  per cycle"
                           : t.trigger == Trigger::selection ? "  by selection"
                           : t.trigger == Trigger::entry     ? "  in the step of the selection"
                           : t.trigger == Trigger::duration  ? "  after a fixed time"
                           : t.trigger == Trigger::date      ? "  on a date"
                                                             : "",
                           t.fatal.valid() ? "  may be fatal" : "");
    }
    out += fmt::format("\n{} clocks per person, {} bytes per person in {} columns\n", m.slots.size(),
                       Population(m.layout).bytes_per_slot(), m.layout.items.size());
    out += fmt::format("{} instructions for everybody each step, {} rates, {} integrands, {} groupings, {} measures\n",
                       m.dense.instructions(), m.dense_transitions.size(), m.integrals.size(), m.groupings.size(),
                       m.measures.size());
    for (const auto& note : m.notes) out += note + "\n";
    return out;
}

std::string plan_json(const Prepared& prepared) {
    const Model& m = *prepared.model;
    nlohmann::json j;
    j["scenario"] = m.name;
    j["start"] = m.start_year;
    j["years"] = m.years;
    j["steps_per_year"] = m.ticks_per_year;
    j["entry_order"] = nlohmann::json::array();
    for (const int node : m.start_order)
        j["entry_order"].push_back(node >= 0 ? m.attributes[static_cast<std::size_t>(node)].name
                                             : m.processes[static_cast<std::size_t>(-1 - node)].name);
    j["events"] = nlohmann::json::array();
    for (const Transition& t : m.transitions) {
        nlohmann::json e{{"name", t.name}, {"kind", t.is_rate ? "rate" : "probability"}};
        if (t.process != no_index) {
            const Process& p = m.processes[static_cast<std::size_t>(t.process)];
            for (const int s : t.from) e["from"].push_back(p.states->labels[static_cast<std::size_t>(s)]);
            if (t.to != no_index) e["to"] = p.states->labels[static_cast<std::size_t>(t.to)];
        }
        j["events"].push_back(std::move(e));
    }
    j["clocks"] = m.slots.size();
    j["bytes_per_person"] = Population(m.layout).bytes_per_slot();
    j["instructions"] = m.dense.instructions();
    for (const auto& measure : m.measures) j["measures"].push_back({{"name", measure.name}, {"unit", measure.unit}});
    for (const Signal& s : m.signals) j["signals"].push_back({{"name", s.name}, {"unit", s.unit}, {"start", s.start}});
    j["notes"] = m.notes;
    return j.dump(2);
}

std::string plan_dot(const Prepared& prepared) {
    const Model& m = *prepared.model;
    std::string out = "digraph \"" + m.name + "\" {\n  rankdir=LR;\n  node [shape=box, style=rounded];\n";
    for (const Process& p : m.processes) {
        out += fmt::format("  subgraph cluster_{} {{\n    label=\"{}\";\n", p.name, p.name);
        for (const auto& s : p.states->labels) out += fmt::format("    {}__{} [label=\"{}\"];\n", p.name, clean(s), s);
        for (const Transition& t : m.transitions) {
            if (t.process == no_index || &m.processes[static_cast<std::size_t>(t.process)] != &p) continue;
            const std::string label = t.name.substr(t.name.find('.') + 1);
            for (const int f : t.from) {
                const std::string from = p.states->labels[static_cast<std::size_t>(f)];
                const std::string to = t.to == no_index ? from : p.states->labels[static_cast<std::size_t>(t.to)];
                out += fmt::format("    {}__{} -> {}__{} [label=\"{}\"{}];\n", p.name, clean(from), p.name, clean(to),
                                   label, t.is_rate ? "" : ", style=dashed");
            }
        }
        out += "  }\n";
    }
    for (const network::Drawn& n : prepared.scenario.networks) {
        out += fmt::format("  subgraph cluster_network_{0} {{\n    label=\"care network {0}\";\n", n.name);
        for (const auto& node : n.nodes)
            out += fmt::format("    network_{0}__{1} [label=\"{1}\"{2}{3}];\n", n.name, node.name,
                               node.is_place ? "" : ", shape=ellipse", node.has_capacity ? ", peripheries=2" : "");
        for (const auto& r : n.routes)
            out += fmt::format("    network_{0}__{1} -> network_{0}__{2} [label=\"{3}\"{4}];\n", n.name,
                               n.nodes[r.from].name, n.nodes[r.to].name, quoted(r.share),
                               r.overflow ? ", style=dashed" : "");
        out += "  }\n";
    }
    return out + "}\n";
}

}  // namespace proeftuin::app
