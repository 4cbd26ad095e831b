"""encode of PYON v2: JSON for what JSON has, objects with "__jsonclass__" for the rest."""

import base64
import builtins
import ctypes
import enum
import json
import sys
from collections import Counter, OrderedDict, defaultdict
from decimal import Decimal
from fractions import Fraction

import pytest

from fastpyon import _core, stream
from fastpyon.pyon import decode, encode, wrap
from generate import (
    Generator, Number, Pair, SubDict, SubFloat, SubInt, SubList, SubStr, SubTuple,
)  # fmt: skip

inf, nan = float("inf"), float("nan")


def tagged(name, *arguments):
    """The JSON that json sees for a value that is no JSON."""
    return {"__jsonclass__": [name, list(arguments)]}


def compact(x):
    return json.dumps(x, separators=(",", ":"))


JSON_VALUES = [
    None, True, False, 0, -1, 2**63, -(2**63), 2**64, 10**400, 0.0, -0.0, 1e16, 1e-5, 5e-324, inf,
    -inf, nan, "", "é\u2028\U0001f600\ud800\x7f\0\"\\/\b", [], [[]], [1, [2.0, None]], {}, {"": {}},
    {"b": 1, "a": [True, {"c": "é"}]}, ["a" * 100, {"k" * 50: []}],
]  # fmt: skip


@pytest.mark.parametrize("x", JSON_VALUES)
def test_json_is_written_as_json_writes_it(x):
    assert encode(x) == compact(x)
    assert encode(x, True) == json.dumps(x, indent=4)


def test_a_large_text_ends_where_it_should():
    """One like the text before it has memory to spare, and keeps it. Code in C looks for the NUL."""
    as_utf8, as_bytes = ctypes.pythonapi.PyUnicode_AsUTF8, ctypes.pythonapi.PyBytes_AsString
    as_utf8.restype = as_bytes.restype = ctypes.c_char_p
    as_utf8.argtypes = as_bytes.argtypes = [ctypes.py_object]
    for count in (8000, 8000, 7990, 7000, 9000, 100, 7990, 400000, 399000):
        x = ["a" * 7] * count
        text, data = encode(x), _core.encode_bytes_v2(x)
        assert len(text) == 10 * count + 1 and text == compact(x) and hash(text) == hash(compact(x))
        assert as_utf8(text) == as_bytes(data) == data == text.encode()
        assert text + "b" == compact(x) + "b"


CLASSES = [
    ((), tagged("tuple", [])),
    ((1, (2,)), tagged("tuple", [1, tagged("tuple", [2])])),
    ({1: 2, "a": None}, tagged("dict", [[1, 2], ["a", None]])),
    ({(1,): {2: 3}}, tagged("dict", [[tagged("tuple", [1]), tagged("dict", [[2, 3]])]])),
    (complex(1, -0.0), tagged("complex", 1.0, -0.0)),
    (complex(nan, -inf), tagged("complex", nan, -inf)),
    (b"", tagged("bytes", "")),
    (b"a", tagged("bytes", "YQ==")),
    (bytes(range(256)), tagged("bytes", base64.b64encode(bytes(range(256))).decode())),
    (set(), tagged("set", [])),
    ({(1, 2)}, tagged("set", [tagged("tuple", [1, 2])])),
    (slice(1), tagged("slice", None, 1, None)),
    (slice((1,), {2: 3}), tagged("slice", tagged("tuple", [1]), tagged("dict", [[2, 3]]), None)),
    (slice(slice(1)), tagged("slice", None, tagged("slice", None, 1, None), None)),
    (Fraction(-1, 3), tagged("Fraction", -1, 3)),
    ([{"a": ({1},)}], [{"a": tagged("tuple", [tagged("set", [1])])}]),
]  # fmt: skip


@pytest.mark.parametrize("x, as_json", CLASSES)
def test_other_values_are_objects_with_their_class(x, as_json):
    assert encode(x) == compact(as_json)
    assert encode(x, True) == json.dumps(as_json, indent=4)


@pytest.mark.parametrize(
    "x, plain",
    [
        (OrderedDict(b=1, a=2), {"b": 1, "a": 2}), (OrderedDict(), {}),
        (OrderedDict({1: 2}), {1: 2}), (defaultdict(list, a=[1]), {"a": [1]}),
        (Counter("aab"), {"a": 2, "b": 1}), (SubDict(a=1), {"a": 1}),
        (SubList([1, (2,)]), [1, (2,)]), (SubTuple((1,)), (1,)), (Pair(1, [2]), (1, [2])),
        (SubInt(5), 5), (Number.ONE, 1), (enum.IntFlag("F", "A B").B, 2), (SubFloat(1.5), 1.5),
        (SubStr("é"), "é"), (enum.Enum("S", {"A": "x"}, type=str).A, "x"),
        ({SubStr("k"): 1}, {"k": 1}),
    ],
    ids=lambda x: type(x).__name__,
)  # fmt: skip
def test_subclasses_of_json_types_are_written_as_their_base(x, plain):
    assert encode(x) == encode(plain)
    assert encode({"a": [x]}, True) == encode({"a": [plain]}, True)


