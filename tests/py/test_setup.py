# SPDX-License-Identifier: LGPL-3.0-or-later
"""setup.py, and the extension that pip has built with it."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import fastpyon
from fastpyon import _core

ROOT = Path(__file__).resolve().parents[2]


def setup_version(numpy_version, folder):
    """Runs setup.py, to print the version of the package, where NumPy seems to have a version."""
    pytest.importorskip("setuptools", minversion="77")
    (folder / "numpy.py").write_text(f"__version__ = {numpy_version!r}\ndef get_include(): return 'include'\n")
    return subprocess.run(
        [sys.executable, "setup.py", "--version"],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(folder)}, capture_output=True, text=True, timeout=600,
    )  # fmt: skip


@pytest.mark.parametrize("version", ["1.26.4", "1.9.0.dev0"])
def test_it_is_not_built_with_an_old_numpy(version, tmp_path):
    """Else it could be installed, and not be imported."""
    done = setup_version(version, tmp_path)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr == f"NumPy {version} is older than 2, whose headers are needed to build\n"


@pytest.mark.parametrize("version", ["2.0.0rc1", "2.4.1", "10.0"])
def test_it_is_built_with_newer_ones(version, tmp_path):
    if not (ROOT / "lib" / "lex" / "lexer.c").exists():
        pytest.skip("nothing has been built in the source tree")
    done = setup_version(version, tmp_path)
    assert (done.returncode, done.stdout) == (0, f"{fastpyon.__version__}\n"), done.stderr


TESTED = Path(_core.__file__)
INSTALLED = Path(sysconfig.get_path("platlib"), "fastpyon", "_core" + sysconfig.get_config_var("EXT_SUFFIX"))


@pytest.mark.parametrize("file", [TESTED, INSTALLED], ids=["tested", "installed by pip"])
def test_the_extension_exports_its_initialisation_alone(file):
    """With RTLD_GLOBAL, other names would be taken by libraries that need libpyon."""
    if sys.platform == "darwin" or not shutil.which("nm"):
        pytest.skip("no nm that has -D here")
    if not file.exists():
        pytest.skip(f"there is no {file}")
    lines = subprocess.run(["nm", "-D", "--defined-only", file], check=True, capture_output=True, text=True).stdout
    assert [line.split()[-1] for line in lines.splitlines()] == ["PyInit__core"]
