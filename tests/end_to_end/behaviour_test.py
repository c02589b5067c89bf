"""How practices and patients behave: added by an include, reckoned again by hand, without a trace where it has no size."""

import math
import re
import statistics
import unittest

import h5py
import numpy as np

from program import ROOT, ProgramTest

SCENARIOS = ROOT / "scenarios"
ENTRIES = ROOT / "models" / "library" / "nl" / "behaviour"
SMALL = ["--people", "5000", "--set", "scenario.reference_per_cell=10", "--quiet"]
NORMAL = statistics.NormalDist()


def numbers(entry):
    """The single numbers among the parameters of an entry, read without the program."""
    text = (ENTRIES / f"{entry}.yaml").read_text().split("\nparameters:\n")[1]
    return {name: float(value) for name, value in re.findall(r"^  (\w+):(?:.*|(?:\n    .*)*?)\bvalue: ([-\d.]+)", text, re.M)}


class Behaviour(ProgramTest):
    def results(self, name, based_on, extra="", *flags):
        """Measures by year with their groups, and the panel."""
        self.write(f"{name}.yaml", f"format: 1\nscenario: {name}\nbased_on: {SCENARIOS / based_on}.yaml\n{extra}")
        self.assert_code(self.call("run", f"{name}.yaml", *SMALL, *flags, "-o", f"{name}.h5", timeout=3000), 0)
        with h5py.File(self.folder / f"{name}.h5") as file:
            group = file[f"results/{name}"]
            measures = {m: group[m][()] for m in group if isinstance(group[m], h5py.Dataset) and group[m].ndim and group[m].dtype.kind == "f"}
            panel = {m: data[()] for m, data in file[f"panel/{name}"].items()} if "panel" in file else None
        return measures, panel

    def labels(self, panel, column):
        return np.array([text.decode() for text in panel[column + "__labels"]])[panel[column]]

    def assert_all_alike(self, with_more, without):
        self.assertGreater(len(without), 50)
        for name, values in without.items():
            np.testing.assert_array_equal(with_more[name], values, err_msg=name)

    def test_practices_differ_as_reckoned_and_feedback_brings_them_together(self):
        by_practice = f"""entries:
  - measures: by_practice
    groups:
      one: {{ of: practice, from: {list(range(55))} }}
    define:
      one_years: {{ integrate: 1, by: one }}
      one_need: {{ integrate: low_complex_need, by: one }}
      one_referrals: {{ count: low_complex_question.to_outpatient, expected: true, by: one }}
      one_medicines: {{ integrate: cost_pharmacy, by: one }}
"""
        size = "practices.parameters.{}_spread.value: {}"
        without, _ = self.results("without", "maastricht_heuvelland/low_complex_care", "", "--years", "2")
        none = "set: {" + ", ".join(size.format(what, 0) for what in ("referral", "prescribing")) + "}\n"
        alike, _ = self.results("alike", "maastricht_heuvelland/practice_feedback", none + by_practice, "--years", "2")
        self.assert_all_alike(alike, without)

        p, signal = numbers("practices"), numbers("practice_feedback")
        self.assertEqual(p["practices"], 55)
        place = np.array([NORMAL.inv_cdf((k + 0.5) / 55) for k in range(55)])
        sd, sd_medicines, edge = p["referral_spread"], p["prescribing_spread"], NORMAL.inv_cdf(0.25)
        # Every practice has one in 55 of the people, by chance; a fifth 11 of them.
        years = alike["one_years"][0]
        self.assertLess(((years - years.mean()) ** 2).sum() / years.mean() / (170000 / 5000), 55 + 5 * math.sqrt(110))

        # Feedback in 2014 alone, of a size that shows: a signal of months, of which each holds what is reached at its end.
        share = 0.5
        months = np.arange(48)
        done = np.where(months < 12, 0, share * -np.expm1(-signal["practice_feedback_speed"] * (months - 11) / 12))
        done = np.where(months < 24, done, done[23] * np.exp(-signal["practice_feedback_fading"] * (months - 23) / 12))
        to_middle = lambda f: np.exp(sd * place * (1 - f) - (sd * (1 - f)) ** 2 / 2)
        to_quarter = lambda f: np.exp(sd * (place - f * np.maximum(0, place - edge)) - sd ** 2 / 2)
        feedback = f"set: {{ practice_feedback.parameters.practice_feedback_share.value: {share}, practice_feedback.parameters.practice_feedback_until.value: 2015 }}\n"
        for scenario, style, run in (("practice_feedback", to_middle, 4), ("practice_benchmark", to_quarter, 2)):
            with self.subTest(scenario=scenario):
                found, _ = self.results(scenario, f"maastricht_heuvelland/{scenario}", feedback + by_practice, "--years", str(run))
                factor = found["one_referrals"] / found["one_need"]
                for year in range(run):
                    course = np.array([style(done[m]) for m in range(12 * year, 12 * year + 12)])
                    # Some 90 people of a practice come, go and grow older: with a need that moves by up to 15 % in the year, the mean
                    # over them is off the mean of the months by up to a twelfth of 15 % of how far the style moves.
                    off = 2e-4 * course.mean(0) + 0.15 / 12 * (course.max(0) - course.min(0))
                    self.assertTrue((abs(factor[year] - course.mean(0)) < off).all(), f"year {year}: {factor[year]}, reckoned {course.mean(0)}")
                    np.testing.assert_allclose(found["practice_feedback_done"][year], done[12 * year:12 * year + 12].mean(), rtol=1e-6, atol=1e-12)
                # The spread is that of the entry at first and smaller after.
                spread = np.log(factor).std(axis=1)
                self.assertAlmostEqual(spread[0], sd * place.std(), delta=1e-4)
                self.assertLess(spread[1], 0.95 * spread[0])
                # Fifths: eleven practices each.
                fifth = found["practice_style_years"][0] / found["practice_person_years"][0]
                np.testing.assert_allclose(fifth, style(0).reshape(5, 11).mean(1), rtol=0.02)
                # Medicines: the same lives, another factor, in another order.
                rank = (26 * np.arange(55)) % 55
                expected = np.exp(sd_medicines * place[rank] - sd_medicines ** 2 / 2)
                np.testing.assert_allclose(found["one_medicines"][0] / alike["one_medicines"][0], expected, rtol=2e-4)
                np.testing.assert_array_equal(found["deaths"][:2], alike["deaths"])
        self.assertLess(abs(np.corrcoef(place, place[rank])[0, 1]), 0.06)


if __name__ == "__main__":
    unittest.main()
