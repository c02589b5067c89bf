"""Primary care plus in Maastricht-Heuvelland: each patient's evaluation looks well, the use of all does not fall."""

import unittest

from program import ROOT, ProgramTest

FOLDER = ROOT / "scenarios" / "maastricht_heuvelland"
MEASURES = "outpatient_visits,pcplus_arrivals,pcplus_visits_instead,pcplus_onward,outpatient_wait,person_years"


class CareNetwork(ProgramTest):
    def comparisons(self):
        files = [FOLDER / f"{name}.yaml" for name in ("low_complex_care", "primary_care_plus", "primary_care_plus_capacity_stays_free")]
        said = self.assert_code(self.call("compare", *files, "--years", "8", "--people", "20000", "--set", "scenario.reference_per_cell=100",
                                          "-m", MEASURES, "--json", timeout=600), 0).json()["comparisons"]
        for one in said:
            values = {m["measure"]: {c["year"]: c for c in m["cells"]} for m in one["measures"]}
            per_1000 = lambda name, year, where, values=values: 1000 * values[name][year][where] / values["person_years"][year][where]
            yield values, per_1000, one["people"]

    def test_the_paradox_of_primary_care_plus(self):
        (values, per_1000, people), (alone, alone_per_1000, _) = self.comparisons()
        # Published claims per 1,000 insured, 2015 and 2018 (van den Bogaart 2023). Those of primary care plus were fitted;
        # those of the hospital follow its capacity, which is on the national trend, with and without primary care plus.
        self.assertAlmostEqual(per_1000("pcplus_arrivals", 2015, "here"), 24.7, delta=1.0)
        self.assertAlmostEqual(per_1000("pcplus_arrivals", 2018, "here"), 48.8, delta=1.5)
        for year, published in ((2015, 89.7), (2018, 82.9)):
            for where in ("here", "against"):
                self.assertAlmostEqual(per_1000("outpatient_visits", year, where), published, delta=1.5)
        total = [per_1000("outpatient_visits", year, "here") + per_1000("pcplus_arrivals", year, "here") for year in (2015, 2018)]
        self.assertAlmostEqual(100 * (total[1] / total[0] - 1), 15.1, delta=2.5)
        # What a study of the patients finds: 85 % would have gone to the hospital, 28 % still do.
        visits = values["pcplus_arrivals"][2018]["here"]
        self.assertAlmostEqual(values["pcplus_visits_instead"][2018]["here"] / visits, 0.854, delta=0.02)
        self.assertAlmostEqual(values["pcplus_onward"][2018]["here"] / visits, 0.281, delta=0.02)
        # The wait is shorter, and that is why: without GPs who refer more, the hospital would do a quarter less.
        self.assertLess(values["outpatient_wait"][2018]["percent"], -60)
        self.assertLess(alone_per_1000("outpatient_visits", 2018, "here"), 0.8 * 82.9)
        self.assertLess(alone["outpatient_wait"][2018]["here"], 0.01)
        # Nobody's health is another by a single bit.
        qalys = [row for row in people["totals"] if row["total"] == "qalys_per_person_run"]
        self.assertEqual([(row["more"], row["less"]) for row in qalys], [(0, 0)])


if __name__ == "__main__":
    unittest.main()
