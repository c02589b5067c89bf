#include "output/writer.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <set>

#include "engine/core/contracts.hpp"
#include "engine/store/people_file.hpp"
#include "engine/store/result_file.hpp"
#include "engine/store/sha256.hpp"
#include "output/format_version.hpp"
#include "output/names.hpp"

namespace proeftuin::output {
namespace {

using store::Hdf5Writer;
using store::Shape;
using store::Values;

/// Broken promises of the caller, found before anything is written and also in builds without contracts.
void demand(bool holds, const std::string& what) {
    if (!holds) throw ContractViolation(what);
}

void demand_name(const std::string& name, const std::string& of) {
    demand(!name.empty() && name != "." && name.find('/') == std::string::npos && name.find('\0') == std::string::npos,
           "'" + name + "' cannot be the name of a " + of);
}

void demand_consistent(const PersonPanel& people) {
    for (const auto& column : people.numbers)
        demand(column.values.size() == people.uid.size(), "column '" + column.name + "' has another length");
    for (const auto& column : people.categories)
        demand(column.codes.size() == people.uid.size(), "column '" + column.name + "' has another length");
}

void demand_consistent(const ResultSet& set) {
    demand_name(set.scenario, "scenario");
    std::set<std::string> names;
    for (const auto& measure : set.measures) {
        const std::string of = "measure '" + measure.name + "'";
        demand_name(measure.name, "measure");
        demand(names.insert(measure.name).second, of + " is there twice");
        demand(measure.values.size() == measure.cells(), of + " has another number of values than of cells");
        demand(measure.sums_of_squares.empty() || measure.sums_of_squares.size() == measure.cells(),
               of + " has another number of sums of squares than of cells");
        demand(measure.counts.empty() || measure.counts.size() == measure.cells(),
               of + " has another number of counts than of cells");
        for (const auto& statistic : measure.statistics) {
            demand_name(statistic.name, "statistic");
            demand(names.insert(measure.name + "__" + statistic.name).second,
                   of + " has statistic '" + statistic.name + "' twice, or another measure has its name");
            demand(statistic.values.size() == measure.cells(),
                   of + " has another number of values of '" + statistic.name + "' than of cells");
        }
        std::set<std::string> axes;
        for (const auto& dim : measure.dims) {
            demand_name(dim.name, "axis");
            demand(axes.insert(dim.name).second, of + " has axis '" + dim.name + "' twice");
            demand(dim.names.empty() || dim.names.size() == dim.labels.size(),
                   "axis '" + dim.name + "' has not one name per label");
            demand(dim.labels.empty() || dim.numbers.empty(), "axis '" + dim.name + "' has labels and numbers");
        }
    }
    if (set.persons) demand_consistent(*set.persons);
    if (!set.panel) return;
    demand_consistent(*set.panel);
    demand(set.panel->year.size() == set.panel->uid.size(), "the years of the panel have another length");
}

void attribute_if(Hdf5Writer& out, const std::string& object, const std::string& name, const std::string& text) {
    if (!text.empty()) out.attribute(object, name, valid_utf8(text));  // some readers stumble over empty texts
}

/// The scenario's axes, each written once. Two axes of one name that differ get datasets `x` and `x_2`.
class Axes {
public:
    Axes(Hdf5Writer& out, std::string group, const ResultSet& set) : out_{out}, group_{std::move(group)} {
        for (const auto& measure : set.measures) {
            taken_.insert(measure.name);
            taken_.insert(measure.name + "__" + role::sums_of_squares);
            taken_.insert(measure.name + "__" + role::counts);
            for (const auto& statistic : measure.statistics) taken_.insert(measure.name + "__" + statistic.name);
        }
    }

