// Preloaded into a program: lets system calls on files fail, to see what the program makes of it.
// FAIL_AT=k: which call, counted from 1.  FAIL_ERRNO=n.  FAIL_ON=onwards: that call and all later ones (a full disk);
// once: that call only; short: the k-th write takes half its bytes and says so.  FAIL_COUNT=path: write the number of
// calls seen there at exit.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

std::atomic<long> calls{0};

long wanted() {
    const char* text = std::getenv("FAIL_AT");
    return text ? std::atol(text) : 0;
}

bool mode_is(const char* mode) {
    const char* text = std::getenv("FAIL_ON");
    return text && std::strcmp(text, mode) == 0;
}

bool fails_now() {
    const long number = ++calls;
    const long at = wanted();
    if (at == 0 || mode_is("short")) return false;
    if (mode_is("onwards") ? number < at : number != at) return false;
    const char* error = std::getenv("FAIL_ERRNO");
    errno = error ? std::atoi(error) : EIO;
    return true;
}

template <class Function>
Function original(const char* name) {
    return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

size_t length_of(size_t count) { return mode_is("short") && calls == wanted() && count > 1 ? count / 2 : count; }

struct Reporter {
    ~Reporter() {
        if (const char* path = std::getenv("FAIL_COUNT")) {
            const long seen = calls;
            if (std::FILE* file = std::fopen(path, "w")) {
                std::fprintf(file, "%ld\n", seen);
                std::fclose(file);
            }
        }
    }
} reporter;

}  // namespace

extern "C" {

ssize_t write(int file, const void* bytes, size_t count) {
    static const auto call = original<ssize_t (*)(int, const void*, size_t)>("write");
    if (file <= 2) return call(file, bytes, count);
    return fails_now() ? -1 : call(file, bytes, length_of(count));
}
ssize_t pwrite(int file, const void* bytes, size_t count, off_t offset) {
    static const auto call = original<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
    return fails_now() ? -1 : call(file, bytes, length_of(count), offset);
}
ssize_t pwrite64(int file, const void* bytes, size_t count, off64_t offset) {
    static const auto call = original<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
    return fails_now() ? -1 : call(file, bytes, length_of(count), offset);
}
int ftruncate(int file, off_t size) {
    static const auto call = original<int (*)(int, off_t)>("ftruncate");
    return fails_now() ? -1 : call(file, size);
}
int ftruncate64(int file, off64_t size) {
    static const auto call = original<int (*)(int, off64_t)>("ftruncate64");
    return fails_now() ? -1 : call(file, size);
}
int fsync(int file) {
    static const auto call = original<int (*)(int)>("fsync");
    return fails_now() ? -1 : call(file);
}
int rename(const char* from, const char* to) {
    static const auto call = original<int (*)(const char*, const char*)>("rename");
    return fails_now() ? -1 : call(from, to);
}
int link(const char* from, const char* to) {
    static const auto call = original<int (*)(const char*, const char*)>("link");
    return fails_now() ? -1 : call(from, to);
}
int unlink(const char* path) {
    static const auto call = original<int (*)(const char*)>("unlink");
    return fails_now() ? -1 : call(path);
}
// The descriptor is gone also when close reports an error, as on Linux.
int close(int file) {
    static const auto call = original<int (*)(int)>("close");
    if (file <= 2) return call(file);
    const bool fails = fails_now();
    const int error = errno;
    const int outcome = call(file);
    if (!fails) return outcome;
    errno = error;
    return -1;
}
}
