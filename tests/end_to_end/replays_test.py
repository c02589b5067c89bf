"""Programmes of the library held against what was published of them, and what happens to costly people without any.

Published figures stand here as they were published. Which of them the library was fitted to is told in
docs/methods/replays.md.
"""

import math
import re
import unittest

import h5py
import numpy as np

from program import ROOT, ProgramTest

LIBRARY = ROOT / "models" / "library"
EVERYBODY = 10_000_000  # invitations a year, more than there are people
RUN = ["--threads", "1", "--quiet"]


def process(name, states, event, **start):
    """A process in miniature: `event` leads from the first state to the second; who is where is given."""
    shares = {state: start.get(state, 0.001) for state in states[1:]}
    return f"""
  - process: {name}
    states: [{", ".join(states)}]
    absorbing: [{", ".join(states[1:])}]
    start: {{ {", ".join(f"{state}: {share}" for state, share in shares.items())} }}
    transitions: {{ {event}: {{ from: {states[0]}, to: {states[1]}, rate: 0.01 per year }} }}"""


def trial(include, entries, settings, years, step, people=20000, starts=2014, age=60, attributes=""):
    """Adults of one age who are all eligible and all asked: a programme of the library, without the rest of it."""
    return f"""format: 1
scenario: trial
doc: A programme of the library among people made for it.
starts: {starts}
years: {years}
step: {step}
people: {{ number: {people} }}
include: [nl/sources, nl/programmes/sources, nl/programmes/leiden_sources, {", ".join("nl/programmes/" + name for name in include)}]
entries:
  - attributes: who
    define:
      age: {{ unit: year, start: {age} years }}
      sex: {{ categories: [female, male], start: {{ male: 0.5 }} }}{attributes}
  - care: no_care
    laws: [zvw]
    categories: {{ gp: zvw }}
    residual: {{ gp: 0 EUR per year }}{entries}
set: {{ {", ".join(f"{path}: {value}" for path, value in settings.items())} }}
"""


def of(programme, parameter):
    return f"{programme}.parameters.{parameter}.value"


def interval(part, all_, z=1.96):
    """95 % interval of a published share (Wilson)."""
    share = part / all_
    middle = (share + z * z / (2 * all_)) / (1 + z * z / all_)
    half = z * math.sqrt(share * (1 - share) / all_ + z * z / (4 * all_ * all_)) / (1 + z * z / all_)
    return middle - half, middle + half


class Replay(ProgramTest):
    def results(self, text, *flags, top="results"):
        path = self.write("replay.yaml", text)
        self.assert_code(self.call("run", path, *RUN, *flags, "-o", "replay.h5", timeout=600), 0)
        with h5py.File(self.folder / "replay.h5") as file:
            group, = file[top].values()
            return {name: data[()] for name, data in group.items()}

    def assert_within(self, value, bounds):
        self.assertTrue(bounds[0] <= value <= bounds[1], f"{value} is not in {bounds}")


