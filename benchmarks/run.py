#!/usr/bin/env python3
"""Compares the variants of the reference model and holds the ratios against their targets: interleaved runs, medians.

    benchmarks/run.py                       all variants, Sick-Sicker, every target
    benchmarks/run.py --variants clocks,monthly --repeats 9 --json out.json
    benchmarks/run.py --long                also the region at two sizes over forty years: takes half an hour
    benchmarks/run.py --variance            instead: what pairing does to the variance of a difference

Compare numbers of one sitting on one machine only. Times are those of the processor, so that other programs disturb
little; but what threads gain shows only on the wall, on a machine that does nothing else. A person-year (or person-cycle)
counts each person at the start for every year simulated, dead or alive. Speed is the inverse of time: 0.5 is half as fast.
With --strict the exit code is 1 when a target is not met.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# The slow variants get fewer people: time is proportional to people in all of them.
SHARE_OF_PEOPLE = {"objects": 0.1, "maps": 0.02}
SICK_SICKER = ["scenarios/textbook/sick_sicker_a.yaml", "scenarios/textbook/sick_sicker_a_treatment.yaml"]
SICK_SICKER_CYCLES = 30
REGION = "scenarios/maastricht_heuvelland/usual_care_2013.yaml"
REGION_SIZES = (170_000, 1_000_000)
REGION_YEARS = 40
# With one core taken by others, two threads show nothing.
BUSY = 0.5


def find_folder(given):
    folders = [given] if given else [ROOT / "build" / "bench", ROOT / "build", ROOT / "build" / "release"]
    for folder in folders:
        if (folder / "proeftuin_reference_model").exists():
            return folder
    sys.exit("proeftuin_reference_model is not built: cmake --preset bench && cmake --build --preset bench")


def show_progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def run_json(*command):
    environment = {"PROEFTUIN_LIBRARY": str(ROOT / "models" / "library"), **os.environ}
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, env=environment)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def run_beside(*command):
    """Two runs beside each other, with nothing in common but the machine: what two threads could gain on it."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda _: run_json(*command), range(2)))


class Targets:
    """Rows `what  measured  wanted  met` over repeats; what was not measured has no row."""

    def __init__(self):
        self.rows = []

    def add(self, what, values, wanted, at_least, form="{:.2f}", middle=None):
        """`values` by repeat show the spread; `middle` is what is judged, by default their median."""
        middle = statistics.median(values) if middle is None else middle
        met = None if wanted is None else middle >= wanted if at_least else middle <= wanted
        self.rows.append({"what": what, "measured": middle, "lowest": min(values), "highest": max(values), "wanted": wanted,
                          "met": met})
        sign = ">=" if at_least else "<="
        goal = "no target" if wanted is None else f"{sign} {form.format(wanted)}"
        verdict = "" if met is None else "met" if met else "NOT MET"
        spread = f"({form.format(min(values))} to {form.format(max(values))})" if len(values) > 1 else ""
        return f"{what:<58}{form.format(middle):>10}  {spread:<22}{goal:<12}{verdict}"

    def missed(self):
        return [row["what"] for row in self.rows if row["met"] is False]


def nanoseconds(run):
    return 1e9 * run["cpu_seconds"] / (run["people"] * run["years"])


def wall_nanoseconds(run):
    return 1e9 * run["seconds"] / (run["people"] * run["years"])


def print_variants(runs, against):
    median = {name: statistics.median(map(nanoseconds, runs[name])) for name in runs}
    if "engine-2-threads" in runs:  # The clock of one thread does not see the other.
        median["engine-2-threads"] = statistics.median(map(wall_nanoseconds, runs["engine-2-threads"]))
    print(f"{'variant':<18}{'ns per person-year':>20}{'lowest':>10}{'million person-years/s':>25}{'relative to ' + against:>22}")
    for name in runs:
        ratio = median[against] / median[name]
        shown = f"{ratio:.2f}" if ratio > 0.1 else f"1/{1 / ratio:.0f}"
        lowest = min(map(wall_nanoseconds if name == "engine-2-threads" else nanoseconds, runs[name]))
        print(f"{name:<18}{median[name]:>20.1f}{lowest:>10.1f}{1e3 / median[name]:>25.3f}{shown:>22}")
    return median


