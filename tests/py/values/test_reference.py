"""Random values and texts give what they give in the reference, sipyco: text, value, or exception.

It is looked for where conftest.py says; without it, all of this is skipped. Outcomes that may differ are in
outcomes.py, each with its reason, and nowhere else.
"""

import os
import warnings
from fractions import Fraction

import pytest

np = pytest.importorskip("numpy")

from describe import describe  # noqa: E402
from fastpyon import pyon, pyon_v1  # noqa: E402
from generate import Generator  # noqa: E402
from outcomes import Outcome, refuses_objects, v1_decoding_may_differ  # noqa: E402

ENCODED, DECODED = 250, 450  # values and texts of one run
RUNS = range(10)

pytestmark = [
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.usefixtures("same_limits"),
]


@pytest.fixture(scope="module")
def same_limits(reference):
    """Of NumPy 1.24, the reference needs what conftest.py adds; see there."""


def differences(cases, ours, theirs, excused):
    """A report of all cases with a difference that is not excused."""
    lines = []
    for arguments in cases:
        got, wanted = Outcome(ours, *arguments), Outcome(theirs, *arguments)
        if not got.same(wanted) and not excused(got, wanted, *arguments):
            lines.append(f"{ascii(arguments)[:400]}\n    wanted {wanted}\n    got    {got}")
    return lines


def no_difference(*case):
    return False


def encoding_may_differ(got, *case):
    return refuses_objects(got)


# ---- Encoding ----


@pytest.mark.parametrize("seed", RUNS)
def test_values_are_encoded_as_the_reference_does(reference, seed):
    g = Generator(seed, np)
    values = [g.value() for _ in range(ENCODED)]
    cases = [(x, pretty) for x in values for pretty in (False, True)]
    for ours, theirs in ((pyon, reference.v2), (pyon_v1, reference.v1)):
        lines = differences(cases, ours.encode, theirs.encode, encoding_may_differ)
        assert not lines, "\n".join([f"{len(lines)} differ", *lines[:10]])


def test_the_values_are_worth_it():
    """Most can be encoded, many cannot, and most types are among them."""
    g = Generator(0, np)
    outcomes = [Outcome(pyon.encode, g.value()) for _ in range(2000)]
    failed = sum(outcome.error is not None for outcome in outcomes)
    assert 100 < failed < 1000
    text = "".join(outcome.value or "" for outcome in outcomes)
    for name in (
        "tuple",
        "dict",
        "set",
        "complex",
        "bytes",
        "slice",
        "Fraction",
        "nparray",
        "npscalar",
    ):
        assert f'"{name}"' in text


# ---- Decoding ----

V2_ALPHABET = [
    *'[]{}",:\\ \n0123456789+-.eEulINé\x00',
    '"a":',
    "null",
    "__jsonclass__",
    '["tuple",',
    "[[]]",
    "Infinity",
]
# No "*", "%" and "<": what they do to numbers could take the reference hours.
V1_ALPHABET = [
    *"[](){}'\",:\\ \n\t\r0123456789+-.eEjJxobr_#aféN=",
    "None",
    "nan",
    "1j",
    "'''",
    "b'",
    "slice(",
    "\\x4",
    "\\N{BULLET}",
]


def texts(seed, make, alphabet):
    """Texts as they are, and with accidents."""
    g = Generator(seed, np)
    for _ in range(DECODED):
        text = make(g)
        yield text
        yield g.mutate(text, alphabet)
        yield g.mutate(text, alphabet, 4)


def values_as_texts(encode):
    def make(g):
        while True:
            try:
                return encode(g.value(2), g.random() < 0.3)
            except Exception:
                pass

    return make


@pytest.mark.parametrize("seed", RUNS)
def test_v1_texts_are_decoded_as_the_reference_does(reference, seed):
    g_texts = [
        *texts(seed, Generator.literal, V1_ALPHABET),
        *texts(seed, values_as_texts(reference.v1.encode), V1_ALPHABET),
    ]
    cases = [(text,) for text in g_texts]
    lines = differences(cases, pyon_v1.decode, reference.v1.decode, v1_decoding_may_differ)
    assert not lines, "\n".join([f"{len(lines)} of {len(cases)} differ", *lines[:10]])


@pytest.mark.parametrize("seed", RUNS)
def test_v2_texts_are_decoded_as_the_reference_does(reference, seed):
    g_texts = [
        *texts(seed, Generator.json_text, V2_ALPHABET),
        *texts(seed, Generator.hook_text, V2_ALPHABET),
        *texts(seed, values_as_texts(reference.v2.encode), V2_ALPHABET),
    ]
    cases = [(text,) for text in g_texts]
    lines = differences(cases, pyon.decode, reference.v2.decode, no_difference)
    assert not lines, "\n".join([f"{len(lines)} of {len(cases)} differ", *lines[:10]])


