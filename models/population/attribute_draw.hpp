// Gives people or households a category each, so that shares by sex, age, group and municipality hold.
#pragma once

#include <cstdint>
#include <vector>

#include "models/population/fit_report.hpp"
#include "models/population/region.hpp"

namespace proeftuin::population {

/// Who gets a category: people, or households (which have no sex and age).
struct Units {
    std::vector<std::uint32_t> neighbourhood;
    std::vector<std::uint8_t> sex;
    std::vector<std::uint16_t> age;
    std::vector<std::uint16_t> given;  ///< code of the attribute that its gradient goes by; 0 without one
    bool with_sex_age = true;
    std::size_t size() const { return neighbourhood.size(); }
};

struct AttributeDraw {
    std::vector<std::uint16_t> codes;
    std::vector<MarginFit> fits;
    std::vector<std::string> remarks;
};

/// Expected shares follow the national ones by sex and age, turned by the gradients (which leave the national average
/// as it is) and fitted to the municipal totals; they are integerised and handed out in keyed random order.
AttributeDraw draw_attribute(const RegionSpec& region, std::size_t attribute, const Units& units, std::uint64_t seed);

/// Draws the number behind the class of an attribute with a NumberRule.
double number_in_class(const RegionSpec& region, const RegionAttribute& attribute, std::size_t sex, std::size_t age,
                       std::size_t category, double uniform);

}  // namespace proeftuin::population
