#include "output/show.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <stdexcept>

#include "engine/config/diagnostic.hpp"
#include "output/chance.hpp"
#include "output/export.hpp"
#include "output/names.hpp"
#include "output/summary.hpp"
#include "output/text.hpp"

namespace proeftuin::output {
namespace {

using Json = nlohmann::ordered_json;

std::string unit_of(const MeasureResult& measure) {
    std::string out = measure.unit;
    if (measure.price_year) out += " of " + std::to_string(*measure.price_year);
    return out;
}

const MeasureResult& measure_called(const ResultSet& set, const std::string& name) {
    if (const auto* measure = set.measure(name)) return *measure;
    std::vector<std::string> known;
    for (const auto& measure : set.measures) known.push_back(measure.name);
    throw std::invalid_argument("scenario '" + set.scenario + "' has no measure '" + name + "' (" +
                                suggestion(name, known) + "; `show --all` lists them)");
}

std::vector<double> column_of(const Table& table, std::size_t column) {
    std::vector<double> out;
    for (const auto& row : table.values) out.push_back(row[column]);
    return out;
}

/// Rows of cells as text: the first column to the left, the others to the right, `last_left` for sparklines.
std::string aligned(const std::vector<std::vector<std::string>>& rows, bool last_left, Glyphs glyphs) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()), 0);
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], characters(row[i]));
    }
    std::string out;
    for (std::size_t r = 0; r < rows.size(); ++r) {
        std::string line;
        for (std::size_t i = 0; i < rows[r].size(); ++i) {
            const bool right = i > 0 && !(last_left && i + 1 == rows[r].size());
            line += (i ? "  " : "") + padded(rows[r][i], widths[i], right);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
        if (r > 0) continue;
        std::size_t total = 2 * (widths.size() - 1);
        for (const auto width : widths) total += width;
        for (std::size_t i = 0; i < total; ++i) out += glyphs == Glyphs::unicode ? "─" : "-";
        out += "\n";
    }
    return out;
}

std::string overview(const ResultSet& set, const ShowOptions& options) {
    std::vector<std::vector<std::string>> rows = {{"measure", "value", "unit", "by", "over time"}};
    for (const auto& measure : set.measures) {
        const Table table = tabulate(measure, {{}, options.selection.from, options.selection.until});
        std::string by;
        for (const auto& dim : measure.dims)
            if (dim.name != table.period) by += (by.empty() ? "" : ", ") + dim.name;
        // several columns = a mean by groups, which has no one value
        const bool single = table.columns.size() == 1;
        rows.push_back({measure.name, single ? readable(over_periods(measure, table, 0)) : "", unit_of(measure), by,
                        single && table.rows.size() > 1 ? sparkline(column_of(table, 0), options.glyphs) : ""});
    }
    return aligned(rows, true, options.glyphs);
}

/// The first measures with their ends, for results whose model declares no summary; fits a screen.
std::string short_overview(const ResultSet& set, const ShowOptions& options) {
    constexpr std::size_t most = 22;
    std::vector<std::vector<std::string>> rows = {{"measure", "unit", "first", "last", "change", "over time"}};
    for (const auto& measure : set.measures) {
        if (rows.size() > most) break;
        const Table table = tabulate(measure, {{}, options.selection.from, options.selection.until});
        std::vector<std::string> row = {measure.name, unit_of(measure), "", "", "", ""};
        if (table.columns.size() == 1 && !table.values.empty()) {
            const double first = table.values.front()[0], last = table.values.back()[0];
            row[2] = readable(first);
            if (table.values.size() > 1) {
                row[3] = readable(last);
                if (first > 0.0 && std::isfinite(last))
                    row[4] =
                        (last > first ? "+" : "") + readable(std::round(1000.0 * (last / first - 1.0)) / 10.0) + " %";
                row[5] = sparkline(column_of(table, 0), options.glyphs);
            }
        }
        rows.push_back(std::move(row));
    }
    std::string out = aligned(rows, true, options.glyphs);
    const std::size_t shown = rows.size() - 1;
    if (shown < set.measures.size())
        out += "\nand " + std::to_string(set.measures.size() - shown) + " more measures: proeftuin show " +
               options.file + " --all\n";
    return out;
}

std::string period_text(const Table& table, std::size_t row) {
    return table.period.empty() ? "" : shortest(table.rows[row]);
}

constexpr const char* no_trend = "~";

/// The trend of a column in at most `width` bars; a mark where chance alone would show as much.
std::string trend_of(const Chance& chance, const std::vector<double>& values, std::size_t width, Glyphs glyphs,
                     bool& hidden) {
    if (chance.hides_trend(values)) {
        hidden = true;
        return no_trend;
    }
    return sparkline(thinned(values, width), glyphs);
}

