// Results files: HDF5 that opens in xarray, netCDF tools, R and a browser without our code.
#pragma once

#include <span>
#include <string>

#include "output/result_set.hpp"

namespace proeftuin::output {

/// Writes the results of one or more scenarios to a file that appears only when it is complete and verified.
/// \pre names are unique where they must be, and every array is as long as its axes say
/// \throws IoError, with whatever was at `path` untouched
void write_results(const std::string& path, std::span<const ResultSet> scenarios);

inline void write_results(const std::string& path, const ResultSet& scenario) {
    write_results(path, std::span<const ResultSet>(&scenario, 1));
}

}  // namespace proeftuin::output
