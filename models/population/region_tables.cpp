#include "models/population/region_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

namespace proeftuin::population {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();
const std::vector<std::string> sexes{"female", "male"};

std::optional<std::size_t> index_of(const std::vector<std::string>& labels, std::string_view label) {
    const auto at = std::find(labels.begin(), labels.end(), label);
    if (at == labels.end()) return std::nullopt;
    return static_cast<std::size_t>(at - labels.begin());
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts(1);
    for (const char c : text) {
        if (c == separator)
            parts.emplace_back();
        else
            parts.back() += c;
    }
    return parts;
}

Axis axis_of_column(const std::string& by) {
    if (by == "sex") return Axis::sex;
    if (by == "age") return Axis::age;
    if (by == "position") return Axis::position;
    return Axis::neighbourhood;
}

}  // namespace

std::optional<AgeRange> parse_ages(std::string_view text, std::size_t ages) {
    const auto whole = [](std::string_view t) -> std::optional<std::size_t> {
        const auto n = parse_integer(t);
        if (!n || *n < 0 || *n > 200) return std::nullopt;
        return static_cast<std::size_t>(*n);
    };
    AgeRange range;
    if (!text.empty() && text.back() == '+') {
        const auto from = whole(text.substr(0, text.size() - 1));
        if (!from) return std::nullopt;
        range = {*from, ages - 1};
    } else if (const auto dash = text.find('-'); dash != std::string_view::npos && dash > 0) {
        const auto from = whole(text.substr(0, dash)), to = whole(text.substr(dash + 1));
        if (!from || !to) return std::nullopt;
        range = {*from, *to};
    } else {
        const auto age = whole(text);
        if (!age) return std::nullopt;
        range = {*age, *age};
    }
    if (range.from > range.to || range.to >= ages) return std::nullopt;
    return range;
}

std::optional<CsvTable> RegionTables::open(const Located<std::string>& file) {
    namespace fs = std::filesystem;
    const fs::path folder = fs::path(files_.path(file.span.file)).parent_path();
    const std::string path = (folder / file.value).lexically_normal().string();
    if (const auto at = opened_.find(path); at != opened_.end()) return at->second;
    std::error_code error;
    if (!fs::is_regular_file(path, error)) {
        sink_.report({.code = "E0601",
                      .message = fmt::format("there is no table '{}'", file.value),
                      .where = file.span,
                      .label = fmt::format("looked for {}", path)});
        return std::nullopt;
    }
    auto table = read_csv_file(files_, path, sink_);
    if (table) opened_.emplace(path, *table);
    return table;
}

bool RegionTables::keep_only(const TableEntry& entry, CsvTable& table) {
    for (const auto& rule : entry.only) {
        const auto at = column(table, rule.key, rule.key_span);
        if (!at) return false;
        std::erase_if(table.rows, [&](const auto& row) { return row[*at].text != rule.value; });
        if (table.rows.empty()) {
            sink_.report({.code = "E0604",
                          .message = fmt::format("no row of '{}' has {} '{}'", entry.file.value, rule.key, rule.value),
                          .where = rule.key_span});
            return false;
        }
    }
    return true;
}

std::optional<std::size_t> RegionTables::column(const CsvTable& table, std::string_view name, SourceSpan place) {
    const auto at = table.column(name);
    if (!at) {
        std::vector<std::string> names;
        for (const auto& c : table.header) names.push_back(c.text);
        sink_.report({.code = "E0602",
                      .message = fmt::format("table '{}' has no column '{}'", files_.path(table.file), name),
                      .where = place,
                      .notes = {{table.header.empty() ? SourceSpan{table.file, 1, 1, 1} : table.header.front().span,
                                 "its columns are given here"}},
                      .help = suggestion(name, names)});
    }
    return at;
}

std::optional<RegionTables::Columns> RegionTables::open_by(const TableEntry& entry, std::string_view default_column) {
    auto table = open(entry.file);
    if (!table || !keep_only(entry, *table)) return std::nullopt;
    Columns columns;
    bool good = true;
    for (const auto& by : entry.by) {
        const auto at = column(*table, by, entry.place);
        if (at)
            columns.by.push_back(*at);
        else
            good = false;
    }
    const bool own = !entry.column.value.empty();
    if (!default_column.empty() || own) {
        const auto at = column(*table, own ? std::string_view(entry.column.value) : default_column,
                               own ? entry.column.span : entry.place);
        if (at)
            columns.value = *at;
        else
            good = false;
    }
    if (!good) return std::nullopt;
    columns.table = std::move(*table);
    return columns;
}

