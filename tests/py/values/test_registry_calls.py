"""Custom encoders and decoders of PYON v2 may do nearly anything when they are called."""

import gc
from collections import OrderedDict

import pytest

from describe import describe
from fastpyon import pyon, stream
from fastpyon.pyon import decode, deregister, encode
from point import Point, as_point, written

pytestmark = pytest.mark.usefixtures("clean_maps")


# ---- Encoders ----


class Failure(Exception):
    pass


@pytest.mark.parametrize(
    "error",
    [Failure, KeyError, TypeError, AssertionError, MemoryError, KeyboardInterrupt, RecursionError],
)
@pytest.mark.parametrize("pretty", [False, True])
def test_the_exception_of_an_encoder_comes_out_as_it_is(error, pretty):
    raised = error("mine")

    def fail(x):
        raise raised

    as_point(fail)
    for x in (Point(), [1, {"a": (Point(),)}], {Point(): 1}, {Point()}, OrderedDict(a=Point())):
        with pytest.raises(error) as caught:
            encode(x, pretty)
        assert caught.value is raised
    assert encode([1]) == "[1]"


def test_a_stop_iteration_ends_no_text():
    """A generator makes a RuntimeError of it: of the reference's pretty layout, and of text in pieces."""

    def stop(x):
        raise StopIteration("mine")

    as_point(stop)
    for x in (Point(), [1, {"a": (Point(),)}], [[1.5] * 1000, Point()]):
        with pytest.raises(StopIteration, match="mine"):
            encode(x)
        for pretty in (False, True):
            for size in (10, 100000):
                with pytest.raises(RuntimeError, match="StopIteration") as caught:
                    b"".join(stream.iterencode(x, pretty=pretty, size=size))
                assert isinstance(caught.value.__cause__, StopIteration)
        with pytest.raises(RuntimeError, match="^generator raised StopIteration$"):
            encode(x, True)


@pytest.mark.parametrize("encoder", [None, 5, lambda: [], lambda x, y: []])
def test_an_encoder_that_cannot_be_called(encoder):
    as_point(encoder)
    with pytest.raises(TypeError):
        encode(Point())


LIST_CHANGES = [list.clear, lambda x: x.extend([7] * 1000), list.pop, list.reverse]
DICT_CHANGES = [dict.clear, lambda x: x.update(new=1), dict.popitem, lambda x: x.update(b=0)]


@pytest.mark.parametrize(
    "whole, change",
    [
        *[([[1], Point(), [2], [3]], change) for change in LIST_CHANGES],
        *[({"a": Point(), "b": [2], "c": [3]}, change) for change in DICT_CHANGES],
        *[({1: Point(), "b": [2], "c": [3]}, change) for change in DICT_CHANGES],
        ({Point(1), Point(2), Point(3)}, set.clear),
        (OrderedDict(a=Point(), b=[2]), OrderedDict.clear),
        ([[Point()], [2]], lambda x: x[1].clear()),
        ({"a": (Point(),), "b": {1: 2}}, lambda x: x["b"].clear()),
    ],
)
def test_an_encoder_that_changes_what_it_is_in_changes_the_text_no_more(whole, change):
    def constant(x):
        return ["constant"]

    def changing(x):
        change(whole)
        gc.collect()
        return ["constant"]

    as_point(constant)
    text, description = encode(whole), describe(whole)
    deregister([Point], "point")
    as_point(changing)
    assert encode(whole) == text
    assert describe(whole) != description


@pytest.mark.parametrize("pretty", [False, True])
@pytest.mark.parametrize("change", DICT_CHANGES[:3])
def test_a_dict_that_an_encoder_returned_is_written_as_it_was(change, pretty):
    """From Python 3.13 on, json iterates over the dict itself: the text of the reference depends on the version."""
    result = {"a": Point("inner"), "b": [2]}

    def changing(x):
        if x.arguments == ("outer",):
            return [result]
        change(result)
        return []

    as_point(changing)
    text = encode(Point("outer"), pretty)
    assert "".join(text.split()) == written('[{"a":%s,"b":[2]}]' % written("[]"))
    assert result != {"a": Point("inner"), "b": [2]}


def test_an_error_carries_no_notes():
    """The json of Python 3.14 adds notes, with the repr of each key on the way: that may have errors of its own."""

    class Key(str):
        def __repr__(self):
            raise KeyError("of the key")

    with pytest.raises(TypeError, match="is not PYON encodable") as caught:
        encode({Key("a"): object()})
    assert not hasattr(caught.value, "__notes__")


def test_an_encoder_that_encodes():
    as_point(lambda x: [encode((1, {2: 3}))])
    assert decode(decode(encode(Point())).arguments[0]) == (1, {2: 3})


def test_an_encoder_that_deregisters_itself():
    def once(x):
        deregister([Point], "point")
        gc.collect()
        return ["last"]

    as_point(once)
    assert encode(Point()) == written('["last"]')
    as_point(once)
    with pytest.raises(TypeError, match="Object of type `Point` is not PYON encodable"):
        encode([Point(), Point()])


def test_an_encoder_that_replaces_the_encoder_of_another_type():
    def replace(x):
        pyon._encode_map[set] = "set", lambda x: ["replaced"]
        pyon._encode_map[pyon._Tuple] = "tuple", lambda x: ["replaced"]
        return []

    as_point(replace)
    replaced = '{"__jsonclass__":["%s",["replaced"]]}'
    assert encode([Point(), {1}]) == f"[{written('[]')},{replaced % 'set'}]"
    assert encode((1,)) == replaced % "tuple"


# ---- Decoders ----


