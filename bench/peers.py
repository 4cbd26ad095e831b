# SPDX-License-Identifier: LGPL-3.0-or-later
"""The peers of fastpyon in the comparison: pairs of functions, encode and decode.

Every peer is called as its users would call it, without settings that make it faster. A peer
that cannot be imported is left out and named.
"""
import base64
import contextlib
import importlib
import json
import marshal
import os
import pickle
import sys
import tempfile
from functools import partial
from typing import Any, Callable, NamedTuple

from fastpyon import pyon, pyon_v1

OURS, OURS_V1 = "fastpyon", "fastpyon v1"
SIPYCO, SIPYCO_V1 = "sipyco", "sipyco v1"
FAST = " + pybase64"  # after the name of a sipyco that uses pybase64
PAYLOAD = "pybase64"
COPY, COPY_IN_PLACE = "copy", "copy in place"


class Peer(NamedTuple):
    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]
    codec: bool = True  # reads back the value itself, not only its bytes


class Missing(dict):
    """The peers that cannot be imported, and why: name -> text."""

    def find(self, module, name=None):
        """The module, or None."""
        try:
            return importlib.import_module(module)
        except ImportError as error:
            self[name or module] = str(error)
            return None


# ---- Of other formats ----------------------------------------------------------------------------


def with_numpy(msgpack):
    """MessagePack, whose extension types carry NumPy's, as its documentation recommends."""
    import numpy

    def pack(value):
        if isinstance(value, numpy.ndarray):
            return msgpack.ExtType(1, msgpack.packb((value.dtype.str, value.shape, value.tobytes())))
        if isinstance(value, numpy.generic):
            return msgpack.ExtType(2, msgpack.packb((value.dtype.str, value.tobytes())))
        raise TypeError(type(value))

    def unpack(code, data):
        if code == 1:
            dtype, shape, payload = msgpack.unpackb(data)
            return numpy.frombuffer(payload, dtype).reshape(shape).copy()
        dtype, payload = msgpack.unpackb(data)
        return numpy.frombuffer(payload, dtype)[0]

    def encode(value):
        return msgpack.packb(value, default=pack)

    def decode(data):
        return msgpack.unpackb(data, ext_hook=unpack, strict_map_key=False)

    return Peer(encode, decode)


def payload_of(pybase64):
    """Nothing but the base64 in the text of an array, and back into one that can be changed."""
    import numpy

    def encode(array):
        if not isinstance(array, numpy.ndarray):
            raise TypeError(type(array))
        return pybase64.b64encode(array.tobytes())

    def decode(text):
        return numpy.frombuffer(pybase64.b64decode_as_bytearray(text, validate=True))

    return Peer(encode, decode, codec=False)


def copies(text):
    """memcpy of our text, into new memory and into memory that is there: nothing is faster."""
    data = memoryview(text.encode())
    target = memoryview(bytearray(data))

    def anew(_):
        return bytes(data)

    def in_place(_):
        target[:] = data

    return {
        COPY: Peer(anew, anew, codec=False),
        COPY_IN_PLACE: Peer(in_place, in_place, codec=False),
    }


# ---- The reference -------------------------------------------------------------------------------


@contextlib.contextmanager
def importing(**modules):
    """Within, these names are imported as these modules; None is one that cannot be imported."""
    folder = os.environ.get("PYON_REFERENCE")
    saved_path, saved_modules = sys.path[:], dict(sys.modules)
    if folder:
        sys.path.append(folder)
    for name in [*sys.modules]:
        if name.partition(".")[0] == "sipyco":
            del sys.modules[name]
    sys.modules.update(modules)
    try:
        yield
    finally:
        sys.path[:] = saved_path
        for name in modules.keys() - saved_modules.keys():
            sys.modules.pop(name, None)
        sys.modules.update(saved_modules)


def sipyco(missing):
    """The modules of the reference: name -> (pyon, pyon_v1).

    It is imported twice. Its newer versions use pybase64 where there is one, its older ones never:
    both are measured with the standard module and with pybase64 in its place.
    """
    with importing(pybase64=None, base64=base64):
        found = missing.find("sipyco.pyon", SIPYCO), missing.find("sipyco.pyon_v1", SIPYCO_V1)
    if None in found:
        return {}
    modules = {"": found}
    if pybase64 := missing.find("pybase64"):
        with importing(pybase64=pybase64, base64=pybase64):
            modules[FAST] = tuple(map(importlib.import_module, ("sipyco.pyon", "sipyco.pyon_v1")))
    return modules


# ---- All of them ---------------------------------------------------------------------------------


def codecs(missing):
    """Everything that makes values into text or bytes and back: name -> Peer."""
    found = {
        OURS: Peer(pyon.encode, pyon.decode),
        OURS_V1: Peer(pyon_v1.encode, pyon_v1.decode),
        "json": Peer(json.dumps, json.loads),
    }
    if orjson := missing.find("orjson"):
        found["orjson"] = Peer(orjson.dumps, orjson.loads)
    if msgspec := missing.find("msgspec.json", "msgspec"):
        found["msgspec"] = Peer(msgspec.encode, msgspec.decode)
    if rjson := missing.find("rjson", "pyrjson"):
        found["pyrjson"] = Peer(rjson.dumps, rjson.loads)
    if ssrjson := missing.find("ssrjson"):
        found["ssrjson"] = Peer(ssrjson.dumps, ssrjson.loads)
    if ujson := missing.find("ujson"):
        found["ujson"] = Peer(ujson.dumps, ujson.loads)
    numpy = missing.find("numpy")
    if numpy and (msgpack := missing.find("msgpack")):
        found["msgpack"] = with_numpy(msgpack)
    found["pickle"] = Peer(partial(pickle.dumps, protocol=5), pickle.loads)
    found["marshal"] = Peer(marshal.dumps, marshal.loads)
    if numpy and (pybase64 := missing.find("pybase64")):
        found[PAYLOAD] = payload_of(pybase64)
    for suffix, (v2, v1) in sipyco(missing).items():
        found[SIPYCO + suffix] = Peer(v2.encode, v2.decode)
        found[SIPYCO_V1 + suffix] = Peer(v1.encode, v1.decode)
    return found


def files(folder, missing):
    """The same for store_file and load_file, with all that they do for the disk.

    To encode is to write a file, to decode is to read it by its name. Beside them, a text is written and read
    without a format.
    """

    def stored(name, module):
        path = os.path.join(folder, name)

        def store(value):
            module.store_file(path, value)
            return path

        return Peer(store, module.load_file)

    found = {OURS: stored("v2", pyon), OURS_V1: stored("v1", pyon_v1)}
    if modules := sipyco(missing):
        v2, v1 = modules[""]
        found[SIPYCO] = stored("reference-v2", v2)
        found[SIPYCO_V1] = stored("reference-v1", v1)
    return found


def plain_file(folder, text):
    """A text put into the place of a file as safely, and read: what a file costs by itself."""
    path = os.path.join(folder, "plain")

    def store(_):
        with tempfile.NamedTemporaryFile("w", dir=folder, delete=False, encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(file.name, path)
        return path

    def load(_):
        with open(path, encoding="utf-8") as file:
            return file.read()

    return Peer(store, load, codec=False)
