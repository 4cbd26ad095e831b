# SPDX-License-Identifier: LGPL-3.0-or-later
"""The commands and the Python in README.md, CONTRIBUTING.md, docs/swap.md and the guides are true.

Always: its Python runs, and every program and file that its commands name is there.
With PYON_TEST_README=1 each block of commands is run in a fresh clone, as a new user would: that
needs the network, takes minutes, and sees only committed files.
"""
import doctest
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
GUIDES = ("tutorial", "moving", "artiq")  # test_guides.py runs their Python
DOCUMENTS = {
    file.stem: file.read_text(encoding="utf-8")
    for file in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs" / f"{p}.md" for p in ("swap", *GUIDES))]
    if file.exists()
}
RUN = os.environ.get("PYON_TEST_README") == "1"

# Files that appear only while the commands run: the file that each is made from.
MADE = {
    "./configure": "configure.ac",
    ".venv/bin/python": "tools/setup.sh",
    ".venv/bin/pip": "tools/setup.sh",
    "build": "check.sh",
    "../configure": "configure.ac",
    "tests/c/programs/events": "tests/c/programs/events.c",
}


def blocks(*languages):
    """The texts of the fenced blocks in one of these languages, named by document and line."""
    pattern = rf"^```(?:{'|'.join(languages)})\n(.*?)^```"
    return [
        pytest.param(match[1], id=f"{name}-line{text.count(chr(10), 0, match.start()) + 1}")
        for name, text in DOCUMENTS.items()
        for match in re.finditer(pattern, text, re.MULTILINE | re.DOTALL)
        if name not in GUIDES or "sh" in languages
    ]


def commands(block):
    """The simple commands of a block of shell, each as a list of words; without VAR=x and sudo."""
    for line in block.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        words = []
        for word in [*lexer, ";"]:
            if set(word) <= set("&|;()<>"):
                if words:
                    yield words
                words = []
            elif words or not re.match(r"sudo$|\w+=", word):
                words.append(word)


def exists(name):
    if name.startswith("build/"):  # commands that come before make it
        return True
    return any(ROOT.glob(name.removeprefix("./"))) or name in MADE and (ROOT / MADE[name]).exists()


def test_the_commands_are_shown():
    shown = {words[0] for block in blocks("sh") for words in commands(block.values[0])}
    assert {"./demo.sh", "./check.sh", "python"} <= shown


@pytest.mark.parametrize("block", blocks("sh"))
def test_commands_name_what_exists(block):
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    folders = {entry.name for entry in ROOT.iterdir() if entry.is_dir()}
    for program, *arguments in commands(block):
        if "/" in program:
            assert exists(program), f"{program} does not exist"
        elif program not in ("cc", "cd", "export", "gdb", "git", "pip", "pyon"):  # some may be missing where tests run
            assert shutil.which(program, path=path), f"{program} is not a program"
        for word in arguments:
            if "/" in word and word.removeprefix("./").split("/")[0] in folders:
                assert exists(word), f"{word} does not exist"


@pytest.mark.parametrize("block", blocks("python", "pycon"))
def test_python_runs(block, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if ">>>" in block:
        test = doctest.DocTestParser().get_doctest(block, {}, "README", "README.md", 0)
        result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test)
        assert result.attempted and not result.failed
    else:
        exec(compile(block, "README.md", "exec"), {"__name__": "__main__"})


@pytest.fixture(scope="module")
def clones(tmp_path_factory):
    """Makes a fresh clone of the last commit for each document: one configures the tree itself, another build/."""
    if not RUN:
        pytest.skip("PYON_TEST_README=1 runs the commands of the documents")
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    made = {}

    def clone(document):
        if document not in made:
            made[document] = tmp_path_factory.mktemp("readme") / "clone"
            subprocess.run(["git", "clone", "-q", str(ROOT), str(made[document])], check=True)
        return made[document]

    return clone


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """A new user's: nothing of this run, a virtual environment, and `make install` goes nowhere."""
    temporary = tmp_path_factory.mktemp("home")
    subprocess.run([sys.executable, "-m", "venv", str(temporary / "venv")], check=True)
    # Neither this test run nor the make and the tree it belongs to are to be seen.
    ours = re.compile(r"PYTHON|PYTEST|HYPOTHESIS|MAKE|MFLAGS|PYON|(abs_|top_)*(srcdir|builddir)$")
    env = {name: value for name, value in os.environ.items() if not ours.match(name)}
    env["PATH"] = f"{temporary}/venv/bin{os.pathsep}{env['PATH']}"
    env["DESTDIR"] = str(temporary / "installed")
    env["PYON_CHECK_ONLY_SETUP"] = "1"  # check.sh would come here again
    return env


@pytest.mark.parametrize("block", blocks("sh"))
def test_commands_run(block, request, clones, environment):
    document = request.node.callspec.id.rpartition("-")[0]
    # The clone is made already, and nothing is installed for everybody.
    script = re.sub(r"^(git clone|cd) .*\n", "", block, flags=re.MULTILINE).replace("sudo ", "")
    process = subprocess.run(
        ["sh", "-eux"],
        input=script,
        cwd=clones(document),
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.returncode == 0, process.stdout[-8000:]
