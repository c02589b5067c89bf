// The command line: verbs, flags, exit codes.
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "engine/app/compare.hpp"
#include "engine/app/help.hpp"
#include "engine/app/plan.hpp"
#include "engine/app/resolved.hpp"
#include "engine/app/session.hpp"
#include "engine/app/validate.hpp"
#include "engine/config/codes.hpp"
#include "engine/core/contracts.hpp"
#include "engine/core/errors.hpp"
#include "engine/expr/functions.hpp"
#include "engine/run/start.hpp"
#include "engine/store/atomic_file.hpp"
#include "engine/store/people_file.hpp"
#include "output/export.hpp"
#include "output/reader.hpp"
#include "output/show.hpp"
#include "output/summary.hpp"
#include "output/writer.hpp"

namespace proeftuin::app {
namespace {

/// Accepts whole numbers of a range, written in digits alone. (CLI11 takes -1 for the largest number there is.)
class Whole : public CLI::Validator {
public:
    Whole(std::uint64_t least, std::uint64_t most)
        : CLI::Validator(most == any ? std::string{} : fmt::format("INT in [{} - {}]", least, most)) {
        func_ = [least, most](std::string& input) {
            std::uint64_t value = 0;
            const auto [end, failed] = std::from_chars(input.data(), input.data() + input.size(), value);
            if (failed == std::errc{} && end == input.data() + input.size() && value >= least && value <= most)
                return std::string{};
            return fmt::format(
                "'{}' is no whole number {}", input,
                most == any ? fmt::format("from {} on", least) : fmt::format("from {} to {}", least, most));
        };
    }
    static constexpr std::uint64_t any = std::numeric_limits<std::int64_t>::max();  ///< as results files keep a seed
};

void add_change_flags(CLI::App& verb, RunChoices& c) {
    verb.add_option("--set", c.load.settings,
                    "Change a value: PATH=VALUE, e.g. copd.transitions.onset.rate=0.01; may be repeated")
        ->allow_extra_args(false);
    verb.add_option("--people,--persons", c.load.people,
                    "Number of people simulated (default: as the scenario says); they stand for all of its region")
        ->check(Whole(1, 100'000'000));
    verb.add_option("--years", c.load.years, "Number of years (default: as the scenario says)")->check(Whole(1, 200));
    verb.add_option("--step", c.load.step,
                    "Length of a step: '1 year', '3 months', '1 month' (default: as the scenario says)");
    verb.add_option("--seed", c.seed, "Seed of all random draws (default: as the scenario says)")
        ->check(Whole(0, Whole::any));
}

void add_run_flags(CLI::App& verb, RunChoices& c) {
    verb.add_option("scenario", c.scenario, "Scenario file (YAML)")->required();
    add_change_flags(verb, c);
}

/// Of runs that start here: `run` and `compare`.
void add_replicate_flags(CLI::App& verb, RunChoices& c) {
    verb.add_option("--replicates", c.replicates, "Sets of random numbers (default: as the scenario says)")
        ->check(Whole(1, 10'000));
    verb.add_option("--threads", c.threads, "Threads")->check(Whole(1, 1024))->default_str("all");
}

void add_compare_flags(CLI::App& verb, CompareChoices& c, std::string& glyphs) {
    verb.add_option("of", c.of,
                    "Scenario files (YAML), which are run, or results files; the others are held against the first")
        ->required();
    verb.add_option("-m,--measure", c.show.measures, "Measures, as a,b (default: the summary that the models declare)")
        ->delimiter(',')
        ->allow_extra_args(false);
    verb.add_flag("--all", c.show.all, "Every measure that both have");
    verb.add_option("--by", c.show.selection.by, "Groups to keep, as a,b")->delimiter(',')->allow_extra_args(false);
    verb.add_option("--from", c.show.selection.from, "First year");
    verb.add_option("--until", c.show.selection.until, "Last year");
    verb.add_option("--glyphs", glyphs, "unicode or ascii")->check(CLI::IsMember({"unicode", "ascii"}));
    verb.add_option("-o,--output", c.run.out, "Results file of all that is compared (default: none)");
    add_change_flags(verb, c.run);
    add_replicate_flags(verb, c.run);
}

int fail(const Common& common, int code, const std::string& kind, const std::string& what,
         const std::string& help = {}) {
    if (common.json) {
        nlohmann::json j{{"error", {{"kind", kind}, {"message", what}}}};
        if (!help.empty()) j["error"]["help"] = help;
        fmt::print("{}\n", j.dump(2));
    } else {
        fmt::print(stderr, "error: {}\n", what);
        if (!help.empty()) fmt::print(stderr, "  = help: {}\n", help);
    }
    return code;
}

/// Makes people once, for the mistakes that only people show. Of a cohort the first ones are enough.
void try_start(Prepared& p) {
    constexpr std::size_t enough = 100'000;
    try {
        (void)make_start_population(*p.model, p.people ? &*p.people : nullptr,
                                    std::clamp<std::size_t>(p.scenario.people, 1, enough), {p.scenario.seed, 0});
    } catch (const StartError& e) {
        p.sink.report(e.diagnostic());
        p.model = nullptr;
    }
}

int check(RunChoices& c, const Common& common, bool resolved, const std::vector<std::string>& names) {
    Prepared p;
    prepare(p, c);
    if (p.model) try_start(p);
    if ((resolved || !names.empty()) && p.model) {
        fmt::print("{}{}", common.json ? resolved_json(p, names) : resolved_text(p, names), common.json ? "\n" : "");
        if (common.json) return p.sink.has_errors() ? exit_code::scenario : exit_code::ok;
    }
    const int code = report(p, common);
    if (!common.json && code == exit_code::ok)
        fmt::print("{}: good ({} entries, {} parameters, {} processes, {} measures)\n", p.scenario.name,
                   p.scenario.entries.size(), p.scenario.parameters.size(), p.model->processes.size(),
                   p.model->measures.size());
    return code;
}

int plan(RunChoices& c, const Common& common, bool dot) {
    Prepared p;
    prepare(p, c);
    if (!p.model) return report(p, common);
    if (dot && common.json)
        fmt::print("{}\n", nlohmann::json{{"dot", plan_dot(p)}}.dump(2));
    else
        fmt::print("{}", dot ? plan_dot(p) : common.json ? plan_json(p) + "\n" : plan_text(p));
    return exit_code::ok;
}

/// How results are shown here: as wide as the terminal, 100 columns where there is none.
output::ShowOptions terminal(const std::string& file) {
    output::ShowOptions options;
    options.file = file;
    winsize size{};
    if (isatty(STDOUT_FILENO) != 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
        options.width = std::min<std::size_t>(size.ws_col, 140);
    return options;
}

int run(RunChoices& c, const Common& common, bool quiet) {
    if (c.out.empty()) c.out = std::filesystem::path(c.scenario).stem().string() + ".h5";
    catch_interrupt();
    check_writable(c.out);
    Prepared p;
    prepare(p, c);
    if (!p.model) return report(p, common);
    const bool refused = common.strict && !p.sink.items().empty();
    if (!common.json || refused)
        if (const int code = report(p, common); code != exit_code::ok) return code;
    RunOutcome outcome;
    if (const int code = run_or_report(p, c, common, outcome); code != exit_code::ok) return code;
    if (!outcome.finished) {
        if (common.json)
            fmt::print(
                "{}\n",
                nlohmann::json{{"stopped", true}, {"checkpoint", outcome.checkpoint}, {"replicate", outcome.replicate}}
                    .dump(2));
        else
            fmt::print(stderr, "stopped; the state is in {}\n  go on with the same command and --resume\n",
                       outcome.checkpoint);
        return exit_code::interrupted;
    }
    output::write_results(c.out, outcome.results);
    std::error_code ignored;
    const std::string checkpoint = c.checkpoint.empty() ? c.out + ".ckpt.h5" : c.checkpoint;
    for (const auto& done : {checkpoint, previous_checkpoint_path(checkpoint)})
        for (const auto& file : {done, done + ".sha256", done + ".part"}) std::filesystem::remove_all(file, ignored);
    const RunResults& r = outcome.raw;
    const double speed = r.person_years / std::max(outcome.seconds, 1e-9);
    if (common.json) {
        nlohmann::json j{{"scenario", p.scenario.name},
                         {"file", c.out},
                         {"digest", outcome.results.provenance.digests.at("results")},
                         {"people_at_start", r.people_at_start},
                         {"stands_for", p.stands_for},
                         {"people_at_end", r.people_alive},
                         {"person_years", r.person_years},
                         {"events", r.events},
                         {"seconds", outcome.seconds}};
        for (const auto& s : outcome.results.run_info.seconds) j["seconds_of"][s.first] = s.second;
        if (!outcome.results.summary.empty())
            j["summary"] = nlohmann::json::parse(output::summary_json(outcome.results));
        fmt::print("{}\n", j.dump(2));
    } else {
        if (!quiet && !outcome.results.summary.empty())
            fmt::print("{}\n", output::show(outcome.results, terminal(c.out)));
        fmt::print("{}: {}{} people at the start, {} at the end, {:.0f} person-years, {} events\n", p.scenario.name,
                   p.stands_for == 1.0 ? "" : "simulated ", r.people_at_start, r.people_alive, r.person_years,
                   r.events);
        fmt::print("read {:.2f} s, people {:.2f} s, compile {:.2f} s, run {:.2f} s ({:.2g} million person-years/s)\n",
                   p.seconds_load, p.seconds_people, p.seconds_compile, outcome.seconds, speed / 1e6);
        fmt::print("results in {}\n  look at them with: proeftuin show {}\n", c.out, c.out);
    }
    return exit_code::ok;
}

int synthesize_region(const std::string& region, const std::string& out, std::optional<std::size_t> people,
                      std::uint64_t seed, const std::string& report_csv, const Common& common) {
    SourceFiles files;
    DiagnosticSink sink;
    std::string path = region;
    if (!std::filesystem::exists(path))
        path =
            (std::filesystem::path(models::library_folder()) / (region.ends_with(".yaml") ? region : region + ".yaml"))
                .string();
    if (!std::filesystem::exists(path))
        path = (std::filesystem::path(models::library_folder()) / "regions" / (region + ".yaml")).string();
    if (!std::filesystem::exists(path)) {
        std::vector<std::string> known;
        std::error_code ignored;
        for (const auto& file :
             std::filesystem::directory_iterator(std::filesystem::path(models::library_folder()) / "regions", ignored))
            if (file.path().extension() == ".yaml" && file.path().stem() != "sources")
                known.push_back("regions/" + file.path().stem().string());
        std::sort(known.begin(), known.end());
        return fail(common, exit_code::scenario, "scenario", fmt::format("there is no region '{}'", region),
                    suggestion(region, known));
    }
    const auto node = read_yaml_file(files, path, sink);
    std::optional<population::RegionSpec> spec;
    if (node) spec = population::read_region(*node, files, sink);
    if (!sink.items().empty()) {
        if (common.json)
            fmt::print("{}\n", render(sink.items(), files, DiagnosticFormat::json, Colour::off));
        else
            fmt::print(
                stderr, "{}",
                render(sink.items(), files, common.format == "short" ? DiagnosticFormat::brief : DiagnosticFormat::full,
                       interactive() ? Colour::on : Colour::off));
    }
    if (!spec || sink.has_errors()) return exit_code::scenario;
    const auto made = population::synthesize(*spec, seed, people.value_or(0));
    if (!out.empty())
        store::write_population(out, made.people,
                                {{"region", spec->name},
                                 {"seed", std::to_string(seed)},
                                 {"file", path},
                                 {"stands_for", fmt::format("{}", spec->stands_for)}});
    if (!report_csv.empty()) store::write_text_file(report_csv, population::to_csv(made.report));
    if (common.json) {
        nlohmann::json j{{"region", spec->name},
                         {"people", made.people.people},
                         {"households", made.report.households},
                         {"file", out}};
        for (const auto& m : made.report.margins)
            j["margins"].push_back({{"name", m.name},
                                    {"by", m.by},
                                    {"cells", m.cells.size()},
                                    {"largest", m.largest},
                                    {"srmse", m.srmse},
                                    {"outside", m.outside},
                                    {"fitted", m.fitted},
                                    {"source", m.source}});
        fmt::print("{}\n", j.dump(2));
    } else {
        fmt::print("{}", population::to_text(made.report));
        if (!out.empty()) fmt::print("people in {}\n", out);
    }
    return exit_code::ok;
}

int schema(const Common& common, const std::string& kind, bool markdown) {
    auto kinds = models::entry_kinds();
    if (!kind.empty()) {
        std::vector<std::string> names;
        std::erase_if(kinds, [&](const auto& k) {
            names.push_back(k->name);
            return k->name != kind;
        });
        if (kinds.empty())
            return fail(common, exit_code::scenario, "command_line", fmt::format("there is no kind '{}'", kind),
                        suggestion(kind, names));
    }
    if (!markdown) {
        fmt::print("{}\n", json_schema(kinds, "Proeftuin scenario files, format 1"));
        return exit_code::ok;
    }
    std::string pages;
    for (const auto& k : kinds) pages += markdown_reference(*k) + "\n";
    if (kind.empty()) pages += functions_markdown() + "\n";
    fmt::print("{}{}", common.json ? nlohmann::json{{"markdown", pages}}.dump(2) : pages, common.json ? "\n" : "");
    return exit_code::ok;
}

int show(const std::string& file, output::ShowOptions options, const Common& common, const std::string& scenario) {
    const auto results = output::read_results(file, output::Persons::skip);
    options.file = file;
    std::vector<const output::ResultSet*> sets;
    for (const auto& set : results.scenarios)
        if (scenario.empty() || set.scenario == scenario) sets.push_back(&set);
    if (sets.empty())
        return fail(common, exit_code::scenario, "scenario", fmt::format("{} has no scenario '{}'", file, scenario));
    if (common.json && sets.size() > 1) {
        nlohmann::ordered_json all;
        for (const auto* set : sets)
            all["scenarios"].push_back(nlohmann::ordered_json::parse(output::show_json(*set, options)));
        fmt::print("{}\n", all.dump(2));
        return exit_code::ok;
    }
    for (const auto* set : sets)
        fmt::print("{}\n", common.json ? output::show_json(*set, options) : output::show(*set, options));
    return exit_code::ok;
}

int export_csv(const std::string& file, const std::string& directory, const Common& common) {
    const auto results = output::read_results(file, output::Persons::skip);
    std::filesystem::create_directories(directory);
    nlohmann::json written = nlohmann::json::array();
    for (const auto& set : results.scenarios)
        for (const auto& path : output::write_csv_files(set, directory)) {
            written.push_back(path);
            if (!common.json) fmt::print("{}\n", path);
        }
    if (common.json) fmt::print("{}\n", nlohmann::json{{"files", written}}.dump(2));
    return exit_code::ok;
}

/// What is wrong with a command line, and what may help.
std::pair<std::string, std::string> misread(const CLI::App& app, const CLI::ParseError& e) {
    const auto verbs = app.get_subcommands();
    const std::string help = verbs.empty() ? "proeftuin help" : "proeftuin help " + verbs.front()->get_name();
    const auto extra = app.remaining(true);
    if (dynamic_cast<const CLI::ExtrasError*>(&e) == nullptr || extra.empty()) return {e.what(), help};
    // Of '--year 3' the flag is what is wrong; without a verb it is the first word.
    auto wrong = std::find_if(extra.begin(), extra.end(), [](const auto& word) { return word.starts_with("-"); });
    std::vector<std::string> known;
    if (wrong == extra.end() && verbs.empty()) {
        for (const CLI::App* verb : app.get_subcommands({})) known.push_back(verb->get_name());
        wrong = extra.begin();
        return {fmt::format("there is no verb '{}'", *wrong), suggestion(*wrong, known)};
    }
    if (wrong == extra.end())
        return {fmt::format("'{}' takes no further argument '{}'", verbs.front()->get_name(), extra.front()), help};
    const CLI::App& verb = verbs.empty() ? app : *verbs.front();
    for (const CLI::App* one : {&verb, &app})
        for (const CLI::Option* option : one->get_options())
            for (const auto& name : option->get_lnames()) known.push_back("--" + name);
    const std::string flag = wrong->substr(0, wrong->find('='));
    const auto near = nearest(flag, known);
    return {verbs.empty() ? fmt::format("there is no flag '{}'", flag)
                          : fmt::format("'{}' has no flag '{}'", verb.get_name(), flag),
            near ? fmt::format("did you mean '{}'?", *near) : help};
}

int command_line(int argc, char** argv) {
    Common common;
    // Known before the rest, so that a command line that is wrong is answered in JSON too.
    for (int i = 1; i < argc; ++i) common.json = common.json || std::string_view(argv[i]) == "--json";
    CLI::App app{"Proeftuin: a microsimulation engine for regional health policy", "proeftuin"};
    app.option_defaults()->always_capture_default();
    app.set_version_flag("--version", version_text());
    app.require_subcommand(0, 1);
    app.fallthrough();
    app.add_flag("--json", common.json, "Machine-readable output");
    app.add_flag("--strict", common.strict, "Warnings are errors");
    app.add_option("--format", common.format, "Messages: full or short")->check(CLI::IsMember({"full", "short"}));

    RunChoices choices;
    bool quiet = false, resolved = false, dot = false, markdown = false;
    std::string code, region, out, file, directory = "csv", kind, scenario, report_csv, glyphs = "unicode";
    std::optional<std::size_t> people;
    std::uint64_t seed = 1;
    output::ShowOptions show_options = terminal("FILE");

    auto* check_verb = app.add_subcommand("check", "Check a scenario: every mistake at once, with its place");
    add_run_flags(*check_verb, choices);
    check_verb->add_flag("--resolved", resolved, "Print every parameter with its source, reason and uncertainty");
    std::vector<std::string> names;
    check_verb
        ->add_option("name", names,
                     "Print all of these parameters, processes, entries or sources: every value of a table, every key")
        ->default_str("");
    auto* explain_verb = app.add_subcommand("explain", "Explain the code of a message, e.g. E0107");
    explain_verb->add_option("code", code, "Code")->required();
    auto* plan_verb = app.add_subcommand("plan", "Show what a scenario will do and in which order");
    add_run_flags(*plan_verb, choices);
    plan_verb->add_flag("--dot", dot, "As a Graphviz graph");
    auto* schema_verb = app.add_subcommand("schema", "Print the JSON Schema of scenario files, for editors");
    schema_verb->add_option("kind", kind, "One kind of entry");
    schema_verb->add_flag("--markdown", markdown, "As reference pages");
    auto* synthesize_verb =
        app.add_subcommand("synthesize", "Make the people of a region and report how well every margin is met");
    synthesize_verb->add_option("region", region, "Region: a library entry or a file")->required();
    synthesize_verb->add_option("-o,--output", out, "Population file (HDF5)");
    synthesize_verb->add_option("--people,--persons", people, "Number of people (default: as the region has)")
        ->check(Whole(1, 100'000'000));
    synthesize_verb->add_option("--seed", seed, "Seed")->check(Whole(0, Whole::any));
    synthesize_verb->add_option("--report", report_csv, "Write the fit of every cell as CSV");
    auto* run_verb = app.add_subcommand("run", "Run a scenario and write its results (HDF5)");
    add_run_flags(*run_verb, choices);
    run_verb->add_option("-o,--output", choices.out, "Results file (default: name of the scenario file with .h5)");
    add_replicate_flags(*run_verb, choices);
    run_verb->add_option("--chunk", choices.chunk, "People per chunk; changes no result")
        ->check(Whole(1, 32768))
        ->default_str("by their number");
    run_verb->add_flag("--resume", choices.resume, "Go on from the checkpoint beside the results, if there is one");
    run_verb->add_option("--checkpoint", choices.checkpoint, "Checkpoint file (default: beside the results)");
    run_verb->add_option("--checkpoint-every", choices.checkpoint_every, "Write a checkpoint every so many years")
        ->check(Whole(1, 200))
        ->default_str("never");
    run_verb->add_flag("--quiet", quiet, "Do not print the summary of the results");
    run_verb->add_option("--from", choices.from,
                         "Start from this checkpoint of another scenario with the same models (fork)");
    auto* show_verb = app.add_subcommand("show", "Show results as tables and sparklines");
    show_verb->add_option("file", file, "Results file")->required();
    show_verb->add_option("measures", show_options.measures, "Measures (default: the summary that the model declares)");
    show_verb->add_flag("--all", show_options.all, "Every measure, a line each, in place of the summary");
    show_verb->add_option("--by", show_options.selection.by, "Groups to keep, as a,b")
        ->delimiter(',')
        ->allow_extra_args(false);
    show_verb->add_option("--from", show_options.selection.from, "First year");
    show_verb->add_option("--until", show_options.selection.until, "Last year");
    show_verb->add_option("--scenario", scenario, "One scenario of the file");
    show_verb->add_option("--glyphs", glyphs, "unicode or ascii")->check(CLI::IsMember({"unicode", "ascii"}));
    CompareChoices comparing{{}, {}, terminal("FILE")};
    add_compare_flags(
        *app.add_subcommand("compare", "Put scenarios side by side: the differences of each from the first"), comparing,
        glyphs);
    auto* export_verb = app.add_subcommand("export", "Write results as CSV files");
    export_verb->add_option("file", file, "Results file")->required();
    export_verb->add_option("-o,--output", directory, "Folder");
    ValidateChoices validation;
    auto* validate_verb = app.add_subcommand(
        "validate",
        "Compare runs with what was observed; exit code 4 when a row is out of bounds without an explanation");
    validate_verb->add_option("file", validation.file, "Validation file (default: scenarios/validation/dutch.yaml)");
    validate_verb->add_option("-o,--output", validation.markdown, "Write the page (Markdown)");
    validate_verb->add_option("--html", validation.html, "Write the page as one HTML file");
    validate_verb->add_flag("--quick", validation.quick, "At most 100,000 people and 2 replicates");
    validate_verb->add_option("--only", validation.only, "Only these targets")->delimiter(',')->allow_extra_args(false);
    validate_verb->add_option("--threads", validation.threads, "Threads")->default_str("all");
    auto* help_verb = app.add_subcommand("help", "Tell everything, or about one verb");
    std::string about;
    help_verb->add_option("verb", about, "Verb");

    app.footer(help_footer());
    for (CLI::App* verb : app.get_subcommands({}))
        for (CLI::Option* option : verb->get_options())
            if (option->get_default_str() == "[]") option->default_str("");

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        if (e.get_exit_code() == 0 && common.json) {
            const auto verbs = app.get_subcommands();
            if (dynamic_cast<const CLI::CallForVersion*>(&e) != nullptr)
                fmt::print("{}\n", nlohmann::json{{"version", version_text()}}.dump(2));
            else
                fmt::print("{}\n", verbs.empty() ? help_json(app) : verb_json(*verbs.front()));
            return exit_code::ok;
        }
        if (e.get_exit_code() == 0) return app.exit(e);
        const auto [what, help] = misread(app, e);
        return fail(common, exit_code::scenario, "command_line", what, help);
    }
    try {
        comparing.show.glyphs = show_options.glyphs =
            glyphs == "ascii" ? output::Glyphs::ascii : output::Glyphs::unicode;
        if (check_verb->parsed()) return check(choices, common, resolved, names);
        if (explain_verb->parsed()) {
            // 305, e305 and E0305 are one code.
            if (const auto digits = code.find_first_of("0123456789");
                digits != std::string::npos && digits <= 1 &&
                code.find_first_not_of("0123456789", digits) == std::string::npos && code.size() - digits < 4)
                code = (digits == 1 ? code.substr(0, 1) : std::string("E")) +
                       std::string(4 - (code.size() - digits), '0') + code.substr(digits);
            else if (digits == 0)
                code = "E" + code;
            const auto text = explain_code(code);
            if (!text) {
                std::vector<std::string> codes;
                for (const auto& c : all_codes()) codes.emplace_back(c.code);
                return fail(common, exit_code::scenario, "command_line", fmt::format("there is no code '{}'", code),
                            suggestion(code, codes).substr(0, 200));
            }
            if (common.json)
                fmt::print("{}\n", nlohmann::json{{"code", code}, {"text", *text}}.dump(2));
            else
                fmt::print("{}\n", *text);
            return exit_code::ok;
        }
        if (plan_verb->parsed()) return plan(choices, common, dot);
        if (schema_verb->parsed()) return schema(common, kind, markdown);
        if (synthesize_verb->parsed()) return synthesize_region(region, out, people, seed, report_csv, common);
        if (run_verb->parsed()) return run(choices, common, quiet);
        if (app.got_subcommand("compare")) return compare(comparing, common);
        if (show_verb->parsed()) return show(file, show_options, common, scenario);
        if (validate_verb->parsed()) return validate(validation, common);
        if (export_verb->parsed()) return export_csv(file, directory, common);
        if (help_verb->parsed() && !about.empty()) {
            try {
                const CLI::App* verb = app.get_subcommand(about);
                fmt::print("{}{}", common.json ? verb_json(*verb) : verb->help("proeftuin"), common.json ? "\n" : "");
                return exit_code::ok;
            } catch (const CLI::OptionNotFound&) {
            }
            return fail(common, exit_code::scenario, "command_line", fmt::format("there is no verb '{}'", about),
                        "proeftuin help");
        }
        fmt::print("{}", common.json ? help_json(app) + "\n" : app.help("", CLI::AppFormatMode::All));
        return exit_code::ok;
    } catch (const ScenarioError& e) {
        return fail(common, exit_code::scenario, "scenario", e.what());
    } catch (const NumericError& e) {
        return fail(common, exit_code::numeric, "numeric", e.what());
    } catch (const IoError& e) {
        return fail(common, exit_code::io, "io", e.what());
    } catch (const std::filesystem::filesystem_error& e) {
        return fail(common, exit_code::io, "io", e.what());
    } catch (const std::invalid_argument& e) {
        return fail(common, exit_code::scenario, "command_line", e.what());
    } catch (const std::bad_alloc&) {
        return fail(common, exit_code::io, "io", "not enough memory");
    } catch (const std::exception& e) {
        return fail(common, exit_code::defect, "defect", e.what(), "this is a defect of the program: please report it");
    }
}

}  // namespace
}  // namespace proeftuin::app

int main(int argc, char** argv) {
#if PT_NEEDS_AVX2
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) {
        std::fputs(
            "error: this program was built for processors with AVX2 and FMA, which this one lacks\n"
            "  = help: build it with cmake -DPROEFTUIN_X86_LEVEL=x86-64\n",
            stderr);
        return proeftuin::exit_code::io;
    }
#endif
    return proeftuin::app::command_line(argc, argv);
}
