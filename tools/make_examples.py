#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Writes the example files: the dataset database of an imaginary ion trap, in both dialects.

usage: make_examples.py [DIRECTORY]

The same files every time: numbers come from a seed, and are rounded where the last bits of a
sine depend on the machine.
"""
import random
import sys
from collections import OrderedDict
from fractions import Fraction
from pathlib import Path

import numpy as np
from fastpyon import pyon, pyon_v1

IONS = "ca1", "ca2", "sr1"


def calibrations(rng):
    """Frequencies, amplitudes, voltages: most datasets are of this kind."""
    data = {}
    for ion in IONS:
        for line in 397, 422, 674, 729, 866, 1092:
            key = f"calibration.{ion}.{line}"
            data[f"{key}.frequency"] = round(rng.uniform(80e6, 240e6), 1)
            data[f"{key}.detuning"] = round(rng.gauss(0, 1e5), 3)
            data[f"{key}.amplitude"] = round(rng.uniform(0.05, 0.9), 4)
            data[f"{key}.t_pi"] = rng.uniform(1e-6, 2e-5)
            data[f"{key}.attenuation"] = rng.choice([3.5, 7.0, 12.5, 21.0, 31.5])
    for electrode in range(48):
        data[f"trap.dc.{electrode:02d}"] = np.float64(round(rng.gauss(0, 4), 5))
    for axis in "xyz":
        data[f"trap.mode.{axis}"] = (round(rng.uniform(0.8e6, 4e6), 2), round(rng.gauss(0, 30), 3))
        data[f"trap.heating_rate.{axis}"] = np.float32(rng.uniform(1, 200))
    data["trap.rf.power_dbm"] = np.int32(17)
    data["pmt.threshold"] = np.int64(14)
    data["pmt.dark_counts"] = np.uint16(3)
    data["clock.rf_phasor"] = 0.7071 - 0.7069j
    data["clock.divider"] = Fraction(125, 8)
    data["clock.ticks_since_epoch"] = 2**70 + 12345
    return data


def settings(rng):
    """What people write by hand: nested dictionaries, words, flags."""
    devices = {}
    for number in range(24):
        devices[f"urukul{number // 4}_ch{number % 4}"] = {
            "module": "artiq.coredevice.ad9910",
            "class": "AD9910",
            "arguments": {
                "pll_n": 32,
                "chip_select": 4 + number % 4,
                "cpld_device": f"urukul{number // 4}_cpld",
                "sw_device": f"ttl_urukul{number // 4}_sw{number % 4}",
            },
            "enabled": rng.random() < 0.8,
            "delay": None if number % 5 else round(rng.uniform(0, 1e-6), 12),
        }
    return {
        "devices": devices,
        "experiment.name": "Rabi flopping, Ca⁺ 397 nm at 4 µW",
        "experiment.owner": "Zoë Brückner",
        "experiment.note": 'says "µm", path C:\\data\\run\n2nd line\tend 🔬',
        "experiment.archive": True,
        "experiment.abort": False,
        "experiment.last_error": None,
        "experiment.window": slice(10, 90, 2),
        "experiment.sequence": OrderedDict(
            [("cool", 2e-3), ("pump", 15e-6), ("pulse", None), ("read", 1.5e-3)]
        ),
        "camera.regions": {(4 * i, 4 * i + 3): ion for i, ion in enumerate(IONS)},
        "camera.bad_pixels": {1, 5, 17, 40},
        "camera.serial": b"\x00\x81EMCCD'7'\xff",
        "awg.names": [b"awg_left", b"awg_right"],
    }


def measurements(rng):
    """Arrays, and the lists that older programs keep instead."""
    generator = np.random.RandomState(rng.randrange(2**32))
    data = {}
    times = np.arange(400) * 0.25e-6
    for number, ion in enumerate(IONS):
        flops = 0.5 - 0.5 * np.cos(times * 2e6 / (1 + number))
        data[f"rabi.{ion}.times"] = times
        data[f"rabi.{ion}.excitation"] = np.round(flops, 9)
        data[f"rabi.{ion}.counts"] = generator.randint(0, 60, (40, 100)).astype("i2")
        data[f"rabi.{ion}.fit"] = np.round(generator.uniform(-1, 1, (4, 4)), 9)
    data["camera.image"] = generator.randint(90, 4000, (64, 96)).astype(np.uint16)
    data["camera.mask"] = generator.randint(0, 2, (64, 96)).astype(bool)
    data["scan.order"] = generator.permutation(501)
    data["scan.response"] = np.round(generator.uniform(-1, 1, 300), 6) * (1 + 1j)
    data["scan.spectrogram"] = generator.poisson(30, (120, 40)).astype(np.int32)
    data["scan.empty"] = np.zeros((0, 3))
    data["drift.history"] = [
        (1700000000 + 600 * i, round(rng.gauss(0, 40), 3), rng.choice(IONS)) for i in range(500)
    ]
    data["drift.values"] = [rng.gauss(411042129776393.0, 1e3) for _ in range(300)]
    return data


def main():
    directory = Path(sys.argv[1] if len(sys.argv) > 1 else "examples")
    rng = random.Random(20240229)
    database = {**calibrations(rng), **settings(rng), **measurements(rng)}
    pyon_v1.store_file(directory / "dataset_db.pyon", database)
    # Two kinds of scalar that version 1 does not have.
    database["experiment.converged"] = np.bool_(True)
    database["experiment.started"] = np.datetime64("2024-02-29T12:34:56", "s")
    pyon.store_file(directory / "dataset_db_v2.pyon", database)


if __name__ == "__main__":
    main()
