# SPDX-License-Identifier: LGPL-3.0-or-later
"""The index of an archive: where each line is, and what its run is looked for by.

It is a file beside the archive, NAME.index, with a line for each line of the archive:

    {"batch":0,"size":8123,"start":0,"length":8123,"line":1,"crc":7,"rid":1,"class":"A","start_time":1.7e9,...}

``batch`` and ``size`` are the place of the batch in the file (spans.py), ``start`` and ``length`` that of the line in
the text of the batch; ``line`` is its number, and ``crc`` its CRC-32. A line that is no run has ``misfit``: [what is
wrong, the column]; [] if it is blank. All of it follows from the archive. So whatever a kill has left away is made
anew, and so is all of it if the file is missing, is not whole, or belongs to another archive.
"""

import itertools
import numbers
import zlib

import numpy

from fastpyon import _blocks, pyon, table
from fastpyon.archive import spans
from fastpyon.archive.errors import DamagedError, FrameError

PLACES = "batch", "size", "start", "length", "line", "crc"
RUNS = "rid", "class", "start_time", "file", "stamp"
_TYPES = {**dict.fromkeys(PLACES, "int64"), **dict.fromkeys((*RUNS, "misfit"), "object")}
WRITTEN = tuple(_TYPES)
READ = tuple(name for name in WRITTEN if name != "stamp")  # what reading needs: that takes less time

# Of what runs are looked for by. The first ones are the usual ones, and faster.
_KINDS = {"rid": (int, numbers.Integral), "start_time": (float, numbers.Real), "class": str, "file": str}


def name_of(path):
    return path + ".index"


def _clean(name, values):
    """What a run may be looked for by. A file of results may have anything in these places."""
    kinds = _KINDS.get(name)
    return [value if isinstance(value, kinds) else None for value in values] if kinds else values


class Index:
    """The columns of all lines, by their names: WRITTEN or READ. ``end`` is where the last batch ends in the file, and
    ``lines`` is the number of lines up to there."""

    def __init__(self, names):
        self.columns = {name: numpy.empty(0, numpy.int64) if name in PLACES else [] for name in names}
        self.end = self.lines = 0

    def __len__(self):
        return len(self.columns["batch"])

    def add(self, columns):
        """More lines, after all that are there."""
        for name in self.columns:
            more = [part[name] for part in columns]
            if name in PLACES:
                self.columns[name] = numpy.concatenate([self.columns[name], *more])
            else:
                self.columns[name].extend(_clean(name, itertools.chain(*more)))

    def columns_of(self, form, start, size, text):
        """The columns of the lines of the next batch. One that is damaged counts as a line, of no length."""
        if isinstance(text, FrameError):
            return self._damaged_batch(start, size, text)
        errors = []
        found = table.read_blocks(
            [text], RUNS, types=dict.fromkeys(RUNS, "object"), version=2, on_error=errors.append, threads=1
        )
        ends = spans.line_ends(text)
        begins = [0, *ends[:-1].tolist()]
        crcs = [zlib.crc32(text[a:b]) for a, b in zip(begins, ends.tolist())]
        lines = numpy.arange(1, len(ends) + 1) + self.lines
        columns = dict(zip(PLACES, [*form.places(start, size, ends), lines, numpy.array(crcs, numpy.int64)]))
        rows = (found.lines.astype(numpy.int64) - 1).tolist()
        for name in RUNS:
            columns[name] = _spread(found[name], rows, [None] * len(ends))
        columns["misfit"] = _spread([None] * len(rows), rows, [[] for _ in ends])
        for error in errors:
            if error.path is None:
                columns["misfit"][error.line - 1] = [error.args[0], error.column]
        self.lines += len(ends)
        self.end = start + size
        return columns

    def _damaged_batch(self, start, size, error):
        self.lines += 1
        self.end = start + size
        columns = dict(zip(PLACES, (numpy.array([x]) for x in (start, size, 0, 0, self.lines, 0))))
        columns.update((name, [None]) for name in RUNS)
        columns["misfit"] = [[f"the frame of zstd at byte {start} is damaged: {error}", None]]
        return columns

    def damaged(self):
        """The errors of lines that are no runs."""
        misfits = ((line, misfit) for line, misfit in enumerate(self.columns["misfit"], 1) if misfit)
        return [table.MisfitError(what, line, column=column) for line, (what, column) in misfits]

    def texts(self, first=0):
        """The lines of the file, from one of them on."""
        for values in zip(*(self.columns[name][first:] for name in WRITTEN)):
            row = dict(zip(WRITTEN, values))
            row.update((name, int(row[name])) for name in PLACES)
            if row["misfit"] is None:
                del row["misfit"]
            yield pyon.encode(row) + "\n"


def _spread(values, rows, column):
    """Puts values into some rows of a column."""
    for row, value in zip(rows, values):
        column[row] = value
    return column


def _read(path, names):
    """What is in the file of an index: the columns, or None if it is missing or not whole."""
    try:
        with open(name_of(path), "rb") as file:
            text = file.read()
        if text and not text.endswith(b"\n"):  # what is added to the file would be a part of that line
            return None
        there = [name for name in names if name != "misfit" or b'"misfit"' in text]
        blocks = _blocks.of_buffer(text, 1 << 20)  # some for each thread
        found = table.read_blocks(blocks, there, types={name: _TYPES[name] for name in there}, version=2)
    except (FileNotFoundError, table.MisfitError):
        return None
    if any(found.missing(name).any() for name in PLACES):
        return None
    columns = {name: numpy.asarray(found[name]) if name in PLACES else found[name] for name in there}
    return {"misfit": [None] * found.rows, **columns}


def _belongs(columns, form, file, size):
    """Does an index have all lines of an archive, up to the end of a batch?"""
    count = len(columns["batch"])
    if not count:
        return True
    if not numpy.array_equal(columns["line"], numpy.arange(1, count + 1)):  # lines were appended to another file
        return False
    batch, length, start, size_of_line, _, crc = (int(columns[name][-1]) for name in PLACES)
    if batch < 0 or length < 0 or batch + length > size:
        return False
    file.seek(batch)
    try:
        text = form.unpack(file.read(length))
    except FrameError:
        return size_of_line == 0
    return len(text) == start + size_of_line and zlib.crc32(text[start:]) == crc


def _check(index, path, form, file, size):
    """Raises an exception if a file is something else: a writer would cut off its end."""
    if None in index.columns["misfit"]:
        return
    file.seek(index.end)
    if index.damaged() or not form.begin.startswith(file.read(min(len(form.begin), size - index.end))):
        raise DamagedError(f"{path} is no archive: it has no line that is a run")


def load(path, form, file, size, names=WRITTEN):
    """The index of an archive of that size, and the number of its lines that are in the file of the index: 0 if that
    must be made anew."""
    index, columns, known = Index(names), _read(path, names), 0
    if columns is not None and _belongs(columns, form, file, size):
        index.add([columns])
        known = len(index)
    if known:
        index.end, index.lines = int(columns["batch"][-1] + columns["size"][-1]), known
    index.add([index.columns_of(form, *batch) for batch in form.texts(file, index.end, size)])
    _check(index, path, form, file, size)
    return index, known
