#include "engine/random/draw.hpp"

#include "engine/core/contracts.hpp"
#include "engine/core/quantile.hpp"
#include "engine/random/draw_kernels.hpp"

namespace proeftuin {

namespace {

using draw_detail::DrawKernel;
using draw_detail::DrawKernels;

void run(DrawKernel DrawKernels::*kernel, const DrawSite& site, std::span<const std::uint64_t> uids,
         const std::uint64_t* occurrences, std::uint64_t occurrence, std::span<double> out) {
    PT_EXPECT(uids.size() == out.size());
    const DrawKernels& kernels = draw_detail::kernels_for(active_instruction_set());
    (kernels.*kernel)(site.key(), uids.data(), occurrences, occurrence, uids.size(), out.data());
}

}  // namespace

#define PT_BATCH(name)                                                                                     \
    void name##_batch(const DrawSite& site, std::span<const std::uint64_t> uids,                           \
                      std::span<const std::uint64_t> occurrences, std::span<double> out) {                 \
        PT_EXPECT(occurrences.size() == uids.size());                                                      \
        run(&DrawKernels::name, site, uids, occurrences.data(), 0, out);                                   \
    }                                                                                                      \
    void name##_batch(const DrawSite& site, std::span<const std::uint64_t> uids, std::uint64_t occurrence, \
                      std::span<double> out) {                                                             \
        run(&DrawKernels::name, site, uids, nullptr, occurrence, out);                                     \
    }

PT_BATCH(uniform)
PT_BATCH(unit_exponential)
PT_BATCH(standard_normal)

double standard_gamma(const DrawSite& site, std::uint64_t uid, std::uint64_t occurrence, double shape) {
    return math::gamma_quantile(uniform(site, uid, occurrence), shape);
}

double standard_beta(const DrawSite& site, std::uint64_t uid, std::uint64_t occurrence, double a, double b) {
    return math::beta_quantile(uniform(site, uid, occurrence), a, b);
}

}  // namespace proeftuin
