"""Random object graphs that mean no good: encoders that misbehave, methods that lie, irregular arrays, cycles.

A graph is made of numbers that are drawn. One that changes itself while it is encoded can be used once only, so
each can be built again, out of the same numbers: that is also how a small graph is found that does what a large one
did (see minimise.py). To be the same in another process, it wants PYTHONHASHSEED.
"""

import functools
from collections import OrderedDict, defaultdict
from fractions import Fraction

from depth import nest
from describe import without_addresses
from generate import FLOATS, SCALARS, Generator, SubStr

try:
    import numpy as np

    from arrays import MORE_SCALARS, SubArray, odd_array
except ImportError:
    np = None

TAG = "__jsonclass__"
NAN = FLOATS[-1]
DEEP = (60, 150, 250, 400, 600, 980, 1500, 3000)


class World:
    """The state that the objects of a graph share."""

    module = None  # that encodes it
    armed = False  # while the graph is built, and looked at by tests, all is honest
    active = False  # does any object do more than lie?
    lies = False  # does one lie about more than its text?
    shown = False  # does one act when it is asked for something, as its repr may do?

    def __init__(self):
        self.pool = []  # containers
        self.closed = []  # those that are filled
        self.asked = 0
        self.left = 12  # acts until all is quiet, so that each graph comes to an end
        self.calls = []  # of encoders

    def is_asked(self):
        """Whether it is equal: an OrderedDict goes round and round among keys that equal all others."""
        self.asked += 1
        return self.armed and self.asked < 200

    def spend(self):
        self.left -= 1
        return self.left >= 0


class Failure(BaseException):
    """An exception that nothing else raises."""


ERRORS = [ValueError, KeyError, TypeError, AttributeError, AssertionError, RecursionError, MemoryError,
          StopIteration, KeyboardInterrupt, Failure]  # fmt: skip


class Act:
    """The reaction of an object to a question, with a name for people, or its subject."""

    def __init__(self, name, run, *about):
        self.name, self.run, self.about = name, run, about

    def __repr__(self):
        return self.name.format(*map(dump, self.about))


# ---- Objects ----


class Custom:
    """A type that is registered: what its encoder does and returns is drawn."""

    def __init__(self, world, acts, result, on_repr, on_equal, hashed):
        self.world, self.acts, self.result = world, acts, result
        self.on_repr, self.on_equal, self.hashed = on_repr, on_equal, hashed

    def encoded(self):
        self.world.calls.append(self.hashed)
        for act in self.acts:
            act.run()
        return self.result.run(self)

    def __repr__(self):
        if self.on_repr and self.world.armed:
            return self.on_repr.run()
        return f"Custom {self.hashed} é"

    def __eq__(self, other):
        if self.on_equal and self.world.is_asked():
            return self.on_equal.run()
        return self is other

    def __hash__(self):
        return self.hashed


class Late:
    """A type that encoders register."""

    def __repr__(self):
        return "Late()"


class Unhashed(Late):
    __hash__ = None


class Object:
    """No address in its hash or text."""

    def __hash__(self):
        return 5

    def __repr__(self):
        return "Object()"


def lie(base, name):
    """A method that lies where the object has been told to."""
    honest = (lambda self: type(self)) if name == "__class__" else getattr(base, name, None)

    def method(self, *arguments):
        told = object.__getattribute__(self, "__dict__")
        truth = functools.partial(honest, self, *arguments)
        if told and name in told["lies"] and told["world"].armed:
            if name != "__eq__" or told["world"].is_asked():
                return told["lies"][name].run(truth)
        return truth()

    return property(method) if name == "__class__" else method


LIES = {
    "__len__": [0, 1, 1000, -1, "a"],
    "__iter__": [iter, 5, None],
    "items": [[], None, [1], [(1, 2)], [("a", 1)], [("a", 1, 2)], "ab", ["ab"], {"b": 2}.items(), [(TAG, 1)]],
    "keys": [[], ["a"], None],
    "values": [[], [1], None],
    "__getitem__": [None, 5],
    "__contains__": [True, False, "a"],
    "__eq__": [True, False, NotImplemented, 5],
    "__lt__": [True, False, NotImplemented],
    "__hash__": [0, hash(TAG), "a"],
    "__repr__": ["x", "é", "", 5, SubStr("y"), "\ud800"],
    "__str__": ["x", 5],
    "__class__": [dict, list, tuple, str, int, float, type(None), 5, np.ndarray if np else set],
    "__bool__": [True, False, 5],
    "__getattribute__": [5],
    "__float__": [1.5, "a"],
    "__int__": [7, "a"],
    "__index__": [7, "a"],
}
BASES = {
    object: object,
    dict: lambda g, d: {g.hashable(): g.value(d) for _ in range(g.randrange(3))},
    OrderedDict: lambda g, d: [(g.text(), g.value(d)) for _ in range(g.randrange(3))],
    list: lambda g, d: [g.value(d) for _ in range(g.randrange(3))],
    tuple: lambda g, d: [g.value(d) if d else g.scalar() for _ in range(g.randrange(3))],
    set: lambda g, d: [g.hashable() for _ in range(g.randrange(3))],
    str: lambda g, d: g.choice([TAG, g.text()]),
    int: lambda g, d: g.integer(),
    float: lambda g, d: g.real(),
    bytes: lambda g, d: g.octets(),
    complex: lambda g, d: complex(g.real(), 1),
    Fraction: lambda g, d: g.integer(),
}
HASHED = (object, str, int, float, tuple)


