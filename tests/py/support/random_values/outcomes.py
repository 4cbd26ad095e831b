"""The outcome of a call, how it is compared with that of the reference, and where the two may differ.

The outcomes that may differ are in the section "Documented differences", each with its reason; the tests of
single cases (vectors.py) have a table of their own.
"""

import ast
import json
import re

from describe import describe, without_addresses

try:
    import numpy as np
except ImportError:
    np = None


class Outcome:
    """The outcome of a call: a text or value, or the class of the exception and its message."""

    def __init__(self, function, *arguments, **keywords):
        self.value = self.error = None
        try:
            self.value = function(*arguments, **keywords)
        except BaseException as e:  # encoders may raise anything
            self.error, self.message = type(e), without_addresses(str(e))

    def __repr__(self):
        if self.error:
            return f"{self.error.__name__}: {self.message[:300]}"
        return ascii(describe(self.value))[:300]

    def same(self, other):
        """The same value or exception; and the same message, if it is one of the format.

        Other messages are Python's and NumPy's.
        """
        if not self.error or not other.error:
            return not self.error and not other.error and self.described == other.described
        if self.error is not other.error:
            return False
        fixed = "PYON" in other.message or self.error is json.JSONDecodeError
        return not fixed or self.message == other.message

    @property
    def described(self):
        return describe(self.value)


# ---- Documented differences ----


# Arrays say what they hold, and so do scalars from NumPy 2 on.
OBJECTS = re.compile(
    r"(?:dtype=object|'O').*"
    r"(?:numpy arrays with object dtype are not PYON encodable"
    r"|\(<class 'numpy.ndarray'>\) is not PYON serializable)"
    r"|(?:dtype=object|'O'|^`\().*numpy scalars with object fields are not PYON encodable",
    re.DOTALL,
)


def refuses_objects(got):
    """The reference writes the pointers to the objects: no other process can read that."""
    return got.error is TypeError and bool(OBJECTS.search(got.message))


# How what eval would evaluate is refused.
REFUSED = (SyntaxError, NameError, TypeError, ValueError)
CALLS = {"slice", "Fraction", "OrderedDict", "nparray", "npscalar"}
CONSTANTS = {"null", "true", "false", "inf", "nan"}
PLAIN = (
    ast.Expression,
    ast.Load,
    ast.Tuple,
    ast.List,
    ast.Set,
    ast.Dict,
    ast.unaryop,
    ast.operator,
)


def is_number(node):
    """A number, or arithmetic with numbers."""
    if isinstance(node, ast.BinOp):
        return not isinstance(node.op, ast.MatMult) and is_number(node.left) and is_number(node.right)
    if isinstance(node, ast.UnaryOp):
        return not isinstance(node.op, ast.Not) and is_number(node.operand)
    if isinstance(node, ast.Name):
        return node.id in ("true", "false", "inf", "nan")
    return isinstance(node, ast.Constant) and type(node.value) in (bool, int, float, complex)


def is_plain(text):
    """Does the text mean a value of the format, as Python's parser sees it?

    All else, eval evaluates and decode refuses: attributes, arithmetic with lists, names of functions, ...
    """
    tree = ast.parse(text.lstrip(b" \t" if isinstance(text, bytes) else " \t"), mode="eval")
    called = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if not isinstance(node.func, ast.Name) or node.func.id not in CALLS:
                return False
            called.add(node.func)
        elif isinstance(node, ast.keyword):
            if node.arg is None or not node.arg.isascii():
                return False
        elif isinstance(node, ast.Name):
            if not node.id.isascii():
                return False
            if node.id not in CONSTANTS and node not in called:
                if node.id in CALLS or node.id.startswith("__"):
                    return False
        elif isinstance(node, (ast.UnaryOp, ast.BinOp)):
            if not is_number(node):
                return False
        elif isinstance(node, ast.Constant):
            if node.value is Ellipsis:
                return False
        elif not isinstance(node, PLAIN):
            return False
    return True


# Parentheses around a name of a constructor, which Python's tree does not show.
BRACKETED = re.compile(r"\(\s*(slice|Fraction|OrderedDict|nparray|npscalar)\s*\)")


def v1_decoding_may_differ(got, wanted, text):
    """The reason, if there is one."""
    # eval finds unknown names before wrong syntax, or after; a parser finds what comes first.
    if got.error and wanted.error:
        if all(issubclass(x.error, SyntaxError) for x in (got, wanted)):
            return "several errors"
        if wanted.message.startswith("keyword argument repeated"):
            return "several errors"
        if wanted.error is UnicodeDecodeError and got.message.startswith("(unicode error)"):
            return "several errors"
    # Bytes are UTF-8, in comments, too.
    if isinstance(text, bytes) and got.error is SyntaxError:
        if "unknown encoding" in got.message and b"coding" in text:
            return "coding comments"
        if "(unicode error)" in got.message and b"#" in text:
            return "comments that are not UTF-8"
    # Names beyond ASCII are none; Python folds them.
    if wanted.error is NameError and got.error is SyntaxError and "invalid character" in got.message:
        return "names beyond ASCII"
    # A parser has no use for Python's rules of indentation, which are about statements.
    if wanted.error is IndentationError:
        return "indented lines"
    # Python wants another line after a backslash at the end; a value is complete without.
    backslash = b"\\" if isinstance(text, bytes) else "\\"
    if wanted.error is SyntaxError and "EOF" in wanted.message and text.rstrip().endswith(backslash):
        return "a backslash at the very end"
    # Nothing is evaluated but arithmetic, and no name of a constructor may have parentheses.
    try:
        evaluated = not is_plain(text) or BRACKETED.search(text if isinstance(text, str) else text.decode("latin-1"))
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    return "eval" if evaluated and got.error and issubclass(got.error, REFUSED) else None
