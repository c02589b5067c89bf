// The state of every person, column by column, for comparisons to the last bit.
#pragma once

#include <bit>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/lab/lab.hpp"

namespace proeftuin::lab {

inline std::string village() { return PROEFTUIN_SOURCE_DIR "/tests/invariance/village.yaml"; }

/// Bits of a column by uid.
using Bits = std::map<std::uint64_t, std::uint64_t>;

inline std::map<std::string, Bits> columns_by_uid(const Simulation& simulation) {
    const Population& people = simulation.people();
    const auto uid = people.column<std::uint64_t>(simulation.model().uid);
    std::map<std::string, Bits> out;
    const auto& items = people.layout().items;
    for (std::size_t c = 0; c < items.size(); ++c) {
        Bits bits;
        const auto id = static_cast<ColumnId>(c);
        for (std::size_t i = 0; i < people.size(); ++i) {
            switch (items[c].type) {
                case ColumnType::f64:
                    bits[uid[i]] = std::bit_cast<std::uint64_t>(people.column<double>(id)[i]);
                    break;
                case ColumnType::u8:
                    bits[uid[i]] = people.column<std::uint8_t>(id)[i];
                    break;
                case ColumnType::u16:
                    bits[uid[i]] = people.column<std::uint16_t>(id)[i];
                    break;
                case ColumnType::i64:
                    bits[uid[i]] = static_cast<std::uint64_t>(people.column<std::int64_t>(id)[i]);
                    break;
                case ColumnType::u64:
                    bits[uid[i]] = people.column<std::uint64_t>(id)[i];
                    break;
            }
        }
        out[items[c].name] = std::move(bits);
    }
    return out;
}

/// Whether all columns of `a` are in `b` with the same bits for the same people.
inline ::testing::AssertionResult same_people(const Simulation& a, const Simulation& b,
                                              const std::set<std::string>& but = {}) {
    const auto x = columns_by_uid(a), y = columns_by_uid(b);
    for (const auto& [name, bits] : x) {
        if (but.contains(name)) continue;
        const auto other = y.find(name);
        if (other == y.end()) return ::testing::AssertionFailure() << "no column " << name;
        if (bits.size() != other->second.size())
            return ::testing::AssertionFailure()
                   << name << ": " << bits.size() << " and " << other->second.size() << " people";
        std::size_t different = 0;
        std::uint64_t first = 0;
        for (auto i = bits.begin(), j = other->second.begin(); i != bits.end(); ++i, ++j)
            if (*i != *j && different++ == 0) first = i->first;
        if (different > 0)
            return ::testing::AssertionFailure()
                   << name << " differs for " << different << " people, first uid " << first;
    }
    return ::testing::AssertionSuccess();
}

/// Whether all measures of `a` are in `b` with the same sums.
inline ::testing::AssertionResult same_measures(const Simulation& a, const Simulation& b) {
    const RunResults x = a.results(), y = b.results();
    for (std::size_t k = 0; k < a.model().measures.size(); ++k) {
        const std::string& name = a.model().measures[k].name;
        std::size_t j = 0;
        while (j < b.model().measures.size() && b.model().measures[j].name != name) ++j;
        if (j == b.model().measures.size()) return ::testing::AssertionFailure() << "no measure " << name;
        if (x.measures[k].sum != y.measures[j].sum || x.measures[k].weight != y.measures[j].weight)
            return ::testing::AssertionFailure() << "measure " << name << " differs";
    }
    return ::testing::AssertionSuccess();
}

}  // namespace proeftuin::lab
