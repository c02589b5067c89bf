#include "models/population/region.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "models/population/region_tables.hpp"
#include "models/population/synthesize.hpp"

namespace proeftuin::population {
namespace {

using testing::HasSubstr;

/// A small region in a folder of its own, of which a test breaks one file.
class SmallRegion : public testing::Test {
protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() /
                  ("proeftuin_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
        std::filesystem::create_directories(folder_);
        write("places.csv", "neighbourhood,municipality,ses\nnorth,town,q1\nsouth,town,q4\nhill,village,q3\n");
        write("people.csv",
              "municipality,sex,age,people\ntown,female,0-17,100\ntown,female,18-79,300\ntown,male,0-17,110\n"
              "town,male,18-79,290\nvillage,female,0-17,20\nvillage,female,18-79,80\nvillage,male,0-17,25\n"
              "village,male,18-79,75\n");
        write("near.csv",
              "neighbourhood,age,people\nnorth,0-17,60\nnorth,18-79,200\nsouth,0-17,150\nsouth,18-79,390\n"
              "hill,0-17,45\nhill,18-79,155\n");
        write("place.csv",
              "age,position,people\n0-17,child,250\n0-17,single,0\n0-17,couple,0\n0-17,couple_with_children,0\n"
              "0-17,single_parent,0\n0-17,other+institution,5\n18-79,child,60\n18-79,single,300\n18-79,couple,180\n"
              "18-79,couple_with_children,160\n18-79,single_parent,25\n18-79,other+institution,20\n");
        write("sizes.csv",
              "municipality,size,households\ntown,1,200\ntown,2,150\ntown,3,50\ntown,4,50\ntown,5+,20\n"
              "village,1,30\nvillage,2,40\nvillage,3,15\nvillage,4,15\nvillage,5+,5\n");
        write("smoking.csv",
              "sex,age,former,current\nfemale,0-17,0,0\nfemale,18+,0.2,0.25\nmale,0-17,0,0\nmale,18+,0.25,0.3\n");
        write("region.yaml", yaml);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }
    void replace(const std::string& name, const std::string& from, const std::string& to) {
        std::ifstream in(folder_ / name);
        std::string text((std::istreambuf_iterator<char>(in)), {});
        const auto at = text.find(from);
        ASSERT_NE(at, std::string::npos) << from;
        write(name, text.replace(at, from.size(), to));
    }
    std::optional<RegionSpec> load() {
        const auto node = read_yaml_file(files_, (folder_ / "region.yaml").string(), sink_);
        return node ? read_region(*node, files_, sink_) : std::nullopt;
    }
    /// The only error: its code and "file:line" with the message.
    std::pair<std::string, std::string> mistake() {
        EXPECT_FALSE(load());
        EXPECT_EQ(sink_.errors(), 1u) << render(sink_.items(), files_, DiagnosticFormat::full, Colour::off);
        if (sink_.items().empty()) return {};
        const auto& d = sink_.items().front();
        const std::string file = std::filesystem::path(files_.path(d.where.file)).filename().string();
        return {d.code, file + ":" + std::to_string(d.where.line) + ": " + d.message};
    }

