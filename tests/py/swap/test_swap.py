# SPDX-License-Identifier: LGPL-3.0-or-later
"""fastpyon in the place of sipyco's modules: install, uninstall, the command, the start-up files.

The packages that are patched are stand-ins (standins.py), in processes of their own; the tests of
the real one are run, too, where PYON_REFERENCE names its folder. See test_swap_streams.py for what the swap
does to pipes and sockets.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import fastpyon
import standins

ROOT = Path(__file__).resolve().parents[3]
START_FILES = {name: ROOT / "pymod" / name for name in ("fastpyon.pth", "fastpyon.start")}


def path_with(*folders):
    return os.pathsep.join([*map(str, folders), *filter(None, [os.environ.get("PYTHONPATH")])])


@pytest.fixture
def run(python, tmp_path):
    """Runs a script where a stand-in of this shape is installed."""

    def run_with(shape, script, **environment):
        folder = tmp_path / shape
        folder.mkdir(exist_ok=True)
        if not (folder / "sipyco").exists():
            standins.make(folder, shape)
        return python(script, PYTHONPATH=path_with(folder), **{"FASTPYON": "", **environment})

    return run_with


BEFORE = "import fastpyon\nfrom sipyco import pyon\nfastpyon.install()\n"
AFTER = "import fastpyon\nfastpyon.install()\nfrom sipyco import pyon\n"


# ---- install and uninstall ----


@pytest.mark.parametrize("order", [BEFORE, AFTER, AFTER + "fastpyon.install()\n"])
@pytest.mark.parametrize("shape, ours", [("1.10", "pyon"), ("1.9", "pyon_v1")])
def test_the_module_is_ours_until_uninstall(run, order, shape, ours):
    script = f"""
import inspect, sys
import fastpyon.{ours} as ours
assert sys.modules["sipyco.pyon"] is pyon and pyon.__name__ == "sipyco.pyon"
assert pyon.encode is ours.encode and pyon._encode_map is ours._encode_map
assert pyon.encode([1]) == "[1]" and pyon.decode("[1]") == [1]
assert pyon.__loader__ is pyon.__spec__.loader
assert type(pyon.__loader__).__name__ == "SourceFileLoader"
assert pyon.__file__.endswith("pyon.py") and "theirs" in inspect.getsource(pyon)
fastpyon.uninstall()
assert pyon.encode(1) == "theirs1" and pyon.decode("theirs1") == 1
assert pyon._encode_map is not ours._encode_map
assert not fastpyon.status()["active"] and not any("fastpyon" in str(f) for f in sys.meta_path)
fastpyon.uninstall()
fastpyon.install()
assert pyon.encode([1]) == "[1]"
"""
    run(shape, order + script)


def test_both_dialects(run):
    run("1.10", AFTER + "from sipyco import pyon_v1\nassert pyon_v1.encode((1,)) == '(1, )'\n"
        "assert pyon.encode((1,)) != '(1, )'")  # fmt: skip


def test_what_was_imported_by_name_is_replaced_and_comes_back(run):
    run("1.10", """
import types, sys
holder = types.ModuleType("holder")
sys.modules["holder"] = holder
exec("from sipyco.pyon import encode, register as add, _encode_map", vars(holder))
before = dict(vars(holder))
import fastpyon, fastpyon.pyon
fastpyon.install()
assert holder.encode is fastpyon.pyon.encode and holder.add is fastpyon.pyon.register
assert holder._encode_map is fastpyon.pyon._encode_map
fastpyon.uninstall()
assert vars(holder) == before
""")  # fmt: skip


def test_functions_kept_elsewhere_go_on_working(run):
    run("1.10", """
from sipyco import pyon
class T: pass
kept = [pyon.encode, pyon.register]
import fastpyon
fastpyon.install()
pyon.register([T], name="t", encode=lambda x: [1], decode=lambda x: T())
assert kept[0](T()) == 'theirs["t"]'
kept[1]([type(kept)], name="list", encode=list, decode=list)
assert list in pyon._encode_map
""")  # fmt: skip


def test_what_somebody_else_has_put_there_stays(run):
    run("1.10", AFTER + """
