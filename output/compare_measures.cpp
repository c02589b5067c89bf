#include "output/compare_measures.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "engine/config/diagnostic.hpp"
#include "output/comparison_text.hpp"
#include "output/export.hpp"
#include "output/result_set.hpp"
#include "output/show.hpp"
#include "output/text.hpp"

namespace proeftuin::output {
namespace {

using Json = nlohmann::ordered_json;

/// \throws std::invalid_argument when there is none
const MeasureResult& measure_of(const ResultSet& set, const std::string& name) {
    if (const MeasureResult* measure = set.measure(name)) return *measure;
    std::vector<std::string> known;
    for (const auto& measure : set.measures) known.push_back(measure.name);
    throw std::invalid_argument("'" + set.scenario + "' has no measure '" + name + "' (" + suggestion(name, known) +
                                ")");
}

/// The measure in each replicate, without their axis.
std::vector<MeasureResult> by_replicate(const MeasureResult& measure) {
    const auto axis = measure.dim("replicate");
    if (!axis) return {measure};
    const std::size_t replicates = measure.dims[*axis].size();
    std::size_t inner = 1;
    for (std::size_t i = *axis + 1; i < measure.dims.size(); ++i) inner *= measure.dims[i].size();
    std::vector<MeasureResult> out(replicates);
    for (std::size_t r = 0; r < replicates; ++r) {
        out[r].name = measure.name;
        out[r].kind = measure.kind;
        out[r].dims = measure.dims;
        out[r].dims.erase(out[r].dims.begin() + static_cast<std::ptrdiff_t>(*axis));
    }
    for (std::size_t k = 0; k < measure.values.size(); ++k)
        out[k / inner % replicates].values.push_back(measure.values[k]);
    return out;
}

std::vector<Table> tables_of(const MeasureResult& measure, const Selection& selection) {
    std::vector<Table> out;
    for (const auto& one : by_replicate(measure)) out.push_back(tabulate(one, selection));
    return out;
}

/// Where each of `wanted` stands in `in`; those that are not there are dropped from `wanted`.
template <class T>
std::vector<std::size_t> places(std::vector<T>& wanted, const std::vector<T>& in) {
    std::vector<T> found;
    std::vector<std::size_t> out;
    for (const T& one : wanted)
        if (const auto at = std::find(in.begin(), in.end(), one); at != in.end()) {
            found.push_back(one);
            out.push_back(static_cast<std::size_t>(at - in.begin()));
        }
    wanted = std::move(found);
    return out;
}

bool adds_over_periods(const MeasureResult& measure) {
    return measure.kind != MeasureKind::people && measure.kind != MeasureKind::mean;
}

/// A table of the shared rows and columns of one scenario: values by replicate.
struct Shared {
    const std::vector<Table>& tables;
    std::vector<std::size_t> rows, columns;

