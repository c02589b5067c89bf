#include "output/compare.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "output/comparison_text.hpp"
#include "output/export.hpp"
#include "output/result_set.hpp"
#include "output/show.hpp"
#include "output/summary.hpp"
#include "output/text.hpp"

namespace proeftuin::output {
namespace {

using Json = nlohmann::ordered_json;

std::vector<double> at_period(const SummaryRow& row, std::size_t period) {
    std::vector<double> out;
    for (const auto& replicate : row.replicates) out.push_back(replicate.at(period));
    return out;
}

/// Where the last period that both rows have stands in each.
std::optional<std::pair<std::size_t, std::size_t>> last_of_both(const SummaryRow& a, const SummaryRow& b) {
    if (a.period != b.period) return std::nullopt;
    for (std::size_t i = a.values.size(); i-- > 0;)
        for (std::size_t j = b.values.size(); j-- > 0;)
            if (a.period.empty() || a.periods[i] == b.periods[j]) return std::pair{i, j};
    return std::nullopt;
}

/// By replicate, the sum over the periods that `row` shares with `other`.
std::vector<double> over_shared(const SummaryRow& row, const SummaryRow& other) {
    std::vector<double> out(row.replicates.size(), 0.0);
    for (std::size_t k = 0; k < row.periods.size(); ++k) {
        if (std::find(other.periods.begin(), other.periods.end(), row.periods[k]) == other.periods.end()) continue;
        for (std::size_t r = 0; r < out.size(); ++r) out[r] += row.replicates[r].at(k);
    }
    return out;
}

std::optional<ComparedRow> compare(const SummaryRow& here, const SummaryRow& against, bool paired) {
    const auto last = last_of_both(here, against);
    if (!last || here.unit != against.unit || !here.part.empty()) return std::nullopt;
    const auto [i, j] = *last;
    ComparedRow row;
    row.label = here.label;
    row.unit = here.unit;
    row.period = here.period;
    if (!here.period.empty()) row.at = here.periods[i];
    row.last = difference(at_period(here, i), at_period(against, j), paired);
    row.decimals = here.decimals;
    if (here.adds_up && here.period == "year")
        row.over_all = difference(over_shared(here, against), over_shared(against, here), paired);
    return row;
}

/// The same line of a run whose models have nothing of the kind, such as a programme: 0 in each of its years. Nothing
/// when its page has no line of such years.
std::optional<SummaryRow> none_of(SummaryRow row, const std::vector<SummaryBlock>& page) {
    for (const auto& block : page)
        for (const auto& like : block.rows) {
            if (like.period != row.period) continue;
            row.periods = like.periods;
            row.values.assign(like.values.size(), 0.0);
            row.replicates.assign(like.replicates.size(), row.values);
            return row;
        }
    return std::nullopt;
}

/// A block that one of two runs alone has, held against nothing: what adds up in it.
ComparedBlock compare_with_none(const SummaryBlock& block, const std::vector<SummaryBlock>& other, bool is_here,
                                bool paired) {
    ComparedBlock out{block.heading, {}};
    for (const auto& row : block.rows) {
        const auto none = row.adds_up ? none_of(row, other) : std::nullopt;
        if (!none) continue;
        if (auto compared = is_here ? compare(row, *none, paired) : compare(*none, row, paired))
            out.rows.push_back(std::move(*compared));
    }
    return out;
}

}  // namespace

Comparison compare(const ResultSet& here, const ResultSet& against, const Selection& selection) {
    Comparison out;
    out.paired = are_paired(here, against);
    const auto of_here = evaluate_summary(here, selection), of_against = evaluate_summary(against, selection);
    std::vector<ComparedBlock> only_one;
    for (const auto& block : of_here) {
        const auto other = std::find_if(of_against.begin(), of_against.end(),
                                        [&](const SummaryBlock& b) { return b.heading == block.heading; });
        if (other == of_against.end()) {
            only_one.push_back(compare_with_none(block, of_against, true, out.paired));
            continue;
        }
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
    for (const auto& block : of_against)
        if (std::none_of(of_here.begin(), of_here.end(), [&](const auto& b) { return b.heading == block.heading; }))
            only_one.push_back(compare_with_none(block, of_here, false, out.paired));
    for (auto& block : only_one)
        if (!block.rows.empty()) out.blocks.push_back(std::move(block));
    return out;
}

std::string comparison_text(const ResultSet& here, const ResultSet& against, const ShowOptions& options) {
    const Comparison comparison = compare(here, against, options.selection);
    const bool several = std::isfinite(comparison.blocks.front().rows.front().last.error);
    std::vector<std::vector<std::string>> lines;
    for (const auto& block : comparison.blocks) {
        const std::string& unit = block.rows.front().unit;
        const double at = block.rows.front().at;
        lines.push_back(
            {block.heading + (unit.empty() ? "" : ", " + unit) + (std::isnan(at) ? "" : ", " + shortest(at)),
             "difference"});
        if (several) lines.back().push_back("95 % interval");
        lines.back().insert(lines.back().end(), {"%", "here", "against", "all years"});
        for (const auto& row : block.rows) {
            const bool elsewhere = !std::isnan(row.at) && row.at != at;
            const Difference& d = row.last;
            const int digits = row.decimals >= 0 ? row.decimals : decimals_for({d.against, d.here});
            const int finer = std::max(digits, decimals_for({d.mean}));
            lines.push_back({"  " + row.label + (elsewhere ? ", " + shortest(row.at) : "") +
                                 (row.unit != unit && !row.unit.empty() ? " (" + row.unit + ")" : ""),
                             doubtful(d, with_sign(d.mean, finer))});
            if (several) lines.back().push_back(interval_text(d, finer));
            lines.back().push_back(std::isnan(d.percent()) ? "" : doubtful(d, with_sign(d.percent(), 1)));
            lines.back().push_back(fixed(d.here, digits));
            lines.back().push_back(fixed(d.against, digits));
            const Difference& all = row.over_all;
            lines.back().push_back(std::isnan(all.mean) ? ""
                                                        : doubtful(all, with_sign(all.mean, decimals_for({all.mean}))));
        }
    }
    return wrapped(here.scenario + " (here) against " + against.scenario, options.width) + in_columns(lines) + "\n" +
           wrapped("All years: the differences of every year that both have, added. " +
                       what_is_covered(comparison.paired, several),
                   options.width);
}

std::string comparison_json(const ResultSet& here, const ResultSet& against, const Selection& selection) {
    const Comparison comparison = compare(here, against, selection);
    Json out;
    out["scenario"] = here.scenario;
    out["against"] = against.scenario;
    out["paired"] = comparison.paired;
    out["covers"] =
        what_is_covered(comparison.paired, here.provenance.replicates > 1 && against.provenance.replicates > 1);
    out["sections"] = Json::array();
    for (const auto& block : comparison.blocks) {
        Json section{{"heading", block.heading}, {"lines", Json::array()}};
        for (const auto& row : block.rows) {
            Json line{{"label", row.label}, {"unit", row.unit.empty() ? "1" : row.unit}};
            if (!row.period.empty()) line[row.period] = row.at;
            line.update(difference_json(row.last));
            if (!std::isnan(row.over_all.mean)) line["all_years"] = difference_json(row.over_all);
            section["lines"].push_back(std::move(line));
        }
        out["sections"].push_back(std::move(section));
    }
    return out.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace proeftuin::output
