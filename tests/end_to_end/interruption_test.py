"""Runs that are killed, interrupted and resumed; the same bits whatever the threads and chunks."""

import json
import signal
import unittest

from program import REGION, SMALL, ProgramTest

LONG = [REGION, "--people", "6000", "--years", "10", "--set", "scenario.reference_per_cell=20"]


class Interruption(ProgramTest):
    def test_a_killed_run_resumes_to_the_same_results(self):
        straight = self.run_digest(*LONG, "-o", "straight.h5")
        process = self.start("run", *LONG, "-o", "killed.h5", "--checkpoint-every", "1")
        self.wait_for_change(process, self.folder / "killed.h5.ckpt.h5")
        process.send_signal(signal.SIGKILL)
        process.communicate()
        self.assertFalse((self.folder / "killed.h5").exists(), "the run was over before it could be killed")
        resumed = self.run_digest(*LONG, "-o", "killed.h5", "--resume")
        self.assertEqual(resumed, straight)
        self.assertEqual([p.name for p in self.folder.glob("killed*ckpt*")], [])

    def test_an_interrupted_run_gives_130_and_resumes_to_the_same_results(self):
        straight = self.run_digest(*LONG, "-o", "straight.h5")
        process = self.start("run", *LONG, "-o", "stopped.h5", "--checkpoint-every", "1")
        self.wait_for_change(process, self.folder / "stopped.h5.ckpt.h5")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
        self.assertEqual(process.returncode, 130, err.decode())
        self.assertIn("--resume", err.decode())
        other = self.call("run", *LONG, "--set", "smoking_relapse.values.0-44=0.1", "-o", "stopped.h5", "--resume")
        self.assertIn("with other settings", self.assert_code(other, 2).err)
        resumed = self.run_digest(*LONG, "-o", "stopped.h5", "--resume")
        self.assertEqual(resumed, straight)

    def test_a_run_of_replicates_goes_on_in_the_one_that_was_stopped(self):
        run = [*LONG, "--replicates", "3", "-o", "three.h5"]
        state = self.folder / "three.h5.ckpt.h5"
        straight = self.run_digest(*run)
        (self.folder / "three.h5").unlink()

        # Rarer than the run has years: only when a replicate is over is a state written.
        process = self.start("run", *run, "--checkpoint-every", "100", "--json")
        self.wait_for_change(process, state)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
        self.assertEqual(process.returncode, 130, err.decode())
        self.assertEqual(json.loads(out)["replicate"], 1)

        process = self.start("run", *run, "--checkpoint-every", "1", "--resume", "--threads", "1")
        seen = self.wait_for_change(process, state)
        for _ in range(3):
            seen = self.wait_for_change(process, state, seen)
        process.send_signal(signal.SIGKILL)
        _, err = process.communicate()
        self.assertFalse((self.folder / "three.h5").exists(), "the run was over before it could be killed")
        self.assertIn("going on in replicate 2 of 3 after", err.decode())
        fewer = self.call("run", *LONG, "--replicates", "1", "-o", "three.h5", "--resume")
        self.assertIn("stopped in replicate", self.assert_code(fewer, 2).err)

        self.assertEqual(self.run_digest(*run, "--resume", "--threads", "2"), straight)
        self.assertEqual([p.name for p in self.folder.glob("three*ckpt*")], [])

    def test_threads_and_chunks_change_no_bit(self):
        digests = {self.run_digest(REGION, *SMALL, "-o", "a.h5", "--threads", threads, "--chunk", chunk)
                   for threads, chunk in ((1, 1024), (2, 1024), (7, 1024), (2, 128))}
        self.assertEqual(len(digests), 1)

    def test_another_seed_changes_the_results(self):
        self.assertNotEqual(self.run_digest(REGION, *SMALL, "-o", "a.h5"), self.run_digest(REGION, *SMALL, "-o", "b.h5", "--seed", "2"))


if __name__ == "__main__":
    unittest.main()
