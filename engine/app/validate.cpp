#include "engine/app/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <stdexcept>

#include "engine/app/validation_comparison.hpp"
#include "engine/app/validation_page.hpp"
#include "engine/core/errors.hpp"
#include "engine/store/atomic_file.hpp"

namespace proeftuin::app {
namespace {

namespace fs = std::filesystem;
using models::ValidationEntry;
using models::ValidationRun;
using models::ValidationTarget;
using Target = MapItem<ValidationTarget>;

constexpr int most_printed = 40;  // rows out of bounds, in the terminal

bool explains(const models::ValidationExplanation& e, const ValidationRow& row) {
    const auto in = [](const std::vector<std::string>& list, const std::string& x) {
        return std::find(list.begin(), list.end(), x) != list.end();
    };
    if (!in(e.targets, row.target) || (!e.runs.empty() && !in(e.runs, row.run))) return false;
    return std::all_of(e.rows.begin(), e.rows.end(), [&](const auto& f) {
        if (f.key == "year") return in(f.value, std::to_string(row.year));
        return std::any_of(row.keys.begin(), row.keys.end(),
                           [&](const auto& k) { return k.first == f.key && in(f.value, k.second); });
    });
}

std::string validation_file(const std::string& given) {
    if (!given.empty()) return given;
    std::string file = "scenarios/validation/dutch.yaml";
    for (const char* beside : {"../../scenarios/validation/dutch.yaml", "../scenarios/validation/dutch.yaml"})
        if (!fs::exists(file)) file = (fs::path(models::library_folder()) / beside).lexically_normal().string();
    return file;
}

int complain(const DiagnosticSink& sink, const SourceFiles& files, const Common& common) {
    if (common.json)
        fmt::print("{}\n", render(sink.items(), files, DiagnosticFormat::json, Colour::off));
    else
        fmt::print(
            stderr, "{}",
            render(sink.items(), files, common.format == "short" ? DiagnosticFormat::brief : DiagnosticFormat::full,
                   interactive() ? Colour::on : Colour::off));
    return exit_code::scenario;
}

/// The targets that are asked for. \throws std::invalid_argument for a name that is none
std::vector<const Target*> chosen_targets(const ValidationEntry& entry, const std::vector<std::string>& only) {
    std::vector<std::string> names;
    for (const auto& t : entry.targets) names.push_back(t.key);
    for (const auto& name : only)
        if (std::find(names.begin(), names.end(), name) == names.end())
            throw std::invalid_argument(fmt::format("there is no target '{}' {}", name, suggestion(name, names)));
    std::vector<const Target*> chosen;
    for (const auto& t : entry.targets)
        if (only.empty() || std::find(only.begin(), only.end(), t.key) != only.end()) chosen.push_back(&t);
    return chosen;
}

RunChoices settings_of(const ValidationRun& run, const ValidateChoices& choices) {
    RunChoices settings;
    settings.scenario = run.scenario.value;
    settings.threads = choices.threads;
    if (run.years) settings.load.years = static_cast<int>(*run.years);
    if (run.people) settings.load.people = static_cast<std::size_t>(*run.people);
    settings.replicates = static_cast<int>(run.replicates);
    if (choices.quick) {
        settings.replicates = std::min(2, *settings.replicates);
        settings.load.people = std::min<std::size_t>(100'000, settings.load.people.value_or(100'000));
    }
    return settings;
}

std::string run_text(const ValidationResults& results, const Prepared& prepared, std::int64_t people) {
    const auto counted = [](int n, const char* one) { return fmt::format("{} {}{}", n, one, n == 1 ? "" : "s"); };
    return fmt::format("`{}`: {}, {} people, {} from {}, {}, seed {}", results.name, results.run->scenario.value,
                       people, counted(prepared.scenario.model.years, "year"), results.start,
                       counted(results.replicates, "replicate"), prepared.scenario.seed);
}

/// Rows out of bounds that the validation has a cause for are explained.
void explain(const ValidationEntry& entry, std::vector<ValidationRow>& rows) {
    for (auto& row : rows) {
        if (row.verdict != Verdict::outside) continue;
        const auto cause = std::find_if(entry.explained.begin(), entry.explained.end(),
                                        [&](const auto& e) { return explains(e, row); });
        if (cause == entry.explained.end()) continue;
        row.verdict = Verdict::explained;
        row.because = cause->because;
    }
}

void print(const ValidationReport& report, const ValidateChoices& choices) {
    fmt::print("{}", validation_summary(report));
    int outside = 0;
    for (const auto& row : report.rows)
        if (row.verdict == Verdict::outside && ++outside <= most_printed)
            fmt::print("out of bounds: {}\n", row_text(row));
    if (outside > most_printed) fmt::print("... and {} more\n", outside - most_printed);
    for (const auto& path : {choices.markdown, choices.html})
        if (!path.empty()) fmt::print("page in {}\n", path);
}

}  // namespace

