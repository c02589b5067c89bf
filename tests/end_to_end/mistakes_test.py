"""Mistakes in a copy of the region's scenario and library: each is told with file, line and reason, several at once."""

import re
import shutil
import unittest

from program import REGION, ROOT, ProgramTest

SCENARIO = "scenarios/maastricht_heuvelland/usual_care_2013.yaml"
COPD = "models/library/nl/diseases/copd.yaml"
RISKS = "models/library/nl/risk_factors.yaml"
SOURCES = "models/library/nl/sources.yaml"
CORE = "models/library/measures/core.yaml"

# what: (file, text, what it becomes, code, a part of the message). The message must name the line of the text, or of a sixth, other text.
MISTAKES = {
    "a wrong key": (COPD, "absorbing: [gold4]", "absorbin: [gold4]", "E0201", "did you mean 'absorbing'?"),
    "a wrong unit": (COPD, "rate: copd_onset[base_year, sex, age] * copd_incidence_level * exp(copd_incidence_trend * time) * copd_gold1_at_onset",
                     "rate: copd_gold1_at_onset", None, "per year"),
    "an unknown state": (COPD, "progress_4: { from: gold3, to: gold4,", "progress_4: { from: gold3, to: gold5,", "E0419", "gold5"),
    "a missing row of a table": (COPD, "values: { none: 0, gold1: 0.05, gold2: 0.04, gold3: 0.035, gold4: 0 }",
                                 "values: { none: 0, gold1: 0.05, gold2: 0.04, gold4: 0 }", "E0511", "gold3", "  copd_progression:"),
    "a cycle of attributes": (RISKS, 'value: "bmi < 25 ? normal', 'value: "bmi_class == obese ? normal', None, "bmi_class"),
    "an unknown source": (COPD, "source: hoogendoorn_2005", "source: hogendoorn_2005", "E0514", "did you mean 'hoogendoorn_2005'?"),
    "a name given twice": (COPD, "  copd_gold1_at_onset:", "  copd_utility:", "E0107", "copd_utility", '  copd_utility:\n    doc: "Utility'),
    "an unknown region": (SCENARIO, "region: regions/maastricht_heuvelland_2013", "region: regions/maastricht_2013", "E0504", "maastricht_2013"),
    "a step that does not divide a year": (SCENARIO, "step: 1 year", "step: 5 weeks", "E0705", "does not divide a year"),
    "an unknown library entry": (SCENARIO, "  - nl/baseline_2013", "  - nl/basline_2013", "E0504", "did you mean 'nl/baseline_2013'?"),
    "a measure of an unknown event": (CORE, "{ count: chd.onset,", "{ count: chd.onsett,", None, "chd.onset"),
    "an unknown name in an expression": (COPD, 'mortality: { multiply: "copd_mortality_rr[copd, age]" }',
                                         'mortality: { multiply: "copd_mortalty_rr[copd, age]" }', "E0305", "copd_mortality_rr"),
}


