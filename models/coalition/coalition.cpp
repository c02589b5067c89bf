#include "models/coalition/coalition.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "engine/expr/expression.hpp"
#include "engine/expr/located.hpp"
#include "engine/run/calendar.hpp"
#include "engine/run/model_graph.hpp"

namespace proeftuin::coalition {
namespace {

constexpr double ever = std::numeric_limits<double>::infinity();

Schema<OrganisationEntry> organisation_schema() {
    Schema<OrganisationEntry> s("organisation", "Who must work together with others.");
    s.optional("doc", &OrganisationEntry::doc, text(), "What it is.");
    s.required("shared_vision", &OrganisationEntry::shared_vision, expression(),
               "How far it shares the vision of the coalition at the start, 0 to 1.", "0.5")
        .unit_is("1");
    s.optional("reluctance", &OrganisationEntry::reluctance, expression(),
               "Share of its will that is lost because other things come first, 0 to 1.", "0.3")
        .default_is("0")
        .unit_is("1");
    s.optional("targets", &OrganisationEntry::targets, map_of(expression()),
               "What it is held to: indicators with their weight, above 0 where more is better for it, below 0 where "
               "less is.",
               "{ admissions: 1, quality: 0.5 }")
        .unit_is("1");
    return s;
}

Schema<TieEntry> tie_schema() {
    Schema<TieEntry> s("tie", "Two organisations whose visions come together.");
    s.required("between", &TieEntry::between, list_of(located(name()), 2), "The two.", "[gp_practices, hospital]");
    s.required("strength", &TieEntry::strength, expression(), "How fast each takes over what it lacks of the other.",
               "0.2 per year")
        .unit_is("per year");
    s.place(&TieEntry::place);
    return s;
}

Schema<ConvenorEntry> convenor_schema() {
    Schema<ConvenorEntry> s("convenor", "Who brings organisations together, and what that costs.");
    s.optional("doc", &ConvenorEntry::doc, text(), "Who it is.");
    s.optional("from", &ConvenorEntry::from, located(date()), "First day.", "2012-07-01")
        .default_is("before the start of the scenario");
    s.optional("to", &ConvenorEntry::to, located(date()), "Last day; a year is all of it.", "2017")
        .default_is("the end of the scenario");
    s.optional("reaches", &ConvenorEntry::reaches, list_or_single(located(name())), "Organisations.", "[gp_practices]")
        .default_is("all");
    s.optional("persuades", &ConvenorEntry::persuades, expression(),
               "Rate at which what an organisation lacks of the full vision goes.", "0.3 per year")
        .default_is("0")
        .unit_is("per year");
    s.optional("overcomes", &ConvenorEntry::overcomes, expression(),
               "Share of their reluctance that is gone while it works.", "0.4")
        .default_is("0")
        .unit_is("1");
    s.optional("speeds_up", &ConvenorEntry::speeds_up, expression(),
               "Factor on the speed of programmes while it works.", "1.5")
        .default_is("1")
        .unit_is("1");
    s.optional("cost_per_year", &ConvenorEntry::cost_per_year, expression(),
               "Cost of the region while it works; nobody's, so it is in no sum over people.", "100000 EUR per year")
        .unit_is("EUR per year");
    s.place(&ConvenorEntry::place);
    return s;
}

Schema<RuleEntry> rule_schema() {
    Schema<RuleEntry> s("rule", "A rule of the nation that programmes wait for.");
    s.optional("doc", &RuleEntry::doc, text(), "What it is.");
    s.required("opens", &RuleEntry::opens, located(date()), "Day from which on it lets them through.", "2015-01-01");
    s.required("programmes", &RuleEntry::programmes, list_or_single(located(name())), "Programmes that wait for it.",
               "[e_health_portal]");
    s.optional("before", &RuleEntry::before, expression(), "Factor on what can be implemented until then, 0 to 1.",
               "0.2")
        .default_is("0")
        .unit_is("1");
    return s;
}

Schema<PartEntry> part_schema() {
    Schema<PartEntry> s("programme of a coalition", "Whom a programme asks to work together, and how fast it comes.");
    s.optional("doc", &PartEntry::doc, text(), "Why so.");
    s.required("partners", &PartEntry::partners, map_of(expression()),
               "Organisations with the share that each has in it; shares are divided by their sum.",
               "{ gp_practices: 0.6, hospital: 0.4 }")
        .unit_is("1");
    s.optional("combines", &PartEntry::combines,
               one_of<Combines>(
                   {{"geometric", Combines::geometric}, {"mean", Combines::mean}, {"weakest", Combines::weakest}}),
               "How the willingness of its organisations becomes one: their weighted geometric mean (who does nothing "
               "stops it), their weighted mean, or that of the least willing.")
        .default_is("geometric");
    s.optional("moves", &PartEntry::moves, map_of(expression()),
               "What it does to indicators that organisations are held to: above 0 more, below 0 less.",
               "{ admissions: -1, quality: 1 }")
        .unit_is("1");
    s.optional("from", &PartEntry::from, located(date()),
               "Day on which implementation begins, if not before the start of the scenario.", "2014-01-01")
        .default_is("the start of the scenario");
    s.required("takes", &PartEntry::takes, expression(),
               "Time in which what is missing falls to 1 / e = 0.37, without a convenor.", "2 years")
        .unit_is("year");
    s.optional("at_start", &PartEntry::at_start, expression(), "How far it is implemented until then, 0 to 1.", "0.1")
        .default_is("0")
        .unit_is("1");
    s.optional("after", &PartEntry::after, list_or_single(located(name())),
               "Programmes of the coalition that it builds on: how far they have come multiplies its strength.",
               "ict_platform");
    s.optional("acts_on", &PartEntry::acts_on,
               list_or_single(located(one_of<ActsOn>(
                   {{"invitations", ActsOn::invitations}, {"uptake", ActsOn::uptake}, {"effects", ActsOn::effects}}))),
               "What of the programme it multiplies.", "[invitations, uptake]")
        .default_is("invitations; nothing where no programme has this name");
    return s;
}

Schema<MechanismsEntry> mechanisms_schema() {
    using Entry = MechanismsEntry;
    Schema<Entry> s("mechanisms", "What counts; each can be left out, to see what it does.");
    s.optional("shared_vision", &Entry::shared_vision, boolean(), "Whether a vision must be shared.")
        .default_is("true");
    s.optional("reluctance", &Entry::reluctance, boolean(), "Whether reluctance holds up.").default_is("true");
    s.optional("conflicting_targets", &Entry::conflicting_targets, boolean(), "Whether targets hold up.")
        .default_is("true");
    s.optional("rules", &Entry::rules, boolean(), "Whether rules hold up until they open.").default_is("true");
    s.optional("prerequisites", &Entry::prerequisites, boolean(), "Whether programmes wait for others.")
        .default_is("true");
    s.optional("convenor", &Entry::convenor, boolean(), "Whether the convenor works, and costs.").default_is("true");
    return s;
}

/// From texts to numbers, and from names to places in lists.
class Lowering {
public:
    Lowering(const CoalitionEntry& entry, ModelSpec& model, DiagnosticSink& sink)
        : entry_{entry}, model_{model}, sink_{sink} {
        for (const auto& t : model_.tables) symbols_.set(t->name, TableSymbol{t});
        for (const auto& c : model_.constants) symbols_.set(c.name, ConstantSymbol{c.value, c.unit});
    }

