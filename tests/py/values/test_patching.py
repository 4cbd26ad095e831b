"""Programs reach into the modules as they do into the reference, and that has its effect."""

import collections
from fractions import Fraction

import pytest

numpy = pytest.importorskip("numpy")  # it is in the maps

from fastpyon import pyon, pyon_v1  # noqa: E402


pytestmark = pytest.mark.usefixtures("clean_maps")


class Custom:
    def __init__(self, *arguments, **keywords):
        self.arguments, self.keywords = arguments, keywords


def test_a_program_can_tell_which_dialect_a_module_is():
    assert hasattr(pyon, "register") and not hasattr(pyon_v1, "register")


def test_the_names_of_the_numpy_scalars_can_be_iterated_over():
    assert isinstance(pyon._numpy_scalar, set) and isinstance(pyon_v1._numpy_scalar, set)
    assert pyon_v1._numpy_scalar < pyon._numpy_scalar
    assert (len(pyon_v1._numpy_scalar), len(pyon._numpy_scalar)) == (13, 19)
    assert pyon._numpy_scalar - pyon_v1._numpy_scalar == {
        "bool_", "bytes_", "str_", "void", "datetime64", "timedelta64",
    }  # fmt: skip


def test_the_maps_name_what_can_be_encoded():
    assert pyon_v1._encode_map[int] == "number" and pyon_v1._encode_map[type(None)] == "none"
    assert (
        pyon_v1._encode_map[numpy.ndarray] == "nparray"
        and pyon_v1._encode_map[numpy.int8] == "npscalar"
    )
    assert pyon._encode_map[set][0] == "set" and pyon._encode_map[numpy.ndarray][0] == "nparray"
    for name in pyon._numpy_scalar:
        assert pyon._encode_map[getattr(numpy, name)][0] == "npscalar"
    for name in pyon_v1._numpy_scalar:
        assert pyon_v1._encode_map[getattr(numpy, name)] == "npscalar"
    assert {name for name, _ in pyon._encode_map.values()} == set(pyon._decode_map)


def test_the_encoders_in_the_map_can_be_called():
    assert pyon._encode_map[complex][1](1 - 2j) == [1.0, -2.0]
    assert pyon._encode_map[bytes][1](b"a") == ["YQ=="]
    assert pyon._encode_map[Fraction][1](Fraction(1, 2)) == [1, 2]
    assert pyon._encode_map[slice][1](slice(1)) == [None, 1, None]
    assert pyon._encode_map[set][1]({1}) == [[1]]
    assert pyon._decode_map["tuple"]([1]) == (1,)
    assert pyon._decode_map["bytes"]("YQ==") == b"a"
    assert pyon._encode_default(1j) == {"__jsonclass__": ["complex", [0.0, 1.0]]}
    assert pyon._object_hook({"__jsonclass__": ["set", [[1]]]}) == {1}
    assert pyon._object_hook({"a": 1}) == {"a": 1}


def test_unknown_names_are_attribute_errors(dialect):
    with pytest.raises(AttributeError, match="no attribute 'unknown'"):
        dialect.unknown


# ---- The encoder of v1 ----


def test_a_type_added_to_the_map_of_v1_is_encoded():
    class Sub(list):
        pass

    pyon_v1._encode_map[Sub] = "list"
    pyon_v1._encode_map[range] = "tuple"
    assert pyon_v1.encode([Sub([1]), {"a": range(2)}]) == '[[1], {"a": (0, 1)}]'
    assert pyon_v1.encode(Sub(), True) == "[]"
    del pyon_v1._encode_map[Sub]
    with pytest.raises(TypeError, match="is not PYON serializable"):
        pyon_v1.encode(Sub())


@pytest.mark.parametrize(
    "kind, x",
    [
        (int, 1), (bool, True), (float, 1.5), (type(None), None), (str, "a"), (bytes, b"a"),
        (complex, 1j), (list, []), (tuple, ()), (dict, {}), (set, {1}), (slice, slice(1)),
        (Fraction, Fraction(1, 2)), (collections.OrderedDict, collections.OrderedDict()),
    ],
    ids=lambda x: getattr(x, "__name__", ""),
)  # fmt: skip
def test_a_type_taken_out_of_the_map_of_v1_is_refused(kind, x):
    del pyon_v1._encode_map[kind]
    for whole in (x, [x], {"a": [x]}):
        if kind in (list, dict, str) and whole is not x:
            continue
        with pytest.raises(TypeError, match="is not PYON serializable"):
            pyon_v1.encode(whole)


