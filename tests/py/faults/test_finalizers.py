# SPDX-License-Identifier: LGPL-3.0-or-later
"""Whatever drops the last reference to an object of the program runs its finalizer in the middle of the call.

Each test lets such a finalizer use the very object that is at work. Nothing may crash (tests/check-asan runs these,
too), and the object continues as if the finalizer had come before or after the call.
"""

import contextlib
import gc
import io
import os
import sysconfig

import pytest

from fastpyon import pyon, pyon_v1, stream

DIALECTS = {"v1": pyon_v1, "v2": pyon}
FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))


class Dropped:
    """Calls a function when it is dropped, and counts that."""

    runs = 0

    def __init__(self, function):
        self.function = function

    def __del__(self):
        Dropped.runs += 1
        with contextlib.suppress(Exception):
            self.function()


@pytest.fixture(autouse=True)
def finalizers_run():
    """Each test has at least one finalizer that runs."""
    before = Dropped.runs
    yield
    if Dropped.runs == before:
        gc.collect()
    assert Dropped.runs > before


# ---- Decoder: every method from the finalizer of a kept exception, or of a value ----

METHODS = {
    "feed": lambda d: d.feed("[7]\n"),
    "next": lambda d: next(d),
    "skip_line": lambda d: d.skip_line(),
    "close": lambda d: d.close(),
    "read_from": lambda d: read_from_pipe(d),
    "list": lambda d: list(d),
    "all": lambda d: [method(d) for method in (stream.Decoder.skip_line, list, stream.Decoder.skip_line, list)],
    "collect": lambda d: gc.collect(),
}


def read_from_pipe(decoder):
    r, w = os.pipe()
    try:
        os.write(w, b"[8]\n")
        decoder.read_from(r)
    finally:
        os.close(r)
        os.close(w)


def fail_in_a_frame(decoder, call, function):
    """The kept exception's traceback gets a frame with something to be dropped."""

    def frame():
        local = Dropped(function)  # noqa: F841
        return call(decoder)

    with contextlib.suppress(Exception):
        frame()


@pytest.mark.parametrize("inner", METHODS)
@pytest.mark.parametrize("outer", METHODS)
@pytest.mark.parametrize("version", DIALECTS)
def test_a_kept_exception_drops_a_frame(version, outer, inner):
    decoder = stream.Decoder(DIALECTS[version])
    decoder.feed("[1 $]\n[2]\n[3 $]\n[4]\n")
    fail_in_a_frame(decoder, next, lambda: METHODS[inner](decoder))
    with contextlib.suppress(Exception):
        METHODS[outer](decoder)
    while decoder.failed:
        decoder.skip_line()
        list_until_error(decoder)
    with contextlib.suppress(ValueError):  # closed
        decoder.feed(" [5] ")
        assert list(decoder)[-1] == [5]


def list_until_error(decoder):
    values = []
    with contextlib.suppress(ValueError):
        for value in decoder:
            values.append(value)
    return values


def test_the_exception_is_the_one_that_was_kept():
    decoder = stream.Decoder()
    decoder.feed("[1 $]\n[2]\n[3 $]\n")
    fail_in_a_frame(decoder, next, decoder.skip_line)
    with pytest.raises(stream.DecodeError) as caught:
        next(decoder)  # drops the frame, whose finalizer continues after the line
    assert caught.value.offset == 3
    assert next(decoder) == [2]
    with pytest.raises(stream.DecodeError):
        next(decoder)


def test_skip_line_drops_the_exception_when_it_is_done():
    decoder = stream.Decoder()
    decoder.feed("[1 $]\n[2")
    fail_in_a_frame(decoder, next, lambda: decoder.feed("]\n[3]\n"))
    decoder.skip_line()
    assert list(decoder) == [[2], [3]]


# ---- Values that are dropped while a text is read ----


