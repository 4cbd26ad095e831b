# SPDX-License-Identifier: LGPL-3.0-or-later
"""ARTIQ's DatasetDB: a database of text where the name ends in ``.pyon``, and its own class for all others."""

import inspect
import os

_ARGUMENTS = ("persist_file", "autosave_period")


def patch_databases(module, replace):
    """Makes a module's DatasetDB choose by the name, and returns what it is now; None if the module is not known."""
    theirs = vars(module).get("DatasetDB")
    if not isinstance(theirs, type) or tuple(inspect.signature(theirs).parameters) != _ARGUMENTS:
        return None
    replace(module, "DatasetDB", _choosing(theirs))
    return "fastpyon.database for names that end in .pyon"


def _choosing(theirs):
    class DatasetDB(theirs):
        __doc__ = theirs.__doc__

        def __new__(cls, persist_file, *arguments, **keywords):
            if cls is DatasetDB and os.fsdecode(persist_file).endswith(".pyon"):
                from fastpyon import database

                keep = os.environ.get("FASTPYON_KEEP_JOURNALS", "") not in ("", "0")
                return database.DatasetDB(persist_file, *arguments, keep_journals=keep, **keywords)
            return super().__new__(cls)

    DatasetDB.__module__ = theirs.__module__
    DatasetDB.__qualname__ = theirs.__qualname__
    return DatasetDB