class Mistakes(ProgramTest):
    def setUp(self):
        super().setUp()
        shutil.copytree(ROOT / "models" / "library", self.folder / "models" / "library")
        (self.folder / "scenarios" / "maastricht_heuvelland").mkdir(parents=True)
        shutil.copy(REGION, self.folder / SCENARIO)

    def environment(self):
        return {**super().environment(), "PROEFTUIN_LIBRARY": "models/library"}

    def make(self, mistake):
        """Writes the mistake; the line on which it stands."""
        file, before, after = MISTAKES[mistake][:3]
        path = self.folder / file
        text = path.read_text()
        self.assertIn(before, text, f"{file} has changed: the mistake '{mistake}' cannot be made")
        path.write_text(text.replace(before, after, 1))
        place = MISTAKES[mistake][5] if len(MISTAKES[mistake]) > 5 else before
        return text[:text.index(place)].count("\n") + 1

    def check(self, *arguments):
        return self.call("check", SCENARIO, "--people", "2000", "--set", "scenario.reference_per_cell=20", *arguments)

    def assert_told(self, said, mistake, line):
        file, _, _, code, part = MISTAKES[mistake][:5]
        places = re.findall(rf"^{re.escape(file)}:{line}:\d+: error\[(E\d+)\]: (.*)$", said.err, re.M)
        self.assertTrue(places, f"no message at {file}:{line}\n{said.err[:3000]}")
        if code:
            self.assertIn(code, [c for c, _ in places])
        self.assertIn(part, said.err)

    def test_the_copy_without_mistakes_is_good(self):
        self.assert_code(self.check(), 0)

    def test_several_mistakes_are_told_at_once(self):
        together = ["an unknown source", "an unknown region", "a step that does not divide a year", "an unknown state"]
        lines = {m: self.make(m) for m in together}
        said = self.assert_code(self.check("--format", "short"), 2)
        for mistake in together:
            self.assert_told(said, mistake, lines[mistake])

    def test_the_message_shows_the_line_and_points_at_it(self):
        line = self.make("a wrong key")
        said = self.assert_code(self.check(), 2)
        self.assertIn(f"--> {COPD}:{line}:1", said.err)
        self.assertIn("^^^^^^^^", said.err)

    def test_start_probabilities_above_1_have_a_place_and_name_a_person(self):
        path = self.folder / RISKS
        text = path.read_text()
        line = text[:re.search(r"^  ses:", text, re.M).start()].count("\n") + 1
        share = "low: { 0-9: 0.173,"
        self.assertIn(share, text)
        path.write_text(text.replace(share, "low: { 0-9: 0.873,"))
        said = self.assert_code(self.check("--format", "short"), 2)
        self.assertRegex(said.err, rf"{RISKS}:{line}:3: error\[E0438\]: the start probabilities of 'ses' add up to 1\.556 for person \d+ of age \d\.\d ")
        self.assertIn("(q2 0.873, ", said.err)
        self.assertEqual(said.out, "")
        again = self.assert_code(self.call("run", SCENARIO, "--people", "2000", "--set", "scenario.reference_per_cell=20", "--format", "short"), 2)
        self.assertEqual(again.err, said.err)
        self.assertFalse((self.folder / "usual_care_2013.h5").exists())

    def test_run_and_plan_refuse_it_too(self):
        self.make("an unknown state")
        for verb in ("run", "plan"):
            self.assert_code(self.call(verb, SCENARIO, "--people", "2000"), 2)
        self.assertFalse((self.folder / "usual_care_2013.h5").exists())

    def test_what_only_follows_from_a_failure_is_not_told(self):
        """One mistake, one message, however many other models name what cannot be read."""
        for file, before, after, code in (
                (COPD, "absorbing: [gold4]", "absorbin: [gold4]", "E0201"),               # a process
                (COPD, "states: [", "states: [[", None),                                  # a file that is no YAML
                (COPD, "process: copd", "proces: copd", "E0202"),                         # an entry of no kind
                (RISKS, "define:", "frobnicate: 1\ndefine:", "E0201"),                    # sex, age and more
                (SOURCES, "define:", "frobnicate: 1\ndefine:", "E0201"),                  # sources of half the numbers
                ("models/library/nl/baseline_2013.yaml", "bundle:", "frobnicate: 1\nbundle:", "E0201"),
                ("models/library/nl/baseline_2013.yaml", "nl/diseases/copd", "nl/diseases/coppd", "E0504"),
                ("models/library/nl/migration/maastricht_heuvelland_2013.yaml", "unit: ", "unti: ", "E0201")):  # a table that demography names
            with self.subTest(file=file, after=after):
                path = self.folder / file
                text = path.read_text()
                self.assertIn(before, text)
                path.write_text(text.replace(before, after, 1))
                said = self.assert_code(self.check("--format", "short"), 2)
                errors = [line for line in said.err.splitlines() if ": error[" in line]
                self.assertEqual({line.split(":")[0] for line in errors} - {file}, set(), said.err[:3000])
                self.assertLessEqual(len(errors), 2, said.err[:3000])
                if code:
                    self.assertIn(f"error[{code}]", errors[0])
                path.write_text(text)

    def test_a_failure_does_not_hide_mistakes_of_its_own_right(self):
        line = self.make("a wrong key")
        path = self.folder / "models/library/nl/diseases/stroke.yaml"
        path.write_text(path.read_text().replace("by: [stroke,", "by: [strokes,", 1))
        said = self.assert_code(self.check("--format", "short"), 2)
        self.assert_told(said, "a wrong key", line)
        self.assertRegex(said.err, r"stroke\.yaml:\d+:\d+: error\[E0502\].*did you mean 'stroke'")


