#include "models/parameters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>

#include "engine/config/csv.hpp"

namespace proeftuin::models {
namespace {

/// A cell of a numeric axis: `7`, `0-4`, `65+`.
struct AxisCell {
    double low = 0.0;
    std::optional<double> high;  ///< last year included
    bool band = false;
};

std::optional<AxisCell> read_cell(std::string_view text) {
    AxisCell cell;
    if (!text.empty() && text.back() == '+') {
        const auto low = parse_number(text.substr(0, text.size() - 1));
        if (!low) return std::nullopt;
        cell.low = *low;
        cell.band = true;
        return cell;
    }
    if (const auto dash = text.find('-', 1); dash != std::string_view::npos) {
        const auto low = parse_number(text.substr(0, dash));
        const auto high = parse_number(text.substr(dash + 1));
        if (low && high && *high >= *low) {
            cell.low = *low;
            cell.high = *high;
            cell.band = true;
            return cell;
        }
    }
    const auto value = parse_number(text);
    if (!value) return std::nullopt;
    cell.low = *value;
    return cell;
}

struct Value {
    std::vector<std::string> key;  ///< text by axis
    std::vector<SourceSpan> place;
    double number = 0.0;
    SourceSpan where;
};

/// The unit that is written; nothing after a message at its place.
std::optional<Unit> read_unit(const Located<std::string>& text, DiagnosticSink& sink) {
    const auto meant = intended_unit(text.value);
    auto unit = meant ? std::nullopt : parse_unit(text.value);
    if (!unit)
        sink.error("E0425", fmt::format("'{}' is no unit", text.value), text.span,
                   meant ? fmt::format("did you mean '{}'?", *meant)
                         : "write units such as `kg/m2`, `per year`, `EUR per year`");
    return unit;
}

class Builder {
public:
    Builder(const std::string& name, const ParameterEntry& entry, const std::string& folder, const ModelSpec& model,
            SourceFiles& files, const Unread& unread, DiagnosticSink& sink)
        : name_{name}, entry_{entry}, folder_{folder}, model_{model}, files_{files}, unread_{unread}, sink_{sink} {}

    std::shared_ptr<Table> build(SourceSpan where) {
        where_ = where;
        auto table = std::make_shared<Table>();
        table->name = name_;
        const auto unit = read_unit(entry_.unit, sink_);
        if (!unit) return nullptr;
        table->unit = *unit;
        std::vector<Located<std::string>> by = entry_.by;
        if (entry_.dated) by = {{"year", where}};
        if (by.empty()) {
            error("E0501", fmt::format("table '{}' does not say what its rows are (`by` is missing)", name_), where,
                  "by: [sex, age]");
            return nullptr;
        }
        for (const auto& b : by) {
            TableAxis axis;
            axis.name = b.value;
            if (!find_axis(axis, b.span)) return nullptr;
            table->axes.push_back(std::move(axis));
        }
        const std::size_t errors = sink_.errors();
        if (entry_.dated)
            read_values(*entry_.dated, table->axes, 0, {}, {});
        else if (entry_.values)
            read_values(*entry_.values, table->axes, 0, {}, {});
        else
            read_file(table->axes);
        if (sink_.errors() > errors) return nullptr;
        if (!place_values(*table)) return nullptr;
        for (double& v : table->values) v *= table->unit.factor;
        table->unit.factor = 1.0;
        return table;
    }

private:
    void error(const char* code, std::string message, SourceSpan where, std::optional<std::string> help = {}) {
        sink_.error(code, std::move(message), where, std::move(help));
    }

    bool find_axis(TableAxis& axis, SourceSpan where) {
        if (axis.name == "age") {
            axis.unit = *parse_unit("year");
            return true;
        }
        if (axis.name == "year") return true;
        std::vector<std::string> names{"age", "year"};
        for (const auto& p : model_.processes) {
            names.push_back(p.name);
            if (p.name == axis.name) {
                axis.categories = p.states;
                return true;
            }
        }
        for (const auto& a : model_.attributes) {
            names.push_back(a.name);
            if (a.name == axis.name) {
                axis.categories = a.categories;
                axis.unit = a.unit;
                return true;
            }
        }
        if (unread_.has(axis.name)) return false;
        error("E0502",
              fmt::format("table '{}' is by '{}', which is no process, attribute, age or year", name_, axis.name),
              where, suggestion(axis.name, names));
        return false;
    }