std::optional<double> RegionTables::read_number(const CsvCell& cell, double low, double high) {
    const auto value = parse_number(cell.text);
    if (!value || *value < low || *value > high) {
        const std::string range =
            high < 1e300 ? fmt::format("from {} to {}", low, high) : fmt::format("of {} or more", low);
        sink_.report(
            {.code = "E0606", .message = fmt::format("'{}' is not a number {}", cell.text, range), .where = cell.span});
        return std::nullopt;
    }
    return value;
}

std::optional<std::size_t> RegionTables::municipality(const CsvCell& cell) {
    const auto at = index_of(spec_.municipalities, cell.text);
    if (!at)
        sink_.report({.code = "E0603",
                      .message = fmt::format("unknown municipality '{}'", cell.text),
                      .where = cell.span,
                      .notes = {{entry_.neighbourhoods.place, "the municipalities are those of the neighbourhoods"}},
                      .help = suggestion(cell.text, spec_.municipalities)});
    return at;
}

std::optional<RegionTables::Selection> RegionTables::select(const std::string& by, const CsvCell& cell) {
    Selection selection{axis_of_column(by), {}};
    if (by == "municipality") {
        const auto m = municipality(cell);
        if (!m) return std::nullopt;
        for (std::size_t n = 0; n < spec_.neighbourhoods.size(); ++n)
            if (spec_.neighbourhoods[n].municipality == *m) selection.values.push_back(n);
    } else if (by == "age") {
        const auto range = parse_ages(cell.text, spec_.ages);
        if (!range) {
            sink_.report({.code = "E0603",
                          .message = fmt::format("'{}' is not an age class (ages go to {})", cell.text, spec_.ages - 1),
                          .where = cell.span,
                          .help = "write 7, 15-24 or 65+"});
            return std::nullopt;
        }
        for (std::size_t a = range->from; a <= range->to; ++a) selection.values.push_back(a);
    } else {
        std::vector<std::string> labels;
        if (by == "sex")
            labels = sexes;
        else if (by == "position")
            labels.assign(position_labels.begin(), position_labels.end());
        else
            for (const auto& n : spec_.neighbourhoods) labels.push_back(n.label);
        for (const auto& part : split(cell.text, '+')) {
            const auto at = index_of(labels, part);
            if (!at) {
                sink_.report({.code = "E0603",
                              .message = fmt::format("unknown {} '{}'", by, part),
                              .where = cell.span,
                              .help = suggestion(part, labels)});
                return std::nullopt;
            }
            selection.values.push_back(*at);
        }
        std::sort(selection.values.begin(), selection.values.end());
    }
    return selection;
}

std::string RegionTables::reason(const std::string& why) const {
    for (const auto& a : entry_.assumptions)
        if (a.key == why) return a.value;
    return why;
}

void RegionTables::neighbourhoods() {
    const auto table = open(entry_.neighbourhoods.file);
    if (!table) return;
    const auto label = column(*table, "neighbourhood", entry_.neighbourhoods.place);
    const auto town = column(*table, "municipality", entry_.neighbourhoods.place);
    if (!label || !town) return;
    const auto name = table->column("name"), postcode = table->column("postcode"), ses = table->column("ses");
    std::map<std::string, SourceSpan> seen;
    for (const auto& row : table->rows) {
        Neighbourhood n;
        n.label = row[*label].text;
        const auto [first, fresh] = seen.emplace(n.label, row[*label].span);
        if (!fresh) {
            sink_.report({.code = "E0605",
                          .message = fmt::format("neighbourhood '{}' is given twice", n.label),
                          .where = row[*label].span,
                          .notes = {{first->second, "first given here"}}});
            continue;
        }
        if (!index_of(spec_.municipalities, row[*town].text)) spec_.municipalities.push_back(row[*town].text);
        n.municipality = *index_of(spec_.municipalities, row[*town].text);
        n.name = name && !row[*name].text.empty() ? row[*name].text : n.label;
        if (postcode) n.postcode = row[*postcode].text;
        if (ses) {
            const std::vector<std::string> fifths{"q1", "q2", "q3", "q4", "q5"};
            const auto q = index_of(fifths, row[*ses].text);
            if (q)
                n.ses = *q;
            else
                sink_.report({.code = "E0603",
                              .message = fmt::format("unknown fifth '{}'", row[*ses].text),
                              .where = row[*ses].span,
                              .help = "one of: q1, q2, q3, q4, q5"});
        }
        spec_.neighbourhoods.push_back(std::move(n));
    }
    // Those of one municipality stand together, so that people of a municipality do.
    std::stable_sort(spec_.neighbourhoods.begin(), spec_.neighbourhoods.end(),
                     [](const auto& a, const auto& b) { return a.municipality < b.municipality; });
    if (spec_.neighbourhoods.empty())
        sink_.report(
            {.code = "E0604", .message = "the region has no neighbourhoods", .where = entry_.neighbourhoods.place});
}