def add_mistake_test(mistake):
    def test(self):
        line = self.make(mistake)
        said = self.assert_code(self.check("--format", "short"), 2)
        self.assertEqual(said.out, "")
        self.assert_told(said, mistake, line)

    setattr(Mistakes, "test_" + re.sub(r"\W", "_", mistake), test)


for each in MISTAKES:
    add_mistake_test(each)


class StartProbabilities(ProgramTest):
    """Shares that are wrong only for some people: found when people are made, told as every other mistake."""

    COHORT = """format: 1
scenario: cohort
people: { number: 3000 }
starts: 2020
years: 2
entries:
  - attributes: people
    define: { age: { unit: year, start: { uniform: { from: 20, to: 90 } } } }
  - process: ill
    states: [none, mild, severe]
    absorbing: [mild, severe]
    start: { mild: "MILD", severe: "SEVERE" }
"""

    def assert_told(self, mild, severe, pattern):
        self.write("cohort.yaml", self.COHORT.replace("MILD", mild).replace("SEVERE", severe))
        for verb in ("check", "run"):
            said = self.assert_code(self.call(verb, "cohort.yaml", "--format", "short"), 2)
            self.assertRegex(said.err, r"^cohort\.yaml:9:14: error\[E0438\]: " + pattern)
            self.assertEqual(said.err.count("error["), 1)
        full = self.assert_code(self.call("check", "cohort.yaml"), 2)
        self.assertIn("--> cohort.yaml:9:14", full.err)
        self.assertIn("help:", full.err)
        problem = self.assert_code(self.call("run", "cohort.yaml", "--json"), 2)
        self.assertEqual(problem.json()[0]["code"], "E0438")
        self.assertFalse((self.folder / "cohort.h5").exists())
        return said.err

    def test_above_1_for_old_people_only(self):
        said = self.assert_told("0.01 per year * age", "0.005 per year * age", r"the start probabilities of 'ill' add up to 1\.\d+ for person \d+ of age \d\d\.\d ")
        age = float(re.search(r"of age (\d+\.\d)", said)[1])
        self.assertGreater(age, 66.6)

    def test_below_0_for_young_people_only(self):
        self.assert_told("0.01 per year * (age - 30 years)", "0", r"a start probability of 'ill' is no probability for person \d+ of age 2\d\.\d \(mild -0")

    def test_the_same_person_is_named_whatever_the_number_of_threads(self):
        self.write("cohort.yaml", self.COHORT.replace("MILD", "0.01 per year * age").replace("SEVERE", "0.005 per year * age"))
        first, *others = (self.assert_code(self.call("run", "cohort.yaml", "--threads", n), 2).err for n in (1, 2, 7))
        for other in others:
            self.assertEqual(other, first)

    def test_exactly_1_is_good(self):
        self.write("cohort.yaml", self.COHORT.replace("MILD", "0.7").replace("SEVERE", "0.3"))
        self.assert_code(self.call("check", "cohort.yaml"), 0)


class Adversarial(ProgramTest):
    def test_every_file_made_to_harm_gives_a_place_and_exit_code_2(self):
        folder = ROOT / "tests" / "diagnostics" / "adversarial"
        for path in sorted(folder.glob("*.yaml")):
            with self.subTest(file=path.name):
                said = self.assert_code(self.call("check", "--format", "short", path, timeout=20), 2)
                self.assertRegex(said.err, rf"{re.escape(path.name)}:\d+:\d+: error\[E\d+\]")


if __name__ == "__main__":
    unittest.main()
