#include "models/scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <set>

#include "engine/core/errors.hpp"
#include "engine/expr/located.hpp"
#include "models/care/care.hpp"
#include "models/coalition/coalition.hpp"
#include "models/outcome/measures.hpp"
#include "models/outcome/utility.hpp"
#include "models/population/attributes.hpp"
#include "models/population/demography.hpp"
#include "models/process/process.hpp"
#include "models/programme/programme.hpp"
#include "models/signal/signals.hpp"
#include "models/validation.hpp"

#ifndef PROEFTUIN_LIBRARY_DIR
#define PROEFTUIN_LIBRARY_DIR "models/library"
#endif

namespace proeftuin::models {
namespace {

namespace fs = std::filesystem;

struct EffectEntry {
    std::vector<Located<std::string>> on;
    LocatedText multiply;
    std::optional<LocatedText> when;
    std::string doc;
    SourceSpan place;
};

struct PeopleEntry {
    std::optional<long long> number;
    std::optional<std::string> file;
};

struct RecordEntry {
    double persons = 1.0;  ///< up to 1 a share, above it a number
    std::optional<double> share;
    double every = 0.0;
    std::vector<Located<std::string>> columns;
    SourceSpan place;
};

struct ScenarioEntry {
    long long format = 1;
    Located<std::string> name;
    std::string doc;
    std::optional<std::string> based_on;
    std::optional<Located<std::string>> region;
    std::optional<PeopleEntry> people;
    std::optional<Located<double>> starts;
    long long years = 1;
    double step = 1.0;
    std::vector<Located<std::string>> include;
    std::optional<Node> entries;
    std::optional<Node> set;
    std::vector<EffectEntry> effects;
    long long seed = 1;
    long long replicates = 1;
    std::optional<RecordEntry> record;
    long long reference_per_cell = 400;
    SourceSpan place;
};

struct BundleEntry {
    long long format = 1;
    std::string name;
    std::string doc;
    std::vector<Located<std::string>> include;
    std::vector<MapItem<Node>> parameters;
};

struct SourcesEntry {
    long long format = 1;
    std::string name;
    std::string doc;
    std::optional<Node> define;
};

struct ParametersEntry {
    long long format = 1;
    std::string name;
    std::string doc;
    std::vector<MapItem<Node>> parameters;
};

constexpr const char* parameter_reference = R"({"$ref": "#/definitions/parameter"})";

Schema<EffectEntry> effect_schema() {
    Schema<EffectEntry> s("effect", "A factor on rates or probabilities, applied last.");
    s.required("on", &EffectEntry::on, list_or_single(located(text())),
               "Transitions; `copd.*` for all of a process; `death`.", "[copd.onset, smoking.*]");
    s.required("multiply", &EffectEntry::multiply, expression(), "Factor.", "0.8").unit_is("1");
    s.optional("for", &EffectEntry::when, expression(), "Condition; everybody when it is left out.", "reached == yes");
    s.optional("doc", &EffectEntry::doc, text(), "What it is.");
    s.place(&EffectEntry::place);
    return s;
}

/// A word for one value, or what `type` reads.
Type<double> word_or(std::string word, double meaning, Type<double> type, std::string words) {
    std::string json = fmt::format(R"({{"anyOf": [{{"enum": ["{}"]}}, {}]}})", word, type.info->json);
    return custom<double>(words, std::move(json), [=](const Node& node, const Reading& reading, double& out) {
        if (node.is_scalar() && node.text == word) {
            out = meaning;
            return true;
        }
        if (!node.is_scalar() || node.is_null() || node.text.find_first_of("0123456789") == 0)
            return type.read(node, reading, out);
        reading.sink.error("E0203", fmt::format("'{}' must be {}, not '{}'", reading.key, words, node.text), node.span);
        return false;
    });
}

Schema<ScenarioEntry> scenario_schema() {
    Schema<PeopleEntry> people("people", "Who is simulated: a cohort, a file, or how many people stand for a region.");
    people.optional("number", &PeopleEntry::number, integer(1, 100'000'000),
                    "People of a cohort, whose attributes come from their `start`; beside a region, people that stand "
                    "for all of it.",
                    "100000");
    people.optional("file", &PeopleEntry::file, text(),
                    "Population file made by `proeftuin synthesize`; beside a region, of that region.", "people.h5");
    people.exactly_one_of({"number", "file"});
    Schema<RecordEntry> record("record", "Person-level output, of the first replicate.");
    record
        .optional(
            "persons", &RecordEntry::persons,
            word_or("all", 1.0, number(0, 100'000'000), "all, a share up to 1, or a number of people"),
            "Whom: drawn by uid, the same people in every scenario; those who enter later in the same proportion.",
            "0.1")
        .default_is("all");
    record.optional("share", &RecordEntry::share, number(0, 1), "The same as `persons`, as a share.");
    record
        .optional("every", &RecordEntry::every,
                  word_or("end", 0.0, quantity("year", 1.0, 200.0), "end, or a time in years"),
                  "When: at the end of the run, or a panel with a row per person on 1 January of the start and every "
                  "so many years after.",
                  "1 year")
        .default_is("end");
    record
        .optional("columns", &RecordEntry::columns, list_or_single(located(name())),
                  "Attributes, processes, `birth`, `age`, and measures with `per_person: run` (in a panel the amount "
                  "since the row before).",
                  "[sex, age, diabetes]")
        .default_is("all");
    record.at_most_one_of({"persons", "share"});
    record.place(&RecordEntry::place);
    record.check([](const RecordEntry& r, const Node&, DiagnosticSink& sink) {
        if (r.persons > 1.0 && r.persons != std::floor(r.persons))
            sink.error("E0439", fmt::format("{} is neither a share nor a number of people", r.persons), r.place,
                       "write a share up to 1, a whole number, or all");
        if (r.every != std::floor(r.every))
            sink.error("E0439", "rows are made on 1 January (`every` is a whole number of years)", r.place,
                       "every: 1 year");
    });

    Schema<ScenarioEntry> s("scenario", "What is run: region, models, horizon.");
    s.entry_kind("scenario");
    s.optional("format", &ScenarioEntry::format, integer(1, 1), "Version of the language.", "1");
    s.required("scenario", &ScenarioEntry::name, located(name()), "Name.", "usual_care");
    s.optional("doc", &ScenarioEntry::doc, text(), "What it is.");
    s.optional("based_on", &ScenarioEntry::based_on, text(),
               "Another scenario file; keys given here replace its keys, lists are added, `set` changes values.",
               "./usual_care.yaml");
    s.optional("region", &ScenarioEntry::region, located(text()),
               "Region whose people are synthesised: a library entry or a path.", "regions/maastricht_heuvelland_2013");
    s.optional("people", &ScenarioEntry::people, object(people),
               "People, when there is no region; beside a region, how many of its people are simulated.");
    s.optional("starts", &ScenarioEntry::starts, located(number(1900, 2200)), "Calendar year of the start (1 January).",
               "2013");
    s.optional("years", &ScenarioEntry::years, integer(1, 200), "How many years.", "20").default_is("1");
    s.optional("step", &ScenarioEntry::step, quantity("year", 1.0 / 366, 1.0),
               "How often rates are evaluated: a year or a number of months that divides it.", "1 year")
        .default_is("1 year");
    s.optional("include", &ScenarioEntry::include, list_or_single(located(text())),
               "Library entries by name, or paths that start with ./ or ../.",
               "[nl/baseline_2013, nl/migration/netherlands_2013]");
    s.optional("entries", &ScenarioEntry::entries, raw_node("list of entries", R"({"type": "array"})"),
               "Entries written here.");
    s.optional("set", &ScenarioEntry::set, raw_node("map of paths", R"({"type": "object"})"),
               "Changed values: path of an entry and its keys.", "{ copd.transitions.onset.rate: 0.01 per year }");
    s.optional("effects", &ScenarioEntry::effects, list_of(object(effect_schema())), "Factors on rates, applied last.");
    s.optional("seed", &ScenarioEntry::seed, integer(0, 1LL << 62), "Seed of all draws.").default_is("1");
    s.optional("replicates", &ScenarioEntry::replicates, integer(1, 10000), "Number of sets of random numbers.")
        .default_is("1");
    s.optional("record", &ScenarioEntry::record, object(record),
               "Write people: at the end of the run, or year after year.");
    s.optional("reference_per_cell", &ScenarioEntry::reference_per_cell, integer(10, 100000),
               "People per sex and year of age in the sample over which risks are normalised.")
        .default_is("400");
    s.place(&ScenarioEntry::place);
    s.check([](const ScenarioEntry& e, const Node&, DiagnosticSink& sink) {
        if (e.starts && e.starts->value != std::floor(e.starts->value))
            sink.error("E0203", fmt::format("'starts' must be a whole year, not {:g}", e.starts->value), e.starts->span,
                       "a scenario starts on 1 January of a year");
    });
    return s;
}

Schema<BundleEntry> bundle_schema() {
    Schema<BundleEntry> s("bundle", "Entries that belong together.");
    s.entry_kind("bundle");
    s.optional("format", &BundleEntry::format, integer(1, 1), "Version of the language.", "1");
    s.required("bundle", &BundleEntry::name, name(), "Name.", "nl_baseline_2013");
    s.optional("doc", &BundleEntry::doc, text(), "What it is.");
    s.optional("include", &BundleEntry::include, list_of(located(text())),
               "Library entries by name, or paths that start with ./ or ../.", "[nl/demography]");
    s.optional("parameters", &BundleEntry::parameters, map_of(raw_node("parameter", parameter_reference)),
               "Parameters of the bundle itself.");
    return s;
}

Schema<SourcesEntry> sources_schema() {
    Schema<SourcesEntry> s("sources", "Where numbers come from: key -> title, authors, year, url, licence, note.");
    s.entry_kind("sources");
    s.optional("format", &SourcesEntry::format, integer(1, 1), "Version of the language.", "1");
    s.required("sources", &SourcesEntry::name, name(), "Name.", "nl");
    s.optional("doc", &SourcesEntry::doc, text(), "What they are.");
    s.required("define", &SourcesEntry::define, raw_node("map of sources", R"({"type": "object"})"),
               "The sources by key.");
    return s;
}

Schema<ParametersEntry> parameters_schema() {
    Schema<ParametersEntry> s("parameter_set", "A set of parameters of its own.");
    s.entry_kind("parameter_set");
    s.required("parameter_set", &ParametersEntry::name, name(), "Name.", "mortality_2013");
    s.optional("format", &ParametersEntry::format, integer(1, 1), "Version of the language.", "1");
    s.required("parameters", &ParametersEntry::parameters, map_of(raw_node("parameter", parameter_reference)),
               "The parameters by name.");
    s.optional("doc", &ParametersEntry::doc, text(), "What they are.");
    return s;
}

const std::vector<std::string>& kinds() {
    static const std::vector<std::string> names{
        "process", "attributes", "parameter_set", "demography", "care",   "network", "programme",  "coalition",
        "utility", "signals",    "measures",      "sources",    "bundle", "region",  "validation", "scenario"};
    return names;
}

/// Kind and name of an entry: the first kind that is one of its keys.
std::optional<std::pair<std::string, std::string>> kind_of(const Node& node) {
    for (const auto& kind : kinds())
        if (const Node* v = node.find(kind); v != nullptr && v->is_scalar()) return std::pair{kind, v->text};
    return std::nullopt;
}

/// How one value of a table is set; nothing when it is none.
std::optional<std::string> how_to_set(const std::string& name, const Node& table) {
    for (const char* key : {"values", "dated"})
        if (const Node* values = table.find(key)) {
            std::string path = name + "." + key;
            for (const Node* at = values; at != nullptr;) {
                if (at->is_map() && !at->entries.empty()) {
                    path += "." + at->entries.front().key;
                    at = &at->entries.front().value;
                } else if (at->is_sequence() && !at->items.empty()) {
                    path += "[0]";
                    at = &at->items.front();
                } else {
                    at = nullptr;
                }
            }
            return fmt::format("set one of its values, as in {}=0.1", path);
        }
    if (const Node* file = table.find("file"))
        return fmt::format("its values are in {}: give another file of the same columns, {}.file=/PATH/TO/YOURS.csv",
                           file->text, name);
    return std::nullopt;
}

/// The section of the summary on a care network: who came where, and the staff that they asked for.
void add_networks(const std::vector<network::Drawn>& networks, std::vector<outcome::SummarySectionEntry>& summary) {
    using Line = outcome::SummaryLineEntry;
    for (const auto& n : networks) {
        outcome::SummarySectionEntry section;
        section.heading = fmt::format("Care network {}", n.name);
        const auto line = [&](std::string label, const std::string& measure) {
            Line l;
            l.label = std::move(label);
            l.measure.push_back({measure, {}});
            section.lines.push_back(std::move(l));
        };
        for (const auto& [place, measure] : n.visits) line(fmt::format("people who come to {}", place), measure);
        for (const auto& [profession, measure] : n.staff) line(fmt::format("full-time {}", profession), measure);
        if (const auto& c = n.cheapest) {
            line("cost of these visits", c->cost);
            section.lines.back().scale = Line::Scale::million;
            line("the cheapest that need and capacity allow", c->cheapest_cost);
            section.lines.back().scale = Line::Scale::million;
            line("visits that are not needed", c->unneeded);
            line("visits at a dearer place than needed", c->dearer);
            line("who need care and come nowhere", c->unmet);
            line("whom these places cannot see in any way", c->beyond_capacity);
        }
        summary.push_back(std::move(section));
    }
}

/// The section of the summary on a coalition: how far it came with each programme.
void add_coalitions(const std::vector<coalition::Account>& coalitions,
                    std::vector<outcome::SummarySectionEntry>& summary) {
    using Line = outcome::SummaryLineEntry;
    for (const auto& c : coalitions) {
        outcome::SummarySectionEntry section;
        section.heading = fmt::format("Coalition {}", c.name);
        const auto line = [&](std::string label, const std::string& measure, Line::Scale scale) {
            Line l;
            l.label = std::move(label);
            l.measure.push_back({measure, {}});
            l.scale = scale;
            l.change = Line::Change::units;
            section.lines.push_back(std::move(l));
        };
        for (const auto& p : c.programmes)
            line(fmt::format("share of {} implemented", p.name), p.measure, Line::Scale::one);
        if (!c.convenor_cost.empty()) line("cost of the convenor", c.convenor_cost, Line::Scale::million);
        summary.push_back(std::move(section));
    }
}

/// The section of the summary on programmes: who came through, and what it cost.
void add_programmes(const std::vector<programme::Recorded>& programmes,
                    std::vector<outcome::SummarySectionEntry>& summary) {
    using Line = outcome::SummaryLineEntry;
    for (const auto& p : programmes) {
        outcome::SummarySectionEntry section;
        section.heading = fmt::format("Programme {}", p.programme);
        const auto line = [&](std::string label, std::vector<std::string> measures, Line::Scale scale) {
            Line l;
            l.label = std::move(label);
            for (auto& m : measures) l.measure.push_back({std::move(m), {}});
            l.scale = scale;
            l.change = Line::Change::units;
            section.lines.push_back(std::move(l));
        };
        for (const auto& [label, measure] : p.funnel) line(label, {measure}, Line::Scale::one);
        line("taking part on 1 January", {p.active}, Line::Scale::one);
        if (!p.cost.empty()) line("cost of people", {p.cost}, Line::Scale::million);
        if (!p.fixed_cost.empty()) line("fixed cost", {p.fixed_cost}, Line::Scale::million);
        summary.push_back(std::move(section));
    }
}

class Loader {
public:
    Loader(const LoadOptions& options, SourceFiles& files, DiagnosticSink& sink)
        : options_{options}, files_{files}, sink_{sink} {}
    std::optional<LoadedScenario> load(const std::string& path);

private:
    void error(const char* code, std::string message, SourceSpan where, std::optional<std::string> help = {},
               std::vector<Note> notes = {}) {
        sink_.error(code, std::move(message), where, std::move(help), std::move(notes));
    }
    std::optional<Node> read_with_parents(const std::string& path, std::vector<std::string> chain);
    void include(const Located<std::string>& name, const std::string& folder);
    void add_entry(Node node, const std::string& path, SourceSpan where);
    void apply_settings(Node& scenario, LoadedScenario& out);
    std::string resolve(const std::string& name, const std::string& folder) const;
    std::string where_to_look(const std::string& name, const std::string& folder, const std::string& likely = {}) const;
    template <class T>
    std::optional<T> read(const LoadedEntry& entry, const Schema<T>& schema) {
        auto out = schema.read(entry.node, sink_);
        if (!out) miss(entry);
        return out;
    }
    void miss(const LoadedEntry& entry);
    std::map<std::string, programme::Implementation> implementations_of(
        const std::vector<coalition::CoalitionEntry>& coalitions);
    void drop_what_does_not_go_together();
    void check_names();

