"""Small values of plain types, which are written in one call: at the limits of what is taken together, and where one
member is not plain.

Version 2 without tuples is JSON, and version 1 is written by an encoder in Python, too.
"""

import json
import string
import sys
from collections import OrderedDict

import pytest

from fastpyon import pyon, pyon_v1, stream

LEAVES = [None, True, False, 0, -(2**63), 2**63 - 1, 0.1, -0.0, 1e300, "", "a", "x" * 40, 'a "quoted" \\ \n', "é",
          "µ" * 20]  # fmt: skip
OTHER = [2**64, "€", "\u6162" * 9, "\U0001f600", "x" * 513, "€" * 600, float("inf"), float("-inf")]


def in_python(x):
    """The text of version 1, by the encoder in Python."""
    encoder = pyon_v1._Encoder(False)
    encoder.encode(x)
    return encoder.get_output()


def check(x):
    text = pyon.encode(x)
    assert text == json.dumps(x, separators=(",", ":"))
    assert pyon_v1.encode(x) == in_python(x)
    for size in (1, 100, 10000):
        assert b"".join(stream.iterencode(x, size=size)).decode() == text
        assert b"".join(stream.iterencode(x, pyon_v1, size=size)).decode() == in_python(x)


def check_json(x):
    assert pyon.encode(x) == json.dumps(x, separators=(",", ":"))


@pytest.mark.parametrize("leaf", LEAVES + OTHER, ids=repr)
def test_each_leaf_at_each_place(leaf):
    for x in (leaf, [leaf], {"a": leaf}, [1, leaf], [leaf, 1], {"a": 1, "b": leaf}, {"b": leaf, "a": 1},
              [[], {}, [leaf], {"": [leaf]}], [1.5] * 12 + [leaf], [leaf] * 12, [[leaf, 2.5, 3]] * 3):  # fmt: skip
        check(x)


@pytest.mark.parametrize("leaf", [None, 1, 0.1, "a", "€", [], {}, [1, 2], {"a": 1}, {"a": [0.5, {"b": None}]}],
                         ids=repr)  # fmt: skip
def test_each_number_of_members(leaf):
    for size in (*range(20), *range(38, 44), *range(60, 70), *range(122, 134), 200, 300):
        check([leaf] * size)
        check({f"key{i}": leaf for i in range(size)})
        check([leaf, [leaf] * size, leaf])


@pytest.mark.parametrize("special", ['"', "\\", "\x00", "\x1f", "\x7f", "é", "€", "'"], ids=ascii)
def test_short_strings(special):
    """Each length, and something to escape at each place. The strings around them must not change."""
    for size in range(40):
        text = string.ascii_letters[:size]
        wrong = [text[:place] + special + text[place + 1 :] for place in range(size)]
        check_json([text] * 3)
        check_json(wrong)
        for x in wrong:
            check_json([text, x, text, text[:7]])


class Str(str):
    """No plain str."""


def test_short_strings_among_others():
    for other in (1, 0.5, None, [], ["a"], "x" * 31, "x" * 32, "x" * 600, "€" * 20):
        for place in range(12):
            check(["abc"] * place + [other] + ["defghi"] * 5)
    check_json(["abc", "defghi", Str("abc"), "j"])


@pytest.mark.parametrize("other", [1, "€", 2**64, ()], ids=repr)
def test_each_depth(other):
    x = y = other
    for _ in range(20):
        x, y = [1, x, "b"], {"a": 1, "b": y, "c": None}
        for z in (x, y, [x, y]):
            assert pyon.decode(pyon.encode(z)) == z
            assert pyon_v1.encode(z) == in_python(z)
            assert b"".join(stream.iterencode(z, size=10)).decode() == pyon.encode(z)


@pytest.mark.parametrize("keys", [("__jsonclass__",), ("a", "__jsonclass__"), ("__jsonclasS__",), (1,), ("a", 1),
                                  (None, "a"), ("€",), ("a", ("b",))], ids=repr)  # fmt: skip
def test_keys_that_are_not_plain(keys):
    x = dict.fromkeys(keys, 1.5)
    assert pyon_v1.encode([x, x]) == in_python([x, x])
    if "__jsonclass__" in keys:
        with pytest.raises((TypeError, AssertionError)):
            pyon.encode([1, x])
    else:
        assert pyon.decode(pyon.encode([1, x, {"a": x}])) == [1, x, {"a": x}]


@pytest.mark.parametrize("size", [3, 30, 300, 5000])
def test_dicts_from_which_keys_were_deleted(size):
    x = {f"key{i}": i for i in range(size)}
    for i in range(0, size, 3):
        del x[f"key{i}"]
    check(x)
    check([x, {"a": x}])


def test_members_that_are_not_plain():
    np = pytest.importorskip("numpy")
    for other in ({1, 2}, 1j, b"a", slice(1), OrderedDict(a=1), np.float64(1.5), np.arange(3)):
        x = {"a": [1, {"b": (0.5, other, "c")}, other], "d": None}
        one = pyon.encode(other), pyon_v1.encode(other)
        assert pyon.encode(x) == (
            '{"a":[1,{"b":{"__jsonclass__":["tuple",[[0.5,%s,"c"]]]}},%s],"d":null}' % (one[0], one[0])
        )
        assert pyon_v1.encode(x) == '{"a": [1, {"b": (0.5, %s, "c")}, %s], "d": null}' % (one[1], one[1])


@pytest.mark.usefixtures("clean_maps")
@pytest.mark.parametrize("type_", [type(None), bool, int, float, str, list, dict, tuple])
def test_a_type_whose_entry_has_been_changed(type_):
    """Nothing of an earlier call may be remembered."""
    x = {"a": [1, 0.5, None, True, ("b", {}), []]}
    before = pyon_v1.encode(x)
    own = pyon_v1._encode_map[type_]
    del pyon_v1._encode_map[type_]
    with pytest.raises(TypeError):
        pyon_v1.encode(x)
    pyon_v1._encode_map[type_] = own
    assert pyon_v1.encode(x) == before


@pytest.mark.usefixtures("clean_maps")
def test_tuples_of_another_form():
    x = {"a": [1, (2, 3)]}
    before = pyon.encode(x)
    wrapped = next(type_ for type_, (name, _) in pyon._encode_map.items() if name == "tuple")
    own = pyon._encode_map[wrapped]
    pyon._encode_map[wrapped] = ("tuple", lambda x: [["mine"]])
    assert pyon.encode(x) == '{"a":[1,{"__jsonclass__":["tuple",[["mine"]]]}]}'
    pyon._encode_map[wrapped] = own
    assert pyon.encode(x) == before


def test_a_list_that_contains_itself():
    for x in ([1], [0.5, "a"]):
        x.append(x)
        for module in (pyon, pyon_v1):
            with pytest.raises((RecursionError, ValueError)):
                module.encode({"a": x})


def test_nesting_is_bounded_as_for_other_values(dialect):
    limit = sys.getrecursionlimit()
    for over in range(1, 8):
        x = 1
        for _ in range(limit + over):
            x = [x]
        with pytest.raises(RecursionError):
            dialect.encode(x)


@pytest.mark.parametrize("text", ["x", "\x01"], ids=["plain", "escapes"])
def test_pieces_are_not_much_longer_than_asked_for(dialect, text):
    x = [[i, 0.5, {"key": text * 20}] for i in range(3000)]
    whole = dialect.encode(x).encode()
    for size in (1, 100, 1000, 8000, 9000, 50000):
        pieces = list(stream.iterencode(x, dialect, size=size))
        assert b"".join(pieces) == whole
        assert max(map(len, pieces)) < size + 300
