# SPDX-License-Identifier: LGPL-3.0-or-later
"""A file of results as a run, a dict; and a run as such a file.

    {"rid": 12345, "class": "RabiFlop", "start_time": 1.7e9, "run_time": ..., "artiq_version": "9.0",
     "expid": {...}, "datasets": {"fit.freq": 14.2e6, ...}, "archive": {...},
     "attributes": {"datasets/fit.freq": {"unit": "MHz"}}}

These are the names that ARTIQ gives them. ndscan puts the rid into the names of its datasets, so no path would lead to
the same dataset in two runs. Therefore ndscan.rid_12345.completed is ndscan.completed here, and "ndscan" is what the
names begin with in the file. Where a run needs more to become the same file again, it has

    "other"          datasets that ARTIQ does not write: their paths and values
    "types"          types that do not follow from the values (see values.py), by path; of an attribute, path//name
    "groups"         paths of groups without members
    "links"          paths of links, and their targets
    "expid_text"     the text of the expid, if it is not what encode() of one of the versions makes of the value
    "expid_version"  1 if it is what that of version 1 makes
    "absent"         what the file does not have, and the run has nevertheless
"""

import os
import re

import h5py
import numpy
from h5py import h5a, h5d, h5f, h5g, h5l, h5o, h5p, h5s

from fastpyon import pyon, pyon_v1
from fastpyon.archive import values
from fastpyon.archive.values import Unsupported

_SCALARS = "rid", "start_time", "run_time", "artiq_version"
_SHORT = "datasets/ndscan."
_LONG = re.compile(r"ndscan\.rid_\d+\.")
_NAME = re.compile(r"(\d+)-(.+)\.h5")


# ---- Reading ----


class _Reader:
    """Goes through a file, and fills a run. It uses the functions of HDF5 itself: those of h5py for people take three
    times as long."""

    def __init__(self, run, long):
        self.run, self.above = run, []
        self.long = long  # the beginning of paths that is made shorter, or None

    def note(self, key, path, x):
        self.run.setdefault(key, {})[path] = x

    def take(self, thing, read, path):
        """The value of a dataset or attribute, of which ``read(array)`` fills an array."""
        space, dtype = thing.get_space(), thing.dtype
        shape = None if space.get_simple_extent_type() == h5s.NULL else space.get_simple_extent_dims()

        def read_all():
            array = numpy.zeros(shape, dtype)
            if array.size:
                read(array)
            return array

        value, kind = values.take(dtype, shape, read_all)
        if kind is not None:
            self.note("types", path, kind)
        return value

    def read_group(self, group, path):
        if group in self.above:
            raise Unsupported(f"{path} is in itself")
        self.above.append(group)
        names = list(group)
        if not names:
            self.read_no_members(path)
        for name in names:
            text = name.decode("utf-8", "surrogateescape")
            self.read_member(group, name, self.shorten(f"{path}/{text}" if path else text))
        self.read_attributes(group, path or "/")
        self.above.pop()

    def shorten(self, path):
        if self.long is None or not path.startswith(self.long):
            return path
        return _SHORT + path[len(self.long) :]

    def read_no_members(self, path):
        if path in ("datasets", "archive"):
            self.run[path] = {}
        elif path:
            self.run.setdefault("groups", []).append(path)

    def read_member(self, group, name, path):
        if group.links.get_info(name).type != h5l.TYPE_HARD:
            target = group.links.get_val(name)
            several = isinstance(target, tuple)
            target = [part.decode("utf-8", "surrogateescape") for part in (target if several else (target,))]
            return self.note("links", path, target if several else target[0])
        member = h5o.open(group, name)
        if isinstance(member, h5g.GroupID):
            return self.read_group(member, path)
        if not isinstance(member, h5d.DatasetID):
            raise Unsupported(f"{path} is a type with a name")
        self.put(path, self.take(member, lambda array: member.read(h5s.ALL, h5s.ALL, array), path))
        self.read_attributes(member, path)

    def put(self, path, value):
        place, _, name = path.partition("/")
        if path in _SCALARS or path == "expid":
            self.run[path] = value
        elif name and place in ("datasets", "archive"):
            self.note(place, name, value)
        else:
            self.note("other", path, value)

    def read_attributes(self, thing, path):
        count = h5a.get_num_attrs(thing)
        if count:
            found = {}
            for i in range(count):
                attribute = h5a.open(thing, index=i)
                name = attribute.name.decode("utf-8", "surrogateescape")
                found[name] = self.take(attribute, attribute.read, f"{path}//{name}")
            self.note("attributes", path, found)


