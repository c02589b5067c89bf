// Reference model R straight from its description, person by person and month by month: nothing of the engine in it.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <random>

#include "benchmarks/reference_model.hpp"

namespace proeftuin::oracle {

/// What the description leaves open: when in a month a program looks, and when something happens.
struct Reading {
    double look = 0.0;  ///< age, BMI and pressure of the month: 0 at its start, 0.5 in its middle
    bool at_month_ends = true;  ///< one draw per hazard and month, all from the state of its start; else at exact times
};

/// Sums over all people; shares are over those alive at the end.
struct ModelR {
    double people = 0.0, alive = 0.0, qalys = 0.0, smokers = 0.0, bmi = 0.0;
    std::array<double, benchmarks::n_diseases> with_disease{}, most_severe{};
};

class ModelRProgram {
public:
    ModelRProgram(Reading reading, std::uint64_t seed) : reading_{reading}, random_{seed} {}

    ModelR run(int people) {
        ModelR sums;
        for (int i = 0; i < people; ++i) live(sums);
        return sums;
    }

private:
    struct Person {
        double age, bmi, pressure;
        int male, ses, smoking;
        std::array<int, benchmarks::n_diseases> state;
    };

    double uniform() { return (static_cast<double>(random_() >> 11) + 0.5) * 0x1p-53; }

    Person born() {
        using namespace benchmarks;
        Person p{};
        p.age = uniform() < 0.88 ? 75.0 * uniform() : 75.0 - 8.0 * std::log(1.0 - 0.95 * uniform());
        p.male = uniform() < 0.5;
        p.ses = static_cast<int>(5.0 * uniform());
        const double s = uniform();
        p.smoking = p.age < 16.0 || s < 0.50 ? 0 : s < 0.72 ? 1 : 2;
        p.bmi = 20.0 + 0.06 * std::min(p.age, 60.0) + 8.0 * uniform();
        p.pressure = 95.0 + 0.5 * p.age + 20.0 * uniform();
        for (std::size_t d = 0; d < n_diseases; ++d) {
            const Disease& disease = diseases[d];
            const double share =
                std::min(0.6, disease.start_share_at_65 * std::exp(disease.start_slope * (p.age - 65.0)));
            if (uniform() < share)
                p.state[d] = disease.starts_in_last_state ? disease.states - 1
                                                          : 1 + static_cast<int>(uniform() * (disease.states - 1));
        }
        return p;
    }

    /// Hazards per year, in the order of the processes: diseases, smoking, death.
    std::array<double, benchmarks::n_processes> hazards(const Person& p, double age, double bmi,
                                                        double pressure) const {
        using namespace benchmarks;
        std::array<double, n_processes> h{};
        const auto smoking = static_cast<std::size_t>(p.smoking);
        double death = mortality.floor * (age < 1.0 ? mortality.infant_factor : mortality.later_factor) +
                       mortality.level * std::exp(mortality.age * std::floor(age));
        death *= (p.male ? mortality.male : 1.0) * mortality.smoking_rr[smoking];
        for (std::size_t d = 0; d < n_diseases; ++d) {
            const Disease& disease = diseases[d];
            const auto state = static_cast<std::size_t>(p.state[d]);
            death *= disease.mortality_rr[state];
            if (state > 0) {
                if (disease.progression[state].to >= 0)
                    h[d] = std::exp(disease.progression[state].intercept + progression_age * age +
                                    progression_smoking[smoking]);
                continue;
            }
            const Onset& o = disease.onset;
            double log_hazard = o.intercept + o.age * age + o.bmi * bmi + o.pressure * pressure +
                                (p.male ? o.male : 0.0) + o.smoking[smoking] + o.ses[p.ses];
            for (std::size_t other = 0; other < n_diseases; ++other)
                log_hazard += disease.onset_log_rr[other][p.state[other]];
            h[d] = std::exp(log_hazard);
        }
        h[smoking_process] = std::exp(smoking_exit[smoking].intercept + smoking_exit[smoking].age * age);
        h[death_process] = death;
        return h;
    }

    static double utility(const Person& p, double age) {
        double u = benchmarks::utility_at_birth + benchmarks::utility_per_year * age;
        for (std::size_t d = 0; d < benchmarks::n_diseases; ++d)
            u *= benchmarks::diseases[d].utility_factor[p.state[d]];
        return u;
    }

    static void happen(Person& p, std::size_t process) {
        using namespace benchmarks;
        if (process == smoking_process)
            p.smoking = static_cast<int>(smoking_exit[p.smoking].to);
        else
            p.state[process] = p.state[process] == 0 ? 1 : diseases[process].progression[p.state[process]].to;
    }

    /// A month at these covariates; the QALYs of it. `alive` becomes false when the person dies.
    double month(Person& p, double age, double bmi, double pressure, bool& alive) {
        using namespace benchmarks;
        constexpr double length = 1.0 / 12.0;
        auto h = hazards(p, age, bmi, pressure);
        if (reading_.at_month_ends) {
            const double lived = utility(p, age) * length;
            const auto happens = [&](std::size_t k) { return uniform() < -std::expm1(-h[k] * length); };
            alive = !happens(death_process);
            if (!alive) return 0.5 * lived;
            for (std::size_t k = 0; k < death_process; ++k)
                if (happens(k)) happen(p, k);
            return lived;
        }
        double lived = 0.0;
        for (double left = length;;) {
            double all = 0.0;
            for (const double x : h) all += x;
            const double wait = -std::log(uniform()) / all;
            lived += utility(p, age) * std::min(wait, left);
            if (wait >= left) return lived;
            left -= wait;
            double u = uniform() * all;
            std::size_t k = 0;
            while (k < death_process && (u -= h[k]) >= 0.0) ++k;
            alive = k != death_process;
            if (!alive) return lived;
            happen(p, k);
            h = hazards(p, age, bmi, pressure);
        }
    }

    void live(ModelR& sums) {
        using benchmarks::drift;
        Person p = born();
        const double start = p.age;
        bool alive = true;
        for (int m = 0; m < 240 && alive; ++m) {
            p.age = start + m / 12.0;
            const double bmi = p.bmi + drift.bmi_speed * (drift.bmi_base + drift.bmi_age * p.age - p.bmi);
            const double pressure =
                p.pressure + drift.pressure_speed * (drift.pressure_base + drift.pressure_age * p.age +
                                                     drift.pressure_bmi * bmi - p.pressure);
            sums.qalys += month(p, p.age + reading_.look / 12.0, std::lerp(p.bmi, bmi, reading_.look),
                                std::lerp(p.pressure, pressure, reading_.look), alive);
            p.bmi = bmi;
            p.pressure = pressure;
        }
        ++sums.people;
        if (!alive) return;
        ++sums.alive;
        sums.smokers += p.smoking == static_cast<int>(benchmarks::Smoking::current);
        sums.bmi += p.bmi;
        for (std::size_t d = 0; d < benchmarks::n_diseases; ++d) {
            sums.with_disease[d] += p.state[d] > 0;
            sums.most_severe[d] += p.state[d] == benchmarks::diseases[d].states - 1;
        }
    }

    Reading reading_;
    std::mt19937_64 random_;
};

}  // namespace proeftuin::oracle
