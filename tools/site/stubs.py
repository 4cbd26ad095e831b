# SPDX-License-Identifier: LGPL-3.0-or-later
"""Handlers for autodoc: signatures have the types of the stubs, and code in docstrings is marked as code."""

import ast
from pathlib import Path


def module_name(path, package):
    parts = path.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def signatures(package):
    """{full name: (arguments, result)} of all functions and classes in the stubs of a package."""
    found = {}
    for path in sorted(Path(package).rglob("*.pyi")):
        collect(ast.parse(path.read_text(encoding="utf-8")).body, module_name(path, Path(package)), found)
    return found


def collect(body, owner, found, is_class=False):
    for node in body:
        if isinstance(node, ast.ClassDef):
            collect(node.body, f"{owner}.{node.name}", found, is_class=True)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            arguments = node.args
            if is_class:  # self or cls
                (arguments.posonlyargs or arguments.args).pop(0)
            result = ast.unparse(node.returns) if node.returns else None
            if node.name in ("__init__", "__new__"):
                found.setdefault(owner, (f"({ast.unparse(arguments)})", None))
            else:
                found[f"{owner}.{node.name}"] = f"({ast.unparse(arguments)})", result


def typed(found):
    """The handler for signatures. Methods that are inherited from the extension are in the stub of their class."""

    def process(app, what, name, obj, options, signature, result):
        owner = getattr(obj, "__objclass__", None)
        if owner:
            name = f"{owner.__module__}.{owner.__qualname__}.{obj.__name__}"
        return found.get(name, (signature, result)) if what in ("function", "class", "method", "exception") else None

    return process


def complete(app, what, name, obj, options, lines):
    """The handler for docstrings.

    Lines that are indented after an empty one are code, unless they are a doctest. An exception tells its bases.
    """
    for i in range(len(lines) - 1, 0, -1):
        starts = not lines[i - 1] and lines[i].startswith("    ") and not (i > 1 and lines[i - 2].startswith(" "))
        if starts and not lines[i].lstrip().startswith(">>>"):
            lines[i:i] = ["::", ""]
    if what == "exception":
        lines += ["", f"Base: {', '.join(f'``{base.__name__}``' for base in obj.__bases__)}", ""]