    std::optional<Account> run() {
        const std::size_t before = sink_.errors();
        read_organisations();
        read_convenor();
        read_rules();
        read_programmes();
        check_circle();
        if (sink_.errors() != before) return std::nullopt;
        account_.name = entry_.name.value;
        account_.where = entry_.name.span;
        account_.course =
            course_of(account_.coalition, model_.start_year, model_.start_year + static_cast<double>(model_.years));
        write();
        return std::move(account_);
    }

private:
    struct Bounds {
        double low, high;
        const char* words;
    };
    static constexpr Bounds share{0.0, 1.0, "from 0 to 1"};
    static constexpr Bounds rate{0.0, 24.0, "from 0 to 24 per year"};

    double number(const LocatedText& text, const char* unit, const Bounds& bounds, const std::string& what) {
        Expected expected;
        expected.unit = *parse_unit(unit);
        const auto bound = bind(expr_text(text), symbols_, expected, sink_);
        if (!bound) return bounds.low;
        const auto value = bound->as_constant();
        if (!value) {
            sink_.error("E0450", fmt::format("{} is no constant", what), text.span, "use numbers and parameters");
            return bounds.low;
        }
        if (!(*value >= bounds.low && *value <= bounds.high)) {
            sink_.error("E0445", fmt::format("{} is {:g} ({})", what, *value, bounds.words), text.span);
            return bounds.low;
        }
        return *value;
    }
    double number(const std::optional<LocatedText>& text, double otherwise, const char* unit, const Bounds& bounds,
                  const std::string& what) {
        return text ? number(*text, unit, bounds, what) : otherwise;
    }

