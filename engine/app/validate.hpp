// `proeftuin validate`: runs what a validation lists, compares it with observed tables, writes the page.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "engine/app/session.hpp"
#include "models/validation.hpp"

namespace proeftuin::app {

/// How a row came out.
enum class Verdict : std::uint8_t {
    inside,  ///< the estimate is within the bound
    noise,  ///< outside, but the Monte-Carlo interval reaches into the bound
    explained,  ///< outside, and the validation says why
    outside,  ///< outside without a known cause: the validation fails
    shown,  ///< has no bound
};

/// One comparison.
struct ValidationRow {
    std::string target;
    std::string run;
    std::vector<std::pair<std::string, std::string>> keys;  ///< column of the table, value
    int year = 0;  ///< of the observation
    double observed = std::numeric_limits<double>::quiet_NaN();
    double simulated = std::numeric_limits<double>::quiet_NaN();
    double low = std::numeric_limits<double>::quiet_NaN();  ///< 95 % Monte-Carlo interval of `simulated`
    double high = std::numeric_limits<double>::quiet_NaN();
    double naive = std::numeric_limits<double>::quiet_NaN();  ///< rival forecast
    double weight = 0.0;
    bool is_error = false;  ///< values are mean absolute relative errors, `observed` is nought
    Verdict verdict = Verdict::shown;
    std::string because;
};

struct ValidationReport {
    models::ValidationEntry entry;
    std::vector<ValidationRow> rows;
    std::vector<std::string> runs;  ///< one line on each run: people, years, replicates, seed
    bool quick = false;
};

struct ValidateChoices {
    std::string file;
    std::string markdown;
    std::string html;
    bool quick = false;
    int threads = 0;
    std::vector<std::string> only;  ///< targets; empty: all
};

/// Verdict of a row whose bound is `bound`; `explained` and `outside` are told apart by the caller.
Verdict judge(const ValidationRow& row, const models::ValidationBound& bound);

/// Life expectancy at birth from death rates by single year of age, the last age open.
double life_expectancy(const std::vector<double>& rates);

std::string validation_markdown(const ValidationReport& report);
std::string validation_html(const ValidationReport& report);
std::string validation_json(const ValidationReport& report);
/// Rows in and out of bounds by target.
std::string validation_summary(const ValidationReport& report);

/// The verb. \return exit code; 4 when a row is out of bounds without an explanation
int validate(const ValidateChoices& choices, const Common& common);

}  // namespace proeftuin::app
