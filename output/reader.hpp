// Results files read back, after checking that they are whole.
#pragma once

#include <string>
#include <vector>

#include "output/format_version.hpp"
#include "output/result_set.hpp"

namespace proeftuin::output {

/// A results file in memory.
struct ResultsFile {
    FormatVersion format = format_version;
    std::string content_digest;
    std::vector<ResultSet> scenarios;

    const ResultSet* scenario(std::string_view name) const {
        for (const auto& s : scenarios)
            if (s.scenario == name) return &s;
        return nullptr;
    }
};

enum class Persons : bool { skip, read };

/// Reads and verifies a results file.
/// \throws IoError when it cannot be read, is not complete, is damaged, or has a newer major format
ResultsFile read_results(const std::string& path, Persons persons = Persons::read);

/// Whether two results files hold the same, bit for bit, and where not.
struct FileComparison {
    bool equal = false;
    std::vector<std::string> differences;  ///< "dataset /results/a/qalys differs", "... is only in FILE"
};

/// Compares all but `/run_info` and the attributes of the root group (time, host, threads, build).
/// \throws IoError when either cannot be used
FileComparison compare_results(const std::string& path_a, const std::string& path_b);

}  // namespace proeftuin::output
