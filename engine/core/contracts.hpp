// Checks on what the program promises itself; never on what a user wrote.
#pragma once

#include <stdexcept>

namespace proeftuin {

/// A promise between two parts of the program was broken: a defect of ours, never of the input.
class ContractViolation : public std::logic_error {
public:
    using std::logic_error::logic_error;
};

/// Throws ContractViolation with the place and the text of the broken condition.
[[noreturn]] void contract_violated(const char* kind, const char* condition, const char* file, int line);

}  // namespace proeftuin

#if PT_CONTRACTS
#define PT_CHECK_(kind, condition) \
    ((condition) ? static_cast<void>(0) : ::proeftuin::contract_violated(kind, #condition, __FILE__, __LINE__))
#else
// Not evaluated, and yet used: a variable that only a contract reads is no mistake.
#define PT_CHECK_(kind, condition) static_cast<void>(sizeof((condition) ? 1 : 0))
#endif

/// What must hold on entry.
#define PT_EXPECT(condition) PT_CHECK_("precondition", condition)
/// What must hold in between.
#define PT_ASSERT(condition) PT_CHECK_("invariant", condition)
/// What must hold on return.
#define PT_ENSURE(condition) PT_CHECK_("postcondition", condition)