@pytest.fixture
def registered(clean_maps):
    """A constructor and an encoder of the program, in both dialects, for objects with a finalizer."""
    functions = []
    most = Dropped.runs + 20

    class Value:
        def __init__(self, *arguments):
            self.arguments = arguments

        def __hash__(self):
            return 1

        def __eq__(self, other):
            return True

        def __del__(self):
            Dropped.runs += 1
            if Dropped.runs > most:  # values that a finalizer decodes are dropped, too
                functions.clear()
            for function in list(functions):
                with contextlib.suppress(Exception):
                    function()

    pyon.register([Value], name="Value", encode=lambda x: pyon.wrap([1]), decode=lambda *a: Value(*a))
    pyon_v1._eval_dict["Value"] = Value
    pyon_v1._encode_map[Value] = "none"
    return Value, functions


CALL = {"v1": "Value({})", "v2": '{{"__jsonclass__":["Value",[{}]]}}'}


def texts(version):
    """Texts whose values are dropped: by an error, as equal keys or members, as arguments."""
    value = CALL[version].format
    both = {
        "error": f"[{value(1)}, {value(2)}, $]",
        "nested error": f"[[{value(1)}], [{value(value(3))}, [{value(2)}, $",
        "arguments": f"[{value(value(value(1)))}]",
        "members": {
            "v1": f"{{{value(1)}, {value(2)}, {value(3)}}}",
            "v2": f'{{"__jsonclass__":["set",[[{value(1)}, {value(2)}]]]}}',
        }[version],
        "keys": {
            "v1": f"{{{value(1)}: {value(2)}, {value(3)}: {value(4)}}}",
            "v2": f'{{"a": {value(1)}, "a": {value(2)}, "b": {value(3)}}}',
        }[version],
        "no such name": f"[{value(1)}, Nothing({value(2)})]",
        "odd call": {
            "v1": f"[{value(1)}, Fraction({value(2)})]",
            "v2": f'[{value(1)}, {{"__jsonclass__":["Fraction",[{value(2)}]], "a": {value(1)}}}]',
        }[version],
    }
    return both


KINDS = list(texts("v1"))


# Each method and each kind in three pairs: all of them together take half a minute.
PAIRS = [(inner, KINDS[(i + k) % len(KINDS)]) for i, inner in enumerate(METHODS) for k in range(0, 6, 2)]


@pytest.mark.parametrize(("inner", "kind"), PAIRS)
@pytest.mark.parametrize("version", DIALECTS)
def test_values_are_dropped_while_a_stream_is_read(registered, version, inner, kind):
    _, functions = registered
    text = texts(version)[kind]
    for size in 1, 7, 10000:
        decoder = stream.Decoder(DIALECTS[version])
        functions[:] = [lambda d=decoder: METHODS[inner](d)]
        for i in range(0, len(text), size):
            if not decoder.failed:
                with contextlib.suppress(Exception):
                    decoder.feed(text[i : i + size])
        with contextlib.suppress(Exception):
            decoder.close()
        list_until_any_error(decoder)
        del decoder
    functions.clear()


def list_until_any_error(decoder):
    with contextlib.suppress(Exception):
        list(decoder)


CODES = {
    "decode": lambda module, text: module.decode(text),
    "collect": lambda module, text: gc.collect(),
    "change": lambda module, text: change_map(module),
}


def change_map(module):
    registry = module._decode_map if module is pyon else module._eval_dict
    old = registry.pop("Value", None)
    if old:
        registry["Value"] = old


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("inner", CODES)
@pytest.mark.parametrize("version", DIALECTS)
def test_values_are_dropped_while_a_text_is_read(registered, version, inner, kind):
    _, functions = registered
    module, text = DIALECTS[version], texts(version)[kind]
    depth = 0

    def finalize():
        nonlocal depth
        if depth == 0:
            depth += 1
            try:
                CODES[inner](module, text)
            finally:
                depth -= 1

    functions[:] = [finalize]
    with contextlib.suppress(Exception):
        module.decode(text)
    functions.clear()
    assert module.decode("[1]") == [1]


