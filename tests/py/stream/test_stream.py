"""Decoder: values come out as from decode(), wherever the pieces of the text end."""

import gc
import io
import json
import pickle
import random
import weakref
from fractions import Fraction

import pytest

from fastpyon import pyon, pyon_v1, stream
from fastpyon.stream import DecodeError, Decoder, LimitError, TruncatedError
from systems import asks_for_terabytes

try:
    import numpy as np
except ImportError:
    np = None

VALUES = [
    None, True, 0, -12, 2**70, 1.5, -0.0, 1e300, float("inf"), float("nan"), 1 - 2j, "", "text", "é\u20ac\U0001f600",
    "\ud800", 'a"b\\c\n' * 20, b"", b"bytes\x00\xff" * 9, [], [1], [[], [[]]], (), (1,), ((), (1, (2,))), {1, 2},
    {}, {"a": 1, "b": {"c": (1,)}}, {1: 2, (3,): 4}, slice(1, None, 2), Fraction(1, 3), list(range(300)),
    [0.1, 1e-7, 123456.789] * 50, "x" * 3000,
]  # fmt: skip
if np:
    VALUES += [np.arange(5), np.zeros((2, 0, 3)), np.arange(700).reshape(7, 100), np.array(1.5), np.float32(2.5),
               np.array([True, False]), np.array(["a", "bc"]), np.array([1 + 2j])]  # fmt: skip
SIZES = [1, 2, 3, 7, 64, 1000, 10**9]


def pieces_of(text, size):
    return [text[i : i + size] for i in range(0, len(text), size)]


def decode_all(dialect, pieces, **limits):
    """The values of a whole stream."""
    decoder = Decoder(dialect, **limits)
    values = []
    for piece in pieces:
        decoder.feed(piece)
        values.extend(decoder)
    decoder.close()
    return values + list(decoder)


