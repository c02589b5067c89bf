"""Programmes of Maastricht-Heuvelland together: whom they reach, what they do to one rate, what they cost."""

import unittest

import h5py
import numpy as np

from program import ROOT, ProgramTest

FOLDER = ROOT / "scenarios" / "maastricht_heuvelland"
FOUR = ("wittevrouwenveld", "wyckerpoort", "nazareth", "limmel")
SMALL = ["--people", "4000", "--set", "scenario.reference_per_cell=20", "--quiet"]
COLUMNS = ["age", "neighbourhood", "diabetes", "chd", "stroke", "heart_failure", "copd", "depression", "self_reliance", "residence",
           "ses", "youth_trait", "smoking", "bmi"]

# What people cost in each programme of the portfolio, by law, as sums of EUR over these measures of it: from the prices in its entry.
PRICES = {
    "chronic_care_diabetes": ("zvw", {"person_years": 200}),
    "chronic_care_copd": ("zvw", {"person_years": 300}),
    "chronic_care_cvrm": ("zvw", {"person_years": 150}),
    "blue_mental_health": ("zvw", {"started": 225}),
    "frail_elderly": ("zvw", {"started": 150, "person_years": 170}),
    "cardiology_centre": ("zvw", {"started": 151}),
    "positive_health_neighbourhoods": ("wmo", {"started": 130}),
    "youth_practice_nurse": ("jeugd", {"started": 250}),
    "care_coordination": ("wmo", {"started": 1280}),
    "smoking_cessation": ("zvw", {"offered": 2, "started": 300}),
    "lifestyle": ("zvw", {"started": 452}),
}
CATEGORIES = {
    "wlz": ["long_term_care"], "wmo": ["social_support"], "jeugd": ["youth_care"],
    "zvw": ["cross_border", "dental", "devices", "district_nursing", "geriatric_rehab", "gp", "gp_integrated_chronic", "hospital", "maternity",
            "mental", "other", "paramedical", "pharmacy", "primary_care_stay", "primary_care_support", "transport"],
}


def fields(p):
    """In how many of four fields somebody has problems."""
    ill = p("diabetes", "diagnosed", "complicated") | ~p("chd", "none") | ~p("stroke", "none") | ~p("heart_failure", "none") | ~p("copd", "none")
    return 1 * ill + p("depression", "depressed") + ~p("self_reliance", "independent") + p("ses", "q1")


# Who may be invited, said once more apart from the entries; `p(column, labels)` are the people with one of these labels on 1 January.
ELIGIBLE = {
    "chronic_care_diabetes": lambda p: p("diabetes", "diagnosed", "complicated") & (p("age") >= 18),
    "chronic_care_copd": lambda p: p("copd", "gold2", "gold3", "gold4"),
    "chronic_care_cvrm": lambda p: p("chd", "chronic") | p("stroke", "chronic"),
    "blue_mental_health": lambda p: p("depression", "depressed") & (p("age") >= 18),
    "frail_elderly": lambda p: (p("age") >= 75) & p("residence", "home") & ~p("self_reliance", "independent"),
    "cardiology_centre": lambda p: p("chd", "chronic") | p("heart_failure", "mild"),
    "positive_health_neighbourhoods": lambda p: p("neighbourhood", *FOUR) & (p("age") >= 18),
    "youth_practice_nurse": lambda p: (p("age") >= 4) & (p("age") < 18) & (p("youth_trait") > 1) & (p("neighbourhood", *FOUR) | (p("year") >= 2021)),
    "care_coordination": lambda p: p("neighbourhood", *FOUR) & (p("age") >= 18) & p("residence", "home") & (fields(p) >= 3),
    "smoking_cessation": lambda p: p("smoking", "current") & (p("age") >= 18),
    "lifestyle": lambda p: (p("age") >= 18) & ((p("bmi") >= 30) | ((p("bmi") >= 25)
                                                & (p("diabetes", "diagnosed", "complicated") | ~p("chd", "none")))),
}


