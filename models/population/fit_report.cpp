#include "models/population/fit_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace proeftuin::population {

void MarginFit::summarise() {
    largest = total_absolute_error = srmse = 0.0;
    outside = 0;
    double squares = 0.0, targets = 0.0;
    for (const auto& c : cells) {
        const double off = std::fabs(c.difference());
        largest = std::max(largest, off);
        total_absolute_error += off;
        squares += off * off;
        targets += c.target;
        if (off > std::max(2.0, 0.005 * c.target)) ++outside;
    }
    if (!cells.empty() && targets > 0.0)
        srmse = std::sqrt(squares / static_cast<double>(cells.size())) / (targets / static_cast<double>(cells.size()));
}

const MarginFit* FitReport::find(const std::string& name) const {
    for (const auto& m : margins)
        if (m.name == name) return &m;
    return nullptr;
}

std::string to_text(const FitReport& report) {
    std::string text = fmt::format("region {}: {} people in {} households, seed {}\n", report.region, report.people,
                                   report.households, report.seed);
    text += fmt::format("{:<34} {:>7} {:>10} {:>10} {:>9} {:>8}  {}\n", "margin", "cells", "largest", "TAE", "SRMSE",
                        "outside", "by");
    for (const auto& m : report.margins)
        text +=
            fmt::format("{:<34} {:>7} {:>10.2f} {:>10.1f} {:>9.5f} {:>8}  {}{}\n", m.name, m.cells.size(), m.largest,
                        m.total_absolute_error, m.srmse, m.outside, m.by, m.fitted ? "" : " (compared only)");
    for (const auto& m : report.margins) {
        if (m.outside == 0) continue;
        std::vector<FitCell> worst = m.cells;
        std::stable_sort(worst.begin(), worst.end(), [](const FitCell& a, const FitCell& b) {
            return std::fabs(a.difference()) > std::fabs(b.difference());
        });
        for (std::size_t k = 0; k < std::min<std::size_t>(3, worst.size()); ++k)
            text += fmt::format("  {}: {} wanted {:.1f}, made {:.0f}\n", m.name, worst[k].label, worst[k].target,
                                worst[k].realised);
        if (!m.note.empty()) text += fmt::format("  {}: {}\n", m.name, m.note);
    }
    for (const auto& r : report.remarks) text += "- " + r + "\n";
    return text;
}

std::string to_csv(const FitReport& report) {
    std::string text = "margin,cell,target,realised,difference,fitted\n";
    for (const auto& m : report.margins)
        for (const auto& c : m.cells)
            text += fmt::format("{},{},{:.4f},{:.0f},{:.4f},{}\n", m.name, c.label, c.target, c.realised,
                                c.difference(), m.fitted ? "true" : "false");
    return text;
}

}  // namespace proeftuin::population