void RegionTables::find_ages() {
    // The oldest age is the highest one that any table of people names; ages beyond it count with it.
    std::size_t oldest = 0;
    const auto look = [&](const TableEntry& entry) {
        if (std::find(entry.by.begin(), entry.by.end(), "age") == entry.by.end()) return;
        const auto table = open(entry.file);
        if (!table) return;
        const auto at = table->column("age");
        if (!at) return;
        for (const auto& row : table->rows) {
            std::string_view t = row[*at].text;
            if (!t.empty() && t.back() == '+') t.remove_suffix(1);
            if (const auto dash = t.find('-'); dash != std::string_view::npos) t = t.substr(dash + 1);
            const auto n = parse_integer(t);
            if (n && *n >= 0 && *n <= 130) oldest = std::max(oldest, static_cast<std::size_t>(*n));
        }
    };
    for (const auto& s : entry_.seed) look(s);
    for (const auto& m : entry_.margins) look(m.value);
    spec_.ages = oldest + 1;
}

void RegionTables::margin(const std::string& name, SourceSpan place, const TableEntry& entry) {
    Margin margin;
    margin.name = name;
    RegionMargin described;
    described.by = entry.by;
    described.source = entry.source;
    described.why = reason(entry.why);
    described.place = place;
    const auto columns = open_by(entry, "people");
    if (!columns) return;
    if (entry.by.empty()) {
        sink_.report({.code = "E0604",
                      .message = fmt::format("margin '{}' does not say which people its rows are about", name),
                      .where = place,
                      .help = "give `by`, for example by: [municipality, sex, age]"});
        return;
    }
    const Shape shape = spec_.shape();
    // Groups of each axis, in the order in which the file names them.
    struct Groups {
        std::vector<std::string> labels;
        std::vector<std::int64_t> of_value;
    };
    std::vector<Groups> groups(entry.by.size());
    bool good = true;
    for (std::size_t k = 0; k < entry.by.size(); ++k) {
        const std::size_t axis = static_cast<std::size_t>(axis_of_column(entry.by[k]));
        for (const auto& other : margin.axes)
            if (other.axis == axis) {
                sink_.report({.code = "E0604",
                              .message = fmt::format("margin '{}' names the same axis twice ('{}')", name, entry.by[k]),
                              .where = place});
                return;
            }
        margin.axes.push_back({axis, {}, 0});
        groups[k].of_value.assign(shape[axis], -1);
    }
    std::vector<std::vector<std::uint32_t>> row_groups;
    std::vector<std::size_t> rows_read;
    for (std::size_t r = 0; r < columns->table.rows.size(); ++r) {
        const auto& row = columns->table.rows[r];
        std::vector<std::uint32_t> of_row;
        for (std::size_t k = 0; k < entry.by.size(); ++k) {
            const CsvCell& cell = row[columns->by[k]];
            auto known = index_of(groups[k].labels, cell.text);
            if (!known) {
                const auto selection = select(entry.by[k], cell);
                if (!selection) {
                    good = false;
                    break;
                }
                for (const auto v : selection->values)
                    if (groups[k].of_value[v] >= 0) {
                        sink_.report(
                            {.code = "E0605",
                             .message = fmt::format("{} '{}' overlaps '{}' of the same table", entry.by[k], cell.text,
                                                    groups[k].labels[static_cast<std::size_t>(groups[k].of_value[v])]),
                             .where = cell.span});
                        good = false;
                        break;
                    }
                known = groups[k].labels.size();
                groups[k].labels.push_back(cell.text);
                for (const auto v : selection->values) groups[k].of_value[v] = static_cast<std::int64_t>(*known);
            }
            of_row.push_back(static_cast<std::uint32_t>(*known));
        }
        if (of_row.size() < entry.by.size()) continue;
        row_groups.push_back(std::move(of_row));
        rows_read.push_back(r);
    }
    if (!good) return;
    std::size_t size = 1;
    for (std::size_t k = 0; k < entry.by.size(); ++k) {
        const bool may_lack = entry.by[k] == "position";  // places that are not named stay free
        std::size_t extra = groups[k].labels.size();
        bool lacks = false;
        margin.axes[k].group.resize(groups[k].of_value.size());
        std::string missing;
        for (std::size_t v = 0; v < groups[k].of_value.size(); ++v) {
            if (groups[k].of_value[v] >= 0) {
                margin.axes[k].group[v] = static_cast<std::uint32_t>(groups[k].of_value[v]);
                continue;
            }
            margin.axes[k].group[v] = static_cast<std::uint32_t>(extra);
            lacks = true;
            if (missing.empty()) {
                if (entry.by[k] == "municipality")
                    missing = spec_.municipalities[spec_.neighbourhoods[v].municipality];
                else if (entry.by[k] == "neighbourhood")
                    missing = spec_.neighbourhoods[v].label;
                else if (entry.by[k] == "sex")
                    missing = sexes[v];
                else
                    missing = std::to_string(v);
            }
        }
        if (lacks && !may_lack) {
            sink_.report({.code = "E0604",
                          .message = fmt::format("margin '{}' has no row for {} '{}'", name, entry.by[k], missing),
                          .where = entry.file.span,
                          .notes = {{columns->table.header[columns->by[k]].span, "in this column"}}});
            good = false;
        }
        margin.axes[k].groups = extra + (lacks ? 1 : 0);
        size *= margin.axes[k].groups;
    }
    if (!good) return;
    margin.target.assign(size, none);
    described.labels.assign(size, "");
    std::vector<SourceSpan> places(size);
    for (std::size_t r = 0; r < row_groups.size(); ++r) {
        const auto& row = columns->table.rows[rows_read[r]];
        std::size_t cell = 0;
        std::string label;
        for (std::size_t k = 0; k < entry.by.size(); ++k) {
            cell = cell * margin.axes[k].groups + row_groups[r][k];
            label += (k > 0 ? " " : "") + row[columns->by[k]].text;
        }
        const auto value = read_number(row[columns->value], 0.0, 1e300);
        if (!value) {
            good = false;
            continue;
        }
        if (!std::isnan(margin.target[cell])) {
            sink_.report({.code = "E0605",
                          .message = fmt::format("'{}' is given twice in margin '{}'", label, name),
                          .where = row[columns->by[0]].span,
                          .notes = {{places[cell], "first given here"}}});
            good = false;
            continue;
        }
        margin.target[cell] = *value;
        described.labels[cell] = label;
        described.published += *value;
        places[cell] = row[columns->by[0]].span;
    }
    if (!good) return;
    // Combinations of groups that the file names need a row each.
    for (std::size_t cell = 0; cell < size; ++cell) {
        if (!std::isnan(margin.target[cell])) continue;
        std::size_t rest = cell;
        std::string label;
        bool named = true;
        for (std::size_t k = entry.by.size(); k-- > 0;) {
            const std::size_t g = rest % margin.axes[k].groups;
            rest /= margin.axes[k].groups;
            if (g >= groups[k].labels.size()) {
                named = false;
                break;
            }
            label = groups[k].labels[g] + (label.empty() ? "" : " ") + label;
        }
        if (named) {
            sink_.report({.code = "E0604",
                          .message = fmt::format("margin '{}' has no row for '{}'", name, label),
                          .where = entry.file.span,
                          .notes = {{columns->table.header[columns->by[0]].span, "the table begins here"}}});
            return;
        }
    }
    spec_.margins.push_back(std::move(margin));
    spec_.described.push_back(std::move(described));
}