def test_the_collector_is_as_it_was(registered):
    """A finalizer that runs while the collector rests finds it at work, and may stop it."""
    _, functions = registered
    found = []
    functions[:] = [lambda: found.append(gc.isenabled())]
    text = "[" + ", ".join([CALL["v2"].format(CALL["v2"].format(1))] * 500) + "]"
    with contextlib.suppress(ValueError):
        pyon.decode(text[:-1] + ", $]")
    assert found and all(found) and gc.isenabled()
    functions.clear()


# ---- Registries and modules that are exchanged ----


@pytest.mark.skipif(FREE_THREADED, reason="with free threads they stay, since others may be about to use them")
@pytest.mark.parametrize("version", DIALECTS)
def test_the_maps_of_a_module_are_dropped(version, python):
    """A reload exchanges the maps, and what was in them is dropped."""
    name = {"v1": "pyon_v1", "v2": "pyon"}[version]
    assert python(f"""if True:
        import gc, importlib
        from fastpyon import {name} as module, stream
        runs = []
        class Dropped:
            def __call__(self, *arguments): return 1
            def __del__(self):
                runs.append(module.decode(module.encode([(1, 2.5), {{"a": None}}])))
                d = stream.Decoder(module); d.feed("[1][2"); runs.append(list(d))
        d = stream.Decoder(module)
        d.feed("[1, [2")  # holds the maps until it is fed again
        registry = module._decode_map if "{version}" == "v2" else module._eval_dict
        registry["Dropped"] = Dropped()
        del registry
        importlib.reload(module)
        importlib.reload(stream)
        d.feed("]]")
        assert list(d) == [[1, [2]]]
        gc.collect()
        assert runs == [[(1, 2.5), {{"a": None}}], [[1]]], runs
        print("done")
    """) == "done\n"
    Dropped(lambda: None)


@pytest.mark.parametrize("version", DIALECTS)
def test_what_is_deregistered_is_dropped(registered, version):
    module = DIALECTS[version]

    class Encoder:
        def __init__(self):
            self.dropped = Dropped(lambda: (module.decode("[1]"), module.encode((1, 2)), again()))

        def __call__(self, *arguments):
            return None

    class Mine:
        pass

    def again():
        registry[Mine] = ("Mine", None) if module is pyon else "none"
        del registry[Mine]

    registry = module._encode_map
    registry[Mine] = ("Mine", Encoder()) if module is pyon else "none"
    names = module._decode_map if module is pyon else module._eval_dict
    names["Mine"] = Encoder()
    del registry[Mine], names["Mine"]
    gc.collect()


# ---- Text in pieces ----

PIECES = {
    "next": lambda pieces: next(pieces),
    "write": lambda pieces: write_to_null(pieces),
    "list": lambda pieces: list(pieces),
    "collect": lambda pieces: gc.collect(),
}


def write_to_null(pieces):
    with open(os.devnull, "wb") as file:
        pieces.write(file.fileno())


@pytest.mark.parametrize("ends", ["whole", "wrong", "dropped"])
@pytest.mark.parametrize("inner", PIECES)
@pytest.mark.parametrize("version", DIALECTS)
def test_a_value_is_dropped_when_it_is_written(version, inner, ends):
    module = DIALECTS[version]

    class List(list):
        pass

    pieces = None
    x = List([1.5] * 100)
    x.append([[[[[[[[[[list(range(50)), "a" * 10000]]]]]]]]]])
    x.append(object() if ends == "wrong" else 1)
    x.held = Dropped(lambda: PIECES[inner](pieces))
    pieces = stream.iterencode([[x]] if ends != "wrong" else [x], module, size=100)
    del x
    with contextlib.suppress(Exception):
        for count, _ in enumerate(pieces):
            if ends == "dropped" and count > 3:
                break
    with contextlib.suppress(Exception):
        next(pieces)
    pieces = None


class Sink(io.RawIOBase):
    """Whoever writes to it drops something."""

    def __init__(self):
        self.functions = []
        self.data = b""

    def writable(self):
        return True

    def write(self, data):
        for function in self.functions:
            Dropped(function)
        self.data += bytes(data[:50])
        return len(data[:50])


