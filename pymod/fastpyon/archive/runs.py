# SPDX-License-Identifier: LGPL-3.0-or-later
"""Reading an archive."""

import builtins
import contextlib
import fnmatch
import math
import numbers
import os
import tempfile

import numpy

from fastpyon import _blocks, _output, pyon, table
from fastpyon.archive import index, spans, times
from fastpyon.archive.errors import DamagedError, FrameError

_BLOCK = 1 << 22  # bytes of lines that are read at once


class _Block:
    """Some lines of an archive. ``read_text()`` reads them: bytes-like. Those of a damaged frame are blank, and
    ``on_lost(rows, error)`` gets them; if it is None, the error is raised."""

    def __init__(self, archive, on_lost):
        self._archive, self._on_lost, self.chunks, self.size = archive, on_lost, [], 0

    def _read(self, chunk):
        batch, size, parts, rows = chunk
        try:
            return self._archive.read(batch, size, parts)
        except FrameError as error:
            if self._on_lost is None:
                raise
            self._on_lost(rows, error)
            return b"\n" * len(rows)

    def read_text(self):
        if len(self.chunks) == 1:
            return self._read(self.chunks[0])
        return b"".join([bytes(self._read(chunk)) for chunk in self.chunks])


class _Archive:
    """The file that all Runs of an archive share."""

    def __init__(self, path):
        self._form = spans.form_of(path)
        self._ranges = _blocks.Ranges(builtins.open(path, "rb", buffering=0))
        try:
            self.index, _ = index.load(path, self._form, self._ranges.file, self._ranges.size, index.READ)
        except BaseException:
            self.close()
            raise
        self.columns = self.index.columns

    def close(self):
        self._ranges.close()

    def read(self, batch, size, parts):
        """The parts of a batch: (start, length) of each in its text."""
        data = self._ranges.read(batch, size)
        if len(data) < size:
            raise DamagedError("the archive has been cut since it was opened")
        try:
            text = self._form.unpack(data)
        except FrameError as error:
            raise FrameError(f"the frame of zstd at byte {batch} is damaged: {error}") from error
        if len(parts) == 1 and parts[0] == (0, len(text)):
            return text
        return b"".join([text[start : start + length] for start, length in parts])

    def _chunks(self, rows):
        """Yields (batch, size, parts, rows) of rows: each batch that has some of them once. In a plain file, batches
        that follow each other are one."""
        columns = (self.columns[name][rows].tolist() for name in ("batch", "size", "start", "length"))
        chunk = None
        for batch, size, start, length, row in zip(*columns, rows.tolist()):
            if chunk and chunk[0] == batch:
                chunk[2].append((start, length))
                chunk[3].append(row)
            elif chunk and self._form.joins and chunk[0] + chunk[1] == batch and chunk[1] < _BLOCK:
                chunk[1] += size
                chunk[2][0] = (0, chunk[1])
                chunk[3].append(row)
            else:
                if chunk:
                    yield chunk
                chunk = [batch, size, [(start, length)], [row]]
        if chunk:
            yield chunk

    def blocks(self, rows, on_lost=None):
        block = _Block(self, on_lost)
        for chunk in self._chunks(rows):
            block.chunks.append(chunk)
            block.size += sum(length for _, length in chunk[2])
            if block.size >= _BLOCK:
                yield block
                block = _Block(self, on_lost)
        if block.chunks:
            yield block


def _latest(index):
    """The rows that count: of each file, the last one. Lines that no file was mirrored to count, too."""
    lines = zip(index.columns["file"], index.columns["misfit"])
    last = {row if name is None else name: row for row, (name, misfit) in enumerate(lines) if misfit is None}
    return numpy.array(sorted(last.values()), numpy.int64)


def _is_class(name, wanted):
    """Is the name of a class one of those that are wanted? They may have * and ?."""
    return name is not None and any(fnmatch.fnmatchcase(name, pattern) for pattern in wanted)


