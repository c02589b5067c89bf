// SHA-256 (FIPS 180-4), for digests of what files hold.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace proeftuin {

/// A running SHA-256. Feed it bytes, then ask once for the digest.
class Sha256 {
public:
    Sha256& add(const void* bytes, std::size_t count);
    Sha256& add(std::string_view text) { return add(text.data(), text.size()); }
    /// A number as eight bytes, least significant first.
    Sha256& add_number(std::uint64_t number);
    /// A text with its length in front, so that neighbours cannot run into each other.
    Sha256& add_text(std::string_view text) { return add_number(text.size()).add(text); }
    /// The digest as 64 lower-case hexadecimal digits; the object is then used up.
    std::string hex();

private:
    void take(const std::uint8_t* blocks, std::size_t count);

    std::array<std::uint32_t, 8> state_ = {0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au,
                                           0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u};
    std::array<std::uint8_t, 64> pending_ = {};
    std::size_t pending_bytes_ = 0;
    std::uint64_t total_bytes_ = 0;
};

/// Digest of a text, in hexadecimal.
std::string sha256_hex(std::string_view text);

/// Digest of the first `most` bytes of a file, in hexadecimal. \throws IoError
std::string sha256_of_file(const std::string& path, std::uint64_t most = ~std::uint64_t{0});

namespace detail {
/// The rounds in plain C++, also where the processor has instructions for them; for the test that both agree.
void sha256_blocks_portable(std::array<std::uint32_t, 8>& state, const std::uint8_t* blocks, std::size_t count);
/// The rounds with the processor's instructions. \return false, doing nothing, where it has none
bool sha256_blocks_native(std::array<std::uint32_t, 8>& state, const std::uint8_t* blocks, std::size_t count);
}  // namespace detail

}  // namespace proeftuin