void RegionTables::seed(const TableEntry& entry) {
    const auto columns = open_by(entry, "people");
    if (!columns) return;
    const Shape shape = spec_.shape();
    std::vector<double> factor(seed_.size(), 1.0);
    for (const auto& row : columns->table.rows) {
        std::vector<std::vector<std::size_t>> values(shape.size());
        bool good = true;
        for (std::size_t k = 0; k < entry.by.size(); ++k) {
            const auto selection = select(entry.by[k], row[columns->by[k]]);
            if (!selection) {
                good = false;
                break;
            }
            values[static_cast<std::size_t>(selection->axis)] = selection->values;
        }
        const auto value = read_number(row[columns->value], 0.0, 1e300);
        if (!good || !value) continue;
        for (std::size_t a = 0; a < shape.size(); ++a)
            if (values[a].empty())
                for (std::size_t v = 0; v < shape[a]; ++v) values[a].push_back(v);
        for (const auto n : values[0])
            for (const auto s : values[1])
                for (const auto a : values[2])
                    for (const auto p : values[3]) factor[((n * shape[1] + s) * shape[2] + a) * shape[3] + p] = *value;
    }
    for (std::size_t i = 0; i < seed_.size(); ++i) seed_[i] *= factor[i];
}

void RegionTables::household_sizes() {
    const auto& entry = entry_.households;
    auto& spec = spec_.households;
    spec.first_child_mean = entry.first_child_mean;
    spec.first_child_sd = entry.first_child_sd;
    spec.sibling_gap_mean = entry.sibling_gap_mean;
    spec.sibling_gap_sd = entry.sibling_gap_sd;
    spec.partner_gap_mean = entry.partner_gap_mean;
    spec.partner_gap_sd = entry.partner_gap_sd;
    spec.source = entry.sizes.source;
    spec.why = reason(entry.sizes.why);
    const auto columns = open_by(entry.sizes, "households");
    if (!columns) return;
    const auto town = column(columns->table, "municipality", entry.sizes.place);
    const auto size = column(columns->table, "size", entry.sizes.place);
    if (!town || !size) return;
    spec.sizes.assign(spec_.municipalities.size() * 5, none);
    const std::vector<std::string> labels{"1", "2", "3", "4", "5+"};
    for (const auto& row : columns->table.rows) {
        const auto m = municipality(row[*town]);
        const auto s = index_of(labels, row[*size].text);
        if (!s)
            sink_.report({.code = "E0603",
                          .message = fmt::format("unknown size of households '{}'", row[*size].text),
                          .where = row[*size].span,
                          .help = "one of: 1, 2, 3, 4, 5+"});
        const auto value = read_number(row[columns->value], 0.0, 1e300);
        if (m && s && value) spec.sizes[*m * 5 + *s] = *value;
    }
    for (std::size_t i = 0; i < spec.sizes.size(); ++i)
        if (std::isnan(spec.sizes[i])) {
            sink_.report({.code = "E0604",
                          .message = fmt::format("the table of household sizes has no row for '{} {}'",
                                                 spec_.municipalities[i / 5], labels[i % 5]),
                          .where = entry.sizes.file.span});
            return;
        }
}

