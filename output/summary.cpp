#include "output/summary.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "engine/core/math.hpp"
#include "output/chance.hpp"
#include "output/export.hpp"
#include "output/growth.hpp"
#include "output/names.hpp"
#include "output/result_set.hpp"
#include "output/show.hpp"
#include "output/text.hpp"

namespace proeftuin::output {
namespace {

using Json = nlohmann::ordered_json;
using Where = std::map<std::string, std::vector<std::string>>;

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

/// Numbers by replicate and period.
struct Series {
    std::string period;
    std::vector<double> periods;
    std::vector<std::vector<double>> values;  ///< [replicate][period]
};

const MeasureResult& measure_called(const ResultSet& set, const std::string& name) {
    if (const auto* measure = set.measure(name)) return *measure;
    throw std::invalid_argument("the summary of '" + set.scenario + "' needs the measure '" + name +
                                "', which it lacks");
}

/// Adds the cells of a measure over the groups that count.
Series series_of(const MeasureResult& measure, const std::vector<double>& cells, const Where& where,
                 const Selection& selection) {
    const auto& dims = measure.dims;
    const auto time = period_axis(measure);
    Series out;
    std::vector<std::size_t> row(time ? dims[*time].size() : 1, 0);
    if (time) {
        out.period = dims[*time].name;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const double period = dims[*time].numbers[i];
            const bool inside = period >= selection.from.value_or(period) && period <= selection.until.value_or(period);
            row[i] = inside ? out.periods.size() : std::numeric_limits<std::size_t>::max();
            if (inside) out.periods.push_back(period);
        }
    } else {
        out.periods.push_back(nothing);
    }
    for (const auto& [axis, labels] : where)
        if (!measure.dim(axis))
            throw std::invalid_argument("the summary divides the measure '" + measure.name + "' by '" + axis +
                                        "', which it lacks");
    std::vector<std::vector<bool>> counts(dims.size());
    std::size_t replicates = 1, groups = 1;
    for (std::size_t i = 0; i < dims.size(); ++i) {
        if (is_repeat(dims[i])) replicates *= dims[i].size();
        const auto kept = where.find(dims[i].name);
        if (kept == where.end()) {
            if (i != time && !is_repeat(dims[i])) groups *= dims[i].size();
            continue;
        }
        counts[i].resize(dims[i].size());
        for (std::size_t j = 0; j < dims[i].size(); ++j)
            counts[i][j] = dims[i].categorical() &&
                           std::find(kept->second.begin(), kept->second.end(), dims[i].labels[j]) != kept->second.end();
        groups *= static_cast<std::size_t>(std::count(counts[i].begin(), counts[i].end(), true));
    }
    if (measure.kind == MeasureKind::mean && groups > 1)
        throw std::invalid_argument("the summary would add up means (measure '" + measure.name + "')");
    out.values.assign(replicates, std::vector<double>(out.periods.size(), nothing));
    std::vector<std::size_t> at(dims.size(), 0);
    for (const double value : cells) {
        std::size_t replicate = 0;
        bool counted = true;
        for (std::size_t i = 0; i < dims.size(); ++i) {
            if (is_repeat(dims[i])) replicate = replicate * dims[i].size() + at[i];
            if (!counts[i].empty()) counted = counted && counts[i][at[i]];
        }
        const std::size_t period = time ? row[at[*time]] : 0;
        if (counted && period < out.periods.size() && !std::isnan(value)) {
            double& cell = out.values[replicate][period];
            cell = std::isnan(cell) ? value : cell + value;
        }
        for (std::size_t i = at.size(); i-- > 0;) {
            if (++at[i] < dims[i].size()) break;
            at[i] = 0;
        }
    }
    return out;
}

template <class Operation>
void combine(Series& a, const Series& b, Operation operation) {
    if (a.period != b.period || a.periods.size() != b.periods.size() || a.values.size() != b.values.size())
        throw std::invalid_argument("the summary joins measures of different periods");
    for (std::size_t r = 0; r < a.values.size(); ++r)
        for (std::size_t t = 0; t < a.periods.size(); ++t) a.values[r][t] = operation(a.values[r][t], b.values[r][t]);
}

Series added(const ResultSet& set, const std::vector<std::string>& names, const Where& where,
             const Selection& selection) {
    if (names.empty()) throw std::invalid_argument("a line of the summary has no measure");
    Series sum;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto& measure = measure_called(set, names[i]);
        Series one = series_of(measure, measure.values, where, selection);
        if (i == 0)
            sum = std::move(one);
        else
            combine(sum, one, [](double a, double b) { return a + b; });
    }
    return sum;
}

