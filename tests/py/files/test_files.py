"""store_file, load_file and the converter: files are replaced as a whole, or not at all."""

import errno
import io
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from fastpyon import pyon, pyon_v1, stream
from folder import names, unchanged
from systems import posix

VALUE = {"a": {3: None}, "b": [1, (2, "é")], "c": slice(1)}
# The content of the file besides the pretty text.
END = {pyon: "", pyon_v1: "\n"}


# ---- store_file ----


def test_the_content_is_the_pretty_text(dialect, tmp_path):
    path = tmp_path / "file.pyon"
    assert dialect.store_file(path, VALUE) is None
    assert path.read_bytes() == (dialect.encode(VALUE, True) + END[dialect]).encode()
    assert repr(dialect.load_file(path)) == repr(VALUE)
    assert names(tmp_path) == ["file.pyon"]


@pytest.mark.parametrize("kind", [str, os.fsencode, Path, type("SubStr", (str,), {})])
def test_names_of_all_kinds(dialect, tmp_path, kind):
    for name in ("file.pyon", "é b.pyon"):
        path = kind(os.path.join(str(tmp_path), name))
        dialect.store_file(path, [1])
        assert dialect.load_file(path) == [1]
    assert names(tmp_path) == ["file.pyon", "é b.pyon"]


@pytest.mark.parametrize("name", [None, 1.5, ["a"], 12345])
def test_what_is_no_name_is_a_type_error(dialect, name):
    with pytest.raises(TypeError):
        dialect.store_file(name, 1)


def test_a_name_without_a_folder_is_in_the_current_one(dialect, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    dialect.store_file("file.pyon", 1)
    assert dialect.load_file("file.pyon") == 1
    assert names(tmp_path) == ["file.pyon"]


@posix
def test_the_mode_is_that_of_a_private_file(dialect, old):
    old.chmod(0o644)
    umask = os.umask(0)
    try:
        dialect.store_file(old, 1)
    finally:
        os.umask(umask)
    assert stat.S_IMODE(old.stat().st_mode) == 0o600


def test_a_symlink_is_replaced_and_its_target_left_alone(dialect, old):
    link = old.parent / "link"
    link.symlink_to(old)
    dialect.store_file(link, 1)
    assert not link.is_symlink() and old.read_text() == "old"


def test_other_names_of_the_old_file_keep_the_old_content(dialect, old):
    other = old.parent / "other"
    os.link(old, other)
    dialect.store_file(old, 1)
    assert other.read_text() == "old" and dialect.load_file(old) == 1


def test_a_folder_that_is_missing(dialect, tmp_path):
    with pytest.raises(FileNotFoundError):
        dialect.store_file(tmp_path / "missing" / "file.pyon", 1)
    assert names(tmp_path) == []


@posix
def test_a_folder_in_which_nothing_may_be_written(dialect):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file.pyon")
        path.write_text("old")
        os.chmod(folder, 0o555)
        process = os.fork()
        if not process:
            status = 1
            try:
                if not os.getuid():
                    os.setuid(65534)
                dialect.store_file(path, 1, backup=True)
            except PermissionError:
                status = 0
            finally:
                os._exit(status)
        assert os.waitpid(process, 0)[1] == 0
        assert unchanged(path)
        os.chmod(folder, 0o755)


def test_a_target_that_is_a_folder(dialect, tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError):
        dialect.store_file(tmp_path / "folder", 1)
    assert names(tmp_path) == ["folder"]


def test_an_empty_name(dialect, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError):
        dialect.store_file("", 1)
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    "x, error",
    [
        (object(), TypeError),
        ([1, object()], TypeError),
        (10**5000, ValueError),
        ({"a": [frozenset()]}, TypeError),
    ],
    ids=["unknown", "inside", "digits", "deeper"],
)
def test_a_value_that_cannot_be_encoded_leaves_the_old_file(dialect, old, x, error):
    with pytest.raises(error):
        dialect.store_file(old, x)
    assert unchanged(old)


def test_the_folder_is_what_v2_looks_at_first_and_the_value_what_v1_does(tmp_path):
    missing = tmp_path / "missing" / "file.pyon"
    with pytest.raises(FileNotFoundError):
        pyon.store_file(missing, object())
    with pytest.raises(TypeError):
        pyon_v1.store_file(missing, object())


@posix
def test_a_write_that_fails_leaves_the_old_file(dialect, old):
    """A real one: the file system has no room for a file of that size."""
    script = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        f"import {dialect.__name__} as module\n"
        "try: module.store_file(sys.argv[1], list(range(100000)))\n"
        "except OSError as e: print(e.errno)\n"
    )
    process = subprocess.run(
        [sys.executable, "-B", "-c", script, old], stdout=subprocess.PIPE, timeout=600
    )
    assert process.stdout.split() == [b"27"]  # EFBIG
    assert unchanged(old)


