#include "engine/run/person_statistics.hpp"

#include <algorithm>
#include <boost/sort/spreadsort/integer_sort.hpp>
#include <cmath>

namespace proeftuin {
namespace {

/// Sum of the largest `share` of the values / sum of all, with a fraction of the value at the border.
double top_share(const std::vector<std::int64_t>& sorted, double share, double total) {
    if (total == 0.0) return 0.0;
    const double wanted = share * static_cast<double>(sorted.size());
    const auto whole = static_cast<std::size_t>(wanted);
    __int128 sum = 0;
    for (std::size_t k = 0; k < whole; ++k) sum += sorted[sorted.size() - 1 - k];
    double top = static_cast<double>(sum);
    if (whole < sorted.size())
        top += (wanted - static_cast<double>(whole)) * static_cast<double>(sorted[sorted.size() - 1 - whole]);
    return top / total;
}

/// In quanta. `mean` is the rounded sum / n.
double standard_deviation(const std::vector<std::int64_t>& totals, double mean) {
    if (totals.size() < 2) return 0.0;
    // Deviations from the rounded mean are whole numbers: squares add exactly.
    const auto centre = static_cast<std::int64_t>(std::llround(mean));
    __int128 deviation = 0;
    unsigned __int128 squares = 0;
    for (const auto t : totals) {
        const __int128 d = static_cast<__int128>(t) - centre;
        deviation += d;
        squares += static_cast<unsigned __int128>(d * d);
    }
    const double n = static_cast<double>(totals.size());
    const double off = static_cast<double>(deviation) / n;
    return std::sqrt(std::max(0.0, (static_cast<double>(squares) - n * off * off) / (n - 1.0)));
}

double quantile(const std::vector<std::int64_t>& sorted, double level) {
    const double h = level * (static_cast<double>(sorted.size()) - 1.0);
    const auto k = static_cast<std::size_t>(h);
    const double low = static_cast<double>(sorted[k]);
    const double high = static_cast<double>(sorted[std::min(k + 1, sorted.size() - 1)]);
    return low + (h - static_cast<double>(k)) * (high - low);
}

}  // namespace

PersonStatistics describe(std::vector<std::int64_t>& totals, double quantum) {
    PersonStatistics s;
    s.people = static_cast<std::int64_t>(totals.size());
    if (totals.empty()) return s;
    boost::sort::spreadsort::integer_sort(totals.begin(), totals.end());
    __int128 sum = 0;
    for (const auto t : totals) sum += t;
    const double total = static_cast<double>(sum);
    const double mean = total / static_cast<double>(totals.size());
    s.mean = mean * quantum;
    s.sd = standard_deviation(totals, mean) * quantum;
    for (const double level : PersonStatistics::levels) s.quantiles.push_back(quantile(totals, level) * quantum);
    s.top_share_1 = top_share(totals, 0.01, total);
    s.top_share_5 = top_share(totals, 0.05, total);
    s.top_share_10 = top_share(totals, 0.10, total);
    return s;
}

}  // namespace proeftuin
