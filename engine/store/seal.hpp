// A last line behind the HDF5 data with the digest of every byte before it, checked before HDF5 sees any of them.
//
// HDF5 1.10 may crash on damaged files, and does not checksum variable-length texts and references at all. Every
// reader ignores what stands behind the data.
#pragma once

#include <string>

namespace proeftuin::store {

/// Adds the seal to a closed file. \throws IoError
void seal(const std::string& path);

/// Checks the seal. \throws IoError when there is none, or the bytes are not those that were sealed
void check_seal(const std::string& path);

}  // namespace proeftuin::store
