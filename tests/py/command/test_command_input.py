# SPDX-License-Identifier: LGPL-3.0-or-later
"""The command pyon, given what is no PYON file, or none that can be read or written: a message, an exit status, and
nothing is lost."""

import gzip
import os
import pickle
import resource
import signal
import subprocess

import pytest

from command import PROGRAM, environment, needs_linux, run

COMMANDS = {
    "show": ["show"],
    "get": ["get"],
    "lines": ["get", "--lines"],
    "check": ["check"],
    "stats": ["stats"],
    "fmt": ["fmt"],
    "fmt -i": ["fmt", "-i"],
    "convert": ["convert", "--to", "v1"],
    "convert -i": ["convert", "--to", "v2", "-i"],
}
TROUBLE = 2
all_commands = pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)

BINARY = {
    "an HDF5 file": b"\x89HDF\r\n\x1a\n" + b"\1" * 100,
    "an LMDB database": bytes(16) + b"\xde\xc0\xef\xbe" + bytes(100),
    "a pickle": pickle.dumps({"a": 1}),
    "compressed by gzip": gzip.compress(b"1"),
    "a NumPy file (.npy)": b"\x93NUMPY\1\0",
    "a zip or .npz file": b"PK\3\4",
    "text in UTF-16": '{"a": 1}'.encode("utf-16"),
    "a binary file": b"1\0",
}


@all_commands
def test_a_missing_file(command, tmp_path):
    path = tmp_path / "missing"
    done = run(*command, path)
    assert (done.returncode, done.stdout) == (TROUBLE, "")
    assert done.stderr == f"pyon {'get' if '--lines' in command else command[0]}: {path}: No such file or directory\n"
    assert not list(tmp_path.iterdir())


@all_commands
def test_a_directory(command, tmp_path):
    done = run(*command, tmp_path)
    assert (done.returncode, done.stdout) == (TROUBLE, "") and "is a directory\n" in done.stderr


@all_commands
@pytest.mark.parametrize("text", ["", " \n\r\n\t"], ids=["empty", "blank"])
def test_no_value(command, text, tmp_path):
    path = tmp_path / "empty"
    path.write_text(text, newline="")
    done = run(*command, path)
    assert (done.returncode, done.stdout) == (1, "") and done.stderr.endswith(f"{path}: there is no value in it\n")
    assert path.read_bytes() == text.encode()


@all_commands
@pytest.mark.parametrize("kind", BINARY)
def test_a_binary_file(command, kind, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(BINARY[kind])
    done = run(*command, path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith(f": {path}: this is not PYON, but {kind}\n") and done.stderr.count("\n") == 1
    assert path.read_bytes() == BINARY[kind]
    if "-i" not in command:  # a pipe, which can be read only once
        done = subprocess.run([PROGRAM, *command, "-"], input=BINARY[kind], capture_output=True)
        assert done.returncode == 1 and done.stderr.endswith(f"not PYON, but {kind}\n".encode())


@all_commands
def test_a_broken_file(command, tmp_path):
    path = tmp_path / "broken"
    text = '{\n    "a": 1\n    "b": 2\n}\n'
    path.write_text(text)
    done = run(*command, path)
    assert done.returncode == 1
    assert done.stderr == (
        f"{path}:3:5: Expecting ',' delimiter, read as version 2\n"
        '        "b": 2\n'
        "        ^\n"
        "    a comma may be missing before this\n"
    )
    assert path.read_text() == text and os.listdir(tmp_path) == ["broken"]


@all_commands
def test_an_error_in_a_later_value(command, tmp_path):
    path = tmp_path / "log"
    path.write_text("[1]\n[2]\n[3,]\n")
    done = run(*command, "--v2", path)
    assert done.returncode == 1 and f"{path}:3:3: Illegal trailing comma" in done.stderr
    assert path.read_text() == "[1]\n[2]\n[3,]\n" and os.listdir(tmp_path) == ["log"]


@pytest.mark.parametrize("command", [["show"], ["get"], ["fmt"], ["get", "--lines"]])
@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("[1,\n 1 / 0]", "2:4", "this arithmetic has no result"),
        ("[1,\n 1 << -1]", "2:4", "this arithmetic has no result"),
        ("[1, 2 ** 99999]", "1:7", "too many digits to compute"),
        ("[1, " + 5000 * "9" + "]", "1:5", "too many digits to compute"),
    ],
)
def test_what_cannot_be_computed_is_shown_with_its_place(command, text, place, message, tmp_path):
    path = tmp_path / "file.pyon"
    path.write_text(text)
    for version in ["--v1"], []:
        done = run(*command, *version, path)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(f"{path}:{place}: {message}")


