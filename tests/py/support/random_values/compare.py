"""One random graph or text against the reference, and our ways to encode and decode against each other.

Each function returns what differs, as a list of texts: none of it is allowed for by outcomes.py, which see. Without the
reference (None), graphs are only compared with themselves, and texts with json and ast.literal_eval.
"""

import ast
import contextlib
import json
import os
import random
import re
import sys
import warnings
import zlib
from collections import Counter

import graphs
from describe import describe
from fastpyon import pyon, pyon_v1, stream
from outcomes import Outcome, is_plain, refuses_objects, v1_decoding_may_differ

OURS = {1: pyon_v1, 2: pyon}
excused = Counter()  # how often what was allowed for
outcomes = Counter()  # of ours: fine, or the exception


@contextlib.contextmanager
def deeper():
    """More levels of Python, for what the reference needs several of at each level of a value."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(8 * limit)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


# ---- Graphs ----


SURROGATE = re.compile("[\ud800-\udfff]")


class Registry:
    """The maps of a module of version 2 as they were."""

    def __init__(self, module):
        self.maps = [getattr(module, name) for name in ("_encode_map", "_decode_map") if hasattr(module, name)]
        self.saved = [dict(current) for current in self.maps]

    def restore(self):
        for current, saved in zip(self.maps, self.saved):
            if current != saved:
                current.clear()
                current.update(saved)


class Encoding(Outcome):
    """The outcome of a module for a graph. Afterwards, its types are registered as before."""

    def __init__(self, graph, module, function):
        x, self.world = graph
        registry = Registry(module) if self.world.active else None
        self.world.module = module

        def run():
            self.world.armed = True
            try:
                return function(x)
            finally:
                self.world.armed = False

        super().__init__(run)
        self.calls = [*self.world.calls]
        if registry:
            registry.restore()

    @property
    def described(self):
        return self.value


# Python counts no calls of C code any more, but looks at how much of the stack is left.
STACK_IS_LIMIT = sys.version_info >= (3, 14)
# Its json says in notes where an error was, with the repr of each key on the way, whose errors come instead.
NOTES = sys.version_info >= (3, 14)
LYING_REPR = re.compile(r"Lying\w+\[.*?__repr__", re.DOTALL)
# And iterates over the dict that it writes.
DICT_IS_LIVE = sys.version_info >= (3, 13)
CHANGES = re.compile(r"(append|clear|delete|replace|grow|first) \d in pool")


def asks_objects(wanted):
    """In the pretty layout, json asks objects what they are, and iterates over what encoders change."""
    return wanted.world.lies or wanted.world.active


class GraphComparison:
    """A graph, built as often as needed from its numbers."""

    def __init__(self, graphs, draws):
        self.graphs, self.draws = graphs, draws
        self.kept = self.unused = graphs.graph(draws)
        self.active = self.kept[1].active
        self.lines = []

    def graph(self):
        if self.active:
            unused, self.unused = self.unused, None
            return unused or self.graphs.graph(self.draws)
        self.kept[1].calls.clear()
        self.kept[1].asked = 0
        return self.kept

    def differ(self, what, got, wanted):
        if got.value and wanted.value:
            at = len(os.path.commonprefix([got.value, wanted.value]))
            theirs, ours = wanted.value[at : at + 80], got.value[at : at + 80]
            what = f"{what}, from character {at} on: {theirs!r}, but we: {ours!r}"
        self.lines.append(f"{what}\n    wanted {wanted}\n    got    {got}")

    def ours(self, number, pretty):
        module = OURS[number]
        return Encoding(self.graph(), module, lambda x: module.encode(x, pretty))

    def allowed(self, number, theirs, pretty, got, wanted):
        """Why the two may differ, or None."""
        if refuses_objects(got):
            return "arrays of objects"
        if number == 2 and pretty and asks_objects(wanted) and self.same(2, theirs, False):
            return "v2 encode, what is asked in the pretty layout"
        if number == 2 and pretty and wanted.error is StopIteration and got.error is RuntimeError:
            return "v2 encode, StopIteration in the pretty layout"
        if number == 2 and wanted.error is TypeError and wanted.message.startswith("first argument must be a string"):
            return "v2 encode, a value that pretends to be a str"
        if number == 2 and NOTES and got.error and wanted.error and self.has(LYING_REPR):
            return "v2 encode, the repr of a key for a note"
        if number == 2 and DICT_IS_LIVE and self.active and self.has(CHANGES):
            return "v2 encode, a dict that changes while it is written"
        if number == 2 and got.error is RecursionError and got.message.endswith("contains itself") and wanted.error:
            return "v2 encode, a slice that contains itself"
        # NumPy's repr asks for what it knows of a type; where that meets the limit of calls, it may make this of it.
        if number == 1 and got.error is RecursionError and wanted.error is TypeError and (
            wanted.message == "issubclass() arg 1 must be a class"
        ):
            return "v1 encode, a limit of calls that NumPy takes for another error"
        if number == 1 and got.world.shown and self.has(re.compile("slice|OrderedDict")):
            return "v1 encode, a repr that acts, in a slice or OrderedDict"
        return None

    def has(self, pattern):
        """Does the text of the graph, for people, match?"""
        return pattern.search(graphs.dump(self.graph()[0]))

    def same(self, number, theirs, pretty):
        """Are there no differences, except those that are allowed?"""

        def encode():
            return Encoding(self.graph(), theirs, lambda x: theirs.encode(x, pretty))

        got, wanted = self.ours(number, pretty), encode()
        if wanted.error is RecursionError and got.error is not RecursionError:
            excused["encode, nesting"] += 1
            with deeper():
                wanted = encode()
        elif got.error is RecursionError and wanted.error is not RecursionError and (wanted.error or STACK_IS_LIMIT):
            excused["encode, nesting and another error" if wanted.error else "encode, nesting"] += 1
            with deeper():
                got = self.ours(number, pretty)
        outcomes[f"v{number} {got.error.__name__ if got.error else 'text'}"] += 1
        what = f"v{number} encode, pretty {pretty}"
        if got.same(wanted):
            if number == 1 or got.calls == wanted.calls:
                return True
            # Encoders that encode call each other up to the limit, which ends one way earlier than the other.
            if got.error is RecursionError and all(a == b for a, b in zip(got.calls, wanted.calls)):
                excused["v2 encode, calls of encoders before the limit of nesting"] += 1
                return True
            what = f"{what}, encoders {got.calls} instead of {wanted.calls}"
        reason = self.allowed(number, theirs, pretty, got, wanted)
        if reason:
            excused[reason] += 1
            return True
        self.differ(what, got, wanted)
        return False

    def with_ourselves(self, number, pretty):
        """The same as bytes, and in pieces."""
        ours, got = OURS[number], self.ours(number, pretty)
        if got.value and SURROGATE.search(got.value):  # from the repr of a slice: no bytes are that
            return
        octets = Encoding(self.graph(), ours, lambda x: stream.encode(x, ours, pretty).decode())
        if not octets.same(got):
            self.differ(f"v{number} encode as bytes, pretty {pretty}", octets, got)
        sizes = (20000,) if len(got.value or "") > 10**6 else (5, 64, 1000, 20000)
        size = sizes[len(self.draws) // 4 % len(sizes)]
        pieces = Encoding(self.graph(), ours, lambda x: b"".join(stream.iterencode(x, ours, pretty, size)).decode())
        if self.active or (got.error and pieces.error):  # the values around have gone; the first of several errors
            return
        if got.error is RecursionError:  # each value alone needs fewer levels
            return
        if pieces.error or got.error or pieces.value != got.value:
            self.differ(f"v{number} in pieces of {size}, pretty {pretty}", pieces, got)

    def run(self, reference):
        """In both dialects, with one of the layouts each; in pieces in one of the dialects."""
        choice = len(self.draws)
        for number in OURS:
            if reference:
                self.same(number, reference[number], (choice >> number) % 2 == 1)
        self.with_ourselves(choice % 2 + 1, choice % 4 > 1)
        return self.lines


def graph_differences(graphs, draws, reference):
    return GraphComparison(graphs, draws).run(reference)


# ---- Texts ----

# Parentheses may make a value of these texts: nothing, and a text of several lines.
NO_LINE = re.compile(r"[\r\n]|\\$|^[ \t\f]*(#|$)")
# Fraction("1e9999999") is computed, by the reference, too.
COSTLY = re.compile(rb"[eE][+-]?[\d_]{5}")


class Decoding(Outcome):
    """The outcome of a module for a text."""

    def __repr__(self):
        return super().__repr__() if self.error else self.described[:300]

    @property
    def described(self):
        return describe(self.value)


def literal(text):
    """The outcome of ast.literal_eval for a text, and None where it tells nothing about PYON."""
    try:
        tree = ast.parse(text.lstrip(b" \t" if isinstance(text, bytes) else " \t"), mode="eval")
        known = all(
            not isinstance(node, (ast.Name, ast.Call)) and getattr(node, "value", 0) is not Ellipsis
            for node in ast.walk(tree)
        )
        outcome = Outcome(ast.literal_eval, tree) if known and is_plain(text) else None
        return None if outcome and outcome.error is ValueError else outcome  # "--1" is none of its
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def of_json(text):
    """The outcome of json for a text, and None where it tells nothing about PYON."""
    tagged = []
    outcome = Outcome(json.loads, text, object_hook=lambda x: tagged.append(1) if "__jsonclass__" in x else x)
    return None if tagged else outcome


def is_evaluated(text):
    """Would eval evaluate it, and more than arithmetic with numbers?"""
    try:
        return not is_plain(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False


class Stream:
    """The values and errors of a Decoder."""

    def __init__(self, dialect, pieces):
        self.values, self.error = [], None
        decoder = stream.Decoder(dialect)
        try:
            for piece in pieces:
                decoder.feed(piece)
                self.values.extend(map(describe, decoder))
            decoder.close()
            self.values.extend(map(describe, decoder))
        except Exception as e:
            self.error = type(e), str(e)

    def __repr__(self):
        return f"{self.values} {self.error}"[:300]

    def __eq__(self, other):
        return (self.values, self.error) == (other.values, other.error)


class TextComparison:
    def __init__(self, number, text):
        self.number, self.text = number, text
        self.ours = OURS[number]
        self.lines = []
        data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
        self.rng = random.Random(zlib.crc32(data))
        self.costly = COSTLY.search(data) and b"Fraction" in data

    def differ(self, what, got, wanted):
        self.lines.append(f"v{self.number} {what}\n    wanted {wanted}\n    got    {got}")

    def with_reference(self, reference, got):
        text = self.text
        if self.number == 1:
            if is_evaluated(text):  # and so it may do anything
                excused["v1 decode, eval"] += 1
                if got.error is None:
                    self.differ("decode, which must refuse", got, "a refusal")
                return
            wanted = Decoding(reference[1].decode, text) if reference else literal(text)
        else:
            wanted = Decoding(reference[2].decode, text) if reference else of_json(text)
            if wanted and wanted.error is RecursionError and got.error is not RecursionError:
                excused["v2 decode, nesting"] += 1
                with deeper():
                    wanted = Decoding(reference[2].decode, text)
        if wanted is None or got.same(wanted):
            return
        if self.number == 1 and (reason := v1_decoding_may_differ(got, wanted, text)):
            excused[f"v1 decode, {reason}"] += 1
            return
        self.differ("decode", got, wanted)

    def pieces(self, text):
        cuts = sorted(self.rng.randrange(len(text) + 1) for _ in range(self.rng.choice((1, 2, 5, len(text)))))
        return [text[i:j] for i, j in zip([0, *cuts], [*cuts, len(text)])]

    def with_ourselves(self, got):
        """The same in pieces: what a stream takes for one value is one for decode, too."""
        text = self.text
        if isinstance(text, bytes):
            form = self.rng.choice((bytearray, memoryview, bytes))
            again = Decoding(self.ours.decode, form(text))
            if not again.same(got) and not (form is memoryview and self.number == 2):
                self.differ(f"decode of a {form.__name__}", again, got)
        elif text.isascii():
            again = Decoding(self.ours.decode, text.encode())
            if not again.same(got) and b"\0" not in text.encode() and "coding" not in text:
                self.differ("decode of bytes", again, got)
        whole, cut = Stream(self.ours, [text]), Stream(self.ours, self.pieces(text))
        both_fail = whole.error and cut.error and whole.error[0] is cut.error[0]
        if self.number == 1 and whole.values == cut.values and both_fail:
            pass  # of several errors, either may come first
        elif whole != cut:
            self.differ("Decoder, in pieces", cut, whole)
        if self.number == 2:
            if isinstance(text, str) or json.detect_encoding(text) == "utf-8":
                self.one_value(got, whole)
        elif isinstance(text, str):
            # Tuples have parentheses there, and strings side by side are joined within them only.
            self.one_value(got, Stream(self.ours, self.pieces(f"({text}\n)")))

    def one_value(self, got, came):
        if not got.error and (came.values != [got.described] or came.error):
            self.differ("Decoder", came, got)
        if got.error and len(came.values) == 1 and not came.error and not self.may_be_one():
            self.differ("Decoder", came, got)

    def may_be_one(self):
        return self.number == 1 and bool(NO_LINE.search(self.text))

    def run(self, reference):
        if self.costly:
            excused["costly fractions"] += 1
            return []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            got = Decoding(self.ours.decode, self.text)
            outcomes[f"v{self.number} {got.error.__name__ if got.error else 'value'}"] += 1
            self.with_reference(reference, got)
            self.with_ourselves(got)
        return self.lines


def text_differences(number, text, reference):
    return TextComparison(number, text).run(reference)
