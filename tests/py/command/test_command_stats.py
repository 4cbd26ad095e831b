# SPDX-License-Identifier: LGPL-3.0-or-later
"""pyon stats: the bytes of each path are those of its text, from its key to the next one."""

import json
import re

from command import output, run


def stats(text, *arguments):
    """The bytes and the count of each path."""
    lines = output("stats", "--top", 99, *arguments, "-", input=text).splitlines()
    rows = (re.match(r" +(\d+) +[\d.]+ % +(\d+)  (.*)", line) for line in lines)
    return {row[3]: (int(row[1]), int(row[2])) for row in rows if row}


def test_bytes_by_path():
    members = {"a": 17, "b": "x" * 100, "c": [1, [2, 3]], "d": {"e": None, "f": "y" * 50}}
    parts = {key: f"{json.dumps(key)}: {json.dumps(value)}, " for key, value in members.items()}
    record = "{" + "".join(parts.values())[:-2] + "}"
    assert json.loads(record) == members
    expected = {key: len(part) for key, part in parts.items()}
    expected["d"] -= 2
    expected.update({
        "c[*]": len("1, [2, 3]"), "c[*][*]": len("2, 3"),
        "d.e": len('"e": null, '), "d.f": len(f'"f": "{"y" * 50}"'),
    })  # fmt: skip
    for count in (1, 2, 3000):
        found = stats(count * (record + "\n"))
        assert {path: size for path, (size, _) in found.items()} == {path: count * n for path, n in expected.items()}
        assert found["c[*]"][1] == 2 * count and found["d.f"][1] == count


def test_types():
    text = "(1, {2.5, True}, {'a': None}, nparray((1,), '|u1', b'AA=='), b'', Fraction(1, 2))"
    lines = output("stats", "-", input=text).splitlines()
    assert lines[0] == f"standard input: version 1, 1 value, {len(text)} bytes, 3 brackets deep"
    done = run("stats", "-", input="[1] [")
    assert (done.returncode, done.stdout) == (1, "") and done.stderr.startswith("standard input:1:6: ")


def test_paths_can_be_pasted_back():
    keys = ["a", "k w", "", "*", "x[0]", ".y", "a.", "a.b", "a..b", "é", "\u202e", "\x1b[31m", "\x9b", '"', "a-b", "0"]
    text = json.dumps({key: {"in": i} for i, key in enumerate(keys)})
    found = stats(text)
    assert len(found) == 2 * len(keys)
    for path in found:
        assert path.isprintable()
        value = json.loads(output("get", "-", path, input=text))
        assert (value if path.endswith("in") else value["in"]) in range(len(keys))
    paths = [path for path in found if path.endswith(".in")]
    assert sorted(int(output("get", "-", path, input=text)) for path in paths) == list(range(len(keys)))
    assert {"a.in", '["k w"].in', '[""].in', "a.b.in", "é.in", '["\\u202e"].in'} <= set(paths)
