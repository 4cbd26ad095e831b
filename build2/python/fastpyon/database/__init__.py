# SPDX-License-Identifier: LGPL-3.0-or-later
"""A dict of values in two text files, a snapshot and a journal of the changes since.

    with Database("settings.pyon") as db:
        db["gain"] = 2.5

docs/database.md has the promises, and describes the files to the byte. Each module has one part: ``lines`` the
lines of a journal, ``mods`` the changes, ``snapshot`` and ``journal`` the files, ``pending`` the changes that wait,
``store`` what the caller's threads do, ``flusher`` the thread that writes, ``compaction`` what it does at times.
"""

from importlib.util import find_spec

from fastpyon.database.database import Database
from fastpyon.database.errors import DamagedError, DatabaseError, EditedError, LockedError, NotStored

# DatasetDB is not here: it needs sipyco, and ``import *`` does not.
__all__ = ["Database", "DatabaseError", "DamagedError", "EditedError", "LockedError", "NotStored"]

for _class in (DatabaseError, DamagedError, EditedError, LockedError, NotStored, Database):
    _class.__module__ = __name__
del _class


def __dir__():
    """Names DatasetDB where it can be imported: help() looks at all that is here."""
    return sorted({*globals(), *(["DatasetDB"] if find_spec("sipyco") else [])})


def __getattr__(name):
    """Imports the class that needs sipyco when a program asks for it."""
    if name != "DatasetDB":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from fastpyon.database.datasets import DatasetDB

    return DatasetDB
