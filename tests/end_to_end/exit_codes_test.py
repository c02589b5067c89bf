"""Exit codes, the two streams, and --json on every verb."""

import unittest

from program import REGION, ROOT, SMALL, ProgramTest

COHORT = ROOT / "scenarios" / "textbook" / "gompertz.yaml"
TINY = [COHORT, "--people", "200", "--years", "2"]


class ExitCodes(ProgramTest):
    def test_good_calls_give_0_and_say_nothing_on_stderr(self):
        for call in (["check", COHORT], ["run", *TINY, "-o", "a.h5"], ["show", "a.h5"], ["export", "a.h5", "-o", "csv"],
                     ["help"], ["help", "run"], ["schema"], ["explain", "E0201"], ["plan", *TINY], ["--version"]):
            with self.subTest(call=call):
                said = self.assert_code(self.call(*call), 0)
                self.assertEqual(said.err, "")
                self.assertNotEqual(said.out, "")

    def test_a_wrong_command_line_gives_2(self):
        for call in (["frobnicate"], ["run"], ["run", *TINY, "--years", "0"], ["run", *TINY, "--years", "-3"],
                     ["run", *TINY, "--people", "0"], ["run", *TINY, "--replicates", "0"], ["run", *TINY, "--threads", "-2"],
                     ["run", *TINY, "--chunk", "0"], ["run", *TINY, "--step", "7 weeks"], ["run", *TINY, "--set", "years"],
                     ["run", *TINY, "--set", "nothing.of.this=1"], ["help", "frobnicate"], ["explain", "E9"], ["schema", "frobnicate"]):
            with self.subTest(call=call):
                said = self.assert_code(self.call(*call), 2)
                self.assertEqual(said.out, "")
                self.assertIn("error", said.err)

    def test_asking_results_for_what_they_do_not_hold_gives_2(self):
        self.assert_code(self.call("run", *TINY, "-o", "a.h5"), 0)
        for call in (["show", "a.h5", "nothing"], ["show", "a.h5", "--scenario", "nothing"]):
            with self.subTest(call=call):
                self.assert_code(self.call(*call), 2)

    def test_what_the_world_refuses_gives_3(self):
        self.write("broken.h5", "not a results file\n")
        self.write("file", "in the way\n")
        for call in (["check", "missing.yaml"], ["run", "missing.yaml"], ["show", "missing.h5"], ["show", "broken.h5"],
                     ["export", "missing.h5"], ["run", *TINY, "-o", "file/a.h5"], ["synthesize", "missing"],
                     ["run", *TINY, "-o", self.folder]):
            with self.subTest(call=call):
                said = self.assert_code(self.call(*call), 3)
                self.assertEqual(said.out, "")
                self.assertIn("error", said.err)

    def test_a_folder_that_cannot_be_written_is_refused_before_the_run(self):
        said = self.assert_code(self.call("run", REGION, "-o", "/proc/nowhere/a.h5", timeout=20), 3)
        self.assertIn("/proc/nowhere", said.err)

    def test_json_parses_on_every_verb_that_prints_results(self):
        for call in (["check", REGION, *SMALL], ["check", "--resolved", REGION, *SMALL], ["plan", *TINY], ["schema"],
                     ["run", *TINY, "-o", "a.h5"], ["show", "a.h5"], ["export", "a.h5", "-o", "csv"], ["explain", "E0201"],
                     ["synthesize", "regions/maastricht_heuvelland_2013", "--people", "2000"]):
            with self.subTest(call=call):
                said = self.assert_code(self.call(*call, "--json"), 0)
                said.json()
                self.assertEqual(said.err, "")

    def test_json_parses_when_it_fails(self):
        self.write("wrong.yaml", "format: 1\nscenario: wrong\nyeers: 3\npeople: { number: 10 }\n")
        for call, code in ((["check", "wrong.yaml"], 2), (["run", "wrong.yaml"], 2), (["run", "missing.yaml"], 3), (["show", "missing.h5"], 3)):
            with self.subTest(call=call):
                said = self.assert_code(self.call(*call, "--json"), code)
                said.json()
                self.assertEqual(said.err, "")


if __name__ == "__main__":
    unittest.main()
