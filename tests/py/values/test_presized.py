"""Large dicts, which are made at their final size: they are as those that grow, and not larger."""

import gc
import json
import sys

import pytest

from fastpyon import pyon, pyon_v1

# Around the sizes at which a dict grows.
SIZES = [*range(8, 24), 42, 43, 44, 85, 86, 170, 171, 341, 342, 1000, 10922, 10923, 87381, 87382, 100_000]


@pytest.mark.parametrize("size", SIZES)
def test_values_order_and_memory(size):
    text = json.dumps({f"key {i}": i for i in range(size)})
    wanted = json.loads(text)
    for x in (pyon.decode(text), pyon_v1.decode(text)):
        assert list(x.items()) == list(wanted.items())
        assert sys.getsizeof(x) == sys.getsizeof(wanted)
        x["one more"] = None
        assert len(x) == size + 1


@pytest.mark.parametrize("size", [16, 40, 1000])
def test_keys_that_come_twice(size):
    """The first one has the place, the last one the value. There is no room for those that are not there."""
    for different in (1, 3, size // 2, size - 1):
        pairs = [(f"key {i % different}", i) for i in range(size)]
        text = "{" + ", ".join(f'"{key}": {value}' for key, value in pairs) + "}"
        wanted = {}
        for key, value in pairs:
            wanted[key] = value
        for x in (pyon.decode(text), pyon_v1.decode(text)):
            assert list(x.items()) == list(wanted.items())
            assert sys.getsizeof(x) == sys.getsizeof(wanted)


@pytest.mark.parametrize("other", ["1", "(1, 2)", "1.5", "None", "b'key 3'"])
def test_keys_that_are_no_strs(other):
    for place in (0, 10, 19):
        keys = [repr(f"key {i}") for i in range(20)]
        keys[place] = other
        text = "{" + ", ".join(f"{key}: {i}" for i, key in enumerate(keys)) + "}"
        assert list(pyon_v1.decode(text).items()) == list(eval(text).items())


def test_keys_beyond_ascii():
    x = {f"κ{i}": i for i in range(30)}
    assert list(pyon.decode(pyon.encode(x)).items()) == list(x.items())


def test_references():
    text = json.dumps({f"a key {i}, which is too long to be kept anywhere else {'x' * 40}": [i] for i in range(50)})
    counts = []
    for decode in (pyon.decode, json.loads):
        x = decode(text)
        counts.append([sys.getrefcount(one) for one in [*x, *x.values()]])
    assert counts[0] == counts[1]


def test_the_collector_sees_them():
    assert not gc.is_tracked(pyon.decode(json.dumps({f"k{i}": i for i in range(30)}))) or sys.version_info >= (3, 14)
    assert gc.is_tracked(pyon.decode(json.dumps({f"k{i}": [i] for i in range(30)})))


def test_an_error_in_the_last_value():
    text = json.dumps({f"k{i}": i for i in range(30)})
    for wrong in (text[:-1], text[:-3] + "x}", text[:-1] + ', "k": }'):
        with pytest.raises(ValueError):
            pyon.decode(wrong)
