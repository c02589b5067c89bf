#include "engine/store/people_file.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "engine/core/contracts.hpp"
#include "engine/core/errors.hpp"
#include "engine/store/result_file.hpp"

namespace proeftuin::store {
namespace {

constexpr const char* filetype = "proeftuin population";
constexpr std::int64_t format = 1;
const std::string labels_suffix = "__labels";

std::string meanings(const std::vector<std::string>& labels) {
    std::string out;
    for (const auto& label : labels) {
        if (!out.empty()) out += ' ';
        for (const char c : label) out += c == ' ' || c == '\t' || c == '\n' ? '_' : c;
    }
    return out;
}

template <class Code>
void write_codes(Hdf5Writer& out, const std::string& path, const CategoryColumn& column) {
    std::vector<Code> codes(column.codes.size());
    for (std::size_t i = 0; i < codes.size(); ++i) {
        if (column.codes[i] >= column.labels.size())
            throw ContractViolation("a code of category '" + column.name + "' has no label");
        codes[i] = static_cast<Code>(column.codes[i]);
    }
    out.dataset(path, {codes.size()}, codes);
    if (column.labels.empty()) return;
    std::vector<Code> values(column.labels.size());
    std::iota(values.begin(), values.end(), Code{0});
    out.attribute(path, "flag_values", Values{{values.size()}, values});
    out.attribute(path, "flag_meanings", meanings(column.labels));
}

bool ends_with_labels(const std::string& name) { return name.ends_with(labels_suffix); }

}  // namespace

void write_people_columns(Hdf5Writer& out, const std::string& group, const std::string& axis,
                          std::span<const NumberColumn> numbers, std::span<const CategoryColumn> categories) {
    const std::string scale = group + "/" + axis;
    for (const auto& column : numbers) {
        const std::string path = group + "/" + column.name;
        out.dataset(path, {column.values.size()}, column.values);
        out.attribute(path, "units", column.unit.empty() ? std::string("1") : column.unit);
        out.attribute(path, "long_name", column.name);
        out.attach_scale(path, 0, scale);
    }
    for (const auto& column : categories) {
        const std::string path = group + "/" + column.name;
        if (column.labels.size() <= 128)
            write_codes<std::int8_t>(out, path, column);
        else if (column.labels.size() <= 32768)
            write_codes<std::int16_t>(out, path, column);
        else
            write_codes<std::int32_t>(out, path, column);
        out.attribute(path, "long_name", column.name);
        out.attach_scale(path, 0, scale);
        const std::string labels = path + labels_suffix;
        out.texts(labels, {column.labels.size()}, column.labels);
        out.attribute(labels, "long_name", "labels of the codes of " + column.name + ", from 0");
        out.make_scale(labels, column.name + labels_suffix);
    }
}

void read_people_columns(const Hdf5Reader& in, const std::string& group, const std::string& axis, std::size_t people,
                         std::vector<NumberColumn>& numbers, std::vector<CategoryColumn>& categories) {
    const auto refuse = [&](const std::string& name, const std::string& why) {
        throw IoError("cannot use '" + group + "/" + name + "' in '" + in.path() + "' (" + why + ")");
    };
    for (const auto& name : in.children(group)) {
        if (name == axis || ends_with_labels(name)) continue;
        const std::string path = group + "/" + name;
        if (in.has(path + labels_suffix)) {
            CategoryColumn column{name, in.texts(path + labels_suffix), in.numbers<std::uint16_t>(path)};
            if (column.codes.size() != people) refuse(name, "its length is not the number of people");
            for (const auto code : column.codes)
                if (code >= column.labels.size()) refuse(name, "a code without a label");
            categories.push_back(std::move(column));
        } else {
            NumberColumn column{name, in.text_attribute(path, "units"), in.numbers<double>(path)};
            if (column.values.size() != people) refuse(name, "its length is not the number of people");
            numbers.push_back(std::move(column));
        }
    }
}

void write_population(const std::string& path, const PersonTable& people, const PopulationProvenance& provenance) {
    for (const auto& column : people.numbers) PT_EXPECT(column.values.size() == people.people);
    for (const auto& column : people.categories) PT_EXPECT(column.codes.size() == people.people);
    write_hdf5_file(path, [&](Hdf5Writer& out) {
        out.attribute("/", "Conventions", std::string("CF-1.11"));
        out.attribute("/", "filetype", std::string(filetype));
        out.attribute("/", "format_version", format);
        std::vector<std::int64_t> uids(people.people);
        std::iota(uids.begin(), uids.end(), std::int64_t{0});
        out.dataset("/population/person", {uids.size()}, uids);
        out.attribute("/population/person", "long_name", std::string("uid of the person"));
        out.attribute("/population/person", "units", std::string("1"));
        out.make_scale("/population/person", "person");
        write_people_columns(out, "/population", "person", people.numbers, people.categories);
        out.group("/provenance");
        for (const auto& [name, text] : provenance) out.text("/provenance/" + name, text);
    });
}

Population read_population(const std::string& path) {
    const Hdf5Reader in(path);
    if (in.text_attribute("/", "filetype") != filetype)
        throw IoError("cannot use '" + path + "' (it is not a population)");
    if (const auto version = in.integer_attribute("/", "format_version", 0); version != format)
        throw IoError("cannot use '" + path + "' (its format is " + std::to_string(version) + ", this program reads " +
                      std::to_string(format) + ")");
    Population out;
    out.people.people = in.numbers<std::int64_t>("/population/person").size();
    read_people_columns(in, "/population", "person", out.people.people, out.people.numbers, out.people.categories);
    for (const auto& name : in.children("/provenance")) out.provenance[name] = in.text("/provenance/" + name);
    out.content_digest = in.text_attribute("/", root_attribute::content_digest);
    return out;
}

}  // namespace proeftuin::store
