#include "engine/app/validation_comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <stdexcept>

#include "engine/config/csv.hpp"
#include "output/difference.hpp"

namespace proeftuin::app {
namespace {

namespace fs = std::filesystem;
using models::ValidationTarget;
using Filter = std::vector<MapItem<std::vector<std::string>>>;

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

/// A table as the validation reads it: texts by name of column.
class Observed {
public:
    Observed(const std::string& path, SourceFiles& files, DiagnosticSink& sink) : path_{path} {
        auto table = read_csv_file(files, path, sink);
        if (!table) throw std::invalid_argument(fmt::format("the table {} cannot be read", path));
        table_ = std::move(*table);
    }
    std::size_t rows() const { return table_.rows.size(); }
    bool has(const std::string& column) const { return table_.column(column).has_value(); }
    const std::string& text(std::size_t row, const std::string& column) const {
        const auto c = table_.column(column);
        if (!c) throw std::invalid_argument(fmt::format("{} has no column '{}'", path_, column));
        return table_.rows[row][*c].text;
    }
    double number(std::size_t row, const std::string& column) const {
        return parse_number(text(row, column)).value_or(nothing);
    }
    bool passes(std::size_t row, const Filter& filter) const {
        return std::all_of(filter.begin(), filter.end(), [&](const auto& f) {
            return std::find(f.value.begin(), f.value.end(), text(row, f.key)) != f.value.end();
        });
    }

private:
    std::string path_;
    CsvTable table_;
};

/// A table writes a single year of age as 7, a measure as 7-7 and its last one as 100+.
int place_of(const std::vector<std::string>& labels, const std::string& label) {
    for (const auto& wanted : {label, label + "-" + label, label + "+"})
        if (const auto it = std::find(labels.begin(), labels.end(), wanted); it != labels.end())
            return static_cast<int>(it - labels.begin());
    return -1;
}

/// Adds the cells from `index` on whose places along the axes from `d` on are those wanted; -1: every one.
void add_cells(const output::MeasureResult& m, const std::vector<int>& want, std::size_t d, std::size_t index,
               double& sum) {
    if (d == m.dims.size()) {
        if (!std::isnan(m.values[index])) sum += m.values[index];
        return;
    }
    const std::size_t n = m.dims[d].size();
    if (want[d] >= 0) return add_cells(m, want, d + 1, index * n + static_cast<std::size_t>(want[d]), sum);
    for (std::size_t i = 0; i < n; ++i) add_cells(m, want, d + 1, index * n + i, sum);
}

/// The text with the value of its column in the place of every <column>.
std::string fill(std::string text, const Observed& table, std::size_t row) {
    std::size_t from = 0;
    for (std::size_t open = text.find('<'); open != std::string::npos; open = text.find('<', from)) {
        const std::size_t close = text.find('>', open);
        if (close == std::string::npos) throw std::invalid_argument(fmt::format("'{}' has no '>'", text));
        const std::string value = table.text(row, text.substr(open + 1, close - open - 1));
        text.replace(open, close - open + 1, value);
        from = open + value.size();
    }
    return text;
}

std::vector<std::string> columns_in(const std::string& text) {
    std::vector<std::string> out;
    for (std::size_t open = text.find('<'); open != std::string::npos; open = text.find('<', open + 1))
        out.push_back(text.substr(open + 1, text.find('>', open) - open - 1));
    return out;
}

/// The rows of other tables that belong to a run and a year.
std::vector<std::size_t> rows_of(const Observed& table, const Filter& filter, const std::string& region,
                                 const std::string& year) {
    std::vector<std::size_t> out;
    const bool year_given = std::any_of(filter.begin(), filter.end(), [](const auto& f) { return f.key == "year"; });
    for (std::size_t i = 0; i < table.rows(); ++i) {
        if (!region.empty() && table.has("region") && table.text(i, "region") != region) continue;
        if (!year_given && table.has("year") && table.text(i, "year") != year) continue;
        if (table.passes(i, filter)) out.push_back(i);
    }
    return out;
}

class Comparison {
public:
    Comparison(const ValidationTarget& target, const ValidationResults& run, SourceFiles& files, DiagnosticSink& sink)
        : target_{target}, run_{run}, table_{beside(target.table), files, sink} {
        if (target.weights) weights_.emplace(beside(target.weights->file), files, sink);
        if (target.expected) rates_.emplace(beside(target.expected->file), files, sink);
    }
    std::vector<ValidationRow> rows(const std::string& name) const;

private:
    std::string beside(const std::string& file) const {
        return (fs::path(target_.folder) / file).lexically_normal().string();
    }
    double value(std::size_t row, int year, int replicate) const;

