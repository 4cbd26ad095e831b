"""Several threads at once: whatever they do to each other's values, the result or the error is clean.

The interpreter is shared, so threads change places only where Python code runs, beside large arrays
and in system calls. There the tests meet the extension: with a switch interval so short that every
call of an encoder lets others run, or so long that nothing else does.
"""

import contextlib
import os
import re
import sys
import sysconfig
import threading
import time
from collections import OrderedDict

import pytest

from fastpyon import _core, pyon, pyon_v1, stream
from point import Point

try:
    import numpy as np
except ImportError:
    np = None

needs_numpy = pytest.mark.skipif(np is None, reason="NumPy is not installed")
needs_lock = pytest.mark.skipif(
    bool(sysconfig.get_config_var("Py_GIL_DISABLED")), reason="others may run before the first step, too"
)
LARGE = (32 << 20) // 8  # elements, from which on others run beside an array


@contextlib.contextmanager
def switch_interval(seconds):
    before = sys.getswitchinterval()
    sys.setswitchinterval(seconds)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def run_all(*functions, interval=1e-6):
    """Runs functions in threads, all at once. None of them may hang or raise."""
    failures = []
    barrier = threading.Barrier(len(functions))

    def run(function):
        try:
            barrier.wait(60)
            function()
        except BaseException as e:
            failures.append(e)

    threads = [threading.Thread(target=run, args=[f], daemon=True) for f in functions]
    with switch_interval(interval):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive()
    if failures:
        raise failures[0]


def run_beside(function, other):
    """Runs ``other`` over and over while ``function`` runs: as soon as it lets others, not before.

    If the system gives the other thread no time then, once more.
    """
    done = threading.Event()
    go = threading.Lock()
    count = 0
    failures = []

    def run():
        nonlocal count
        try:
            with go:
                while not done.is_set():
                    other()
                    count += 1
                    time.sleep(0)
        except BaseException as e:
            failures.append(e)

    go.acquire()
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    with switch_interval(1000):
        go.release()
        try:
            for _ in range(100):
                result = function()
                if count or failures:
                    break
        finally:
            done.set()
            thread.join(60)
    if failures:
        raise failures[0]
    assert count, "no other thread has run"
    return result


@pytest.fixture
def point(clean_maps):
    """Of the type Point, encoding and decoding of which lets other threads run."""

    def encode(x):
        time.sleep(0)
        return list(x.arguments)

    def decode(*arguments):
        time.sleep(0)
        return Point(*arguments)

    pyon.register([Point], name="point", encode=encode, decode=decode)
    return Point(1, 2)


# ---- Values of their own -----------------------------------------------------------------------


def test_threads_do_not_disturb_each_other(dialect):
    x = [{"k" * i: (i, [i] * i, {i: 2.5 * i}) for i in range(20)}] * 20
    text = dialect.encode(x)

    def work(seed):
        mine = [seed, x]
        for _ in range(20):
            assert dialect.decode(dialect.encode(mine)) == mine
            assert dialect.encode(x) == text
            with pytest.raises((SyntaxError, ValueError)):
                dialect.decode(text[: -1 - seed])
            with pytest.raises(TypeError):
                dialect.encode([mine, object()])

    run_all(*[lambda seed=seed: work(seed) for seed in range(4)])


def test_constructors_and_encoders_that_let_others_run(point):
    def work(seed):
        mine = [{i: [Point(seed, i), (i, "key" * (i % 7))] for i in range(30)}, {seed}]
        for _ in range(10):
            assert pyon.decode(pyon.encode(mine)) == mine
            decoder = stream.Decoder()
            for piece in stream.iterencode(mine, size=50):
                decoder.feed(piece)
            assert next(decoder) == mine

    run_all(*[lambda seed=seed: work(seed) for seed in range(4)])


# ---- Registries --------------------------------------------------------------------------------


def test_registering_types_at_once(clean_maps):
    def work(seed):
        kind = type(f"Kind{seed}", (), {})
        for i in range(200):
            name = f"kind {seed} {i % 3}"
            pyon.register([kind], name=name, encode=lambda x: [seed], decode=lambda x: x)
            assert pyon.decode(pyon.encode([kind(), (1,)])) == [seed, (1,)]
            pyon.deregister([kind], name)

    before = dict(pyon._encode_map), dict(pyon._decode_map)
    run_all(*[lambda seed=seed: work(seed) for seed in range(4)])
    assert (pyon._encode_map, pyon._decode_map) == before


