# SPDX-License-Identifier: LGPL-3.0-or-later
"""The tutorial and the other guides are sessions that work: their Python runs, and their commands print what is shown.

The blocks of a page belong together, Python and shell, in their order and in one folder. test_readme.py looks at the
blocks of commands without output. `python test_guides.py PAGE` writes what the commands print into the page.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import fastpyon
from command import PROGRAM, UTF8

ROOT = Path(__file__).resolve().parents[3]
PAGES = [ROOT / "docs" / name for name in ("README.md", "tutorial.md", "moving.md", "artiq.md", "archive.md")]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)

# Runs the blocks of a page; prints what each command has printed.
PLAYER = """
import json, sys
from subprocess import DEVNULL, PIPE, STDOUT, run

namespace, printed = {"__name__": "__main__"}, []
page, blocks = json.load(sys.stdin)
for language, line, text in blocks:
    if language == "python":
        exec(compile("\\n" * line + text, page, "exec"), namespace)
    else:
        printed.append(run(["sh", "-c", text], stdin=DEVNULL, stdout=PIPE, stderr=STDOUT).stdout.decode())
json.dump(printed, sys.stdout)
"""


def blocks(text):
    """(language, number of the first line, text) of what is played, a command each by itself; and what is shown."""
    played, shown = [], []
    for match in FENCE.finditer(text):
        line = text.count("\n", 0, match.start(2))
        if match[1] == "python":
            played.append(("python", line, match[2]))
        elif match[1] == "console":
            for step in re.split(r"^\$ ", match[2], flags=re.MULTILINE)[1:]:
                command, _, output = step.partition("\n")
                played.append(("console", line, command))
                shown.append(output)
    return played, shown


def play(page, folder):
    """Plays a page in a folder with the examples: (command, what is shown, what it prints) of each command."""
    played, shown = blocks(page.read_text(encoding="utf-8"))
    (folder / "bin").mkdir()
    (folder / "bin" / "pyon").symlink_to(PROGRAM)
    (folder / "bin" / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (folder / "bin" / "python").chmod(0o755)
    shutil.copytree(ROOT / "examples", folder / "examples")
    env = {
        **os.environ, **UTF8, "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join([str(Path(fastpyon.__file__).parents[1]), *sys.path]),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", PLAYER], input=json.dumps([str(page), played]), cwd=folder, env=env,
        capture_output=True, encoding="utf-8", timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    commands = [text for language, _, text in played if language == "console"]
    return list(zip(commands, shown, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_guide_works(page, tmp_path):
    text = page.read_text(encoding="utf-8")
    for name in "numpy", "h5py", "matplotlib":
        if name in text:
            pytest.importorskip(name)
    for command, shown, printed in play(page, tmp_path):
        assert printed == shown, command


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_is_tested(page):
    languages = {match[1] for match in FENCE.finditer(page.read_text(encoding="utf-8"))}
    assert languages and languages <= {"python", "console", "sh"}


def main(page):
    """Writes what the commands of a page print into it."""
    import tempfile

    page = Path(page).resolve()
    text = page.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        for command, shown, printed in play(page, Path(folder)):
            text = text.replace(f"$ {command}\n{shown}", f"$ {command}\n{printed}", 1)
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
