"""Hints that take more than one line of YAML: what is in the library but not included, tables, units, two base years."""

import unittest

from program import REGION, SMALL, ProgramTest

COHORT = """format: 1
scenario: cohort
people: { number: 50 }
starts: 2020
years: 2
EXTRA
entries:
  - attributes: people
    define: { age: { unit: year, start: { uniform: { from: 20, to: 90 } } }, sex: { categories: [female, male], start: { male: 0.5 } } }
  - parameter_set: numbers
    parameters:
      onset: { unit: per year, by: [sex, age], values: { female: { 0-49: 0.1, 50+: 0.2 }, male: { 0-49: 0.1, 50+: 0.2 } }, source: assumption, why: test }
      chance: { value: 0.1, source: assumption, why: test }
  - process: ill
    states: [none, mild]
    absorbing: [mild]
    transitions: { onset: { from: none, to: mild, rate: "RATE", fatality: chance } }
  - measures: counts
    groups: { age_band: { of: age, from: [0, 50] } }
    define: { cases: { count: ill.onset, by: [BY] } }
"""


class Hints(ProgramTest):
    def cohort(self, *arguments, verb="check", extra="", rate="onset[sex, age]", by="age_band"):
        self.write("a.yaml", COHORT.replace("EXTRA\n", extra).replace("RATE", rate).replace("BY", by))
        return self.call(verb, "a.yaml", "--format", "short", *arguments)

    def told(self, said, place, *parts):
        self.assert_code(said, 2)
        self.assertRegex(said.err, rf"(?m)^{place}: error\[")
        for part in parts:
            self.assertIn(part, said.err)

    def line(self, text):
        return COHORT.replace("EXTRA\n", "")[:COHORT.replace("EXTRA\n", "").index(text)].count("\n") + 1

    def test_the_cohort_is_good(self):
        self.assert_code(self.cohort(), 0)

    def test_a_group_is_located_at_its_name_with_a_suggestion(self):
        line = self.line("define: { cases")
        text = COHORT.replace("EXTRA\n", "").splitlines()[line - 1]
        column = text.index("BY") + 1
        self.told(self.cohort(by="age_bnd"), rf"a\.yaml:{line}:{column}", "'age_bnd' is no group, process or attribute", "did you mean 'age_band'?")
        self.told(self.cohort(by="sex, age_bnd"), rf"a\.yaml:{line}:{column + 5}", "did you mean 'age_band'?")

    def test_names_of_the_library_are_found_there(self):
        self.told(self.cohort(by="neighbourhood"), r"a\.yaml:\d+:\d+", "'neighbourhood' is declared in nl/neighbourhoods of the library")
        self.told(self.cohort(rate="onset[sex, age] * copd_incidence_level"), r"a\.yaml:\d+:\d+", "'copd_incidence_level' is declared in nl/diseases/copd")
        self.told(self.cohort("--set", "copd_incidence_level=2"), r"--set:1:1", "'copd_incidence_level' is declared in nl/diseases/copd")
        self.told(self.cohort(extra="effects: [ { on: [ill.onset, copd.onset], multiply: 0.5 } ]\n"), r"a\.yaml:6:30", "'copd' is declared in nl/diseases/copd")

    def test_a_table_cannot_be_set_as_a_whole(self):
        self.told(self.cohort("--set", "onset=0.3"), r"--set:1:1", "'onset' is a table, which one value cannot replace", "onset.values.female.0-49=0.1")
        self.assert_code(self.cohort("--set", "onset.values.female.0-49=0.3"), 0)
        said = self.call("check", REGION, *SMALL, "--set", "mortality=0.01", "--format", "short")
        self.told(said, r"--set:1:1", "mortality_2013.csv", "mortality.file=")

    def test_a_probability_of_3_is_told_where_it_is_given(self):
        self.told(self.cohort("--set", "chance=3"), r"--set:1:8", "[E0445]", "the fatality of 'ill.onset' is 3 (a probability is from 0 to 1)")
        for verb in ("run", "plan"):
            self.assert_code(self.cohort("--set", "chance=3", verb=verb), 2)
        self.assertFalse((self.folder / "a.h5").exists())

    def test_a_run_that_leaves_the_domain_is_told_with_a_place(self):
        said = self.cohort(verb="run", rate="(0.5 - 0.01 per year * age) per year")
        self.assert_code(said, 1)
        self.assertRegex(said.err, rf"(?m)^a\.yaml:{self.line('transitions:')}:\d+: error\[E0446\]: in 2020 \(step 0\): the rate of 'ill.onset' is -\S+ per year for person \d+ at age \d+\.\d\d")
        said = self.cohort("--json", verb="run", rate="(0.5 - 0.01 per year * age) per year")
        self.assertEqual(self.assert_code(said, 1).json()[0]["code"], "E0446")

    def test_units_that_are_misspelt_are_none(self):
        for file, before, after, help in (("a.yaml", "unit: per year", "unit: per yr", "did you mean 'per year'?"), ("a.yaml", "unit: year", "unit: yrs", "did you mean 'years'?")):
            text = COHORT.replace("EXTRA\n", "").replace("RATE", "onset[sex, age]").replace("BY", "age_band")
            line = text[:text.index(before)].count("\n") + 1
            column = text.splitlines()[line - 1].index(before) + len("unit: ") + 1
            self.write(file, text.replace(before, after, 1))
            said = self.call("check", file, "--format", "short")
            self.told(said, rf"a\.yaml:{line}:{column}", "[E0425]", help)
        self.told(self.cohort(rate="0.1 per yr"), r"a\.yaml:\d+:\d+", "'per yr' is not a unit", "did you mean 'per year'?")
        self.told(self.cohort(extra="step: 1 yr\n"), r"a\.yaml:6:7", "did you mean '1 year'?")
        self.told(self.cohort(extra="step: 1 day\n"), r"a\.yaml:6:7", "[E0705]", "does not divide a year", "events have exact times")

    def test_a_choice_of_another_language(self):
        self.told(self.cohort(rate="0.1 per year if sex == male else 0.2 per year"), r"a\.yaml:\d+:\d+", "condition ? value : otherwise")

    def test_two_base_years(self):
        self.write("two.yaml", f"format: 1\nscenario: two\nbased_on: {REGION}\ninclude: [nl/baseline_2023]\n")
        said = self.call("check", "two.yaml", "--people", "2000", "--format", "short")
        self.told(said, r"two\.yaml:4:11", "'nl/baseline_2013' and 'nl/baseline_2023' do not go together")
        self.assertEqual(said.err.count("error["), 1, said.err)

    def test_people_as_a_number(self):
        for people, meant in (("20.000", "20000"), ("20000", "20000"), ("20,000", "20000")):
            self.write("p.yaml", f"format: 1\nscenario: p\npeople: {people}\nstarts: 2000\n")
            self.told(self.call("check", "p.yaml", "--format", "short"), r"p\.yaml:3:9", f"people: {{ number: {meant} }}")
        self.write("p.yaml", "format: 1\nscenario: p\npeople: { number: 20.000 }\nstarts: 2000\n")
        self.told(self.call("check", "p.yaml", "--format", "short"), r"p\.yaml:3:19", "write 20000 if that is meant")

    def test_codes_are_found_without_their_letter(self):
        whole = self.assert_code(self.call("explain", "E0305"), 0).out
        for code in ("305", "0305", "e305"):
            self.assertEqual(self.assert_code(self.call("explain", code), 0).out, whole)
        self.assert_code(self.call("explain", "99999"), 2)

    def test_a_missing_file_is_told_alike_by_every_verb(self):
        for verb in ("check", "run", "plan", "show", "export", "validate"):
            self.assert_code(self.call(verb, "missing.yaml"), 3)


