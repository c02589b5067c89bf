// The few types of values that our files hold, and arrays of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace proeftuin::store {

/// What a dataset or attribute holds. Nothing else is written: no bool, enum, compound or fixed-length text.
enum class ValueType : std::uint8_t {
    int8,
    int16,
    int32,
    int64,
    uint8,
    uint16,
    uint32,
    uint64,
    float64,
    text,  ///< variable length, UTF-8
};

/// "int8", ..., "float64", "text".
std::string_view to_string(ValueType type);

/// Sizes of the axes; empty = a single value.
using Shape = std::vector<std::uint64_t>;

/// Number of values in a shape.
std::uint64_t cells(const Shape& shape);

/// Values of one type. The alternatives stand in the order of ValueType.
using Array =
    std::variant<std::vector<std::int8_t>, std::vector<std::int16_t>, std::vector<std::int32_t>,
                 std::vector<std::int64_t>, std::vector<std::uint8_t>, std::vector<std::uint16_t>,
                 std::vector<std::uint32_t>, std::vector<std::uint64_t>, std::vector<double>, std::vector<std::string>>;

inline ValueType type_of(const Array& array) { return static_cast<ValueType>(array.index()); }

/// Values with their shape, row-major.
struct Values {
    Shape shape = {};
    Array array = {};
};

template <class T>
constexpr ValueType value_type_of() {
    if constexpr (std::is_same_v<T, std::int8_t>)
        return ValueType::int8;
    else if constexpr (std::is_same_v<T, std::int16_t>)
        return ValueType::int16;
    else if constexpr (std::is_same_v<T, std::int32_t>)
        return ValueType::int32;
    else if constexpr (std::is_same_v<T, std::int64_t>)
        return ValueType::int64;
    else if constexpr (std::is_same_v<T, std::uint8_t>)
        return ValueType::uint8;
    else if constexpr (std::is_same_v<T, std::uint16_t>)
        return ValueType::uint16;
    else if constexpr (std::is_same_v<T, std::uint32_t>)
        return ValueType::uint32;
    else if constexpr (std::is_same_v<T, std::uint64_t>)
        return ValueType::uint64;
    else {
        static_assert(std::is_same_v<T, double>, "a type that files do not hold");
        return ValueType::float64;
    }
}

}  // namespace proeftuin::store
