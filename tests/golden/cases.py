"""The runs whose digests are kept in digests.csv, and how they are carried out."""

import csv
import hashlib
import os
import pathlib
import subprocess
import sys

import h5py

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TABLE = HERE / "digests.csv"
PEOPLE_TABLE = HERE / "people_digests.txt"

sys.path.insert(0, str(ROOT / "tests" / "end_to_end"))
from program import REGION, ProgramTest  # noqa: E402

TEXTBOOK = ROOT / "scenarios" / "textbook"
LEIDEN = ROOT / "scenarios" / "leiden" / "usual_care_2023.yaml"
FEWER_SMOKERS = ROOT / "scenarios" / "examples" / "fewer_smokers.yaml"
FEW = ["--set", "scenario.reference_per_cell=20"]

# People in the results file too: their columns must have the same bits.
FOLLOWED = f"""format: 1
scenario: followed
based_on: {REGION}
reference_per_cell: 20
record: {{ persons: all, every: 1 year, columns: [age, sex, bmi, diabetes, smoking] }}
"""

CASES = {
    "region": [REGION, "--people", 5000, "--years", 3, *FEW],
    "region_by_quarter": [REGION, "--people", 2000, "--years", 2, "--step", "3 months", *FEW],
    "region_from_2023": [LEIDEN, "--people", 2000, "--years", 2, *FEW],
    "region_with_fewer_smokers": [FEWER_SMOKERS, "--people", 2000, "--years", 3, *FEW],
    "region_in_three_replicates": [REGION, "--people", 1000, "--years", 2, "--replicates", 3, *FEW],
    "region_with_people_followed": ["followed.yaml", "--people", 1000, "--years", 2],
    "reference_model_r": [TEXTBOOK / "reference_model_r.yaml", "--people", 20000],
    "reference_model_r_programmes": [TEXTBOOK / "reference_model_r_programmes.yaml", "--people", 5000],
    "sick_sicker_a": [TEXTBOOK / "sick_sicker_a.yaml", "--people", 20000],
    "village": [ROOT / "tests" / "invariance" / "village.yaml"],
}

COLUMNS = ["case", "digest", "file", "people_at_end", "events"]

ADVICE = """
  Meant to change? Renew the table with tests/golden/renew.py, read what it says, and tell why under `results:` in
  docs/changes. Not meant? Then a bit on the way to a result changed. If only this build, thread count or instruction
  set differs, it breaks docs/decisions/0001-determinism-and-number-formats.md."""


def digest_of_file(path):
    """Of all that a results file says in numbers and labels: names, types, shapes and bits."""
    sum_ = hashlib.sha256()

    def add(name, item):
        if not isinstance(item, h5py.Dataset):
            return
        values = item[()]
        sum_.update(f"{name} {item.shape} ".encode())
        if h5py.check_string_dtype(item.dtype):
            for text in values.reshape(-1) if item.shape else [values]:
                sum_.update(text + b"\0")
        else:
            sum_.update(item.dtype.str.encode() + values.tobytes())

    with h5py.File(path, "r") as file:
        for group in ("results", "persons", "panel"):
            if group in file:
                file[group].visititems(add)
    return sum_.hexdigest()[:16]


def write_scenarios(folder):
    (folder / "followed.yaml").write_text(FOLLOWED)


def read_table():
    with open(TABLE, newline="") as file:
        return {row["case"]: row for row in csv.DictReader(file)}


def row_of(case, said, path):
    """A row of the table from what `run --json` said and the file that it wrote."""
    return {"case": case, "digest": said["digest"], "file": digest_of_file(path),
            "people_at_end": str(said["people_at_end"]), "events": str(said["events"])}


def difference(row, golden):
    """None when they are equal, or a sentence."""
    if row == golden:
        return None
    what = [f"{name} {golden[name]} -> {row[name]}" for name in COLUMNS[1:] if row[name] != golden[name]]
    return f"{row['case']} gives other results than tests/golden/digests.csv: " + ", ".join(what)


def people_digests():
    """What the program of the invariance tests prints: results and state of every person, of small models."""
    program = os.environ.get("PROEFTUIN_DIGEST", ROOT / "build" / "proeftuin_digest")
    return subprocess.run([program], stdout=subprocess.PIPE, check=True, text=True).stdout
