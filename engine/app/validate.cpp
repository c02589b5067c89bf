#include "engine/app/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "engine/config/csv.hpp"
#include "engine/core/errors.hpp"

namespace proeftuin::app {
namespace {

namespace fs = std::filesystem;
using models::ValidationEntry;
using models::ValidationRun;
using models::ValidationTarget;
using Keys = std::vector<std::pair<std::string, std::string>>;
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

/// One run with its results; looks up cells of measures by replicate and year.
class Results {
public:
    std::string name;
    const ValidationRun* run = nullptr;
    int start = 0;
    int replicates = 1;
    output::ResultSet set;

    const output::MeasureResult& measure(const std::string& wanted) const {
        if (const auto* m = set.measure(wanted)) return *m;
        std::vector<std::string> names;
        for (const auto& m : set.measures) names.push_back(m.name);
        throw std::invalid_argument(
            fmt::format("run '{}' has no measure '{}' {}", name, wanted, suggestion(wanted, names)));
    }
    /// Sum over the cells that `axes` (axis, label) selects; the label `all` selects every one. `replicate` -1: the
    /// mean of all.
    double cell(const std::string& wanted, int replicate, double period, const Keys& axes) const {
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
            const int at = place(labels, label);
            if (at < 0)
                throw std::invalid_argument(fmt::format("axis '{}' of measure '{}' has no '{}'", axis, wanted, label));
            want[*d] = at;
        }
        double sum = 0.0;
        add(m, want, 0, 0, sum);
        return m.dim("replicate") && replicate < 0 ? sum / replicates : sum;
    }
    /// Whether the axis has the label.
    bool has(const std::string& wanted, const std::string& axis, const std::string& label) const {
        const auto& m = measure(wanted);
        const auto d = m.dim(axis);
        return d && place(m.dims[*d].labels, label) >= 0;
    }
    double statistic(const std::string& wanted, const std::string& which, int replicate, int period) const {
        const auto& m = measure(wanted);
        const auto s =
            std::find_if(m.statistics.begin(), m.statistics.end(), [&](const auto& x) { return x.name == which; });
        if (s == m.statistics.end())
            throw std::invalid_argument(fmt::format("measure '{}' does not show '{}'", wanted, which));
        const std::size_t periods = s->values.size() / static_cast<std::size_t>(replicates);
        const auto at = [&](int r) {
            const double v =
                s->values[static_cast<std::size_t>(r) * periods + static_cast<std::size_t>(period - start)];
            return std::isnan(v) ? s->values[static_cast<std::size_t>(r + 1) * periods - 1] : v;  // of the whole run
        };
        if (replicate >= 0) return at(replicate);
        double sum = 0.0;
        for (int r = 0; r < replicates; ++r) sum += at(r);
        return sum / replicates;
    }

private:
    /// A table writes a single year of age as 7, a measure as 7-7 and its last one as 100+.
    static int place(const std::vector<std::string>& labels, const std::string& label) {
        for (const auto& wanted : {label, label + "-" + label, label + "+"})
            if (const auto it = std::find(labels.begin(), labels.end(), wanted); it != labels.end())
                return static_cast<int>(it - labels.begin());
        return -1;
    }
    static void add(const output::MeasureResult& m, const std::vector<int>& want, std::size_t d, std::size_t index,
                    double& sum) {
        if (d == m.dims.size()) {
            if (!std::isnan(m.values[index])) sum += m.values[index];
            return;
        }
        const std::size_t n = m.dims[d].size();
        if (want[d] >= 0) return add(m, want, d + 1, index * n + static_cast<std::size_t>(want[d]), sum);
        for (std::size_t i = 0; i < n; ++i) add(m, want, d + 1, index * n + i, sum);
    }
};

std::string fill(std::string text, const Observed& table, std::size_t row) {
    for (std::size_t open = text.find('<'); open != std::string::npos; open = text.find('<')) {
        const std::size_t close = text.find('>', open);
        if (close == std::string::npos) throw std::invalid_argument(fmt::format("'{}' has no '>'", text));
        text.replace(open, close - open + 1, table.text(row, text.substr(open + 1, close - open - 1)));
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
    Comparison(const ValidationTarget& target, const Results& run, SourceFiles& files, DiagnosticSink& sink)
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
    const Results& run_;
    Observed table_;
    std::optional<Observed> weights_, rates_;
};

double Comparison::value(std::size_t row, int year, int replicate) const {
    const std::string measure = fill(target_.measure, table_, row);
    const double period = year + static_cast<double>(target_.after);
    Keys axes;
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
                Keys at = axes;
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
                Keys at = axes;
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
        Keys at = axes;
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
            const double half = interval_of_mean(replicates);
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
        const double half = interval_of_mean(replicates);
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

bool explains(const models::ValidationExplanation& e, const ValidationRow& row) {
    const auto in = [](const std::vector<std::string>& list, const std::string& x) {
        return std::find(list.begin(), list.end(), x) != list.end();
    };
    if (!in(e.targets, row.target) || (!e.runs.empty() && !in(e.runs, row.run))) return false;
    return std::all_of(e.rows.begin(), e.rows.end(), [&](const auto& f) {
        if (f.key == "year") return in(f.value, std::to_string(row.year));
        return std::any_of(row.keys.begin(), row.keys.end(),
                           [&](const auto& k) { return k.first == f.key && in(f.value, k.second); });
    });
}

std::string keys_text(const ValidationRow& row) {
    std::string out;
    for (const auto& k : row.keys) out += (out.empty() ? "" : ", ") + k.second;
    return out.empty() ? "all" : out;
}

std::string number(double x) {
    if (std::isnan(x)) return "";
    const double size = std::fabs(x);
    if (size == 0.0) return "0";
    if (size >= 1000.0) return fmt::format("{:.0f}", x);
    if (size >= 100.0) return fmt::format("{:.1f}", x);
    if (size >= 1.0) return fmt::format("{:.2f}", x);
    return fmt::format("{:.4f}", x);
}

std::string percent(double x) { return std::isnan(x) || std::isinf(x) ? "" : fmt::format("{:+.1f} %", 100.0 * x); }

double relative(const ValidationRow& row) {
    return row.is_error || row.observed == 0.0 ? nothing : row.simulated / row.observed - 1.0;
}
double naive_error(const ValidationRow& row) { return row.is_error ? row.naive : row.naive / row.observed - 1.0; }
/// 1 - |error| / |error of the naive forecast|: above 0 is better than naive.
double skill(const ValidationRow& row) {
    const double own = row.is_error ? row.simulated : relative(row);
    return 1.0 - std::fabs(own) / std::fabs(naive_error(row));
}

std::string bound_text(const ValidationTarget& t) {
    if (!t.bound) return "none";
    std::vector<std::string> parts;
    if (t.bound->relative) parts.push_back(fmt::format("{:g} %", 100.0 * *t.bound->relative));
    if (t.bound->absolute)
        parts.push_back(fmt::format("{:g}{}{}", *t.bound->absolute, t.unit.empty() ? "" : " ", t.unit));
    if (t.bound->at_least) parts.push_back("at least the observed value");
    if (!t.bound->better_than.empty()) parts.push_back("better than the naive forecast");
    std::string out = fmt::format("{}", fmt::join(parts, " or "));
    if (t.from > 0.0) out += fmt::format(", for observed values from {:g}", t.from);
    return out;
}

struct Counts {
    int rows = 0, inside = 0, noise = 0, explained = 0, outside = 0, shown = 0;
    void add(Verdict v) {
        ++rows;
        switch (v) {
            case Verdict::inside:
                ++inside;
                break;
            case Verdict::noise:
                ++noise;
                break;
            case Verdict::explained:
                ++explained;
                break;
            case Verdict::outside:
                ++outside;
                break;
            case Verdict::shown:
                ++shown;
                break;
        }
    }
};

Counts count(const ValidationReport& report, const std::string& target) {
    Counts c;
    for (const auto& r : report.rows)
        if (target.empty() || r.target == target) c.add(r.verdict);
    return c;
}

const char* word(Verdict v) {
    switch (v) {
        case Verdict::inside:
            return "in bounds";
        case Verdict::noise:
            return "within noise";
        case Verdict::explained:
            return "out of bounds, explained";
        case Verdict::outside:
            return "out of bounds";
        case Verdict::shown:
            return "shown only";
    }
    return "";
}

bool has_target(const ValidationReport& report, const std::string& name) {
    return std::any_of(report.rows.begin(), report.rows.end(), [&](const auto& r) { return r.target == name; });
}

std::string html_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else
            out += c;
    }
    return out;
}

/// The cells of a row of the page, in the order of `headings`.
std::vector<std::string> row_cells(const ValidationRow& r) {
    std::vector<std::string> cells{r.run,
                                   std::to_string(r.year),
                                   keys_text(r),
                                   number(r.observed),
                                   number(r.simulated),
                                   std::isnan(r.low) ? "" : number(r.low) + " to " + number(r.high),
                                   r.is_error ? "" : number(r.simulated - r.observed),
                                   percent(relative(r))};
    if (!std::isnan(r.naive)) {
        cells.push_back(percent(naive_error(r)));
        cells.push_back(fmt::format("{:.2f}", skill(r)));
    }
    return cells;
}

std::vector<std::string> headings(bool naive) {
    std::vector<std::string> h{"run",       "year",          "row",        "observed",
                               "simulated", "95 % interval", "difference", "relative"};
    if (naive) h.insert(h.end(), {"error of naive", "skill"});
    return h;
}

bool has_naive(const ValidationReport& report, const std::string& target) {
    return std::any_of(report.rows.begin(), report.rows.end(),
                       [&](const auto& r) { return r.target == target && !std::isnan(r.naive); });
}

}  // namespace

