#!/usr/bin/env python3
"""Compares the variants of the reference model: interleaved runs, medians, ratios.

    benchmarks/run.py                       all variants
    benchmarks/run.py --variants clocks,monthly --repeats 9 --json out.json

Compare numbers of one sitting on one machine only. The time is that of the processor, so that other programs disturb
little; a person-year counts each person at the start for every year simulated, dead or alive.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# The slow variants get fewer people: time is proportional to people in all of them.
SHARE_OF_PEOPLE = {"objects": 0.1, "maps": 0.02}


def find_binary():
    for folder in ("build/bench", "build", "build/release"):
        path = ROOT / folder / "proeftuin_reference_model"
        if path.exists():
            return path
    sys.exit("proeftuin_reference_model is not built: cmake --preset bench && cmake --build --preset bench")


def run_once(binary, variant, people, years, seed):
    done = subprocess.run([binary, variant, str(people), str(years), str(seed)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{variant}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, help="proeftuin_reference_model; default: the newest build folder")
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--years", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--variants", help="comma-separated; default: all")
    parser.add_argument("--against", help="variant that ratios refer to; default: clocks, or the first")
    parser.add_argument("--json", type=pathlib.Path, help="write every measurement here")
    options = parser.parse_args()

    binary = options.binary or find_binary()
    listing = subprocess.run([binary], capture_output=True, text=True, check=True).stdout.splitlines()
    known = dict(line.split("\t") for line in listing)
    names = options.variants.split(",") if options.variants else list(known)
    if unknown := [n for n in names if n not in known]:
        sys.exit(f"no variant {', '.join(unknown)}; there are {', '.join(known)}")
    against = options.against or ("clocks" if "clocks" in names else names[0])

    runs = {name: [] for name in names}
    for repeat in range(options.repeats):
        for name in names:
            people = max(100, int(options.people * SHARE_OF_PEOPLE.get(name, 1.0)))
            runs[name].append(run_once(binary, name, people, options.years, seed=repeat + 1))
            print(f"\r{repeat + 1}/{options.repeats} {name:<16}", end="", file=sys.stderr, flush=True)
    print("\r" + " " * 40 + "\r", end="", file=sys.stderr)

    def nanoseconds(run):
        return 1e9 * run["cpu_seconds"] / (run["people"] * run["years"])

    median = {name: statistics.median(map(nanoseconds, runs[name])) for name in names}
    print(f"{'variant':<16}{'ns per person-year':>20}{'lowest':>10}{'million person-years/s':>25}{'relative to ' + against:>22}")
    for name in names:
        ratio = median[against] / median[name]
        shown = f"{ratio:.2f}" if ratio > 0.1 else f"1/{1 / ratio:.0f}"
        lowest = min(map(nanoseconds, runs[name]))
        print(f"{name:<16}{median[name]:>20.1f}{lowest:>10.1f}{1e3 / median[name]:>25.3f}{shown:>22}")
    if options.json:
        report = {"load_average": os.getloadavg(), "against": against, "variants": known,
                  "ns_per_person_year": median, "runs": runs}
        options.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
