# SPDX-License-Identifier: LGPL-3.0-or-later
"""``db log``: the changes that the journals have, with the times at which they were written."""

import glob
import os
import re
import sys

from fastpyon import _core
from fastpyon._db import entries
from fastpyon._db.faults import FINDING, tell, text_of
from fastpyon.database import journal, lines, mods
from fastpyon.database.rows import are_rows

_PLAIN = re.compile(r"[\w.+-]+\Z", re.ASCII)
_TIME = "????-??-??T??????.??????Z"  # in the names of kept journals


def log(options):
    data = entries.read(options.file)
    names = _kept(options.file)
    if not names:
        tell("log", f"{options.file}: no older journals are kept, see keep_journals in docs/database.md")
    shows_values = are_rows(data) and not options.entry
    seen, status = set(), 0
    for content in _contents(names, options.file):
        if isinstance(content, Exception):
            tell("log", text_of(content))
            status = FINDING
            continue
        for time, mod in content:
            key = mods.key_of(mod)
            if not options.keys or key in options.keys:
                sys.stdout.write(f"{time}  {_shown(mod, shows_values)}\n")
            seen.add(key)
    return max(status, _tell_unseen(options, data, seen))


def _tell_unseen(options, data, seen):
    """Tells the keys that no journal has. Returns the exit status."""
    unseen = [key for key in options.keys if key not in seen]
    for key in unseen:
        if key in data:
            tell("log", f"{options.file}: no change of {key!r} is in the journals")
        else:
            tell("log", entries.missing(options.file, key, data.keys() | seen))
    return FINDING if unseen else 0


def _kept(path):
    """Returns the names of the journals that were kept, the oldest first."""
    return sorted(glob.glob(f"{glob.escape(path)}.{_TIME}.journal"))


def _contents(names, path):
    """Yields for each journal a list of (time, mod), or the exception that it raises."""
    carried, before = 0, None
    for name in [*names, journal.name_of(path)]:
        try:
            with open(name, "rb") as file:
                status, data = os.fstat(file.fileno()), file.read()
            if before and os.path.samestat(before, status):  # a compaction was killed: one journal has two names
                continue
            part = lines.Part(data, name)
        except FileNotFoundError:  # a database without a journal has no changes
            continue
        except Exception as error:
            yield error
            carried = 0
            continue
        yield list(_changes(part, carried))
        carried, before = _carried(part), status


def _carried(part):
    """Returns how many changes of a journal are at the beginning of the next one, too."""
    last = next((mod for mod in reversed(part.mods) if mod["action"] == "compact"), {})
    return len(last.get("changes", ()))


def _changes(part, carried):
    """Yields (time, mod) for the changes of a part of a journal, without so many at its beginning."""
    batch = []
    for mod in part.mods:
        if mod["action"] == "flush":
            yield from ((mod["time"], change) for change in batch)
            batch = []
        elif mod["action"] not in journal.NAMES_SNAPSHOT:
            if carried:
                carried -= 1
            else:
                batch.append(mod)


def _shown(mod, shows_values):
    """Returns a mod as Python would write it, with values in PYON."""
    path, action = list(mod["path"]), mod["action"]
    key = _name(mods.key_of(mod))
    if not path:
        if action == "delitem":
            return f"del {key}"
        value = mod["value"]
        return f"{key} = {_text(value[0] if shows_values and _is_pair(value) else value)}"
    path = path[1:]
    if shows_values and path:
        key += ".metadata" if path[0] else ""
        path = path[1:]
    target = key + "".join(f"[{_text(step)}]" for step in path)
    if action == "setitem":
        return f"{target}[{_text(mod['key'])}] = {_text(mod['value'])}"
    if action == "delitem":
        return f"del {target}[{_text(mod['key'])}]"
    arguments = ", ".join(_text(mod[name]) for name in ("i", "x") if name in mod)
    return f"{target}.{action}({arguments})"


def _is_pair(value):
    """Can this be [value, metadata]? Wider than ``rows.is_row``, as a log also shows what was wrong at its time."""
    return isinstance(value, list) and len(value) == 2


def _name(key):
    return key if _PLAIN.match(key) else _text(key)


def _text(value):
    return _core.encode_bytes_v2(value).decode()
