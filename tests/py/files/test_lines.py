# SPDX-License-Identifier: LGPL-3.0-or-later
"""Files of a value a line: store_lines(), which writes plain values many at a time, and load_lines()."""

import os
import random
import sysconfig
from collections import OrderedDict
from fractions import Fraction

import pytest

from fastpyon import _core, pyon, stream
from fastpyon.stream import DecodeError, TruncatedError

MEDIUM = [[i, i / 7, str(i), (i,)] for i in range(20000)]
PLAIN = [
    None, True, False, 0, -(2**63), 2**63 - 1, 0.1, -1e300, float("inf"), float("nan"), "", "text", "\"\\\n",
    "é", "\U0001f600", [], (), {}, [[], ()], {"a": {"b": [1, 2.5, None]}}, [0.25] * 200,
    {"t": 0.5, "name": "x" * 40, "v": [1, (2, "y")]},
]  # fmt: skip
OTHER = [
    2**70, 1j, b"\xff", {1}, slice(1), Fraction(1, 3), OrderedDict(a=1), {1: 2}, [1, {"a": [b"x"]}], [[[[[[[[1]]]]]]]],
    list(range(300)), "x" * 70000, ["y" * 70000, {"z": "\u20ac" * 40000}], [["x" * 60] * 100] * 20,
]  # fmt: skip


def test_lines(dialect, tmp_path):
    path = tmp_path / "values"
    calls = []
    stream.store_lines(path, MEDIUM[:100], dialect, progress=lambda *args: calls.append(args))
    assert calls == [(i, 100) for i in range(1, 101)]
    assert path.read_text() == "".join(dialect.encode(x) + "\n" for x in MEDIUM[:100])
    stream.store_lines(path, iter([(), "é"]), dialect, append=True)
    del calls[:]
    values = list(stream.load_lines(path, dialect, progress=lambda *args: calls.append(args)))
    assert values == [*MEDIUM[:100], (), "é"]
    size = path.stat().st_size
    assert calls[0] == (0, size) and calls[-1] == (size, size)


def test_lines_that_are_broken(dialect, tmp_path):
    path = tmp_path / "values"
    stream.store_lines(path, [[1], [2]], dialect)
    with open(path, "ab") as file:
        file.write(b"[3, [4")  # the process that wrote it was killed
    stream.store_lines(path, [[5]], dialect, append=True)
    with open(path, "ab") as file:
        file.write(b"?\n\n[6]\n[7, ")
    errors = []
    values = list(stream.load_lines(path, dialect, on_error=errors.append))
    assert values == [[1], [2], [5], [6]]
    assert [type(e) for e in errors] == [DecodeError, DecodeError, TruncatedError]
    with pytest.raises(DecodeError, match="the line ends at byte 14, inside a list at depth 2"):
        list(stream.load_lines(path, dialect))


def test_lines_are_stored_whole_or_not_at_all(dialect, tmp_path):
    path = tmp_path / "values"
    stream.store_lines(path, [[1]], dialect)
    before = path.read_bytes()

    def values():
        yield [2]
        yield MEDIUM
        yield [MEDIUM, object()]

    with pytest.raises(TypeError):
        stream.store_lines(path, values(), dialect)
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["values"]
    with pytest.raises(TypeError):
        stream.store_lines(path, values(), dialect, append=True)
    assert list(stream.load_lines(path, dialect)) == [[1], [2], MEDIUM]
    with pytest.raises(FileNotFoundError):
        stream.store_lines(tmp_path / "no" / "folder", [], dialect)
    with pytest.raises(FileNotFoundError):
        list(stream.load_lines(tmp_path / "nothing", dialect))


def test_lines_of_the_last_moment(dialect, tmp_path):
    path = tmp_path / "values"
    path.write_text("[1]\n12")  # a number at the end needs no line end
    assert list(stream.load_lines(path, dialect)) == [[1], 12]
    path.write_text("")
    assert list(stream.load_lines(path, dialect)) == []
    stream.store_lines(path, [], dialect, append=True)
    assert path.read_bytes() == b""


