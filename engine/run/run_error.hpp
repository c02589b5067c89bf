// A number that left its domain while people were made or stepped, with the place of the expression that gave it.
#pragma once

#include "engine/config/diagnostic.hpp"
#include "engine/core/errors.hpp"

namespace proeftuin {

/// A mistake of the input that shows only on people.
class RunError : public NumericError {
public:
    explicit RunError(Diagnostic diagnostic) : NumericError(diagnostic.message), diagnostic_{std::move(diagnostic)} {}
    const Diagnostic& diagnostic() const { return diagnostic_; }

private:
    Diagnostic diagnostic_;
};

}  // namespace proeftuin
