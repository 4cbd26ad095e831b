# SPDX-License-Identifier: LGPL-3.0-or-later
"""The documentation site: every document is in the menu, the C API has every name, and Sphinx has nothing to say."""

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import fastpyon

ROOT = Path(__file__).resolve().parents[3]
SITE = ROOT / "tools" / "site"
INDEX = ROOT / "docs" / "README.md"
HEADERS = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "lib").glob("pyon*.h")}


@pytest.fixture
def load(monkeypatch):
    """Imports a module of tools/site, if what it needs is there."""
    monkeypatch.syspath_prepend(SITE)

    def load(name, needs):
        pytest.importorskip(needs)
        return importlib.import_module(name)

    return load


def test_every_document_is_in_the_menu():
    menu = re.findall(r"^- \[.*?\]\((.*?)\)", INDEX.read_text(encoding="utf-8"), re.MULTILINE)
    listed = [(INDEX.parent / target).resolve() for target in menu]
    assert len(set(listed)) == len(listed)
    documents = {ROOT / "CONTRIBUTING.md", ROOT / "ChangeLog", *(ROOT / "lib").glob("pyon*.h")}
    documents.update((ROOT / "docs").glob("*.md"), ROOT.glob("*/README.md"), ROOT.glob("tests/*/README.md"))
    assert documents - {INDEX} - set(listed) == set()


# ---- The C API ---------------------------------------------------------------------------------


def test_every_name_of_the_headers_is_described(load):
    headers = load("headers", "pygments")
    pages = {name: headers.page(name, text) for name, text in HEADERS.items()}
    described = "\n".join(pages.values())
    exported = subprocess.run([ROOT / "tools" / "exports"], capture_output=True, text=True, check=True).stdout
    names = [line.split()[0] for line in exported.splitlines()]
    assert len(names) > 80
    for name in names:
        assert re.search(rf"^(\.\. c:(function|var):: |  +).*\b{name}(\(.*\))?$", described, re.MULTILINE), name
    for header, text in HEADERS.items():
        for kind, name in re.findall(r"^(struct|enum) (\w+)[ ;]", text, re.MULTILINE):
                assert re.search(rf"^(\.\. c:{kind}:: |  +){name}$", pages[header], re.MULTILINE), name


def test_no_word_of_a_comment_is_lost(load):
    """All words of a header are on its page, except those for the compiler."""
    headers = load("headers", "pygments")
    for name, text in HEADERS.items():
        page = headers.page(name, text)
        for comment in re.findall(r"^/\*.*?\*/", text, re.MULTILINE | re.DOTALL):
            if "SPDX" not in comment:
                words = re.findall(r"\w{4,}", comment)
                assert [word for word in words if word not in page.replace("\\_", "_")] == []


def test_a_comment_becomes_prose_lists_and_code(load):
    prose = load("headers", "pygments").prose
    comment = ["Fills `x`; see pyon_v():", "    f(x);", "  - one", "    more", "  ab   a term", "       more"]
    assert "\n".join(prose(comment)).split("\n") == [
        "Fills ``x``; see :c:func:`pyon_v`:", "", "", ".. code-block:: c", "", "   f(x);", "",
        "", "- one", "  more", "", "``ab``", "   a term", "   more", "",
    ]  # fmt: skip


# ---- The grammar -------------------------------------------------------------------------------


def test_the_grammar_can_be_drawn(load):
    grammar = load("grammar", "railroad")
    text = re.search(r"^```ebnf\n(.*?)^```", (ROOT / "docs" / "format.md").read_text(encoding="utf-8"), re.M | re.S)[1]
    assert [name for name, _ in grammar.rules(text)] == re.findall(r"^(\w+) +=", text, re.MULTILINE)
    html = grammar.diagrams(text)
    assert html.count("<svg") == len([*grammar.rules(text)]) > 10
    for place in re.findall(r'href="#(.*?)"', html):
        assert f'id="{place}"' in html
    for wrong in ("a = ( b", "a = b )", "a = $"):
        with pytest.raises((ValueError, IndexError)):
            grammar.diagrams(wrong)


# ---- The site ----------------------------------------------------------------------------------


def test_links_that_lead_nowhere_are_found(load, tmp_path, capsys):
    links = load("links", "html")
    (tmp_path / "a.html").write_text('<p id="x"><a href="#x">x</a><a href="b.html?v=1#y">y</a><a href="http://z/">z</a>')
    (tmp_path / "b.html").write_text('<p id="y">')
    assert links.check(tmp_path) == 0
    (tmp_path / "b.html").write_text('<p id="z"><img src="c.svg">')
    assert links.check(tmp_path) == 1
    assert capsys.readouterr().err.splitlines() == [
        "site: leads nowhere: a.html: b.html?v=1#y", "site: leads nowhere: b.html: c.svg",
    ]  # fmt: skip


def test_the_site_is_built_without_a_warning(tmp_path):
    """Takes ten seconds, and only where tools/site.sh has installed Sphinx."""
    for need in ("sphinx", "myst_parser", "furo", "railroad"):
        pytest.importorskip(need)
    path = os.pathsep.join([str(Path(fastpyon.__file__).parents[1]), *sys.path])
    done = subprocess.run(
        [sys.executable, SITE / "build.py", tmp_path], capture_output=True, text=True, timeout=600,
        env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert " 0 of them lead nowhere" in done.stdout
    assert (tmp_path / "html" / "tutorial.html").exists()
