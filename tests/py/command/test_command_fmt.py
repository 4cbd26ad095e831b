# SPDX-License-Identifier: LGPL-3.0-or-later
"""pyon fmt and convert: byte for byte what the modules write, also out of lines "path = value"; and -i, which replaces
a file as a whole or not at all."""

import itertools
import json
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import warnings
from pathlib import Path

import pytest

from command import PROGRAM, environment, needs_linux, output, run
from fastpyon import pyon, pyon_v1
from generate import Generator
from preload import compiled

np = pytest.importorskip("numpy")
warnings.filterwarnings("ignore", category=DeprecationWarning)

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = sorted((ROOT / "examples").glob("*.pyon"))
MODULES = {"v1": pyon_v1, "v2": pyon}


def version(path):
    return "v2" if path.stem.endswith("_v2") else "v1"


def generated(name, count=400):
    """Texts of values that the version can express, one by one."""
    module = MODULES[name]
    generator = Generator(15, np, own_only=True)
    while count:
        try:
            text = module.encode(generator.value(4))
            if module.encode(module.decode(text)) != text:
                continue  # a set has no order
        except (TypeError, ValueError, AssertionError, NameError):
            continue
        if not text.isascii():
            continue  # the repr() of Python in a slice of version 1
        if name == "v1" and "-0j" in text:
            continue  # from Python 3.14 on, this difference has a negative zero: not in the library
        count -= 1
        yield text


# ---- The bytes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_examples(path):
    name = version(path)
    value = MODULES[name].load_file(path)
    assert output("fmt", "--compact", path) == MODULES[name].encode(value) + "\n"
    assert output("fmt", path) == output("fmt", "--pretty", path) == MODULES[name].encode(value, pretty=True) + "\n"
    assert output("convert", "--to", "v2", path) == pyon.encode(value, pretty=True) + "\n"
    if name == "v1":  # which has no NumPy boolean in Python, and one in C
        assert output("convert", "--to", "v1", path) == pyon_v1.encode(value, pretty=True) + "\n"


@pytest.mark.parametrize("target, path", [(t, p) for t in MODULES for p in EXAMPLES if t >= version(p)])
def test_a_file_in_place_is_that_of_store_file(path, target, tmp_path):
    MODULES[target].store_file(tmp_path / "theirs", MODULES[version(path)].load_file(path))
    shutil.copy(path, tmp_path / "ours")
    assert output("convert", "--to", target, "-i", tmp_path / "ours") == ""
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()


@pytest.mark.parametrize("name", MODULES)
def test_a_file_of_many_values(name, tmp_path):
    path = tmp_path / "log"
    text = "".join(text + "\n" for text in generated(name))
    path.write_bytes(text.encode())
    assert output("fmt", f"--{name}", path) == text
    assert output("fmt", f"--{name}", "-", input=text) == text
    pretty = "".join(MODULES[name].encode(MODULES[name].decode(line), pretty=True) + "\n" for line in text.splitlines())
    assert output("fmt", f"--{name}", "--pretty", path) == pretty
    if name == "v2":  # version 1 sorts what is laid out in lines
        assert output("fmt", f"--{name}", "--compact", "-", input=pretty) == text
    assert output("fmt", f"--{name}", "-i", path) == "" and path.read_bytes() == text.encode()


PLAIN = '{"a":[1.50,-0,1e5,NaN,"\\u00e9\\/\\n",true,{}],"b":{"c":[],"d":null}}'


@pytest.mark.parametrize("text", [
    PLAIN, " { } ", json.dumps(json.loads(PLAIN)), json.dumps(json.loads(PLAIN), indent=1, ensure_ascii=False),
    json.dumps(list(range(10**5))), "[1,2][3]",
    # These are not copied from text to text.
    '{"a":1,"b":2,"a":3}', '[{"__jsonclass__":["tuple",[[1]]]}]', '{"a\\u0062":1}', "[" * 1001 + "]" * 1001,
], ids=lambda text: text[:30])  # fmt: skip
def test_a_file_is_written_as_a_pipe_is(text, tmp_path):
    """A file may be copied without trees, because it can be read twice."""
    path = tmp_path / "data.pyon"
    for layout in [], ["--compact"], ["--pretty"], ["--sorted"]:
        path.write_text(text)
        ours = output("fmt", *layout, path)
        assert ours == output("fmt", *layout, "-", input=text)
        if layout in (["--compact"], ["--pretty"]) and "{" in text:
            assert ours == pyon.encode(pyon.decode(text), pretty=layout == ["--pretty"]) + "\n"
        assert output("fmt", *layout, "-i", path) == ""
        assert path.read_text() in (ours, ours[:-1])
        assert output("fmt", *layout, path) == ours


