# SPDX-License-Identifier: LGPL-3.0-or-later
"""The whole content of a file of HDF5, to be compared."""

import h5py
import numpy as np


def _item(thing, raw):
    if isinstance(raw, h5py.Empty):
        return "empty", raw.dtype.str, str(raw.dtype.metadata)
    array = np.asarray(raw)
    if array.dtype.hasobject:
        data = [x.tobytes() if isinstance(x, np.ndarray) else x for x in array.ravel()]
    elif array.dtype.names:
        data = array.tolist()  # not what lies between the fields
    elif array.dtype.char in "gG":
        data = list(map(repr, array.ravel()))  # nor between long doubles
    else:
        data = array.tobytes()
    metadata = thing.dtype.metadata
    return str(thing.dtype), str(metadata and sorted(metadata.items(), key=str)), thing.shape, str(data)


def content(path):
    """{path: what is there}."""
    found = {}

    def look(thing, name):
        for key in thing.attrs:
            found[f"{name}@{key}"] = _item(thing.attrs.get_id(key), thing.attrs[key])
        if isinstance(thing, h5py.Dataset):
            found[name] = _item(thing, thing[()])
            return
        found[name] = "group"
        for key in thing:
            link = thing.get(key, getlink=True)
            if isinstance(link, h5py.SoftLink):
                found[f"{name}/{key}"] = "soft", link.path
            elif isinstance(link, h5py.ExternalLink):
                found[f"{name}/{key}"] = "external", link.filename, link.path
            else:
                look(thing[key], f"{name}/{key}")

    with h5py.File(path) as file:
        look(file, "")
    return found
