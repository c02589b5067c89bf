#!/usr/bin/env python3
"""Compares builds on the cases of cases.txt: interleaved runs of whole commands, medians, ratios to the first build.

    benchmarks/compare.py build/old build/new
    benchmarks/compare.py build/old build/new --cases model_r_yearly,synthesis --repeats 9 --clock cpu

A build is a build folder or the program itself. All builds run the scenarios and models of this source tree; with
--own-sources each runs those of the tree that it was built from. A case is slower when its median is above
(first build + 50 ms) x (1 + --slower); such a case is measured again, up to five times, before it is believed.

Exit code: 0 when no build is slower than the first, 1 when one is, 2 on wrong arguments, 3 when a command fails.
"""
import argparse
import json
import os
import pathlib
import re
import shlex
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Below this nobody waits, and starting a process is not what is measured.
ALLOWANCE_SECONDS = 0.05
MOST_ROUNDS = 5


def stop(code, message):
    print(message, file=sys.stderr)
    sys.exit(code)


def show_progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def read_cases(path):
    """Commands by name, each a list of arguments."""
    texts = {}
    name = None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line[0] == " " and name:
            texts[name] += line
            continue
        name, colon, commands = line.partition(":")
        if not colon or not re.fullmatch(r"[a-z0-9_]+", name) or name in texts:
            stop(2, f"{path}:{number}: expected `name: arguments`, each name once")
        texts[name] = commands
    return {name: [shlex.split(command) for command in text.split("&&")] for name, text in texts.items()}


class Build:
    def __init__(self, given, own_sources):
        path = pathlib.Path(given)
        self.name = given
        self.program = (path / "proeftuin" if path.is_dir() else path).resolve()
        if not os.access(self.program, os.X_OK):
            stop(2, f"{self.program} is no program that can be run")
        self.sources = self.built_from() if own_sources else ROOT

    def built_from(self):
        cache = self.program.parent / "CMakeCache.txt"
        found = re.search(r"^CMAKE_HOME_DIRECTORY:INTERNAL=(.*)$", cache.read_text(), re.M) if cache.exists() else None
        if not found:
            stop(2, f"--own-sources: {cache} does not say what {self.program} was built from")
        return pathlib.Path(found[1])


def run_once(build, commands):
    """Seconds on the wall and of the processors, largest memory, and the digests of the results."""
    environment = dict(os.environ, PROEFTUIN_LIBRARY=str(build.sources / "models" / "library"))
    measured = {"wall": 0.0, "cpu": 0.0, "megabytes": 0.0, "digests": []}
    with tempfile.TemporaryDirectory() as out:
        for command in commands:
            arguments = [build.program, "--json"] + [a.replace("{out}", out) for a in command]
            with tempfile.TemporaryFile() as text, tempfile.TemporaryFile() as errors:
                start = time.monotonic()
                process = subprocess.Popen(arguments, stdout=text, stderr=errors, cwd=build.sources, env=environment)
                _, status, usage = os.wait4(process.pid, 0)
                measured["wall"] += time.monotonic() - start
                process.returncode = os.waitstatus_to_exitcode(status)
                text.seek(0), errors.seek(0)
                if process.returncode:
                    said = (errors.read() or text.read()).decode(errors="replace")
                    stop(3, f"{shlex.join(map(str, arguments))}\nexit code {process.returncode}: {said}")
                report = json.load(text)
            measured["cpu"] += usage.ru_utime + usage.ru_stime
            measured["megabytes"] = max(measured["megabytes"], usage.ru_maxrss / 1024)
            if "digest" in report:
                measured["digests"].append(report["digest"])
    return measured


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("builds", nargs="+", metavar="BUILD", help="build folder or program; the first is the one that counts as 1")
    parser.add_argument("--cases", help="comma-separated; default: all")
    parser.add_argument("--list", type=pathlib.Path, default=ROOT / "benchmarks" / "cases.txt", help="file of cases")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--slower", type=float, default=0.10, help="share from which a build counts as slower")
    parser.add_argument("--clock", choices=["wall", "cpu"], default="wall",
                        help="what is judged; cpu where other programs run, but it does not see waiting threads")
    parser.add_argument("--own-sources", action="store_true", help="each build with the scenarios of its own sources")
    parser.add_argument("--json", type=pathlib.Path, help="write every measurement here")
    options = parser.parse_args()

    cases = read_cases(options.list)
    names = options.cases.split(",") if options.cases else list(cases)
    if unknown := [n for n in names if n not in cases]:
        stop(2, f"no case {', '.join(unknown)}; there are {', '.join(cases)}")
    builds = [Build(given, options.own_sources) for given in options.builds]
    load_before = os.getloadavg()[0]

    runs = {name: [[] for _ in builds] for name in names}

    def measure(name, repeats):
        for repeat in range(repeats):
            # Each build is first in turn: whoever is first finds a cold cache.
            for k in range(len(builds)):
                k = (k + repeat) % len(builds)
                show_progress(f"{name} {repeat + 1}/{repeats} {builds[k].name}")
                runs[name][k].append(run_once(builds[k], cases[name]))
        show_progress("")

    def median(name, k, what=None):
        return statistics.median(run[what or options.clock] for run in runs[name][k])

    def is_slower(name):
        allowed = (median(name, 0) + ALLOWANCE_SECONDS) * (1.0 + options.slower)
        return any(median(name, k) > allowed for k in range(1, len(builds)))

    for k, build in enumerate(builds):
        print(f"{chr(ord('A') + k)}  {build.name}")
    columns = ""
    for k in range(len(builds)):
        columns += f"{chr(ord('A') + k) + ', s':>12}{'MB':>7}" + (f"{'ratio':>8}" if k > 0 else "")
    print(f"{'case':<22}{columns}  results    ({options.clock}, medians)")
    slower = []
    for name in names:
        measure(name, options.repeats)
        for _ in range(MOST_ROUNDS):
            if not is_slower(name):
                break
            measure(name, options.repeats)
        row = f"{name:<22}"
        for k in range(len(builds)):
            row += f"{median(name, k):>12.3f}{median(name, k, 'megabytes'):>7.0f}"
            row += f"{median(name, k) / median(name, 0):>8.2f}" if k > 0 else ""
        digests = {tuple(run["digests"]) for of_build in runs[name] for run in of_build}
        row += "  -" if digests == {()} else "  same" if len(digests) == 1 else "  differ"
        if is_slower(name):
            slower.append(name)
            row += "  SLOWER"
        print(row, flush=True)
    print(f"load average {load_before:.1f} before, {os.getloadavg()[0]:.1f} after")
    if options.json:
        report = {"builds": [str(b.program) for b in builds], "clock": options.clock, "load_average": os.getloadavg(),
                  "slower": slower, "runs": runs}
        options.json.write_text(json.dumps(report, indent=1) + "\n")
    if slower:
        stop(1, f"slower than the first build by more than {100 * options.slower:g} %: {', '.join(slower)}")


if __name__ == "__main__":
    main()
