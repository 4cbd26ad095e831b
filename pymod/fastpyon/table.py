# SPDX-License-Identifier: LGPL-3.0-or-later
"""Tables: the values at some paths of each line of a text, a column for each path.

    table = read_lines("results.pyonl", ["rid", "expid.arguments.x", "datasets.fit.freq"])
    table["rid"]            # an array
    table.to_pandas()

Only the values of the columns become objects; the rest of the lines is checked. That is done in C without the lock of
the interpreter, in threads.
"""

import collections
import contextlib
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy

from fastpyon import _blocks, _core, pyon

__all__ = ["MisfitError", "Table", "read_batches", "read_lines"]

_MISSING, _BOOLEAN, _INTEGER, _REAL, _TEXT = range(5)  # enum cell of lib/path/columns.h

_LETTERS = {"bool": "b", "int64": "i", "float64": "r", "str": "s", "object": "a", None: "a"}
_NAMES = {bool: "bool", int: "int64", float: "float64", str: "str", object: "object"}


class MisfitError(ValueError):
    """A line that cannot be read, or a value that is not of the type of its column.

    ``line`` counts from 1. ``path`` is the name of the column, None if the whole line is wrong; then ``column`` is the
    byte of the line, from 1.
    """

    def __init__(self, message, line, path=None, column=None):
        super().__init__(message, line, path, column)
        self.line, self.path, self.column = line, path, column

    def __str__(self):
        if self.path is None:
            return f"{self.args[0]}: line {self.line}" + (f" column {self.column}" if self.column else "")
        return f"{self.path}: {self.args[0]}: line {self.line}"


# ---- Columns out of cells ----


def _is_exact(integers, numbers):
    """Are all numbers the integers that they were made of?"""
    small = numbers < 2.0**63  # otherwise it is no int64 any more
    return small.all() and (numbers.astype(numpy.int64) == integers).all()


def _to_float(slots, cells, is_asked):
    """The slots as float64, with NaN where they are missing; None, and the slots as they were, if an integer has too
    many digits."""
    values = slots.view(numpy.float64)
    integers = cells == _INTEGER
    if integers.any():
        exact = slots.view(numpy.int64)[integers]
        rounded = exact.astype(numpy.float64)
        if not is_asked and not _is_exact(exact, rounded):
            return None
        values[integers] = rounded
    values[cells == _MISSING] = numpy.nan
    return values


def _masked(values, cells):
    missing = cells == _MISSING
    return numpy.ma.MaskedArray(values, missing) if missing.any() else values


def _decode_each(texts, fail):
    values = []
    for number, text in enumerate(texts):
        try:
            values.append(pyon.decode(text))
        except Exception as error:  # whatever a constructor raises
            fail(number, error)
            values.append(None)
    return values


def _decode(texts, fail):
    """The values of texts. ``fail(number, error)`` gets the exception of one."""
    try:
        return pyon.decode(b"[" + b",".join(texts) + b"]")
    except Exception:
        return _decode_each(texts, fail)


def _objects(cells, slots, text, fail):
    """The values as a list, with None where they are missing. ``fail(row, error)`` gets the exception of a value."""
    made = [None] * len(cells)

    def put(cell, values):
        for row, value in zip(numpy.flatnonzero(cells == cell).tolist(), values):
            made[row] = value

    rows = numpy.flatnonzero(cells == _TEXT)
    ends = numpy.cumsum(slots[rows]).tolist()
    texts = [text[start:end] for start, end in zip([0, *ends], ends)]
    put(_BOOLEAN, (slots[cells == _BOOLEAN] != 0).tolist())
    put(_INTEGER, slots.view(numpy.int64)[cells == _INTEGER].tolist())
    put(_REAL, slots.view(numpy.float64)[cells == _REAL].tolist())
    put(_TEXT, _decode(texts, lambda number, error: fail(int(rows[number]), error)))
    return made


def _column(cells, slots, text, kind, fail):
    """An array or list of what C has found. The array has the memory of the slots."""
    present = {cell for cell in (_BOOLEAN, _INTEGER, _REAL, _TEXT) if (cells == cell).any()}
    if kind == "int64" or kind is None and present == {_INTEGER}:
        return _masked(slots.view(numpy.int64), cells)
    if kind == "bool" or kind is None and present == {_BOOLEAN}:
        return _masked(slots.astype(numpy.bool_), cells)
    if kind == "float64" or kind is None and present <= {_INTEGER, _REAL}:
        values = _to_float(slots, cells, kind is not None)
        if values is not None:
            return values
    return _objects(cells, slots, text, fail)


# ---- Reading ----


