// Which values an expression can take, as far as its constants and tables tell; what they must be.
#pragma once

#include <limits>

#include "engine/expr/expression.hpp"

namespace proeftuin {

/// Values that a number may have because of what it is used for.
struct Domain {
    double low;
    double high;
    const char* words;  ///< why: "a probability is from 0 to 1"

    bool holds(double value) const { return value >= low && value <= high + slack; }
    /// Sums of rounded shares may miss 1 by a few last bits.
    static constexpr double slack = 1e-9;
};

inline constexpr Domain probability_domain{0.0, 1.0, "a probability is from 0 to 1"};
inline constexpr Domain rate_domain{0.0, std::numeric_limits<double>::infinity(), "a rate is at least 0"};
inline constexpr Domain amount_domain{0.0, std::numeric_limits<double>::infinity(), "an amount is at least 0"};
inline constexpr Domain factor_domain{0.0, std::numeric_limits<double>::infinity(), "a factor on rates is at least 0"};

inline constexpr Domain utility_domain{-1.0, 1.0, "a utility is from -1 to 1"};
/// 97 instead of 0.97 is seen, a gain of some per cent is taken.
inline constexpr Domain utility_factor_domain{0.0, 1.5, "an effect on the utility is a factor from 0 to 1.5"};

/// Bounds of the values of an expression; infinite where it depends on a number of a person or on time.
struct ValueRange {
    double low;
    double high;
    /// Both ends are values that the expression takes, if every row of its tables is somebody's; otherwise it may stay
    /// well within them.
    bool attained;

    /// A value outside of the domain that the expression takes for certain; NaN when there may be none.
    double outside(const Domain& domain) const;
};

ValueRange range_of(const Expression& expression);

}  // namespace proeftuin
