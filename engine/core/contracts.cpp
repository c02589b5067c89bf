#include "engine/core/contracts.hpp"

#include <fmt/format.h>

namespace proeftuin {

void contract_violated(const char* kind, const char* condition, const char* file, int line) {
    throw ContractViolation(fmt::format("{}:{}: {} broken: {}", file, line, kind, condition));
}

}  // namespace proeftuin