std::optional<Shares> RegionTables::shares(const TableEntry& entry, const RegionAttribute& attribute) {
    TableEntry by_sex_age = entry;
    if (by_sex_age.by.empty()) by_sex_age.by = {"sex", "age"};
    const auto columns = open_by(by_sex_age, "");
    if (!columns) return std::nullopt;
    Shares result;
    result.categories = attribute.categories.size();
    result.values.assign(2 * spec_.ages * result.categories, none);
    std::vector<std::optional<std::size_t>> at;
    bool rest = false;
    for (const auto& c : attribute.categories) {
        at.push_back(columns->table.column(c));
        if (at.back()) continue;
        if (rest) {  // one category may take what the others leave
            column(columns->table, c, entry.place);
            return std::nullopt;
        }
        rest = true;
    }
    const auto sex_column = columns->table.column("sex"), age_column = columns->table.column("age");
    if (!sex_column || !age_column) {
        sink_.report({.code = "E0602", .message = "shares need the columns sex and age", .where = entry.place});
        return std::nullopt;
    }
    bool good = true;
    std::size_t oldest = 0;
    for (const auto& row : columns->table.rows) {
        const auto sex = select("sex", row[*sex_column]);
        const auto age = select("age", row[*age_column]);
        std::vector<double> values;
        double sum = 0.0;
        SourceSpan place = row.front().span;
        for (const auto& k : at) {
            const auto v = k ? read_number(row[*k], 0.0, 1.0) : std::optional<double>(0.0);
            if (k) place = row[*k].span;
            if (v) values.push_back(*v), sum += *v;
        }
        if (!sex || !age || values.size() < at.size()) {
            good = false;
            continue;
        }
        for (std::size_t k = 0; rest && k < at.size(); ++k)
            if (!at[k] && sum <= 1.0) values[k] = 1.0 - sum, sum = 1.0;
        oldest = std::max(oldest, age->values.back());
        if (std::fabs(sum - 1.0) > 5e-4) {
            sink_.report({.code = "E0606",
                          .message = fmt::format("the shares of this row add up to {:.4f}, not to 1", sum),
                          .where = place});
            good = false;
        }
        for (const auto s : sex->values)
            for (const auto a : age->values)
                for (std::size_t k = 0; k < values.size(); ++k)
                    result.values[(s * spec_.ages + a) * result.categories + k] = values[k] / sum;
    }
    // Ages beyond the oldest one of the table take its shares.
    for (std::size_t s = 0; s < 2; ++s)
        for (std::size_t a = oldest + 1; a < spec_.ages; ++a)
            for (std::size_t k = 0; k < result.categories; ++k)
                result.values[(s * spec_.ages + a) * result.categories + k] =
                    result.values[(s * spec_.ages + oldest) * result.categories + k];
    for (std::size_t i = 0; good && i < result.values.size(); i += result.categories)
        if (std::isnan(result.values[i])) {
            const std::size_t s = i / result.categories / spec_.ages, a = i / result.categories % spec_.ages;
            sink_.report({.code = "E0604",
                          .message = fmt::format("shares of '{}' have no row for '{} {}'", attribute.name, sexes[s], a),
                          .where = entry.file.span});
            good = false;
        }
    if (!good) return std::nullopt;
    return result;
}

