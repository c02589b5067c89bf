#include "engine/app/validate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine/core/errors.hpp"

namespace proeftuin::app {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

class Folder {
public:
    Folder() : path_{fs::temp_directory_path() / ("proeftuin_validate_" + std::to_string(::getpid()))} {
        fs::create_directories(path_);
    }
    ~Folder() { fs::remove_all(path_); }
    std::string file(const std::string& name, const std::string& text) const {
        std::ofstream(path_ / name) << text;
        return (path_ / name).string();
    }
    std::string at(const std::string& name) const { return (path_ / name).string(); }

private:
    fs::path path_;
};

std::string read(const std::string& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

constexpr const char* scenario = R"(format: 1
scenario: coin
people: { number: 20000 }
starts: 2000
years: 1
entries:
  - process: event
    states: [waiting, happened]
    absorbing: [happened]
    transitions:
      happens: { from: waiting, to: happened, rate: 0.5 per year }
  - measures: coins
    define:
      happened: { count: event.happens }
      time: { integrate: "event == waiting ? 1 : 0" }
)";

std::string validation(const std::string& explained) {
    return R"(format: 1
validation: coins
doc: Events of a constant rate.
runs: { base: { scenario: ./coin.yaml, replicates: 4 } }
targets:
  rate:
    title: Events per person-year
    measure: happened
    per: time
    runs: [base]
    table: observed.csv
    value: rate
    bound: { relative: 0.05 }
    data: real
    used_to_fit: false
    source: invented
)" + explained;
}

TEST(life_expectancy, of_a_constant_rate_is_its_inverse) {
    EXPECT_NEAR(life_expectancy(std::vector<double>(101, 0.05)), 20.0, 0.06);
    EXPECT_NEAR(life_expectancy(std::vector<double>(101, 0.0125)), 80.0, 0.06);
}

TEST(judge, takes_the_wider_of_two_bounds) {
    models::ValidationBound bound;
    bound.relative = 0.1;
    bound.absolute = 0.005;
    ValidationRow row;
    row.observed = 0.01;
    row.simulated = 0.014;
    EXPECT_EQ(judge(row, bound), Verdict::inside);
    row.simulated = 0.016;
    EXPECT_EQ(judge(row, bound), Verdict::outside);
    row.low = 0.0145;
    row.high = 0.0175;
    EXPECT_EQ(judge(row, bound), Verdict::noise);
}

TEST(judge, of_a_rival_compares_errors) {
    models::ValidationBound bound;
    bound.better_than = "naive";
    ValidationRow row;
    row.observed = 100.0;
    row.naive = 95.0;
    row.simulated = 104.0;
    EXPECT_EQ(judge(row, bound), Verdict::inside);
    row.simulated = 94.0;
    EXPECT_EQ(judge(row, bound), Verdict::outside);
}

TEST(validate, passes_when_all_rows_are_in_bounds) {
    const Folder folder;
    folder.file("coin.yaml", scenario);
    folder.file("observed.csv", "year,rate\n1999,7\n2000,0.5\n");
    ValidateChoices choices;
    choices.file = folder.file("validation.yaml", validation(""));
    choices.markdown = folder.at("page.md");
    EXPECT_EQ(validate(choices, {}), exit_code::ok);
    EXPECT_THAT(read(choices.markdown), HasSubstr("| 🟢 | base | 2000 | all | 0.5000 |"));
}

TEST(validate, fails_on_a_row_out_of_bounds_without_a_cause) {
    const Folder folder;
    folder.file("coin.yaml", scenario);
    folder.file("observed.csv", "rate\n0.6\n");
    ValidateChoices choices;
    choices.file = folder.file("validation.yaml", validation(""));
    choices.html = folder.at("page.html");
    EXPECT_EQ(validate(choices, {}), exit_code::validation);
    EXPECT_THAT(read(choices.html), HasSubstr("<tr class=\"out\"><td>base</td>"));
}

