#include "engine/store/checkpoint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "engine/core/errors.hpp"
#include "tests/unit/store/fault/fault_program.hpp"
#include "tests/unit/store/scratch.hpp"

namespace proeftuin {
namespace {

using testing::HasSubstr;

TEST(Checkpoint, comes_back_bit_for_bit) {
    const Scratch scratch;
    Checkpoint before;
    before.arrays["number"] = std::vector<double>{0.1, -0.0, 5e-324, std::numeric_limits<double>::infinity()};
    before.arrays["clocks/copd.onset"] = std::vector<double>(100000, 1.0 / 3.0);
    before.arrays["uid"] = std::vector<std::int64_t>{-1, 1};
    before.arrays["key"] = std::vector<std::uint64_t>{~std::uint64_t{0}};
    before.arrays["count"] = std::vector<std::uint32_t>{7, 4294967295u};
    before.arrays["state"] = std::vector<std::uint16_t>{65535};
    before.arrays["flag"] = std::vector<std::uint8_t>{0, 255};
    before.arrays["nobody"] = std::vector<double>{};
    before.scalars["time"] = 2013.5;
    before.scalars["step"] = std::int64_t{-4};
    before.scalars["seed"] = ~std::uint64_t{0};
    before.texts["scenario"] = "scenario: x\n  a: é\n";
    before.texts["empty"] = "";

    for (const bool compress : {false, true}) {
        write_checkpoint(scratch.file("c.h5"), before, compress);
        EXPECT_TRUE(read_checkpoint(scratch.file("c.h5")) == before);
    }
    EXPECT_TRUE(std::signbit(read_checkpoint(scratch.file("c.h5")).array<double>("number")[1]));
}

TEST(Checkpoint, keeps_the_payload_of_a_nan) {
    const Scratch scratch;
    const std::uint64_t bits = 0xfff8000000000123;
    Checkpoint before;
    before.arrays["x"] = std::vector<double>{std::bit_cast<double>(bits)};
    before.scalars["y"] = std::bit_cast<double>(bits);
    write_checkpoint(scratch.file("c.h5"), before);
    const Checkpoint after = read_checkpoint(scratch.file("c.h5"));
    EXPECT_EQ(std::bit_cast<std::uint64_t>(after.array<double>("x")[0]), bits);
    EXPECT_EQ(std::bit_cast<std::uint64_t>(after.scalar<double>("y")), bits);
}

TEST(Checkpoint, second_replaces_the_first_and_third_the_second) {
    const Scratch scratch;
    const std::string path = scratch.file("run.ckpt.h5");
    EXPECT_EQ(previous_checkpoint_path(path), scratch.file("run.ckpt_prev.h5"));

    for (int number = 1; number <= 3; ++number) {
        write_checkpoint(path, fault_checkpoint(number));
        EXPECT_TRUE(read_checkpoint(path) == fault_checkpoint(number));
        if (number > 1) {
            EXPECT_TRUE(read_checkpoint(previous_checkpoint_path(path)) == fault_checkpoint(number - 1));
        }
    }
}

TEST(Checkpoint, falls_back_on_the_previous_one_and_says_why) {
    const Scratch scratch;
    const std::string path = scratch.file("c.h5");
    write_checkpoint(path, fault_checkpoint(1));
    write_checkpoint(path, fault_checkpoint(2));
    EXPECT_EQ(read_last_checkpoint(path).path, path);
    std::string bytes = bytes_of(path);
    put_bytes(path, bytes.substr(0, bytes.size() / 2));

    const FoundCheckpoint found = read_last_checkpoint(path);

    EXPECT_TRUE(found.checkpoint == fault_checkpoint(1));
    EXPECT_EQ(found.path, previous_checkpoint_path(path));
    EXPECT_THAT(found.warning, HasSubstr(path));
    std::filesystem::remove(previous_checkpoint_path(path));
    EXPECT_THAT(message_of<IoError>([&] { read_last_checkpoint(path); }), HasSubstr("_prev"));
}

TEST(Checkpoint, says_what_is_missing) {
    const Checkpoint checkpoint = fault_checkpoint(1);
    EXPECT_THAT(message_of<IoError>([&] { checkpoint.array<double>("uid"); }), HasSubstr("'uid'"));
    EXPECT_THAT(message_of<IoError>([&] { checkpoint.scalar<double>("step"); }), HasSubstr("'step'"));
    EXPECT_THAT(message_of<IoError>([&] { checkpoint.text("x"); }), HasSubstr("'x'"));
}

}  // namespace
}  // namespace proeftuin
