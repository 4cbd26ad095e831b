"""Threads that use the same values, registries and streams at once: no crash, no lost value, clean errors.

With free threads, they meet anywhere in the extension. With the lock of the interpreter, they meet where Python code
runs; test_threads.py has the tests of that. PYON_RACES=100 makes all tests a hundred times as long: millions of calls.
"""

import gc
import os
import random
import re
import sys
import sysconfig
import threading
from collections import OrderedDict

import pytest

from fastpyon import _core, pyon, pyon_v1, stream
from point import Point

try:
    import numpy as np
except ImportError:
    np = None

needs_numpy = pytest.mark.skipif(np is None, reason="NumPy is not installed")
FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
ROUNDS = int(os.environ.get("PYON_RACES", "1"))
DIALECTS = (pyon, pyon_v1)


def race(*workers, rounds):
    """Calls each worker that many times, in a thread of its own, with a random generator of its own.

    Workers in a list go on as long as one of the others has calls left.
    """
    # With the lock, threads take turns, and fewer rounds find what there is.
    rounds = rounds * ROUNDS // (1 if FREE_THREADED else 3)
    failures = []
    loops = [worker for worker in workers if not isinstance(worker, list)]
    beside = [worker for group in workers if isinstance(group, list) for worker in group]
    barrier = threading.Barrier(len(loops) + len(beside))
    left = list(loops)

    def run(worker, seed, go_on):
        try:
            dice = random.Random(seed)
            barrier.wait(60)
            done = 0
            while not failures and go_on(done):
                worker(dice)
                done += 1
        except BaseException as e:
            failures.append(e)

    def loop(worker, seed):
        run(worker, seed, lambda done: done < rounds)
        left.pop()

    threads = [threading.Thread(target=loop, args=(worker, i)) for i, worker in enumerate(loops)]
    threads += [
        threading.Thread(target=run, args=(worker, 100 + i, lambda done: bool(left)))
        for i, worker in enumerate(beside)
    ]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(600)
            assert not thread.is_alive()
    finally:
        sys.setswitchinterval(before)
    if failures:
        raise failures[0]


@pytest.mark.skipif(not FREE_THREADED, reason="this Python has a lock")
def test_importing_leaves_the_lock_off(python):
    script = """
import sys
from fastpyon import pyon, pyon_v1, stream, database, _core
import fastpyon
fastpyon.install()
for module in (pyon, pyon_v1):
    assert module.decode(module.encode([1, (2,)])) == [1, (2,)]
assert not sys._is_gil_enabled()
print("off")
"""
    assert python(script, PYTHON_GIL="") == "off\n"


# ---- Values that others change -----------------------------------------------------------------

CHANGED = r"(list|dictionary|Set|OrderedDict) (changed|mutated|keys changed)|changed size|changed during"


def encoders():
    for module in DIALECTS:
        yield module, module.encode
        yield module, lambda x, module=module: module.encode(x, True)
        yield module, lambda x, module=module: stream.encode(x, module).decode()
        yield module, lambda x, module=module: b"".join(stream.iterencode(x, module, size=40)).decode()


ENCODERS = list(encoders())


def encode_shared(shared, check):
    """Returns a worker that encodes one of the values, and decodes the text."""

    def work(dice):
        x = dice.choice(shared)
        module, encode = dice.choice(ENCODERS)
        try:
            text = encode(x)
        except RuntimeError as e:
            assert re.search(CHANGED, str(e)), e
        else:
            check(module.decode(text))

    return work


def some_member(dice):
    return dice.choice([1.5, 7, -(2**70), "text", "ü" * 20, None, [1.5, [2]], {"a": 1.5}, (1, "b"), True, 3e300])