def test_one_of_those_who_register_the_same_type_wins(clean_maps):
    rounds, won = 100, []
    barrier = threading.Barrier(4)

    def work(seed):
        for _ in range(rounds):
            barrier.wait(60)
            try:
                pyon.register([Point], name="point", encode=lambda x: [seed], decode=lambda x: x)
            except AssertionError:
                barrier.wait(60)
            else:
                won.append(seed)
                barrier.wait(60)
                assert pyon.decode(pyon.encode(Point(1, 2))) == seed
                pyon.deregister([Point], "point")
            barrier.wait(60)

    run_all(*[lambda seed=seed: work(seed) for seed in range(4)])
    assert len(won) == rounds


def test_a_registration_that_fails_half_way_is_undone(clean_maps):
    class Odd(type):
        hashed = 0

        def __hash__(cls):
            Odd.hashed += 1
            if Odd.hashed == 2:  # when it is to be entered
                raise MemoryError
            return 1

    kind = Odd("kind", (), {})
    before = dict(pyon._encode_map), dict(pyon._decode_map)
    with pytest.raises(MemoryError):
        pyon.register([Point, kind], name="point", encode=lambda x: [], decode=Point)
    assert (pyon._encode_map, pyon._decode_map) == before
    pyon.register([Point], name="point", encode=lambda x: [1, 2], decode=Point)
    assert pyon.decode(pyon.encode(Point(1, 2))) == Point(1, 2)


FIRST_ARRAYS = """
import sys, threading
sys.setswitchinterval(1e-6)
failures = []
barrier = threading.Barrier(8)
def work():
    barrier.wait()
    try:
        from fastpyon import pyon, pyon_v1
        import numpy
        for module in (pyon, pyon_v1):
            text = module.encode([numpy.arange(3), numpy.int8(4)])
            assert module.encode(module.decode(text)) == text
    except BaseException as e:
        failures.append(repr(e))
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(failures)
"""


@needs_numpy
def test_the_first_arrays_come_from_several_threads(python):
    assert python(FIRST_ARRAYS) == "[]\n"


# ---- Values that others change -----------------------------------------------------------------


def changed_list(x):
    x.append("new")
    if len(x) > 12:
        del x[1:]


def changed_dict(x):
    x[f"new {len(x)}"] = "new"
    if len(x) > 12:
        first = next(iter(x))
        kept = x[first]
        x.clear()
        x[first] = kept


def replaced_values(x):
    for key in list(x)[1:]:
        x[key] = "new" * (len(x[key]) % 50)


CHANGES = [
    (lambda large: [large] + ["old"] * 5, changed_list),
    (lambda large: {"a": large, "b": "old", "c": "old"}, changed_dict),
    (lambda large: {1: large, 2: "old", 3: "old"}, changed_dict),
    (lambda large: {"a": large, "b": "old", "c": "old"}, replaced_values),
    (lambda large: OrderedDict(a=large, b="old", c="old"), changed_dict),
]


def strings(x):
    """All texts in a value but keys."""
    if isinstance(x, dict):
        x = list(x.values())
    if isinstance(x, (list, tuple)):
        return [text for member in x for text in strings(member)]
    return [x] if isinstance(x, str) else []


@needs_numpy
@pytest.mark.parametrize("make, change", CHANGES)
def test_containers_that_another_thread_changes_beside_a_large_array(dialect, make, change):
    x = make(np.ones(LARGE))
    for value, pretty in ((x, False), ([(x, ["end"])], True)):
        try:
            text = run_beside(lambda: dialect.encode(value, pretty), lambda: change(x))
        except RuntimeError as e:
            assert "during iteration" in str(e)
        else:
            decoded = strings(dialect.decode(text))
            assert all(re.fullmatch("(new)*|old|end", text) for text in decoded)


