#include "engine/store/sha256.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "engine/core/errors.hpp"
#include "tests/unit/store/scratch.hpp"

namespace proeftuin {
namespace {

// Known answers of FIPS 180-4 and NIST's example values.
TEST(Sha256, gives_the_published_digests) {
    EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(sha256_hex(std::string(1000000, 'a')),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, does_not_depend_on_how_the_bytes_arrive) {
    std::string text;
    for (int i = 0; i < 1000; ++i) text += static_cast<char>(i * 7);

    for (std::size_t piece : {1u, 3u, 55u, 56u, 63u, 64u, 65u, 200u}) {
        Sha256 sum;
        for (std::size_t at = 0; at < text.size(); at += piece) sum.add(std::string_view(text).substr(at, piece));
        EXPECT_EQ(sum.hex(), sha256_hex(text)) << piece;
    }
}

TEST(Sha256, is_the_same_with_and_without_the_instructions_of_the_processor) {
    std::vector<std::uint8_t> blocks(64 * 50);
    for (std::size_t i = 0; i < blocks.size(); ++i) blocks[i] = static_cast<std::uint8_t>(i * i + 13 * i);
    std::array<std::uint32_t, 8> plain = {1, 2, 3, 4, 5, 6, 7, 8};
    auto native = plain;

    detail::sha256_blocks_portable(plain, blocks.data(), 50);
    if (!detail::sha256_blocks_native(native, blocks.data(), 50))
        detail::sha256_blocks_portable(native, blocks.data(), 50);

    EXPECT_EQ(plain, native);
}

TEST(Sha256, digests_files_and_names_a_missing_one) {
    const Scratch scratch;
    put_bytes(scratch.file("x"), "abc");

    EXPECT_EQ(sha256_of_file(scratch.file("x")), sha256_hex("abc"));
    EXPECT_NE(message_of<IoError>([&] { sha256_of_file(scratch.file("y")); }).find("No such file"), std::string::npos);
}

}  // namespace
}  // namespace proeftuin
