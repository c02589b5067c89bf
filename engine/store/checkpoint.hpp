// The state of a run on disk: named arrays, numbers and texts that come back bit for bit.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace proeftuin {

/// Everything a run needs to go on. Names are free (no leading, trailing or double '/').
struct Checkpoint {
    using Array = std::variant<std::vector<double>, std::vector<std::int64_t>, std::vector<std::uint64_t>,
                               std::vector<std::uint32_t>, std::vector<std::uint16_t>, std::vector<std::uint8_t>>;
    using Scalar = std::variant<double, std::int64_t, std::uint64_t>;

    std::map<std::string, Array> arrays = {};
    std::map<std::string, Scalar> scalars = {};
    std::map<std::string, std::string> texts = {};

    /// The array called `name`. \throws IoError when it is missing or of another type
    template <class T>
    const std::vector<T>& array(const std::string& name) const {
        const auto it = arrays.find(name);
        const std::vector<T>* found = it == arrays.end() ? nullptr : std::get_if<std::vector<T>>(&it->second);
        if (!found) missing("array", name);
        return *found;
    }
    /// The number called `name`. \throws IoError when it is missing or of another type
    template <class T>
    T scalar(const std::string& name) const {
        const auto it = scalars.find(name);
        const T* found = it == scalars.end() ? nullptr : std::get_if<T>(&it->second);
        if (!found) missing("number", name);
        return *found;
    }
    /// The text called `name`. \throws IoError when it is missing
    const std::string& text(const std::string& name) const;

    bool operator==(const Checkpoint&) const = default;

private:
    [[noreturn]] static void missing(const char* what, const std::string& name);
};

/// Where the checkpoint before the last one is kept: "run.ckpt.h5" -> "run.ckpt_prev.h5".
std::string previous_checkpoint_path(const std::string& path);

/// Writes, verifies and only then replaces the checkpoint at `path`; the one that was there stays as the previous one.
/// At every moment at least one complete checkpoint exists once the first has been written.
/// \param compress deflate the arrays: smaller, several times slower
/// \throws IoError and leaves what was there
void write_checkpoint(const std::string& path, const Checkpoint& checkpoint, bool compress = false);

/// Reads and verifies one checkpoint. \throws IoError when it is missing, damaged or not a checkpoint
Checkpoint read_checkpoint(const std::string& path);

/// A checkpoint to go on from, and the file it came from.
struct FoundCheckpoint {
    Checkpoint checkpoint;
    std::string path;
    std::string warning = {};  ///< why the last one could not be used, when it is the previous one
};

/// The last usable checkpoint: the one at `path`, else the previous one.
/// \throws IoError when neither can be read; the message names both causes
FoundCheckpoint read_last_checkpoint(const std::string& path);

}  // namespace proeftuin
