#include "models/population/integerise.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/contracts.hpp"

namespace proeftuin::population {
namespace {

// Cells are rounded as whole multiples of 2^-32 people: sums of integers are exact in any order.
constexpr double quantum = 4294967296.0;
constexpr std::uint64_t one = std::uint64_t{1} << 32;

/// The table in quanta; every block of `block` cells sums to the nearest whole number of people.
std::vector<std::uint64_t> in_quanta(const std::vector<double>& table, std::size_t block) {
    std::vector<std::uint64_t> result(table.size());
    for (std::size_t b = 0; b < table.size(); b += block) {
        double people = 0.0;
        for (std::size_t i = b; i < b + block; ++i) people += table[i];
        const double whole = std::floor(people + 0.5);
        const double factor = whole > 0.0 ? whole / people : 0.0;
        std::uint64_t sum = 0;
        std::size_t largest = b;
        for (std::size_t i = b; i < b + block; ++i) {
            PT_EXPECT(table[i] >= 0.0 && table[i] < 4.0e9);
            const double scaled = table[i] * factor;
            // A sliver of a person is kept out: it would let an all but impossible cell be filled.
            result[i] = scaled < 1e-7 ? 0 : static_cast<std::uint64_t>(std::floor(scaled * quantum + 0.5));
            sum += result[i];
            if (result[i] > result[largest]) largest = i;
        }
        // Slivers and rounding, far below a person, go to the largest cell.
        const std::uint64_t wanted = static_cast<std::uint64_t>(whole) * one;
        PT_ASSERT(result[largest] + wanted >= sum);
        result[largest] = result[largest] + wanted - sum;
    }
    return result;
}

}  // namespace

IntegeriseResult integerise(const Shape& shape, const std::vector<double>& table, const std::vector<Margin>& margins,
                            const IntegeriseOptions& options) {
    PT_EXPECT(table.size() == cells_of(shape));
    PT_EXPECT(options.fixed_axes < shape.size());
    std::size_t block = 1;
    for (std::size_t a = options.fixed_axes; a < shape.size(); ++a) block *= shape[a];

    const auto quanta = in_quanta(table, block);
    IntegeriseResult result;
    auto& counts = result.counts;
    counts.assign(table.size(), 0);
    double start = options.start;
    for (std::size_t b = 0; b < table.size(); b += block) {
        // Blocks start at the points of the golden-ratio sequence: spread evenly over [0, 1).
        std::uint64_t at = static_cast<std::uint64_t>(start * quantum) % one;
        for (std::size_t i = b; i < b + block; ++i) {
            const std::uint64_t next = at + quanta[i];
            counts[i] = static_cast<std::uint32_t>((next >> 32) - (at >> 32));
            at = next;
        }
        start += 0.6180339887498949;
        if (start >= 1.0) start -= 1.0;
    }
    if (margins.empty()) return result;

    // Errors of the margins and where each cell counts.
    std::vector<std::vector<std::uint32_t>> cell_of;
    std::vector<std::vector<double>> errors;
    for (const auto& m : margins) {
        cell_of.push_back(margin_cells(m, shape));
        std::vector<double> e(m.target.size(), 0.0);
        for (std::size_t i = 0; i < counts.size(); ++i) e[cell_of.back()[i]] += counts[i];
        for (std::size_t c = 0; c < e.size(); ++c)
            e[c] = std::isnan(m.target[c]) ? std::numeric_limits<double>::quiet_NaN() : e[c] - m.target[c];
        errors.push_back(std::move(e));
    }
    const std::size_t n_margins = margins.size();
    std::vector<std::size_t> stride(shape.size(), 1);
    for (std::size_t a = shape.size() - 1; a-- > 0;) stride[a] = stride[a + 1] * shape[a + 1];
    // Margins that can change when a person moves along an axis.
    std::vector<std::vector<std::size_t>> along(shape.size());
    for (std::size_t m = 0; m < n_margins; ++m)
        for (const auto& axis : margins[m].axes) along[axis.axis].push_back(m);

    for (std::size_t pass = 0; pass < options.passes; ++pass) {
        std::size_t moved = 0;
        for (std::size_t i = 0; i < counts.size(); ++i) {
            if (counts[i] == 0 || (std::uint64_t{counts[i]} << 32) <= quanta[i]) continue;  // not rounded up
            double best = -1e-9;
            std::size_t best_to = i;
            for (std::size_t a = options.fixed_axes; a < shape.size(); ++a) {
                // The most that leaving can bring; skip the axis when it cannot pay.
                double most = 0.0;
                for (const auto m : along[a]) {
                    const double e = errors[m][cell_of[m][i]];
                    if (e > 0.0) most += e;
                }
                if (most < 0.75) continue;
                const std::size_t here = (i / stride[a]) % shape[a];
                const std::size_t first = i - here * stride[a];
                for (std::size_t v = 0; v < shape[a]; ++v) {
                    const std::size_t to = first + v * stride[a];
                    if (v == here || (std::uint64_t{counts[to]} << 32) >= quanta[to]) continue;  // rounded up already
                    double change = 0.0;
                    for (const auto m : along[a]) {
                        const std::uint32_t from_cell = cell_of[m][i], to_cell = cell_of[m][to];
                        if (from_cell == to_cell) continue;
                        const double out = errors[m][from_cell], in = errors[m][to_cell];
                        if (!std::isnan(out)) change += 1.0 - 2.0 * out;
                        if (!std::isnan(in)) change += 1.0 + 2.0 * in;
                    }
                    if (change < best) {
                        best = change;
                        best_to = to;
                    }
                }
            }
            if (best_to == i) continue;
            --counts[i];
            ++counts[best_to];
            for (std::size_t m = 0; m < n_margins; ++m) {
                errors[m][cell_of[m][i]] -= 1.0;
                errors[m][cell_of[m][best_to]] += 1.0;
            }
            ++moved;
        }
        result.moves += moved;
        if (moved == 0) break;
    }
    return result;
}

}  // namespace proeftuin::population
