#include "output/table.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "engine/config/diagnostic.hpp"
#include "output/export.hpp"

namespace proeftuin::output {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

std::string label(const Dim& dim, std::size_t at) {
    if (!dim.categorical()) return shortest(dim.numbers[at]);
    return dim.names.empty() || dim.names[at] == dim.labels[at] ? dim.labels[at]
                                                                : dim.labels[at] + " (" + dim.names[at] + ")";
}

}  // namespace

bool is_repeat(const Dim& dim) { return dim.name == "replicate" || dim.name == "draw"; }

std::optional<std::size_t> period_axis(const MeasureResult& measure) {
    for (std::size_t i = 0; i < measure.dims.size(); ++i) {
        if (is_repeat(measure.dims[i])) continue;
        if (measure.dims[i].categorical() || measure.dims[i].name == "age") return std::nullopt;
        return i;
    }
    return std::nullopt;
}

Table tabulate(const MeasureResult& measure, const Selection& selection) {
    for (const auto& name : selection.by)
        if (!measure.dim(name)) {
            std::vector<std::string> known;
            for (const auto& dim : measure.dims) known.push_back(dim.name);
            throw std::invalid_argument("measure '" + measure.name + "' has no axis '" + name + "' (" +
                                        (known.empty() ? "it has none" : suggestion(name, known)) + ")");
        }
    const auto time = period_axis(measure);
    const auto& dims = measure.dims;

    Table out;
    std::vector<std::size_t> row_of(time ? dims[*time].size() : 1, 0);
    if (time) {
        out.period = dims[*time].name;
        for (std::size_t i = 0; i < row_of.size(); ++i) {
            const double period = dims[*time].numbers[i];
            const bool inside = period >= selection.from.value_or(period) && period <= selection.until.value_or(period);
            row_of[i] = inside ? out.rows.size() : std::numeric_limits<std::size_t>::max();
            if (inside) out.rows.push_back(period);
        }
    }
    std::vector<std::size_t> stride(dims.size(), 0);  // in columns; 0 = added up
    std::size_t columns = 1;
    double repeats = 1.0;
    for (std::size_t i = dims.size(); i-- > 0;) {
        if (i == time) continue;
        const bool asked = std::find(selection.by.begin(), selection.by.end(), dims[i].name) != selection.by.end();
        if (asked || (measure.kind == MeasureKind::mean && !is_repeat(dims[i]))) {
            stride[i] = columns;
            columns *= dims[i].size();
            out.kept.insert(out.kept.begin(), dims[i].name);
        } else if (is_repeat(dims[i])) {
            repeats *= static_cast<double>(dims[i].size());
        }
    }
    out.columns.resize(columns);
    for (std::size_t column = 0; column < columns; ++column) {
        for (std::size_t i = 0; i < dims.size(); ++i) {
            if (stride[i] == 0) continue;
            auto& text = out.columns[column];
            text += (text.empty() ? "" : ", ") + label(dims[i], column / stride[i] % dims[i].size());
        }
        if (out.kept.empty()) out.columns[column] = measure.name;
    }

    out.values.assign(time ? out.rows.size() : 1, std::vector<double>(columns, nothing));
    std::vector<std::size_t> at(dims.size(), 0);
    for (const double value : measure.values) {
        const std::size_t row = time ? row_of[at[*time]] : 0;
        if (row < out.values.size() && !std::isnan(value)) {
            std::size_t column = 0;
            for (std::size_t i = 0; i < dims.size(); ++i) column += stride[i] * at[i];
            double& cell = out.values[row][column];
            cell = std::isnan(cell) ? value : cell + value;
        }
        for (std::size_t i = at.size(); i-- > 0;) {
            if (++at[i] < dims[i].size()) break;
            at[i] = 0;
        }
    }
    if (repeats > 1.0)
        for (auto& row : out.values)
            for (double& cell : row) cell /= repeats;
    return out;
}

double over_periods(const MeasureResult& measure, const Table& table, std::size_t column) {
    if (table.values.empty()) return nothing;
    if (measure.kind == MeasureKind::people || measure.kind == MeasureKind::mean) return table.values.back()[column];
    double sum = nothing;
    for (const auto& row : table.values)
        if (!std::isnan(row[column])) sum = std::isnan(sum) ? row[column] : sum + row[column];
    return sum;
}

}  // namespace proeftuin::output
