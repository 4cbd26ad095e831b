# SPDX-License-Identifier: LGPL-3.0-or-later
"""The types of the package: type checkers find nothing in the stubs, which say what is there when a program runs.

typed_program.py is a program that a user might write.
"""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import fastpyon

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = Path(fastpyon.__file__).parent
PROGRAM = Path(__file__).with_name("typed_program.py")
CONFIGURATION = ROOT / "pyproject.toml"

# stubtest would take it for a mistake that a Line says that it is of class bytes.
ODD = r"fastpyon\._swap\.streams\.Line\.__class__"
# What can be imported only with other packages, or on another system.
NEEDS = {
    "dask": r"fastpyon\.dask",
    "visidata": r"fastpyon\.visidata",
    "sipyco": r"fastpyon\.database(\.datasets)?",
    "h5py": r"fastpyon\.archive\.(hdf5|values)",
    "pyarrow": r"fastpyon\._arrow",
    "msvcrt": r"fastpyon\._system\.windows",
    "fcntl": r"fastpyon\._system\.posix",
}


# mypy finds the package by itself if it is installed, and says so.
INSTALLED = str(PACKAGE.parent) in sysconfig.get_paths().values()


def check(*command, folder=None):
    """Runs a type checker, which may find nothing."""
    done = subprocess.run(
        [sys.executable, "-m", *map(str, command)], cwd=folder, capture_output=True, text=True, timeout=600,
        env={**os.environ, "MYPYPATH": "" if INSTALLED else str(PACKAGE.parent)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """A folder in which one run of mypy leaves for the next one what it knows of the standard library and NumPy."""
    pytest.importorskip("mypy")
    return "--cache-dir", os.environ.get("MYPY_CACHE_DIR") or tmp_path_factory.mktemp("mypy")


@pytest.fixture
def folder(tmp_path):
    """A folder with the program, and with the stubs alone: type checkers report nothing about installed ones."""
    shutil.copytree(PACKAGE, tmp_path / "fastpyon", ignore=shutil.ignore_patterns("*.py", "*.so", "__pycache__"))
    shutil.copy(PROGRAM, tmp_path)
    return tmp_path


@pytest.fixture
def pyright(folder):
    """Runs pyright, where it is installed: the package of PyPI loads a part of it when it is first run."""
    pytest.importorskip("pyright")

    def run(file, **settings):
        (folder / "pyrightconfig.json").write_text(json.dumps({"include": [file], **settings}))
        command = "pyright", "--outputjson", "--project", folder, "--pythonpath", sys.executable
        summary = json.loads(check(*command))["summary"]
        assert summary["filesAnalyzed"] > 0 and summary["warningCount"] == 0
        return summary

    return run


def stubs():
    return sorted(PACKAGE.rglob("*.pyi"))


def test_the_types_are_a_part_of_the_package():
    """Without py.typed, type checkers do not look at them."""
    assert (PACKAGE / "py.typed").exists()
    if CONFIGURATION.exists():
        source = ROOT / "pymod" / "fastpyon"
        assert [path.relative_to(PACKAGE) for path in stubs()] == sorted(
            path.relative_to(source) for path in source.rglob("*.pyi")
        )


def test_every_public_module_has_a_stub():
    public = {path.stem for path in PACKAGE.glob("[!_]*.py")} | {"__init__", "_core", "archive", "database"}
    names = {path.parent.name if path.parent != PACKAGE else path.stem for path in stubs()}
    assert names == public


@pytest.mark.skipif(not CONFIGURATION.exists(), reason="not in the source tree")
def test_the_configuration_names_all_stubs():
    """Those that it does not name are not looked at."""
    text = CONFIGURATION.read_text(encoding="utf-8").partition("[tool.mypy]")[2]
    names = {".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in stubs()}
    assert set(re.findall(r'^    "(fastpyon[\w.]*)",$', text, re.MULTILINE)) == {
        name.removesuffix(".__init__") for name in names
    }


# ---- mypy ----


def test_mypy_finds_nothing_in_the_stubs(cache, folder):
    check("mypy", "--config-file=", "--strict", *cache, *folder.rglob("*.pyi"))


def test_mypy_finds_nothing_in_a_program(cache):
    check("mypy", "--config-file=", "--strict", *cache, PROGRAM)


def test_mypy_finds_mistakes(cache, tmp_path):
    """Else a program without a finding would say nothing."""
    (tmp_path / "wrong.py").write_text("from fastpyon import pyon\nn: int = pyon.encode(1)\n")
    with pytest.raises(AssertionError, match='wrong.py:2: error: .* has type "str", variable has type "int"'):
        check("mypy", "--config-file=", "--strict", *cache, tmp_path / "wrong.py")


# stubtest compares names and parameters. NumPy's types would take half of its time.
WITHOUT_NUMPY = """
[[tool.mypy.overrides]]
module = ["numpy", "numpy.*"]
follow_imports = "skip"
follow_imports_for_stubs = true
"""


@pytest.mark.skipif(not CONFIGURATION.exists(), reason="not in the source tree")
def test_the_stubs_say_what_is_there(tmp_path):
    pytest.importorskip("mypy")
    configuration = tmp_path / "pyproject.toml"
    configuration.write_text(CONFIGURATION.read_text(encoding="utf-8") + WITHOUT_NUMPY, encoding="utf-8")
    missing = [names for module, names in NEEDS.items() if importlib.util.find_spec(module) is None]
    (tmp_path / "allowed").write_text("\n".join([ODD, *missing]))
    options = "--mypy-config-file", configuration, "--allowlist", tmp_path / "allowed", "--ignore-unused-allowlist"
    check("mypy.stubtest", *options, "fastpyon", folder=tmp_path)  # where it leaves a cache


# ---- pyright ----


def test_pyright_finds_nothing_in_the_stubs(pyright):
    summary = pyright("fastpyon", typeCheckingMode="strict", reportPrivateUsage="none")
    assert summary["filesAnalyzed"] == len(stubs())


def test_pyright_finds_nothing_in_a_program(pyright):
    pyright(PROGRAM.name, reportUnnecessaryTypeIgnoreComment="error")
