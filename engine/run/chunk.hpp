// Views of one chunk of the population, and loops over chunks in parallel.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "engine/data/population.hpp"
#include "engine/expr/program.hpp"

namespace proeftuin {

/// Slots [begin, end) of the population.
struct ChunkRange {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t size() const { return end - begin; }
};

/// Pointers to the first value of a chunk in every column.
class ChunkColumns {
public:
    void point_at(Population& people, std::size_t begin) {
        const auto& items = people.layout().items;
        pointers_.resize(items.size());
        for (std::size_t c = 0; c < items.size(); ++c)
            pointers_[c] = static_cast<char*>(people.raw(static_cast<ColumnId>(c))) + begin * width_of(items[c].type);
    }
    template <class T>
    T* get(ColumnId id) const {
        return static_cast<T*>(pointers_[id]);
    }
    /// Reads and writes of the column go elsewhere, until the next `point_at`.
    void redirect(ColumnId id, double* to) { pointers_[id] = to; }
    EvaluationInput input(const double* scalars, const std::uint16_t* slots, std::size_t n) const {
        return {const_cast<const void* const*>(pointers_.data()), scalars, slots, n};
    }

private:
    std::vector<void*> pointers_;
};

}  // namespace proeftuin
