#include "engine/app/validation_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace proeftuin::app {
namespace {

using models::ValidationTarget;

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

std::string number(double x) {
    if (std::isnan(x)) return "";
    const double size = std::fabs(x);
    if (size == 0.0) return "0";
    if (size >= 1000.0) return fmt::format("{:.0f}", x);
    if (size >= 100.0) return fmt::format("{:.1f}", x);
    if (size >= 1.0) return fmt::format("{:.2f}", x);
    return fmt::format("{:.4f}", x);
}

std::string percent(double x) { return std::isnan(x) || std::isinf(x) ? "" : fmt::format("{:+.1f} %", 100.0 * x); }

double relative(const ValidationRow& row) {
    return row.is_error || row.observed == 0.0 ? nothing : row.simulated / row.observed - 1.0;
}
double naive_error(const ValidationRow& row) { return row.is_error ? row.naive : row.naive / row.observed - 1.0; }
/// 1 - |error| / |error of the naive forecast|: above 0 is better than naive.
double skill(const ValidationRow& row) {
    const double own = row.is_error ? row.simulated : relative(row);
    return 1.0 - std::fabs(own) / std::fabs(naive_error(row));
}

std::string bound_text(const ValidationTarget& t) {
    if (!t.bound) return "none";
    std::vector<std::string> parts;
    if (t.bound->relative) parts.push_back(fmt::format("{:g} %", 100.0 * *t.bound->relative));
    if (t.bound->absolute)
        parts.push_back(fmt::format("{:g}{}{}", *t.bound->absolute, t.unit.empty() ? "" : " ", t.unit));
    if (t.bound->at_least) parts.push_back("at least the observed value");
    if (!t.bound->better_than.empty()) parts.push_back("better than the naive forecast");
    std::string out = fmt::format("{}", fmt::join(parts, " or "));
    if (t.from > 0.0) out += fmt::format(", for observed values from {:g}", t.from);
    return out;
}

const char* word(Verdict v) {
    switch (v) {
        case Verdict::inside:
            return "in bounds";
        case Verdict::noise:
            return "within noise";
        case Verdict::explained:
            return "out of bounds, explained";
        case Verdict::outside:
            return "out of bounds";
        case Verdict::shown:
            return "shown only";
    }
    return "";
}

bool has_target(const ValidationReport& report, const std::string& name) {
    return std::any_of(report.rows.begin(), report.rows.end(), [&](const auto& r) { return r.target == name; });
}

std::string html_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else
            out += c;
    }
    return out;
}

/// The cells of a row of the page, in the order of `headings`.
std::vector<std::string> row_cells(const ValidationRow& r) {
    std::vector<std::string> cells{r.run,
                                   std::to_string(r.year),
                                   keys_text(r),
                                   number(r.observed),
                                   number(r.simulated),
                                   std::isnan(r.low) ? "" : number(r.low) + " to " + number(r.high),
                                   r.is_error ? "" : number(r.simulated - r.observed),
                                   percent(relative(r))};
    if (!std::isnan(r.naive)) {
        cells.push_back(percent(naive_error(r)));
        cells.push_back(fmt::format("{:.2f}", skill(r)));
    }
    return cells;
}

std::vector<std::string> headings(bool naive) {
    std::vector<std::string> h{"run",       "year",          "row",        "observed",
                               "simulated", "95 % interval", "difference", "relative"};
    if (naive) h.insert(h.end(), {"error of naive", "skill"});
    return h;
}

bool has_naive(const ValidationReport& report, const std::string& target) {
    return std::any_of(report.rows.begin(), report.rows.end(),
                       [&](const auto& r) { return r.target == target && !std::isnan(r.naive); });
}

}  // namespace

void VerdictCounts::add(Verdict v) {
    ++rows;
    switch (v) {
        case Verdict::inside:
            ++inside;
            break;
        case Verdict::noise:
            ++noise;
            break;
        case Verdict::explained:
            ++explained;
            break;
        case Verdict::outside:
            ++outside;
            break;
        case Verdict::shown:
            ++shown;
            break;
    }
}

