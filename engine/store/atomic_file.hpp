// A file that appears under its name only when it is complete: work aside, check, make durable, rename.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace proeftuin::store {

/// Work on `NAME` inside the directory `NAME.part`. `publish` moves it into place; without it the work is removed.
///
/// Steps of `publish`: fsync the file - call `verify` on it - rename - fsync the directory. What was at NAME stays
/// until the rename. One process at a time: a second one on the same NAME gets an IoError.
class AtomicFile {
public:
    enum class Sidecar : bool { no, yes };

    /// Makes the `.part` directory, clearing what an interrupted run left there. \throws IoError
    explicit AtomicFile(std::string path);
    /// Removes the `.part` directory, also when nothing was published.
    ~AtomicFile();
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    const std::string& path() const { return path_; }
    /// Where to write. Not named like the result, so that nobody takes it for one.
    const std::string& working_path() const { return working_path_; }

    /// Makes the written file the one at `path`.
    /// \param verify reads the working file back and throws when it is not what was meant
    /// \param sidecar also write `NAME.sha256`, as sha256sum does
    /// \param before_rename called when everything is safe on disk, just before the new file takes the name
    /// \throws IoError, with the old file untouched
    void publish(const std::function<void()>& verify, Sidecar sidecar = Sidecar::yes,
                 const std::function<void()>& before_rename = {});

private:
    void clear() noexcept;

    std::string path_;
    std::string directory_;  // of path_
    std::string part_directory_;
    std::string working_path_;
    int lock_ = -1;
};

/// Writes a text under `path` with the same steps, reading it back. \throws IoError
void write_text_file(const std::string& path, std::string_view text);

}  // namespace proeftuin::store
