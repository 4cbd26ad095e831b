#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Shows what fastpyon does with PYON files.

usage: demo.py [FILE...]

For each file: which dialect it is, what is in it, whether writing it again gives the same bytes,
and how long that takes compared with json, pickle and sipyco (if it is installed, or found in the
directory that the environment variable PYON_REFERENCE names).
"""
import json
import os
import pickle
import reprlib
import signal
import sys
import time
from pathlib import Path

import numpy as np
from fastpyon import pyon, pyon_v1

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
DIALECTS = {"v1": pyon_v1, "v2": pyon}
ROWS = 16  # of the contents
SECONDS = 0.2  # for each figure


class Unreadable(Exception):
    """A file that is not there, or that neither dialect can read."""


def load(path):
    """The dialect and the value of a file, found out as ARTIQ does: JSON first."""
    try:
        return "v2", pyon.load_file(path)
    except json.JSONDecodeError as error:
        why_not_v2 = error
    except OSError as error:
        raise Unreadable(error.strerror) from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"not UTF-8: {error}") from error
    except Exception as error:  # it is JSON: whatever a constructor says of its arguments
        raise Unreadable(f"not PYON: version 2: {error}") from error
    try:
        return "v1", pyon_v1.load_file(path)
    except Exception as error:
        raise Unreadable(f"not PYON: version 1: {error}; version 2: {why_not_v2}") from error


# ---- What is in it --------------------------------------------------------------------------


def table(rows, aligned="<"):
    """Rows of texts as aligned lines; `aligned` tells the columns' sides, the last one goes on."""
    aligned = aligned.ljust(len(rows[0]), aligned[-1])
    widths = [max(map(len, column)) for column in zip(*rows)]
    return "\n".join(
        "  ".join(f"{cell:{side}{width}}" for cell, side, width in zip(row, aligned, widths))
        .rstrip()
        for row in rows
    )


def kind(value):
    """The type of a value in a word or two."""
    if isinstance(value, np.ndarray):
        return f"array {value.dtype}"
    return type(value).__name__


def summary(value):
    """A value in a few words."""
    if isinstance(value, np.ndarray):
        return "shape " + " x ".join(map(str, value.shape)) if value.shape else "no dimensions"
    if isinstance(value, dict):
        return f"{len(value)} keys: {shortened(', '.join(map(str, value)))}"
    if isinstance(value, (list, set)):
        return f"{len(value)} items: {shortened(reprlib.repr(value))}"
    return shortened(repr(value))


def shortened(text, width=50):
    return text if len(text) <= width else text[: width - 4] + " ..."


def contents(value):
    """The members of a dictionary, a few of each type, as lines of text."""
    if not isinstance(value, dict):
        value = {"(all)": value}
    kinds = {}
    for key, member in value.items():
        kinds.setdefault(kind(member), []).append(key)
    # The first of each type, then the second of each, ... until the table is full.
    ranked = sorted(
        (rank, key) for keys in kinds.values() for rank, key in enumerate(map(str, keys))
    )
    shown = {key for _, key in ranked[:ROWS]}
    rows = [("key", "type", "value")]
    rows += [(shortened(str(k)), kind(v), summary(v)) for k, v in value.items() if str(k) in shown]
    lines = [table(rows)]
    if len(value) > len(rows) - 1:
        counts = sorted(((len(keys), name) for name, keys in kinds.items()), reverse=True)
        most = [f"{count} {name}" for count, name in counts[:4]] + ["..."] * (len(counts) > 4)
        lines.append(f"... {len(value)} in all: {', '.join(most)}")
    return "\n".join(lines)


# ---- How long it takes ----------------------------------------------------------------------


def plain(value):
    """What json can write of a value: arrays and tuples as lists, the rest as text."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (np.ndarray, np.generic)):
        return plain(value.tolist())
    if isinstance(value, dict):
        return {str(key): plain(member) for key, member in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(member) for member in value]
    return str(value)


def best(function, argument):
    """The time of the fastest of many calls, in microseconds."""
    fastest = float("inf")
    end = time.perf_counter() + SECONDS
    while True:
        start = time.perf_counter()
        function(argument)
        now = time.perf_counter()
        fastest = min(fastest, now - start)
        if now > end:
            return fastest * 1e6


def competitors(value):
    """(name, encode, decode, value to encode) of all that can be measured."""
    for dialect, module in DIALECTS.items():
        yield f"fastpyon {dialect}", module.encode, module.decode, value
    if "PYON_REFERENCE" in os.environ:
        sys.path.insert(0, os.environ["PYON_REFERENCE"])
    try:
        import sipyco.pyon
        import sipyco.pyon_v1

        yield "sipyco v1", sipyco.pyon_v1.encode, sipyco.pyon_v1.decode, value
        yield "sipyco v2", sipyco.pyon.encode, sipyco.pyon.decode, value
    except ImportError:
        pass
    yield "json *", json.dumps, json.loads, plain(value)
    yield "pickle 5", lambda x: pickle.dumps(x, 5), pickle.loads, value


def times(value):
    """The table of times as text."""
    rows = [("", "encode us", "decode us", "bytes")]
    for name, encode, decode, argument in competitors(value):
        try:
            encoded = encode(argument)
        except TypeError:  # not everything can be written in version 1
            rows.append((name, "-", "-", "-"))
            continue
        figures = best(encode, argument), best(decode, encoded)
        rows.append((name, *(f"{us:.1f}" for us in figures), str(len(encoded))))
    return table(rows, "<>") + "\n* the same without types: arrays and tuples are lists there"


# ---------------------------------------------------------------------------------------------


def show(path):
    """Everything about one file."""
    dialect, value = load(path)
    data = Path(path).read_bytes()
    again = DIALECTS[dialect].encode(value, pretty=True) + ("\n" if dialect == "v1" else "")
    same = "the same bytes" if again.encode() == data else "other bytes (not laid out by encode)"
    print(f"{path}: PYON {dialect}, {len(data)} bytes; written again: {same}\n")
    print(contents(value), "\n")
    print(times(value), "\n")


def main(arguments):
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # as others do in demo.py | head
    sys.stdout.reconfigure(errors="backslashreplace")  # terminals that cannot show everything
    examples = EXAMPLES / "dataset_db.pyon", EXAMPLES / "dataset_db_v2.pyon"
    paths = arguments or map(os.path.relpath, examples)
    try:
        for path in paths:
            show(path)
    except Unreadable as error:
        return f"demo: {path}: {error}"
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
