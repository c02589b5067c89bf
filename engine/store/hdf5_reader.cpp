#include <hdf5_hl.h>

#include <cmath>
#include <new>
#include <stdexcept>
#include <utility>

#include "engine/core/errors.hpp"
#include "engine/store/hdf5_file.hpp"
#include "engine/store/hdf5_handle.hpp"
#include "engine/store/seal.hpp"

namespace proeftuin::store {
namespace {

constexpr int most_depth = 32;  // ours are four deep; a damaged link may go round in circles
constexpr std::uint64_t most_bytes = std::uint64_t{1} << 40;  // more than any machine we run on can hold

// What HDF5 itself keeps on scales and their users: references, which change with the layout of the file.
bool kept_by_hdf5(const std::string& attribute) {
    return attribute == "CLASS" || attribute == "NAME" || attribute == "REFERENCE_LIST" ||
           attribute == "DIMENSION_LIST" || attribute == "DIMENSION_LABELS";
}

template <class To, class From>
bool fits(From value) {
    if constexpr (std::is_same_v<To, double>)
        return true;
    else if constexpr (std::is_same_v<From, double>)
        return value == std::floor(value) && std::fabs(value) < 0x1p53 && fits<To>(static_cast<std::int64_t>(value));
    else
        return std::in_range<To>(value);
}

herr_t add_name(hid_t, const char* name, const H5L_info_t*, void* out) {
    static_cast<std::vector<std::string>*>(out)->emplace_back(name);
    return 0;
}

herr_t add_attribute(hid_t, const char* name, const H5A_info_t*, void* out) {
    static_cast<std::vector<std::string>*>(out)->emplace_back(name);
    return 0;
}

herr_t keep_scale(hid_t, unsigned, hid_t scale, void* out) {
    const auto length = H5Iget_name(scale, nullptr, 0);
    if (length <= 0) return -1;
    std::string name(static_cast<std::size_t>(length) + 1, '\0');
    H5Iget_name(scale, name.data(), name.size());
    name.pop_back();
    *static_cast<std::string*>(out) = name;
    return 1;
}

}  // namespace

struct Hdf5Reader::State {
    std::string path;
    Handle file;

    void check(bool good, const std::string& what) const {
        if (!good) fail_hdf5(path, what);
    }

    Handle open(const std::string& object) const {
        silence_hdf5();
        Handle handle(H5Oopen(file.id(), object.c_str(), H5P_DEFAULT), H5Oclose);
        check(bool(handle), "open '" + object + "'");
        return handle;
    }

    Handle open_dataset(const std::string& object) const {
        silence_hdf5();
        Handle handle(H5Dopen2(file.id(), object.c_str(), H5P_DEFAULT), H5Dclose);
        check(bool(handle), "open '" + object + "'");
        return handle;
    }

    ValueType type_in_file(hid_t type, const std::string& what) const {
        const std::size_t bytes = H5Tget_size(type);
        switch (H5Tget_class(type)) {
            case H5T_STRING:
                if (H5Tis_variable_str(type) > 0) return ValueType::text;
                break;
            case H5T_FLOAT:
                if (bytes == 8) return ValueType::float64;
                break;
            case H5T_INTEGER: {
                const bool is_signed = H5Tget_sign(type) == H5T_SGN_2;
                if (bytes == 1) return is_signed ? ValueType::int8 : ValueType::uint8;
                if (bytes == 2) return is_signed ? ValueType::int16 : ValueType::uint16;
                if (bytes == 4) return is_signed ? ValueType::int32 : ValueType::uint32;
                if (bytes == 8) return is_signed ? ValueType::int64 : ValueType::uint64;
                break;
            }
            default:
                break;
        }
        throw IoError("cannot " + what + " in '" + path + "' (its type is none of ours)");
    }

    Shape shape_of(const Handle& space, const std::string& what) const {
        const int axes = space ? H5Sget_simple_extent_ndims(space.id()) : -1;
        check(axes >= 0 && H5Sget_simple_extent_type(space.id()) != H5S_NULL, what);
        std::vector<hsize_t> sizes(static_cast<std::size_t>(axes));
        if (axes > 0) check(H5Sget_simple_extent_dims(space.id(), sizes.data(), nullptr) >= 0, what);
        std::uint64_t bytes = 8;
        for (const auto n : sizes) {
            if (n > 0 && bytes > most_bytes / n)
                throw IoError("cannot " + what + " in '" + path + "' (its size is beyond reason)");
            bytes *= n > 0 ? n : 1;
        }
        return {sizes.begin(), sizes.end()};
    }

