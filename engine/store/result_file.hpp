// One HDF5 file written the safe way: aside, closed, made durable, read back, then renamed.
#pragma once

#include <functional>
#include <string>

#include "engine/store/atomic_file.hpp"
#include "engine/store/hdf5_file.hpp"

namespace proeftuin::store {

/// Writes an HDF5 file with `fill` and publishes it at `path`.
///
/// After closing, the file is sealed (see seal.hpp), read back as a whole, and every digest compared with what was
/// handed to the writer.
/// \throws IoError (or what `fill` throws), with whatever was at `path` untouched
void write_hdf5_file(const std::string& path, const std::function<void(Hdf5Writer&)>& fill,
                     AtomicFile::Sidecar sidecar = AtomicFile::Sidecar::yes,
                     const std::function<void()>& before_rename = {});

/// What a file says it holds: the attribute `filetype` of the root group. \throws IoError when it cannot be read
std::string file_type(const std::string& path);

/// The content digest of a file, after checking its seal.
/// Two files with equal digests hold bit-equal results; `/run_info` (time, host, threads) is left out.
/// \throws IoError when the file is not complete, or damaged
std::string content_digest(const std::string& path);

/// Checks a file against its seal, its digests and, where there is one, its `.sha256` sidecar.
/// \throws IoError
void verify_file(const std::string& path);

}  // namespace proeftuin::store
