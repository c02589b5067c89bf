#!/usr/bin/env python3
"""compare.py with programs that only wait: what it says of a slower one, of equal ones, of one that fails."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

COMPARE = pathlib.Path(__file__).resolve().parent / "compare.py"


class Compare(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.cases = pathlib.Path(self.folder.name, "cases.txt")
        self.cases.write_text("# comment\nwait: run x.yaml -o {out}/x.h5\ntwice: run a && run b\n")

    def program(self, name, seconds, digest="1", code=0):
        path = pathlib.Path(self.folder.name, name)
        path.write_text(f"#!/bin/sh\nsleep {seconds}\necho '{{\"digest\": \"{digest}\"}}'\nexit {code}\n")
        path.chmod(0o755)
        return str(path)

    def compare(self, *arguments):
        return subprocess.run([sys.executable, COMPARE, "--list", self.cases, "--repeats", "1", *arguments],
                              capture_output=True, text=True)

    def test_a_slower_build_is_named_and_gives_exit_code_1(self):
        done = self.compare(self.program("old", 0), self.program("new", 0.3), "--cases", "wait", "--slower", "1")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("SLOWER", done.stdout)
        self.assertIn("wait", done.stderr.splitlines()[-1])

    def test_builds_that_take_as_long_pass(self):
        done = self.compare(self.program("old", 0.1), self.program("new", 0.1), self.program("newer", 0.1), "--slower", "20")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.count("same"), 2)

    def test_other_results_are_seen(self):
        done = self.compare(self.program("old", 0, "1"), self.program("new", 0, "2"), "--cases", "wait", "--slower", "20")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("differ", done.stdout)

    def test_a_command_that_fails_gives_exit_code_3(self):
        done = self.compare(self.program("old", 0), self.program("new", 0, code=5))
        self.assertEqual(done.returncode, 3)
        self.assertIn("exit code 5", done.stderr)

    def test_unknown_cases_and_missing_programs_give_exit_code_2(self):
        old = self.program("old", 0)
        self.assertEqual(self.compare(old, "--cases", "nothing").returncode, 2)
        self.assertEqual(self.compare(old, "/nowhere").returncode, 2)


if __name__ == "__main__":
    unittest.main()
