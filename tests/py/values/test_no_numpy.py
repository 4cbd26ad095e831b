"""Without NumPy plain data works both ways, and only arrays say that it is missing.

Each script runs in an interpreter of its own, in which NumPy cannot be imported.
"""

import importlib.util

import pytest

BLOCKED = """
import importlib.abc, sys
class Block(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "numpy":
            raise ModuleNotFoundError("No module named 'numpy'", name="numpy")
sys.meta_path.insert(0, Block())
try:
    import numpy
except ImportError:
    pass
else:
    sys.exit("NumPy is not blocked")
from collections import OrderedDict
from fractions import Fraction
from fastpyon import pyon, pyon_v1
def fails(error, function, *arguments, **keywords):
    try:
        function(*arguments, **keywords)
    except error as e:
        return str(e)
    raise AssertionError(f"no {error.__name__}")
"""


@pytest.fixture
def without(python):
    def run(script):
        assert (
            python(BLOCKED + script + "\nassert 'numpy' not in sys.modules\nprint('done')")
            == "done\n"
        )

    return run


def test_plain_data_works_both_ways(without):
    without(
        """
x = {"a": [1, 2.5, 1j, None, True, "é"], 1: (2, {3}), "b": b"x", (): {}}
x.update(s=slice(1), f=Fraction(1, 3))
for module in (pyon, pyon_v1):
    for pretty in (False, True):
        assert module.decode(module.encode(x, pretty)) == x
    assert module.decode(module.encode(float("nan"))) != 0
o = OrderedDict([("a", 1), (2, 3)])
assert pyon_v1.decode(pyon_v1.encode(o)) == o and pyon.decode(pyon.encode(o)) == dict(o)
"""
    )


def test_errors_are_what_they_are_with_numpy(without):
    without(
        """
import json
assert fails(TypeError, pyon.encode, [object]).endswith("`type` is not PYON encodable")
assert fails(TypeError, pyon_v1.encode, [object]).endswith("is not PYON serializable")
fails(json.JSONDecodeError, pyon.decode, "[1,")
fails(SyntaxError, pyon_v1.decode, "[1,")
fails(TypeError, pyon.decode, '{"__jsonclass__":["unknown",[]]}')
fails(NameError, pyon_v1.decode, "unknown")
"""
    )


def test_arrays_and_scalars_are_import_errors(without):
    without(
        """
for name, arguments in (("nparray", '[1], "u1", "AA=="'), ("npscalar", '"<f8", "AAAAAAAA8D8="')):
    for decode, text in (
        (pyon_v1.decode, f"[{name}({arguments})]"),
        (pyon.decode, '{"__jsonclass__":["%s",[%s]]}' % (name, arguments)),
    ):
        assert "numpy" in fails(ImportError, decode, text)
assert pyon_v1.decode("[1]") == pyon.decode("[1]") == [1]
"""
    )


def test_keyword_arguments_work(without):
    without(
        """
assert pyon.encode({"b": (1,), "a": {1}}, sort_keys=True).startswith('{"a":')
assert pyon.decode("[1]", parse_int=str) == ["1"]
assert fails(TypeError, pyon.encode, [object], sort_keys=True).endswith("is not PYON encodable")
"""
    )


def test_custom_types_work(without):
    without(
        """
class Point:
    pass
pyon.register([Point], name="point", encode=lambda x: [1, (2,)], decode=lambda *x: x)
assert pyon.decode(pyon.encode([Point()])) == [(1, [2])]
fails(AssertionError, pyon.register, [Point], name="other", encode=list, decode=list)
fails(AssertionError, pyon.register, [], name="nparray", encode=list, decode=list)
pyon.deregister([Point], "point")
fails(TypeError, pyon.encode, Point())
"""
    )


def test_a_patched_encoder_of_v1_works(without):
    without(
        """
pyon_v1._Encoder.encode_none = lambda self, x: self.out.append("nil")
assert pyon_v1.encode([None, {"a": 1}]) == '[nil, {"a": 1}]'
fails(TypeError, pyon_v1.encode, object)
"""
    )


