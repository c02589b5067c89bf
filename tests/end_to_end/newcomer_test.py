"""What a newcomer gets wrong in the first hour, and what the program says to it."""

import unittest

from program import REGION, SMALL, ProgramTest

POLICY = f"""format: 1
scenario: mine
based_on: {REGION}
effects:
  - {{ on: smoking.quit, multiply: 2, for: "CONDITION" }}
"""


class CommandLine(ProgramTest):
    def told(self, arguments, *parts, code=2):
        said = self.assert_code(self.call(*arguments), code)
        for part in parts:
            self.assertIn(part, said.err)
        return said

    def test_an_unknown_verb_has_a_suggestion(self):
        self.told(["rum", "a.yaml"], "there is no verb 'rum'", "did you mean 'run'?")

    def test_an_unknown_flag_has_a_suggestion_whatever_follows_it(self):
        self.told(["run", "a.yaml", "--year", "3"], "'run' has no flag '--year'", "did you mean '--years'?")
        self.told(["run", "a.yaml", "--year=3"], "'run' has no flag '--year'", "did you mean '--years'?")
        self.told(["show", "a.h5", "--strikt"], "did you mean '--strict'?")
        self.told(["run", "a.yaml", "--nothing-like-it"], "'run' has no flag '--nothing-like-it'", "proeftuin help run")

    def test_one_argument_too_many_is_named(self):
        self.told(["export", "a.h5", "b.h5"], "'export' takes no further argument 'b.h5'")

    def test_what_lacks_is_told_with_the_help_of_the_verb(self):
        self.told(["run"], "scenario is required", "proeftuin help run")

    def test_numbers_are_whole_and_in_digits(self):
        for flag, given, what in (("--years", "2.5", "from 1 to 200"), ("--people", "10k", "from 1 to 100000000"),
                                  ("--people", "-3", "from 1 to 100000000"), ("--years", "0", "from 1 to 200"),
                                  ("--seed", "-1", "from 0 on"), ("--threads", "0", "from 1 to 1024")):
            with self.subTest(flag=flag, given=given):
                self.told(["run", "a.yaml", flag, given], f"{flag}: '{given}' is no whole number {what}")

    def test_the_range_of_a_flag_is_in_help(self):
        verbs = {verb["name"]: verb for verb in self.assert_code(self.call("help", "--json"), 0).json()["verbs"]}
        flags = {flag["names"][-1]: flag for flag in verbs["run"]["flags"]}
        self.assertEqual((flags["--years"]["minimum"], flags["--years"]["maximum"]), (1, 200))
        self.assertEqual(flags["--seed"]["type"], "integer")
        self.assertIn("Usage: proeftuin run", self.assert_code(self.call("help", "run"), 0).out)

    def test_an_unknown_region_lists_those_there_are(self):
        self.told(["synthesize", "regions/nowhere"], "there is no region 'regions/nowhere'", "regions/leiden_2013")

    def test_years_without_results_are_refused(self):
        self.assert_code(self.call("run", REGION, *SMALL, "-o", "a.h5", "--quiet"), 0)
        for arguments in (["show", "a.h5", "--from", "1990", "--until", "1995"], ["show", "a.h5", "with_copd", "--from", "2030"],
                          ["show", "a.h5", "--json", "--until", "2012"]):
            with self.subTest(arguments=arguments):
                said = self.assert_code(self.call(*arguments), 2)
                self.assertIn("it has 2013 to 2016", said.out + said.err)


class Scenarios(ProgramTest):
    def told(self, text, *parts):
        self.write("a.yaml", text)
        said = self.assert_code(self.call("check", "a.yaml"), 2)
        for part in parts:
            self.assertIn(part, said.err)

    def policy(self, condition):
        return POLICY.replace("CONDITION", condition)

    def test_a_wrong_condition_of_an_effect_is_a_mistake_with_a_place(self):
        self.told(self.policy("smoking == curent"), "a.yaml:5:", "did you mean 'current'?")
        self.told(self.policy("agee > 40 years"), "a.yaml:5:", "did you mean 'age'?")
        self.told(self.policy("age"), "a.yaml:5:", "condition")

    def test_keys_of_the_same_meaning_are_suggested(self):
        self.told(self.policy("age > 40 years").replace("for:", "when:"), "unknown key 'when'", "did you mean 'for'?")
        self.told(f"format: 1\nscenario: a\ndescription: b\nbased_on: {REGION}\n", "did you mean 'doc'?")
        self.told(f"format: 1\nscenario: a\nhorizon: 10\nbased_on: {REGION}\n", "did you mean 'years'?")

    def test_a_file_beside_the_scenario_is_found_by_its_mark(self):
        self.write("other.yaml", "format: 1\nscenario: other\n")
        self.told("format: 1\nscenario: a\nbased_on: other.yaml\n", "did you mean './other.yaml'?")
        self.told(f"format: 1\nscenario: a\nbased_on: {REGION}\ninclude: [other]\n", "did you mean './other'?")
        self.told("format: 1\nscenario: a\nbased_on: ./others.yaml\n", "paths are relative to the file that names them")

    def test_a_region_without_its_folder_is_found(self):
        self.told("format: 1\nscenario: a\nregion: leiden_2013\nyears: 1\n", "did you mean 'regions/leiden_2013'?")

    def test_another_start_year_says_what_it_takes(self):
        self.told(f"format: 1\nscenario: a\nbased_on: {REGION}\nstarts: 2016\n", "starts in 2016", "leave out `starts`")

    def test_a_text_that_begins_with_a_star_goes_in_quotes(self):
        self.told(f"format: 1\nscenario: a\nbased_on: {REGION}\neffects: [ {{ on: *death, multiply: 1 }} ]\n", "in quotes")


if __name__ == "__main__":
    unittest.main()
