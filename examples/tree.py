# SPDX-License-Identifier: LGPL-3.0-or-later
"""Lists the datasets of a file (of version 2): how another language reads a tree of libpyon.so.

    $ python3 tree.py dataset_db_v2.pyon | grep trap.rf
    trap.rf.power_dbm: scalar, 17.0

Only pointers, numbers and bytes cross the border. No struct is declared but struct pyon_error, which is filled by the
library. (In Python itself the package fastpyon is the simpler way.)
"""

import ctypes
import os
import sys
from ctypes import POINTER, byref, c_char_p, c_double, c_int, c_size_t, c_void_p

library = ctypes.CDLL(os.environ.get("LIBPYON", "libpyon.so.0"))


class Error(ctypes.Structure):
    _fields_ = [("code", c_int), ("offset", c_size_t), ("length", c_size_t), ("message", c_char_p),
                ("reserved", c_void_p * 2)]


def declare(name, result, *arguments):
    """A function of the library. Pointers to its structs are c_void_p."""
    function = getattr(library, name)
    function.restype, function.argtypes = result, arguments
    return function


tree_parse = declare("pyon_tree_parse", c_void_p, c_void_p, c_char_p, c_size_t, c_void_p, POINTER(Error))
tree_free = declare("pyon_tree_free", None, c_void_p)
tree_root = declare("pyon_tree_root", c_void_p, c_void_p)
node_kind = declare("pyon_node_kind", c_int, c_void_p)
kind_name = declare("pyon_kind_name", c_char_p, c_int)
node_size = declare("pyon_node_size", c_size_t, c_void_p)
node_key = declare("pyon_node_key", c_void_p, c_void_p, c_size_t)
node_value = declare("pyon_node_value", c_void_p, c_void_p, c_size_t)
node_text = declare("pyon_node_text", c_void_p, c_void_p, POINTER(c_size_t))
node_real = declare("pyon_node_real", c_int, c_void_p, POINTER(c_double))


class Tree:
    """The tree of a text. Its nodes are pointers, which are valid until the end of the with statement."""

    def __init__(self, text, dialect="pyon_v2"):
        self.text, self.dialect = text, ctypes.c_char.in_dll(library, dialect)

    def __enter__(self):
        error = Error()
        self.tree = tree_parse(byref(self.dialect), self.text, len(self.text), None, byref(error))
        if not self.tree:
            raise ValueError(f"{error.message.decode()} at byte {error.offset}")
        return tree_root(self.tree)

    def __exit__(self, *_):
        tree_free(self.tree)


def text_of(node):
    """The text of a node, or None; it may hold NULs, so its length counts."""
    length = c_size_t()
    text = node_text(node, byref(length))
    return None if text is None else ctypes.string_at(text, length.value).decode("utf-8", "surrogatepass")


def describe(node):
    """Kind and number of a node, or kind and size."""
    kind = kind_name(node_kind(node)).decode()
    number = c_double()
    if node_real(node, byref(number)) >= 0:
        return f"{kind}, {number.value}"
    return f"{kind} of {node_size(node)}"


def main():
    with open(sys.argv[1], "rb") as file:
        text = file.read()
    with Tree(text) as root:
        for n in range(node_size(root)):
            key = node_key(root, n)
            if key:  # else the value is no dict
                print(f"{text_of(key)}: {describe(node_value(root, n))}")


if __name__ == "__main__":
    main()
