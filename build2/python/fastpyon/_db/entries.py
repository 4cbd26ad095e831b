# SPDX-License-Identifier: LGPL-3.0-or-later
"""``db get``, ``set`` and ``delete``: the entries of a database.

Where all entries of a database are datasets of ARTIQ, commands show and change their values, and keep the metadata.
"""

import difflib
import os
import sys

from fastpyon import _core, _either
from fastpyon._db.faults import FINDING, Finding, tell
from fastpyon.database import Database, journal, reader
from fastpyon.database.rows import are_rows


def check_file(path):
    """Raises FileNotFoundError if there is no database."""
    if not os.path.lexists(path) and not os.path.lexists(journal.name_of(path)):
        os.stat(path)


def read(path):
    """Returns the data of a database, which another process may write."""
    check_file(path)
    data, _, _, content = reader.load(path)
    content.close()
    return data


def open_for_changes(options):
    """Returns the Database, which must exist."""
    check_file(options.file)
    return Database(options.file, sync=None, wait=options.wait)


def missing(path, key, data):
    """Returns the message for a key that a database does not have."""
    similar = difflib.get_close_matches(key, data, 3)
    hint = f"; did you mean {' or '.join(map(repr, similar))}?" if similar else ""
    return f"{path}: no key {key!r}{hint}"


def _tell_missing(options, data):
    """Tells the keys that are not there, and returns whether there are any."""
    absent = [key for key in options.keys if key not in data]
    for key in absent:
        tell(options.verb, missing(options.file, key, data))
    return bool(absent)


def get(options):
    data = read(options.file)
    are_missing = _tell_missing(options, data)
    shows_value = are_rows(data) and not options.entry
    for key in options.keys:
        if key in data:
            value = data[key][0] if shows_value else data[key]
            sys.stdout.write(_core.encode_bytes_v2(value).decode() + "\n")
    return FINDING if are_missing else 0


def _value_of(text):
    if text == "-":
        text = sys.stdin.buffer.read().decode()
    try:
        return _either.decode_one(text)
    except ValueError as error:
        shown = text if len(text) < 60 else f"{text[:60]}..."
        raise Finding(f"the value {shown!r} is no PYON (a text needs quotes: '\"text\"'): {error}") from None


def set_value(options):
    value = _value_of(options.value)
    with open_for_changes(options) as db:
        if are_rows(db) and not options.entry:
            value = [value, db[options.key][1] if options.key in db else {}]
        db[options.key] = value
        failures = list(db.errors.values())
    return FINDING if failures else 0  # the database has logged them


def delete(options):
    with open_for_changes(options) as db:
        if _tell_missing(options, db):
            return FINDING
        for key in dict.fromkeys(options.keys):
            del db[key]
    return 0
