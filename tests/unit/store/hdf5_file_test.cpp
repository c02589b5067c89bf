#include "engine/store/hdf5_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "engine/core/errors.hpp"
#include "engine/store/result_file.hpp"
#include "tests/unit/store/scratch.hpp"

namespace proeftuin::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

void fill(Hdf5Writer& out, double first = 1.5) {
    out.dataset("/results/a/values", {2, 3}, std::vector<double>{first, 2, 3, 4, 5, std::nan("")});
    out.texts("/results/a/sex", {2}, std::vector<std::string>{"vrouw", "mañ ♂"});
    out.dataset("/results/a/year", {3}, std::vector<double>{2013, 2014, 2015});
    out.make_scale("/results/a/sex", "sex");
    out.make_scale("/results/a/year", "year");
    out.attach_scale("/results/a/values", 0, "/results/a/sex");
    out.attach_scale("/results/a/values", 1, "/results/a/year");
    out.attribute("/results/a/values", "units", std::string("1"));
    out.attribute("/results/a/values", "price_year", std::int64_t{2023});
    out.text("/run_info/host", "somewhere");
}

TEST(Hdf5File, gives_back_every_type_bit_for_bit) {
    const Scratch scratch;
    const std::string path = scratch.file("x.h5");
    const double odd_nan = std::bit_cast<double>(std::uint64_t{0x7ff800000000beef});
    write_hdf5_file(path, [&](Hdf5Writer& out) {
        out.dataset("/a/i8", {3}, std::vector<std::int8_t>{-128, 0, 127});
        out.dataset("/a/i16", {1}, std::vector<std::int16_t>{-32768});
        out.dataset("/a/i32", {1}, std::vector<std::int32_t>{-2147483647});
        out.dataset("/a/i64", {1}, std::vector<std::int64_t>{std::numeric_limits<std::int64_t>::min()});
        out.dataset("/a/u8", {1}, std::vector<std::uint8_t>{255});
        out.dataset("/a/u16", {1}, std::vector<std::uint16_t>{65535});
        out.dataset("/a/u32", {1}, std::vector<std::uint32_t>{4294967295u});
        out.dataset("/a/u64", {1}, std::vector<std::uint64_t>{std::numeric_limits<std::uint64_t>::max()});
        out.dataset("/a/f64", {4}, std::vector<double>{-0.0, 5e-324, odd_nan, 0.1});
        out.dataset("/a/empty", {0, 4}, std::vector<double>{});
        out.scalar("/a/one", 3.25);
        out.texts("/a/texts", {3}, std::vector<std::string>{"", "één", std::string(100000, 'x')});
    });

    const Hdf5Reader in(path);

    EXPECT_THAT(std::get<std::vector<std::int8_t>>(in.read("/a/i8").array), ElementsAre(-128, 0, 127));
    EXPECT_EQ(std::get<std::vector<std::int64_t>>(in.read("/a/i64").array)[0],
              std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(std::get<std::vector<std::uint64_t>>(in.read("/a/u64").array)[0],
              std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(in.shape("/a/u16").type, ValueType::uint16);
    EXPECT_EQ(in.shape("/a/u8").type, ValueType::uint8);
    EXPECT_EQ(in.shape("/a/u32").type, ValueType::uint32);
    EXPECT_EQ(in.shape("/a/i16").type, ValueType::int16);
    EXPECT_EQ(in.shape("/a/i32").type, ValueType::int32);
    const auto doubles = in.numbers<double>("/a/f64");
    EXPECT_TRUE(std::signbit(doubles[0]));
    EXPECT_EQ(std::bit_cast<std::uint64_t>(doubles[1]), 1u);
    EXPECT_EQ(std::bit_cast<std::uint64_t>(doubles[2]), 0x7ff800000000beefu);
    EXPECT_EQ(in.shape("/a/empty").shape, (Shape{0, 4}));
    EXPECT_TRUE(in.shape("/a/one").shape.empty());
    EXPECT_EQ(in.texts("/a/texts")[1], "één");
    EXPECT_EQ(in.texts("/a/texts")[2].size(), 100000u);
}

TEST(Hdf5File, keeps_scales_attributes_and_the_order_of_making) {
    const Scratch scratch;
    const std::string path = scratch.file("x.h5");
    write_hdf5_file(path, [](Hdf5Writer& out) { fill(out); });

    const Hdf5Reader in(path);

    EXPECT_THAT(in.children("/results/a"), ElementsAre("values", "sex", "year"));
    EXPECT_THAT(in.scales("/results/a/values"), ElementsAre("/results/a/sex", "/results/a/year"));
    EXPECT_THAT(in.attributes("/results/a/values"), ElementsAre("price_year", "units"));
    EXPECT_EQ(in.integer_attribute("/results/a/values", "price_year", 0), 2023);
    EXPECT_EQ(in.number_attribute("/results/a/values", "price_year", 0), 2023.0);
    EXPECT_EQ(in.text_attribute("/", "status"), "complete");
    EXPECT_FALSE(in.has("/results/b"));
    EXPECT_FALSE(in.has("/nothing/at/all"));
}

TEST(Hdf5File, has_the_same_digest_when_only_run_info_differs) {
    const Scratch scratch;
    const auto write = [&](const char* name, double first, const char* host) {
        write_hdf5_file(scratch.file(name), [&](Hdf5Writer& out) {
            fill(out, first);
            out.text("/run_info/cpu", host);
            out.attribute("/", "program_version", std::string(host));
        });
        return content_digest(scratch.file(name));
    };

    const std::string one = write("a.h5", 1.5, "here");

    EXPECT_EQ(write("b.h5", 1.5, "there"), one);
    EXPECT_NE(write("c.h5", std::nextafter(1.5, 2.0), "here"), one);
    EXPECT_EQ(one.size(), 64u);
}

TEST(Hdf5File, digest_of_minus_zero_is_not_that_of_zero) {
    Contents plus, minus;
    const double a = 0.0, b = -0.0;
    plus.dataset("/x", ValueType::float64, {}, &a);
    minus.dataset("/x", ValueType::float64, {}, &b);
    EXPECT_NE(plus.content_digest(), minus.content_digest());
}

TEST(Hdf5Writer, is_poisoned_by_its_first_failure) {
    const Scratch scratch;
    Hdf5Writer out(scratch.file("x"));
    out.scalar("/a", 1.0);

    EXPECT_THROW(out.scalar("/a", 2.0), IoError);  // the name is taken

    EXPECT_TRUE(out.poisoned());
    EXPECT_THAT(message_of<IoError>([&] { out.scalar("/b", 2.0); }), HasSubstr("an earlier write to it failed"));
    EXPECT_THROW(out.close(), IoError);
    out.abandon();
    const Hdf5Reader in(scratch.file("x"), Hdf5Reader::Seal::ignored);
    EXPECT_EQ(in.text_attribute("/", "status"), "failed");
    EXPECT_THAT(message_of<IoError>([&] { in.verify(); }), HasSubstr("its status is 'failed', not 'complete'"));
    EXPECT_THAT(message_of<IoError>([&] { Hdf5Reader(scratch.file("x")); }), HasSubstr("no seal at its end"));
}

TEST(Hdf5Writer, refuses_a_nul_inside_a_text) {
    const Scratch scratch;
    Hdf5Writer out(scratch.file("x"));
    EXPECT_THAT(message_of<IoError>([&] { out.text("/a", std::string("a\0b", 3)); }), HasSubstr("NUL"));
}

TEST(WriteHdf5File, leaves_nothing_when_filling_fails) {
    const Scratch scratch;
    EXPECT_THROW(write_hdf5_file(scratch.file("x.h5"),
                                 [](Hdf5Writer& out) {
                                     out.scalar("/a", 1.0);
                                     throw std::runtime_error("enough");
                                 }),
                 std::runtime_error);
    EXPECT_TRUE(std::filesystem::is_empty(scratch.path()));
}

TEST(WriteHdf5File, refuses_to_publish_after_a_swallowed_failure) {
    const Scratch scratch;
    EXPECT_THROW(write_hdf5_file(scratch.file("x.h5"),
                                 [](Hdf5Writer& out) {
                                     out.scalar("/a", 1.0);
                                     try {
                                         out.scalar("/a", 1.0);
                                     } catch (const IoError&) {
                                     }
                                 }),
                 IoError);
    EXPECT_TRUE(std::filesystem::is_empty(scratch.path()));
}

TEST(WriteHdf5File, puts_the_digest_of_the_bytes_beside_the_file) {
    const Scratch scratch;
    write_hdf5_file(scratch.file("x.h5"), [](Hdf5Writer& out) { fill(out); });

    EXPECT_THAT(bytes_of(scratch.file("x.h5.sha256")), HasSubstr("  x.h5\n"));
    verify_file(scratch.file("x.h5"));
    put_bytes(scratch.file("x.h5.sha256"), std::string(64, '0') + "  x.h5\n");
    EXPECT_THAT(message_of<IoError>([&] { verify_file(scratch.file("x.h5")); }), HasSubstr("do not match"));
}

TEST(Hdf5Reader, names_the_path_and_the_cause) {
    const Scratch scratch;
    EXPECT_THAT(message_of<IoError>([&] { Hdf5Reader(scratch.file("none.h5")); }),
                testing::AllOf(HasSubstr("none.h5"), HasSubstr("No such file or directory")));
    put_bytes(scratch.file("text.h5"), "not HDF5 at all");
    EXPECT_THAT(message_of<IoError>([&] { Hdf5Reader(scratch.file("text.h5")); }),
                testing::AllOf(HasSubstr("text.h5"), HasSubstr("no seal")));
    EXPECT_THAT(message_of<IoError>([&] { Hdf5Reader(scratch.file("text.h5"), Hdf5Reader::Seal::ignored); }),
                testing::AllOf(HasSubstr("text.h5"), HasSubstr("signature")));
}

TEST(Hdf5Writer, names_the_cause_when_it_cannot_start) {
    EXPECT_THAT(message_of<IoError>([] { Hdf5Writer("/nowhere/at/all.h5"); }), HasSubstr("No such file or directory"));
}

}  // namespace
}  // namespace proeftuin::store