    void read_values(const Node& node, const std::vector<TableAxis>& axes, std::size_t depth,
                     std::vector<std::string> key, std::vector<SourceSpan> place) {
        if (depth == axes.size()) {
            const auto number = node.is_scalar() && !node.quoted ? parse_number(node.text) : std::nullopt;
            if (!number) {
                error("E0503", fmt::format("a value of '{}' is no number", name_), node.span,
                      axes.empty() ? std::optional<std::string>{}
                                   : fmt::format("values are nested in the order of `by`: {} level{}", axes.size(),
                                                 axes.size() == 1 ? "" : "s"));
                return;
            }
            values_.push_back({std::move(key), std::move(place), *number, node.span});
            return;
        }
        if (node.is_sequence() && !axes[depth].categories) {
            for (std::size_t i = 0; i < node.items.size(); ++i) {
                auto k = key;
                auto p = place;
                k.push_back(fmt::format("{}", i));
                p.push_back(node.items[i].span);
                read_values(node.items[i], axes, depth + 1, std::move(k), std::move(p));
            }
            return;
        }
        if (!node.is_map()) {
            error("E0503", fmt::format("values of '{}' by '{}' must be a map", name_, axes[depth].name), node.span,
                  axes[depth].categories
                      ? fmt::format("one value for each of: {}", fmt::join(axes[depth].categories->labels, ", "))
                      : "one value for each year or band: { 0-4: 0.1, 65+: 0.2 }");
            return;
        }
        for (const auto& e : node.entries) {
            auto k = key;
            auto p = place;
            k.push_back(e.key);
            p.push_back(e.key_span);
            read_values(e.value, axes, depth + 1, std::move(k), std::move(p));
        }
    }

    void read_file(const std::vector<TableAxis>& axes) {
        const std::string path = (std::filesystem::path(folder_) / entry_.file->value).lexically_normal().string();
        if (!std::filesystem::exists(path)) {
            error("E0504", fmt::format("there is no file '{}'", path), entry_.file->span,
                  "paths are relative to the file that names them");
            return;
        }
        const auto csv = read_csv_file(files_, path, sink_);
        if (!csv) return;
        std::vector<std::string> header;
        for (const auto& h : csv->header) header.push_back(h.text);
        std::vector<std::size_t> columns;
        for (const auto& axis : axes) {
            const auto c = csv->column(axis.name);
            if (!c) {
                error("E0505", fmt::format("'{}' has no column '{}'", path, axis.name), entry_.file->span,
                      suggestion(axis.name, header));
                return;
            }
            columns.push_back(*c);
        }
        const std::string wanted = entry_.column ? entry_.column->value : "value";
        const auto column = csv->column(wanted);
        if (!column) {
            error("E0505", fmt::format("'{}' has no column '{}'", path, wanted),
                  entry_.column ? entry_.column->span : entry_.file->span, suggestion(wanted, header));
            return;
        }
        for (const auto& row : csv->rows) {
            const CsvCell& cell = row[*column];
            if (cell.text.empty()) continue;  // not given for this row; completeness is checked below
            const auto number = parse_number(cell.text);
            if (!number) {
                error("E0503", fmt::format("a value of '{}' is no number: '{}'", name_, cell.text), cell.span);
                continue;
            }
            Value v;
            for (const auto c : columns) {
                v.key.push_back(row[c].text);
                v.place.push_back(row[c].span);
            }
            v.number = *number;
            v.where = cell.span;
            values_.push_back(std::move(v));
        }
    }

