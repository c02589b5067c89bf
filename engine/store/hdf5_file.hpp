// HDF5 files, written and read through checked calls; no other component includes the HDF5 headers.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/store/file_digest.hpp"
#include "engine/store/value_type.hpp"

namespace proeftuin::store {

/// How a dataset of numbers lies in the file. Always in checksummed chunks, but for single values and empty arrays.
struct Storage {
    bool compress = true;  ///< shuffle + deflate
    Shape chunk = {};  ///< empty: at most 1 MiB, the first axes cut first
};

/// Writes one new HDF5 file. Only absolute paths ("/results/x"); groups on the way are made.
///
/// The first failure of any kind poisons the writer: every later call throws and nothing can make the file complete.
/// A file is complete only after `close`. One thread at a time.
class Hdf5Writer {
public:
    /// Creates or empties the file, with `status` = "writing". \throws IoError
    explicit Hdf5Writer(const std::string& path);
    ~Hdf5Writer();
    Hdf5Writer(const Hdf5Writer&) = delete;
    Hdf5Writer& operator=(const Hdf5Writer&) = delete;

    void group(const std::string& path);

    /// Numbers, row-major. \pre values.size() equals the cells of `shape`. \throws IoError
    template <class T>
    void dataset(const std::string& path, const Shape& shape, std::span<const T> values, const Storage& storage = {}) {
        numbers(path, value_type_of<T>(), shape, values.data(), values.size(), storage);
    }
    template <class T>
    void dataset(const std::string& path, const Shape& shape, const std::vector<T>& values,
                 const Storage& storage = {}) {
        dataset(path, shape, std::span<const T>(values), storage);
    }
    template <class T>
    void scalar(const std::string& path, T value) {
        numbers(path, value_type_of<T>(), {}, &value, 1, {});
    }
    /// Texts, UTF-8. \throws IoError, also on a NUL inside a text
    void texts(const std::string& path, const Shape& shape, std::span<const std::string> texts);
    void text(const std::string& path, const std::string& text) { texts(path, {}, {&text, 1}); }

    void attribute(const std::string& object, const std::string& name, const Values& value);
    void attribute(const std::string& object, const std::string& name, const std::string& text) {
        attribute(object, name, Values{{}, std::vector<std::string>{text}});
    }
    template <class T>
    requires std::is_arithmetic_v<T>
    void attribute(const std::string& object, const std::string& name, T number) {
        attribute(object, name, Values{{}, std::vector<T>{number}});
    }

    /// Makes a one-dimensional dataset the scale of a dimension called `name`.
    void make_scale(const std::string& dataset, const std::string& name);
    /// Says that axis `axis` of `dataset` runs along `scale`; both in the same group.
    void attach_scale(const std::string& dataset, unsigned axis, const std::string& scale);

    /// Writes the digests, sets `status` to "complete" and closes, checking every step. \throws IoError
    void close();
    /// Sets `status` to "failed" as far as that still works; never throws. The file is then closed.
    void abandon() noexcept;

    bool poisoned() const;
    /// What was written, for comparison with what a reader finds.
    const Contents& contents() const;

private:
    void numbers(const std::string& path, ValueType type, const Shape& shape, const void* values, std::size_t count,
                 const Storage& storage);
    template <class Work>
    void guarded(Work&& work);

    struct State;
    std::unique_ptr<State> state_;
};

/// Type and shape of a dataset.
struct DatasetShape {
    ValueType type;
    Shape shape;
};

/// Reads an HDF5 file of ours. Every failure is an IoError that names the file, the object and the cause.
class Hdf5Reader {
public:
    /// Whether the file must carry our seal. Unsealed files may make HDF5 crash when they are damaged.
    enum class Seal : bool { ignored, required };

    /// Checks the seal and that `status` is "complete", unless `seal` says otherwise. \throws IoError
    explicit Hdf5Reader(const std::string& path, Seal seal = Seal::required);
    ~Hdf5Reader();
    Hdf5Reader(const Hdf5Reader&) = delete;
    Hdf5Reader& operator=(const Hdf5Reader&) = delete;

    const std::string& path() const;
    bool has(const std::string& object) const;
    bool is_group(const std::string& object) const;
    /// Names in a group, in the order in which they were made.
    std::vector<std::string> children(const std::string& group) const;

    DatasetShape shape(const std::string& dataset) const;
    Values read(const std::string& dataset) const;
    /// The values, converted to T when the file holds another type of number. \throws IoError when it holds texts
    template <class T>
    std::vector<T> numbers(const std::string& dataset) const;
    std::vector<std::string> texts(const std::string& dataset) const;
    std::string text(const std::string& dataset) const;

    std::vector<std::string> attributes(const std::string& object) const;
    bool has_attribute(const std::string& object, const std::string& name) const;
    Values attribute(const std::string& object, const std::string& name) const;
    /// A text attribute; empty when there is none.
    std::string text_attribute(const std::string& object, const std::string& name) const;
    /// A number attribute; `otherwise` when there is none.
    double number_attribute(const std::string& object, const std::string& name, double otherwise) const;
    std::int64_t integer_attribute(const std::string& object, const std::string& name, std::int64_t otherwise) const;

    /// Paths of the scales of a dataset, one per axis; "" where an axis has none.
    std::vector<std::string> scales(const std::string& dataset) const;

    /// Reads the whole file and digests it.
    Contents contents() const;
    /// Checks both digests against what the file holds: more than the seal, and it takes reading everything.
    /// \throws IoError when the file is not complete, or damaged
    void verify() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Version of the HDF5 library in use: "1.10.8".
std::string hdf5_version();

}  // namespace proeftuin::store