@pytest.mark.parametrize("name", MODULES)
def test_lines_give_the_file_back(name, tmp_path):
    texts = [*itertools.islice(generated(name), 150), *(MODULES[name].encode(x) for x in (
        {"a.b": {"c": 1}, "a": {"b.c": 2, "d": [(), {}, [], ({},)]}, "": "", "x = y": "a = b", "\n": 1, "1": 2, 1: 3},
        {"a": 1, "a.b": 2, "a.b.c": {"d": {"e": 1}}}, [], (), {}, [[[]]], {"é": ["\ud800"]}, {"a[0]": {"b": 1}}, "x", 1,
    ))]  # fmt: skip
    # The literal of such a key in a path, (-0+1j), has no negative zero in Python either.
    texts = [text for text in texts if '"complex",[-0.0' not in text]
    for text in texts:
        lines = output("get", "--lines", f"--{name}", "-", input=text)
        assert lines.startswith(f"# version {name[1]}\n")
        assert output("fmt", "--compact", "-", input=lines) == text + "\n", lines
    path = tmp_path / "log"
    path.write_bytes("".join(text + "\n" for text in texts).encode())
    assert output("fmt", "-", input=output("get", "--lines", f"--{name}", path)) == path.read_text()


def test_lines_that_grep_has_left():
    """Without the lines of the containers around them, they are members of a dict."""
    lines = 'a.b = 1\nc = [(1,)]\n["x y"] = {}\n["x y"].z = 2\n'
    assert output("fmt", "--compact", "-", input=lines) == '{"a.b": 1, "c": [(1, )], "x y": {"z": 2}}\n'


@pytest.mark.parametrize(
    "text, message",
    [
        ("# version 2\n. = {}\nx 1\n", ":3: this line is not of the form: path = value"),
        (". = {}\nx = [1,\n", ":2: "),
        (". = 1\nx = 2\n", ":2: the value before this line has no members"),
        ("# version 2\n", ": there is no value in it"),
    ],
)
def test_lines_that_are_wrong(text, message):
    done = run("fmt", "-", input=text)
    assert done.returncode == 1 and done.stdout == "" and f"standard input{message}" in done.stderr


def test_a_comment_that_looks_like_the_first_of_such_lines():
    assert run("fmt", "--drop-comments", "-", input="# version 1\n(1,)\n").stdout == "(1, )\n"


def test_sorted_keys():
    assert output("fmt", "--sorted", "--compact", "-", input='{"b": 1, "a": {"d": 1, "c": 2}}') == (
        '{"a":{"c":2,"d":1},"b":1}\n'
    )


@pytest.mark.parametrize(
    "text, target, path",
    [
        ('{"a": [1, {"b": {"__jsonclass__": ["f", [], {"x": 1}]}}]}', "v1", None),
        ('{"a": [1, {"b": {"__jsonclass__": ["not a name", [1]]}}]}', "v1", "a[1].b"),
        ('{"__jsonclass__": ["not a name", [1]]}', "v1", ""),
    ],
)
def test_what_the_other_version_cannot_express(text, target, path):
    done = run("convert", "--to", target, "-", input=text)
    if path is None:
        assert done.returncode == 0
        return
    assert done.returncode == 2 and done.stderr.startswith(f"pyon convert: standard input: {path}")