@posix
@pytest.mark.parametrize("size", [40, 1000, 66000, 70000])
def test_lines_for_which_there_is_no_room(dialect, tmp_path, python, size):
    """A write that does a part, and no more after that."""
    path = tmp_path / "lines"
    values = [[1], [2], list(range(10000)), [3], list(range(5000))]
    script = (
        "import resource, sys; from fastpyon import pyon, pyon_v1, stream\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))\n"
        f"try: stream.store_lines(sys.argv[1], {values}, {dialect.__name__[9:]}, append=True)\n"
        "except OSError as e: print(e.errno)\n"
    )
    stream.store_lines(path, [["old"]], dialect)
    assert python(script, str(path)) == "27\n"  # EFBIG
    assert path.read_bytes().endswith(b"\n")
    loaded = list(stream.load_lines(path, dialect))
    assert loaded == [["old"], *values][: len(loaded)]
    assert len(loaded) >= (1 if size < 60000 else 4)


@posix
def test_a_failure_before_the_file_is_there_leaves_nothing(dialect, old, python):
    script = (
        f"import resource, sys; from {dialect.__name__} import store_file\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))\n"
        "try: store_file(sys.argv[1], [1])\n"
        "except OSError as e: print(e.errno, e.filename == sys.argv[1])\n"
    )
    assert python(script, str(old)) == "24 True\n"  # EMFILE
    assert unchanged(old)


# Under this name a file waits to be renamed. The digits are a digest of "file.pyon".
WAITING = ".file.pyon.60c13cd4bc669d3d.fastpyon"


def leave(path):
    """The files that a process leaves that is killed before the file is renamed."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))


def test_what_was_left_by_one_that_was_killed_is_removed(dialect, old):
    leave(old.parent / WAITING)
    os.link(old, old.parent / f"{WAITING}~")
    dialect.store_file(old, [1])
    assert names(old.parent) == ["file.pyon"]


def test_what_somebody_is_about_to_rename_is_left_alone(dialect, old):
    fcntl = pytest.importorskip("fcntl")
    leave(old.parent / WAITING)
    with open(old.parent / WAITING, "w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        dialect.store_file(old, [1], backup=True)
    assert names(old.parent) == [WAITING, "file.pyon", "file.pyon~"]
    assert dialect.load_file(old) == [1]


@posix
def test_the_files_of_others_are_left_alone(dialect, old):
    """Whatever their names are."""
    others = [f".file.pyon.fastpyon{end}" for end in ("", "~", "-1")] + [WAITING, f"{WAITING}-1~"]
    for name in others:
        (old.parent / name).write_text(name)
    leave(old.parent / f"{WAITING}-2")
    os.link(old.parent / f"{WAITING}-2", old.parent / "another name")
    for backup in False, True, False:
        dialect.store_file(old, [1], backup=backup)
    assert {name: (old.parent / name).read_text() for name in others} == {name: name for name in others}
    assert set(names(old.parent)) == {*others, f"{WAITING}-2", "another name", "file.pyon", "file.pyon~"}
    assert dialect.load_file(old) == [1]


@pytest.mark.parametrize("name", ["x" * 254, "é" * 127, "x" * 49 + "é" * 100, b"\xff\x80" * 100, b"\x80" * 254])
def test_names_beside_it_are_of_this_very_file(dialect, tmp_path, name):
    """Names of the same beginning, as long as names may be, in one folder."""
    paths = [os.path.join(os.fsencode(tmp_path), os.fsencode(name) + end) for end in (b"", b"2")]
    try:
        for path in paths:
            dialect.store_file(path, path.decode("latin-1"))
    except OSError as error:
        if error.errno != errno.EILSEQ:
            raise
        pytest.skip("names must be UTF-8")
    for path in paths:
        assert dialect.load_file(path) == path.decode("latin-1")
    assert len(names(tmp_path)) == 2


@pytest.mark.skipif(not shutil.which("unshare"), reason="Linux has mount namespaces")
def test_a_file_that_is_a_mount_point_cannot_be_replaced(dialect, old):
    """As Docker mounts single files."""
    other = old.parent / "other"
    other.write_text("mounted")
    script = f"""
import errno, os, sys
from {dialect.__name__} import store_file
for backup in False, True:
    try:
        store_file("file.pyon", 1, backup=backup)
    except OSError as error:
        assert error.errno == errno.EBUSY and error.filename == "file.pyon", error
        assert "mount its directory instead" in str(error)
