// People as plain columns by name: what synthesis makes, files hold and a run starts from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace proeftuin {

/// One number per person.
struct NumberColumn {
    std::string name;
    std::string unit;
    std::vector<double> values;
};

/// One category per person.
struct CategoryColumn {
    std::string name;
    std::vector<std::string> labels;  ///< label of each code
    std::vector<std::uint16_t> codes;
};

/// People of a start population. Row number = uid. `age` (years, at the start date) is a number column.
struct PersonTable {
    std::size_t people = 0;
    std::vector<NumberColumn> numbers;
    std::vector<CategoryColumn> categories;

    const NumberColumn* number(const std::string& name) const {
        for (const auto& c : numbers)
            if (c.name == name) return &c;
        return nullptr;
    }
    const CategoryColumn* category(const std::string& name) const {
        for (const auto& c : categories)
            if (c.name == name) return &c;
        return nullptr;
    }
};

}  // namespace proeftuin
