// The people of a running scenario: columns over slots, in fixed chunks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/core/contracts.hpp"

namespace proeftuin {

enum class ColumnType : std::uint8_t { f64, u8, u16, i64, u64 };

/// Bytes of one value.
constexpr std::size_t width_of(ColumnType type) {
    switch (type) {
        case ColumnType::u8:
            return 1;
        case ColumnType::u16:
            return 2;
        default:
            return 8;
    }
}

template <class T>
constexpr ColumnType column_type_of();
template <>
constexpr ColumnType column_type_of<double>() {
    return ColumnType::f64;
}
template <>
constexpr ColumnType column_type_of<std::uint8_t>() {
    return ColumnType::u8;
}
template <>
constexpr ColumnType column_type_of<std::uint16_t>() {
    return ColumnType::u16;
}
template <>
constexpr ColumnType column_type_of<std::int64_t>() {
    return ColumnType::i64;
}
template <>
constexpr ColumnType column_type_of<std::uint64_t>() {
    return ColumnType::u64;
}

using ColumnId = std::uint32_t;
inline constexpr ColumnId no_column = 0xffffffffu;

/// Name and type of every column; the layout of a population.
struct ColumnLayout {
    struct Item {
        std::string name;
        ColumnType type;
    };
    std::vector<Item> items;

    ColumnId add(std::string name, ColumnType type) {
        items.push_back({std::move(name), type});
        return static_cast<ColumnId>(items.size() - 1);
    }
};

/// Structure of arrays: every column holds one value per slot. A slot is a place for one person.
class Population {
public:
    Population() = default;
    explicit Population(ColumnLayout layout);

    const ColumnLayout& layout() const { return layout_; }
    /// Slots in use (the living and those not yet removed).
    std::size_t size() const { return size_; }
    /// Adds `n` zeroed slots at the end; returns the first.
    std::size_t append(std::size_t n);
    /// Removes the slots `gone`; those at the end move into their places: into those of a part of the slots when `fill`
    /// comes to it, which costs little just before they are needed anyway, or at once with `fill_all`. Until every slot
    /// is filled nothing else may be done. \pre ascending, each once
    void remove(std::span<const std::uint32_t> gone);
    /// Several threads may fill different parts.
    void fill(std::size_t first, std::size_t last);
    void fill_all();
    /// All parts were filled.
    void end_fill() { moves_.clear(); }
    /// Rearranges: new slot i holds what slot order[i] held.
    void reorder(std::span<const std::uint32_t> order);

    template <class T>
    std::span<T> column(ColumnId id) {
        PT_EXPECT(id < layout_.items.size() && layout_.items[id].type == column_type_of<T>());
        return {static_cast<T*>(raw(id)), size_};
    }
    template <class T>
    std::span<const T> column(ColumnId id) const {
        PT_EXPECT(id < layout_.items.size() && layout_.items[id].type == column_type_of<T>());
        return {static_cast<const T*>(raw(id)), size_};
    }
    /// First value of a column; 64-byte aligned.
    void* raw(ColumnId id) { return columns_[id]; }
    const void* raw(ColumnId id) const { return columns_[id]; }
    /// Bytes per slot over all columns.
    std::size_t bytes_per_slot() const;

private:
    struct Unmap {
        std::size_t bytes;
        void operator()(void* p) const;
    };
    using Block = std::unique_ptr<void, Unmap>;
    /// Someone to take somebody's place.
    struct Move {
        std::uint32_t from;
        std::uint32_t to;
    };
    void reserve(std::size_t capacity);
    void fill_column(std::size_t c, std::span<const Move> moves);

    ColumnLayout layout_;
    Block memory_{nullptr, Unmap{0}};
    std::vector<void*> columns_;  ///< first value of each, in memory_
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
    std::vector<Move> moves_;  ///< into places that are still empty, in their order
    std::size_t touched_ = 0;  ///< slots ever in use since the memory was new: those beyond are 0
};

}  // namespace proeftuin
