"""Reads the golden results file with one Python reader and compares it with what was written."""

import importlib
import math
import sys

reader, path, helper_directory = sys.argv[1:4]


def need(module):
    try:
        return importlib.import_module(module)
    except ImportError as error:
        sys.exit(f"missing reader: Python module {module} ({error})")


def check(found, expected, what):
    if found != expected:
        sys.exit(f"{reader}: {what} is {found!r}, not {expected!r}")


def check_dataset(data):
    cost = data["cost"]
    check(cost.dims, ("year", "sex_2", "age_band"), "dims of cost")
    check(list(data["year"].values), [2013.0, 2014.0, 2015.0], "years")
    check([str(s) for s in data["sex_2"].values], ["vrouw", "man"], "labels of sex")
    check([str(s) for s in data["age_band"].values], ["0 tot 20", "20-45", "≥ 45"], "labels of age_band")
    check(float(cost.sel(year=2014, sex_2="man", age_band="≥ 45")), 1102.0, "cost")
    check(math.isnan(float(cost[0, 0, 0])), True, "cost of the first cell")
    check(cost.attrs["units"], "1", "units")
    check(cost.attrs["currency"], "EUR", "currency")
    check(int(cost.attrs["price_year"]), 2013, "price year")
    check(int(data["cost__counts"][0, 0, 2]), 12, "counts")
    check(float(data["cost__sd"][2, 1, 2]), 2.5, "sd")
    check(data["deaths_per_year"].attrs["units"], "year-1", "units of deaths_per_year")
    check(float(data["deaths_per_year"][1]), 0.1 + 0.2, "deaths_per_year")
    check(float(data["people_at_start"]), 1234.0, "people_at_start")
    check(data["sex"].dims, ("year_2", "sex_2"), "dims of the measure called sex")
    check(data.attrs["scenario"], "usual_care", "scenario")
    check(int(data.attrs["seed"]), 42, "seed")


def check_persons(data):
    check([int(u) for u in data["uid"].values], [0, 7, 2**53 + 1], "uid")
    check([float(a) for a in data["age"].values], [1.5, 80.25, 44.0], "age")
    check([int(c) for c in data["smoking"].values], [2, 0, 1], "smoking")
    check([str(s) for s in data["smoking__labels"].values], ["never", "former", "has stopped"], "labels of smoking")
    check(data["smoking"].attrs["flag_meanings"], "never former has_stopped", "flag_meanings")


if reader == "h5py":
    h5py = need("h5py")
    with h5py.File(path, "r") as file:
        check(file.attrs["status"], "complete", "status")
        check(list(file.attrs["scenarios"]), ["usual_care", "substitution"], "scenarios")
        cost = file["results/usual_care/cost"]
        check([d[0].name.rsplit("/", 1)[1] for d in cost.dims], ["year", "sex_2", "age_band"], "scales")
        check(cost[1, 1, 2], 1102.0, "cost")
        check(cost.fletcher32 and cost.shuffle and cost.compression == "gzip", True, "filters")
        check(math.isnan(cost.fillvalue), True, "fill value")
        check([s.decode() for s in file["results/usual_care/age_band"][()]], ["0 tot 20", "20-45", "≥ 45"], "labels")
        check(file["provenance/usual_care/resolved"][()].decode().splitlines()[0], "scenario: usual_care", "resolved")
        check(file["provenance/usual_care/source"][()][1].decode(), "models/é.yaml", "source")
elif reader in ("netcdf4", "h5netcdf"):
    need("netCDF4" if reader == "netcdf4" else "h5netcdf")
    xarray = need("xarray")
    with xarray.open_dataset(path, group="results/usual_care", engine=reader) as data:
        check_dataset(data.load())
    with xarray.open_dataset(path, group="persons/usual_care", engine=reader) as data:
        check_persons(data.load())
    with xarray.open_dataset(path, group="panel/usual_care", engine=reader) as data:
        check([float(n) for n in data["age"].values], [1.5, 80.25, 2.5], "age of the panel")
    with xarray.open_dataset(path, group="provenance/substitution", engine=reader) as data:
        check(str(data["resolved"].values).splitlines()[0], "scenario: substitution", "resolved")
    with xarray.open_dataset(path, group="run_info/substitution", engine=reader) as data:
        check(data.attrs["host"], "somewhere", "host")
elif reader == "helper":
    sys.path.insert(0, helper_directory)
    need("h5py"), need("xarray")
    results = need("proeftuin_results")
    file = results.open(path)
    check(file.scenarios, ["usual_care", "substitution"], "scenarios")
    check_dataset(file["usual_care"])
    people = file.persons("usual_care")
    check(list(people["smoking"].values), ["has stopped", "never", "former"], "smoking")
    panel = file.panel("usual_care")
    check([int(n) for n in panel["uid"].values], [0, 7, 0], "uid of the panel")
    check([float(n) for n in panel["year"].values], [2013, 2013, 2014], "year of the panel")
    check(list(panel["life"].values), ["alive", "alive", "dead"], "life of the panel")
    for call, told in ((lambda: file["usual"], "it has usual_care, substitution"), (lambda: file.provenance("usual"), "has no scenario 'usual'"),
                       (lambda: file.panel("substitution"), "no such `record`")):
        try:
            call()
        except KeyError as error:
            check(told in str(error), True, f"{told!r} in {error}")
        else:
            sys.exit(f"helper: nothing was raised that says {told!r}")
    check(file.summary("usual_care")["sections"][0]["items"][0]["lines"][0]["measures"], ["cost"], "summary")
    check(file.provenance("usual_care")["sources"]["models/é.yaml"], "process: x\n", "source")
    check(file.run_info("usual_care")["threads"], 2, "threads")
else:
    sys.exit(f"unknown reader {reader}")
