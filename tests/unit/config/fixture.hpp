// Reads YAML from a string in tests and shows what was reported.
#pragma once

#include <optional>
#include <string>

#include "engine/config/node.hpp"

namespace proeftuin::testing {

struct YamlText {
    explicit YamlText(const std::string& text, const YamlLimits& limits = {}) {
        file = files.add("test.yaml", text);
        node = read_yaml(files, file, sink, limits);
    }
    std::string brief() const { return render(sink.items(), files, DiagnosticFormat::brief, Colour::off); }
    std::string full() const { return render(sink.items(), files, DiagnosticFormat::full, Colour::off); }

    SourceFiles files;
    DiagnosticSink sink;
    std::uint32_t file = 0;
    std::optional<Node> node;
};

}  // namespace proeftuin::testing