@functools.cache
def liars(base):
    """Subclasses with one method that may lie, or all."""
    base = Object if base is object else base
    names = [name for name in LIES if hasattr(base, name)]
    kinds = []
    for some in [*([name] for name in names), names]:
        methods = {name: lie(base, name) for name in some}
        if "__eq__" in methods:  # else it would have no hash
            methods.setdefault("__hash__", base.__hash__)
        kinds.append((some, type(f"Lying{base.__name__.capitalize()}", (base,), methods)))
    return kinds


def raising(error):
    def run(*_):
        raise error("mine")

    return run


# ---- The generator ----


class Graphs(Generator):
    """Graphs; `draws` are the numbers of the last one, and those that are given make it again."""

    def __init__(self, seed=None):
        super().__init__(seed, np)
        self.told = None
        self.draws = []

    def random(self):
        x = super().random() if self.told is None else next(self.told, 0.0)
        self.draws.append(x)
        return x

    # These take one number each, and less time than those of the base.

    def randrange(self, n):
        return int(self.random() * n)

    def randint(self, a, b):
        return a + int(self.random() * (b - a + 1))

    def choice(self, some):
        return some[int(self.random() * len(some))]

    def randbytes(self, n):
        return bytes(int(self.random() * 256) for _ in range(n))

    def graph(self, draws=None):
        """Returns a value and its World."""
        self.draws = []
        self.told = None if draws is None else iter(draws)
        self.world = World()
        kind = self.randrange(4)
        if kind < 2:
            return self.open_container(3), self.world
        return [self.value(3), self.value(3)] if kind == 2 else self.value(4), self.world

    def drawn(self, seed):
        """The numbers of the graph of this seed."""
        self.seed(seed)
        self.graph()
        return self.draws

    # ---- Values ----

    def value(self, depth=3):
        kind = self.randrange(40)
        if kind < 24 or depth <= 0:
            return super().value(max(depth, 0))
        if kind < 30:
            return self.open_container(depth - 1)
        if kind < 32:
            known = self.world.pool if self.random() < 0.1 else self.world.closed
            return self.choice(known) if known else []
        if kind < 35:
            return self.custom(depth - 1)
        if kind < 37:
            return self.liar(self.choice([*BASES]), depth - 1)
        if kind == 37:
            return odd_array(self) if np else None
        if kind == 38:
            return self.oddity(depth - 1)
        return self.run()

    def open_container(self, depth):
        """A container that its members may know."""
        x = self.choice(([], {}, OrderedDict(), defaultdict(list)))
        self.world.pool.append(x)
        for _ in range(self.randrange(5)):
            if isinstance(x, list):
                x.append(self.value(depth))
            else:
                key = self.text() if self.random() < 0.7 else self.hashable()
                x[key] = self.value(depth)
        self.world.closed.append(x)
        return x

    def hashable(self):
        x = self.any_hashable()
        # The hash of these is their address, with which the order of a set is not what it was.
        some = x if isinstance(x, tuple) else (x,)
        return 0.5 if any(isinstance(y, (complex, float)) and y != y and y is not NAN for y in some) else x

    def any_hashable(self):
        kind = self.randrange(20)
        if kind == 16:
            return self.liar(self.choice(HASHED), 0)
        if kind == 17:
            return self.custom(0)
        if kind == 18 and np:
            return self.npscalar()
        if kind == 19:
            return self.choice((TAG, SubStr(TAG), frozenset([1]), NAN, -0.0, 0, False, int, (TAG,), Late))
        return super().hashable()

    def oddity(self, depth):
        kind = self.randrange(8)
        if kind == 0:
            form = self.choice(("list", "tuple", "dict", "intdict", "od"))
            return nest(form, self.choice(DEEP)) if self.random() < 0.1 else nest(form, 20)
        if kind == 1:
            x = Fraction(1, 2)
            x._numerator = self.value(depth)
            return x
        if kind == 2:
            texts = "x" * 5000, "é\n" * 3000, b"'\0" * 5000, "\u20ac" * 600
            return self.choice((1 << 20000, -(10**4299), 10**4300, *texts))
        if kind == 3:
            return {self.hashable() for _ in range(self.randrange(4))}
        if kind == 4:
            return slice(self.value(depth), self.value(depth), self.value(depth))
        if kind == 5 and np:
            return self.choice(MORE_SCALARS)
        if kind == 6:
            return self.choice((Late(), Late, {TAG: 1}, {TAG: ["set", [[1]]], 1: 2}, OrderedDict({TAG: 1}), (TAG, 1)))
        return {self.text(): self.value(depth) for _ in range(self.randrange(6))}

    def run(self):
        """Many numbers, with something else among them."""
        make = self.choice((self.real, lambda: self.randrange(10**6), self.integer))
        values = [make() for _ in range(self.choice((9, 65, 130, 200)))]
        if self.random() < 0.5:
            values[self.randrange(len(values))] = self.value(1)
        return values if self.random() < 0.6 else {f"k{i}": x for i, x in enumerate(values)}

    def npscalar(self):
        return getattr(np, self.choice(SCALARS))(self.choice((0, 1, 0.5, 100)))

    # ---- Misbehaviour ----

    def custom(self, depth):
        hashed = hash(TAG) if self.random() < 0.05 else self.randrange(1000)
        x = Custom(self.world, [], None, None, None, hashed)
        x.acts = [self.act(depth) for _ in range(self.choice((0, 0, 1, 1, 2)))]
        x.result = self.result(depth)
        if self.random() < 0.2:
            x.on_repr = self.answer("__repr__", depth)
        if self.random() < 0.2:
            x.on_equal = self.answer("__eq__", depth)
        return x

    def liar(self, base, depth):
        names, kind = self.choice(liars(base))
        if base is object:
            x = kind()
        else:
            x = kind(BASES[base](self, depth))
        told = {}
        for _ in range(self.randint(1, 2)):
            name = self.choice(names)
            told[name] = self.answer(name, depth)
        object.__getattribute__(x, "__dict__").update(lies=told, world=self.world)
        return x

    def answer(self, name, depth):
        """The reaction of a method: it lies, raises, or does something before it tells the truth."""
        kind = self.randrange(10)
        if name not in ("__repr__", "__str__"):
            self.world.lies = True
        if kind < 5:
            value = self.choice(LIES[name])
            if value is iter:
                members = [self.value(0) for _ in range(self.randrange(3))]
                return Act(name + " gives {}", lambda *_: iter(members), members)
            return Act(name + " gives {}", lambda *_: value, value)
        if kind == 5:
            error = self.choice(ERRORS)
            return Act(f"{name} raises {error.__name__}", raising(error))
        if kind < 8:
            act = self.act(depth)
            self.world.shown = True

            def run(truth=lambda: "truth"):
                act.run()
                return truth()

            return Act(f"{name}: {act}".replace("{", "{{").replace("}", "}}"), run)
        return Act(f"{name} is honest", lambda truth=lambda: "truth": truth())

    def act(self, depth):
        """Something that is done while a graph is encoded."""
        world = self.world
        kind = self.randrange(12)
        if kind == 0:
            error = self.choice(ERRORS)
            return Act(f"raises {error.__name__}", raising(error))
        world.active = True
        if kind < 8:
            return self.change(depth)
        if kind == 8:
            x = self.choice(world.pool) if world.pool else self.value(0)
            return Act(f"encodes {type(x).__name__}", lambda: world.spend() and world.module.encode(x))
        if kind == 9:
            text = self.choice(('[1, {"a": 2}]', '{"__jsonclass__": ["tuple", [[1]]]}', "[", "1.5", '"\\u00e9"'))
            return Act("decodes {}", lambda: world.spend() and world.module.decode(text), text)
        return self.choice((Act("registers", lambda: registers(world)), Act("deregisters", lambda: deregisters(world)),
                            Act("replaces", lambda: replaces(world))))  # fmt: skip

    def change(self, depth):
        world = self.world
        if not world.pool:
            return Act("nothing", lambda: None)
        x = self.choice(world.pool)
        i, new, key = self.randrange(4), self.value(depth), self.hashable()
        name = self.choice(("append", "clear", "delete", "replace", "grow", "first"))

        def run():
            if world.spend():
                (change_list if isinstance(x, list) else change_dict)(x, name, i, new, key)

        return Act(f"{name} {i} in pool", run)

    def result(self, depth):
        """The result of an encoder."""
        world, kind = self.world, self.randrange(12)
        if kind < 5:
            x = self.value(depth)
            return Act("[{}]", lambda _: [x], x)
        if kind == 5:
            x = self.value(depth)
            return Act("{}", lambda _: x, x)
        if kind < 8:
            x = self.value(depth)
            return Act("wrap({})", lambda _: [world.module.wrap(x)], x)
        if kind == 8:
            return self.choice((Act("itself", lambda x: x), Act("[itself]", lambda x: [x])))
        if kind == 9 and world.pool:
            x = self.choice(world.pool)
            return Act("a known container", lambda _: x)
        if kind == 10:
            x = {self.hashable(): self.value(depth) for _ in range(self.randrange(3))}
            return Act("{}", lambda _: x, x)
        dicts = {1: 2, "1": 3}, {TAG: 1}, {None: 1.5}
        x = self.choice((None, 5, "ab", object, NotImplemented, (), {}, iter(()), *dicts))
        return Act("{}", lambda _: x, x)


