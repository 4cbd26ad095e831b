"""The reference, sipyco, where it can be imported: installed, or from the folder in $PYON_REFERENCE."""

import importlib
import os
import sys
import types


def import_reference():
    """The modules of sipyco, as an object with the attributes v1 and v2; or None."""
    folder = os.environ.get("PYON_REFERENCE")
    saved = sys.path[:], sys.modules.get("pybase64")
    if folder:
        sys.path.append(folder)
    sys.modules["pybase64"] = None  # it reads what no standard allows, in a way of its own
    try:
        v1 = importlib.import_module("sipyco.pyon_v1")
        v2 = importlib.import_module("sipyco.pyon")
    except ImportError:
        return None
    finally:
        sys.path[:], pybase64 = saved
        if pybase64:
            sys.modules["pybase64"] = pybase64
        else:
            del sys.modules["pybase64"]
    if not hasattr(v2.numpy, "dtypes"):  # NumPy 1.24: without it, no array could be encoded
        import numpy

        v2.numpy = types.SimpleNamespace(
            dtypes=types.SimpleNamespace(ObjectDType=type(numpy.dtype(object))),
            ascontiguousarray=numpy.ascontiguousarray,
            frombuffer=numpy.frombuffer,
        )
    return types.SimpleNamespace(v1=v1, v2=v2)
