"""The recorded cases of tests/data/vectors come out as they did in the reference.

How the cases are run, and what may differ, is in vectors.py.
"""

import pytest

pytest.importorskip("numpy")

import vectors
from fastpyon import pyon, pyon_v1

MODULES = {"v1": pyon_v1, "v2": pyon}
CHUNK = 100

FILES = {path.stem: vectors.load(path) for path in sorted(vectors.FOLDER.glob("*.jsonl"))}
# The reference alone fails there, with NumPy 1.24.
CASES = {
    name: [case for case in cases if "no-shim" not in case.get("tags", ())]
    for name, cases in FILES.items()
}
CHUNKS = [
    pytest.param(cases[start : start + CHUNK], id=f"{name}-{start}")
    for name, cases in CASES.items()
    for start in range(0, len(cases), CHUNK)
]


def test_the_cases_are_complete():
    assert {name: len(cases) for name, cases in FILES.items()} == {
        "roundtrip": 474,
        "v1_decode": 775,
        "v1_encode": 282,
        "v1_encode_pretty": 57,
        "v2_custom": 67,
        "v2_decode": 534,
        "v2_encode": 299,
        "v2_encode_kwargs": 35,
        "v2_encode_pretty": 57,
    }


@pytest.mark.parametrize("cases", CHUNKS)
def test_outcomes_are_those_of_the_reference(cases):
    outcomes = [(vectors.run(case, MODULES), case) for case in cases]
    different = [
        vectors.report(got, case) for got, case in outcomes if not vectors.judge(got, case)
    ]
    assert not different, "\n".join([f"{len(different)} of {len(cases)} differ", *different])


def test_every_refusal_is_still_a_difference():
    """No row of the policy may outlive the difference that it excuses."""
    cases = {case["id"]: case for cases in CASES.values() for case in cases}
    for name in vectors.REFUSES.keys() & cases.keys():
        outcome = vectors.run(cases[name], MODULES)
        assert not vectors.fits(outcome, cases[name]["expect"], cases[name]), name
