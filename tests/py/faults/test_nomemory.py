"""Every allocation of the extension may fail: a MemoryError comes out, and nothing else happens.

The test support of Python itself makes the n-th allocation fail, for each n until a call gets
through. The calls are those that run no Python, which is not proof against that.
"""

import sys

import pytest

pytestmark = pytest.mark.usefixtures("testcapi")
if hasattr(sys, "gettotalrefcount"):
    pytest.skip("a debug build of Python asserts that its own allocations work", allow_module_level=True)

SCRIPT = """
import gc, os, sys, traceback
from collections import OrderedDict
from fractions import Fraction
import _testcapi
from fastpyon import pyon, pyon_v1

os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # the interpreter has something to say, too
sys.excepthook = lambda *error: traceback.print_exception(*error, file=sys.stdout)
VALUE = {
    "list": [1, 2.5, None, True, "\\u00e9" * 50, 2**70], 1: (2, {3}), "b": b"x" * 100, "c": 1j,
    "s": slice(1), "f": Fraction(1, 3), "long": "x" * 2000, "deep": [[[[{"a": {2: ()}}]]]],
}
V1, V2 = pyon_v1.encode(VALUE), pyon.encode(VALUE)
ODD = '[{"__jsonclass__": ["tuple", ["ab"]]}, {"__jsonclass__": ["complex", ["1j"]]}, {"x": [1]}]'
CALLS = {
    "v1 encode": lambda: pyon_v1.encode([VALUE, OrderedDict(a=[1])]),
    "v1 pretty": lambda: pyon_v1.encode(VALUE, True),
    "v1 decode": lambda: pyon_v1.decode(V1),
    "v1 bytes": lambda: pyon_v1.decode("[1, (2, 'a', slice(1), {3: {4}})]"),
    "v1 escapes": lambda: pyon_v1.decode(r"['\\u20ac\\N{DIGIT ONE}', b'\\x41' b'b', 0x%x]" % 2**80),
    "v1 call": lambda: pyon_v1.decode("[OrderedDict([('a', 1)], b=2, c=3), {(): 5}]"),
    "v1 syntax": lambda: pyon_v1.decode("[1, (2, '\\u00e9', slice(1), " + "[" * 150),
    "v2 encode": lambda: pyon.encode(VALUE),
    "v2 pretty": lambda: pyon.encode(VALUE, True),
    "v2 decode": lambda: pyon.decode(V2),
    "v2 bytes": lambda: pyon.decode(V2.encode()),
    "v2 many": lambda: pyon.decode("[" + "[1], " * 500 + "2]"),
    "v2 odd": lambda: pyon.decode(ODD),
    "v2 undo": lambda: pyon.decode('{"__jsonclass__": ["bytes", ["YWI="]], "x": [3]}'),
    "v2 hook": lambda: pyon.decode('{"x": 1, "__jsonclass__": ["bytes", ["YW I="]]}'),
}

def attempt(call, n):
    # The outcome of the call whose n-th allocation fails; None for a MemoryError.
    try:
        _testcapi.set_nomemory(n, n + 1)
        try:
            value = call()
        finally:
            _testcapi.remove_mem_hooks()
    except MemoryError:
        return None
    except SystemError as e:
        # That the interpreter does when it cannot allocate a traceback.
        return str(e) if "built-in" in str(e) else None
    except (SyntaxError, NameError, ValueError) as e:
        return repr(e)
    return repr(value)

def outcome(call):
    return attempt(call, 10**6)
"""

CHECK = """
for name, call in CALLS.items():
    wanted, n, passed = outcome(call), 0, 0
    while passed < 20 and n < 3000:  # one failure may be made good on the way
        got = attempt(call, n)
        passed = passed + 1 if got else 0
        if got not in (None, wanted):
            print(f"{name}, allocation {n}: {got:.300} instead of {wanted:.300}")
        n += 1
    if not 20 < n < 3000:
        print(f"{name}: {n} allocations")
    if outcome(call) != wanted:
        print(f"{name} is not what it was")
print("done")
"""

LEAKS = """
for name in ("v2 odd", "v2 undo", "v2 hook"):
    del CALLS[name]  # they call Python, which itself may keep something then
for name, call in CALLS.items():
    outcome(call)  # what is imported for it is imported, which Python cannot do without memory
    for _ in range(10):  # caches grow now and then, by less than a leak in each round
        gc.collect()
        before = sys.getallocatedblocks()
        for _ in range(80):
            for n in range(60):
                attempt(call, n)
        gc.collect()
        growth = sys.getallocatedblocks() - before
        if growth < 60:
            break
    else:
        print(f"{name} leaves {growth} blocks")
print("done")
"""


def test_every_allocation_may_fail(python):
    assert python(SCRIPT + CHECK) == "done\n"


def test_a_failed_allocation_leaves_nothing_behind(python):
    assert python(SCRIPT + LEAKS) == "done\n"