HOSTILE = b"x\x1b[31m\n\x9b\xc2\x9b\xe2\x80\xae\xc3\xa9"
PRINTABLE = "x\\x1b[31m\\x0a\\x9b\\xc2\\x9b\\xe2\\x80\\xaeé"


@all_commands
@pytest.mark.parametrize("text", [None, b"", b"PK\3\4", b"[1", b"{'\x1b[31m\xc2\x9b\xe2\x80\xae\xff"])
def test_a_name_that_a_terminal_would_obey(command, text, tmp_path):
    """A name may have any bytes. Those that are no text are shown as such, in whatever message."""
    path = os.fsencode(tmp_path) + b"/" + HOSTILE
    if text is not None:
        with open(path, "wb") as file:
            file.write(text)
    done = subprocess.run([PROGRAM, *command, path], capture_output=True, env=environment())
    is_summed_up = command == ["check"] and text is not None and b"[" in text
    assert done.returncode in (1, TROUBLE) and done.stdout.count(b"\n") == is_summed_up
    for words in (done.stdout, done.stderr):
        assert not words or PRINTABLE.encode() in words
        assert all(c.isprintable() or c == "\n" for c in words.decode())


@needs_linux
def test_names_that_a_terminal_would_obey_in_results(tmp_path):
    path = os.fsencode(tmp_path) + b"/" + HOSTILE
    with open(path, "wb") as file:
        file.write(b'{"a": 1}')
    for command in ("check", "stats"):
        done = subprocess.run([PROGRAM, command, path], capture_output=True, env=environment())
        assert done.stdout.startswith(os.fsencode(tmp_path) + b"/" + PRINTABLE.encode() + b": version 2, 1 value")
    for words in (
        [b"get", path, HOSTILE], [b"get", path, b'["\x1b"]'], [b"get", path, b'["\x1b'], [HOSTILE],
        [b"show", b"--" + HOSTILE], [b"show", b"-\x1b", path], [b"show", b"--depth", HOSTILE, path],
        [b"convert", b"--to", HOSTILE, path],
    ):  # fmt: skip
        done = subprocess.run([PROGRAM, *words], capture_output=True, env=environment())
        assert done.returncode and not done.stdout and b"\\x1b" in done.stderr
        assert all(c.isprintable() or c == "\n" for c in done.stderr.decode())
    done = subprocess.run([PROGRAM, "get", path, HOSTILE[:6]], capture_output=True, encoding="utf-8")
    text, caret = done.stderr.splitlines()[1:]
    assert text[caret.index("^") :].startswith("\\x1b")


def test_diff_of_what_is_no_file(tmp_path):
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_text("1")
    for text in (b"[", b"\x89HDF\r\n\x1a\n"):
        bad.write_bytes(text)
        for pair in ((good, bad), (bad, good)):
            assert run("diff", *pair).returncode == TROUBLE
    assert run("diff", good, tmp_path / "missing").returncode == TROUBLE
    assert run("diff", good, tmp_path).returncode == TROUBLE


# ---- Nesting -----------------------------------------------------------------------------------


@pytest.mark.parametrize("most, around", [(10000, "[]"), (200, "()")], ids=["v2", "v1"])
def test_nested_brackets(most, around, tmp_path):
    """As many as there may be overflow no stack; more are refused."""
    path, deeper, other = tmp_path / "deep", tmp_path / "deeper", tmp_path / "other"
    comma = "," if around == "()" else ""
    path.write_text(around[0] * most + (comma + around[1]) * most if comma else "[" * most + "]" * most)
    if comma:
        path.write_text("(" * most + "1" + ",)" * most)
        deeper.write_text("(" * (most + 1) + "1" + ",)" * (most + 1))
        other.write_text("(" * most + "2" + ",)" * most)
    else:
        deeper.write_text("[" * (most + 1) + "]" * (most + 1))
        other.write_text("[" * most + "1" + "]" * most)
    for command in (
        *COMMANDS.values(), ["show", "--depth", "20000"], ["show", "--depth", "20000", "--width", "2000"],
        ["get", "--json"], ["get", "--csv"], ["get", "--raw"], ["show", "--all"],
    ):  # fmt: skip
        if command == ["fmt"]:
            command = ["fmt", "--compact"]  # else the indentation is 400 MB
        if "-i" not in command and "convert" not in command:
            done = run(*command, path)
            assert (done.returncode, done.stderr) == (0, ""), command
            done = run(*command, deeper)
            assert done.returncode == 1 and "too many nested brackets" in done.stderr
    assert run("diff", path, other).returncode == 1
    assert run("diff", path, path).returncode == 0
    lines = run("get", "--lines", path).stdout
    assert run("fmt", "--compact", "-", input=lines).stdout == run("fmt", "--compact", path).stdout


