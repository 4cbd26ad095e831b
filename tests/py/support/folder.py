# SPDX-License-Identifier: LGPL-3.0-or-later
"""A folder of one file, and whether it is as it was: see the fixture ``old``."""


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def unchanged(old):
    return old.read_text() == "old" and names(old.parent) == ["file.pyon"]
