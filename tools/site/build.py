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

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))

import grammar  # noqa: E402
import headers  # noqa: E402
import links  # noqa: E402

# File of the repository: page, without its ending. All others in docs/ keep their names.
PAGES = {path.relative_to(ROOT): path.stem for path in sorted((ROOT / "docs").glob("*.md"))}
PAGES |= {path.relative_to(ROOT): f"c/{path.stem}" for path in sorted((ROOT / "lib").glob("pyon*.h"))}
PAGES |= {
    Path(file): page
    for file, page in {
        "docs/README.md": "index",
        "CONTRIBUTING.md": "contributing",
        "ChangeLog": "changes",
        "bench/README.md": "benchmarking",
        "fuzz/README.md": "fuzzing",
        "tests/cases/README.md": "cases",
        "examples": "examples",
        "pymod/fastpyon": "python",
    }.items()
}
MODULES = ["fastpyon", "fastpyon.pyon", "fastpyon.pyon_v1", "fastpyon.stream", "fastpyon.database"]


def ending(source):
    return ".rst" if source.suffix == ".h" or source.parts[0] == "pymod" else ".md"


# ---- Links -------------------------------------------------------------------------------------


def outside_code(text, change):
    """The text, with the parts that are not in fenced or indented blocks changed."""
    parts = re.split(r"(^ *```.*?^ *```$)", text, flags=re.MULTILINE | re.DOTALL)
    return "".join(part if i % 2 else change(part) for i, part in enumerate(parts))


def place(target, source, page):
    """Where a link of a document leads on its page. A file that has no page is copied, to be downloaded."""
    file, hash_sign, anchor = target.partition("#")
    if "://" in target or not file:
        return target
    path = (ROOT / source.parent / file).resolve().relative_to(ROOT)
    if path.parts[0] == "examples" and path.suffix in (".c", ".py"):
        path, hash_sign, anchor = Path("examples"), "#", path.name.replace(".", "")
    up = "../" * page.count("/")
    if path in PAGES:
        return f"{up}{PAGES[path]}{ending(path)}{hash_sign}{anchor}"
    return f"{up}files/{path}"


def with_links(text, source, folder):
    """The text of a document with links for the site; copies the files that they lead to.

    A link whose text is the name of a document gets the title of the page for it.
    """
    page = PAGES[source]

    def replace(match):
        target = place(match[2], source, page)
        text = match[1] if target.startswith("http") else re.sub(r"^(docs/)?\w+\.md$", "", match[1])  # its title
        if "files/" in target:
            name = target.partition("files/")[2]
            copy = folder / "files" / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, copy)
        return f"[{text}]({target})"

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
    for path in sorted((ROOT / "examples").glob("*.*")):
        if path.suffix in (".c", ".py"):
            language = {".c": "c", ".py": "python"}[path.suffix]
            lines += ["", f"## {path.name}", "", f"```{language}", path.read_text(encoding="utf-8").rstrip(), "```"]
    return "\n".join(lines) + "\n"


def python_api():
    lines = ["Python API", "==========", ""]
    for module in MODULES:
        lines += [module, "-" * len(module), "", f".. automodule:: {module}", ""]
    return "\n".join(lines)


def write(path, text):
    """Leaves a file alone that has this text, so that Sphinx reads again only pages that have changed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def make_page(source, folder):
    """The text of a page."""
    if source.suffix == ".h":
        return headers.page(source.name, (ROOT / source).read_text(encoding="utf-8"))
    if source == Path("examples"):
        return examples()
    if source == Path("pymod/fastpyon"):
        return python_api()
    text = (ROOT / source).read_text(encoding="utf-8")
    if source == Path("ChangeLog"):
        text = changes(text)
    text = with_links(with_diagrams(text), source, folder)
    return contents(text) if source == Path("docs/README.md") else text


def make_pages(folder):
    for source, page in PAGES.items():
        write(folder / f"{page}{ending(source)}", make_page(source, folder))
    for picture in (ROOT / "docs").glob("*.svg"):
        shutil.copyfile(picture, folder / picture.name)


# ---- Sphinx ------------------------------------------------------------------------------------


def main():
    parser = argparse.ArgumentParser(description="Builds the documentation site.")
    parser.add_argument("--external", action="store_true", help="ask other sites whether links to them work")
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    try:
        from sphinx.cmd.build import build_main
    except ImportError:
        sys.exit("site: Sphinx is missing; tools/site.sh installs all that is needed")
    source, builder = options.folder / "source", "linkcheck" if options.external else "html"
    make_pages(source)
    arguments = ["-q", "-W", "--keep-going", "-n", "-c", str(HERE), "-d", str(options.folder / "doctrees")]
    status = build_main([*arguments, "-b", builder, str(source), str(options.folder / builder)])
    if status == 0 and builder == "html":
        status = links.check(options.folder / "html")
    return status


if __name__ == "__main__":
    sys.exit(main())