    bool place_values(Table& table) {
        const std::size_t errors = sink_.errors();
        const std::size_t dims = table.axes.size();
        std::vector<bool> band(dims, false);
        std::vector<std::vector<double>> lows(dims);
        std::vector<std::vector<std::size_t>> position(values_.size(), std::vector<std::size_t>(dims, 0));
        for (std::size_t a = 0; a < dims; ++a) {
            TableAxis& axis = table.axes[a];
            if (axis.categories) {
                for (std::size_t v = 0; v < values_.size(); ++v) {
                    const int code = axis.categories->code(values_[v].key[a]);
                    if (code < 0)
                        error("E0506",
                              fmt::format("'{}' has no category '{}' (in table '{}')", axis.name, values_[v].key[a],
                                          name_),
                              values_[v].place[a], suggestion(values_[v].key[a], axis.categories->labels));
                    else
                        position[v][a] = static_cast<std::size_t>(code);
                }
                continue;
            }
            std::vector<std::optional<AxisCell>> cells;
            for (const auto& v : values_) {
                cells.push_back(read_cell(v.key[a]));
                if (!cells.back()) {
                    error("E0507",
                          fmt::format("'{}' is no year or band of '{}' (in table '{}')", v.key[a], axis.name, name_),
                          v.place[a], "write 7, 0-4 or 65+");
                    continue;
                }
                band[a] = band[a] || (cells.back()->band && cells.back()->high != cells.back()->low);
                lows[a].push_back(cells.back()->low);
            }
            std::sort(lows[a].begin(), lows[a].end());
            lows[a].erase(std::unique(lows[a].begin(), lows[a].end()), lows[a].end());
            // The last, open cell of single years (`100+`) is not a band of many.
            if (band[a]) {
                bool only_last = true;
                for (std::size_t v = 0; v < cells.size(); ++v)
                    if (cells[v] && cells[v]->band && cells[v]->high != cells[v]->low &&
                        (cells[v]->high || cells[v]->low != lows[a].back()))
                        only_last = false;
                if (only_last && lows[a].size() > 1) band[a] = false;
            }
            // Bands must follow each other.
            for (std::size_t v = 0; v < cells.size(); ++v) {
                if (!cells[v]) continue;
                const auto at = std::lower_bound(lows[a].begin(), lows[a].end(), cells[v]->low);
                position[v][a] = static_cast<std::size_t>(at - lows[a].begin());
                if (band[a] && cells[v]->high && at + 1 != lows[a].end() && *(at + 1) != *cells[v]->high + 1.0)
                    error("E0508",
                          fmt::format("band '{}' of '{}' is followed by one that starts at {} (a gap or an overlap)",
                                      values_[v].key[a], axis.name, *(at + 1)),
                          values_[v].place[a]);
            }
            const Interpolation standard =
                axis.name == "age" && !entry_.dated ? Interpolation::linear : Interpolation::step;
            axis.between = entry_.between.value_or(standard);
            if (band[a]) axis.between = Interpolation::step;
            axis.points = lows[a];
            // The value of a year of age or a calendar year belongs to its middle; a dated value to its date.
            if (axis.between == Interpolation::linear && !entry_.dated && (axis.name == "age" || axis.name == "year"))
                for (double& p : axis.points) p += 0.5;
        }
        if (sink_.errors() > errors) return false;
        std::size_t cells = 1;
        for (const auto& axis : table.axes) cells *= axis.size();
        if (cells == 0 || values_.empty()) {
            error("E0509", fmt::format("table '{}' has no values", name_), where_);
            return false;
        }
        table.values.assign(cells, 0.0);
        table.places.assign(cells, {});
        std::vector<int> given(cells, -1);
        for (std::size_t v = 0; v < values_.size(); ++v) {
            std::size_t cell = 0;
            for (std::size_t a = 0; a < dims; ++a) cell = cell * table.axes[a].size() + position[v][a];
            if (given[cell] >= 0) {
                sink_.error(
                    "E0510",
                    fmt::format("table '{}' gives the value of {} twice", name_, fmt::join(values_[v].key, ", ")),
                    values_[v].where, {}, {{values_[static_cast<std::size_t>(given[cell])].where, "first given here"}});
                continue;
            }
            given[cell] = static_cast<int>(v);
            table.values[cell] = values_[v].number;
            table.places[cell] = values_[v].where;
        }
        int missing = 0;
        std::string first;
        for (std::size_t c = 0; c < cells; ++c) {
            if (given[c] >= 0) continue;
            if (missing++ == 0) {
                std::size_t rest = c;
                for (std::size_t a = dims; a-- > 0;) {
                    const auto& axis = table.axes[a];
                    const std::size_t k = rest % axis.size();
                    rest /= axis.size();
                    first = axis.name + " " +
                            (axis.categories ? axis.categories->labels[k] : fmt::format("{}", lows[a][k])) +
                            (first.empty() ? "" : ", ") + first;
                }
            }
        }
        if (missing > 0) {
            error("E0511",
                  fmt::format("table '{}' has no value for {}{}", name_, first,
                              missing > 1 ? fmt::format(" and {} other cells", missing - 1) : ""),
                  entry_.file ? entry_.file->span : where_, "every combination of categories and years needs a value");
            return false;
        }
        return sink_.errors() == errors;
    }