/// Periods below each other, groups side by side.
std::vector<std::vector<std::string>> rows_by_period(const MeasureResult& measure, const Table& table,
                                                     const std::vector<std::size_t>& columns,
                                                     const std::vector<std::size_t>& widths, const ShowOptions& options,
                                                     const Chance& chance, bool& by_chance) {
    std::vector<std::vector<std::string>> rows(1);
    rows[0].push_back(table.period);
    for (const auto column : columns) rows[0].push_back(table.columns[column]);
    for (std::size_t row = 0; row < table.values.size(); ++row) {
        rows.push_back({period_text(table, row)});
        for (const auto column : columns) rows.back().push_back(readable(table.values[row][column]));
    }
    if (table.values.size() < 2) return rows;
    if (measure.kind != MeasureKind::people && measure.kind != MeasureKind::mean) {
        rows.push_back({"all"});
        for (const auto column : columns) rows.back().push_back(readable(over_periods(measure, table, column)));
    }
    rows.push_back({"trend"});
    // No wider than the numbers above it, or the columns would not fit; a single one has room.
    for (std::size_t i = 0; i < columns.size(); ++i)
        rows.back().push_back(trend_of(chance, column_of(table, columns[i]),
                                       columns.size() == 1 ? options.width : widths[i] - 2, options.glyphs, by_chance));
    return rows;
}

/// Groups below each other, periods side by side: the first, the last and as many between as fit.
std::vector<std::vector<std::string>> rows_by_group(const MeasureResult& measure, const Table& table,
                                                    const std::vector<std::size_t>& columns, const ShowOptions& options,
                                                    const Chance& chance, bool& by_chance, std::size_t& every) {
    const std::size_t n = table.values.size();
    std::string heading;
    for (const auto& axis : table.kept) heading += (heading.empty() ? "" : ", ") + axis;
    const bool adds = measure.kind != MeasureKind::people && measure.kind != MeasureKind::mean && n > 1;
    std::size_t label = characters(heading), cell = 4, all = 3;
    for (const auto column : columns) {
        label = std::max(label, characters(table.columns[column]));
        for (std::size_t row = 0; row < n; ++row)
            cell = std::max(cell, characters(readable(table.values[row][column])));
        all = std::max(all, characters(readable(over_periods(measure, table, column))));
    }
    constexpr std::size_t shortest_trend = 8;
    const std::size_t bars = n > 2 ? std::min(n, shortest_trend) + 2 : 0;
    const std::size_t taken = label + (adds ? all + 2 : 0) + bars;
    const std::size_t room = options.width > taken ? (options.width - taken) / (cell + 2) : 0;
    const std::size_t most = std::max<std::size_t>(room, 2);
    every = 1;
    while (n > most && (n - 1) / every + 1 + ((n - 1) % every != 0) > most) ++every;
    std::vector<std::size_t> shown;
    for (std::size_t row = 0; row < n; row += every) shown.push_back(row);
    if (n > 0 && shown.back() != n - 1) shown.push_back(n - 1);
    std::vector<std::vector<std::string>> rows = {{heading}};
    for (const auto row : shown) rows[0].push_back(period_text(table, row));
    if (adds) rows[0].push_back("all");
    if (bars > 0) rows[0].push_back("trend");
    for (const auto column : columns) {
        rows.push_back({table.columns[column]});
        for (const auto row : shown) rows.back().push_back(readable(table.values[row][column]));
        if (adds) rows.back().push_back(readable(over_periods(measure, table, column)));
        if (bars > 0) {
            const std::size_t used = taken - bars + shown.size() * (cell + 2) + 2;
            rows.back().push_back(
                trend_of(chance, column_of(table, column),
                         options.width > used + shortest_trend ? options.width - used : shortest_trend, options.glyphs,
                         by_chance));
        }
    }
    return rows;
}

