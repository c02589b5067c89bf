// What a file holds, boiled down to digests that do not depend on how HDF5 lays it out.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "engine/store/value_type.hpp"

namespace proeftuin::store {

/// One digest per group, dataset, attribute and attached scale. Keys: `group /a`, `dataset /a/x`,
/// `attribute /a/x @units`, `scale /a/x 0`; equal keys and values = equal contents, bit for bit.
class Contents {
public:
    void group(const std::string& path);
    /// Type, shape and bytes of a dataset of numbers.
    void dataset(const std::string& path, ValueType type, const Shape& shape, const void* values);
    void dataset(const std::string& path, const Shape& shape, std::span<const std::string> texts);
    void attribute(const std::string& path, const std::string& name, const Values& value);
    void scale(const std::string& path, unsigned axis, std::string_view scale_path);

    const std::map<std::string, std::string>& digests() const { return digests_; }

    /// Digest of what was computed: all but `/run_info` and the attributes of the root group.
    /// Two runs with equal content digests have bit-equal results.
    std::string content_digest() const;
    /// Digest of everything but the attributes `status`, `content_digest` and `integrity_digest` of the root group.
    std::string integrity_digest() const;

private:
    std::map<std::string, std::string> digests_;
};

/// The attributes of the root group that say whether a file may be trusted.
namespace root_attribute {
inline constexpr const char* status = "status";  ///< "writing", "complete" or "failed"
inline constexpr const char* content_digest = "content_digest";
inline constexpr const char* integrity_digest = "integrity_digest";
}  // namespace root_attribute

}  // namespace proeftuin::store
