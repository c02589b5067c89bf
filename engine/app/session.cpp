#include "engine/app/session.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <limits>
#include <stdexcept>

#include "engine/app/panel.hpp"
#include "engine/app/summary.hpp"
#include "engine/core/errors.hpp"
#include "engine/core/hash.hpp"
#include "engine/random/draw.hpp"
#include "engine/run/start.hpp"
#include "engine/store/checkpoint.hpp"
#include "engine/store/people_file.hpp"
#include "models/library_index.hpp"
#include "models/network/cheapest.hpp"

namespace proeftuin::app {

std::atomic<bool> interrupted{false};

namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

void on_interrupt(int) {
    if (interrupted.exchange(true)) std::_Exit(exit_code::interrupted);  // a second Ctrl-C does not wait
}

std::string utc_now() {
    const std::time_t now = std::time(nullptr);
    std::tm tm{};
    gmtime_r(&now, &tm);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
    return text;
}

std::string discount_text(const DiscountSpec& d) {
    using C = DiscountSpec::Convention;
    const auto percent = fmt::format("{:g} % per year, ", 100.0 * d.rate);
    switch (d.convention) {
        case C::none:
            return "none";
        case C::start_of_year:
            return percent + "start of year";
        case C::mid_year:
            return percent + "middle of year";
        case C::end_of_year:
            return percent + "end of year";
        case C::continuous:
            return percent + "continuous";
    }
    return "none";
}

std::string hex64(std::uint64_t x) { return fmt::format("{:016x}", x); }

std::uint64_t people_digest(const PersonTable& people) {
    std::uint64_t h = mix64(people.people);
    for (const auto& c : people.numbers)
        for (const double x : c.values) h = combine64(h, std::bit_cast<std::uint64_t>(x));
    for (const auto& c : people.categories)
        for (const auto x : c.codes) h = combine64(h, x);
    return h;
}

SourceSpan place_of_people(const models::LoadedScenario& scenario) {
    const Node* people = scenario.resolved.find("people");
    const Node* file = people != nullptr ? people->find("file") : nullptr;
    return file != nullptr ? file->span : scenario.resolved.span;
}

/// 1 when all are simulated.
double people_each_stands_for(double of, std::size_t simulated) {
    return simulated == 0 || !(of > 0.0) || static_cast<double>(simulated) == std::floor(of + 0.5)
               ? 1.0
               : of / static_cast<double>(simulated);
}

}  // namespace

void catch_interrupt() {
    std::signal(SIGINT, on_interrupt);
    std::signal(SIGTERM, on_interrupt);
}