# ---- Acts ----


def change_list(x, name, i, new, key):
    if name == "append":
        x.append(new)
    elif name == "clear":
        x.clear()
    elif name == "delete":
        del x[i:]
    elif name == "replace":
        x[i : i + 1] = [new]
    elif name == "grow":
        x.extend([new] * 100)
    else:
        x.insert(0, new)


def change_dict(x, name, i, new, key):
    keys = [*x]
    if name == "append":
        x[key] = new
    elif name == "clear":
        x.clear()
    elif name == "delete":
        x.pop(keys[i % len(keys)] if keys else None, None)
    elif name == "replace" and keys:
        x[keys[i % len(keys)]] = new
    elif name == "grow":
        x.update((str(j), new) for j in range(100))
    elif keys:
        x.popitem()


def registers(world):
    if hasattr(world.module, "register"):
        world.module.register([Late], name="late", encode=lambda x: [], decode=Late)


def deregisters(world):
    if hasattr(world.module, "register"):
        world.module.deregister([Custom], "custom")


def replaces(world):
    """The entries of types that the format has itself."""
    if hasattr(world.module, "register"):
        world.module._encode_map[set] = "set", lambda x: ["replaced"]
        world.module._encode_map[world.module._Tuple] = "tuple", lambda x: [x.data, "replaced"]
        world.module._encode_map[complex] = "complex", None


