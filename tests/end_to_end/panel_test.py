"""People in the results file: the panel of `record`, read with h5py and held against the measures of the same run."""

import signal
import unittest

import h5py
import numpy as np

from program import REGION, ProgramTest

SCENARIO = f"""format: 1
scenario: followed
based_on: {REGION}
doc: Usual care with people followed.
reference_per_cell: 20
include: [nl/neighbourhoods]
entries:
  - measures: followed
    define:
      cost_run: {{ integrate: cost_total, per_person: run }}
record: {{ persons: PERSONS, every: EVERY, columns: COLUMNS }}
"""
COLUMNS = "[age, birth, sex, neighbourhood, diabetes, smoking, cost_run]"
RUN = ["--people", "4000", "--years", "4", "--quiet"]


class Panel(ProgramTest):
    def scenario(self, name="a.yaml", persons="all", every="1 year", columns=COLUMNS):
        return self.write(name, SCENARIO.replace("PERSONS", persons).replace("EVERY", every).replace("COLUMNS", columns))

    def panel(self, path, group="panel/followed"):
        with h5py.File(self.folder / path) as file:
            return {name: data[()] for name, data in file[group].items()}

    def labels(self, panel, name):
        return [text.decode() for text in panel[name + "__labels"]]

    def measure(self, path, name):
        """By period, over all groups; of the people simulated, each of whom stands for 42.5 of the region."""
        with h5py.File(self.folder / path) as file:
            values = file["results/followed/" + name][()]
            return values.reshape(len(values), -1).sum(1) / (170_000 / 4000)

    def test_a_panel_of_everybody_adds_up_to_the_measures(self):
        self.assert_code(self.call("run", self.scenario(), *RUN, "-o", "a.h5"), 0)
        panel = self.panel("a.h5")
        years = panel["year"]
        alive = panel["life"] == self.labels(panel, "life").index("alive")
        ill = np.isin(panel["diabetes"], [self.labels(panel, "diabetes").index(s) for s in ("diagnosed", "complicated")])
        self.assertEqual(sorted(set(years)), [2013, 2014, 2015, 2016, 2017])
        for i, year in enumerate(sorted(set(years))):
            now = (years == year) & alive
            self.assertEqual(now.sum(), self.measure("a.h5", "population")[i])
            self.assertEqual((now & ill).sum(), self.measure("a.h5", "with_diabetes")[i])
            self.assertEqual((now & (panel["age"] >= 80)).sum(), self.measure("a.h5", "population_80")[i])
            np.testing.assert_allclose(panel["age"][now], year - panel["birth"][now])
            if i > 0:  # what people cost since the row before, those who died or left included
                np.testing.assert_allclose(panel["cost_run"][years == year].sum(), self.measure("a.h5", "spending_total")[i - 1], rtol=1e-9)
        self.assertEqual(panel["cost_run"][years == 2013].sum(), 0)

    def test_rows_stand_by_year_and_person_and_end_with_death_or_departure(self):
        self.assert_code(self.call("run", self.scenario(), *RUN, "-o", "a.h5"), 0)
        panel = self.panel("a.h5")
        np.testing.assert_array_equal(panel["row"], np.arange(len(panel["uid"])))
        key = list(zip(panel["year"], panel["uid"]))
        self.assertEqual(key, sorted(set(key)))
        dead = self.labels(panel, "life").index("dead")
        gone = self.labels(panel, "life").index("gone")
        left = panel["life"] != self.labels(panel, "life").index("alive")
        self.assertTrue(np.isnan(panel["age"][left]).all())
        self.assertEqual(len(set(panel["uid"][left])), left.sum())
        last = {uid: year for year, uid in key}
        self.assertTrue(all(last[uid] == year for uid, year in zip(panel["uid"][left], panel["year"][left])))
        self.assertEqual((panel["life"] == dead).sum(), self.measure("a.h5", "deaths").sum())
        self.assertEqual((panel["life"] == gone).sum(), self.measure("a.h5", "departures").sum())

    def test_it_is_columnar_chunked_and_compressed_with_units_and_labels(self):
        self.assert_code(self.call("run", self.scenario(), *RUN, "-o", "a.h5"), 0)
        with h5py.File(self.folder / "a.h5") as file:
            group = file["panel/followed"]
            self.assertEqual({name for name in group if not name.endswith("__labels")},
                             {"row", "uid", "year", "life", "age", "birth", "sex", "neighbourhood", "diabetes", "smoking", "cost_run"})
            for name, data in group.items():
                if name.endswith("__labels"):
                    continue
                self.assertIsNotNone(data.chunks)
                self.assertEqual(data.compression, "gzip")
                self.assertTrue(data.shuffle and data.fletcher32)
            self.assertEqual(group["diabetes"].dtype, np.int8)
            self.assertEqual(list(group["diabetes"].attrs["flag_values"]), [0, 1, 2, 3])
            self.assertEqual(group["cost_run"].attrs["units"], "EUR")
            self.assertEqual(group["age"].dims[0][0].name, "/panel/followed/row")

    def test_a_share_and_a_number_take_the_same_people_in_every_scenario(self):
        everybody = self.assert_code(self.call("run", self.scenario(), *RUN, "-o", "all.h5", "--json"), 0).json()["digest"]
        share = self.assert_code(self.call("run", self.scenario(persons="0.1"), *RUN, "-o", "share.h5", "--json"), 0).json()["digest"]
        self.assert_code(self.call("run", self.scenario(persons="250"), *RUN, "-o", "number.h5"), 0)
        self.write("policy.yaml", f"format: 1\nscenario: followed\nbased_on: {self.scenario(persons='0.1')}\neffects: [ {{ on: smoking.start, multiply: 0.5 }} ]\n")
        self.assert_code(self.call("run", "policy.yaml", *RUN, "-o", "policy.h5"), 0)
        self.assertEqual(everybody, share)  # looking at people changes nothing
        all_, share, number, policy = (self.panel(f"{name}.h5") for name in ("all", "share", "number", "policy"))
        at_start = {name: set(panel["uid"][panel["year"] == 2013]) for name, panel in (("all", all_), ("share", share), ("number", number), ("policy", policy))}
        self.assertEqual(at_start["share"], at_start["policy"])
        self.assertTrue(300 < len(at_start["share"]) < 500)
        self.assertEqual(len(at_start["number"]), 250)
        self.assertTrue(at_start["number"] < at_start["share"] < at_start["all"])
        chosen = np.isin(all_["uid"], share["uid"])
        for name in ("uid", "year", "diabetes", "cost_run"):
            np.testing.assert_array_equal(all_[name][chosen], share[name])
        entered = set(number["uid"][number["year"] == 2017]) - at_start["number"]
        self.assertTrue(entered < set(all_["uid"]))

    def test_years_between_rows_and_the_last_row(self):
        self.assert_code(self.call("run", self.scenario(every="3 years"), *RUN, "-o", "a.h5"), 0)
        panel = self.panel("a.h5")
        self.assertEqual(sorted(set(panel["year"])), [2013, 2016, 2017])
        costs = [panel["cost_run"][panel["year"] == year].sum() for year in (2016, 2017)]
        spending = self.measure("a.h5", "spending_total")
        np.testing.assert_allclose(costs, [spending[:3].sum(), spending[3]], rtol=1e-9)

    def test_threads_chunks_and_steps_within_the_year_leave_the_rows_alone(self):
        for name, flags in (("one", ["--threads", "1"]), ("seven", ["--threads", "7", "--chunk", "100"])):
            self.assert_code(self.call("run", self.scenario(), *RUN, *flags, "-o", f"{name}.h5"), 0)
        one, seven = self.panel("one.h5"), self.panel("seven.h5")
        for name in one:
            np.testing.assert_array_equal(one[name], seven[name])
        self.assert_code(self.call("run", self.scenario(), *RUN, "--step", "6 months", "-o", "half.h5"), 0)
        self.assertEqual(sorted(set(self.panel("half.h5")["year"])), [2013, 2014, 2015, 2016, 2017])

    def test_a_resumed_run_has_the_rows_from_before_it_was_stopped(self):
        long = ["--people", "6000", "--years", "10", "--quiet"]
        scenario = self.scenario()
        self.assert_code(self.call("run", scenario, *long, "-o", "straight.h5"), 0)
        process = self.start("run", scenario, *long, "-o", "stopped.h5", "--checkpoint-every", "1")
        self.wait_for_change(process, self.folder / "stopped.h5.ckpt.h5")
        process.send_signal(signal.SIGKILL)
        process.communicate()
        self.assertFalse((self.folder / "stopped.h5").exists(), "the run was over before it could be killed")
        self.assert_code(self.call("run", scenario, *long, "-o", "stopped.h5", "--resume"), 0)
        straight, resumed = self.panel("straight.h5"), self.panel("stopped.h5")
        for name in straight:
            np.testing.assert_array_equal(straight[name], resumed[name])

    def test_a_run_resumed_in_its_second_replicate_has_the_people_of_the_first(self):
        run = ["--people", "4000", "--years", "5", "--replicates", "2", "--quiet"]
        for every, group in (("1 year", "panel/followed"), ("end", "persons/followed")):
            with self.subTest(every=every):
                scenario = self.scenario(every=every, columns="[life, sex, diabetes]")
                self.assert_code(self.call("run", scenario, *run, "-o", "straight.h5"), 0)
                process = self.start("run", scenario, *run, "-o", "stopped.h5", "--checkpoint-every", "100")
                self.wait_for_change(process, self.folder / "stopped.h5.ckpt.h5")
                process.send_signal(signal.SIGKILL)
                process.communicate()
                self.assertFalse((self.folder / "stopped.h5").exists(), "the run was over before it could be killed")
                said = self.assert_code(self.call("run", scenario, *run, "-o", "stopped.h5", "--resume"), 0)
                self.assertIn("going on in replicate 2 of 2", said.err)
                straight, resumed = self.panel("straight.h5", group), self.panel("stopped.h5", group)
                self.assertGreater(len(straight["uid"]), 4000)
                for name in straight:
                    np.testing.assert_array_equal(straight[name], resumed[name])
                (self.folder / "stopped.h5").unlink()

    def test_the_end_of_the_run_is_one_row_per_person(self):
        self.assert_code(self.call("run", self.scenario(persons="0.2", every="end", columns="[life, sex, diabetes, total_cost_run]"), *RUN, "-o", "a.h5"), 0)
        people = self.panel("a.h5", "persons/followed")
        self.assertEqual(len(set(people["uid"])), len(people["uid"]))
        self.assertIn("total_cost_run", people)
        with h5py.File(self.folder / "a.h5") as file:
            self.assertNotIn("panel", file)
        self.assert_code(self.call("run", self.scenario(every="end", columns="[life]").parent / "a.yaml", *RUN, "-o", "b.h5"), 0)
        self.assertIn("life", self.panel("b.h5", "persons/followed"))

    def test_mistakes_are_told_with_their_place(self):
        for keys, part in (("columns: [diabets]", "did you mean 'diabetes'?"), ("columns: [spending_total], every: 1 year", "per_person: run"),
                           ("every: 6 months", "from 1 to 200"), ("every: 1.5 years", "whole number of years"), ("persons: some", "all, a share"),
                           ("persons: 2.5", "neither a share nor a number"), ("persons: 0.5, share: 0.5", "cannot be given together")):
            with self.subTest(keys=keys):
                path = self.write("wrong.yaml", SCENARIO.split("record:")[0] + f"record: {{ {keys} }}\n")
                said = self.assert_code(self.call("check", path, "--people", "2000"), 2)
                self.assertIn("wrong.yaml:", said.err)
                self.assertIn(part, said.err)


if __name__ == "__main__":
    unittest.main()
