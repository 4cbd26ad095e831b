"""Exceptions that are not fastpyon's to handle: of signal handlers, of hooks of ``warnings``, of warnings
that are errors. Wherever a second way is tried after a failure, they come out as they are.
"""

import ctypes
import gc
import operator
import signal
import warnings
from collections import OrderedDict
from fractions import Fraction

import pytest

from fastpyon import pyon, pyon_v1, stream

MODULES = [pyon_v1, pyon]

# Of what the code around them might catch: of each, one that a program's handler may well raise.
RAISED = [ValueError, TypeError, RuntimeError, AttributeError, KeyError, ImportError, TimeoutError,
          SyntaxError, MemoryError, KeyboardInterrupt, SystemExit]  # fmt: skip


class Handler:
    """A signal handler that raises once."""

    def __init__(self, error):
        self.error = error("of the handler")
        self.calls = 0

    def __call__(self, *args):
        self.calls += 1
        raise self.error


@pytest.fixture(params=RAISED, ids=lambda error: error.__name__)
def handler(request):
    handler = Handler(request.param)
    callbacks = gc.callbacks[:]
    gc.callbacks.clear()  # Hypothesis has one, and what a handler raises in it is dropped
    saved = signal.signal(signal.SIGUSR1, handler)
    yield handler
    signal.signal(signal.SIGUSR1, saved)
    gc.callbacks.extend(callbacks)


def call_with_signal(function, x):
    """function(x), with a signal that comes before Python code has run: all from here to there is C."""
    send = ctypes.PyDLL(None)["raise"]
    with_signal = map(operator.itemgetter(0), zip([x], map(send, [int(signal.SIGUSR1)])))
    return list(map(function, with_signal))[0]


def check(handler, function, x):
    """The signal comes while function(x) runs, or after it; its exception is what the program gets."""
    with pytest.raises(type(handler.error)) as caught:
        call_with_signal(function, x)
    assert caught.value is handler.error and handler.calls == 1
    function(x)  # the next call works, and nobody raises again


VALUES = [
    1,
    [Fraction(1, 3)],
    {"a": (Fraction(1, 3), 2)},
    10**4000,  # of which Python's conversion looks after signals
    [1, {"a": 10**4000}],
    OrderedDict(a=10**4000),
    {1, 10**4000},
    slice(10**4000, None, Fraction(1, 7)),
]


@pytest.mark.parametrize("module", MODULES, ids=["v1", "v2"])
@pytest.mark.parametrize("x", VALUES, ids=range(len(VALUES)))
def test_a_handler_that_raises_while_a_value_is_encoded(module, x, handler):
    check(handler, module.encode, x)


@pytest.mark.parametrize("module", MODULES, ids=["v1", "v2"])
@pytest.mark.parametrize("x", VALUES, ids=range(len(VALUES)))
def test_a_handler_that_raises_while_a_value_is_encoded_in_pieces(module, x, handler):
    check(handler, lambda x: b"".join(stream.iterencode([x], module)), x)


class Unknown:
    pass


@pytest.mark.parametrize("module", MODULES, ids=["v1", "v2"])
def test_a_handler_that_raises_while_a_type_is_looked_for(module, handler):
    """NumPy's types may have to be entered first, by code in Python."""
    with pytest.raises(type(handler.error)) as caught:
        call_with_signal(module.encode, [Unknown()])
    assert caught.value is handler.error
    with pytest.raises(TypeError, match="Unknown"):
        module.encode([Unknown()])



def array_text(module, dtype, data="AAAAAAAAAAAAAAAAAAAAAA=="):
    if module is pyon:
        return f'[{{"__jsonclass__":["npscalar",["{dtype}","{data}"]]}}]'
    return f'[npscalar("{dtype}", b"{data}")]'


@pytest.mark.parametrize("module", MODULES, ids=["v1", "v2"])
@pytest.mark.parametrize("dtype", ["f8,f8", "<f8", "f8", "i4,i4,f8", "<M8[s]"])
def test_a_handler_that_raises_while_an_array_is_decoded(module, dtype, handler):
    pytest.importorskip("numpy")
    check(handler, module.decode, array_text(module, dtype))


@pytest.mark.parametrize("module", MODULES, ids=["v1", "v2"])
def test_a_stream_keeps_what_a_handler_raises(module, handler):
    pytest.importorskip("numpy")
    decoder = stream.Decoder(module)
    with pytest.raises(type(handler.error)) as caught:
        call_with_signal(decoder.feed, array_text(module, "f8,f8"))
        next(decoder)
    assert caught.value is handler.error


