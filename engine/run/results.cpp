#include "engine/run/results.hpp"

#include <fmt/format.h>

#include <bit>
#include <iterator>

#include "engine/core/errors.hpp"
#include "engine/core/hash.hpp"
#include "engine/run/model.hpp"

namespace proeftuin {
namespace {

/// Statistics of one period as a row of an array: six numbers, then the quantiles (0 where there are no people).
constexpr std::size_t row_length = 6 + std::size(PersonStatistics::levels);

std::vector<double> to_rows(const std::vector<PersonStatistics>& statistics) {
    std::vector<double> rows;
    for (const auto& s : statistics) {
        rows.insert(rows.end(),
                    {static_cast<double>(s.people), s.mean, s.sd, s.top_share_1, s.top_share_5, s.top_share_10});
        rows.insert(rows.end(), s.quantiles.begin(), s.quantiles.end());
        rows.resize((rows.size() + row_length - 1) / row_length * row_length, 0.0);
    }
    return rows;
}

std::vector<PersonStatistics> from_rows(const std::vector<double>& rows) {
    std::vector<PersonStatistics> statistics;
    for (auto row = rows.begin(); rows.end() - row >= static_cast<std::ptrdiff_t>(row_length); row += row_length) {
        PersonStatistics s;
        s.people = static_cast<std::int64_t>(row[0]);
        s.mean = row[1];
        s.sd = row[2];
        s.top_share_1 = row[3];
        s.top_share_5 = row[4];
        s.top_share_10 = row[5];
        if (s.people > 0) s.quantiles.assign(row + 6, row + row_length);
        statistics.push_back(std::move(s));
    }
    return statistics;
}

std::string place_of(const std::string& prefix, const Measure& measure) { return prefix + "measures/" + measure.name; }

}  // namespace

std::uint64_t RunResults::digest() const {
    std::uint64_t h = combine64(static_cast<std::uint64_t>(people_at_start), static_cast<std::uint64_t>(people_alive));
    const auto add = [&](std::uint64_t x) { h = combine64(h, x); };
    for (const auto& m : measures) {
        for (const auto x : m.sum) add(static_cast<std::uint64_t>(x));
        for (const auto x : m.weight) add(static_cast<std::uint64_t>(x));
        for (const auto& p : m.persons) {
            add(static_cast<std::uint64_t>(p.people));
            for (const double x : {p.mean, p.sd, p.top_share_1, p.top_share_5, p.top_share_10})
                add(std::bit_cast<std::uint64_t>(x));
            for (const double x : p.quantiles) add(std::bit_cast<std::uint64_t>(x));
        }
    }
    for (const auto& signal : signals)
        for (const double x : signal) add(std::bit_cast<std::uint64_t>(x));
    return h;
}

std::vector<MeasureSums> empty_sums(const Model& model) {
    std::vector<MeasureSums> all;
    for (const Measure& measure : model.measures) {
        MeasureSums sums;
        const bool borders = measure.kind == MeasureSpec::Kind::people || measure.kind == MeasureSpec::Kind::points;
        sums.periods = model.years + (borders ? 1 : 0);
        sums.cells = model.groupings[static_cast<std::size_t>(measure.grouping)].cells;
        sums.sum.assign(static_cast<std::size_t>(sums.periods) * static_cast<std::size_t>(sums.cells), 0);
        if (measure.is_mean) sums.weight.assign(sums.sum.size(), 0);
        all.push_back(std::move(sums));
    }
    return all;
}

void save_sums(const Model& model, const std::vector<MeasureSums>& sums, const std::string& prefix, Checkpoint& to) {
    for (std::size_t k = 0; k < sums.size(); ++k) {
        const std::string place = place_of(prefix, model.measures[k]);
        to.arrays[place + "/sum"] = sums[k].sum;
        to.arrays[place + "/weight"] = sums[k].weight;
        to.arrays[place + "/persons"] = to_rows(sums[k].persons);
    }
}

std::vector<MeasureSums> restore_sums(const Model& model, const Checkpoint& from, const std::string& prefix) {
    std::vector<MeasureSums> all = empty_sums(model);
    for (std::size_t k = 0; k < all.size(); ++k) {
        const std::string place = place_of(prefix, model.measures[k]);
        const auto& sum = from.array<std::int64_t>(place + "/sum");
        const auto& weight = from.array<std::int64_t>(place + "/weight");
        if (sum.size() != all[k].sum.size() || weight.size() != all[k].weight.size())
            throw IoError(fmt::format("the checkpoint has another shape of measure '{}'", model.measures[k].name));
        all[k].sum = sum;
        all[k].weight = weight;
        all[k].persons = from_rows(from.array<double>(place + "/persons"));
    }
    return all;
}

void save_signals(const Model& model, const std::vector<std::vector<double>>& signals, const std::string& prefix,
                  Checkpoint& to) {
    for (std::size_t k = 0; k < signals.size(); ++k)
        to.arrays[prefix + "signals/" + model.signals[k].name] = signals[k];
}

std::vector<std::vector<double>> restore_signals(const Model& model, const Checkpoint& from,
                                                 const std::string& prefix) {
    std::vector<std::vector<double>> signals;
    for (const Signal& signal : model.signals) signals.push_back(from.array<double>(prefix + "signals/" + signal.name));
    return signals;
}

void save_results(const Model& model, const RunResults& results, const std::string& prefix, Checkpoint& to) {
    save_sums(model, results.measures, prefix, to);
    to.arrays[prefix + "counts"] =
        std::vector<std::int64_t>{results.people_at_start, results.people_alive, results.events, results.evaluations};
    to.arrays[prefix + "person_years"] = std::vector<double>{results.person_years};
    save_signals(model, results.signals, prefix, to);
}

RunResults restore_results(const Model& model, const Checkpoint& from, const std::string& prefix) {
    const auto& counts = from.array<std::int64_t>(prefix + "counts");
    const auto& person_years = from.array<double>(prefix + "person_years");
    if (counts.size() != 4 || person_years.size() != 1)
        throw IoError(fmt::format("the checkpoint is damaged: '{}counts' has {} values", prefix, counts.size()));
    RunResults results;
    results.measures = restore_sums(model, from, prefix);
    results.people_at_start = counts[0];
    results.people_alive = counts[1];
    results.events = counts[2];
    results.evaluations = counts[3];
    results.person_years = person_years[0];
    results.signals = restore_signals(model, from, prefix);
    return results;
}

}  // namespace proeftuin