# ---- Comments ----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ['{"a": 1, # x\n "b": (1,)}', "# x\n(1,)", "(1,) # x", '("#", "\\"#", 1) #'])
def test_comments_are_not_lost(text, tmp_path):
    path = tmp_path / "commented"
    path.write_text(text)
    for arguments in ([path], ["-i", path], ["-"]):
        done = run("fmt", *arguments, input=text)
        assert (done.returncode, done.stdout) == (2, "") and "comment at byte" in done.stderr
    assert path.read_text() == text
    without = MODULES["v1"].encode(MODULES["v1"].decode(text), pretty=True) + "\n"
    assert output("fmt", "--drop-comments", path) == without
    assert output("fmt", "--drop-comments", "-", input=text) == without


@pytest.mark.parametrize("text", ['("#", 1)', "('''#''', 1)", '("\\"#", 1)', "('#\\'', '', '#')", '{"#": "#"}'])
def test_what_is_no_comment(text):
    assert run("fmt", "-", input=text).returncode == 0


# ---- In place ----------------------------------------------------------------------------------

OLD, NEW = b'{"a":  1}', b'{\n    "a": 1\n}'


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "file.pyon"
    path.write_bytes(OLD)
    return path


def test_in_place(file):
    assert output("fmt", "-i", file) == ""
    assert file.read_bytes() == NEW and os.listdir(file.parent) == [file.name]


def test_a_backup(file):
    assert output("fmt", "-i", "--backup", file) == ""
    assert file.read_bytes() == NEW and Path(f"{file}~").read_bytes() == OLD
    assert output("fmt", "-i", "--backup", "--compact", file) == "" and Path(f"{file}~").read_bytes() == NEW


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o640, 0o755])
def test_the_mode_stays(file, mode):
    file.chmod(mode)
    assert output("fmt", "-i", file) == ""
    assert stat.S_IMODE(file.stat().st_mode) == mode


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_the_owner_stays(file):
    os.chown(file, 65534, 65534)
    assert output("fmt", "-i", file) == ""
    assert (file.stat().st_uid, file.stat().st_gid) == (65534, 65534)


def test_links(file):
    """A symbolic link is replaced, and other names keep the old file: as store_file() does it."""
    symlink, other = file.parent / "symlink", file.parent / "other"
    symlink.symlink_to(file.name)
    os.link(file, other)
    assert output("fmt", "-i", symlink) == ""
    assert not symlink.is_symlink() and symlink.read_bytes() == NEW and file.read_bytes() == OLD
    assert output("fmt", "-i", file) == ""
    assert file.read_bytes() == NEW and other.read_bytes() == OLD


def test_what_is_not_regular(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, "/dev/null"):
        done = run("fmt", "-i", path)
        assert done.returncode == 2 and done.stderr == f"pyon fmt: {path}: is not a regular file\n"
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_one_bad_file_of_several(file):
    bad = file.parent / "bad"
    bad.write_text("[")
    assert run("fmt", "-i", bad, file).returncode == 1
    assert bad.read_text() == "[" and file.read_bytes() == NEW


def as_nobody():
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)


def test_a_folder_that_nobody_may_write(file):
    file.chmod(0o644)
    file.parent.chmod(0o555)
    if os.geteuid() == 0:  # in whose folders, such as /root, nobody else may look at anything
        with tempfile.TemporaryDirectory(dir="/tmp") as folder:
            copy, program = Path(folder, "file.pyon"), Path(folder, "pyon")
            shutil.copy(file, copy)
            shutil.copy(PROGRAM, program)
            os.chmod(folder, 0o555)
            done = subprocess.run([program, "fmt", "-i", copy], capture_output=True, text=True, preexec_fn=as_nobody)
            assert done.returncode == 2 and "Permission denied" in done.stderr and copy.read_bytes() == OLD
    else:
        done = run("fmt", "-i", file)
        assert done.returncode == 2 and "Permission denied" in done.stderr
    file.parent.chmod(0o755)
    assert file.read_bytes() == OLD and os.listdir(file.parent) == [file.name]


