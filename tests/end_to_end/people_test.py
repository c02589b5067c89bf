"""A region's people in a file, runs that start from it, and forks from a checkpoint."""

import signal
import time
import unittest

from program import REGION, SMALL, ProgramTest

INCLUDES = """include:
  - nl/baseline_2013
  - nl/migration/maastricht_heuvelland_2013
  - nl/care/base/maastricht_heuvelland_2013
  - nl/care/index_trend_2013
  - measures/core
reference_per_cell: 20
"""


class People(ProgramTest):
    def test_a_run_starts_from_a_population_file(self):
        self.assert_code(self.call("synthesize", "regions/maastricht_heuvelland_2013", "--people", "3000", "-o", "people.h5", "--report", "fit.csv"), 0)
        self.assertTrue((self.folder / "fit.csv").stat().st_size > 0)
        self.write("a.yaml", "format: 1\nscenario: from_file\nstarts: 2013\nyears: 2\npeople: { file: people.h5 }\n" + INCLUDES)
        said = self.assert_code(self.call("run", "a.yaml", "-o", "a.h5", "--json"), 0).json()
        self.assertEqual(said["people_at_start"], 3000)

    def test_a_file_gives_the_people_that_the_region_gives(self):
        self.assert_code(self.call("synthesize", "regions/maastricht_heuvelland_2013", "--people", "3000", "-o", "people.h5"), 0)
        self.write("file.yaml", "format: 1\nscenario: same\nstarts: 2013\nyears: 2\npeople: { file: people.h5 }\n" + INCLUDES)
        self.write("region.yaml", "format: 1\nscenario: same\nyears: 2\nregion: regions/maastricht_heuvelland_2013\n" + INCLUDES)
        self.assertEqual(self.run_digest("file.yaml", "-o", "file.h5"), self.run_digest("region.yaml", "--people", "3000", "-o", "region.h5"))

    def test_a_missing_population_file_gives_3(self):
        self.write("a.yaml", "format: 1\nscenario: from_file\nstarts: 2013\nyears: 2\npeople: { file: none.h5 }\n" + INCLUDES)
        self.assert_code(self.call("run", "a.yaml", "-o", "a.h5"), 3)

    def test_a_policy_forks_from_a_checkpoint_of_usual_care(self):
        run = [REGION, "--people", "6000", "--years", "10", "--set", "scenario.reference_per_cell=20"]
        process = self.start("run", *run, "-o", "usual.h5", "--checkpoint-every", "1")
        end = time.time() + 60
        while time.time() < end and process.poll() is None and not (self.folder / "usual.h5.ckpt.h5").exists():
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        process.communicate()
        self.assertEqual(process.returncode, 130)
        self.write("policy.yaml", f"format: 1\nscenario: policy\nbased_on: {REGION}\n"
                                  "effects: [ { on: smoking.relapse, multiply: 0.5 } ]\n")
        usual = self.run_digest(*run, "-o", "usual_on.h5", "--from", "usual.h5.ckpt.h5")
        policy = self.run_digest("policy.yaml", *run[1:], "-o", "policy.h5", "--from", "usual.h5.ckpt.h5")
        again = self.run_digest("policy.yaml", *run[1:], "-o", "again.h5", "--from", "usual.h5.ckpt.h5")
        self.assertEqual(usual, self.run_digest(*run, "-o", "straight.h5"))
        self.assertNotEqual(policy, usual)
        self.assertEqual(policy, again)


if __name__ == "__main__":
    unittest.main()
