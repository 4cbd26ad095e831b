# SPDX-License-Identifier: LGPL-3.0-or-later
"""More than 4 GiB of text, each way through the extension: sizes beyond 32 bits anywhere would show.

    python tests/slow/huge.py [GIB]

needs about three times as much memory, 4.1 GiB of text unless it is said. Prints a line for each way.
"""

import os
import sys
import threading
import time

from fastpyon import pyon, pyon_v1, stream

SIZE = int(float(sys.argv[1] if len(sys.argv) > 1 else 4.1) * (1 << 30))
CHUNK = 1 << 20


def report(what, start):
    print(f"{what}: {time.perf_counter() - start:.0f} s", flush=True)


def check_text(text):
    """Spaces, then the value; so that offsets are beyond 32 bits, too."""
    for module in (pyon_v1, pyon):
        start = time.perf_counter()
        assert module.decode(text) == [1, "a"]
        report(f"decode, {module.__name__}, {len(text)} bytes of blanks", start)
    try:
        pyon.decode(text[:-1])
    except ValueError as error:
        assert error.pos == len(text) - 1, error.pos
    else:
        sys.exit("no error")


def check_string():
    x = "a" * SIZE
    for module in (pyon_v1, pyon):
        start = time.perf_counter()
        text = module.encode(x)
        assert len(text) == SIZE + 2
        y = module.decode(text)
        assert y == x
        del y, text
        report(f"a string, {module.__name__}", start)


def check_bytes():
    x = bytes(SIZE // 4 * 3)
    start = time.perf_counter()
    text = pyon.encode(x)
    assert len(text) > SIZE and pyon.decode(text) == x
    report(f"bytes, {len(text)} bytes of base64", start)


def check_stream():
    """A string through a pipe: never more than a piece of its text at once, but one value."""
    x = "\n" * (SIZE // 2)
    r, w = os.pipe()

    def write():
        stream.Writer(w).write([1, x, 2])
        os.close(w)

    start = time.perf_counter()
    thread = threading.Thread(target=write)
    thread.start()
    reader = stream.Reader(r)
    y = reader.read()
    thread.join()
    assert y == [1, x, 2]
    report("a string through a pipe", start)


check_text(" " * SIZE + '[1, "a"]')
check_string()
check_bytes()
check_stream()
