// Days and stretches of time.
#pragma once

#include <algorithm>
#include <vector>

#include "engine/config/field_type.hpp"
#include "engine/run/model_spec.hpp"

namespace proeftuin {

/// The calendar year of a day with its fraction; `after`: of the day after it.
inline double calendar_year(const Date& date, bool after) {
    if (date.whole_year) return date.year + (after ? 1.0 : 0.0);
    constexpr int days_before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    const bool leap = (date.year % 4 == 0 && date.year % 100 != 0) || date.year % 400 == 0;
    const int days = days_before[date.month - 1] + (leap && date.month > 2 ? 1 : 0) + date.day - (after ? 0 : 1);
    const int whole = leap ? 366 : 365;
    return days == whole ? date.year + 1.0 : date.year + static_cast<double>(days) / whole;
}

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
