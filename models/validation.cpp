#include "models/validation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "models/scenario.hpp"

namespace proeftuin::models {
namespace fs = std::filesystem;

Schema<ValidationEntry> validation_schema() {
    const auto rows = map_of(list_or_single(text()));
    Schema<ValidationRun> run("run", "A scenario that is run.");
    run.required("scenario", &ValidationRun::scenario, located(text()), "Scenario file, relative to this file.",
                 "./netherlands_2013.yaml");
    run.optional("region", &ValidationRun::region, text(), "Rows of tables with a column `region`.", "netherlands");
    run.optional("years", &ValidationRun::years, integer(1, 200), "How many years.")
        .default_is("those of the scenario");
    run.optional("replicates", &ValidationRun::replicates, integer(1, 10000),
                 "Sets of random numbers; the interval comes from them.")
        .default_is("1");
    run.optional("people", &ValidationRun::people, integer(1, 100'000'000), "Number of people.")
        .default_is("as the region has");
    run.place(&ValidationRun::place);

    Schema<ValidationBound> bound("bound", "How far a row may be off; with several keys one suffices.");
    bound.optional("absolute", &ValidationBound::absolute, number(0, 1e12), "In the unit of the value.", "0.3");
    bound.optional("relative", &ValidationBound::relative, number(0, 10), "Of the observed value.", "0.05");
    bound.optional("at_least", &ValidationBound::at_least, boolean(), "The observed value is a lower bound.");
    bound.optional("better_than", &ValidationBound::better_than, text(), "Column with a forecast that must be beaten.",
                   "naive_ratio");
    bound.at_least_one_of({"absolute", "relative", "at_least", "better_than"});

    Schema<ValidationWeights> weights("weights", "Weights of the cells of a mean.");
    weights.required("file", &ValidationWeights::file, text(), "Table beside this file.", "zvw_cells.csv");
    weights.required("column", &ValidationWeights::column, text(), "Column with the weight.", "insured_years");
    weights.required("by", &ValidationWeights::by, map_of(text()), "Column of the table -> axis of the measure.",
                     "{ sex: sex, age: age_band_5 }");
    weights.optional(
        "grown", &ValidationWeights::grown, boolean(),
        "Weights of the year in which the run starts, times the growth of the cell's person-years in the run.");
    weights.optional("rows", &ValidationWeights::rows, rows, "Only rows with these values.");

    Schema<ValidationRates> rates("expected", "Rates that give the events expected of the people of the run.");
    rates.required("file", &ValidationRates::file, text(), "Table, relative to this file.", "../mortality_2013.csv");
    rates.required("column", &ValidationRates::column, text(), "Column with the rate per year.", "rate");
    rates.required("by", &ValidationRates::by, map_of(text()), "Column of the table -> axis of the measure.",
                   "{ sex: sex, age: year_of_age }");
    rates.optional("rows", &ValidationRates::rows, rows, "Only rows with these values.", "{ year: 2013 }");

    using Quantity = ValidationTarget::Quantity;
    Schema<ValidationTarget> t("target", "What is compared with which table.");
    t.required("title", &ValidationTarget::title, text(), "Heading on the page.", "Life expectancy at birth");
    t.optional("doc", &ValidationTarget::doc, text(), "What is compared and how.");
    t.required("runs", &ValidationTarget::runs, list_of(located(text()), 1), "Runs that are compared.",
               "[netherlands_2013]");
    t.optional("quantity", &ValidationTarget::quantity,
               one_of<Quantity>({{"ratio", Quantity::ratio},
                                 {"of_start", Quantity::of_start},
                                 {"life_expectancy", Quantity::life_expectancy},
                                 {"statistic", Quantity::statistic},
                                 {"over_expected", Quantity::over_expected}}),
               "How the value follows: measure over `per`; measure over what all of `per` was when the run began; a "
               "life table; a statistic over people; events over those expected by rates.")
        .default_is("ratio");
    t.required("measure", &ValidationTarget::measure, text(), "Measure; `<column>` in it becomes the row's value.",
               "expected_<category>");
    t.optional("per", &ValidationTarget::per, text(), "Measure by which it is divided.", "person_years");
    t.optional("scale", &ValidationTarget::scale, number(), "Factor on the ratio.", "1000").default_is("1");
    t.optional("statistic", &ValidationTarget::statistic, text(), "Name of the statistic, or `<column>`.",
               "top_share_1");
    t.optional("by", &ValidationTarget::by, map_of(text()),
               "Column of the table -> axis of the measure; the text `all` in the table is all of the axis.",
               "{ sex: sex, age: age_band }");
    t.optional("years", &ValidationTarget::years, list_of(integer(1900, 2300)), "Years of the table.")
        .default_is("the year in which the run starts");
    t.optional("after", &ValidationTarget::after, integer(0, 100),
               "The run is read so many years later than the table.")
        .default_is("0");
    t.optional("weights", &ValidationTarget::weights, object(weights), "Mean over cells with given weights.");
    t.optional("expected", &ValidationTarget::expected, object(rates), "For over_expected.");
    t.required("table", &ValidationTarget::table, text(), "Observed table (CSV), relative to this file.",
               "life_expectancy.csv");
    t.required("value", &ValidationTarget::value, text(), "Column with the observed value.", "life_expectancy");
    t.optional("rows", &ValidationTarget::rows, rows, "Only rows with these values.", "{ basis: zvw }");
    t.optional("naive", &ValidationTarget::naive, text(), "Column with a rival forecast.", "naive_ratio");
    t.optional("weight", &ValidationTarget::weight, text(),
               "Column; the bound is on the weighed mean absolute relative error of each run and year.",
               "insured_years");
    t.optional("unit", &ValidationTarget::unit, text(), "Unit, for the page.", "years");
    t.optional("bound", &ValidationTarget::bound, object(bound), "Bound; without it rows are only shown.");
    t.optional("from", &ValidationTarget::from, number(), "Observed values below this are only shown.").default_is("0");
    t.required("data", &ValidationTarget::data, text(), "`real`, or what kind of approximation.", "real");
    t.required("used_to_fit", &ValidationTarget::used_to_fit, boolean(),
               "Whether the model was fitted on these numbers.");
    t.required("source", &ValidationTarget::source, text(), "Source.", "cbs_mortality");
    t.place(&ValidationTarget::place);

    Schema<ValidationExplanation> why("explanation", "Why rows are out of bounds.");
    why.required("target", &ValidationExplanation::targets, list_or_single(text()), "Targets.");
    why.optional("run", &ValidationExplanation::runs, list_or_single(text()), "Runs.").default_is("all");
    why.optional("rows", &ValidationExplanation::rows, rows, "Rows, by columns of the table.").default_is("all");
    why.required("because", &ValidationExplanation::because, text(), "The cause.");

    Schema<ValidationEntry> s("validation",
                              "Runs, and the observations that they are compared with by `proeftuin validate`.");
    s.entry_kind("validation");
    s.optional("format", &ValidationEntry::format, integer(1, 1), "Version of the language.", "1");
    s.required("validation", &ValidationEntry::name, located(name()), "Name.", "dutch");
    s.optional("doc", &ValidationEntry::doc, text(), "What it is.");
    s.optional("include", &ValidationEntry::include, list_or_single(located(text())),
               "More entries of this kind: by name in the library, or paths that start with ./ or ../.",
               "[nl/validation/targets]");
    s.optional("runs", &ValidationEntry::runs, map_of(object(run)), "Scenarios that are run.");
    s.optional("targets", &ValidationEntry::targets, map_of(object(t)), "Comparisons.");
    s.optional("explained", &ValidationEntry::explained, list_of(object(why)), "Known causes of rows out of bounds.");
    return s;
}

namespace {

void load_into(const std::string& path, SourceSpan from, ValidationEntry& all, std::vector<std::string>& seen,
               SourceFiles& files, DiagnosticSink& sink) {
    const std::string key = fs::absolute(path).lexically_normal().string();
    if (std::find(seen.begin(), seen.end(), key) != seen.end()) return;
    seen.push_back(key);
    if (!fs::exists(path)) {
        sink.error("E0504", fmt::format("there is no file '{}'", path), from);
        return;
    }
    const auto node = read_yaml_file(files, path, sink);
    if (!node) return;
    static const auto schema = validation_schema();
    auto entry = schema.read(*node, sink);
    if (!entry) return;
    const fs::path folder = fs::path(path).parent_path();
    if (seen.size() == 1) {
        all.name = entry->name;
        all.doc = entry->doc;
    }
    for (const auto& name : entry->include) {
        const bool beside = name.value.starts_with("./") || name.value.starts_with("../");
        const fs::path base = beside ? folder : fs::path(library_folder());
        load_into(
            (base / (name.value.ends_with(".yaml") ? name.value : name.value + ".yaml")).lexically_normal().string(),
            name.span, all, seen, files, sink);
    }
    for (auto& r : entry->runs) {
        r.value.scenario.value = (folder / r.value.scenario.value).lexically_normal().string();
        if (!fs::exists(r.value.scenario.value))
            sink.error("E0504", fmt::format("there is no scenario '{}'", r.value.scenario.value), r.value.scenario.span,
                       "paths are relative to the file that names them");
        all.runs.push_back(std::move(r));
    }
    for (auto& t : entry->targets) {
        t.value.folder = folder.string();
        all.targets.push_back(std::move(t));
    }
    for (auto& e : entry->explained) all.explained.push_back(std::move(e));
}

}  // namespace

std::optional<ValidationEntry> load_validation(const std::string& path, SourceFiles& files, DiagnosticSink& sink) {
    ValidationEntry all;
    std::vector<std::string> seen;
    load_into(path, {}, all, seen, files, sink);
    std::vector<std::string> names;
    for (const auto& r : all.runs) names.push_back(r.key);
    for (const auto& t : all.targets)
        for (const auto& r : t.value.runs)
            if (std::find(names.begin(), names.end(), r.value) == names.end())
                sink.error("E0704", fmt::format("'{}' is no run of this validation", r.value), r.span,
                           suggestion(r.value, names));
    if (sink.has_errors()) return std::nullopt;
    return all;
}

}  // namespace proeftuin::models
