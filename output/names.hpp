// Names that the writer and the reader of results files share.
#pragma once

#include <string>
#include <string_view>

#include "output/result_set.hpp"

namespace proeftuin::output {

inline constexpr const char* results_filetype = "proeftuin results";

/// What a dataset in `/results/<scenario>` is: its attribute `role`.
namespace role {
inline constexpr const char* dimension = "dimension";
inline constexpr const char* measure = "measure";
inline constexpr const char* sums_of_squares = "sums_of_squares";
inline constexpr const char* counts = "counts";
inline constexpr const char* statistic = "statistic";
}  // namespace role

/// "integral", "events", "people", "mean" or "points".
std::string_view to_string(MeasureKind kind);

/// The other way round. \throws IoError for any other text
MeasureKind measure_kind(std::string_view text);

/// The unit as UDUNITS knows it: money is "1" (the attribute `currency` says which), "per year" is "year-1".
std::string udunits(std::string_view unit, std::string_view currency);

/// The text with every byte that is not UTF-8, and every NUL, replaced by U+FFFD.
std::string valid_utf8(std::string_view text);

}  // namespace proeftuin::output