class Portfolio(ProgramTest):
    def followed(self, name, extra, based_on, *flags):
        """A run of a scenario of the folder with everybody in a panel: its measures by year, and the panel."""
        self.write(f"{name}.yaml", f"format: 1\nscenario: {name}\nbased_on: {FOLDER / based_on}.yaml\n{extra}")
        self.assert_code(self.call("run", f"{name}.yaml", *SMALL, *flags, "-o", f"{name}.h5", timeout=600), 0)
        with h5py.File(self.folder / f"{name}.h5") as file:
            group = file[f"results/{name}"]
            measures = {m: group[m][()].reshape(len(group[m]), -1).sum(1) for m in group
                        if not m.endswith("__labels") and isinstance(group[m], h5py.Dataset) and group[m].ndim and group[m].dtype.kind == "f"}
            panel = {m: data[()] for m, data in file[f"panel/{name}"].items()} if "panel" in file else None
        return measures, panel

    def record(self, columns):
        return f"record: {{ every: 1 year, columns: [{', '.join(columns)}] }}\n"

    def people(self, panel):
        def p(column, *labels):
            if not labels:
                return panel[column]
            codes = [text.decode() for text in panel[column + "__labels"]]
            return np.isin(panel[column], [codes.index(label) for label in labels])
        return p

    def test_every_scenario_of_the_folder_is_good(self):
        for path in sorted(FOLDER.glob("*.yaml")):
            with self.subTest(scenario=path.name):
                self.assert_code(self.call("check", path, "--people", "1000", "--set", "scenario.reference_per_cell=10"), 0)

    def test_the_portfolio_reaches_whom_it_is_for_and_its_costs_add_up(self):
        measures, panel = self.followed("all", self.record([*COLUMNS, *PRICES]), "blauwe_zorg_programmes", "--years", "10")
        p = self.people(panel)
        order = np.lexsort((panel["year"], panel["uid"]))
        uid, year = panel["uid"][order], panel["year"][order]
        follows = (uid[1:] == uid[:-1]) & (year[1:] == year[:-1] + 1)
        for name, eligible in ELIGIBLE.items():
            with self.subTest(programme=name):
                # Invited in a year: in none of its states on 1 January, in one of them a year later.
                none = p(name, "none")[order]
                invited = follows & none[:-1] & ~none[1:]
                self.assertGreater(invited.sum(), 0)
                self.assertEqual((invited & ~eligible(p)[order][:-1]).sum(), 0)

        programmes = {law: 0 for law in CATEGORIES}
        for name, (law, prices) in PRICES.items():
            with self.subTest(cost_of=name):
                cost = sum(price * measures[f"{name}_{what}"] for what, price in prices.items())
                self.assertGreater(cost.sum(), 0)
                np.testing.assert_allclose(measures[f"{name}_cost"], cost, rtol=1e-7)
                programmes[law] = programmes[law] + cost
        for law, categories in CATEGORIES.items():
            care = sum(measures[f"spending_{c}"] for c in categories)
            np.testing.assert_allclose(measures[f"spending_{law}"], care + programmes[law], rtol=1e-7)
        np.testing.assert_allclose(measures["spending_total"], sum(measures[f"spending_{law}"] for law in CATEGORIES), rtol=1e-7)
        # From 2014 on, with the days of 2016 and 2021 on which the pilot ran; in nobody's cost.
        np.testing.assert_allclose(measures["efficient_prescribing_fixed_cost"], [0] + 9 * [100000], rtol=1e-6)
        days = np.array([0, 0, 0, 61 / 366, 1, 1, 1, 1, 90 / 365, 0])
        np.testing.assert_allclose(measures["positive_health_neighbourhoods_fixed_cost"], 675000 * days, rtol=1e-6)

    def test_blue_care_in_the_neighbourhood_reaches_the_four_neighbourhoods_only(self):
        columns = ["age", "neighbourhood", "depression", "diabetes", "residence", "total_qalys_per_person_run", "total_cost_per_person_run"]
        programmes = ["positive_health_neighbourhoods", "youth_practice_nurse", "care_coordination", "blue_mental_health"]
        columns = [c.removeprefix("total_") for c in columns]
        _, there = self.followed("there", self.record(columns + programmes), "blauwe_zorg_in_de_wijk", "--years", "8")
        _, usual = self.followed("usual", "include: [nl/neighbourhoods]\n" + self.record(columns), "usual_care_2013", "--years", "8")
        p = self.people(there)
        inside = p("neighbourhood", *FOUR)
        self.assertTrue(0 < inside.sum() < len(inside))
        for name in programmes:
            with self.subTest(programme=name):
                self.assertGreater((inside & ~p(name, "none")).sum(), 0)
                self.assertEqual((~inside & ~p(name, "none")).sum(), 0)
        # The others live the same lives as without it, to the last bit.
        outside = ~self.people(usual)("neighbourhood", *FOUR)
        for column in ["uid", "year", *columns]:
            np.testing.assert_array_equal(there[column][~inside], usual[column][outside], err_msg=column)

    def test_it_spreads_to_other_neighbourhoods_after_the_pilot(self):
        measures, people = self.followed("spreads", self.record(["neighbourhood", "positive_health_elsewhere"]), "blauwe_zorg_in_de_wijk_spreads", "--years", "14")
        p = self.people(people)
        self.assertEqual((p("neighbourhood", *FOUR) & ~p("positive_health_elsewhere", "none")).sum(), 0)
        # The curve of Bass from April 2021 on, in the middle of each year (of 2021: of the nine months that it runs).
        expected, seen, imitated = np.zeros(14), 0.03, 0.38
        for year in range(2021, 2027):
            gone = np.exp(-(seen + imitated) * (year + 0.5 - 2021.25))
            expected[year - 2013] = 14_000 * (0.75 if year == 2021 else 1.0) * (1 - gone) / (1 + imitated / seen * gone)
        np.testing.assert_allclose(measures["positive_health_elsewhere_offered"], expected, atol=170_000 / 4000)

    def test_two_programmes_on_one_rate_do_less_than_the_sum_of_both(self):
        everybody = "{ invite: 1000000 per year }"
        extra = f"""include: [nl/programmes/sources, nl/programmes/copd_self_management, nl/programmes/chronic_care_copd]
set:
  copd_self_management.entry: {everybody}
  copd_self_management.leave: {{ dropout: 0 per year }}
  copd_self_management.parameters.copd_self_management_at_scale.value: 1
  copd_self_management.parameters.copd_self_management_admissions.value: FIRST
  chronic_care_copd.entry: {everybody}
  chronic_care_copd.leave: {{ dropout: 0 per year }}
  chronic_care_copd.parameters.chronic_care_copd_admissions.value: SECOND
entries:
  - measures: both
    define:
      in_both: {{ integrate: 1, when: copd_self_management == active and chronic_care_copd == active }}
      admissions_in_both: {{ count: copd.exacerbation, expected: true, when: copd_self_management == active and chronic_care_copd == active }}
"""
        rates = {}
        for name, first, second in (("usual", 1, 1), ("first", 0.5, 1), ("second", 1, 0.6), ("joint", 0.5, 0.6)):
            text = extra.replace("FIRST", str(first)).replace("SECOND", str(second))
            measures, _ = self.followed(name, text, "usual_care_2013", "--years", "4")
            self.assertGreater(measures["in_both"].sum(), 0)
            rates[name] = measures["admissions_in_both"].sum() / measures["in_both"].sum()
        # Admissions kill one in ten, so with fewer of them a few more of the severely ill are at risk.
        self.assertAlmostEqual(rates["first"] / rates["usual"], 0.5, delta=0.01)
        self.assertAlmostEqual(rates["second"] / rates["usual"], 0.6, delta=0.01)
        self.assertAlmostEqual(rates["joint"] / rates["usual"], 0.5 * 0.6, delta=0.01)
        singles = (rates["usual"] - rates["first"]) + (rates["usual"] - rates["second"])
        self.assertLess(rates["usual"] - rates["joint"], singles)


if __name__ == "__main__":
    unittest.main()
