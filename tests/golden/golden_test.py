"""The digests of whole runs are those of digests.csv, in every build and however a run is carried out."""

import os
import signal
import time
import unittest
from unittest import mock

import cases
from cases import ADVICE, CASES, ProgramTest


class Golden(ProgramTest):
    @classmethod
    def setUpClass(cls):
        cls.table = cases.read_table()

    def check(self, case, *more, out="a.h5"):
        cases.write_scenarios(self.folder)
        said = self.assert_code(self.call("run", *CASES[case], "-o", out, "--json", *more, timeout=900), 0).json()
        found = cases.difference(cases.row_of(case, said, self.folder / out), self.table[case])
        self.assertIsNone(found, f"{found}{' with ' + ' '.join(map(str, more)) if more else ''}{ADVICE}")


class Runs(Golden):
    def test_every_case_gives_its_digest(self):
        self.assertEqual(list(self.table), list(CASES), "digests.csv has other cases than cases.py: run renew.py")
        for case in CASES:
            with self.subTest(case=case):
                self.check(case)

    def test_another_seed_gives_another_digest(self):
        said = self.assert_code(self.call("run", *CASES["village"], "-o", "a.h5", "--json", "--seed", 2), 0).json()
        row = cases.row_of("village", said, self.folder / "a.h5")
        self.assertIn(f"digest {self.table['village']['digest']} -> {row['digest']}", cases.difference(row, self.table["village"]))
        self.assertNotEqual(row["file"], self.table["village"]["file"])


class Ways(Golden):
    def test_threads_chunks_and_instruction_sets_give_the_digest(self):
        for threads, chunk, isa in ((1, 64, "baseline"), (2, 1000, "avx2"), (7, 333, "avx512")):
            with self.subTest(threads=threads, chunk=chunk, isa=isa), mock.patch.dict(os.environ, PROEFTUIN_ISA=isa):
                self.check("region", "--threads", threads, "--chunk", chunk)
                self.check("reference_model_r_programmes", "--threads", threads, "--chunk", chunk)

    def test_a_run_that_was_killed_gives_the_digest_when_it_resumes(self):
        process = self.start("run", *CASES["region"], "-o", "a.h5", "--checkpoint-every", 1, "--threads", 1)
        end = time.time() + 600
        while time.time() < end and process.poll() is None and not (self.folder / "a.h5.ckpt.h5").exists():
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        self.assertEqual(process.returncode, -signal.SIGKILL, "the run was over before it could be killed")
        self.assertFalse((self.folder / "a.h5").exists())
        self.check("region", "--resume", "--threads", 2)


class People(unittest.TestCase):
    maxDiff = None

    def test_every_person_ends_with_the_same_bits(self):
        self.assertEqual(cases.people_digests(), cases.PEOPLE_TABLE.read_text(), ADVICE)


if __name__ == "__main__":
    unittest.main()