VerdictCounts count_verdicts(const ValidationReport& report, const std::string& target) {
    VerdictCounts c;
    for (const auto& r : report.rows)
        if (target.empty() || r.target == target) c.add(r.verdict);
    return c;
}

std::string keys_text(const ValidationRow& row) {
    std::string out;
    for (const auto& k : row.keys) out += (out.empty() ? "" : ", ") + k.second;
    return out.empty() ? "all" : out;
}

std::string row_text(const ValidationRow& row) {
    return fmt::format("{} {} {} {}: observed {}, simulated {} ({})", row.target, row.run, row.year, keys_text(row),
                       number(row.observed), number(row.simulated), percent(relative(row)));
}

std::string validation_summary(const ValidationReport& report) {
    std::string out = fmt::format("{:<34} {:>6} {:>6} {:>6} {:>10} {:>6} {:>6}\n", "target", "rows", "in", "noise",
                                  "explained", "OUT", "shown");
    const auto line = [&](const std::string& name, const VerdictCounts& c) {
        out += fmt::format("{:<34} {:>6} {:>6} {:>6} {:>10} {:>6} {:>6}\n", name, c.rows, c.inside, c.noise,
                           c.explained, c.outside, c.shown);
    };
    for (const auto& t : report.entry.targets)
        if (has_target(report, t.key)) line(t.key, count_verdicts(report, t.key));
    line("all", count_verdicts(report, {}));
    return out;
}

std::string validation_markdown(const ValidationReport& report) {
    const auto table = [](const std::vector<std::string>& heads) {
        std::string rule = "|";
        for (std::size_t k = 0; k < heads.size(); ++k) rule += "---|";
        return fmt::format("| {} |\n{}\n", fmt::join(heads, " | "), rule);
    };
    const auto mark = [](Verdict v) {
        switch (v) {
            case Verdict::outside:
                return "🔴";
            case Verdict::explained:
                return "🔴 explained";
            case Verdict::noise:
                return "🟡";
            case Verdict::inside:
                return "🟢";
            case Verdict::shown:
                return "";
        }
        return "";
    };
    std::string out = fmt::format("# Validation: {}\n\n{}\n\n", report.entry.name.value, report.entry.doc);
    out +=
        "Made by `proeftuin validate`; do not edit by hand. 🔴 the row is out of bounds; 🟡 the estimate is, but "
        "the 95 % interval of the replicates reaches into the bound; "
        "🟢 in bounds; no mark: shown only. The interval is the Monte-Carlo interval of the run; it holds no "
        "uncertainty of parameters.\n\n";
    if (report.quick) out += "**Made with `--quick`: fewer people and replicates.**\n\n";
    out += table({"target", "bound", "data", "used to fit", "rows", "🟢 in", "🟡 noise", "🔴 explained", "🔴 out",
                  "shown only"});
    for (const auto& t : report.entry.targets) {
        if (!has_target(report, t.key)) continue;
        const VerdictCounts c = count_verdicts(report, t.key);
        out += fmt::format("| [{}](#{}) | {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", t.value.title, t.key,
                           bound_text(t.value), t.value.data, t.value.used_to_fit ? "yes" : "**no**", c.rows, c.inside,
                           c.noise, c.explained, c.outside, c.shown);
    }
    const VerdictCounts c = count_verdicts(report, {});
    out += fmt::format("| all | | | | {} | {} | {} | {} | {} | {} |\n\n", c.rows, c.inside, c.noise, c.explained,
                       c.outside, c.shown);
    out += "Runs:\n\n";
    for (const auto& r : report.runs) out += "- " + r + "\n";
    out += "\n## Out of bounds\n\n";
    bool any = false;
    for (const auto& t : report.entry.targets) {
        std::vector<std::pair<std::string, std::vector<std::string>>> causes;
        for (const auto& r : report.rows) {
            if (r.target != t.key || (r.verdict != Verdict::outside && r.verdict != Verdict::explained)) continue;
            const std::string because = r.verdict == Verdict::outside ? "**Not explained.**" : r.because;
            auto it = std::find_if(causes.begin(), causes.end(), [&](const auto& x) { return x.first == because; });
            if (it == causes.end()) it = causes.insert(causes.end(), {because, {}});
            it->second.push_back(fmt::format("{} {} {} ({})", r.run, r.year, keys_text(r),
                                             r.is_error ? number(r.simulated) : percent(relative(r))));
        }
        if (causes.empty()) continue;
        any = true;
        out += fmt::format("### {}\n\n", t.value.title);
        for (const auto& [because, rows] : causes)
            out += fmt::format("{}\n\n- {}\n\n", because, fmt::join(rows, "\n- "));
    }
    if (!any) out += "No row is.\n\n";
    for (const auto& t : report.entry.targets) {
        if (!has_target(report, t.key)) continue;
        const bool naive = has_naive(report, t.key);
        out += fmt::format(
            "<a id=\"{}\"></a>\n\n## {}\n\n{}\n\nBound: {}. Data: {}. Used to fit: {}. Source: `{}`, table `{}`.\n\n",
            t.key, t.value.title, t.value.doc, bound_text(t.value), t.value.data, t.value.used_to_fit ? "yes" : "no",
            t.value.source, t.value.table);
        auto heads = headings(naive);
        heads.insert(heads.begin(), "");
        std::string rows = table(heads);
        int n = 0;
        for (const auto& r : report.rows) {
            if (r.target != t.key) continue;
            auto cells = row_cells(r);
            cells.resize(heads.size() - 1);
            rows += fmt::format("| {} | {} |\n", mark(r.verdict), fmt::join(cells, " | "));
            ++n;
        }
        out += n > 40 ? fmt::format("<details><summary>{} rows</summary>\n\n{}\n</details>\n\n", n, rows) : rows + "\n";
    }
    while (out.ends_with("\n\n")) out.pop_back();
    return out;
}

