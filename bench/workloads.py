# SPDX-License-Identifier: LGPL-3.0-or-later
"""The values that are encoded and decoded.

Each is made from a fixed seed. Random parts keep codecs from gaining by repetition: texts of
equal strings, or numbers with few digits, are faster to read than any that one meets.
"""
import random
import string
from typing import Any, Callable, NamedTuple

from fastpyon import pyon


class Workload(NamedTuple):
    name: str
    title: str  # with {n} for the number of items
    make: Callable[[int], Any]  # from the number of items
    items: int  # at scale 1
    item: str = ""  # what an item is; "" if nobody would count them
    section: str = "main"
    fixed: bool = False  # its size is what it is about: not to be scaled

    def size(self, scale):
        """The number of items at this scale; 0 if it is too large for it."""
        if self.section in ("growth", "pipe"):
            return self.items if self.items <= GROWTH[-1] * scale else 0
        return self.items if self.fixed else max(1, round(self.items * scale))

    def titled(self, items):
        """The title with a number of items."""
        return self.title.format(n=f"{items:,}".replace(",", " "))


# ---- Numbers -------------------------------------------------------------------------------------


def floats(n, rng):
    return [rng.random() for _ in range(n)]


def rounded(n, rng):
    return [round(rng.uniform(0, 100), 4) for _ in range(n)]


def small_integers(n, rng):
    return [rng.randrange(10_000) for _ in range(n)]


def long_integers(n, rng):
    return [rng.getrandbits(60) for _ in range(n)]


def array(n, rng):
    import numpy

    return numpy.random.default_rng(rng.getrandbits(32)).random(n)


def image(n, rng):
    side = round(n**0.5)
    return array(side * side, rng).reshape(side, side)


def scalars(n, rng):
    import numpy

    return [(numpy.float32, numpy.float64)[i % 2](rng.random()) for i in range(n)]


# ---- Containers ----------------------------------------------------------------------------------


def mapping(n, rng):
    return {f"key.{i}": rng.random() for i in range(n)}


def tuples(n, rng):
    return [(i, rng.random(), f"row {i}") for i in range(n)]


def rows(n, rng):
    return [list(row) for row in tuples(n, rng)]


# ---- Strings -------------------------------------------------------------------------------------


def words(n, rng, lengths, alphabet=string.ascii_letters + " "):
    return ["".join(rng.choices(alphabet, k=rng.choice(lengths))) for _ in range(n)]


def long_strings(n, rng):
    return words(n, rng, [140])


def short_strings(n, rng):
    return words(n, rng, range(5, 13))


def foreign_strings(n, rng):
    """In turns Latin-1, which Python keeps in one byte a character, two bytes, and four."""
    alphabets = "äöüßéèñåø abcdefgh", "αβγδεζηθ電子量子光学 abc", "😀🚀🔬⚛ αβγ abcdef"
    return [words(1, rng, range(10, 31), alphabets[i % 3])[0] for i in range(n)]


def nested_text(n, rng):
    """Text in a text, as when a dataset keeps the arguments of an experiment: a str, most of whose
    tokens begin and end with a quote."""
    return pyon.encode(dashboard(n, rng))


def nested_texts(n, rng):
    return [pyon.encode(entry(i, rng)) for i in range(n)]


# ---- Values that ARTIQ keeps and sends ------------------------------------------------------------------

IONS = "ca1", "ca2", "ba1", "sr1"
UNITS = "MHz", "us", "V", "dB"


def scan(rng):
    """The state of a scan argument in the dashboard."""
    return {
        "selected": "RangeScan",
        "NoScan": {"value": rng.random(), "repetitions": 1},
        "RangeScan": {
            "start": -rng.random(),
            "stop": rng.random(),
            "npoints": rng.randrange(10, 200),
            "randomize": True,
            "seed": None,
        },
        "ExplicitScan": {"sequence": [round(rng.random(), 3) for _ in range(5)]},
    }


def arguments(rng):
    """The arguments of an experiment with what the dashboard needs to show them."""
    return {
        "file": "repository/scans/rabi_flop.py",
        "class_name": "RabiFlop",
        "arguments": {
            "ion": (rng.choice(IONS), rng.randrange(4)),
            "duration": scan(rng),
            "shots": rng.randrange(1000),
            "cool": True,
            "comment": 'π-pulse, "quick"',
        },
        "priority": 0,
        "due_date": None,
        "flush": False,
    }


def plain_value(i, rng):
    """Of ten datasets, six are floats."""
    kinds = {
        6: lambda: rng.choice(("locked", "idle", "AOM 2 of Raman beam", "")),
        7: lambda: rng.randrange(-1000, 100_000),
        8: lambda: arguments(rng),
        9: lambda: [(rng.random(), rng.randrange(100)) for _ in range(8)],
    }
    return kinds.get(i % 10, lambda: round(rng.uniform(0, 2e8), 3))()


def entry(i, rng):
    """A dataset: (persist, value, metadata)."""
    metadata = {"unit": rng.choice(UNITS), "precision": 3} if i % 10 < 4 else {}
    return (i % 7 != 0, plain_value(i, rng), metadata)


