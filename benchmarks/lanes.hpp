// The reference model as one row of lanes per person: all hazards from a handful of vector operations.
//
// A lane per onset or progression of the eight diseases, then the relative risks of death, the exit of smoking and
// the utility factor, all as logarithms: one exp gives everything.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "benchmarks/reference_model.hpp"

namespace proeftuin::benchmarks {

inline constexpr int lane_mortality = 8;  ///< product of relative risks, smoking included
inline constexpr int lane_smoking = 9;
inline constexpr int lane_utility = 10;  ///< product of utility factors

template <class Real>
struct Shape;
#if defined(__AVX512F__)
template <>
struct Shape<double> {
    static constexpr int width = 8, vectors = 2, lanes = width * vectors;
    using Integer = std::int64_t;
};
#else
template <>
struct Shape<double> {
    static constexpr int width = 4, vectors = 3, lanes = width * vectors;
    using Integer = std::int64_t;
};
#endif
template <>
struct Shape<float> {
    static constexpr int width = 8, vectors = 2, lanes = width * vectors;
    using Integer = std::int32_t;
};

template <class Real>
using Vector [[gnu::vector_size(Shape<Real>::width * sizeof(Real))]] = Real;
template <class Real>
using IntegerVector [[gnu::vector_size(Shape<Real>::width * sizeof(Real))]] = typename Shape<Real>::Integer;

template <class Real>
struct Row {
    Vector<Real> v[Shape<Real>::vectors];

    Real operator[](int lane) const { return v[lane / Shape<Real>::width][lane % Shape<Real>::width]; }
    void set(int lane, double value) {
        v[lane / Shape<Real>::width][lane % Shape<Real>::width] = static_cast<Real>(value);
    }
};
template <class Real>
inline constexpr int row_lanes = Shape<Real>::lanes;

/// exp of every lane. Below -700 (double) or -80 (float): as at that border, which is never an event.
template <class Real>
[[gnu::always_inline]] inline Vector<Real> exp_lanes(Vector<Real> x) {
    using V = Vector<Real>;
    using I = IntegerVector<Real>;
    constexpr bool is_double = sizeof(Real) == 8;
    constexpr Real lowest = is_double ? Real(-700) : Real(-80);
    constexpr int mantissa = is_double ? 52 : 23;
    // Adding 1.5 x 2^mantissa leaves the nearest integer in the low bits.
    constexpr Real magic = is_double ? Real(6755399441055744.0) : Real(12582912.0);
    x = x < lowest ? V{} + lowest : x;
    const V shifted = x * Real(1.4426950408889634) + magic;
    const V n = shifted - magic;
    V r;
    if constexpr (is_double)
        r = (x - n * Real(0x1.62e42fefa3800p-1)) - n * Real(0x1.ef35793c76730p-45);
    else
        r = (x - n * Real(0.693359375)) - n * Real(-2.12194440e-4);
    // Taylor: |r| <= 0.3466 leaves 2e-16 (degree 12) or 4e-8 (degree 7).
    V p;
    if constexpr (is_double) {
        const V r2 = r * r, r4 = r2 * r2;
        const V low = (Real(1.0) + r) + r2 * (Real(1.0 / 2) + r * Real(1.0 / 6));
        const V middle = (Real(1.0 / 24) + r * Real(1.0 / 120)) + r2 * (Real(1.0 / 720) + r * Real(1.0 / 5040));
        const V high = (Real(1.0 / 40320) + r * Real(1.0 / 362880)) +
                       r2 * (Real(1.0 / 3628800) + r * Real(1.0 / 39916800)) + r4 * Real(1.0 / 479001600);
        p = low + r4 * (middle + r4 * high);
    } else {
        const V r2 = r * r;
        const V low = (Real(1.0) + r) + r2 * (Real(1.0 / 2) + r * Real(1.0 / 6));
        const V high = (Real(1.0 / 24) + r * Real(1.0 / 120)) + r2 * (Real(1.0 / 720) + r * Real(1.0 / 5040));
        p = low + (r2 * r2) * high;
    }
    return reinterpret_cast<V>(reinterpret_cast<I>(p) + (reinterpret_cast<I>(shifted) << mantissa));
}

/// The coefficients as rows.
template <class Real>
struct Tables {
    Row<Real> base[2][3][5];  ///< sex, smoking, SES
    Row<Real> age[3];  ///< smoking
    Row<Real> bmi, pressure;
    Row<Real> disease[n_diseases][8];  ///< what a state of a disease adds to every lane
    /// Intercept of the way out of a state; `onset_here` in state 0, where the onset lane holds.
    Real exit[n_diseases][8];
    static constexpr Real onset_here = Real(1e9);
    static constexpr Real no_exit = Real(-1e6);
    Real death[2][mortality_ages];  ///< sex, completed year of age
    Row<Real> programme;  ///< factors for those reached, 1 elsewhere

