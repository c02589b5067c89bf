#include "engine/store/checkpoint.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "engine/core/errors.hpp"
#include "engine/store/result_file.hpp"

namespace proeftuin {
namespace {

constexpr const char* filetype = "proeftuin checkpoint";
constexpr std::int64_t format = 2;  // 2: totals of people who are no longer kept

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

/// Makes the present checkpoint the previous one too. By a second name, so that it never lacks its first.
void keep_previous(const std::string& path) {
    if (!exists(path)) return;
    const std::string previous = previous_checkpoint_path(path);
    const std::string between = path + ".part/previous";
    ::unlink(between.c_str());
    if (::link(path.c_str(), between.c_str()) != 0) {
        // file systems without second names: the new checkpoint follows at once
        if (std::rename(path.c_str(), previous.c_str()) != 0)
            throw IoError("cannot keep '" + previous + "' (" + std::strerror(errno) + ")");
        return;
    }
    if (std::rename(between.c_str(), previous.c_str()) != 0)
        throw IoError("cannot keep '" + previous + "' (" + std::strerror(errno) + ")");
}

void read_arrays(const store::Hdf5Reader& reader, const std::string& group, const std::string& prefix,
                 Checkpoint& out) {
    for (const auto& name : reader.children(group)) {
        const std::string object = group + "/" + name;
        if (reader.is_group(object)) {
            read_arrays(reader, object, prefix + name + "/", out);
            continue;
        }
        auto values = reader.read(object);
        std::visit(
            [&](auto& array) {
                if constexpr (std::is_constructible_v<Checkpoint::Array, std::decay_t<decltype(array)>>)
                    out.arrays.emplace(prefix + name, std::move(array));
                else
                    throw IoError("cannot use '" + reader.path() + "' ('" + object + "' is of no type of ours)");
            },
            values.array);
    }
}

}  // namespace

void Checkpoint::missing(const char* what, const std::string& name) {
    throw IoError(std::string("cannot use the checkpoint (no ") + what + " '" + name + "' of the right type in it)");
}

const std::string& Checkpoint::text(const std::string& name) const {
    const auto it = texts.find(name);
    if (it == texts.end()) missing("text", name);
    return it->second;
}

std::string previous_checkpoint_path(const std::string& path) {
    const auto slash = path.find_last_of('/');
    const auto dot = path.find_last_of('.');
    if (dot == std::string::npos || (slash != std::string::npos && dot <= slash + 1)) return path + "_prev";
    return path.substr(0, dot) + "_prev" + path.substr(dot);
}

void write_checkpoint(const std::string& path, const Checkpoint& checkpoint, bool compress) {
    const auto fill = [&](store::Hdf5Writer& out) {
        out.attribute("/", "filetype", std::string(filetype));
        out.attribute("/", "format_version", format);
        out.group("/checkpoint/arrays");
        out.group("/checkpoint/scalars");
        out.group("/checkpoint/texts");
        for (const auto& [name, array] : checkpoint.arrays) {
            const std::string place = "/checkpoint/arrays/" + name;  // clang 14 captures no structured bindings
            std::visit([&](const auto& values) { out.dataset(place, {values.size()}, values, {.compress = compress}); },
                       array);
        }
        for (const auto& [name, scalar] : checkpoint.scalars) {
            const std::string place = "/checkpoint/scalars/" + name;
            std::visit([&](auto value) { out.scalar(place, value); }, scalar);
        }
        for (const auto& [name, text] : checkpoint.texts) out.text("/checkpoint/texts/" + name, text);
    };
    store::write_hdf5_file(path, fill, store::AtomicFile::Sidecar::no, [&] { keep_previous(path); });
}

Checkpoint read_checkpoint(const std::string& path) {
    const store::Hdf5Reader reader(path);
    if (reader.text_attribute("/", "filetype") != filetype)
        throw IoError("cannot use '" + path + "' (it is not a checkpoint)");
    if (const auto version = reader.integer_attribute("/", "format_version", 0); version != format)
        throw IoError("cannot use '" + path + "' (its format is " + std::to_string(version) + ", this program reads " +
                      std::to_string(format) + ")");
    Checkpoint out;
    read_arrays(reader, "/checkpoint/arrays", "", out);
    for (const auto& name : reader.children("/checkpoint/scalars")) {
        auto values = reader.read("/checkpoint/scalars/" + name);
        std::visit(
            [&](const auto& array) {
                using T = typename std::decay_t<decltype(array)>::value_type;
                if constexpr (std::is_constructible_v<Checkpoint::Scalar, T> &&
                              (std::is_same_v<T, double> || std::is_same_v<T, std::int64_t> ||
                               std::is_same_v<T, std::uint64_t>)) {
                    if (array.size() == 1) out.scalars.emplace(name, array.front());
                }
            },
            values.array);
    }
    for (const auto& name : reader.children("/checkpoint/texts"))
        out.texts.emplace(name, reader.text("/checkpoint/texts/" + name));
    return out;
}

FoundCheckpoint read_last_checkpoint(const std::string& path) {
    const std::string previous = previous_checkpoint_path(path);
    std::string why;
    try {
        return {read_checkpoint(path), path, {}};
    } catch (const IoError& error) {
        why = error.what();
    }
    try {
        return {read_checkpoint(previous), previous, why};
    } catch (const IoError& error) {
        throw IoError(why + "; " + error.what());
    }
}

}  // namespace proeftuin