def encode(x): return "mine"
pyon.encode = encode
fastpyon.uninstall()
assert pyon.encode is encode and pyon.decode("theirs1") == 1
""")  # fmt: skip


def test_types_registered_before_and_meanwhile(run):
    run("1.10", """
from sipyco import pyon
import fastpyon.pyon as ours
class Early: pass
class Late: pass
class Ours: pass
ours.register([Ours], name="ours", encode=lambda x: [], decode=Ours)
own = dict(ours._encode_map), dict(ours._decode_map)
pyon.register([Early], name="early", encode=lambda x: [1], decode=lambda x: Early())
pyon._decode_map["complex"] = lambda *x: "complex!"
theirs = dict(pyon._encode_map), dict(pyon._decode_map)
import fastpyon
fastpyon.install()
assert pyon.encode(Early()) == '{"__jsonclass__":["early",[1]]}'
assert isinstance(pyon.decode(pyon.encode([Early()]))[0], Early)
assert pyon.decode(pyon.encode(1j)) == "complex!"
assert pyon.encode({1}) == '{"__jsonclass__":["set",[[1]]]}'
pyon.register([Late], name="late", encode=lambda x: [], decode=Late)
pyon.deregister([Early], "early")
fastpyon.uninstall()
assert (ours._encode_map, ours._decode_map) == own
assert pyon.encode(Late()) == 'theirs["late"]'
assert set(pyon._encode_map) == {complex, set, Late}, pyon._encode_map
assert set(pyon._decode_map) == {"complex", "set", "late"}
assert pyon._decode_map["complex"] is theirs[1]["complex"]
assert pyon._encode_map[set] is theirs[0][set]
""")  # fmt: skip


def test_version_1_keeps_its_additions(run):
    run("1.9", """
from sipyco import pyon
import fastpyon.pyon_v1 as ours
class Early: pass
own = dict(ours._encode_map), dict(ours._eval_dict)
def encode_early(self, x): self.out.append("Early()")
pyon._encode_map[Early] = "early"
pyon._Encoder.encode_early = encode_early
pyon._eval_dict["Early"] = Early
import fastpyon
fastpyon.install()
assert pyon.encode([Early(), 1.5]) == "[Early(), 1.5]"
assert isinstance(pyon.decode("Early()"), Early)
pyon._eval_dict["five"] = 5
assert pyon.decode("five") == 5
fastpyon.uninstall()
assert (dict(ours._encode_map), dict(ours._eval_dict)) == own
assert not hasattr(ours._Encoder, "encode_early")
assert pyon.encode(Early()) == "theirsEarly()" and pyon.decode("theirsfive") == 5
""")  # fmt: skip


UNKNOWN = """
import warnings, fastpyon
warnings.simplefilter("error")
{before}
try:
    fastpyon.install()
    from sipyco import pyon
except RuntimeWarning as e:
    assert "fastpyon leaves sipyco.pyon" in str(e) and "not known" in str(e), e
else:
    raise AssertionError("no warning")
warnings.simplefilter("ignore")
from sipyco import pyon, pipe_ipc
fastpyon.install()
assert pyon.encode(1) == "theirs"
assert set(fastpyon.status()["left"]) == {{"sipyco.pyon", "sipyco.pipe_ipc"}}
"""


@pytest.mark.parametrize("before", ["", "from sipyco import pyon"])
def test_an_unknown_sipyco_is_left_alone_with_a_warning(run, before):
    run("unknown", UNKNOWN.format(before=before))


def test_streams_are_left_alone_if_told_so(run):
    run("1.10", """
import fastpyon
from sipyco import pipe_ipc, keepalive, tools
before = [dict(vars(x)) for x in (pipe_ipc, pipe_ipc.ChildComm, keepalive, tools.AsyncioServer)]
fastpyon.install(streams=False)
assert not fastpyon.status()["streams"]
assert [dict(vars(x)) for x in (pipe_ipc, pipe_ipc.ChildComm, keepalive, tools.AsyncioServer)] == before
fastpyon.install()
after = [dict(vars(x)) for x in (pipe_ipc, pipe_ipc.ChildComm, keepalive, tools.AsyncioServer)]
assert all(x != y for x, y in zip(after, before))
fastpyon.uninstall()
assert [dict(vars(x)) for x in (pipe_ipc, pipe_ipc.ChildComm, keepalive, tools.AsyncioServer)] == before
""")  # fmt: skip


def test_a_module_that_is_loaded_anew_is_patched_anew(run):
    run("1.10", AFTER + """
