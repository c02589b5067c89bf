#include "engine/app/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "engine/app/session.hpp"
#include "output/show.hpp"

namespace proeftuin::app {
namespace {

using outcome::SummaryLineEntry;
using output::SummaryLine;
using Names = SummaryLineEntry::Names;

class Resolver {
public:
    Resolver(const models::LoadedScenario& scenario, const Model& model, DiagnosticSink& sink)
        : model_{model}, sink_{sink} {
        if (scenario.region)
            for (const auto& n : scenario.region->neighbourhoods)
                if (!n.name.empty() && n.name != n.label) neighbourhoods_[n.label] = n.name;
    }

    const Measure* measure(const Located<std::string>& name) {
        std::vector<std::string> known;
        for (const auto& m : model_.measures) {
            if (m.name == name.value) return &m;
            known.push_back(m.name);
        }
        return fail(fmt::format("there is no measure '{}'", name.value), name.span, suggestion(name.value, known));
    }

    /// The axis `name` of a measure; null after a report.
    const Grouping::Dim* axis(const Measure& of, const std::string& name, SourceSpan where) {
        std::vector<std::string> known;
        for (const auto& dim : dims(of)) {
            if (dim.name == name) return &dim;
            known.push_back(dim.name);
        }
        return fail(fmt::format("measure '{}' is not counted by '{}'", of.name, name), where,
                    known.empty() ? std::string("it has no groups") : suggestion(name, known));
    }

    output::SummaryItem item(const SummaryLineEntry& entry) {
        output::SummaryItem out{static_cast<int>(entry.largest), {}};
        const std::size_t before = sink_.errors();
        if (entry.each) {
            const Measure* first = entry.measure.empty() ? nullptr : measure(entry.measure.front());
            const Grouping::Dim* groups =
                first != nullptr ? axis(*first, entry.each->value, entry.each->span) : nullptr;
            if (groups == nullptr) return {};
            for (const auto& label : groups->labels) {
                if (const auto wanted = std::find_if(entry.where.begin(), entry.where.end(),
                                                     [&](const auto& w) { return w.key == entry.each->value; });
                    wanted != entry.where.end() && std::none_of(wanted->value.begin(), wanted->value.end(),
                                                                [&](const auto& w) { return w.value == label; }))
                    continue;
                const auto name =
                    entry.each->value == "neighbourhood" ? neighbourhoods_.find(label) : neighbourhoods_.end();
                SummaryLine one = line(entry, name == neighbourhoods_.end() ? label : name->second, entry.measure);
                one.where[entry.each->value] = {label};
                out.lines.push_back(std::move(one));
            }
        } else if (entry.growth) {
            growth(entry, out);
        } else if (!entry.of.empty()) {
            for (const auto& choice : entry.of) out.lines.push_back(line(entry, choice.key, choice.value));
        } else {
            out.lines.push_back(line(entry, entry.label, entry.measure));
        }
        return sink_.errors() == before ? out : output::SummaryItem{};
    }

    /// A measure that the section's numbers are also shown per 1,000 of.
    std::string reference(const Located<std::string>& name) {
        const Measure* found = measure(name);
        return found != nullptr ? found->name : std::string{};
    }

private:
    std::nullptr_t fail(std::string message, SourceSpan where, std::optional<std::string> help = {}) {
        sink_.error("E0437", std::move(message), where, std::move(help));
        return nullptr;
    }
    const std::vector<Grouping::Dim>& dims(const Measure& of) const {
        return model_.groupings[static_cast<std::size_t>(of.grouping)].dims;
    }
    static bool at_dates(const Measure& m) { return m.kind == MeasureSpec::Kind::people; }

