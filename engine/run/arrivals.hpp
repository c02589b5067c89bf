// Who arrives in a step: numbers of people from tables, drawn into people with a moment and an age.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "engine/run/model.hpp"

namespace proeftuin {

/// Somebody who comes to live in the region.
struct Newcomer {
    std::uint64_t uid;
    double at;  ///< years after the start of the step
    double age;  ///< years, on arrival
    std::vector<std::pair<int, int>> codes;  ///< attribute (of Model::attributes) and category that the table gives
};

/// Those who arrive within [begin, begin + length) [years since the start, within one calendar year], by uid.
/// The numbers of a year and the moments are drawn by year, so they do not depend on the length of steps: the part of a
/// person in the number of a group is rounded at random, moments are uniform in the year, ages within their class.
/// \throws RunError when a number of people is below 0 or no number
std::vector<Newcomer> draw_newcomers(const Model& model, RunKey key, double begin, double length);

}  // namespace proeftuin
