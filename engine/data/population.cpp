#include "engine/data/population.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <new>

namespace proeftuin {
namespace {

constexpr std::size_t alignment = 64;
// Programs read whole vectors; the tail of the last chunk must be readable.
constexpr std::size_t padding_slots = 64;
// Columns start at different places of a page: the same slot of all of them would else fall on the same lines of the
// nearest cache, which has few of a kind.
constexpr std::size_t page = 4096;
constexpr std::size_t stagger = 5 * alignment;
// All columns are one piece of memory on large pages, which are looked up faster.
constexpr std::size_t large_page = std::size_t{2} << 20;

std::size_t round_up(std::size_t bytes, std::size_t to) { return (bytes + to - 1) / to * to; }

}  // namespace

Population::Population(ColumnLayout layout) : layout_{std::move(layout)} { columns_.resize(layout_.items.size()); }

Population::Block Population::allocate(std::size_t bytes) {
    const std::size_t unit = bytes >= large_page ? large_page : alignment;
    const std::size_t rounded = round_up(bytes, unit);
    void* p = std::aligned_alloc(unit, rounded);
    if (p == nullptr) throw std::bad_alloc();
    if (unit == large_page) madvise(p, rounded, MADV_HUGEPAGE);  // a wish: without it everything works too
    return Block{p};
}

void Population::reserve(std::size_t capacity) {
    std::vector<std::size_t> offset(columns_.size());
    std::size_t bytes = 0;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
        offset[c] = round_up(bytes, page) + c * stagger % page;
        bytes = offset[c] + (capacity + padding_slots) * width_of(layout_.items[c].type);
    }
    Block fresh = allocate(std::max(bytes, alignment));
    for (std::size_t c = 0; c < columns_.size(); ++c) {
        const std::size_t w = width_of(layout_.items[c].type);
        char* to = static_cast<char*>(fresh.get()) + offset[c];
        if (size_ > 0) std::memcpy(to, columns_[c], size_ * w);
        std::memset(to + size_ * w, 0, (capacity + padding_slots - size_) * w);
        columns_[c] = to;
    }
    memory_ = std::move(fresh);
    capacity_ = capacity;
}

std::size_t Population::append(std::size_t n) {
    const std::size_t first = size_;
    if (size_ + n > capacity_) reserve(std::max(size_ + n, capacity_ + capacity_ / 16));
    for (std::size_t c = 0; c < columns_.size(); ++c) {
        const std::size_t w = width_of(layout_.items[c].type);
        std::memset(static_cast<char*>(columns_[c]) + first * w, 0, n * w);
    }
    size_ += n;
    return first;
}

namespace {

template <class T>
void keep_values(T* values, std::span<const std::uint8_t> flags) {
    // Without a branch: who is kept cannot be foreseen.
    std::size_t to = 0;
    for (std::size_t i = 0; i < flags.size(); ++i) {
        values[to] = values[i];
        to += flags[i] != 0;
    }
}

template <class T>
void reorder_values(T* values, std::span<const std::uint32_t> order, std::vector<std::uint64_t>& spare) {
    T* copy = reinterpret_cast<T*>(spare.data());
    for (std::size_t i = 0; i < order.size(); ++i) copy[i] = values[order[i]];
    std::memcpy(values, copy, order.size() * sizeof(T));
}

}  // namespace

void Population::keep(std::span<const std::uint8_t> flags) {
    PT_EXPECT(flags.size() == size_);
    for (std::size_t c = 0; c < columns_.size(); ++c) {
        switch (width_of(layout_.items[c].type)) {
            case 1: keep_values(static_cast<std::uint8_t*>(raw(static_cast<ColumnId>(c))), flags); break;
            case 2: keep_values(static_cast<std::uint16_t*>(raw(static_cast<ColumnId>(c))), flags); break;
            default: keep_values(static_cast<std::uint64_t*>(raw(static_cast<ColumnId>(c))), flags); break;
        }
    }
    size_ = static_cast<std::size_t>(
        std::count_if(flags.begin(), flags.end(), [](std::uint8_t f) { return f != 0; }));
}

void Population::reorder(std::span<const std::uint32_t> order) {
    PT_EXPECT(order.size() == size_);
    std::vector<std::uint64_t> spare(size_);
    for (std::size_t c = 0; c < columns_.size(); ++c) {
        switch (width_of(layout_.items[c].type)) {
            case 1: reorder_values(static_cast<std::uint8_t*>(raw(static_cast<ColumnId>(c))), order, spare); break;
            case 2: reorder_values(static_cast<std::uint16_t*>(raw(static_cast<ColumnId>(c))), order, spare); break;
            default: reorder_values(static_cast<std::uint64_t*>(raw(static_cast<ColumnId>(c))), order, spare); break;
        }
    }
}

std::size_t Population::bytes_per_slot() const {
    std::size_t bytes = 0;
    for (const auto& item : layout_.items) bytes += width_of(item.type);
    return bytes;
}

}  // namespace proeftuin
