# SPDX-License-Identifier: LGPL-3.0-or-later
"""Pages of the C API, made of the public headers: their comments are the only text about it.

A header is read line by line. A comment belongs to the declarations that follow it without an empty line. Comments use
a few forms: paragraphs, lists, terms with their meaning after two blanks, and code that is indented by four blanks.
Each becomes the form of reStructuredText. Structs and enums are shown as they are written, with the comments of their
members.
"""

import re
import textwrap

from pygments.lexers import CLexer
from pygments.token import Error

# Lines that are of use to the compiler alone.
FRAME = re.compile(r'#(ifndef|define PYON_\w*H$|include|ifdef __cplusplus|endif|error)|extern "C"|}$')


# ---- Comments ----------------------------------------------------------------------------------


def plain(comment):
    """The lines of a comment without what marks it as one."""
    lines = re.sub(r"^/\*|\s*\*/$", "", comment).split("\n")
    if any(line.lstrip().startswith("*") for line in lines[1:]):
        lines = [re.sub(r"^ \* ?", "", line) for line in lines]
    else:  # the first line stands after "/* ", the others below it
        lines = [line[3:] if line.startswith("   ") else line.lstrip() for line in lines]
    lines[0] = lines[0].lstrip()
    return textwrap.dedent("\n".join(lines)).strip("\n").split("\n")


def inline(text):
    """A line of prose: names in backquotes are code, and functions are links."""
    parts = re.split(r"`([^`]+)`", text.strip())
    for i, part in enumerate(parts):
        if i % 2:
            parts[i] = f"``{part}``" + ("\\ " if parts[i + 1][:1].isalnum() else "")
        else:
            part = re.sub(r"([\\*|_])", r"\\\1", part)
            parts[i] = re.sub(
                r"\bpyon(?:\\_\w+)+\(\)", lambda m: f":c:func:`{m[0][:-2]}`".replace("\\_", "_"), part
            )
    return "".join(parts)


def is_c(text):
    return re.search(r"[;(]", text) and not any(kind is Error for kind, _ in CLexer().get_tokens(text))


def code(lines, indent=""):
    text = textwrap.dedent("\n".join(lines)).strip("\n")
    yield from ("", f"{indent}.. code-block:: {'c' if is_c(text) else 'text'}", "")
    yield from (f"{indent}   {line}".rstrip() for line in text.split("\n"))
    yield ""


ITEM = re.compile(r"  (-|\d+\.) (.*)")
TERM = re.compile(r"(  |      )(\S(?:.*?\S)?) {2,}(\S.*)")


def prose(lines):
    """reStructuredText of the lines of a comment."""
    lines = list(lines)
    indent = ""  # of the item of a list that is open
    while lines:
        line = lines.pop(0)
        if item := ITEM.match(line):
            indent = " " * (len(item[1]) + 1)
            yield from ("", f"{item[1]} {inline(item[2])}")
        elif term := TERM.fullmatch(line):
            inner = indent if len(term[1]) > 2 else ""
            yield from ("", f"{inner}``{term[2]}``", f"{inner}   {inline(term[3])}")
            column = line.index(term[3], len(term[1]) + len(term[2]))
            while lines and lines[0].startswith(" " * column):
                yield f"{inner}   {inline(lines.pop(0))}"
        elif line.startswith("    ") and not (indent and re.match(r" {4,5}\S", line)):
            block = [line]
            while lines and (lines[0].startswith("    ") or not lines[0]):
                block.append(lines.pop(0))
            yield from code(block)
        elif indent and line.startswith("    "):
            yield f"{indent}{inline(line)}"
        elif not line:
            yield ""
        else:
            if indent:
                yield ""
            indent = ""
            yield inline(line)
            if lines and lines[0].startswith("    "):
                yield ""
    yield ""


# ---- Declarations ------------------------------------------------------------------------------


def pieces(text):
    """The comments and the declarations of a header, and None for an empty line."""
    lines = text.split("\n")
    while lines:
        line = lines.pop(0)
        if not line:
            yield None
        elif line.startswith("/*"):
            comment = [line]
            while "*/" not in comment[-1]:
                comment.append(lines.pop(0))
            yield "\n".join(comment)
        elif line.startswith("#if defined"):  # the choices for a macro
            choices = [line]
            while choices[-1] != "#endif":
                choices.append(lines.pop(0))
            yield "\n".join(choices)
        elif FRAME.match(line):
            continue
        else:
            declaration = [line]
            while not line.startswith("#") and not is_whole("\n".join(declaration)):
                declaration.append(lines.pop(0))
            yield "\n".join(declaration)


def is_whole(text):
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return "/*" not in text and text.count("{") == text.count("}") and text.rstrip().endswith(";")


def directive(declaration):
    """What Sphinx calls a declaration, its text there, and whether it is shown as it is written."""
    head = " ".join(re.sub(r"\bPYON_API\b|\bextern\b", "", declaration.partition("{")[0]).split()).rstrip(";")
    if macro := re.search(r"#define (\w+)", declaration):
        return "macro", macro[1], " " in declaration.partition(macro[1])[2]
    if "{" in declaration or re.fullmatch(r"struct \w+", head):
        kind, _, name = head.partition(" ")
        return kind, name, "{" in declaration
    return ("function" if "(" in head else "var"), head, False


def describe(comment, declarations):
    """One description for all declarations that share a comment."""
    body = list(prose(plain(comment))) if comment else []
    groups = {}  # so that the signatures of several functions stand above one text
    for declaration in declarations:
        kind, name, is_shown = directive(declaration)
        groups.setdefault((kind, is_shown and kind != "macro"), []).append((name, declaration, is_shown))
    if not groups:
        yield from body
    for (kind, _), entries in groups.items():
        names = [name for name, _, _ in entries if name]
        indent = "   " if names else ""
        if names:
            first = f".. c:{kind}:: "
            yield ""
            yield from (f"{first if i == 0 else ' ' * len(first)}{name}" for i, name in enumerate(names))
            yield ""
        yield from (f"{indent}{line}".rstrip() for line in body)
        shown = [declaration for _, declaration, is_shown in entries if is_shown]
        if shown:
            yield from code("\n".join(shown).split("\n"), indent)
        body = []


def page(name, text):
    """The page of a header."""
    comments, declarations, comment = [], [], None
    lines = [f".. highlight:: c\n\n{name}\n{'=' * len(name)}\n"]
    for piece in [*pieces(text), None]:
        if piece is not None and not piece.startswith("/*"):
            declarations.append(piece)
            continue
        if comment or declarations:
            lines += describe(comment, declarations)
        comment, declarations = None, []
        if piece and (section := re.fullmatch(r"/\* -+ (.*?) -+ \*/", piece)):
            lines += ["", section[1], "-" * len(section[1]), ""]
        elif piece and "SPDX" not in piece:
            comment = piece
            comments.append(piece)
    return "\n".join(lines) + "\n"