    /// Names that are there, of one kind of period, with the axes and labels of `where`.
    std::vector<std::string> checked(const Names& names, const SummaryLineEntry& entry, std::optional<bool>& dates) {
        std::vector<std::string> out;
        for (const auto& name : names) {
            const Measure* m = measure(name);
            if (m == nullptr) continue;
            out.push_back(m->name);
            if (dates && *dates != at_dates(*m))
                fail(fmt::format("'{}' is counted {} and goes with measures that are counted {}", m->name,
                                 at_dates(*m) ? "on dates" : "over years", at_dates(*m) ? "over years" : "on dates"),
                     name.span);
            dates = at_dates(*m);
            std::size_t groups = 1;
            for (const auto& dim : dims(*m)) {
                const auto kept = std::find_if(entry.where.begin(), entry.where.end(),
                                               [&](const auto& w) { return w.key == dim.name; });
                groups *= entry.each && entry.each->value == dim.name ? 1
                          : kept == entry.where.end()                 ? dim.labels.size()
                                                                      : kept->value.size();
            }
            if (m->is_mean && groups > 1)
                fail(fmt::format("'{}' is a mean, and means over several groups do not add up", m->name), name.span,
                     "name one label of each of its groups in `where`");
            if (entry.each) axis(*m, entry.each->value, entry.each->span);
            for (const auto& [key, span, labels] : entry.where)
                if (const auto* dim = axis(*m, key, span))
                    for (const auto& label : labels)
                        if (std::find(dim->labels.begin(), dim->labels.end(), label.value) == dim->labels.end())
                            fail(fmt::format("'{}' has no label '{}'", key, label.value), label.span,
                                 suggestion(label.value, dim->labels));
        }
        return out;
    }

    SummaryLine line(const SummaryLineEntry& entry, const std::string& label, const Names& names) {
        SummaryLine out;
        out.label = label;
        std::optional<bool> dates;
        for (const auto& [key, span, labels] : entry.where)
            for (const auto& one : labels) out.where[key].push_back(one.value);
        std::string unit;
        if (entry.life_table) {
            life_table(*entry.life_table, entry, out);
            unit = "years";
        } else {
            out.measures = checked(names, entry, dates);
            out.per = checked(entry.per, entry, dates);
            if (entry.statistic) statistic(*entry.statistic, names, out);
            unit = unit_of(out);
        }
        finish(entry, unit, out);
        return out;
    }

    /// Scale, unit and how it is printed.
    static void finish(const SummaryLineEntry& entry, std::string unit, SummaryLine& out) {
        if (!entry.unit.empty()) unit = entry.unit;
        if (unit == "1" || unit == "person") unit.clear();
        using Scale = SummaryLineEntry::Scale;
        switch (entry.scale) {
            case Scale::one:
                break;
            case Scale::thousand:
                out.times = 1e-3, unit = unit.empty() ? "thousand" : "thousand " + unit;
                break;
            case Scale::million:
                out.times = 1e-6, unit = unit.empty() ? "million" : "million " + unit;
                break;
            case Scale::percent:
                out.times = 100.0, unit = "%";
                break;
        }
        out.unit = unit;
        out.decimals = entry.decimals ? static_cast<int>(*entry.decimals) : -1;
        out.change = static_cast<SummaryLine::Change>(entry.change);
        out.note = entry.note;
    }

    void growth(const SummaryLineEntry& entry, output::SummaryItem& out) {
        const auto& split = *entry.growth;
        Names names = {split.amount, split.person_years};
        if (split.unindexed) names.push_back(*split.unindexed);
        std::optional<bool> dates;
        const auto found = checked(names, entry, dates);
        if (found.size() < names.size()) return;
        const Measure& amount = *measure(split.amount);
        for (const auto& name : names) {
            const Measure& other = *measure(name);
            if (dims(other).size() != dims(amount).size())
                fail(fmt::format("'{}' and '{}' are counted by other groups", amount.name, other.name), name.span);
            for (const auto& dim : dims(amount)) axis(other, dim.name, name.span);
        }
        using Part = SummaryLine::Growth::Part;
        const auto add = [&](Part part, const char* label) {
            SummaryLine line;
            line.label = label;
            for (const auto& [key, span, labels] : entry.where)
                for (const auto& one : labels) line.where[key].push_back(one.value);
            line.growth = {split.amount.value, split.unindexed ? split.unindexed->value : "", split.person_years.value,
                           part};
            finish(entry, amount.unit, line);
            out.lines.push_back(std::move(line));
        };
        add(Part::people, "growth by number of people");
        add(Part::ages, "growth by their ages");
        add(Part::care, split.unindexed ? "growth by care at given age" : "growth at given age");
        if (split.unindexed) add(Part::index, "growth by the index");
    }