    const LoadOptions& options_;
    SourceFiles& files_;
    DiagnosticSink& sink_;
    LoadedScenario out_;
    std::set<std::string> included_;
    Located<std::string> root_;  ///< of `include` of the scenario, while it is followed
    Unread unread_;
};

/// Remembers what an entry that could not be read would have declared.
void Loader::miss(const LoadedEntry& entry) {
    unread_.names.insert(entry.name);
    unread_.sources = unread_.sources || entry.kind == "sources";
    for (const char* declares : {"define", "parameters"})
        if (const Node* names = entry.node.find(declares); names != nullptr && names->is_map())
            for (const auto& e : names->entries) unread_.names.insert(e.key);
}

/// By programme: how far a coalition implements it, and what that multiplies.
std::map<std::string, programme::Implementation> Loader::implementations_of(
    const std::vector<coalition::CoalitionEntry>& coalitions) {
    std::map<std::string, programme::Implementation> out;
    for (const auto& c : coalitions)
        for (const auto& p : c.programmes) {
            const bool is_programme = std::any_of(out_.entries.begin(), out_.entries.end(), [&](const LoadedEntry& e) {
                return e.kind == "programme" && e.name == p.key;
            });
            if (!is_programme) {
                // Something that others build on, or that expressions name.
                for (const auto& acts : p.value.acts_on) {
                    std::vector<std::string> known;
                    for (const auto& e : out_.entries)
                        if (e.kind == "programme") known.push_back(e.name);
                    if (unread_.anything) continue;
                    const auto near = nearest(p.key, known);
                    error("E0480", fmt::format("'{}' is no programme of this scenario", p.key), acts.span,
                          near ? fmt::format("did you mean '{}'?", *near)
                               : "leave out `acts_on`, or include the programme",
                          {{p.key_span, "named here"}});
                }
                continue;
            }
            programme::Implementation i;
            i.level = fmt::format("{}[year]", coalition::level_name(c, p.key));
            i.where = p.value.acts_on.empty() ? p.key_span : p.value.acts_on.front().span;
            i.invitations = p.value.acts_on.empty();
            for (const auto& acts : p.value.acts_on) switch (acts.value) {
                    case coalition::ActsOn::invitations:
                        i.invitations = true;
                        break;
                    case coalition::ActsOn::uptake:
                        i.uptake = true;
                        break;
                    case coalition::ActsOn::effects:
                        i.effects = true;
                        break;
                }
            const auto [found, is_new] = out.try_emplace(p.key, std::move(i));
            if (!is_new)
                error("E0703", fmt::format("programme '{}' is in two coalitions", p.key), p.key_span, {},
                      {{found->second.where, "first given here"}});
        }
    return out;
}

/// Two bundles that give the same numbers (two base years) are one mistake, at the second of them.
void Loader::drop_what_does_not_go_together() {
    struct Given {
        const LoadedEntry* entry;
        SourceSpan where;
    };
    std::map<std::string, Given> first;
    struct Clash {
        const LoadedEntry* a;
        const LoadedEntry* b;
        SourceSpan where, other;
        std::vector<std::string> names;
    };
    std::vector<Clash> clashes;
    for (auto& e : out_.entries) {
        Node* parameters = e.node.find("parameters");
        if (parameters == nullptr || !parameters->is_map()) continue;
        std::erase_if(parameters->entries, [&](const NodeEntry& p) {
            const auto [it, fresh] = first.try_emplace(p.key, Given{&e, p.key_span});
            const LoadedEntry& earlier = *it->second.entry;
            if (fresh || e.root.value.empty() || earlier.root.value.empty() || earlier.root.value == e.root.value)
                return false;
            auto clash = std::find_if(clashes.begin(), clashes.end(), [&](const Clash& c) {
                return c.a->root.value == earlier.root.value && c.b->root.value == e.root.value;
            });
            if (clash == clashes.end()) clash = clashes.insert(clash, {&earlier, &e, p.key_span, it->second.where, {}});
            clash->names.push_back(p.key);
            return true;
        });
    }
    for (const auto& c : clashes)
        error("E0512",
              fmt::format("'{}' and '{}' do not go together: both give the parameter '{}'{}", c.a->root.value,
                          c.b->root.value, c.names.front(),
                          c.names.size() > 1 ? fmt::format(" and {} others", c.names.size() - 1) : ""),
              c.b->root.span, "include one of them",
              {{c.a->root.span, "the other"}, {c.other, "given here"}, {c.where, "and here"}});
}

std::string Loader::resolve(const std::string& name, const std::string& folder) const {
    std::string file = name;
    if (!file.ends_with(".yaml")) file += ".yaml";
    if (name.starts_with("./") || name.starts_with("../")) return (fs::path(folder) / file).lexically_normal().string();
    if (name.starts_with("/")) return file;
    return (fs::path(library_folder()) / file).lexically_normal().string();
}

/// Help for a name that led to no file; `likely` is the folder of the library that holds such entries.
std::string Loader::where_to_look(const std::string& name, const std::string& folder, const std::string& likely) const {
    if (name.starts_with("./") || name.starts_with("../") || name.starts_with("/"))
        return "paths are relative to the file that names them";
    const std::string file = name.ends_with(".yaml") ? name : name + ".yaml";
    if (fs::exists(fs::path(folder) / file))
        return fmt::format("did you mean './{}'? without ./ it is looked for in the library", name);
    std::vector<std::string> known;
    const fs::path library = library_folder();
    if (fs::exists(library))
        for (const auto& entry : fs::recursive_directory_iterator(library))
            if (entry.path().extension() == ".yaml")
                known.push_back(fs::relative(entry.path(), library).replace_extension().string());
    std::sort(known.begin(), known.end());
    for (const auto& entry : known)
        if (entry.starts_with(likely) && entry.ends_with("/" + name)) return fmt::format("did you mean '{}'?", entry);
    if (const auto near = nearest(name, known)) return fmt::format("did you mean '{}'?", *near);
    return "library entries are named by their path in models/library; other files start with ./ or ../";
}

std::optional<Node> Loader::read_with_parents(const std::string& path, std::vector<std::string> chain) {
    auto node = read_yaml_file(files_, path, sink_);
    if (!node) return std::nullopt;
    if (!node->is_map()) {
        error("E0201", "a scenario is a map of keys", node->span, "start with: scenario: NAME");
        return std::nullopt;
    }
    const std::string folder = fs::path(path).parent_path().string();
    // Paths in a parent are relative to the parent: make those of `include` absolute before merging.
    if (Node* includes = node->find("include")) {
        const auto absolute = [&](Node& n) {
            if (n.is_scalar() && (n.text.starts_with("./") || n.text.starts_with("../")))
                n.text = fs::absolute(resolve(n.text, folder)).lexically_normal().string();
        };
        if (includes->is_sequence())
            for (auto& n : includes->items) absolute(n);
        else
            absolute(*includes);
    }
    const Node* parent_key = node->find("based_on");
    if (parent_key == nullptr || !parent_key->is_scalar()) return node;
    const std::string parent_path = resolve(parent_key->text, folder);
    chain.push_back(fs::absolute(path).lexically_normal().string());
    if (std::find(chain.begin(), chain.end(), fs::absolute(parent_path).lexically_normal().string()) != chain.end()) {
        error("E0701", "a scenario is based on itself", parent_key->span);
        return std::nullopt;
    }
    if (!fs::exists(parent_path)) {
        error("E0504", fmt::format("there is no file '{}'", parent_path), parent_key->span,
              where_to_look(parent_key->text, folder));
        return std::nullopt;
    }
    auto parent = read_with_parents(parent_path, chain);
    if (!parent) return std::nullopt;
    for (auto& entry : node->entries) {
        Node* old = parent->find(entry.key);
        if (old == nullptr) {
            parent->entries.push_back(entry);
            continue;
        }
        if ((entry.key == "include" || entry.key == "entries" || entry.key == "effects") && old->is_sequence() &&
            entry.value.is_sequence()) {
            old->items.insert(old->items.end(), entry.value.items.begin(), entry.value.items.end());
        } else if (entry.key == "set" && old->is_map() && entry.value.is_map()) {
            for (auto& s : entry.value.entries) {
                if (Node* earlier = old->find(s.key))
                    *earlier = s.value;
                else
                    old->entries.push_back(s);
            }
        } else {
            *old = entry.value;
        }
    }
    // Messages about the merged whole point at the child.
    parent->span = node->span;
    return parent;
}

void Loader::include(const Located<std::string>& name, const std::string& folder) {
    const std::string path = resolve(name.value, folder);
    const std::string key = fs::absolute(path).lexically_normal().string();
    if (!included_.insert(key).second) return;
    if (!fs::exists(path)) {
        unread_.anything = true;
        error("E0504", fmt::format("there is no entry '{}' (looked for {})", name.value, path), name.span,
              where_to_look(name.value, folder));
        return;
    }
    std::optional<Node> node;
    try {
        node = read_yaml_file(files_, path, sink_);
    } catch (const IoError& e) {
        error("E0504", e.what(), name.span);
    }
    if (!node) {
        unread_.anything = true;
        return;
    }
    add_entry(std::move(*node), path, name.span);
}

void Loader::add_entry(Node node, const std::string& path, SourceSpan where) {
    if (!node.is_map()) {
        error("E0201", fmt::format("an entry is a map of keys ({})", path), node.span.line ? node.span : where);
        unread_.anything = true;
        return;
    }
    const auto kind = kind_of(node);
    if (!kind) {
        std::vector<std::string> keys;
        for (const auto& e : node.entries) keys.push_back(e.key);
        std::string help = fmt::format("one of: {}", fmt::join(kinds(), ", "));
        for (const auto& k : keys)
            if (const auto near = nearest(k, kinds())) help = fmt::format("did you mean '{}' for '{}'?", *near, k);
        error("E0202", "this entry has no kind", node.span, help);
        unread_.anything = true;
        return;
    }
    const std::string folder = fs::path(path).parent_path().string();
    if (kind->first == "bundle") {
        static const auto schema = bundle_schema();
        if (const auto bundle = schema.read(node, sink_))
            for (const auto& name : bundle->include) include(name, folder);
        else
            unread_.anything = true;
        if (node.find("parameters") == nullptr) return;
    }
    if (kind->first == "scenario" || kind->first == "region" || kind->first == "validation") {
        error("E0702", fmt::format("a {} cannot be included", kind->first), where,
              kind->first == "scenario" ? "use based_on"
              : kind->first == "region" ? "use region: " + kind->second
                                        : "run it with: proeftuin validate");
        return;
    }
    for (const auto& e : out_.entries)
        if (e.name == kind->second && e.kind == kind->first && e.kind != "sources") {
            error("E0703", fmt::format("{} '{}' is given twice", e.kind, e.name), where, {},
                  {{e.node.span, "first given here"}});
            return;
        }
    out_.entries.push_back({kind->first, kind->second, path, folder, std::move(node), root_});
}

void Loader::check_names() {
    struct Meaning {
        std::string_view what;
        SourceSpan where;
    };
    std::map<std::string_view, Meaning> meanings;
    for (const char* name : {"year", "time", "step", "people_at_start", "region_at_start"})
        meanings[name] = {"a word of the language", {}};
    const auto add = [&](std::string_view name, std::string_view what, SourceSpan where) {
        const auto [found, is_new] = meanings.try_emplace(name, Meaning{what, where});
        if (is_new) return;
        const Meaning& first = found->second;
        std::vector<Note> notes;
        if (first.where.line > 0) notes.push_back({first.where, std::string(first.what)});
        error("E0703",
              first.what == what ? fmt::format("{} '{}' is given twice", what.substr(what.find(' ') + 1), name)
                                 : fmt::format("'{}' is {} and {}", name, first.what, what),
              where, "an expression could mean either: give one of them another name", std::move(notes));
    };
    const ModelSpec& model = out_.model;
    for (const auto& a : model.attributes) add(a.name, "an attribute", a.where);
    meanings.try_emplace("age", Meaning{"a word of the language", {}});
    std::set<std::string_view> processes;  // of the same name: told where they come from
    for (const auto& p : model.processes)
        if (processes.insert(p.name).second) add(p.name, "a process", p.where);
    for (const auto& p : out_.parameters) add(p.name, "a parameter", p.where);
    for (const auto& s : model.signals) add(s.name, "a signal", s.where);
    for (const auto& c : out_.coalitions)
        for (const auto& name : c.tables) add(name, "a number of a coalition", c.where);
    for (const auto& m : model.measures)
        if (!m.so_far.empty()) add(m.so_far, "an amount so far", m.so_far_where);
}

void Loader::apply_settings(Node& scenario, LoadedScenario& out) {
    const auto apply = [&](std::string_view path, const Node& value, SourceSpan where, const std::string& origin) {
        const SplitPath parts = split_path(path);
        Node with_place = value;
        if (with_place.span.line == 0) with_place.span = where;
        if (parts.first == "scenario" || scenario.find(parts.first) != nullptr) {
            const std::string_view rest = parts.first == "scenario" ? parts.rest : path;
            set_path(scenario, rest, with_place, origin, sink_, NewKeys::added);
            return;
        }
        LoadedEntry* found = nullptr;
        std::vector<std::string> names;
        for (auto& e : out.entries) {
            names.push_back(e.name);
            if (e.name == parts.first) found = &e;
        }
        if (found == nullptr) {
            // A parameter by its bare name: its value.
            for (auto& e : out.entries)
                if (Node* parameters = e.node.find("parameters"); parameters != nullptr && parameters->is_map())
                    if (Node* p = parameters->find(parts.first)) {
                        if (parts.rest.empty() && p->is_map() && p->find("value") == nullptr &&
                            (with_place.is_scalar())) {
                            if (const auto help = how_to_set(std::string(parts.first), *p)) {
                                error("E0215",
                                      fmt::format("'{}' is a table, which one value cannot replace", parts.first),
                                      where, *help, {{p->span, "the table"}});
                                return;
                            }
                        }
                        set_path(*p, parts.rest.empty() ? "value" : parts.rest, with_place, origin, sink_);
                        p->origin = origin;
                        return;
                    }
            for (auto& e : out.entries)
                if (const Node* parameters = e.node.find("parameters"); parameters != nullptr && parameters->is_map())
                    for (const auto& p : parameters->entries) names.push_back(p.key);
            if (unread_.anything) return;
            error("E0704", fmt::format("'{}' is no entry or parameter of this scenario", parts.first), where,
                  suggestion(std::string(parts.first), names));
            return;
        }
        set_path(found->node, parts.rest, with_place, origin, sink_);
        // Remember on the parameter itself where it came from.
        const SplitPath inner = split_path(parts.rest);
        if (inner.first == "parameters") {
            const SplitPath name = split_path(inner.rest);
            if (Node* parameters = found->node.find("parameters"))
                if (Node* p = parameters->find(name.first)) p->origin = origin;
        }
    };
    if (const Node* set = scenario.find("set"); set != nullptr && set->is_map()) {
        const Node copy = *set;
        for (const auto& e : copy.entries)
            apply(e.key, e.value, e.key_span, fmt::format("set by scenario '{}'", out.name));
    }
    for (const auto& text : options_.settings)
        if (const auto setting = parse_setting(files_, text, sink_))
            apply(setting->path, setting->value, setting->path_span, "given with --set");
}

std::optional<LoadedScenario> Loader::load(const std::string& path) {
    auto node = read_with_parents(path, {});
    if (!node) return std::nullopt;
    const std::string folder = fs::path(path).parent_path().string();
    static const auto schema = scenario_schema();
    if (node->find("scenario") == nullptr) {
        const auto kind = kind_of(*node);
        error("E0202",
              kind ? fmt::format("this file holds an entry of the kind '{}', not a scenario", kind->first)
                   : "this file is no scenario (the key `scenario` is missing)",
              node->span, "scenario: NAME");
        return std::nullopt;
    }
    out_.path = path;
    if (const Node* n = node->find("scenario")) out_.name = n->text;
    // Entries first, so that `set` can reach them.
    if (const Node* includes = node->find("include")) {
        const auto one = [&](const Node& n) {
            if (!n.is_scalar()) return;
            root_ = {n.text, n.span};
            include(root_, folder);
            root_ = {};
        };
        if (includes->is_sequence())
            for (const auto& n : includes->items) one(n);
        else
            one(*includes);
    }
    if (const Node* entries = node->find("entries"); entries != nullptr && entries->is_sequence())
        for (const auto& n : entries->items) add_entry(n, path, n.span);
    apply_settings(*node, out_);
    bool people_unreadable = false;
    if (const Node* people = node->find("people"); people != nullptr && people->is_scalar() && !people->is_null()) {
        std::string digits = people->text;
        std::erase_if(digits, [](char c) { return c == '.' || c == ',' || c == '_' || c == '\''; });
        const bool number = !digits.empty() && digits.find_first_not_of("0123456789") == std::string::npos;
        error("E0203", fmt::format("'people' must be a map, not '{}'", people->text), people->span,
              number ? fmt::format("people: {{ number: {} }}", digits) : "people: { number: 20000 }");
        std::erase_if(node->entries, [](const NodeEntry& e) { return e.key == "people"; });
        people_unreadable = true;
    }
    const auto scenario = schema.read(*node, sink_);
    out_.resolved = *node;

    ModelSpec& model = out_.model;
    if (scenario) {
        out_.name = scenario->name.value;
        out_.doc = scenario->doc;
        out_.seed = static_cast<std::uint64_t>(scenario->seed);
        out_.replicates = static_cast<int>(scenario->replicates);
        model.name = out_.name;
        model.years = options_.years.value_or(static_cast<int>(scenario->years));
        model.reference_per_cell = static_cast<int>(scenario->reference_per_cell);
        double step = scenario->step;
        if (options_.step) {
            const auto space = options_.step->find_first_not_of("0123456789./");
            const auto number = parse_number(std::string_view(*options_.step).substr(0, space));
            const auto unit = space == std::string::npos ? parse_unit("year")
                                                         : parse_unit(std::string_view(*options_.step).substr(space));
            if (number && unit && unit->same_dimension(*parse_unit("year")))
                step = *number * unit->factor;
            else
                error("E0705", fmt::format("'{}' is no length of a step", *options_.step), {},
                      "write --step '3 months'");
        }
        const double per_year = 1.0 / step;
        model.steps_per_year = static_cast<int>(std::lround(per_year));
        if (model.steps_per_year < 1 || std::fabs(per_year - model.steps_per_year) > 1e-6)
            error("E0705", "the step does not divide a year",
                  node->find("step") != nullptr ? node->find("step")->span : scenario->place,
                  "write 1 year, 6 months, 4 months, 3 months, 2 months or 1 month; days and weeks do not divide a "
                  "year (it has 365.25 days), and events have exact times whatever the step");
        model.steps_per_year = std::max(1, model.steps_per_year);
        if (scenario->people) {
            if (scenario->people->number) out_.people = static_cast<std::size_t>(*scenario->people->number);
            if (scenario->people->file)
                out_.population_file = scenario->people->file->starts_with("/")
                                           ? *scenario->people->file
                                           : (fs::path(folder) / *scenario->people->file).string();
        }
        if (scenario->record) {
            out_.record.persons = true;
            const double chosen = scenario->record->share.value_or(scenario->record->persons);
            out_.record.share = std::min(chosen, 1.0);
            if (chosen > 1.0) out_.record.number = static_cast<std::size_t>(chosen);
            out_.record.every = static_cast<int>(scenario->record->every);
            out_.record.columns = scenario->record->columns;
            out_.record.where = scenario->record->place;
        }
        for (const auto& e : scenario->effects) {
            EffectSpec effect;
            for (const auto& on : e.on) {
                effect.on.push_back(on.value);
                effect.places.push_back(on.span);
            }
            effect.where = e.on.empty() ? e.place : e.on.front().span;
            effect.multiply = expr_text(e.multiply);
            if (e.when) effect.when = expr_text(*e.when);
            model.effects.push_back(std::move(effect));
        }
        if (scenario->region) {
            const std::string region_path = resolve(scenario->region->value, folder);
            if (!fs::exists(region_path)) {
                error("E0504",
                      fmt::format("there is no region '{}' (looked for {})", scenario->region->value, region_path),
                      scenario->region->span, where_to_look(scenario->region->value, folder, "regions/"));
            } else if (auto region_node = read_yaml_file(files_, region_path, sink_)) {
                out_.region = population::read_region(*region_node, files_, sink_);
                if (out_.region) model.start_year = out_.region->year;
            }
        } else if (!scenario->people && !people_unreadable) {
            error("E0706", "the scenario has nobody to simulate", scenario->place,
                  "add `region: NAME` or `people: { number: 100000 }`");
        }
        if (scenario->starts) model.start_year = scenario->starts->value;
        if (out_.region && scenario->starts && std::fabs(scenario->starts->value - out_.region->year) > 1e-9)
            error("E0707",
                  fmt::format("the scenario starts in {} and the region is that of {}", scenario->starts->value,
                              out_.region->year),
                  scenario->starts->span,
                  "leave out `starts`; another start takes a region of that year, with its nl/baseline_* and "
                  "nl/care/base/*");
    }
    if (options_.people) out_.people = *options_.people;
    model.people = out_.people;

    population::RegionLabels labels;
    if (out_.region) {
        std::vector<std::string> neighbourhoods;
        for (const auto& n : out_.region->neighbourhoods) neighbourhoods.push_back(n.label);
        labels.emplace_back("neighbourhood", neighbourhoods);
        labels.emplace_back("municipality", out_.region->municipalities);
        std::vector<std::string> positions(population::position_labels.begin(), population::position_labels.end());
        labels.emplace_back("household_position", positions);
    }

    // Declarations before parameters, parameters before what names tables.
    Contributions contributions;
    std::vector<programme::Recorded> programmes;
    std::vector<Located<std::string>> named_sources;
    std::vector<coalition::CoalitionEntry> coalitions;
    for (const auto& e : out_.entries)
        if (e.kind == "coalition") {
            static const auto s = coalition::coalition_schema();
            if (auto c = read(e, s)) coalitions.push_back(std::move(*c));
        }
    const auto implementations = implementations_of(coalitions);
    for (const auto& e : out_.entries)
        if (e.kind == "process") {
            static const auto s = process::process_schema();
            if (const auto p = read(e, s)) process::lower(*p, model, contributions, sink_);
        } else if (e.kind == "programme") {
            static const auto s = programme::programme_schema();
            if (const auto p = read(e, s)) {
                const auto found = implementations.find(p->name.value);
                const auto* implementation = found == implementations.end() ? nullptr : &found->second;
                programmes.push_back(programme::lower(*p, implementation, model, contributions, sink_));
                for (const auto& effect : p->effects)
                    if (effect.source) named_sources.push_back(*effect.source);
            }
        } else if (e.kind == "network") {
            static const auto s = network::network_schema();
            if (const auto n = read(e, s)) out_.networks.push_back(network::lower(*n, model, contributions, sink_));
        } else if (e.kind == "attributes") {
            static const auto s = population::attributes_schema();
            if (const auto a = read(e, s)) population::lower(*a, labels, model, sink_);
        } else if (e.kind == "parameter_set") {
            static const auto s = parameters_schema();
            (void)read(e, s);
        } else if (e.kind == "sources") {
            static const auto s = sources_schema();
            if (const auto a = read(e, s); a && a->define)
                for (const auto& item : a->define->entries) {
                    Source source{item.key, item.key_span, {}};
                    for (const auto& f : item.value.entries) source.fields.emplace_back(f.key, f.value.text);
                    const auto same = std::find_if(out_.sources.begin(), out_.sources.end(),
                                                   [&](const Source& x) { return x.key == source.key; });
                    if (same == out_.sources.end())
                        out_.sources.push_back(std::move(source));
                    else if (same->fields != source.fields)
                        error("E0708", fmt::format("source '{}' is described in two ways", source.key), source.where,
                              {}, {{same->where, "first described here"}});
                }
        }
    drop_what_does_not_go_together();
    for (const auto& e : out_.entries)
        if (const Node* parameters = e.node.find("parameters"); parameters != nullptr && parameters->is_map()) {
            for (const auto& p : parameters->entries)
                add_parameter(p.key, p.value, p.key_span, e.name, e.folder, model, files_, out_.parameters, unread_,
                              sink_);
        }
    const auto check_source = [&](const Located<std::string>& source, const std::string& what) {
        if (source.value == "assumption") return;
        const bool known = std::any_of(out_.sources.begin(), out_.sources.end(),
                                       [&](const Source& s) { return s.key == source.value; });
        if (known || unread_.anything || unread_.sources) return;
        std::vector<std::string> keys;
        for (const auto& s : out_.sources) keys.push_back(s.key);
        error("E0514", fmt::format("{} names the source '{}', which no sources entry describes", what, source.value),
              source.span, suggestion(source.value, keys));
    };
    for (const auto& p : out_.parameters)
        if (p.read.source) check_source(*p.read.source, fmt::format("parameter '{}'", p.name));
    for (const auto& source : named_sources) check_source(source, "the effect");
    for (const auto& e : out_.entries) {
        if (e.kind == "demography") {
            static const auto s = population::demography_schema();
            if (auto d = read(e, s)) {
                const auto is_table = [&](const auto& t) { return t->name == d->arrivals->numbers.value; };
                if (d->arrivals && unread_.has(d->arrivals->numbers.value) &&
                    std::none_of(model.tables.begin(), model.tables.end(), is_table))
                    d->arrivals.reset();
                population::lower(*d, model, sink_);
            }
        } else if (e.kind == "care") {
            static const auto s = care::care_schema();
            if (const auto c = read(e, s)) care::lower(*c, contributions, model, sink_);
        } else if (e.kind == "utility") {
            static const auto s = outcome::utility_schema();
            if (const auto u = read(e, s)) outcome::lower(*u, contributions, model, sink_);
        } else if (e.kind == "signals") {
            static const auto s = signal::signals_schema();
            if (const auto x = read(e, s)) signal::lower(*x, model, sink_);
        } else if (e.kind == "measures") {
            static const auto s = outcome::measures_schema();
            if (const auto m = read(e, s)) {
                outcome::lower(*m, model, sink_);
                outcome::join(m->summary, out_.summary);
            }
        }
    }
    for (const auto& c : coalitions)
        if (auto account = coalition::lower(c, model, sink_)) out_.coalitions.push_back(std::move(*account));
    add_networks(out_.networks, out_.summary);
    add_coalitions(out_.coalitions, out_.summary);
    add_programmes(programmes, out_.summary);
    check_names();
    if (model.mortality) {
        model.mortality->multiply.insert(model.mortality->multiply.end(), contributions.mortality_multiply.begin(),
                                         contributions.mortality_multiply.end());
        model.mortality->add.insert(model.mortality->add.end(), contributions.mortality_add.begin(),
                                    contributions.mortality_add.end());
    }
    if (!scenario) return std::nullopt;
    return std::move(out_);
}

}  // namespace

std::string library_folder() {
    if (const char* given = std::getenv("PROEFTUIN_LIBRARY")) return given;
    std::error_code ignored;
    const fs::path program = fs::read_symlink("/proc/self/exe", ignored).parent_path();
    for (const char* beside : {"../models/library", "../share/proeftuin/library"})
        if (fs::exists(program / beside)) {
            const fs::path found = (program / beside).lexically_normal();
            const fs::path here = fs::current_path(ignored);
            const fs::path relative = found.lexically_relative(here);
            return !relative.empty() && *relative.begin() != ".." ? relative.string() : found.string();
        }
    return PROEFTUIN_LIBRARY_DIR;
}

std::optional<LoadedScenario> load_scenario(const std::string& path, const LoadOptions& options, SourceFiles& files,
                                            DiagnosticSink& sink) {
    return Loader(options, files, sink).load(path);
}

std::vector<std::shared_ptr<const ObjectInfo>> entry_kinds() {
    return {scenario_schema().info(),
            process::process_schema().info(),
            population::attributes_schema().info(),
            parameters_schema().info(),
            population::demography_schema().info(),
            care::care_schema().info(),
            network::network_schema().info(),
            programme::programme_schema().info(),
            coalition::coalition_schema().info(),
            outcome::utility_schema().info(),
            signal::signals_schema().info(),
            outcome::measures_schema().info(),
            sources_schema().info(),
            bundle_schema().info(),
            population::region_schema().info(),
            validation_schema().info(),
            parameter_schema().info()};
}

}  // namespace proeftuin::models
