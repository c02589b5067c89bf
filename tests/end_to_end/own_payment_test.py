"""Own payments under the deductible, reckoned again from people; the price that is left of a visit, and what it does."""

import unittest

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
        return self.results_of(name)

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
        without, _ = self.results("without", "", based_on="primary_care_plus")
        none, _ = self.results("none", "set: { own_price_response.value: 0 }\n")
        # A response of 0 moves nothing by a single bit.
        for name, values in without.items():
            np.testing.assert_array_equal(none[name], values, err_msg=name)
        # Where the wait moves nobody, questions go to the clinic by the factor 1 - response * (mean price of questions - usual).
        alone = "referral_wait_elasticity.value: 0, own_price_usual.value: 1"
        free, _ = self.results("free", f"set: {{ own_price_response.value: 0, {alone} }}\n")
        price = free["questions_by_price"] / free["questions"]
        self.assertTrue(((price > 0.2) & (price < 0.7)).all())
        for response in (0.2, 0.4):
            some, _ = self.results(f"response_{10 * response:.0f}", f"set: {{ own_price_response.value: {response}, {alone} }}\n")
            np.testing.assert_allclose(some["low_complex_question_to_outpatient"] / free["low_complex_question_to_outpatient"],
                                       1 - response * (price - 1), rtol=3e-3)


if __name__ == "__main__":
    unittest.main()