import importlib
importlib.reload(pyon)
assert pyon.encode([1]) == "[1]"
fastpyon.uninstall()
assert pyon.encode(1) == "theirs1"
""")  # fmt: skip


def test_importing_fastpyon_imports_nothing_of_the_swap(python):
    python("import sys, fastpyon\nassert not {'fastpyon._swap', 'asyncio', 'numpy'} & set(sys.modules)")


def test_the_bound(run):
    script = "import fastpyon\nfastpyon.install({})\nprint(fastpyon.status()['max_line'])"
    assert run("1.10", script.format("")) == f"{1 << 30}\n"
    assert run("1.10", script.format(""), FASTPYON_MAX_LINE="4096") == "4096\n"
    assert run("1.10", script.format("max_line=10"), FASTPYON_MAX_LINE="4096") == "10\n"
    run("1.10", """
import fastpyon, warnings
try: fastpyon.install(max_line=0)
except ValueError: pass
else: raise AssertionError
assert not fastpyon.status()["active"]
warnings.simplefilter("error")
try: fastpyon.install()
except RuntimeWarning as e: assert "FASTPYON_MAX_LINE=1GB" in str(e)
else: raise AssertionError
""", FASTPYON_MAX_LINE="1GB")  # fmt: skip


# ---- The start-up files ----

# Does what Python 3.15 does with a file NAME.start.
CALL_ENTRY_POINTS = """
import pkgutil
for line in map(str.strip, open({!r}, encoding="utf-8")):
    if line and not line.startswith("#"):
        module, _, function = line.partition(":")
        assert function and not hasattr(pkgutil.resolve_name(module), "__call__")
        pkgutil.resolve_name(line)()
"""


def read_at_start(folder, names):
    """Makes interpreters that have the folder in PYTHONPATH read these files as they read those of site-packages."""
    site = folder / "site"
    site.mkdir(parents=True)
    for name in names:
        (site / name).write_bytes(START_FILES[name].read_bytes())
    script = f"import site; site.addsitedir({str(site)!r})\n"
    if "fastpyon.pth" not in names and sys.version_info < (3, 15):
        script = CALL_ENTRY_POINTS.format(str(site / "fastpyon.start"))
    (folder / "sitecustomize.py").write_text(script)


@pytest.fixture(params=START_FILES)
def start_folder(tmp_path, request):
    """A folder for PYTHONPATH that makes the interpreter read a start-up file."""
    if request.param == "fastpyon.pth" and sys.version_info >= (3, 18):
        pytest.skip("this interpreter runs no lines of fastpyon.pth")
    read_at_start(tmp_path / "start", [request.param])
    standins.make(tmp_path / "start", "1.10")
    return tmp_path / "start"


WHO = "from sipyco import pyon; print(pyon.encode(1))"


@pytest.mark.parametrize("value, text", [("1", "1"), ("0", "theirs1"), ("", "theirs1")])
def test_the_variable(python, start_folder, value, text):
    assert python(WHO, PYTHONPATH=path_with(start_folder), FASTPYON=value) == f"{text}\n"


def test_the_variable_reaches_children_of_children(python, start_folder):
    script = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {WHO!r}], check=True)"
    assert python(script, PYTHONPATH=path_with(start_folder), FASTPYON="1") == "1\n"


def test_nothing_is_imported_when_it_is_not_set(python, start_folder):
    """But for the module with the function that fastpyon.start names."""
    script = "import sys; print(*sorted(name for name in sys.modules if 'fastpyon' in name))"
    needed = "fastpyon fastpyon._start" if (start_folder / "site" / "fastpyon.start").exists() else ""
    assert python(script, PYTHONPATH=path_with(start_folder), FASTPYON="") == f"{needed}\n"


def test_both_files_start_the_swap_once(tmp_path):
    read_at_start(tmp_path, START_FILES)
    shutil.copytree(Path(fastpyon.__file__).parent, tmp_path / "fastpyon", ignore=shutil.ignore_patterns("_swap"))
    (tmp_path / "fastpyon" / "_swap.py").write_text("def start(): print('started')")
    out = subprocess.run(
        [sys.executable, "-S", "-c", "import sitecustomize"],  # without a fastpyon that is installed
        env={**os.environ, "PYTHONPATH": str(tmp_path), "FASTPYON": "1"}, capture_output=True, text=True,
    )  # fmt: skip
    assert (out.stdout, out.stderr) == ("started\n", "")


def test_a_program_without_sipyco_notices_nothing(python, start_folder, tmp_path):
    (start_folder / "sipyco").rename(tmp_path / "elsewhere")
    script = """
