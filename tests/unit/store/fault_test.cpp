// What is left on disk when system calls fail, files are damaged or the process is killed.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <random>
#include <string>
#include <vector>

#include "engine/core/errors.hpp"
#include "engine/store/checkpoint.hpp"
#include "engine/store/result_file.hpp"
#include "tests/unit/store/fault/fault_program.hpp"
#include "tests/unit/store/scratch.hpp"

namespace proeftuin {
namespace {

struct Child {
    pid_t process;
    /// Exit code; 1000 + signal when it was killed.
    int wait() const {
        int status = 0;
        waitpid(process, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
    }
};

Child write_in_child(const std::string& path, int number, std::vector<std::string> environment,
                     const std::string& log) {
    const std::string number_text = std::to_string(number);
    const pid_t process = fork();
    if (process == 0) {
        if (!std::freopen(log.c_str(), "w", stderr)) _exit(99);
        std::vector<char*> variables;
        for (auto& text : environment) variables.push_back(text.data());
        variables.push_back(nullptr);
        execle(FAULT_PROGRAM, FAULT_PROGRAM, path.c_str(), number_text.c_str(), nullptr, variables.data());
        _exit(98);
    }
    return {process};
}

std::vector<std::string> failing(long at, const std::string& how, int error, const std::string& count) {
    return {std::string("LD_PRELOAD=") + FAILING_CALLS, "FAIL_AT=" + std::to_string(at), "FAIL_ON=" + how,
            "FAIL_ERRNO=" + std::to_string(error), "FAIL_COUNT=" + count,
            // HDF5 keeps what it holds of a file that cannot be closed.
            "ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0"};
}

/// Lets the k-th call fail for every k, with checkpoint 1 in place while 2 is being written.
void expect_old_or_new(const std::string& how, int error) {
    const Scratch scratch;
    const std::string path = scratch.file("c.h5");
    int failures = 0;
    for (long at = 1;; ++at) {
        for (const auto& entry : std::filesystem::directory_iterator(scratch.path()))
            std::filesystem::remove_all(entry.path());
        write_checkpoint(path, fault_checkpoint(1));

        const int code =
            write_in_child(path, 2, failing(at, how, error, scratch.file("count")), scratch.file("log")).wait();

        SCOPED_TRACE(how + " from call " + std::to_string(at) + ": " + bytes_of(scratch.file("log")));
        ASSERT_TRUE(code == exit_code::ok || code == exit_code::io) << code;
        const Checkpoint found = read_checkpoint(path);
        if (code == exit_code::ok) {
            EXPECT_TRUE(found == fault_checkpoint(2));
        } else {
            EXPECT_TRUE(found == fault_checkpoint(1) || found == fault_checkpoint(2));
            ++failures;
            EXPECT_NE(bytes_of(scratch.file("log")).find(scratch.path()), std::string::npos);
        }
        const long calls = std::stol("0" + bytes_of(scratch.file("count")));
        if (how == "onwards" && code == exit_code::io) continue;
        if (calls < at) break;
    }
    if (how != "short") {
        EXPECT_GE(failures, 15);
    }
}

TEST(Faults, a_single_failing_call_leaves_the_old_or_the_new_file) { expect_old_or_new("once", EIO); }
TEST(Faults, a_disk_that_fills_up_leaves_the_old_or_the_new_file) { expect_old_or_new("onwards", ENOSPC); }
TEST(Faults, short_writes_change_nothing) { expect_old_or_new("short", 0); }

TEST(Faults, the_message_of_a_full_disk_says_so) {
    const Scratch scratch;
    int named = 0;
    int failed = 0;
    for (long at = 1;; ++at) {
        const int code = write_in_child(scratch.file("c.h5"), 1, failing(at, "onwards", ENOSPC, scratch.file("count")),
                                        scratch.file("log"))
                             .wait();
        if (code == exit_code::ok) break;  // only the clearing up failed
        ASSERT_EQ(code, exit_code::io);
        ++failed;
        named += bytes_of(scratch.file("log")).find("No space left on device") != std::string::npos;
        if (std::filesystem::exists(scratch.file("c.h5"))) {
            // renamed, and only then something failed: whole all the same
            EXPECT_TRUE(read_checkpoint(scratch.file("c.h5")) == fault_checkpoint(1));
            std::filesystem::remove(scratch.file("c.h5"));
        }
    }
    EXPECT_GE(failed, 10);
    EXPECT_EQ(named, failed);
}

TEST(Faults, a_killed_process_leaves_the_old_or_the_new_file) {
    const Scratch scratch;
    const std::string path = scratch.file("c.h5");
    write_checkpoint(path, fault_checkpoint(1));
    std::mt19937 random(1);
    for (int i = 0; i < 60; ++i) {
        const Child child = write_in_child(path, 2 + i, {}, scratch.file("log"));
        usleep(std::uniform_int_distribution<unsigned>(0, 12000)(random));
        kill(child.process, SIGKILL);
        child.wait();

        const Checkpoint found = read_checkpoint(path);

        EXPECT_TRUE(found == fault_checkpoint(static_cast<int>(found.scalar<std::int64_t>("step"))));
    }
    write_checkpoint(path, fault_checkpoint(100));  // what the killed ones left is no obstacle
    EXPECT_TRUE(read_checkpoint(path) == fault_checkpoint(100));
}

TEST(Damage, a_truncated_file_is_never_data) {
    const Scratch scratch;
    const std::string path = scratch.file("c.h5");
    write_checkpoint(path, fault_checkpoint(1));
    const std::string whole = bytes_of(path);
    ASSERT_GT(whole.size(), 10000u);
    for (std::size_t size = 0; size < whole.size(); size += 509) {
        put_bytes(scratch.file("d.h5"), whole.substr(0, size));
        EXPECT_THROW(read_checkpoint(scratch.file("d.h5")), IoError) << size;
    }
    put_bytes(scratch.file("d.h5"), whole.substr(0, whole.size() - 1));
    EXPECT_THROW(read_checkpoint(scratch.file("d.h5")), IoError);
}

TEST(Damage, flipped_bits_are_found_or_harmless) {
    const Scratch scratch;
    const std::string path = scratch.file("c.h5");
    Checkpoint small = fault_checkpoint(1);
    small.arrays["age"] = std::vector<double>(50, 0.1);
    write_checkpoint(path, small);
    const std::string whole = bytes_of(path);
    std::mt19937_64 random(20130101);
    int found = 0;
    for (int i = 0; i < 500; ++i) {
        std::string bytes = whole;
        // half of the flips in the first 8 KiB, where the metadata is
        const std::size_t reach = i % 2 ? whole.size() : std::min<std::size_t>(8192, whole.size());
        bytes[random() % reach] ^= static_cast<char>(1u << (random() % 8));
        put_bytes(scratch.file("d.h5"), bytes);
        try {
            EXPECT_TRUE(read_checkpoint(scratch.file("d.h5")) == small) << "flip " << i << " gave wrong data";
        } catch (const IoError&) {
            ++found;
        }
    }
    RecordProperty("found", found);
    EXPECT_GT(found, 100);
}

}  // namespace
}  // namespace proeftuin
