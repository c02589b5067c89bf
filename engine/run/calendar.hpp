// Stretches of time.
#pragma once

#include <algorithm>
#include <vector>

#include "engine/run/model_spec.hpp"

namespace proeftuin {

/// The part of [begin, end) that lies in each of the spans.
inline std::vector<CalendarSpan> overlaps(const std::vector<CalendarSpan>& spans, double begin, double end) {
    std::vector<CalendarSpan> parts;
    for (const CalendarSpan& s : spans) {
        const CalendarSpan part{std::max(s.from, begin), std::min(s.to, end)};
        if (part.from < part.to) parts.push_back(part);
    }
    return parts;
}

}  // namespace proeftuin
