# SPDX-License-Identifier: LGPL-3.0-or-later
"""The Python in docs/ runs, all of a file in one go; README.md has a test of its own."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"


def blocks(path):
    """(number of the first line, text) of the fenced blocks of Python."""
    text = path.read_text(encoding="utf-8")
    for match in re.finditer(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        yield text.count("\n", 0, match.start(1)), match[1]


@pytest.mark.parametrize("path", [p for p in sorted(DOCS.glob("*.md")) if any(blocks(p))], ids=lambda p: p.name)
def test_python_runs(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    namespace = {"__name__": "__main__"}
    for line, block in blocks(path):
        exec(compile("\n" * line + block, str(path), "exec"), namespace)


def test_streams_are_shown():
    assert any(blocks(DOCS / "stream.md"))
