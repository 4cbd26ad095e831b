"""Lets each allocation of the extension fail, one after the other: see nomemory.c, which is preloaded.

For interpreters of their own that test_nomemory_calls.py starts.
"""

import ctypes
import gc
import sys

_memory = ctypes.PyDLL(None)
_start, _stop, _live = _memory.nomemory_start, _memory.nomemory_stop, _memory.nomemory_live
_pause = _memory.nomemory_pause
_start.argtypes, _live.restype = [ctypes.c_long], ctypes.c_long

NEVER = -1
ROUNDS = 2  # in which an allocation fails, to see whether anything is lost each time


def attempt(call, n):
    """The outcome of a call, as a text, if the n-th allocation fails; None for a MemoryError."""
    [(i, i) for i in range(20)]  # Python's iterators over items of dicts crash if they get no tuple: some are at hand
    try:
        _start(n)
        try:
            value = call()
        finally:
            failed = _stop()
    except MemoryError:
        if not failed:
            raise
        return None, failed
    except SystemError as e:
        if not failed or "<function" not in str(e):  # else Python has forgotten to raise its MemoryError
            return str(e), failed
        return None, failed
    except Exception as e:
        value = e
    return repr(value), failed


def spared(call):
    """The value of a step of a call in which no allocation fails: one that another call tests."""
    _pause(1)
    try:
        return call()
    finally:
        _pause(0)


def blocks_in_use():
    gc.collect()
    sys._clear_type_cache()  # it keeps the names of attributes
    return _live()


def lost(call, n):
    """The number of blocks of memory that each call leaves whose n-th allocation fails."""
    for _ in range(20):  # caches grow now and then
        before = blocks_in_use()
        for _ in range(ROUNDS):
            attempt(call, n)
        blocks = (blocks_in_use() - before) // ROUNDS
        if not blocks:
            break
    return blocks


def check(calls):
    """Calls each function, with one failure after the other: prints each wrong outcome."""
    for name, call in calls.items():
        wanted = attempt(call, NEVER)[0]
        attempt(call, NEVER)
        gc.collect()
        gc.freeze()
        n, failed = 0, True
        while failed:
            got, failed = attempt(call, n)
            # Without memory for a message, an exception has none.
            if got not in (None, wanted, wanted.partition("(")[0] + "()"):
                print(f"{name}, allocation {n}: {got:.300} instead of {wanted:.300}")
            if failed and (blocks := lost(call, n)):
                print(f"{name}, allocation {n}: {blocks} blocks lost")
            if (again := attempt(call, NEVER)[0]) != wanted:
                print(f"{name} after allocation {n}: {again:.300} instead of {wanted:.300}")
            n += 1
        if n < 2:
            print(f"{name}: no allocation")
    print("done")
