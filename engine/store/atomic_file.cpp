#include "engine/store/atomic_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "engine/core/errors.hpp"
#include "engine/store/sha256.hpp"

namespace proeftuin::store {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& what, const std::string& path) {
    throw IoError("cannot " + what + " '" + path + "' (" + std::strerror(errno) + ")");
}

/// Waits until what is under `path` has reached the disk, and drops it from memory so that reading it back
/// reads the disk.
void make_durable(const std::string& path, bool directory) {
    const int file = ::open(path.c_str(), directory ? O_RDONLY | O_DIRECTORY | O_CLOEXEC : O_RDONLY | O_CLOEXEC);
    if (file < 0) fail("open", path);
    if (::fsync(file) != 0) {
        const int error = errno;
        ::close(file);
        errno = error;
        fail("make durable", path);
    }
#if defined(POSIX_FADV_DONTNEED)
    if (!directory) ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
#endif
    if (::close(file) != 0) fail("close", path);
}

void write_plainly(const std::string& path, std::string_view text) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0) fail("write", path);
    while (!text.empty()) {
        const ssize_t n = ::write(file, text.data(), text.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            const int error = n == 0 ? ENOSPC : errno;
            ::close(file);
            errno = error;
            fail("write", path);
        }
        text.remove_prefix(static_cast<std::size_t>(n));
    }
    if (::close(file) != 0) fail("close", path);
}

void move_over(const std::string& from, const std::string& to) {
    if (std::rename(from.c_str(), to.c_str()) != 0) fail("rename to", to);
}

}  // namespace

AtomicFile::AtomicFile(std::string path) : path_{std::move(path)} {
    const fs::path target(path_);
    directory_ = target.has_parent_path() ? target.parent_path().string() : ".";
    part_directory_ = path_ + ".part";
    working_path_ = part_directory_ + "/unfinished";
    std::error_code error;
    fs::create_directories(directory_, error);
    if (error) throw IoError("cannot make directory '" + directory_ + "' (" + error.message() + ")");
    if (fs::is_directory(target, error)) throw IoError("cannot write '" + path_ + "' (it is a directory)");
    fs::create_directory(part_directory_, error);
    if (error) throw IoError("cannot make directory '" + part_directory_ + "' (" + error.message() + ")");
    const std::string lock_path = part_directory_ + "/lock";
    lock_ = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (lock_ < 0) fail("make", lock_path);
    if (::flock(lock_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        ::close(lock_);
        throw IoError("cannot write '" + path_ + "' (another process is writing it)");
    }
    std::error_code ignored;
    fs::remove(working_path_, ignored);
}

AtomicFile::~AtomicFile() { clear(); }

void AtomicFile::clear() noexcept {
    if (lock_ < 0) return;
    std::error_code ignored;
    fs::remove_all(part_directory_, ignored);
    ::close(lock_);
    lock_ = -1;
}

void AtomicFile::publish(const std::function<void()>& verify, Sidecar sidecar,
                         const std::function<void()>& before_rename) {
    const std::string sidecar_path = path_ + ".sha256";
    const std::string working_sidecar = part_directory_ + "/sha256";
    make_durable(working_path_, false);
    if (verify) verify();
    if (sidecar == Sidecar::yes) {
        write_plainly(working_sidecar,
                      sha256_of_file(working_path_) + "  " + fs::path(path_).filename().string() + "\n");
        make_durable(working_sidecar, false);
    }
    if (before_rename) before_rename();
    // The old sidecar goes first: at no moment does a file lie beside the digest of another.
    if (::unlink(sidecar_path.c_str()) != 0 && errno != ENOENT) fail("remove", sidecar_path);
    move_over(working_path_, path_);
    if (sidecar == Sidecar::yes) move_over(working_sidecar, sidecar_path);
    make_durable(directory_, true);
    clear();
}

void write_text_file(const std::string& path, std::string_view text) {
    AtomicFile file(path);
    write_plainly(file.working_path(), text);
    file.publish(
        [&] {
            if (sha256_of_file(file.working_path()) != sha256_hex(text))
                throw IoError("cannot write '" + path + "' (reading it back gave something else)");
        },
        AtomicFile::Sidecar::no);
}

}  // namespace proeftuin::store