def test_files_work(without):
    without(
        """
import os, tempfile
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "file")
    for module in (pyon, pyon_v1):
        module.store_file(path, {"a": (1, 2)})
        assert module.load_file(path) == {"a": (1, 2)}
"""
    )


def test_names_of_scalars_are_there_and_the_maps_have_the_other_types(without):
    without(
        """
assert "float64" in pyon._numpy_scalar and "float64" in pyon_v1._numpy_scalar
for module in (pyon, pyon_v1):
    assert bytes in module._encode_map
    assert all(t.__module__ != "numpy" for t in module._encode_map)
"""
    )


def test_numpy_is_imported_for_arrays_alone(python):
    if not importlib.util.find_spec("numpy"):
        pytest.skip("no NumPy that could be imported")
    assert (
        python(
            """
import sys
from fastpyon import pyon, pyon_v1
assert "numpy" not in sys.modules, "imported with the modules"
x = {"a": [1.5, (1, {2})], 1: 2j, "b": b"a" * 999}
for module in (pyon, pyon_v1):
    module.decode(module.encode(x, True))
    for bad in ("[?]", "[1, foo]"):
        try: module.decode(bad)
        except Exception: pass
    try: module.encode(object)
    except TypeError: pass
assert "numpy" not in sys.modules, "imported for plain data"
array = pyon.decode('{"__jsonclass__":["nparray",[[2],"<i2","AQACAA=="]]}')
assert "numpy" in sys.modules and array.tolist() == [1, 2]
assert pyon_v1.encode(array) == 'nparray((2, ), "<i2", b"AQACAA==")'
assert pyon.decode(pyon.encode(array)).tolist() == [1, 2]
print("done")
"""
        )
        == "done\n"
    )


@pytest.mark.parametrize(
    "first", ["import numpy", "pass", "pyon.encode([1])", "pyon_v1.decode('[1]')", "pyon.register"]
)
def test_numpy_may_come_at_any_time(python, first):
    if not importlib.util.find_spec("numpy"):
        pytest.skip("no NumPy that could be imported")
    assert python(
        f"""
from fastpyon import pyon, pyon_v1
{first}
import numpy
x = [numpy.arange(3), numpy.float64(1.5), numpy.int32(7)]
print(pyon.encode(x), pyon_v1.encode(x))
for module in (pyon, pyon_v1):
    assert str(module.decode(module.encode(x[0]))) == "[0 1 2]"
"""
    ) == (
        '[{"__jsonclass__":["nparray",[[3],"<i8","AAAAAAAAAAABAAAAAAAAAAIAAAAAAAAA"]]},1.5,'
        '{"__jsonclass__":["npscalar",["<i4","BwAAAA=="]]}]'
        ' [nparray((3, ), "<i8", b"AAAAAAAAAAABAAAAAAAAAAIAAAAAAAAA"),'
        ' npscalar("<f8", b"AAAAAAAA+D8="), npscalar("<i4", b"BwAAAA==")]\n'
    )  # fmt: skip


@pytest.mark.parametrize("name", ["KeyboardInterrupt", "SystemExit", "MemoryError"])
def test_ctrl_c_while_numpy_is_imported(python, name):
    script = f"""
import sys
from fastpyon import pyon, pyon_v1
class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "numpy":
            sys.meta_path.remove(self)
            raise {name}
texts = {{
    pyon: '{{"__jsonclass__":["nparray",[[1],"<i1","AQ=="]]}}',
    pyon_v1: 'nparray((1,), "<i1", b"AQ==")',
}}
for module, text in 2 * list(texts.items()):
    sys.meta_path.insert(0, Interrupt())
    try:
        module.decode(text)
    except {name}:
        print("out")
print(*(module.decode(text) for module, text in texts.items()))
"""
    assert python(script) == "out\nout\nout\nout\n[1] [1]\n"


def test_a_command_says_what_it_needs(without):
    without(
        """
sys.argv = ["fastpyon", "archive", "list", "a.pyonl"]
from fastpyon.__main__ import main
text = fails(SystemExit, main)
assert text.startswith("python -m fastpyon archive: ") and text.endswith(": pip install numpy"), text
"""
    )
