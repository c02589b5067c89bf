#include <algorithm>
#include <cstdint>
#include <tuple>

#include "engine/core/contracts.hpp"
#include "engine/expr/lowering.hpp"

namespace proeftuin {

namespace {

/// Cells of tables that are laid side by side though their categories differ, and the memory they may take: most people
/// are in few of the cells, but what is read has to stay in the second-level cache.
constexpr std::size_t most_joined_cells = 2048;
constexpr std::size_t most_joined_bytes = 192 * 1024;

constexpr std::size_t lanes_of(std::size_t tables) {
    constexpr auto lanes = static_cast<std::size_t>(row_lanes);
    return (tables + lanes - 1) / lanes * lanes;
}

constexpr std::size_t line = 8;  // doubles

}  // namespace

const double* first_row(const std::vector<double>& data) {
    const auto place = reinterpret_cast<std::uintptr_t>(data.data()) / sizeof(double) % line;
    return data.data() + (line - place) % line;
}

/// Tables that are looked up in the same cell.
struct Lowering::Pack {
    std::vector<NodeId>
        sources;  ///< the categories that make the cell, ascending; empty if it is made of other things too
    std::vector<ValueId> tables;
};

/// Joins packs over categories while the cells of all their categories together stay few. Only categories that people
/// have in a column: one that is computed could need a table that it is joined with.
void Lowering::join_packs(std::vector<Pack>& packs) const {
    const auto in_columns = [&](const Pack& pack) {
        return !pack.sources.empty() && std::all_of(pack.sources.begin(), pack.sources.end(), [&](NodeId source) {
            return graph_.node(source).operation == Operation::category_column;
        });
    };
    std::stable_sort(packs.begin(), packs.end(),
                     [](const Pack& a, const Pack& b) { return a.tables.size() > b.tables.size(); });
    std::vector<Pack> joined;
    for (Pack& pack : packs) {
        Pack* home = nullptr;
        std::size_t fewest = most_joined_cells + 1;
        for (Pack& other : joined) {
            if (!in_columns(pack) || !in_columns(other)) continue;
            const std::size_t cells = graph_.combinations(Graph::merge(pack.sources, other.sources));
            if (cells * lanes_of(pack.tables.size() + other.tables.size()) * sizeof(double) > most_joined_bytes ||
                cells >= fewest)
                continue;
            fewest = cells;
            home = &other;
        }
        if (home == nullptr) {
            joined.push_back(std::move(pack));
            continue;
        }
        home->sources = Graph::merge(home->sources, pack.sources);
        home->tables.insert(home->tables.end(), pack.tables.begin(), pack.tables.end());
    }
    packs = std::move(joined);
}

/// A table over the sources `own`, the last fastest, as one over `all`, which holds them.
std::vector<double> Lowering::spread(const std::vector<double>& table, const std::vector<NodeId>& own,
                                     const std::vector<NodeId>& all) const {
    std::vector<std::size_t> cell{0};
    for (const NodeId source : all) {
        const bool is_own = std::binary_search(own.begin(), own.end(), source);
        const std::size_t labels = graph_.node(source).labels;
        std::vector<std::size_t> finer;
        finer.reserve(cell.size() * labels);
        for (const std::size_t c : cell)
            for (std::size_t code = 0; code < labels; ++code) finer.push_back(is_own ? c * labels + code : c);
        cell = std::move(finer);
    }
    std::vector<double> values;
    values.reserve(cell.size());
    for (const std::size_t c : cell) values.push_back(table[c]);
    return values;
}

void Lowering::lay_side_by_side(const Pack& pack) {
    const LowValue first = values_[pack.tables[0]];
    const ValueId index = pack.sources.empty() ? first.args[0] : index_of(pack.sources);
    const std::size_t stride = lanes_of(pack.tables.size());
    std::vector<double> rows;
    const double* at = nullptr;
    for (std::size_t k = 0; k < pack.tables.size(); ++k) {
        const LowValue& table = values_[pack.tables[k]];
        const std::vector<double> column =
            pack.sources.empty() ? *table.data : spread(*table.data, merged_.at(pack.tables[k]), pack.sources);
        if (at == nullptr) {
            rows.assign(column.size() * stride + line, 0.0);
            at = first_row(rows);
        }
        double* to = rows.data() + (at - rows.data()) + k;
        for (std::size_t c = 0; c < column.size(); ++c) to[c * stride] = column[c];
    }
    const auto data = std::make_shared<const std::vector<double>>(std::move(rows));
    constexpr auto lanes = static_cast<std::size_t>(row_lanes);
    for (std::size_t from = 0; from < pack.tables.size(); from += lanes) {
        LowValue row;
        row.code = Code::look_up_rows;
        row.args = {index, no_value, pack.sources.empty() ? first.args[2] : no_value};
        row.i0 = static_cast<std::int32_t>(stride);
        row.i1 = static_cast<std::int32_t>(std::min(lanes, pack.tables.size() - from));
        row.column = static_cast<std::uint32_t>(from);
        row.data = data;
        if (row.i1 == 1) continue;  // no fetch would be saved
        const ValueId id = intern(std::move(row));
        for (std::size_t k = 0; k < lanes && from + k < pack.tables.size(); ++k) {
            LowValue lane;
            lane.code = Code::lane;
            lane.args[0] = id;
            lane.i0 = static_cast<std::int32_t>(k);
            values_[pack.tables[from + k]] = std::move(lane);
        }
    }
}

void Lowering::pack_tables() {
    std::vector<Pack> packs;
    std::map<std::tuple<std::vector<NodeId>, ValueId, ValueId, std::size_t>, std::size_t> pack_of;
    for (ValueId id = 0; id < values_.size(); ++id) {
        const LowValue& value = values_[id];
        if (value.code != Code::look_up || value.uniform) continue;
        const auto merged = merged_.find(id);
        const auto key = merged != merged_.end()
                             ? std::tuple{merged->second, no_value, no_value, std::size_t{0}}
                             : std::tuple{std::vector<NodeId>{}, value.args[0], value.args[2], value.data->size()};
        const auto [at, fresh] = pack_of.try_emplace(key, packs.size());
        if (fresh) packs.push_back({std::get<0>(key), {}});
        packs[at->second].tables.push_back(id);
    }
    join_packs(packs);
    for (Pack& pack : packs) {
        std::sort(pack.tables.begin(), pack.tables.end());
        if (pack.tables.size() > 1) lay_side_by_side(pack);
    }
}

}  // namespace proeftuin