void RegionTables::gradient(const GradientEntry& entry, RegionAttribute& attribute) {
    Gradient gradient;
    std::vector<std::string> groups{"q1", "q2", "q3", "q4", "q5"};
    if (entry.by.value != "neighbourhood_ses") {
        std::vector<std::string> earlier{"neighbourhood_ses"};
        for (std::size_t a = 0; a < spec_.attributes.size(); ++a) {
            if (spec_.attributes[a].number || spec_.attributes[a].of_households) continue;
            earlier.push_back(spec_.attributes[a].name);
            if (spec_.attributes[a].name == entry.by.value) {
                gradient.attribute = a;
                groups = spec_.attributes[a].categories;
            }
        }
        if (!gradient.attribute) {
            sink_.report(
                {.code = "E0603",
                 .message = fmt::format("'{}' is not an attribute given before '{}'", entry.by.value, attribute.name),
                 .where = entry.by.span,
                 .help = suggestion(entry.by.value, earlier)});
            return;
        }
    }
    const std::size_t n = attribute.categories.size();
    gradient.ratios.assign(groups.size() * n, none);
    for (const auto& group : entry.ratios) {
        const auto g = index_of(groups, group.key);
        if (!g) {
            sink_.report({.code = "E0603",
                          .message = fmt::format("'{}' has no group '{}'", entry.by.value, group.key),
                          .where = group.key_span,
                          .help = suggestion(group.key, groups)});
            continue;
        }
        for (const auto& ratio : group.value) {
            const auto k = index_of(attribute.categories, ratio.key);
            if (!k) {
                sink_.report({.code = "E0603",
                              .message = fmt::format("'{}' has no category '{}'", attribute.name, ratio.key),
                              .where = ratio.key_span,
                              .help = suggestion(ratio.key, attribute.categories)});
                continue;
            }
            gradient.ratios[*g * n + *k] = ratio.value;
        }
    }
    // A category with a ratio somewhere has 1 where none is given; the others take what is left.
    for (std::size_t k = 0; k < n; ++k) {
        bool any = false;
        for (std::size_t g = 0; g < groups.size(); ++g) any = any || !std::isnan(gradient.ratios[g * n + k]);
        for (std::size_t g = 0; any && g < groups.size(); ++g)
            if (std::isnan(gradient.ratios[g * n + k])) gradient.ratios[g * n + k] = 1.0;
    }
    for (const auto& other : attribute.gradients)
        if (other.attribute.has_value() == gradient.attribute.has_value()) {
            sink_.report({.code = "E0605",
                          .message = fmt::format("'{}' has two gradients by {}", attribute.name,
                                                 gradient.attribute ? "an attribute" : "the neighbourhood"),
                          .where = entry.place});
            return;
        }
    attribute.gradients.push_back(std::move(gradient));
}