bool interactive() { return isatty(STDERR_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr; }

std::string version_text() { return PROEFTUIN_VERSION; }

void prepare(Prepared& p, const RunChoices& choices, std::uint64_t replicate) {
    auto start = Clock::now();
    auto loaded = models::load_scenario(choices.scenario, choices.load, p.files, p.sink);
    p.seconds_load = since(start);
    if (!loaded) {
        p.sink = models::with_library_hints(p.sink, {});
        return;
    }
    p.scenario = std::move(*loaded);
    if (choices.seed) p.scenario.seed = *choices.seed;
    if (choices.replicates) p.scenario.replicates = *choices.replicates;
    start = Clock::now();
    if (p.scenario.population_file) {
        auto read = store::read_population(*p.scenario.population_file);
        p.people = std::move(read.people);
        if (const auto of = read.provenance.find("stands_for"); of != read.provenance.end())
            p.stands_for = people_each_stands_for(std::strtod(of->second.c_str(), nullptr), p.people->people);
        const auto region = read.provenance.find("region");
        const std::string of_region = region == read.provenance.end() ? "" : region->second;
        if (p.scenario.region && of_region != p.scenario.region->name)
            p.sink.error("E0709",
                         fmt::format("the people of {} are {}, and the scenario is of the region '{}'",
                                     *p.scenario.population_file,
                                     of_region.empty() ? "of no region" : fmt::format("of the region '{}'", of_region),
                                     p.scenario.region->name),
                         place_of_people(p.scenario),
                         "make them from the region of the scenario: proeftuin synthesize");
        if (p.scenario.model.start_year == 0.0)
            p.sink.error("E0707", "the scenario does not say when it starts (a population file has no year)",
                         p.scenario.resolved.span, "add `starts: YEAR`");
    } else if (p.scenario.region && !p.sink.has_errors()) {
        auto synthesis = population::synthesize(*p.scenario.region, p.scenario.seed, p.scenario.people);
        p.people = std::move(synthesis.people);
        p.fit = std::move(synthesis.report);
        p.stands_for = people_each_stands_for(p.scenario.region->stands_for, p.people->people);
    }
    p.seconds_people = since(start);
    start = Clock::now();
    p.scenario.model.stands_for = p.stands_for;
    try {
        p.model =
            compile_model(p.scenario.model, p.people ? &*p.people : nullptr, {p.scenario.seed, replicate}, p.sink);
    } catch (const StartError& e) {  // of the national sample, or of the people whose costs are matched
        p.sink.report(e.diagnostic());
    }
    p.seconds_compile = since(start);
    if (p.model) {
        p.summary = resolve_summary(p.scenario, *p.model, p.stands_for, p.people ? p.people->people : p.scenario.people,
                                    p.sink);
        check_record(p, p.sink);
    }
    if (p.sink.has_errors()) {
        p.model = nullptr;
        p.sink = models::with_library_hints(p.sink, p.scenario.entries);
    }
}

int report(const Prepared& p, const Common& common) {
    const auto& items = p.sink.items();
    bool failed = p.sink.has_errors();
    if (common.strict)
        for (const auto& d : items) failed = failed || d.severity == Severity::warning;
    if (common.json) {
        fmt::print("{}\n", render(items, p.files, DiagnosticFormat::json, Colour::off));
    } else if (!items.empty()) {
        const auto format = common.format == "short" ? DiagnosticFormat::brief : DiagnosticFormat::full;
        fmt::print(stderr, "{}", render(items, p.files, format, interactive() ? Colour::on : Colour::off));
    }
    return failed ? exit_code::scenario : exit_code::ok;
}

std::vector<std::string> shown_statistics(const Measure& measure) {
    if (measure.per_person == MeasureSpec::PerPerson::no) return {};
    return measure.show.empty() ? std::vector<std::string>{"mean", "sd", "p50", "top_share_1", "top_share_5"}
                                : measure.show;
}

namespace {

/// A signal by year: the mean over its steps.
output::MeasureResult signal_measure(const Model& m, std::size_t k, const std::vector<RunResults>& replicates) {
    output::MeasureResult out;
    out.name = m.signals[k].name;
    out.doc = m.signals[k].doc;
    out.unit = m.signals[k].unit;
    out.kind = output::MeasureKind::mean;
    if (out.unit.find("EUR") != std::string::npos) out.currency = "EUR";
    output::Dim replicate, year;
    replicate.name = "replicate";
    replicate.doc = "set of random numbers";
    for (std::size_t r = 0; r < replicates.size(); ++r) replicate.numbers.push_back(static_cast<double>(r));
    year.name = year.unit = "year";
    year.doc = "calendar year; mean over its steps";
    for (int t = 0; t < m.years; ++t) year.numbers.push_back(m.start_year + t);
    if (replicates.size() > 1) out.dims.push_back(std::move(replicate));
    out.dims.push_back(std::move(year));
    const auto steps = static_cast<std::size_t>(m.ticks_per_year);
    for (const RunResults& r : replicates)
        for (std::size_t t = 0; t < static_cast<std::size_t>(m.years); ++t) {
            double sum = 0.0;
            for (std::size_t s = 0; s < steps; ++s) sum += r.signals[k].at(t * steps + s);
            out.values.push_back(sum / static_cast<double>(steps));
        }
    return out;
}

}  // namespace

output::ResultSet to_result_set(const Prepared& p, const std::vector<RunResults>& replicates,
                                const RunChoices& choices) {
    const Model& m = *p.model;
    output::ResultSet set;
    set.scenario = p.scenario.name;
    set.doc = p.scenario.doc;
    set.stands_for = p.stands_for;
    const bool several = replicates.size() > 1;
    for (std::size_t k = 0; k < m.measures.size(); ++k) {
        const Measure& measure = m.measures[k];
        const Grouping& grouping = m.groupings[static_cast<std::size_t>(measure.grouping)];
        output::MeasureResult out;
        out.name = measure.name;
        out.doc = measure.doc;
        out.unit = measure.unit;
        if (measure.unit.find("EUR") != std::string::npos) out.currency = "EUR";
        out.discount = discount_text(measure.discount);
        switch (measure.kind) {
            case MeasureSpec::Kind::integral:
            case MeasureSpec::Kind::regional:
                out.kind = output::MeasureKind::integral;
                break;
            case MeasureSpec::Kind::count:
                out.kind = output::MeasureKind::events;
                break;
            case MeasureSpec::Kind::people:
                out.kind = output::MeasureKind::people;
                break;
            case MeasureSpec::Kind::mean:
                out.kind = output::MeasureKind::mean;
                break;
            case MeasureSpec::Kind::points:
                out.kind = output::MeasureKind::points;
                break;
        }
        if (several) {
            output::Dim dim;
            dim.name = "replicate";
            dim.doc = "set of random numbers";
            for (std::size_t r = 0; r < replicates.size(); ++r) dim.numbers.push_back(static_cast<double>(r));
            out.dims.push_back(std::move(dim));
        }
        const int periods = replicates.front().measures[k].periods;
        output::Dim year;
        year.name = measure.kind == MeasureSpec::Kind::people ? "date" : "year";
        year.unit = "year";
        year.doc = measure.kind == MeasureSpec::Kind::people ? "1 January of this year" : "calendar year";
        for (int t = 0; t < periods; ++t) year.numbers.push_back(m.start_year + t);
        if (several)
            out.dims.push_back(std::move(year));
        else
            out.dims.insert(out.dims.begin(), std::move(year));
        for (const auto& d : grouping.dims) {
            output::Dim dim;
            dim.name = d.name;
            dim.labels = d.labels;
            if (p.scenario.region)
                for (const auto& label : dim.labels) {
                    const auto& places = p.scenario.region->neighbourhoods;
                    const auto place = std::find_if(places.begin(), places.end(), [&](const auto& n) {
                        return d.name == "neighbourhood" && n.label == label && !n.name.empty();
                    });
                    if (place == places.end()) {
                        dim.names.clear();
                        break;
                    }
                    dim.names.push_back(place->name);
                }
            out.dims.push_back(std::move(dim));
        }
        const double nan = std::numeric_limits<double>::quiet_NaN();
        for (const RunResults& r : replicates) {
            const MeasureSums& sums = r.measures[k];
            for (std::size_t c = 0; c < sums.sum.size(); ++c) {
                if (measure.is_mean)
                    out.values.push_back(sums.weight[c] == 0 ? nan
                                                             : static_cast<double>(sums.sum[c]) * measure.quantum /
                                                                   (static_cast<double>(sums.weight[c]) * 1e-9));
                else
                    out.values.push_back(static_cast<double>(sums.sum[c]) * measure.quantum * p.stands_for);
            }
        }
        if (measure.per_person != MeasureSpec::PerPerson::no) {
            static const std::vector<std::string> quantiles{"p01", "p05", "p10", "p25", "p50",
                                                            "p75", "p90", "p95", "p99"};
            const bool yearly = measure.per_person == MeasureSpec::PerPerson::year;
            for (const std::string& name : shown_statistics(measure)) {
                output::Statistic s;
                s.name = name;
                s.unit = name.starts_with("top_share") ? "1" : measure.unit;
                s.doc = yearly ? "over people, of their totals of the year" : "over people, of their totals of the run";
                for (const RunResults& r : replicates)
                    for (int t = 0; t < periods; ++t) {
                        const auto& persons = r.measures[k].persons;
                        const std::size_t index = yearly ? static_cast<std::size_t>(t) : 0;
                        if (index >= persons.size() || (!yearly && t + 1 < periods)) {
                            s.values.push_back(nan);
                            continue;
                        }
                        const PersonStatistics& stats = persons[index];
                        double value = nan;
                        if (name == "mean") value = stats.mean;
                        if (name == "sd") value = stats.sd;
                        if (name == "top_share_1") value = stats.top_share_1;
                        if (name == "top_share_5") value = stats.top_share_5;
                        if (name == "top_share_10") value = stats.top_share_10;
                        for (std::size_t q = 0; q < quantiles.size(); ++q)
                            if (name == quantiles[q] && q < stats.quantiles.size()) value = stats.quantiles[q];
                        s.values.push_back(value);
                    }
                out.statistics.push_back(std::move(s));
            }
            for (const RunResults& r : replicates)
                for (int t = 0; t < periods; ++t) {
                    const auto& persons = r.measures[k].persons;
                    const std::size_t index = yearly ? static_cast<std::size_t>(t) : 0;
                    out.counts.push_back(index < persons.size() ? persons[index].people : 0);
                }
            if (out.counts.size() != out.values.size()) out.counts.clear();
        }
        set.measures.push_back(std::move(out));
    }
    for (std::size_t k = 0; k < m.signals.size(); ++k) set.measures.push_back(signal_measure(m, k, replicates));
    set.summary = p.summary;
    set.provenance.resolved = models::resolved_yaml(p.scenario, p.files);
    for (std::uint32_t f = 0; f < p.files.size(); ++f)
        if (!p.files.path(f).starts_with("--"))
            set.provenance.sources.push_back({p.files.path(f), p.files.text(f), {}});
    set.provenance.seed = static_cast<std::int64_t>(p.scenario.seed);
    set.provenance.replicates = static_cast<std::int64_t>(replicates.size());
    std::uint64_t digest = 0;
    for (const auto& r : replicates) digest = combine64(digest, r.digest());
    set.provenance.digests["results"] = hex64(digest);
    if (p.people) set.provenance.digests["population"] = hex64(people_digest(*p.people));
    set.run_info.program_version = version_text();
    set.run_info.compiler = PROEFTUIN_COMPILER;
    set.run_info.build_flags = PROEFTUIN_BUILD;
    utsname host{};
    if (uname(&host) == 0) set.run_info.host = host.nodename;
    set.run_info.ended = utc_now();
    set.run_info.threads = choices.threads;
    set.run_info.seconds["load"] = p.seconds_load;
    set.run_info.seconds["people"] = p.seconds_people;
    set.run_info.seconds["compile"] = p.seconds_compile;
    return set;
}

namespace {

/// What a resumed run must have in common with the one that was stopped: everything the scenario says, and the number
/// of people.
std::string scenario_digest(const Prepared& p) {
    const std::string text = models::resolved_yaml(p.scenario, p.files);
    std::uint64_t h = mix64(p.scenario.people);
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        if (text[begin] != '#')  // comments hold paths, which depend on where the program was started
            for (std::size_t k = begin; k < end; ++k) h = combine64(h, static_cast<unsigned char>(text[k]));
        begin = end + 1;
    }
    return hex64(h);
}

/// " in replicate 2 of 3"; nothing when there is only one.
std::string place_among(int replicate, int replicates) {
    return replicates > 1 ? fmt::format(" in replicate {} of {}", replicate + 1, replicates) : "";
}

/// Where a checkpoint keeps the results of a replicate that has finished.
std::string finished_replicate(int replicate) { return fmt::format("finished/{}/", replicate); }

/// The state that a run begins with: a checkpoint to fork from or to resume, or none.
/// \throws std::invalid_argument when it is not of this run
std::optional<Checkpoint> first_state(const Prepared& p, const RunChoices& choices, const std::string& checkpoint,
                                      bool quiet) {
    if (!choices.from.empty()) {
        if (p.scenario.replicates > 1)
            throw std::invalid_argument(
                fmt::format("--from goes on from the state of one replicate, and this run has {} (add --replicates 1)",
                            p.scenario.replicates));
        return read_checkpoint(choices.from);
    }
    if (!choices.resume) return std::nullopt;
    if (!std::filesystem::exists(checkpoint) && !std::filesystem::exists(previous_checkpoint_path(checkpoint))) {
        if (!quiet)
            fmt::print(stderr, "nothing to resume ({} does not exist): starting from the beginning\n", checkpoint);
        return std::nullopt;
    }
    auto found = read_last_checkpoint(checkpoint);
    if (!found.warning.empty()) fmt::print(stderr, "warning: {}\n", found.warning);
    if (found.checkpoint.text("scenario") != scenario_digest(p))
        throw std::invalid_argument(fmt::format(
            "{} was written by another scenario or with other settings, its number of years and people "
            "among them (a resumed run must be the run that was stopped: the same command with --resume; to "
            "go on with other settings on purpose: --from {})",
            checkpoint, checkpoint));
    return std::move(found.checkpoint);
}

class Progress {
public:
    Progress(std::string what, bool on) : what_{std::move(what)}, on_{on} {}
    ~Progress() {
        if (shown_) fmt::print(stderr, "\r\033[K");
    }
    void operator()(int year, double fraction) {
        if (!on_ || since(last_) < 0.1) return;
        last_ = Clock::now();
        shown_ = true;
        const double elapsed = since(start_);
        const double left = fraction > 0.0 ? elapsed / fraction * (1.0 - fraction) : 0.0;
        std::string bar;
        for (int k = 0; k < 30; ++k) bar += k < static_cast<int>(fraction * 30.0) ? "█" : "░";
        fmt::print(stderr, "\r\033[K{} {} {} {:3.0f} %  {:.1f} s left", what_, bar, year, 100.0 * fraction, left);
        std::fflush(stderr);
    }

private:
    std::string what_;
    bool on_;
    bool shown_ = false;
    Clock::time_point start_ = Clock::now();
    Clock::time_point last_ = start_;
};

}  // namespace