class Funnels(Replay):
    def portal(self, **start):
        states = {"diabetes": ["none", "complicated", "diagnosed"], "copd": ["none", "gold1", "gold2"], "heart_failure": ["none", "mild"]}
        events = {"diabetes": "complication", "copd": "exacerbation", "heart_failure": "admission"}
        entries = "".join(process(name, states[name], events[name], **start) for name in states)
        got = self.results(trial(["e_health_use", "e_health_portal", "e_health_measures"], entries,
                                 {of("e_health_portal", "e_health_portal_offers"): EVERYBODY}, years=1, step="1 year", people=40000))
        use = got["e_health_portal_started"].sum((0, 1))  # over sex; never, once, active
        return got["e_health_portal_offered"].sum(), got["e_health_portal_consented"].sum(), use

    def test_the_portal_is_used_as_e_vita_was(self):
        offered, consented, use = self.portal(gold2=0.9, diagnosed=0.5)
        # Fitted: consent to e-Vita for COPD, 244 of 742; use by people with diabetes, 633 with an account.
        self.assert_within(consented / offered, interval(244, 742))
        for share, published in zip(use / use.sum(), (0.570, 0.291, 0.139)):
            self.assert_within(share, interval(published * 633, 633))
        # Not fitted: 123 of the 742 of the other trial used it.
        self.assert_within(use[1:].sum() / offered, interval(123, 742))
        self.assertAlmostEqual(use[2] / offered, 0.329 * 0.139, delta=0.005)

    def test_the_lifestyle_intervention_loses_people_as_published(self):
        entries = process("diabetes", ["none", "diagnosed", "complicated"], "onset") + process("chd", ["none", "acute"], "onset")
        obese = "\n      bmi_class: { categories: [normal, overweight, obese], start: { overweight: 0.001, obese: 0.998 } }"
        got = self.results(trial(["lifestyle"], entries, {of("lifestyle", "lifestyle_referrals"): EVERYBODY}, years=4, step="1 year",
                                 starts=2019, attributes=obese))
        started = got["lifestyle_started"].sum()
        on_1_january = got["lifestyle_active"].sum(1) / started
        completed = got["lifestyle_completed"].sum() / started
        # Fitted: nine in ten start, 73 % finish the first year and 80 % of them the second. Starts are spread over 2019,
        # so on 1 January people are in their first or second year by a share that is even from 0 to 1.
        self.assertAlmostEqual(started / got["lifestyle_offered"].sum(), 0.90, delta=0.01)
        self.assertAlmostEqual(on_1_january[1], (1 - 0.73) / -math.log(0.73), delta=0.015)
        self.assertAlmostEqual(on_1_january[2], 0.73 * (1 - 0.80) / -math.log(0.80), delta=0.015)
        self.assertAlmostEqual(completed, 0.73 * 0.80, delta=0.015)
        # Not fitted: dropout by the year of the start. 2020 to 2022 are near, the first year of the scheme is missed.
        for published in (0.41, 0.40, 0.38):
            self.assertAlmostEqual(1 - completed, published, delta=0.05)
        self.assertGreater(0.50 - (1 - completed), 0.05)

    def test_telemonitoring_is_used_by_one_in_seventeen(self):
        name = "heart_failure_telemonitoring"
        share = {}  # of women and of men who accept, by whether they are over 80
        for over_80, age in ((False, 70), (True, 85)):
            got = self.results(trial([name], process("heart_failure", ["none", "mild"], "admission", mild=0.998), {of(name, "telemonitoring_offers"): EVERYBODY},
                                     years=2, step="1 year", people=40000, age=age))
            share[over_80] = got[f"{name}_consented"][1] / got[f"{name}_offered"][1]  # it runs from the second year, 2015
        odds = {over_80: of_sex / (1 - of_sex) for over_80, of_sex in share.items()}
        # Fitted: the odds ratios. Bounds are four standard errors of what is simulated.
        for ratio, published in ((odds[False][1] / odds[False][0], 1.90), (odds[True][1] / odds[False][1], 0.30)):
            self.assertAlmostEqual(math.log(ratio), math.log(published), delta=0.25)
        # Published: 409 of 7,040. The odds were chosen for patients half of whom are men and half over 80; who the
        # patients of the nation are comes from the model.
        patients = self.results(f"""format: 1
scenario: patients
based_on: {ROOT}/scenarios/netherlands/usual_care_2013.yaml
doc: Usual care.
entries:
  - measures: replay
    groups: {{ over_80: {{ of: age > 80 years }} }}
    define:
      patients: {{ integrate: 1, when: heart_failure != none, by: [sex, over_80] }}
""", "--people", "30000", "--years", "3", "--set", "scenario.reference_per_cell=20")["patients"][2]
        with h5py.File(self.folder / "replay.h5") as file:
            self.assertEqual([text.decode() for text in next(iter(file["results"].values()))["sex"][()]], ["female", "male"])
        self.assert_within((patients * np.array([share[False], share[True]]).T).sum() / patients.sum(), interval(409, 7040))


