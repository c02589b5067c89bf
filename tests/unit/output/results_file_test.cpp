// Writing and reading of results files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <random>

#include "engine/core/contracts.hpp"
#include "engine/core/errors.hpp"
#include "engine/store/result_file.hpp"
#include "output/names.hpp"
#include "output/reader.hpp"
#include "output/writer.hpp"
#include "tests/readers/golden.hpp"
#include "tests/unit/store/scratch.hpp"

namespace proeftuin::output {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::uint64_t> bits(const std::vector<double>& values) {
    std::vector<std::uint64_t> out;
    for (const double value : values) out.push_back(std::bit_cast<std::uint64_t>(value));
    return out;
}

void expect_same(const std::optional<PersonPanel>& found, const std::optional<PersonPanel>& meant) {
    ASSERT_EQ(found.has_value(), meant.has_value());
    if (!meant) return;
    EXPECT_EQ(found->uid, meant->uid);
    EXPECT_EQ(found->year, meant->year);
    ASSERT_EQ(found->numbers.size(), meant->numbers.size());
    EXPECT_EQ(found->numbers[0].name, meant->numbers[0].name);
    EXPECT_EQ(found->numbers[0].unit, meant->numbers[0].unit);
    EXPECT_EQ(found->numbers[0].values, meant->numbers[0].values);
    ASSERT_EQ(found->categories.size(), meant->categories.size());
    EXPECT_EQ(found->categories[0].labels, meant->categories[0].labels);
    EXPECT_EQ(found->categories[0].codes, meant->categories[0].codes);
}

void expect_same(const ResultSet& found, const ResultSet& meant) {
    EXPECT_EQ(found.scenario, meant.scenario);
    EXPECT_EQ(found.doc, meant.doc);
    ASSERT_EQ(found.measures.size(), meant.measures.size());
    for (std::size_t i = 0; i < meant.measures.size(); ++i) {
        const auto& a = found.measures[i];
        const auto& b = meant.measures[i];
        EXPECT_EQ(a.name, b.name);
        EXPECT_EQ(a.doc, b.doc);
        EXPECT_EQ(a.unit, b.unit);
        EXPECT_EQ(a.currency, b.currency);
        EXPECT_EQ(a.price_year, b.price_year);
        EXPECT_EQ(a.discount, b.discount);
        EXPECT_EQ(a.kind, b.kind);
        EXPECT_EQ(a.dims, b.dims);
        EXPECT_EQ(bits(a.values), bits(b.values));
        EXPECT_EQ(bits(a.sums_of_squares), bits(b.sums_of_squares));
        EXPECT_EQ(a.counts, b.counts);
        EXPECT_EQ(a.statistics, b.statistics);
    }
    EXPECT_EQ(found.summary, meant.summary);
    expect_same(found.persons, meant.persons);
    expect_same(found.panel, meant.panel);
    Provenance provenance = found.provenance;
    for (auto& source : provenance.sources) source.sha256.clear();  // filled by the writer
    EXPECT_EQ(provenance, meant.provenance);
    EXPECT_EQ(found.run_info, meant.run_info);
}

TEST(ResultsFile, comes_back_as_it_was) {
    const Scratch scratch;
    const std::vector<ResultSet> meant = {golden_results("usual_care"), golden_results("substitution")};
    write_results(scratch.file("r.h5"), meant);

    const ResultsFile found = read_results(scratch.file("r.h5"));

    ASSERT_EQ(found.scenarios.size(), 2u);
    expect_same(found.scenarios[0], meant[0]);
    expect_same(found.scenarios[1], meant[1]);
    EXPECT_EQ(found.content_digest, store::content_digest(scratch.file("r.h5")));
    EXPECT_NE(found.scenario("substitution"), nullptr);
    EXPECT_EQ(found.scenario("nothing"), nullptr);
    EXPECT_FALSE(read_results(scratch.file("r.h5"), Persons::skip).scenarios[0].persons.has_value());
}

TEST(ResultsFile, has_the_digest_of_its_results_not_of_the_run) {
    const Scratch scratch;
    ResultSet set = golden_results("a");
    write_results(scratch.file("one.h5"), set);
    set.run_info.threads = 7;
    set.run_info.command_line = "proeftuin run --threads 7";
    set.run_info.build_flags = "-O0";
    write_results(scratch.file("seven.h5"), set);
    EXPECT_TRUE(compare_results(scratch.file("one.h5"), scratch.file("seven.h5")).equal);
    EXPECT_EQ(store::content_digest(scratch.file("one.h5")), store::content_digest(scratch.file("seven.h5")));

    set.measures[0].values[5] = std::nextafter(set.measures[0].values[5], 1e9);
    write_results(scratch.file("other.h5"), set);

    EXPECT_NE(store::content_digest(scratch.file("one.h5")), store::content_digest(scratch.file("other.h5")));
    EXPECT_THAT(compare_results(scratch.file("one.h5"), scratch.file("other.h5")).differences,
                ElementsAre("dataset /results/a/cost differs"));
}

TEST(ResultsFile, refuses_what_the_caller_got_wrong) {
    const Scratch scratch;
    const auto refused = [&](auto spoil) {
        ResultSet set = golden_results("a");
        spoil(set);
        const auto message = message_of<ContractViolation>([&] { write_results(scratch.file("r.h5"), set); });
        EXPECT_TRUE(std::filesystem::is_empty(scratch.path()));
        return message;
    };
    EXPECT_THAT(refused([](ResultSet& s) { s.measures[0].values.pop_back(); }), HasSubstr("number of values"));
    EXPECT_THAT(refused([](ResultSet& s) { s.measures[1].name = "cost"; }), HasSubstr("twice"));
    EXPECT_THAT(refused([](ResultSet& s) { s.measures[0].counts.pop_back(); }), HasSubstr("counts"));
    EXPECT_THAT(refused([](ResultSet& s) { s.measures[1].name = "a/b"; }), HasSubstr("cannot be the name"));
    EXPECT_THAT(refused([](ResultSet& s) { s.measures[0].dims[2].name = "year"; }), HasSubstr("axis 'year' twice"));
    EXPECT_THAT(refused([](ResultSet& s) { s.persons->numbers[0].values.pop_back(); }), HasSubstr("length"));
    EXPECT_THAT(refused([](ResultSet& s) { s.panel->year.pop_back(); }), HasSubstr("years of the panel"));
}

TEST(ResultsFile, replaces_bytes_that_are_not_utf8_in_texts_of_the_world) {
    const Scratch scratch;
    ResultSet set = golden_results("a");
    set.run_info.command_line = "proeftuin run caf\xe9.yaml";
    write_results(scratch.file("r.h5"), set);
    EXPECT_EQ(read_results(scratch.file("r.h5")).scenarios[0].run_info.command_line,
              "proeftuin run caf\xEF\xBF\xBD.yaml");
}

TEST(ResultsFile, is_refused_when_it_is_something_else) {
    const Scratch scratch;
    store::write_hdf5_file(scratch.file("x.h5"), [](store::Hdf5Writer& out) {
        out.attribute("/", "filetype", std::string("proeftuin results"));
        out.attribute("/", "format_version", store::Values{{2}, std::vector<std::int32_t>{2, 0}});
    });
    EXPECT_THAT(message_of<IoError>([&] { read_results(scratch.file("x.h5")); }), HasSubstr("its format is 2.0"));
    store::write_hdf5_file(scratch.file("y.h5"), [](store::Hdf5Writer& out) { out.scalar("/a", 1.0); });
    EXPECT_THAT(message_of<IoError>([&] { read_results(scratch.file("y.h5")); }), HasSubstr("not a results file"));
}

TEST(ResultsFile, with_flipped_bits_is_refused_or_unchanged) {
    const Scratch scratch;
    const ResultSet meant = golden_results("a");
    write_results(scratch.file("r.h5"), meant);
    const std::string whole = bytes_of(scratch.file("r.h5"));
    std::mt19937_64 random(7);
    int found = 0;
    for (int i = 0; i < 500; ++i) {
        std::string bytes = whole;
        bytes[random() % bytes.size()] ^= static_cast<char>(1u << (random() % 8));
        put_bytes(scratch.file("d.h5"), bytes);
        try {
            expect_same(read_results(scratch.file("d.h5")).scenarios.at(0), meant);
        } catch (const IoError& error) {
            ++found;
            EXPECT_THAT(error.what(), HasSubstr("d.h5"));
        }
    }
    EXPECT_GT(found, 100);
}

TEST(ResultsFile, keeps_a_scenario_without_measures_and_axes_of_no_length) {
    const Scratch scratch;
    ResultSet set;
    set.scenario = "empty";
    MeasureResult measure;
    measure.name = "nothing";
    measure.dims = {Dim{.name = "year", .unit = "year"}};
    set.measures = {measure};
    write_results(scratch.file("r.h5"), set);
    const auto found = read_results(scratch.file("r.h5"));
    ASSERT_EQ(found.scenarios[0].measures.size(), 1u);
    EXPECT_TRUE(found.scenarios[0].measures[0].values.empty());
}

TEST(Udunits, leaves_out_money_and_writes_powers) {
    EXPECT_EQ(udunits("", ""), "1");
    EXPECT_EQ(udunits("EUR", "EUR"), "1");
    EXPECT_EQ(udunits("EUR per year", "EUR"), "year-1");
    EXPECT_EQ(udunits("per year", ""), "year-1");
    EXPECT_EQ(udunits("contact per month", ""), "contact month-1");
    EXPECT_EQ(udunits("kg/m2", ""), "kg/m2");
}

TEST(ValidUtf8, keeps_what_is_valid_and_replaces_the_rest) {
    EXPECT_EQ(valid_utf8("één ≥ 𝛼"), "één ≥ 𝛼");
    EXPECT_EQ(valid_utf8("a\xff"
                         "b"),
              "a\xEF\xBF\xBD"
              "b");
    EXPECT_EQ(valid_utf8("\xc0\xaf"), "\xEF\xBF\xBD\xEF\xBF\xBD");  // too long a form of '/'
    EXPECT_EQ(valid_utf8("\xed\xa0\x80").size(), 9u);  // a surrogate
    EXPECT_EQ(valid_utf8(std::string("a\0b", 3)),
              "a\xEF\xBF\xBD"
              "b");
}

}  // namespace
}  // namespace proeftuin::output
