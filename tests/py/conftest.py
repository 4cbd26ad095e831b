"""The fixtures that the tests share. Modules that they share are in support/, which they import by name.

A module that cannot do without NumPy says so with `pytest.importorskip("numpy")`; all others must
pass without it.
"""

import gc
import os
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import fastpyon

sys.path.insert(0, str(Path(__file__).parent / "support" / "random_values"))
sys.path.insert(0, str(Path(__file__).parent / "support"))
from disk import broken_disk  # noqa: F401
from interrupts import alarm  # noqa: F401
from reference import import_reference

if os.environ.pop("FASTPYON", ""):  # else the reference is compared with itself
    fastpyon.uninstall()

# A shell lets what it starts in the background ignore this, and programs that tests start would do so, too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))

try:
    import hypothesis
except ImportError:  # test_properties.py then skips itself
    pass
else:
    hypothesis.settings.register_profile(
        "repeatable", derandomize=True, deadline=None, database=None, max_examples=100,
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )
    hypothesis.settings.load_profile("repeatable")


def pytest_collection_finish():
    """Tests that collect garbage, some hundreds of times, need not look at thousands of tests each time."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def v1():
    from fastpyon import pyon_v1

    return pyon_v1


@pytest.fixture
def v2():
    from fastpyon import pyon

    return pyon


@pytest.fixture(params=["v1", "v2"])
def dialect(request):
    """Both modules, one after the other."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def max_digits():
    """Sets the limit of the interpreter, and sets it back."""
    if not hasattr(sys, "set_int_max_str_digits"):
        pytest.skip("this interpreter has no limit")
    saved = sys.get_int_max_str_digits()
    yield sys.set_int_max_str_digits
    sys.set_int_max_str_digits(saved)


@pytest.fixture
def python():
    """Runs a script, which may not complain, in a new interpreter, and returns what it prints."""

    def run(script, *arguments, **environment):
        process = subprocess.run(
            [sys.executable, "-c", script, *arguments],
            env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            timeout=600,
        )
        assert process.returncode == 0 and not process.stderr, (process.stdout + process.stderr)[-4000:]
        return process.stdout

    return run


@pytest.fixture
def true_memory():
    """Skips tests that limit or measure memory where a sanitizer or valgrind has its own."""
    preloaded = os.environ.get("LD_PRELOAD", "")
    if "san" in preloaded or "valgrind" in preloaded:
        pytest.skip("memory is not what it is without a sanitizer")


@pytest.fixture(scope="session")
def common_malloc():
    """Skips tests that count on it that Python's memory, at least of large blocks, is from malloc."""
    if FREE_THREADED:
        pytest.skip("a free-threaded Python has an allocator of its own, and copies blocks that grow")


@pytest.fixture
def testcapi():
    """The module that makes Python's allocations fail; skips tests where Python does not bear that."""
    if FREE_THREADED:
        pytest.skip("a free-threaded Python crashes if a list finds no memory for its members (gh-152125)")
    return pytest.importorskip("_testcapi")


@pytest.fixture
def clean_maps(v1, v2):
    """Undoes the changes of a test to the maps of the modules."""
    pytest.importorskip("numpy")  # its types are in the maps
    maps = [v1._encode_map, v1._eval_dict, v2._encode_map, v2._decode_map]
    saved = [dict(current) for current in maps]
    yield
    for current, old in zip(maps, saved):
        current.clear()
        current.update(old)


@pytest.fixture(scope="session")
def reference():
    """The modules of sipyco, as an object with the attributes v1 and v2.

    Installed, or in the folder that the environment variable PYON_REFERENCE names.
    """
    modules = import_reference()
    if not modules:
        pytest.skip("no sipyco to compare with, installed or in $PYON_REFERENCE")
    return modules