def text_of(values, dialect):
    return "".join(dialect.encode(x) + "\n" for x in values)


def test_each_line_is_the_text_of_its_value(dialect, tmp_path):
    dice = random.Random(1)
    path = tmp_path / "values"
    for values in PLAIN, OTHER, *(dice.choices(PLAIN * 3 + OTHER, k=400) for _ in range(5)):
        stream.store_lines(path, values, dialect)
        assert path.read_text(encoding="utf-8") == text_of(values, dialect)


class Own:
    pass


@pytest.mark.usefixtures("clean_maps")
def test_types_that_are_registered_meanwhile(tmp_path):
    """A generator may do that between any two values."""
    path = tmp_path / "values"
    expected = []

    def values():
        for x in [1, (2,)], {"a": (1, 2)}, [(), [Own()]]:
            if type(x) is dict:
                pyon.register([Own], name="own", encode=lambda x: [], decode=Own)
            expected.append(pyon.encode(x) + "\n")
            yield x

    stream.store_lines(path, values())
    assert path.read_text() == "".join(expected)
    assert '"own"' in expected[2]


def test_values_that_a_generator_changes(dialect, tmp_path):
    """Each line is the value as it was when it came."""
    path = tmp_path / "values"

    def values():
        x = {"n": 0}
        for n in range(1000):
            x["n"] = n
            yield x

    stream.store_lines(path, values(), dialect)
    assert list(stream.load_lines(path, dialect)) == [{"n": n} for n in range(1000)]


def test_a_generator_that_stores_lines_itself(dialect, tmp_path):
    path, inner = tmp_path / "values", tmp_path / "inner"

    def values():
        for n in range(100):
            stream.store_lines(inner, [[n]] * n, dialect)
            yield list(stream.load_lines(inner, dialect))

    stream.store_lines(path, values(), dialect)
    assert list(stream.load_lines(path, dialect)) == [[[n]] * n for n in range(100)]


@pytest.mark.parametrize("bad", [object(), [1, object()], {"a": object()}, "raise"])
def test_the_lines_before_an_error_stay(bad, dialect, tmp_path):
    path = tmp_path / "values"

    def values():
        yield from PLAIN * 200
        if bad == "raise":
            raise TypeError
        yield bad

    with pytest.raises(TypeError):
        stream.store_lines(path, values(), dialect, append=True)
    assert path.read_text(encoding="utf-8") == text_of(PLAIN * 200, dialect)


def test_progress_is_asked_for_after_each_value(dialect, tmp_path):
    """Also for values of which the number is unknown. An exception of the function ends the call."""
    path = tmp_path / "values"
    calls = []

    def progress(done, total):
        calls.append((done, total))
        if done == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stream.store_lines(path, iter(PLAIN), dialect, append=True, progress=progress)
    assert calls == [(n, None) for n in range(1, 8)]
    assert path.read_text(encoding="utf-8") == text_of(PLAIN[:7], dialect)


@pytest.mark.skipif(sysconfig.get_config_var("Py_GIL_DISABLED"), reason="without the lock, nothing is plain")
def test_what_is_not_plain_goes_back(dialect, tmp_path):
    """The function in C ends at it, and does not take the next one."""
    version = 2 if dialect is pyon else 1
    path = tmp_path / "values"
    rest = []
    values = iter([[1], {2}, [3], [4], 1j])

    def write(file):
        while one := _core.write_plain_lines(file, values, version):
            rest.append(one)

    _core.append_file(path, write)
    assert rest == [({2},), (1j,)]
    assert path.read_bytes() == b"[1]\n[3]\n[4]\n"


def test_arguments(tmp_path):
    with pytest.raises(TypeError):
        stream.store_lines(tmp_path / "values", 5)
    with pytest.raises(TypeError):
        stream.store_lines(tmp_path / "values", [5], "v1")
    with pytest.raises(TypeError):
        _core.write_plain_lines(5, iter([]), 2)
    with pytest.raises(TypeError):
        _core.replace_file(tmp_path / "values", lambda file: _core.write_plain_lines(file, [5], 2))
    assert os.listdir(tmp_path) == []
