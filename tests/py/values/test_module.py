"""The package as Python sees it: names, signatures, documentation, import."""

import copy
import doctest
import importlib
import inspect
import pickle
import pydoc
import re

import pytest

import fastpyon
from fastpyon import database, pyon, pyon_v1, stream

FUNCTIONS = {
    (pyon, "encode"): "(x, pretty=False, **kw)",
    (pyon, "decode"): "(s, **kw)",
    (pyon, "store_file"): "(filename, x, *, backup=False, **kw)",
    (pyon, "load_file"): "(filename, **kw)",
    (pyon, "wrap"): "(o)",
    (pyon, "register"): "(types, *, name, encode, decode)",
    (pyon, "deregister"): "(types, name)",
    (pyon_v1, "encode"): "(x, pretty=False)",
    (pyon_v1, "decode"): "(s)",
    (pyon_v1, "store_file"): "(filename, x, *, backup=False)",
    (pyon_v1, "load_file"): "(filename)",
}


@pytest.mark.parametrize("module, name", FUNCTIONS, ids=lambda x: getattr(x, "__name__", x))
def test_functions_have_a_signature_and_a_documentation(module, name):
    function = getattr(module, name)
    signature = str(inspect.signature(function))
    # Text signatures of C can have no **kw in some versions of Python.
    assert signature in (FUNCTIONS[module, name], FUNCTIONS[module, name].replace(", **kw", ""))
    assert len(inspect.getdoc(function)) > 30
    assert "--" not in inspect.getdoc(function)
    assert (function.__name__, function.__module__) == (name, module.__name__)


def test_signatures_are_those_of_the_reference(reference):
    for module, theirs in ((pyon, reference.v2), (pyon_v1, reference.v1)):
        for name in ("encode", "decode", "store_file", "load_file"):
            ours = inspect.signature(getattr(module, name))
            known = [x for x in ours.parameters.values() if x.name != "backup"]  # ours alone
            assert str(ours.replace(parameters=known)) == str(inspect.signature(getattr(theirs, name)))
    for name in ("wrap", "register", "deregister"):
        assert inspect.signature(getattr(pyon, name)) == inspect.signature(
            getattr(reference.v2, name)
        )


def test_modules_are_documented():
    for module in (fastpyon, pyon, pyon_v1, importlib.import_module("fastpyon._core")):
        assert len(module.__doc__) > 20


MODULES = [fastpyon, pyon, pyon_v1, stream, database]


def public(module):
    """The public names of a module and their values."""
    return {name: getattr(module, name) for name in module.__all__ if not name.startswith("__")}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_help_shows_the_public_names_and_what_they_are(module):
    text = pydoc.render_doc(module, renderer=pydoc.plaintext)
    for name, value in public(module).items():
        assert name in text
        if inspect.isroutine(value) or inspect.isclass(value):
            assert len(inspect.getdoc(value)) > 10, name
            assert value.__module__ in (module.__name__, "fastpyon._swap", "fastpyon._stream_asyncio"), name
    assert not re.search(r"\n\s*\|?\s*(bind|patch)_", text)


@pytest.mark.parametrize("module", [pyon, pyon_v1, stream], ids=lambda module: module.__name__)
def test_all_methods_are_documented(module):
    for name, value in public(module).items():
        for part, method in vars(value).items() if inspect.isclass(value) else ():
            if not part.startswith("_") and (callable(method) or isinstance(method, property)):
                assert inspect.getdoc(getattr(value, part)), (name, part)


@pytest.mark.parametrize("module", [pyon, pyon_v1, stream], ids=lambda module: module.__name__)
def test_the_examples_of_docstrings_run(module):
    result = doctest.testmod(module)
    assert result.attempted > 0 and result.failed == 0


def test_a_star_imports_the_public_names(python):
    script = """
before = set(dir()) | {"before"}
from fastpyon.pyon_v1 import *
print(sorted(set(dir()) - before))
from fastpyon.database import *
"""
    assert python(script) == f"{sorted(pyon_v1.__all__)}\n"


