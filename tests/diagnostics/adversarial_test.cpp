// Broken YAML and CSV files, and the whole text that is shown for each.
// With PROEFTUIN_UPDATE=1 in the environment the expected texts are written anew; read the difference before keeping
// it.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine/config/csv.hpp"
#include "engine/config/node.hpp"
#include "engine/config/schema.hpp"

namespace proeftuin {
namespace {

namespace fs = std::filesystem;

/// A small kind that has a key of every type.
struct Transition {
    std::vector<Located<std::string>> from;
    std::string to;
    std::optional<LocatedText> rate, probability;
};
struct Entry {
    std::string process, doc, country, between;
    std::vector<Located<std::string>> states;
    std::vector<MapItem<Transition>> transitions;
    std::vector<double> shares;
    std::optional<double> cycle;
    std::optional<Date> observed;
    bool normalised = true;
    int priority = 0;
};

Schema<Entry> entry_schema() {
    Schema<Transition> t("transition", "A way from one state to another");
    t.required("from", &Transition::from, list_or_single(located(name())), "States it leaves", "none");
    t.required("to", &Transition::to, name(), "State it enters", "ill");
    t.optional("rate", &Transition::rate, expression(), "How often");
    t.optional("probability", &Transition::probability, expression(), "Chance per cycle");
    t.exactly_one_of({"rate", "probability"});
    Schema<Entry> s("process", "Something that people are in one state of");
    s.required("process", &Entry::process, name(), "Name", "copd");
    s.required("states", &Entry::states, list_of(located(name()), 2), "The states", "[none, ill]");
    s.optional("doc", &Entry::doc, text(), "What it is");
    s.optional("country", &Entry::country, text(), "Country");
    s.optional("transitions", &Entry::transitions, map_of(object(t)), "Ways between states");
    s.optional("shares", &Entry::shares, list_of(number(0, 1)), "Shares");
    s.optional("cycle", &Entry::cycle, quantity("year"), "Length of a cycle");
    s.optional("observed", &Entry::observed, date(), "Day of the data");
    s.optional("between", &Entry::between, one_of(std::vector<std::string>{"step", "linear"}), "Between points");
    s.optional("normalised", &Entry::normalised, boolean(), "Divide by the mean");
    s.optional("priority", &Entry::priority, integer(0, 9), "Order");
    return s;
}

std::string shown_for(const fs::path& path) {
    SourceFiles files;
    DiagnosticSink sink;
    const std::string text = read_text_file(path.string(), 1u << 20);
    const std::uint32_t file = files.add(path.filename().string(), text);
    if (path.extension() == ".csv") {
        read_csv(files, file, sink);
    } else if (const auto node = read_yaml(files, file, sink)) {
        entry_schema().read(*node, sink);
    }
    return render(sink.items(), files, DiagnosticFormat::full, Colour::off);
}

std::vector<fs::path> cases() {
    std::vector<fs::path> paths;
    for (const auto& file : fs::directory_iterator(fs::path{PROEFTUIN_SOURCE_DIR} / "tests/diagnostics/adversarial")) {
        if (file.path().extension() != ".expected") paths.push_back(file.path());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

/// The first line that differs, with the lines before it.
std::string difference(const std::string& expected, const std::string& actual) {
    std::istringstream left{expected}, right{actual};
    std::string a, b, out;
    while (true) {
        const bool more_left = static_cast<bool>(std::getline(left, a));
        const bool more_right = static_cast<bool>(std::getline(right, b));
        if (!more_left && !more_right) return out;
        if (more_left && more_right && a == b) {
            out += "  " + a + '\n';
            continue;
        }
        if (more_left) out += "- " + a + '\n';
        if (more_right) out += "+ " + b + '\n';
    }
}

class Adversarial : public ::testing::TestWithParam<fs::path> {};

TEST_P(Adversarial, gives_the_expected_text) {
    fs::path expected_path = GetParam();
    expected_path.replace_extension(".expected");
    const std::string actual = shown_for(GetParam());
    if (std::getenv("PROEFTUIN_UPDATE") != nullptr) std::ofstream{expected_path, std::ios::binary} << actual;
    ASSERT_TRUE(fs::exists(expected_path)) << "no expected text; shown is:\n" << actual;
    const std::string expected = read_text_file(expected_path.string(), 1u << 20);

    EXPECT_TRUE(actual == expected) << difference(expected, actual);

    const std::string code = GetParam().filename().string().substr(0, 5);
    if (code.front() == 'E') {
        EXPECT_NE(actual.find("[" + code + "]"), std::string::npos) << actual;
    }
}

INSTANTIATE_TEST_SUITE_P(Files, Adversarial, ::testing::ValuesIn(cases()),
                         [](const auto& info) { return info.param.stem().string(); });

}  // namespace
}  // namespace proeftuin