void check_writable(const std::string& file) {
    std::filesystem::path folder = std::filesystem::absolute(file).parent_path();
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed) throw IoError(fmt::format("cannot make the folder '{}' ({})", folder.string(), failed.message()));
    if (access(folder.c_str(), W_OK) != 0)
        throw IoError(fmt::format("cannot write in the folder '{}' ({})", folder.string(), std::strerror(errno)));
    if (std::filesystem::is_directory(file)) throw IoError(fmt::format("'{}' is a folder, not a results file", file));
}

RunOutcome run_prepared(Prepared& p, const RunChoices& choices, const Common& common) {
    const auto start = Clock::now();
    const std::string started = utc_now();
    RunOutcome outcome;
    std::vector<RunResults> done;
    const std::string checkpoint = !choices.checkpoint.empty() ? choices.checkpoint : choices.out + ".ckpt.h5";
    std::optional<PeopleRecorder> recorder;
    if (p.scenario.record.persons) recorder.emplace(p);
    auto from = first_state(p, choices, checkpoint, common.json);
    int first = 0;
    if (from && choices.from.empty()) {
        first = static_cast<int>(from->scalar<std::uint64_t>("replicate"));
        if (first >= p.scenario.replicates)
            throw std::invalid_argument(
                fmt::format("the run was stopped in replicate {}, this one has {}", first + 1, p.scenario.replicates));
        for (int k = 0; k < first; ++k) done.push_back(restore_results(*p.model, *from, finished_replicate(k)));
        if (first > 0 && recorder && !recorder->restore(*from))
            throw IoError(fmt::format("cannot use '{}' (the people of its first replicate are not in it)", checkpoint));
        if (!common.json)
            fmt::print(stderr, "going on{} after {:g} of {} years ({})\n", place_among(first, p.scenario.replicates),
                       static_cast<double>(from->scalar<std::int64_t>("tick")) / p.model->ticks_per_year,
                       p.model->years, checkpoint);
    }
    const auto save = [&](const Simulation& simulation) {
        Checkpoint state = simulation.checkpoint();
        if (recorder) recorder->save(state);
        for (std::size_t k = 0; k < done.size(); ++k)
            save_results(*p.model, done[k], finished_replicate(static_cast<int>(k)), state);
        state.texts["scenario"] = scenario_digest(p);
        write_checkpoint(checkpoint, state);
    };
    for (int replicate = first; replicate < p.scenario.replicates; ++replicate) {
        RunOptions options;
        options.key = {p.scenario.seed, static_cast<std::uint64_t>(replicate)};
        options.threads = choices.threads;
        options.chunk = choices.chunk;
        const bool records = recorder && replicate == 0;
        options.keep_dead = records;
        options.stop = &interrupted;
        Progress progress(p.scenario.replicates > 1
                              ? fmt::format("{} {}/{}", p.scenario.name, replicate + 1, p.scenario.replicates)
                              : p.scenario.name,
                          interactive() && !common.json);
        options.progress = [&](int year, double fraction) { progress(year, fraction); };
        const std::size_t number = p.scenario.people ? p.scenario.people : 1;
        Population start_people =
            from ? Population(p.model->layout)
                 : make_start_population(*p.model, p.people ? &*p.people : nullptr, number, options.key);
        Simulation simulation(p.model, std::move(start_people), options);
        if (from) simulation.restore(*from);
        if (records) recorder->begin(simulation, from ? &*from : nullptr);
        from.reset();
        // Those that have finished need not be run again.
        if (choices.checkpoint_every > 0 && replicate > first) save(simulation);
        bool finished = true;
        while (!simulation.finished()) {
            if (interrupted) {
                finished = false;
                break;
            }
            simulation.step();
            if (records) recorder->after_step(simulation);
            options.progress(static_cast<int>(p.model->start_year) + (simulation.tick() - 1) / p.model->ticks_per_year,
                             static_cast<double>(simulation.tick()) / simulation.ticks());
            const bool year_end = simulation.tick() % p.model->ticks_per_year == 0;
            if (choices.checkpoint_every > 0 && year_end && !simulation.finished() &&
                (simulation.tick() / p.model->ticks_per_year) % choices.checkpoint_every == 0)
                save(simulation);
        }
        if (!finished) {
            if (!choices.out.empty() || !choices.checkpoint.empty()) {
                save(simulation);
                outcome.checkpoint = checkpoint;
            }
            outcome.replicate = replicate;
            return outcome;
        }
        done.push_back(simulation.results());
        for (const network::Drawn& n : p.scenario.networks) network::hold_against_cheapest(n, *p.model, done.back());
        if (records) recorder->finish(simulation);
    }
    outcome.finished = true;
    outcome.seconds = since(start);
    outcome.raw = done.front();
    outcome.results = to_result_set(p, done, choices);
    if (recorder) recorder->move_into(outcome.results);
    outcome.results.run_info.started = started;
    outcome.results.run_info.wall_seconds = outcome.seconds;
    outcome.results.run_info.seconds["step"] = outcome.seconds;
    return outcome;
}

int run_or_report(Prepared& p, const RunChoices& choices, const Common& common, RunOutcome& outcome) {
    try {
        outcome = run_prepared(p, choices, common);
        return exit_code::ok;
    } catch (const StartError& e) {
        p.sink = {};  // its other messages are told
        p.sink.report(e.diagnostic());
        return report(p, common);
    } catch (const RunError& e) {
        p.sink = {};
        p.sink.report(e.diagnostic());
        report(p, common);
        return exit_code::numeric;
    }
}

}  // namespace proeftuin::app