    /// Index of a name in a list of entries; tells of one that is not there.
    template <class Items>
    std::optional<std::size_t> index_in(const Items& items, const Located<std::string>& name, const char* what) {
        std::vector<std::string> known;
        for (std::size_t k = 0; k < items.size(); ++k) {
            if (items[k].key == name.value) return k;
            known.push_back(items[k].key);
        }
        sink_.error("E0480", fmt::format("'{}' is no {} of coalition '{}'", name.value, what, entry_.name.value),
                    name.span, suggestion(name.value, known));
        return std::nullopt;
    }

    void read_organisations() {
        Coalition& c = account_.coalition;
        for (const auto& item : entry_.organisations) {
            Organisation o;
            o.shared_vision = number(item.value.shared_vision, "1", share, fmt::format("the vision of '{}'", item.key));
            o.reluctance =
                number(item.value.reluctance, 0.0, "1", share, fmt::format("the reluctance of '{}'", item.key));
            c.organisations.push_back(o);
            account_.organisations.push_back(item.key);
        }
        for (const TieEntry& t : entry_.ties) {
            if (t.between.size() != 2) {
                sink_.error("E0482", "a tie is between two organisations", t.place,
                            "between: [gp_practices, hospital]");
                continue;
            }
            const auto a = index_in(entry_.organisations, t.between[0], "organisation");
            const auto b = index_in(entry_.organisations, t.between[1], "organisation");
            if (a && b && *a == *b)
                sink_.error("E0482", fmt::format("'{}' has a tie with itself", t.between[0].value), t.between[1].span);
            else if (a && b)
                c.ties.push_back({*a, *b, number(t.strength, "per year", rate, "the strength of the tie")});
        }
    }

    void read_convenor() {
        if (!entry_.convenor) return;
        const ConvenorEntry& e = *entry_.convenor;
        Convenor& convenor = account_.coalition.convenor;
        convenor.from = e.from ? calendar_year(e.from->value, false) : -ever;
        convenor.to = e.to ? calendar_year(e.to->value, true) : ever;
        if (!(convenor.from < convenor.to))
            sink_.error("E0482", "the convenor ends before it begins", e.to->span, {},
                        {{e.from->span, "its first day"}});
        convenor.persuades = number(e.persuades, 0.0, "per year", rate, "the rate at which the convenor persuades");
        convenor.overcomes =
            number(e.overcomes, 0.0, "1", share, "the share of reluctance that the convenor overcomes");
        convenor.speeds_up =
            number(e.speeds_up, 1.0, "1", {0.0, 100.0, "from 0 to 100"}, "the factor of the convenor on speed");
        for (const auto& name : e.reaches)
            if (const auto i = index_in(entry_.organisations, name, "organisation"))
                account_.coalition.organisations[*i].reached = true;
        if (e.reaches.empty())
            for (Organisation& o : account_.coalition.organisations) o.reached = true;
    }

    void read_rules() {
        for (const auto& item : entry_.rules)
            account_.coalition.rules.push_back(
                {calendar_year(item.value.opens.value, false),
                 number(item.value.before, 0.0, "1", share,
                        fmt::format("what '{}' lets through before it opens", item.key))});
    }