assert sorted(os.listdir(".")) == ["file.pyon", "other"] and open("file.pyon").read() == "mounted"
print("as it should be")
"""
    process = subprocess.run(
        ["unshare", "-m", "sh", "-c", 'mount --bind other file.pyon && exec "$@"', "-"]
        + [sys.executable, "-c", script],
        cwd=old.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    if "Traceback" not in process.stderr and process.returncode != 0:
        pytest.skip("nothing may be mounted here")
    assert process.stdout == "as it should be\n", process.stderr
    assert old.read_text() == "old" and names(old.parent) == ["file.pyon", "other"]


@pytest.mark.parametrize("make", ["mkdir", "mkfifo", "symlink"])
def test_what_is_in_the_way_and_no_file_is_left_alone(dialect, old, make):
    arguments = ["nowhere"] if make == "symlink" else []
    if not hasattr(os, make):
        pytest.skip(f"there is no {make}")
    getattr(os, make)(*arguments, old.parent / WAITING)
    dialect.store_file(old, [1])
    assert dialect.load_file(old) == [1]
    assert set(names(old.parent)) - {WAITING} == {"file.pyon"}


def test_the_longest_names(dialect, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in "x" * 255, "é" * 127, "x" * 255:
        dialect.store_file(name, [1])
        assert dialect.load_file(name) == [1]
    assert len(names(tmp_path)) == 2


@pytest.fixture
def descriptors():
    """Counts those that are open."""
    if os.name != "posix" or not os.path.isdir("/proc/self/fd"):  # wine shows its own
        pytest.skip("no /proc to count descriptors in")
    return lambda: len(os.listdir("/proc/self/fd"))


def test_no_descriptor_stays_open(dialect, old, descriptors):
    count = descriptors()
    for _ in range(5):
        dialect.store_file(old, [1])
        dialect.load_file(old)
        with pytest.raises(TypeError):
            dialect.store_file(old, object())
    assert descriptors() == count


class Interrupted(Exception):
    pass


def interrupt(function, step):
    """Calls it, with an exception at a step: between two instructions, where a signal handler may run."""

    def trace(frame, event, argument):
        nonlocal step
        frame.f_trace_opcodes = frame.f_globals["__name__"].startswith("fastpyon")
        step -= event == "opcode"
        if step < 0 and event == "opcode":
            sys.settrace(None)
            raise Interrupted
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function()
    except Interrupted:
        return True
    finally:
        sys.settrace(before)
    return False


@pytest.mark.parametrize("kind", ["store", "load", "store lines", "append lines", "load lines"])
@pytest.mark.filterwarnings("error")
def test_an_exception_between_any_two_steps_leaves_nothing(dialect, tmp_path, descriptors, kind):
    path, count = tmp_path / "file", descriptors()
    function = {
        "store": lambda: dialect.store_file(path, [2], backup=True),
        "load": lambda: dialect.load_file(path),
        "store lines": lambda: stream.store_lines(path, [2, 3], dialect, backup=True),
        "append lines": lambda: stream.store_lines(path, [2, 3], dialect, append=True),
        "load lines": lambda: list(stream.load_lines(path, dialect, on_error=pytest.fail)),
    }[kind]
    path.write_text("[1]\n")
    function()
    results = {(tmp_path / "file").read_text(), "[1]\n", "[1]\n2\n"[: 6 if "append" in kind else 4]}
    step, was_interrupted = 0, True
    while was_interrupted:
        for name in names(tmp_path):
            os.unlink(tmp_path / name)
        path.write_text("[1]\n")
        was_interrupted = interrupt(function, step)
        assert path.read_text() in results
        assert set(names(tmp_path)) <= {"file", "file~"}
        assert descriptors() == count
        step += 1
    assert step > 10


def test_keywords_of_v2_are_those_of_json_dump(tmp_path):
    path = tmp_path / "file.pyon"
    x = {"b": (1,), "a": "é"}
    for keywords in (
        {"sort_keys": True},
        {"ensure_ascii": False},
        {"separators": (";", "=")},
        {"sort_keys": False},
    ):
        stream = io.StringIO()
        json.dump(pyon.wrap(x), stream, default=pyon._encode_default, indent=4, **keywords)
        pyon.store_file(path, x, **keywords)
        assert path.read_text(encoding="utf-8") == stream.getvalue()


def test_wrong_keywords_leave_the_old_file(old):
    for keywords in ({"foo": 1}, {"indent": 2}, {"default": repr}):
        with pytest.raises(TypeError):
            pyon.store_file(old, 1, **keywords)
    with pytest.raises(TypeError):
        pyon_v1.store_file(old, 1, foo=1)
    assert unchanged(old)


# ---- load_file ----


def test_all_line_ends_are_line_feeds(dialect, tmp_path):
    path = tmp_path / "file.pyon"
    path.write_bytes(b"[\r\n1,\r2,\n3]\r\n")
    assert dialect.load_file(path) == [1, 2, 3]
    path.write_bytes(b"[\r\n1,\r\n?]")
    with pytest.raises(json.JSONDecodeError if dialect is pyon else SyntaxError) as caught:
        dialect.load_file(path)
    assert caught.value.lineno == 3
    assert getattr(caught.value, "pos", 5) == 5


def test_files_are_utf_8(dialect, tmp_path):
    path = tmp_path / "file.pyon"
    path.write_bytes('["é"]'.encode())
    assert dialect.load_file(path) == ["é"]
    for data in ('["é"]'.encode("latin-1"), '["é"]'.encode("utf-16"), b'["\xed\xa0\x80"]'):
        path.write_bytes(data)
        with pytest.raises(UnicodeDecodeError):
            dialect.load_file(path)


def test_a_byte_order_mark_is_an_error(tmp_path):
    path = tmp_path / "file.pyon"
    path.write_bytes(b"\xef\xbb\xbf[1]")
    with pytest.raises(json.JSONDecodeError, match="Unexpected UTF-8 BOM"):
        pyon.load_file(path)
    with pytest.raises(SyntaxError):
        pyon_v1.load_file(path)


def test_files_that_cannot_be_read(dialect, tmp_path):
    with pytest.raises(FileNotFoundError):
        dialect.load_file(tmp_path / "missing")
    with pytest.raises(IsADirectoryError if os.name == "posix" else PermissionError):  # as open() has it
        dialect.load_file(tmp_path)


def test_a_descriptor_can_be_read(dialect, tmp_path):
    path = tmp_path / "file.pyon"
    path.write_text("[1]")
    assert dialect.load_file(os.open(path, os.O_RDONLY)) == [1]


def test_an_empty_file_is_an_error_of_its_dialect(tmp_path):
    path = tmp_path / "file.pyon"
    path.write_text("")
    with pytest.raises(json.JSONDecodeError):
        pyon.load_file(path)
    with pytest.raises(SyntaxError):
        pyon_v1.load_file(path)


def test_keywords_of_load_file_are_those_of_json_load(tmp_path):
    path = tmp_path / "file.pyon"
    path.write_text('{"a": 1}')
    assert pyon.load_file(path, parse_int=str) == {"a": "1"}
    with pytest.raises(TypeError):
        pyon.load_file(path, foo=1)


# ---- The converter ----


def convert(*arguments, **keywords):
    return subprocess.run(
        [sys.executable, "-m", "fastpyon.pyon", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=600,
        **keywords,
    )


@pytest.fixture
def v1_file(tmp_path):
    path = tmp_path / "file.pyon"
    pyon_v1.store_file(path, VALUE)
    return path


def test_the_converter_makes_a_v1_file_a_v2_file(v1_file):
    text = v1_file.read_bytes()
    process = convert(v1_file.name, cwd=v1_file.parent)
    assert (process.returncode, process.stdout, process.stderr) == (0, "", "")
    assert v1_file.read_text() == pyon.encode(VALUE, True)
    assert (v1_file.parent / "file.pyon_v1").read_bytes() == text
    assert names(v1_file.parent) == ["file.pyon", "file.pyon_v1"]


def test_the_converter_does_not_overwrite_a_backup(v1_file):
    text = v1_file.read_bytes()
    backup = v1_file.parent / "file.pyon_v1"
    backup.write_text("precious")
    process = convert(str(v1_file))
    assert process.returncode == 1
    assert f"FileExistsError: Backup `{backup}` already exists. Aborting." in process.stderr
    assert v1_file.read_bytes() == text and backup.read_text() == "precious"
    assert names(v1_file.parent) == ["file.pyon", "file.pyon_v1"]


@pytest.mark.parametrize(
    "text", ["{'a': ", "().__class__", "{'__jsonclass__': 1}", "[Fraction(1, 0)]", ""]
)
def test_a_failed_conversion_leaves_the_file_as_it_was(tmp_path, text):
    path = tmp_path / "file.pyon"
    path.write_text(text)
    process = convert(str(path))
    assert process.returncode == 1 and "Traceback" in process.stderr
    assert path.read_text() == text
    assert names(tmp_path) == ["file.pyon"]


def test_the_converter_explains_itself(tmp_path):
    for arguments, status in ((["-h"], 0), ([], 2), (["a", "b"], 2)):
        process = convert(*arguments, cwd=tmp_path)
        assert process.returncode == status
        assert "usage:" in process.stdout + process.stderr
    assert convert(str(tmp_path / "missing")).returncode == 1
    assert names(tmp_path) == []