class _Columns:
    """The names, paths and types of the columns."""

    def __init__(self, paths, types):
        if isinstance(paths, (str, bytes)):
            raise TypeError("paths must be several paths, not one str")
        named = dict(paths) if isinstance(paths, Mapping) else {path: path for path in paths}
        self.names, self.paths = list(named), tuple(named.values())
        types = dict(types or {})
        self.kinds = [self._kind(types.pop(name, None)) for name in self.names]
        if types:
            raise ValueError(f"types has columns that are not read: {', '.join(map(repr, types))}")
        self.letters = "".join(_LETTERS[kind] for kind in self.kinds)

    @staticmethod
    def _kind(kind):
        kind = _NAMES.get(kind, kind)
        if kind not in _LETTERS:
            raise ValueError(f"{kind!r} is not one of bool, int64, float64, str, object")
        return kind

    def read(self, block, version, stop):
        data = block.read_text() if hasattr(block, "read_text") else block
        return _core.read_columns(data, self.paths, self.letters, version, stop)

    def misfit(self, found, before):
        """The exception of a misfit that C has found, in a block that begins after some lines."""
        line, column, offset, what = found
        if column is None:
            return MisfitError(what, before + line, column=offset + 1)
        return MisfitError(what, before + line, self.names[column])


def _number(version):
    if version not in (None, 1, 2):
        raise ValueError(f"version must be 1, 2 or None, not {version!r}")
    return version or 0


def _processors():
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def _in_order(function, items, threads):
    """Yields function(item) for all items, in their order; threads work on the next ones."""
    if threads == 1:
        yield from map(function, items)
        return
    with ThreadPoolExecutor(threads, "fastpyon.table") as pool:
        waiting = collections.deque()
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) > threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _joined(parts, dtype):
    """An array of the bytes of several parts, which are copied once."""
    return numpy.concatenate([numpy.empty(0, dtype), *(numpy.frombuffer(part, dtype) for part in parts)])


class _Rows:
    """What C has found in some blocks, of which the first one begins after some lines."""

    def __init__(self, columns, before=0):
        self._columns, self.end = columns, before
        self._lines, self._parts = [], []

    def add(self, found):
        """Adds the result of ``_Columns.read`` for the next block. Returns the exceptions of its misfits."""
        count, lines, parts, misfits = found
        before, self.end = self.end, self.end + count
        self._lines.append(numpy.frombuffer(lines, numpy.uint64) + numpy.uint64(before))
        self._parts.append(parts)
        return [self._columns.misfit(misfit, before) for misfit in misfits]

    def table(self, on_error, numbers=None):
        """The table. ``on_error`` and ``numbers`` as for read_blocks."""
        lines = _joined(self._lines, numpy.uint64)
        missing, values = {}, {}
        for number, name in enumerate(self._columns.names):
            cells, slots, texts = ([parts[number][i] for parts in self._parts] for i in range(3))
            cells, slots = _joined(cells, numpy.uint8), _joined(slots, numpy.uint64)

            def fail(row, error, name=name):
                on_error(MisfitError(f"{type(error).__name__}: {error}", int(lines[row]), name))

            values[name] = _column(cells, slots, b"".join(texts), self._columns.kinds[number], fail)
            missing[name] = cells == _MISSING
        return Table(values, missing, lines if numbers is None else numpy.asarray(numbers, numpy.uint64)[lines - 1])


@contextlib.contextmanager
def _blocks_of(source):
    """The blocks of the source of read_lines."""
    if isinstance(source, (str, os.PathLike)):
        with contextlib.closing(_blocks.open_blocks(source)) as blocks:
            yield blocks
    elif _blocks.is_buffer(source):
        yield _blocks.of_buffer(source)
    elif hasattr(source, "readinto"):
        yield _blocks.of_file(source)
    else:
        yield _blocks.of_lines(source)


def _raise(error):
    raise error


def read_blocks(blocks, paths, *, types=None, version=None, on_error=None, threads=None, numbers=None):
    """As read_lines, of an iterable of blocks of whole lines. ``numbers`` are those of the lines, if they are not 1, 2,
    3, ..."""
    columns = _Columns(paths, types)

    def report(error):
        if numbers is not None:
            error.line = int(numbers[error.line - 1])
        (on_error or _raise)(error)

    def read(block):
        return columns.read(block, number, on_error is None)

    number, rows = _number(version), _Rows(columns)
    for found in _in_order(read, blocks, threads or _processors()):
        for error in rows.add(found):
            report(error)
    return rows.table(report, numbers)