def test_containers_that_another_thread_changes_beside_an_encoder(point):
    """Sets, too, which can have no array in them."""
    for make, change in (
        (lambda: {point, "old", ("old", point)}, lambda x: x.add(len(x)) if len(x) < 9 else x.clear()),
        (lambda: [point, "old", {point: point}, [point]], changed_list),
        (lambda: {"a": point, "b": point, "c": [point] * 5}, changed_dict),
        (lambda: OrderedDict(a=point, b=[point]), changed_dict),
    ):
        for encode in (pyon.encode, stream.encode, lambda x: b"".join(stream.iterencode(x, size=1))):
            values = [make() for _ in range(3)]
            done = threading.Event()

            def encode_all():
                try:
                    for x in values:
                        try:
                            pyon.decode(encode(x))
                        except RuntimeError as e:
                            assert "during iteration" in str(e)
                finally:
                    done.set()

            def change_all():
                while not done.wait(1e-6):
                    for x in values:
                        change(x)

            run_all(encode_all, change_all)


class Changing:
    """Its repr, and its encoder, change a container."""

    def __init__(self):
        self.change = lambda: None

    def __repr__(self):
        self.change()
        return "Changing()"

    def __hash__(self):
        return 1  # so that sets have the same order


def members(changing):
    return [1.5, slice(changing), "a", slice(changing), [2], 3.5, "b"]


MUTATIONS = {
    "list": [
        (lambda c: members(c), change)
        for change in (list.clear, list.pop, lambda x: x.append(7), lambda x: x.reverse(),
                       lambda x: x.__setitem__(slice(None), ["new"] * len(x)),
                       lambda x: x.__delitem__(slice(2)))
    ],
    "dict": [
        (lambda c: dict(zip(keys, members(c))), change)
        for keys in ("abcdefg", range(7))
        for change in (dict.clear, dict.popitem, lambda x: x.update(new=7), lambda x: x.update(a=[7]),
                       lambda x: (x.popitem(), x.update(new=7)))
    ],
    "ordered": [
        (lambda c: OrderedDict(zip("abcdefg", members(c))), change)
        for change in (lambda x: x.update(a=7), lambda x: x.move_to_end("a"))
    ],
    "set": [
        (lambda c: {(1, c), (2, c), (3, c)}, change) for change in (set.clear, set.pop, lambda x: x.add(7))
    ],
}  # fmt: skip


def outcome(call):
    try:
        return call()
    except Exception as e:
        return type(e), str(e)


@pytest.mark.parametrize("kind", MUTATIONS)
def test_containers_that_change_while_they_are_encoded(clean_maps, dialect, kind):
    """The outcome is that of the encoder in Python; in pieces, it is clean."""
    slow = (lambda x: pyon.encode(x, sort_keys=False)) if dialect is pyon else in_python
    pyon.register([Changing], name="changing", encode=lambda x: [repr(x)], decode=str)
    for make, change in MUTATIONS[kind]:
        if dialect is pyon_v1 and kind == "set":
            continue  # of a type that v1 does not know
        for nested in (False, True):
            results = []
            for encode in (slow, dialect.encode, lambda x: b"".join(stream.iterencode(x, dialect, size=1))):
                changing = Changing()
                x = make(changing)
                changing.change = lambda: change(x) if len(x) else None
                results.append(outcome(lambda: encode([(x,)] if nested else x)))
            # Of an OrderedDict, v1 writes the items as they were.
            copied = dialect is pyon_v1 and kind == "ordered" and results[0][0] is RuntimeError
            assert results[1] == results[0] or (copied and isinstance(results[1], str))
            if isinstance(results[2], bytes):
                dialect.decode(results[2].replace(b"Changing()", b"1"))
            else:
                assert results[2][0] is RuntimeError


def in_python(x):
    encoder = pyon_v1._Encoder(False)
    encoder.encode(x)
    return encoder.get_output()


# ---- Arrays ------------------------------------------------------------------------------------


@needs_numpy
@needs_lock
@pytest.mark.parametrize("refcheck", [True, False])
def test_an_array_cannot_be_resized_while_it_is_encoded(dialect, refcheck):
    array = np.arange(LARGE, dtype=float)
    refused = []

    def resize():
        try:
            array.resize(1, refcheck=refcheck)
        except ValueError as e:
            refused.append(e)

    text = run_beside(lambda: dialect.encode([array]), resize)
    assert refused
    assert np.array_equal(dialect.decode(text)[0], np.arange(LARGE, dtype=float))