    /// Reads with `read(memory type, buffer)`, for datasets and attributes alike.
    template <class Read>
    Values read_values(hid_t file_type, const Handle& space, const std::string& what, Read read) const {
        Values out;
        const ValueType type = type_in_file(file_type, what);
        out.shape = shape_of(space, what);
        const std::size_t count = cells(out.shape);
        try {
            if (type == ValueType::text) {
                Handle memory_type = text_type();
                H5Tset_cset(memory_type.id(), H5Tget_cset(file_type));
                std::vector<char*> texts(count, nullptr);
                if (count > 0) check(read(memory_type.id(), static_cast<void*>(texts.data())) >= 0, what);
                std::vector<std::string> values;
                values.reserve(count);
                for (const char* text : texts) values.emplace_back(text ? text : "");
                if (count > 0) H5Dvlen_reclaim(memory_type.id(), space.id(), H5P_DEFAULT, texts.data());
                out.array = std::move(values);
            } else {
                set_numbers(out.array, type, count);
                std::visit(
                    [&](auto& values) {
                        using T = typename std::decay_t<decltype(values)>::value_type;
                        if constexpr (!std::is_same_v<T, std::string>)
                            if (count > 0) check(read(native_type(type), static_cast<void*>(values.data())) >= 0, what);
                    },
                    out.array);
            }
        } catch (const std::bad_alloc&) {
            throw IoError("cannot " + what + " in '" + path + "' (not enough memory)");
        } catch (const std::length_error&) {
            throw IoError("cannot " + what + " in '" + path + "' (its size is beyond reason)");
        }
        return out;
    }

    static void set_numbers(Array& array, ValueType type, std::size_t count) {
        switch (type) {
            case ValueType::int8:
                array = std::vector<std::int8_t>(count);
                break;
            case ValueType::int16:
                array = std::vector<std::int16_t>(count);
                break;
            case ValueType::int32:
                array = std::vector<std::int32_t>(count);
                break;
            case ValueType::int64:
                array = std::vector<std::int64_t>(count);
                break;
            case ValueType::uint8:
                array = std::vector<std::uint8_t>(count);
                break;
            case ValueType::uint16:
                array = std::vector<std::uint16_t>(count);
                break;
            case ValueType::uint32:
                array = std::vector<std::uint32_t>(count);
                break;
            case ValueType::uint64:
                array = std::vector<std::uint64_t>(count);
                break;
            case ValueType::float64:
                array = std::vector<double>(count);
                break;
            case ValueType::text:
                array = std::vector<std::string>(count);
                break;
        }
    }

    void demand_complete(const Hdf5Reader& reader) const {
        const std::string status = reader.text_attribute("/", root_attribute::status);
        if (status == "complete") return;
        throw IoError("cannot use '" + path + "' (" +
                      (status.empty() ? std::string("not a file of this program")
                                      : "its status is '" + status + "', not 'complete'") +
                      ")");
    }

    void walk(const Hdf5Reader& reader, const std::string& object, Contents& out, int depth) const {
        if (depth > most_depth) throw IoError("cannot read '" + path + "' (damaged: groups without end)");
        for (const auto& name : reader.attributes(object)) out.attribute(object, name, reader.attribute(object, name));
        if (!reader.is_group(object)) {
            const Values values = reader.read(object);
            std::visit(
                [&](const auto& array) {
                    using T = typename std::decay_t<decltype(array)>::value_type;
                    if constexpr (std::is_same_v<T, std::string>)
                        out.dataset(object, values.shape, array);
                    else
                        out.dataset(object, value_type_of<T>(), values.shape, array.data());
                },
                values.array);
            const auto scales = reader.scales(object);
            for (unsigned axis = 0; axis < scales.size(); ++axis)
                if (!scales[axis].empty()) out.scale(object, axis, scales[axis]);
            return;
        }
        out.group(object);
        for (const auto& child : reader.children(object))
            walk(reader, (object == "/" ? "" : object) + "/" + child, out, depth + 1);
    }
};

Hdf5Reader::Hdf5Reader(const std::string& path, Seal seal) : state_{std::make_unique<State>()} {
    silence_hdf5();
    if (seal == Seal::required) check_seal(path);
    state_->path = path;
    Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    if (access) H5Pset_fclose_degree(access.id(), H5F_CLOSE_STRONG);
    state_->file = Handle(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access ? access.id() : H5P_DEFAULT), H5Fclose);
    state_->check(bool(state_->file), "read HDF5");
    if (seal == Seal::required) state_->demand_complete(*this);
}

