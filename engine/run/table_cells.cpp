#include "engine/run/table_cells.hpp"

#include <fmt/format.h>

#include <cmath>

namespace proeftuin {

double cell_start(const TableAxis& axis, std::size_t k) {
    const bool in_middle = axis.between == Interpolation::linear && (axis.name == "age" || axis.name == "year");
    return in_middle ? std::floor(axis.points[k]) : axis.points[k];
}

std::string cell_text(const Table& table, std::size_t cell) {
    std::string out;
    for (std::size_t a = table.axes.size(); a-- > 0;) {
        const TableAxis& axis = table.axes[a];
        const std::size_t k = cell % axis.size();
        cell /= axis.size();
        out = (axis.categories ? axis.categories->labels[k] : fmt::format("{} {:g}", axis.name, cell_start(axis, k))) +
              (out.empty() ? "" : ", ") + out;
    }
    return out;
}

}  // namespace proeftuin
