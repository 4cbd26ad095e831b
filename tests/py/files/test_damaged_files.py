"""The error of a file says its name and the place. Its class is that of decode."""

import copy
import json
import os
import pickle
import re
import sys
import traceback
from pathlib import Path

import pytest

from fastpyon import pyon, pyon_v1, stream


def shown(error):
    """The last line that an interpreter would print."""
    return "".join(traceback.format_exception(type(error), error, error.__traceback__))


def is_named(path, error):
    """Does an exception show the name of a file? In some messages the backslashes are doubled."""
    return str(path) in shown(error) or repr(str(path)) in shown(error)


# The content of a file, the exceptions in version 1 and in version 2, and the place in all of them.
DAMAGED = {
    "empty": (b"", SyntaxError, json.JSONDecodeError, 1, 1),
    "spaces": (b" \n ", SyntaxError, json.JSONDecodeError, None, None),
    "truncated": (b'{\n    "a": 1,\n    "b": [1, 2', SyntaxError, json.JSONDecodeError, 3, r"(10|15)"),
    "in a string": (b'[1,\r\n "abc', SyntaxError, json.JSONDecodeError, 2, 2),
    "binary": (b"\x7fELF\2\1\1", SyntaxError, json.JSONDecodeError, 1, 1),
    "not UTF-8": (b'["\xc3\xa9",\r\n\r"\xe9"]', UnicodeDecodeError, UnicodeDecodeError, 3, 2),
    "not UTF-8 at all": (b"\x80\x03}q\x00.", UnicodeDecodeError, UnicodeDecodeError, 1, 1),
    "UTF-16": (b"\xff\xfe[\x001\x00]\x00", UnicodeDecodeError, UnicodeDecodeError, 1, 1),
    "end of UTF-8": (b'["\xc3', UnicodeDecodeError, UnicodeDecodeError, 1, 3),
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_what_is_wrong_with_a_file_has_name_and_place(dialect, tmp_path, kind):
    data, *classes, line, column = DAMAGED[kind]
    path = tmp_path / "file.pyon"
    path.write_bytes(data)
    with pytest.raises(Exception) as caught:
        dialect.load_file(path)
    error = caught.value
    expected = classes[dialect is pyon]
    assert type(error) is expected
    assert is_named(path, error)
    if line:
        assert re.search(rf"\bline {line},? column {column}\b", str(error))


def test_a_nul_in_a_file(dialect, tmp_path):
    """In version 1 that is what Python's compiler says of one, which has no place."""
    path = tmp_path / "file.pyon"
    path.write_bytes(b"\x7fELF\0")
    with pytest.raises((SyntaxError, ValueError)) as expected:
        compile("\0", "", "eval")
    with pytest.raises(json.JSONDecodeError if dialect is pyon else expected.type) as caught:
        dialect.load_file(path)
    assert is_named(path, caught.value)
    assert ("line 1 column 1" if dialect is pyon else "null bytes") in str(caught.value)


def test_attributes_of_errors_are_those_of_decode(tmp_path):
    path = tmp_path / "file.pyon"
    path.write_text("[1,\n 2 3]")
    with pytest.raises(json.JSONDecodeError) as one:
        pyon.decode(path.read_text())
    with pytest.raises(json.JSONDecodeError) as two:
        pyon.load_file(path)
    for name in "msg", "doc", "pos", "lineno", "colno":
        assert getattr(one.value, name) == getattr(two.value, name)
    assert str(two.value) == f"{one.value} in {str(path)!r}"
    path.write_bytes(b"\xff")
    with pytest.raises(UnicodeDecodeError) as caught:
        pyon.load_file(path)
    error = caught.value
    assert error.reason == f"invalid start byte: line 1 column 1 in {str(path)!r}"
    assert error.args == ("utf-8", b"\xff", 0, 1, error.reason)
    path.write_text("[1,\n 2 3]")
    with pytest.raises(SyntaxError) as caught:
        pyon_v1.load_file(path)
    error = caught.value
    assert (error.filename, error.lineno, error.text) == (str(path), 2, " 2 3]")


@pytest.mark.skipif(sys.version_info < (3, 11), reason="no notes")
@pytest.mark.parametrize(
    "module, text, message",
    [
        (pyon, '{"__jsonclass__":["foo",[]]}', "Object of type `foo` is not PYON decodable"),
        (pyon_v1, "foo", "name 'foo' is not defined"),
        (pyon_v1, "Fraction(1, 0)", "Fraction(1, 0)"),
    ],
)
def test_other_errors_have_a_note(tmp_path, module, text, message):
    path = tmp_path / "file.pyon"
    path.write_text(text)
    with pytest.raises(Exception) as caught:
        module.load_file(path)
    assert str(caught.value) == message and caught.value.__notes__ == [f"in {str(path)!r}"]


def attributes(error):
    own = {name: getattr(error, name, None) for name in dir(type(error)) if not name.startswith("_")}
    return {k: v for k, v in own.items() if not callable(v)} | vars(error)


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, *range(pickle.HIGHEST_PROTOCOL + 1)])
@pytest.mark.parametrize("kind", [*DAMAGED, "lines", "long lines", "constructor"])
def test_a_copy_of_an_error_is_as_good(dialect, tmp_path, kind, again):
    """As one is that comes from another process."""
    path = tmp_path / "file.pyon"
    path.write_bytes(DAMAGED[kind][0] if kind in DAMAGED else b"[1\n" if "l" in kind else b"foo")
    with pytest.raises(Exception) as caught:
        if "lines" in kind:
            list(stream.load_lines(path, dialect, max_bytes=1 if "long" in kind else None))
        else:
            dialect.load_file(path)
    error = caught.value
    for _ in range(2):
        copied = again(error) if callable(again) else pickle.loads(pickle.dumps(error, again))
        assert type(copied) is type(error) and shown(copied).splitlines()[-1] == shown(error).splitlines()[-1]
        assert copied.args == error.args and attributes(copied) == attributes(error)
        error = copied


