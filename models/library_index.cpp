#include "models/library_index.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

namespace proeftuin::models {
namespace {

namespace fs = std::filesystem;

/// Keys of an entry whose own keys are names that others may use.
constexpr auto sections = std::to_array<std::string_view>({"define", "parameters", "groups", "demands"});
constexpr auto kinds =
    std::to_array<std::string_view>({"process", "attributes", "parameter_set", "measures", "sources", "signals", "care",
                                     "demography", "utility", "programme", "network", "coalition"});

std::string_view key_of(std::string_view line) {
    const auto end = line.find(':');
    return end == std::string_view::npos ? std::string_view{} : line.substr(0, end);
}

/// The names that one file of the library declares, from the look of its lines: two spaces, a name, a colon.
std::set<std::string, std::less<>> declared_in(const fs::path& path) {
    std::set<std::string, std::less<>> names;
    std::ifstream file(path);
    bool names_follow = false;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line.front() == '#') continue;
        if (line.front() != ' ') {
            const auto key = key_of(line);
            names_follow = std::find(sections.begin(), sections.end(), key) != sections.end();
            if (std::find(kinds.begin(), kinds.end(), key) != kinds.end()) {
                const auto begin = line.find_first_not_of(" ", key.size() + 1);
                if (begin != std::string::npos)
                    names.insert(line.substr(begin, line.find_first_of(" #", begin) - begin));
            }
        } else if (names_follow && line.size() > 3 && line[1] == ' ' && line[2] != ' ' && line[2] != '#') {
            names.emplace(key_of(std::string_view(line).substr(2)));
        }
    }
    return names;
}

const std::map<std::string, std::set<std::string, std::less<>>>& library() {
    static const auto index = [] {
        std::map<std::string, std::set<std::string, std::less<>>> out;
        const fs::path folder = library_folder();
        std::error_code ignored;
        for (auto it = fs::recursive_directory_iterator(folder, ignored); it != fs::recursive_directory_iterator();
             it.increment(ignored)) {
            if (it->path().extension() != ".yaml") continue;
            const std::string entry = fs::relative(it->path(), folder, ignored).replace_extension().string();
            if (!entry.starts_with("regions/")) out[entry] = declared_in(it->path());
        }
        return out;
    }();
    return index;
}

}  // namespace

std::vector<std::string> entries_that_declare(const std::string& name, const std::vector<LoadedEntry>& included) {
    std::vector<std::string> out;
    for (const auto& [entry, names] : library()) {
        if (!names.contains(name)) continue;
        const fs::path file = fs::absolute(fs::path(library_folder()) / (entry + ".yaml")).lexically_normal();
        if (std::any_of(included.begin(), included.end(),
                        [&](const auto& e) { return fs::absolute(e.path).lexically_normal() == file; }))
            continue;
        out.push_back(entry);
    }
    return out;
}

DiagnosticSink with_library_hints(const DiagnosticSink& sink, const std::vector<LoadedEntry>& included) {
    static const std::set<std::string> unknown_names{"E0305", "E0410", "E0413", "E0414",
                                                     "E0437", "E0502", "E0514", "E0704"};
    DiagnosticSink out;
    for (Diagnostic d : sink.items()) {
        if (unknown_names.contains(d.code))
            for (std::size_t open = d.message.find('\''); open != std::string::npos;) {
                const std::size_t close = d.message.find('\'', open + 1);
                if (close == std::string::npos) break;
                // Of an event its process; of a path its first key.
                std::string name = d.message.substr(open + 1, close - open - 1);
                name = name.substr(0, name.find('.'));
                if (const auto entries = entries_that_declare(name, included);
                    !entries.empty() && entries.size() <= 4) {
                    d.help = fmt::format("'{}' is declared in {} of the library, which this scenario does not include",
                                         name, fmt::join(entries, " and in "));
                    break;
                }
                open = d.message.find('\'', close + 1);
            }
        out.report(std::move(d));
    }
    return out;
}

}  // namespace proeftuin::models
