# SPDX-License-Identifier: LGPL-3.0-or-later
"""python -m fastpyon run: the same programs with it and with the interpreter alone, which have to do the same.

Both ways to run a program are tried: by the interpreter, which reads the start-up file in an environment of its own,
and in the process of the command, where there is no such file.
"""

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

import fastpyon
import standins

ROOT = Path(__file__).resolve().parents[3]

# Everything that a program can see of how it was started.
LOOKS = """
import os, pickle, sys, __main__
assert vars(__main__) is globals()
for name, value in sorted(globals().items()):
    print(name, type(value).__name__, value if isinstance(value, (str, type(None))) else "")
print(__spec__ and (__spec__.name, __spec__.origin, __spec__.parent), getattr(__loader__, "path", None))
print(sys.argv, sys.path[0], os.getcwd(), sys._getframe().f_code.co_filename, sys.flags)
class K: pass
print(pickle.loads(pickle.dumps(K())).__class__ is K)
"""


@pytest.fixture(scope="module")
def interpreters(tmp_path_factory):
    """An interpreter that heeds the start-up files, and one that does not; both find fastpyon by PYTHONPATH."""
    found = {}
    for name in ["exec", "here"]:
        folder = tmp_path_factory.mktemp(name)
        venv.create(folder, symlinks=True)
        found[name] = str(folder / "bin" / "python")
    where = [found["exec"], "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = subprocess.run(where, check=True, capture_output=True, text=True).stdout.strip()
    for name in "fastpyon.pth", "fastpyon.start":
        shutil.copy(ROOT / "pymod" / name, site)
    return found


@pytest.fixture(params=["exec", "here"])
def interpreter(interpreters, request):
    return interpreters[request.param]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "package").mkdir()
    for name in ["looks.py", "package/__init__.py", "package/__main__.py", "package/part.py"]:
        (tmp_path / name).write_text(LOOKS if name != "package/__init__.py" else "import sys; print(sys.argv)\n")
    (tmp_path / "link.py").symlink_to("package/part.py")
    with zipfile.ZipFile(tmp_path / "looks.zip", "w") as archive:
        archive.writestr("__main__.py", LOOKS)
    return tmp_path


def start(*command, folder, **environment):
    return subprocess.run(
        list(map(str, command)), cwd=folder, capture_output=True, text=True, timeout=600,
        env={**os.environ, "PYTHONPATH": str(Path(fastpyon.__file__).parents[1]), **environment},
    )  # fmt: skip


def compare(interpreter, *arguments, folder, flags=()):
    """Runs a program both ways and returns the process without the command."""
    alone = start(interpreter, *flags, *arguments, folder=folder, FASTPYON="1")
    ours = start(interpreter, *flags, "-m", "fastpyon", "run", *arguments, folder=folder, FASTPYON="")
    assert (ours.returncode, ours.stdout) == (alone.returncode, alone.stdout), ours.stderr
    if not Path(interpreter).parents[1].name.startswith("here"):  # there, tracebacks begin in fastpyon
        assert ours.stderr == alone.stderr
    return alone


def is_as_alone(interpreter, *arguments, folder, flags=()):
    done = compare(interpreter, *arguments, folder=folder, flags=flags)
    assert done.returncode == 0 and done.stdout.endswith("True\n"), done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["looks.py", "-x", "--", "run"], ["looks.py", "--", "-m"], ["./package/../looks.py"], ["link.py"],
        ["package", "x"], ["./package"], ["looks.zip", "y"], ["-m", "looks", "-m", "x"], ["-m", "package"],
        ["-m", "package.part", "--", "1"],
    ],
)  # fmt: skip
def test_what_a_program_sees(interpreter, folder, arguments):
    is_as_alone(interpreter, *arguments, folder=folder)


@pytest.mark.parametrize("arguments", [["link.py"], ["package", "x"], ["looks.zip", "y"], ["-m", "package.part", "-P"]])
def test_flags_of_the_interpreter(interpreter, folder, arguments):
    is_as_alone(interpreter, *arguments, folder=folder, flags=["-O", "-X", "dev", "-W", "ignore"])


@pytest.mark.skipif(sys.version_info < (3, 11), reason="-P is new in Python 3.11")
@pytest.mark.parametrize("arguments", [["link.py"], ["package", "x"], ["looks.zip", "y"]])
def test_the_folder_of_the_program_is_left_out(interpreter, folder, arguments):
    is_as_alone(interpreter, *arguments, folder=folder, flags=["-P"])


def test_absolute_paths_and_compiled_files(interpreter, folder):
    compare(interpreter, folder / "looks.py", folder=folder)
    compare(interpreter, folder / "package", folder=folder)
    code = "import py_compile; py_compile.compile('looks.py', 'compiled.pyc')"
    assert start(interpreter, "-c", code, folder=folder).returncode == 0
    assert compare(interpreter, "compiled.pyc", folder=folder).returncode == 0