Hdf5Reader::~Hdf5Reader() = default;

const std::string& Hdf5Reader::path() const { return state_->path; }

bool Hdf5Reader::has(const std::string& object) const {
    silence_hdf5();
    if (object == "/") return true;
    for (auto slash = object.find('/', 1);; slash = object.find('/', slash + 1)) {
        if (H5Lexists(state_->file.id(), object.substr(0, slash).c_str(), H5P_DEFAULT) <= 0) return false;
        if (slash == std::string::npos) return true;
    }
}

bool Hdf5Reader::is_group(const std::string& object) const {
    return H5Iget_type(state_->open(object).id()) == H5I_GROUP;
}

std::vector<std::string> Hdf5Reader::children(const std::string& group) const {
    Handle handle = state_->open(group);
    std::vector<std::string> names;
    // files that others made may not keep the order
    if (H5Literate(handle.id(), H5_INDEX_CRT_ORDER, H5_ITER_INC, nullptr, add_name, &names) < 0) {
        names.clear();
        state_->check(H5Literate(handle.id(), H5_INDEX_NAME, H5_ITER_INC, nullptr, add_name, &names) >= 0,
                      "list '" + group + "'");
    }
    return names;
}

DatasetShape Hdf5Reader::shape(const std::string& dataset) const {
    Handle handle = state_->open_dataset(dataset);
    Handle type(H5Dget_type(handle.id()), H5Tclose);
    Handle space(H5Dget_space(handle.id()), H5Sclose);
    const std::string what = "read '" + dataset + "'";
    return {state_->type_in_file(type.id(), what), state_->shape_of(space, what)};
}

