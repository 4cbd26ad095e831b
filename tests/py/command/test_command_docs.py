# SPDX-License-Identifier: LGPL-3.0-or-later
"""The output of the command pyon in docs/command.md and README.md is what it prints."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from command import PROGRAM, UTF8, needs_git

ROOT = Path(__file__).resolve().parents[3]
PAGES = [ROOT / "README.md", ROOT / "docs" / "command.md"]


def steps(text):
    """Of the blocks of a page: each command, and what follows it."""
    for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = step.partition("\n")
            yield command, shown


def play(text, folder):
    """Runs the commands of a page, one after the other, in a folder with the examples: each with what it prints."""
    (folder / "bin").mkdir()
    (folder / "bin" / "pyon").symlink_to(PROGRAM)
    shutil.copytree(ROOT / "examples", folder / "examples")
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    env = {"PATH": path, "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1", "GIT_PAGER": "cat", **UTF8}
    env.update({f"GIT_{who}_{what}": "x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")})
    for command, shown in steps(text):
        done = subprocess.run(
            ["sh", "-c", command], cwd=folder, env=env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", timeout=600,
        )  # fmt: skip
        yield command, shown, done.stdout


@needs_git
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_output_is_real(page, tmp_path):
    for command, shown, printed in play(page.read_text(encoding="utf-8"), tmp_path):
        assert printed == shown, command


def test_all_commands_are_shown():
    text = (ROOT / "docs" / "command.md").read_text(encoding="utf-8")
    shown = {word for command, _ in steps(text) for word in re.findall(r"\bpyon (\w+)", command)}
    assert {"show", "get", "check", "fmt", "convert", "diff"} <= shown


def main(page):
    """Writes what the commands of a page print into it."""
    import tempfile

    text = Path(page).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        for command, shown, printed in play(text, Path(folder)):
            text = text.replace(f"$ {command}\n{shown}", f"$ {command}\n{printed}", 1)
    Path(page).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
