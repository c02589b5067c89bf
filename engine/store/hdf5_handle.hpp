// HDF5 identifiers that close themselves, and HDF5 failures as IoError. Only for engine/store.
#pragma once

#include <hdf5.h>

#include <string>
#include <utility>

#include "engine/store/value_type.hpp"

namespace proeftuin::store {

/// An HDF5 identifier. The destructor closes without looking; `close` is for where the outcome counts.
class Handle {
public:
    using Close = herr_t (*)(hid_t);
    Handle() = default;
    Handle(hid_t id, Close close) : id_{id}, close_{close} {}
    Handle(Handle&& other) noexcept : id_{std::exchange(other.id_, H5I_INVALID_HID)}, close_{other.close_} {}
    Handle& operator=(Handle&& other) noexcept {
        std::swap(id_, other.id_);
        std::swap(close_, other.close_);
        return *this;
    }
    ~Handle() {
        if (id_ >= 0) close_(id_);
    }
    hid_t id() const { return id_; }
    explicit operator bool() const { return id_ >= 0; }
    /// \return whether HDF5 could close it; buffered data may be lost when not
    bool close() { return id_ < 0 || close_(std::exchange(id_, H5I_INVALID_HID)) >= 0; }

private:
    hid_t id_ = H5I_INVALID_HID;
    Close close_ = nullptr;
};

/// Turns off HDF5's own printing on this thread (it is kept per thread).
void silence_hdf5();

/// Throws IoError "cannot <what> in '<file>' (<innermost cause that HDF5 or the system gives>)".
[[noreturn]] void fail_hdf5(const std::string& file, const std::string& what);

/// The type of a value in memory, which is also that in the file on the machines we support (little endian).
hid_t native_type(ValueType type);
/// A new type for variable-length UTF-8 text.
Handle text_type();

/// Last part of a path and what comes before: "/a/b" -> "/a"; "/b" -> "/".
std::string parent_of(const std::string& path);

}  // namespace proeftuin::store
