#include "engine/store/seal.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "engine/core/errors.hpp"
#include "engine/store/sha256.hpp"

namespace proeftuin::store {
namespace {

constexpr std::string_view mark = "\nproeftuin seal 1 sha256 ";
constexpr std::size_t digest_digits = 64;
constexpr std::size_t seal_bytes = mark.size() + digest_digits + 1;

}  // namespace

void seal(const std::string& path) {
    const std::string text = std::string(mark) + sha256_of_file(path) + "\n";
    const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    const bool written = file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    const int error = errno;
    const bool closed = file < 0 || ::close(file) == 0;
    if (!written || !closed)
        throw IoError("cannot seal '" + path + "' (" + std::strerror(written ? errno : error) + ")");
}

void check_seal(const std::string& path) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (error) throw IoError("cannot read '" + path + "' (" + error.message() + ")");
    std::string found(seal_bytes, '\0');
    std::ifstream in(path, std::ios::binary);
    if (size >= seal_bytes) {
        in.seekg(static_cast<std::streamoff>(size - seal_bytes));
        in.read(found.data(), static_cast<std::streamsize>(seal_bytes));
    }
    if (!in) throw IoError("cannot read '" + path + "' (" + std::strerror(errno) + ")");
    if (!found.starts_with(mark))
        throw IoError("cannot use '" + path +
                      "' (no seal at its end: cut off, changed by another program, or not a file of this program)");
    const std::string expected = found.substr(mark.size(), digest_digits);
    if (sha256_of_file(path, size - seal_bytes) != expected || found.back() != '\n')
        throw IoError("cannot use '" + path + "' (damaged: its bytes are not those that were sealed)");
}

}  // namespace proeftuin::store
