# SPDX-License-Identifier: LGPL-3.0-or-later
"""Files of one PYON value a line on Dask: a bag of values, or a dataframe of columns by paths.

    runs = read_lines("s3://lab/results-*.pyonl")                        # a dask.bag.Bag
    table = read_lines("results.pyonl", ["rid", "datasets.fit.freq"])    # a dask.dataframe.DataFrame

A block of a file is a partition. The extension reads it in a few calls, without a step in Python for each line.

If ``distributed`` is installed, this module adds the serializer family "pyon" to it: values of PYON travel as text and
frames, without pickle.
"""

import io
import math
import sys
from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

import dask.bag
import dask.config
from dask.bag.core import reify
from dask.base import tokenize
from dask.highlevelgraph import HighLevelGraph
from dask.utils import parse_bytes
from fsspec.core import OpenFile, get_fs_token_paths
from fsspec.utils import infer_compression

from fastpyon import _blocks, _frames, pyon, stream
from fastpyon._stream_base import version_of

__all__ = ["read_lines"]

_PIECE = 1 << 18  # bytes that are read at once: they stay in the cache of the processor
_SAMPLE = 1 << 20  # bytes that decide about types


def read_lines(
    urlpath, paths=None, blocksize="128MB", compression="infer", storage_options=None,
    *, types=None, dialect=pyon, include_path=False, on_error=None,
):  # fmt: skip
    """Read files of one value a line. Return a bag of values; with ``paths``, a dataframe with a column for each.

    ``urlpath``, ``blocksize``, ``compression``, ``storage_options`` and ``include_path`` are those of
    ``dask.bag.read_text``: a name, several, or a pattern, of any file system of fsspec. ``blocksize=None`` means a
    partition for each file. A compressed file is always one partition. With ``include_path``, a value is a tuple of
    the value and the name of its file; a dataframe has the column "path".

    ``paths`` and ``types`` are those of ``fastpyon.table.read_lines``. The first lines decide about the types that are
    not said. Integers are Int64 and bools boolean, since both may be missing; what is no number is object.

    A line that cannot be read, or a value that does not fit its column, raises when the partition is computed. If there
    is a function ``on_error(exception)``, it is called there instead, and the next line is read.
    """
    if isinstance(blocksize, str):
        blocksize = parse_bytes(blocksize)
    if blocksize is not None and blocksize <= 0:
        raise ValueError(f"blocksize must be positive, not {blocksize}")
    files = _find(urlpath, compression, storage_options or {})
    parts = [part for file in files for part in _split(file, blocksize)]
    options = {"version": version_of(dialect), "include_path": include_path, "on_error": on_error}
    if paths is not None:
        return _dataframe(parts, paths, types, options)
    # A bag that is used once reads the values one by one: Dask then leaves out reify(), which makes a list. Many
    # values at the same time would take more time for new memory than it takes to read them.
    name = f"read-lines-{tokenize(parts, options)}"
    graph = {(name, i): (reify, (partial(_values, part, **options),)) for i, part in enumerate(parts)}
    return dask.bag.Bag(HighLevelGraph.from_collections(name, graph, dependencies=[]), name, len(parts))


# ---- Partitions --------------------------------------------------------------------------------


class _Part(NamedTuple):
    """A part of a file of fsspec: the lines that begin between two places, or from the start to the end."""

    fs: object
    name: str
    version: str  # another one if the file has been changed
    compression: str | None
    start: int = 0
    stop: int | None = None

    def __str__(self):
        return self.fs.unstrip_protocol(self.name)

    def open(self):
        if self.compression != "zstd":
            return OpenFile(self.fs, self.name, compression=self.compression)
        # The file that fsspec makes of it has no readline().
        return io.BufferedReader(_blocks.Zst(self.name, self.fs.open(self.name)))


def _find(urlpath, compression, storage_options):
    """All of each file, as a part."""
    fs, _, names = get_fs_token_paths(urlpath, mode="rb", storage_options=storage_options)
    if not names:
        raise OSError(f"{urlpath} resolved to no files")
    infer = _infer if compression == "infer" else lambda name: compression
    return [_Part(fs, name, fs.ukey(name), infer(name)) for name in names]


def _infer(name):
    """The compression of a file. fsspec takes a .zst for plain text where it lacks the package."""
    return "zstd" if name.lower().endswith(".zst") else infer_compression(name)