def test_a_changed_kind_of_v1_is_used():
    pyon_v1._encode_map[bool] = "number"
    pyon_v1._encode_map[tuple] = "list"
    assert pyon_v1.encode([True, (1, 2)]) == "[True, [1, 2]]"
    assert pyon_v1.encode({"b": (False,), "a": 1}, True) == '{\n    "a": 1,\n    "b": [False]\n}'


V1_SCRIPT = """
from fastpyon import pyon_v1
class Custom: pass
def encode_custom(self, x):
    self.out.append("custom(")
    self.encode([1, (2,)])
    self.out.append(")")
before = pyon_v1.encode([1, "a"])
{patch}
print(pyon_v1.encode({value}, {pretty}))
assert pyon_v1.encode([1, "a"]) == before, "other values are written as ever"
"""
ADD = "pyon_v1._Encoder.encode_custom = encode_custom; pyon_v1._encode_map[Custom] = 'custom'"
CHANGE = "pyon_v1._Encoder.encode_none = lambda self, x: self.out.append('nil')"
SUBCLASS = """
class Mine(pyon_v1._Encoder):
    def encode_none(self, x): self.out.append("nil")
pyon_v1._Encoder = Mine
"""
SET_LATER = CHANGE + "\ndel pyon_v1._Encoder.encode_none\n" + CHANGE.replace("nil", "nothing")


@pytest.mark.parametrize(
    "patch, value, pretty, text",
    [
        (ADD, "[Custom()]", False, "[custom([1, (2, )])]"),
        (ADD, "{'b': Custom(), 'a': 1}", True, '{\n    "a": 1,\n    "b": custom([1, (2, )])\n}'),
        (CHANGE, "[None, {'a': None}]", False, '[nil, {"a": nil}]'),
        (SUBCLASS, "(None, )", True, "(nil, )"),
        (SET_LATER, "None", False, "nothing"),
        ("pyon_v1._Encoder.indent = lambda self: '\\t'", "{'a': 1, 'b': 2}", True,
        '{\n\t"a": 1,\n\t"b": 2\n\t}'),
    ],
    ids=["added", "added-pretty", "changed", "replaced", "again", "indent"],
)  # fmt: skip
def test_a_patched_encoder_class_of_v1_is_used(python, patch, value, pretty, text):
    script = V1_SCRIPT.format(patch=patch, value=value, pretty=pretty)
    assert python(script) == text + "\n"


def test_the_encoder_class_can_be_used_by_itself():
    encoder = pyon_v1._Encoder(False)
    encoder.encode([1, {"a": (None,)}])
    assert encoder.get_output() == '[1, {"a": (null, )}]'
    for name in {*pyon_v1._encode_map.values()}:
        assert callable(getattr(encoder, f"encode_{name}"))


# ---- The names of v1 ----


def test_names_added_to_v1_can_be_read():
    pyon_v1._eval_dict["answer"] = 42
    pyon_v1._eval_dict["Custom"] = Custom
    assert pyon_v1.decode("[answer, {answer: 1}]") == [42, {42: 1}]
    x = pyon_v1.decode("Custom(1, (2,), a=[3])")
    assert (x.arguments, x.keywords) == ((1, (2,)), {"a": [3]})
    del pyon_v1._eval_dict["answer"]
    with pytest.raises(NameError):
        pyon_v1.decode("answer")


def test_an_added_name_gives_no_access_to_anything_else():
    pyon_v1._eval_dict["Custom"] = Custom
    for text in ("Custom().__class__", "Custom.__init__", "Custom()()", "Custom()[0]"):
        with pytest.raises((SyntaxError, TypeError)):
            pyon_v1.decode(text)


