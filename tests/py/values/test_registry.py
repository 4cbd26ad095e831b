"""register and deregister of PYON v2, and what becomes of the results of custom encoders."""

import json
from collections import OrderedDict
from fractions import Fraction

import pytest

from depth import nest
from describe import describe
from fastpyon import pyon
from fastpyon.pyon import decode, deregister, encode, register, wrap
from generate import Number, Pair, SubDict, SubFloat, SubInt, SubList, SubStr, SubTuple
from point import Point, SubPoint, as_point, written

pytestmark = pytest.mark.usefixtures("clean_maps")


# ---- register and deregister ----


def test_a_registered_type_survives_everywhere():
    assert as_point(lambda x: list(x.arguments)) is None
    for x in (Point(1, 2), [Point(1)], {"a": (Point(),)}, {Point(3): {Point(4)}}, slice(Point(5))):
        assert describe(decode(encode(x))) == describe(x)
        assert describe(decode(encode(x, True))) == describe(x)
    assert deregister([Point], "point") is None
    with pytest.raises(TypeError, match="Object of type `Point` is not PYON encodable"):
        encode(Point())
    with pytest.raises(TypeError, match="Object of type `point` is not PYON decodable"):
        decode(written("[]"))


def test_arguments_of_register_are_keywords():
    for call in (
        lambda: register([Point], "point", list, list),
        lambda: register([Point], name="point", encode=list),
        lambda: deregister([Point]),
    ):
        with pytest.raises(TypeError):
            call()


@pytest.mark.parametrize(
    "types, name", [([set], "x"), ([Point, int, bytes], "x"), ([Point], "set"), ([], "tuple")]
)
def test_what_is_registered_already_is_an_assertion_error(types, name):
    before = dict(pyon._encode_map), dict(pyon._decode_map)
    with pytest.raises(AssertionError) as caught:
        register(types, name=name, encode=list, decode=list)
    assert str(caught.value) == ""
    assert (pyon._encode_map, pyon._decode_map) == before


def test_a_generator_of_types_registers_only_the_decoder():
    register((t for t in [Point]), name="point", encode=list, decode=Point)
    assert Point not in pyon._encode_map
    assert decode(written("[1]")) == Point(1)


def test_deregistering_what_is_not_there():
    as_point(lambda x: [])
    with pytest.raises(KeyError):
        deregister([SubPoint], "point")
    with pytest.raises(AssertionError):
        deregister([Point], "other")
    with pytest.raises(KeyError):
        deregister([], "other")
    assert encode(Point()) == written("[]")


def test_deregistering_some_of_the_types_leaves_the_others_without_a_decoder():
    register([Point, SubPoint], name="point", encode=lambda x: [], decode=Point)
    deregister([Point], "point")
    assert encode(SubPoint()) == written("[]")
    for call in (lambda: encode(Point()), lambda: decode(written("[]"))):
        with pytest.raises(TypeError):
            call()


@pytest.mark.parametrize("kind, name, x",
[
    (set, "set", {1}), (bytes, "bytes", b"a"), (complex, "complex", 1j), (slice, "slice", slice(1)),
    (Fraction, "Fraction", Fraction(1, 2)),
])  # fmt: skip
def test_the_own_types_can_be_replaced(kind, name, x):
    text = encode(x)
    deregister([kind], name)
    with pytest.raises(TypeError, match="is not PYON encodable"):
        encode([x])
    with pytest.raises(TypeError, match=f"`{name}` is not PYON decodable"):
        decode(text)
    register([kind], name="point", encode=lambda x: ["mine"], decode=Point)
    assert encode({1: x}) == encode({1: 0}).replace("0", written('["mine"]'))
    assert decode(encode(x)) == Point("mine")


OWN_CALLS = {
    "tuple": "[[1]]", "dict": "[[]]", "set": "[[1]]", "bytes": '["YQ=="]', "slice": "[1]",
    "complex": "[1.0, 2.0]", "Fraction": "[1, 2]", "OrderedDict": "[]",
    "nparray": '[[1], "u1", "AA=="]', "npscalar": '["u1", "AA=="]',
}  # fmt: skip


@pytest.mark.parametrize("name", OWN_CALLS)
def test_own_decoders_can_be_replaced(name):
    pyon._decode_map[name] = Point
    text = f'{{"__jsonclass__":["{name}",{OWN_CALLS[name]}]}}'
    assert decode(text) == Point(*json.loads(OWN_CALLS[name]))


def test_a_changed_encoder_of_tuples_and_dicts_is_used():
    pyon._encode_map[pyon._Tuple] = "tuple", lambda x: ["T", x.data]
    pyon._encode_map[pyon._Dict] = "dict", lambda x: ["D", x.data]
    assert encode([(1, 2)]) == '[{"__jsonclass__":["tuple",["T",[1,2]]]}]'
    assert (
        encode({1: (2,)})
        == '{"__jsonclass__":["dict",["D",[[1,{"__jsonclass__":["tuple",["T",[2]]]}]]]]}'
    )


def test_only_the_exact_type_counts():
    as_point(lambda x: [])
    with pytest.raises(TypeError, match="`SubPoint`"):
        encode(SubPoint())


@pytest.mark.parametrize(
    "x, plain",
    [
        (SubDict(a=1), {"a": 1}), (SubList([1]), [1]), (SubTuple((1,)), (1,)), (Pair(1, 2), (1, 2)),
        (SubInt(3), 3), (SubFloat(2), 2.0), (SubStr("x"), "x"), (Number.ONE, 1),
        (OrderedDict(a=1), {"a": 1}),
    ],
    ids=lambda x: type(x).__name__,
)  # fmt: skip
def test_subclasses_of_json_types_never_get_to_their_encoder(x, plain):
    if type(x) is OrderedDict:
        deregister([OrderedDict], "OrderedDict")
    as_point(lambda x: ["custom"], type(x))
    assert encode(x) == encode(plain)