class Runs:
    """Runs of an archive, in its order: that in which they were mirrored, which is mostly that of time.

        runs[12345]                                    a run as a dict, by its rid
        runs.where(cls="RabiFlop", after="2026-05")    some of the runs
        for run in runs: ...
        runs.table("rid", "datasets.fit.freq")         columns

    If a file of results has changed since it was mirrored, the run is the newest one.
    """

    def __init__(self, archive, rows):
        self._archive, self._rows, self._by_rid = archive, rows, None

    def close(self):
        """Closes the file, also for all other Runs of this archive."""
        self._archive.close()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def __len__(self):
        return len(self._rows)

    def __repr__(self):
        return f"<{len(self)} runs>"

    @property
    def damaged(self):
        """The errors of lines of the archive that are no runs: a list of fastpyon.table.MisfitError."""
        return self._archive.index.damaged()

    @property
    def index(self):
        """The columns rid, class, start_time and file of all runs: a fastpyon.table.Table, without reading them."""
        columns = self._archive.columns
        found, missing = {}, {}
        for name in "rid", "class", "start_time", "file":
            values = [columns[name][row] for row in self._rows.tolist()]
            missing[name] = numpy.array([value is None for value in values], bool)
            found[name] = _typed(values, missing[name])
        return table.Table(found, missing, columns["line"][self._rows].astype(numpy.uint64))

    # ---- Which runs ----

    def _filter(self, name, is_wanted):
        values = self._archive.columns[name]
        rows = [row for row in self._rows.tolist() if is_wanted(values[row])]
        return Runs(self._archive, numpy.array(rows, numpy.int64))

    def where(self, *, cls=None, after=None, before=None, rid=None):
        """The runs that have all that is said.

        ``cls`` is the name of a class, or several; "*Scan" stands for all that end in Scan. The run began at or after
        ``after``, and before ``before``: a datetime, a date, seconds since 1970, or a text such as "2026-05" or
        "2026-05-01 14:30", in local time. ``rid`` is a number, or several: a range, for instance.
        """
        found = self
        if cls is not None:
            wanted = [cls] if isinstance(cls, str) else list(cls)
            found = found._filter("class", lambda name: _is_class(name, wanted))
        if after is not None:
            first = times.stamp(after)
            found = found._filter("start_time", lambda time: time is not None and time >= first)
        if before is not None:
            end = times.stamp(before)
            found = found._filter("start_time", lambda time: time is not None and time < end)
        if rid is not None:
            rids = {rid} if isinstance(rid, numbers.Integral) else rid if isinstance(rid, range) else set(rid)
            found = found._filter("rid", lambda number: number in rids)
        return found

    # ---- Runs ----

    def _rows_by_rid(self):
        """The row of each rid. If several files have the same, the one that began last."""
        if self._by_rid is None:
            rids, begun = self._archive.columns["rid"], self._archive.columns["start_time"]
            rows = sorted(self._rows.tolist(), key=lambda row: (begun[row] or 0, row))
            self._by_rid = {rids[row]: row for row in rows}
        return self._by_rid

    def __contains__(self, rid):
        return rid in self._rows_by_rid()

    def __getitem__(self, rid):
        row = self._rows_by_rid()[rid]
        (block,) = self._archive.blocks(numpy.array([row]))
        return pyon.decode(bytes(block.read_text()))

    def __iter__(self):
        for text, _ in self._texts(None):
            yield pyon.decode(text)

    def _texts(self, on_lost):
        """Yields (text, row) of all runs; the text is empty if it is lost. ``on_lost`` as for a _Block."""
        rows = iter(self._rows.tolist())
        for block in self._archive.blocks(self._rows, on_lost):
            yield from zip(bytes(block.read_text()).split(b"\n")[:-1], rows)

    def _misfit(self, row, what):
        columns = self._archive.columns
        return table.MisfitError(f"run {columns['rid'][row]}: {what}", int(columns["line"][row]))

    def _tell_lost(self, rows, error, on_error):
        for row in rows:
            on_error(self._misfit(row, error))

    def table(self, *paths, types=None, on_error=None, threads=None):
        """A fastpyon.table.Table of the values at some paths of each run.

        The arguments are those of ``fastpyon.table.read_lines``, and so are the errors: ``line`` of a MisfitError is
        the number of the line in the archive. ``on_error`` gets one for each run in a damaged frame, too.
        """
        if len(paths) == 1 and not isinstance(paths[0], str):
            (paths,) = paths
        lines = self._archive.columns["line"][self._rows]
        lost = []
        blocks = self._archive.blocks(self._rows, on_error and (lambda *found: lost.append(found)))
        found = table.read_blocks(
            blocks, paths, types=types, version=2, on_error=on_error, threads=threads, numbers=lines
        )
        for rows, error in lost:  # threads have found them
            self._tell_lost(rows, error, on_error)
        return found

    def unmirror(self, folder, *, overwrite=False, progress=None, on_error=None):
        """Write the runs as HDF5 files, with the names that they had, into a folder. Returns the number of files.

        A file that is there already is left alone, unless ``overwrite`` is true. ``progress(done, total)`` is called
        with numbers of files.

        A run that cannot be a file, or that is in a damaged frame, raises an exception. If there is a function
        ``on_error(error)``, it gets a fastpyon.table.MisfitError instead. Errors of the disk are always raised.
        """
        count = 0
        on_lost = on_error and (lambda rows, error: self._tell_lost(rows, error, on_error))
        for done, (text, row) in enumerate(self._texts(on_lost), 1):
            try:
                count += bool(text) and restore(pyon.decode(text), os.fsdecode(folder), overwrite)
            except (OSError, MemoryError):
                raise
            except Exception as error:  # of a constructor, or of h5py: the line may be by anyone
                if on_error is None:
                    raise
                what = error if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
                on_error(self._misfit(row, what))
            if progress:
                progress(done, len(self))
        return count


