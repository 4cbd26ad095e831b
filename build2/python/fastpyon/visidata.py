# SPDX-License-Identifier: LGPL-3.0-or-later
"""Files of PYON in VisiData: ``vd dataset_db.pyon``.

VisiData finds this module by itself if fastpyon was installed by pip. Otherwise write ``import fastpyon.visidata`` into
``~/.visidatarc``.

A dict is a sheet with a row for each key. A file of one value a line, or a list, of dicts is a table with a column for
each key. An array of one or two dimensions is a table of numbers. Enter opens the value of a row.
"""

from visidata import Column, Path, Sheet, VisiData, anytype

from fastpyon import _either

__all__ = ["PyonSheet", "open_pyon"]


@VisiData.api
def open_pyon(vd, p):
    """VisiData calls this for a file (``p``, a visidata.Path) whose name ends in .pyon. Returns the first sheet."""
    return PyonSheet(p.base_stem, source=p)


def _is_array(value):
    return hasattr(value, "dtype") and hasattr(value, "tolist")


def _cell(value):
    """The content of a cell: numbers of NumPy become those of Python, and arrays become lists."""
    return value.tolist() if _is_array(value) else value


def _type(values):
    """The type of a column: one that changes none of its values."""
    types = {type(_cell(value)) for value in values}
    if types == {int, float}:
        return float
    return types.pop() if len(types) == 1 and types <= {int, float, str} else anytype


def _size(value):
    """The shape of an array, the length of anything else that has one."""
    if _is_array(value):
        return " x ".join(map(str, value.shape))
    return len(value) if hasattr(value, "__len__") else None


class PyonSheet(Sheet):
    """One value: a dict, list, array or any other. Its rows are what the value has as members."""

    rowtype = "values"  # rowdef: (key, value) of a dict; the item of a list or array

    def iterload(self):
        self.value = _either.load(str(self.source)) if isinstance(self.source, Path) else self.source
        self.columns = []
        if isinstance(self.value, dict):
            self._add_pair_columns()
            yield from self.value.items()
        elif isinstance(self.value, (list, tuple, set)) or _is_array(self.value) and self.value.ndim:
            rows = list(self.value)
            self._add_item_columns(rows)
            yield from rows
        else:
            self.addColumn(Column("value", getter=lambda column, row: _cell(row)))
            yield self.value

    def _add_pair_columns(self):
        self.addColumn(Column("key", keycol=1, getter=lambda column, row: row[0]))
        self.addColumn(Column("type", getter=lambda column, row: type(row[1]).__name__))
        self.addColumn(Column("size", getter=lambda column, row: _size(row[1])))
        self.addColumn(Column("value", getter=lambda column, row: _cell(row[1])))

    def _add_item_columns(self, rows):
        """Columns for all keys that the rows have, if they are dicts; for all items, if they are sequences."""
        if rows and all(isinstance(row, dict) for row in rows):
            for key in dict.fromkeys(key for row in rows for key in row):
                self._add_column(key, rows, lambda row, key=key: row.get(key), lambda row, key=key: key in row)
        elif rows and all(isinstance(row, (list, tuple)) or _is_array(row) and row.ndim == 1 for row in rows):
            for index in range(max(map(len, rows))):
                self._add_column(
                    index, rows, lambda row, index=index: row[index] if index < len(row) else None,
                    lambda row, index=index: index < len(row),
                )  # fmt: skip
        else:
            self._add_column("value", rows, lambda row: row, lambda row: True)

    def _add_column(self, name, rows, get, has):
        kind = _type(get(row) for row in rows if has(row))
        self.addColumn(Column(str(name), type=kind, getter=lambda column, row: _cell(get(row))))

    def openRow(self, row, rowidx=None):
        key, value = row if isinstance(self.value, dict) else (self.cursorRowIndex if rowidx is None else rowidx, row)
        return PyonSheet(f"{self.name}[{key}]", source=value)

    def openCell(self, column, row, rowidx=None):
        value = row[1] if isinstance(self.value, dict) else column.getValue(row)
        return PyonSheet(f"{self.name}.{column.name}", source=value)
