# SPDX-License-Identifier: LGPL-3.0-or-later
"""pyon check: the place of each error, its line, and what was most likely meant."""

import pytest

from command import output, run, run_on_terminal


@pytest.fixture
def file(tmp_path):
    return tmp_path / "file.pyon"


HINTS = {
    '{"a": 1 "b": 2}': "a comma may be missing before this",
    "[1, True]": "version 2 writes true, false and null",
    "{'a': 1, \"b\": null}": "version 2 has double quotes only",
    "[1, (2,)]": "a tuple is written like this in version 1 only",
    '[nparray((1,), "<f8", b"")]': "this is version 1",
    "[1] # x": "version 2 has no comments",
    "[1,]": "version 2 allows no comma before a closing bracket",
    "[1, 2": "the text ends too early",
    '{"a": ': "the text ends too early",
    '["abc': "the text ends too early",
    '<<<<<<< HEAD\n{"a": 1}': "this is a conflict marker of git",
    '{"a": 1,\n=======\n"b": 2}': "this is a conflict marker of git",
}


@pytest.mark.parametrize("text", HINTS)
def test_what_was_most_likely_meant(text, file):
    file.write_text(text)
    done = run("check", "--v2", file)
    assert done.returncode == 1 and f"    {HINTS[text]}" in done.stderr
    assert done.stdout == f"{file}: version 2, 0 values, 1 error\n" or "[1]" in text


def test_version_2_read_as_version_1(file):
    file.write_text("[1, Infinity]")
    assert "    version 1 writes nan and inf; this is version 2 (--v2)\n" in run("check", "--v1", file).stderr


def test_not_utf8(file):
    file.write_bytes(b'{"a": "\xff\xfe"}')
    done = run("check", file)
    assert done.returncode == 1 and "the file is not UTF-8" in done.stderr and '{"a": "??"}' in done.stderr


def test_control_characters_do_not_reach_the_terminal(file):
    file.write_text('["\x1b[31m\x9b31m\x7f" x]')
    done = run("check", file)
    assert done.returncode == 1 and not set(done.stderr) & set("\x1b\x9b\x7f")


def test_the_caret_stands_below_the_error(file):
    for before in ("é日本", "x" * 1000, "", "\t", "é" * 200):
        file.write_text(f'["{before}" 1]')
        message, line, caret, hint = run("check", file).stderr.splitlines()
        assert line[len(caret) - 1] == "1" and caret.strip() == "^", line
        assert message.startswith(f"{file}:1:{len(before) + 5}: ") and len(line) <= 90
        assert hint == "    a comma may be missing before this"


def test_a_line_is_cut_around_the_error(file):
    file.write_text("[" + "1, " * 1000 + "x" + ", 1" * 1000 + "]")
    line = run("check", file).stderr.splitlines()[1]
    assert line.startswith("    ...") and line.endswith("...") and len(line) <= 90


@pytest.mark.parametrize("pipe", [False, True])
def test_all_errors_of_a_file_of_many_lines(pipe, file):
    lines = ["[1]", "[2", "[3]", "[4 4]", "[5]", "(6,)"]
    text = "".join(line + "\n" for line in lines)
    file.write_text(text)
    done = run("check", "-" if pipe else file, input=text)
    name = "standard input" if pipe else file
    assert [line for line in done.stderr.splitlines() if line.startswith(f"{name}:")] == [
        f"{name}:2:3: the line ends inside a value, read as version 2",
        f"{name}:4:4: Expecting ',' delimiter, read as version 2",
    ]
    assert done.stdout == f"{name}: version 1, 4 values, 2 errors\n"


@pytest.mark.parametrize("count, last", [(20, None), (21, "1 more error"), (1000, "980 more errors")])
def test_twenty_errors_are_shown(count, last, file):
    file.write_text("1\n2\n3\n4\n5\n6\n7\n8\n9\n" + "$\n" * count + "1\n")
    done = run("check", file)
    assert done.returncode == 1 and done.stdout == f"{file}: version 2, 10 values, {count} error{'s' * (count > 1)}\n"
    lines = done.stderr.splitlines()
    assert sum(line.startswith(f"{file}:") and line.count(":") > 2 for line in lines) == 20
    assert (lines[-1] == f"{file}: {last}") == bool(last)


def test_quiet(file):
    file.write_text("[")
    done = run("check", "-q", file)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


def test_the_worst_of_several_files_counts(file, tmp_path):
    file.write_text("[")
    good = tmp_path / "good"
    good.write_text("1")
    assert run("check", file, good).returncode == 1
    assert run("check", file, tmp_path / "missing", good).returncode == 2
    assert output("check", good, good) == f"{good}: version 2, 1 value\n" * 2


def test_on_a_terminal(file):
    file.write_text("[1]")
    assert run_on_terminal("check", file) == (0, f"{file}: version 2, 1 value\n")


def test_a_comma_between_strings(file):
    """Version 1 takes two strings in a row for one, and so comes further: that is not what was meant."""
    file.write_text('{\n    "name": "left"\n    "gain": 1\n}\n')
    assert run("check", file).stderr.splitlines() == [
        f"{file}:3:5: Expecting ',' delimiter, read as version 2",
        '        "gain": 1',
        "        ^",
        "    a comma may be missing before this",
    ]


def test_a_byte_that_begins_no_value():
    """Only a text that may go on has been cut off."""
    for text in ("@", "x", ")", "nulx", "-x", "[1] @"):
        done = run("check", "-", input=text)
        assert done.returncode == 1 and "cut off" not in done.stderr
    for text in ("[", "-", "nul", "[1, fals", "[1] t", "'", '"', "[1", "(", "+"):
        assert "cut off" in run("check", "-", input=text).stderr
