// The table of codes is complete, in order, and every code of the reader has a file that gives it.

#include "engine/config/codes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include "engine/config/node.hpp"

namespace proeftuin {
namespace {

namespace fs = std::filesystem;

const fs::path root{PROEFTUIN_SOURCE_DIR};

bool is_code(const std::string& text) {
    return text.size() == 5 && (text[0] == 'E' || text[0] == 'W') && text[1] == '0' &&
           text.find_first_not_of("0123456789", 1) == std::string::npos;
}

/// Codes between quotes in the sources of the product.
std::set<std::string> codes_in_sources() {
    std::set<std::string> codes;
    for (const char* folder : {"engine", "models", "output"}) {
        if (!fs::exists(root / folder)) continue;
        for (const auto& file : fs::recursive_directory_iterator(root / folder)) {
            const std::string extension = file.path().extension().string();
            if ((extension != ".cpp" && extension != ".hpp") || file.path().filename() == "code_table.hpp") continue;
            std::istringstream text(read_text_file(file.path().string(), 4u << 20));
            for (std::string line; std::getline(text, line);) {
                line.resize(std::min(line.size(), line.find("//")));  // comments may give examples
                for (std::size_t at = 0; (at = line.find('"', at)) != std::string::npos; ++at)
                    if (is_code(line.substr(at + 1, 5)) && line.substr(at + 6, 1) == "\"")
                        codes.insert(line.substr(at + 1, 5));
            }
        }
    }
    return codes;
}

TEST(Codes, stand_in_ascending_order_without_duplicates) {
    for (std::size_t i = 1; i < all_codes().size(); ++i) EXPECT_LT(all_codes()[i - 1].code, all_codes()[i].code);
}

TEST(Codes, have_a_title_and_a_meaning) {
    for (const CodeEntry& entry : all_codes()) {
        EXPECT_FALSE(entry.title.empty()) << entry.code;
        EXPECT_GT(entry.meaning.size(), 20u) << entry.code;
    }
}

TEST(Codes, are_found_in_any_case) {
    ASSERT_NE(find_code("e0107"), nullptr);
    EXPECT_EQ(find_code("e0107")->title, "key given twice");
    EXPECT_EQ(find_code("E9999"), nullptr);
    EXPECT_EQ(explain_code(""), std::nullopt);
}

TEST(Codes, are_explained_with_a_wrong_and_a_right_example) {
    EXPECT_EQ(
        *explain_code("E0208"),
        "E0208: not true or false\n\n"
        "Only true and false are read. Readers of YAML differ on yes, no, on and off, so none of these is taken.\n\n"
        "Wrong:\n\n    normalised: no\n\nRight:\n\n    normalised: false\n");
}

TEST(Codes, used_in_the_sources_are_all_in_the_table) {
    for (const std::string& code : codes_in_sources()) EXPECT_NE(find_code(code), nullptr) << code << " has no row";
}

TEST(Codes, in_the_table_are_all_used) {
    const std::set<std::string> used = codes_in_sources();
    for (const CodeEntry& entry : all_codes()) EXPECT_TRUE(used.contains(std::string{entry.code})) << entry.code;
}

TEST(Codes, of_the_reader_each_have_a_file_that_gives_them) {
    std::set<std::string> shown;
    for (const auto& file : fs::directory_iterator(root / "tests/diagnostics/adversarial")) {
        shown.insert(file.path().filename().string().substr(0, 5));
    }
    // Too large to be kept as files, or settings of the command line; tests/unit/config gives these.
    const std::set<std::string> elsewhere{"E0111", "E0135", "E0215", "E0216"};
    for (const CodeEntry& entry : all_codes()) {
        const std::string code{entry.code};
        if (code > "E0299" || elsewhere.contains(code)) continue;
        EXPECT_TRUE(shown.contains(code)) << code << " has no file in tests/diagnostics/adversarial";
    }
}

}  // namespace
}  // namespace proeftuin
