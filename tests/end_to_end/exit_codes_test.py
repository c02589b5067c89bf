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
                     ["run", *TINY, "--set", "nothing.of.this=1"], ["help", "frobnicate"], ["explain", "E9"], ["schema", "frobnicate"],
                     ["synthesize", "missing"]):
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
                     ["export", "missing.h5"], ["run", *TINY, "-o", "file/a.h5"],
                     ["run", *TINY, "-o", self.folder]):
            with self.subTest(call=call):
                said = self.assert_code(self.call(*call), 3)
                self.assertEqual(said.out, "")
                self.assertIn("error", said.err)

    def test_a_folder_that_cannot_be_written_is_refused_before_the_run(self):
        said = self.assert_code(self.call("run", REGION, "-o", "/proc/nowhere/a.h5", timeout=20), 3)
        self.assertIn("/proc/nowhere", said.err)

    def validation(self):
        """Files of a validation that takes a moment: deaths of a constant rate."""
        self.write("coin.yaml", "format: 1\nscenario: coin\npeople: { number: 5000 }\nstarts: 2000\nyears: 1\nentries:\n"
                   "  - process: event\n    states: [waiting, happened]\n    absorbing: [happened]\n"
                   "    transitions: { happens: { from: waiting, to: happened, rate: 0.5 per year } }\n"
                   "  - measures: coins\n    define:\n      happened: { count: event.happens }\n"
                   "      time: { integrate: 'event == waiting ? 1 : 0' }\n")
        self.write("observed.csv", "year,rate\n2000,0.5\n")
        return self.write("validation.yaml", "format: 1\nvalidation: coins\ndoc: A coin.\nruns: { base: { scenario: ./coin.yaml } }\n"
                          "targets:\n  rate:\n    title: Events per person-year\n    measure: happened\n    per: time\n    runs: [base]\n"
                          "    table: observed.csv\n    value: rate\n    bound: { relative: 0.2 }\n    data: real\n    used_to_fit: false\n"
                          "    source: invented\n")

    def test_json_parses_on_every_verb(self):
        calls = {"check": [["check", REGION, *SMALL], ["check", "--resolved", REGION, *SMALL]], "explain": [["explain", "E0201"]],
                 "plan": [["plan", *TINY], ["plan", "--dot", *TINY]], "schema": [["schema"], ["schema", "process"], ["schema", "--markdown"]],
                 "synthesize": [["synthesize", "regions/maastricht_heuvelland_2013", "--people", "2000"]],
                 "run": [["run", *TINY, "-o", "a.h5"], ["run", REGION, *SMALL, "-o", "b.h5"]],
                 "show": [["show", "a.h5"], ["show", "b.h5"], ["show", "--all", "b.h5"], ["show", "b.h5", "deaths", "--by", "sex"]],
                 "compare": [["compare", "a.h5", "a.h5"], ["compare", "b.h5", "b.h5", "-m", "deaths", "--by", "sex"], ["compare", *TINY, COHORT]],
                 "export": [["export", "a.h5", "-o", "csv"]], "validate": [["validate", self.validation()]],
                 "help": [["help"], ["help", "run"], ["--help"], ["run", "--help"], ["--version"], []]}
        self.assertEqual(set(calls), {verb["name"] for verb in self.call("help", "--json").json()["verbs"]})
        for call in sum(calls.values(), []):
            with self.subTest(call=call):
                said = self.assert_code(self.call(*call, "--json"), 0)
                self.assertIsInstance(said.json(), (dict, list))
                self.assertEqual(said.err, "")

    def test_json_parses_when_it_fails(self):
        self.write("wrong.yaml", "format: 1\nscenario: wrong\nyeers: 3\npeople: { number: 10 }\n")
        for call, code in ((["check", "wrong.yaml"], 2), (["plan", "wrong.yaml"], 2), (["run", "wrong.yaml"], 2), (["run", "missing.yaml"], 3),
                           (["show", "missing.h5"], 3), (["export", "missing.h5"], 3), (["explain", "E9"], 2), (["schema", "frobnicate"], 2),
                           (["synthesize", "missing"], 2), (["validate", "missing.yaml"], 3), (["help", "frobnicate"], 2),
                           (["frobnicate"], 2), (["run"], 2), (["run", COHORT, "--years", "0"], 2)):
            with self.subTest(call=call):
                said = self.assert_code(self.call(*call, "--json"), code)
                said.json()
                self.assertEqual(said.err, "")

    def test_help_for_programs_lists_types_defaults_and_exit_codes(self):
        told = self.assert_code(self.call("help", "--json"), 0).json()
        self.assertEqual({code["code"] for code in told["exit_codes"]}, {0, 1, 2, 3, 4, 70, 130})
        self.assertIn("--json", {name for flag in told["flags"] for name in flag["names"]})
        run = next(verb for verb in told["verbs"] if verb["name"] == "run")
        self.assertEqual(run, self.call("help", "run", "--json").json())
        self.assertEqual([(a["name"], a["type"], a["required"]) for a in run["arguments"]], [("scenario", "text", True)])
        flags = {name: flag for flag in run["flags"] for name in flag["names"]}
        self.assertEqual((flags["--chunk"]["type"], flags["--chunk"]["default"], flags["--chunk"]["minimum"], flags["--chunk"]["maximum"]), ("integer", "by their number", 1, 32768))
        self.assertEqual((flags["--resume"]["type"], flags["--resume"]["repeats"]), ("flag", False))
        self.assertEqual((flags["--set"]["type"], flags["--set"]["repeats"]), ("text", True))
        self.assertEqual(flags["--threads"]["default"], "all")
        self.assertIs(flags["-o"], flags["--output"])
        show = next(verb for verb in told["verbs"] if verb["name"] == "show")
        glyphs = next(flag for flag in show["flags"] if "--glyphs" in flag["names"])
        self.assertEqual((sorted(glyphs["choices"]), glyphs["default"]), (["ascii", "unicode"], "unicode"))


if __name__ == "__main__":
    unittest.main()