@pytest.mark.parametrize("lines", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_all_types_in_pieces(dialect, size, lines):
    texts = [dialect.encode(x) for x in VALUES]
    for text in "\n".join(texts), "\n".join(texts).encode():
        values = decode_all(dialect, pieces_of(text, size), lines=lines)
        assert [dialect.encode(x) for x in values] == texts
        assert list(map(type, values)) == list(map(type, VALUES))


@pytest.mark.parametrize("size", SIZES)
def test_pretty_in_pieces(dialect, size):
    texts = [dialect.encode(x, True) for x in VALUES]
    values = decode_all(dialect, pieces_of("\n".join(texts), size))
    assert [dialect.encode(x, True) for x in values] == texts


@pytest.mark.parametrize("separator", ["", " ", "\n", "\r\n", "\n\n  \t", "\r"])
@pytest.mark.parametrize("size", SIZES)
def test_no_separator_is_needed(dialect, separator, size):
    values = [[1], "a", {"b": 2}, (3,), "", [], 1j, {4}, "c"]
    text = separator.join(map(dialect.encode, values))
    assert decode_all(dialect, pieces_of(text, size)) == values


def test_a_value_comes_with_its_last_byte(dialect):
    for value in VALUES:
        decoder = Decoder(dialect)
        text = dialect.encode(value)
        decoder.feed(text[:-1])
        assert decoder.ready == 0
        decoder.feed(text[-1:])
        # A number, a name, or an empty string of version 1 may continue: it waits for a byte more.
        expected = text[-1] in "]})" or (text[-1] in "\"'" and text not in ('""', "b''"))
        assert decoder.ready == 1 or not expected, text
        decoder.feed("\n")
        assert dialect.encode(next(decoder)) == text


def test_random_texts_and_pieces(dialect):
    rng = random.Random(5)
    for _ in range(300):
        values = [rng.choice(VALUES) for _ in range(rng.randrange(8))]
        texts = [dialect.encode(x, rng.random() < 0.2) for x in values]
        # In version 1, "1 -2" is a difference.
        separators = ["\n", "\r\n", "\n \n"] + [" "] * (dialect is pyon)
        text = "".join(t + rng.choice(separators) for t in texts).encode()
        cuts = sorted(rng.randrange(len(text) + 1) for _ in range(rng.randrange(12)))
        pieces = [text[i:j] for i, j in zip([0, *cuts], [*cuts, len(text)])]
        decoded = decode_all(dialect, pieces)
        assert list(map(dialect.encode, decoded)) == list(map(dialect.encode, values))


def test_version_1_at_the_top():
    text = '1 2 1+2j (1+2j)-(1)  "a""b" nan None\n# comment\nFraction(1, 2)5 {1}{}'
    for size in SIZES:
        values = decode_all(pyon_v1, pieces_of(text, size))
        wanted = [1, 2, 1 + 2j, 1 + 2j, -1, "a", "b", float("nan"), None, Fraction(1, 2), 5, {1}, {}]
        assert repr(values) == repr(wanted)


def test_what_a_cut_string_is_says_nothing_of_the_next_one():
    """Cut after its quote, nothing of it has been read. The next one is long, and at the end of its piece."""
    for first in "b'a'", "rb'\\n'", "b''", "r'\\n'", "''", "b'\\n'":
        for second in '"a%s"', "'\\n%s'", "'é%s'", "b'\\n%s'", "r'\\n%s'":
            text = f"[{first}, {second % ('a' * 300)}]\n"
            value = repr([pyon_v1.decode(text)])
            for i in range(10):
                for j in (-1, -2, -3, len(text)):
                    assert repr(decode_all(pyon_v1, [text[:i], text[i:j], text[j:]])) == value, (text, i, j)


def test_pieces_may_be_anything_like_bytes(dialect):
    text = dialect.encode(["é", 1]).encode()
    for cls in bytes, bytearray, memoryview:
        assert decode_all(dialect, [cls(text[:4]), cls(text[4:])]) == [["é", 1]]
    for bad in 1, None, ["a"]:
        with pytest.raises(TypeError):
            Decoder(dialect).feed(bad)
    assert decode_all(dialect, ['["', "é", "", '"]']) == [["é"]]


# ---- Arrays ------------------------------------------------------------------------------------


def outcome(function, *args):
    try:
        value = function(*args)
    except Exception as error:
        return type(error) if not isinstance(error, (ValueError, SyntaxError)) else ValueError
    if np and isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes(), value.flags.writeable
    return repr(value)


def array_texts():
    yield from ("AQIDBAUGBwg=", "AQIDBAUGBwgJ", "AQIDBAUGBw==", "", "AQIDBAUG", "AQIDBAUGBwg", "AQIDBAUGBwh=",
                "AQ==BAUGBwg=", "AQIDBAUGB-g=", "A QIDBAUGBwg=", "AQIDBAUGBwg==", "AQID\\nBAUGBwg=", "é",
                "AQIDBAUG!Bwg=", "\\u0041QIDBAUGBwg=")  # fmt: skip


@pytest.mark.skipif(np is None, reason="arrays")
@pytest.mark.parametrize("payload", [*array_texts()])
def test_arrays_are_filled_while_they_come(payload):
    v2 = '{"__jsonclass__":["nparray",[[8],"|u1","%s"%s]%s]%s}'
    texts = [(pyon, v2 % (payload, *more)) for more in
             [("", "", ""), (",1", "", ""), ("", ",2", ""), ("", "", ',"x":[3]')]]  # fmt: skip
    v1 = 'nparray((8,), "|u1", b"%s"%s)'
    texts += [(pyon_v1, v1 % (payload, more)) for more in ["", " ", ", 1", ' b"AQ=="', ", x=1"]]
    texts += [(pyon_v1, v1.replace("b", prefix, 1) % (payload, "")) for prefix in ["", "rb", "Br"]]
    for dialect, text in texts:
        expected = outcome(dialect.decode, text)
        for size in [*range(1, 20), 1000]:
            got = outcome(lambda t: decode_all(dialect, pieces_of(t, size))[0], text)
            assert got == expected, (text, size)


@pytest.mark.skipif(np is None, reason="arrays")
@pytest.mark.parametrize("dtype", ["?", "<i2", ">i4", "<f8", "<c16", "S3", "<U2", "V3", ">f2", "g"])
@pytest.mark.parametrize("size", [1, 7, 4096])
def test_dtypes_of_arrays(dialect, dtype, size):
    array = np.frombuffer(np.random.RandomState(1).bytes(16 * 48 * 20) if dtype != "?" else b"\0\1" * 480, dtype=dtype)
    text = dialect.encode([array, array[:48].reshape(2, -1, 3)])
    (values,) = decode_all(dialect, pieces_of(text, size))
    for value, old in zip(values, [array, array[:48].reshape(2, -1, 3)]):
        assert (value.dtype, value.shape, value.tobytes()) == (old.dtype, old.shape, old.tobytes())
        assert value.flags.writeable


@asks_for_terabytes
@pytest.mark.skipif(np is None, reason="arrays")
def test_an_array_that_is_only_announced_takes_no_memory(dialect, true_memory):
    header = dialect.encode(np.zeros(1)).replace("[1]", "[%d]").replace("(1, )", "(%d, )")
    text = header[: header.index("AAAA")]
    for count in 10**9, 10**13, 10**17, 2**62, 10**30:
        decoder = Decoder(dialect)
        decoder.feed(text % count + "AAAA" * 10)
        with pytest.raises(TruncatedError):
            decoder.close()
        with pytest.raises(LimitError):
            decoder = Decoder(dialect, max_bytes=1000)
            decoder.feed(text % count + "AAAA" * 300)
            next(decoder)


# ---- Errors ------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_errors_know_the_offset_and_the_next_line_is_read(dialect, size):
    text = '[1]\n[2] $ [3]\n[4]\n{"a" 1}\n[5'
    decoder = Decoder(dialect)
    values = []
    for piece in pieces_of(text, size):
        while True:
            try:
                if not decoder.failed:
                    decoder.feed(piece)
                    piece = ""
                values.extend(decoder)
                break
            except DecodeError as error:
                values.append(error.offset)
                decoder.skip_line()
    assert values == [[1], [2], 8, [4], 23]
    assert decoder.offset == len(text)
    with pytest.raises(TruncatedError, match=r"truncated after 28 bytes, inside a list at depth 1") as e:
        decoder.close()
    assert e.value.offset == 28


def test_values_before_an_error_come_first(dialect):
    decoder = Decoder(dialect)
    decoder.feed("[1] [2] ] [3]\n[4]")
    assert decoder.ready == 2 and decoder.failed
    assert next(decoder) == [1] and next(decoder) == [2]
    for _ in range(2):
        with pytest.raises(DecodeError, match="at byte 8"):
            next(decoder)
        with pytest.raises(DecodeError, match="at byte 8"):
            decoder.feed("[5]")
    decoder.skip_line()
    assert list(decoder) == [[4]] and not decoder.failed
    decoder.skip_line()  # there is nothing to skip
    decoder.feed("[6]")
    assert list(decoder) == [[6]]


def test_what_a_constructor_raises(dialect):
    bad = {pyon: '{"__jsonclass__": ["Fraction", [1, 0]]}', pyon_v1: "Fraction(1, 0)"}[dialect]
    decoder = Decoder(dialect)
    decoder.feed(f"[1]\n[2, {bad}, 3]\n[4]\n")
    assert next(decoder) == [1]
    with pytest.raises(ZeroDivisionError):
        next(decoder)
    decoder.skip_line()
    assert list(decoder) == [[4]]
    decoder.close()


def test_names_that_are_not_known():
    decoder = Decoder(pyon_v1)
    decoder.feed("[1]\n[a_name_that_nobody_knows, 1]\n[2]\n")
    assert next(decoder) == [1]
    with pytest.raises(DecodeError, match="at byte 5"):
        next(decoder)
    decoder.skip_line()
    assert list(decoder) == [[2]]


@pytest.mark.parametrize("size", SIZES)
def test_lines_break_off_values(dialect, size):
    lines = ["[1]", "[1, [2", "[3]", '["abc', "", "[4]", "1", "nul", '"x"', dialect.encode({"a": 1})[:-1], "[5]"]
    decoder = Decoder(dialect, lines=True)
    values = []
    for piece in pieces_of("\n".join(lines), size):
        while True:
            try:
                if piece and not decoder.failed:
                    decoder.feed(piece)
                    piece = ""
                values.extend(decoder)
                break
            except (DecodeError, NameError):
                values.append("error")
                decoder.skip_line()
    assert values == [[1], "error", [3], "error", [4], 1, "error", "x", "error", [5]]


@pytest.mark.parametrize("size", SIZES)
def test_limits(dialect, size):
    text = dialect.encode(["x" * 10, 1.5, (1, 2)]) + "\n"
    length = len(text) - 1
    pieces = pieces_of(f"  \n{text}[1]\n{text}", size)
    assert len(decode_all(dialect, pieces, max_bytes=length)) == 3
    with pytest.raises(LimitError, match=f"more than {length - 1} bytes"):
        decode_all(dialect, pieces, max_bytes=length - 1)
    assert decode_all(dialect, pieces_of("[[[]]]", size), max_depth=3) == [[[[]]]]
    with pytest.raises(LimitError, match="more than 2 open brackets at byte 2"):
        decode_all(dialect, pieces_of("[[[]]]", size), max_depth=2)
    for text in '"' + "x" * 100, "[" + "1" * 100, "[" + "1," * 100, " [" + " " * 100:
        with pytest.raises(LimitError):
            decode_all(dialect, pieces_of(text, size), max_bytes=50)


@pytest.mark.parametrize("most, place", [(5, "a list at depth 1"), (12, "a list at depth 3"), (18, "at depth 2")])
def test_a_value_that_is_too_large_is_not_read_further(dialect, most, place):
    """Plain text is read far ahead, but not here: the error says where the value became too large."""
    decoder = Decoder(dialect, max_bytes=most)
    decoder.feed('[1,2,{"a":[3,4],"b":5,"c":6}]')
    with pytest.raises(LimitError, match=f"more than {most} bytes: 29 so far, inside .*{place}"):
        next(decoder)


@pytest.mark.parametrize("limit", [0, -1])
def test_limits_that_make_no_sense(limit):
    for name in "max_bytes", "max_depth":
        with pytest.raises(ValueError, match=name):
            Decoder(**{name: limit})
    with pytest.raises(TypeError):
        Decoder(max_bytes="1")
    with pytest.raises(TypeError, match="dialect"):
        Decoder(json)


def test_every_prefix_is_truncated_or_a_value(dialect):
    for value in VALUES:
        text = dialect.encode(value)[:300]
        for i in range(1, len(text)):
            decoder = Decoder(dialect)
            try:
                decoder.feed(text[:i])
                decoder.close()
                assert len(list(decoder)) == 1
            except TruncatedError as error:
                assert error.offset == len(text[:i].encode("utf-8", "surrogatepass"))
            except DecodeError as error:
                # A name that is cut is another name, and that of a constructor no value.
                assert dialect is pyon_v1 and text[:i].isidentifier() and "name" in str(error)


def test_close(dialect):
    decoder = Decoder(dialect)
    decoder.feed("[1]12")
    assert list(decoder) == [[1]]
    decoder.close()
    decoder.close()
    assert list(decoder) == [12]
    with pytest.raises(ValueError, match="closed"):
        decoder.feed("1")
    Decoder(dialect).close()
    decoder = Decoder(dialect)
    decoder.feed("12\n[")
    decoder.close()
    assert next(decoder) == 12
    with pytest.raises(TruncatedError):
        next(decoder)
    decoder = Decoder(dialect)
    decoder.feed("[")
    with pytest.raises(TruncatedError):
        decoder.close()


def test_errors_can_be_pickled():
    for cls in DecodeError, LimitError, TruncatedError:
        error = pickle.loads(pickle.dumps(cls("what", 5)))
        assert (type(error), str(error), error.offset) == (cls, "what", 5)


@pytest.mark.skipif(np is None, reason="arrays")
def test_going_on_after_an_array_that_is_cut_off(dialect):
    text = dialect.encode(np.zeros(10000))
    for end in "", "\n":
        decoder = Decoder(dialect, lines=True)
        decoder.feed(text[:200] + end)
        with pytest.raises(DecodeError):
            decoder.close()
            next(decoder)
        decoder.skip_line()
    decoder = Decoder(dialect, max_bytes=len(text) + 10)
    decoder.feed("[" + " " * 9 + text[:200])
    decoder.feed(text[200:])
    with pytest.raises(LimitError):
        decoder.feed("  ")
        next(decoder)
    decoder.skip_line()
    decoder.feed("\n[1]")
    assert next(decoder) == [1]


# ---- Code of others ----------------------------------------------------------------------------


def test_a_decoder_is_used_by_one_at_a_time(clean_maps):
    decoder = Decoder()
    errors = []

    def construct(x):
        for use in (lambda: decoder.feed("1"), decoder.close, lambda: decoder.read_from(0)):
            with pytest.raises(RuntimeError) as e:
                use()
            errors.append(str(e.value))
        decoder.skip_line()
        return x

    pyon._decode_map["construct"] = construct
    decoder.feed('{"__jsonclass__":["construct",[5]]}6 ')
    assert list(decoder) == [5, 6] and len(errors) == 3


def test_constructors_may_change_between_pieces(clean_maps):
    decoder = Decoder()
    decoder.feed('[{"__jsonclass__":["tuple",[[1]]]},{"__jsonclass__":["tuple",[[1,')
    pyon._decode_map["tuple"] = lambda x: ("changed", x)
    decoder.feed("2]]]}]")
    assert next(decoder) == [(1,), ("changed", [1, 2])]


@pytest.mark.parametrize("error", [StopIteration, StopAsyncIteration, EOFError, KeyboardInterrupt])
def test_what_ends_more_than_a_value(clean_maps, error):
    def construct():
        raise error

    pyon._decode_map["construct"] = construct
    decoder = Decoder()
    text = '[1]\n{"__jsonclass__":["construct",[]]}\n[2]\n'
    if error is KeyboardInterrupt:
        with pytest.raises(KeyboardInterrupt):  # at once, and not when somebody takes the value
            decoder.feed(text)
    else:
        decoder.feed(text)
    assert next(decoder) == [1]
    with pytest.raises(EOFError if error is EOFError else RuntimeError):
        next(decoder)
    decoder.skip_line()
    assert list(decoder) == [[2]]
    path = io.BytesIO(text.encode())
    if error is EOFError:
        reader = stream.Reader(path)
        assert next(reader) == [1]
        with pytest.raises(EOFError):
            next(reader)
        reader.skip_line()
        assert list(reader) == [[2]]


def test_modules_may_be_reloaded(python):
    python("""
import gc, importlib
import fastpyon.pyon
from fastpyon import stream
decoder = stream.Decoder()
decoder.feed("[")
importlib.reload(fastpyon.pyon)
gc.collect()
others = [dict.fromkeys(range(50)) for _ in range(1000)]
decoder.feed('{"__jsonclass__":["tuple",[[1,2]]]}]')
assert list(decoder) == [[(1, 2)]]
""")


def test_many_values_that_are_taken_one_behind():
    decoder = Decoder()
    decoder.feed("0 ")
    for i in range(10000):
        decoder.feed(f"{i + 1} ")
        assert next(decoder) == i and decoder.ready == 1


def test_collector_sees_unfinished_values(clean_maps):
    class Custom:
        pass

    def cycle():
        decoder = Decoder()
        custom = Custom()
        custom.decoder = decoder
        pyon._decode_map["custom"] = lambda: custom
        decoder.feed('[[1], {"a": 2}, {"__jsonclass__":["custom",[]]}, [')
        del pyon._decode_map["custom"]
        return weakref.ref(custom)

    ref = cycle()
    gc.collect()
    assert ref() is None


def test_nothing_is_kept(dialect):
    gc.collect()
    text = dialect.encode([2**100, ("a", {"b": [1.5]}), slice(1), Fraction(1, 3)])
    before = len(gc.get_objects())
    for _ in range(200):
        decoder = Decoder(dialect)
        for piece in pieces_of(text * 2 + text[: len(text) // 2], 13):
            decoder.feed(piece)
        if _ % 2:
            assert len(list(decoder)) == 2
    del decoder
    gc.collect()
    assert len(gc.get_objects()) - before < 50


def test_collector_state_is_left_alone(dialect):
    text = dialect.encode([[i] for i in range(5000)])
    for enabled in True, False:
        (gc.enable if enabled else gc.disable)()
        try:
            decode_all(dialect, pieces_of(text, 8000))
            assert gc.isenabled() == enabled
        finally:
            gc.enable()


def test_dialects_by_their_functions():
    class Swapped:
        decode = pyon_v1.decode

    assert decode_all(Swapped, ["(1, 2)"]) == [(1, 2)]


def test_encode_gives_bytes(dialect):
    for value in VALUES:
        for pretty in False, True:
            assert stream.encode(value, dialect, pretty) == dialect.encode(value, pretty).encode()


# ---- Byte order marks, surrogates, contexts ----

MARK = b"\xef\xbb\xbf"


@pytest.mark.parametrize("size", range(1, 9))
def test_bytes_may_begin_with_a_byte_order_mark(dialect, size):
    text = MARK + b"[1]\n[2]"
    assert dialect.decode(text[:6]) == [1]
    decoder = stream.Decoder(dialect)
    for i in range(0, len(text), size):
        decoder.feed(text[i : i + size])
    assert list(decoder) == [[1], [2]] and decoder.offset == len(text)


@pytest.mark.parametrize(
    "text, offset",
    [("\ufeff[1]", 0), (MARK + MARK + b"[1]", 3), (b" " + MARK + b"[1]", 1), (MARK[:2] + b"[1]", 0)],
)
def test_a_byte_order_mark_elsewhere(dialect, text, offset):
    with pytest.raises(Exception):
        dialect.decode(text)
    decoder = stream.Decoder(dialect)
    decoder.feed(text + ("\n[2]\n" if isinstance(text, str) else b"\n[2]\n"))
    with pytest.raises(stream.DecodeError) as caught:
        next(decoder)
    assert caught.value.offset == offset
    decoder.skip_line()
    assert list(decoder) == [[2]]


@pytest.mark.parametrize("size", [1, 2, 1000])
@pytest.mark.parametrize(
    "inside",
    [b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xed\x9f\xbf", b"\xed\x9f\xbf\xed\xa0\x80", b"\xee\x80\x80", b"\xc0\x80"],
)
def test_streams_take_the_utf8_that_decode_takes(dialect, inside, size):
    text = b'"' + b"a" * 70 + inside + b'"'
    try:
        expected = dialect.decode(text)
    except (ValueError, SyntaxError):
        expected = None
    decoder = stream.Decoder(dialect)
    for i in range(0, len(text), size):
        if not decoder.failed:
            decoder.feed(text[i : i + size])
    try:
        assert list(decoder) == [expected]
    except stream.DecodeError:
        assert expected is None


def test_a_str_with_surrogates(v1, v2):
    for module in v1, v2:
        decoder = stream.Decoder(module)
        try:
            expected = module.decode('"\ud800"')
        except UnicodeEncodeError:
            with pytest.raises(UnicodeEncodeError):
                decoder.feed('"\ud800"')
        else:
            decoder.feed('"\ud800"')
            assert list(decoder) == [expected]


def test_an_error_does_not_keep_the_one_before_it(dialect, tmp_path):
    """Else going on after errors would take the square of their number."""
    decoder = stream.Decoder(dialect)
    decoder.feed("$\nFraction(1, 0)\n" * 50)
    errors = []
    while decoder.failed:
        try:
            next(decoder)
        except Exception as error:
            errors.append(error)
            decoder.skip_line()
    assert len(errors) == 100 and not any(isinstance(error.__context__, stream.DecodeError) for error in errors)
    (tmp_path / "lines").write_text("$\n" * 50)
    errors = []
    assert not list(stream.load_lines(tmp_path / "lines", dialect, on_error=errors.append))
    assert len(errors) == 50 and not any(error.__context__ for error in errors)
