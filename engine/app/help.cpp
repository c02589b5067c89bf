#include "engine/app/help.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <nlohmann/json.hpp>

#include "engine/app/session.hpp"
#include "engine/core/errors.hpp"

namespace proeftuin::app {
namespace {

using Json = nlohmann::ordered_json;

struct Meaning {
    int code;
    const char* words;
};

constexpr auto exit_codes = std::to_array<Meaning>({
    {exit_code::ok, "done"},
    {exit_code::numeric, "a number left its domain during a run"},
    {exit_code::scenario, "the files or the command line are wrong"},
    {exit_code::io, "a file, the disk or the memory failed"},
    {exit_code::validation, "a validation found rows out of bounds"},
    {exit_code::defect, "a defect of the program"},
    {exit_code::interrupted, "interrupted; the state is kept for --resume"},
});

struct Variable {
    const char* name;
    const char* words;
};

constexpr auto environment = std::to_array<Variable>({
    {"PROEFTUIN_LIBRARY", "folder of the library of models (default: beside the program)"},
    {"NO_COLOR", "when set: no colour and no progress"},
});

/// CLI11 writes the checks of an option behind its type: "UINT:INT in [1 - 200]", "TEXT:{full,short}".
void add_type(Json& out, const CLI::Option& option) {
    const std::string whole = option.get_type_name();
    const auto colon = whole.find(':');
    const std::string type = whole.substr(0, colon);
    const std::string check = colon == std::string::npos ? "" : whole.substr(colon + 1);
    out["type"] = type == "INT" || type == "UINT" ? "integer" : type == "FLOAT" ? "number" : "text";
    if (check.starts_with("{")) {
        Json choices = Json::array();
        for (std::size_t begin = 1; begin < check.size();) {
            const auto end = check.find_first_of(",}", begin);
            choices.push_back(check.substr(begin, end - begin));
            begin = end == std::string::npos ? check.size() : end + 1;
        }
        out["choices"] = std::move(choices);
    }
    const auto open = check.find('['), dash = check.find(" - ");
    if (open != std::string::npos && dash != std::string::npos) {
        out["minimum"] = std::stoll(check.substr(open + 1));
        out["maximum"] = std::stoll(check.substr(dash + 3));
    }
}

Json option_json(const CLI::Option& option) {
    Json out;
    const bool positional = option.get_snames().empty() && option.get_lnames().empty();
    if (positional) {
        out["name"] = option.get_name(true, false);
    } else {
        out["names"] = Json::array();
        for (const auto& name : option.get_snames()) out["names"].push_back("-" + name);
        for (const auto& name : option.get_lnames()) out["names"].push_back("--" + name);
    }
    out["about"] = option.get_description();
    if (option.get_items_expected_max() == 0) {
        out["type"] = "flag";
    } else {
        add_type(out, option);
        if (!option.get_default_str().empty()) out["default"] = option.get_default_str();
        if (out.contains("default") && out["type"] == "integer" &&
            out["default"].get<std::string>().find_first_not_of("0123456789") == std::string::npos)
            out["default"] = std::stoll(out["default"].get<std::string>());
    }
    out["required"] = option.get_required();
    out["repeats"] = option.get_items_expected_max() > 1;
    return out;
}

/// Splits the options of an app into arguments and flags.
void add_options(Json& out, const CLI::App& app, bool with_arguments) {
    Json arguments = Json::array(), flags = Json::array();
    for (const CLI::Option* option : app.get_options()) {
        Json one = option_json(*option);
        (one.contains("name") ? arguments : flags).push_back(std::move(one));
    }
    if (with_arguments) out["arguments"] = std::move(arguments);
    out["flags"] = std::move(flags);
}

Json verb_object(const CLI::App& verb) {
    Json out;
    out["name"] = verb.get_name();
    out["about"] = verb.get_description();
    add_options(out, verb, true);
    return out;
}

}  // namespace

std::string help_json(const CLI::App& app) {
    Json out;
    out["program"] = "proeftuin";
    out["version"] = version_text();
    out["about"] = app.get_description();
    add_options(out, app, false);
    out["verbs"] = Json::array();
    for (const CLI::App* verb : app.get_subcommands({})) out["verbs"].push_back(verb_object(*verb));
    out["exit_codes"] = Json::array();
    for (const auto& [code, words] : exit_codes) out["exit_codes"].push_back({{"code", code}, {"meaning", words}});
    out["environment"] = Json::array();
    for (const auto& [name, words] : environment) out["environment"].push_back({{"name", name}, {"about", words}});
    return out.dump(2);
}

std::string verb_json(const CLI::App& verb) { return verb_object(verb).dump(2); }

std::string help_footer() {
    std::string out = "Exit codes:\n";
    for (const auto& [code, words] : exit_codes) out += fmt::format("  {:<25} {}\n", code, words);
    out += "\nEnvironment:\n";
    for (const auto& [name, words] : environment) out += fmt::format("  {:<25} {}\n", name, words);
    return out + "\nFor programs: proeftuin help --json";
}

}  // namespace proeftuin::app
