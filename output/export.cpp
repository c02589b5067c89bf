#include "output/export.hpp"

#include <charconv>
#include <cmath>

#include "engine/store/atomic_file.hpp"
#include "output/names.hpp"

namespace proeftuin::output {
namespace {

std::string quoted(const std::string& text) {
    if (!text.empty() && text.find_first_of(",\"\r\n#") == std::string::npos && text.front() != ' ' &&
        text.back() != ' ')
        return text;
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + '"';
}

/// One line, whatever the text holds.
std::string on_one_line(std::string text) {
    for (char& c : text)
        if (c == '\n' || c == '\r') c = ' ';
    return text;
}

}  // namespace

std::string shortest(double number) {
    if (std::isnan(number)) return "";
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
    return {buffer, end};
}

std::string to_csv(const ResultSet& set, const MeasureResult& measure) {
    std::string out = "# scenario: " + on_one_line(set.scenario) + "\n# measure: " + on_one_line(measure.name) + "\n";
    const auto comment = [&](const char* what, const std::string& text) {
        if (!text.empty()) out += std::string("# ") + what + ": " + on_one_line(text) + "\n";
    };
    comment("doc", measure.doc);
    comment("kind", std::string(to_string(measure.kind)));
    comment("unit", measure.unit);
    comment("currency", measure.currency);
    if (measure.price_year) comment("price year", std::to_string(*measure.price_year));
    comment("discount", measure.discount);
    if (set.stands_for != 1.0)
        comment("stands for",
                shortest(set.stands_for) + " people each simulated one (values other than means are multiplied by it)");
    for (const auto& dim : measure.dims)
        if (!dim.categorical()) comment(("unit of " + dim.name).c_str(), dim.unit);
    for (const auto& statistic : measure.statistics) comment(("unit of " + statistic.name).c_str(), statistic.unit);

    for (const auto& dim : measure.dims) {
        out += quoted(dim.name) + ",";
        if (!dim.names.empty()) out += quoted(dim.name + "_name") + ",";
    }
    out += "value";
    if (!measure.sums_of_squares.empty()) out += ",sum_of_squares";
    if (!measure.counts.empty()) out += ",count";
    for (const auto& statistic : measure.statistics) out += "," + quoted(statistic.name);
    out += "\n";

    std::vector<std::size_t> at(measure.dims.size(), 0);
    for (std::size_t cell = 0; cell < measure.values.size(); ++cell) {
        for (std::size_t i = 0; i < at.size(); ++i) {
            const Dim& dim = measure.dims[i];
            out += (dim.categorical() ? quoted(dim.labels[at[i]]) : shortest(dim.numbers[at[i]])) + ",";
            if (!dim.names.empty()) out += quoted(dim.names[at[i]]) + ",";
        }
        out += shortest(measure.values[cell]);
        if (!measure.sums_of_squares.empty()) out += "," + shortest(measure.sums_of_squares[cell]);
        if (!measure.counts.empty()) out += "," + std::to_string(measure.counts[cell]);
        for (const auto& statistic : measure.statistics) out += "," + shortest(statistic.values[cell]);
        out += "\n";
        for (std::size_t i = at.size(); i-- > 0;) {
            if (++at[i] < measure.dims[i].size()) break;
            at[i] = 0;
        }
    }
    return out;
}

std::vector<std::string> write_csv_files(const ResultSet& set, const std::string& directory) {
    std::vector<std::string> paths;
    for (const auto& measure : set.measures) {
        paths.push_back(directory + "/" + set.scenario + "__" + measure.name + ".csv");
        store::write_text_file(paths.back(), to_csv(set, measure));
    }
    return paths;
}

}  // namespace proeftuin::output
