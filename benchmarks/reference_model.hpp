// The reference model of the benchmarks: its coefficients, its start population and what a correct run gives.
// The coefficients are invented, of realistic size; they claim nothing about any population.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace proeftuin::benchmarks {

inline constexpr int n_diseases = 8;
inline constexpr int max_states = 5;
/// Processes with a clock of their own: the diseases, smoking and death, in this order.
inline constexpr int smoking_process = n_diseases;
inline constexpr int death_process = n_diseases + 1;
inline constexpr int n_processes = n_diseases + 2;

enum class Smoking : std::uint8_t { never, current, former };

/// ln of the onset hazard [1/year] is linear in age [years], BMI [kg/m2] and systolic pressure [mmHg].
struct Onset {
    double intercept, age, bmi, pressure, male;
    double smoking[3];  ///< never, current, former
    double ses[5];  ///< lowest to highest
};

/// The one way out of a state other than 0: ln hazard = intercept + 0.01 age + progression_smoking.
struct Progression {
    int to = -1;  ///< -1: none
    double intercept = 0.0;
};

struct Disease {
    const char* name;
    int states;
    double start_share_at_65;  ///< share with the disease at the start: min(0.6, share exp(slope (age - 65)))
    double start_slope;
    bool starts_in_last_state;  ///< else: uniform over the states with disease
    Onset onset;
    double onset_log_rr[n_diseases][max_states];  ///< by the other disease and its state
    Progression progression[max_states];
    double mortality_rr[max_states];
    double utility_factor[max_states];
};

inline constexpr double progression_age = 0.01;
inline constexpr double progression_smoking[3] = {0.0, 0.2, 0.05};