    void life_table(const outcome::LifeTableEntry& entry, const SummaryLineEntry& whole, SummaryLine& out) {
        SummaryLine::LifeTable table{entry.deaths.value, entry.person_years.value, "", entry.age.value};
        Names names = {entry.deaths, entry.person_years};
        if (entry.healthy_years) {
            table.healthy_years = entry.healthy_years->value;
            names.push_back(*entry.healthy_years);
        }
        std::optional<bool> dates;
        checked(names, whole, dates);
        for (const auto& name : names)
            if (const Measure* m = measure(name)) axis(*m, entry.age.value, entry.age.span);
        out.life_table = std::move(table);
    }

    void statistic(const Located<std::string>& name, const Names& names, SummaryLine& out) {
        const Measure* m = measure(names.front());
        out.statistic = name.value;
        if (m == nullptr) return;
        if (m->per_person == MeasureSpec::PerPerson::no) {
            fail(fmt::format("measure '{}' keeps no totals of people", m->name), names.front().span,
                 "give it `per_person: year`");
        } else if (const auto shown = shown_statistics(*m);
                   std::find(shown.begin(), shown.end(), name.value) == shown.end()) {
            fail(fmt::format("measure '{}' does not show '{}'", m->name, name.value), name.span,
                 suggestion(name.value, shown));
        }
    }

    std::string unit_of(const SummaryLine& line) const {
        const auto of = [&](const std::vector<std::string>& names) {
            for (const auto& m : model_.measures)
                if (!names.empty() && m.name == names.front()) return m.unit;
            return std::string("1");
        };
        if (line.statistic.starts_with("top_share")) return "1";
        const std::string over = of(line.measures), under = of(line.per);
        if (line.per.empty() || under == "1") return over;
        return over == under ? "1" : over + " per " + under;
    }

    const Model& model_;
    DiagnosticSink& sink_;
    std::map<std::string, std::string> neighbourhoods_;  ///< names by label
};

}  // namespace

output::Summary resolve_summary(const models::LoadedScenario& scenario, const Model& model, double stands_for,
                                std::size_t simulated, DiagnosticSink& sink) {
    output::Summary summary;
    Resolver resolver(scenario, model, sink);
    for (const auto& entry : scenario.summary) {
        output::SummarySection section{
            entry.heading, entry.per_1000 ? resolver.reference(*entry.per_1000) : "", {}, entry.notes};
        for (const auto& line : entry.lines)
            if (auto item = resolver.item(line); !item.lines.empty()) section.items.push_back(std::move(item));
        summary.sections.push_back(std::move(section));
    }
    if (summary.empty()) return summary;
    if (stands_for != 1.0)
        summary.notes.push_back(fmt::format(
            "{} simulated people stand for {}: what was counted is multiplied by {:.4g}, its chance with it.",
            output::readable(static_cast<double>(simulated)),
            output::readable(std::round(stands_for * static_cast<double>(simulated))), stands_for));
    const auto assumed = std::count_if(scenario.parameters.begin(), scenario.parameters.end(), [](const auto& p) {
        return p.read.source && p.read.source->value == "assumption";
    });
    if (assumed > 0)
        summary.notes.push_back(fmt::format("{} of the {} inputs are assumptions (proeftuin check --resolved).",
                                            assumed, scenario.parameters.size()));
    return summary;
}

}  // namespace proeftuin::app
