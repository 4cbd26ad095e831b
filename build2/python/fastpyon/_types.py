# SPDX-License-Identifier: LGPL-3.0-or-later
"""Maps of types that NumPy's types enter once NumPy has been imported."""

import sys
from _thread import RLock

from fastpyon import _core


class Types:
    """The entries that a dialect has for types.

    Programs look into ``map`` and change it. ``own`` keeps the entries of the format itself. If an entry is the same
    in both, the extension does its work. ``numpy_entries`` are entries by the names of NumPy's types. A caller that
    enters several types holds ``lock``.
    """

    def __init__(self, own, numpy_entries):
        self.own = own
        self.map = dict(own)
        self.lock = RLock()
        self._numpy_entries = numpy_entries

    def know_numpy(self):
        """Enters NumPy's types, if NumPy has been imported. Before, no value can be of one."""
        numpy = sys.modules.get("numpy")
        if numpy is None or not self._numpy_entries:
            return
        types = vars(numpy)
        if not types.keys() >= self._numpy_entries.keys():  # another thread is still importing it
            return
        entries = {types[name]: entry for name, entry in self._numpy_entries.items()}
        _core.load_numpy()
        with self.lock:
            if self._numpy_entries:  # else another thread has entered them meanwhile
                self.own.update(entries)
                self.map.update(entries)
                self._numpy_entries = {}

    def with_numpy(self):
        """Returns the map with NumPy's types in it. NumPy is imported for it, if it is installed."""
        try:
            import numpy  # noqa: F401
        except ImportError:
            pass
        self.know_numpy()
        return self.map
