# SPDX-License-Identifier: LGPL-3.0-or-later
"""Railroad diagrams of the grammar in docs/format.md.

A rule is ``NAME = ...``, and may go on in the next lines, which are indented. ``{ }`` repeats, ``[ ]`` may be missing,
``|`` chooses, ``( )`` groups. Words side by side that are no rules are one name: ``form feed``. After three blanks a
remark may stand.
"""

import io
import re

import railroad

TOKEN = re.compile(r'\s*(?:("(?:[^"]*)")|([A-Za-z_]+(?: [A-Za-z_]+)*)|([{}\[\]()|]))')


def rules(text):
    """(name, right side) of each rule."""
    for rule in re.split(r"\n(?=\S)", text.strip("\n")):
        lines = [re.sub(r" {3,}\([^()]*\)$", "", line) for line in rule.split("\n")]
        name, _, right = " ".join(lines).partition("=")
        yield name.strip(), right


def tokens(text, names):
    position = 0
    while text[position:].strip():
        match = TOKEN.match(text, position)
        if not match:
            raise ValueError(f"the grammar cannot be read at {text[position:]!r}")
        position = match.end()
        words = (match[2] or "").split()
        if names.intersection(words):
            yield from words
        else:
            yield match[1] or match[2] or match[3]


def choice(stream, names):
    """Alternatives, up to a bracket that ends them."""
    options = [[]]
    while stream and stream[0] not in ("}", "]", ")"):
        token = stream.pop(0)
        if token == "|":
            options.append([])
        elif token in ("{", "[", "("):
            inner = choice(stream, names)
            stream.pop(0)
            wrap = {"{": railroad.ZeroOrMore, "[": railroad.Optional, "(": lambda item: item}[token]
            options[-1].append(wrap(inner))
        elif token.startswith('"'):
            options[-1].append(railroad.Terminal(token[1:-1]))
        elif token in names:
            options[-1].append(railroad.NonTerminal(token, href=f"#rule-{token}"))
        else:
            options[-1].append(railroad.NonTerminal(token))
    options = [items[0] if len(items) == 1 else railroad.Sequence(*items) for items in options]
    if len(options) == 1:
        return options[0]
    if len(options) > 6 and all(isinstance(option, railroad.Terminal | railroad.NonTerminal) for option in options):
        return railroad.HorizontalChoice(*options)
    return railroad.Choice(0, *options)


def diagrams(text):
    """HTML of all rules of a grammar."""
    found = list(rules(text))
    names = {name for name, _ in found}
    out = io.StringIO()
    for name, right in found:
        stream = list(tokens(right, names))
        diagram = railroad.Diagram(choice(stream, names), type="simple").format(8)
        if stream:
            raise ValueError(f"the rule {name} ends at {stream}")
        out.write(f'<div class="rule" id="rule-{name}"><code>{name}</code>\n')
        diagram.writeSvg(out.write)
        out.write("</div>\n")
    return out.getvalue()