std::string validation_html(const ValidationReport& report) {
    const auto line = [](const std::vector<std::string>& cells, const char* tag, const char* kind) {
        std::string out = fmt::format("<tr class=\"{}\">", kind);
        for (const auto& c : cells) out += fmt::format("<{}>{}</{}>", tag, html_text(c), tag);
        return out + "</tr>\n";
    };
    const auto kind = [](Verdict v) {
        switch (v) {
            case Verdict::outside:
                return "out";
            case Verdict::explained:
                return "explained";
            case Verdict::noise:
                return "noise";
            case Verdict::inside:
                return "in";
            case Verdict::shown:
                return "shown";
        }
        return "";
    };
    std::string out = fmt::format(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Validation: {0}</title>\n<style>\n"
        "body{{font:15px/1.5 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem;color:#1c1c1c}}\n"
        "table{{border-collapse:collapse;margin:.7rem 0;font-variant-numeric:tabular-nums}}td,th{{padding:.15rem "
        ".6rem;text-align:right;border-bottom:1px solid #ddd}}"
        "td:nth-child(-n+3),th:nth-child(-n+3){{text-align:left}}\n"
        "tr.out td{{background:#e5383b;color:#fff}}tr.explained td{{background:#f6b8b9}}tr.noise "
        "td{{background:#fff0c2}}tr.shown td{{color:#666}}\n"
        "</style></head><body>\n<h1>Validation: {0}</h1>\n<p>{1}</p>\n"
        "<p>Red: out of bounds; pale red: out of bounds with a known cause; yellow: the estimate is out of bounds and "
        "its 95 % interval reaches into them.</p>\n",
        html_text(report.entry.name.value), html_text(report.entry.doc));
    out += "<table>" +
           line({"target", "bound", "data", "used to fit", "rows", "in", "noise", "explained", "out", "shown only"},
                "th", "");
    for (const auto& t : report.entry.targets) {
        if (!has_target(report, t.key)) continue;
        const VerdictCounts c = count_verdicts(report, t.key);
        out += line({t.value.title, bound_text(t.value), t.value.data, t.value.used_to_fit ? "yes" : "no",
                     std::to_string(c.rows), std::to_string(c.inside), std::to_string(c.noise),
                     std::to_string(c.explained), std::to_string(c.outside), std::to_string(c.shown)},
                    "td",
                    c.outside     ? "out"
                    : c.explained ? "explained"
                                  : "");
    }
    out += "</table>\n<ul>";
    for (const auto& r : report.runs) out += "<li>" + html_text(r) + "</li>";
    out += "</ul>\n";
    for (const auto& t : report.entry.targets) {
        if (!has_target(report, t.key)) continue;
        auto heads = headings(has_naive(report, t.key));
        const std::size_t columns = heads.size();
        heads.push_back("verdict");
        out += fmt::format("<h2>{}</h2>\n<p>{}</p>\n<p>Bound: {}. Data: {}. Used to fit: {}. Source: {}.</p>\n<table>",
                           html_text(t.value.title), html_text(t.value.doc), html_text(bound_text(t.value)),
                           html_text(t.value.data), t.value.used_to_fit ? "yes" : "no", html_text(t.value.source));
        out += line(heads, "th", "");
        for (const auto& r : report.rows) {
            if (r.target != t.key) continue;
            auto cells = row_cells(r);
            cells.resize(columns);
            cells.push_back(r.because.empty() ? word(r.verdict) : std::string(word(r.verdict)) + ": " + r.because);
            out += line(cells, "td", kind(r.verdict));
        }
        out += "</table>\n";
    }
    return out + "</body></html>\n";
}

