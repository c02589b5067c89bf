// Fixed hashes of names and numbers: the same on every machine, for keys of random draws and uids.
#pragma once

#include <cstdint>
#include <string_view>

namespace proeftuin {

/// Mixes all bits of `x` (the finaliser of splitmix64, Steele, Lea & Flood 2014).
constexpr std::uint64_t mix64(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/// Order-sensitive combination of two hashes.
constexpr std::uint64_t combine64(std::uint64_t a, std::uint64_t b) { return mix64(mix64(a) ^ b); }

/// 64-bit hash of a name (FNV-1a, then mixed).
constexpr std::uint64_t hash64(std::string_view text) {
    std::uint64_t h = 0xcbf29ce484222325u;
    for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    return mix64(h);
}

}  // namespace proeftuin