# After the last line: pickle in a thread and in an exit handler, and a file that is beside the program.
GOES_ON = """
import atexit, os, pickle, sys, threading, __main__
class K: pass
def late(name):
    if threading.current_thread() is not main:
        main.join()
    assert sys.modules["__main__"] is __main__ and vars(__main__) is globals()
    print(name, pickle.loads(pickle.dumps(K())).__class__ is K)
    print("__file__" in globals(), open(os.path.join(os.path.dirname(file), "beside")).read())
file = __file__
main = threading.main_thread()
atexit.register(late, "at exit")
threading.Thread(target=late, args=["thread"]).start()
os.chdir("/")
"""


@pytest.mark.parametrize("arguments", [["goes_on.py"], ["-m", "goes_on"]])
def test_main_stays_until_the_end(interpreter, folder, arguments):
    (folder / "goes_on.py").write_text(GOES_ON)
    (folder / "beside").write_text("beside")
    done = compare(interpreter, *arguments, folder=folder)
    lines = done.stdout.split("\n")
    assert done.returncode == 0 and not done.stderr
    assert lines[::2] == ["thread True", "at exit True", ""] and all("beside" in line for line in lines[1::2])


SPAWNS = """
import multiprocessing, sys
class K: pass
def get(x): return x, __name__
if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        [(x, name)] = pool.map(get, [K()])
    print(type(x) is K, name)
"""


@pytest.mark.parametrize("arguments", [["spawns.py"], ["-m", "spawns"]])
def test_spawned_processes_import_the_program(interpreter, folder, arguments):
    (folder / "spawns.py").write_text(SPAWNS)
    done = compare(interpreter, *arguments, folder=folder)
    assert done.stdout == "True __mp_main__\n", done.stderr


@pytest.mark.parametrize(
    "text",
    ["import sys; sys.exit(7)", "raise SystemExit", "raise SystemExit('text')", "1 / 0", "(", "raise KeyboardInterrupt",
     "import os, signal; os.kill(os.getpid(), signal.SIGTERM)", "# coding: latin-1\nprint(ascii('\xe9'))"],
)  # fmt: skip
def test_how_a_program_ends(interpreter, folder, text):
    (folder / "ends.py").write_bytes(text.encode("latin-1"))
    compare(interpreter, "ends.py", folder=folder)
    compare(interpreter, "-m", "ends", folder=folder)


@pytest.mark.parametrize("arguments", [["missing.py"], ["empty"], ["-m", "missing"], ["-m", "empty"]])
def test_programs_that_are_not_there(interpreter, folder, arguments):
    (folder / "empty").mkdir()
    alone = compare(interpreter, *arguments, folder=folder)
    ours = start(interpreter, "-m", "fastpyon", "run", *arguments, folder=folder)
    assert alone.returncode != 0 and ours.stderr == alone.stderr


def test_the_program_is_swapped(interpreter, folder):
    standins.make(folder, "1.10")
    (folder / "swapped.py").write_text(
        "import os; from sipyco import pyon; print(pyon.encode(1), os.environ['FASTPYON'])"
    )
    for arguments in [["swapped.py"], ["-m", "swapped"]]:
        done = start(interpreter, "-m", "fastpyon", "run", *arguments, folder=folder, FASTPYON="")
        assert done.stdout == "1 1\n", done.stderr


def test_modules_beside_the_program_come_before_those_of_python(interpreters, folder):
    """The command has imported argparse, but the program has not."""
    (folder / "argparse.py").write_text("print('beside the program')")
    (folder / "imports.py").write_text("import argparse")
    other = folder / "other"
    other.mkdir()
    assert compare(interpreters["exec"], "../imports.py", folder=other).stdout == "beside the program\n"


def test_where_the_start_file_is_not_heeded_the_swap_is_there(interpreters, folder):
    """With -E and -S, and if another program started the command."""
    path = os.pathsep.join([str(Path(fastpyon.__file__).parents[1]), str(folder)])
    standins.make(folder, "1.10")
    (folder / "swapped.py").write_text("from sipyco import pyon; print(pyon.encode(1))")
    (folder / "starts.py").write_text(
        f"import sys; sys.path[:0] = {path.split(os.pathsep)!r}\n"
        "import runpy; sys.argv = ['', 'run', 'swapped.py']\n"
        "runpy.run_module('fastpyon', run_name='__main__', alter_sys=True)"
    )
    for flags in [["-S", "-m", "fastpyon", "run", "swapped.py"], ["-E", "starts.py"], ["-I", "starts.py"]]:
        done = start(interpreters["exec"], *flags, folder=folder, FASTPYON="")
        assert done.stdout == "1\n", done.stderr