@pytest.mark.parametrize("version", DIALECTS)
def test_a_writer_is_used_by_the_file_it_writes_to(version):
    module = DIALECTS[version]
    sink = Sink()
    writer = stream.Writer(sink, module)
    sink.functions = [lambda: writer.write(["inner"]), gc.collect]
    writer.write(list(range(200)))
    assert sink.data == module.encode(list(range(200))).encode() + b"\n"


class Source:
    def __init__(self, pieces):
        self.pieces = list(pieces)
        self.functions = []

    def read(self, size):
        for function in self.functions:
            Dropped(function)
        return self.pieces.pop(0) if self.pieces else b""


@pytest.mark.parametrize("version", DIALECTS)
@pytest.mark.parametrize("inner", ["skip_line", "read", "close"])
def test_a_reader_is_used_by_the_file_it_reads_from(version, inner):
    source = Source([b"[1", b"]\n[2 $]\n", b"[3]\n", b"4"])
    reader = stream.Reader(source, DIALECTS[version])
    if inner == "read":
        source.functions = [lambda: reader._decoder.feed(b" ")]
    elif inner == "skip_line":
        source.functions = [reader.skip_line]
    else:
        source.functions = [gc.collect]
    assert reader.read() == [1]
    with pytest.raises(stream.DecodeError):
        reader.read()
    reader.skip_line()
    assert list(reader) == [[3], 4]


@pytest.mark.parametrize("version", DIALECTS)
def test_files_of_lines(tmp_path, version):
    module, path = DIALECTS[version], tmp_path / "lines"

    def values():
        for i in range(5):
            Dropped(lambda: stream.store_lines(tmp_path / "other", [1], module))
            yield [i]

    stream.store_lines(path, values(), module)
    with open(path, "a", encoding="ascii") as file:
        file.write("[5 $]\n" * 3 + "[6]\n")
    lines = None

    def on_error(error):
        local = Dropped(lambda: next(lines, None))  # noqa: F841  # the generator runs already

    lines = stream.load_lines(path, module, on_error=on_error)
    assert list(lines) == [[0], [1], [2], [3], [4], [6]]


# ---- Encoding ----


@pytest.mark.parametrize("inner", ["encode", "map", "clear"])
@pytest.mark.parametrize("version", DIALECTS)
def test_members_are_dropped_while_they_are_written(registered, version, inner):
    """An encoder takes the value that is written out of its container."""
    module = DIALECTS[version]

    class Mine:
        pass

    class List(list):
        pass

    outer = [1, [2, 3]]

    def encode(x):
        outer[1][0].append(4)
        outer[1][0].held = Dropped(do)
        outer[1] = None
        return pyon.wrap([1])

    def do():
        if inner == "encode":
            module.encode([outer, (1, 2)])
        elif inner == "map":
            pyon.deregister([Mine], name="Mine") if hasattr(pyon, "deregister") else None
        else:
            outer.clear()

    pyon.register([Mine], name="Mine", encode=encode, decode=Mine)
    for pieces in False, True:
        outer[:] = [1, [List([5, 6]), Mine(), 7]]
        with contextlib.suppress(Exception):
            b"".join(stream.iterencode(outer, pyon)) if pieces else pyon.encode(outer)
    assert module.decode(module.encode([1, (2,)])) == [1, (2,)]


# ---- The swap ----


def test_the_swap_is_undone_while_something_is_dropped(python):
    assert python("""if True:
        import sys, types, fastpyon
        runs = []
        class Dropped:
            def __del__(self):
                runs.append(1)
                fastpyon.uninstall(); fastpyon.install(); fastpyon.uninstall()
        try:
            import sipyco
        except ImportError:
            pass
        held = Dropped()
        fastpyon.install()
        del held
        fastpyon.uninstall()
        print("done", len(runs))
    """) == "done 1\n"
    Dropped(lambda: None)
