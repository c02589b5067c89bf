#include "engine/store/hdf5_handle.hpp"

#include <cerrno>
#include <cstring>

#include "engine/core/errors.hpp"
#include "engine/store/hdf5_file.hpp"

namespace proeftuin::store {
namespace {

// The innermost entry of the error stack knows the cause; system calls leave "error message = '...'" in it.
herr_t keep_innermost(unsigned, const H5E_error2_t* error, void* out) {
    auto& text = *static_cast<std::string*>(out);
    if (text.empty() && error->desc) text = error->desc;
    return 0;
}

std::string cause_from_stack() {
    std::string text;
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_innermost, &text);
    const std::string marker = "error message = '";
    const auto start = text.find(marker);
    if (start == std::string::npos) return text;
    const auto from = start + marker.size();
    return text.substr(from, text.find('\'', from) - from);
}

}  // namespace

void silence_hdf5() {
    // After a write that failed, HDF5 1.10 reads freed memory when it clears up at the end of the program. We close
    // everything ourselves and look at the outcome, so there is nothing left for it to do.
    static const bool own_end [[maybe_unused]] = H5dont_atexit() >= 0;
    thread_local bool silent = false;
    if (silent) return;
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    silent = true;
}

void fail_hdf5(const std::string& file, const std::string& what) {
    const int system_error = errno;
    std::string cause = cause_from_stack();
    if (cause.empty()) cause = system_error ? std::strerror(system_error) : "HDF5 gives no cause";
    throw IoError("cannot " + what + " in '" + file + "' (" + cause + ")");
}

hid_t native_type(ValueType type) {
    switch (type) {
        case ValueType::int8:
            return H5T_NATIVE_INT8;
        case ValueType::int16:
            return H5T_NATIVE_INT16;
        case ValueType::int32:
            return H5T_NATIVE_INT32;
        case ValueType::int64:
            return H5T_NATIVE_INT64;
        case ValueType::uint8:
            return H5T_NATIVE_UINT8;
        case ValueType::uint16:
            return H5T_NATIVE_UINT16;
        case ValueType::uint32:
            return H5T_NATIVE_UINT32;
        case ValueType::uint64:
            return H5T_NATIVE_UINT64;
        case ValueType::float64:
            return H5T_NATIVE_DOUBLE;
        case ValueType::text:
            break;
    }
    return H5I_INVALID_HID;
}

Handle text_type() {
    Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
    if (!type || H5Tset_size(type.id(), H5T_VARIABLE) < 0 || H5Tset_cset(type.id(), H5T_CSET_UTF8) < 0)
        throw IoError("cannot make the HDF5 type of texts");
    return type;
}

std::string parent_of(const std::string& path) {
    const auto slash = path.find_last_of('/');
    return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

std::string hdf5_version() {
    unsigned major = 0, minor = 0, release = 0;
    H5get_libversion(&major, &minor, &release);
    return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(release);
}

}  // namespace proeftuin::store