class Resolved(ProgramTest):
    """`check --resolved` and `check SCENARIO NAME`."""

    def test_numbers_come_with_title_link_reason_and_uncertainty(self):
        out = self.assert_code(self.call("check", "--resolved", REGION, *SMALL), 0).out
        self.assertIn("source: cbs_deaths: Deaths by sex, age and year, Statistics Netherlands (CBS), 2025, https://opendata.cbs.nl", out)
        self.assertRegex(out, r"(?m)^    assumption: \w+")
        self.assertRegex(out, r"(?m)^    uncertainty: lognormal (low|cv) ")
        self.assertRegex(out, r"(?m)^diabetes_utility = table of 4 values by diabetes")

    def test_a_name_prints_all_of_it(self):
        self.write("a.yaml", COHORT.replace("EXTRA\n", "").replace("RATE", "onset[sex, age]").replace("BY", "age_band"))
        out = self.assert_code(self.call("check", "a.yaml", "onset"), 0).out
        self.assertRegex(out, r"(?m)^onset = table of 4 values by sex, age, 0\.1 to 0\.2 per year  \(a\.yaml:\d+\)$")
        self.assertRegex(out, r"(?m)^ +age +female +male\n +0 +0\.1 +0\.1\n +50 +0\.2 +0\.2\n")
        self.assertNotIn("chance =", out)
        out = self.assert_code(self.call("check", "a.yaml", "ill"), 0).out
        self.assertIn("absorbing:", out)
        self.assertIn("fatality: chance", out)
        said = self.assert_code(self.call("check", "a.yaml", "onsett"), 2)
        self.assertIn("did you mean 'onset'?", said.err)

    def test_values_that_were_set_say_so(self):
        self.write("a.yaml", COHORT.replace("EXTRA\n", "").replace("RATE", "onset[sex, age]").replace("BY", "age_band"))
        out = self.assert_code(self.call("check", "a.yaml", "chance", "--set", "chance=0.3"), 0).out
        self.assertRegex(out, r"chance = 0\.3  \(.*\)  <- given with --set")
        out = self.assert_code(self.call("check", "--set", "chance=0.3", "a.yaml", "chance"), 0).out
        self.assertIn("chance = 0.3", out)

    def test_json_has_everything(self):
        self.write("a.yaml", COHORT.replace("EXTRA\n", "").replace("RATE", "onset[sex, age]").replace("BY", "age_band"))
        all = self.assert_code(self.call("check", "a.yaml", "--resolved", "--json"), 0).json()
        onset = [p for p in all["parameters"] if p["name"] == "onset"][0]
        self.assertEqual(onset["values"], [0.1, 0.2, 0.1, 0.2])
        self.assertEqual([axis["cells"] for axis in onset["by"]], [["female", "male"], [0, 50]])
        self.assertEqual((onset["source"], onset["why"]), ("assumption", "test"))


if __name__ == "__main__":
    unittest.main()