# ---- Standard output ---------------------------------------------------------------------------


@pytest.fixture
def large(tmp_path):
    """A file whose text is larger than any pipe."""
    path = tmp_path / "large"
    path.write_text('{"a": [' + ", ".join(f'{{"key {i}": "{"x" * 100}"}}' for i in range(20000)) + "]}")
    return path


@pytest.mark.parametrize(
    "command", [["show", "--all"], ["get"], ["get", "--lines"], ["get", "--json"], ["fmt"], ["convert", "--to", "v1"]]
)
def test_a_reader_that_has_seen_enough(command, large):
    process = subprocess.Popen([PROGRAM, *command, large], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.read(1)
    process.stdout.close()
    assert process.stderr.read() == b"" and process.wait() == 0
    process.stderr.close()


@needs_linux
@pytest.mark.parametrize("command", [*COMMANDS.values(), ["--help"], ["show", "--help"], ["man"]])
def test_a_full_disk(command, tmp_path):
    if "-i" in command:
        return
    path = tmp_path / "file"
    path.write_text("[1, 2]")
    with open("/dev/full", "w") as full:
        operands = [path] if command in COMMANDS.values() else []
        done = run(*command, *operands, stdout=full, capture_output=False, stderr=subprocess.PIPE)
    assert done.returncode == TROUBLE and done.stderr.endswith("standard output: No space left on device\n")


@all_commands
def test_closed_streams(command, tmp_path):
    path = tmp_path / "file"
    path.write_text('{"a": 1}')
    done = run(*command, path, preexec_fn=lambda: (os.close(1), os.close(2)))
    # With -i nothing is written there.
    assert done.returncode == (0 if "-i" in command else TROUBLE) and path.read_text().startswith("{")
    if "-i" not in command:
        assert run(*command, "-", preexec_fn=lambda: os.close(0), input=None).returncode == TROUBLE


# ---- Other texts -------------------------------------------------------------------------------


def test_line_ends_of_windows(tmp_path):
    path = tmp_path / "crlf"
    path.write_bytes(b'{\r\n "a": 1,\r\n "b": [1,\r\n 2]\r\n}\r\n')
    assert run("check", path).stdout == f"{path}: version 2, 1 value\n"
    assert run("fmt", "--compact", path).stdout == '{"a":1,"b":[1,2]}\n'
    lines = run("get", "--lines", path).stdout.replace("\n", "\r\n")
    assert run("fmt", "--compact", "-", input=lines).stdout == '{"a":1,"b":[1,2]}\n'
    path.write_bytes(b"[1]\r\n[2\r\n[3]\r\n")
    assert f"{path}:2:4: " in run("check", path).stderr


def test_a_byte_order_mark(tmp_path):
    """load_file() refuses it, so check does; the other commands read on, as decode() does with bytes."""
    path = tmp_path / "mark"
    path.write_bytes(b"\xef\xbb\xbf(1,)\n")
    done = run("check", path)
    assert done.returncode == 1 and "byte order mark" in done.stderr and done.stdout.endswith(" 1 value, 1 error\n")
    assert run("check", "-", input="\ufeff1").returncode == 1
    assert run("get", path).stdout == "(1, )\n"
    assert run("fmt", "-i", path).returncode == 0 and path.read_bytes() == b"(1, )\n"
    path.write_bytes(b"[1]\n\xef\xbb\xbf(1,)\n")  # in the middle it is no mark
    done = run("check", path)
    assert done.returncode == 1 and f"{path}:2:1: " in done.stderr


def test_both_versions_in_one_file(tmp_path):
    """From the first value on that is only version 1, all of them are."""
    path = tmp_path / "mixed"
    path.write_text('[true, 1]\n(1, 2)\n{"a": None}\n[1, null]\n')
    assert run("check", path).stdout == f"{path}: version 1, 4 values\n"
    assert run("get", path).stdout == '[true,1]\n(1, 2)\n{"a": null}\n[1, null]\n'
    done = run("check", "--v2", path)
    assert done.returncode == 1 and done.stdout == f"{path}: version 2, 2 values, 2 errors\n"


def test_names_that_are_not_ascii(tmp_path):
    path = tmp_path / "daten größe 日本\udcff"
    path.write_text('{"é": 1}')
    name = str(path).replace("\udcff", "\\xff")
    assert run("get", path, "é").stdout == "1\n"
    assert run("check", path).stdout == f"{name}: version 2, 1 value\n"
    done = run("get", path, "ë")
    assert done.returncode == 1 and "did you mean" in done.stderr


def test_without_memory(large):
    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (20 << 20, 20 << 20))

    if "san" in os.environ.get("LD_PRELOAD", "") or run("--version", preexec_fn=limit).returncode:
        pytest.skip("a sanitizer needs its memory")
    large.write_text("[" + "1.5, " * 2000000 + "1]")
    assert run("check", large, preexec_fn=limit).returncode == 0  # in constant memory
    done = run("show", large, preexec_fn=limit)
    assert done.returncode == TROUBLE and "memory" in done.stderr