/// The distribution over people of a measure that keeps their totals.
std::string statistics_text(const MeasureResult& measure, const ShowOptions& options) {
    if (measure.statistics.empty() || !options.selection.by.empty()) return {};
    std::vector<std::vector<std::string>> rows;
    for (const auto& statistic : measure.statistics) {
        MeasureResult one = measure;
        one.kind = MeasureKind::mean;
        one.values = statistic.values;
        const Table table = tabulate(one, options.selection);
        if (table.columns.size() != 1) return {};
        if (rows.empty()) {
            rows.push_back({table.period});
            for (std::size_t row = 0; row < table.values.size(); ++row) rows.push_back({period_text(table, row)});
        }
        rows[0].push_back(statistic.name);
        for (std::size_t row = 0; row < table.values.size(); ++row)
            rows[row + 1].push_back(readable(table.values[row][0]));
    }
    // A total over the run stands in its last year alone.
    std::erase_if(rows, [](const auto& row) {
        return std::all_of(row.begin() + 1, row.end(), [](const auto& cell) { return cell == "-"; });
    });
    return "\n" +
           wrapped("per person [" + unit_of(measure) + "; top_share: of the total] " + measure.statistics.front().doc,
                   options.width) +
           aligned(rows, false, options.glyphs);
}

std::string table_text(const ResultSet& set, const MeasureResult& measure, const ShowOptions& options) {
    Table table = tabulate(measure, options.selection);
    // A sample makes fractions of people; nobody reads them.
    if (set.stands_for != 1.0 && (measure.kind == MeasureKind::people || measure.kind == MeasureKind::events))
        for (auto& row : table.values)
            for (double& value : row) value = std::round(value);
    std::string out = measure.name + " [" + unit_of(measure) + "]";
    if (!measure.doc.empty()) out += "  " + measure.doc;
    out = characters(out) > options.width ? wrapped(out, options.width) : out + "\n";
    if (!measure.discount.empty() && measure.discount != "none") out += "discounted: " + measure.discount + "\n";
    if (set.stands_for != 1.0 && measure.kind != MeasureKind::mean)
        out += "each simulated person stands for " + readable(set.stands_for) + "\n";

    std::vector<std::size_t> columns(table.columns.size()), widths;
    std::iota(columns.begin(), columns.end(), std::size_t{0});
    const auto width_of = [&](std::size_t column) {
        std::size_t width = std::max<std::size_t>(9, characters(table.columns[column]));
        for (const auto& row : table.values) width = std::max(width, characters(readable(row[column])));
        return 2 + width;
    };
    const auto used = [&] {
        std::size_t sum = std::max<std::size_t>(characters(table.period), 5);
        widths.clear();
        for (const auto column : columns) {
            widths.push_back(width_of(column));
            sum += widths.back();
        }
        return sum;
    };
    // Where not all columns fit, groups stand below each other; those that are 0 throughout are only named.
    std::string empty;
    const Chance chance(set, measure);
    bool by_chance = false;
    std::size_t every = 1;
    if (used() <= options.width || columns.size() == 1) {
        out +=
            aligned(rows_by_period(measure, table, columns, widths, options, chance, by_chance), false, options.glyphs);
    } else {
        std::erase_if(columns, [&](std::size_t column) {
            const bool zero = std::all_of(table.values.begin(), table.values.end(), [&](const auto& row) {
                return row[column] == 0.0 || std::isnan(row[column]);
            });
            if (zero) empty += (empty.empty() ? "" : ", ") + table.columns[column];
            return zero;
        });
        if (!columns.empty() && used() <= options.width)
            out += aligned(rows_by_period(measure, table, columns, widths, options, chance, by_chance), false,
                           options.glyphs);
        else
            out += aligned(rows_by_group(measure, table, columns, options, chance, by_chance, every),
                           table.values.size() > 2, options.glyphs);
    }
    out += statistics_text(measure, options);
    if (!empty.empty()) out += wrapped("(0 throughout: " + empty + ")", options.width);
    if (every > 1)
        out += wrapped("(one " + table.period + " in " + std::to_string(every) +
                           " and the last; all of them: proeftuin export " + options.file + ", or --json)",
                       options.width);
    if (by_chance)
        out += wrapped("(" + std::string(no_trend) +
                           " no trend beyond chance: so few were simulated that the differences may be luck; more "
                           "people or --replicates tell)",
                       options.width);
    return out;
}

/// Years as whole numbers.
Json periods_json(const std::vector<double>& periods) {
    Json out = Json::array();
    for (const double period : periods) {
        if (period == std::floor(period))
            out.push_back(static_cast<std::int64_t>(period));
        else
            out.push_back(period);
    }
    return out;
}

Json number_or_null(double number) { return std::isfinite(number) ? Json(number) : Json(nullptr); }