/// Lower bounds of bands from their labels: "0-9" -> 0, "90+" -> 90.
std::vector<double> bounds_of(const Dim& dim) {
    std::vector<double> bounds;
    for (const auto& label : dim.labels) {
        double bound = 0.0;
        if (std::from_chars(label.data(), label.data() + label.size(), bound).ec != std::errc{} ||
            (!bounds.empty() && bound <= bounds.back()))
            throw std::invalid_argument("the summary takes '" + dim.name + "' for ages, and '" + label + "' is none");
        bounds.push_back(bound);
    }
    return bounds;
}

Series life_series(const ResultSet& set, const SummaryLine& line, const Selection& selection) {
    const auto& table = *line.life_table;
    const auto& deaths = measure_called(set, table.deaths);
    const auto axis = deaths.dim(table.age);
    if (!axis || !deaths.dims[*axis].categorical())
        throw std::invalid_argument("the summary needs the measure '" + deaths.name + "' by '" + table.age + "'");
    const Dim& ages = deaths.dims[*axis];
    const std::vector<double> bounds = bounds_of(ages);
    std::vector<Series> died, lived, counted;
    for (const auto& label : ages.labels) {
        Where where = line.where;
        where[table.age] = {label};
        died.push_back(added(set, {table.deaths}, where, selection));
        lived.push_back(added(set, {table.person_years}, where, selection));
        if (!table.healthy_years.empty()) counted.push_back(added(set, {table.healthy_years}, where, selection));
    }
    Series out = died.front();
    for (std::size_t r = 0; r < out.values.size(); ++r)
        for (std::size_t t = 0; t < out.periods.size(); ++t) {
            const auto column = [&](const std::vector<Series>& by_age) {
                std::vector<double> numbers;
                for (const auto& one : by_age)
                    numbers.push_back(std::isnan(one.values.at(r).at(t)) ? 0.0 : one.values[r][t]);
                return numbers;
            };
            out.values[r][t] = years_of_life(bounds, column(died), column(lived), column(counted));
        }
    return out;
}

/// `where` of one group each: all that a measure is divided into, of those that count.
std::vector<Where> groups_of(const MeasureResult& measure, const Where& where) {
    std::vector<Where> groups = {where};
    const auto time = period_axis(measure);
    for (std::size_t i = 0; i < measure.dims.size(); ++i) {
        const Dim& dim = measure.dims[i];
        if (i == time || is_repeat(dim)) continue;
        const auto kept = where.find(dim.name);
        const auto& labels = kept == where.end() ? dim.labels : kept->second;
        std::vector<Where> finer;
        for (const auto& group : groups)
            for (const auto& label : labels) {
                finer.push_back(group);
                finer.back()[dim.name] = {label};
            }
        groups = std::move(finer);
    }
    return groups;
}

