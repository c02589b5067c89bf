// Loads, compiles and runs a scenario in a test, and reads what came of it.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/config/diagnostic.hpp"
#include "engine/run/model.hpp"
#include "engine/run/simulation.hpp"
#include "models/scenario.hpp"

namespace proeftuin::lab {

/// Path of scenarios/textbook/NAME.yaml.
std::string textbook(const std::string& name);

/// Whether the tests may take their time.
bool long_run();

/// People for this run: 10^6 in long runs.
std::size_t people(std::size_t quick, std::size_t slow = 1'000'000);

struct Choice {
    std::size_t number = 0;  ///< 0: as the scenario says
    std::string step{};  ///< empty: as the scenario says
    std::optional<int> years{};
    std::vector<std::string> set{};  ///< PATH=VALUE
    std::uint64_t seed = 1;
    std::uint64_t replicate = 0;
    double quantum = 0.0;  ///< of all measures, when above 0
    std::optional<PersonTable> table{};  ///< the people, instead of those of the scenario
};

/// A compiled scenario. \throws std::runtime_error with the diagnostics
class Lab {
public:
    explicit Lab(const std::string& path, Choice choice = {});
    const models::LoadedScenario& scenario() const { return scenario_; }
    const Model& model() const { return *model_; }
    std::shared_ptr<const Model> shared_model() const { return model_; }
    RunKey key() const { return {choice_.seed, choice_.replicate}; }
    std::size_t number() const { return people_ ? people_->people : scenario_.people; }

    Population start() const;
    std::unique_ptr<Simulation> simulation(int threads = 2, std::size_t chunk = 1024, bool keep_dead = false) const;
    std::unique_ptr<Simulation> simulation_of(Population people, int threads = 2, std::size_t chunk = 1024,
                                              bool keep_dead = false) const;
    std::size_t measure(const std::string& name) const;

private:
    [[noreturn]] void fail(const std::string& path);
    Choice choice_;
    SourceFiles files_;
    DiagnosticSink sink_;
    models::LoadedScenario scenario_;
    std::optional<PersonTable> people_;
    std::shared_ptr<const Model> model_;
};

/// A scenario given as text.
std::unique_ptr<Lab> from_text(const std::string& yaml, Choice choice = {});

/// What is said of a scenario when it is read and compiled: "line:column code message | help" each.
std::vector<std::string> said_of(const std::string& yaml);

/// A finished run.
class Done {
public:
    explicit Done(std::unique_ptr<Lab> lab, int threads = 2, std::size_t chunk = 1024, bool keep_dead = false);
    Done(const std::string& path, Choice choice);

    const Lab& lab() const { return *lab_; }
    const Simulation& simulation() const { return *simulation_; }
    const RunResults& results() const { return results_; }
    double people() const { return static_cast<double>(results_.people_at_start); }

    /// Value of one period and cell.
    double at(const std::string& name, int period, int cell = 0) const;
    double mean_at(const std::string& name, int period, int cell = 0) const;
    /// Sum over all periods of a cell.
    double total(const std::string& name, int cell = 0) const;
    int periods(const std::string& name) const;
    int cells(const std::string& name) const;
    const PersonStatistics& persons(const std::string& name) const;

    /// Totals of the run by person: index = uid. Only for cohorts that nobody joins.
    std::vector<double> totals(const std::string& name) const;

private:
    std::unique_ptr<Lab> lab_;
    std::unique_ptr<Simulation> simulation_;
    RunResults results_;
};

struct Moments {
    double n = 0.0, mean = 0.0, sd = 0.0;
    double error() const { return sd / std::sqrt(n); }
};
Moments moments(const std::vector<double>& x);
std::vector<double> difference(const std::vector<double>& a, const std::vector<double>& b);

/// |got - expected| <= errors x standard error.
::testing::AssertionResult within(const std::string& what, double got, double expected, double error,
                                  double errors = 3.5);

/// A share of n people, binomial.
::testing::AssertionResult share_within(const std::string& what, double count, double n, double expected);

/// |got / expected - 1| <= relative.
::testing::AssertionResult ratio_within(const std::string& what, double got, double expected, double relative);

}  // namespace proeftuin::lab
