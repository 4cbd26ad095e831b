# SPDX-License-Identifier: LGPL-3.0-or-later
"""Measures one workload with all peers: python -m bench.worker, with a job in JSON as its argument.

Each workload has a process of its own: what one leaves in memory is no concern of the next, nor is a
peer that crashes. Prints what it found as JSON.
"""
import contextlib
import json
import os
import sys
import tempfile
from functools import partial

from fastpyon import pyon

from bench import measure, peers
from bench.workloads import WORKLOADS

RESIDENT_FROM = 1 << 18  # bytes of text; below, what a call needs is always there
RESIDENT_TO = 0.5  # seconds of a call; above, mapping memory is a small part of it
BASE64 = '"__jsonclass__":["np'  # nparray or npscalar: only then it matters which module does base64
GROWTH_PEERS = {
    peers.OURS: 10**7,  # the largest size
    "json": 10**6,
    "orjson": 10**7,
    peers.PAYLOAD: 10**7,
    peers.SIPYCO: 10**6,
}


def lists(value):
    """The value as JSON knows it: with lists for tuples."""
    if isinstance(value, (list, tuple)):
        return [lists(member) for member in value]
    if isinstance(value, dict):
        return {key: lists(member) for key, member in value.items()}
    return value


class Judge:
    """Tells what a peer makes of the value: whether to compare with it.

    Values are the same if their texts are; so are NaNs, arrays, and keys in another order where `sort`
    says so: version 1 sorts them in files.
    """

    def __init__(self, value, sort):
        self.value = value
        self.spell = partial(pyon.encode, sort_keys=True) if sort else pyon.encode
        self.text = self.spell(value)
        self.as_lists = None

    def __call__(self, peer):
        """(verdict, the text): "exact"; "lists", if it is exact except for tuples; else why
        it is left out."""
        try:
            encoded = peer.encode(self.value)
            back = peer.decode(encoded)
            if not peer.codec:
                return "exact", encoded
            text = self.spell(back)
        except Exception as error:
            return f"{type(error).__name__}: {error}"[:200], None
        if text == self.text:
            return "exact", encoded
        if self.as_lists is None:
            self.as_lists = self.spell(lists(self.value))
        return "lists" if text == self.as_lists else "reads something else", encoded


def memory(able, value, encoded):
    """The bytes that calls allocate at most, and still at their end: name -> {step: {...}}."""
    found = {}
    for name in peers.OURS, peers.OURS_V1, peers.SIPYCO:
        if name in able:
            peer = able[name]
            found[name] = {
                step: {"peak": most, "held": held}
                for step, (most, held) in (
                    ("encode", measure.peak(peer.encode, value)),
                    ("decode", measure.peak(peer.decode, encoded[name])),
                )
            }
    return found


def candidates(workload, size, judge, folder, missing):
    """The peers that a workload of this section asks."""
    if workload.section == "files":
        return {**peers.files(folder, missing), "plain": peers.plain_file(folder, judge.text)}
    found = {**peers.codecs(missing), **peers.copies(judge.text)}
    if workload.section == "growth":
        return {name: peer for name, peer in found.items() if size <= GROWTH_PEERS.get(name, 0)}
    if BASE64 not in judge.text:
        return {name: peer for name, peer in found.items() if not name.endswith(peers.FAST)}
    return found


def measured(workload, scale, plan, folder):
    missing = peers.Missing()
    size = workload.size(scale)
    value = workload.make(size)
    judge = Judge(value, sort=workload.section == "files")
    able, verdicts, encoded = {}, {}, {}
    for name, peer in candidates(workload, size, judge, folder, missing).items():
        verdicts[name], encoded[name] = judge(peer)
        if verdicts[name] in ("exact", "lists"):
            able[name] = peer

    encodes = {name: (peer.encode, value) for name, peer in able.items()}
    decodes = {name: (peer.decode, encoded[name]) for name, peer in able.items()}
    found = {
        "workload": workload.name,
        "items": size,
        "bytes": len(judge.text),  # it is ASCII
        "verdicts": verdicts,
        "missing": missing,
        "same": {  # as the reference's, byte for byte
            ours: encoded[ours] == encoded[theirs]
            for ours, theirs in ((peers.OURS, peers.SIPYCO), (peers.OURS_V1, peers.SIPYCO_V1))
            if theirs in able and workload.section != "files"
        },
        "times": {"encode": measure.times(encodes, plan), "fresh": measure.times(decodes, plan)},
    }
    if workload.section == "files":
        found["bytes"] = os.path.getsize(encoded[peers.OURS])
        return found
    found["memory"] = memory(able, value, encoded)
    if len(judge.text) >= RESIDENT_FROM:
        need = max(use["decode"]["peak"] for use in found["memory"].values())
        quick = {
            name: decode
            for name, decode in decodes.items()
            if name == peers.OURS or min(found["times"]["fresh"][name]) < RESIDENT_TO
        }
        kept = measure.pin(2 * need)
        found["times"]["resident"] = measure.times(quick, plan)
        del kept
    return found


def main():
    job = json.loads(sys.argv[1])
    workload = next(workload for workload in WORKLOADS if workload.name == job["workload"])
    measure.stay_on_one_core()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        try:
            found = measured(workload, job["scale"], measure.Plan(*job["plan"]), folder)
        except ImportError as error:  # without NumPy, some values cannot even be made
            found = {"workload": workload.name, "left_out": str(error)}
    json.dump(found, sys.stdout, default=list)


if __name__ == "__main__":
    main()
