#include "tests/lab/lab.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "engine/run/start.hpp"
#include "models/population/synthesize.hpp"

namespace proeftuin::lab {

std::string textbook(const std::string& name) { return PROEFTUIN_SOURCE_DIR "/scenarios/textbook/" + name + ".yaml"; }

bool long_run() { return std::getenv("PROEFTUIN_LONG") != nullptr; }

std::size_t people(std::size_t quick, std::size_t slow) { return long_run() ? slow : quick; }

Lab::Lab(const std::string& path, Choice choice) : choice_{std::move(choice)} {
    models::LoadOptions options;
    options.settings = choice_.set;
    options.years = choice_.years;
    if (!choice_.step.empty()) options.step = choice_.step;
    if (choice_.number > 0) options.people = choice_.number;
    auto loaded = models::load_scenario(path, options, files_, sink_);
    if (!loaded || sink_.has_errors()) fail(path);
    scenario_ = std::move(*loaded);
    if (choice_.quantum > 0.0)
        for (auto& m : scenario_.model.measures) m.quantum = choice_.quantum;
    if (choice_.table)
        people_ = *choice_.table;
    else if (scenario_.region)
        people_ = population::synthesize(*scenario_.region, choice_.seed, scenario_.people).people;
    model_ = compile_model(scenario_.model, people_ ? &*people_ : nullptr, key(), sink_);
    if (model_ == nullptr || sink_.has_errors()) fail(path);
}

Population Lab::start() const {
    return make_start_population(*model_, people_ ? &*people_ : nullptr, scenario_.people, key());
}

std::unique_ptr<Simulation> Lab::simulation(int threads, std::size_t chunk, bool keep_dead) const {
    return simulation_of(start(), threads, chunk, keep_dead);
}

std::unique_ptr<Simulation> Lab::simulation_of(Population people, int threads, std::size_t chunk,
                                               bool keep_dead) const {
    RunOptions options;
    options.key = key();
    options.threads = threads;
    options.chunk = chunk;
    // Tests look at everybody's total at the end.
    const auto by_person = [](const Measure& m) { return m.per_person == MeasureSpec::PerPerson::run; };
    options.keep_dead = keep_dead || std::any_of(model().measures.begin(), model().measures.end(), by_person);
    return std::make_unique<Simulation>(model_, std::move(people), std::move(options));
}

std::size_t Lab::measure(const std::string& name) const {
    for (std::size_t k = 0; k < model_->measures.size(); ++k)
        if (model_->measures[k].name == name) return k;
    throw std::runtime_error("no measure " + name);
}

void Lab::fail(const std::string& path) {
    throw std::runtime_error(path + "\n" + render(sink_.items(), files_, DiagnosticFormat::full, Colour::off));
}

std::unique_ptr<Lab> from_text(const std::string& yaml, Choice choice) {
    static int number = 0;
    const std::string path =
        ::testing::TempDir() + "/lab_" + std::to_string(::getpid()) + "_" + std::to_string(number++) + ".yaml";
    std::ofstream(path) << yaml;
    auto lab = std::make_unique<Lab>(path, std::move(choice));
    std::remove(path.c_str());
    return lab;
}

std::vector<std::string> said_of(const std::string& yaml) {
    const std::string path = ::testing::TempDir() + "/said_" + std::to_string(::getpid()) + ".yaml";
    std::ofstream(path) << yaml;
    SourceFiles files;
    DiagnosticSink sink;
    const auto loaded = models::load_scenario(path, {}, files, sink);
    if (loaded) (void)compile_model(loaded->model, nullptr, {1, 0}, sink);
    std::remove(path.c_str());
    std::vector<std::string> out;
    for (const Diagnostic& d : sink.items())
        out.push_back(std::to_string(d.where.line) + ":" + std::to_string(d.where.column) + " " + d.code + " " +
                      d.message + (d.help ? " | " + *d.help : ""));
    return out;
}

Done::Done(std::unique_ptr<Lab> lab, int threads, std::size_t chunk, bool keep_dead)
    : lab_{std::move(lab)}, simulation_{lab_->simulation(threads, chunk, keep_dead)} {
    simulation_->run();
    results_ = simulation_->results();
}

Done::Done(const std::string& path, Choice choice) : Done(std::make_unique<Lab>(path, std::move(choice))) {}

double Done::at(const std::string& name, int period, int cell) const {
    const std::size_t k = lab_->measure(name);
    const MeasureSums& m = results_.measures[k];
    return static_cast<double>(m.sum[static_cast<std::size_t>(period * m.cells + cell)]) *
           lab_->model().measures[k].quantum;
}

double Done::mean_at(const std::string& name, int period, int cell) const {
    const std::size_t k = lab_->measure(name);
    const MeasureSums& m = results_.measures[k];
    const auto index = static_cast<std::size_t>(period * m.cells + cell);
    return static_cast<double>(m.sum[index]) * lab_->model().measures[k].quantum /
           (static_cast<double>(m.weight[index]) * 1e-9);
}

double Done::total(const std::string& name, int cell) const {
    const std::size_t k = lab_->measure(name);
    double sum = 0.0;
    for (int t = 0; t < results_.measures[k].periods; ++t) sum += at(name, t, cell);
    return sum;
}

int Done::periods(const std::string& name) const { return results_.measures[lab_->measure(name)].periods; }

int Done::cells(const std::string& name) const { return results_.measures[lab_->measure(name)].cells; }

const PersonStatistics& Done::persons(const std::string& name) const {
    return results_.measures[lab_->measure(name)].persons.back();
}

std::vector<double> Done::totals(const std::string& name) const {
    const Model& m = lab_->model();
    const Measure& measure = m.measures[lab_->measure(name)];
    const Population& people = simulation_->people();
    const auto uid = people.column<std::uint64_t>(m.uid);
    const auto total = people.column<std::int64_t>(measure.total);
    std::vector<double> out(people.size(), 0.0);
    for (std::size_t i = 0; i < out.size(); ++i) out[uid[i]] = static_cast<double>(total[i]) * measure.quantum;
    return out;
}

Moments moments(const std::vector<double>& x) {
    Moments m;
    m.n = static_cast<double>(x.size());
    for (const double v : x) m.mean += v;
    m.mean /= m.n;
    double squares = 0.0;
    for (const double v : x) squares += (v - m.mean) * (v - m.mean);
    m.sd = std::sqrt(squares / (m.n - 1.0));
    return m;
}

std::vector<double> difference(const std::vector<double>& a, const std::vector<double>& b) {
    std::vector<double> d(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) d[i] = a[i] - b[i];
    return d;
}

::testing::AssertionResult within(const std::string& what, double got, double expected, double error, double errors) {
    std::ostringstream text;
    text.precision(10);
    text << what << ": expected " << expected << ", got " << got << " ("
         << (error > 0.0 ? (got - expected) / error : 0.0) << " standard errors of " << error << ")";
    ::testing::Test::RecordProperty(what, text.str());
    std::printf("[ numbers  ] %s\n", text.str().c_str());
    if (std::fabs(got - expected) <= errors * error) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << text.str();
}

::testing::AssertionResult share_within(const std::string& what, double count, double n, double expected) {
    return within(what, count / n, expected, std::sqrt(expected * (1.0 - expected) / n));
}

::testing::AssertionResult ratio_within(const std::string& what, double got, double expected, double relative) {
    std::ostringstream text;
    text.precision(10);
    text << what << ": expected " << expected << ", got " << got << " (" << 100.0 * (got / expected - 1.0)
         << " %, at most " << 100.0 * relative << " %)";
    std::printf("[ numbers  ] %s\n", text.str().c_str());
    if (std::fabs(got / expected - 1.0) <= relative) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << text.str();
}

}  // namespace proeftuin::lab
