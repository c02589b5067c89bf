// A small matrix exponential of its own, by scaling and squaring of the Taylor series.
#pragma once

#include <cmath>
#include <vector>

namespace proeftuin::lab {

using Matrix = std::vector<std::vector<double>>;

inline Matrix times(const Matrix& a, const Matrix& b) {
    const std::size_t n = a.size();
    Matrix c(n, std::vector<double>(n, 0.0));
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t k = 0; k < n; ++k)
            for (std::size_t j = 0; j < n; ++j) c[i][j] += a[i][k] * b[k][j];
    return c;
}

/// exp(q t)
inline Matrix expm(const Matrix& q, double t) {
    const std::size_t n = q.size();
    double norm = 0.0;
    for (const auto& row : q)
        for (const double x : row) norm = std::fmax(norm, std::fabs(x * t));
    int squarings = 0;
    while (std::ldexp(norm * static_cast<double>(n), -squarings) > 0.125) ++squarings;
    Matrix a = q;
    for (auto& row : a)
        for (double& x : row) x = std::ldexp(x * t, -squarings);
    Matrix sum(n, std::vector<double>(n, 0.0)), term = sum;
    for (std::size_t i = 0; i < n; ++i) sum[i][i] = term[i][i] = 1.0;
    for (int k = 1; k <= 18; ++k) {
        term = times(term, a);
        for (auto& row : term)
            for (double& x : row) x /= k;
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) sum[i][j] += term[i][j];
    }
    for (int s = 0; s < squarings; ++s) sum = times(sum, sum);
    return sum;
}

inline std::vector<double> row_times(const std::vector<double>& x, const Matrix& m) {
    std::vector<double> y(x.size(), 0.0);
    for (std::size_t i = 0; i < x.size(); ++i)
        for (std::size_t j = 0; j < x.size(); ++j) y[j] += x[i] * m[i][j];
    return y;
}

}  // namespace proeftuin::lab