def register(module):
    """Makes the types of the graphs known to a module of version 2."""
    module.register([Custom], name="custom", encode=Custom.encoded, decode=lambda *x: x)
    if np:
        module.register([SubArray], name="sub", encode=module._encode_nparray, decode=module._decode_nparray)


# ---- For people ----


def dump(x, around=()):
    """A text for a graph that asks nobody in it."""
    if id(x) in map(id, around) or len(around) > 30:
        return "..."
    around = (*around, x)
    kind, lies = type(x), ""
    if isinstance(x, Custom):
        return f"Custom(hash {x.hashed}, acts {x.acts}, result {x.result}, repr {x.on_repr}, eq {x.on_equal})"
    if kind.__name__.startswith("Lying"):
        lies = str(list(object.__getattribute__(x, "__dict__").get("lies", {}).values()))
    name = kind.__name__ + lies if kind not in (list, tuple, dict) or lies else ""
    if issubclass(kind, dict):
        items = OrderedDict.items(x) if issubclass(kind, OrderedDict) else dict.items(x)
        return name + "{" + ", ".join(f"{dump(k, around)}: {dump(v, around)}" for k, v in items) + "}"
    for base, brackets in ((list, "[]"), (tuple, "()"), (set, "{}")):
        if issubclass(kind, base):
            members = [dump(member, around) for member in base.__iter__(x)]
            return name + brackets[0] + ", ".join(members[:50]) + ",..."[: len(members[50:])] + brackets[1]
    if kind is slice:
        return f"slice({dump((x.start, x.stop, x.step), around)})"
    for base in (str, int, float, bytes, complex):
        if issubclass(kind, base):
            try:
                text = ascii(base.__str__(x)) if base is str else base.__repr__(x)
            except ValueError:
                text = "<of many digits>"
            return f"{name}({text[:100]})" if kind is not base else text[:100]
    if kind is Fraction:  # whose parts may be anything
        return f"Fraction({dump((x._numerator, x._denominator), around)})"
    if lies or issubclass(kind, Fraction):
        return name
    if np and isinstance(x, np.ndarray):
        dtype, shape = (np.ndarray.__dict__[name].__get__(x) for name in ("dtype", "shape"))
        return f"{name}({dtype}, {shape}, {x.flags.c_contiguous})"
    return without_addresses(ascii(x)[:200])