// clang-format off
inline constexpr Disease diseases[n_diseases] = {
    {
        .name = "diabetes",
        .states = 4,  // none, undiagnosed, uncomplicated, complicated
        .start_share_at_65 = 0.1,
        .start_slope = 0.05,
        .starts_in_last_state = false,
        .onset = {.intercept = -10.108314, .age = 0.04, .bmi = 0.09, .pressure = 0.004, .male = 0.25,
                  .smoking = {0.0, 0.25, 0.1},
                  .ses = {0.3, 0.15, 0.0, -0.15, -0.3}},
        .onset_log_rr =
            {{0.0},
             {0.0, 0.278593, 0.371457, 0.464322, 0.557186},
             {0.0, 0.095372, 0.127162},
             {0.0, 0.132759, 0.177012},
             {0.0, 0.15342, 0.20456},
             {0.0, 0.05698},
             {0.0, 0.318492, 0.424656},
             {0.0, 0.113798, 0.15173}},
        .progression = {{-1, 0.0}, {2, -1.803973}, {3, -3.595732}, {-1, 0.0}},
        .mortality_rr = {1.0, 1.25, 1.397542, 1.5625},
        .utility_factor = {1.0, 0.96, 0.94, 0.92},
    },
    {
        .name = "copd",
        .states = 5,  // none, gold1, gold2, gold3, gold4
        .start_share_at_65 = 0.06,
        .start_slope = 0.05,
        .starts_in_last_state = false,
        .onset = {.intercept = -8.486461, .age = 0.045, .bmi = 0.005, .pressure = 0.001, .male = 0.1,
                  .smoking = {0.0, 1.8, 1.0},
                  .ses = {0.4, 0.2, 0.0, -0.2, -0.4}},
        .onset_log_rr =
            {{0.0, 0.297199, 0.396265, 0.495332},
             {0.0},
             {0.0, 0.152078, 0.202771},
             {0.0, 0.239822, 0.319762},
             {0.0, 0.109544, 0.146059},
             {0.0, 0.200292},
             {0.0, 0.20672, 0.275626},
             {0.0, 0.208804, 0.278406}},
        .progression = {{-1, 0.0}, {2, -3.125729}, {3, -3.413411}, {4, -3.595732}, {-1, 0.0}},
        .mortality_rr = {1.0, 1.25, 1.397542, 1.5625, 1.746928},
        .utility_factor = {1.0, 0.95, 0.925, 0.9, 0.875},
    },
    {
        .name = "chd",
        .states = 3,  // none, acute, post
        .start_share_at_65 = 0.05,
        .start_slope = 0.05,
        .starts_in_last_state = true,
        .onset = {.intercept = -10.515996, .age = 0.05, .bmi = 0.03, .pressure = 0.012, .male = 0.6,
                  .smoking = {0.0, 0.8, 0.3},
                  .ses = {0.24, 0.12, 0.0, -0.12, -0.24}},
        .onset_log_rr =
            {{0.0, 0.254525, 0.339367, 0.424209},
             {0.0, 0.109082, 0.145443, 0.181803, 0.218164},
             {0.0},
             {0.0, 0.077626, 0.103501},
             {0.0, 0.201082, 0.268109},
             {0.0, 0.07443},
             {0.0, 0.262018, 0.349357},
             {0.0, 0.346557, 0.462077}},
        .progression = {{-1, 0.0}, {2, 1.479442}, {1, -3.818876}},
        .mortality_rr = {1.0, 1.3, 1.482228},
        .utility_factor = {1.0, 0.94, 0.91},
    },
    {
        .name = "heart_failure",
        .states = 3,  // none, nyha12, nyha34
        .start_share_at_65 = 0.03,
        .start_slope = 0.09,
        .starts_in_last_state = false,
        .onset = {.intercept = -14.274608, .age = 0.09, .bmi = 0.04, .pressure = 0.012, .male = 0.2,
                  .smoking = {0.0, 0.3, 0.2},
                  .ses = {0.24, 0.12, 0.0, -0.12, -0.24}},
        .onset_log_rr =
            {{0.0, 0.068012, 0.090683, 0.113353},
             {0.0, 0.233942, 0.311923, 0.389904, 0.467884},
             {0.0, 0.240243, 0.320324},
             {0.0},
             {0.0, 0.068361, 0.091148},
             {0.0, 0.132434},
             {0.0, 0.278723, 0.371631},
             {0.0, 0.292432, 0.38991}},
        .progression = {{-1, 0.0}, {2, -2.49712}, {-1, 0.0}},
        .mortality_rr = {1.0, 1.5, 1.837117},
        .utility_factor = {1.0, 0.9, 0.85},
    },
    {
        .name = "stroke",
        .states = 3,  // none, acute, post
        .start_share_at_65 = 0.03,
        .start_slope = 0.07,
        .starts_in_last_state = true,
        .onset = {.intercept = -12.669143, .age = 0.065, .bmi = 0.01, .pressure = 0.02, .male = 0.2,
                  .smoking = {0.0, 0.6, 0.2},
                  .ses = {0.2, 0.1, 0.0, -0.1, -0.2}},
        .onset_log_rr =
            {{0.0, 0.341707, 0.455609, 0.569512},
             {0.0, 0.263666, 0.351555, 0.439443, 0.527332},
             {0.0, 0.293821, 0.391761},
             {0.0, 0.309763, 0.413017},
             {0.0},
             {0.0, 0.248835},
             {0.0, 0.291379, 0.388506},
             {0.0, 0.245822, 0.327762}},
        .progression = {{-1, 0.0}, {2, 1.191759}, {1, -3.595732}},
        .mortality_rr = {1.0, 1.35, 1.568558},
        .utility_factor = {1.0, 0.91, 0.865},
    },
    {
        .name = "depression",
        .states = 2,  // none, depressed
        .start_share_at_65 = 0.08,
        .start_slope = 0.0,
        .starts_in_last_state = false,
        .onset = {.intercept = -4.294705, .age = -0.005, .bmi = 0.01, .pressure = 0.001, .male = -0.5,
                  .smoking = {0.0, 0.4, 0.1},
                  .ses = {0.3, 0.15, 0.0, -0.15, -0.3}},
        .onset_log_rr =
            {{0.0, 0.164707, 0.21961, 0.274512},
             {0.0, 0.064853, 0.08647, 0.108088, 0.129706},
             {0.0, 0.128807, 0.171742},
             {0.0, 0.28478, 0.379706},
             {0.0, 0.07397, 0.098626},
             {0.0},
             {0.0, 0.21203, 0.282707},
             {0.0, 0.095102, 0.126803}},
        .progression = {{-1, 0.0}, {0, -0.6}},
        .mortality_rr = {1.0, 1.15},
        .utility_factor = {1.0, 0.9},
    },
    {
        .name = "dementia",
        .states = 3,  // none, mild, severe
        .start_share_at_65 = 0.02,
        .start_slope = 0.12,
        .starts_in_last_state = false,
        .onset = {.intercept = -14.940434, .age = 0.13, .bmi = -0.01, .pressure = 0.005, .male = -0.1,
                  .smoking = {0.0, 0.2, 0.05},
                  .ses = {0.16, 0.08, 0.0, -0.08, -0.16}},
        .onset_log_rr =
            {{0.0, 0.131015, 0.174687, 0.218359},
             {0.0, 0.289057, 0.385409, 0.481761, 0.578113},
             {0.0, 0.255513, 0.340684},
             {0.0, 0.146238, 0.194984},
             {0.0, 0.071612, 0.095482},
             {0.0, 0.089888},
             {0.0},
             {0.0, 0.204034, 0.272046}},
        .progression = {{-1, 0.0}, {2, -1.986294}, {-1, 0.0}},
        .mortality_rr = {1.0, 1.6, 2.023858},
        .utility_factor = {1.0, 0.82, 0.73},
    },
    {
        .name = "frailty",
        .states = 3,  // none, mild, severe
        .start_share_at_65 = 0.1,
        .start_slope = 0.07,
        .starts_in_last_state = false,
        .onset = {.intercept = -9.46017, .age = 0.07, .bmi = 0.02, .pressure = 0.001, .male = -0.15,
                  .smoking = {0.0, 0.2, 0.1},
                  .ses = {0.3, 0.15, 0.0, -0.15, -0.3}},
        .onset_log_rr =
            {{0.0, 0.350352, 0.467136, 0.58392},
             {0.0, 0.160973, 0.21463, 0.268288, 0.321945},
             {0.0, 0.104377, 0.139169},
             {0.0, 0.093612, 0.124815},
             {0.0, 0.145848, 0.194464},
             {0.0, 0.053214},
             {0.0, 0.304088, 0.405451},
             {0.0}},
        .progression = {{-1, 0.0}, {2, -2.720263}, {-1, 0.0}},
        .mortality_rr = {1.0, 1.3, 1.482228},
        .utility_factor = {1.0, 0.93, 0.895},
    },
};
// clang-format on