    const std::string& name_;
    const ParameterEntry& entry_;
    const std::string& folder_;
    const ModelSpec& model_;
    SourceFiles& files_;
    const Unread& unread_;
    DiagnosticSink& sink_;
    SourceSpan where_;
    std::vector<Value> values_;
};

Type<UncertaintyEntry> uncertainty_type() {
    std::vector<KeyCase<UncertaintyEntry>> cases;
    for (const char* kind : {"normal", "lognormal", "beta", "gamma", "uniform", "triangular", "pert", "dirichlet"}) {
        const std::string k = kind;
        cases.push_back({k,
                         converted<UncertaintyEntry>(map_of(number()),
                                                     [k](std::vector<MapItem<double>> m) {
                                                         return UncertaintyEntry{k, std::move(m)};
                                                     }),
                         k});
    }
    return by_key<UncertaintyEntry>(cases);
}

}  // namespace

Schema<ParameterEntry> parameter_schema() {
    Schema<ParameterEntry> s("parameter", "A number or table from the world, with unit and source.");
    s.optional("doc", &ParameterEntry::doc, text(), "What it is.");
    s.optional("unit", &ParameterEntry::unit, located(text()), "Unit of the values.", "per year").default_is("1");
    s.optional("by", &ParameterEntry::by, list_or_single(located(name())),
               "What the rows of a table are: processes, attributes, age, year.", "[sex, age]");
    s.optional("value", &ParameterEntry::value, located(number()), "One number.", "0.3");
    s.optional(
        "values", &ParameterEntry::values, raw_node("map", R"({"type": ["object", "array"]})"),
        "Values nested in the order of `by`; a numeric axis has years (7), bands (0-4, 65+) or a plain list from 0.",
        "{ never: 1, current: 4.5 }");
    s.optional("file", &ParameterEntry::file, located(text()),
               "CSV file beside this one: header row, columns named as in `by` and a column of values.", "copd.csv");
    s.optional("column", &ParameterEntry::column, located(text()), "Column of the file with the values.")
        .default_is("value");
    s.optional("dated", &ParameterEntry::dated, raw_node("map", R"({"type": "object"})"), "Values from dates on.",
               "{ 2015: 0.10, 2020: 0.12 }");
    s.optional("between", &ParameterEntry::between,
               one_of<Interpolation>({{"step", Interpolation::step}, {"linear", Interpolation::linear}}),
               "Between the points of a numeric axis.")
        .default_is("linear for age, step otherwise");
    s.optional("uncertainty", &ParameterEntry::uncertainty, uncertainty_type(),
               "Distribution of what is not known: normal {sd} or {low, high}, lognormal {low, high} or {cv}, beta "
               "{sd} or {a, b}, gamma {cv}, uniform {low, high}, triangular or pert {low, mode, high}, dirichlet {n} "
               "for a row of probabilities.",
               "{ lognormal: { low: 1.8, high: 2.6 } }");
    s.optional("source", &ParameterEntry::source, located(name()), "Key of a source, or `assumption` with `why`.",
               "gbd_2019");
    s.optional("why", &ParameterEntry::why, text(), "Why this assumption.");
    s.exactly_one_of({"value", "values", "file", "dated"});
    s.place(&ParameterEntry::place);
    return s;
}

void add_parameter(const std::string& name, const Node& node, SourceSpan key_span, const std::string& entry,
                   const std::string& folder, ModelSpec& model, SourceFiles& files,
                   std::vector<ResolvedParameter>& resolved, Unread& unread, DiagnosticSink& sink) {
    static const Schema<ParameterEntry> schema = parameter_schema();
    for (const auto& other : resolved)
        if (other.name == name) {
            sink.error("E0512", fmt::format("parameter '{}' is given twice", name), key_span,
                       "parameters of all entries share one set of names", {{other.where, "first given here"}});
            return;
        }
    Node as_object = node;
    if (node.is_null()) as_object.span = key_span;
    const auto read = schema.read(as_object, sink);
    const auto unusable = [&] { unread.names.insert(name); };
    if (!read) return unusable();
    ResolvedParameter out{name, entry, key_span, node.origin, *read, nullptr};
    if (!read->source)
        sink.error("E0513", fmt::format("parameter '{}' has no source", name), key_span,
                   "add `source: KEY` of a sources entry, or `source: assumption` with `why: ...`");
    else if (read->source->value == "assumption" && !read->why)
        sink.error("E0513", fmt::format("parameter '{}' is an assumption without a reason", name), read->source->span,
                   "add `why: ...`");
    if (read->value) {
        const auto unit = read_unit(read->unit, sink);
        if (!unit) return unusable();
        Unit base = *unit;
        const double value = read->value->value * base.factor;
        base.factor = 1.0;
        model.constants.push_back({name, value, base, read->value->span.line > 0 ? read->value->span : key_span});
    } else {
        auto table = Builder(name, *read, folder, model, files, unread, sink).build(key_span);
        if (!table) return unusable();
        model.tables.push_back(table);
        out.table = table;
    }
    resolved.push_back(std::move(out));
}

}  // namespace proeftuin::models
