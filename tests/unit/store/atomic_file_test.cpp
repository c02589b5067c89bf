#include "engine/store/atomic_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/errors.hpp"
#include "engine/store/sha256.hpp"
#include "tests/unit/store/scratch.hpp"

namespace proeftuin::store {
namespace {

TEST(AtomicFile, shows_the_file_only_after_publishing) {
    const Scratch scratch;
    const std::string path = scratch.file("x.txt");
    AtomicFile file(path);
    put_bytes(file.working_path(), "hello");
    EXPECT_FALSE(std::filesystem::exists(path));

    file.publish({});

    EXPECT_EQ(bytes_of(path), "hello");
    EXPECT_EQ(bytes_of(path + ".sha256"), sha256_hex("hello") + "  x.txt\n");
    EXPECT_FALSE(std::filesystem::exists(path + ".part"));
}

TEST(AtomicFile, leaves_the_old_file_when_the_check_fails) {
    const Scratch scratch;
    const std::string path = scratch.file("x.txt");
    write_text_file(path, "old");
    {
        AtomicFile file(path);
        put_bytes(file.working_path(), "new");
        EXPECT_THROW(file.publish([] { throw IoError("no good"); }), IoError);
    }
    EXPECT_EQ(bytes_of(path), "old");
    EXPECT_FALSE(std::filesystem::exists(path + ".part"));
}

TEST(AtomicFile, clears_what_an_interrupted_run_left) {
    const Scratch scratch;
    const std::string path = scratch.file("x.txt");
    std::filesystem::create_directory(path + ".part");
    put_bytes(path + ".part/unfinished", "half a fi");

    write_text_file(path, "whole");

    EXPECT_EQ(bytes_of(path), "whole");
    EXPECT_FALSE(std::filesystem::exists(path + ".part"));
}

TEST(AtomicFile, lets_one_writer_in_at_a_time) {
    const Scratch scratch;
    AtomicFile first(scratch.file("x.txt"));
    EXPECT_THAT(message_of<IoError>([&] { AtomicFile second(scratch.file("x.txt")); }),
                testing::HasSubstr("another process is writing it"));
}

TEST(AtomicFile, makes_directories_on_the_way_and_refuses_a_directory_as_a_file) {
    const Scratch scratch;
    write_text_file(scratch.file("deep/er/x.txt"), "there");
    EXPECT_EQ(bytes_of(scratch.file("deep/er/x.txt")), "there");
    EXPECT_THROW(write_text_file(scratch.file("deep"), "x"), IoError);
}

}  // namespace
}  // namespace proeftuin::store
