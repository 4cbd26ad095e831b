"""docs/design.md says of every source file what it is for; and files that comments name are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
DESIGN = ROOT / "docs" / "design.md"
SOURCES = ROOT / "lib" / "sources.am", ROOT / "pymod" / "sources.am"

pytestmark = pytest.mark.skipif(not DESIGN.exists(), reason="not in the source tree")


def named():
    """The files in the first column of the tables: `lib/write/out.[ch]`, `writer.c` is three."""
    for row in re.findall(r"^\| (`(?:lib|pymod)/.*?) \|", DESIGN.read_text(encoding="utf-8"), re.MULTILINE):
        folder = row[1:].split("`")[0].rpartition("/")[0]
        for name in re.findall(r"`([^`]+)`", row):
            name = name.split("/")[-1]
            for ending in "ch" if name.endswith(".[ch]") else [""]:
                yield f"{folder}/{name.replace('[ch]', ending)}"


def sources():
    for file in SOURCES:
        yield from re.findall(r"(?:lib|pymod)/[\w/]+\.(?:c|h|re)\b", file.read_text(encoding="utf-8"))


def test_every_source_file_is_there():
    made = {"lib/lex/lexer.c", "lib/lex/unescape.c"}
    assert sorted(set(sources()) - set(named()) - made) == []


def test_nothing_else_is_there():
    headers = {"lib/pyon.h", "lib/pyon_base64.h", "lib/pyon_host.h", "lib/pyon_tree.h"}
    packages = {f"pymod/fastpyon/{name}" for name in ("", "_db/", "_system/", "archive/", "database/")}
    assert sorted(set(named()) - set(sources()) - headers - packages) == []


def test_files_that_comments_name_are_there():
    made = {"lib/lex/lexer.c", "lib/lex/unescape.c"}
    for folder in "lib", "pymod", "cmd", "tests/c", "tests/preload", "tests/slow", "fuzz", "examples", "tools":
        for file in (ROOT / folder).rglob("*.*"):
            if file.suffix not in (".c", ".h", ".re", ".py", ".am", ".sh"):
                continue
            for name in re.findall(
                r"(?<![\w/.])(?:lib|pymod|cmd|tests|tools|docs|fuzz|examples)/[\w/]+\.(?:c|h|re|py|md|sh)\b",
                file.read_text(encoding="utf-8"),
            ):
                assert name in made or (ROOT / name).exists(), (str(file), name)