Values Hdf5Reader::read(const std::string& dataset) const {
    Handle handle = state_->open_dataset(dataset);
    Handle type(H5Dget_type(handle.id()), H5Tclose);
    Handle space(H5Dget_space(handle.id()), H5Sclose);
    return state_->read_values(type.id(), space, "read '" + dataset + "'", [&](hid_t memory_type, void* buffer) {
        return H5Dread(handle.id(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, buffer);
    });
}

template <class T>
std::vector<T> Hdf5Reader::numbers(const std::string& dataset) const {
    Values values = read(dataset);
    if (auto* same = std::get_if<std::vector<T>>(&values.array)) return std::move(*same);
    return std::visit(
        [&](const auto& array) -> std::vector<T> {
            using From = typename std::decay_t<decltype(array)>::value_type;
            if constexpr (std::is_same_v<From, std::string>) {
                throw IoError("cannot read '" + dataset + "' in '" + state_->path + "' (texts where numbers belong)");
            } else {
                std::vector<T> out(array.size());
                for (std::size_t i = 0; i < array.size(); ++i) {
                    if (!fits<T>(array[i]))
                        throw IoError("cannot read '" + dataset + "' in '" + state_->path +
                                      "' (a number out of range)");
                    out[i] = static_cast<T>(array[i]);
                }
                return out;
            }
        },
        values.array);
}
template std::vector<double> Hdf5Reader::numbers<double>(const std::string&) const;
template std::vector<std::int64_t> Hdf5Reader::numbers<std::int64_t>(const std::string&) const;
template std::vector<std::uint16_t> Hdf5Reader::numbers<std::uint16_t>(const std::string&) const;

std::vector<std::string> Hdf5Reader::texts(const std::string& dataset) const {
    Values values = read(dataset);
    if (auto* texts = std::get_if<std::vector<std::string>>(&values.array)) return std::move(*texts);
    throw IoError("cannot read '" + dataset + "' in '" + state_->path + "' (numbers where texts belong)");
}

std::string Hdf5Reader::text(const std::string& dataset) const {
    auto all = texts(dataset);
    if (all.size() != 1)
        throw IoError("cannot read '" + dataset + "' in '" + state_->path + "' (several texts where one belongs)");
    return std::move(all.front());
}

std::vector<std::string> Hdf5Reader::attributes(const std::string& object) const {
    Handle handle = state_->open(object);
    std::vector<std::string> names;
    hsize_t position = 0;
    state_->check(H5Aiterate2(handle.id(), H5_INDEX_NAME, H5_ITER_INC, &position, add_attribute, &names) >= 0,
                  "list the attributes of '" + object + "'");
    std::erase_if(names, kept_by_hdf5);
    return names;
}

bool Hdf5Reader::has_attribute(const std::string& object, const std::string& name) const {
    return H5Aexists(state_->open(object).id(), name.c_str()) > 0;
}

Values Hdf5Reader::attribute(const std::string& object, const std::string& name) const {
    const std::string what = "read attribute '" + name + "' of '" + object + "'";
    Handle owner = state_->open(object);
    Handle handle(H5Aopen(owner.id(), name.c_str(), H5P_DEFAULT), H5Aclose);
    state_->check(bool(handle), what);
    Handle type(H5Aget_type(handle.id()), H5Tclose);
    Handle space(H5Aget_space(handle.id()), H5Sclose);
    return state_->read_values(type.id(), space, what, [&](hid_t memory_type, void* buffer) {
        return H5Aread(handle.id(), memory_type, buffer);
    });
}

std::string Hdf5Reader::text_attribute(const std::string& object, const std::string& name) const {
    if (!has_attribute(object, name)) return {};
    const Values value = attribute(object, name);
    const auto* texts = std::get_if<std::vector<std::string>>(&value.array);
    if (!texts || texts->size() != 1)
        throw IoError("cannot read attribute '" + name + "' of '" + object + "' in '" + state_->path +
                      "' (not one text)");
    return texts->front();
}

double Hdf5Reader::number_attribute(const std::string& object, const std::string& name, double otherwise) const {
    if (!has_attribute(object, name)) return otherwise;
    const Values value = attribute(object, name);
    return std::visit(
        [&](const auto& values) -> double {
            using T = typename std::decay_t<decltype(values)>::value_type;
            if constexpr (!std::is_same_v<T, std::string>)
                if (values.size() == 1) return static_cast<double>(values.front());
            throw IoError("cannot read attribute '" + name + "' of '" + object + "' in '" + state_->path +
                          "' (not one number)");
        },
        value.array);
}

std::int64_t Hdf5Reader::integer_attribute(const std::string& object, const std::string& name,
                                           std::int64_t otherwise) const {
    if (!has_attribute(object, name)) return otherwise;
    const Values value = attribute(object, name);
    if (const auto* values = std::get_if<std::vector<std::int64_t>>(&value.array); values && values->size() == 1)
        return values->front();
    throw IoError("cannot read attribute '" + name + "' of '" + object + "' in '" + state_->path +
                  "' (not one whole number)");
}

std::vector<std::string> Hdf5Reader::scales(const std::string& dataset) const {
    Handle handle = state_->open_dataset(dataset);
    Handle space(H5Dget_space(handle.id()), H5Sclose);
    const std::size_t axes = state_->shape_of(space, "read '" + dataset + "'").size();
    std::vector<std::string> out(axes);
    if (H5DSis_scale(handle.id()) > 0) return out;
    for (unsigned axis = 0; axis < axes; ++axis)
        state_->check(H5DSiterate_scales(handle.id(), axis, nullptr, keep_scale, &out[axis]) >= 0,
                      "read the axes of '" + dataset + "'");
    return out;
}

Contents Hdf5Reader::contents() const {
    Contents out;
    state_->walk(*this, "/", out, 0);
    return out;
}

void Hdf5Reader::verify() const {
    state_->demand_complete(*this);
    const Contents found = contents();
    if (found.integrity_digest() != text_attribute("/", root_attribute::integrity_digest) ||
        found.content_digest() != text_attribute("/", root_attribute::content_digest))
        throw IoError("cannot use '" + state_->path + "' (damaged: what it holds does not match its digest)");
}

}  // namespace proeftuin::store
