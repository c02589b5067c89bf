"""What the pages of docs and the README show is true: YAML is good, commands run, quoted files are what they quote.

In the line before a fenced block a comment may say
    <!-- file: PATH -->    the block is a part of this file, word for word
    <!-- as: PATH -->      the block is written to this path of the scratch copy, for the commands after it
    <!-- skip: WHY -->     the block is not run
Commands of a page run in one scratch folder with the layout of the repository, with fewer people and years.
"""

import re
import shlex
import unittest

from program import PROGRAM, ROOT, ProgramTest

# Pages that a long run makes (`proeftuin validate -o`); a link to them is good before they are there.
MADE_BY_RUNS = {ROOT / "docs" / "reference" / "validation.md"}
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"(?:^<!--\s*(?P<note>.*?)\s*-->\n)?^```(?P<kind>[a-z]*)\n(?P<text>.*?)^```", re.M | re.S)


def blocks(page):
    text = page.read_text()
    for match in BLOCK.finditer(text):
        yield match["note"] or "", match["kind"], match["text"], text.count("\n", 0, match.start()) + 1


def commands(text):
    """Commands of a console block, with lines that end in a backslash joined; output lines are left out."""
    lines = text.replace("\\\n", " ").splitlines()
    prompted = any(line.startswith("$ ") for line in lines)
    for line in lines:
        line = line.split("  #")[0].strip()
        if prompted and not line.startswith("$ "):
            continue
        line = line.removeprefix("$ ")
        if re.match(r"(build/)?proeftuin\b", line):
            yield shlex.split(line)[1:]


class Documentation(ProgramTest):
    def scratch(self):
        """The repository's layout by links, so that files of the page can be added beside those it has."""
        for name in ("models", "docs"):
            (self.folder / name).symlink_to(ROOT / name)
        for path in (ROOT / "scenarios").rglob("*"):
            if path.is_file():
                copy = self.folder / path.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.symlink_to(path)
        (self.folder / "build").mkdir()
        (self.folder / "build" / "proeftuin").symlink_to(PROGRAM)

    def smaller(self, arguments):
        if arguments and arguments[0] in ("run", "plan", "check"):
            for flag, small in (("--people", "3000"), ("--years", "3"), ("--replicates", "2")):
                if flag in arguments:
                    arguments[arguments.index(flag) + 1] = small
                elif flag == "--people" or (flag == "--years" and arguments[0] == "run"):
                    arguments += [flag, small]
            arguments += ["--set", "scenario.reference_per_cell=20"]
        if arguments and arguments[0] == "synthesize":
            arguments += ["--people", "3000"]
        if arguments and arguments[0] == "show":
            # The years that the page asks for are not in the short run.
            for flag in ("--from", "--until"):
                if flag in arguments:
                    del arguments[arguments.index(flag):arguments.index(flag) + 2]
        return arguments

    def check_block(self, note, text, where):
        if note.startswith("file:"):
            path = ROOT / note.removeprefix("file:").strip()
            self.assertIn(text, path.read_text(), f"{where}: not what {path.relative_to(ROOT)} says")
        if note.startswith("as:"):
            path = self.folder / note.removeprefix("as:").strip()
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            path.write_text(text)
        if not text.startswith("format: 1\n") or note.startswith("skip:") or re.search(r"^region:(?s:.*)^margins:", text, re.M):
            return  # a region is read by the commands of its page
        if re.search(r"^scenario:", text, re.M):
            path = path if note.startswith(("file:", "as:")) else self.folder / "scenarios" / "maastricht_heuvelland" / "block.yaml"
            if not note.startswith("file:"):
                path.write_text(text)
        elif note.startswith("file:"):
            return  # a library entry; a scenario of the same page includes it
        else:
            # A complete entry of another kind: in a scenario of its own, on the national baseline.
            (self.folder / "scenarios" / "entry.yaml").write_text(text)
            path = self.folder / "scenarios" / "entry_block.yaml"
            path.write_text("format: 1\nscenario: block\nbased_on: ./netherlands/usual_care_2013.yaml\ninclude: [./entry]\n")
        said = self.call("check", path, "--people", "3000", "--set", "scenario.reference_per_cell=20")
        self.assertEqual(said.code, 0, f"{where}\n{said.err}")

    def page(self, page):
        self.scratch()
        for note, kind, text, line in blocks(page):
            where = f"{page.relative_to(ROOT)}:{line}"
            if kind in ("yaml", "csv"):
                self.check_block(note, text, where)
            if kind in ("console", "sh", "") and not note.startswith("skip:"):
                for arguments in commands(text):
                    if arguments[:1] == ["validate"]:
                        continue  # takes minutes; it has a test of its own
                    said = self.call(*self.smaller(arguments))
                    self.assertEqual(said.code, 0, f"{where}: proeftuin {' '.join(arguments)}\n{said.err}")

    def test_the_commands_that_quickstart_runs_and_suggests_work(self):
        self.scratch()
        script = (ROOT / "quickstart.sh").read_text()
        names = dict(re.findall(r"^(region|scenario|results|comparison)=(\S+)$", script, re.M))
        lines = [re.sub(r'"?\$(\w+)"?', lambda match: names.get(match[1], ""), line) for line in script.splitlines()]
        # a command in front; what is sent elsewhere is not ours
        calls = [line.split(">>")[0] for line in lines if re.match(r"\s*build/proeftuin ", line)]
        self.assertEqual([shlex.split(call)[1] for call in calls], ["run", "show", "compare", "show", "compare", "export"])
        for call in calls:
            self.assert_code(self.call(*self.smaller(shlex.split(call)[1:])), 0)

    def test_what_the_regions_asked_for_is_where_the_table_says(self):
        rows = [line for line in (ROOT / "docs" / "seed_rows.md").read_text().splitlines() if re.match(r"\| [GB]\d\d ", line)]
        self.assertEqual(len(rows), len({row.split("|")[1] for row in rows}))
        for row in rows:
            named = re.findall(r"`((?:models|scenarios|tests)/[^`]+)`", row)
            self.assertTrue(named or "not yet" in row or "`" in row.split("|")[3], row)
            for path in named:
                self.assertTrue((ROOT / path).exists(), f"{row.split('|')[1]}: {path}")

    def test_links_between_pages_lead_somewhere(self):
        for page in PAGES:
            for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
                if not re.match(r"[a-z]+:", target) and (page.parent / target).resolve() not in MADE_BY_RUNS:
                    self.assertTrue((page.parent / target).exists(), f"{page.relative_to(ROOT)}: {target}")


def add_page_test(page):
    name = "test_" + re.sub(r"\W", "_", page.relative_to(ROOT).with_suffix("").as_posix())
    setattr(Documentation, name, lambda self: self.page(page))


for each in PAGES:
    if any(kind in ("yaml", "console", "sh") or "proeftuin " in text for _, kind, text, _ in blocks(each)) and "reference" not in each.parts:
        add_page_test(each)

if __name__ == "__main__":
    unittest.main()