/// What one of the four has made of an amount since the first period, in the amount's own unit: they add up to it.
Series growth_series(const ResultSet& set, const SummaryLine& line, const Selection& selection) {
    const auto& growth = *line.growth;
    Series total = added(set, {growth.amount}, line.where, selection);
    std::vector<std::vector<GrowthPeriod>> periods(total.values.size(),
                                                   std::vector<GrowthPeriod>(total.periods.size()));
    const auto take = [&](const std::string& name, const Where& group, std::vector<double> GrowthPeriod::*column) {
        Series one = added(set, {name}, group, selection);
        combine(one, total, [](double value, double) { return std::isnan(value) ? 0.0 : value; });
        for (std::size_t r = 0; r < periods.size(); ++r)
            for (std::size_t t = 0; t < periods[r].size(); ++t) (periods[r][t].*column).push_back(one.values[r][t]);
    };
    for (const auto& group : groups_of(measure_called(set, growth.amount), line.where)) {
        take(growth.amount, group, &GrowthPeriod::amount);
        take(growth.person_years, group, &GrowthPeriod::person_years);
        if (!growth.unindexed.empty()) take(growth.unindexed, group, &GrowthPeriod::unindexed);
    }
    using Part = SummaryLine::Growth::Part;
    for (std::size_t r = 0; r < periods.size(); ++r) {
        const double first = total.values[r].empty() ? nothing : total.values[r].front();
        for (std::size_t t = 0; t < periods[r].size(); ++t) {
            const GrowthFactors f = growth_factors(periods[r].front(), periods[r][t]);
            const double factor = growth.part == Part::people ? f.people
                                  : growth.part == Part::ages ? f.ages
                                  : growth.part == Part::care ? f.care
                                                              : f.index;
            double& value = total.values[r][t];
            value = std::isnan(factor) ? nothing : math::log(factor) * logarithmic_mean(first, value);
        }
    }
    return total;
}

Series line_series(const ResultSet& set, const SummaryLine& line, const Selection& selection) {
    if (line.life_table) return life_series(set, line, selection);
    if (line.growth) return growth_series(set, line, selection);
    Series sum;
    if (line.statistic.empty()) {
        sum = added(set, line.measures, line.where, selection);
    } else {
        const auto& measure = measure_called(set, line.measures.at(0));
        const auto found = std::find_if(measure.statistics.begin(), measure.statistics.end(),
                                        [&](const Statistic& s) { return s.name == line.statistic; });
        if (found == measure.statistics.end())
            throw std::invalid_argument("the summary needs '" + line.statistic + "' of the measure '" + measure.name +
                                        "', which it lacks");
        sum = series_of(measure, found->values, line.where, selection);
    }
    if (!line.per.empty())
        combine(sum, added(set, line.per, line.where, selection),
                [](double a, double b) { return b != 0.0 ? a / b : nothing; });
    return sum;
}

/// Mean over replicates, and their standard deviation.
void average(const Series& series, double times, std::vector<double>& mean, std::vector<double>* spread) {
    const auto n = static_cast<double>(series.values.size());
    for (std::size_t t = 0; t < series.periods.size(); ++t) {
        double sum = 0.0;
        for (const auto& one : series.values) sum += times * one[t];
        mean.push_back(sum / n);
        if (spread == nullptr || series.values.size() < 2) continue;
        double squares = 0.0;
        for (const auto& one : series.values)
            squares += (times * one[t] - mean.back()) * (times * one[t] - mean.back());
        spread->push_back(std::sqrt(squares / (n - 1.0)));
    }
}