def test_own_methods_of_a_subclass_are_not_asked_for_its_text():
    class Loud(int):
        def __repr__(self):
            return "loud"

        __str__ = __format__ = __index__ = __repr__

    class LoudStr(str):
        def __str__(self):
            return "loud"

        __repr__ = encode = __str__

    assert encode([Loud(3), Loud(2**70), LoudStr("é")]) == compact([3, 2**70, "é"])


def test_members_of_a_subclass_are_what_its_methods_give():
    class Items(dict):
        def items(self):
            return [("x", 1), ("y", (2,))]

        def __iter__(self):
            return iter(["x", "y"])

    class Members(list):
        def __iter__(self):
            return iter([1, (2,)])

    assert encode(Items(a=1)) == encode({"x": 1, "y": (2,)})
    assert encode(Members()) == encode([1, (2,)])


UNKNOWN = [
    object(), frozenset((1,)), bytearray(b"a"), memoryview(b"a"), range(3), Ellipsis, int, len,
    Decimal(1), type("SubSet", (set,), {})((1,)), type("SubBytes", (bytes,), {})(b"a"),
    type("SubComplex", (complex,), {})(1), type("SubFraction", (Fraction,), {})(1, 2),
    enum.Enum("E", "A").A,
]  # fmt: skip


@pytest.mark.parametrize("x", UNKNOWN, ids=lambda x: type(x).__name__)
def test_what_has_no_encoder_is_refused(x):
    message = f"`{x!r}`: Object of type `{type(x).__name__}` is not PYON encodable"
    for whole in (x, [1, x], (x,), {"a": {1: x}}, OrderedDict(a=x), slice(x), {"a": 1, "b": [x]}):
        for pretty in (False, True):
            with pytest.raises(TypeError) as caught:
                encode(whole, pretty)
            assert str(caught.value) == message
            assert caught.value.__cause__ is None and caught.value.__suppress_context__


@pytest.mark.parametrize("base", [str, int, float, list])
def test_what_says_that_it_is_a_dict_is_taken_for_one(base):
    """As by isinstance()."""
    liar = type("Liar", (base,), {"__class__": dict, "__contains__": lambda self, key: False})()
    for x in ([liar], {"a": [liar]}, [1.5, (liar,)]):
        for pretty in (False, True):
            with pytest.raises((AttributeError, TypeError)):
                encode(x, pretty)


@pytest.mark.parametrize("kind", [dict, OrderedDict])
def test_a_key_that_says_that_it_is_a_str_is_taken_for_one(kind):
    key = type("Key", (float,), {"__class__": str})(0.5)
    x = [kind([(key, (1,))]), [1.5]]
    text = '[{"0.5":{"__jsonclass__":["tuple",[[1]]]}},[1.5]]'
    assert encode(x) == b"".join(stream.iterencode(x, size=1)).decode() == text


@pytest.mark.parametrize("kind", [dict, OrderedDict])
def test_keys_are_asked_once_whether_they_are_the_tag(kind):
    asked = []

    class Key(str):
        def __hash__(self):
            return hash("__jsonclass__")

        def __eq__(self, other):
            asked.append(other)
            return self is other

    inner = kind([(Key("b"), 1)])
    del asked[:]
    assert "__jsonclass__" not in inner  # a dict may come by the same key more than once
    once = asked.count("__jsonclass__")
    del asked[:]
    with pytest.raises(TypeError, match="not PYON encodable"):
        encode({"a": [inner], "c": object})
    assert asked.count("__jsonclass__") == once


@pytest.mark.parametrize("part", [(1, (2,)), [(1,)], {2: 3}, True, None, 1.5], ids=str)
def test_the_parts_of_a_fraction_are_not_wrapped(part):
    x = Fraction(1, 2)
    x._numerator = part
    wanted = json.dumps({"__jsonclass__": ["Fraction", [part, 2]]}, separators=(",", ":"))
    assert encode([x]) == f"[{wanted}]"
    assert b"".join(stream.iterencode([x], size=1)).decode() == f"[{wanted}]"


def test_the_text_of_what_is_refused_is_asked_for_before_its_class():
    class Odd:
        __class__ = 5

        def __repr__(self):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        encode(Odd())


