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
from fastpyon import _command, _core

ROOT = Path(__file__).resolve().parents[3]


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


SCRIPTS = Path(sysconfig.get_path("scripts"), "pyon")


@pytest.mark.skipif(
    not (INSTALLED.parent / "_command.py").exists(),
    reason="fastpyon, or one that has the program, is not installed by pip",
)
def test_the_program_is_installed_by_pip():
    assert os.access(SCRIPTS, os.X_OK)
    done = subprocess.run([SCRIPTS, "--version"], capture_output=True, text=True)
    assert done.stdout == f"pyon {fastpyon.__version__}\n"
    if Path(fastpyon.__file__).parent == INSTALLED.parent:
        assert _command.find().samefile(SCRIPTS)


def test_the_program_is_in_a_wheel(tmp_path):
    """Among the scripts, with the right to be run: of the same C files as that of make."""
    if os.environ.get("PYON_TEST_README") != "1":
        pytest.skip("PYON_TEST_README=1 builds a wheel, which takes minutes")
    import zipfile

    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", tmp_path, ROOT],
        check=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (script,) = [info for info in archive.infolist() if info.filename.endswith(".data/scripts/pyon")]
        assert script.external_attr >> 16 & 0o111 == 0o111
        (tmp_path / "pyon").write_bytes(archive.read(script))
    (tmp_path / "pyon").chmod(0o755)
    done = subprocess.run([tmp_path / "pyon", "show", ROOT / "examples" / "dataset_db.pyon"], capture_output=True)
    assert done.returncode == 0 and done.stdout.startswith(b"dict of 183\n")


def test_all_files_of_the_program_are_listed():
    """setup.py and make read the same list."""
    text = (ROOT / "cmd" / "sources.am").read_text().replace("\\\n", " ")
    listed = set(text.partition("cmd_sources =")[2].split())
    there = {str(path.relative_to(ROOT)) for path in (ROOT / "cmd").rglob("*.[ch]")}
    assert listed == there
