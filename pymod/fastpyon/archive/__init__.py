# SPDX-License-Identifier: LGPL-3.0-or-later
"""The results of ARTIQ as lines of PYON, one run a line: read again and again in a small part of the time of HDF5.

    archive.mirror("results/", "results.pyonl")    adds what is new
    runs = archive.open("results.pyonl")
    runs.where(cls="RabiFlop", after="2026-05").table("rid", "expid.arguments.x", "datasets.fit.freq").to_pandas()

docs/archive.md is a tutorial, and describes the files. mirror() and unmirror() need h5py. Each module has one part:
``hdf5`` and ``values`` make a run of a file and back, ``spans`` is the file of lines and ``index`` the file beside it,
``mirroring`` and ``writer`` add runs, ``runs`` reads them.
"""

from fastpyon.archive.errors import ArchiveError, DamagedError, LockedError
from fastpyon.archive.mirroring import Report, mirror
from fastpyon.archive.runs import Runs
from fastpyon.archive.runs import open_runs as _open

__all__ = ["ArchiveError", "DamagedError", "LockedError", "Report", "Runs", "mirror", "open", "unmirror"]


def open(path):
    """The runs of an archive: Runs. Only its index is read."""
    return _open(path)


def unmirror(path, folder, *, overwrite=False, progress=None, on_error=None):
    """Write all runs of an archive as HDF5 files into a folder: see Runs.unmirror()."""
    with _open(path) as runs:
        return runs.unmirror(folder, overwrite=overwrite, progress=progress, on_error=on_error)


for _class in (ArchiveError, DamagedError, LockedError, Report, Runs, mirror):
    _class.__module__ = __name__
del _class