def test_large_input_shows_a_bar_only_on_a_terminal(tmp_path):
    path = tmp_path / "huge"
    with open(path, "wb") as file:
        file.write(b"[" + b" " * (101 << 20) + b"]")
    done = run("check", path)
    assert (done.returncode, done.stderr) == (0, "")


# ---- Command lines -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words, message",
    [
        (["shw"], "pyon: there is no command 'shw'"),
        (["show"], "pyon show: the arguments are: FILE [PATH]..."),
        (["show", "--dpth", "3", "f"], "pyon show: there is no option --dpth"),
        (["show", "-x", "f"], "pyon show: there is no option -x"),
        (["show", "--depth"], "pyon show: --depth takes an argument: N"),
        (["show", "--depth", "x", "f"], "pyon show: --depth takes a whole number of at least 1, not 'x'"),
        (["show", "--depth=99999999999999999999", "f"], "pyon show: --depth takes a whole number of at least 1"),
        (["show", "--all=1", "f"], "pyon show: --all takes no argument"),
        (["show", "--v1", "--v2", "f"], "pyon show: --v1 and --v2 exclude each other"),
        (["diff", "f"], "pyon diff: the arguments are: FILE FILE"),
        (["diff", "--rel", "-1", "f", "f"], "pyon diff: --rel takes a number that is not negative, not '-1'"),
        (["convert", "f"], "pyon convert: --to v1 or --to v2 is needed"),
        (["convert", "--to", "v3", "f"], "pyon convert: --to takes v1 or v2, not 'v3'"),
        (["fmt", "--compact", "--pretty", "f"], "pyon fmt: --compact and --pretty exclude each other"),
        (["fmt", "--backup", "f"], "pyon fmt: --backup goes with -i"),
        (["fmt", "-i", "-"], "pyon fmt: standard input cannot be written in place"),
        (["get", "--csv", "--npy", "f"], "pyon get: --raw, --json, --csv, --npy, --lines and --paths exclude each"),
        (["completion", "tcsh"], "pyon: completion is for bash, zsh and fish, not for 'tcsh'"),
        (["completion"], "pyon: completion is for bash, zsh and fish, not for ''"),
        (["help", "shwo"], "pyon: there is no command 'shwo'"),
        (["--help", "shwo"], "pyon: there is no command 'shwo'"),
        (["man", "shwo"], "pyon: there is no command 'shwo'"),
    ],
)  # fmt: skip
def test_a_wrong_command_line(words, message):
    done = run(*words)
    assert (done.returncode, done.stdout) == (TROUBLE, "") and done.stderr.startswith(message)


def test_a_word_after_two_dashes_is_no_option(tmp_path):
    path = tmp_path / "--all"
    path.write_text("1")
    assert run("get", "--", "--all", cwd=tmp_path).stdout == "1\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it(number, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    process = subprocess.Popen([PROGRAM, "check", tmp_path / "pipe"], env=environment())
    with open(tmp_path / "pipe", "w") as pipe:
        pipe.write("[1,")
        pipe.flush()
        process.send_signal(number)
        assert process.wait(timeout=60) == -number