    const std::string yaml = R"(format: 1
region: small
people: 1000
year: 2020
neighbourhoods: { file: places.csv, source: made_up }
margins:
  population: { by: [municipality, sex, age], file: people.csv, source: made_up }
  ages_near: { by: [neighbourhood, age], file: near.csv, source: made_up }
  places: { by: [age, position], file: place.csv, source: made_up }
households:
  sizes: { file: sizes.csv, source: made_up }
attributes:
  smoking:
    categories: [never, former, current]
    shares: { file: smoking.csv, source: assumption, why: made up for the test }
)";
    std::filesystem::path folder_;
    SourceFiles files_;
    DiagnosticSink sink_;
};

TEST_F(SmallRegion, is_read_and_synthesised) {
    const auto spec = load();

    ASSERT_TRUE(spec) << render(sink_.items(), files_, DiagnosticFormat::full, Colour::off);
    EXPECT_EQ(spec->ages, 80u);
    EXPECT_EQ(spec->municipalities, (std::vector<std::string>{"town", "village"}));
    const auto made = synthesize(*spec, 1);
    EXPECT_EQ(made.people.people, 1000u);
    EXPECT_EQ(made.report.find("population")->outside, 0u);
    EXPECT_EQ(made.report.find("ages_near")->outside, 0u);
}

TEST_F(SmallRegion, refuses_an_unknown_municipality) {
    replace("people.csv", "village,male,18-79", "vilage,male,18-79");

    const auto [code, text] = mistake();

    EXPECT_EQ(code, "E0603");
    EXPECT_EQ(text, "people.csv:9: unknown municipality 'vilage'");
    EXPECT_THAT(sink_.items().front().help.value_or(""), HasSubstr("village"));
}

TEST_F(SmallRegion, refuses_a_missing_row) {
    replace("people.csv", "town,male,18-79,290\n", "");

    const auto [code, text] = mistake();

    EXPECT_EQ(code, "E0604");
    EXPECT_EQ(text, "region.yaml:7: margin 'population' has no row for 'town male 18-79'");
}

TEST_F(SmallRegion, refuses_a_missing_neighbourhood) {
    replace("near.csv", "hill,0-17,45\nhill,18-79,155\n", "");

    const auto [code, text] = mistake();

    EXPECT_EQ(code, "E0604");
    EXPECT_EQ(text, "region.yaml:8: margin 'ages_near' has no row for neighbourhood 'hill'");
}

TEST_F(SmallRegion, refuses_a_row_given_twice) {
    replace("near.csv", "hill,18-79,155\n", "hill,18-79,155\nhill,18-79,155\n");

    const auto [code, text] = mistake();

    EXPECT_EQ(code, "E0605");
    EXPECT_EQ(text, "near.csv:8: 'hill 18-79' is given twice in margin 'ages_near'");
    EXPECT_EQ(sink_.items().front().notes.size(), 1u);
}

TEST_F(SmallRegion, refuses_margins_with_different_totals) {
    replace("near.csv", "hill,18-79,155", "hill,18-79,165");

    const auto [code, text] = mistake();

    EXPECT_EQ(code, "E0608");
    EXPECT_EQ(text,
              "region.yaml:8: margins 'population' and 'ages_near' have different totals (1000.0 and 1010.0 people)");
}

TEST_F(SmallRegion, refuses_margins_that_disagree_in_a_part) {
    replace("near.csv", "hill,18-79,155", "hill,18-79,165");
    replace("near.csv", "south,18-79,390", "south,18-79,380");

    const auto [code, text] = mistake();

    EXPECT_EQ(code, "E0608");
    EXPECT_THAT(text, HasSubstr("margins 'population' and 'ages_near' disagree around"));
    EXPECT_THAT(text, HasSubstr("(155.0 and 165.0 people)"));
}

TEST_F(SmallRegion, lets_a_scaled_margin_give_way) {
    replace("near.csv", "hill,18-79,155", "hill,18-79,165");
    replace("region.yaml", "file: near.csv,", "file: near.csv, scaled: true,");

    const auto spec = load();

    ASSERT_TRUE(spec) << render(sink_.items(), files_, DiagnosticFormat::full, Colour::off);
}

TEST_F(SmallRegion, tells_how_far_shares_moved_whatever_the_level_of_the_table) {
    // The same table per ten people, but for the hill: of 10,100 it has 1,650, and is brought to 155 of 1,000.
    write("near.csv",
          "neighbourhood,age,people\nnorth,0-17,600\nnorth,18-79,2000\nsouth,0-17,1500\nsouth,18-79,3900\n"
          "hill,0-17,450\nhill,18-79,1650\n");
    replace("region.yaml", "file: near.csv,", "file: near.csv, scaled: true,");

    const auto spec = load();

    ASSERT_TRUE(spec) << render(sink_.items(), files_, DiagnosticFormat::full, Colour::off);
    EXPECT_NEAR(spec->described[1].adjusted, 1.0 - 0.155 / (1650.0 / 10100.0), 1e-9);
}

TEST_F(SmallRegion, refuses_a_total_that_the_seed_rules_out) {
    write("odds.csv", "age,position,odds\n18+,single_parent,0\n");
    replace("region.yaml",
            "margins:", "seed:\n  - { by: [age, position], file: odds.csv, column: odds, source: made_up }\nmargins:");

    const auto [code, text] = mistake();

    EXPECT_EQ(code, "E0609");
    EXPECT_THAT(text,
                HasSubstr("region.yaml:11: margin 'places' cannot be met: '18-79 single_parent' wants 25.00 people"));
}

TEST_F(SmallRegion, refuses_what_is_no_number) {
    replace("near.csv", "hill,18-79,155", "hill,18-79,many");

    const auto [code, text] = mistake();

    EXPECT_EQ(code, "E0606");
    EXPECT_EQ(text, "near.csv:7: 'many' is not a number of 0 or more");
}

TEST_F(SmallRegion, refuses_a_missing_table_and_a_missing_column) {
    replace("region.yaml", "file: near.csv", "file: nearby.csv");
    EXPECT_EQ(mistake().first, "E0601");

    sink_ = {};
    write("region.yaml", yaml);
    replace("near.csv", "age,people", "age,persons");
    const auto [code, text] = mistake();

    EXPECT_EQ(code, "E0602");
    EXPECT_THAT(text, HasSubstr("has no column 'people'"));
}

TEST_F(SmallRegion, refuses_numbers_without_a_source) {
    replace("region.yaml", "file: near.csv, source: made_up", "file: near.csv");

    EXPECT_EQ(mistake().first, "E0607");
}

TEST_F(SmallRegion, refuses_an_assumption_without_a_reason) {
    replace("region.yaml", ", why: made up for the test", "");

    EXPECT_EQ(mistake().second, "region.yaml:15: an assumption without a reason");
}

TEST_F(SmallRegion, refuses_a_gradient_by_an_attribute_that_comes_later) {
    replace("region.yaml", "    categories: [never, former, current]\n",
            "    categories: [never, former, current]\n    gradients: [ { by: wealth, ratios: { low: { current: 2 } }, "
            "source: made_up } ]\n");

    const auto [code, text] = mistake();

    EXPECT_EQ(code, "E0603");
    EXPECT_THAT(text, HasSubstr("'wealth' is not an attribute given before 'smoking'"));
}

TEST(ParseAges, reads_single_years_and_classes) {
    EXPECT_EQ(parse_ages("7", 100)->to, 7u);
    EXPECT_EQ(parse_ages("15-24", 100)->from, 15u);
    EXPECT_EQ(parse_ages("15-24", 100)->to, 24u);
    EXPECT_EQ(parse_ages("65+", 100)->to, 99u);
    for (const char* wrong : {"", "old", "24-15", "100", "-5", "5-", "90-101", "1.5"})
        EXPECT_FALSE(parse_ages(wrong, 100)) << wrong;
}

}  // namespace
}  // namespace proeftuin::population
