#include "engine/config/diagnostic.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/config/utf8.hpp"

namespace proeftuin {
namespace {

std::string full(const Diagnostic& diagnostic, const SourceFiles& files) {
    return render({diagnostic}, files, DiagnosticFormat::full, Colour::off);
}

TEST(Diagnostic, is_shown_with_line_carets_label_notes_and_help) {
    SourceFiles files;
    const auto file = files.add("nl.yaml", "a: 1\n\n\n\n\n\n\n\n\nrate: 0.1\nx: 2\n  rate: 0.25\n");
    const Diagnostic diagnostic{.code = "E0107",
                                .message = "key 'rate' is given twice",
                                .where = {file, 12, 3, 4},
                                .label = "only one counts",
                                .notes = {{{file, 10, 1, 4}, "first given here"}, {{}, "set by scenario 'x'"}},
                                .help = "remove one\nor rename it"};

    EXPECT_EQ(full(diagnostic, files),
              "error[E0107]: key 'rate' is given twice\n"
              "  --> nl.yaml:12:3\n"
              "   |\n"
              "12 |   rate: 0.25\n"
              "   |   ^^^^ only one counts\n"
              "   = note: set by scenario 'x'\n"
              "   = help: remove one\n"
              "           or rename it\n"
              "note: first given here\n"
              "  --> nl.yaml:10:1\n"
              "   |\n"
              "10 | rate: 0.1\n"
              "   | ----\n");
}

TEST(Diagnostic, without_a_place_is_one_line) {
    EXPECT_EQ(full({.severity = Severity::warning, .code = "W0001", .message = "odd", .where = {}}, {}),
              "warning[W0001]: odd\n");
}

TEST(Diagnostic, puts_carets_right_behind_tabs_and_wide_letters) {
    SourceFiles files;
    const auto file = files.add("t.yaml", "\tb: \u00e9\u65e5x\n");

    EXPECT_EQ(full({.code = "E0001", .message = "m", .where = {file, 1, 10, 1}}, files),
              "error[E0001]: m\n --> t.yaml:1:10\n  |\n1 |     b: \u00e9\u65e5x\n  |           ^\n");
}

TEST(Diagnostic, cuts_long_lines_around_the_caret) {
    SourceFiles files;
    const auto file = files.add("t.yaml", std::string(5000, 'a') + "HERE" + std::string(5000, 'b'));

    const std::string text = full({.code = "E0001", .message = "m", .where = {file, 1, 5001, 4}}, files);

    // "..." + 33 columns before the caret, 100 columns in all, "..."
    EXPECT_NE(text.find("1 | ..." + std::string(33, 'a') + "HERE" + std::string(63, 'b') + "...\n"), std::string::npos)
        << text;
    EXPECT_NE(text.find("\n  |    " + std::string(33, ' ') + "^^^^\n"), std::string::npos) << text;
}

TEST(Diagnostic, never_lets_the_input_control_the_terminal) {
    SourceFiles files;
    const auto file = files.add("a\x1b[31m.yaml", "x: \x1b[2J\xff\u202e\n");

    const std::string text =
        full({.code = "E0001", .message = "bad '\x1b]0;t\x07'\n", .where = {file, 1, 4, 1}, .label = "\r"}, files);

    EXPECT_EQ(text,
              "error[E0001]: bad '\\x1b]0;t\\x07'\\n\n --> a\\x1b[31m.yaml:1:4\n  |\n"
              "1 | x: \\x1b[2J\\xff\\u202e\n  |    ^^^^ \\r\n");
}

TEST(Diagnostic, survives_places_that_do_not_exist) {
    SourceFiles files;
    const auto file = files.add("t.yaml", "ab\n");

    for (const SourceSpan& place :
         {SourceSpan{file, 99, 1, 1}, SourceSpan{file, 1, 99, 5}, SourceSpan{file, 1, 1, 4000000000u},
          SourceSpan{7, 1, 1, 1}, SourceSpan{file, 1, 0, 0}}) {
        EXPECT_FALSE(full({.code = "E0001", .message = "m", .where = place}, files).empty());
    }
    EXPECT_NE(full({.code = "E0001", .message = "m", .where = {file, 1, 1, 4000000000u}}, files).find("| ^^\n"),
              std::string::npos);
}

TEST(Diagnostic, has_a_brief_form_on_one_line) {
    SourceFiles files;
    const auto file = files.add("t.yaml", "a: 1\na: 2\n");

    EXPECT_EQ(render({{.code = "E0107",
                       .message = "twice",
                       .where = {file, 2, 1, 1},
                       .notes = {{{file, 1, 1, 1}, "first"}},
                       .help = "a\nb"}},
                     files, DiagnosticFormat::brief, Colour::off),
              "t.yaml:2:1: error[E0107]: twice (t.yaml:1:1: first); a b\n");
}

TEST(Diagnostic, has_a_json_form_that_parses_whatever_the_text) {
    SourceFiles files;
    const auto file = files.add("t\xff.yaml", "a\n");

    const auto json =
        nlohmann::json::parse(render({{.code = "E0001", .message = "bad \xff \"x\"", .where = {file, 1, 1, 1}}}, files,
                                     DiagnosticFormat::json, Colour::off));

    EXPECT_EQ(json.at(0).at("code"), "E0001");
    EXPECT_EQ(json.at(0).at("severity"), "error");
    EXPECT_EQ(json.at(0).at("place").at("line"), 1);
    EXPECT_TRUE(json.at(0).at("help").is_null());
}

TEST(Diagnostic, is_coloured_only_when_asked) {
    SourceFiles files;
    const auto file = files.add("t.yaml", "a\n");
    const std::vector<Diagnostic> one{{.code = "E0001", .message = "m", .where = {file, 1, 1, 1}}};

    EXPECT_EQ(render(one, files, DiagnosticFormat::full, Colour::off).find('\x1b'), std::string::npos);
    EXPECT_NE(render(one, files, DiagnosticFormat::full, Colour::on).find("\x1b[1;31merror[E0001]\x1b[0m"),
              std::string::npos);
}

TEST(DiagnosticSink, keeps_duplicates_once) {
    DiagnosticSink sink;
    for (int i = 0; i < 3; ++i) sink.error("E0001", "m", {0, 1, 1, 1});
    sink.error("E0001", "m", {0, 2, 1, 1});

    EXPECT_EQ(sink.items().size(), 2u);
    EXPECT_EQ(sink.errors(), 2u);
}

TEST(DiagnosticSink, counts_what_it_no_longer_keeps) {
    DiagnosticSink sink;
    for (std::uint32_t i = 0; i < 2000; ++i) sink.error("E0001", "m", {0, i + 1, 1, 1});

    EXPECT_EQ(sink.items().size(), DiagnosticSink::max_kept);
    EXPECT_EQ(sink.errors(), 2000u);
    EXPECT_EQ(sink.dropped(), 1500u);
}

TEST(DiagnosticSink, turns_warnings_into_errors_when_strict) {
    DiagnosticSink sink;
    sink.warning("W0001", "before", {});
    EXPECT_FALSE(sink.has_errors());

    sink.make_strict();
    sink.warning("W0001", "after", {});

    EXPECT_EQ(sink.errors(), 2u);
    EXPECT_EQ(summary(sink.items()), "2 errors");
}

TEST(Diagnostic, sums_up) {
    EXPECT_EQ(summary({}), "");
    EXPECT_EQ(summary({{.code = "E", .message = "", .where = {}},
                       {.severity = Severity::warning, .code = "W", .message = "", .where = {}}}),
              "1 error, 1 warning");
}

TEST(Suggestion, gives_the_nearest_word_within_two_edits) {
    const std::vector<std::string> words{"states", "start", "transitions"};

    EXPECT_EQ(nearest("state", words), "states");
    EXPECT_EQ(nearest("tarnsitions", words), "transitions");
    EXPECT_EQ(nearest("strat", words), "start");
    EXPECT_EQ(nearest("mortality", words), std::nullopt);
    EXPECT_EQ(nearest("x", {"y"}), std::nullopt);
    EXPECT_EQ(nearest(std::string(100'000, 'a'), words), std::nullopt);
}

TEST(Suggestion, lists_the_words_when_none_is_near) {
    EXPECT_EQ(suggestion("stat", {"states", "stat_x"}), "did you mean 'states'?");
    EXPECT_EQ(suggestion("foo", {"alpha", "beta"}), "one of: alpha, beta");
    EXPECT_EQ(suggestion("foo", {}), "");
}

TEST(Shown, cuts_long_values_between_characters) {
    EXPECT_EQ(shown("a\nb"), "'a\\nb'");
    const std::string cut = shown(std::string(55, 'a') + "\u65e5\u65e5\u65e5\u65e5");
    EXPECT_EQ(cut, "'" + std::string(55, 'a') + "...'");
}

TEST(Utf8, refuses_overlong_forms_surrogates_and_stray_bytes) {
    for (const char* bad :
         {"\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80", "\xe2\x82", "\xff", "\xe0\x80\x80"}) {
        EXPECT_FALSE(decode_utf8(bad, 0).valid);
    }
    EXPECT_EQ(decode_utf8("\xf0\x9f\x98\x80", 0).code, 0x1F600u);
    EXPECT_EQ(decode_utf8("\u20ac", 0).length, 3);
}

TEST(SourceFiles, finds_lines_and_places) {
    SourceFiles files;
    const auto file = files.add("t", "ab\r\n\ncd");

    EXPECT_EQ(files.line(file, 1), "ab");
    EXPECT_EQ(files.line(file, 2), "");
    EXPECT_EQ(files.line(file, 3), "cd");
    EXPECT_EQ(files.line(file, 4), "");
    EXPECT_EQ(files.line(file, 0), "");
    EXPECT_EQ(files.span(file, 6).line, 3u);
    EXPECT_EQ(files.span(file, 6).column, 2u);
    EXPECT_EQ(files.offset(files.span(file, 6)), 6u);
    EXPECT_EQ(files.span(file, 999).line, 3u);
}

}  // namespace
}  // namespace proeftuin