    void read_programmes() {
        std::map<std::string, std::size_t> indicators;
        const auto indicator = [&](const std::string& name) {
            return indicators.try_emplace(name, indicators.size()).first->second;
        };
        for (const auto& o : entry_.organisations)
            for (const auto& t : o.value.targets) indicator(t.key);
        const auto of_targets = indicators;
        for (const auto& item : entry_.programmes) {
            const PartEntry& e = item.value;
            Part part;
            part.shares.assign(entry_.organisations.size(), 0.0);
            double sum = 0.0;
            const std::size_t before = sink_.errors();
            for (const auto& p : e.partners)
                if (const auto i = index_in(entry_.organisations, {p.key, p.key_span}, "organisation")) {
                    part.shares[*i] = number(p.value, "1", {0.0, 1e6, "at least 0"},
                                             fmt::format("the share of '{}' in '{}'", p.key, item.key));
                    sum += part.shares[*i];
                }
            if (!(sum > 0.0) && !e.partners.empty() && sink_.errors() == before)
                sink_.error("E0482", fmt::format("nobody has a share in '{}'", item.key), item.key_span);
            if (e.partners.empty())
                sink_.error("E0482", fmt::format("nobody has a share in '{}'", item.key), item.key_span,
                            "partners: { gp_practices: 1 }");
            if (sum > 0.0)
                for (double& s : part.shares) s /= sum;
            std::vector<double> moves(indicators.size(), 0.0);
            for (const auto& m : e.moves) {
                if (!of_targets.contains(m.key)) {
                    std::vector<std::string> known;
                    for (const auto& [name, k] : of_targets) known.push_back(name);
                    sink_.error("E0480", fmt::format("no organisation is held to '{}'", m.key), m.key_span,
                                suggestion(m.key, known));
                    continue;
                }
                moves[of_targets.at(m.key)] = number(m.value, "1", {-1e6, 1e6, "at most 1e6 in size"},
                                                     fmt::format("what '{}' does to '{}'", item.key, m.key));
            }
            for (const auto& o : entry_.organisations) {
                std::vector<double> targets(indicators.size(), 0.0);
                for (const auto& t : o.value.targets)
                    targets[indicators.at(t.key)] = number(t.value, "1", {-1e6, 1e6, "at most 1e6 in size"},
                                                           fmt::format("the weight of '{}' to '{}'", t.key, o.key));
                part.conflict.push_back(conflict(targets, moves));
            }
            part.combines = e.combines;
            if (e.from) part.from = calendar_year(e.from->value, false);
            part.takes = number(e.takes, "year", {1.0 / 24.0, 100.0, "from half a month to 100 years"},
                                fmt::format("the time that '{}' takes", item.key));
            part.at_start =
                number(e.at_start, 0.0, "1", share, fmt::format("the level of '{}' at the start", item.key));
            for (const auto& name : e.after)
                if (const auto q = index_in(entry_.programmes, name, "programme")) part.after.push_back(*q);
            account_.coalition.parts.push_back(std::move(part));
        }
        for (std::size_t r = 0; r < entry_.rules.size(); ++r)
            for (const auto& name : entry_.rules[r].value.programmes)
                if (const auto p = index_in(entry_.programmes, name, "programme"))
                    account_.coalition.parts[*p].rules.push_back(r);
        for (const auto& item : entry_.programmes) named_once(item.value.after);
        for (const auto& item : entry_.rules) named_once(item.value.programmes);
        const MechanismsEntry& on = entry_.mechanisms;
        account_.coalition.on = {on.shared_vision, on.reluctance,    on.conflicting_targets,
                                 on.rules,         on.prerequisites, on.convenor};
    }

    void named_once(const std::vector<Located<std::string>>& names) {
        for (std::size_t k = 1; k < names.size(); ++k)
            for (std::size_t j = 0; j < k; ++j)
                if (names[j].value == names[k].value)
                    sink_.error("E0482", fmt::format("'{}' is named twice", names[k].value), names[k].span, {},
                                {{names[j].span, "first here"}});
    }

    void check_circle() {
        std::vector<std::pair<int, int>> edges;
        const auto& parts = account_.coalition.parts;
        for (std::size_t p = 0; p < parts.size(); ++p)
            for (const std::size_t q : parts[p].after) edges.emplace_back(static_cast<int>(q), static_cast<int>(p));
        const std::vector<int> circle = find_cycle(static_cast<int>(parts.size()), edges);
        if (circle.empty()) return;
        std::string path;
        for (const int k : circle)
            path += (path.empty() ? "" : " -> ") + entry_.programmes[static_cast<std::size_t>(k)].key;
        sink_.error("E0481", fmt::format("programmes of '{}' wait for each other ({})", entry_.name.value, path),
                    entry_.programmes[static_cast<std::size_t>(circle.front())].key_span,
                    "leave one of them out of `after`");
    }

    void add_table(const std::string& name, const std::vector<double>& values) {
        auto table = std::make_shared<Table>();
        table->name = name;
        table->axes.push_back({"year", nullptr, Unit{}, account_.course.times, Interpolation::linear});
        table->values = values;
        model_.tables.push_back(std::move(table));
        account_.tables.push_back(name);
    }

