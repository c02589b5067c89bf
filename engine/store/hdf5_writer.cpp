#include <hdf5_hl.h>

#include <cmath>
#include <limits>
#include <set>

#include "engine/core/contracts.hpp"
#include "engine/core/errors.hpp"
#include "engine/store/hdf5_file.hpp"
#include "engine/store/hdf5_handle.hpp"

namespace proeftuin::store {
namespace {

constexpr std::uint64_t chunk_bytes = 1u << 20;
constexpr unsigned deflate_level = 4;

Shape default_chunk(const Shape& shape, std::size_t bytes_per_value) {
    Shape chunk = shape;
    for (std::size_t axis = 0; axis < chunk.size(); ++axis)
        while (chunk[axis] > 1 && cells(chunk) * bytes_per_value > chunk_bytes) chunk[axis] = (chunk[axis] + 1) / 2;
    return chunk;
}

Handle dataspace(const Shape& shape) {
    static_assert(sizeof(hsize_t) == sizeof(std::uint64_t));
    const std::vector<hsize_t> sizes(shape.begin(), shape.end());
    return {
        shape.empty() ? H5Screate(H5S_SCALAR) : H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr),
        H5Sclose};
}

std::vector<const char*> pointers(const std::string& file, std::span<const std::string> texts) {
    std::vector<const char*> out;
    out.reserve(texts.size());
    for (const auto& text : texts) {
        if (text.find('\0') != std::string::npos)
            throw IoError("cannot write a text to '" + file + "' (it has a NUL in it)");
        out.push_back(text.c_str());
    }
    return out;
}

}  // namespace

struct Hdf5Writer::State {
    std::string path;
    Handle file;
    Contents contents;
    std::set<std::string> groups = {"/"};
    bool poisoned = false;

    void check(bool good, const std::string& what) const {
        if (!good) fail_hdf5(path, what);
    }

    Handle open(const std::string& object) const {
        Handle handle(H5Oopen(file.id(), object.c_str(), H5P_DEFAULT), H5Oclose);
        check(bool(handle), "open '" + object + "'");
        return handle;
    }

    void make_groups(const std::string& object) {
        if (groups.contains(object)) return;
        make_groups(parent_of(object));
        Handle properties(H5Pcreate(H5P_GROUP_CREATE), H5Pclose);
        check(properties &&
                  H5Pset_link_creation_order(properties.id(), H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED) >= 0,
              "prepare group '" + object + "'");
        Handle group(H5Gcreate2(file.id(), object.c_str(), H5P_DEFAULT, properties.id(), H5P_DEFAULT), H5Gclose);
        check(group && group.close(), "make group '" + object + "'");
        groups.insert(object);
        contents.group(object);
    }

    void write_attribute(const std::string& object, const std::string& name, const Values& value) {
        const std::string what = "write attribute '" + name + "' of '" + object + "'";
        Handle owner = open(object);
        Handle space = dataspace(value.shape);
        const ValueType type = type_of(value.array);
        Handle texts_type = text_type();
        const hid_t h5_type = type == ValueType::text ? texts_type.id() : native_type(type);
        const htri_t exists = H5Aexists(owner.id(), name.c_str());
        check(exists >= 0, what);
        Handle attribute(exists ? H5Aopen(owner.id(), name.c_str(), H5P_DEFAULT)
                                : H5Acreate2(owner.id(), name.c_str(), h5_type, space.id(), H5P_DEFAULT, H5P_DEFAULT),
                         H5Aclose);
        check(bool(attribute), what);
        std::visit(
            [&](const auto& values) {
                using T = typename std::decay_t<decltype(values)>::value_type;
                if constexpr (std::is_same_v<T, std::string>) {
                    const auto texts = pointers(path, values);
                    check(H5Awrite(attribute.id(), h5_type, texts.data()) >= 0, what);
                } else {
                    check(H5Awrite(attribute.id(), h5_type, values.data()) >= 0, what);
                }
            },
            value.array);
        check(attribute.close() && owner.close(), what);
        contents.attribute(object, name, value);
    }
};

template <class Work>
void Hdf5Writer::guarded(Work&& work) {
    silence_hdf5();
    if (state_->poisoned) throw IoError("cannot go on writing '" + state_->path + "' (an earlier write to it failed)");
    try {
        work();
    } catch (...) {
        state_->poisoned = true;
        throw;
    }
}

Hdf5Writer::Hdf5Writer(const std::string& path) : state_{std::make_unique<State>()} {
    state_->path = path;
    guarded([&] {
        Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
        Handle creation(H5Pcreate(H5P_FILE_CREATE), H5Pclose);
        // v110 = every piece of metadata carries a checksum; strong close = no object can keep the file open
        state_->check(access && creation && H5Pset_libver_bounds(access.id(), H5F_LIBVER_V110, H5F_LIBVER_V110) >= 0 &&
                          H5Pset_fclose_degree(access.id(), H5F_CLOSE_STRONG) >= 0 &&
                          H5Pset_link_creation_order(creation.id(), H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED) >= 0,
                      "set up writing");
        state_->file = Handle(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation.id(), access.id()), H5Fclose);
        state_->check(bool(state_->file), "start a file");
        state_->contents.group("/");
        state_->write_attribute("/", root_attribute::status, {{}, std::vector<std::string>{"writing"}});
    });
}

