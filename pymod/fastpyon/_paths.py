# SPDX-License-Identifier: LGPL-3.0-or-later
"""Paths in values, as docs/paths.md describes them: ``a.b[3]``, ``["x y"]``, ``[2:10:2]``, ``.*``.

A path is parsed into steps: a list of names, which are one step since a key may have dots; a ``_Key``; a ``slice``; or
``...`` for all items.
"""

import collections
import re

from fastpyon import pyon_v1

_Key = collections.namedtuple("_Key", "key")

_NAMES = re.compile(r"""\.?([^.\[\]"'\s\x00-\x1f\x7f]+(?:\.[^.\[\]"'\s\x00-\x1f\x7f*][^.\[\]"'\s\x00-\x1f\x7f]*)*)""")
_ALL = re.compile(r"\.?\*(?![^.\[])|\[\s*\*\s*\]")
_SLICE = re.compile(r"\[\s*(-?\d+)?\s*:\s*(-?\d+)?\s*(?::\s*(-?\d+)?\s*)?\]")


# ---- Parsing -----------------------------------------------------------------------------------


def _key(path, start):
    """The step of a literal in brackets, and its end. The literal may have brackets, too."""
    end = path.find("]", start)
    while end >= 0:
        try:
            return _Key(pyon_v1.decode(path[start + 1 : end].strip())), end + 1
        except Exception:  # not the end yet
            end = path.find("]", end + 1)
    raise ValueError(f"a key, an index, a slice or * expected at character {start + 1} of {path}")


def parse(path):
    """The steps of a path. Raises a ValueError that says where it is wrong."""
    steps, at = [], 0
    while at < len(path) and path != ".":
        if match := _ALL.match(path, at):
            steps.append(...)
        elif match := _SLICE.match(path, at):
            steps.append(slice(*(None if bound is None else int(bound) for bound in match.groups())))
        elif path[at] == "[":
            step, at = _key(path, at)
            steps.append(step)
            continue
        elif (match := _NAMES.match(path, at)) and (at == 0 or path[at] == "."):
            steps.append(match[1].split("."))
        else:
            raise ValueError(f"a name or [ expected at character {at} of {path}")
        at = match.end()
    return steps


# ---- Searching ---------------------------------------------------------------------------------


def _text_of(key):
    """The step to the value of a key."""
    if isinstance(key, str) and (match := _NAMES.fullmatch(key)) and match[1] == key and "*" not in key:
        return f".{key}"
    return f"[{pyon_v1.encode(key)}]"


def _follow_names(text, value, names):
    """The longest key counts, and there is no way back."""
    while names:
        if not isinstance(value, dict):
            return []
        for count in range(len(names), 0, -1):
            key = ".".join(names[:count])
            if key in value:
                break
        else:
            return []
        text, value, names = text + _text_of(key), value[key], names[count:]
    return [(text, value, 0)]


def _follow_key(text, value, key):
    try:
        return [(text + _text_of(key), value[key], 0)]
    except (KeyError, TypeError):  # it is not there, or cannot be a key
        return []


def _follow_array(text, array, step, taken):
    """The next dimension after those that are taken. A slice leaves it there, so it is taken then."""
    if taken == array.ndim:
        return []
    before = (slice(None),) * taken
    size = array.shape[taken]
    if isinstance(step, slice):
        given = (step.start, step.stop, step.step) if step.step else (step.start, step.stop)
        bounds = ":".join("" if bound is None else str(bound) for bound in given)
        return [(f"{text}[{bounds}]", array[(*before, step)], taken + 1)]
    indexes = range(size) if step is ... else [step.key] if -size <= step.key < size else []
    return [(f"{text}[{index}]", array[(*before, index)], taken) for index in indexes]


def _follow_sequence(text, value, step):
    indexes = range(len(value))
    if isinstance(step, slice):
        indexes = indexes[step]
    elif step is not ...:
        indexes = [step.key] if -len(value) <= step.key < len(value) else []
    return [(f"{text}[{index}]", value[index], 0) for index in indexes]


def _follow(text, value, taken, step):
    """(path, value, dimensions of an array that are taken) of all that a step leads to."""
    if isinstance(step, list):
        return _follow_names(text, value, step)
    if isinstance(value, dict):
        keys = value if step is ... else [step.key] if isinstance(step, _Key) else []
        return [found for key in keys for found in _follow_key(text, value, key)]
    if isinstance(step, _Key) and type(step.key) is not int:
        return []
    if hasattr(value, "dtype"):
        return _follow_array(text, value, step, taken)
    return _follow_sequence(text, value, step) if isinstance(value, (list, tuple)) else []


def find(value, path):
    """[(path, value)] of all that a path leads to. Raises a ValueError if it is no path, a LookupError if that is
    nothing."""
    matches = [("", value, 0)]
    for step in parse(path):
        matches = [match for text, value, taken in matches for match in _follow(text, value, taken, step)]
    if not matches:
        raise LookupError(f"{path} leads to nothing")
    return [(text.removeprefix("."), value) for text, value, _ in matches]