def test_the_package_knows_its_modules_without_an_import_of_them(python):
    """Nothing is imported before: an interpreter that starts imports the package (_start.py)."""
    script = """
import fastpyon, sys
print(*sorted(name for name in sys.modules if name.startswith("fastpyon")))
print(fastpyon.pyon.encode((1,)), fastpyon.pyon_v1.encode((1,)), fastpyon.__version__ > "0")
try: fastpyon.pyon_v3
except AttributeError as e: print(e)
"""
    expected = 'fastpyon\n{"__jsonclass__":["tuple",[[1]]]} (1, ) True\n'
    assert python(script) == expected + "module 'fastpyon' has no attribute 'pyon_v3'\n"


@pytest.mark.parametrize("module, name", FUNCTIONS, ids=lambda x: getattr(x, "__name__", x))
def test_functions_can_be_pickled_and_copied(module, name):
    function = getattr(module, name)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(function, protocol)) is function
    assert copy.copy(function) is function and copy.deepcopy(function) is function


def test_arguments_may_be_given_by_position_or_by_name(dialect):
    x = {"b": (1,), "a": 2}
    assert (
        dialect.encode(x, True)
        == dialect.encode(x, pretty=True)
        == dialect.encode(pretty=True, x=x)
    )
    assert dialect.encode(x, False) == dialect.encode(x, pretty=False) == dialect.encode(x=x)
    assert dialect.decode("[1]") == dialect.decode(s="[1]") == [1]


WRONG_CALLS = [
    lambda module: module.encode(),
    lambda module: module.encode(1, 2, 3),
    lambda module: module.encode(1, x=1),
    lambda module: module.encode(1, True, pretty=True),
    lambda module: module.encode(pretty=True),
    lambda module: module.encode(1, foo=1),
    lambda module: module.encode(1, **{"é": 1}),
    lambda module: module.decode(),
    lambda module: module.decode("1", "2"),
    lambda module: module.decode("1", s="1"),
    lambda module: module.decode(foo="1"),
    lambda module: module.decode("1", foo=1),
]


@pytest.mark.parametrize("call", WRONG_CALLS, ids=range(len(WRONG_CALLS)))
def test_wrong_calls_are_a_type_error(dialect, call):
    with pytest.raises(TypeError):
        call(dialect)
    assert dialect.encode([1]) == "[1]"


def test_an_unknown_keyword_is_named(dialect):
    with pytest.raises(TypeError, match="got an unexpected keyword argument 'foo'"):
        dialect.encode(1, foo=1)


def test_modules_can_be_reloaded(python):
    assert (
        python(
            """
import importlib
from fastpyon import pyon, pyon_v1
from fastpyon.pyon import encode as old
class Point: pass
for _ in range(3):
    for module in (pyon, pyon_v1):
        importlib.reload(module)
        assert module.decode(module.encode({"a": (1, {2})}, True)) == {"a": (1, {2})}
    pyon.register([Point], name="point", encode=lambda x: [], decode=Point)
    assert type(pyon.decode(pyon.encode(Point()))) is Point
assert old([1, (2,)]) == pyon.encode([1, (2,)])
print("done")
"""
        )
        == "done\n"
    )


def test_modules_can_be_reloaded_while_they_encode(python):
    """Then the maps that are in use are nobody else's any more."""
    script = """
import gc, importlib
from fastpyon import _core, pyon, pyon_v1
class Reload:
    def __repr__(self):
        for module in (pyon, pyon_v1):
            importlib.reload(module)
        gc.collect()
        self.junk = [dict.fromkeys(range(50)) for _ in range(1000)]
        return "None"
def register():
    pyon.register([Reload], name="reload", encode=lambda x: [repr(x), register()], decode=list)
register()
members = [1, 1j, {2}, (3,), {4: 5}, b"6"]
for encode in (pyon.encode, lambda x: b"".join(_core.pieces_v2(x, size=1)).decode()):
    text = encode([Reload(), *members])
    assert pyon.encode(members)[1:] == text[-len(pyon.encode(members)) + 1 :], text
for encode in (pyon_v1.encode, lambda x: b"".join(_core.pieces_v1(x, size=1)).decode()):
    text = encode([slice(Reload()), *members])
    assert pyon_v1.decode(text) == [slice(None), *members]
print("done")
"""
    assert python(script) == "done\n"


