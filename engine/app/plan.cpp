#include "engine/app/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
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

/// Whole years after the start at which the course of a coalition is told.
std::vector<double> years_told(const Model& m) {
    std::vector<double> out;
    for (const int years : {1, 2, 5, 10, 20})
        if (years <= m.years) out.push_back(m.start_year + years);
    return out;
}

/// Year at which it is told what each mechanism of a coalition does.
double year_of_contributions(const Model& m) { return m.start_year + std::min(m.years, 5); }

std::string coalition_text(const coalition::Account& c, const Model& m) {
    std::size_t width = 12;
    for (const auto& p : c.programmes) width = std::max(width, p.name.size());
    for (const auto& o : c.organisations) width = std::max(width, o.size() + 7);
    std::string out =
        fmt::format("\ncoalition {}: how far it comes, 0 to 1, on 1 January\n  {:<{}}", c.name, "", width);
    const std::vector<double> years = years_told(m);
    for (const double year : years) out += fmt::format(" {:>6.0f}", year);
    out += "\n";
    const auto row = [&](const std::string& label, const std::vector<double>& values) {
        out += fmt::format("  {:<{}}", label, width);
        for (const double year : years) out += fmt::format(" {:>6.2f}", c.course.at(values, year));
        out += "\n";
    };
    for (std::size_t i = 0; i < c.organisations.size(); ++i) row(c.organisations[i] + " vision", c.course.vision[i]);
    for (std::size_t p = 0; p < c.programmes.size(); ++p) row(c.programmes[p].name, c.course.level[p]);
    const double at = year_of_contributions(m);
    out += fmt::format(
        "  what each mechanism changes in it on 1 January {:.0f}, the others as they are; misalignment: how much "
        "partners are held to what the programme works against, 0 to 1\n  {:<{}}",
        at, "", width);
    std::vector<std::vector<double>> changes;
    for (const auto& [name, mechanism] : coalition::mechanism_names) {
        out += fmt::format("  {}", name);
        changes.push_back(coalition::contribution(c.coalition, mechanism, m.start_year, at));
    }
    out += "  misalignment\n";
    for (std::size_t p = 0; p < c.programmes.size(); ++p) {
        out += fmt::format("  {:<{}}", c.programmes[p].name, width);
        for (std::size_t k = 0; k < changes.size(); ++k)
            out += fmt::format("  {:>{}}", fmt::format("{:+.2f}", changes[k][p]),
                               coalition::mechanism_names[k].first.size());
        out += fmt::format("  {:>12}\n", fmt::format("{:.2f}", c.coalition.misalignment(p)));
    }
    return out;
}

nlohmann::json coalition_json(const coalition::Account& c, const Model& m) {
    nlohmann::json j{{"name", c.name}};
    const double at = year_of_contributions(m);
    const auto course = [&](const std::vector<double>& values) {
        nlohmann::json out;
        for (int k = 0; k <= m.years; ++k)
            out[fmt::format("{:.0f}", m.start_year + k)] = c.course.at(values, m.start_year + k);
        return out;
    };
    for (std::size_t i = 0; i < c.organisations.size(); ++i)
        j["organisations"].push_back({{"name", c.organisations[i]}, {"vision", course(c.course.vision[i])}});
    for (std::size_t p = 0; p < c.programmes.size(); ++p)
        j["programmes"].push_back({{"name", c.programmes[p].name},
                                   {"level", course(c.course.level[p])},
                                   {"misalignment", c.coalition.misalignment(p)}});
    j["contributions_at"] = at;
    for (const auto& [name, mechanism] : coalition::mechanism_names) {
        const auto change = coalition::contribution(c.coalition, mechanism, m.start_year, at);
        for (std::size_t p = 0; p < c.programmes.size(); ++p)
            j["programmes"][p]["contributions"][std::string(name)] = change[p];
    }
    return j;
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
    for (const auto& c : prepared.scenario.coalitions) out += coalition_text(c, m);
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
    for (const auto& c : prepared.scenario.coalitions) j["coalitions"].push_back(coalition_json(c, m));
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
    for (const auto& c : prepared.scenario.coalitions) {
        out += fmt::format("  subgraph cluster_coalition_{0} {{\n    label=\"coalition {0}\";\n", c.name);
        for (const auto& o : c.organisations)
            out += fmt::format("    coalition_{0}__{1} [label=\"{1}\"];\n", c.name, o);
        for (const auto& p : c.programmes)
            out += fmt::format("    coalition_{0}__part_{1} [label=\"{1}\", shape=ellipse];\n", c.name, p.name);
        for (const auto& t : c.coalition.ties)
            out += fmt::format("    coalition_{0}__{1} -> coalition_{0}__{2} [dir=none, label=\"{3:.3g} per year\"];\n",
                               c.name, c.organisations[t.a], c.organisations[t.b], t.strength);
        for (std::size_t p = 0; p < c.programmes.size(); ++p) {
            const auto& part = c.coalition.parts[p];
            for (std::size_t i = 0; i < c.organisations.size(); ++i)
                if (part.shares[i] > 0.0)
                    out += fmt::format("    coalition_{0}__{1} -> coalition_{0}__part_{2} [label=\"{3:.2g}\"];\n",
                                       c.name, c.organisations[i], c.programmes[p].name, part.shares[i]);
            for (const std::size_t q : part.after)
                out += fmt::format("    coalition_{0}__part_{1} -> coalition_{0}__part_{2} [style=dashed];\n", c.name,
                                   c.programmes[q].name, c.programmes[p].name);
        }
        out += "  }\n";
    }
    return out + "}\n";
}

}  // namespace proeftuin::app