SummaryRow evaluate(const ResultSet& set, const SummaryLine& line, const std::string& per_1000,
                    const Selection& selection) {
    Series series = line_series(set, line, selection);
    SummaryRow row;
    row.label = line.label;
    row.unit = line.unit;
    row.period = series.period;
    row.periods = series.periods;
    row.decimals = line.decimals;
    row.change = line.change;
    row.note = line.note;
    for (const auto& name : line.measures)
        if (const auto& discount = measure_called(set, name).discount; !discount.empty() && discount != "none")
            row.note += (row.note.empty() ? "" : " ") + ("Discounted: " + discount + ".");
    average(series, line.times, row.values, &row.spread);
    row.replicates = series.values;
    for (auto& one : row.replicates)
        for (double& value : one) value *= line.times;
    row.adds_up = line.per.empty() && line.statistic.empty() && !line.life_table && !line.growth &&
                  std::none_of(line.measures.begin(), line.measures.end(),
                               [&](const auto& name) { return measure_called(set, name).kind == MeasureKind::mean; });
    if (line.growth) {
        row.part = name_of(line.growth->part);
        std::vector<double> amount;
        average(added(set, {line.growth->amount}, line.where, selection), line.times, amount, nullptr);
        if (!amount.empty() && amount.front() > 0.0 && amount.back() > 0.0)
            row.log_mean = logarithmic_mean(amount.front(), amount.back());
    } else if (line.per.empty() && line.statistic.empty() && !line.life_table && row.values.size() > 1) {
        const double first = row.values.front() / line.times, last = row.values.back() / line.times;
        row.within_chance = std::all_of(line.measures.begin(), line.measures.end(), [&](const auto& name) {
            return Chance(set, measure_called(set, name)).hides_change(first, last);
        });
    }
    if (!per_1000.empty()) {
        const Series reference = added(set, {per_1000}, {}, selection);
        if (reference.period == series.period && reference.periods == series.periods) {
            combine(series, reference, [](double a, double b) { return b != 0.0 ? a / b : nothing; });
            average(series, 1000.0, row.per_1000, nullptr);
        }
    }
    return row;
}

// Setting the page.

std::string change_text(const SummaryRow& row, double change, int decimals) {
    if (std::isnan(change)) return "";
    const std::string text = row.change == SummaryLine::Change::units
                                 ? with_sign(change, decimals)
                                 : with_sign(change, std::fabs(change) < 10.0 ? 1 : 0) + " %";
    return row.within_chance ? "(" + text + ")" : text;
}

struct PageLine {
    bool heading = false;
    std::string label;
    std::vector<std::string> cells;
    std::vector<double> trend;
    bool starts_paragraph = false;
};

/// Marks of footnotes in the order of their first use.
class Footnotes {
public:
    explicit Footnotes(Glyphs glyphs) : glyphs_{glyphs} {}
    std::string mark(const std::string& note) {
        if (note.empty()) return "";
        auto at = std::find(notes_.begin(), notes_.end(), note);
        if (at == notes_.end()) at = notes_.insert(notes_.end(), note);
        return sign(static_cast<std::size_t>(at - notes_.begin()));
    }
    std::string text() const {
        std::string out;
        for (std::size_t i = 0; i < notes_.size(); ++i) out += (i ? "  " : "") + sign(i) + " " + notes_[i];
        return out;
    }

private:
    std::string sign(std::size_t index) const {
        static constexpr const char* raised[] = {"¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
        return glyphs_ == Glyphs::unicode && index < 9 ? raised[index] : "[" + std::to_string(index + 1) + "]";
    }
    Glyphs glyphs_;
    std::vector<std::string> notes_;
};

/// Index of the period that stands between the first and the last in the table; nothing when there are few.
std::optional<std::size_t> middle(const SummaryRow& row, double half) {
    for (std::size_t i = 1; i + 1 < row.periods.size(); ++i)
        if (row.periods[i] == half) return i;
    return std::nullopt;
}

class Page {
public:
    Page(const ResultSet& set, const ShowOptions& options) : options_{options}, footnotes_{options.glyphs} {
        blocks_ = evaluate_summary(set, options.selection);
        several_ = set.provenance.replicates > 1;
        double begin = nothing, end = nothing;
        for (const auto& block : blocks_)
            for (const auto& row : block.rows) {
                if (row.period.empty() || row.periods.empty()) continue;
                begin = std::isnan(begin) ? row.periods.front() : std::min(begin, row.periods.front());
                end = std::isnan(end) ? row.periods.back() : std::max(end, row.periods.back());
            }
        half_ = std::floor(begin + (end - begin) / 2.0);
        for (const auto& block : blocks_) add(block);
    }

    std::string table() const;
    std::string footnotes() const { return footnotes_.text(); }
    const std::vector<SummaryBlock>& blocks() const { return blocks_; }

private:
    void add(const SummaryBlock& block);
    PageLine header(const SummaryBlock& block, const SummaryRow& row, std::string label) const;