def name(i, rng):
    return f"calibration.{rng.choice(IONS)}.line{i}.{rng.choice(('frequency', 't_pi', 'phase'))}"


def dashboard(n, rng):
    return {name(i, rng): entry(i, rng) for i in range(n)}


def dashboard_with_arrays(n, rng):
    """The same, where each twentieth dataset is an array of 64 numbers."""
    state = dashboard(n, rng)
    for i, key in enumerate(state):
        if i % 20 == 0:
            state[key] = (False, array(64, rng), {})
    return state


def record(i, rng):
    """A line of a log, or a row of a table with names."""
    return {
        "rid": i,
        "time": 1.6e9 + rng.uniform(0, 1e8),
        "class": rng.choice(("Rabi", "Ramsey", "RamanSpectrum")),
        "done": rng.random() < 0.9,
        "frequency": round(rng.uniform(0, 2e8), 3),
        "shots": rng.randrange(1000),
        "excitation": rng.random(),
        "unit": rng.choice(UNITS),
        "comment": None,
        "phase": rng.random(),
    }


def records(n, rng):
    return [record(i, rng) for i in range(n)]


def call(n, rng):
    """A client sends this to have a function called."""
    return {
        "action": "call",
        "name": "set_dataset",
        "args": ["calibration.ca1.397.frequency", rng.uniform(1e8, 2e8)],
        "kwargs": {"persist": True, "archive": False, "unit": "MHz", "scale": None},
    }


def calls(n, rng):
    return [call(1, rng) for _ in range(n)]


def modification(n, rng):
    """The subscribers of the datasets get this when one changes."""
    return {
        "action": "setitem",
        "path": ["calibration", "ca1"],
        "key": "397.detuning",
        "value": (True, 1.25, {}),
    }


# ---- All of them ---------------------------------------------------------------------------------


def seeded(make):
    return lambda n: make(n, random.Random(1))


def workload(name, title, make, items, item="", **more):
    return Workload(name, title, seeded(make), items, item, **more)


MILLION = 10**6
GROWTH = [10**exponent for exponent in range(1, 8)]
PIPE = GROWTH[2:]

WORKLOADS = [
    workload("floats", "{n} random floats", floats, MILLION, "float"),
    workload("rounded", "{n} floats with 4 decimals", rounded, MILLION, "float"),
    workload("small-ints", "{n} ints below 10⁴", small_integers, MILLION, "int"),
    workload("long-ints", "{n} ints of 60 bits", long_integers, MILLION, "int"),
    workload("array-1e3", "array of {n} float64", array, 1000, "element", fixed=True),
    workload("image", "array of 150 × 150 float64", image, 22500, "element", fixed=True),
    workload("array-1e6", "array of {n} float64", array, MILLION, "element"),
    workload("array-1e7", "array of {n} float64", array, 10 * MILLION, "element"),
    workload("scalars", "{n} NumPy scalars", scalars, 100_000, "scalar"),
    workload("dict", "dict of {n} str to float", mapping, 100_000, "pair"),
    workload("tuples", "{n} tuples (int, float, str)", tuples, 100_000, "tuple"),
    workload("rows", "{n} rows [int, float, str]", rows, 100_000, "row"),
    workload("records", "{n} records of 10 fields", records, 20_000, "record"),
    workload("strings", "{n} strings of 140", long_strings, 100_000, "string"),
    workload("short-strings", "{n} strings of 5 to 12", short_strings, 100_000, "string"),
    workload("foreign-strings", "{n} strings beyond ASCII", foreign_strings, 100_000, "string"),
    workload("nested-text", "PYON in a str", nested_text, 20_000),
    workload("nested-texts", "{n} small PYON in strs", nested_texts, 10_000, "string"),
    workload("dashboard", "dashboard of {n}, with arrays", dashboard_with_arrays, 3200, "dataset"),
    workload("dashboard-plain", "dashboard of {n}", dashboard, 3800, "dataset"),
    workload("call", "message: call", call, 1, "message", fixed=True),
    workload("calls", "{n} messages: call", calls, 1000, "message"),
    workload("modification", "message: change", modification, 1, "message", fixed=True),
    workload("files", "dashboard of {n} in a file", dashboard_with_arrays, 17_000, "dataset",
             section="files"),
    *(workload(f"growth-floats-{n}", "floats", floats, n, "float", section="growth")
      for n in GROWTH),
    *(workload(f"growth-array-{n}", "array", array, n, "element", section="growth")
      for n in GROWTH),
    *(workload(f"pipe-floats-{n}", "list of {n} floats", floats, n, "float", section="pipe")
      for n in PIPE),
    *(workload(f"pipe-array-{n}", "array of {n} float64", array, n, "element", section="pipe")
      for n in PIPE),
    workload("ends-floats", "list of {n} floats", floats, MILLION, "float", section="ends"),
    workload("ends-array", "array of {n} float64", array, MILLION, "element", section="ends"),
]  # fmt: skip
