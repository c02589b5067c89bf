#include "output/reader.hpp"

#include "engine/core/errors.hpp"
#include "engine/store/people_file.hpp"
#include "engine/store/result_file.hpp"
#include "output/names.hpp"

namespace proeftuin::output {
namespace {

using store::Hdf5Reader;

FormatVersion read_format(const Hdf5Reader& in) {
    if (in.text_attribute("/", "filetype") != results_filetype)
        throw IoError("cannot use '" + in.path() + "' (it is not a results file)");
    const auto value = in.attribute("/", "format_version");
    const auto* numbers = std::get_if<std::vector<std::int32_t>>(&value.array);
    if (!numbers || numbers->size() != 2) throw IoError("cannot use '" + in.path() + "' (no format version)");
    const FormatVersion found{(*numbers)[0], (*numbers)[1]};
    if (found.major != format_version.major)
        throw IoError("cannot use '" + in.path() + "' (its format is " + std::to_string(found.major) + "." +
                      std::to_string(found.minor) + ", this program reads " + std::to_string(format_version.major) +
                      ".x)");
    return found;
}

Dim read_dim(const Hdf5Reader& in, const std::string& path) {
    Dim dim;
    dim.name = in.text_attribute(path, "dimension_name");
    dim.unit = in.text_attribute(path, "unit");
    dim.doc = in.text_attribute(path, "doc");
    if (in.shape(path).type == store::ValueType::text)
        dim.labels = in.texts(path);
    else
        dim.numbers = in.numbers<double>(path);
    if (in.has_attribute(path, "names")) {
        auto names = in.attribute(path, "names");
        if (auto* texts = std::get_if<std::vector<std::string>>(&names.array)) dim.names = std::move(*texts);
    }
    return dim;
}

template <class T = double>
std::vector<T> read_cells(const Hdf5Reader& in, const std::string& path, std::size_t cells) {
    auto values = in.numbers<T>(path);
    if (values.size() != cells) throw IoError("cannot use '" + path + "' in '" + in.path() + "' (its shape is wrong)");
    return values;
}

MeasureResult read_measure(const Hdf5Reader& in, const std::string& group, const std::string& name) {
    const std::string path = group + "/" + name;
    MeasureResult measure;
    measure.name = name;
    measure.doc = in.text_attribute(path, "doc");
    measure.unit = in.text_attribute(path, "unit");
    measure.currency = in.text_attribute(path, "currency");
    if (in.has_attribute(path, "price_year"))
        measure.price_year = static_cast<int>(in.integer_attribute(path, "price_year", 0));
    measure.discount = in.text_attribute(path, "discount");
    measure.kind = measure_kind(in.text_attribute(path, "kind"));
    for (const auto& scale : in.scales(path)) {
        if (scale.empty()) throw IoError("cannot use '" + path + "' in '" + in.path() + "' (an axis without a scale)");
        measure.dims.push_back(read_dim(in, scale));
    }
    measure.values = read_cells(in, path, measure.cells());
    return measure;
}

void read_companion(const Hdf5Reader& in, const std::string& path, const std::string& its_role, ResultSet& set) {
    const std::string owner = in.text_attribute(path, "measure");
    for (auto& measure : set.measures) {
        if (measure.name != owner) continue;
        if (its_role == role::sums_of_squares) {
            measure.sums_of_squares = read_cells(in, path, measure.cells());
        } else if (its_role == role::counts) {
            measure.counts = read_cells<std::int64_t>(in, path, measure.cells());
        } else {
            measure.statistics.push_back({in.text_attribute(path, "statistic"), in.text_attribute(path, "doc"),
                                          in.text_attribute(path, "unit"), read_cells(in, path, measure.cells())});
        }
    }
}

PersonPanel read_persons(const Hdf5Reader& in, const std::string& group) {
    PersonPanel panel;
    panel.uid = in.numbers<std::int64_t>(group + "/uid");
    store::read_people_columns(in, group, "uid", panel.uid.size(), panel.numbers, panel.categories);
    return panel;
}

PersonPanel read_panel(const Hdf5Reader& in, const std::string& group) {
    PersonPanel panel;
    panel.uid = in.numbers<std::int64_t>(group + "/uid");
    store::read_people_columns(in, group, "row", panel.uid.size(), panel.numbers, panel.categories);
    std::erase_if(panel.numbers, [&](NumberColumn& column) {
        if (column.name == "year") panel.year = std::move(column.values);
        return column.name == "uid" || column.name == "year";
    });
    return panel;
}

Provenance read_provenance(const Hdf5Reader& in, const std::string& group) {
    Provenance provenance;
    provenance.seed = in.integer_attribute(group, "seed", 0);
    provenance.replicates = in.integer_attribute(group, "replicates", 1);
    provenance.chunk_size = in.integer_attribute(group, "chunk_size", 0);
    const std::string prefix = "digest_";
    for (const auto& name : in.attributes(group))
        if (name.starts_with(prefix)) provenance.digests[name.substr(prefix.size())] = in.text_attribute(group, name);
    provenance.resolved = in.text(group + "/resolved");
    if (!in.has(group + "/source")) return provenance;
    const auto paths = in.texts(group + "/source");
    const auto texts = in.texts(group + "/source_text");
    const auto digests = in.texts(group + "/source_sha256");
    if (texts.size() != paths.size() || digests.size() != paths.size())
        throw IoError("cannot use '" + group + "' in '" + in.path() + "' (the sources are not of one length)");
    for (std::size_t i = 0; i < paths.size(); ++i) provenance.sources.push_back({paths[i], texts[i], digests[i]});
    return provenance;
}

RunInfo read_run_info(const Hdf5Reader& in, const std::string& group) {
    RunInfo info;
    info.program_version = in.text_attribute(group, "program_version");
    info.git_sha = in.text_attribute(group, "git_sha");
    info.git_dirty = in.number_attribute(group, "git_dirty", 0) != 0;
    info.compiler = in.text_attribute(group, "compiler");
    info.build_flags = in.text_attribute(group, "build_flags");
    info.command_line = in.text_attribute(group, "command_line");
    info.host = in.text_attribute(group, "host");
    info.started = in.text_attribute(group, "started");
    info.ended = in.text_attribute(group, "ended");
    info.wall_seconds = in.number_attribute(group, "wall_seconds", 0.0);
    info.threads = in.integer_attribute(group, "threads", 0);
    for (const auto& name : in.attributes(group)) {
        if (name.starts_with("library_")) info.library_versions[name.substr(8)] = in.text_attribute(group, name);
        if (name.starts_with("seconds_")) info.seconds[name.substr(8)] = in.number_attribute(group, name, 0.0);
    }
    return info;
}

ResultSet read_scenario(const Hdf5Reader& in, const std::string& name, Persons persons) {
    const std::string group = "/results/" + name;
    ResultSet set;
    set.scenario = name;
    set.doc = in.text_attribute(group, "doc");
    set.stands_for = in.number_attribute(group, "stands_for", 1.0);
    // in the order of making: a measure stands before its companions
    for (const auto& child : in.children(group)) {
        const std::string path = group + "/" + child;
        const std::string its_role = in.text_attribute(path, "role");
        if (its_role == role::measure)
            set.measures.push_back(read_measure(in, group, child));
        else if (its_role != role::dimension)
            read_companion(in, path, its_role, set);
    }
    if (in.has("/summary/" + name)) set.summary = summary_of_json(in.text("/summary/" + name));
    if (persons == Persons::read && in.has("/persons/" + name)) set.persons = read_persons(in, "/persons/" + name);
    if (persons == Persons::read && in.has("/panel/" + name)) set.panel = read_panel(in, "/panel/" + name);
    set.provenance = read_provenance(in, "/provenance/" + name);
    set.run_info = read_run_info(in, "/run_info/" + name);
    return set;
}

}  // namespace

ResultsFile read_results(const std::string& path, Persons persons) {
    const Hdf5Reader in(path);
    ResultsFile file;
    file.format = read_format(in);
    file.content_digest = in.text_attribute("/", store::root_attribute::content_digest);
    for (const auto& name : in.children("/results")) file.scenarios.push_back(read_scenario(in, name, persons));
    return file;
}

FileComparison compare_results(const std::string& path_a, const std::string& path_b) {
    const Hdf5Reader a(path_a), b(path_b);
    const auto in_a = a.contents().digests();
    const auto in_b = b.contents().digests();
    const auto counts = [](const std::string& what) {
        return what.find(" /run_info") == std::string::npos && !what.starts_with("attribute / ");
    };
    FileComparison out;
    for (const auto& [what, digest] : in_a) {
        if (!counts(what)) continue;
        const auto other = in_b.find(what);
        if (other == in_b.end())
            out.differences.push_back(what + " is only in " + path_a);
        else if (other->second != digest)
            out.differences.push_back(what + " differs");
    }
    for (const auto& [what, digest] : in_b)
        if (counts(what) && !in_a.contains(what)) out.differences.push_back(what + " is only in " + path_b);
    out.equal = out.differences.empty();
    return out;
}

}  // namespace proeftuin::output
