# SPDX-License-Identifier: LGPL-3.0-or-later
"""The C in docs/library.md compiles without a warning; its programs print what is said; and what pyon.pc says."""

import ctypes
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import fastpyon
import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
VERSION = re.search(r'#define PYON_VERSION "(.*)"', (ROOT / "lib" / "pyon.h").read_text(encoding="utf-8"))[1]
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
CC = shlex.split(os.environ.get("CC", "cc"))
FLAGS = ["-std=c11", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Wconversion", "-Werror", f"-I{ROOT / 'lib'}"]
PLAIN = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}  # no sanitizer in the compiler
HEADERS = ["pyon.h", "pyon_tree.h", "pyon_path.h", "pyon_select.h", "stdio.h", "stdlib.h", "string.h", "unistd.h"]

pytestmark = pytest.mark.skipif(not shutil.which(CC[0]), reason="there is no compiler")


@pytest.mark.parametrize("block", [text for language, text in BLOCKS if language == "c"])
def test_it_compiles(block, tmp_path):
    """A block that includes nothing is part of a program, which has the headers of the library and of C."""
    source = tmp_path / "block.c"
    headers = "" if "#include" in block else "".join(f"#include <{header}>\n" for header in HEADERS)
    source.write_text(headers + block)
    subprocess.run([*CC, *FLAGS, "-fsyntax-only", str(source)], check=True, env=PLAIN)


def test_programs_print_what_is_said(tmp_path):
    libraries = Path(".libs").resolve()
    if not (libraries / "libpyon.so").exists():
        pytest.skip("there is no libpyon.so")
    count = 0
    for (language, block), (other, text) in zip(BLOCKS, BLOCKS[1:]):
        if language == "c" and other == "text":
            (tmp_path / "program.c").write_text(block)
            link = [f"-L{libraries}", f"-Wl,-rpath,{libraries}", "-lpyon"]
            subprocess.run([*CC, *FLAGS, "program.c", "-o", "program", *link], cwd=tmp_path, check=True, env=PLAIN)
            assert subprocess.run([tmp_path / "program"], capture_output=True, check=True).stdout == text.encode()
            count += 1
    assert count > 0


def test_pkg_config():
    if not shutil.which("pkg-config") or not Path("pyon.pc").exists():
        pytest.skip("there is no pkg-config, or no pyon.pc")
    environment = {**os.environ, "PKG_CONFIG_PATH": os.getcwd()}

    def ask(*options):
        return subprocess.check_output(["pkg-config", *options, "pyon"], env=environment, text=True).split()

    assert "-lpyon" in ask("--libs") and "-lm" not in ask("--libs")
    assert ask("--static", "--libs")[-2:] == ["-lpyon", "-lm"]
    assert ask("--modversion") == [VERSION]


def test_the_version():
    header = (ROOT / "lib" / "pyon.h").read_text(encoding="utf-8")
    assert re.findall(r"#define PYON_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", header) == VERSION.split(".")
    assert fastpyon.__version__ == VERSION
    library = Path(".libs/libpyon.so").resolve()
    if not library.exists():
        pytest.skip("there is no libpyon.so")
    pyon_version = ctypes.CDLL(str(library)).pyon_version
    pyon_version.restype = ctypes.c_char_p
    assert pyon_version() == VERSION.encode()


def test_all_headers_and_examples_are_named():
    for path in [*(ROOT / "lib").glob("pyon*.h"), *(ROOT / "examples").glob("*.c"), ROOT / "examples" / "tree.py"]:
        assert f"[{path.name}](../{path.relative_to(ROOT)})" in PAGE
