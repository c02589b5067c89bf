#include "output/comparison_text.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "output/text.hpp"

namespace proeftuin::output {
namespace {

nlohmann::ordered_json number_or_null(double number) {
    return std::isfinite(number) ? nlohmann::ordered_json(number) : nlohmann::ordered_json(nullptr);
}

}  // namespace

std::string doubtful(const Difference& difference, const std::string& text) {
    return difference.within_chance() && !text.empty() && text != "-" ? "(" + text + ")" : text;
}

std::string interval_text(const Difference& difference, int decimals) {
    if (std::isnan(difference.low)) return {};
    return with_sign(difference.low, decimals) + " to " + with_sign(difference.high, decimals);
}

std::string in_columns(const std::vector<std::vector<std::string>>& lines) {
    std::vector<std::size_t> widths;
    for (const auto& line : lines) {
        widths.resize(std::max(widths.size(), line.size()), 0);
        for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], characters(line[i]));
    }
    std::string out;
    for (const auto& line : lines) {
        std::string text;
        for (std::size_t i = 0; i < line.size(); ++i) text += (i ? "  " : "") + padded(line[i], widths[i], i > 0);
        text.erase(text.find_last_not_of(' ') + 1);
        out += text + "\n";
    }
    return out;
}

nlohmann::ordered_json difference_json(const Difference& d) {
    return {{"difference", number_or_null(d.mean)},   {"standard_error", number_or_null(d.error)},
            {"low", number_or_null(d.low)},           {"high", number_or_null(d.high)},
            {"percent", number_or_null(d.percent())}, {"here", number_or_null(d.here)},
            {"against", number_or_null(d.against)}};
}

}  // namespace proeftuin::output
