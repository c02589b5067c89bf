// The usual scheme, as fast as it gets by hand: every month, every hazard, one keyed draw for each.
#include <algorithm>

#include "benchmarks/kernels.hpp"
#include "benchmarks/lanes.hpp"
#include "benchmarks/philox.hpp"

namespace proeftuin::benchmarks {
namespace {

constexpr std::size_t chunk_size = 1024;

struct Person {
    Covariates now;
    std::uint8_t state[n_diseases];
    std::uint32_t id;
    bool reached;
};

/// Uniform numbers in (0, 1) of 32 bits, one for each lane.
template <class Real>
[[gnu::always_inline]] inline Row<Real> uniform_row(std::uint32_t id, std::uint32_t month, std::uint64_t seed) {
    const SixteenWords words = philox_sixteen(id, month, seed);
    Row<Real> row;
#if defined(__AVX2__)
    if constexpr (sizeof(Real) == 8) {
        // A word in the low bits of 2^52 is 2^52 + word.
#if defined(__AVX512F__)
        const __m512i exponent = _mm512_set1_epi64(0x4330000000000000);
        for (int k = 0; k < 2; ++k) {
            const __m512i both =
                _mm512_inserti64x4(_mm512_castsi256_si512(words.word[2 * k]), words.word[2 * k + 1], 1);
            const auto shifted = reinterpret_cast<Vector<double>>(_mm512_or_si512(both, exponent));
            row.v[k] = (shifted - (0x1p52 - 0.5)) * 0x1p-32;
        }
#else
        const __m256i exponent = _mm256_set1_epi64x(0x4330000000000000);
        for (int k = 0; k < 3; ++k) {
            const auto shifted = reinterpret_cast<Vector<double>>(_mm256_or_si256(words.word[k], exponent));
            row.v[k] = (shifted - (0x1p52 - 0.5)) * 0x1p-32;
        }
#endif
    } else {
        for (int k = 0; k < 2; ++k) {
            // Without the sign bit: 31 bits.
            const __m256i both =
                _mm256_srli_epi32(_mm256_or_si256(words.word[2 * k], _mm256_slli_epi64(words.word[2 * k + 1], 32)), 1);
            row.v[k] = (reinterpret_cast<Vector<float>>(_mm256_cvtepi32_ps(both)) + 0.5f) * 0x1p-31f;
        }
    }
#else
    std::uint64_t plain[4][4];
    std::memcpy(plain, words.word, sizeof(plain));
    for (int lane = 0; lane < 16 && lane < row_lanes<Real>; ++lane)
        row.set(lane, (static_cast<double>(plain[lane / 4][lane % 4]) + 0.5) * 0x1p-32);
#endif
    return row;
}

template <class Real>
class Simulation {
public:
    explicit Simulation(const Request& request) : seed_{request.seed} {}

    /// Twelve months of a chunk; returns how many of it are alive, moved to its front.
    std::size_t step(Person* people, std::size_t n, int year) {
        constexpr Real month = Real(1.0 / 12.0);
        for (std::uint32_t m = 0; m < 12; ++m) {
            const std::uint32_t now = static_cast<std::uint32_t>(year) * 12 + m;
            double utilities = 0.0;
            for (std::size_t i = 0; i < n;) {
                Person& p = people[i];
                Covariates& c = p.now;
                c.bmi += drift.bmi_speed * (drift.bmi_base + drift.bmi_age * c.age - c.bmi);
                c.pressure += drift.pressure_speed * (drift.pressure_base + drift.pressure_age * c.age +
                                                      drift.pressure_bmi * c.bmi - c.pressure);
                c.age += 1.0 / 24.0;
                Real utility;
                Row<Real> expected = hazards(tables_, c, p.state, p.reached, utility);
                const Row<Real> u = uniform_row<Real>(p.id, now, seed_);
                IntegerVector<Real> candidate{};
                for (int k = 0; k < Shape<Real>::vectors; ++k) {
                    expected.v[k] *= month;
                    // 1 - exp(-x) is at most x: what fails this cannot happen.
                    candidate |= u.v[k] < expected.v[k];
                }
                c.age += 1.0 / 24.0;
                utilities += utility;
                if (any_lane(candidate)) [[unlikely]] {
                    if (!apply(p, expected, u)) {
                        utilities -= 0.5 * utility;
                        p = people[--n];
                        continue;
                    }
                }
                ++i;
            }
            qalys_ += utilities / 12.0;
        }
        return n;
    }

    double qalys() const { return qalys_; }
    std::int64_t events() const { return events_; }

private:
    /// All events of this month, from the states at its start; false when the person dies.
    [[gnu::noinline]] bool apply(Person& p, const Row<Real>& expected, const Row<Real>& u) {
        const auto happens = [&](int lane) {
            const bool yes = u[lane] < expected[lane] && static_cast<double>(u[lane]) < -std::expm1(-expected[lane]);
            events_ += yes;
            return yes;
        };
        if (happens(lane_mortality)) return false;
        for (int d = 0; d < n_diseases; ++d)
            if (happens(d))
                p.state[d] = static_cast<std::uint8_t>(p.state[d] == 0 ? 1 : diseases[d].progression[p.state[d]].to);
        if (happens(lane_smoking)) p.now.smoking = smoking_exit[static_cast<int>(p.now.smoking)].to;
        return true;
    }

    Tables<Real> tables_;
    std::uint64_t seed_;
    double qalys_ = 0.0;
    std::int64_t events_ = 0;
};

template <class Real>
Outcome run(const Request& request, const std::vector<StartPerson>& start) {
    const std::size_t n = start.size();
    const std::size_t n_chunks = (n + chunk_size - 1) / chunk_size;
    std::vector<std::size_t> size(n_chunks);

    const Stopwatch stopwatch;
    std::vector<Person> people(n);
    Simulation<Real> simulation{request};
    for (std::size_t i = 0; i < n; ++i) {
        const StartPerson& s = start[i];
        Person& p = people[i];
        p.now = {s.age, s.bmi, s.pressure, s.male, s.ses, s.smoking};
        std::copy(s.state.begin(), s.state.end(), p.state);
        p.id = s.id;
        p.reached = request.with_programmes && s.id % 3 == 0;
    }
    for (std::size_t c = 0; c < n_chunks; ++c) size[c] = std::min(chunk_size, n - c * chunk_size);
    for (int year = 0; year < request.years; ++year)
        for (std::size_t c = 0; c < n_chunks; ++c)
            size[c] = simulation.step(people.data() + c * chunk_size, size[c], year);
    Outcome outcome;
    for (std::size_t c = 0; c < n_chunks; ++c)
        for (std::size_t i = c * chunk_size; i < c * chunk_size + size[c]; ++i)
            count(outcome, people[i].state, people[i].now.smoking, people[i].now.bmi);
    outcome.qalys = simulation.qalys();
    outcome.events = simulation.events();
    stopwatch.stop(outcome);
    return outcome;
}

}  // namespace

Outcome run_monthly(const Request& request, const std::vector<StartPerson>& start) {
    return run<double>(request, start);
}

Outcome run_monthly_float(const Request& request, const std::vector<StartPerson>& start) {
    return run<float>(request, start);
}

}  // namespace proeftuin::benchmarks
