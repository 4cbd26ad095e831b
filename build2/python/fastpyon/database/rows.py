# SPDX-License-Identifier: LGPL-3.0-or-later
"""Datasets of ARTIQ as a database has them: a row ``[value, metadata]`` for each key."""

from fastpyon.database.errors import DamagedError


def is_row(entry):
    """Is this a dataset as ``DatasetDB`` writes it?"""
    return isinstance(entry, list) and len(entry) == 2 and isinstance(entry[1], dict)


def are_rows(data):
    """Does a dict have datasets only, and at least one?"""
    return bool(data) and all(map(is_row, data.values()))


def rows_of(data, path):
    """Returns {key: [value, metadata]} of the data of a file, and whether the file has them in this form.

    A dict of values without metadata is a file of ARTIQ up to version 7. DamagedError if there are both.
    """
    rows = {key: entry for key, entry in data.items() if is_row(entry)}
    if len(rows) == len(data):
        return rows, True
    if not rows:
        return {key: [value, {}] for key, value in data.items()}, False
    other = next(key for key in data if key not in rows)
    raise DamagedError(f"{path!r} has [value, metadata] for some datasets, but not for {other!r}")
