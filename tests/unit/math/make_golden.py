#!/usr/bin/env python3
"""Writes golden.inc: our results as bits beside the nearest double to the exact result (needs mpmath, g++).

Fails when a result is farther from the exact one than the error that engine/core/math.hpp states.
Run from the root of the repository after an intended change of bits.
"""
import struct
import subprocess
import tempfile

from mpmath import mp, mpf, exp, expm1, log, log1p, erfinv, erfc, sqrt, pi, findroot, isinf

mp.dps = 60
STATED = {"exp": 0.9, "expm1": 1.2, "log": 0.9, "log1p": 0.9, "logistic": 1.5, "logit": 0.9,
          "normal_quantile": 1.4, "pow": 0.9}
HERE = "tests/unit/math"


def number(bits):
    return struct.unpack("<d", struct.pack("<Q", int(bits, 16)))[0]


def bits(x):
    return struct.unpack("<Q", struct.pack("<d", x))[0]


def nearest(x):
    """The double nearest to x, also when it is subnormal (ties do not occur)."""
    if abs(x) >= mpf(2) ** 1024 - mpf(2) ** 970:
        return float("inf") if x > 0 else float("-inf")
    if abs(x) < mpf(2) ** -1022:
        return float(mp.nint(x * mpf(2) ** 1074)) * 2.0 ** -1074
    return float(x)


def ulp(x):
    x = abs(x)
    if x < mpf(2) ** -1022:
        return mpf(2) ** -1074
    return mpf(2) ** (mp.frexp(x)[1] - 53)


def normal_quantile(p):
    upper = p > 0.5
    tail = 1 - p if upper else p
    z = -sqrt(-2 * log(tail)) if tail < mpf("0.01") else mpf(0)
    for _ in range(200):
        density = exp(-z * z / 2) / sqrt(2 * pi)
        step = (erfc(-z / sqrt(mpf(2))) / 2 - tail) / density
        # Halley's step, which holds far into the tail.
        step = step / (1 + step * z / 2)
        z -= step
        if abs(step) < mpf(10) ** -45 * max(abs(z), mpf(10) ** -25):
            break
    return -z if upper else z


EXACT = {
    "exp": lambda x, y: exp(x), "expm1": lambda x, y: expm1(x), "log": lambda x, y: log(x),
    "log1p": lambda x, y: log1p(x), "logistic": lambda x, y: 1 / (1 + exp(-x)),
    "logit": lambda x, y: log(x) - log1p(-x), "normal_quantile": lambda x, y: normal_quantile(x),
    "pow": lambda x, y: exp(y * log(x)),
}


def in_domain(name, x):
    if name == "log":
        return x > 0
    if name == "log1p":
        return x > -1
    if name in ("logit", "normal_quantile"):
        return 0 < x < 1
    return True


def main():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["g++", "-std=c++20", "-O1", "-ffp-contract=off", "-I.", f"{HERE}/print_golden.cpp",
                        "-o", f"{folder}/print"], check=True)
        lines = subprocess.run([f"{folder}/print"], check=True, capture_output=True, text=True).stdout
    worst, rows = {}, []
    for line in lines.splitlines():
        name, x_bits, y_bits, result_bits = line.split()
        x, y, result = number(x_bits), number(y_bits), number(result_bits)
        if not in_domain(name, x):
            assert result != result or abs(result) == float("inf"), line
            continue
        mp.dps = 60 + (350 if 0 < abs(x) < 1e-30 else 0)
        exact = EXACT[name](mpf(x), mpf(y))
        reference = nearest(exact)
        if abs(result) == float("inf"):
            assert result == reference, line
        else:
            error = abs(mpf(result) - exact) / ulp(exact)
            limit = 1.0 if abs(exact) < mpf(2) ** -1022 else STATED[name]
            assert error <= limit, (line, float(error), x, y)
            worst[name] = max(worst.get(name, 0), float(error))
        rows.append(f'    {{"{name}", 0x{x_bits}, 0x{y_bits}, 0x{result_bits}, 0x{bits(reference):016x}}},')
    with open(f"{HERE}/golden.inc", "w") as out:
        out.write("// Written by make_golden.py: function, x, y, our result, the double nearest to the exact one.\n")
        out.write("\n".join(rows) + "\n")
    print(len(rows), worst)


if __name__ == "__main__":
    main()
