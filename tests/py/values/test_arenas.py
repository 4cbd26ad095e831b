# SPDX-License-Identifier: LGPL-3.0-or-later
"""While a large text is decoded, new arenas lie in huge pages: the interpreter's function that makes arenas is
exchanged for this time, and is there again afterwards."""
import ctypes
import sys
import sysconfig
import threading

import pytest

from fastpyon import pyon, stream

pytestmark = [
    pytest.mark.usefixtures("clean_maps"),
    pytest.mark.skipif(
        sys.platform != "linux" or sysconfig.get_config_var("Py_GIL_DISABLED"), reason="there are none to exchange"
    ),
]

LARGE = 1 << 20


class Allocator(ctypes.Structure):
    _fields_ = [("context", ctypes.c_void_p), ("alloc", ctypes.c_void_p), ("free", ctypes.c_void_p)]


class Spy:
    pass


def functions():
    """The functions for arenas that the interpreter calls now."""
    allocator = Allocator()
    ctypes.pythonapi.PyObject_GetArenaAllocator(ctypes.byref(allocator))
    return allocator.context, allocator.alloc, allocator.free


def decode_around(size, action):
    """Decodes a text of about that size, in whose middle a constructor calls a function."""
    pyon.register([Spy], name="spy", encode=lambda _: (), decode=lambda *_: action())
    half = ",".join(f'["{i}",0.5]' for i in range(size // 16))
    return pyon.decode('[%s,{"__jsonclass__":["spy",[]]},%s]' % (half, half))


def test_they_are_exchanged_while_a_large_text_is_decoded():
    before = functions()
    seen = []
    value = decode_around(LARGE, lambda: seen.append(functions()))
    assert functions() == before
    ((context, alloc, free),) = seen
    assert alloc != before[1]
    assert (context, free) == (before[0], before[2])
    assert value[0] == ["0", 0.5] and len(value) == 2 * (LARGE // 16) + 1


def test_a_small_text_leaves_them():
    before = functions()
    seen = []
    decode_around(LARGE // 4, lambda: seen.append(functions()))
    assert seen == [before]


@pytest.mark.parametrize("answer, leaves_them", [("0", True), ("1", False), ("", False)])
def test_a_variable_turns_it_off(answer, leaves_them, monkeypatch):
    monkeypatch.setenv("FASTPYON_HUGE_PAGES", answer)
    before = functions()
    seen = []
    decode_around(LARGE, lambda: seen.append(functions()))
    assert (seen == [before]) is leaves_them


def test_an_error_brings_them_back():
    before = functions()
    with pytest.raises(ZeroDivisionError):
        decode_around(LARGE, lambda: 1 / 0)
    assert functions() == before
    with pytest.raises(ValueError):
        pyon.decode("[" + "1.5," * LARGE)
    assert functions() == before


def test_a_text_inside_leaves_them_to_the_one_outside():
    before = functions()
    inner = pyon.encode([0.5] * LARGE)
    seen = []
    decode_around(LARGE, lambda: (seen.append(functions()), pyon.decode(inner), seen.append(functions())))
    assert seen[0] == seen[1] != before
    assert functions() == before


def test_threads_may_overlap():
    """The first one to end brings them back, also for the others."""
    before = functions()
    text = pyon.encode([[str(i), i / 2] for i in range(100_000)])
    expected = pyon.decode(text)
    wrong = []

    def work():
        for _ in range(3):
            if pyon.decode(text) != expected:
                wrong.append(text)

    def action():
        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    decode_around(LARGE, action)
    assert not wrong
    assert functions() == before


def test_values_outlive_it():
    """The arenas are freed one by one, in any order, long after."""
    text = pyon.encode([[str(i), i / 2] for i in range(200_000)])
    values = [pyon.decode(text) for _ in range(3)]
    del values[1]
    more = [str(i) for i in range(100_000)]
    assert values[0] == values[1]
    del values[0], more
    assert values[0][-1] == ["199999", 99999.5]


def test_a_stream_leaves_them():
    before = functions()
    decoder = stream.Decoder()
    decoder.feed(pyon.encode([0.5] * LARGE))
    assert functions() == before
    assert len(next(iter(decoder))) == LARGE
