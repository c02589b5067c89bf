// The functions of engine/core/math.hpp by name, for tables, loops and hashes.
#pragma once

/// APPLY(name, low, high): functions of one number, and a range that shows all their regions.
#define PT_EACH_UNARY(APPLY)      \
    APPLY(exp, -750.0, 715.0)     \
    APPLY(expm1, -60.0, 715.0)    \
    APPLY(log, -0.1, 8.0)         \
    APPLY(log1p, -1.01, 4.0)      \
    APPLY(logistic, -750.0, 45.0) \
    APPLY(logit, -0.01, 1.01)     \
    APPLY(normal_quantile, -0.01, 1.01)
