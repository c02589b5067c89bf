#include "engine/store/result_file.hpp"

#include <filesystem>
#include <fstream>

#include "engine/core/errors.hpp"
#include "engine/store/seal.hpp"
#include "engine/store/sha256.hpp"

namespace proeftuin::store {

void write_hdf5_file(const std::string& path, const std::function<void(Hdf5Writer&)>& fill, AtomicFile::Sidecar sidecar,
                     const std::function<void()>& before_rename) {
    AtomicFile file(path);
    Hdf5Writer writer(file.working_path());
    fill(writer);
    writer.close();
    seal(file.working_path());
    const auto verify = [&] {
        const Hdf5Reader reader(file.working_path());
        reader.verify();
        const auto& meant = writer.contents().digests();
        const auto found = reader.contents().digests();
        for (const auto& [what, digest] : meant) {
            if (what.starts_with("attribute / @")) continue;  // the digests themselves; checked by `verify`
            const auto it = found.find(what);
            if (it == found.end() || it->second != digest)
                throw IoError("cannot write '" + path + "' (reading back " + what + " gave something else)");
        }
        if (found.size() != meant.size())
            throw IoError("cannot write '" + path + "' (reading back gave more than was written)");
    };
    file.publish(verify, sidecar, before_rename);
}

std::string file_type(const std::string& path) { return Hdf5Reader(path).text_attribute("/", "filetype"); }

std::string content_digest(const std::string& path) {
    const Hdf5Reader reader(path);
    return reader.text_attribute("/", root_attribute::content_digest);
}

void verify_file(const std::string& path) {
    if (std::ifstream sidecar(path + ".sha256"); sidecar) {
        std::string digest;
        sidecar >> digest;
        if (digest != sha256_of_file(path))
            throw IoError("cannot use '" + path + "' (damaged: its bytes do not match '" + path + ".sha256')");
    }
    Hdf5Reader(path).verify();
}

}  // namespace proeftuin::store
