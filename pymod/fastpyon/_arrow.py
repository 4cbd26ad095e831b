# SPDX-License-Identifier: LGPL-3.0-or-later
"""Tables as those of Arrow."""

import numpy
import pyarrow

from fastpyon import table

_TYPES = {"bool": pyarrow.bool_(), "int64": pyarrow.int64(), "float64": pyarrow.float64(), "str": pyarrow.string()}


def _array(values, missing, name, kind=None):
    """The array of a column. Arrow has one type for all values of a column, so some lists have none."""
    try:
        if isinstance(values, list):
            return pyarrow.array(list(map(_plain, values)), type=kind)
        if kind is not None and (values.dtype.kind == "b") != pyarrow.types.is_boolean(kind):
            raise TypeError(f"{values.dtype} in a column of {kind}")  # Arrow would make 1.0 of True
        return pyarrow.array(numpy.ma.getdata(values), type=kind, mask=missing)
    except (ValueError, TypeError, OverflowError, NotImplementedError) as error:  # Arrow's own are of these
        raise TypeError(f"{name}: Arrow has no type for all values of the column: {error}") from error


def _plain(value):
    """Arrow knows arrays of one dimension, and Python's objects."""
    if isinstance(value, numpy.ndarray) and (value.ndim != 1 or not value.dtype.isnative):
        return value.tolist()
    if isinstance(value, (tuple, set, frozenset)):
        return list(value)
    return value


def table_of(source):
    return pyarrow.table({name: _array(source[name], source.missing(name), name) for name in source})


def _fix_types(columns, first):
    """The types of the first batch are those of all. A column without a value, or one of objects, has none."""
    letters = {"i": "int64", "b": "bool", "f": "float64"}
    for number, (name, values) in enumerate(first.items()):
        missing = first.missing(name)
        if columns.kinds[number] is not None or missing.all():
            continue
        if isinstance(values, list):  # a null is a value, but no str
            kinds = {type(value) for value, is_missing in zip(values, missing) if not is_missing}
            columns.kinds[number] = "str" if kinds == {str} else None
        else:
            columns.kinds[number] = letters[values.dtype.kind]
    columns.letters = "".join(table._LETTERS[kind] for kind in columns.kinds)


def _batch(source, schema):
    arrays = [_array(source[name], source.missing(name), name, schema.field(name).type) for name in source]
    return pyarrow.record_batch(arrays, schema=schema)


def _batches(columns, blocks, version, on_error, threads):
    """Yields the schema, and then all batches."""
    report = on_error or table._raise

    def read(block):
        return columns.read(block, version, on_error is None)

    def make(found, before):
        rows = table._Rows(columns, before)
        for error in rows.add(found):
            report(error)
        return rows.table(report), rows.end

    blocks = iter(blocks)
    first, end = make(read(next(blocks, b"")), 0)
    _fix_types(columns, first)
    schema = table_of(first).schema
    yield schema
    yield _batch(first, schema)
    for found in table._in_order(read, blocks, threads):
        batch, end = make(found, end)
        yield _batch(batch, schema)


def read_batches(source, paths, types, version, on_error, threads):
    columns = table._Columns(paths, types)

    def run():
        with table._blocks_of(source) as blocks:
            yield from _batches(columns, blocks, table._number(version), on_error, threads or table._processors())

    batches = run()
    return pyarrow.RecordBatchReader.from_batches(next(batches), batches)