def test_errors_of_json_are_pickled_as_ever():
    with pytest.raises(json.JSONDecodeError) as caught:
        json.loads("[1,")
    assert pickle.dumps(caught.value) == pickle.dumps(Reduced(caught.value))


class Reduced:
    """Pickles an exception by its own method."""

    def __init__(self, error):
        self.error = error

    def __reduce__(self):
        return self.error.__reduce__()


@pytest.mark.parametrize(
    "error",
    [
        FileNotFoundError("no calibration"),
        TimeoutError(),
        json.JSONDecodeError("Expecting value", "of another", 3),
        SyntaxError("of another", ("another", 1, 2, "text")),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "of another"),
    ],
)
def test_what_a_constructor_raises_stays_as_it_is(tmp_path, error):
    class Type:
        pass

    def fail():
        raise error

    path = tmp_path / "file.pyon"
    path.write_text('{"__jsonclass__": ["failing", []]}\n')
    before = attributes(error), error.args
    pyon.register([Type], name="failing", encode=None, decode=fail)
    try:
        for load in pyon.load_file, lambda path: list(stream.load_lines(path)):
            with pytest.raises(type(error)) as caught:
                load(path)
            assert caught.value is error
            notes = vars(error).pop("__notes__", [f"in {str(path)!r}"])
            assert notes == [f"in {str(path)!r}"] and (attributes(error), error.args) == before
    finally:
        pyon.deregister([Type], "failing")


@pytest.mark.parametrize("kind", [os.fsencode, str, Path, lambda path: os.open(path, os.O_RDONLY)])
def test_files_of_all_kinds_are_named(dialect, tmp_path, kind):
    path = tmp_path / "é"
    path.write_text("[")
    name = kind(path)
    with pytest.raises((SyntaxError, ValueError)) as caught:
        dialect.load_file(name)
    assert str(name) in shown(caught.value) if isinstance(name, int) else is_named(path, caught.value)


def test_errors_of_lines_name_the_file(dialect, tmp_path):
    path = tmp_path / "lines"
    path.write_bytes(b"[1]\n[2\n[3")
    errors = []
    assert list(stream.load_lines(path, dialect, on_error=errors.append)) == [[1]]
    assert [str(e) for e in errors] == [
        f"the line ends at byte 6, inside a list at depth 1 in {str(path)!r}",
        f"truncated after 9 bytes, inside a list at depth 1 in {str(path)!r}",
    ]
    assert errors[0].offset == 6
