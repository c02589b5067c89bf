#!/usr/bin/env python3
"""Derives the polynomials of engine/core/math.hpp (needs mpmath); prints C++ arrays, lowest power first.

Each is the weighted minimax polynomial of a function on an interval, found by the exchange algorithm
of Remez in 60 digits. Coefficients are then rounded to double from the lowest power up, and the rest
refitted after each rounding, so that a rounding is made good by the powers above it. The printed error
is that of the rounded polynomial, evaluated exactly. Rational functions are interpolated, and the points of
interpolation moved until the largest errors between them are equal.
"""
from mpmath import (mp, mpf, lu_solve, matrix, cos, sin, pi, exp, expm1, erfc, atanh, sqrt, log,
                    polyval)

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


def normal_quantile(tail):
    """z > 0 with P(Z > z) = tail, for tail < 1/2: Halley's method."""
    z = sqrt(-2 * log(tail)) if tail < mpf("0.01") else mpf(1)
    for _ in range(100):
        step = (erfc(z / sqrt(mpf(2))) / 2 - tail) / (exp(-z * z / 2) / sqrt(2 * pi))
        step /= 1 - step * z / 2
        z += step
        if abs(step) < mpf(10) ** -38:
            break
    return z


def chebyshev_interpolant(f, lo, hi, n):
    """Stands for an f that is slow: barycentric interpolation, far more exact than needed."""
    xs = [(lo + hi) / 2 - (hi - lo) / 2 * cos(pi * (2 * i + 1) / (2 * n)) for i in range(n)]
    weights = [(-1) ** i * sin(pi * (2 * i + 1) / (2 * n)) for i in range(n)]
    values = [f(x) for x in xs]

    def evaluate(x):
        above, below = mpf(0), mpf(0)
        for xi, wi, fi in zip(xs, weights, values):
            if abs(x - xi) < mpf(10) ** -45:
                return fi
            above += wi / (x - xi) * fi
            below += wi / (x - xi)
        return above / below

    return evaluate


def fit_rational(name, slow, weight, lo, hi, degree, samples):
    """Minimax of weight * (f - N / D), both of `degree`, D(0) = 1."""
    f = chebyshev_interpolant(slow, lo, hi, samples)
    n = 2 * degree + 1
    ratio = lambda c, d, x: polyval(c[::-1], x) / polyval(d[::-1], x)
    nodes = [lo + (hi - lo) * (1 - cos(pi * (2 * i + 1) / (2 * n))) / 2 for i in range(n)]
    gaps = [b - a for a, b in zip([lo] + nodes, nodes + [hi])]
    for _ in range(60):
        a, b = matrix(n, n), matrix(n, 1)
        for i, x in enumerate(nodes):
            b[i] = f(x)
            for j in range(degree + 1):
                a[i, j] = x ** j
            for j in range(1, degree + 1):
                a[i, degree + j] = -b[i] * x ** j
        c = lu_solve(a, b)
        numerator = [c[j] for j in range(degree + 1)]
        denominator = [mpf(1)] + [c[degree + j] for j in range(1, degree + 1)]
        ends = [lo] + nodes + [hi]
        errors = []
        for i in range(n + 1):
            inside = (0, .2, .4, .6, .8) if i == 0 else (.2, .4, .6, .8, 1) if i == n else (.2, .35, .5, .65, .8)
            points = [ends[i] + (ends[i + 1] - ends[i]) * mpf(t) for t in inside]
            errors.append(max(abs(weight(x) * (f(x) - ratio(numerator, denominator, x))) for x in points))
        if max(errors) < mpf("1.1") * min(errors):
            break
        middle = sum(log(e) for e in errors) / len(errors)
        gaps = [gap * exp(-mpf("1.2") / n * (log(e) - middle)) for gap, e in zip(gaps, errors)]
        unit = (hi - lo) / sum(gaps)
        nodes = [lo + unit * sum(gaps[:i + 1]) for i in range(n)]
    numerator = [mpf(float(x)) for x in numerator]
    denominator = [mpf(float(x)) for x in denominator]
    grid = [lo + (hi - lo) * (1 - cos(pi * i / 600)) / 2 for i in range(601)]
    worst = max(abs(weight(x) * (f(x) - ratio(numerator, denominator, x))) for x in grid)
    print(f"// {name}: error relative to the quantile 2^{float(log(worst, 2)):.1f}")
    print("    N: " + ", ".join(float(x).hex() for x in numerator))
    print("    D: " + ", ".join(float(x).hex() for x in denominator) + "\n")


def fit_normal_quantile():
    square = mpf("0.180625")

    def central(r):
        w = square - r
        if w < mpf(10) ** -16:
            return sqrt(2 * pi) * (1 + pi * w / 3) - mpf("2.875")
        q = sqrt(w)
        return normal_quantile(mpf(1) / 2 - q) / q - mpf("2.875")

    fit_rational("central", central, lambda r: 1 / mpf(3), mpf(0), mpf("0.180626"), 8, 100)
    for name, slope, start, origin, lo, hi, samples in (
            ("middle", "1.09375", "-1.0625", 2, "0.27597", "5.0001", 90),
            ("far", "1.0078125", "-0.4375", 6, "0.9999", "32.7", 110)):
        line = lambda r: mpf(slope) * (r + origin) + mpf(start)
        fit_rational(name, lambda r: normal_quantile(exp(-(r + origin) ** 2 / 2)) - line(r),
                     lambda r: 1 / line(r), mpf(lo), mpf(hi), 8, samples)


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
    mp.dps = 50
    fit_normal_quantile()
