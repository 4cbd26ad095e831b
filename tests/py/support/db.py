# SPDX-License-Identifier: LGPL-3.0-or-later
"""Runs the commands ``python -m fastpyon db`` in this process, and what they are tried on."""

import in_process
from fastpyon.database import lines

COMMANDS = ["import", "export", "check", "compact", "repair", "log", "get", "set", "delete"]


def run(*arguments, input=b""):
    """The exit status, standard output and standard error of a command."""
    return in_process.run("db", *arguments, input=input)


def good(*arguments, **options):
    """The output of a command that succeeds."""
    done = run(*arguments, **options)
    assert (done.status, done.err) == (0, ""), done
    return done.out


def journal_lines(path):
    """The texts of the lines of a journal (bytes)."""
    with open(f"{path}.journal", "rb") as file:
        return [line[9:] for line in file.read().split(b"\n")[:-1]]


def write_journal(path, texts):
    """Writes a journal with these texts and right checksums."""
    with open(f"{path}.journal", "wb") as file:
        file.write(lines.frame(texts, 0)[0])


def spoil(path, number, old, new):
    """Changes a text in one line of a journal, so that its checksum is wrong."""
    with open(f"{path}.journal", "rb") as file:
        content = file.read().split(b"\n")
    assert old in content[number - 1]
    content[number - 1] = content[number - 1].replace(old, new)
    with open(f"{path}.journal", "wb") as file:
        file.write(b"\n".join(content))