    const ShowOptions& options_;
    std::vector<SummaryBlock> blocks_;
    bool several_ = false;
    double half_ = nothing;
    Footnotes footnotes_;
    std::vector<PageLine> lines_;
};

PageLine Page::header(const SummaryBlock& block, const SummaryRow& row, std::string label) const {
    PageLine line{true, std::move(label), {}, {}, true};
    const auto period = [&](std::size_t i) { return row.period.empty() ? std::string() : shortest(row.periods[i]); };
    const std::size_t n = row.periods.size();
    if (!block.per_1000.empty())
        line.cells = {period(0), n > 1 ? period(n - 1) : "", "/1,000 " + period(0), n > 1 ? period(n - 1) : "",
                      n > 1 ? "change" : ""};
    else
        line.cells = {period(0), middle(row, half_) ? period(*middle(row, half_)) : "", n > 1 ? period(n - 1) : "",
                      n > 1 ? "change" : "", n > 1 ? "a year" : ""};
    if (several_) line.cells.push_back(options_.glyphs == Glyphs::unicode ? "± sd" : "+/- sd");
    return line;
}

void Page::add(const SummaryBlock& block) {
    if (block.rows.empty()) return;
    const std::string& unit = block.rows.front().unit;
    std::string period;
    bool many = false;
    for (const auto& row : block.rows)
        for (const double value : row.per_1000) many = many || value >= 1000.0;
    const int per_1000_digits = many ? 0 : 1;
    for (std::size_t r = 0; r < block.rows.size(); ++r) {
        const SummaryRow& row = block.rows[r];
        // A row of other periods (years among dates) gets a header of its own.
        const std::string its_period =
            row.period + (row.periods.empty() ? "" : shortest(row.periods.front()) + shortest(row.periods.back()));
        if (r == 0)
            lines_.push_back(header(block, row, unit.empty() ? block.heading : block.heading + ", " + unit));
        else if (its_period != period)
            lines_.push_back(header(block, row, ""));
        period = its_period;
        const int decimals = row.decimals >= 0 ? row.decimals : decimals_for(row.values);
        PageLine line;
        line.label = row.label + (row.unit != unit && !row.unit.empty() ? " (" + row.unit + ")" : "") +
                     footnotes_.mark(row.note);
        const auto number = [&](std::size_t i) {
            return i < row.values.size() ? fixed(row.values[i], decimals) : std::string();
        };
        const std::size_t n = row.values.size();
        const std::size_t last = n - 1;
        if (!block.per_1000.empty()) {
            const bool has = row.per_1000.size() == n;
            line.cells = {number(0), n > 1 ? number(last) : "", has ? fixed(row.per_1000.front(), per_1000_digits) : "",
                          has && n > 1 ? fixed(row.per_1000.back(), per_1000_digits) : "",
                          change_text(row, row.total_change(), decimals)};
        } else {
            line.cells = {number(0), middle(row, half_) ? number(*middle(row, half_)) : "", n > 1 ? number(last) : "",
                          change_text(row, row.total_change(), decimals),
                          change_text(row, row.yearly_change(), decimals + 1)};
        }
        if (several_)
            line.cells.push_back(row.spread.empty()
                                     ? ""
                                     : fixed(row.spread.back(), std::max(decimals, decimals_for({row.spread.back()}))));
        // What began and ended in between has no change, and yet a course.
        const bool came_and_went = n > 2 && row.values.front() == 0.0 && row.values.back() == 0.0 &&
                                   std::any_of(row.values.begin(), row.values.end(), [](double v) { return v > 0.0; });
        if (n > 2 && (!row.within_chance || came_and_went)) line.trend = row.values;
        lines_.push_back(std::move(line));
    }
}

std::string Page::table() const {
    std::vector<std::size_t> widths;
    std::size_t label = 0, trend = 0;
    for (const auto& line : lines_) {
        label = std::max(label, characters(line.label) + (line.heading ? 0 : 2));
        trend = std::max(trend, line.trend.size());
        widths.resize(std::max(widths.size(), line.cells.size()), 0);
        for (std::size_t i = 0; i < line.cells.size(); ++i) widths[i] = std::max(widths[i], characters(line.cells[i]));
    }
    std::size_t used = label;
    for (const auto width : widths) used += width + 2;
    const std::size_t room = options_.width > used + 2 ? options_.width - used - 2 : 0;
    trend = room < 5 ? 0 : std::min(trend, room);
    std::string out;
    for (const auto& line : lines_) {
        std::string text = padded((line.heading ? "" : "  ") + line.label, label, false);
        for (std::size_t i = 0; i < widths.size(); ++i)
            text += "  " + padded(i < line.cells.size() ? line.cells[i] : "", widths[i], true);
        if (trend > 0 && !line.trend.empty()) text += "  " + sparkline(thinned(line.trend, trend), options_.glyphs);
        text.erase(text.find_last_not_of(' ') + 1);
        out += text + "\n";
    }
    return out;
}

/// What holds of the whole page besides the notes of the model.
std::string about_chance(const ResultSet& set) {
    const auto n = set.provenance.replicates;
    if (n > 1)
        return "Means of " + std::to_string(n) +
               " replicates; sd is the standard deviation between them in the last year.";
    return "One run: chance moves small numbers (run --replicates 10 tells how much).";
}

Json number_or_null(double number) { return std::isfinite(number) ? Json(number) : Json(nullptr); }

/// Years.
Json whole_numbers(const std::vector<double>& values) {
    Json out = Json::array();
    for (const double value : values) {
        if (value == std::floor(value))
            out.push_back(static_cast<std::int64_t>(value));
        else
            out.push_back(value);
    }
    return out;
}

Json numbers(const std::vector<double>& values) {
    Json out = Json::array();
    for (const double value : values) out.push_back(number_or_null(value));
    return out;
}

}  // namespace