@needs_numpy
def test_an_array_that_is_written_while_it_is_encoded(dialect):
    array = np.zeros(LARGE)
    text = run_beside(lambda: dialect.encode([array, "end"]), lambda: array.fill(1.0))
    decoded, end = dialect.decode(text)
    assert end == "end" and decoded.shape == array.shape
    assert np.isin(decoded.view("u1"), (0, 0x3F, 0xF0)).all()  # an element may be a mixture


@needs_numpy
def test_others_run_while_an_array_is_decoded(dialect):
    """The text is held: nobody else has it."""
    parts = dialect.encode([np.arange(LARGE), "end"]).split(",")
    array, end = run_beside(lambda: dialect.decode(",".join(parts)), lambda: "x" * LARGE)
    assert end == "end" and np.array_equal(array, np.arange(LARGE))


@needs_numpy
@needs_lock
def test_bytes_that_change_while_they_are_decoded(dialect):
    text = dialect.encode([np.ones(LARGE), "end"]).encode()
    data = bytearray(text)

    def change():
        data[-5:-3] = b"xx"
        data.extend(b" ")

    array, end = run_beside(lambda: dialect.decode(data), change)
    assert end == "end" and (array == 1).all()


def test_a_buffer_is_held_while_it_is_read(clean_maps):
    data = bytearray(b'[1, {"__jsonclass__": ["keep", []]}, 2]')
    refused = []

    def keep():
        try:
            data.clear()
        except BufferError as e:
            refused.append(e)

    pyon._decode_map["keep"] = keep
    decoder = stream.Decoder()
    decoder.feed(data)
    assert list(decoder) == [[1, None, 2]] and refused
    data.clear()


# ---- Streams -----------------------------------------------------------------------------------


def retried(call):
    """Again and again, as long as somebody else is at it."""
    while True:
        try:
            return call()
        except RuntimeError as e:
            assert "used" in str(e)
            time.sleep(0)


def test_a_decoder_that_several_threads_feed(point):
    decoder = stream.Decoder()
    taken = []

    def work(seed):
        for i in range(100):
            text = stream.encode([seed, i, Point(seed, i)]) + b"\n"
            retried(lambda: decoder.feed(text))
            taken.extend(decoder)

    run_all(*[lambda seed=seed: work(seed) for seed in range(4)])
    taken.extend(decoder)
    assert sorted(taken, key=lambda x: x[:2]) == [[s, i, Point(s, i)] for s in range(4) for i in range(100)]


def test_a_decoder_that_waits_for_a_pipe():
    r, w = os.pipe()
    decoder = stream.Decoder()
    counts = []
    thread = threading.Thread(target=lambda: counts.append(decoder.read_from(r)))
    thread.start()
    try:
        deadline = time.monotonic() + 600
        while time.monotonic() < deadline:  # until it is at it
            try:
                decoder.feed(" ")
            except RuntimeError:
                break
        for call in (lambda: decoder.feed("1 "), decoder.close, lambda: decoder.read_from(r)):
            with pytest.raises(RuntimeError, match="used already"):
                call()
        assert list(decoder) == [] and decoder.skip_line() is None
    finally:
        os.write(w, b"[1]")
        thread.join()
    assert counts == [3] and list(decoder) == [[1]]
    os.close(r)
    os.close(w)


def test_pieces_that_several_threads_take(point):
    value = [(i, point) for i in range(500)]
    for make, module in ((_core.pieces_v2, pyon), (_core.pieces_v1, pyon_v1)):
        x = value if module is pyon else [(i, i) for i in range(500)]
        pieces = make(x, size=20)
        taken = []

        def work():
            while piece := retried(lambda: next(pieces, b"")):
                taken.append(piece)

        run_all(*[work] * 4)
        text = module.encode(x)
        assert sum(map(len, taken)) == len(text) and sorted(b"".join(taken)) == sorted(text.encode())


# ---- The end -----------------------------------------------------------------------------------

EXIT = """
import sys, threading
import numpy
from fastpyon import pyon, pyon_v1
array = numpy.zeros(5 * 10**6)
text = pyon.encode(array)
def work():
    while True:
        pyon.encode(array), pyon.decode(text), pyon_v1.encode(array)
for _ in range(3):
    threading.Thread(target=work, daemon=True).start()
threading.Event().wait(0.1)
print("done")
"""


@needs_numpy
def test_the_interpreter_ends_while_others_encode(python):
    assert python(EXIT) == "done\n"
