#!/usr/bin/python3
"""Writes digests.csv and people_digests.txt anew, on purpose, and says what changed and by how much.

    tests/golden/renew.py                                   with build/proeftuin and build/proeftuin_digest
    PROEFTUIN=... PROEFTUIN_DIGEST=... tests/golden/renew.py   with another build

Say why in a fragment of docs/changes, under `results:`.
"""

import csv
import json
import os
import pathlib
import subprocess
import tempfile

import cases
from program import PROGRAM


def renewed(case, folder):
    out = folder / "a.h5"
    said = subprocess.run([PROGRAM, "run", *map(str, cases.CASES[case]), "-o", str(out), "--json"], cwd=folder, check=True, stdout=subprocess.PIPE,
                          env={**os.environ, "PROEFTUIN_LIBRARY": str(cases.ROOT / "models" / "library")})
    return cases.row_of(case, json.loads(said.stdout), out)


def told(row, old):
    if old is None:
        return "new"
    if row == old:
        return "as before"
    parts = []
    for name in ("people_at_end", "events"):
        before, after = int(old[name]), int(row[name])
        parts.append(f"{name} {before} -> {after} ({100 * (after - before) / max(before, 1):+.3f} %)")
    return "CHANGED: " + ", ".join(parts)


def main():
    old = cases.read_table() if cases.TABLE.exists() else {}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        cases.write_scenarios(folder)
        rows = []
        for case in cases.CASES:
            rows.append(renewed(case, folder))
            print(f"{case:32} {told(rows[-1], old.get(case))}", flush=True)
    with open(cases.TABLE, "w", newline="") as file:
        table = csv.DictWriter(file, cases.COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
    before = cases.PEOPLE_TABLE.read_text().splitlines() if cases.PEOPLE_TABLE.exists() else []
    after = cases.people_digests()
    for line in sorted(set(after.splitlines()) - set(before)):
        print(f"{line.rsplit(maxsplit=2)[0]:32} CHANGED or new (people, small models)")
    cases.PEOPLE_TABLE.write_text(after)


if __name__ == "__main__":
    main()
