#include "output/show.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <stdexcept>

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
    std::string known;
    for (const auto& measure : set.measures) known += (known.empty() ? "" : ", ") + measure.name;
    throw std::invalid_argument("scenario '" + set.scenario + "' has no measure '" + name + "' (it has: " + known + ")");
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
                if (first > 0.0 && std::isfinite(last)) row[4] = (last > first ? "+" : "") + readable(std::round(1000.0 * (last / first - 1.0)) / 10.0) + " %";
                row[5] = sparkline(column_of(table, 0), options.glyphs);
            }
        }
        rows.push_back(std::move(row));
    }
    std::string out = aligned(rows, true, options.glyphs);
    const std::size_t shown = rows.size() - 1;
    if (shown < set.measures.size())
        out += "\nand " + std::to_string(set.measures.size() - shown) + " more measures: proeftuin show " + options.file + " --all\n";
    return out;
}

std::string table_text(const MeasureResult& measure, const ShowOptions& options) {
    const Table table = tabulate(measure, options.selection);
    std::string out = measure.name + " [" + unit_of(measure) + "]";
    if (!measure.doc.empty()) out += "  " + measure.doc;
    out += "\n";
    if (!measure.discount.empty() && measure.discount != "none") out += "discounted: " + measure.discount + "\n";

    // Where not all columns fit, those that are 0 throughout go first.
    const auto width_of = [&](std::size_t column) { return 2 + std::max<std::size_t>(9, characters(table.columns[column])); };
    std::vector<std::size_t> columns(table.columns.size());
    std::iota(columns.begin(), columns.end(), std::size_t{0});
    std::size_t used = 12;
    for (const auto column : columns) used += width_of(column);
    std::string empty;
    if (used > options.width)
        std::erase_if(columns, [&](std::size_t column) {
            const bool zero = std::all_of(table.values.begin(), table.values.end(), [&](const auto& row) { return row[column] == 0.0 || std::isnan(row[column]); });
            if (zero) empty += (empty.empty() ? "" : ", ") + table.columns[column];
            return zero;
        });
    used = 12;
    std::size_t shown = 0;
    while (shown < columns.size()) {
        used += width_of(columns[shown]);
        if (shown > 0 && used > options.width) break;
        ++shown;
    }
    const std::size_t hidden = columns.size() - shown;
    columns.resize(shown);
    std::vector<std::vector<std::string>> rows(1);
    rows[0].push_back(table.period);
    for (const auto column : columns) rows[0].push_back(table.columns[column]);
    for (std::size_t row = 0; row < table.values.size(); ++row) {
        rows.push_back({table.period.empty() ? "" : shortest(table.rows[row])});
        for (const auto column : columns) rows.back().push_back(readable(table.values[row][column]));
    }
    if (table.values.size() > 1) {
        const bool adds = measure.kind != MeasureKind::people && measure.kind != MeasureKind::mean;
        if (adds) {
            rows.push_back({"all"});
            for (const auto column : columns) rows.back().push_back(readable(over_periods(measure, table, column)));
        }
        rows.push_back({"trend"});
        // No wider than the numbers above it, or the columns would not fit; a single one has room.
        for (const auto column : columns)
            rows.back().push_back(sparkline(thinned(column_of(table, column), shown == 1 ? options.width : width_of(column) - 2), options.glyphs));
    }
    out += aligned(rows, false, options.glyphs);
    if (!empty.empty()) out += "(0 throughout: " + empty + ")\n";
    if (hidden > 0) out += "(" + std::to_string(hidden) + " more columns do not fit)\n";
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
    if (!table.period.empty()) out[table.period] = table.rows;
    Json rows = Json::array();
    for (const auto& row : table.values) {
        Json cells = Json::array();
        for (const double value : row) cells.push_back(number_or_null(value));
        rows.push_back(cells);
    }
    out["values"] = rows;
    return out;
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
        if (!std::isfinite(value)) out += ' ';
        else if (high == low) out += levels[3];
        else out += levels[std::min(7, static_cast<int>((value - low) / (high - low) * 8.0))];
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
    if (options.measures.empty() && !options.all && !set.summary.empty()) return summary_text(set, options);
    std::string out = set.scenario;
    if (!set.doc.empty()) out += ": " + set.doc.substr(0, set.doc.find('\n'));
    out = wrapped(out, options.width) + "\n";
    if (options.measures.empty()) return out + (options.all ? overview(set, options) : short_overview(set, options));
    for (std::size_t i = 0; i < options.measures.size(); ++i)
        out += (i ? "\n" : "") + table_text(measure_called(set, options.measures[i]), options);
    return out;
}

std::string show_json(const ResultSet& set, const ShowOptions& options) {
    Json out;
    out["scenario"] = set.scenario;
    out["doc"] = set.doc;
    if (options.measures.empty() && !set.summary.empty()) out["summary"] = Json::parse(summary_json(set, options.selection));
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
