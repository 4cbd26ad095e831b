# SPDX-License-Identifier: LGPL-3.0-or-later
"""Help, man pages and the completion of shells: made from one table, whole, and without faults."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import fastpyon
from command import output, run

ROOT = Path(__file__).resolve().parents[3]
COMMANDS = re.findall(r"^  (\w+) +\S", run("--help").stdout, re.MULTILINE)
SHELLS = {"bash": "pyon", "zsh": "_pyon", "fish": "pyon.fish"}


def options(command):
    return re.findall(r"^  (?:-\w, |    )--([\w-]+)", output(command, "--help"), re.MULTILINE)


def test_the_commands():
    assert COMMANDS[:6] == ["show", "get", "check", "fmt", "convert", "diff"]
    assert output("--version") == f"pyon {fastpyon.__version__}\n"


@pytest.mark.parametrize("command", [None, *COMMANDS])
def test_help_is_one_screen(command):
    text = output(command, "--help") if command else output("--help")
    assert text.count("\n") <= 24 and max(map(len, text.splitlines())) <= 80
    assert text.startswith(f"usage: pyon {command or 'COMMAND'} ")
    if command:
        assert output("help", command) == text == output(command, "-h")
        assert f"\n  pyon {command} " in text or f"| pyon {command} " in text  # an example
    assert run(*([command] if command else [])).returncode == 2


@pytest.mark.parametrize("command", [None, *COMMANDS])
def test_man_pages(command):
    page = output("man", command) if command else output("man")
    assert page.startswith(f'.TH PYON{"-" + command.upper() if command else ""} 1 "')
    for option in options(command) if command else ():
        assert f"\\-\\-{option.replace('-', chr(92) + '-')}" in page
    for tool in (["mandoc", "-Tlint", "-Wstyle"], ["man", "--warnings", "-E", "UTF-8", "-Tutf8", "-Z", "-l", "-"]):
        if shutil.which(tool[0]):
            done = subprocess.run(tool, input=page, capture_output=True, text=True)
            # Whether a page that is named is there, mandoc can only know where pyon is installed.
            said = done.stdout if tool[0] == "mandoc" else done.stderr
            wrong = [line for line in said.splitlines() if "Xr" not in line]
            assert not wrong and (done.returncode == 0 or tool[0] == "mandoc")


def test_each_command_has_a_page_that_is_installed():
    pages = re.search(r"^pyon_pages = ((?:.*\\\n)*.*)", (ROOT / "Makefile.am").read_text(), re.MULTILINE)[1]
    assert sorted(re.findall(r"man/(\S+)\.1", pages)) == sorted(["pyon", *(f"pyon-{command}" for command in COMMANDS)])


# ---- Completion --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bash(tmp_path_factory):
    """Returns what bash would complete a line to."""
    if not shutil.which("bash"):
        pytest.skip("no bash")
    folder = tmp_path_factory.mktemp("bash")
    (folder / "pyon").write_text(output("completion", "bash"))
    (folder / "data one.pyon").touch()
    (folder / "data.pyon").touch()
    (folder / "other").mkdir()

    def complete(*words):
        script = """
            source ./pyon
            COMP_WORDS=("$@")
            COMP_CWORD=$(($# - 1))
            COMP_LINE="$*"
            COMP_POINT=${#COMP_LINE}
            _pyon pyon "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            printf '%s\\n' "${COMPREPLY[@]}"
        """
        done = subprocess.run(["bash", "-c", script, "bash", *words], cwd=folder, capture_output=True, text=True)
        assert not done.stderr
        return sorted(word for word in done.stdout.split("\n") if word)

    return complete


def test_bash(bash):
    assert bash("pyon", "") == sorted(COMMANDS)
    assert bash("pyon", "c") == ["check", "convert"]
    for command in COMMANDS:
        assert bash("pyon", command, "--") == sorted(f"--{option}" for option in options(command))
    assert bash("pyon", "show", "data") == ["data one.pyon", "data.pyon"]
    assert bash("pyon", "convert", "--to", "") == ["v1", "v2"]
    assert bash("pyon", "convert", "--to", "v1", "oth") == ["other"]


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_reads_its_own(shell, tmp_path):
    text = output("completion", shell)
    for command in COMMANDS:
        assert command in text
    if not shutil.which(shell):
        pytest.skip(f"no {shell}")
    path = tmp_path / SHELLS[shell]
    path.write_text(text)
    subprocess.run([shell, "-n", path], check=True)


def test_fish(tmp_path):
    if not shutil.which("fish"):
        pytest.skip("no fish")
    (tmp_path / "pyon.fish").write_text(output("completion", "fish"))
    script = f"source {tmp_path}/pyon.fish; complete -C 'pyon '; echo ---; complete -C 'pyon convert --'"
    done = subprocess.run(
        ["fish", "--no-config", "-c", script],
        capture_output=True,
        text=True,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )
    first, _, second = done.stdout.partition("---")
    assert set(COMMANDS) <= {line.split("\t")[0] for line in first.splitlines()}, done.stderr
    assert {f"--{option}" for option in options("convert")} <= {line.split("\t")[0] for line in second.splitlines()}


def test_zsh(tmp_path):
    """In a zsh of its own, with a terminal: it lists the commands."""
    if not shutil.which("zsh"):
        pytest.skip("no zsh")
    (tmp_path / "_pyon").write_text(output("completion", "zsh"))
    script = f"""
        fpath=({tmp_path} $fpath)
        autoload -Uz compinit && compinit -u -d {tmp_path}/dump
        whence -w _pyon
        print -r -- $_comps[pyon]
    """
    done = subprocess.run(
        ["zsh", "-f", "-c", script],
        capture_output=True,
        text=True,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )
    assert done.stdout.split() == ["_pyon:", "function", "_pyon"], done.stderr
