#include <algorithm>

#include "engine/expr/type.hpp"

namespace proeftuin {

int Categories::code(std::string_view label) const {
    const auto found = std::find(labels.begin(), labels.end(), label);
    return found == labels.end() ? -1 : static_cast<int>(found - labels.begin());
}

const Symbol* SymbolTable::find(std::string_view name) const {
    const auto found = symbols_.find(std::string{name});
    return found == symbols_.end() ? nullptr : &found->second;
}

std::vector<std::string> SymbolTable::names() const {
    std::vector<std::string> result;
    result.reserve(symbols_.size());
    for (const auto& [name, symbol] : symbols_) result.push_back(name);
    std::sort(result.begin(), result.end());
    return result;
}

}  // namespace proeftuin
