"""Dicts whose keys came before, which are copies of an earlier dict (pymod/build/shape.c)."""

import gc
import random
import sys
from collections import OrderedDict

import pytest

from fastpyon import pyon, pyon_v1, stream

KEYS = [f"key{i}" for i in range(60)]


@pytest.mark.parametrize("length", [*range(14), 30, 47, 48, 49, 60])
def test_a_dict_is_the_same_each_time(dialect, length):
    value = {key: [i, None, 0.5, "x", (1,), {}][i % 6] for i, key in enumerate(KEYS[:length])}
    text = dialect.encode(value)
    for found in [dialect.decode(text) for _ in range(4)]:
        assert found == value and list(found) == list(value)
        assert sys.getsizeof(found) == sys.getsizeof(dict(value.items()))
        assert gc.is_tracked(found) == gc.is_tracked({key: x for key, x in value.items()})


@pytest.mark.parametrize("length", [*range(1, 26), 40, 63, 64, 65])
def test_a_key_is_not_taken_for_one_that_differs_in_a_character(dialect, length):
    """The key that came after the same key the last time is expected again."""
    key = "abcdefghij"[:length] + "k" * (length - 10)
    for i in range(length):
        other = f"{key[:i]}_{key[i + 1 :]}"
        for expected in key, key, other, other, key:
            assert list(dialect.decode(dialect.encode({"first": 1, expected: 2}))) == ["first", expected]


def test_a_dict_can_be_changed_and_others_do_not_change(dialect):
    text = dialect.encode([dict.fromkeys("abcd", i) for i in range(20)])
    dialect.decode(text)
    found = dialect.decode(text)
    found[3]["a"] = "new"
    del found[4]["b"]
    found[5]["e"] = 5
    found[6].clear()
    found[7] |= {"d": 7, "f": 8}
    assert found[3:9] == [
        {"a": "new", "b": 3, "c": 3, "d": 3}, {"a": 4, "c": 4, "d": 4}, {"a": 5, "b": 5, "c": 5, "d": 5, "e": 5},
        {}, {"a": 7, "b": 7, "c": 7, "d": 7, "f": 8}, dict.fromkeys("abcd", 8)]  # fmt: skip
    assert dialect.decode(text) == [dict.fromkeys("abcd", i) for i in range(20)]
    found[8]["g"] = found
    del found
    assert gc.collect() > 0


@pytest.mark.parametrize("other", ["bacd", "abdc", "abce", "abc", "abcde", "abcc", "aacd", "abca"])
def test_keys_that_are_nearly_those(dialect, other):
    """The order, one key, the number; and one key twice."""
    one = "{%s}" % ", ".join(f'"{key}": {i}' for i, key in enumerate("abcd"))
    two = "{%s}" % ", ".join(f'"{key}": {i}' for i, key in enumerate(other))
    text = "[%s]" % ", ".join([one] * 3 + [two] * 3 + [one, two])
    for _ in range(3):
        found = dialect.decode(text)
        assert found == [dict(zip(keys, range(9))) for keys in ["abcd"] * 3 + [other] * 3 + ["abcd", other]]
        assert [list(x) for x in found[2:4]] == [list("abcd"), list(dict.fromkeys(other))]


def test_references_of_the_keys_go_with_the_dict(dialect):
    text = dialect.encode([{"a key": 1, "another": 2, "the last": 3}] * 10)
    dialect.decode(text)
    key = next(iter(dialect.decode(text)[0]))
    count = sys.getrefcount(key)
    for _ in range(5):
        dialect.decode(text)
    assert sys.getrefcount(key) == count


def test_keys_of_other_kinds():
    for keys in ([1, 2, 3], ["a", 1, "b"], ["é", "€", "ö€", "a"], ["", " ", "\n"], [(1,), (2,), (3,)],
                 [None, True, 0.5]):  # fmt: skip
        value = dict.fromkeys(keys, "value")
        for module in (pyon, pyon_v1):
            text = module.encode([value] * 5)
            for _ in range(3):
                assert module.decode(text) == [value] * 5


def test_random_records():
    rng = random.Random(1)
    shapes = [rng.sample(KEYS, rng.randrange(8)) for _ in range(300)]
    values = [{key: rng.choice([rng.random(), None, [], "x"]) for key in rng.choice(shapes)} for _ in range(5000)]
    for module in (pyon, pyon_v1):
        text = module.encode(values)
        assert module.decode(text) == values
        decoder = stream.Decoder(module)
        for i in range(0, len(text), 1000):
            decoder.feed(text[i : i + 1000])
        assert next(decoder) == values


def test_what_is_made_of_a_dict():
    value = OrderedDict.fromkeys("abcd")
    for _ in range(4):
        assert pyon.decode(pyon.encode([dict(value), {"x": value}])) == [dict(value), {"x": value}]


def test_a_finalizer_that_decodes_other_dicts():
    """The collector may run while a dict is copied."""
    texts = [pyon.encode([dict.fromkeys(KEYS[i : i + 5], [0])] * 3) for i in range(50)]

    class Cycle:
        def __init__(self):
            self.me = self

        def __del__(self):
            for text in texts:
                pyon.decode(text)

    found = []
    for _ in range(200):
        Cycle()
        found += [pyon.decode(text) for text in texts[::7]]
    gc.collect()
    assert found == [pyon.decode(text) for text in texts[::7]] * 200
