#include "engine/random/draw.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "engine/core/contracts.hpp"
#include "engine/core/quantile.hpp"
#include "engine/random/draw_kernels.hpp"

namespace proeftuin {

namespace {

/// Statistics below fail by chance with at most this probability each; all together far below 1e-9.
constexpr double chance = 1e-12;

/// Two-sided bound of a standard normal.
double normal_bound() { return -math::normal_quantile(0.5 * chance); }

double chi_square_bound(double degrees) { return 2.0 * math::gamma_quantile(1.0 - chance, 0.5 * degrees); }

/// sqrt(n) times the correlation of two sets of uniforms: standard normal when independent.
double correlation(const std::function<double(std::uint64_t)>& first,
                   const std::function<double(std::uint64_t)>& second, std::uint64_t n) {
    double sum = 0.0;
    for (std::uint64_t i = 0; i < n; ++i) sum += 12.0 * (first(i) - 0.5) * (second(i) - 0.5);
    return sum / std::sqrt(static_cast<double>(n));
}

/// Chi-square of pairs of uniforms over 16 x 16 cells.
double pair_chi_square(const std::function<double(std::uint64_t)>& first,
                       const std::function<double(std::uint64_t)>& second, std::uint64_t n) {
    std::vector<double> counts(256, 0.0);
    for (std::uint64_t i = 0; i < n; ++i)
        counts[static_cast<std::size_t>(first(i) * 16.0) * 16 + static_cast<std::size_t>(second(i) * 16.0)] += 1.0;
    const double expected = static_cast<double>(n) / 256.0;
    double sum = 0.0;
    for (const double count : counts) sum += (count - expected) * (count - expected) / expected;
    return sum;
}

void expect_independent(const std::function<double(std::uint64_t)>& first,
                        const std::function<double(std::uint64_t)>& second) {
    const std::uint64_t n = 200000;
    EXPECT_LT(std::fabs(correlation(first, second, n)), normal_bound());
    EXPECT_LT(pair_chi_square(first, second, n), chi_square_bound(255.0));
}

const DrawSite site(1, 0, "stroke-onset");

}  // namespace

TEST(Draws, are_a_function_of_seed_replicate_name_person_and_occurrence) {
    EXPECT_EQ(uniform(site, 5, 2), uniform(DrawSite(1, 0, "stroke-onset"), 5, 2));
    const std::set<double> all = {uniform(site, 5, 2),
                                  uniform(site, 6, 2),
                                  uniform(site, 5, 3),
                                  uniform(DrawSite(2, 0, "stroke-onset"), 5, 2),
                                  uniform(DrawSite(1, 1, "stroke-onset"), 5, 2),
                                  uniform(DrawSite(0, 1, "stroke-onset"), 5, 2),
                                  uniform(DrawSite(1, 0, "stroke-onset2"), 5, 2),
                                  uniform(site, 5, 2 + (std::uint64_t{1} << 32)),
                                  uniform(site, 5 + (std::uint64_t{1} << 32), 2),
                                  uniform(site, 2, 5)};
    EXPECT_EQ(all.size(), 10u);
}

TEST(Draws, keep_their_bits_from_version_to_version) {
    EXPECT_EQ(site.key(), 0xab8b6e54dd72b31u);
    EXPECT_EQ(uniform(site, 5, 2), 0x1.bf96b706fefb8p-1);
    EXPECT_EQ(unit_exponential(site, 5, 2), 0x1.135a6e5086d3ep-3);
}

TEST(Draws, lie_inside_the_open_unit_interval) {
    EXPECT_EQ(draw_detail::open_unit(0), 0x1p-54);
    EXPECT_EQ(draw_detail::open_unit(~std::uint64_t{0}), 1.0 - 0x1p-53);
    EXPECT_EQ(draw_detail::open_unit(std::uint64_t{1} << 63), 0.5);
    EXPECT_EQ(draw_detail::open_unit(std::uint64_t{1} << 11), 0x1.8p-53);
    for (std::uint64_t i = 0; i < 64; ++i) {
        const double u = draw_detail::open_unit((std::uint64_t{1} << i) - 1);
        EXPECT_GT(u, 0.0);
        EXPECT_LT(u, 1.0);
    }
}

TEST(Draws, smallest_and_largest_exponential_are_positive_and_finite) {
    EXPECT_GT(-math::log(1.0 - 0x1p-53), 0.0);
    EXPECT_LT(-math::log(0x1p-54), 38.0);
    for (std::uint64_t i = 0; i < 100000; ++i) EXPECT_GT(unit_exponential(site, i, 0), 0.0);
}

TEST(Draws, two_uniforms_of_a_block_start_with_the_single_one) {
    for (std::uint64_t i = 0; i < 100; ++i) {
        const TwoUniforms both = uniform2(site, i, 7);
        EXPECT_EQ(both.first, uniform(site, i, 7));
        EXPECT_NE(both.first, both.second);
    }
}

TEST(Draws, are_uniform) {
    const std::size_t cells = 1000;
    const std::uint64_t n = 1000000;
    std::vector<double> counts(cells, 0.0);
    for (std::uint64_t i = 0; i < n; ++i) counts[static_cast<std::size_t>(uniform(site, i, 0) * cells)] += 1.0;
    double sum = 0.0;
    for (const double count : counts) sum += (count - 1000.0) * (count - 1000.0) / 1000.0;
    EXPECT_LT(sum, chi_square_bound(cells - 1));
}

TEST(Draws, have_the_lowest_of_their_53_bits) {
    // Below 1/2 the rounding of k + 1/2 keeps all bits; the last bit of k must be a fair coin.
    std::uint64_t ones = 0, n = 0;
    for (std::uint64_t i = 0; i < 400000; ++i) {
        const double u = uniform(site, i, 1);
        if (u >= 0.25) continue;
        ++n;
        ones += static_cast<std::uint64_t>(u * 0x1p53) & 1u;
    }
    const double z = (2.0 * static_cast<double>(ones) - static_cast<double>(n)) / std::sqrt(static_cast<double>(n));
    EXPECT_LT(std::fabs(z), normal_bound());
}

TEST(Draws, of_neighbouring_people_are_independent) {
    expect_independent([](auto i) { return uniform(site, i, 0); }, [](auto i) { return uniform(site, i + 1, 0); });
}

TEST(Draws, of_successive_occurrences_are_independent) {
    expect_independent([](auto i) { return uniform(site, 3, i); }, [](auto i) { return uniform(site, 3, i + 1); });
    expect_independent([](auto i) { return uniform(site, i, 0); }, [](auto i) { return uniform(site, i, 1); });
}

TEST(Draws, of_different_sites_are_independent) {
    static const DrawSite other(1, 0, "stroke-onse");
    expect_independent([](auto i) { return uniform(site, i, 0); }, [](auto i) { return uniform(other, i, 0); });
}

TEST(Draws, of_different_seeds_and_replicates_are_independent) {
    static const DrawSite seed(2, 0, "stroke-onset"), replicate(1, 1, "stroke-onset");
    expect_independent([](auto i) { return uniform(site, i, 0); }, [](auto i) { return uniform(seed, i, 0); });
    expect_independent([](auto i) { return uniform(site, i, 0); }, [](auto i) { return uniform(replicate, i, 0); });
}

TEST(Draws, of_one_person_over_many_sites_seeds_and_replicates_are_independent) {
    const auto by_site = [](std::uint64_t i) { return uniform(DrawSite(1, 0, std::to_string(i)), 0, 0); };
    const auto by_seed = [](std::uint64_t i) { return uniform(DrawSite(i, 0, "a"), 0, 0); };
    const auto by_replicate = [](std::uint64_t i) { return uniform(DrawSite(0, i, "a"), 0, 0); };
    for (const std::function<double(std::uint64_t)>& draw :
         {std::function<double(std::uint64_t)>(by_site), {by_seed}, {by_replicate}})
        expect_independent(draw, [&draw](std::uint64_t i) { return draw(i + 1); });
    expect_independent(by_seed, by_replicate);
}

TEST(Draws, the_two_of_a_block_are_independent) {
    expect_independent([](auto i) { return uniform2(site, i, 0).first; },
                       [](auto i) { return uniform2(site, i, 0).second; });
}

TEST(Draws, swapping_person_and_occurrence_gives_another_number) {
    expect_independent([](auto i) { return uniform(site, i, i + 1); }, [](auto i) { return uniform(site, i + 1, i); });
}

TEST(Draws, exponentials_and_normals_have_their_moments) {
    const std::uint64_t n = 500000;
    double e = 0.0, e2 = 0.0, z = 0.0, z2 = 0.0, z4 = 0.0;
    for (std::uint64_t i = 0; i < n; ++i) {
        const double x = unit_exponential(site, i, 3);
        const double y = standard_normal(site, i, 3);
        e += x, e2 += x * x, z += y, z2 += y * y, z4 += y * y * y * y;
    }
    const double root = std::sqrt(static_cast<double>(n));
    const auto count = static_cast<double>(n);
    EXPECT_LT(std::fabs(e / count - 1.0) * root, normal_bound());
    EXPECT_LT(std::fabs(e2 / count - 2.0) * root / std::sqrt(20.0), normal_bound());
    EXPECT_LT(std::fabs(z / count) * root, normal_bound());
    EXPECT_LT(std::fabs(z2 / count - 1.0) * root / std::sqrt(2.0), normal_bound());
    EXPECT_LT(std::fabs(z4 / count - 3.0) * root / std::sqrt(96.0), normal_bound());
}

TEST(Draws, gammas_and_betas_have_their_means) {
    const std::uint64_t n = 20000;
    const auto count = static_cast<double>(n);
    double gamma = 0.0, beta = 0.0;
    for (std::uint64_t i = 0; i < n; ++i) {
        gamma += standard_gamma(site, i, 0, 2.5);
        beta += standard_beta(site, i, 0, 2.0, 6.0);
    }
    EXPECT_LT(std::fabs(gamma / count - 2.5) * std::sqrt(count / 2.5), normal_bound());
    EXPECT_LT(std::fabs(beta / count - 0.25) * std::sqrt(count * 48.0), normal_bound());
}

TEST(Draws, of_batches_are_those_of_single_people_on_every_instruction_set) {
    std::vector<std::uint64_t> uids, occurrences;
    for (std::uint64_t i = 0; i < 1003; ++i) {
        uids.push_back(i % 3 == 0 ? mix64(i) : i);
        occurrences.push_back(i % 5 == 0 ? mix64(~i) : i % 7);
    }
    using Single = double (*)(const DrawSite&, std::uint64_t, std::uint64_t);
    struct Kind {
        Single single;
        draw_detail::DrawKernel draw_detail::DrawKernels::*kernel;
    };
    const Kind kinds[] = {{uniform, &draw_detail::DrawKernels::uniform},
                          {unit_exponential, &draw_detail::DrawKernels::unit_exponential},
                          {standard_normal, &draw_detail::DrawKernels::standard_normal}};
    for (const auto isa : {InstructionSet::baseline, InstructionSet::avx2, InstructionSet::avx512}) {
        if (isa > strongest_instruction_set()) continue;
        for (const Kind& kind : kinds)
            for (const std::size_t n : {0, 1, 3, 7, 8, 64, 1003}) {
                const auto kernel = draw_detail::kernels_for(isa).*kind.kernel;
                std::vector<double> out(n + 1, -1.0);
                kernel(site.key(), uids.data(), occurrences.data(), 0, n, out.data());
                for (std::size_t i = 0; i < n; ++i)
                    ASSERT_EQ(out[i], kind.single(site, uids[i], occurrences[i])) << name_of(isa);
                EXPECT_EQ(out[n], -1.0);
                kernel(site.key(), uids.data(), nullptr, 9, n, out.data());
                for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(out[i], kind.single(site, uids[i], 9)) << name_of(isa);
            }
    }
}

TEST(Draws, batches_take_one_occurrence_or_many) {
    const std::vector<std::uint64_t> uids = {3, 1, 4, 1, 5}, occurrences = {9, 2, 6, 5, 3};
    std::vector<double> out(5);
    uniform_batch(site, uids, occurrences, out);
    for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(out[i], uniform(site, uids[i], occurrences[i]));
    unit_exponential_batch(site, uids, 8, out);
    for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(out[i], unit_exponential(site, uids[i], 8));
    standard_normal_batch(site, uids, 8, out);
    for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(out[i], standard_normal(site, uids[i], 8));
#if PT_CONTRACTS
    EXPECT_THROW(uniform_batch(site, uids, 0, std::span(out).first(4)), ContractViolation);
#endif
}

}  // namespace proeftuin