def test_modules_can_be_imported_anew(python):
    """Some tests take all out of sys.modules: modules that were imported before still work."""
    assert (
        python(
            """
import sys
from fastpyon import pyon, pyon_v1
for name in [name for name in sys.modules if name.startswith("fastpyon")]:
    del sys.modules[name]
from fastpyon import pyon as new, pyon_v1 as new_v1
assert new is not pyon
class Point: pass
new.register([Point], name="point", encode=lambda x: [], decode=Point)
assert type(new.decode(new.encode(Point()))) is Point
for module in (pyon, pyon_v1, new, new_v1):
    assert module.decode(module.encode({"a": (1, {2})})) == {"a": (1, {2})}
print("done")
"""
        )
        == "done\n"
    )


def test_nothing_is_printed_at_exit(python):
    """Tear-down with values, types and exceptions still alive."""
    assert (
        python(
            """
import sys
from fastpyon import pyon, pyon_v1
class Point:
    def __del__(self):
        pyon.encode([1]) if pyon else None
pyon.register([Point], name="point", encode=lambda x: [x], decode=Point)
sys.kept = [Point(), pyon.encode, pyon_v1.decode, pyon.decode('{"__jsonclass__":["point",[]]}')]
try: pyon_v1.decode("[1, ?")
except SyntaxError as e: sys.failure = e
print("done")
"""
        )
        == "done\n"
    )


def test_warnings_are_not_raised(python):
    """Escapes that Python deprecates are none of the reader's business, nor is anything else."""
    script = (
        "from fastpyon import pyon, pyon_v1\n"
        "print([pyon_v1.decode(text) for text in (r\"'\\d\\777'\", r\"b'\\d'\", '[1, 0x1]')])\n"
        "print(pyon.decode(pyon.encode([1, (2,)], True)))\n"
    )
    assert python(script, PYTHONWARNINGS="error").splitlines()[1] == "[1, (2,)]"


EVERYTHING = """
import asyncio, os, sys
from fastpyon import pyon, pyon_v1, stream

async def serve(module):
    asyncio.get_running_loop().slow_callback_duration = 1e9  # a machine may be slow
    async def handler(reader, writer):
        async for value in reader:
            await writer.write(value)

    server = await stream.start_server(handler, "127.0.0.1", 0, dialect=module)
    reader, writer = await stream.open_connection(*server.sockets[0].getsockname()[:2], dialect=module)
    await writer.write(value)
    assert await reader.read() == value
    writer.close()
    await writer.wait_closed()
    server.close()

value = {"a": [1, 2.5, (None,)], "b": "x" * 100_000}
for module in (pyon, pyon_v1):
    assert module.decode(module.encode(value, pretty=True)) == value
    for _ in range(2):
        module.store_file(sys.argv[1], value, backup=True)
    assert module.load_file(sys.argv[1]) == value
    for call in lambda: module.load_file("missing"), lambda: module.store_file(sys.argv[1], [value, object]):
        try:
            call()
        except (FileNotFoundError, TypeError):
            pass
    with open(sys.argv[1] + ".log", "ab") as file:
        stream.Writer(file, module).write(value)
    with open(sys.argv[1] + ".log", "rb") as file:
        assert list(stream.Reader(file, module)) == [value]
    os.remove(sys.argv[1] + ".log")
    asyncio.run(serve(module))
print("done")
"""


def test_nothing_warns_in_development_mode(python, tmp_path):
    """That is: files and sockets are closed, and nothing used is deprecated."""
    output = python(EVERYTHING, str(tmp_path / "file"), PYTHONDEVMODE="1", PYTHONWARNINGS="error")
    assert output == "done\n"
