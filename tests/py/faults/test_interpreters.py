"""Several interpreters in a process: each has a module of its own, with a state of its own.

Plain data works in all of them, also in those that have a lock of their own (from Python 3.12 on).
NumPy is for the main interpreter; in others Python does the work, if they can import NumPy at all.
"""

import sys

import pytest

try:
    import _interpreters as interpreters
except ImportError:
    interpreters = pytest.importorskip("_xxsubinterpreters")

if sys.version_info >= (3, 13):
    KINDS = {"legacy": "legacy", "isolated": "isolated"}
else:
    KINDS = {"legacy": False, "isolated": True}  # which has a lock of its own from 3.12 on

# `create` makes an interpreter, `run` runs a script in it and closes it.
PRELUDE = """
import sys, threading
try:
    import _interpreters as interpreters
    create = lambda kind: interpreters.create(kind)
except ImportError:
    import _xxsubinterpreters as interpreters
    create = lambda kind: interpreters.create(isolated=kind)
kind = {kind!r}
def run(interpreter, script):
    failure = interpreters.run_string(interpreter, script)
    assert failure is None, failure
    interpreters.destroy(interpreter)
"""

PLAIN = """
import gc, io
from collections import OrderedDict
from fractions import Fraction
from fastpyon import pyon, pyon_v1, stream
value = {"a": (1, {2}, 1j), 3: [b"x", slice(1, 2), Fraction(1, 3), OrderedDict(b=2.5)], "é": 2**70}
for _ in range(20):
    for module in (pyon, pyon_v1):
        text = module.encode(value, True)
        assert module.decode(text) == value
        for wrong in ("[1, ?", "[" * 20000, "nonsense(1)"):
            try:
                module.decode(wrong)
            except (ValueError, SyntaxError, NameError, TypeError, RecursionError):
                pass
            else:
                raise AssertionError
        decoder = stream.Decoder(module)
        for piece in stream.iterencode(value, module, size=7):
            decoder.feed(piece)
        assert list(decoder) == [value]
    class Point: pass
    pyon.register([Point], name="point", encode=lambda x: [[1]], decode=lambda x: x)
    assert pyon.decode(pyon.encode(Point())) == [1]
    pyon.deregister([Point], "point")
decoder.feed("[[[1, ")  # and is left so
"""


def test_one_after_the_other(python, kind):
    script = PRELUDE.format(kind=kind) + f"""
from fastpyon import pyon
for _ in range(6):
    run(create(kind), {PLAIN!r})
    assert pyon.decode(pyon.encode([1, (2,)])) == [1, (2,)]
print("done")
"""
    assert python(script) == "done\n"


def test_several_at_once(python, kind):
    """In threads: with locks of their own they run in parallel."""
    script = PRELUDE.format(kind=kind) + f"""
plain = {PLAIN!r}
exec(plain)
failures = []
def work():
    try:
        run(create(kind), plain)
    except BaseException as e:
        failures.append(e)
for _ in range(2):
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads: thread.start()
    exec(plain)
    for thread in threads: thread.join()
assert not failures, failures
print("done")
"""
    assert python(script) == "done\n"


def test_what_one_registers_is_unknown_to_others(python, kind):
    script = PRELUDE.format(kind=kind) + """
from fastpyon import pyon, pyon_v1
pyon.register([type(run)], name="mine", encode=lambda x: [], decode=lambda: 1)
pyon_v1._eval_dict["mine"] = 1
run(create(kind), '''
from fastpyon import pyon, pyon_v1
for call in (lambda: pyon.encode(call), lambda: pyon_v1.decode("mine")):
    try:
        call()
    except (TypeError, NameError):
        pass
    else:
        raise AssertionError
''')
assert pyon.decode(pyon.encode(run)) == 1 and pyon_v1.decode("mine") == 1
print("done")
"""
    assert python(script) == "done\n"


def test_arrays(python, kind):
    """The main interpreter uses NumPy's C interface; others must not, as they may have their own lock."""
    pytest.importorskip("numpy")
    script = PRELUDE.format(kind=kind) + """
import os, numpy
from fastpyon import pyon, pyon_v1
array = numpy.arange(5, dtype="<i2")
for module in (pyon, pyon_v1):
    assert (module.decode(module.encode(array)) == array).all()
os.environ["TEXTS"] = chr(10).join([pyon.encode(array), pyon_v1.encode(array)])
run(create(kind), '''
import os, warnings
warnings.simplefilter("ignore")  # NumPy says that it is not made for this
from fastpyon import _core, pyon, pyon_v1
for module, text in zip((pyon, pyon_v1), os.environ["TEXTS"].splitlines()):
    try:
        import numpy
    except ImportError:
        try:
            module.decode(text)
        except ImportError:
            continue
        raise AssertionError
    assert module.encode(module.decode(text)) == text
''')
for module in (pyon, pyon_v1):
    assert (module.decode(module.encode(array)) == array).all()
print("done")
"""
    assert python(script) == "done\n"


@pytest.fixture(params=KINDS)
def kind(request):
    return KINDS[request.param]
