"""The places of a region: visits and staff reckoned again from person-time, and not a bit of anything else changed."""

import math
import re
import unittest

import numpy as np

from program import ROOT, ProgramTest

FOLDER = ROOT / "scenarios" / "maastricht_heuvelland"
ENTRY = ROOT / "models" / "library" / "nl" / "network" / "regional_care.yaml"
SMALL = ["--people", "5000", "--set", "scenario.reference_per_cell=10", "--years", "2", "--quiet"]
BY_HAND = """record: { every: 1 year, columns: [age, sex, chd, heart_failure, diabetes, self_reliance, residence] }
entries:
  - measures: by_hand
    groups:
      rate_age: { of: age, from: [0, 5, 18, 45, 65, 75, 85] }
    define:
      hand_years: { integrate: 1, by: [rate_age] }
      hand_home: { integrate: "residence == home ? 1 : 0", by: [self_reliance] }
      hand_nursing_home: { integrate: "residence == nursing_home ? 1 : 0" }
      hand_events:
        count: [heart_failure.admission, copd.exacerbation, chd.onset, chd.recurrence, stroke.onset, stroke.recurrence]
        expected: true
"""
# Of what only the entry has.
BY_HAND_VISITS = """      hand_carer_visits: { count: long_term_care.to_nursing_home_care }
      hand_team_visits: { count: support_question.to_neighbourhood_team }
      hand_nursing_visits: { count: nursing_at_home.to_district_nursing, by: [self_reliance] }
"""


def numbers():
    """The parameters of the entry, read without the program: single numbers, and tables as lists in their order."""
    found = {}
    for name, body in re.findall(r"^  (\w+):(.*(?:\n    .*)*)", ENTRY.read_text().split("\nparameters:\n")[1], re.M):
        value, table = re.search(r"\bvalue: ([-\d.]+)", body), re.search(r"\bvalues: \{ ([^}]*) \}", body)
        found[name] = float(value[1]) if value else np.array([float(pair.split(": ")[1]) for pair in table[1].split(", ")])
    return found


class Places(ProgramTest):
    @classmethod
    def setUpClass(cls):
        cls.runs = {}

    def results(self, based_on):
        """Measures by year with their groups, and the panel."""
        if based_on not in self.runs:
            visits = BY_HAND_VISITS if based_on == "places_of_care" else ""
            self.write("run.yaml", f"format: 1\nscenario: run\nbased_on: {FOLDER / based_on}.yaml\n{BY_HAND}{visits}")
            self.assert_code(self.call("run", "run.yaml", *SMALL, "-o", "run.h5"), 0)
            self.runs[based_on] = self.results_of("run")
        return self.runs[based_on]

    def years(self, name):
        values = self.results("places_of_care")[0][name]
        return values.reshape(len(values), -1).sum(1)

    def test_nothing_else_is_another_by_a_bit(self):
        measures, panel = self.results("places_of_care")
        without, panel_without = self.results("usual_care_2013")
        self.assertIn("spending_total", without)
        self.assertIn("qalys", without)
        self.assertNotIn("ward_arrivals", without)
        self.assertGreater(measures["ward_arrivals"].sum(), 0)
        for name, values in without.items():
            np.testing.assert_array_equal(measures[name], values, err_msg=name)
        self.assertEqual(set(panel), set(panel_without))
        for name, values in panel_without.items():
            np.testing.assert_array_equal(panel[name], values, err_msg=name)

    def test_visits_are_rates_over_the_time_of_people(self):
        p, measures = numbers(), self.results("places_of_care")[0]
        by_age = measures["hand_years"]
        home = measures["hand_home"]
        # An hour at a place after a visit, in which the same question does not come again.
        hour = 1 / (365.25 * 24)
        out_of_hours = p["out_of_hours_contacts"] * p["out_of_hours_level"]
        questions = p["practice_contacts"] * p["practice_contacts_level"] * (1 - p["practice_nurse_share"] - p["digital_share"])
        expected = {
            "day_treatment": by_age @ (p["day_cases"] * p["day_cases_level"]),
            "out_of_hours": by_age @ (out_of_hours / (1 + out_of_hours * hour)),
            "district_nursing": 12 * (home @ p["nursing_share"]),
            "nursing_home_care": 12 * self.years("hand_nursing_home"),
        }
        for place, visits in expected.items():
            with self.subTest(place=place):
                np.testing.assert_allclose(self.years(f"{place}_arrivals"), visits, rtol=0.01)
        # Onward: of each of the two ways chance in the number of visits and in the length of stays, four standard deviations.
        weight = 170000 / 5000
        ways = [(expected["out_of_hours"].sum(), p["out_of_hours_to_emergency"]), ((by_age @ questions).sum(), p["gp_to_emergency"])]
        from_nurse = self.years("practice_nurse_arrivals").sum() * p["nurse_to_gp"]
        ways.append((from_nurse, p["gp_to_emergency"]))
        emergency = (by_age @ (p["emergencies"] * p["emergencies_level"])).sum() + self.years("hand_events").sum()
        emergency += sum(visits * share for visits, share in ways)
        spread = math.sqrt(sum(2 * visits * weight * share ** 2 for visits, share in ways))
        self.assertLess(4 * spread, 0.05 * emergency)
        self.assertAlmostEqual(self.years("emergency_department_arrivals").sum(), emergency, delta=4 * spread + 0.01 * emergency)

    def test_full_time_workers_are_hours_of_visits_over_hours_of_a_year(self):
        p, measures = numbers(), self.results("places_of_care")[0]
        nursing = measures["hand_nursing_visits"].reshape(2, -1)
        # One simulated visit stands for 34: counted as drawn, not as expected, for that is what the work follows.
        hours = {
            "carer": self.years("hand_carer_visits") * p["nursing_home_month_hours"],
            "social_worker": self.years("hand_team_visits") * p["team_hours"],
            "district_nurse": nursing @ p["nursing_month_hours"],
        }
        for profession, worked in hours.items():
            with self.subTest(profession=profession):
                self.assertGreater(worked.min(), 0)
                np.testing.assert_allclose(self.years(f"{profession}_fte"), worked / p["employee_year_hours"], rtol=1e-4)


if __name__ == "__main__":
    unittest.main()