void RegionTables::totals(const TotalsEntry& entry, RegionAttribute& attribute) {
    const auto table = open(entry.file);
    if (!table) return;
    const auto town = column(*table, "municipality", entry.place);
    if (!town) return;
    Totals totals;
    totals.to = spec_.ages - 1;
    totals.source = entry.source;
    totals.why = reason(entry.why);
    totals.place = entry.place;
    if (!entry.ages.value.empty()) {
        const auto range = parse_ages(entry.ages.value, spec_.ages);
        if (!range) {
            sink_.report({.code = "E0603",
                          .message = fmt::format("'{}' is not an age class", entry.ages.value),
                          .where = entry.ages.span,
                          .help = "write 7, 15-24 or 65+"});
            return;
        }
        totals.from = range->from;
        totals.to = range->to;
    }
    const std::size_t n = attribute.categories.size();
    constexpr std::uint32_t free = 0xffffffffu;
    totals.group.assign(n, free);
    std::vector<std::size_t> columns;
    for (std::size_t c = 0; c < table->header.size(); ++c) {
        if (c == *town || table->header[c].text == "source") continue;
        for (const auto& part : split(table->header[c].text, '+')) {
            const auto k = index_of(attribute.categories, part);
            if (!k || totals.group[*k] != free) {
                sink_.report(
                    {.code = "E0603",
                     .message = fmt::format("'{}' is not a category of '{}', or is named twice", part, attribute.name),
                     .where = table->header[c].span,
                     .help = suggestion(part, attribute.categories)});
                return;
            }
            totals.group[*k] = static_cast<std::uint32_t>(columns.size());
        }
        columns.push_back(c);
        totals.labels.push_back(table->header[c].text);
    }
    const bool rest = std::find(totals.group.begin(), totals.group.end(), free) != totals.group.end();
    for (auto& g : totals.group)
        if (g == free) g = static_cast<std::uint32_t>(columns.size());
    if (rest) totals.labels.push_back("");
    totals.shares.assign(spec_.municipalities.size() * totals.labels.size(), none);
    for (const auto& row : table->rows) {
        const auto m = municipality(row[*town]);
        if (!m) continue;
        double sum = 0.0;
        for (std::size_t c = 0; c < columns.size(); ++c) {
            const auto v = read_number(row[columns[c]], 0.0, 1.0);
            if (!v) continue;
            totals.shares[*m * totals.labels.size() + c] = *v;
            sum += *v;
        }
        if (rest ? sum >= 1.0 : std::fabs(sum - 1.0) > 5e-4)
            sink_.report({.code = "E0606",
                          .message = fmt::format("the shares of this row add up to {:.4f}", sum),
                          .where = row[*town].span,
                          .help = rest ? "less than 1 is left for the other categories" : "they must add up to 1"});
    }
    for (std::size_t m = 0; m < spec_.municipalities.size(); ++m)
        if (std::isnan(totals.shares[m * totals.labels.size()])) {
            sink_.report({.code = "E0604",
                          .message = fmt::format("totals of '{}' have no row for municipality '{}'", attribute.name,
                                                 spec_.municipalities[m]),
                          .where = entry.file.span});
            return;
        }
    attribute.totals.push_back(std::move(totals));
}

void RegionTables::number_rule(const BmiEntry& entry, RegionAttribute& attribute) {
    NumberRule rule{entry.bounds, entry.lowest, entry.highest, entry.adults_from, {}, {}};
    bool rising = entry.lowest < entry.bounds.front() && entry.bounds.back() < entry.highest && entry.lowest > 0.0;
    for (std::size_t b = 1; b < entry.bounds.size(); ++b) rising = rising && entry.bounds[b - 1] < entry.bounds[b];
    if (!rising || entry.bounds.size() + 1 != attribute.categories.size() || !attribute.shares) {
        sink_.report(
            {.code = "E0606",
             .message = fmt::format("'{}' needs one bound fewer than categories, rising between lowest (above 0) and "
                                    "highest, and shares by sex and age",
                                    attribute.name),
             .where = entry.place});
        return;
    }
    TableEntry by_sex_age = entry.children;
    by_sex_age.by = {"sex", "age"};
    by_sex_age.column.value = "";
    const auto columns = open_by(by_sex_age, "mean");
    if (!columns) return;
    const auto sd = column(columns->table, "sd", entry.children.place);
    if (!sd) return;
    rule.mean.assign(2 * spec_.ages, none);
    rule.sd.assign(2 * spec_.ages, none);
    for (const auto& row : columns->table.rows) {
        const auto s = select("sex", row[columns->by[0]]);
        const auto a = select("age", row[columns->by[1]]);
        const auto mean = read_number(row[columns->value], 0.0, 1e300), spread = read_number(row[*sd], 0.0, 1e300);
        if (!s || !a || !mean || !spread) continue;
        for (const auto x : s->values)
            for (const auto y : a->values) {
                rule.mean[x * spec_.ages + y] = *mean;
                rule.sd[x * spec_.ages + y] = *spread;
            }
    }
    for (std::size_t s = 0; s < 2; ++s)
        for (std::size_t a = 0; a < spec_.ages && static_cast<double>(a) < entry.adults_from; ++a)
            if (std::isnan(rule.mean[s * spec_.ages + a])) {
                sink_.report({.code = "E0604",
                              .message = fmt::format("children's values have no row for '{} {}'", sexes[s], a),
                              .where = entry.children.file.span});
                return;
            }
    attribute.number = std::move(rule);
}

