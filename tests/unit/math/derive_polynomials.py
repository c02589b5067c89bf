#!/usr/bin/env python3
"""Derives the polynomials of engine/core/math.hpp (needs mpmath); prints C++ arrays, lowest power first.

Each is the weighted minimax polynomial of a function on an interval, found by the exchange algorithm
of Remez in 60 digits. Coefficients are then rounded to double from the lowest power up, and the rest
refitted after each rounding, so that a rounding is made good by the powers above it. The printed error
is that of the rounded polynomial, evaluated exactly.
"""
from mpmath import mp, mpf, lu_solve, matrix, cos, pi, expm1, atanh, sqrt, log

mp.dps = 60


def remez(f, weight, lo, hi, powers):
    """Minimax of weight(x) * (f(x) - sum c_i x^powers[i]) on [lo, hi]."""
    n = len(powers) + 1
    nodes = [(lo + hi) / 2 - (hi - lo) / 2 * cos(pi * (2 * i + 1) / (2 * n)) for i in range(n)]
    c = None
    for _ in range(30):
        a, b = matrix(n, n), matrix(n, 1)
        for i, x in enumerate(nodes):
            for j, p in enumerate(powers):
                a[i, j] = x ** p
            a[i, n - 1] = (-1) ** i / weight(x)
            b[i] = f(x)
        c = lu_solve(a, b)
        err = lambda x: weight(x) * (f(x) - sum(c[j] * x ** p for j, p in enumerate(powers)))
        grid = [lo + (hi - lo) * (1 - cos(pi * i / (40 * n))) / 2 for i in range(40 * n + 1)]
        values = [err(x) for x in grid]
        extrema, best = [], 0
        for i in range(1, len(grid)):
            if values[i] * values[best] < 0:
                extrema.append(best)
                best = i
            elif abs(values[i]) > abs(values[best]):
                best = i
        extrema.append(best)
        while len(extrema) > n:  # drop the weaker end
            extrema.pop(0 if abs(values[extrema[0]]) < abs(values[extrema[-1]]) else -1)
        if len(extrema) < n:
            break
        new = [grid[i] for i in extrema]
        spread = max(abs(values[i]) for i in extrema) / min(abs(values[i]) for i in extrema)
        nodes = new
        if spread < mpf("1.01"):
            break
    return [c[j] for j in range(len(powers))]


def fit(name, f, weight, lo, hi, degree, fixed=()):
    known = [mpf(x) for x in fixed]
    for start in range(len(known), degree + 1):
        rest = lambda x: f(x) - sum(k * x ** i for i, k in enumerate(known))
        c = remez(rest, weight, lo, hi, list(range(start, degree + 1)))
        known.append(mpf(float(c[0])))
    worst = max(abs(weight(x) * (f(x) - sum(k * x ** i for i, k in enumerate(known))))
                for x in [lo + (hi - lo) * i / 1999 for i in range(2000)] if x != 0)
    print(f"// {name}: weighted error 2^{float(log(worst, 2)):.1f}")
    print("    " + ",\n    ".join(float(k).hex() for k in known) + "\n")


half_ln2 = log(mpf(2)) / 2 * mpf("1.0001")
top = ((sqrt(mpf(2)) - 1) / (sqrt(mpf(2)) + 1)) ** 2 * mpf("1.001")
tiny = mpf(10) ** -12


def exp_tail(r):
    if abs(r) < tiny:
        return mpf(1) / 2 + r / 6 + r * r / 24
    return (expm1(r) - r) / (r * r)


def log_tail(z):
    if z < tiny:
        return mpf(2) / 3 + 2 * z / 5 + 2 * z * z / 7
    s = sqrt(z)
    return (2 * atanh(s) - 2 * s) / (s * z)


def log_tail2(z):
    if z < tiny:
        return mpf(2) / 5 + 2 * z / 7 + 2 * z * z / 9
    return (log_tail(z) - mpf(2) / 3) / z


if __name__ == "__main__":
    # exp(r) = 1 + r + r^2 p(r); error relative to 1.
    fit("exp_tail", exp_tail, lambda r: r * r + mpf(10) ** -6, -half_ln2, half_ln2, 10, [0.5])
    # log((1+s)/(1-s)) = 2s + s z p(z), z = s^2; error relative to 2s.
    fit("log_tail", log_tail, lambda z: (z + mpf(10) ** -6) / 2, mpf(0), top, 6)
    # The same beyond 2/3, for pow: 2s + s z (2/3 + z p(z)).
    fit("log_tail2", log_tail2, lambda z: (z + mpf(10) ** -6) ** 2 / 2, mpf(0), top, 7)
    ln2 = log(mpf(2))
    for bits in (42, 53):
        hi = mp.floor(ln2 * 2 ** bits) / mpf(2) ** bits if bits == 42 else mpf(float(ln2))
        print("ln2 hi/lo", bits, float(hi).hex(), float(ln2 - hi).hex(), float(ln2 - hi - mpf(float(ln2 - hi))).hex())
    print("log2e", float(1 / ln2).hex())
