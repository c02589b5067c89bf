#include "engine/store/file_digest.hpp"

#include <array>
#include <bit>

#include "engine/store/sha256.hpp"

namespace proeftuin::store {
namespace {

static_assert(std::endian::native == std::endian::little, "digests are over little-endian values");

constexpr std::array<std::size_t, 9> value_bytes = {1, 2, 4, 8, 1, 2, 4, 8, 8};

void add_shape(Sha256& sum, ValueType type, const Shape& shape) {
    sum.add_text(to_string(type)).add_number(shape.size());
    for (const auto n : shape) sum.add_number(n);
}

std::string digest_of(ValueType type, const Shape& shape, const void* values) {
    Sha256 sum;
    add_shape(sum, type, shape);
    sum.add(values, cells(shape) * value_bytes[static_cast<std::size_t>(type)]);
    return sum.hex();
}

std::string digest_of(const Shape& shape, std::span<const std::string> texts) {
    Sha256 sum;
    add_shape(sum, ValueType::text, shape);
    for (const auto& text : texts) sum.add_text(text);
    return sum.hex();
}

bool begins(std::string_view text, std::string_view start) { return text.substr(0, start.size()) == start; }

std::string_view path_of(std::string_view key) {
    const auto start = key.find(' ') + 1;
    return key.substr(start, key.find(' ', start) - start);
}

}  // namespace

std::string_view to_string(ValueType type) {
    static constexpr std::array<std::string_view, 10> names = {"int8",   "int16",  "int32",  "int64",   "uint8",
                                                               "uint16", "uint32", "uint64", "float64", "text"};
    return names[static_cast<std::size_t>(type)];
}

std::uint64_t cells(const Shape& shape) {
    std::uint64_t n = 1;
    for (const auto size : shape) n *= size;
    return n;
}

void Contents::group(const std::string& path) { digests_["group " + path] = ""; }

void Contents::dataset(const std::string& path, ValueType type, const Shape& shape, const void* values) {
    digests_["dataset " + path] = digest_of(type, shape, values);
}

void Contents::dataset(const std::string& path, const Shape& shape, std::span<const std::string> texts) {
    digests_["dataset " + path] = digest_of(shape, texts);
}

void Contents::attribute(const std::string& path, const std::string& name, const Values& value) {
    digests_["attribute " + path + " @" + name] = std::visit(
        [&](const auto& values) {
            using T = typename std::decay_t<decltype(values)>::value_type;
            if constexpr (std::is_same_v<T, std::string>)
                return digest_of(value.shape, values);
            else
                return digest_of(value_type_of<T>(), value.shape, values.data());
        },
        value.array);
}

void Contents::scale(const std::string& path, unsigned axis, std::string_view scale_path) {
    digests_["scale " + path + " " + std::to_string(axis)] = scale_path;
}

std::string Contents::content_digest() const {
    Sha256 sum;
    for (const auto& [key, digest] : digests_) {
        const std::string_view path = path_of(key);
        if (path == "/run_info" || begins(path, "/run_info/")) continue;
        if (begins(key, "attribute / ")) continue;
        sum.add_text(key).add_text(digest);
    }
    return sum.hex();
}

std::string Contents::integrity_digest() const {
    Sha256 sum;
    for (const auto& [key, digest] : digests_) {
        if (key == std::string("attribute / @") + root_attribute::status ||
            key == std::string("attribute / @") + root_attribute::content_digest ||
            key == std::string("attribute / @") + root_attribute::integrity_digest)
            continue;
        sum.add_text(key).add_text(digest);
    }
    return sum.hex();
}

}  // namespace proeftuin::store
