"""Fewer people than a region has stand for all of it: counts and sums are those of the region, means are not touched."""

import csv
import unittest

from program import REGION, ROOT, ProgramTest

NATION = ROOT / "scenarios" / "netherlands" / "usual_care_2013.yaml"
FEW = ["--years", "1", "--set", "scenario.reference_per_cell=20"]


def inhabitants(year):
    """As CBS counted them."""
    with open(ROOT / "models" / "library" / "regions" / "tables" / f"nl_age_sex_{year}.csv") as file:
        return sum(int(row["people"]) for row in csv.DictReader(line for line in file if line[0] != "#"))


class Sample(ProgramTest):
    def test_the_nation_is_as_large_as_it_is(self):
        for year in (2013, 2023):
            scenario = NATION.parent / f"usual_care_{year}.yaml"
            plan = self.assert_code(self.call("plan", scenario, "--set", "scenario.reference_per_cell=20", "--people", "2000"), 0)
            self.assertIn(f"2000 people at the start, each for {inhabitants(year) / 2000:.4g} of the region", plan.out)
            if year == 2023:
                continue  # one run will do
            said = self.assert_code(self.call("run", scenario, *FEW, "--people", "2000", "-o", "a.h5", "--json"), 0).json()
            self.assertAlmostEqual(said["stands_for"], inhabitants(year) / 2000, places=6)
            people = said["summary"]["sections"][0]["lines"][0]
            self.assertAlmostEqual(people["values"][0], inhabitants(year), delta=1e-3)

    def test_counts_and_sums_are_multiplied_and_means_are_not(self):
        self.write("own.yaml", f"format: 1\nscenario: own\nbased_on: {REGION}\nentries:\n  - measures: own\n    define:\n"
                   "      everybody: { people: 1 }\n      mean_age: { mean: age }\n      cost: { integrate: cost_total, per_person: year, show: [mean] }\n")
        said = self.assert_code(self.call("run", "own.yaml", *FEW, "--people", "2000", "-o", "a.h5", "--json"), 0).json()
        self.assertEqual(said["people_at_start"], 2000)
        self.assertEqual(said["stands_for"], 85)
        shown = self.assert_code(self.call("show", "a.h5", "everybody", "mean_age", "cost", "--json"), 0).json()
        self.assertEqual(shown["stands_for"], 85)
        everybody, age, cost = (measure["values"][0][0] for measure in shown["measures"])
        self.assertEqual(everybody, 170000)
        self.assertTrue(30 < age < 55, age)
        self.assert_code(self.call("export", "a.h5", "-o", "csv"), 0)
        text = (self.folder / "csv" / "own__cost.csv").read_text()
        self.assertIn("# stands for: 85 people", text)
        rows = list(csv.DictReader(line for line in text.splitlines() if line[0] != "#"))
        self.assertAlmostEqual(float(rows[0]["value"]), cost, places=3)
        counted = int(rows[0]["count"])  # simulated people
        self.assertTrue(2000 <= counted < 2200, counted)
        self.assertAlmostEqual(float(rows[0]["value"]) / 85 / counted, float(rows[0]["mean"]), places=3)
        told = self.assert_code(self.call("show", "a.h5", "cost"), 0).out
        self.assertIn("each simulated person stands for 85", told)
        self.assertNotIn("stands for", self.assert_code(self.call("show", "a.h5", "mean_age"), 0).out)

    def test_a_scenario_can_say_how_many_stand_for_its_region(self):
        self.write("few.yaml", f"format: 1\nscenario: few\nbased_on: {REGION}\npeople: {{ number: 2000 }}\n")
        self.write("all.yaml", f"format: 1\nscenario: few\nbased_on: {REGION}\n")
        few = self.assert_code(self.call("run", "few.yaml", *FEW, "-o", "a.h5", "--json"), 0).json()
        asked = self.assert_code(self.call("run", "all.yaml", *FEW, "--persons", "2000", "-o", "b.h5", "--json"), 0).json()
        self.assertEqual((few["digest"], few["stands_for"]), (asked["digest"], 85))

    def test_a_file_of_people_remembers_for_how_many_it_stands(self):
        self.assert_code(self.call("synthesize", "regions/maastricht_heuvelland_2013", "--people", "2000", "-o", "people.h5"), 0)
        self.write("a.yaml", "format: 1\nscenario: a\nstarts: 2013\npeople: { file: people.h5 }\n"
                             "include: [nl/baseline_2013, nl/migration/maastricht_heuvelland_2013, nl/care/base/maastricht_heuvelland_2013, nl/care/index_trend_2013]\nreference_per_cell: 20\n")
        said = self.assert_code(self.call("run", "a.yaml", "-o", "a.h5", "--json"), 0).json()
        self.assertEqual(said["stands_for"], 85)

    def test_a_scenario_of_a_region_starts_from_a_file_of_its_people(self):
        """With the same people and seed the same bits as where they are synthesised at the start."""
        self.assert_code(self.call("synthesize", "regions/maastricht_heuvelland_2013", "--people", "2000", "-o", "people.h5"), 0)
        self.write("a.yaml", f"format: 1\nscenario: a\nbased_on: {REGION}\npeople: {{ file: people.h5 }}\n")
        self.write("b.yaml", f"format: 1\nscenario: a\nbased_on: {REGION}\npeople: {{ number: 2000 }}\n")
        of = {n: self.assert_code(self.call("run", f"{n}.yaml", *FEW, "-o", f"{n}.h5", "--json"), 0).json() for n in "ab"}
        self.assertEqual((of["a"]["digest"], of["a"]["stands_for"]), (of["b"]["digest"], 85))

    def test_people_of_another_region_are_refused(self):
        self.assert_code(self.call("synthesize", "regions/leiden_2013", "--people", "2000", "-o", "people.h5"), 0)
        self.write("a.yaml", f"format: 1\nscenario: a\nbased_on: {REGION}\npeople: {{ file: people.h5 }}\n")
        said = self.assert_code(self.call("check", "a.yaml", "--format", "short"), 2)
        self.assertIn("a.yaml:4:17: error[E0709]: the people of", said.err)
        self.assertIn("are of the region 'leiden_2013', and the scenario is of the region 'maastricht_heuvelland_2013'", said.err)


if __name__ == "__main__":
    unittest.main()
