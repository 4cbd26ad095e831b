"""Arrays and scalars whose base64 is decoded right from the text, before it is read as a string.

The value must be the same as by the long way: version 2 with a keyword argument goes through
`json`, and there through the decoders in Python.
"""

import base64
import json
import random
import sys
import threading

import pytest

np = pytest.importorskip("numpy")

from fastpyon import pyon, pyon_v1, stream  # noqa: E402

ARRAY = np.arange(7, dtype="<f8")
DATA = base64.b64encode(ARRAY.tobytes()).decode()


def outcome(function, *args, **kwargs):
    """The value, in a form that can be compared, or the error."""
    try:
        value = function(*args, **kwargs)
    except Exception as error:
        return type(error), str(error)
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes(), value.flags.writeable
    return type(value), repr(value)


def check(text):
    assert outcome(pyon.decode, text) == outcome(pyon.decode, text, parse_constant=float)


def tagged(name, *args):
    return '{"__jsonclass__":["%s",[%s]]}' % (name, ",".join(args))


@pytest.mark.parametrize("shape", ["[7]", "[7,1]", "[1,7]", "[6]", "[8]", "[-7]", "[]", "[0]", "[7.0]",
                                   "7", "[14]", "[100000000000000000000]", "[4611686018427387904,4]",
                                   "null", '["7"]', "[true]", "[3037000500,3037000500]"])  # fmt: skip
@pytest.mark.parametrize("dtype", ['"<f8"', '">f8"', '"<i4"', '"|V8"', '"O"', '"x"', '""', "8", '"<f8\\u0000"',
                                   '"<U2"', '"|S56"', '"M8[s]"'])  # fmt: skip
def test_any_shape_and_dtype(shape, dtype):
    check(tagged("nparray", shape, dtype, f'"{DATA}"'))


@pytest.mark.parametrize("shape", ["[0]", "[0,3]", "[0,-1]", "[-1,0]", "[-1]", "[4611686018427387904,4]",
                                   "[0,4611686018427387904,4]", "[3]", "[]"])  # fmt: skip
@pytest.mark.parametrize("dtype", ['"<f8"', '"|V0"', '"|S0"', '"<U0"', '"<f08"', '"|S02"'])
def test_any_shape_and_dtype_of_no_data(shape, dtype):
    check(tagged("nparray", shape, dtype, '""'))


@pytest.mark.parametrize("module", [pyon, pyon_v1])
def test_a_text_that_ends_before_a_large_payload(module):
    for shape in ("7", "100000000", "100000000000"):
        for begun in (f'{{"__jsonclass__":["nparray",[[{shape}],"<f8",', f'nparray(({shape},), "<f8", b'):
            for end in ("", '"', '"AAAA', "'", "'A"):
                with pytest.raises(ValueError if module is pyon else SyntaxError):
                    module.decode(begun + end)


def payloads():
    yield from (DATA, "", DATA[:-1], DATA[:-4], DATA + "AAAA", DATA + "=", DATA[:-1] + "A")
    yield from (DATA.replace("A", "\\u0041", 1), DATA.replace("/", "\\/"), "é" + DATA, DATA[:5] + "\\n" + DATA[5:])
    yield from (DATA[:10] + " " + DATA[10:], DATA[:-2] + "B=", DATA[:10] + '\\"' + DATA[11:])
    rng = random.Random(1)
    for _ in range(300):
        i = rng.randrange(len(DATA))
        yield DATA[:i] + rng.choice(["!", "\\\\", "-", "_", "=", "\x7f", "\\u00e9", "", "AA"]) + DATA[i + 1 :]


def test_any_payload():
    for data in payloads():
        check(tagged("nparray", "[7]", '"<f8"', f'"{data}"'))
        check(tagged("npscalar", '"<f8"', f'"{data[-12:]}"'))
        check(tagged("npscalar", '"<f8"', f'"{data[:12]}"'))


