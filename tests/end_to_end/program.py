"""Runs the program of the environment variable PROEFTUIN in a folder of its own and keeps what it said."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.path.abspath(os.environ.get("PROEFTUIN", ROOT / "build" / "proeftuin"))
REGION = ROOT / "scenarios" / "maastricht_heuvelland" / "usual_care_2013.yaml"

# A region of the library, small enough to run in a second or two.
SMALL = ["--people", "3000", "--years", "3", "--set", "scenario.reference_per_cell=20"]


class Said:
    """Exit code and both streams of one call."""

    def __init__(self, done):
        self.code = done.returncode
        self.out = done.stdout.decode()
        self.err = done.stderr.decode()

    def json(self):
        return json.loads(self.out)


class ProgramTest(unittest.TestCase):
    """Every test works in an empty folder that is removed afterwards."""

    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="proeftuin-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def environment(self):
        return {**os.environ, "PROEFTUIN_LIBRARY": str(ROOT / "models" / "library"), "NO_COLOR": "1"}

    def call(self, *arguments, folder=None, timeout=600):
        return Said(subprocess.run([PROGRAM, *map(str, arguments)], cwd=folder or self.folder, env=self.environment(),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout))

    def start(self, *arguments):
        return subprocess.Popen([PROGRAM, *map(str, arguments)], cwd=self.folder, env=self.environment(),
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def wait_for_change(self, process, path, since=None, seconds=120):
        """Until `path` is another file than `since` (an earlier answer), or the process ends; what it is then."""
        end = time.time() + seconds
        now = since
        while time.time() < end and process.poll() is None and now == since:
            time.sleep(0.002)
            if path.exists():
                now = path.stat().st_ino, path.stat().st_mtime_ns
        return now

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def assert_code(self, said, code):
        self.assertEqual(said.code, code, f"\nstdout:\n{said.out[-3000:]}\nstderr:\n{said.err[-3000:]}")
        return said

    def results_of(self, name):
        """Of the results file NAME.h5 of scenario NAME: measures by year with their groups, and the panel if there is one."""
        import h5py  # Debian's; not every Python that runs tests has it
        with h5py.File(self.folder / f"{name}.h5") as file:
            group = file[f"results/{name}"]
            measures = {m: group[m][()] for m in group if isinstance(group[m], h5py.Dataset) and group[m].ndim and group[m].dtype.kind == "f"}
            panel = {m: data[()] for m, data in file[f"panel/{name}"].items()} if "panel" in file else None
        return measures, panel

    def run_digest(self, *arguments):
        """Digest of the results of a run that must succeed."""
        return self.assert_code(self.call("run", *arguments, "--json"), 0).json()["digest"]
