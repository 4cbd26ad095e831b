# SPDX-License-Identifier: LGPL-3.0-or-later
"""From a folder of results to an archive."""

import os
import stat
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from fastpyon import stream
from fastpyon.archive import spans
from fastpyon.archive.writer import Writer


class Report:
    """What mirror() has done: numbers of files that were ``added``, ``changed`` since, and ``unchanged``; and those
    that are ``unreadable``, a dict of their names and the reasons. The next mirror() tries these again."""

    def __init__(self):
        self.added = self.changed = self.unchanged = 0
        self.unreadable = {}

    def __repr__(self):
        return (
            f"<Report: {self.added} added, {self.changed} changed, {self.unchanged} unchanged, "
            f"{len(self.unreadable)} unreadable>"
        )


class _Scan:
    """The HDF5 files in a folder: an iterable of (name, stamp), in the order of their names. A stamp is [size, time].

    A link to something in the folder is left out, since that has a name of its own. Otherwise a run would be there
    twice, and again when the link to the newest run, or to the folder of today, leads to the next one.
    """

    def __init__(self, folder, report):
        self._folder, self._report = folder, report
        self._root, self._seen = os.path.realpath(folder), set()

    def __iter__(self):
        return self._look(self._folder, "")

    def _look(self, folder, name):
        try:
            status = os.stat(folder)
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            self._report.unreadable[name or "."] = str(error)
            return
        if (status.st_dev, status.st_ino) in self._seen:  # by a link to a folder above it
            return
        self._seen.add((status.st_dev, status.st_ino))
        for entry in entries:
            path = f"{name}/{entry.name}" if name else entry.name
            try:
                yield from self._take(entry, path)
            except OSError as error:
                self._report.unreadable[path] = str(error)

    def _take(self, entry, path):
        if entry.is_symlink() and self._is_inside(os.path.realpath(entry.path)):
            return
        if entry.is_dir():
            yield from self._look(entry.path, path)
        elif entry.name.endswith(".h5"):
            status = entry.stat()
            if stat.S_ISREG(status.st_mode):
                yield path, _stamp(status)
            else:  # to open a pipe would wait for ever
                self._report.unreadable[path] = "it is no regular file"

    def _is_inside(self, path):
        return path == self._root or path.startswith(os.path.join(self._root, ""))


def _stamp(status):
    return [status.st_size, status.st_mtime_ns]


def _line_of(folder, name, stamp):
    """The line of a file: bytes; or the reason why there is none: str."""
    from fastpyon.archive import hdf5  # which needs h5py

    path = os.path.join(folder, *name.split("/"))
    try:
        run = hdf5.read(path)
        line = stream.encode({**dict.fromkeys(("rid", "class", "start_time")), "file": name, "stamp": stamp, **run})
        if _stamp(os.stat(path)) != stamp:
            return "it was changed while it was read"
    except Exception as error:  # HDF5 has many, and so have constructors in the text of an expid
        return f"{error}" if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
    return line + b"\n"


def _line_of_task(task):
    return _line_of(*task)


def _lines(tasks, processes):
    """Yields the results of _line_of for all tasks, in their order."""
    if processes == 1:
        yield from map(_line_of_task, tasks)
        return
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        try:
            yield from pool.map(_line_of_task, tasks, chunksize=16)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def mirror(results, path, *, progress=None, processes=1, wait=False):
    """Bring an archive up to date with a folder of results.

    A run is added to the archive ``path`` for each HDF5 file in ``results``, and in the folders in it, that is new or
    has changed since. So a call after the first one takes little time. If the process is killed, the next call goes on
    where it was. An archive whose name ends in .zst is compressed.

    Returns a Report. A file that cannot be read does not stop the others: it is in the report, and the next call tries
    it again.

    ``progress(done, total)`` is called with numbers of files. ``processes`` read HDF5 at the same time. If another
    process writes the archive, LockedError is raised, or ``wait`` says that it is waited for: True, or seconds.
    """
    import h5py  # noqa: F401  # so that the error comes before there is a file

    path, folder = spans.name(path), os.fsdecode(results)
    if not os.path.isdir(folder):
        raise NotADirectoryError(f"{folder} is no folder of results")
    if processes < 1:
        raise ValueError(f"processes must be at least 1, not {processes}")
    report = Report()
    with Writer(path, wait) as writer:
        columns = writer.index.columns
        known = dict(zip(columns["file"], columns["stamp"]))
        tasks = []
        for name, stamp in _Scan(folder, report):
            if known.get(name) == stamp:
                report.unchanged += 1
            else:
                tasks.append((folder, name, stamp))
        for done, line in enumerate(_lines(tasks, processes), 1):
            name = tasks[done - 1][1]
            if isinstance(line, str):
                report.unreadable[name] = line
            else:
                writer.add(line)
                report.changed += name in known
                report.added += name not in known
            if progress:
                progress(done, len(tasks))
    return report