Hdf5Writer::~Hdf5Writer() {
    if (state_) abandon();
}

void Hdf5Writer::group(const std::string& path) {
    guarded([&] { state_->make_groups(path); });
}

void Hdf5Writer::numbers(const std::string& path, ValueType type, const Shape& shape, const void* values,
                         std::size_t count, const Storage& storage) {
    PT_EXPECT(count == cells(shape));
    guarded([&] {
        const std::string what = "write '" + path + "'";
        state_->make_groups(parent_of(path));
        const hid_t h5_type = native_type(type);
        Handle space = dataspace(shape);
        Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
        state_->check(space && properties, what);
        if (!shape.empty() && count > 0) {
            const Shape chosen = storage.chunk.empty() ? default_chunk(shape, H5Tget_size(h5_type)) : storage.chunk;
            PT_ASSERT(chosen.size() == shape.size());
            const std::vector<hsize_t> chunk(chosen.begin(), chosen.end());
            state_->check(H5Pset_chunk(properties.id(), static_cast<int>(chunk.size()), chunk.data()) >= 0, what);
            if (storage.compress)
                state_->check(
                    H5Pset_shuffle(properties.id()) >= 0 && H5Pset_deflate(properties.id(), deflate_level) >= 0, what);
            state_->check(H5Pset_fletcher32(properties.id()) >= 0, what);
        }
        if (type == ValueType::float64) {
            const double missing = std::numeric_limits<double>::quiet_NaN();
            state_->check(H5Pset_fill_value(properties.id(), h5_type, &missing) >= 0, what);
        }
        Handle dataset(
            H5Dcreate2(state_->file.id(), path.c_str(), h5_type, space.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT),
            H5Dclose);
        state_->check(bool(dataset), what);
        if (count > 0) state_->check(H5Dwrite(dataset.id(), h5_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0, what);
        state_->check(dataset.close(), what);  // the last chunks reach the file here
        state_->contents.dataset(path, type, shape, values);
    });
}

void Hdf5Writer::texts(const std::string& path, const Shape& shape, std::span<const std::string> texts) {
    PT_EXPECT(texts.size() == cells(shape));
    guarded([&] {
        const std::string what = "write '" + path + "'";
        state_->make_groups(parent_of(path));
        const auto values = pointers(state_->path, texts);
        Handle type = text_type();
        Handle space = dataspace(shape);
        // No chunks: filters would work on the references to the texts only. The digests guard texts.
        Handle dataset(
            H5Dcreate2(state_->file.id(), path.c_str(), type.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
            H5Dclose);
        state_->check(space && dataset, what);
        if (!values.empty())
            state_->check(H5Dwrite(dataset.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0, what);
        state_->check(dataset.close(), what);
        state_->contents.dataset(path, shape, texts);
    });
}

void Hdf5Writer::attribute(const std::string& object, const std::string& name, const Values& value) {
    guarded([&] { state_->write_attribute(object, name, value); });
}

void Hdf5Writer::make_scale(const std::string& dataset, const std::string& name) {
    guarded([&] {
        Handle scale = state_->open(dataset);
        state_->check(H5DSset_scale(scale.id(), name.c_str()) >= 0 && scale.close(),
                      "make '" + dataset + "' a dimension scale");
    });
}

void Hdf5Writer::attach_scale(const std::string& dataset, unsigned axis, const std::string& scale) {
    PT_EXPECT(parent_of(dataset) == parent_of(scale));
    guarded([&] {
        Handle along = state_->open(scale);
        Handle values = state_->open(dataset);
        state_->check(H5DSattach_scale(values.id(), along.id(), axis) >= 0 && values.close() && along.close(),
                      "attach '" + scale + "' to '" + dataset + "'");
        state_->contents.scale(dataset, axis, scale);
    });
}

void Hdf5Writer::close() {
    guarded([&] {
        const auto write = [&](const char* name, const std::string& text) {
            state_->write_attribute("/", name, {{}, std::vector<std::string>{text}});
        };
        write(root_attribute::content_digest, state_->contents.content_digest());
        write(root_attribute::integrity_digest, state_->contents.integrity_digest());
        write(root_attribute::status, "complete");
        state_->check(H5Fflush(state_->file.id(), H5F_SCOPE_GLOBAL) >= 0, "flush the file");
        state_->check(state_->file.close(), "close the file");
    });
}

void Hdf5Writer::abandon() noexcept {
    if (!state_->file) return;
    state_->poisoned = true;
    try {
        silence_hdf5();
        state_->write_attribute("/", root_attribute::status, {{}, std::vector<std::string>{"failed"}});
    } catch (...) {  // the name of the file already says that it is not complete
    }
    state_->file.close();
}

bool Hdf5Writer::poisoned() const { return state_->poisoned; }
const Contents& Hdf5Writer::contents() const { return state_->contents; }

}  // namespace proeftuin::store