void RegionTables::attribute(const MapItem<RegionAttributeEntry>& item) {
    RegionAttribute attribute;
    attribute.name = item.key;
    attribute.unit = item.value.unit;
    attribute.of_households = item.value.of == "households";
    attribute.place = item.key_span;
    const std::vector<std::string> taken{"age",          "sex",       "neighbourhood",
                                         "municipality", "household", "household_position"};
    if (index_of(taken, item.key))
        sink_.report({.code = "E0605",
                      .message = fmt::format("'{}' comes from the region itself", item.key),
                      .where = item.key_span,
                      .help = "give the attribute another name"});
    for (const auto& c : item.value.categories) {
        if (index_of(attribute.categories, c.value))
            sink_.report(
                {.code = "E0605", .message = fmt::format("category '{}' is given twice", c.value), .where = c.span});
        attribute.categories.push_back(c.value);
    }
    if (item.value.shares) {
        if (attribute.of_households) {
            sink_.report(
                {.code = "E0606",
                 .message = fmt::format("'{}' is of households, which have no sex and age to take shares by", item.key),
                 .where = item.value.shares->place,
                 .help = "leave out `shares`; give `totals` by municipality"});
            return;
        }
        attribute.source = item.value.shares->source;
        attribute.why = reason(item.value.shares->why);
        attribute.shares = shares(*item.value.shares, attribute);
        if (!attribute.shares) return;
    }
    for (const auto& g : item.value.gradients) gradient(g, attribute);
    for (const auto& t : item.value.totals) totals(t, attribute);
    if (item.value.value) number_rule(*item.value.value, attribute);
    spec_.attributes.push_back(std::move(attribute));
}

bool RegionTables::read() {
    const std::size_t before = sink_.errors();
    spec_.name = entry_.name;
    spec_.doc = entry_.doc;
    spec_.year = static_cast<int>(entry_.year);
    spec_.stands_for = entry_.people.value;
    spec_.people = entry_.sample ? static_cast<double>(*entry_.sample) : entry_.people.value;
    spec_.assumptions = entry_.assumptions;
    neighbourhoods();
    find_ages();
    if (sink_.errors() > before) return false;
    for (const auto& m : entry_.margins) margin(m.key, m.key_span, m.value);
    seed_.assign(cells_of(spec_.shape()), 1.0);
    for (const auto& s : entry_.seed) seed(s);
    household_sizes();
    for (const auto& a : entry_.attributes) attribute(a);
    // A number without a source is an assumption and says why.
    const auto check_source = [&](const std::string& source, const std::string& why, SourceSpan place) {
        if (source.empty())
            sink_.report({.code = "E0607",
                          .message = "these numbers have no source",
                          .where = place,
                          .help = "give `source`: a key of a sources entry, or `assumption` with `why`"});
        else if (source == "assumption" && why.empty())
            sink_.report(
                {.code = "E0607", .message = "an assumption without a reason", .where = place, .help = "say `why`"});
    };
    const auto check_table = [&](const TableEntry& t) { check_source(t.source, t.why, t.place); };
    check_table(entry_.neighbourhoods);
    for (const auto& s : entry_.seed) check_table(s);
    for (const auto& m : entry_.margins) check_table(m.value);
    check_table(entry_.households.sizes);
    for (const auto& a : entry_.attributes) {
        if (a.value.shares) check_table(*a.value.shares);
        for (const auto& g : a.value.gradients) check_source(g.source, g.why, g.place);
        for (const auto& t : a.value.totals) check_source(t.source, t.why, t.place);
        if (a.value.value) check_table(a.value.value->children);
    }
    return sink_.errors() == before;
}

}  // namespace proeftuin::population
