"""Open a Proeftuin results file as xarray datasets. One file, no installation: copy it beside your script.

    import proeftuin_results as results
    file = results.open("run.h5")
    file.scenarios                          # ['usual_care', 'substitution']
    file["usual_care"].cost.sum("sex")      # an xarray.Dataset with labelled axes
    file.persons("usual_care")              # people at the end, categories as texts
    file.panel("usual_care").to_dataframe() # people year after year
    file.summary("usual_care")              # which lines `proeftuin show` prints (--json has their numbers)
    file.provenance("usual_care")["resolved"]
"""

import builtins
import hashlib
import json
import os

import h5py
import numpy as np
import xarray as xr

SUPPORTED_FORMAT = 1


class Results:
    """A results file: one xarray.Dataset per scenario."""

    def __init__(self, path, engine=None, verify=True):
        self.path = os.fspath(path)
        self.engine = engine or "h5netcdf"
        if verify:
            _verify_sidecar(self.path)
        with h5py.File(self.path, "r") as file:
            if _text(file.attrs.get("filetype", "")) != "proeftuin results":
                raise ValueError(f"{self.path} is not a Proeftuin results file")
            if _text(file.attrs.get("status", "")) != "complete":
                raise ValueError(f"{self.path} is not complete: status {file.attrs.get('status')!r}")
            self.format_version = tuple(int(n) for n in file.attrs["format_version"])
            if self.format_version[0] != SUPPORTED_FORMAT:
                raise ValueError(f"{self.path} has format {self.format_version}; this reads {SUPPORTED_FORMAT}.x")
            self.content_digest = _text(file.attrs["content_digest"])
            self.scenarios = [_text(name) for name in np.atleast_1d(file.attrs["scenarios"])]

    def __getitem__(self, scenario):
        self._check(scenario)
        return xr.load_dataset(self.path, group=f"results/{scenario}", engine=self.engine)

    def __repr__(self):
        return f"<Proeftuin results {self.path}: scenarios {', '.join(self.scenarios)}>"

    def _check(self, scenario):
        if scenario not in self.scenarios:
            raise KeyError(f"{self.path} has no scenario {scenario!r}: it has {', '.join(self.scenarios)}")

    def __iter__(self):
        return iter(self.scenarios)

    def __len__(self):
        return len(self.scenarios)

    def persons(self, scenario):
        """People at the end of the run, along `uid`; categories as texts."""
        return self._people("persons", scenario)

    def panel(self, scenario):
        """People year after year, along `row`, with `uid` and `year`; categories as texts."""
        return self._people("panel", scenario)

    def _people(self, kind, scenario):
        self._check(scenario)
        group = f"{kind}/{scenario}"
        with h5py.File(self.path, "r") as file:
            if group not in file:
                raise KeyError(f"{self.path} has no people of {scenario!r} in {kind!r}: its scenario has no such `record`")
        data = xr.load_dataset(self.path, group=group, engine=self.engine)
        for name in list(data.data_vars):
            labels = f"{name}__labels"
            if labels in data.coords:
                texts = data[labels].values.astype(object)
                data[name] = (data[name].dims, texts[data[name].values.astype(int)], {"long_name": name})
                data = data.drop_vars(labels)
        return data

    def summary(self, scenario):
        """What the summary is made of, as docs/reference/results_file.md tells; None when the model declares none."""
        self._check(scenario)
        with h5py.File(self.path, "r") as file:
            path = f"summary/{scenario}"
            return json.loads(_text(file[path][()])) if path in file else None

    def provenance(self, scenario):
        """What the results follow from: seed, the resolved scenario, every file read."""
        self._check(scenario)
        with h5py.File(self.path, "r") as file:
            group = file[f"provenance/{scenario}"]
            out = {name: _plain(value) for name, value in group.attrs.items()}
            out["resolved"] = _text(group["resolved"][()])
            if "source" in group:
                out["sources"] = {
                    _text(path): _text(text) for path, text in zip(group["source"][()], group["source_text"][()])
                }
            return out

    def run_info(self, scenario):
        """How, where and when it was computed."""
        self._check(scenario)
        with h5py.File(self.path, "r") as file:
            return {name: _plain(value) for name, value in file[f"run_info/{scenario}"].attrs.items()}


def open(path, engine=None, verify=True):
    """Open a results file. `verify` compares the bytes with `<path>.sha256` where that file is there."""
    return Results(path, engine, verify)


def _text(value):
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)


def _plain(value):
    return _text(value) if isinstance(value, (bytes, str)) else value.item() if hasattr(value, "item") else value


def _verify_sidecar(path):
    try:
        with builtins.open(path + ".sha256", encoding="utf-8") as sidecar:
            expected = sidecar.read().split()[0]
    except FileNotFoundError:
        return
    digest = hashlib.sha256()
    with builtins.open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    if digest.hexdigest() != expected:
        raise ValueError(f"{path} is damaged: its bytes do not match {path}.sha256")

