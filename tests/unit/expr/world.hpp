// A small world of symbols and people that the expression tests share.
#pragma once

#include <fmt/format.h>

#include <map>
#include <string>
#include <vector>

#include "engine/config/diagnostic.hpp"
#include "engine/expr/expression.hpp"
#include "engine/expr/program.hpp"

namespace proeftuin::testing {

inline Unit unit(std::string_view text) { return parse_unit(text).value(); }

inline std::shared_ptr<const Categories> categories(std::string name, std::vector<std::string> labels) {
    return std::make_shared<const Categories>(Categories{std::move(name), std::move(labels)});
}

/// Columns: 0 age, 1 bmi, 2 sex (u8), 3 smoking (u8), 4 copd (u8), 5 neighbourhood (u16), 6 time_in copd.
/// Scalars: 0 year, 1 waiting time.
struct World {
    static constexpr std::size_t people = 700;

    std::shared_ptr<const Categories> sex = categories("sex", {"female", "male"});
    std::shared_ptr<const Categories> smoking = categories("smoking", {"never", "former", "current"});
    std::shared_ptr<const Categories> copd = categories("copd", {"none", "gold1", "gold2", "gold3", "gold4"});
    std::shared_ptr<const Categories> neighbourhood;
    SymbolTable symbols;
    ColumnWidths widths{8, 8, 1, 1, 1, 2, 8};
    std::vector<double> age, bmi, time_in_copd;
    std::vector<std::uint8_t> sexes, smokers, copds;
    std::vector<std::uint16_t> neighbourhoods;
    std::vector<double> scalars{2013.5, 0.25};
    std::vector<const void*> columns;

    World() {
        std::vector<std::string> places;
        for (int i = 0; i < 300; ++i) places.push_back(fmt::format("n{}", i));
        neighbourhood = categories("neighbourhood", places);
        for (std::size_t i = 0; i < people; ++i) {
            age.push_back(static_cast<double>(i % 111) + 0.25 * static_cast<double>(i % 4));
            bmi.push_back(18.0 + static_cast<double>(i % 170) / 10.0);
            time_in_copd.push_back(static_cast<double>(i % 13) / 4.0);
            sexes.push_back(static_cast<std::uint8_t>(i % 2));
            smokers.push_back(static_cast<std::uint8_t>(i / 2 % 3));
            copds.push_back(static_cast<std::uint8_t>(i / 7 % 5));
            neighbourhoods.push_back(static_cast<std::uint16_t>(i * 7 % 300));
        }
        columns = {age.data(),         bmi.data(), sexes.data(), smokers.data(), copds.data(), neighbourhoods.data(),
                   time_in_copd.data()};
        symbols.set("age", NumberSymbol{0, unit("years")});
        symbols.set("bmi", NumberSymbol{1, unit("kg/m2")});
        symbols.set("sex", CategorySymbol{2, sex});
        symbols.set("smoking", CategorySymbol{3, smoking});
        symbols.set("copd", CategorySymbol{4, copd});
        symbols.set("neighbourhood", CategorySymbol{5, neighbourhood});
        symbols.set("year", ScalarSymbol{0, unit("years")});
        symbols.set("waiting", ScalarSymbol{1, unit("years")});
        symbols.set("risk", ConstantSymbol{0.25, unit("per year")});
        symbols.set("beta", ConstantSymbol{0.04, {}});
        symbols.set("price", ConstantSymbol{480.0, unit("EUR")});
        symbols.set("rr_smoking", TableSymbol{table("rr_smoking", {axis(smoking)}, {1.0, 2.0, 4.5}, {})});
        symbols.set("rr_copd",
                    TableSymbol{table("rr_copd", {axis(copd), axis(sex)}, {1, 1, 1.5, 1.25, 2, 2.5, 3, 4, 8, 7}, {})});
        std::vector<double> incidence;
        for (int s = 0; s < 2; ++s)
            for (int a = 0; a < 100; ++a) incidence.push_back(1e-4 * (s + 1) * (a + 1) * (a + 1));
        symbols.set("incidence",
                    TableSymbol{table("incidence", {axis(sex), ages(0.5, 100)}, incidence, unit("per year"))});
        symbols.set("tax",
                    TableSymbol{table("tax", {numbers("year", {2010, 2015, 2020}, Interpolation::step, unit("years"))},
                                      {0.1, 0.2, 0.3}, {})});
        DerivedSymbol band;
        band.expression.text = "bmi < 25 ? normal : bmi < 30 ? overweight : obese";
        band.categories = categories("bmi_band", {"normal", "overweight", "obese"});
        symbols.set("bmi_band", std::move(band));
        symbols.time_in_column = [](std::string_view, const std::vector<int>&) { return 6u; };
    }

    static TableAxis axis(std::shared_ptr<const Categories> of) { return {of->name, of, {}, {}, Interpolation::step}; }
    static TableAxis numbers(std::string name, std::vector<double> points, Interpolation between, Unit of) {
        return {std::move(name), nullptr, std::move(of), std::move(points), between};
    }
    static TableAxis ages(double first, int n) {
        std::vector<double> points;
        for (int i = 0; i < n; ++i) points.push_back(first + i);
        return numbers("age", points, Interpolation::linear, unit("years"));
    }
    static std::shared_ptr<const Table> table(std::string name, std::vector<TableAxis> axes, std::vector<double> values,
                                              Unit of) {
        return std::make_shared<const Table>(Table{std::move(name), std::move(axes), std::move(values), std::move(of)});
    }

    EvaluationInput input(const std::uint16_t* slots = nullptr, std::size_t n = people) const {
        return {columns.data(), scalars.data(), slots, n};
    }

    std::optional<Expression> bound(const std::string& text, const Expected& expected, DiagnosticSink& sink) const {
        return bind(ExprText{text, {}, true}, symbols, expected, sink);
    }
    /// The mistakes in `text`, as an author sees them in the second line of a file.
    std::string mistakes(const std::string& text, const Expected& expected = {}) const {
        SourceFiles files;
        const std::string line = "rate: " + text;
        const auto file = files.add("model.yaml", "process: x\n" + line + "\n");
        DiagnosticSink sink;
        const auto result =
            bind(ExprText{text, {file, 2, 7, static_cast<std::uint32_t>(text.size())}, true}, symbols, expected, sink);
        if (result) return "no mistake";
        return render(sink.items(), files, DiagnosticFormat::full, Colour::off);
    }
};

/// Expects a number of any unit.
inline Expected any_number() {
    Expected expected;
    expected.any_unit = true;
    return expected;
}

}  // namespace proeftuin::testing