double SummaryRow::total_change() const {
    if (change == SummaryLine::Change::none || values.size() < 2) return nothing;
    const double first = values.front(), last = values.back();
    if (change == SummaryLine::Change::units) return last - first;
    if (!part.empty()) return 100.0 * math::expm1(last / log_mean);
    return first > 0.0 && std::isfinite(last) ? 100.0 * (last / first - 1.0) : nothing;
}

double SummaryRow::yearly_change() const {
    const double total = total_change();
    if (std::isnan(total) || period.empty()) return nothing;
    const double years = periods.back() - periods.front();
    if (change == SummaryLine::Change::units) return total / years;
    if (!part.empty()) return 100.0 * math::expm1(values.back() / log_mean / years);
    return values.back() > 0.0 ? 100.0 * (math::pow(values.back() / values.front(), 1.0 / years) - 1.0) : nothing;
}

double years_of_life(const std::vector<double>& bounds, const std::vector<double>& deaths,
                     const std::vector<double>& person_years, const std::vector<double>& counted) {
    std::size_t open = bounds.size();
    while (open > 0 && !(deaths[open - 1] > 0.0 && person_years[open - 1] > 0.0)) --open;
    if (open == 0) return nothing;
    --open;
    double alive = 1.0, years = 0.0, share = 1.0;
    for (std::size_t a = 0; a <= open; ++a) {
        double died = deaths[a], lived = person_years[a], healthy = counted.empty() ? 0.0 : counted[a];
        if (a == open)
            for (std::size_t b = a + 1; b < bounds.size(); ++b) {
                died += deaths[b];
                lived += person_years[b];
                healthy += counted.empty() ? 0.0 : counted[b];
            }
        // Nobody of this age was there: as the age before.
        if (!counted.empty() && lived > 0.0) share = healthy / lived;
        const double rate = lived > 0.0 ? died / lived : 0.0;
        const double width = a == open ? 0.0 : bounds[a + 1] - bounds[a];
        const double dies = a == open ? 1.0 : -math::expm1(-rate * width);
        years += share * alive * (rate > 0.0 ? dies / rate : width);
        alive *= 1.0 - dies;
    }
    return years;
}