@pytest.mark.parametrize("behind", [", 1", " ", "\n", '"AAAA"', "]", "]]", ",", "}", " , null", ":", "x"])
def test_whatever_follows(behind):
    text = tagged("nparray", "[7]", '"<f8"', f'"{DATA}"')
    assert text.endswith('"]]}')
    check(text[:-3] + behind + "]]}")
    check(text[:-3] + behind)
    check(text[:-1] + ', 5]}')
    check(text[:-1] + ', "a": 1}')
    check(text.replace('"nparray"', '"nparray" '))
    check(text.replace(",", " ,\n   "))


def test_cut_anywhere():
    text = tagged("nparray", "[7]", '"<f8"', f'"{DATA}"')
    for end in range(len(text)):
        with pytest.raises(json.JSONDecodeError) as expected:
            json.loads(text[:end])
        with pytest.raises(json.JSONDecodeError) as raised:
            pyon.decode(text[:end])
        assert raised.value.args == expected.value.args


@pytest.mark.parametrize(
    "text",
    [
        f"nparray((7,), '<f8', b'{DATA}')",
        f'nparray((7,), "<f8", b"{DATA}")',
        f'nparray( (7,) ,"<f8",b"{DATA}" )',
        f'nparray((7,), "<f8", B"{DATA}",)',
        f'nparray((7,), "<f8", b"{DATA[:8]}" b"{DATA[8:]}")',
        f'nparray((7,), "<f8", b"{DATA}" b"")',
        f'nparray((7,), "<f8", b"""{DATA}""")',
        f'nparray((7,), "<f8", "{DATA}")',
        f'nparray((7,), "<f8", (b"{DATA}"))',
        f'nparray((7,), "<f8", rb"{DATA}")',
        f'nparray([7], "<f8", b"\\x41{DATA[1:]}")',
    ],
)
def test_version_1(text):
    assert outcome(pyon_v1.decode, text) == outcome(lambda: ARRAY.copy())
    assert pyon_v1.decode(f"[{text}, 1]")[1] == 1


@pytest.mark.parametrize("text", ['nparray((7,), "<f8", b"%s"', 'nparray((7,), "<f8", b"%s")b""',
                                  'nparray((7,), "<f8", b"%s\')', 'nparray((7,), "<f8", b"%s" "")'])  # fmt: skip
def test_version_1_errors(text):
    with pytest.raises(SyntaxError):
        pyon_v1.decode(text % DATA)


def test_other_constructors_get_the_text(monkeypatch):
    text = tagged("nparray", "[7]", '"<f8"', f'"{DATA}"')
    monkeypatch.setitem(pyon._decode_map, "nparray", lambda *args: args)
    assert pyon.decode(text) == ([7], "<f8", DATA)
    monkeypatch.setitem(pyon_v1._eval_dict, "nparray", lambda *args: args)
    assert pyon_v1.decode(f'nparray((7,), "<f8", b"{DATA}")') == ((7,), "<f8", DATA.encode())


@pytest.mark.parametrize("dtype", ["|b1", "<i2", ">i2", "|i1", "<f8", "<c16", "|S3", "<U1", "|V2"])
@pytest.mark.parametrize("byte", [0, 1, 2, 0x7F, 0xFF])
def test_a_constructor_that_is_exchanged_behind_the_payload_gets_the_text(monkeypatch, dtype, byte):
    """Whatever has been made of it already."""
    text = base64.b64encode(bytes([byte]) * np.dtype(dtype).itemsize).decode()
    begun = [("npscalar", f'"{dtype}","{text}"', (dtype, text)),
             ("nparray", f'[1],"{dtype}","{text}"', ([1], dtype, text)),
             ("bytes", f'"{text}"', (text,))]  # fmt: skip
    for name, arguments, expected in begun:
        decoder = stream.Decoder()
        decoder.feed(f'{{"__jsonclass__":["{name}",[{arguments}')
        with monkeypatch.context() as patch:
            patch.setitem(pyon._decode_map, name, lambda *args: args)
            decoder.feed("]]}")
        assert next(decoder) == expected