    const ValidationTarget& target_;
    const ValidationResults& run_;
    Observed table_;
    std::optional<Observed> weights_, rates_;
};

double Comparison::value(std::size_t row, int year, int replicate) const {
    const std::string measure = fill(target_.measure, table_, row);
    const double period = year + static_cast<double>(target_.after);
    AxisLabels axes;
    for (const auto& b : target_.by) axes.emplace_back(b.value, table_.text(row, b.key));
    switch (target_.quantity) {
        case ValidationTarget::Quantity::statistic:
            return run_.statistic(measure, fill(target_.statistic, table_, row), replicate, static_cast<int>(period));
        case ValidationTarget::Quantity::life_expectancy: {
            std::vector<double> rates;
            const auto& m = run_.measure(measure);
            const auto ages = m.dim("year_of_age");
            if (!ages) throw std::invalid_argument(fmt::format("measure '{}' has no axis 'year_of_age'", measure));
            for (const auto& label : m.dims[*ages].labels) {
                AxisLabels at = axes;
                at.emplace_back("year_of_age", label);
                const double time = run_.cell(target_.per, replicate, period, at);
                rates.push_back(time > 0.0 ? run_.cell(measure, replicate, period, at) / time : 0.0);
            }
            return life_expectancy(rates);
        }
        case ValidationTarget::Quantity::over_expected: {
            double expected = 0.0;
            for (const std::size_t r :
                 rows_of(*rates_, target_.expected->rows, run_.run->region, std::to_string(year))) {
                AxisLabels at = axes;
                bool known = true;  // tables go on beyond the last age of the measure, where nobody is left
                for (const auto& b : target_.expected->by) {
                    at.emplace_back(b.value, rates_->text(r, b.key));
                    known = known && run_.has(measure, b.value, at.back().second);
                }
                if (known)
                    expected +=
                        rates_->number(r, target_.expected->column) * run_.cell(target_.per, replicate, period, at);
            }
            return run_.cell(measure, replicate, period, axes) / expected;
        }
        case ValidationTarget::Quantity::of_start:
            return target_.scale * run_.cell(measure, replicate, period, axes) /
                   run_.cell(target_.per, replicate, run_.start, {});
        case ValidationTarget::Quantity::ratio:
            break;
    }
    if (!weights_) {
        const double amount = run_.cell(measure, replicate, period, axes);
        return target_.scale *
               (target_.per.empty() ? amount : amount / run_.cell(target_.per, replicate, period, axes));
    }
    const auto& w = *target_.weights;
    const int weight_year = w.grown ? run_.start : year;
    double sum = 0.0, total = 0.0;
    for (const std::size_t r : rows_of(*weights_, w.rows, run_.run->region, std::to_string(weight_year))) {
        AxisLabels at = axes;
        for (const auto& b : w.by) at.emplace_back(b.value, weights_->text(r, b.key));
        const double time = run_.cell(target_.per, replicate, period, at);
        double weight = weights_->number(r, w.column);
        if (w.grown) weight *= time / run_.cell(target_.per, replicate, run_.start, at);
        if (!(time > 0.0) || !(weight > 0.0)) continue;
        sum += weight * run_.cell(measure, replicate, period, at) / time;
        total += weight;
    }
    return target_.scale * sum / total;
}

std::vector<ValidationRow> Comparison::rows(const std::string& name) const {
    std::vector<ValidationRow> out;
    std::vector<long long> years = target_.years;
    if (years.empty()) years.push_back(run_.start);
    for (const long long year : years) {
        std::vector<std::vector<double>> each;  // rows x replicates
        const std::size_t first = out.size();
        for (const std::size_t i : rows_of(table_, target_.rows, run_.run->region, std::to_string(year))) {
            ValidationRow row;
            row.target = name;
            row.run = run_.name;
            row.year = static_cast<int>(year);
            for (const auto& text : {target_.measure, target_.statistic})
                for (const auto& column : columns_in(text)) row.keys.emplace_back(column, table_.text(i, column));
            for (const auto& b : target_.by) row.keys.emplace_back(b.key, table_.text(i, b.key));
            row.observed = table_.number(i, target_.value);
            if (std::isnan(row.observed)) continue;
            if (!target_.naive.empty()) row.naive = table_.number(i, target_.naive);
            if (!target_.weight.empty()) row.weight = table_.number(i, target_.weight);
            row.simulated = value(i, row.year, -1);
            std::vector<double> replicates;
            for (int r = 0; r < run_.replicates; ++r) replicates.push_back(value(i, row.year, r));
            const double half = output::interval_of_mean(replicates);
            row.low = row.simulated - half;
            row.high = row.simulated + half;
            if (target_.bound && target_.weight.empty() && std::fabs(row.observed) >= target_.from)
                row.verdict = judge(row, *target_.bound);
            each.push_back(std::move(replicates));
            out.push_back(std::move(row));
        }
        if (target_.weight.empty() || out.size() == first) continue;
        // One row for all: the mean absolute relative error, weighed.
        ValidationRow all;
        all.target = name;
        all.run = run_.name;
        all.year = static_cast<int>(year);
        all.keys = {{"all", "mean absolute error of all rows"}};
        all.is_error = true;
        all.observed = 0.0;
        const auto error = [&](const auto& of) {
            double sum = 0.0, total = 0.0;
            for (std::size_t k = first; k < out.size(); ++k) {
                if (!(out[k].observed > 0.0)) continue;
                sum += out[k].weight * std::fabs(of(k) / out[k].observed - 1.0);
                total += out[k].weight;
            }
            return sum / total;
        };
        all.simulated = error([&](std::size_t k) { return out[k].simulated; });
        all.naive = error([&](std::size_t k) { return out[k].naive; });
        std::vector<double> replicates;
        for (int r = 0; r < run_.replicates; ++r)
            replicates.push_back(error([&](std::size_t k) { return each[k - first][static_cast<std::size_t>(r)]; }));
        const double half = output::interval_of_mean(replicates);
        all.low = all.simulated - half;
        all.high = all.simulated + half;
        if (target_.bound)
            all.verdict = all.simulated <= all.naive ? Verdict::inside
                          : all.low <= all.naive     ? Verdict::noise
                                                     : Verdict::outside;
        out.insert(out.begin() + static_cast<std::ptrdiff_t>(first), std::move(all));
    }
    return out;
}

}  // namespace

const output::MeasureResult& ValidationResults::measure(const std::string& wanted) const {
    if (const auto* m = set.measure(wanted)) return *m;
    std::vector<std::string> names;
    for (const auto& m : set.measures) names.push_back(m.name);
    throw std::invalid_argument(
        fmt::format("run '{}' has no measure '{}' {}", name, wanted, suggestion(wanted, names)));
}

double ValidationResults::cell(const std::string& wanted, int replicate, double period, const AxisLabels& axes) const {
    const auto& m = measure(wanted);
    std::vector<int> want(m.dims.size(), -1);
    for (std::size_t d = 0; d < m.dims.size(); ++d) {
        const auto& dim = m.dims[d];
        if (dim.name == "replicate") want[d] = replicate;
        if (dim.name == "year" || dim.name == "date") {
            const auto it = std::find(dim.numbers.begin(), dim.numbers.end(), period);
            if (it == dim.numbers.end())
                throw std::invalid_argument(
                    fmt::format("run '{}' has no year {} for measure '{}'", name, period, wanted));
            want[d] = static_cast<int>(it - dim.numbers.begin());
        }
    }
    for (const auto& [axis, label] : axes) {
        if (label == "all") continue;
        const auto d = m.dim(axis);
        if (!d) throw std::invalid_argument(fmt::format("measure '{}' has no axis '{}'", wanted, axis));
        const auto& labels = m.dims[*d].labels;
        const int at = place_of(labels, label);
        if (at < 0)
            throw std::invalid_argument(fmt::format("axis '{}' of measure '{}' has no '{}'", axis, wanted, label));
        want[*d] = at;
    }
    double sum = 0.0;
    add_cells(m, want, 0, 0, sum);
    return m.dim("replicate") && replicate < 0 ? sum / replicates : sum;
}

bool ValidationResults::has(const std::string& wanted, const std::string& axis, const std::string& label) const {
    const auto& m = measure(wanted);
    const auto d = m.dim(axis);
    return d && place_of(m.dims[*d].labels, label) >= 0;
}

double ValidationResults::statistic(const std::string& wanted, const std::string& which, int replicate,
                                    int period) const {
    const auto& m = measure(wanted);
    const auto s =
        std::find_if(m.statistics.begin(), m.statistics.end(), [&](const auto& x) { return x.name == which; });
    if (s == m.statistics.end())
        throw std::invalid_argument(fmt::format("measure '{}' does not show '{}'", wanted, which));
    const std::size_t periods = s->values.size() / static_cast<std::size_t>(replicates);
    if (period < start || static_cast<std::size_t>(period - start) >= periods)
        throw std::invalid_argument(fmt::format("run '{}' has no year {} for measure '{}'", name, period, wanted));
    const auto at = [&](int r) {
        const double v = s->values[static_cast<std::size_t>(r) * periods + static_cast<std::size_t>(period - start)];
        return std::isnan(v) ? s->values[static_cast<std::size_t>(r + 1) * periods - 1] : v;  // of the whole run
    };
    if (replicate >= 0) return at(replicate);
    double sum = 0.0;
    for (int r = 0; r < replicates; ++r) sum += at(r);
    return sum / replicates;
}
double life_expectancy(const std::vector<double>& rates) {
    double alive = 1.0, years = 0.0;
    for (std::size_t a = 0; a < rates.size(); ++a) {
        const double m = rates[a];
        if (a + 1 == rates.size()) {
            if (m > 0.0) years += alive / m;
            break;
        }
        // Deaths in the first year of life fall early, in others half way.
        const double part = a == 0 ? 0.1 : 0.5;
        const double q = m / (1.0 + (1.0 - part) * m);
        years += alive * (1.0 - q) + part * alive * q;
        alive *= 1.0 - q;
    }
    return years;
}

Verdict judge(const ValidationRow& row, const models::ValidationBound& bound) {
    double slack = -1.0;
    if (bound.absolute) slack = std::max(slack, *bound.absolute);
    if (bound.relative) slack = std::max(slack, *bound.relative * std::fabs(row.observed));
    if (!bound.better_than.empty() && !std::isnan(row.naive))
        slack = std::max(slack, std::fabs(row.naive - row.observed));
    double least = row.observed - slack, most = row.observed + slack;
    if (slack < 0.0) {
        if (!bound.at_least) return Verdict::shown;
        least = row.observed;
    }
    if (bound.at_least) most = std::numeric_limits<double>::infinity();
    if (row.simulated >= least && row.simulated <= most) return Verdict::inside;
    if (row.high >= least && row.low <= most) return Verdict::noise;
    return Verdict::outside;
}

std::vector<ValidationRow> compare(const std::string& name, const ValidationTarget& target,
                                   const ValidationResults& run, SourceFiles& files, DiagnosticSink& sink) {
    return Comparison(target, run, files, sink).rows(name);
}

}  // namespace proeftuin::app