def change_list(dice, x):
    match dice.randrange(8):
        case 0:
            x.append(some_member(dice))
        case 1:
            x[:] = [float(i) for i in range(dice.randrange(100))]
        case 2:
            x.clear()
        case 3:
            x[: dice.randrange(10)] = []
        case 4:
            x.extend(range(dice.randrange(50)))
        case 5:
            x.reverse()
        case 6:
            x.insert(0, some_member(dice))
        case 7:
            for i in range(len(x) // 3):
                try:
                    x[3 * i] = some_member(dice)
                except IndexError:
                    break
    if len(x) > 500:
        del x[100:]


def test_lists(dialect):
    shared = [[float(i) for i in range(60)], [1, "a"], []]
    shared.append([[shared[0]], (shared[1],)])

    def change(dice):
        change_list(dice, shared[dice.randrange(3)])

    encode = encode_shared(shared, lambda x: None)
    race(encode, encode, [change, change], rounds=3000)


def change_dict(dice, x):
    match dice.randrange(7):
        case 0:
            x[f"key {dice.randrange(50)}"] = some_member(dice)
        case 1:
            x.update({f"key {i}": float(i) for i in range(dice.randrange(100))})
        case 2:
            x.clear()
        case 3:
            x.pop(f"key {dice.randrange(50)}", None)
        case 4:
            x[f"schlüssel {dice.randrange(9)}"] = 1.5
        case 5:
            for key in list(x):
                x[key] = some_member(dice)
        case 6:
            x.setdefault(f"{dice.random()}", dice.random())
    if len(x) > 300:
        x.clear()


def test_dicts():
    shared = [{f"key {i}": i / 2 for i in range(60)}, {"a": 1}, {}]
    shared.append({"a": shared[0], "b": [shared[1]]})

    def change(dice):
        change_dict(dice, shared[dice.randrange(3)])

    def check(x):
        assert isinstance(x, dict) and all(isinstance(key, str) for key in x)

    encode = encode_shared(shared, check)
    race(encode, encode, [change, change], rounds=3000)


def test_dicts_with_all_kinds_of_keys():
    """The form of a dict depends on its keys: the text can be decoded even if they change."""
    shared = [{"a": 1}, {1: "a"}]

    def change(dice):
        x = dice.choice(shared)
        key = dice.choice(["a", "b", "ü", 1, 2.5, (1, 2), None, ("a", 1.5), Point])
        if key is Point:
            x.clear()
        elif dice.randrange(2):
            x[key] = key
        else:
            x.pop(key, None)

    encode = encode_shared(shared, lambda x: None)
    race(encode, encode, [change, change], rounds=3000)


def test_sets():
    shared = [set(range(30)), {"a", "b"}]

    def change(dice):
        x = dice.choice(shared)
        match dice.randrange(4):
            case 0:
                x.add(dice.randrange(1000))
            case 1:
                x.update(map(str, range(dice.randrange(40))))
            case 2:
                x.discard(dice.randrange(30))
            case 3:
                x.clear()

    encode = encode_shared(shared, lambda x: None)
    race(encode, encode, [change, change], rounds=3000)


@needs_numpy
def test_arrays():
    """Bytes are old or new ones. The memory of the arrays stays: NumPy does not guard that."""
    shared = [np.zeros(100), np.zeros((10, 10))[:, ::2], np.zeros(5000), [np.zeros(3), np.float64(0)]]

    def change(dice):
        x = dice.choice(shared[:3])
        x[:] = dice.randrange(2)

    def check(x):
        data = np.ascontiguousarray(x[0] if isinstance(x, list) else x)
        assert np.isin(data.view("u1"), (0, 0x3F, 0xF0)).all()

    encode = encode_shared(shared, check)
    race(encode, encode, [change, change], rounds=3000)


# ---- Decoding ----------------------------------------------------------------------------------


def test_keys():
    """More keys than the caches have places, in texts that all threads decode."""
    keys = [f"{'k' * (i % 20)}{i}" for i in range(3000)] + [f"{'ü' * (i % 9)}{i}" for i in range(2000)]
    texts = []
    for start in range(0, len(keys), 100):
        x = {key: i for i, key in enumerate(keys[start : start + 100])}
        texts += [(module, x, module.encode(x)) for module in DIALECTS]

    def work(dice):
        module, x, text = dice.choice(texts)
        assert module.decode(text) == x

    race(work, work, work, rounds=400)


def test_threads_that_end_leave_no_key():
    """Each thread may have a cache of its own, which goes with it."""
    text = pyon.encode({f"key {i}": i for i in range(1000)})

    def work():
        pyon.decode(text)

    def count():
        gc.collect()
        return sys.getallocatedblocks()

    counts = []
    for _ in range(4):
        for _ in range(10):
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
        counts.append(count())
    assert counts[-1] - counts[1] < 1000


@needs_numpy
def test_the_dtypes_of_arrays():
    kinds = ["<f8", ">f8", "<f4", "<i8", "<i4", "|i1", "<u2", "<c16", "|S3", "<U5", "|b1", ">i2"]
    texts = []
    for module in DIALECTS:
        for kind in kinds:
            for x in (np.zeros(3, kind), np.zeros((2, 2), kind)):
                texts.append((module, x, module.encode([x] * 3)))

    def work(dice):
        module, x, text = dice.choice(texts)
        for y in module.decode(text):
            assert y.dtype == x.dtype and y.shape == x.shape

    race(work, work, work, rounds=400)


def test_names_of_version_1_that_change(clean_maps):
    names = ["alpha", "beta", "gamma"]
    texts = ["[alpha, beta]", "{gamma: 1}", "alpha + 1", "[(beta, ), gamma]", "slice(alpha, beta, gamma)"]

    def change(dice):
        name = dice.choice(names)
        if dice.randrange(3):
            pyon_v1._eval_dict[name] = dice.choice([1, 2.5, 10**30])
        else:
            pyon_v1._eval_dict.pop(name, None)

    def decode(dice):
        try:
            pyon_v1.decode(dice.choice(texts))
        except NameError:
            pass

    race(decode, decode, [change], rounds=3000)


def test_lists_that_constructors_keep(clean_maps):
    """A constructor returns the same lists again and again, and another thread changes them."""
    pairs = [["a", 1], [(1, 2), [3]], [2.5, None]]
    shape = [2]
    pyon._decode_map["pairs"] = lambda: pairs
    pyon._decode_map["shape"] = lambda: shape
    call = '{"__jsonclass__": ["%s", [%s]]}'
    texts = [call % ("dict", call % ("pairs", "")), call % ("set", call % ("shape", ""))]
    if np is not None:
        texts.append(call % ("nparray", call % ("shape", "") + ', "<i2", "AQACAA=="'))

    def change(dice):
        match dice.randrange(5):
            case 0:
                pairs[:] = [["a", 1], [(1, 2), [3]]][: dice.randrange(3)]
            case 1:
                if pairs:
                    pairs[-1:] = [[f"{dice.random()}", dice.random()]]
            case 2:
                for pair in list(pairs):
                    pair[:] = [f"{dice.random()}", 1.5][: dice.randrange(3)]
            case 3:
                shape[:] = [dice.choice([1, 2, 10**20])]
            case 4:
                shape[:] = [2]

    def decode(dice):
        try:
            pyon.decode(dice.choice(texts))
        except (TypeError, ValueError, OverflowError, RuntimeError):
            pass

    race(decode, decode, [change], rounds=2000)


# ---- Registries --------------------------------------------------------------------------------


def test_registries(clean_maps):
    """Each type is known or not known at any time. The other types are always known."""
    kinds = [type(f"Kind{i}", (), {}) for i in range(3)]
    plain = [1, (2, {"a": {3}}), {4: 2j}]

    def register(dice):
        i = dice.randrange(3)
        try:
            if dice.randrange(2):
                pyon.register([kinds[i]], name=f"kind{i}", encode=lambda x: [i], decode=lambda x: x)
            else:
                pyon.deregister([kinds[i]], f"kind{i}")
        except (AssertionError, KeyError):
            pass

    def encode(dice):
        i = dice.randrange(3)
        try:
            text = pyon.encode([kinds[i](), plain])
        except TypeError as e:
            assert "is not PYON encodable" in str(e)
            return
        try:
            assert pyon.decode(text) == [i, plain]
        except TypeError as e:
            assert "is not PYON decodable" in str(e)

    race(encode, encode, [register, register], rounds=2000)


RELOAD = """
import importlib, threading
from fastpyon import pyon, pyon_v1, stream
done, failures = [], []
x = [1, (2, {"a": {3}}), {4: 2j}, "text", b"bytes"]
def work(encode, decode):
    for _ in range(ROUNDS):
        try:
            assert decode(encode(x)) == x
            pyon.decode(pyon.encode(x)), pyon_v1.decode(pyon_v1.encode(x))
        except BaseException as e:
            # With free threads, a call may see parts of the old and of the new module.
            if GUARDED or type(e) is not TypeError or "codable" not in str(e):
                failures.append(repr(e))
    done.append(1)
threads = [threading.Thread(target=work, args=(m.encode, m.decode)) for m in (pyon, pyon_v1)]
for thread in threads: thread.start()
while len(done) < 2:
    importlib.reload(pyon)
    importlib.reload(pyon_v1)
for thread in threads: thread.join()
print(failures)
"""


def test_modules_that_are_imported_anew(python):
    assert python(f"ROUNDS, GUARDED = {500 * ROUNDS}, {not FREE_THREADED}\n{RELOAD}") == "[]\n"


# ---- Streams -----------------------------------------------------------------------------------


def patient(call):
    """Calls again as long as another thread uses the object."""
    while True:
        try:
            return call()
        except RuntimeError as e:
            assert re.search("used|already", str(e)), e


def test_a_decoder(dialect):
    """Every value comes out once, whoever feeds and whoever takes."""
    decoder = stream.Decoder(dialect)
    fed, taken = [], []

    def feed(dice):
        x = [dice.randrange(10**9), "a", {"b": 2.5}]
        text = stream.encode(x, dialect) + b"\n"
        fed.append(x[0])
        patient(lambda: decoder.feed(text))

    def take(dice):
        taken.extend(x[0] for x in decoder)

    def look(dice):
        assert decoder.offset >= 0 and decoder.ready >= 0 and not decoder.failed
        assert decoder.failure is None and not decoder.closed
        decoder.skip_line()
        if not dice.randrange(200):
            gc.collect()

    race(feed, feed, [take, take, look], rounds=3000)
    taken.extend(x[0] for x in decoder)
    assert sorted(taken) == sorted(fed)


def test_a_decoder_of_wrong_lines():
    """Errors too come once to each thread that asks, and skip_line() of any thread continues."""
    decoder = stream.Decoder(lines=True)
    fed, taken, failed = [], [], []

    def feed(dice):
        good = dice.randrange(4)
        try:
            patient(lambda: decoder.feed(b"[1]\n" if good else b"[1,}\n"))
        except stream.DecodeError:
            failed.append(1)
            decoder.skip_line()
        else:
            fed.append(good)

    def take(dice):
        try:
            taken.extend(decoder)
        except stream.DecodeError:
            decoder.skip_line()

    race(feed, feed, [take, take], rounds=3000)
    take(None)
    assert taken == [[1]] * len(taken) and len(taken) <= sum(map(bool, fed))


def test_pieces():
    """Every byte comes out once."""
    for make, module in ((_core.pieces_v2, pyon), (_core.pieces_v1, pyon_v1)):
        x = [{"key": [i, i / 2, "text"]} for i in range(300)]
        text = module.encode(x).encode()
        for _ in range(5 * ROUNDS):
            pieces, taken = make(x, size=20), []

            def take():
                while piece := patient(lambda pieces=pieces: next(pieces, b"")):
                    taken.append(piece)
                    assert pieces.written > 0 and not pieces.failed
                    pieces.pending

            threads = [threading.Thread(target=take) for _ in range(3)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(600)
            assert sum(map(len, taken)) == len(text) and sorted(b"".join(taken)) == sorted(text)


@pytest.mark.parametrize("buffered", [True, False])
def test_a_writer_and_a_reader(buffered, dialect):
    """Values of several threads through one pipe: each arrives whole, and once."""
    r, w = os.pipe()
    got = []
    with os.fdopen(r, "rb", buffering=0) as source:
        with os.fdopen(w, "wb", buffering=-1 if buffered else 0) as target:
            writer = stream.Writer(target, dialect)

            def read():
                got.extend(x[0] for x in stream.Reader(source, dialect))

            reader = threading.Thread(target=read)
            reader.start()
            sent = []

            def write(dice):
                x = [dice.randrange(10**9), "x" * dice.randrange(300), {"a": 1.5}]
                sent.append(x[0])
                writer.write(x)
                assert writer.written > 0

            race(write, write, write, rounds=300)
        reader.join(600)
    assert not reader.is_alive() and sorted(got) == sorted(sent) and writer.written == len(sent)


def test_lines_of_a_pipe():
    """Lines come out whole, if not in their order; or another thread is at it."""
    gather = _core.Gather(_core.Line)
    line = b'["a", 1.5]\n'
    filled, taken = [], []

    def fill(dice):
        def readinto(view):
            view[: len(line)] = line
            filled.append(line)
            return len(line)

        patient(lambda: gather.fill(readinto, 100))

    def take(dice):
        patient(lambda: gather.find_line(10**6, False))
        taken.append(bytes(patient(lambda: gather.found)))
        assert len(gather) >= 0

    race(fill, fill, [take, take], rounds=1000)
    assert len(b"".join(taken)) + len(gather) == len(b"".join(filled))


def test_ordered_dicts():
    """The interpreter walks over these."""
    shared = [OrderedDict()]
    lock = threading.Lock()

    def change(dice):
        with lock:
            shared[0] = OrderedDict((f"{i}", i) for i in range(dice.randrange(20)))

    def encode(dice):
        module, encode = dice.choice(ENCODERS)
        x = module.decode(encode(shared[0]))
        assert list(x.items()) == [(f"{i}", i) for i in range(len(x))]

    race(encode, encode, [change], rounds=500)
