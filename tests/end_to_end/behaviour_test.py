"""How practices and patients behave: added by an include, reckoned again by hand, without a trace where it has no size."""

import math
import re
import statistics
import unittest

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
        return self.results_of(name)

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

    def test_activation_moves_who_takes_up_and_who_leaves_as_reckoned(self):
        p = numbers("activation")
        edges = [p[f"activation_level{level}_from"] for level in (2, 3, 4)]
        below = [0, *(statistics.NormalDist(p["activation_mean"], p["activation_sd"]).cdf(edge) for edge in edges), 1]
        levels = np.diff(below)
        # Of 4,377 people of 65 and over with a long-term condition in Salford.
        np.testing.assert_allclose(levels, (0.15, 0.16, 0.45, 0.25), atol=0.05)

        programmes = "include: [nl/programmes/e_health_use, nl/programmes/e_health_portal, nl/programmes/e_health_measures]\n"
        without, _ = self.results("without", "leiden/diabetes_self_management", programmes, "--years", "3")
        none = "set: { patient_activation.parameters.activation_uptake.value: 1, patient_activation.parameters.activation_dropout.value: 1 }\n"
        alike, _ = self.results("alike", "leiden/patient_activation", none, "--years", "3")
        self.assertGreater(without["diabetes_self_management_started"].sum(), 0)
        self.assert_all_alike(alike, without)

        # The course offered to every adult on the first day of 2014; those who take it up start some time in the year.
        gain, half_life = p["activation_course_gain"], p["activation_half_life"]
        left = {years: gain * 2 ** (-years / half_life) for years in (1, 1.5)}
        condition = "diabetes_self_management == completed and activation_usual > 0 and activation_usual < 98"
        everybody = f"""set:
  diabetes_self_management.for: age >= 18 years
  diabetes_self_management_invitations.value: 100000000
record: {{ every: 1 year, columns: [age, activation_usual, diabetes_self_management] }}
entries:
  - measures: gained
    define:
      gained_most: {{ people: {condition} and activation > activation_usual + {left[1]} }}
      gained_less: {{ people: {condition} and activation < activation_usual + {left[1]} }}
      gained_wrongly: {{ people: {condition} and (activation > activation_usual + {gain} + 0.001 or activation < activation_usual + {left[1.5]} - 0.001) }}
"""
        found, panel = self.results("everybody", "leiden/patient_activation", everybody, "--years", "3")
        life = self.labels(panel, "life")
        of = lambda year: {uid: row for row, uid in enumerate(panel["uid"]) if panel["year"][row] == year and life[row] == "alive"}
        rows = {year: of(year) for year in (2013, 2014, 2015, 2016)}
        weight = 494523 / 5000
        adults = (panel["year"] == 2013) & (panel["age"] >= 18)
        level = np.searchsorted(edges, panel["activation_usual"], side="right")
        for k, share in enumerate(levels):
            here = (level == k)[adults]
            self.assertAlmostEqual(here.mean(), share, delta=4 * math.sqrt(share * (1 - share) / adults.sum()))
            self.assertAlmostEqual(found["activation_adults"][0].ravel()[k] / weight, here.sum(), delta=0.5)

        both = [uid for uid, row in rows[2014].items() if panel["age"][row] >= 18 and uid in rows[2016]]
        before, after, end = (np.array([rows[year][uid] for uid in both]) for year in (2014, 2015, 2016))
        states = self.labels(panel, "diabetes_self_management")
        state, last = states[after], states[end]
        usual = panel["activation_usual"][before].astype(float)
        score = usual.clip(0, 100)
        odds = 0.25 / 0.75 * p["activation_uptake"] ** ((score - p["activation_mean"]) / 10)
        uptake = odds / (1 + odds)
        # Half a year at 0.4 a year, with the points that the course adds.
        rate = 0.4 * p["activation_dropout"] ** (((usual + gain).clip(0, 100) - p["activation_mean"]) / 10)
        leaving = -np.expm1(-rate / 2)
        took_up = np.isin(state, ["active", "completed", "dropped"])
        self.assertEqual(set(state), {"declined", "active", "completed", "dropped"})
        means = []
        for k in range(4):
            here = level[before] == k
            for what, chance, among in ((took_up, uptake, here), (last == "dropped", leaving, here & took_up)):
                expected = chance[among].sum()
                self.assertAlmostEqual(what[among].sum(), expected, delta=4 * math.sqrt((chance * (1 - chance))[among].sum()))
            means.append(took_up[here].mean())
        self.assertGreater(means[3], means[0] + 0.1)
        # Who had completed it on 1 January 2015 did so more than a year before that of 2016, the others less, and nobody longer than 1.5 years.
        completed = {year: {uid for uid, row in rows[year].items() if states[row] == "completed"
                            and 0 < panel["activation_usual"][row] < 98} for year in (2015, 2016)}
        for name, who in (("gained_less", completed[2016] & completed[2015]), ("gained_most", completed[2016] - completed[2015])):
            self.assertGreater(len(who), 100)
            self.assertAlmostEqual(found[name][3].sum() / weight, len(who), delta=0.5)
        self.assertEqual(found["gained_wrongly"].sum(), 0)

    def test_loneliness_is_as_surveyed_and_only_participation_follows(self):
        columns = ["age", "sex", "self_reliance", "depression", "lives_alone_draw", "loneliness_draw"]
        extra = f"""record: {{ every: 1 year, columns: [{', '.join(columns)}] }}
entries:
  - measures: utility_of_the_lonely
    define:
      utility_by_loneliness: {{ mean: utility, by: loneliness }}
"""
        found, panel = self.results("lonely", "maastricht_heuvelland/loneliness", extra, "--years", "2")
        without, _ = self.results("without", "maastricht_heuvelland/positive_health", "", "--years", "2")
        follows = [name for name in without if "participation" in name]
        self.assertEqual(len(follows), 4)
        points = "points_participation"
        lost = (without[points] - found[points]).sum() / without["positive_health_adult_years"].sum()
        self.assertGreater(found["low_participation"].sum(), without["low_participation"].sum())
        for name in follows:
            del without[name]
        self.assert_all_alike(found, without)

        # Shares of people who live alone by age, and log odds, as the entry has them; 1 January of the start.
        table = lambda name: {k: float(v) for k, v in re.findall(r"(\w+): ([-\d.]+)", re.search(
            rf"  {name}:.*?values: {{ ([^}}]*) }}", (ENTRIES / "loneliness.yaml").read_text(), re.S)[1])}
        def by_age(name, age):
            edges = sorted((int(k), v) for k, v in table(name).items())
            return np.array([v for _, v in edges])[np.searchsorted([a for a, _ in edges], age, side="right") - 1]
        by = lambda name, column: np.array([table(name)[text] for text in self.labels(panel, column)])
        start = panel["year"] == 2013
        age = panel["age"].astype(float)
        alone = panel["lives_alone_draw"] < by_age("lives_alone_share", age)
        log_odds = 0.75 * alone + by("loneliness_help", "self_reliance") + by("loneliness_depression", "depression")
        chance = lambda kind: (age >= 18) / (1 + np.exp(-(by_age(f"loneliness{kind}_level", age) + by(f"loneliness{kind}_sex", "sex") + log_odds)))
        lonely, strongly = chance(""), chance("_strong")
        self.assertTrue((strongly <= lonely).all())
        reckoned = np.where(panel["loneliness_draw"] < strongly, "strongly", np.where(panel["loneliness_draw"] < lonely, "somewhat", "not_lonely"))
        near = np.minimum(abs(panel["loneliness_draw"] - strongly), abs(panel["loneliness_draw"] - lonely)) < 1e-5
        self.assertLess(near.sum(), 10)

        # Published shares, 2016 and 2020, in percent; half of the people of a band are as few as 60.
        for low, high, some, strong in ((19, 35, 39.7, None), (35, 50, 43.3, None), (50, 65, 48.2, None), (65, 75, None, 8.4), (75, 85, 54, 11), (85, 120, 66, 14.8)):
            here = start & (age >= low) & (age < high)
            for published, share in ((some, lonely), (strong, strongly)):
                if published:
                    off = 100 * 3 * share[here].std() / math.sqrt(here.sum()) + 1
                    self.assertAlmostEqual(100 * share[here].mean(), published, delta=off, msg=f"{low}-{high}")
        adult = start & (age >= 18)
        self.assertAlmostEqual(100 * strongly[adult].mean(), 10, delta=1)
        self.assertTrue(43 < 100 * lonely[adult].mean() < 46.6 + 1)
        weight = 170000 / 5000
        band, sex = np.searchsorted([35, 50, 65, 75, 85], age, side="right"), self.labels(panel, "sex")
        for name, label in (("lonely", ("somewhat", "strongly")), ("strongly_lonely", ("strongly",))):
            counted = [[(adult & (band == b) & (sex == which) & np.isin(reckoned, label)).sum() for which in ("female", "male")] for b in range(6)]
            np.testing.assert_allclose(found[name][0] / weight, counted, atol=0.5 + near.sum())
        needs = self.labels(panel, "self_reliance")
        counted = [[(adult & (alone == which) & (needs == need)).sum() for need in ("independent", "help_needed", "dependent")] for which in (False, True)]
        np.testing.assert_allclose(found["adults_by_household"][0] / weight, counted, atol=0.5)
        # 0.3 points for somewhat and 1 for strongly, a little less where the score is cut off.
        middle = (panel["year"] == 2014) & (age >= 18)
        lost_by_hand = (0.3 * (reckoned == "somewhat") + (reckoned == "strongly"))[middle].mean()
        self.assertAlmostEqual(lost, lost_by_hand, delta=0.03 * lost_by_hand)

        sad = "set: { loneliness.parameters.loneliness_utility.values.strongly: 0.1 }\n"
        sadder, _ = self.results("sadder", "maastricht_heuvelland/loneliness", sad + extra, "--years", "2")
        np.testing.assert_allclose(sadder["utility_by_loneliness"] / found["utility_by_loneliness"], [[1, 1, 0.9]] * 2, rtol=1e-5)
        np.testing.assert_array_equal(sadder["deaths"], found["deaths"])


if __name__ == "__main__":
    unittest.main()
