// The kinds of failure that are not ours, and the exit code of each.
#pragma once

#include <stdexcept>
#include <string>

namespace proeftuin {

/// Exit codes of the command line; a contract with users.
namespace exit_code {
inline constexpr int ok = 0;
inline constexpr int numeric = 1;  ///< a result left its domain while running
inline constexpr int scenario = 2;  ///< the files or the command line are wrong
inline constexpr int io = 3;  ///< the world: a file, the disk, HDF5
inline constexpr int validation = 4;  ///< a validation that fails
inline constexpr int defect = 70;  ///< a broken contract
inline constexpr int interrupted = 130;  ///< Ctrl-C
}  // namespace exit_code

/// A file, the disk or a library of the system failed. The message names the path and the cause.
class IoError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A number left its domain during a run; the message names process, step, person and expression.
class NumericError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

}  // namespace proeftuin