@pytest.mark.parametrize("base", [set, frozenset, bytes, complex])
def test_subclasses_of_other_types_get_there(base):
    kind = type("Sub", (base,), {})
    as_point(lambda x: ["custom"], kind)
    assert encode([kind()]) == f"[{written(json.dumps(['custom']))}]"


def test_names_may_be_anything_that_can_be_a_key():
    for name, text in ((5, "5"), (None, "null"), ("é", '"\\u00e9"'), (True, "true"), (1.5, "1.5")):
        register([Point], name=name, encode=lambda x: [], decode=Point)
        assert encode(Point()) == '{"__jsonclass__":[%s,[]]}' % text
        assert decode(encode(Point())) == Point()
        deregister([Point], name)


# ---- The result of an encoder ----


@pytest.mark.parametrize(
    "result",
    [
        [], [1, "a", None], (1, (2, [3])), "text", {"a": 1}, None, 5, 1.5,
        {1: 2, None: 3, False: 4, 1.5: 5, 1e16: 6}, {1: 2, "1": 3}, {Number.ONE: 1},
        {float("nan"): 1, float("-inf"): 2}, [SubDict({2: (3,)})], {"__jsonclass__": 1},
        [[{"b": 1, "a": ()}]], OrderedDict([(1, 2)]), {SubStr("k"): SubInt(1)}, {-(2**70): 1},
    ],
    ids=repr,
)  # fmt: skip
def test_the_result_is_written_as_json_writes_it(result):
    as_point(lambda x: result)
    tagged = {"__jsonclass__": ["point", result]}
    assert encode(Point()) == json.dumps(tagged, separators=(",", ":"))
    assert encode([Point()], True) == json.dumps([tagged], indent=4)


def test_wrap_protects_tuples_and_keys_in_the_result():
    as_point(lambda x: [wrap((1, {2: 3}))])
    assert decode(encode(Point())) == Point((1, {2: 3}))


def test_other_values_in_the_result_go_through_the_registry():
    as_point(
        lambda x: [{1}, 1j, b"x", slice((1,)), {"a": Fraction(1, 2)}] if x.arguments else [Point(1)]
    )
    assert decode(encode(Point())) == Point(
        Point({1}, 1j, b"x", slice((1,)), {"a": Fraction(1, 2)})
    )


def test_keys_of_the_result_must_be_those_of_json():
    as_point(lambda x: [{(1,): 2}])
    with pytest.raises(TypeError, match="^keys must be str, int, float, bool or None, not tuple$"):
        encode(Point())


def test_what_cannot_be_encoded_in_the_result_is_named():
    as_point(lambda x: [{"a": [object]}])
    with pytest.raises(
        TypeError, match="^`<class 'object'>`: Object of type `type` is not PYON encodable$"
    ):
        encode((Point(),))


@pytest.mark.parametrize("pretty", [False, True])
def test_results_that_lead_back_to_themselves(pretty):
    endless = []
    endless.append({"a": endless})
    for result in (
        lambda x: x,
        lambda x: [x],
        lambda x: {"a": [x]},
        lambda x: endless,
        lambda x: [{x}],
    ):
        as_point(result)
        with pytest.raises(ValueError, match="^Circular reference detected$"):
            encode([Point()], pretty)
        deregister([Point], "point")
    as_point(lambda x: [Point()])
    with pytest.raises(RecursionError):
        encode(Point(), pretty)
    assert encode([1], pretty) == json.dumps([1], indent=4 if pretty else None)


def test_the_same_object_twice_is_no_cycle():
    shared = Point(1)
    as_point(lambda x: list(x.arguments))
    assert encode([shared, shared, Point(shared, shared)]).count('["point",[1]]') == 4
    empty = []
    for x in (Point({"a": empty, "b": {"c": empty}}), [Point(empty, [empty, [empty]]), empty, (empty,)]):
        assert encode(x).count("[]") == encode(x, True).count("[]") > 1


@pytest.mark.parametrize("kind", ["list", "tuple", "dict"])
def test_results_may_be_as_deep_as_other_values(kind):
    as_point(lambda x: nest(kind, 900))
    for pretty in (False, True):
        assert encode(Point(), pretty)


def test_a_container_that_has_become_empty_is_no_cycle():
    """json looks for cycles where there are members."""
    for whole in ({"a": Point()}, [Point()]):

        def clear(x):
            whole.clear()
            return whole

        as_point(clear)
        pyon._encode_map[Holder] = "holder", lambda x: whole
        assert encode(Holder()).count("point") == 1
        del pyon._encode_map[Holder]
        deregister([Point], "point")


def test_a_cycle_comes_before_an_unknown_type():
    def vanish(x):
        deregister([Point], "point")
        return x

    as_point(vanish)
    with pytest.raises(ValueError, match="^Circular reference detected$"):
        encode(Point())


class Holder:
    pass


class PlainDict(dict):
    """A subclass without methods of its own; its instances have attributes."""


@pytest.mark.parametrize("kind", [PlainDict, OrderedDict])
@pytest.mark.parametrize("items", [[1, 2], [("a",)], [("x", 9)], [([], 1)], [("a", 1), ("a", 2)]])
def test_items_that_are_hidden_on_the_instance_count(kind, items):
    hidden = kind(a=1)
    hidden.items = lambda: items
    try:
        wanted = {key: value for key, value in items}
    except (TypeError, ValueError) as error:
        with pytest.raises(type(error)):
            pyon.encode(hidden)
    else:
        assert pyon.encode(hidden) == json.dumps(wanted, separators=(",", ":"))
    assert pyon.encode(kind(a=1)) == '{"a":1}'