class Fading(Replay):
    """Self-management education for diabetes: how much lower HbA1c is, read back from the rate of complications."""

    def hba1c(self, **settings):
        entries = process("diabetes", ["diagnosed", "complicated", "none", "undiagnosed"], "complication") + process("chd", ["none", "acute"], "onset") + """
  - measures: trial
    groups: { month: { of: "time * 12 / (1 year)", from: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 18, 24, 48] } }
    define:
      complications: { count: diabetes.complication, expected: true, by: [month] }
      at_risk: { integrate: 1, when: diabetes == diagnosed, by: [month] }"""
        name = "diabetes_self_management"
        got = self.results(trial(["hba1c", name], entries, {
            of(name, "diabetes_self_management_invitations"): EVERYBODY, of(name, "diabetes_self_management_uptake"): 1,
            of(name, "diabetes_self_management_dropout"): 0, **{f"{name}.{key}": value for key, value in settings.items()}},
            years=5, step="1 month", people=1000))
        # 0.01 a year without the course; 37 % fewer per point of HbA1c
        return np.log(got["complications"].sum(0) / got["at_risk"].sum(0) / 0.01) / math.log(1 - 0.37)

    def test_the_effect_fades_as_in_norris_2002(self):
        # Everybody starts in the first month and ends in the seventh. So month 5 to 6 is the end of the course, month 8 to 9
        # is one to three months after it, and 11 to 24 is four months and more.
        fall = self.hba1c(effects_as="claimed", **{"parameters.diabetes_self_management_at_scale.value": 1})
        published = [(fall[5], 0.76, 0.34, 1.18), (fall[8], 0.26, -0.21, 0.73), (fall[11], 0.26, 0.05, 0.48), (fall[13], 0.26, 0.05, 0.48)]
        for value, mean, low, high in published:
            self.assert_within(value, (low, high))
            self.assertAlmostEqual(value, mean, delta=0.04)
        self.assertAlmostEqual(fall[15], 0, delta=0.02)  # more than three years after the end nothing is counted

    def test_everyday_practice_is_well_below_the_trials(self):
        # The programme as the library has it: 0.57 points, of which 0.4 is left at scale (on the factor, not on HbA1c).
        fall = self.hba1c()
        factor = 1 - 0.4 * (1 - (1 - 0.37) ** 0.57)
        self.assertAlmostEqual(fall[5], math.log(factor) / math.log(0.63), delta=0.005)
        self.assertLess(fall[5], 0.34)  # below the interval of the trials, on purpose
        self.assertLess(fall[13], 0.26)


def above(z):
    return 0.5 * math.erfc(z / math.sqrt(2))