std::string validation_json(const ValidationReport& report) {
    nlohmann::json j;
    j["validation"] = report.entry.name.value;
    j["quick"] = report.quick;
    const auto value = [](double x) { return std::isfinite(x) ? nlohmann::json(x) : nlohmann::json(nullptr); };
    const auto counts = [](const VerdictCounts& c) {
        return nlohmann::json{{"rows", c.rows},           {"in", c.inside},   {"noise", c.noise},
                              {"explained", c.explained}, {"out", c.outside}, {"shown", c.shown}};
    };
    for (const auto& t : report.entry.targets)
        if (has_target(report, t.key)) j["targets"][t.key] = counts(count_verdicts(report, t.key));
    j["all"] = counts(count_verdicts(report, {}));
    j["rows"] = nlohmann::json::array();
    for (const auto& r : report.rows) {
        const auto t = std::find_if(report.entry.targets.begin(), report.entry.targets.end(),
                                    [&](const auto& x) { return x.key == r.target; });
        nlohmann::json keys = nlohmann::json::object();
        for (const auto& k : r.keys) keys[k.first] = k.second;
        nlohmann::json row{{"target", r.target},
                           {"run", r.run},
                           {"year", r.year},
                           {"keys", keys},
                           {"observed", value(r.observed)},
                           {"simulated", value(r.simulated)},
                           {"low", value(r.low)},
                           {"high", value(r.high)},
                           {"difference", value(r.simulated - r.observed)},
                           {"relative", value(relative(r))},
                           {"verdict", word(r.verdict)}};
        if (t != report.entry.targets.end()) {
            row["data"] = t->value.data;
            row["used_to_fit"] = t->value.used_to_fit;
        }
        if (!std::isnan(r.naive)) {
            row["naive"] = value(r.naive);
            row["skill"] = value(skill(r));
        }
        if (!r.because.empty()) row["because"] = r.because;
        j["rows"].push_back(std::move(row));
    }
    return j.dump(2);
}

}  // namespace proeftuin::app