@needs_linux
def test_a_full_file_system(tmp_path):
    """The limit of a file's size is as good as a full disk: it is an error of write()."""
    import resource

    path = tmp_path / "large"
    path.write_text("[" + ",".join(["1"] * 500000) + "]")
    before = path.read_bytes()

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))

    done = run("fmt", "-i", "--backup", "--pretty", path, preexec_fn=limit)
    assert done.returncode == 2 and done.stderr == f"pyon fmt: {path}: File too large\n"
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["large"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_in_the_middle(number, tmp_path):
    """At a moment in the writing of a large file, which can be told from its size growing."""
    path = tmp_path / "large"
    path.write_text("[" + ",".join(["[1,2]"] * 1000000) + "]")
    before, after_all = (
        path.read_bytes(),
        b"[\n" + b",\n".join([b"    [\n        1,\n        2\n    ]"] * 1000000) + b"\n]",
    )
    backup = Path(f"{path}~")
    process = subprocess.Popen([PROGRAM, "fmt", "-i", "--backup", path], env=environment())
    descriptors = Path(f"/proc/{process.pid}/fd")
    while process.poll() is None:
        try:
            sizes = [os.stat(entry).st_size for entry in descriptors.iterdir() if " (deleted)" in os.readlink(entry)]
        except OSError:
            continue
        if any(sizes):
            process.send_signal(number)
            break
    if process.wait() == 0:
        pytest.skip("there are no files without a name here, or it was too fast")
    assert process.returncode == -number
    # It may have come when all was written.
    after = path.read_bytes()
    assert after in (before, after_all)
    assert set(os.listdir(tmp_path)) <= {"large", "large~"} and (after == before or backup.read_bytes() == before)


# ---- A disk that breaks ------------------------------------------------------------------------

FAIL, SHORT, BEFORE, AFTER = 1, 2, 3, 4  # as in tests/preload/broken_disk.c
NO_UNNAMED_FILES, NO_LINKS = 1, 2


@pytest.fixture(scope="module")
def breaker(tmp_path_factory):
    """Runs pyon fmt -i --backup with a fault at one of its system calls, in a folder with an old file."""
    if os.environ.get("LD_PRELOAD") or not os.path.isdir("/dev/shm"):
        pytest.skip("no folder in memory, or beside a sanitizer")
    library = compiled("broken_disk", tmp_path_factory.mktemp("disk"))
    log = library.parent / "log"

    def run_with(first, last, fault, number, lacks, backup):
        with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
            path = Path(folder, "file")
            path.write_bytes(OLD)
            variables = {
                "LD_PRELOAD": str(library), "BROKEN_DISK": f"{first} {last} {fault} {number} {lacks}",
                "BROKEN_DISK_LOG": str(log),
            }  # fmt: skip
            done = run("fmt", "-i", *(["--backup"] if backup else []), path, variables=variables)
            files = {entry.name: entry.read_bytes() for entry in Path(folder).iterdir()}
        return done, files, log.read_text().split()

    if run_with(-1, -1, 0, 0, 0, False)[0].returncode:
        pytest.skip("a program cannot be preloaded here")
    return run_with


@needs_linux
@pytest.mark.parametrize("backup", [False, True])
@pytest.mark.parametrize("lacks", [0, NO_UNNAMED_FILES, NO_UNNAMED_FILES | NO_LINKS])
def test_a_fault_at_each_system_call(breaker, lacks, backup):
    done, files, calls = breaker(-1, -1, 0, 0, lacks, backup)
    assert done.returncode == 0 and files.pop("file") == NEW and files == ({"file~": OLD} if backup else {})
    assert "write" in calls and len(calls) > 8
    for n in range(len(calls)):
        for fault, number in (
            (FAIL, 28),
            (FAIL, 5),
            (FAIL, 4),
            (SHORT, 0),
            (BEFORE, signal.SIGTERM),
            (AFTER, signal.SIGTERM),
        ):
            done, files, _ = breaker(n, n, fault, number, lacks, backup)
            what = (n, calls[n], fault, number, done, files)
            content = files.pop("file")
            assert content in (OLD, NEW), what
            assert files.pop("file~", OLD) == OLD, what
            if fault == BEFORE or fault == AFTER:
                # Only a signal at the wrong moment leaves a file, which the next one removes: see docs/files.md.
                assert done.returncode in (0, -signal.SIGTERM) and all(name.startswith(".file.") for name in files), (
                    what
                )
            else:
                assert not files and done.returncode == (0 if content == NEW else 2), what
                assert (done.returncode == 0) == (not done.stderr), what
