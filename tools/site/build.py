# SPDX-License-Identifier: LGPL-3.0-or-later
"""Builds the documentation site, with Sphinx: any warning, and any link that leads nowhere, is an error.

    python tools/site/build.py FOLDER             the pages, in FOLDER/html
    python tools/site/build.py --external FOLDER  asks other sites whether links to them work

docs/ is text for readers of the repository as well as of the site, and links to files beside it. So this script first
makes the pages that Sphinx reads, in FOLDER/source: the documents with links to each other's pages, the C API out of
the headers, and a list of modules for the Python API. docs/README.md is the first page; its lists are the contents.
fastpyon must be importable.
"""

import argparse
import re
import shutil
import sys
from pathlib import Path

try:
    import grammar
    import headers
    import links
    from sphinx.cmd.build import build_main
except ImportError as error:
    sys.exit(f"site: {error.name} is missing; tools/site.sh installs all that is needed")

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

# Files and folders of the repository that have a page, and its name without an ending.
PAGES = {
    **{path: path.stem for path in sorted((ROOT / "docs").glob("*.md"))},
    **{path: f"c/{path.stem}" for path in sorted((ROOT / "lib").glob("pyon*.h"))},
    ROOT / "docs" / "README.md": "index",
    ROOT / "CONTRIBUTING.md": "contributing",
    ROOT / "ChangeLog": "changes",
    ROOT / "bench" / "README.md": "benchmarking",
    ROOT / "fuzz" / "README.md": "fuzzing",
    ROOT / "tests" / "cases" / "README.md": "cases",
    ROOT / "examples": "examples",
    ROOT / "pymod" / "fastpyon": "python",
}
MODULES = ["fastpyon", "fastpyon.pyon", "fastpyon.pyon_v1", "fastpyon.stream", "fastpyon.table", "fastpyon.archive", "fastpyon.database"]


def ending(source):
    return ".rst" if source.suffix == ".h" or source.name == "fastpyon" else ".md"


# ---- Links -------------------------------------------------------------------------------------


def outside_code(text, change):
    """The text, with all of it changed except fenced blocks."""
    parts = re.split(r"(^ *```.*?^ *```$)", text, flags=re.MULTILINE | re.DOTALL)
    return "".join(part if i % 2 else change(part) for i, part in enumerate(parts))


def place(target, source):
    """Where a link of a document leads on its page."""
    file, hash_sign, anchor = target.partition("#")
    if "://" in target or not file or file.endswith(".svg"):
        return target
    path = (source.parent / file).resolve()
    if path.parent.name == "examples":
        path, hash_sign, anchor = path.parent, "#", path.name.replace(".", "")
    if path not in PAGES:
        sys.exit(f"site: {source} links to {file}, which has no page: see PAGES in {__file__}")
    return f"{'../' * PAGES[source].count('/')}{PAGES[path]}{ending(path)}{hash_sign}{anchor}"


def with_links(text, source):
    """The text of a document with links for the site. A link whose text is the name of a document gets its title."""

    def replace(match):
        text = re.sub(r"^(docs/)?\w+\.md$", "", match[1])
        return f"[{text}]({place(match[2], source)})"

    return outside_code(text, lambda part: re.sub(r"\[([^]]*)\]\(([^)\s]+)\)", replace, part))


# ---- Pages -------------------------------------------------------------------------------------


def contents(text):
    """The first page with its lists as contents: a list of links under a heading is a part of the menu."""
    trees = []
    for heading, body in re.findall(r"^## ([^\n]*)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL):
        pages = re.findall(r"^- \[(.*?)\]\((.*?)\.(?:md|rst)\)", body, re.MULTILINE)
        if pages:
            entries = [f"{title} <{page}>" for title, page in pages]
            trees.append("\n".join(["```{toctree}", ":hidden:", f":caption: {heading}", "", *entries, "```"]))
    return text + "\n" + "\n\n".join(trees) + "\n"


def with_diagrams(text):
    """A grammar, and after it its diagrams."""
    return re.sub(
        r"^```ebnf\n(.*?)^```\n",
        lambda match: f"```text\n{match[1]}```\n\n```{{raw}} html\n{grammar.diagrams(match[1])}```\n",
        text,
        flags=re.MULTILINE | re.DOTALL,
    )


def changes(text):
    """The ChangeLog, whose entries begin with a star after a tabulator, as Markdown."""
    text = re.sub(r"^(?=\S)", "## ", text, flags=re.MULTILINE)
    text = re.sub(r"^\t\* ", "- ", text, flags=re.MULTILINE).replace("\t", "  ")
    parts = re.split(r"(`[^`]*`)", text)
    for i in range(0, len(parts), 2):
        part = re.sub(r"(?<!\w)[*_<]", r"\\\g<0>", parts[i])
        parts[i] = re.sub(r"\bdocs/\w+\.md", r"[\g<0>](\g<0>)", part)
    return "# Changes\n\n" + "".join(parts)


def examples():
    lines = ["# Examples", "", "Programs to copy. [The C library](library.md) says what each of them shows."]
    for path in sorted((ROOT / "examples").iterdir()):
        language = {".c": "c", ".py": "python"}.get(path.suffix)
        if language:
            lines += ["", f"## {path.name}", "", f"```{language}", path.read_text(encoding="utf-8").rstrip(), "```"]
    return "\n".join(lines) + "\n"


def python_api():
    lines = ["Python API", "==========", ""]
    for module in MODULES:
        lines += [module, "-" * len(module), "", f".. automodule:: {module}", ""]
    return "\n".join(lines)


def make_page(source):
    """The text of a page."""
    if source.suffix == ".h":
        return headers.page(source.name, source.read_text(encoding="utf-8"))
    if source.is_dir():
        return examples() if source.name == "examples" else python_api()
    text = source.read_text(encoding="utf-8")
    if source.name == "ChangeLog":
        text = changes(text)
    text = with_links(with_diagrams(text), source)
    return contents(text) if PAGES[source] == "index" else text


def make_pages(folder):
    for source, page in PAGES.items():
        path = folder / f"{page}{ending(source)}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(make_page(source), encoding="utf-8")
    for picture in (ROOT / "docs").glob("*.svg"):
        shutil.copyfile(picture, folder / picture.name)


# ---- Sphinx ------------------------------------------------------------------------------------


def main():
    parser = argparse.ArgumentParser(description="Builds the documentation site.")
    parser.add_argument("--external", action="store_true", help="ask other sites whether links to them work")
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    builder = "linkcheck" if options.external else "html"
    source, doctrees, out = (options.folder / name for name in ("source", "doctrees", builder))
    for old in source, doctrees, out:
        shutil.rmtree(old, ignore_errors=True)
    make_pages(source)
    arguments = ["-q", "-W", "--keep-going", "-n", "-c", str(HERE), "-d", str(doctrees), "-b", builder]
    status = build_main([*arguments, str(source), str(out)])
    if status == 0 and builder == "html":
        status = links.check(out)
    return status


if __name__ == "__main__":
    sys.exit(main())
