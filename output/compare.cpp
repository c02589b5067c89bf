#include "output/compare.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "output/export.hpp"
#include "output/result_set.hpp"
#include "output/show.hpp"
#include "output/summary.hpp"
#include "output/text.hpp"

namespace proeftuin::output {
namespace {

using Json = nlohmann::ordered_json;

/// Mean and standard error of what replicates say.
struct Estimate {
    double mean = 0.0;
    double error = std::numeric_limits<double>::quiet_NaN();
};

Estimate estimate(const std::vector<double>& values) {
    const auto n = static_cast<double>(values.size());
    Estimate out;
    for (const double value : values) out.mean += value / n;
    if (values.size() < 2) return out;
    double squares = 0.0;
    for (const double value : values) squares += (value - out.mean) * (value - out.mean);
    out.error = std::sqrt(squares / (n - 1.0) / n);
    return out;
}

std::vector<double> at_period(const SummaryRow& row, std::size_t period) {
    std::vector<double> out;
    for (const auto& replicate : row.replicates) out.push_back(replicate.at(period));
    return out;
}

Estimate difference(const std::vector<double>& here, const std::vector<double>& against, bool paired) {
    if (!paired) {
        const Estimate a = estimate(here), b = estimate(against);
        return {a.mean - b.mean, std::sqrt(a.error * a.error + b.error * b.error)};
    }
    std::vector<double> both;
    for (std::size_t r = 0; r < here.size(); ++r) both.push_back(here[r] - against[r]);
    return estimate(both);
}

/// Where the last period that both rows have stands in each.
std::optional<std::pair<std::size_t, std::size_t>> last_of_both(const SummaryRow& a, const SummaryRow& b) {
    if (a.period != b.period) return std::nullopt;
    for (std::size_t i = a.values.size(); i-- > 0;)
        for (std::size_t j = b.values.size(); j-- > 0;)
            if (a.period.empty() || a.periods[i] == b.periods[j]) return std::pair{i, j};
    return std::nullopt;
}

std::optional<ComparedRow> compare(const SummaryRow& here, const SummaryRow& against, bool paired) {
    const auto last = last_of_both(here, against);
    if (!last || here.unit != against.unit || !here.part.empty()) return std::nullopt;
    const auto [i, j] = *last;
    const Estimate d = difference(at_period(here, i), at_period(against, j), paired);
    ComparedRow row;
    row.label = here.label;
    row.unit = here.unit;
    row.period = here.period;
    if (!here.period.empty()) row.at = here.periods[i];
    row.against = against.values[j];
    row.here = here.values[i];
    row.difference = d.mean;
    row.error = d.error;
    row.decimals = here.decimals;
    if (here.adds_up && here.period == "year") {
        row.over_all = 0.0;
        for (std::size_t k = 0; k < here.values.size(); ++k)
            for (std::size_t l = 0; l < against.values.size(); ++l)
                if (here.periods[k] == against.periods[l]) row.over_all += here.values[k] - against.values[l];
    }
    return row;
}

Json number_or_null(double number) { return std::isfinite(number) ? Json(number) : Json(nullptr); }

}  // namespace

double ComparedRow::percent() const {
    return against > 0.0 ? 100.0 * difference / against : std::numeric_limits<double>::quiet_NaN();
}

Comparison compare(const ResultSet& here, const ResultSet& against, const Selection& selection) {
    Comparison out;
    out.paired = here.provenance.seed == against.provenance.seed &&
                 here.provenance.replicates == against.provenance.replicates && here.stands_for == against.stands_for;
    const auto of_here = evaluate_summary(here, selection), of_against = evaluate_summary(against, selection);
    for (const auto& block : of_here) {
        const auto other = std::find_if(of_against.begin(), of_against.end(),
                                        [&](const SummaryBlock& b) { return b.heading == block.heading; });
        if (other == of_against.end()) continue;
        ComparedBlock both{block.heading, {}};
        for (const auto& row : block.rows) {
            const auto same = std::find_if(other->rows.begin(), other->rows.end(),
                                           [&](const SummaryRow& r) { return r.label == row.label; });
            if (same == other->rows.end()) continue;
            if (auto compared = compare(row, *same, out.paired)) both.rows.push_back(std::move(*compared));
        }
        if (!both.rows.empty()) out.blocks.push_back(std::move(both));
    }
    if (out.blocks.empty())
        throw std::invalid_argument("the pages of '" + here.scenario + "' and '" + against.scenario +
                                    "' have no line of the same year in common");
    return out;
}

std::string comparison_text(const ResultSet& here, const ResultSet& against, const ShowOptions& options) {
    const Comparison comparison = compare(here, against, options.selection);
    const bool several = std::isfinite(comparison.blocks.front().rows.front().error);
    const std::string plus_minus = options.glyphs == Glyphs::unicode ? "± " : "+/- ";
    std::vector<std::vector<std::string>> lines;
    for (const auto& block : comparison.blocks) {
        const std::string& unit = block.rows.front().unit;
        double at = std::numeric_limits<double>::quiet_NaN();
        bool first = true;
        for (const auto& row : block.rows) {
            if (first || (row.at != at && !std::isnan(row.at))) {
                const std::string heading = first ? block.heading + (unit.empty() ? "" : ", " + unit) : "";
                lines.push_back({heading + (std::isnan(row.at) ? "" : (first ? ", " : "  ") + shortest(row.at)),
                                 "against", "here", "difference"});
                if (several) lines.back().push_back(plus_minus + "se");
                lines.back().insert(lines.back().end(), {"%", "all years"});
                at = row.at;
                first = false;
            }
            const int digits = row.decimals >= 0 ? row.decimals : decimals_for({row.against, row.here});
            const int finer = std::max(digits, decimals_for({row.difference}));
            const auto chance = [&](const std::string& text) {
                return row.within_chance() && !text.empty() && text != "-" ? "(" + text + ")" : text;
            };
            lines.push_back({"  " + row.label + (row.unit != unit && !row.unit.empty() ? " (" + row.unit + ")" : ""),
                             fixed(row.against, digits), fixed(row.here, digits),
                             chance(with_sign(row.difference, finer))});
            if (several) lines.back().push_back(fixed(row.error, finer));
            lines.back().push_back(std::isnan(row.percent()) ? "" : chance(with_sign(row.percent(), 1)));
            lines.back().push_back(std::isnan(row.over_all) ? ""
                                                            : with_sign(row.over_all, decimals_for({row.over_all})));
        }
    }
    std::vector<std::size_t> widths(lines.front().size(), 0);
    for (const auto& line : lines)
        for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], characters(line[i]));
    std::string out = wrapped(here.scenario + " (here) against " + against.scenario, options.width);
    for (const auto& line : lines) {
        std::string text;
        for (std::size_t i = 0; i < line.size(); ++i) text += (i ? "  " : "") + padded(line[i], widths[i], i > 0);
        text.erase(text.find_last_not_of(' ') + 1);
        out += text + "\n";
    }
    std::string notes = "All years: the differences of every year that both have, added.";
    if (comparison.paired)
        notes += " The same people with the same luck in both.";
    else
        notes +=
            " Seed, replicates or number of people differ, so that the people are not the same in both: chance "
            "does not fall out of the difference.";
    notes += several
                 ? " se is the standard error of the mean difference; within twice of it a difference is in brackets."
                 : " One run: chance is left in small differences (run both with --replicates 10).";
    return out + "\n" + wrapped(notes, options.width);
}

std::string comparison_json(const ResultSet& here, const ResultSet& against, const Selection& selection) {
    const Comparison comparison = compare(here, against, selection);
    Json out;
    out["scenario"] = here.scenario;
    out["against"] = against.scenario;
    out["paired"] = comparison.paired;
    out["sections"] = Json::array();
    for (const auto& block : comparison.blocks) {
        Json section{{"heading", block.heading}, {"lines", Json::array()}};
        for (const auto& row : block.rows) {
            Json line{{"label", row.label}, {"unit", row.unit.empty() ? "1" : row.unit}};
            if (!row.period.empty()) line[row.period] = number_or_null(row.at);
            line["against"] = number_or_null(row.against);
            line["here"] = number_or_null(row.here);
            line["difference"] = number_or_null(row.difference);
            line["standard_error"] = number_or_null(row.error);
            line["percent"] = number_or_null(row.percent());
            line["all_years"] = number_or_null(row.over_all);
            section["lines"].push_back(std::move(line));
        }
        out["sections"].push_back(std::move(section));
    }
    return out.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace proeftuin::output
