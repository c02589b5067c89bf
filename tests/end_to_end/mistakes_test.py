"""Mistakes in a copy of the region's scenario and library: each is told with file, line and reason, several at once."""

import re
import shutil
import unittest

from program import REGION, ROOT, ProgramTest

SCENARIO = "scenarios/maastricht_heuvelland/usual_care_2013.yaml"
COPD = "models/library/nl/diseases/copd.yaml"
RISKS = "models/library/nl/risk_factors.yaml"
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

    def test_probabilities_above_1_name_the_attribute_and_the_sum(self):
        path = self.folder / RISKS
        path.write_text(path.read_text().replace("{ low: 0.24, middle: 0.21, high: 0.14 }", "{ low: 1.24, middle: 0.21, high: 0.14 }"))
        said = self.assert_code(self.check(), 1)  # known only when people are drawn
        self.assertIn("'ses'", said.err)
        self.assertIn("add up to 1.66", said.err)

    def test_run_and_plan_refuse_it_too(self):
        self.make("an unknown state")
        for verb in ("run", "plan"):
            self.assert_code(self.call(verb, SCENARIO, "--people", "2000"), 2)
        self.assertFalse((self.folder / "usual_care_2013.h5").exists())


def add_mistake_test(mistake):
    def test(self):
        line = self.make(mistake)
        said = self.assert_code(self.check("--format", "short"), 2)
        self.assertEqual(said.out, "")
        self.assert_told(said, mistake, line)

    setattr(Mistakes, "test_" + re.sub(r"\W", "_", mistake), test)


for each in MISTAKES:
    add_mistake_test(each)


class Adversarial(ProgramTest):
    def test_every_file_made_to_harm_gives_a_place_and_exit_code_2(self):
        folder = ROOT / "tests" / "diagnostics" / "adversarial"
        for path in sorted(folder.glob("*.yaml")):
            with self.subTest(file=path.name):
                said = self.assert_code(self.call("check", "--format", "short", path, timeout=20), 2)
                self.assertRegex(said.err, rf"{re.escape(path.name)}:\d+:\d+: error\[E\d+\]")


if __name__ == "__main__":
    unittest.main()
