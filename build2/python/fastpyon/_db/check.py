# SPDX-License-Identifier: LGPL-3.0-or-later
"""``db check``: is a database good? It looks at the files, and changes nothing; another process may write them."""

import sys
from json.decoder import scanstring

from fastpyon._db import entries, faults
from fastpyon._db.faults import count
from fastpyon._db.scan import Examination
from fastpyon.database import reader
from fastpyon.database.rows import are_rows, is_row


def check(options):
    return max([faults.status_of(lambda options: _check(path), options) for path in options.files])


def _check(path):
    entries.check_file(path)
    try:
        data, identity, _, content = reader.load(path)
    except OSError:
        raise
    except Exception as error:  # of a text that cannot be read: a constructor may raise any
        found = _examine(path, error)
        summary = ""
    else:
        content.close()
        found = list(_keys_twice(path, data))
        summary = _summary(data, identity, content)
    for message in found:
        print(message, file=sys.stderr)
    faults.say(f"{path}: {count(len(found), 'fault') if found else 'good'}{summary}")
    return faults.FINDING if found else 0


def _examine(path, error):
    """Returns what is wrong, as texts."""
    try:
        return Examination(path, error).messages()
    except Exception:  # it is the snapshot that cannot be read
        return [faults.text_of(error)]


def _summary(data, identity, content):
    size = identity.size if identity else 0
    text = f", {count(len(data), 'key')}, {count(size, 'byte')}, {count(content.changes, 'change')} in the journal"
    if content.torn:
        text += f", {count(len(content.torn), 'byte')} of a batch that is not whole"
    if not are_rows(data) and any(map(is_row, data.values())):
        other = next(key for key, entry in data.items() if not is_row(entry))
        text += f"; no datasets of ARTIQ, since {other!r} is not [value, {{metadata}}]"
    return text


def _keys_twice(path, data):
    """Yields a text for each key that is there twice, in a snapshot with one key a line."""
    try:
        with open(path, encoding="utf-8") as file:
            rows = [(number, scanstring(row, 1)[0]) for number, row in enumerate(file, 1) if row.startswith('"')]
    except (FileNotFoundError, ValueError):
        return
    if {key for _, key in rows} <= data.keys():
        seen = {}
        for number, key in rows:
            if key in seen:
                yield f"{path}:{number}: the key {key!r} is in line {seen[key]}, too: the last one counts"
            seen[key] = number
