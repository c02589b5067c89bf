#include "engine/data/population.hpp"

#include <sys/mman.h>
#include <tbb/parallel_for.h>

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

void Population::Unmap::operator()(void* p) const { munmap(p, bytes); }

void Population::reserve(std::size_t capacity) {
    std::vector<std::size_t> offset(columns_.size());
    std::size_t bytes = 0;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
        offset[c] = round_up(bytes, page) + c * stagger % page;
        bytes = offset[c] + (capacity + padding_slots) * width_of(layout_.items[c].type);
    }
    // Memory from the system is 0, and costs nothing until it is touched: columns that a run never uses are free.
    bytes = round_up(std::max(bytes, page), page) + large_page;
    void* const all = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (all == MAP_FAILED) throw std::bad_alloc();
    Block fresh{all, Unmap{bytes}};
    if (bytes >= 2 * large_page) madvise(all, bytes, MADV_HUGEPAGE);  // a wish: without it everything works too
    char* const start =
        static_cast<char*>(all) + (large_page - reinterpret_cast<std::uintptr_t>(all) % large_page) % large_page;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
        if (size_ > 0) std::memcpy(start + offset[c], columns_[c], size_ * width_of(layout_.items[c].type));
        columns_[c] = start + offset[c];
    }
    memory_ = std::move(fresh);
    capacity_ = capacity;
    touched_ = size_;
}

std::size_t Population::append(std::size_t n) {
    PT_EXPECT(moves_.empty());
    const std::size_t first = size_;
    // Room for those who will enter: moving everybody is dear. A large page that holds a little of it is paid for
    // whole, so there is less room for the first, who are most often about as many as there will ever be.
    if (size_ + n > capacity_) reserve((size_ + n) + (size_ + n) / (size_ == 0 ? 8 : 2));
    const std::size_t used = std::min(first + n, touched_);
    if (used > first)
        for (std::size_t c = 0; c < columns_.size(); ++c) {
            const std::size_t w = width_of(layout_.items[c].type);
            std::memset(static_cast<char*>(columns_[c]) + first * w, 0, (used - first) * w);
        }
    size_ += n;
    touched_ = std::max(touched_, size_);
    return first;
}

namespace {

template <class T>
void reorder_values(T* values, std::span<const std::uint32_t> order, std::vector<std::uint64_t>& spare) {
    T* copy = reinterpret_cast<T*>(spare.data());
    for (std::size_t i = 0; i < order.size(); ++i) copy[i] = values[order[i]];
    std::memcpy(values, copy, order.size() * sizeof(T));
}

}  // namespace

void Population::remove(std::span<const std::uint32_t> gone) {
    PT_EXPECT(moves_.empty());
    PT_EXPECT(gone.empty() || gone.back() < size_);
    const std::size_t stay = size_ - gone.size();
    // The last take the places of those who go: a fraction of what moving everybody up would cost.
    auto from = static_cast<std::uint32_t>(size_);
    std::size_t behind = gone.size();  // those of them below `from`
    for (const std::uint32_t to : gone) {
        if (to >= stay) break;
        for (--from; behind > 0 && gone[behind - 1] == from; --from) --behind;
        moves_.push_back({from, to});
    }
    size_ = stay;
}

void Population::fill_column(std::size_t c, std::span<const Move> moves) {
    const auto move_values = [moves](auto* values) {
        for (const Move& m : moves) values[m.to] = values[m.from];
    };
    switch (width_of(layout_.items[c].type)) {
        case 1:
            return move_values(static_cast<std::uint8_t*>(columns_[c]));
        case 2:
            return move_values(static_cast<std::uint16_t*>(columns_[c]));
        default:
            return move_values(static_cast<std::uint64_t*>(columns_[c]));
    }
}

void Population::fill(std::size_t first, std::size_t last) {
    const auto before = [](const Move& m, std::size_t slot) { return m.to < slot; };
    const auto begin = std::lower_bound(moves_.begin(), moves_.end(), first, before);
    const auto end = std::lower_bound(begin, moves_.end(), last, before);
    if (begin == end) return;
    for (std::size_t c = 0; c < columns_.size(); ++c) fill_column(c, {begin, end});
}

void Population::fill_all() {
    if (!moves_.empty())
        tbb::parallel_for(std::size_t{0}, columns_.size(), [&](std::size_t c) { fill_column(c, moves_); });
    end_fill();
}

void Population::reorder(std::span<const std::uint32_t> order) {
    PT_EXPECT(order.size() == size_ && moves_.empty());
    std::vector<std::uint64_t> spare(size_);
    for (std::size_t c = 0; c < columns_.size(); ++c) {
        switch (width_of(layout_.items[c].type)) {
            case 1:
                reorder_values(static_cast<std::uint8_t*>(raw(static_cast<ColumnId>(c))), order, spare);
                break;
            case 2:
                reorder_values(static_cast<std::uint16_t*>(raw(static_cast<ColumnId>(c))), order, spare);
                break;
            default:
                reorder_values(static_cast<std::uint64_t*>(raw(static_cast<ColumnId>(c))), order, spare);
                break;
        }
    }
}

std::size_t Population::bytes_per_slot() const {
    std::size_t bytes = 0;
    for (const auto& item : layout_.items) bytes += width_of(item.type);
    return bytes;
}

}  // namespace proeftuin
