// The reference model as textbook objects: a person, and a module with a virtual call for each thing that can happen.
#include <cmath>
#include <memory>
#include <random>

#include "benchmarks/kernels.hpp"

namespace proeftuin::benchmarks {
namespace {

struct Person {
    double age, bmi, pressure;
    std::uint32_t id;
    std::uint8_t male, ses;
    Smoking smoking;
    bool alive = true;
    std::array<std::uint8_t, n_diseases> state;
    double qalys = 0.0;
    std::array<double, n_processes> programme_factor;
};

class Luck {
public:
    explicit Luck(std::uint64_t seed) : generator_{seed} {}
    /// Whether an event of this hazard [1/year] happens in a month.
    bool happens(double hazard) { return uniform_(generator_) < 1.0 - std::exp(-hazard / 12.0); }

private:
    std::mt19937_64 generator_;
    std::uniform_real_distribution<double> uniform_{0.0, 1.0};
};

class Module {
public:
    virtual ~Module() = default;
    /// One month of one person.
    virtual void step(Person& person, Luck& luck) = 0;
    std::int64_t events = 0;
};

class RiskFactorModule final : public Module {
public:
    void step(Person& p, Luck&) override {
        p.bmi += drift.bmi_speed * (drift.bmi_base + drift.bmi_age * p.age - p.bmi);
        p.pressure += drift.pressure_speed *
                      (drift.pressure_base + drift.pressure_age * p.age + drift.pressure_bmi * p.bmi - p.pressure);
    }
};

class DiseaseModule final : public Module {
public:
    explicit DiseaseModule(int index) : index_{index}, disease_{diseases[index]} {}

    void step(Person& p, Luck& luck) override {
        auto& state = p.state[static_cast<std::size_t>(index_)];
        const double factor = p.programme_factor[static_cast<std::size_t>(index_)];
        if (state == 0) {
            if (luck.happens(onset(p) * factor)) {
                state = 1;
                ++events;
            }
        } else if (disease_.progression[state].to >= 0) {
            const double hazard = std::exp(disease_.progression[state].intercept + progression_age * p.age +
                                           progression_smoking[static_cast<int>(p.smoking)]);
            if (luck.happens(hazard * factor)) {
                state = static_cast<std::uint8_t>(disease_.progression[state].to);
                ++events;
            }
        }
    }

private:
    double onset(const Person& p) const {
        const Onset& o = disease_.onset;
        double sum = o.intercept + o.age * p.age + o.bmi * p.bmi + o.pressure * p.pressure + (p.male ? o.male : 0.0) +
                     o.smoking[static_cast<int>(p.smoking)] + o.ses[p.ses];
        for (std::size_t other = 0; other < n_diseases; ++other) sum += disease_.onset_log_rr[other][p.state[other]];
        return std::exp(sum);
    }

    int index_;
    const Disease& disease_;
};

class SmokingModule final : public Module {
public:
    void step(Person& p, Luck& luck) override {
        const SmokingExit& exit = smoking_exit[static_cast<int>(p.smoking)];
        if (luck.happens(std::exp(exit.intercept + exit.age * p.age) * p.programme_factor[smoking_process])) {
            p.smoking = exit.to;
            ++events;
        }
    }
};

class MortalityModule final : public Module {
public:
    void step(Person& p, Luck& luck) override {
        double hazard = mortality_table()[p.male][static_cast<std::size_t>(p.age)];
        hazard *= mortality.smoking_rr[static_cast<int>(p.smoking)];
        for (std::size_t d = 0; d < n_diseases; ++d) hazard *= diseases[d].mortality_rr[p.state[d]];
        if (luck.happens(hazard)) {
            p.alive = false;
            ++events;
        }
    }
};

class QualityOfLifeModule final : public Module {
public:
    void step(Person& p, Luck&) override {
        double utility = utility_at_birth + utility_per_year * p.age;
        for (std::size_t d = 0; d < n_diseases; ++d) utility *= diseases[d].utility_factor[p.state[d]];
        p.qalys += utility * (p.alive ? 1.0 : 0.5) / 12.0;
    }
};

}  // namespace

Outcome run_objects(const Request& request, const std::vector<StartPerson>& start) {
    std::vector<Person> people;
    people.reserve(start.size());
    for (const StartPerson& s : start) {
        Person p{s.age, s.bmi, s.pressure, s.id, s.male, s.ses, s.smoking, true, s.state, 0.0, {}};
        p.programme_factor.fill(1.0);
        if (request.with_programmes && s.id % 3 == 0)
            for (const Programme& programme : programmes)
                for (std::size_t k = 0; k < n_processes; ++k)
                    if (programme.on[k]) p.programme_factor[k] *= programme.factor;
        people.push_back(p);
    }
    std::vector<std::unique_ptr<Module>> modules;
    modules.push_back(std::make_unique<RiskFactorModule>());
    for (int d = 0; d < n_diseases; ++d) modules.push_back(std::make_unique<DiseaseModule>(d));
    modules.push_back(std::make_unique<SmokingModule>());
    modules.push_back(std::make_unique<MortalityModule>());
    modules.push_back(std::make_unique<QualityOfLifeModule>());

    const Stopwatch stopwatch;
    Luck luck{request.seed};
    for (int month = 0; month < 12 * request.years; ++month)
        for (Person& person : people) {
            if (!person.alive) continue;
            for (const auto& module : modules) module->step(person, luck);
            person.age += 1.0 / 12.0;
        }
    Outcome outcome;
    for (const Person& p : people) {
        outcome.qalys += p.qalys;
        if (p.alive) count(outcome, p.state.data(), p.smoking, p.bmi);
    }
    for (const auto& module : modules) outcome.events += module->events;
    stopwatch.stop(outcome);
    return outcome;
}

}  // namespace proeftuin::benchmarks