class RegressionToTheMean(Replay):
    """Who is costly in one year and is left alone. The persistence is that of docs/methods/cost.md, section 6."""

    # standard deviations of the logarithm: common trait, own trait, luck of the year
    SPREAD = {"hospital": (0.95, 0.7, 1.4), "medicines": (0.95, 1.1, 0.4), "basic": (0.95, 0.35, 0.35), "nursing": (0.95, 1.2, 0.8),
              "rehab": (0.95, 0, 1.5), "maternity": (0, 0, 1.4), "mental": (0, 1.9, 0.9)}
    FACTORS = {"hospital": "care_trait * hospital_trait * hospital_luck", "gp": "care_trait * basic_trait * basic_luck",
               "geriatric_rehab": "care_trait * rehab_luck"}

    def closed_form(self, spread, cut):
        """Mean and standard deviation of the factor, in a year and in another, of people for whom it is above `cut` in the one."""
        lasting = spread[0] ** 2 + spread[1] ** 2
        all_ = lasting + spread[2] ** 2
        sd = math.sqrt(all_)
        z = (math.log(cut) + all_ / 2) / sd
        moments = []
        for shared in (all_, lasting):
            first, second = above(z - shared / sd) / above(z), math.exp(all_) * above(z - 2 * shared / sd) / above(z)
            moments.append((first, math.sqrt(second - first ** 2)))
        return above(z), moments

    def panel(self, text, *flags):
        return self.results(text, *flags, top="panel")

    def test_a_programme_that_does_nothing_looks_like_a_success(self):
        # The products stand in nl/care/costs as well.
        costs = (LIBRARY / "nl" / "care" / "costs.yaml").read_text()
        for category, factor in self.FACTORS.items():
            self.assertRegex(costs, re.compile(rf'^multiply:.*^  {category}: "{re.escape(factor)}"$', re.M | re.S))
        cut = 2.5
        panel = self.panel(f"""format: 1
scenario: left_alone
doc: Nobody falls ill; cost differs by person and by year, 1,000 EUR in the mean.
starts: 2013
years: 4
step: 1 year
people: {{ number: 40000 }}
include: [nl/sources, nl/care/person_factors]
entries:
  - attributes: who
    define:
      age: {{ unit: year, start: 40 years }}
      sex: {{ categories: [female, male], start: {{ male: 0.5 }} }}
      hospital_last_year: {{ start: 0, toward: {self.FACTORS["hospital"]}, speed: 1000 per year }}
  - care: cost_of_a_year
    laws: [zvw]
    categories: {{ {", ".join(category + ": zvw" for category in self.FACTORS)} }}
    residual: {{ {", ".join(category + ": 1000 EUR per year" for category in self.FACTORS)} }}
    multiply: {{ {", ".join(f'{category}: "{factor}"' for category, factor in self.FACTORS.items())} }}
  - programme: case_management
    doc: Contacts that change nothing, for people whose hospital care was costly last year.
    for: hospital_last_year > {cut}
    runs: {{ from: 2014-01-01, to: 2014-12-31 }}
  - measures: cost
    define: {{ {", ".join(f"{category}: {{ integrate: cost_{category}, per_person: run }}" for category in self.FACTORS)} }}
record: {{ persons: all, every: 1 year, columns: [case_management, {", ".join(self.FACTORS)}] }}
""")
        years = sorted(set(panel["year"]))
        cost = {category: np.array([panel[category][panel["year"] == year] for year in years])[1:] / 1000 for category in self.FACTORS}
        spread = {"hospital": self.SPREAD["hospital"], "gp": self.SPREAD["basic"], "geriatric_rehab": self.SPREAD["rehab"]}
        for category, realised in cost.items():
            with self.subTest(category=category):
                chosen = realised[0] > cut
                share, ((before, sd_before), (after, sd_after)) = self.closed_form(spread[category], cut)
                n = chosen.sum()
                self.assertAlmostEqual(n / chosen.size, share, delta=4 * math.sqrt(share * (1 - share) / chosen.size))
                self.assertAlmostEqual(realised[0][chosen].mean(), before, delta=4 * sd_before / math.sqrt(n))
                for year in (1, 2, 3):  # it falls once, and then stays: what is left is lasting
                    self.assertAlmostEqual(realised[year][chosen].mean(), after, delta=4 * sd_after / math.sqrt(n))
                    self.assertLess(realised[year][chosen].mean(), realised[0][chosen].mean())
                sd = math.sqrt(math.exp(sum(s * s for s in spread[category])) - 1)
                for year in range(4):  # everybody: no trend
                    self.assertAlmostEqual(realised[year].mean(), 1, delta=4 * sd / math.sqrt(chosen.size))
        # The programme took exactly those, and before and after it saves more than half.
        labels = [text.decode() for text in panel["case_management__labels"]]
        taken = panel["case_management"][panel["year"] == years[2]] == labels.index("completed")
        hospital = cost["hospital"]
        np.testing.assert_array_equal(taken, hospital[0] > cut)
        self.assertLess(hospital[1][taken].mean() / hospital[0][taken].mean(), 0.5)
        self.assertGreater(hospital[1][taken].mean(), hospital[1].mean())  # and they still cost more than others

    def test_the_costliest_tenth_of_a_region_falls_and_the_region_does_not(self):
        groups = {"hospital": ["hospital", "transport", "cross_border", "other"], "medicines": ["pharmacy", "devices"],
                  "basic": ["gp", "gp_integrated_chronic", "dental", "paramedical", "primary_care_support"], "nursing": ["district_nursing"],
                  "rehab": ["geriatric_rehab", "primary_care_stay"], "maternity": ["maternity"], "mental": ["mental"]}
        self.assertEqual(set(groups), set(self.SPREAD))
        define = "".join(f"      mean_{group}: {{ integrate: {' + '.join('expected_cost_' + c for c in categories)}, per_person: run }}\n"
                         for group, categories in groups.items())
        panel = self.panel(f"""format: 1
scenario: left_alone
based_on: {ROOT}/scenarios/leiden/usual_care_2013.yaml
doc: Usual care.
entries:
  - measures: cost
    define:
      zvw: {{ integrate: cost_zvw, per_person: run }}
{define}record: {{ persons: all, every: 1 year, columns: [zvw, {", ".join("mean_" + group for group in groups)}] }}
""", "--people", "20000", "--years", "3", "--set", "scenario.reference_per_cell=20")
        living = panel["life"] == [text.decode() for text in panel["life__labels"]].index("alive")
        rows = {year: {uid: row for row, uid in zip(*(panel[key][panel["year"] == year] for key in ("row", "uid")))} for year in (2013, 2014, 2015, 2016)}
        alive = {year: {uid for uid, row in of_year.items() if living[row]} for year, of_year in rows.items()}
        people = sorted(alive[2013] & alive[2014])  # there all of 2013
        column = lambda name, year: np.array([panel[name][rows[year][uid]] if uid in rows[year] else 0 for uid in people])
        there = np.array([uid in alive[2015] for uid in people])  # still there after 2014
        zvw = {year: column("zvw", year + 1) for year in (2013, 2014, 2015)}
        top = zvw[2013] >= np.quantile(zvw[2013], 0.9)
        fell = zvw[2014][top].mean() / zvw[2013][top].mean()
        self.assertLess(fell, 0.85)
        self.assertLess(zvw[2015][top & there].mean() / zvw[2013][top].mean(), 0.85)
        self.assertGreater(zvw[2014].mean(), zvw[2013].mean())
        self.assertGreater(zvw[2015][there].mean(), zvw[2013].mean())
        # How much, with each cost counted up to the 99th percentile of 2013: a few people would make it a matter of chance.
        def fall(first, second):
            chosen, most = first >= np.quantile(first, 0.9), np.quantile(first, 0.99)
            return np.minimum(second[chosen], most).mean() / np.minimum(first[chosen], most).mean()

        # The same people with the cost that is expected of them, and factors drawn anew from the stated spreads. (Amounts at
        # events and deaths are inside the expected cost and get a factor here, which they have not in the model.)
        numbers = np.random.default_rng(2013)
        factor = lambda sd: np.exp(numbers.normal(-sd * sd / 2, sd, len(people)))
        expected = {year: {group: column("mean_" + group, year + 1) for group in groups} for year in (2013, 2014)}
        falls = []
        for _ in range(40):
            common = factor(0.95)
            realised = {2013: 0, 2014: 0}
            for group, (shared, own, luck) in self.SPREAD.items():
                lasting = (common if shared else 1) * factor(own)
                for year in realised:
                    realised[year] = realised[year] + expected[year][group] * lasting * factor(luck)
            falls.append(fall(realised[2013], realised[2014]))
        self.assertAlmostEqual(fall(zvw[2013], zvw[2014]), np.mean(falls), delta=3 * np.std(falls))
        self.assertLess(np.mean(falls) + 6 * np.std(falls), 1)  # the calculation can tell a fall from none


if __name__ == "__main__":
    unittest.main()