double interval_of_mean(const std::vector<double>& values) {
    const std::size_t n = values.size();
    if (n < 2) return nothing;
    double mean = 0.0, squares = 0.0;
    for (const double x : values) mean += x / static_cast<double>(n);
    for (const double x : values) squares += (x - mean) * (x - mean);
    // 97.5 % quantiles of Student's t with 1 to 15 degrees of freedom; beyond, a rule good to 0.5 %.
    static constexpr double t[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306,
                                   2.262,  2.228, 2.201, 2.179, 2.160, 2.145, 2.131};
    const double free = static_cast<double>(n - 1);
    const double quantile = n - 1 <= std::size(t) ? t[n - 2] : 1.96 + 2.5 / free;
    return quantile * std::sqrt(squares / free / static_cast<double>(n));
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

std::string validation_summary(const ValidationReport& report) {
    std::string out = fmt::format("{:<34} {:>6} {:>6} {:>6} {:>10} {:>6} {:>6}\n", "target", "rows", "in", "noise",
                                  "explained", "OUT", "shown");
    const auto line = [&](const std::string& name, const Counts& c) {
        out += fmt::format("{:<34} {:>6} {:>6} {:>6} {:>10} {:>6} {:>6}\n", name, c.rows, c.inside, c.noise,
                           c.explained, c.outside, c.shown);
    };
    for (const auto& t : report.entry.targets)
        if (has_target(report, t.key)) line(t.key, count(report, t.key));
    line("all", count(report, {}));
    return out;
}

std::string validation_markdown(const ValidationReport& report) {
    const auto table = [](const std::vector<std::string>& heads) {
        std::string rule = "|";
        for (std::size_t k = 0; k < heads.size(); ++k) rule += "---|";
        return fmt::format("| {} |\n{}\n", fmt::join(heads, " | "), rule);
    };
    const auto mark = [](Verdict v) {
        switch (v) {
            case Verdict::outside:
                return "🔴";
            case Verdict::explained:
                return "🔴 explained";
            case Verdict::noise:
                return "🟡";
            case Verdict::inside:
                return "🟢";
            case Verdict::shown:
                return "";
        }
        return "";
    };
    std::string out = fmt::format("# Validation: {}\n\n{}\n\n", report.entry.name.value, report.entry.doc);
    out +=
        "Made by `proeftuin validate`; do not edit by hand. 🔴 the row is out of bounds; 🟡 the estimate is, but "
        "the 95 % interval of the replicates reaches into the bound; "
        "🟢 in bounds; no mark: shown only. The interval is the Monte-Carlo interval of the run; it holds no "
        "uncertainty of parameters.\n\n";
    if (report.quick) out += "**Made with `--quick`: fewer people and replicates.**\n\n";
    out += table({"target", "bound", "data", "used to fit", "rows", "🟢 in", "🟡 noise", "🔴 explained", "🔴 out",
                  "shown only"});
    for (const auto& t : report.entry.targets) {
        if (!has_target(report, t.key)) continue;
        const Counts c = count(report, t.key);
        out += fmt::format("| [{}](#{}) | {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", t.value.title, t.key,
                           bound_text(t.value), t.value.data, t.value.used_to_fit ? "yes" : "**no**", c.rows, c.inside,
                           c.noise, c.explained, c.outside, c.shown);
    }
    const Counts c = count(report, {});
    out += fmt::format("| all | | | | {} | {} | {} | {} | {} | {} |\n\n", c.rows, c.inside, c.noise, c.explained,
                       c.outside, c.shown);
    out += "Runs:\n\n";
    for (const auto& r : report.runs) out += "- " + r + "\n";
    out += "\n## Out of bounds\n\n";
    bool any = false;
    for (const auto& t : report.entry.targets) {
        std::vector<std::pair<std::string, std::vector<std::string>>> causes;
        for (const auto& r : report.rows) {
            if (r.target != t.key || (r.verdict != Verdict::outside && r.verdict != Verdict::explained)) continue;
            const std::string because = r.verdict == Verdict::outside ? "**Not explained.**" : r.because;
            auto it = std::find_if(causes.begin(), causes.end(), [&](const auto& x) { return x.first == because; });
            if (it == causes.end()) it = causes.insert(causes.end(), {because, {}});
            it->second.push_back(fmt::format("{} {} {} ({})", r.run, r.year, keys_text(r),
                                             r.is_error ? number(r.simulated) : percent(relative(r))));
        }
        if (causes.empty()) continue;
        any = true;
        out += fmt::format("### {}\n\n", t.value.title);
        for (const auto& [because, rows] : causes)
            out += fmt::format("{}\n\n- {}\n\n", because, fmt::join(rows, "\n- "));
    }
    if (!any) out += "No row is.\n\n";
    for (const auto& t : report.entry.targets) {
        if (!has_target(report, t.key)) continue;
        const bool naive = has_naive(report, t.key);
        out += fmt::format(
            "<a id=\"{}\"></a>\n\n## {}\n\n{}\n\nBound: {}. Data: {}. Used to fit: {}. Source: `{}`, table `{}`.\n\n",
            t.key, t.value.title, t.value.doc, bound_text(t.value), t.value.data, t.value.used_to_fit ? "yes" : "no",
            t.value.source, t.value.table);
        auto heads = headings(naive);
        heads.insert(heads.begin(), "");
        std::string rows = table(heads);
        int n = 0;
        for (const auto& r : report.rows) {
            if (r.target != t.key) continue;
            auto cells = row_cells(r);
            cells.resize(heads.size() - 1);
            rows += fmt::format("| {} | {} |\n", mark(r.verdict), fmt::join(cells, " | "));
            ++n;
        }
        out += n > 40 ? fmt::format("<details><summary>{} rows</summary>\n\n{}\n</details>\n\n", n, rows) : rows + "\n";
    }
    while (out.ends_with("\n\n")) out.pop_back();
    return out;
}

std::string validation_html(const ValidationReport& report) {
    const auto line = [](const std::vector<std::string>& cells, const char* tag, const char* kind) {
        std::string out = fmt::format("<tr class=\"{}\">", kind);
        for (const auto& c : cells) out += fmt::format("<{}>{}</{}>", tag, html_text(c), tag);
        return out + "</tr>\n";
    };
    const auto kind = [](Verdict v) {
        switch (v) {
            case Verdict::outside:
                return "out";
            case Verdict::explained:
                return "explained";
            case Verdict::noise:
                return "noise";
            case Verdict::inside:
                return "in";
            case Verdict::shown:
                return "shown";
        }
        return "";
    };
    std::string out = fmt::format(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Validation: {0}</title>\n<style>\n"
        "body{{font:15px/1.5 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem;color:#1c1c1c}}\n"
        "table{{border-collapse:collapse;margin:.7rem 0;font-variant-numeric:tabular-nums}}td,th{{padding:.15rem "
        ".6rem;text-align:right;border-bottom:1px solid #ddd}}"
        "td:nth-child(-n+3),th:nth-child(-n+3){{text-align:left}}\n"
        "tr.out td{{background:#e5383b;color:#fff}}tr.explained td{{background:#f6b8b9}}tr.noise "
        "td{{background:#fff0c2}}tr.shown td{{color:#666}}\n"
        "</style></head><body>\n<h1>Validation: {0}</h1>\n<p>{1}</p>\n"
        "<p>Red: out of bounds; pale red: out of bounds with a known cause; yellow: the estimate is out of bounds and "
        "its 95 % interval reaches into them.</p>\n",
        html_text(report.entry.name.value), html_text(report.entry.doc));
    out += "<table>" +
           line({"target", "bound", "data", "used to fit", "rows", "in", "noise", "explained", "out", "shown only"},
                "th", "");
    for (const auto& t : report.entry.targets) {
        if (!has_target(report, t.key)) continue;
        const Counts c = count(report, t.key);
        out += line({t.value.title, bound_text(t.value), t.value.data, t.value.used_to_fit ? "yes" : "no",
                     std::to_string(c.rows), std::to_string(c.inside), std::to_string(c.noise),
                     std::to_string(c.explained), std::to_string(c.outside), std::to_string(c.shown)},
                    "td",
                    c.outside     ? "out"
                    : c.explained ? "explained"
                                  : "");
    }
    out += "</table>\n<ul>";
    for (const auto& r : report.runs) out += "<li>" + html_text(r) + "</li>";
    out += "</ul>\n";
    for (const auto& t : report.entry.targets) {
        if (!has_target(report, t.key)) continue;
        auto heads = headings(has_naive(report, t.key));
        const std::size_t columns = heads.size();
        heads.push_back("verdict");
        out += fmt::format("<h2>{}</h2>\n<p>{}</p>\n<p>Bound: {}. Data: {}. Used to fit: {}. Source: {}.</p>\n<table>",
                           html_text(t.value.title), html_text(t.value.doc), html_text(bound_text(t.value)),
                           html_text(t.value.data), t.value.used_to_fit ? "yes" : "no", html_text(t.value.source));
        out += line(heads, "th", "");
        for (const auto& r : report.rows) {
            if (r.target != t.key) continue;
            auto cells = row_cells(r);
            cells.resize(columns);
            cells.push_back(r.because.empty() ? word(r.verdict) : std::string(word(r.verdict)) + ": " + r.because);
            out += line(cells, "td", kind(r.verdict));
        }
        out += "</table>\n";
    }
    return out + "</body></html>\n";
}

std::string validation_json(const ValidationReport& report) {
    nlohmann::json j;
    j["validation"] = report.entry.name.value;
    j["quick"] = report.quick;
    const auto value = [](double x) { return std::isfinite(x) ? nlohmann::json(x) : nlohmann::json(nullptr); };
    const auto counts = [](const Counts& c) {
        return nlohmann::json{{"rows", c.rows},           {"in", c.inside},   {"noise", c.noise},
                              {"explained", c.explained}, {"out", c.outside}, {"shown", c.shown}};
    };
    for (const auto& t : report.entry.targets)
        if (has_target(report, t.key)) j["targets"][t.key] = counts(count(report, t.key));
    j["all"] = counts(count(report, {}));
    j["rows"] = nlohmann::json::array();
    for (const auto& r : report.rows) {
        const auto t = std::find_if(report.entry.targets.begin(), report.entry.targets.end(),
                                    [&](const auto& x) { return x.key == r.target; });
        nlohmann::json keys = nlohmann::json::object();
        for (const auto& k : r.keys) keys[k.first] = k.second;
        nlohmann::json row{{"target", r.target},
                           {"run", r.run},
                           {"year", r.year},
                           {"keys", keys},
                           {"observed", value(r.observed)},
                           {"simulated", value(r.simulated)},
                           {"low", value(r.low)},
                           {"high", value(r.high)},
                           {"difference", value(r.simulated - r.observed)},
                           {"relative", value(relative(r))},
                           {"verdict", word(r.verdict)}};
        if (t != report.entry.targets.end()) {
            row["data"] = t->value.data;
            row["used_to_fit"] = t->value.used_to_fit;
        }
        if (!std::isnan(r.naive)) {
            row["naive"] = value(r.naive);
            row["skill"] = value(skill(r));
        }
        if (!r.because.empty()) row["because"] = r.because;
        j["rows"].push_back(std::move(row));
    }
    return j.dump(2);
}

int validate(const ValidateChoices& choices, const Common& common) {
    std::string file = choices.file;
    if (file.empty()) {
        file = "scenarios/validation/dutch.yaml";
        for (const char* beside : {"../../scenarios/validation/dutch.yaml", "../scenarios/validation/dutch.yaml"})
            if (!fs::exists(file)) file = (fs::path(models::library_folder()) / beside).lexically_normal().string();
    }
    if (!fs::exists(file)) throw IoError(fmt::format("there is no file '{}'", file));
    catch_interrupt();
    SourceFiles files;
    DiagnosticSink sink;
    const auto complain = [&](const DiagnosticSink& s, const SourceFiles& f) {
        if (common.json)
            fmt::print("{}\n", render(s.items(), f, DiagnosticFormat::json, Colour::off));
        else
            fmt::print(stderr, "{}",
                       render(s.items(), f, common.format == "short" ? DiagnosticFormat::brief : DiagnosticFormat::full,
                              interactive() ? Colour::on : Colour::off));
        return exit_code::scenario;
    };
    auto entry = models::load_validation(file, files, sink);
    if (!entry) return complain(sink, files);
    ValidationReport report;
    report.entry = std::move(*entry);
    report.quick = choices.quick;
    for (const auto& name : choices.only)
        if (std::none_of(report.entry.targets.begin(), report.entry.targets.end(),
                         [&](const auto& t) { return t.key == name; })) {
            std::vector<std::string> names;
            for (const auto& t : report.entry.targets) names.push_back(t.key);
            throw std::invalid_argument(fmt::format("there is no target '{}' {}", name, suggestion(name, names)));
        }
    const auto wanted = [&](const std::string& target) {
        return choices.only.empty() ||
               std::find(choices.only.begin(), choices.only.end(), target) != choices.only.end();
    };
    std::map<std::string, std::vector<ValidationRow>> rows;  // by target
    for (const auto& run : report.entry.runs) {
        std::vector<const MapItem<ValidationTarget>*> targets;
        for (const auto& t : report.entry.targets)
            if (wanted(t.key) && std::any_of(t.value.runs.begin(), t.value.runs.end(),
                                             [&](const auto& r) { return r.value == run.key; }))
                targets.push_back(&t);
        if (targets.empty()) continue;
        RunChoices settings;
        settings.scenario = run.value.scenario.value;
        settings.threads = choices.threads;
        if (run.value.years) settings.load.years = static_cast<int>(*run.value.years);
        if (run.value.people) settings.load.people = static_cast<std::size_t>(*run.value.people);
        settings.replicates = static_cast<int>(run.value.replicates);
        if (choices.quick) {
            settings.replicates = std::min(2, *settings.replicates);
            settings.load.people = std::min<std::size_t>(100'000, settings.load.people.value_or(100'000));
        }
        if (!common.json) fmt::print(stderr, "run {} ...\n", run.key);
        Prepared prepared;
        prepare(prepared, settings);
        if (!prepared.model) return complain(prepared.sink, prepared.files);
        auto outcome = run_prepared(prepared, settings, common);
        if (!outcome.finished) return exit_code::interrupted;
        Results results;
        results.name = run.key;
        results.run = &run.value;
        results.start = static_cast<int>(prepared.model->start_year);
        results.replicates = prepared.scenario.replicates;
        results.set = std::move(outcome.results);
        report.runs.push_back(fmt::format("`{}`: {}, {} people, {} {} from {}, {} {}, seed {}", run.key,
                                          settings.scenario, outcome.raw.people_at_start, prepared.scenario.model.years,
                                          prepared.scenario.model.years == 1 ? "year" : "years", results.start,
                                          results.replicates, results.replicates == 1 ? "replicate" : "replicates",
                                          prepared.scenario.seed));
        for (const auto* t : targets) {
            auto found = Comparison(t->value, results, files, sink).rows(t->key);
            if (sink.has_errors()) return complain(sink, files);
            auto& all = rows[t->key];
            all.insert(all.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
        }
    }
    for (const auto& t : report.entry.targets)
        for (auto& r : rows[t.key]) {
            if (r.verdict == Verdict::outside)
                for (const auto& e : report.entry.explained)
                    if (explains(e, r)) {
                        r.verdict = Verdict::explained;
                        r.because = e.because;
                        break;
                    }
            report.rows.push_back(std::move(r));
        }
    const auto write = [](const std::string& path, const std::string& text) {
        std::ofstream out(path, std::ios::binary);
        out << text;
        out.close();
        if (!out) throw IoError(fmt::format("cannot write {}", path));
    };
    if (!choices.markdown.empty()) write(choices.markdown, validation_markdown(report));
    if (!choices.html.empty()) write(choices.html, validation_html(report));
    const Counts all = count(report, {});
    if (common.json) {
        fmt::print("{}\n", validation_json(report));
    } else {
        fmt::print("{}", validation_summary(report));
        int printed = 0;
        for (const auto& r : report.rows)
            if (r.verdict == Verdict::outside && ++printed <= 40)
                fmt::print("out of bounds: {} {} {} {}: observed {}, simulated {} ({})\n", r.target, r.run, r.year,
                           keys_text(r), number(r.observed), number(r.simulated), percent(relative(r)));
        if (printed > 40) fmt::print("... and {} more\n", printed - 40);
        for (const auto& path : {choices.markdown, choices.html})
            if (!path.empty()) fmt::print("page in {}\n", path);
    }
    return all.outside > 0 ? exit_code::validation : exit_code::ok;
}

}  // namespace proeftuin::app