def _typed(values, missing):
    """A column of an index, as read_lines makes them."""
    kinds = {type(value) for value in values} - {type(None)}
    if kinds == {float}:
        return numpy.array([math.nan if value is None else value for value in values])
    if kinds == {int} and all(value is None or -(2**63) <= value < 2**63 for value in values):
        array = numpy.array([0 if value is None else value for value in values], numpy.int64)
        return numpy.ma.MaskedArray(array, missing) if missing.any() else array
    return values


def _is_name(part):
    """Is it a name in a folder, on every system?"""
    return part not in ("", ".", "..") and not set(part) & set("\\/:\0")


def restore(run, folder, overwrite):
    """Writes a run as a file in a folder: False if it is there already."""
    from fastpyon.archive import hdf5  # which needs h5py

    name = run.get("file") if isinstance(run, dict) else None
    parts = name.split("/") if isinstance(name, str) else [""]
    if not all(map(_is_name, parts)):
        raise ValueError(f"{name!r} is no name of a file in a folder of results")
    path = os.path.join(folder, *parts)
    if os.path.exists(path) and not overwrite:
        return False
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with _beside(path) as new:
        hdf5.write(new, run)
        os.utime(new, ns=(run["stamp"][1],) * 2)
    return True


@contextlib.contextmanager
def _beside(path):
    """The name of a file that takes the place of another one at the end, and is removed after an exception."""
    descriptor, new = tempfile.mkstemp(".new", "." + os.path.basename(path)[:50], os.path.dirname(path))
    os.close(descriptor)
    try:
        yield new
        os.chmod(new, _output.mode())
        os.replace(new, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.remove(new)
        raise


def open_runs(path):
    path = spans.name(path)
    archive = _Archive(path)
    return Runs(archive, _latest(archive.index))
