"""The checks of this folder must object where they should: each is run on a small tree with one fault."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

from check_kernels import shared_symbols

HERE = pathlib.Path(__file__).resolve().parent


def run(script, files, table=None):
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            target = pathlib.Path(folder) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        if table is None:
            table = HERE / ("layers.txt" if script == "check_layers.py" else "forbidden.txt")
        else:
            (pathlib.Path(folder) / "table.txt").write_text(table)
            table = pathlib.Path(folder) / "table.txt"
        done = subprocess.run([sys.executable, HERE / script, folder, table], capture_output=True, text=True)
        return done.returncode, done.stdout


class Layers(unittest.TestCase):
    def test_a_family_may_not_include_another(self):
        code, text = run("check_layers.py", {"models/care/a.cpp": '#include "models/process/b.hpp"\n'})
        self.assertEqual(code, 1)
        self.assertIn("models/care/a.cpp:1: models/care may not include models/process", text)

    def test_core_may_not_include_upwards(self):
        code, text = run("check_layers.py", {"engine/core/a.hpp": '#pragma once\n#include "engine/run/b.hpp"\n'})
        self.assertEqual(code, 1)
        self.assertIn("engine/core/a.hpp:2:", text)

    def test_output_may_not_know_models(self):
        code, _ = run("check_layers.py", {"output/a.cpp": '#include "models/care/b.hpp"\n'})
        self.assertEqual(code, 1)

    def test_nothing_may_include_the_command_line(self):
        code, _ = run("check_layers.py", {"engine/run/a.cpp": '#include "engine/app/b.hpp"\n'})
        self.assertEqual(code, 1)

    def test_a_relative_include_is_refused(self):
        code, text = run("check_layers.py", {"engine/run/a.cpp": '#include "b.hpp"\n'})
        self.assertEqual(code, 1)
        self.assertIn("not written from the root", text)

    def test_an_unknown_folder_is_refused(self):
        code, text = run("check_layers.py", {"engine/misc/a.cpp": "int a;\n"})
        self.assertEqual(code, 1)
        self.assertIn("belongs to no row", text)

    def test_a_table_with_a_cycle_is_refused(self):
        code, text = run("check_layers.py", {}, "engine/a engine/b\nengine/b engine/a\n")
        self.assertEqual(code, 1)
        self.assertIn("cycle", text)

    def test_the_command_line_may_include_all(self):
        code, text = run("check_layers.py", {"engine/app/a.cpp": '#include "models/care/b.hpp"\n#include "output/c.hpp"\n'})
        self.assertEqual(code, 0, text)


class Forbidden(unittest.TestCase):
    def refused(self, line, where="engine/run/a.cpp"):
        code, text = run("check_forbidden.py", {where: line + "\n", "engine/core/math.hpp": "\n", "engine/app/m.cpp": "\n",
                                                "engine/config/c.cpp": "\n", "engine/store/s.cpp": "\n"})
        return code == 1 and where + ":1:" in text

    def test_transcendentals_of_libm(self):
        for call in ("std::exp(x)", "exp(x)", "::log1p(x)", "y = pow(a, b)", "logf(x)", "std::sin (x)", "-expm1(-x)"):
            self.assertTrue(self.refused(call + ";"), call)

    def test_what_only_looks_like_libm(self):
        for call in ("math::exp(x)", "sqrt(x)", "std::fma(a, b, c)", "table.log(x)", "my_exp(x)", "p->pow(2)", "std::floor(x)",
                     "// exp(x)", 'auto s = "exp(x)";', "/* pow(a, b) */", 'auto s = R"(log(x))";'):
            self.assertFalse(self.refused(call), call)

    def test_generators_and_distributions(self):
        for text in ("std::normal_distribution<double> d;", "std::mt19937_64 g;", "srand(1);", "std::random_device r;"):
            self.assertTrue(self.refused(text), text)

    def test_wrappers_only_in_their_place(self):
        self.assertTrue(self.refused("#include <yaml-cpp/yaml.h>"))
        self.assertFalse(self.refused("#include <yaml-cpp/yaml.h>", "engine/config/b.cpp"))
        self.assertTrue(self.refused("#include <hdf5.h>", "output/b.cpp"))
        self.assertTrue(self.refused('#include "hdf5.h"', "models/care/b.cpp"))

    def test_sums_that_depend_on_order(self):
        for text in ("std::atomic<double> s;", "std::reduce(a, b);", "tbb::parallel_reduce(r, f);"):
            self.assertTrue(self.refused(text), text)

    def test_ending_the_process(self):
        self.assertTrue(self.refused("std::exit(1);"))
        self.assertFalse(self.refused("std::exit(1);", "engine/app/b.cpp"))

    def test_globals_that_change(self):
        self.assertTrue(self.refused("static std::vector<int> cache;"))
        self.assertFalse(self.refused("static const std::vector<int> table{1, 2};"))


class Kernels(unittest.TestCase):
    def test_a_function_with_copies_elsewhere_is_found_and_others_are_not(self):
        listing = "0000 T table()\n0000 W std::max(int)\n0000 t local()\n0000 r numbers\n0000 V vtable for A\n0000 u unique\n"
        self.assertEqual(shared_symbols(listing), ["std::max(int)", "vtable for A", "unique"])


if __name__ == "__main__":
    unittest.main(verbosity=1)
