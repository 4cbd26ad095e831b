# SPDX-License-Identifier: LGPL-3.0-or-later
"""CONTRIBUTING.md is true: its short commands run, and its tables name what there is.

Its long commands are run by test_readme.py, in a fresh clone.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FILE = ROOT / "CONTRIBUTING.md"
TEXT = FILE.read_text(encoding="utf-8") if FILE.exists() else ""

pytestmark = pytest.mark.skipif(not TEXT, reason="not in the source tree")


def section(title):
    return TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0] if TEXT else ""


def rows(title):
    """The rows of the table in a section: lists of cells."""
    lines = re.findall(r"^\| (.*) \|$", section(title), re.MULTILINE)
    return [line.split(" | ") for line in lines[1:]]


# ---- Commands ----------------------------------------------------------------------------------

LONG = re.compile(r"FUZZ_|make |cc |build/events-asan")
COMMANDS = [
    line
    for title in ("Run one test", "Look inside")
    for block in re.findall(r"^```sh\n(.*?)^```", section(title), re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
    if not LONG.match(line)
]


def here(command):
    """The same command for the build directory in which pytest runs, which need not be build/."""
    return re.sub(
        r"\b(build/)?((?:tests|lib)/)", lambda match: match[2] if match[1] else f"{ROOT}/{match[2]}", command
    )


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """All is built already; a make that does nothing makes sure that nothing is built beside other tests."""
    if not Path("config.status").exists() or not Path("tests/c/programs/events").exists():
        pytest.skip("not in a build directory, or the C tests have not been built")
    folder = tmp_path_factory.mktemp("bin")
    (folder / "make").symlink_to(shutil.which("true"))
    return {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def test_the_commands_are_found():
    assert len(COMMANDS) >= 10
    assert [command for command in COMMANDS if "events" in command]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_runs(command, environment):
    if command.startswith("gdb") and (not shutil.which("gdb") or os.environ.get("LD_PRELOAD")):
        pytest.skip("no gdb, or not beside a sanitizer")
    done = subprocess.run(
        ["sh", "-euc", here(command)], env=environment, capture_output=True, text=True, timeout=600
    )
    # A script may find something or be skipped: to say so is its own affair.
    allowed = (0, 1, 77) if "tests/run check-" in command else (0,)
    assert done.returncode in allowed and done.stdout, done.stdout + done.stderr


def test_a_name_that_is_none_is_refused(environment):
    for name in ("test_nothing", "tests/py/test_nothing.py", "v1/valid/nothing", "check-nothing", ""):
        done = subprocess.run(
            [ROOT / "tests" / "run", name], env=environment, capture_output=True, text=True, timeout=60
        )
        assert done.returncode != 0 and done.stdout + done.stderr, name


# ---- Tables ------------------------------------------------------------------------------------


def test_recipes_name_what_there_is():
    """Of a row, every file and test exists, and every other name is in one of its files."""
    tests = {path.stem for folder in ("tests", "fuzz") for path in (ROOT / folder).rglob("*") if path.is_file()}
    for row in rows("Recipes"):
        words = [re.sub(r"^(enum|struct) ", "", word) for word in re.findall(r"`([^`]+)`", " | ".join(row))]
        words = [word for word in words if not re.search("_X|NAME|^(make check|invalid|dialect|pyon)$", word)]
        files = {}
        for word in words:
            for path in (ROOT / word, ROOT / "pymod/fastpyon" / word, ROOT / "tests/c/support" / word):
                if path.exists():
                    files[word] = path.read_text(encoding="utf-8") if path.is_file() else ""
        for word in words:
            assert word in files or word in tests or any(word in text for text in files.values()), (word, row[0])


def test_every_variable_is_in_the_table():
    """All that the project reads from the environment and that has a name of its own."""
    told = {name for row in rows("Environment variables") for name in re.findall(r"`(\w+)`", row[0])}
    read = set()
    pattern = r"""(?:environ(?:\.get)?[([]["']|getenv\("|\$\{)((?:PYON|FUZZ|FASTPYON)\w*)"""
    for folder in ("lib", "pymod", "tests", "fuzz", "tools", "bench", "."):
        for path in (ROOT / folder).glob("*" if folder == "." else "**/*"):
            if path.is_file() and path.suffix in (".c", ".h", ".py", ".pth", ".sh", "") and path.stat().st_size < 10**6:
                read.update(re.findall(pattern, path.read_text(encoding="utf-8", errors="replace")))
    assert {"PYON_CPU", "FUZZ_SECONDS", "FASTPYON"} <= read
    assert read - told == set()