def judge_variants(targets, runs, beside):
    def speed(what, fast, slow, wanted, clock=nanoseconds, form="{:.2f}"):
        """Time of `slow` over time of `fast`."""
        if fast not in runs or slow not in runs:
            return
        ratios = [clock(s) / clock(f) for f, s in zip(runs[fast], runs[slow])]
        middle = statistics.median(map(clock, runs[slow])) / statistics.median(map(clock, runs[fast]))
        print(targets.add(what, ratios, wanted, True, form, middle))

    speed("speed of YAML, hand-written clocks = 1", "engine", "clocks", 0.6)
    speed("speed of YAML, hand-written monthly steps = 1", "engine", "monthly", 2.5)
    speed("speed of YAML, objects with virtual calls = 1", "engine", "objects", 30, form="{:.0f}")
    speed("speed of YAML, maps from names = 1", "engine", "maps", 120, form="{:.0f}")
    speed("speed on two threads, one thread = 1", "engine-2-threads", "engine", 1.9, wall_nanoseconds)
    if "engine" in runs and "engine-2-threads" in runs:
        # On a busy machine this is what can be said: how much the threads do beside the work.
        work = [two["processor_seconds"] / one["processor_seconds"] for one, two in zip(runs["engine"], runs["engine-2-threads"])]
        print(targets.add("  processor time of both together, one thread = 1", work, None, False))
        machine = [2 * wall_nanoseconds(one) / max(map(wall_nanoseconds, two)) for one, two in zip(runs["engine"], beside)]
        print(targets.add("  two runs beside each other, one run = 1", machine, None, False))
    if "engine" in runs and "engine-outputs" in runs:
        pairs = list(zip(runs["engine"], runs["engine-outputs"]))
        shares = [100 * (1 - nanoseconds(a) / nanoseconds(b)) for a, b in pairs]
        lean, full = (statistics.median(map(nanoseconds, runs[name])) for name in ("engine", "engine-outputs"))
        print(targets.add("share of full grouped outputs in the run, %", shares, 25, False, "{:.0f}", 100 * (1 - lean / full)))
    if "engine" in runs:
        engine = runs["engine"]
        read = [1e3 * (r["load_seconds"] + r["compile_seconds"]) for r in engine]
        print(targets.add("reading and compiling the model, ms", read, 50, False, "{:.1f}"))
        print(targets.add("  of which bytecode, ms", [1e3 * r["bytecode_seconds"] for r in engine], 2, False, "{:.2f}"))


def time_scenario(folder, scenario, people, years, threads, seed):
    return run_json(folder / "proeftuin_time_scenario", ROOT / scenario, people, years, threads, seed)


def judge_region(targets, folder, repeats):
    runs = {size: [] for size in REGION_SIZES}
    for repeat in range(repeats):
        for size in REGION_SIZES:
            show_progress(f"region of {size:,} people, {REGION_YEARS} years, {repeat + 1}/{repeats}")
            runs[size].append(time_scenario(folder, REGION, size, REGION_YEARS, 2, repeat + 1))
    show_progress("")
    small, large = REGION_SIZES

    def cost(run):
        return 1e9 * run["processor_seconds"] / run["person_years"]

    for size in REGION_SIZES:
        seconds = statistics.median(run["seconds"] for run in runs[size])
        first = runs[size][0]
        print(f"region, {size:>9,} people x {REGION_YEARS} years: {statistics.median(map(cost, runs[size])):.0f} ns of processor a "
              f"person-year, {seconds:.1f} s on 2 threads, {first['bytes_per_person']} bytes a person, {first['peak_megabytes']} MB")
    middle = statistics.median(map(cost, runs[large])) / statistics.median(map(cost, runs[small]))
    ratios = [cost(b) / cost(a) for a, b in zip(runs[small], runs[large])]
    print(targets.add(f"cost per person-year, {large:,} people against {small:,}", ratios, 1.10, False, "{:.2f}", middle))
    return {str(size): runs[size] for size in REGION_SIZES}


def variance_ratio(usual, paired, apart):
    """Variance of the difference with seeds of its own for each scenario, over that with the same for both."""
    of_pairs = statistics.variance(b - a for a, b in zip(usual, paired))
    return statistics.variance(b - a for a, b in zip(usual, apart)) / of_pairs if of_pairs > 0 else float("inf")


