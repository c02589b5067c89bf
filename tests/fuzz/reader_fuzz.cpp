// Any bytes as a YAML file, a CSV file and a setting: an error with a place or a tree that is sound, never a crash.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "engine/config/csv.hpp"
#include "engine/config/node.hpp"
#include "engine/config/overrides.hpp"
#include "engine/config/schema.hpp"

namespace {

using namespace proeftuin;

void require(bool condition) {
    if (!condition) std::abort();
}

void require_places(const SourceFiles& files, const DiagnosticSink& sink) {
    for (const Diagnostic& item : sink.items()) {
        require(item.where.line > 0 && item.where.column > 0 && item.where.file < files.size());
        require(item.code.size() == 5 && !item.message.empty());
    }
    require(render(sink.items(), files, DiagnosticFormat::full, Colour::on).size() < (4u << 20));
    render(sink.items(), files, DiagnosticFormat::brief, Colour::off);
    render(sink.items(), files, DiagnosticFormat::json, Colour::off);
}

/// Every node stands inside the file; exact texts stand there byte for byte; keys differ.
void require_sound(const Node& node, const SourceFiles& files, std::size_t depth = 0) {
    require(depth <= 64);
    require(node.span.line > 0 && node.span.column > 0);
    if (node.is_scalar() && node.exact) {
        const std::size_t offset = files.offset(node.text_span());
        require(files.text(node.span.file).substr(offset, node.text.size()) == node.text);
    }
    for (const Node& item : node.items) require_sound(item, files, depth + 1);
    for (std::size_t i = 0; i < node.entries.size(); ++i) {
        require(node.entries[i].key_span.line > 0);
        if (i > 0 && i < 50) {
            for (std::size_t j = 0; j < i; ++j) require(node.entries[i].key != node.entries[j].key);
        }
        require_sound(node.entries[i].value, files, depth + 1);
    }
}

struct Thing {
    std::string process;
    std::vector<Located<std::string>> states;
    std::optional<double> cycle;
    std::optional<LocatedText> rate;
    std::vector<MapItem<long long>> counts;
    bool flag = false;
    Date date;
};

const Schema<Thing>& thing_schema() {
    static const Schema<Thing> schema = [] {
        Schema<Thing> s("thing", "What the fuzzer reads");
        s.required("a", &Thing::process, name(), "Name", "b");
        s.optional("b", &Thing::states, list_or_single(located(name())), "States");
        s.optional("c", &Thing::cycle, quantity("year", 0, 10), "Cycle");
        s.optional("d", &Thing::rate, expression(), "Rate");
        s.optional("e", &Thing::counts, map_of(integer(0, 9)), "Counts");
        s.optional("f", &Thing::flag, boolean(), "Flag");
        s.optional("g", &Thing::date, date(), "Date");
        s.at_most_one_of({"c", "d"});
        return s;
    }();
    return schema;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text{reinterpret_cast<const char*>(data), size};
    {
        SourceFiles files;
        DiagnosticSink sink;
        auto node = read_yaml(files, files.add("fuzz.yaml", text), sink);
        require(node.has_value() != sink.has_errors());
        if (node) {
            require_sound(*node, files);
            thing_schema().read(*node, sink);
            set_path(*node, text.substr(0, 40), Node{.span = node->span}, "set by the fuzzer", sink, NewKeys::added);
        }
        require_places(files, sink);
    }
    {
        SourceFiles files;
        DiagnosticSink sink;
        const auto table = read_csv(files, files.add("fuzz.csv", text), sink);
        require(table.has_value() != sink.has_errors());
        if (table) {
            for (const auto& row : table->rows) require(row.size() == table->header.size());
        }
        require_places(files, sink);
    }
    {
        SourceFiles files;
        DiagnosticSink sink;
        const auto setting = parse_setting(files, text, sink);
        require(setting.has_value() != sink.has_errors());
        require_places(files, sink);
    }
    return 0;
}
