// The checkpoint that the fault tests write, by its number.
#pragma once

#include <cmath>

#include "engine/store/checkpoint.hpp"

namespace proeftuin {

inline Checkpoint fault_checkpoint(int number) {
    Checkpoint out;
    std::vector<double> values(5000);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::sqrt(static_cast<double>(i) + number);
    out.arrays["age"] = values;
    out.arrays["uid"] = std::vector<std::int64_t>{number, 2, 3};
    out.scalars["step"] = std::int64_t{number};
    out.texts["scenario"] = "usual care " + std::to_string(number);
    return out;
}

}  // namespace proeftuin
