#include "engine/config/csv.hpp"

#include <gtest/gtest.h>

namespace proeftuin {
namespace {

struct CsvText {
    explicit CsvText(const std::string& text) { table = read_csv(files, files.add("t.csv", text), sink); }
    std::string brief() const { return render(sink.items(), files, DiagnosticFormat::brief, Colour::off); }
    SourceFiles files;
    DiagnosticSink sink;
    std::optional<CsvTable> table;
};

TEST(Csv, keeps_every_cell_with_its_place) {
    CsvText text{"# source: x\nage, sex ,rate\n\n0,male,0.5\n# between\n1,\"a,\"\"b\"\"\", 2 \n"};
    ASSERT_TRUE(text.table) << text.brief();
    const CsvTable& table = *text.table;

    EXPECT_EQ(table.column("sex"), 1u);
    EXPECT_EQ(table.column("nothing"), std::nullopt);
    ASSERT_EQ(table.rows.size(), 2u);
    EXPECT_EQ(table.rows[1][1].text, "a,\"b\"");
    EXPECT_EQ(table.rows[1][1].span.column, 3u);
    EXPECT_EQ(table.rows[1][1].span.length, 9u);
    EXPECT_EQ(table.rows[1][2].text, "2");
    EXPECT_EQ(table.rows[1][2].span.line, 6u);
    EXPECT_EQ(table.rows[1][2].span.column, 14u);
}

TEST(Csv, reads_windows_line_ends_and_a_last_line_without_end) {
    CsvText text{
        "\xEF\xBB\xBF"
        "a,b\r\n1,\r\n\r\n3,4"};
    ASSERT_TRUE(text.table) << text.brief();

    EXPECT_EQ(text.table->header[0].text, "a");
    EXPECT_EQ(text.table->rows.at(0).at(1).text, "");
    EXPECT_EQ(text.table->rows.at(1).at(1).text, "4");
}

TEST(Csv, reports_every_row_of_the_wrong_length) {
    EXPECT_EQ(
        CsvText("age,rate\n1,0,5\n2\n3,1\n").brief(),
        "t.csv:2:5: error[E0131]: the row has 3 cells where the header has 2 (t.csv:1:1: the header); put a cell that "
        "holds ',' in double quotes; the decimal sign is a point\n"
        "t.csv:3:1: error[E0131]: the row has 1 cell where the header has 2 (t.csv:1:1: the header)\n");
}

TEST(Csv, reports_what_it_cannot_read) {
    EXPECT_EQ(CsvText("a,b,a\n").brief(),
              "t.csv:1:5: error[E0132]: column 'a' is given twice (t.csv:1:1: first given here)\n");
    EXPECT_EQ(CsvText("a,b\n1,\"x\n2,3\n").brief(),
              "t.csv:2:3: error[E0133]: a quote is opened and not closed on its line; close it with \"\n");
    EXPECT_EQ(
        CsvText("a,b\n1,x\"y\n").brief(),
        "t.csv:2:4: error[E0133]: a quote stands inside a cell that does not start with one; put the whole cell in "
        "quotes and write the quote twice\n");
    EXPECT_EQ(
        CsvText("a\n\"x\"y\n").brief(),
        "t.csv:2:4: error[E0133]: text stands behind the closing quote of a cell; write a quote inside a cell twice\n");
    EXPECT_EQ(CsvText("").brief(), "t.csv:1:1: error[E0134]: the table has no header row\n");
    EXPECT_EQ(CsvText("# only\n").brief(), "t.csv:1:1: error[E0134]: the table has no header row\n");
    EXPECT_EQ(CsvText("a,\n").brief(), "t.csv:1:3: error[E0134]: a column has no name; name every column\n");
    EXPECT_EQ(CsvText("a\n\xff\n").brief(),
              "t.csv:2:1: error[E0101]: the file is not UTF-8 (byte 0xff); save it as UTF-8\n");
    EXPECT_EQ(CsvText(std::string("a\n1\0\n", 5)).brief(),
              "t.csv:2:2: error[E0102]: the file holds the control character U+0000; remove it\n");
}

TEST(Csv, stops_at_a_table_that_is_too_large) {
    CsvText text{"a,b\n" + std::string(3'000'000, ',') + "\n"};

    EXPECT_FALSE(text.table);
    EXPECT_NE(text.brief().find("E0135"), std::string::npos);
}

}  // namespace
}  // namespace proeftuin