def read_lines(source, paths, *, types=None, version=None, on_error=None, threads=None):
    """Read a table from lines of one value each.

    ``source`` is the path of a file, text as a bytes-like object, a binary file, or an iterable of lines.
    Files whose names end in .gz or .zst are decompressed.

    ``paths`` are those of docs/paths.md, or a dict of the names of the columns and their paths. A path with a ``*`` or
    a slice gives a list of all values that it leads to.

    ``types`` has a type for some of the columns: "float64", "int64", "bool", "str", or "object" for any value. A value
    that does not fit is an error. If nothing is said, the values decide: see Table.

    ``version`` is that of PYON. If it is None, a line that is not of version 2 is taken for one of version 1.

    A line that cannot be read, or a value that does not fit, raises a MisfitError. If there is a function
    ``on_error(error)``, it gets the error instead; then the line has no row, and the value is missing.

    ``threads`` is their number; None means one for each processor.
    """
    with _blocks_of(source) as blocks:
        return read_blocks(blocks, paths, types=types, version=version, on_error=on_error, threads=threads)


def read_batches(source, paths, *, types=None, version=None, on_error=None, threads=None):
    """Read lines as a ``pyarrow.RecordBatchReader``: a batch for each block of lines, so of any size.

    The arguments are those of read_lines. The types of the first batch, where ``types`` does not say them, are those of
    all batches. A value of a later one that does not fit is an error.
    """
    from fastpyon import _arrow

    return _arrow.read_batches(source, paths, types, version, on_error, threads)


# ---- Tables ----


class Table(Mapping):
    """Columns by their names: a mapping.

    | the values of a column         | are                                                          |
    |--------------------------------|--------------------------------------------------------------|
    | all numbers                    | an array of int64 if all are integers, otherwise of float64  |
    | all bool                       | an array of bool                                             |
    | anything else                  | a list of objects                                            |

    A value that a line does not have is NaN in an array of float64, and None in a list. An array of int64 or bool with
    missing values is a ``numpy.ma.MaskedArray``. Integers that a float64 cannot hold exactly, beside numbers that are
    no integers, make a list. NumPy's scalars count as numbers.
    """

    def __init__(self, columns, missing, lines):
        self._columns, self._missing, self._lines = columns, missing, lines

    def __getitem__(self, name):
        return self._columns[name]

    def __iter__(self):
        return iter(self._columns)

    def __len__(self):
        return len(self._columns)

    @property
    def rows(self):
        """The number of rows."""
        return len(self._lines)

    @property
    def lines(self):
        """The number of the line of each row, from 1: an array."""
        return self._lines

    def missing(self, name):
        """Where a column has no value: an array of bool."""
        return self._missing[name]

    def __repr__(self):
        return f"<Table of {self.rows} rows: {', '.join(self)}>"

    def to_pandas(self):
        """The table as a ``pandas.DataFrame``. Columns of int64 or bool with missing values are Int64 or boolean."""
        import pandas

        frame = {}
        for name, values in self.items():
            if isinstance(values, numpy.ma.MaskedArray):
                kind = "Int64" if values.dtype == numpy.int64 else "boolean"
                values = pandas.array(values.data, dtype=kind)
                values[self._missing[name]] = pandas.NA
            elif isinstance(values, list):
                values = pandas.Series(values, dtype=object)
            frame[name] = values
        return pandas.DataFrame(frame, columns=list(self))

    def to_arrow(self):
        """The table as a ``pyarrow.Table``. A missing value is null, also in a column of float64."""
        from fastpyon import _arrow

        return _arrow.table_of(self)

    def to_xarray(self, dimension="row"):
        """The table as an ``xarray.Dataset``. A column of arrays of one shape becomes an array with more dimensions.

        xarray has no missing values but NaN, so an array of int64 or bool that has some becomes one of float64; of
        objects, with None, if float64 does not hold all its integers.
        """
        import xarray

        variables = {}
        for name, values in self.items():
            values = _stacked(values)
            more = [f"{name}_{i}" for i in range(values.ndim - 1)]
            variables[name] = ([dimension, *more], values)
        return xarray.Dataset(variables)


def _stacked(values):
    """An array of a column: of arrays of one shape and dtype, one with more dimensions."""
    if isinstance(values, numpy.ma.MaskedArray):
        numbers = values.astype(numpy.float64)
        if values.dtype == numpy.int64 and not _is_exact(values.compressed(), numbers.compressed()):
            return numpy.array(values.tolist(), object)
        return numbers.filled(numpy.nan)
    if not isinstance(values, list):
        return values
    first = values[0] if values else None
    if isinstance(first, numpy.ndarray) and all(
        isinstance(x, numpy.ndarray) and x.shape == first.shape and x.dtype == first.dtype for x in values
    ):
        return numpy.stack(values)
    array = numpy.empty(len(values), dtype=object)
    for i, value in enumerate(values):
        array[i] = value
    return array
