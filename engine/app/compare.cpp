#include "engine/app/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "engine/core/errors.hpp"
#include "output/compare.hpp"
#include "output/compare_measures.hpp"
#include "output/compare_people.hpp"
#include "output/difference.hpp"
#include "output/reader.hpp"
#include "output/writer.hpp"

namespace proeftuin::app {
namespace {

/// Of more people than this one by one is not told who gains: they would not fit beside the run.
constexpr std::size_t most_recorded = 1'000'000;

bool is_results_file(const std::string& name) {
    const auto extension = std::filesystem::path(name).extension();
    return extension == ".h5" || extension == ".hdf5";
}

/// One scenario file, checked; all are before the first of them runs.
struct ToRun {
    std::unique_ptr<Prepared> prepared;
    RunChoices choices;
    bool recorded = false;  ///< people only for the comparison
};

/// \return exit code; of a scenario with mistakes that of the first, when all are told
int prepare_all(const CompareChoices& choices, const Common& common, std::vector<ToRun>& out) {
    int code = exit_code::ok;
    for (const auto& name : choices.of) {
        if (is_results_file(name)) continue;
        ToRun one{std::make_unique<Prepared>(), choices.run};
        one.choices.scenario = name;
        one.choices.out.clear();
        prepare(*one.prepared, one.choices);
        if (!one.prepared->model) {
            const int failed = report(*one.prepared, common);
            if (code == exit_code::ok) code = failed;
            if (common.json) return code;
            continue;
        }
        models::RecordSpec& record = one.prepared->scenario.record;
        one.recorded = !record.persons && one.prepared->scenario.people <= most_recorded;
        if (one.recorded) record.persons = true;
        out.push_back(std::move(one));
    }
    return code;
}

/// Measures and groups that a scenario does not have are told before anything runs. \throws std::invalid_argument
void check_measures(const CompareChoices& choices, const Prepared& prepared) {
    const Model& m = *prepared.model;
    std::vector<std::string> known;
    for (const Measure& measure : m.measures) known.push_back(measure.name);
    for (const Signal& signal : m.signals) known.push_back(signal.name);
    for (const auto& name : choices.show.measures) {
        if (std::find(known.begin(), known.end(), name) == known.end())
            throw std::invalid_argument(
                fmt::format("'{}' has no measure '{}' ({})", prepared.scenario.name, name, suggestion(name, known)));
        std::vector<std::string> axes;
        for (const Measure& measure : m.measures)
            if (measure.name == name)
                for (const auto& dim : m.groupings[static_cast<std::size_t>(measure.grouping)].dims)
                    axes.push_back(dim.name);
        for (const auto& by : choices.show.selection.by)
            if (std::find(axes.begin(), axes.end(), by) == axes.end())
                throw std::invalid_argument(fmt::format("measure '{}' has no axis '{}' ({})", name, by,
                                                        axes.empty() ? "it has none" : suggestion(by, axes)));
    }
}

/// A results file has one group per scenario.
void tell_apart(std::vector<output::ResultSet>& sets) {
    for (std::size_t k = 0; k < sets.size(); ++k) {
        const std::string name = sets[k].scenario;
        const auto taken = [&](const std::string& candidate) {
            return std::any_of(sets.begin(), sets.begin() + static_cast<std::ptrdiff_t>(k),
                               [&](const auto& other) { return other.scenario == candidate; });
        };
        for (int number = 2; taken(sets[k].scenario); ++number) sets[k].scenario = fmt::format("{}_{}", name, number);
    }
}

bool tells_of_measures(const output::ShowOptions& options) { return options.all || !options.measures.empty(); }

bool tells_of_people(const output::ResultSet& here, const output::ResultSet& against) {
    return here.persons && against.persons && output::same_people(here, against);
}

/// Groups of measures need not be columns of people.
output::ShowOptions of_people(output::ShowOptions options, const output::ResultSet& set) {
    std::erase_if(options.selection.by, [&](const std::string& name) {
        return std::none_of(set.persons->categories.begin(), set.persons->categories.end(),
                            [&](const auto& column) { return column.name == name; });
    });
    return options;
}

/// All measures of models that declare no page.
output::ShowOptions with_something(output::ShowOptions options, const output::ResultSet& here,
                                   const output::ResultSet& against) {
    if (!tells_of_measures(options)) options.all = here.summary.empty() || against.summary.empty();
    return options;
}

std::string text_of(const output::ResultSet& here, const output::ResultSet& against,
                    const output::ShowOptions& options) {
    std::string out = tells_of_measures(options) ? output::measures_comparison_text(here, against, options)
                                                 : output::comparison_text(here, against, options);
    if (tells_of_people(here, against))
        out += "\n" + output::people_comparison_text(here, against, of_people(options, against));
    return out;
}

nlohmann::ordered_json json_of(const output::ResultSet& here, const output::ResultSet& against,
                               const output::ShowOptions& options) {
    auto out = nlohmann::ordered_json::parse(tells_of_measures(options)
                                                 ? output::measures_comparison_json(here, against, options)
                                                 : output::comparison_json(here, against, options.selection));
    if (tells_of_people(here, against))
        out["people"] =
            nlohmann::ordered_json::parse(output::people_comparison_json(here, against, of_people(options, against)));
    return out;
}

}  // namespace

int compare(CompareChoices& choices, const Common& common) {
    if (!choices.show.selection.by.empty() && !tells_of_measures(choices.show))
        throw std::invalid_argument("--by needs a measure whose groups to keep (add -m NAME)");
    if (!choices.run.out.empty()) check_writable(choices.run.out);
    catch_interrupt();
    std::vector<ToRun> to_run;
    if (const int code = prepare_all(choices, common, to_run); code != exit_code::ok) return code;
    for (const ToRun& one : to_run) check_measures(choices, *one.prepared);
    // Files first: one that is missing is told before anything runs.
    std::vector<std::vector<output::ResultSet>> of_each;
    for (const auto& name : choices.of)
        of_each.push_back(is_results_file(name) ? output::read_results(name, output::Persons::read).scenarios
                                                : std::vector<output::ResultSet>{});
    std::vector<output::ResultSet> sets;
    std::vector<std::size_t> only_compared;  // whose people are not for the file
    auto next = to_run.begin();
    for (auto& scenarios : of_each) {
        if (!scenarios.empty()) {
            std::move(scenarios.begin(), scenarios.end(), std::back_inserter(sets));
            continue;
        }
        RunOutcome outcome;
        if (const int code = run_or_report(*next->prepared, next->choices, common, outcome); code != exit_code::ok)
            return code;
        if (!outcome.finished) {
            fmt::print(stderr,
                       "stopped; nothing is compared\n  long runs: `proeftuin run` each, which can be resumed, "
                       "and compare their results files\n");
            return exit_code::interrupted;
        }
        if (next->recorded) only_compared.push_back(sets.size());
        sets.push_back(std::move(outcome.results));
        next->prepared.reset();
        ++next;
    }
    if (sets.size() < 2)
        throw std::invalid_argument(
            "there is nothing to compare with (name two scenarios or results files, or a file of "
            "several scenarios)");
    tell_apart(sets);
    auto comparisons = nlohmann::ordered_json::array();
    for (std::size_t k = 1; k < sets.size(); ++k) {
        const auto options = with_something(choices.show, sets[k], sets.front());
        if (common.json)
            comparisons.push_back(json_of(sets[k], sets.front(), options));
        else
            fmt::print("{}{}", k > 1 ? "\n" : "", text_of(sets[k], sets.front(), options));
    }
    if (!choices.run.out.empty()) {
        for (const std::size_t k : only_compared) sets[k].persons.reset();
        output::write_results(choices.run.out, sets);
    }
    if (common.json)
        fmt::print("{}\n", nlohmann::ordered_json{{"comparisons", comparisons}}.dump(2));
    else if (!choices.run.out.empty())
        fmt::print("\nresults of all in {}\n", choices.run.out);
    return exit_code::ok;
}

}  // namespace proeftuin::app