    Tables() {
        std::memset(static_cast<void*>(this), 0, sizeof(*this));
        for (int male = 0; male < 2; ++male)
            for (int s = 0; s < 3; ++s)
                for (int ses = 0; ses < 5; ++ses) {
                    auto& row = base[male][s][ses];
                    for (int d = 0; d < n_diseases; ++d) {
                        const Onset& o = diseases[d].onset;
                        row.set(d, o.intercept + (male ? o.male : 0.0) + o.smoking[s] + o.ses[ses]);
                    }
                    row.set(lane_mortality, std::log(mortality.smoking_rr[s]));
                    row.set(lane_smoking, smoking_exit[s].intercept);
                }
        for (int d = 0; d < n_diseases; ++d) {
            for (auto& row : age) row.set(d, diseases[d].onset.age);
            bmi.set(d, diseases[d].onset.bmi);
            pressure.set(d, diseases[d].onset.pressure);
            for (int state = 0; state < 8; ++state) exit[d][state] = state == 0 ? onset_here : no_exit;
            for (int state = 1; state < diseases[d].states; ++state) {
                auto& row = disease[d][state];
                for (int other = 0; other < n_diseases; ++other) row.set(other, diseases[other].onset_log_rr[d][state]);
                row.set(lane_mortality, std::log(diseases[d].mortality_rr[state]));
                row.set(lane_utility, std::log(diseases[d].utility_factor[state]));
                if (diseases[d].progression[state].to >= 0)
                    exit[d][state] = static_cast<Real>(diseases[d].progression[state].intercept);
            }
            programme.set(d, 1.0);
        }
        for (int s = 0; s < 3; ++s) age[s].set(lane_smoking, smoking_exit[s].age);
        for (std::size_t male = 0; male < 2; ++male)
            for (std::size_t a = 0; a < mortality_ages; ++a)
                death[male][a] = static_cast<Real>(mortality_table()[male][a]);
        for (int lane = n_diseases; lane < row_lanes<Real>; ++lane) programme.set(lane, 1.0);
        for (const Programme& p : programmes)
            for (int k = 0; k < n_processes; ++k)
                if (p.on[static_cast<std::size_t>(k)]) {
                    const int lane = k == smoking_process ? lane_smoking : k;
                    programme.set(lane, programme[lane] * p.factor);
                }
    }
};

/// What the lanes depend on.
struct Covariates {
    double age, bmi, pressure;
    std::uint8_t male, ses;
    Smoking smoking;
};

/// Hazards [1/year] in the lanes of the processes: diseases in 0..7, death in lane_mortality, smoking in
/// lane_smoking, 0 elsewhere. `utility` gets the utility.
template <class Real>
[[gnu::always_inline]] inline Row<Real> hazards(const Tables<Real>& t, const Covariates& c, const std::uint8_t* state,
                                                bool reached, Real& utility) {
    constexpr int width = Shape<Real>::width;
    constexpr int vectors = Shape<Real>::vectors;
    const auto smoking = static_cast<int>(c.smoking);
    const Row<Real>& base = t.base[c.male][smoking][c.ses];
    const Row<Real>& slope = t.age[smoking];
    const Real age = static_cast<Real>(c.age), bmi = static_cast<Real>(c.bmi), pressure = static_cast<Real>(c.pressure);
    Row<Real> row;
    for (int k = 0; k < vectors; ++k)
        row.v[k] = base.v[k] + slope.v[k] * age + (t.bmi.v[k] * bmi + t.pressure.v[k] * pressure);

    std::uint64_t states;
    std::memcpy(&states, state, 8);
    if (states != 0) {
        for (int d = 0; d < n_diseases; ++d)
            for (int k = 0; k < vectors; ++k) row.v[k] += t.disease[d][state[d]].v[k];
        const Real common = static_cast<Real>(progression_age) * age + static_cast<Real>(progression_smoking[smoking]);
        for (int k = 0; k < n_diseases / width; ++k) {
            Vector<Real> exit;
            for (int j = 0; j < width; ++j) exit[j] = t.exit[k * width + j][state[k * width + j]];
            row.v[k] = exit < Tables<Real>::onset_here ? exit + common : row.v[k];
        }
    }
    for (int k = 0; k < vectors; ++k) row.v[k] = exp_lanes<Real>(row.v[k]);
    utility = (static_cast<Real>(utility_at_birth) + static_cast<Real>(utility_per_year) * age) * row[lane_utility];
    const Real death = t.death[c.male][static_cast<int>(c.age)] * row[lane_mortality];
    // The rest of the row becomes hazards: death, smoking, nothing.
    constexpr int tail = n_diseases / width;
    Vector<Real> last = row.v[tail];
    last[0] = death;
    for (int j = 2; j < width; ++j) last[j] = Real(0);
    row.v[tail] = last;
    if (reached)
        for (int k = 0; k < vectors; ++k) row.v[k] *= t.programme.v[k];
    return row;
}

/// True when any lane of the comparison holds.
template <class Mask>
[[gnu::always_inline]] inline bool any_lane(Mask mask) {
#if defined(__AVX512F__)
    if constexpr (sizeof(mask) == 64)
        return _mm512_test_epi64_mask(reinterpret_cast<__m512i>(mask), reinterpret_cast<__m512i>(mask)) != 0;
#endif
#if defined(__AVX2__)
    if constexpr (sizeof(mask) == 32) return _mm256_movemask_epi8(reinterpret_cast<__m256i>(mask)) != 0;
#endif
    bool any = false;
    for (std::size_t j = 0; j < sizeof(mask) / sizeof(mask[0]); ++j) any |= mask[j] != 0;
    return any;
}

}  // namespace proeftuin::benchmarks