def _encoded(dialect, value):
    try:
        return dialect.encode(value)
    except Exception:  # of a registered type, for instance
        return None


def _decode_expid(run):
    """Puts the value of the expid into its place. Beside it stays its text, unless that follows from the value."""
    text, run["expid"] = run["expid"], None
    for dialect in pyon, pyon_v1:
        try:
            value = dialect.decode(text)
            encoded = pyon.encode(value)
        except Exception:  # whatever a constructor raises
            continue
        run["expid"] = value
        if encoded == text:
            return
        if _encoded(pyon_v1, value) == text:
            run["expid_version"] = 1
            return
        break
    run["expid_text"] = text


def read(path):
    """The run in a file."""
    name = _NAME.fullmatch(os.path.basename(os.fsdecode(path)))
    run = {"rid": None, "class": None, "start_time": None}
    file = h5f.open(os.fsencode(path), h5f.ACC_RDONLY)
    try:
        long = _long_names(file)
        _Reader(run, long).read_group(h5g.open(file, b"/"), "")
    finally:
        file.close()
    if long is not None:
        run["ndscan"] = long.removeprefix("datasets/")
    absent = [key for key in ("rid", "start_time") if run[key] is None and key not in run.get("types", ())]
    if absent:
        run["absent"] = absent
    if name and run["rid"] is None:
        run["rid"] = int(name[1])
    if isinstance(run.get("expid"), str) and "expid" not in run.get("types", ()):
        _decode_expid(run)
    elif "expid" in run:  # it is none of ARTIQ
        run.setdefault("other", {})["expid"] = run.pop("expid")
    expid = run.get("expid")
    run["class"] = name[2] if name else None
    if isinstance(expid, dict) and isinstance(expid.get("class_name"), str):
        run["class"] = expid["class_name"]
    return run


def _long_names(file):
    """What the paths of all datasets of ndscan begin with, if they have a rid: datasets/ndscan.rid_12345."""
    root = h5g.open(file, b"/")
    if b"datasets" not in root or root.links.get_info(b"datasets").type != h5l.TYPE_HARD:
        return None
    datasets = h5o.open(root, b"datasets")
    if not isinstance(datasets, h5g.GroupID):
        return None
    names = [name.decode("utf-8", "surrogateescape") for name in datasets if name[:7] == b"ndscan."]
    begin = _LONG.match(names[0]) if names else None
    if begin and all(name.startswith(begin[0]) for name in names):
        return f"datasets/{begin[0]}"
    return None


# ---- Writing ----


def _expid_text(run):
    if "expid_text" in run:
        return run["expid_text"]
    return (pyon_v1 if run.get("expid_version") == 1 else pyon).encode(run["expid"])


def _datasets(run):
    """The paths and values of all datasets."""
    for place in "datasets", "archive":
        for name, value in run.get(place, {}).items():
            yield f"{place}/{name}", value
    for key in _SCALARS:
        if key in run and key not in run.get("absent", ()):
            yield key, run[key]
    if "expid" in run:
        yield "expid", _expid_text(run)
    yield from run.get("other", {}).items()


def _bytes(name):
    """What h5py takes for a name: also one that is not UTF-8."""
    return name.encode("utf-8", "surrogateescape")


def _make_link(file, path, target):
    groups = h5p.create(h5p.LINK_CREATE)
    groups.set_create_intermediate_group(True)
    if isinstance(target, str):
        file.id.links.create_soft(path, _bytes(target), lcpl=groups)
    else:
        file.id.links.create_external(path, *map(_bytes, target), lcpl=groups)


def write(path, run):
    """Makes a file of a run."""
    types = run.get("types", {})

    def full(path):
        if "ndscan" not in run or not path.startswith(_SHORT):
            return _bytes(path)
        return _bytes(f"datasets/{run['ndscan']}{path[len(_SHORT):]}")

    with h5py.File(path, "w") as file:
        for group in [*filter(run.__contains__, ("datasets", "archive")), *run.get("groups", [])]:
            file.create_group(full(group))
        for name, value in _datasets(run):
            data, dtype = values.give(value, types.get(name))
            file.create_dataset(full(name), data=data, dtype=dtype)
        for name, target in run.get("links", {}).items():
            _make_link(file, full(name), target)
        for name, attributes in run.get("attributes", {}).items():
            for key, value in attributes.items():
                data, dtype = values.give(value, types.get(f"{name}//{key}"))
                file[full(name)].attrs.create(_bytes(key), data, dtype=dtype)