    std::vector<double> cell(std::size_t row, std::size_t column) const {
        std::vector<double> out;
        for (const Table& t : tables) out.push_back(t.values[rows[row]][columns[column]]);
        return out;
    }
    std::vector<double> column(std::size_t column) const {
        std::vector<double> out(tables.size(), 0.0);
        for (std::size_t row = 0; row < rows.size(); ++row) {
            const auto values = cell(row, column);
            for (std::size_t r = 0; r < out.size(); ++r) out[r] += std::isnan(values[r]) ? 0.0 : values[r];
        }
        return out;
    }
};

std::vector<std::string> names_of(const ResultSet& here, const ResultSet& against, const ShowOptions& options) {
    if (!options.all) return options.measures;
    std::vector<std::string> names;
    for (const auto& measure : here.measures)
        if (against.measure(measure.name) != nullptr) names.push_back(measure.name);
    return names;
}

std::string text_of(const ComparedMeasure& compared) {
    std::vector<double> sizes;
    for (const auto& row : compared.cells)
        for (const Difference& d : row) sizes.push_back(std::isnan(d.mean) ? 0.0 : d.mean);
    const int digits = decimals_for(sizes);
    const bool several = !compared.cells.empty() && std::isfinite(compared.cells.front().front().error);
    std::vector<std::vector<std::string>> lines;
    lines.push_back({compared.period.empty() ? "" : compared.period});
    for (const auto& column : compared.columns) {
        lines.back().push_back(compared.columns.size() > 1 ? column : "difference");
        if (several) lines.back().push_back("95 % interval");
        if (compared.columns.size() == 1) lines.back().insert(lines.back().end(), {"%", "here", "against"});
    }
    const auto add = [&](const std::string& label, const std::vector<Difference>& row) {
        lines.push_back({label});
        for (const Difference& d : row) {
            lines.back().push_back(doubtful(d, with_sign(d.mean, digits)));
            if (several) lines.back().push_back(interval_text(d, digits));
            if (row.size() != 1) continue;
            const int of_both = decimals_for({d.here, d.against});
            lines.back().push_back(std::isnan(d.percent()) ? "" : doubtful(d, with_sign(d.percent(), 2)));
            lines.back().push_back(fixed(d.here, of_both));
            lines.back().push_back(fixed(d.against, of_both));
        }
    };
    for (std::size_t row = 0; row < compared.cells.size(); ++row)
        add(compared.period.empty() ? "" : shortest(compared.rows[row]), compared.cells[row]);
    if (!compared.over_all.empty() && compared.cells.size() > 1) add("all", compared.over_all);
    return compared.name + (compared.unit == "1" ? "" : ", " + compared.unit) + "\n" + in_columns(lines);
}

Json json_of(const ComparedMeasure& compared) {
    Json out{{"measure", compared.name}, {"doc", compared.doc}, {"unit", compared.unit}, {"cells", Json::array()}};
    const auto add = [&](const char* kind, double period, const std::vector<Difference>& row, Json& to) {
        for (std::size_t column = 0; column < row.size(); ++column) {
            Json cell = difference_json(row[column]);
            if (kind != nullptr) cell[kind] = period;
            if (compared.columns.size() > 1) cell["group"] = compared.columns[column];
            to.push_back(std::move(cell));
        }
    };
    for (std::size_t row = 0; row < compared.cells.size(); ++row)
        add(compared.period.empty() ? nullptr : compared.period.c_str(),
            compared.period.empty() ? 0.0 : compared.rows[row], compared.cells[row], out["cells"]);
    if (!compared.over_all.empty()) {
        out["over_all"] = Json::array();
        add(nullptr, 0.0, compared.over_all, out["over_all"]);
    }
    return out;
}

}  // namespace

ComparedMeasure compare_measure(const ResultSet& here, const ResultSet& against, const std::string& name,
                                const Selection& selection) {
    const MeasureResult &a = measure_of(here, name), &b = measure_of(against, name);
    if (a.unit != b.unit || a.kind != b.kind || a.discount != b.discount)
        throw std::invalid_argument("'" + name + "' is another measure in '" + here.scenario + "' than in '" +
                                    against.scenario + "' (unit, kind or discounting differ)");
    const auto of_here = tables_of(a, selection), of_against = tables_of(b, selection);
    ComparedMeasure out{name, a.doc, a.unit, of_here.front().period, of_here.front().rows, of_here.front().columns,
                        {},   {}};
    Shared x{of_here, {}, {}}, y{of_against, {}, {}};
    y.rows = places(out.rows, of_against.front().rows);
    y.columns = places(out.columns, of_against.front().columns);
    x.rows = places(out.rows, of_here.front().rows);
    x.columns = places(out.columns, of_here.front().columns);
    if (out.period.empty()) x.rows = y.rows = {0};
    if (x.rows.empty() || x.columns.empty())
        throw std::invalid_argument("'" + name + "' has no year or group in common in '" + here.scenario + "' and '" +
                                    against.scenario + "'");
    const bool paired = are_paired(here, against);
    for (std::size_t row = 0; row < x.rows.size(); ++row) {
        out.cells.emplace_back();
        for (std::size_t column = 0; column < x.columns.size(); ++column)
            out.cells.back().push_back(difference(x.cell(row, column), y.cell(row, column), paired));
    }
    if (adds_over_periods(a))
        for (std::size_t column = 0; column < x.columns.size(); ++column)
            out.over_all.push_back(difference(x.column(column), y.column(column), paired));
    return out;
}

std::string measures_comparison_text(const ResultSet& here, const ResultSet& against, const ShowOptions& options) {
    std::string out = wrapped(here.scenario + " (here) against " + against.scenario, options.width);
    for (const auto& name : names_of(here, against, options))
        out += text_of(compare_measure(here, against, name, options.selection)) + "\n";
    const bool several = here.provenance.replicates > 1 && against.provenance.replicates > 1;
    return out + wrapped(what_is_covered(are_paired(here, against), several), options.width);
}

std::string measures_comparison_json(const ResultSet& here, const ResultSet& against, const ShowOptions& options) {
    const bool several = here.provenance.replicates > 1 && against.provenance.replicates > 1;
    Json out{{"scenario", here.scenario},
             {"against", against.scenario},
             {"paired", are_paired(here, against)},
             {"covers", what_is_covered(are_paired(here, against), several)},
             {"measures", Json::array()}};
    for (const auto& name : names_of(here, against, options))
        out["measures"].push_back(json_of(compare_measure(here, against, name, options.selection)));
    return out.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace proeftuin::output