def test_the_class_in_the_message_is_the_attribute():
    class Disguised:
        __class__ = int

        def __repr__(self):
            return "x"

    with pytest.raises(TypeError, match="^`x`: Object of type `int` is not PYON encodable$"):
        encode(Disguised())


def test_the_exception_of_a_repr_comes_out():
    class Silent:
        def __repr__(self):
            raise ZeroDivisionError("silent")

    with pytest.raises(ZeroDivisionError, match="silent"):
        encode([Silent()])


def test_too_many_digits_are_a_value_error():
    x = 10 ** sys.get_int_max_str_digits()
    for whole in (x, [x], {x: 1}, Fraction(1, x), slice(x), {"a": (SubInt(x),)}):
        with pytest.raises(ValueError, match="Exceeds the limit"):
            encode(whole)


@pytest.mark.parametrize(
    "x",
    [
        {"__jsonclass__": 1}, [{"__jsonclass__": ["set", [[1]]]}],
        ({"a": {"__jsonclass__": None}},), {1: 2, "__jsonclass__": 3}, slice({"__jsonclass__": 1}),
        OrderedDict(__jsonclass__=1), {"a": 1, SubStr("__jsonclass__"): 2},
    ],
)  # fmt: skip
def test_the_key_of_classes_cannot_be_a_key(x):
    for pretty in (False, True):
        with pytest.raises(AssertionError) as caught:
            encode(x, pretty)
        assert str(caught.value) == ""


def test_the_key_of_classes_may_stand_elsewhere():
    for x in (
        "__jsonclass__",
        ["__jsonclass__", 1],
        {("__jsonclass__",): 1},
        {"__jsonclass__ ": 1},
    ):
        assert decode(encode(x)) == x


def test_a_forbidden_key_comes_before_a_value_that_cannot_be_encoded():
    with pytest.raises(AssertionError):
        encode([object(), {"__jsonclass__": 1}])
    with pytest.raises(AssertionError):
        encode([10**5000, {"a": {"__jsonclass__": 1}}])
    with pytest.raises(TypeError):  # what is in a slice is wrapped when its turn has come
        encode([object(), slice({"__jsonclass__": 1})])


def test_without_assertions_the_key_is_written(python):
    script = "from fastpyon.pyon import *; print(encode({'__jsonclass__': ['set', [[1]]]}))"
    assert python(script, PYTHONOPTIMIZE="1") == '{"__jsonclass__":["set",[[1]]]}\n'


# ---- wrap ----


def test_wrap_keeps_json_and_protects_the_rest():
    assert wrap({"a": [1, "b"]}) == {"a": [1, "b"]}
    for x in (None, 1, "a", {1, 2}, b"a", slice(1), 1j, object):
        assert wrap(x) is x
    assert wrap((1, 2)).data == [1, 2]
    assert wrap({1: (2,)}).data == [[1, wrap((2,))]]
    assert wrap([(1,)]) == [wrap((1,))] != [wrap((2,))]
    assert type(wrap(SubDict(a=1))) is dict and type(wrap(SubList())) is list


def test_wrapped_values_have_a_repr_and_no_hash():
    assert repr(wrap((1, 2))).endswith("_Tuple(data=[1, 2])")
    assert repr(wrap({1: 2})).endswith("_Dict(data=[[1, 2]])")
    with pytest.raises(TypeError):
        hash(wrap(()))
    assert wrap(()) != wrap({1: 2}) and wrap(()) != []


@pytest.mark.parametrize("x", [(1, (2,)), {1: {2: 3}}, [(), {None: ()}]])
def test_a_wrapped_value_is_encoded_as_what_it_wraps(x):
    assert encode(wrap(x)) == encode(x)
    assert encode([wrap(x)], True) == encode([x], True)


# ---- Keyword arguments ----

VALUE = {"b": [1.5, "é\x7f\u2028", (nan,)], "a": {2: 1, 1: 2}, "c": {}}


@pytest.mark.parametrize(
    "keywords",
    [
        {"sort_keys": True}, {"ensure_ascii": False}, {"skipkeys": True}, {"check_circular": False},
        {"cls": None}, {"sort_keys": True, "ensure_ascii": False}, {},
    ],
)  # fmt: skip
@pytest.mark.parametrize("pretty", [False, True])
def test_keyword_arguments_are_those_of_json(keywords, pretty):
    as_json = {
        "b": [1.5, "é\x7f\u2028", tagged("tuple", [nan])],
        "a": tagged("dict", [[2, 1], [1, 2]]),
        "c": {},
    }
    layout = {"indent": 4} if pretty else {"separators": (",", ":")}
    assert encode(VALUE, pretty=pretty, **keywords) == json.dumps(as_json, **layout, **keywords)


