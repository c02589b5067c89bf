"""Own payments under the deductible, reckoned again from people; the price that is left of a visit, and what it does."""

import unittest

import h5py
import numpy as np

from program import ROOT, ProgramTest

FOLDER = ROOT / "scenarios" / "maastricht_heuvelland"
SMALL = ["--people", "3000", "--years", "3", "--set", "scenario.reference_per_cell=10", "--quiet"]
DEDUCTIBLE = {2013: 350, 2014: 360, 2015: 375}
SUBJECT = ("hospital", "pharmacy", "mental", "devices", "transport", "paramedical", "dental", "geriatric_rehab", "primary_care_stay")


class OwnPayment(ProgramTest):
    def results(self, name, extra, *flags, based_on="own_payment"):
        self.write(f"{name}.yaml", f"format: 1\nscenario: {name}\nbased_on: {FOLDER / based_on}.yaml\n{extra}")
        self.assert_code(self.call("run", f"{name}.yaml", *SMALL, *flags, "-o", f"{name}.h5"), 0)
        with h5py.File(self.folder / f"{name}.h5") as file:
            group = file[f"results/{name}"]
            measures = {m: group[m][()] for m in group if isinstance(group[m], h5py.Dataset) and group[m].ndim and group[m].dtype.kind == "f"}
            panel = {m: data[()] for m, data in file[f"panel/{name}"].items()} if "panel" in file else None
        return measures, panel

    def test_each_adult_pays_up_to_the_deductible_of_the_year(self):
        costs = " + ".join(f"cost_{c}" for c in SUBJECT)
        extra = f"""record: {{ every: 1 year, columns: [age, subject] }}
entries:
  - measures: subject
    define:
      subject: {{ integrate: {costs}, when: age >= 18 years, per_person: run }}
"""
        measures, panel = self.results("people", extra)
        each = 170_000 / 3000
        for i, (year, deductible) in enumerate(DEDUCTIBLE.items()):
            # A row has the cost since the row before: on 1 January, or at the end of somebody who died or left in the year.
            of_year = panel["subject"][panel["year"] == year + 1]
            self.assertGreater((of_year > deductible).sum(), 1000)
            self.assertGreater(((of_year > 0) & (of_year < deductible)).sum(), 300)
            np.testing.assert_allclose(measures["own_payment"][i], np.minimum(of_year, deductible).sum() * each, rtol=1e-6)

    def test_who_has_paid_goes_to_the_clinic_more_often(self):
        with_price, _ = self.results("price", "")
        without, _ = self.results("without", "", based_on="primary_care_plus")
        none, _ = self.results("none", "set: { own_price_response.value: 0 }\n")
        # A response of 0 moves nothing by a single bit.
        for name, values in without.items():
            np.testing.assert_array_equal(none[name], values, err_msg=name)
        twice, _ = self.results("twice", "set: { own_price_response.value: 0.4, own_price_usual.value: 1, referral_wait_elasticity.value: 0 }\n")
        once, _ = self.results("once", "set: { own_price_response.value: 0.2, own_price_usual.value: 1, referral_wait_elasticity.value: 0 }\n")
        free, _ = self.results("free", "set: { own_price_response.value: 0, referral_wait_elasticity.value: 0 }\n")
        # Who pays less than all of it goes more often; about twice the response, about twice the rise.
        rise = [m["low_complex_question_to_outpatient"].sum() / free["low_complex_question_to_outpatient"].sum() - 1 for m in (once, twice)]
        self.assertGreater(rise[0], 0.05)
        self.assertLess(rise[0], 0.2)
        self.assertAlmostEqual(rise[1] / rise[0], 2, delta=0.1)


if __name__ == "__main__":
    unittest.main()