/// Smoking goes never -> current -> former -> current; ln hazard = intercept + slope age.
/// Intercepts: ln 0.08 + 0.12 x 17, ln 0.04, ln 0.03.
struct SmokingExit {
    Smoking to;
    double intercept, age;
};
inline constexpr SmokingExit smoking_exit[3] = {
    {Smoking::current, -0.4857286443082556, -0.12},
    {Smoking::former, -3.2188758248682006, 0.005},
    {Smoking::current, -3.506557897319982, -0.02},
};

/// Death: ((10 in the first year of life, else 0.2) x 2e-4 + 1.6e-5 exp(0.098 a)) x 1.25 for men x relative risks,
/// where a is the age in completed years: mortality is a table by year of age, as registries publish it.
struct Mortality {
    double floor = 2e-4, infant_factor = 10.0, later_factor = 0.2;
    double level = 1.6e-5, age = 0.098, male = 1.25;
    double smoking_rr[3] = {1.0, 1.7, 1.2};
};
inline constexpr Mortality mortality;
inline constexpr int mortality_ages = 160;  ///< the oldest person starts at 99; runs of 60 years fit

/// Hazard [1/year] without relative risks, by sex (1 = male) and completed year of age.
const std::array<std::array<double, mortality_ages>, 2>& mortality_table();

/// Utility: (0.97 - 0.0018 age) x the factors of the states.
inline constexpr double utility_at_birth = 0.97;
inline constexpr double utility_per_year = -0.0018;

/// BMI and pressure move each month a fixed part of the way to a level that depends on age (and BMI).
struct Drift {
    double bmi_speed = 0.01, bmi_base = 22.5, bmi_age = 0.06;
    double pressure_speed = 0.02, pressure_base = 80.0, pressure_age = 0.5, pressure_bmi = 0.8;
};
inline constexpr Drift drift;

/// Three programmes; each reaches the people whose id is a multiple of three and scales the hazards of all
/// transitions of some processes.
struct Programme {
    double factor;
    std::array<bool, n_processes> on;
};
inline constexpr Programme programmes[3] = {
    {0.80, {false, true, false, false, false, false, false, false, true, false}},  // copd, smoking
    {0.85, {true, false, false, false, false, false, false, false, false, false}},  // diabetes
    {0.90, {false, false, true, true, true, false, false, false, false, false}},  // chd, heart failure, stroke
};

/// A person at the start.
struct StartPerson {
    double age, bmi, pressure;
    std::uint32_t id;
    std::uint8_t neighbourhood, male, ses;
    Smoking smoking;
    std::array<std::uint8_t, n_diseases> state;
};

/// `n` people, a function of (seed, id); used by every variant, outside of its time.
std::vector<StartPerson> start_population(std::int64_t n, std::uint64_t seed);

/// What a run of `n` = 1,000,000 people over 20 years gives without programmes. From an independent
/// implementation with monthly hazards; `prevalence` among those alive.
struct Expected {
    double alive = 667495.0;
    std::array<double, n_diseases> prevalence{0.1209, 0.1205, 0.1130, 0.0302, 0.0456, 0.0175, 0.0192, 0.1118};
    /// gold4, post, nyha34 and so on; -1: not given
    std::array<double, n_diseases> most_severe{0.0377, 0.0094, 0.1109, 0.0170, 0.0442, -1.0, 0.0115, 0.0656};
    double current_smokers = 0.2349, mean_bmi = 25.149, qalys = 14023374.0;
};
inline constexpr std::int64_t expected_people = 1'000'000;
inline constexpr int expected_years = 20;

}  // namespace proeftuin::benchmarks
