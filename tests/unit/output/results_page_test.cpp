// docs/reference/results_file.md and a real file must list the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "engine/store/hdf5_file.hpp"
#include "output/writer.hpp"
#include "tests/readers/golden.hpp"
#include "tests/unit/store/scratch.hpp"

namespace proeftuin::output {
namespace {

struct Row {
    std::string path;
    std::string attribute;  ///< empty: the object itself
    std::string type;  ///< as the page says: "float64 or text"
    bool shaped;  ///< the shape column is filled
};

std::string trimmed(std::string text) {
    std::erase(text, '`');
    const auto first = text.find_first_not_of(' ');
    return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::vector<Row> rows_of_page() {
    std::vector<Row> rows;
    std::istringstream page(bytes_of(RESULTS_FILE_PAGE));
    for (std::string line; std::getline(page, line);) {
        if (!line.starts_with("| `/")) continue;
        std::vector<std::string> cells;
        std::istringstream parts(line.substr(1));
        for (std::string cell; std::getline(parts, cell, '|');) cells.push_back(trimmed(cell));
        if (cells.size() >= 6) rows.push_back({cells[0], cells[1], cells[2], !cells[3].empty()});
    }
    return rows;
}

/// What the page calls an object of the golden file.
std::string general(const store::Hdf5Reader& in, const std::string& path) {
    std::string out = path;
    for (const char* top : {"/results/", "/summary/", "/persons/", "/panel/", "/provenance/", "/run_info/"})
        if (const std::string part = top; path.starts_with(part) && path.size() > part.size())
            out = part + "<scenario>" + path.substr(std::min(path.size(), path.find('/', part.size())));
    if (in.is_group(path)) return out;
    const std::string parent = out.substr(0, out.find_last_of('/'));
    const std::string role = in.text_attribute(path, "role");
    if (role == "dimension") return parent + "/<axis>";
    if (role == "measure") return parent + "/<measure>";
    if (!role.empty()) return parent + "/<measure>__<statistic>";
    if (parent == "/panel/<scenario>" && (out.ends_with("/uid") || out.ends_with("/row") || out.ends_with("/year")))
        return out;
    if (parent != "/panel/<scenario>" && (parent != "/persons/<scenario>" || out.ends_with("/uid"))) return out;
    return parent + (out.ends_with("__labels") ? "/<column>__labels" : "/<column>");
}

class Walk {
public:
    Walk(const store::Hdf5Reader& in, const std::vector<Row>& rows) : in_{in}, rows_{rows} {}

    void visit(const std::string& path) {
        const std::string name = general(in_, path);
        if (in_.is_group(path)) {
            expect(name, "", "group", false);
        } else {
            const auto shape = in_.shape(path);
            expect(name, "", std::string(to_string(shape.type)),
                   !shape.shape.empty() || in_.text_attribute(path, "role") != "");
        }
        for (const auto& attribute : in_.attributes(path)) {
            const auto value = in_.attribute(path, attribute);
            std::string called = attribute;
            for (const char* some : {"digest_", "library_", "seconds_"})
                if (attribute.starts_with(some)) called = std::string(some) + "<name>";
            expect(name, called, std::string(to_string(store::type_of(value.array))), !value.shape.empty());
        }
        if (!in_.is_group(path)) return;
        for (const auto& child : in_.children(path)) visit((path == "/" ? "" : path) + "/" + child);
    }

    const std::set<std::string>& seen() const { return seen_; }

private:
    void expect(const std::string& path, const std::string& attribute, const std::string& type, bool shaped) {
        seen_.insert(path + " " + attribute);
        for (const auto& row : rows_) {
            if (row.path != path || row.attribute != attribute) continue;
            EXPECT_NE(row.type.find(type), std::string::npos)
                << path << " " << attribute << " is " << type << ", the page says " << row.type;
            EXPECT_EQ(row.shaped, shaped) << path << " " << attribute;
            return;
        }
        ADD_FAILURE() << "the page lacks " << path << " " << attribute << " (" << type << ")";
    }

    const store::Hdf5Reader& in_;
    const std::vector<Row>& rows_;
    std::set<std::string> seen_;
};

TEST(ResultsPage, lists_what_a_real_file_holds_and_nothing_else) {
    const Scratch scratch;
    ResultSet set = golden_results("usual_care");
    set.measures[0].dims[1].doc = "registered sex";
    set.measures[0].dims[1].names = {"women", "men"};
    write_results(scratch.file("r.h5"), set);
    const auto rows = rows_of_page();
    ASSERT_GT(rows.size(), 70u);

    const store::Hdf5Reader in(scratch.file("r.h5"));
    Walk walk(in, rows);
    walk.visit("/");

    for (const auto& row : rows)
        EXPECT_TRUE(walk.seen().contains(row.path + " " + row.attribute))
            << "the page lists " << row.path << " " << row.attribute << ", which no file has";
}

}  // namespace
}  // namespace proeftuin::output