    void add_measure(const std::string& name, std::string doc, ExprText value, std::vector<CalendarSpan> runs) {
        MeasureSpec m;
        m.name = name;
        m.where = entry_.name.span;
        m.doc = std::move(doc);
        m.kind = MeasureSpec::Kind::regional;
        m.value = std::move(value);
        m.runs = std::move(runs);
        const auto same = std::find_if(model_.measures.begin(), model_.measures.end(),
                                       [&](const MeasureSpec& other) { return other.name == name; });
        if (same != model_.measures.end())
            sink_.error("E0433",
                        fmt::format("measure '{}' is defined twice: coalition '{}' makes one", name, entry_.name.value),
                        entry_.name.span, {}, {{same->where, "first defined here"}});
        model_.measures.push_back(std::move(m));
    }

    void write() {
        const std::string& name = entry_.name.value;
        for (std::size_t i = 0; i < account_.organisations.size(); ++i)
            add_table(fmt::format("{}_{}_vision", name, account_.organisations[i]), account_.course.vision[i]);
        for (std::size_t p = 0; p < entry_.programmes.size(); ++p)
            add_table(level_name(entry_, entry_.programmes[p].key), account_.course.level[p]);
        if (const auto& e = entry_.convenor; e && e->cost_per_year && entry_.mechanisms.convenor) {
            account_.convenor_cost = name + "_convenor_cost";
            const Convenor& c = account_.coalition.convenor;
            add_measure(account_.convenor_cost, fmt::format("Cost of the convenor of coalition {}", name),
                        expr_text(*e->cost_per_year), {{std::max(c.from, -1e5), std::min(c.to, 1e5)}});
        }
        for (std::size_t p = 0; p < entry_.programmes.size(); ++p) {
            const std::string level = level_name(entry_, entry_.programmes[p].key);
            add_measure(level + "_level", fmt::format("How far '{}' is implemented, 0 to 1", entry_.programmes[p].key),
                        {fmt::format("{}[year] * 1 per year", level), {}, false}, {{-1e5, 1e5}});
            account_.programmes.push_back({entry_.programmes[p].key, level + "_level"});
        }
    }

    const CoalitionEntry& entry_;
    ModelSpec& model_;
    DiagnosticSink& sink_;
    SymbolTable symbols_;
    Account account_;
};

}  // namespace

Schema<CoalitionEntry> coalition_schema() {
    using Entry = CoalitionEntry;
    Schema<Entry> s(
        "coalition",
        "Organisations that must work together, and how far that brings the programmes of a region. "
        "COALITION_PROGRAMME[year] is how far a programme is implemented, COALITION_ORGANISATION_vision[year] "
        "how far an organisation shares the vision, both 0 to 1.");
    s.entry_kind("coalition");
    s.optional("format", &Entry::format, integer(1, 1), "Version of the language.", "1");
    s.required("coalition", &Entry::name, located(name()), "Name.", "blue_care_partners");
    s.optional("doc", &Entry::doc, text(), "What it is.");
    s.required("organisations", &Entry::organisations, map_of(object(organisation_schema())),
               "The organisations by name.");
    s.optional("ties", &Entry::ties, list_of(object(tie_schema())), "Who talks with whom.");
    s.optional("convenor", &Entry::convenor, object(convenor_schema()), "Who brings them together.");
    s.optional("rules", &Entry::rules, map_of(object(rule_schema())), "Rules of the nation, by name.");
    s.required("programmes", &Entry::programmes, map_of(object(part_schema())),
               "What they implement: programmes of the scenario, or what these build on.");
    s.optional("mechanisms", &Entry::mechanisms, object(mechanisms_schema()), "What counts.").default_is("all of it");
    s.optional("parameters", &Entry::parameters,
               map_of(raw_node("parameter", R"({"$ref": "#/definitions/parameter"})")),
               "Numbers with unit and source that expressions use.");
    return s;
}

std::string level_name(const CoalitionEntry& entry, const std::string& programme) {
    return fmt::format("{}_{}", entry.name.value, programme);
}

std::optional<Account> lower(const CoalitionEntry& entry, ModelSpec& model, DiagnosticSink& sink) {
    return Lowering(entry, model, sink).run();
}

}  // namespace proeftuin::coalition