import importlib.util, sys
try: import sipyco.pyon
except ModuleNotFoundError as e: print(e.name)
print(importlib.util.find_spec("sipyco"), "asyncio" in sys.modules, "numpy" in sys.modules)
"""
    out = python(script, PYTHONPATH=path_with(start_folder), FASTPYON="1")
    installed = subprocess.run([sys.executable, "-c", "import sipyco"], capture_output=True).returncode == 0
    assert installed or out == "sipyco\nNone False False\n"


@pytest.mark.parametrize(
    "start", [START_FILES["fastpyon.pth"].read_text(), CALL_ENTRY_POINTS.format(str(START_FILES["fastpyon.start"]))]
)
def test_isolated_interpreters_are_not_swapped(start):
    script = f"import sys; sys.path[:0] = {[str(Path(p)) for p in sys.path]!r}\n"
    script += f"exec({start!r})\nprint('fastpyon._swap' in sys.modules)"
    for flags, active in [(["-I"], "False"), (["-E"], "False"), ([], "True")]:
        out = subprocess.run(
            [sys.executable, *flags, "-c", script],
            env={**os.environ, "FASTPYON": "1"}, capture_output=True, text=True,
        )  # fmt: skip
        assert out.stdout == f"{active}\n", out.stderr


def test_a_broken_swap_does_not_stop_the_interpreter(start_folder):
    (start_folder / "fastpyon").mkdir()
    (start_folder / "fastpyon" / "__init__.py").write_text("__version__ = '0'")
    shutil.copy(Path(fastpyon.__file__).with_name("_start.py"), start_folder / "fastpyon")
    (start_folder / "fastpyon" / "_swap.py").write_text("raise RuntimeError('broken')")
    out = subprocess.run(
        [sys.executable, "-c", WHO],
        env={**os.environ, "FASTPYON": "1", "PYTHONPATH": path_with(start_folder)},
        capture_output=True, text=True,
    )  # fmt: skip
    assert out.returncode == 0 and out.stdout == "theirs1\n" and "broken" in out.stderr


def test_the_start_files_are_part_of_the_package(tmp_path):
    """Python 3.15 to 3.17 need no fastpyon.start, and would take longer to start with it. Later ones do not run
    fastpyon.pth, and 3.20 will warn of it."""
    pytest.importorskip("setuptools", minversion="77")
    pytest.importorskip("numpy")
    if not (ROOT / "lib" / "lex" / "lexer.c").exists():
        pytest.skip("nothing has been built in the source tree")
    subprocess.run(
        [sys.executable, "setup.py", "-q", "egg_info", "-e", str(tmp_path), "build_py", "-d", str(tmp_path)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    names = set(START_FILES)
    if (3, 15) <= sys.version_info < (3, 18):
        names.remove("fastpyon.start")
    if sys.version_info >= (3, 18):
        names.remove("fastpyon.pth")
    assert {path.name for path in tmp_path.iterdir() if path.suffix in (".pth", ".start")} == names
    for name in names:
        assert (tmp_path / name).read_bytes() == START_FILES[name].read_bytes()
    for file in "_swap/streams.py", "py.typed", "pyon.pyi", "database/__init__.pyi":
        assert (tmp_path / "fastpyon" / file).exists()


# ---- python -m fastpyon ----


def command(*arguments, folder, status=0, **environment):
    process = subprocess.run(
        [sys.executable, "-m", "fastpyon", *map(str, arguments)],
        cwd=folder, env={**os.environ, "PYTHONPATH": path_with(folder), "FASTPYON": "", **environment},
        capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert process.returncode == status, process.stderr
    return process.stdout if status == 0 else process.stderr


PROGRAM = """
import os, sys
from sipyco import pyon
print(__name__, sys.argv, sys.path[0], os.environ["FASTPYON"], pyon.encode(1))
import __main__
assert vars(__main__) is globals()
"""


@pytest.fixture
def folder(tmp_path):
    standins.make(tmp_path, "1.10")
    (tmp_path / "programs").mkdir()
    (tmp_path / "programs" / "program.py").write_text(PROGRAM)
    (tmp_path / "module.py").write_text(PROGRAM)
    return tmp_path.resolve()


def test_run_a_script(folder):
    script = folder / "programs" / "program.py"
    arguments = ["-x", "--", "run"]
    expected = f"__main__ {[str(script), *arguments]} {script.parent} 1 1\n"
    assert command("run", script, *arguments, folder=folder) == expected
    link = folder / "link.py"
    link.symlink_to(script)
    assert f"{script.parent} 1 1" in command("run", "link.py", folder=folder)


def test_run_a_module(folder):
    expected = f"__main__ {[str(folder / 'module.py'), '-m', 'x']} {folder} 1 1\n"
    assert command("run", "-m", "module", "-m", "x", folder=folder) == expected


def test_run_a_directory(folder):
    (folder / "programs" / "program.py").rename(folder / "programs" / "__main__.py")
    expected = f"__main__ ['programs'] {folder / 'programs'} 1 1\n"
    assert command("run", "programs", folder=folder) == expected


def test_the_status_of_the_program_is_that_of_the_command(folder):
    (folder / "exits.py").write_text("import sys; sys.exit(7)")
    command("run", "exits.py", folder=folder, status=7)


@pytest.mark.parametrize("arguments", [[], ["run"], ["run", "-m"], ["walk"], ["status", "x"]])
def test_usage_errors(folder, arguments):
    assert "usage: python -m fastpyon" in command(*arguments, folder=folder, status=2)


def test_status(folder):
    import fastpyon

    text = command("status", folder=folder)
    for part in [f"fastpyon {fastpyon.__version__} in ", f"in {folder / 'sipyco'}", "PYON v2", "not active"]:
        assert part in text
    (folder / "active.py").write_text(
        "import runpy, sys; sys.argv[1:] = ['status']; runpy.run_module('fastpyon', run_name='__main__')"
    )
    text = command("run", "active.py", folder=folder, FASTPYON_MAX_LINE="12345")
    assert "FASTPYON=1" in text and "active, for lines of up to 12345 bytes" in text
    assert "sipyco.pyon: fastpyon.pyon\n" in text and "sipyco.pyon_v1: fastpyon.pyon_v1\n" in text


# ---- The real one ----


@pytest.mark.parametrize("start_folder", ["fastpyon.pth"], indirect=True)
@pytest.mark.parametrize("test", ["pipe_ipc", "pc_rpc", "sync_struct", "broadcast"])
def test_the_tests_of_the_reference_pass(test, start_folder, tmp_path):
    reference = os.environ.get("PYON_REFERENCE")
    if not reference or not Path(reference, "sipyco", "test", f"test_{test}.py").exists():
        pytest.skip("no tests of sipyco in $PYON_REFERENCE")
    (start_folder / "sipyco").rename(tmp_path / "elsewhere")
    out = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"sipyco/test/test_{test}.py"],
        cwd=reference, capture_output=True, text=True, timeout=300,
        env={**os.environ, "FASTPYON": "1", "PYTHONPATH": path_with(start_folder, reference)},
    )  # fmt: skip
    assert out.returncode == 0, out.stdout[-4000:]
