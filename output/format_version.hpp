// The version of the layout of results files. Described in docs/reference/results_file.md.
#pragma once

#include <cstdint>

namespace proeftuin::output {

/// A new major version breaks readers; a new minor version only adds.
struct FormatVersion {
    std::int32_t major;
    std::int32_t minor;
};

inline constexpr FormatVersion format_version{1, 2};

}  // namespace proeftuin::output