Json table_json(const MeasureResult& measure, const Selection& selection) {
    const Table table = tabulate(measure, selection);
    Json out;
    out["name"] = measure.name;
    out["doc"] = measure.doc;
    out["kind"] = to_string(measure.kind);
    out["unit"] = measure.unit;
    if (!measure.currency.empty()) out["currency"] = measure.currency;
    if (measure.price_year) out["price_year"] = *measure.price_year;
    out["discount"] = measure.discount;
    out["by"] = table.kept;
    out["columns"] = table.columns;
    if (!table.period.empty()) out[table.period] = periods_json(table.rows);
    Json rows = Json::array();
    for (const auto& row : table.values) {
        Json cells = Json::array();
        for (const double value : row) cells.push_back(number_or_null(value));
        rows.push_back(cells);
    }
    out["values"] = rows;
    return out;
}

/// \throws std::invalid_argument when years are asked for of which the results hold none
void check_periods(const ResultSet& set, const Selection& selection) {
    double first = std::numeric_limits<double>::infinity(), last = -first;
    bool any = false;
    for (const auto& measure : set.measures)
        if (const auto time = period_axis(measure))
            for (const double period : measure.dims[*time].numbers) {
                first = std::min(first, period);
                last = std::max(last, period);
                any = any || (period >= selection.from.value_or(period) && period <= selection.until.value_or(period));
            }
    if (!any && first <= last)
        throw std::invalid_argument("scenario '" + set.scenario + "' has no results of these years (it has " +
                                    shortest(first) + " to " + shortest(last) + ")");
}

}  // namespace

std::string sparkline(std::span<const double> values, Glyphs glyphs) {
    static constexpr const char* bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static constexpr const char* marks[] = {"_", ".", "-", "~", "=", "+", "*", "#"};
    const auto& levels = glyphs == Glyphs::unicode ? bars : marks;
    double low = 0.0, high = 0.0;
    bool any = false;
    for (const double value : values) {
        if (!std::isfinite(value)) continue;
        low = any ? std::min(low, value) : value;
        high = any ? std::max(high, value) : value;
        any = true;
    }
    std::string out;
    for (const double value : values) {
        if (!std::isfinite(value))
            out += ' ';
        else if (high == low)
            out += levels[3];
        else
            out += levels[std::min(7, static_cast<int>((value - low) / (high - low) * 8.0))];
    }
    return out;
}

std::vector<double> thinned(std::span<const double> values, std::size_t width) {
    if (values.size() <= width || width == 0) return {values.begin(), values.end()};
    std::vector<double> out(width, 0.0);
    for (std::size_t i = 0; i < width; ++i) {
        const std::size_t begin = i * values.size() / width, end = (i + 1) * values.size() / width;
        for (std::size_t j = begin; j < end; ++j) out[i] += values[j];
        out[i] /= static_cast<double>(end - begin);
    }
    return out;
}

std::string readable(double number) {
    if (std::isnan(number)) return "-";
    if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
    char buffer[400];
    const double size = std::fabs(number);
    if (size >= 10000.0 && size < 1e15) {
        auto* end = std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::fixed, 0).ptr;
        std::string digits(buffer, end);
        for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > (number < 0 ? 1 : 0); at -= 3)
            digits.insert(static_cast<std::size_t>(at), ",");
        return digits;
    }
    auto* end = std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::general, 5).ptr;
    return {buffer, end};
}

std::string show(const ResultSet& set, const ShowOptions& options) {
    check_periods(set, options.selection);
    if (options.measures.empty() && !options.all && !set.summary.empty()) return summary_text(set, options);
    std::string out = set.scenario;
    if (!set.doc.empty()) out += ": " + set.doc.substr(0, set.doc.find('\n'));
    out = wrapped(out, options.width) + "\n";
    if (options.measures.empty()) return out + (options.all ? overview(set, options) : short_overview(set, options));
    for (std::size_t i = 0; i < options.measures.size(); ++i)
        out += (i ? "\n" : "") + table_text(set, measure_called(set, options.measures[i]), options);
    return out;
}

std::string show_json(const ResultSet& set, const ShowOptions& options) {
    check_periods(set, options.selection);
    Json out;
    out["scenario"] = set.scenario;
    out["doc"] = set.doc;
    out["stands_for"] = set.stands_for;
    if (options.measures.empty() && !set.summary.empty())
        out["summary"] = Json::parse(summary_json(set, options.selection));
    out["measures"] = Json::array();
    if (options.measures.empty()) {
        for (const auto& measure : set.measures) {
            // axes that a measure lacks are no mistake when nobody asked for this measure
            Selection selection = options.selection;
            std::erase_if(selection.by, [&](const std::string& name) { return !measure.dim(name); });
            out["measures"].push_back(table_json(measure, selection));
        }
    } else {
        for (const auto& name : options.measures)
            out["measures"].push_back(table_json(measure_called(set, name), options.selection));
    }
    return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace proeftuin::output
