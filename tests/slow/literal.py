#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Compares fastpyon.literal_eval with ast.literal_eval: values, errors and warnings must be the same.

    python tests/slow/literal.py [--texts N] [--seed S] [--length L]

There are N random texts (1,000,000 unless told otherwise, which takes some minutes): literals, and literals with
accidents among their tokens or characters. Then come all texts of at most L characters and tokens of SHORT (3 unless
told otherwise). A text that the extension reads alone must be one that ast reads without a warning; any other is ast's.
The exit status is 1 if a text makes a difference.
"""

import argparse
import ast
import itertools
import sys
import warnings
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "py" / "support" / "random_values"))
sys.path.insert(0, str(HERE.parent / "py" / "support"))

from describe import describe, without_addresses  # noqa: E402
from fastpyon import _core, literal_eval  # noqa: E402
from texts import V1_WORDS, Texts  # noqa: E402

WORDS = [*V1_WORDS, "set()", "set", "False", "-", "+", "True", "{", "}", "1e309", "\\d", "\\N{DIGIT ONE}", "u'", "Rb'"]
# In any order they come near everything that a literal begins or ends with, and joins.
SHORT = ["1", "0", "-", "+", "2j", "True", "'a'", "b'\\d'", "set", "(", ")", "[", "]", "{", "}", ",", ":", " ", "\n",
         "\r", "\t", "\f", "#", "\\\n", "_", ".", "e5", "None", "nan", "\\", "'", "\x00", "\ufeff"]  # fmt: skip


class Literals(Texts):
    """Texts that are literals, or were before something happened to them."""

    def value(self, depth):
        kind = self.randrange(5 if depth == 0 else 9)
        if kind < 5:
            scalars = self.integer(), self.real(), complex(1, self.real()), self.text(), self.octets()
            return self.choice((None, True, *scalars))
        members = [self.value(depth - 1) for _ in range(self.randrange(4))]
        if kind == 5:
            return members
        if kind == 6:
            return tuple(members)
        keys = [self.value(0) for _ in members]
        return set(keys) if kind == 7 else dict(zip(keys, members))

    def draw(self):
        kind = self.randrange(8)
        text = self.signed() if kind == 0 else repr(self.value(3)) if kind < 4 else self.literal(self.randint(1, 4))
        text = self.choice(("",) * 6 + (" ", "\t ", "\n", "\f", "#\n")) + text
        text += self.choice(("",) * 6 + ("\n", " # c", "\r\n \n", "\\\n", "\f", ","))
        kind = self.randrange(8)
        if kind < 2:
            return self.mutate_tokens(text, WORDS)
        return self.mutate(text, WORDS, 4) if kind < 4 else text


def outcome(function, text):
    """The value, or the class and text of the exception; and the warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = describe(function(text))
        except RecursionError:
            raise
        except Exception as error:
            result = type(error), without_addresses(str(error))
    return result, [(warning.category, str(warning.message)) for warning in caught]


def differs(text):
    return outcome(ast.literal_eval, text) != outcome(literal_eval, text)


def random_texts(count, seed):
    literals = Literals(seed)
    return (literals.draw() for _ in range(count))


def short_texts(most):
    for length in range(most + 1):
        yield from map("".join, itertools.product(SHORT, repeat=length))


def compare(texts):
    """Returns the texts that differ, the number of texts, and the number of those that ast need not read."""
    different, count, alone = [], 0, 0
    for text in texts:
        count += 1
        alone += _core.read_literal(text) is not NotImplemented
        if differs(text):
            different.append(text)
            print(f"different: {text!r}\n  {outcome(ast.literal_eval, text)}\n  {outcome(literal_eval, text)}")
    return different, count, alone


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--length", type=int, default=3)
    arguments = parser.parse_args()
    different, count, alone = compare(
        itertools.chain(random_texts(arguments.texts, arguments.seed), short_texts(arguments.length))
    )
    print(f"{count} texts, {alone} read by the extension alone, {len(different)} differences")
    return bool(different)


if __name__ == "__main__":
    sys.exit(main())
