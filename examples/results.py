#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Makes a folder of results as a laboratory has it: HDF5 files with the layout of ARTIQ, and scans of ndscan in them.

    python results.py FOLDER [NUMBER]

The numbers are made up: Rabi flops of an ion, whose frequency drifts from day to day, and ramps of a laser.
"""

import json
import sys
import time
from pathlib import Path

import h5py
import numpy as np

from fastpyon import pyon, pyon_v1

FIRST = time.mktime((2026, 5, 1, 9, 0, 0, 0, 0, -1))
PERIOD = 200.0  # seconds from one run to the next


def parameter(name, unit, default):
    """A parameter as ndscan describes it."""
    return {
        "fqn": f"lab.ion.{name}", "description": name.replace("_", " "), "type": "float", "default": str(default),
        "spec": {"is_scannable": True, "scale": 1.0, "step": 0.1, "unit": unit},
    }  # fmt: skip


def rabi_flop(rid, start, random):
    """A scan of ndscan over the time of a pulse: the datasets, their metadata, and the arguments."""
    rabi = 2 * np.pi * (41e3 + 300 * np.sin(start / 86400))
    times = np.linspace(0, 60e-6, 101)
    shots = 100
    excited = random.binomial(shots, np.sin(rabi * times / 2) ** 2)
    marker = {"kind": "location", "coordinates": {"axis_0": {"kind": "fixed", "value": 1.2e-5}}}
    axis = {"param": parameter("pulse_duration", "us", 0.0), "path": "*", "min": 0.0, "max": 60e-6, "increment": 6e-7}
    channels = {
        name: {"path": f"readout/{name}", "description": name, "type": "float", "unit": "", "scale": 1.0}
        for name in ("p", "p_err", "counts")
    }
    scan = {
        "ndscan_schema_revision": 2,
        "source_id": f"rid_{rid}",
        "completed": True,
        "fragment_fqn": "lab.ion.RabiFlop",
        "axes": json.dumps([axis]),
        "channels": json.dumps(channels),
        "annotations": json.dumps([marker]),
        "online_analyses": json.dumps({"fit": {"kind": "named_fit", "fit_type": "rabi_flop"}}),
        "points.axis_0": times,
        "points.channel_p": excited / shots,
        "points.channel_p_err": np.sqrt(np.maximum(excited * (shots - excited), 1)) / shots**1.5,
        "points.channel_counts": excited,
    }
    datasets = {f"ndscan.rid_{rid}.{name}": value for name, value in scan.items()}
    datasets["fit.freq"] = np.float64(rabi / (2 * np.pi) + random.normal(0, 50))
    datasets["readout.histograms"] = random.poisson(4.0, (len(times), 10))  # of the photons in each point
    datasets["fit.parameters"] = ["freq", "contrast", "phase"]
    metadata = {"fit.freq": {"unit": "kHz", "scale": 1e3, "precision": 3}}
    parameters = {"override": {}, "scan": {"axes": [{"fqn": axis["param"]["fqn"], "type": "linear"}], "num_repeats": 1}}
    arguments = {"x": float(rid % 7), "shots": shots, "ndscan_params": pyon.encode(parameters)}
    return datasets, metadata, arguments


def laser_ramp(rid, start, random):
    """An experiment without ndscan."""
    current = np.linspace(40, 90, 200, dtype=np.float32)
    power = np.maximum(0, current - 55 + random.normal(0, 0.3, 200)).astype(np.float32)
    datasets = {
        "laser.current": current, "laser.power": power, "laser.threshold": 55.0, "laser.locked": np.bool_(rid % 3 > 0),
        "camera": random.integers(0, 255, (24, 32)).astype(np.uint8),
    }  # fmt: skip
    return datasets, {"laser.current": {"unit": "mA"}}, {"steps": 200, "range": (40, 90)}


def write_run(folder, rid, seed=0):
    """Writes the results of a run as ARTIQ does. Returns the path."""
    random = np.random.default_rng([seed, rid])
    start = FIRST + PERIOD * rid
    name, make = ("LaserRamp", laser_ramp) if rid % 10 == 9 else ("RabiFlop", rabi_flop)
    datasets, metadata, arguments = make(rid, start, random)
    expid = {
        "log_level": 30, "file": f"{name.lower()}.py", "class_name": name, "arguments": arguments,
        "repo_rev": f"{rid // 500:040x}",
    }  # fmt: skip
    path = Path(folder, time.strftime("%Y-%m-%d/%H", time.localtime(start)), f"{rid:09}-{name}.h5")
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        group = file.create_group("datasets")
        for key, value in datasets.items():
            group[key] = value
            group[key].attrs.update(metadata.get(key, {}))
        group = file.create_group("archive")
        group["calibration.ion.frequency"] = 411.042e12 + rid
        file["artiq_version"] = "8.0"
        file["rid"] = rid
        file["start_time"] = start
        file["run_time"] = start + 0.5
        file["expid"] = (pyon_v1 if rid % 2 else pyon).encode(expid)  # ARTIQ 8 has version 1, ARTIQ 9 version 2
    return path


def write_results(folder, number, seed=0):
    for rid in range(number):
        write_run(folder, rid, seed)


if __name__ == "__main__":
    write_results(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1000)