def test_allow_nan():
    for x in (nan, [1, inf], complex(0, -inf), {"a": {1: (nan,)}}):
        with pytest.raises(ValueError, match="Out of range float values"):
            encode(x, allow_nan=False)
    assert encode([1.5, 2j], allow_nan=False) == encode([1.5, 2j])


def test_an_encoder_class_gets_the_hook():
    class Encoder(json.JSONEncoder):
        def iterencode(self, o, _one_shot=False):
            return [f"<{self.default((1j))}>"]

    assert encode(0, cls=Encoder) == "<{'__jsonclass__': ['complex', [0.0, 1.0]]}>"


@pytest.mark.parametrize("keyword", ["default", "indent", "separators"])
def test_what_the_format_decides_cannot_be_given(keyword):
    for value in (None, 2):
        with pytest.raises(TypeError, match=f"multiple values for keyword argument '{keyword}'"):
            encode(1, **{keyword: value})


def test_unknown_keywords_and_missing_arguments():
    for call in (
        lambda: encode(1, foo=2),
        lambda: encode(),
        lambda: encode(1, True, 3),
        lambda: encode(1, x=2),
    ):
        with pytest.raises(TypeError):
            call()
    assert encode(x=(1,)) == encode(pretty=False, x=(1,)) == encode((1,))
    assert encode(x=(1,), pretty=True) == encode((1,), True)


def test_pretty_may_be_anything_with_a_truth():
    for true in (1, "x", [0], object()):
        assert encode([1], true) == encode([1], pretty=true) == "[\n    1\n]"
    for false in (0, "", [], None):
        assert encode([1], false) == encode([1], pretty=false, sort_keys=True) == "[1]"


def test_keyword_arguments_that_change_nothing_give_the_same_text():
    """The texts of C, and of Python by way of json."""
    for seed in range(400):
        x = Generator(seed, own_only=True).value()
        try:
            text, pretty = encode(x), encode(x, True)
        except (AssertionError, ValueError) as e:
            with pytest.raises(type(e)):
                encode(x, ensure_ascii=True)
            continue
        assert encode(x, ensure_ascii=True) == text
        assert encode(x, True, ensure_ascii=True) == pretty


# ---- frozendict, which json knows from Python 3.15 on ------------------------------------------

frozen = getattr(builtins, "frozendict", None)
needs_frozendict = pytest.mark.skipif(frozen is None, reason="this Python has no frozendict")


@needs_frozendict
@pytest.mark.parametrize(
    "make, text",
    [
        (lambda f: f(a=1, b=[1.5]), '{"a":1,"b":[1.5]}'),
        (lambda f: [f(), {1: f(a=1)}], '[{},{"__jsonclass__":["dict",[[[1,{"a":1}]]]]}]'),
        # The reference wraps nothing in it: json makes lists of tuples, and strs of keys.
        (lambda f: f(a=(1, {2: 3})), '{"a":[1,{"2":3}]}'),
        (lambda f: f({True: 1, None: 2, 1.5: {}}), '{"true":1,"null":2,"1.5":{}}'),
        (lambda f: f({"__jsonclass__": 2}), '{"__jsonclass__":2}'),
        (lambda f: ({f(): 1},), '{"__jsonclass__":["tuple",[[{"__jsonclass__":["dict",[[[{},1]]]]}]]]}'),
        (lambda f: type("Sub", (f,), {})(a=1j), '{"a":{"__jsonclass__":["complex",[0.0,1.0]]}}'),
    ],
)
def test_frozendict(v2, make, text):
    x = make(frozen)
    assert v2.encode(x) == text == stream.encode(x).decode() == b"".join(stream.iterencode(x, size=1)).decode()
    assert v2.encode(x, True) == json.dumps(json.loads(text), indent=4)


@needs_frozendict
def test_frozendict_that_cannot_be_encoded(v1, v2):
    with pytest.raises(TypeError, match="keys must be str, int, float, bool or None, not tuple"):
        v2.encode(frozen({(1, 2): 3}))
    with pytest.raises(TypeError, match="is not PYON encodable"):
        v2.encode(frozen(a=object()))
    with pytest.raises(TypeError, match="is not PYON serializable"):
        v1.encode(frozen(a=1))
    loop = []
    loop.append(frozen(a=loop))
    with pytest.raises((ValueError, RecursionError)):
        v2.encode(loop)


@pytest.mark.skipif(sys.version_info < (3, 15), reason="json has no array_hook")
def test_the_array_hook_of_json(v2):
    text = '[1,[2,{"__jsonclass__":["tuple",[[3]]]}]]'
    assert v2.decode(text, array_hook=tuple) == (1, (2, (3,)))
    assert v2.decode('{"a": [1]}', object_pairs_hook=frozen) == frozen(a=[1])