std::vector<SummaryBlock> evaluate_summary(const ResultSet& set, const Selection& selection) {
    std::vector<SummaryBlock> blocks;
    for (const auto& section : set.summary.sections) {
        SummaryBlock block{section.heading, section.per_1000, {}, section.notes};
        for (const auto& item : section.items) {
            std::vector<SummaryRow> rows;
            for (const auto& line : item.lines) rows.push_back(evaluate(set, line, section.per_1000, selection));
            std::erase_if(rows, [](const SummaryRow& row) { return row.values.empty(); });
            if (item.largest > 0) {
                const auto size = [](const SummaryRow& row) {
                    return std::isnan(row.values.back()) ? -std::numeric_limits<double>::infinity() : row.values.back();
                };
                std::stable_sort(rows.begin(), rows.end(),
                                 [&](const SummaryRow& a, const SummaryRow& b) { return size(a) > size(b); });
                if (rows.size() > static_cast<std::size_t>(item.largest))
                    rows.resize(static_cast<std::size_t>(item.largest));
            }
            block.rows.insert(block.rows.end(), std::make_move_iterator(rows.begin()),
                              std::make_move_iterator(rows.end()));
        }
        blocks.push_back(std::move(block));
    }
    return blocks;
}

std::string summary_text(const ResultSet& set, const ShowOptions& options) {
    const Page page(set, options);
    // The first sentence says what was run; `show --all` has the rest.
    std::string out =
        wrapped(set.doc.empty() ? set.scenario : set.doc.substr(0, std::min(set.doc.find(". "), set.doc.size())),
                options.width);
    out += page.table() + "\n";
    std::string notes = page.footnotes();
    const auto add = [&](const std::string& note) { notes += (notes.empty() ? "" : " ") + note; };
    for (const auto& block : page.blocks())
        for (const auto& note : block.notes) add(note);
    for (const auto& note : set.summary.notes) add(note);
    const auto& blocks = page.blocks();
    if (std::any_of(blocks.begin(), blocks.end(), [](const auto& block) {
            return std::any_of(block.rows.begin(), block.rows.end(), [](const auto& row) { return row.within_chance; });
        }))
        add("A change in brackets is within chance.");
    add(about_chance(set));
    return out + wrapped(notes, options.width);
}

std::string summary_json(const ResultSet& set, const Selection& selection) {
    Json out;
    out["replicates"] = set.provenance.replicates;
    out["sections"] = Json::array();
    for (const auto& block : evaluate_summary(set, selection)) {
        Json section;
        section["heading"] = block.heading;
        if (!block.per_1000.empty()) section["per_1000_of"] = block.per_1000;
        section["lines"] = Json::array();
        for (const auto& row : block.rows) {
            Json line;
            line["label"] = row.label;
            line["unit"] = row.unit.empty() ? "1" : row.unit;
            if (!row.period.empty()) line[row.period] = whole_numbers(row.periods);
            line["values"] = numbers(row.values);
            if (!row.spread.empty()) line["sd"] = numbers(row.spread);
            if (!row.per_1000.empty()) line["per_1000"] = numbers(row.per_1000);
            const bool percent = row.change == SummaryLine::Change::percent;
            if (row.change != SummaryLine::Change::none) {
                line[percent ? "change_percent" : "change"] = number_or_null(row.total_change());
                line[percent ? "change_percent_per_year" : "change_per_year"] = number_or_null(row.yearly_change());
            }
            if (!row.part.empty()) line["part_of_growth"] = row.part;
            if (row.within_chance) line["within_chance"] = true;
            if (!row.note.empty()) line["note"] = row.note;
            section["lines"].push_back(std::move(line));
        }
        section["notes"] = block.notes;
        out["sections"].push_back(std::move(section));
    }
    out["notes"] = set.summary.notes;
    out["notes"].push_back(about_chance(set));
    return out.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace proeftuin::output