def judge_variance(targets, binary, names, people, years, replicates):
    """Every run has the same people at the start, so that only luck differs between replicates."""
    print(f"{people:,} people, three programmes on a third of them, {years} years, {replicates} replicates; variance of the difference,")
    print("independent seeds over the same seed (95 % by resampling)")
    print(f"{'variant':<18}{'QALYs':>24}{'deaths':>24}{'QALYs gained per person':>28}")
    all_runs = {}
    for name in names:
        runs = {"usual": [], "paired": [], "apart": []}
        for r in range(1, replicates + 1):
            show_progress(f"{name} {r}/{replicates}")
            for arm, seed in (("usual", r), ("paired", r), ("apart", 1_000_000 + r)):
                runs[arm].append(run_json(binary, name, people, years, seed, "none" if arm == "usual" else "programmes", 1))
        show_progress("")
        all_runs[name] = runs
        shown = []
        for what in ("qalys", "alive"):
            series = [[run[what] for run in runs[arm]] for arm in ("usual", "paired", "apart")]
            ratio = variance_ratio(*series)
            chance = random.Random(1)
            spread = []
            for _ in range(2000):
                rows = [chance.randrange(replicates) for _ in range(replicates)]
                spread.append(variance_ratio(*[[s[k] for k in rows] for s in series]))
            spread.sort()
            low, high = spread[50], spread[-51]
            shown.append(f"{ratio:.0f} ({low:.0f} to {high:.0f})")
            if what == "qalys":
                of_qalys, spread_of_qalys = ratio, [low, high]
        gain = statistics.mean(b["qalys"] - a["qalys"] for a, b in zip(runs["usual"], runs["paired"])) / people
        print(f"{name:<18}{shown[0]:>24}{shown[1]:>24}{gain:>28.5f}")
        if name == "engine":
            row = targets.add("variance of a QALY difference, independent over paired", spread_of_qalys, 1000, True, "{:.0f}", of_qalys)
    if "engine" in names:
        print("\n" + row)
    return all_runs


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, help="build folder; default: build/bench, build or build/release")
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--years", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--variants", help="comma-separated; default: all")
    parser.add_argument("--against", help="variant that ratios refer to; default: clocks, or the first")
    parser.add_argument("--long", type=int, nargs="?", const=1, default=0, metavar="REPEATS",
                        help="also the region at two sizes over forty years")
    parser.add_argument("--variance", action="store_true", help="only the variance of a difference, independent and paired")
    parser.add_argument("--replicates", type=int, default=40, help="of --variance")
    parser.add_argument("--strict", action="store_true", help="exit code 1 when a target is not met")
    parser.add_argument("--json", type=pathlib.Path, help="write every measurement here")
    options = parser.parse_args()

    folder = find_folder(options.build)
    binary = folder / "proeftuin_reference_model"
    listing = subprocess.run([binary], capture_output=True, text=True, check=True).stdout.splitlines()
    known = dict(line.split("\t") for line in listing)
    names = options.variants.split(",") if options.variants else ["engine", "clocks", "monthly"] if options.variance else list(known)
    if unknown := [n for n in names if n not in known]:
        sys.exit(f"no variant {', '.join(unknown)}; there are {', '.join(known)}")
    load = os.getloadavg()[0]
    targets = Targets()
    report = {"variants": known}

    if options.variance:
        report["variance"] = judge_variance(targets, binary, names, 20_480, options.years, options.replicates)
    else:
        against = options.against or ("clocks" if "clocks" in names else names[0])
        runs = {name: [] for name in names}
        beside = []
        sick_sicker = []
        for repeat in range(options.repeats):
            for name in names:
                show_progress(f"{repeat + 1}/{options.repeats} {name}")
                people = max(100, int(options.people * SHARE_OF_PEOPLE.get(name, 1.0)))
                runs[name].append(run_json(binary, name, people, options.years, repeat + 1))
                if name == "engine-2-threads":
                    beside.append(run_beside(binary, "engine", people, options.years, repeat + 1))
            if not options.variants:
                show_progress(f"{repeat + 1}/{options.repeats} Sick-Sicker")
                sick_sicker.append([time_scenario(folder, arm, 1_000_000, 0, 2, repeat + 1) for arm in SICK_SICKER])
        show_progress("")
        median = print_variants(runs, against)
        print()
        judge_variants(targets, runs, beside)
        if sick_sicker:
            cycles = [SICK_SICKER_CYCLES * sum(arm["people"] for arm in arms) for arms in sick_sicker]
            speeds = [n / sum(arm["seconds"] for arm in arms) / 1e6 for n, arms in zip(cycles, sick_sicker)]
            print(targets.add("Sick-Sicker, two arms, two threads: million person-cycles/s", speeds, 100, True, "{:.0f}"))
            region = time_scenario(folder, REGION, 1000, 1, 2, 1)
            read = 1e3 * (region["load_seconds"] + region["compile_seconds"])
            print(targets.add("reading and compiling the region, ms", [read], None, False, "{:.0f}"))
        report |= {"against": against, "ns_per_person_year": median, "runs": runs, "beside": beside, "sick_sicker": sick_sicker}
        if options.long:
            report["region"] = judge_region(targets, folder, options.long)

    busy = "; other programs run: what is said of threads means nothing, the rest little" if load > BUSY else ""
    print(f"\nload average {load:.1f} before, {os.getloadavg()[0]:.1f} after{busy}")
    if options.json:
        report |= {"load_average_before": load, "load_average": os.getloadavg(), "targets": targets.rows}
        options.json.write_text(json.dumps(report, indent=1) + "\n")
    if options.strict and targets.missed():
        sys.exit(f"not met: {', '.join(targets.missed())}")


if __name__ == "__main__":
    main()
