"""Deep and endless containers, for tests that must run without NumPy."""

from collections import OrderedDict


def nest(kind, depth):
    """`depth` containers in one another, the innermost one empty."""
    x, around = {
        "list": ([], lambda x: [x]),
        "tuple": ((), lambda x: (x,)),
        "dict": ({}, lambda x: {"a": x}),
        "intdict": ({}, lambda x: {1: x}),
        "od": (OrderedDict(), lambda x: OrderedDict(a=x)),
    }[kind]
    for _ in range(depth - 1):
        x = around(x)
    return x


def loop(kind):
    """A container that contains itself."""
    members = []
    x = {"list": members, "tuple": (members,), "od": OrderedDict()}.get(kind, {})
    if kind in ("list", "tuple"):
        members.append(x)
    else:
        x[1 if kind == "intdict" else "a"] = x
    return x