@pytest.mark.parametrize("payload", [DATA, DATA.encode()], ids=["str", "bytes"])
def test_a_constructor_of_version_1_that_is_exchanged_after_the_payload_gets_the_literal(monkeypatch, payload):
    decoder = stream.Decoder(pyon_v1)
    decoder.feed(f'nparray((7,), "<f8", {payload!r}'.replace("'", '"'))
    with monkeypatch.context() as patch:
        patch.setitem(pyon_v1._eval_dict, "nparray", lambda *args: args)
        decoder.feed(")\n")
    assert next(decoder) == ((7,), "<f8", payload)


class Key:
    """A key of a dict, whose hash is a function of the program."""

    def __init__(self, hash):
        self.hash = hash

    def __hash__(self):
        self.hash()
        return 1


@pytest.mark.parametrize("before", ["", "key, "])
def test_a_constructor_that_is_exchanged_between_two_calls(monkeypatch, before):
    """By the hash of a value of the program, for which version 1 has a name."""
    call = f'nparray((7,), "<f8", b"{DATA}")'

    def exchange():
        monkeypatch.setitem(pyon_v1._eval_dict, "nparray", lambda *args: "mine")

    monkeypatch.setitem(pyon_v1._eval_dict, "nparray", pyon_v1._eval_dict["nparray"])
    monkeypatch.setitem(pyon_v1._eval_dict, "key", Key(exchange))
    value = pyon_v1.decode(f"[{before}{call}, {{key: 1}}, {call}]")
    assert (value[-3] == ARRAY).all()
    assert value[-1] == "mine"


@pytest.mark.parametrize("arguments, expected", [("[1,2]", ([1, 2],)), ("[[1,2],[]]", ([1, 2], [])),
                                                 ("[1,[2]]", (1, [2])), ("[]", ())])  # fmt: skip
def test_a_tuple_that_is_exchanged_after_its_list_gets_the_list(monkeypatch, arguments, expected):
    """A tuple is made of the list at once, if it is the only argument."""
    if len(expected) == 1:
        arguments = f"[{arguments}]"
    decoder = stream.Decoder()
    decoder.feed('{"__jsonclass__":["tuple",' + arguments)
    with monkeypatch.context() as patch:
        patch.setitem(pyon._decode_map, "tuple", lambda *args: args)
        decoder.feed("]}")
    assert next(decoder) == expected


def test_bytes_may_have_a_second_argument():
    """Their decoder is base64.b64decode, which takes other characters for + and / there."""
    assert pyon.decode(tagged("bytes", '"AA-_"', '"-_"')) == base64.b64decode("AA-_", "-_")
    for arguments in (["1", '"AA=="'], ['"AA=="', "1"]):
        with pytest.raises(TypeError):
            pyon.decode(tagged("bytes", *arguments))


@pytest.mark.parametrize("call", [f'nparray((7,), "<f8", b"{DATA}", %s)', 'npscalar("<f8", b"AAAAAAAAAAA=", %s)'])
@pytest.mark.parametrize("more", ["x=1", "data=1", "**{'x': 1}", "1"])
def test_a_payload_before_an_argument_too_many_is_no_value(call, more):
    with pytest.raises((TypeError, SyntaxError)):
        pyon_v1.decode(call % more)


def others_run(function):
    """Does another thread run while ``function`` does? It cannot by the clock, only if it is let."""
    interval = sys.getswitchinterval()
    go, ran = threading.Lock(), []
    go.acquire()

    def other():
        with go:
            ran.append(True)

    thread = threading.Thread(target=other)
    thread.start()
    sys.setswitchinterval(1000)
    try:
        go.release()
        for _ in range(200):
            function()
            if ran:
                return True
        return False
    finally:
        sys.setswitchinterval(interval)
        thread.join()


def test_others_run_beside_a_large_array():
    small, large = np.zeros(10**5), np.zeros(5 * 10**6)
    for module in pyon, pyon_v1:
        text = module.encode(large)
        assert others_run(lambda: module.encode(large))
        assert others_run(lambda: module.decode(text))
    if getattr(sys, "_is_gil_enabled", lambda: True)():  # else they run at any time
        assert not others_run(lambda: pyon.encode(small))
