"""The page that a run ends with: declared by the model, printed by `run` and `show`, as text and as JSON."""

import csv
import itertools
import math
import unittest

import h5py
import numpy

from program import REGION, ROOT, SMALL, ProgramTest

COHORT = ROOT / "scenarios" / "textbook" / "gompertz.yaml"


class Summary(ProgramTest):
    def page(self, said):
        return said.out.rstrip("\n").split("\n")

    def assert_fits(self, lines, height=44, width=100):
        self.assertLessEqual(len(lines), height)
        self.assertLessEqual(max(map(len, lines)), width)

    def test_a_region_ends_with_a_page_that_fits_a_screen(self):
        run = self.assert_code(self.call("run", REGION, *SMALL, "-o", "a.h5"), 0)
        show = self.assert_code(self.call("show", "a.h5"), 0)
        self.assertTrue(run.out.startswith(show.out.rstrip("\n")))
        # two lines more than of the whole region: the people stand for others, and few are simulated
        self.assert_fits(self.page(show), 46)
        for text in ("3000 simulated people stand for 170,000", "People on 1 January", "80 and over", "life expectancy", "dementia", "/1,000 2013", "Spending, million EUR",
                     "(Wlz)¹", "per head (EUR)", "costliest 1 %", "nominal", "approximation", "assumptions", "One run"):
            self.assertIn(text, show.out)
        self.assertNotIn("People on", self.assert_code(self.call("run", REGION, *SMALL, "-o", "b.h5", "--quiet"), 0).out)

    def test_it_says_the_same_as_json(self):
        run = self.assert_code(self.call("run", REGION, *SMALL, "-o", "a.h5", "--json"), 0).json()
        show = self.assert_code(self.call("show", "a.h5", "--json"), 0).json()
        self.assertEqual(run["summary"], show["summary"])
        sections = {s["heading"]: s["lines"] for s in show["summary"]["sections"]}
        people = sections["People on 1 January"][0]
        self.assertEqual(people["date"], [2013, 2014, 2015, 2016])
        self.assertAlmostEqual(people["values"][0], 170000, places=6)
        births = sections["In the year"][0]
        self.assertEqual(births["year"], [2013, 2014, 2015])
        spending = {line["label"]: line for line in sections["Spending"]}
        head = spending["all care per head"]
        measures = {m["name"]: m["values"] for m in show["measures"]}
        self.assertAlmostEqual(head["values"][0], measures["spending_total"][0][0] / measures["person_years"][0][0], places=6)
        laws = [line["values"][2] for label, line in spending.items() if label.endswith(("(Zvw)", "(Wlz)", "(Wmo)", "(Jeugdwet)"))]
        self.assertAlmostEqual(sum(laws), spending["all care"]["values"][2], places=6)

    def test_growth_is_split_exactly(self):
        """All 24 orders by hand, from the measures of the file."""
        run = self.assert_code(self.call("run", REGION, *SMALL, "-o", "a.h5", "--json"), 0).json()
        lines = [s for s in run["summary"]["sections"] if s["heading"] == "Spending"][0]["lines"]
        parts = {line["part_of_growth"]: line for line in lines if "part_of_growth" in line}
        total = [line for line in lines if line["label"] == "all care"][0]
        self.assertEqual(list(parts), ["people", "ages", "care", "index"])
        with h5py.File(self.folder / "a.h5") as file:
            results = next(iter(file["results"].values()))
            cost, plain, years = (numpy.asarray(results[name]).reshape(3, -1) for name in
                                  ("spending_total", "spending_total_unindexed", "person_years_5"))
        self.assertGreater(years.min(), 0)
        now = {"people": years.sum(1), "ages": years / years.sum(1, keepdims=True), "care": plain / years, "index": cost / plain}
        for t in (1, 2):
            mean = dict.fromkeys(now, 0.0)

            def amount(at):
                return now["people"][at["people"]] * sum(now["ages"][at["ages"]] * now["care"][at["care"]] * now["index"][at["index"]])

            for order in itertools.permutations(now):
                at = dict.fromkeys(now, 0)
                for factor in order:
                    before = amount(at)
                    at[factor] = t
                    mean[factor] += math.log(amount(at) / before) / 24
            whole = cost.sum(1)
            euros = (whole[t] - whole[0]) / math.log(whole[t] / whole[0]) / 1e6
            for name, part in parts.items():
                self.assertAlmostEqual(part["values"][t], euros * mean[name], places=8)
                if t == 2:
                    self.assertAlmostEqual(part["change_percent"], 100 * math.expm1(mean[name]), places=8)
                    self.assertAlmostEqual(part["change_percent_per_year"], 100 * math.expm1(mean[name] / 2), places=8)
            self.assertAlmostEqual(sum(part["values"][t] for part in parts.values()), total["values"][t] - total["values"][0], places=8)
        self.assertAlmostEqual(math.prod(1 + part["change_percent"] / 100 for part in parts.values()), 1 + total["change_percent"] / 100, places=10)

    def test_the_index_of_a_year_is_that_of_its_table(self):
        """Cost over cost without the index, of a category whose index has no age, is the number of the table."""
        scenario = self.write("two.yaml", f"""format: 1
scenario: two
based_on: {REGION}
entries:
  - measures: more
    define:
      with_index: {{ integrate: cost_pharmacy }}
      without: {{ integrate: unindexed_cost_pharmacy }}
""")
        self.assert_code(self.call("run", scenario, *SMALL, "-o", "a.h5", "--quiet"), 0)
        with open(ROOT / "models" / "library" / "nl" / "care" / "tables" / "index_trend_2013.csv", newline="") as file:
            table = {row["year"]: float(row["pharmacy"]) for row in csv.DictReader(line for line in file if not line.startswith("#"))}
        with h5py.File(self.folder / "a.h5") as file:
            results = next(iter(file["results"].values()))
            for t, year in enumerate(("2013", "2014", "2015")):
                self.assertAlmostEqual(results["with_index"][t] / results["without"][t] / table[year], 1, places=9)
        self.assertGreater(abs(table["2015"] - 1), 0.01)

    def test_replicates_are_averaged_and_their_spread_is_told(self):
        self.assert_code(self.call("run", REGION, *SMALL, "--replicates", "2", "-o", "a.h5"), 0)
        said = self.assert_code(self.call("show", "a.h5"), 0)
        self.assertIn("± sd", said.out)
        self.assertIn("Means of 2 replicates", said.out)
        self.assert_fits(self.page(said), 46)
        line = self.assert_code(self.call("show", "a.h5", "--json"), 0).json()["summary"]["sections"][1]["lines"][1]
        self.assertEqual(len(line["sd"]), 3)

    def test_the_years_can_be_chosen(self):
        self.assert_code(self.call("run", REGION, *SMALL, "-o", "a.h5", "--quiet"), 0)
        line = self.assert_code(self.call("show", "a.h5", "--from", "2014", "--json"), 0).json()["summary"]["sections"][0]["lines"][0]
        self.assertEqual(line["date"], [2014, 2015, 2016])

    def test_two_scenarios_are_put_side_by_side(self):
        policy = self.write("p.yaml", f"format: 1\nscenario: policy\nbased_on: {REGION}\neffects: [ {{ on: death, multiply: 0.5 }} ]\n")
        for scenario, name in ((REGION, "usual.h5"), (policy, "policy.h5")):
            self.assert_code(self.call("run", scenario, *SMALL, "--replicates", "3", "-o", name, "--quiet"), 0)
        said = self.assert_code(self.call("compare", "usual.h5", "policy.h5", "--json"), 0).json()["comparisons"][0]
        self.assertTrue(said["paired"])
        lines = {line["label"]: line for section in said["sections"] for line in section["lines"]}
        self.assertFalse([label for label in lines if label.startswith("growth")])
        page = {name: {line["label"]: line for section in self.call("show", name, "--json").json()["summary"]["sections"] for line in section["lines"]}
                for name in ("usual.h5", "policy.h5")}
        deaths = [page[name]["deaths"]["values"] for name in ("policy.h5", "usual.h5")]
        self.assertAlmostEqual(lines["deaths"]["difference"], deaths[0][-1] - deaths[1][-1], places=9)
        self.assertAlmostEqual(lines["deaths"]["all_years"]["difference"], sum(deaths[0]) - sum(deaths[1]), places=9)
        with h5py.File(self.folder / "usual.h5") as a, h5py.File(self.folder / "policy.h5") as b:
            of = [numpy.asarray(next(iter(file["results"].values()))["deaths"]).reshape(3, 3, -1).sum(2)[:, -1] for file in (a, b)]
        self.assertAlmostEqual(lines["deaths"]["standard_error"], numpy.std(of[1] - of[0], ddof=1) / math.sqrt(3), places=9)
        self.assertLess(lines["deaths"]["percent"], -30)
        self.assertIn("The same people with the same luck", self.assert_code(self.call("compare", "usual.h5", "policy.h5"), 0).out)
        same = self.assert_code(self.call("compare", "usual.h5", "usual.h5", "--json"), 0).json()["comparisons"][0]
        self.assertEqual({line["difference"] for section in same["sections"] for line in section["lines"]}, {0})
        of_women = self.assert_code(self.call("compare", "usual.h5", "policy.h5", "-m", "deaths", "--by", "sex", "--json"), 0).json()
        cells = [cell for cell in of_women["comparisons"][0]["measures"][0]["cells"] if cell["year"] == 2015]
        self.assertEqual([cell["group"] for cell in cells], ["female", "male"])
        self.assertAlmostEqual(sum(cell["difference"] for cell in cells), lines["deaths"]["difference"], places=9)

    def test_scenarios_are_run_to_be_compared(self):
        policy = self.write("p.yaml", f"format: 1\nscenario: policy\nbased_on: {REGION}\neffects: [ {{ on: death, multiply: 0.5, for: sex == male }} ]\n")
        said = self.assert_code(self.call("compare", REGION, policy, *SMALL, "-o", "both.h5", "--json"), 0).json()["comparisons"][0]
        people = said["people"]
        # Only those whose death is another are touched: the 98 % who live on in both cost and feel the same to the last bit.
        self.assertGreater(people["untouched"], people["both"] * 0.95)
        self.assertLess(people["untouched"], people["both"])
        by_sex = self.assert_code(self.call("compare", REGION, policy, *SMALL, "-m", "deaths", "--by", "sex", "--json"), 0).json()["comparisons"][0]
        women = [row for row in by_sex["people"]["totals"] if row["group"] == "sex female"]
        self.assertEqual([(row["more"], row["less"]) for row in women], [(0, 0), (0, 0)])
        # the file holds what two runs would have written
        self.assert_code(self.call("run", policy, *SMALL, "-o", "policy.h5", "--quiet"), 0)
        with h5py.File(self.folder / "both.h5") as both, h5py.File(self.folder / "policy.h5") as alone:
            self.assertEqual(len(both["results"]), 2)
            self.assertNotIn("persons", both)
            for name, data in alone["results/policy"].items():
                if isinstance(data, h5py.Dataset) and data.dtype.kind == "f":
                    numpy.testing.assert_array_equal(data[()], both[f"results/policy/{name}"][()], name)

    def test_what_cannot_be_compared_is_said_before_anything_runs(self):
        wrong = self.write("wrong.yaml", "format: 1\nscenario: wrong\nyeers: 3\npeople: { number: 10 }\n")
        self.assertIn("yeers", self.assert_code(self.call("compare", REGION, wrong, timeout=60), 2).err)
        self.assert_code(self.call("compare", REGION, "missing.h5", timeout=60), 3)
        self.assertIn("did you mean 'deaths'", self.assert_code(self.call("compare", REGION, REGION, "-m", "death", timeout=60), 2).err)
        self.assertIn("no axis 'sax'", self.assert_code(self.call("compare", REGION, REGION, "-m", "deaths", "--by", "sax", timeout=60), 2).err)
        self.assert_code(self.call("compare", REGION, *SMALL), 2)
        self.assert_code(self.call("compare", REGION, REGION, "--by", "sex", *SMALL), 2)

    def test_signals_are_shown_with_the_measures(self):
        queue = self.write("queue.yaml", "format: 1\nscenario: queue\npeople: { number: 100 }\nstarts: 2000\nyears: 2\nstep: 6 months\nentries:\n"
                           "  - measures: m\n    define: { demand: { integrate: 3 per year } }\n"
                           "  - signals: s\n    define: { waiting: { doc: Who waits., start: 0, next: \"max(0, waiting + step * (demand - 200 per year))\" } }\n")
        self.assert_code(self.call("run", queue, "-o", "a.h5"), 0)
        with h5py.File(self.folder / "a.h5") as file:
            # by half a year 0, 50, 100, 150
            numpy.testing.assert_allclose(file["results/queue/waiting"][()], [25, 125], rtol=1e-6)
        self.assertIn("125", self.assert_code(self.call("show", "a.h5", "waiting"), 0).out)
        self.assertIn("waiting", self.assert_code(self.call("plan", queue), 0).out)
        self.assertEqual(self.call("plan", queue, "--json").json()["signals"], [{"name": "waiting", "start": 0.0, "unit": "1"}])

    def test_results_without_a_summary_give_a_short_overview(self):
        run = self.assert_code(self.call("run", COHORT, "--people", "200", "--years", "2", "-o", "a.h5"), 0)
        self.assertEqual(len(self.page(run)), 4)
        said = self.assert_code(self.call("show", "a.h5"), 0)
        self.assert_fits(self.page(said), 30)
        self.assertIn("over time", said.out)

    def test_all_measures_can_be_listed(self):
        self.assert_code(self.call("run", REGION, *SMALL, "-o", "a.h5", "--quiet"), 0)
        said = self.assert_code(self.call("show", "a.h5", "--all"), 0)
        self.assertIn("with_lung_cancer", said.out)
        self.assertGreater(len(self.page(said)), 80)

    def test_another_entry_adds_a_line_to_a_section(self):
        said = self.assert_code(self.call("run", ROOT / "scenarios" / "examples" / "kidney_disease.yaml", *SMALL, "-o", "a.h5", "--json"), 0).json()
        sections = {s["heading"]: [line["label"] for line in s["lines"]] for s in said["summary"]["sections"]}
        self.assertEqual(sections["Conditions on 1 January"][-1], "chronic kidney disease")

    def test_neighbourhoods_of_a_plan_are_listed_by_size(self):
        said = self.assert_code(self.call("run", ROOT / "scenarios" / "examples" / "demand_by_neighbourhood.yaml", *SMALL, "-o", "a.h5", "--json"), 0).json()
        section = [s for s in said["summary"]["sections"] if "neighbourhood" in s["heading"]][0]
        last = [line["values"][-1] for line in section["lines"]]
        self.assertEqual(last, sorted(last, reverse=True))


if __name__ == "__main__":
    unittest.main()