def test_constructors_of_v1_can_be_replaced():
    for name in ("slice", "Fraction", "OrderedDict", "nparray", "npscalar"):
        pyon_v1._eval_dict[name] = Custom
        x = pyon_v1.decode(f"{name}((2,), '<i2', b'AQACAA==')")
        assert x.arguments == ((2,), "<i2", b"AQACAA==")
        x = pyon_v1.decode(f"{name}('<i2', b'AQA=')")
        assert x.arguments == ("<i2", b"AQA=")


def test_the_builtins_in_the_map_are_no_name():
    assert pyon_v1._eval_dict["__builtins__"] == {}
    pyon_v1._eval_dict["__custom__"] = 1
    assert pyon_v1.decode("__custom__") == 1
    for text in ("__builtins__", "__debug__", "__import__('os')"):
        with pytest.raises((SyntaxError, NameError)):
            pyon_v1.decode(text)


# ---- The maps of v2 ----


def test_the_map_of_v2_can_be_changed_without_register():
    pyon._encode_map[Custom] = "custom", lambda x: list(x.arguments)
    pyon._decode_map["custom"] = Custom
    text = pyon.encode([Custom(1, 2)])
    assert text == '[{"__jsonclass__":["custom",[1,2]]}]'
    assert pyon.decode(text)[0].arguments == (1, 2)


def test_an_own_entry_of_v2_can_be_changed_and_put_back():
    own = pyon._encode_map[set]
    pyon._encode_map[set] = "tuple", lambda x: [sorted(x)]
    assert pyon.decode(pyon.encode({2, 1})) == (1, 2)
    pyon._encode_map[set] = own
    assert pyon.decode(pyon.encode({2, 1})) == {1, 2}


@pytest.mark.parametrize("entry", [None, (), ("a",), ("a", list, 1), 5])
def test_an_entry_of_v2_that_is_no_pair_is_an_error(entry):
    pyon._encode_map[Custom] = entry
    with pytest.raises((TypeError, ValueError)):
        pyon.encode(Custom())


def test_helpers_for_arrays_can_be_called():
    x = numpy.array([[1, 2]], "<i2")
    assert pyon._encode_nparray(x) == [[1, 2], "<i2", "AQACAA=="]
    for module in (pyon, pyon_v1):
        nparray = getattr(module, "_decode_nparray", None) or module._nparray
        npscalar = getattr(module, "_decode_npscalar", None) or module._npscalar
        assert (nparray([2], "<i2", "AQACAA==") == [1, 2]).all()
        assert npscalar("<i2", b"AQA=") == 1
    assert pyon._encode_npscalar(x[0, 0]) == ["<i2", "AQA="]


def class_that_compares(action):
    """A class with the hash of float, so that to look float up in a map runs ``action``."""

    class Meta(type):
        def __hash__(cls):
            return hash(float)

        def __eq__(cls, other):
            if other is float:
                action()
            return cls is other

    return Meta("Comparing", (), {})


def with_first_entry(monkeypatch, key):
    """Puts ``key`` before float in the map of version 1, where a lookup of float meets it."""
    kinds = pyon_v1._encode_map
    monkeypatch.setitem(kinds, float, kinds[float])  # to be put back
    own = kinds.pop(float)
    monkeypatch.setitem(kinds, key, "number")
    kinds[float] = own


@pytest.mark.parametrize("left", [0, 1, 5, 1000])
def test_a_list_changes_while_a_type_is_looked_up(monkeypatch, left):
    value = []

    def change():
        value[:] = [0.5] * left

    with_first_entry(monkeypatch, class_that_compares(change))
    value[:] = [i + 0.5 for i in range(60)]
    text = pyon_v1.encode([1, value])  # may be any text, must be sound
    assert text.startswith("[1, [")
    value[:] = [i + 0.5 for i in range(60)]
    pyon_v1.encode({"a": value, "b": {str(i): 0.5 for i in range(20)}})


def test_a_lookup_that_fails(monkeypatch):
    armed = []

    def fail():
        if armed:
            raise armed.pop()

    with_first_entry(monkeypatch, class_that_compares(fail))
    for value in 0.5, [0.5] * 20, {str(i): 0.5 for i in range(20)}:
        armed.append(ZeroDivisionError)
        with pytest.raises(ZeroDivisionError):
            pyon_v1.encode(value)
        assert not armed
