# SPDX-License-Identifier: LGPL-3.0-or-later
"""Whether an archive has what it should have."""

import os

from fastpyon import archive
from fastpyon.archive import writer


def files(folder):
    return sorted(str(file.relative_to(folder)).replace(os.sep, "/") for file in folder.rglob("*.h5"))


def check_once(path, names):
    """Each file is there once, and the index that is there is the one that a new one would be."""
    with archive.open(path) as runs:
        assert sorted(runs.index["file"]) == sorted(names)
        assert not runs.damaged
        old = dict(runs.index), list(runs.table("rid").lines)
    with open(path + ".index") as file:
        text = file.read()
    os.remove(path + ".index")
    with archive.open(path) as runs:
        assert runs.index["file"] == old[0]["file"] and list(runs.table("rid").lines) == old[1]
    with writer.Writer(path):
        pass
    with open(path + ".index") as file:
        assert file.read() == text