TEST(validate, shows_the_cause_of_a_row_that_is_explained) {
    const Folder folder;
    folder.file("coin.yaml", scenario);
    folder.file("observed.csv", "rate\n0.6\n");
    ValidateChoices choices;
    choices.file = folder.file("validation.yaml",
                               validation("explained:\n  - { target: rate, because: The table is invented. }\n"));
    choices.markdown = folder.at("page.md");
    EXPECT_EQ(validate(choices, {}), exit_code::ok);
    EXPECT_THAT(read(choices.markdown), HasSubstr("The table is invented."));
}

TEST(validate, compares_people_of_a_later_year_with_all_of_the_start) {
    const Folder folder;
    folder.file("coin.yaml", std::string(scenario) + "      people: { people: 1, by: [event] }\n");
    // Waiting: exp(-0.5).
    folder.file("observed.csv",
                "year,state,per_1000\n2000,all,1\n2001,all,1000\n2001,happened,393.47\n2001,waiting,606.53\n");
    ValidateChoices choices;
    choices.file = folder.file("validation.yaml", R"(format: 1
validation: coins
doc: People by state.
runs: { base: { scenario: ./coin.yaml, replicates: 4 } }
targets:
  people:
    title: People by state
    quantity: of_start
    measure: people
    per: people
    scale: 1000
    runs: [base]
    years: [2001]
    by: { state: event }
    table: observed.csv
    value: per_1000
    bound: { relative: 0.02 }
    data: real
    used_to_fit: false
    source: invented
)");
    choices.markdown = folder.at("page.md");
    EXPECT_EQ(validate(choices, {}), exit_code::ok);
    EXPECT_THAT(read(choices.markdown), HasSubstr("| 🟢 | base | 2001 | all | 1000 | 1000 |"));
    EXPECT_THAT(read(choices.markdown), HasSubstr("| 🟢 | base | 2001 | happened | 393.5 |"));
}

TEST(validate, reads_an_expected_number_without_noise) {
    const Folder folder;
    std::string without_chance = scenario;
    without_chance.replace(without_chance.find("{ count: event.happens }"), 24,
                           "{ count: event.happens, expected: true }");
    folder.file("coin.yaml", without_chance);
    folder.file("observed.csv", "rate\n0.5\n");
    std::string exact = validation("");
    exact.replace(exact.find("0.05"), 4, "1e-9");
    ValidateChoices choices;
    choices.file = folder.file("validation.yaml", exact);
    EXPECT_EQ(validate(choices, {}), exit_code::ok);
}

TEST(validate, refuses_a_target_that_no_row_is_compared_for) {
    const Folder folder;
    folder.file("coin.yaml", scenario);
    folder.file("observed.csv", "year,rate\n1999,0.5\n");
    ValidateChoices choices;
    choices.file = folder.file("validation.yaml", validation(""));
    EXPECT_THROW(validate(choices, {}), std::invalid_argument);
}

TEST(validate, refuses_a_statistic_of_a_year_that_the_run_does_not_have) {
    const Folder folder;
    std::string per_person = scenario;
    per_person.replace(per_person.find("{ count: event.happens }"), 24, "{ count: event.happens, per_person: year }");
    folder.file("coin.yaml", per_person);
    folder.file("observed.csv", "rate\n0.4\n");
    std::string statistic = validation("");
    statistic.replace(statistic.find("    per: time\n"), 14,
                      "    quantity: statistic\n    statistic: mean\n    years: [2003]\n");
    ValidateChoices choices;
    choices.file = folder.file("validation.yaml", statistic);
    EXPECT_THROW(validate(choices, {}), std::invalid_argument);
}

TEST(validate, refuses_a_run_that_is_not_there) {
    const Folder folder;
    ValidateChoices choices;
    choices.file = folder.file("validation.yaml", validation(""));
    EXPECT_EQ(validate(choices, {}), exit_code::scenario);
}

}  // namespace
}  // namespace proeftuin::app