# ---- Warnings ----


def warns(dtype):
    import numpy

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            numpy.dtype(dtype)
        except TypeError:  # NumPy 2.5 does not know it any more
            return False
    return bool(caught)


@pytest.fixture
def old_dtype():
    """The text of a dtype that NumPy warns about."""
    pytest.importorskip("numpy")
    if not warns("a5"):
        pytest.skip("this NumPy does not warn")
    return "a5"


@pytest.mark.parametrize("module", MODULES, ids=["v1", "v2"])
def test_warnings_that_are_errors(module, old_dtype):
    text = array_text(module, old_dtype, "QUFBQUE=")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(DeprecationWarning):
            module.decode(text)
        decoder = stream.Decoder(module)
        decoder.feed(text)
        with pytest.raises(DeprecationWarning):
            next(decoder)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert module.decode(text) == [b"AAAAA"]
    assert len(caught) == 1, "the text is converted once"


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, TypeError, MemoryError])
@pytest.mark.parametrize("module", MODULES, ids=["v1", "v2"])
def test_a_hook_of_warnings_that_raises(module, error, old_dtype, monkeypatch):
    raised = [error("of the hook")]

    def show(*args, **kw):
        if raised:
            raise raised.pop()

    first = raised[0]
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        monkeypatch.setattr(warnings, "showwarning", show)
        with pytest.raises(error) as caught:
            module.decode(array_text(module, old_dtype, "QUFBQUE="))
        assert caught.value is first
        assert module.decode(array_text(module, old_dtype, "QUFBQUE=")) == [b"AAAAA"]


# ---- Errors of syntax that come first ----


def test_what_is_no_error_is_not_replaced_by_an_error_of_syntax(monkeypatch):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setitem(pyon_v1._eval_dict, "f", interrupted)
    with pytest.raises(KeyboardInterrupt):
        pyon_v1.decode("[f(), 1 1]")


def test_an_error_of_syntax_has_what_came_before_it_as_its_context(monkeypatch):
    error = ValueError("of a handler, maybe")

    def fail():
        raise error

    monkeypatch.setitem(pyon_v1._eval_dict, "f", fail)
    with pytest.raises(SyntaxError) as caught:
        pyon_v1.decode("[f(), 1 1]")
    assert caught.value.__context__ is error


class Name(str):
    """A key that is equal to no other, and says so with an exception."""

    def __init__(self, text):
        self.error = None

    def __hash__(self):
        return hash(str(self))

    def __eq__(self, other):
        if self.error:
            raise self.error
        return NotImplemented


@pytest.mark.parametrize("text", ["f(1)", "f", "[f(1)]", "[1, f()]"])
def test_names_that_compare(text):
    name = Name("f")
    pyon_v1._eval_dict[name] = abs
    try:
        for name.error in (ValueError("of the name"), KeyboardInterrupt(), MemoryError()):
            with pytest.raises(type(name.error)) as caught:
                pyon_v1.decode(text)
            assert caught.value is name.error
            decoder = stream.Decoder(pyon_v1)
            with pytest.raises(type(name.error)) as caught:
                decoder.feed(text + "\n")
                decoder.close()
                next(decoder)
            assert caught.value is name.error
    finally:
        name.error = None
        del pyon_v1._eval_dict[name]


# ---- Code that looks at values, but runs nothing ----


def test_methods_that_raise_are_asked_once_and_in_order():
    calls = []

    class Items(dict):
        @property
        def items(self):
            calls.append("items")
            raise ValueError("of the property")

    with pytest.raises(ValueError, match="of the property"):
        pyon.encode([1, Items(a=1)])
    assert calls == ["items"]
    with pytest.raises(AssertionError):
        pyon.encode([1, Items({"__jsonclass__": 1})])
    assert calls == ["items"]


def test_types_of_which_the_hash_is_code_are_looked_up_after_wrapping():
    class Meta(type):
        def __hash__(cls):
            raise ValueError("of the hash")

    class Odd(metaclass=Meta):
        pass

    with pytest.raises(ValueError, match="of the hash"):
        pyon.encode([Odd()])
    with pytest.raises(AssertionError):
        pyon.encode([Odd(), {"__jsonclass__": 1}])
