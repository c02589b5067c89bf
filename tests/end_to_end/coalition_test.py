"""The coalition of Maastricht-Heuvelland: its course reckoned again, what mechanisms change, and what that does to programmes."""

import unittest

import numpy as np

from program import ROOT, ProgramTest

SCENARIO = ROOT / "scenarios" / "maastricht_heuvelland" / "blauwe_zorg_coalition.yaml"
SMALL = ["--people", "4000", "--set", "scenario.reference_per_cell=10", "--quiet"]
MECHANISMS = ("shared_vision", "reluctance", "conflicting_targets", "convenor")

# The entry's numbers once more, by hand.
ORGANISATIONS = ("gp_practices", "hospital", "mental_health_provider", "insurer", "municipality", "patients")
VISION = {"gp_practices": 0.7, "hospital": 0.7, "mental_health_provider": 0.4, "insurer": 0.7, "municipality": 0.4, "patients": 0.7}
RELUCTANT = {"gp_practices", "hospital", "mental_health_provider", "municipality"}
TIES = [("gp_practices", o) for o in ("hospital", "insurer", "mental_health_provider", "municipality", "patients")] + [("hospital", "insurer")]


def course(shares, conflict, begins, ends, start=0.0, off=()):
    """Level of a programme at a moment, by Euler's rule in steps of 1/2000 year."""
    step, v, level = 1 / 2000, dict(VISION), start
    convened = "convenor" not in off
    for k in range(round((ends - 2013) / step)):
        change = {o: (0.15 * (1 - v[o]) if convened else 0.0) for o in ORGANISATIONS}
        for a, b in TIES:
            change[a] += 0.15 * (v[b] - v[a])
            change[b] += 0.15 * (v[a] - v[b])
        if 2013 + k * step >= begins:
            strength = 1.0
            for o, share in shares.items():
                will = 1.0 if "shared_vision" in off else v[o]
                if o in RELUCTANT and "reluctance" not in off:
                    will *= 1 - 0.25 * (0.7 if convened else 1.0)
                if "conflicting_targets" not in off:
                    will *= 1 - conflict.get(o, 0.0)
                strength *= will**share
            level += step * (1.5 if convened else 1.0) / 2 * (strength - level)
        for o in ORGANISATIONS:
            v[o] += step * change[o]
    return level


class Coalition(ProgramTest):
    def done(self, *arguments):
        return self.assert_code(self.call(*arguments), 0)

    def test_course_and_contributions_are_those_reckoned_by_hand(self):
        said = self.done("plan", str(SCENARIO), "--json").json()
        of = {p["name"]: p for p in said["coalitions"][0]["programmes"]}
        # The heart centre takes volume from the hospital: weights 1 and 1, moves 1/2 and -1, so (1 - 1/2) / (1 + 1/2) against.
        heart = ({"gp_practices": 0.4, "hospital": 0.6}, {"hospital": 1 / 3}, 2014)
        self.assertAlmostEqual(of["cardiology_centre"]["misalignment"], 0.2, places=9)
        self.assertAlmostEqual(of["cardiology_centre"]["level"]["2018"], course(*heart, 2018), delta=5e-4)
        for mechanism in MECHANISMS:
            expected = course(*heart, 2018) - course(*heart, 2018, off={mechanism})
            self.assertAlmostEqual(of["cardiology_centre"]["contributions"][mechanism], expected, delta=5e-4, msg=mechanism)
        # Nothing in it waits for a rule or for another programme.
        for mechanism in ("rules", "prerequisites"):
            self.assertEqual(of["cardiology_centre"]["contributions"][mechanism], 0)
        mental = ({"gp_practices": 0.4, "mental_health_provider": 0.4, "insurer": 0.2}, {}, 2014)
        self.assertAlmostEqual(of["blue_mental_health"]["level"]["2023"], course(*mental, 2023), delta=5e-4)

    def results(self, name, *flags):
        self.write(f"{name}.yaml", f"format: 1\nscenario: {name}\nbased_on: {SCENARIO}\n")
        self.done("run", f"{name}.yaml", *SMALL, "--years", "5", *flags, "-o", f"{name}.h5")
        return self.results_of(name)[0]

    def test_invitations_follow_the_level_and_a_convenor_costs(self):
        told = self.done("plan", str(SCENARIO), "--json", "--years", "5").json()
        level = {p["name"]: p["level"] for p in told["coalitions"][0]["programmes"]}["blue_mental_health"]
        all_of_it = self.results("all")
        # 800 a year from 2014 on over a ramp of two years; a step of a year takes the level in its middle, here the mean of its ends.
        planned = {"2014": 800 * 0.25, "2015": 800 * 0.75, "2016": 800, "2017": 800}
        expected = sum(n * (level[y] + level[str(int(y) + 1)]) / 2 for y, n in planned.items())
        self.assertAlmostEqual(all_of_it["blue_mental_health_offered"].sum() / expected, 1, delta=0.05)
        np.testing.assert_allclose(all_of_it["blue_care_convenor_cost"].sum(), 5 * 250_000, rtol=1e-6)
        np.testing.assert_allclose(all_of_it["blue_care_blue_mental_health_level"].sum(),
                                   sum((level[str(y)] + level[str(y + 1)]) / 2 for y in range(2013, 2018)), atol=0.1)

        alone = self.results("alone", "--set", "blue_care.mechanisms.convenor=false")
        self.assertNotIn("blue_care_convenor_cost", alone)
        self.assertLess(alone["blue_mental_health_offered"].sum(), all_of_it["blue_mental_health_offered"].sum())


if __name__ == "__main__":
    unittest.main()