@pytest.mark.parametrize(
    "arguments, got",
    [
        ("[]", ()), ("[1, 2]", (1, 2)), ('"ab"', ("a", "b")), ('{"x": 1, "y": 2}', ("x", "y")),
        ('{"__jsonclass__": ["tuple", [[1, 2]]]}', (1, 2)),
        ('[{"__jsonclass__": ["tuple", [[1]]]}, [2]]', ((1,), [2])),
        ('[{"__jsonclass__": ["point", [3]]}]', (Point(3),)),
    ],
)  # fmt: skip
def test_decoders_get_the_arguments_however_they_are_written(arguments, got):
    as_point(None)
    assert decode(written(arguments)).arguments == got


@pytest.mark.parametrize("arguments", ["null", "5", "true", "1.5"])
def test_arguments_that_are_not_iterable(arguments):
    as_point(None, decoder=lambda *x: x)
    with pytest.raises(TypeError, match=r"after \* must be an iterable"):
        decode(written(arguments))


def test_decoders_may_return_anything():
    for value in (None, [], NotImplemented, Point):
        pyon._decode_map["point"] = lambda *x: value
        assert decode(f"[{written('[1]')}]") == [value]


@pytest.mark.parametrize("error", [Failure, KeyError, TypeError, KeyboardInterrupt, MemoryError])
def test_the_exception_of_a_decoder_comes_out_as_it_is(error):
    raised = error("mine")

    def fail(*x):
        raise raised

    as_point(None, decoder=fail)
    with pytest.raises(error) as caught:
        decode(f'[1, {{"a": [2, {written("[[3]]")}]}}]')
    assert caught.value is raised
    assert decode("[1]") == [1]


def test_decoders_are_called_from_the_inside_out_and_from_left_to_right():
    calls = []
    as_point(None, decoder=lambda *x: calls.append(x) or len(calls))
    text = f"[{written('[10]')}, {written('[' + written('[20]') + ', 21]')}]"
    assert decode(text) == [1, 3]
    assert calls == [(10,), (20,), (2, 21)]


def test_a_decoder_that_deregisters_itself_or_decodes():
    as_point(
        None, decoder=lambda *x: deregister([Point], "point") or gc.collect() and "last" or "last"
    )
    assert decode(written("[1]")) == "last"
    as_point(None, decoder=lambda text: decode(text))
    assert decode(written('["[1, 2]"]')) == [1, 2]


@pytest.mark.parametrize("name", ["tuple", "set", "dict", "bytes", "complex", "Fraction"])
def test_a_decoder_that_replaces_the_decoder_of_another_type(monkeypatch, name):
    """A function that was looked up before a call is looked up again after it."""
    arguments = {"complex": "1.0, 2.0", "Fraction": "1, 2", "bytes": '""'}.get(name, "[]")
    call = f'{{"__jsonclass__": ["{name}", [{arguments}]]}}'
    text = f"[{call}, {call}, {written('[]')}, {call}, [{call}]]"
    one = decode(call)
    monkeypatch.setitem(pyon._decode_map, name, pyon._decode_map[name])

    def replace():
        pyon._decode_map[name] = lambda *arguments: "replaced"

    as_point(None, decoder=replace)
    assert decode(text) == [one, one, None, "replaced", ["replaced"]]
    decoder = stream.Decoder()
    decoder.feed(text)
    assert list(decoder) == [["replaced", "replaced", None, "replaced", ["replaced"]]]


def test_a_decoder_that_cannot_be_called():
    as_point(None, decoder=None)
    with pytest.raises(TypeError, match="'NoneType' object is not callable"):
        decode(written("[1]"))


LONG = ", ".join(["0.25"] * 2000)


@pytest.mark.parametrize("enabled", [True, False])
def test_decoders_see_the_collector_as_it_is(monkeypatch, enabled):
    seen = []
    monkeypatch.setitem(pyon._decode_map, "Seen", lambda: seen.append(gc.isenabled()))
    text = '[{"__jsonclass__": ["Seen", []]}, %s, {"__jsonclass__": ["Seen", []]}]' % LONG
    (gc.enable if enabled else gc.disable)()
    try:
        pyon.decode(text)
        assert gc.isenabled() == enabled
    finally:
        gc.enable()
    assert seen == [enabled, enabled]


@pytest.mark.parametrize("enabled", [True, False])
def test_hashing_what_came_in_an_earlier_piece_sees_the_collector_as_it_is(enabled):
    seen = []

    class Hashed:
        def __hash__(self):
            seen.append(gc.isenabled())
            return 0

    as_point(None, decoder=Hashed)
    decoder = stream.Decoder()
    decoder.feed('{"__jsonclass__": ["set", [[' + written("[]"))
    (gc.enable if enabled else gc.disable)()
    try:
        decoder.feed(f", {LONG}]]]}}")
        assert gc.isenabled() == enabled
    finally:
        gc.enable()
    assert len(next(decoder)) == 2 and seen == [enabled]


def test_a_decoder_may_stop_the_collector(monkeypatch):
    monkeypatch.setitem(pyon._decode_map, "Stop", gc.disable)
    try:
        pyon.decode('[%s, {"__jsonclass__": ["Stop", []]}, %s]' % (LONG, LONG))
        assert not gc.isenabled()
    finally:
        gc.enable()


@pytest.mark.parametrize("key", [5, (1, 2)])
def test_wrap_of_a_dict_that_gets_other_keys(key):
    """After its keys have been looked at, as another thread may do. A key that is no str would become one."""

    class Changing:
        @property
        def __class__(self):
            x.pop("b", None)
            x[key] = 1
            return Changing

    x = {"a": Changing(), "b": 2}
    with pytest.raises(RuntimeError, match="keys changed"):
        pyon.wrap(x)
    assert pyon.wrap({"a": 1, "b": (2,)})["a"] == 1