def test_the_texts_are_worth_it(reference):
    """Many can be decoded and many cannot, and few of them are excused."""
    cases = [*texts(0, Generator.literal, V1_ALPHABET)]
    outcomes = [(Outcome(reference.v1.decode, text), text) for text in cases]
    good = sum(not outcome.error for outcome, _ in outcomes)
    assert len(cases) * 0.4 < good < len(cases) * 0.9
    excused = sum(
        not outcome.error and v1_decoding_may_differ(Outcome(pyon_v1.decode, "?"), outcome, text) is not None
        for outcome, text in outcomes
    )
    assert excused < len(cases) * 0.05


# ---- Other things that they have in common ----


@pytest.mark.parametrize(
    "keywords",
    [
        {"sort_keys": True}, {"ensure_ascii": False}, {"allow_nan": False}, {"skipkeys": True},
        {"check_circular": False}, {"indent": 1}, {"foo": 1},
    ],
    ids=str,
)  # fmt: skip
def test_keyword_arguments_of_encode(reference, keywords):
    g = Generator(99, np)
    cases = [(g.value(), g.random() < 0.5) for _ in range(300)]
    lines = differences(
        cases,
        lambda x, pretty: pyon.encode(x, pretty, **keywords),
        lambda x, pretty: reference.v2.encode(x, pretty, **keywords),
        encoding_may_differ,
    )
    assert not lines, "\n".join(lines[:10])


@pytest.mark.parametrize(
    "keywords",
    [{"parse_int": float}, {"parse_float": str}, {"strict": False}, {"object_pairs_hook": list}],
    ids=str,
)
def test_keyword_arguments_of_decode(reference, keywords):
    cases = [(text,) for text in texts(99, Generator.hook_text, V2_ALPHABET)]
    lines = differences(
        cases,
        lambda text: pyon.decode(text, **keywords),
        lambda text: reference.v2.decode(text, **keywords),
        no_difference,
    )
    assert not lines, "\n".join(lines[:10])


def test_custom_types_are_encoded_as_the_reference_does(reference):
    class Custom:
        def __init__(self, result):
            self.result = result

    modules = (pyon, reference.v2)
    for module in modules:
        module.register(
            [Custom],
            name="custom",
            encode=lambda x: x.result,
            decode=lambda *x: sorted(map(describe, x)),
        )
    try:
        g = Generator(7, np)
        values = [[Custom(g.value(2)), {1: Custom([g.value(1)])}] for _ in range(800)]
        lines = differences(
            [(x, pretty) for x in values for pretty in (False, True)],
            lambda x, pretty: pyon.encode(x, pretty),
            lambda x, pretty: reference.v2.encode(x, pretty),
            encoding_may_differ,
        )
        assert not lines, "\n".join(lines[:10])
        written = [Outcome(reference.v2.encode, x).value for x in values]
        cases = [(text,) for text in written if text]
        assert len(cases) > 200
        assert not differences(cases, pyon.decode, reference.v2.decode, no_difference)
    finally:
        for module in modules:
            module.deregister([Custom], "custom")


def test_names_that_programs_use_are_there(reference):
    for ours, theirs in ((pyon, reference.v2), (pyon_v1, reference.v1)):
        for name in vars(theirs):
            if name.startswith("_") and not name.startswith("__") and name not in ("_t",):
                assert hasattr(ours, name), name
    assert pyon._numpy_scalar == reference.v2._numpy_scalar
    assert pyon_v1._numpy_scalar == reference.v1._numpy_scalar
    assert pyon_v1._encode_map == reference.v1._encode_map
    assert pyon._decode_map.keys() == reference.v2._decode_map.keys()
    assert {name for name, _ in pyon._encode_map.values()} == {
        name for name, _ in reference.v2._encode_map.values()
    }


def test_files_are_those_of_the_reference(reference, tmp_path):
    x = {"b": [1, (2, "é")], "a": {"k": Fraction(1, 2), "c": np.arange(3)}}
    for ours, theirs in ((pyon, reference.v2), (pyon_v1, reference.v1)):
        ours.store_file(tmp_path / "ours", x)
        theirs.store_file(tmp_path / "theirs", x)
        text = (tmp_path / "theirs").read_bytes().replace(os.linesep.encode(), b"\n")  # theirs are those of the system
        assert (tmp_path / "ours").read_bytes() == text
        assert (tmp_path / "ours").stat().st_mode == (tmp_path / "theirs").stat().st_mode
        assert describe(theirs.load_file(tmp_path / "ours")) == describe(
            ours.load_file(tmp_path / "theirs")
        )


def test_warnings_are_not_in_the_way():
    """The reference warns of escapes that Python deprecates; the value is the same."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert pyon_v1.decode("'\\d'") == "\\d"
