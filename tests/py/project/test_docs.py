# SPDX-License-Identifier: LGPL-3.0-or-later
"""The Python in docs/ runs, all of a file in one go, and no link is broken.

README.md, the guides and cluster.md have tests of their own: test_readme.py, test_guides.py, test_cluster_docs.py.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
DOCS = ROOT / "docs"
PAGES = [*ROOT.glob("*.md"), *DOCS.glob("*.md"), *ROOT.glob("*/README.md"), *ROOT.glob("tests/*/README.md")]


def blocks(path):
    """(number of the first line, text) of the fenced blocks of Python."""
    text = path.read_text(encoding="utf-8")
    for match in re.finditer(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        yield text.count("\n", 0, match.start(1)), match[1]


OTHERS = ("README.md", "tutorial.md", "moving.md", "artiq.md", "archive.md", "cluster.md")
REFERENCE = [path for path in sorted(DOCS.glob("*.md")) if path.name not in OTHERS and any(blocks(path))]


@pytest.mark.parametrize("path", REFERENCE, ids=lambda path: path.name)
def test_python_runs(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    namespace = {"__name__": "__main__"}
    for line, block in blocks(path):
        exec(compile("\n" * line + block, str(path), "exec"), namespace)


def test_streams_are_shown():
    assert any(blocks(DOCS / "stream.md"))


# ---- Links -------------------------------------------------------------------------------------


def anchors(path):
    """The places in a page: its headings in lower case, with hyphens for blanks, as GitHub names them."""
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for heading in re.findall(r"^#+ (.*)", text, re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        file, _, place = target.partition("#")
        page = path.parent / file if file else path
        assert page.exists(), target
        assert not place or place in anchors(page), target