def _split(file, blocksize):
    """The parts of about that size."""
    size = None if file.compression or blocksize is None else file.fs.info(file.name)["size"]
    if not size:
        return [file]
    count = math.ceil(size / blocksize)
    places = [size * i // count for i in range(count + 1)]
    return [file._replace(start=start, stop=stop) for start, stop in zip(places, places[1:])]


class _Lines:
    """The lines of a part in its open file: an iterable of pieces of whole lines, each until the next one is asked
    for.

    They are in one buffer. New memory for each would cost more than to read it, above all in the workers of
    distributed, which give free memory back to the system at once (MALLOC_TRIM_THRESHOLD_)."""

    def __init__(self, part, file):
        self._part, self._file, self.begin = part, file, part.start
        if part.start:  # in a line that begins in the part before, or at the end of one
            file.seek(part.start - 1)
            self.begin += len(file.readline()) - 1

    def __iter__(self):
        buffer = bytearray(2 * _PIECE)
        place, stop = self.begin, self._part.stop
        while stop is None or place < stop:
            count, rest = self._read(buffer, _PIECE if stop is None else min(_PIECE, stop - place))
            end = count + len(rest)
            if end > len(buffer):
                buffer = buffer + bytes(end)
            buffer[count:end] = rest
            if not end:
                return
            place += end
            yield memoryview(buffer)[:end]

    def _read(self, buffer, size):
        """Fills the buffer up to that size. Returns the number of bytes, and the rest of the last line."""
        try:
            count = _blocks.fill(self._file, memoryview(buffer)[:size])
            return count, self._file.readline() if count and buffer[count - 1] != 10 else b""
        except Exception as error:  # a decompressor does not know the name of the file
            _add_note(error, f"in '{self._part}'")
            raise

    @property
    def place(self):
        """Which part it is, for messages about it, which count from its beginning."""
        return f"in '{self._part}'" + (f", in the part after byte {self.begin}" if self.begin else "")


def _put_place(error, place):
    """Adds the place to the message of an error of ours."""
    error.args = (f"{error.args[0]} {place}", *error.args[1:])


def _add_note(error, note):
    if hasattr(error, "add_note"):  # from Python 3.11 on
        error.add_note(note)


# ---- Bags --------------------------------------------------------------------------------------


def _values(part, version, include_path, on_error):
    """Yields the values of a part."""
    with part.open() as file:
        values = _decode(_Lines(part, file), version, on_error)
        yield from ((value, part.name) for value in values) if include_path else values


def _decode(lines, version, on_error):
    decoder = stream.Decoder(_dialect(version), lines=True)
    pieces = iter(lines)
    while True:
        try:
            yield from decoder
            if decoder.closed:
                return
            piece = next(pieces, None)
            if piece is None:
                decoder.close()
            else:
                decoder.feed(piece)
        except Exception as error:
            if error is not decoder.failure:
                raise
            if isinstance(error, stream.DecodeError):
                _put_place(error, lines.place)
                error.offset += lines.begin
            else:
                _add_note(error, lines.place)
            if on_error is None:
                raise
            on_error(error)
            decoder.skip_line()


def _dialect(version):
    from fastpyon import pyon_v1

    return pyon_v1 if version == 1 else pyon


# ---- Dataframes --------------------------------------------------------------------------------

_NAMES = {bool: "bool", int: "int64", float: "float64", str: "str", object: "object"}
_DTYPES = {"int64": "Int64", "bool": "boolean", "float64": "float64"}  # pandas' names; object for others


def _read_table(part, paths, types, version, on_error):
    from fastpyon import table

    with part.open() as file:
        lines = _Lines(part, file)

        def report(error):
            _put_place(error, lines.place)
            if on_error is None:
                raise error
            on_error(error)

        return table.read_blocks(lines, paths, types=types, version=version, on_error=report, threads=1)


def _read_frame(part, columns=None, *, paths, types, dtypes, version, include_path, on_error):
    """The rows of a part: a pandas.DataFrame. Dask says which ``columns`` it needs."""
    import pandas

    names = list(dtypes) if columns is None else columns
    paths = {name: path for name, path in paths.items() if name in names}
    table = _read_table(part, paths, {name: types[name] for name in paths}, version, on_error)
    frame = table.to_pandas() if paths else pandas.DataFrame(index=range(table.rows))
    if include_path:
        frame["path"] = part.name
    return frame[names].astype({name: dtypes[name] for name in names})


def _sample(parts, paths, types, options):
    """A table of the first lines: those of the first part that has any."""
    ignore = options["on_error"] and (lambda error: None)  # the error comes again when the partition is computed
    for part in parts:
        stop = part.start + _SAMPLE
        part = part._replace(stop=min(part.stop or stop, stop))
        table = _read_table(part, paths, types, options["version"], ignore)
        if table.rows:
            break
    return table


def _types_of(sample):
    """The types of the columns of a table. A column without values may be of any type."""
    types = {}
    for name, column in sample.items():
        known = not isinstance(column, list) and not sample.missing(name).all()
        types[name] = str(column.dtype) if known else "object"
    return types


def _dataframe(parts, paths, types, options):
    import dask.dataframe
    import pandas

    if isinstance(paths, (str, bytes)):
        raise TypeError("paths must be several paths, not one str")
    paths = dict(paths) if isinstance(paths, Mapping) else {path: path for path in paths}
    if options["include_path"] and "path" in paths:
        raise ValueError("include_path makes a column 'path': give the other one another name")
    types = _types_of(_sample(parts, paths, types, options)) | {
        name: _NAMES.get(kind, kind) for name, kind in (types or {}).items() if kind
    }
    dtypes = {name: _DTYPES.get(kind, "object") for name, kind in types.items()}
    if options["include_path"]:
        dtypes["path"] = "object"
    meta = pandas.DataFrame({name: pandas.Series([], dtype=dtype) for name, dtype in dtypes.items()})
    # Otherwise Dask makes strs of all objects.
    with dask.config.set({"dataframe.convert-string": False}):
        return dask.dataframe.from_map(
            _read_frame, parts, paths=paths, types=types, dtypes=dtypes, meta=meta, label="read-lines",
            enforce_metadata=False, **options
        )  # fmt: skip


# ---- Values between processes ------------------------------------------------------------------


def _dumps(x):
    """The header and the frames of a value. NotImplementedError means that the next family must take it."""
    try:
        return {}, _frames.dump(x, exact=True)
    except (TypeError, ValueError, RecursionError) as error:
        raise NotImplementedError(f"no value of PYON: {error}") from error


def _loads(header, frames):
    """The value. Its arrays can be written to, so what lies in memory that cannot is copied."""
    text, *data = map(memoryview, frames)
    data = [bytearray(view) if view.readonly else view for view in data]
    return _frames.load([text, *data], sys.maxsize, sys.maxsize)


try:
    from distributed.protocol import register_serialization_family
except ImportError:
    pass
else:
    register_serialization_family("pyon", _dumps, _loads)
