// The results that the reader tests write and every reader must give back.
#pragma once

#include <cmath>
#include <limits>

#include "output/result_set.hpp"

namespace proeftuin::output {

/// value = 1000 year_index + 100 sex_index + age_index, NaN in the first cell; every feature of the format is used.
inline ResultSet golden_results(const std::string& scenario) {
    const Dim year{.name = "year", .unit = "year", .doc = "calendar year", .numbers = {2013, 2014, 2015}};
    const Dim sex{.name = "sex", .labels = {"vrouw", "man"}};
    const Dim age{.name = "age_band", .doc = "age at the start of the year", .labels = {"0 tot 20", "20-45", "≥ 45"}};
    ResultSet set;
    set.scenario = scenario;
    set.doc = "Usual care in the heuvelland";

    MeasureResult cost;
    cost.name = "cost";
    cost.doc = "Spending on care";
    cost.unit = "EUR";
    cost.currency = "EUR";
    cost.price_year = 2013;
    cost.discount = "4 % per year, continuous";
    cost.dims = {year, sex, age};
    for (int y = 0; y < 3; ++y)
        for (int s = 0; s < 2; ++s)
            for (int a = 0; a < 3; ++a) {
                cost.values.push_back(1000.0 * y + 100.0 * s + a);
                cost.sums_of_squares.push_back(cost.values.back() * cost.values.back());
                cost.counts.push_back(10 + a);
            }
    cost.values.front() = std::numeric_limits<double>::quiet_NaN();
    cost.statistics = {{"sd", "standard deviation between people", "EUR", std::vector<double>(18, 2.5)},
                       {"top_share_1", "share of the costliest 1 %", "1", std::vector<double>(18, 0.25)}};
    set.measures.push_back(cost);

    MeasureResult rate;
    rate.name = "deaths_per_year";
    rate.unit = "per year";
    rate.kind = MeasureKind::mean;
    rate.dims = {year};
    rate.values = {0.01, 0.1 + 0.2, 0.03};
    set.measures.push_back(rate);

    MeasureResult total;
    total.name = "people_at_start";
    total.kind = MeasureKind::people;
    total.values = {1234};
    set.measures.push_back(total);

    // another axis called year, and a measure called like an axis
    MeasureResult other;
    other.name = "sex";
    other.kind = MeasureKind::events;
    other.dims = {Dim{.name = "year", .unit = "year", .numbers = {2013, 2014}}, sex};
    other.values = {1, 2, 3, 4};
    set.measures.push_back(other);

    SummaryLine line;
    line.label = "all care";
    line.measures = {"cost"};
    line.unit = "EUR";
    set.summary.sections = {{"Spending", "", {{0, {line}}}, {"Euros of 2013."}}};

    PersonPanel persons;
    persons.uid = {0, 7, (std::int64_t{1} << 53) + 1};
    persons.numbers = {{"age", "year", {1.5, 80.25, 44.0}}};
    persons.categories = {{"smoking", {"never", "former", "has stopped"}, {2, 0, 1}}};
    set.persons = persons;

    PersonPanel panel;
    panel.uid = {0, 7, 0};
    panel.year = {2013, 2013, 2014};
    panel.numbers = {{"age", "year", {1.5, 80.25, 2.5}}};
    panel.categories = {{"life", {"alive", "dead", "gone"}, {0, 0, 1}}};
    set.panel = panel;

    set.provenance.resolved = "scenario: " + scenario + "\nyears: 3\n";
    set.provenance.sources = {{"scenarios/a.yaml", "scenario: a\n"}, {"models/é.yaml", "process: x\n"}};
    set.provenance.seed = 42;
    set.provenance.replicates = 2;
    set.provenance.chunk_size = 4096;
    set.provenance.digests = {{"population", std::string(64, 'a')}};

    set.run_info.program_version = "0.1.0";
    set.run_info.git_sha = "0123abc";
    set.run_info.git_dirty = true;
    set.run_info.compiler = "GNU 12.2.0";
    set.run_info.build_flags = "-O2";
    set.run_info.library_versions = {{"hdf5", "1.10.8"}};
    set.run_info.command_line = "proeftuin run a.yaml";
    set.run_info.host = "somewhere";
    set.run_info.started = "2026-01-01T00:00:00Z";
    set.run_info.ended = "2026-01-01T00:01:00Z";
    set.run_info.wall_seconds = 60.5;
    set.run_info.threads = 2;
    set.run_info.seconds = {{"setup", 0.5}};
    return set;
}

}  // namespace proeftuin::output
