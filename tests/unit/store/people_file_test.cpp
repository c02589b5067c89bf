#include "engine/store/people_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/contracts.hpp"
#include "engine/core/errors.hpp"
#include "engine/store/checkpoint.hpp"
#include "tests/unit/store/fault/fault_program.hpp"
#include "tests/unit/store/scratch.hpp"

namespace proeftuin::store {
namespace {

PersonTable three_people() {
    PersonTable table;
    table.people = 3;
    table.numbers.push_back({"age", "year", {0.5, 41.25, 99.0}});
    table.numbers.push_back({"bmi", "kg/m2", {15.0, 27.5, 22.0}});
    table.categories.push_back({"sex", {"female", "male"}, {0, 1, 0}});
    CategoryColumn streets{"street", {}, {0, 299, 128}};
    for (int i = 0; i < 300; ++i) streets.labels.push_back("street " + std::to_string(i));
    table.categories.push_back(streets);
    return table;
}

TEST(Population, comes_back_as_it_was) {
    const Scratch scratch;
    write_population(scratch.file("p.h5"), three_people(), {{"seed", "1"}, {"recipe", "region: x\n"}});

    const Population found = read_population(scratch.file("p.h5"));

    const PersonTable expected = three_people();
    ASSERT_EQ(found.people.people, 3u);
    ASSERT_EQ(found.people.numbers.size(), 2u);
    ASSERT_EQ(found.people.categories.size(), 2u);
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(found.people.numbers[i].name, expected.numbers[i].name);
        EXPECT_EQ(found.people.numbers[i].unit, expected.numbers[i].unit);
        EXPECT_EQ(found.people.numbers[i].values, expected.numbers[i].values);
        EXPECT_EQ(found.people.categories[i].name, expected.categories[i].name);
        EXPECT_EQ(found.people.categories[i].labels, expected.categories[i].labels);
        EXPECT_EQ(found.people.categories[i].codes, expected.categories[i].codes);
    }
    EXPECT_EQ(found.provenance.at("recipe"), "region: x\n");
    EXPECT_EQ(found.content_digest.size(), 64u);
}

TEST(Population, uses_small_codes_with_their_meanings) {
    const Scratch scratch;
    write_population(scratch.file("p.h5"), three_people(), {});
    const Hdf5Reader in(scratch.file("p.h5"));
    EXPECT_EQ(in.shape("/population/sex").type, ValueType::int8);
    EXPECT_EQ(in.shape("/population/street").type, ValueType::int16);
    EXPECT_EQ(in.text_attribute("/population/sex", "flag_meanings"), "female male");
    EXPECT_EQ(in.scales("/population/sex")[0], "/population/person");
}

TEST(Population, refuses_other_files_and_codes_without_labels) {
    const Scratch scratch;
    write_checkpoint(scratch.file("c.h5"), fault_checkpoint(1));
    EXPECT_THAT(message_of<IoError>([&] { read_population(scratch.file("c.h5")); }),
                testing::HasSubstr("it is not a population"));
    PersonTable wrong = three_people();
    wrong.categories[0].codes[1] = 2;
    EXPECT_THROW(write_population(scratch.file("w.h5"), wrong, {}), ContractViolation);
    EXPECT_FALSE(std::filesystem::exists(scratch.file("w.h5")));
}

TEST(Population, may_be_empty) {
    const Scratch scratch;
    PersonTable nobody;
    nobody.numbers.push_back({"age", "year", {}});
    write_population(scratch.file("p.h5"), nobody, {});
    EXPECT_EQ(read_population(scratch.file("p.h5")).people.people, 0u);
}

}  // namespace
}  // namespace proeftuin::store