int validate(const ValidateChoices& choices, const Common& common) {
    const std::string file = validation_file(choices.file);
    if (!fs::exists(file)) throw IoError(fmt::format("there is no file '{}'", file));
    catch_interrupt();
    SourceFiles files;
    DiagnosticSink sink;
    auto entry = models::load_validation(file, files, sink);
    if (!entry) return complain(sink, files, common);
    ValidationReport report;
    report.entry = std::move(*entry);
    report.quick = choices.quick;
    const auto chosen = chosen_targets(report.entry, choices.only);
    std::map<std::string, std::vector<ValidationRow>> rows;  // by target
    for (const auto& run : report.entry.runs) {
        std::vector<const Target*> targets;
        std::copy_if(chosen.begin(), chosen.end(), std::back_inserter(targets), [&](const Target* t) {
            return std::any_of(t->value.runs.begin(), t->value.runs.end(),
                               [&](const auto& r) { return r.value == run.key; });
        });
        if (targets.empty()) continue;
        if (!common.json) fmt::print(stderr, "run {} ...\n", run.key);
        const RunChoices settings = settings_of(run.value, choices);
        Prepared prepared;
        prepare(prepared, settings);
        if (!prepared.model) return complain(prepared.sink, prepared.files, common);
        auto outcome = run_prepared(prepared, settings, common);
        if (!outcome.finished) return exit_code::interrupted;
        ValidationResults results;
        results.name = run.key;
        results.run = &run.value;
        results.start = static_cast<int>(prepared.model->start_year);
        results.replicates = prepared.scenario.replicates;
        results.set = std::move(outcome.results);
        report.runs.push_back(run_text(results, prepared, outcome.raw.people_at_start));
        for (const Target* t : targets) {
            auto found = compare(t->key, t->value, results, files, sink);
            if (sink.has_errors()) return complain(sink, files, common);
            auto& all = rows[t->key];
            all.insert(all.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
        }
    }
    for (const Target* t : chosen) {
        auto& of_target = rows[t->key];
        // Nothing compared is nothing validated: a filter or a region is misspelt.
        if (of_target.empty())
            throw std::invalid_argument(
                fmt::format("target '{}' compares nothing (no row of {} fits its runs)", t->key, t->value.table));
        explain(report.entry, of_target);
        report.rows.insert(report.rows.end(), std::make_move_iterator(of_target.begin()),
                           std::make_move_iterator(of_target.end()));
    }
    if (!choices.markdown.empty()) store::write_text_file(choices.markdown, validation_markdown(report));
    if (!choices.html.empty()) store::write_text_file(choices.html, validation_html(report));
    if (common.json)
        fmt::print("{}\n", validation_json(report));
    else
        print(report, choices);
    return count_verdicts(report, {}).outside > 0 ? exit_code::validation : exit_code::ok;
}

}  // namespace proeftuin::app