    /// Path of the scale of `dim`, made when it is new.
    std::string scale(const Dim& dim) {
        for (const auto& [known, path] : made_)
            if (known == dim) return path;
        std::string name = dim.name;
        for (int i = 2; !taken_.insert(name).second; ++i) name = dim.name + "_" + std::to_string(i);
        const std::string path = group_ + "/" + name;
        if (dim.categorical()) {
            out_.texts(path, {dim.labels.size()}, dim.labels);
            if (!dim.names.empty()) out_.attribute(path, "names", Values{{dim.names.size()}, dim.names});
        } else {
            out_.dataset(path, {dim.numbers.size()}, dim.numbers);
            out_.attribute(path, "units", udunits(dim.unit, ""));
        }
        out_.attribute(path, "role", std::string(role::dimension));
        out_.attribute(path, "dimension_name", dim.name);
        out_.attribute(path, "unit", dim.unit.empty() ? std::string("1") : dim.unit);
        out_.attribute(path, "long_name", dim.doc.empty() ? dim.name : dim.doc);
        attribute_if(out_, path, "doc", dim.doc);
        out_.make_scale(path, name);
        made_.emplace_back(dim, path);
        return path;
    }

private:
    Hdf5Writer& out_;
    std::string group_;
    std::set<std::string> taken_;
    std::vector<std::pair<Dim, std::string>> made_;
};

/// CF: what each value stands for along the period axis.
std::string cell_methods(const MeasureResult& measure, const std::string& period) {
    switch (measure.kind) {
        case MeasureKind::people:
            return period + ": point";
        case MeasureKind::mean:
            return period + ": mean";
        default:
            return period + ": sum";
    }
}

template <class T>
void write_cells(Hdf5Writer& out, const std::string& path, const Shape& shape, const std::vector<T>& values,
                 const std::vector<std::string>& scales) {
    if (shape.empty())
        out.scalar(path, values.front());
    else
        out.dataset(path, shape, values);
    std::string dimensions;
    for (unsigned axis = 0; axis < scales.size(); ++axis) {
        out.attach_scale(path, axis, scales[axis]);
        dimensions += (axis ? " " : "") + scales[axis].substr(scales[axis].find_last_of('/') + 1);
    }
    attribute_if(out, path, "dimensions", dimensions);  // for readers that cannot follow references
    if constexpr (std::is_same_v<T, double>)
        out.attribute(path, "_FillValue", std::numeric_limits<double>::quiet_NaN());
}

void write_measure(Hdf5Writer& out, Axes& axes, const std::string& group, const MeasureResult& measure) {
    const std::string path = group + "/" + measure.name;
    Shape shape;
    std::vector<std::string> scales;
    for (const auto& dim : measure.dims) {
        shape.push_back(dim.size());
        scales.push_back(axes.scale(dim));
    }
    write_cells(out, path, shape, measure.values, scales);
    out.attribute(path, "role", std::string(role::measure));
    out.attribute(path, "kind", std::string(to_string(measure.kind)));
    out.attribute(path, "long_name", measure.doc.empty() ? measure.name : measure.doc);
    attribute_if(out, path, "doc", measure.doc);
    out.attribute(path, "units", udunits(measure.unit, measure.currency));
    out.attribute(path, "unit", measure.unit.empty() ? std::string("1") : measure.unit);
    attribute_if(out, path, "currency", measure.currency);
    if (measure.price_year) out.attribute(path, "price_year", std::int64_t{*measure.price_year});
    attribute_if(out, path, "discount", measure.discount);
    if (!measure.dims.empty() && !measure.dims.front().categorical())
        out.attribute(path, "cell_methods", cell_methods(measure, scales.front().substr(group.size() + 1)));

    std::string companions;
    const auto companion = [&](const std::string& name, const char* its_role, const std::string& doc,
                               const std::string& units, const std::string& unit) {
        const std::string of = path + "__" + name;
        out.attribute(of, "role", std::string(its_role));
        out.attribute(of, "measure", measure.name);
        out.attribute(of, "statistic", name);
        out.attribute(of, "long_name", doc.empty() ? name + " of " + measure.name : doc);
        attribute_if(out, of, "doc", doc);
        out.attribute(of, "units", units);
        out.attribute(of, "unit", unit);
        companions += (companions.empty() ? "" : " ") + measure.name + "__" + name;
    };
    if (!measure.sums_of_squares.empty()) {
        write_cells(out, path + "__" + role::sums_of_squares, shape, measure.sums_of_squares, scales);
        companion(role::sums_of_squares, role::sums_of_squares, "", "1", "square of the measure's unit");
    }
    if (!measure.counts.empty()) {
        write_cells(out, path + "__" + role::counts, shape, measure.counts, scales);
        companion(role::counts, role::counts, "", "1", "1");
    }
    for (const auto& statistic : measure.statistics) {
        write_cells(out, path + "__" + statistic.name, shape, statistic.values, scales);
        companion(statistic.name, role::statistic, statistic.doc, udunits(statistic.unit, measure.currency),
                  statistic.unit.empty() ? "1" : statistic.unit);
    }
    attribute_if(out, path, "ancillary_variables", companions);
}

void write_persons(Hdf5Writer& out, const std::string& group, const PersonPanel& panel) {
    out.group(group);
    out.dataset(group + "/uid", {panel.uid.size()}, panel.uid);
    out.attribute(group + "/uid", "long_name", std::string("uid of the person"));
    out.attribute(group + "/uid", "units", std::string("1"));
    out.make_scale(group + "/uid", "uid");
    store::write_people_columns(out, group, "uid", panel.numbers, panel.categories);
}

void write_panel(Hdf5Writer& out, const std::string& group, const PersonPanel& panel) {
    out.group(group);
    std::vector<std::int64_t> rows(panel.uid.size());
    std::iota(rows.begin(), rows.end(), std::int64_t{0});
    const auto column = [&](const std::string& name, const auto& values, const char* about, const char* units) {
        out.dataset(group + "/" + name, {rows.size()}, values);
        out.attribute(group + "/" + name, "long_name", std::string(about));
        out.attribute(group + "/" + name, "units", std::string(units));
    };
    column("row", rows, "row, by year and uid", "1");
    out.make_scale(group + "/row", "row");
    column("uid", panel.uid, "uid of the person", "1");
    out.attach_scale(group + "/uid", 0, group + "/row");
    column("year", panel.year, "1 January of this year", "year");
    out.attach_scale(group + "/year", 0, group + "/row");
    store::write_people_columns(out, group, "row", panel.numbers, panel.categories);
}

void write_provenance(Hdf5Writer& out, const std::string& group, const Provenance& provenance) {
    out.group(group);
    out.attribute(group, "seed", provenance.seed);
    out.attribute(group, "replicates", provenance.replicates);
    out.attribute(group, "chunk_size", provenance.chunk_size);
    for (const auto& [name, digest] : provenance.digests) attribute_if(out, group, "digest_" + name, digest);
    out.text(group + "/resolved", valid_utf8(provenance.resolved));
    if (provenance.sources.empty()) return;
    std::vector<std::string> paths, texts, digests;
    for (const auto& source : provenance.sources) {
        paths.push_back(valid_utf8(source.path));
        texts.push_back(valid_utf8(source.text));
        digests.push_back(source.sha256.empty() ? sha256_hex(source.text) : source.sha256);
    }
    const Shape shape{paths.size()};
    out.texts(group + "/source", shape, paths);
    out.make_scale(group + "/source", "source");
    out.texts(group + "/source_text", shape, texts);
    out.attach_scale(group + "/source_text", 0, group + "/source");
    out.texts(group + "/source_sha256", shape, digests);
    out.attach_scale(group + "/source_sha256", 0, group + "/source");
}

void write_build(Hdf5Writer& out, const std::string& object, const RunInfo& info) {
    attribute_if(out, object, "program_version", info.program_version);
    attribute_if(out, object, "git_sha", info.git_sha);
    out.attribute(object, "git_dirty", static_cast<std::int8_t>(info.git_dirty));
    attribute_if(out, object, "compiler", info.compiler);
    attribute_if(out, object, "build_flags", info.build_flags);
}

void write_run_info(Hdf5Writer& out, const std::string& group, const RunInfo& info) {
    out.group(group);
    write_build(out, group, info);
    for (const auto& [name, version] : info.library_versions) attribute_if(out, group, "library_" + name, version);
    attribute_if(out, group, "command_line", info.command_line);
    attribute_if(out, group, "host", info.host);
    attribute_if(out, group, "started", info.started);
    attribute_if(out, group, "ended", info.ended);
    out.attribute(group, "wall_seconds", info.wall_seconds);
    out.attribute(group, "threads", info.threads);
    for (const auto& [part, seconds] : info.seconds) out.attribute(group, "seconds_" + part, seconds);
}

void write_scenario(Hdf5Writer& out, const ResultSet& set) {
    const std::string group = "/results/" + set.scenario;
    out.group(group);
    out.attribute(group, "Conventions", std::string("CF-1.11"));
    out.attribute(group, "title", set.doc.empty() ? set.scenario : valid_utf8(set.doc));
    out.attribute(group, "scenario", set.scenario);
    attribute_if(out, group, "doc", set.doc);
    out.attribute(group, "seed", set.provenance.seed);
    out.attribute(group, "replicates", set.provenance.replicates);
    out.attribute(group, "stands_for", set.stands_for);
    out.attribute(group, "scenario_sha256", sha256_hex(set.provenance.resolved));
    Axes axes(out, group, set);
    for (const auto& measure : set.measures) write_measure(out, axes, group, measure);
    if (!set.summary.empty()) {
        out.group("/summary");
        out.text("/summary/" + set.scenario, valid_utf8(to_json(set.summary)));
    }
    if (set.persons) write_persons(out, "/persons/" + set.scenario, *set.persons);
    if (set.panel) write_panel(out, "/panel/" + set.scenario, *set.panel);
    write_provenance(out, "/provenance/" + set.scenario, set.provenance);
    write_run_info(out, "/run_info/" + set.scenario, set.run_info);
}

}  // namespace

void write_results(const std::string& path, std::span<const ResultSet> scenarios) {
    demand(!scenarios.empty(), "a results file needs a scenario");
    std::vector<std::string> names;
    for (const auto& set : scenarios) {
        demand_consistent(set);
        demand(std::find(names.begin(), names.end(), set.scenario) == names.end(),
               "scenario '" + set.scenario + "' is there twice");
        names.push_back(set.scenario);
    }
    store::write_hdf5_file(path, [&](Hdf5Writer& out) {
        std::string title = "Results of";
        for (const auto& name : names) title += " " + name;
        out.attribute("/", "Conventions", std::string("CF-1.11"));
        out.attribute("/", "title", title);
        out.attribute("/", "filetype", std::string(results_filetype));
        out.attribute("/", "format_version",
                      Values{{2}, std::vector<std::int32_t>{format_version.major, format_version.minor}});
        out.attribute("/", "program", std::string("proeftuin"));
        write_build(out, "/", scenarios.front().run_info);
        out.attribute("/", "scenarios", Values{{names.size()}, names});
        for (const auto& set : scenarios) write_scenario(out, set);
    });
}

}  // namespace proeftuin::output
