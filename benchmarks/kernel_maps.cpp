// The reference model the flexible way: the risk factors and diseases of a person in ordered maps from their names, and
// relative risks by name of the other disease. Common where models are put together from files.
#include <cmath>
#include <map>
#include <memory>
#include <random>
#include <string>

#include "benchmarks/kernels.hpp"

namespace proeftuin::benchmarks {
namespace {

using Name = std::string;

/// Names are made once, as such programs do, and compared as strings at every look-up.
const Name bmi_name = "bmi", pressure_name = "systolic_pressure", smoking_name = "smoking";

struct History {
    int state = 0;
    int since_month = 0;
};

struct Person {
    std::uint32_t id;
    bool alive = true, reached = false;
    std::uint8_t male = 0, ses = 0;
    double age = 0.0;
    double qalys = 0.0;
    std::map<Name, double> risk_factors{};
    std::map<Name, History> diseases{};
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

/// Product of the factors of the programmes on a process.
double programme_factor(int process) {
    double product = 1.0;
    for (const Programme& programme : programmes)
        if (programme.on[static_cast<std::size_t>(process)]) product *= programme.factor;
    return product;
}

class DiseaseModel {
public:
    explicit DiseaseModel(int index)
        : name_{diseases[index].name},
          coefficients_{diseases[index].onset},
          slopes_{{bmi_name, coefficients_.bmi}, {pressure_name, coefficients_.pressure}},
          programme_factor_{programme_factor(index)} {
        const Disease& disease = diseases[index];
        for (int other = 0; other < n_diseases; ++other)
            if (other != index)
                by_disease_[diseases[other].name].assign(disease.onset_log_rr[other],
                                                         disease.onset_log_rr[other] + diseases[other].states);
        progression_.assign(disease.progression, disease.progression + disease.states);
        mortality_rr_.assign(disease.mortality_rr, disease.mortality_rr + disease.states);
        utility_factor_.assign(disease.utility_factor, disease.utility_factor + disease.states);
    }

    double mortality_rr(int state) const { return mortality_rr_[static_cast<std::size_t>(state)]; }
    double utility_factor(int state) const { return utility_factor_[static_cast<std::size_t>(state)]; }

    bool step(Person& p, Luck& luck, int month) const {
        History& history = p.diseases.at(name_);
        const auto smoking = static_cast<int>(p.risk_factors.at(smoking_name));
        double hazard = p.reached ? programme_factor_ : 1.0;
        int to = 1;
        if (history.state == 0) {
            double sum = coefficients_.intercept + coefficients_.age * p.age + (p.male ? coefficients_.male : 0.0) +
                         coefficients_.smoking[smoking] + coefficients_.ses[p.ses];
            for (const auto& [factor, slope] : slopes_) sum += slope * p.risk_factors.at(factor);
            for (const auto& [other, other_history] : p.diseases)
                if (other_history.state != 0)
                    sum += by_disease_.at(other)[static_cast<std::size_t>(other_history.state)];
            hazard *= std::exp(sum);
        } else {
            const Progression& exit = progression_[static_cast<std::size_t>(history.state)];
            to = exit.to;
            if (to < 0) return false;
            hazard *= std::exp(exit.intercept + progression_age * p.age + progression_smoking[smoking]);
        }
        if (!luck.happens(hazard)) return false;
        history = {to, month};
        return true;
    }

private:
    Name name_;
    Onset coefficients_;
    std::map<Name, double> slopes_;
    double programme_factor_;
    std::map<Name, std::vector<double>> by_disease_;
    std::vector<Progression> progression_;
    std::vector<double> mortality_rr_, utility_factor_;
};

class Population {
public:
    Population(const Request& request, const std::vector<StartPerson>& start) {
        for (int d = 0; d < n_diseases; ++d) models_.emplace(diseases[d].name, std::make_unique<DiseaseModel>(d));
        people_.reserve(start.size());
        for (const StartPerson& s : start) {
            Person p{.id = s.id};
            p.reached = request.with_programmes && s.id % 3 == 0;
            p.male = s.male;
            p.ses = s.ses;
            p.age = s.age;
            p.risk_factors = {
                {bmi_name, s.bmi}, {pressure_name, s.pressure}, {smoking_name, static_cast<double>(s.smoking)}};
            for (std::size_t d = 0; d < n_diseases; ++d) p.diseases[diseases[d].name] = {s.state[d], 0};
            people_.push_back(std::move(p));
        }
    }

    void step(Luck& luck, int month) {
        for (Person& p : people_) {
            if (!p.alive) continue;
            auto& bmi = p.risk_factors.at(bmi_name);
            auto& pressure = p.risk_factors.at(pressure_name);
            bmi += drift.bmi_speed * (drift.bmi_base + drift.bmi_age * p.age - bmi);
            pressure += drift.pressure_speed *
                        (drift.pressure_base + drift.pressure_age * p.age + drift.pressure_bmi * bmi - pressure);
            for (const auto& [name, model] : models_) events += model->step(p, luck, month);
            step_smoking(p, luck);
            step_life(p, luck);
            p.age += 1.0 / 12.0;
        }
    }

    std::int64_t events = 0;
    const std::vector<Person>& people() const { return people_; }

private:
    void step_smoking(Person& p, Luck& luck) {
        auto& smoking = p.risk_factors.at(smoking_name);
        const SmokingExit& exit = smoking_exit[static_cast<int>(smoking)];
        const double hazard = std::exp(exit.intercept + exit.age * p.age) * (p.reached ? smoking_factor_ : 1.0);
        if (luck.happens(hazard)) {
            smoking = static_cast<double>(exit.to);
            ++events;
        }
    }

    void step_life(Person& p, Luck& luck) {
        double hazard = mortality_table()[p.male][static_cast<std::size_t>(p.age)] *
                        mortality.smoking_rr[static_cast<int>(p.risk_factors.at(smoking_name))];
        double utility = utility_at_birth + utility_per_year * p.age;
        for (const auto& [name, history] : p.diseases) {
            if (history.state == 0) continue;
            const DiseaseModel& model = *models_.at(name);
            hazard *= model.mortality_rr(history.state);
            utility *= model.utility_factor(history.state);
        }
        if (luck.happens(hazard)) {
            p.alive = false;
            ++events;
        }
        p.qalys += utility * (p.alive ? 1.0 : 0.5) / 12.0;
    }

    std::map<Name, std::unique_ptr<DiseaseModel>> models_;
    double smoking_factor_ = programme_factor(smoking_process);
    std::vector<Person> people_;
};

}  // namespace

Outcome run_maps(const Request& request, const std::vector<StartPerson>& start) {
    Population population{request, start};

    const Stopwatch stopwatch;
    Luck luck{request.seed};
    for (int month = 0; month < 12 * request.years; ++month) population.step(luck, month);
    Outcome outcome;
    for (const Person& p : population.people()) {
        outcome.qalys += p.qalys;
        if (!p.alive) continue;
        std::array<std::uint8_t, n_diseases> state;
        for (std::size_t d = 0; d < n_diseases; ++d)
            state[d] = static_cast<std::uint8_t>(p.diseases.at(diseases[d].name).state);
        count(outcome, state.data(), static_cast<Smoking>(static_cast<int>(p.risk_factors.at(smoking_name))),
              p.risk_factors.at(bmi_name));
    }
    outcome.events = population.events;
    stopwatch.stop(outcome);
    return outcome;
}

}  // namespace proeftuin::benchmarks
