# SPDX-License-Identifier: LGPL-3.0-or-later
"""The sdist and the wheels, the recipes of packages, and the workflows that run on GitHub."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
VERSION = re.search(r'#define PYON_VERSION "(.*)"', (ROOT / "lib" / "pyon.h").read_text(encoding="utf-8"))[1]
RUN = os.environ.get("PYON_TEST_README") == "1"


# ---- The sdist -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the files of git and the generated ones, and their names."""
    pytest.importorskip("setuptools", minversion="77")
    pytest.importorskip("numpy", minversion="2")
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    generated = ["lib/lex/lexer.c", "lib/lex/unescape.c"]
    if not all((ROOT / name).exists() for name in generated):
        pytest.skip("nothing has been built in the source tree")
    folder = tmp_path_factory.mktemp("sdist")
    tracked = git_files()
    for name in [*tracked, *generated]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    return folder, set(tracked), set(generated)


@pytest.fixture(scope="module")
def sdist(copy):
    """The names in an sdist of the copy, without its folder; and those of the copy."""
    folder, tracked, generated = copy
    subprocess.run(
        [sys.executable, "setup.py", "-q", "sdist"], cwd=folder, check=True, timeout=600,
        env={**os.environ, "RE2C": "no-re2c"}, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    (archive,) = (folder / "dist").iterdir()
    assert archive.name == f"fastpyon-{VERSION}.tar.gz"
    with tarfile.open(archive) as tar:
        names = {name.partition("/")[2] for name in tar.getnames() if not tar.getmember(name).isdir()}
    return names, tracked, generated


def git_files():
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("git does not list the files")
    return [name for name in done.stdout.splitlines() if (ROOT / name).is_file()]


def test_the_sdist_has_what_re2c_makes(sdist):
    names, _, generated = sdist
    assert generated <= names


def test_the_sdist_has_all_files_of_git(sdist):
    """So a package can be built from it, and its tests run. What is left out is of use in a checkout alone."""
    names, tracked, _ = sdist
    missing = {name for name in tracked - names if not name.startswith(".ci/")}
    assert missing == {".editorconfig", ".gitattributes", ".gitignore"}


def test_the_sdist_has_nothing_else(sdist):
    names, tracked, generated = sdist
    metadata = {"PKG-INFO", "setup.cfg"}
    assert {name for name in names - tracked - generated - metadata if ".egg-info/" not in name} == set()


@pytest.mark.parametrize(
    "platform, wanted", [("win-amd64", ["ziglang"]), ("mingw_x86_64_ucrt_llvm", []), ("linux-x86_64", [])]
)
def test_only_windows_needs_a_compiler_of_pypi(copy, platform, wanted):
    done = subprocess.run(
        [sys.executable, "-c", "from setuptools import build_meta; print(build_meta.get_requires_for_build_wheel())"],
        cwd=copy[0], check=True, timeout=600, capture_output=True, text=True,
        env={**os.environ, "RE2C": "no-re2c", "_PYTHON_HOST_PLATFORM": platform},
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == repr(wanted)


@pytest.mark.skipif(not RUN, reason="PYON_TEST_README=1 builds and tries an sdist and a wheel, which takes minutes")
def test_a_wheel_from_the_sdist_works(tmp_path):
    """Built where there is no re2c, used where there is no compiler: tools/wheels.sh says the rest."""
    if not shutil.which("re2c") and not (ROOT / "lib" / "lex" / "lexer.c").exists():
        pytest.skip("no re2c")
    interpreter = getattr(sys, "_base_executable", sys.executable)
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "LD_PRELOAD")}
    done = subprocess.run(
        [ROOT / "tools" / "wheels.sh", interpreter], capture_output=True, text=True,
        env={**environment, "PYTHON": interpreter, "WHEELS": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    assert len([*tmp_path.glob("*.whl")]) == 1 and done.stdout.count("\nsmoke: fastpyon") == 2


# ---- Recipes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "file, pattern",
    [
        ("debian/changelog", r"\Afastpyon \((.*)-\d+\)"),
        ("packaging/conda/meta.yaml", r'set version = "(.*)"'),
        ("packaging/msys2/PKGBUILD", r"(?m)^pkgver=(.*)$"),
    ],
)
def test_recipes_have_the_version_of_the_header(file, pattern):
    assert re.search(pattern, (ROOT / file).read_text(encoding="utf-8"))[1] == VERSION


@pytest.mark.parametrize("file", ["debian/control", "packaging/conda/meta.yaml", "pyproject.toml"])
def test_recipes_need_what_the_build_needs(file):
    """NumPy 2 and setuptools 77 to build: setup.py refuses older ones of the first."""
    text = (ROOT / file).read_text(encoding="utf-8")
    assert re.search(r"numpy ?\(?>= ?(1:)?2\b", text) and re.search(r"setuptools ?\(?>= ?77\b", text)


# ---- Workflows -------------------------------------------------------------------------------

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def test_there_are_workflows():
    assert {path.stem for path in WORKFLOWS} == {"fuzz", "sanitizers", "site", "tests", "wheels"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_are_pinned_and_may_only_read(path):
    text = path.read_text(encoding="utf-8")
    actions = re.findall(r"uses: (.*)", text)
    assert actions and all(re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40} # v[\d.]+", action) for action in actions)
    assert re.findall(r"permissions:\n((?: +.*\n)+)", text) == ["  contents: read\n"]
    assert text.count("actions/checkout@") == text.count("persist-credentials: false")
    assert len(re.findall(r"runs-on:", text)) == text.count("timeout-minutes:")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_call_scripts(path):
    """A step is one command, and a command of this project exists: there is no logic that only GitHub can run."""
    for command in re.findall(r"- run: (.*)", path.read_text(encoding="utf-8")):
        assert not re.search(r"[|;&<>]", command), command
        program = command.split()[0]
        if "/" in program:
            assert os.access(ROOT / program, os.X_OK), command
        else:
            assert program in ("brew", "python", "sudo"), command


def test_actionlint_finds_nothing():
    actionlint = shutil.which("actionlint") or shutil.which("actionlint", path=os.path.dirname(sys.executable))
    if not actionlint:
        pytest.skip("there is no actionlint")
    done = subprocess.run([actionlint, "-no-color", *WORKFLOWS], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
