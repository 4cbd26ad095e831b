# SPDX-License-Identifier: LGPL-3.0-or-later
"""Measures one value through pipes, with all links: python -m bench.pipe, with a job in JSON.

Each link has two processes (bench/pair.py), which live as long as a step is measured, and wait
while the others have their turns. Prints what it found as JSON, in the form of bench/worker.py;
"refused" says why a link has no times.
"""
import contextlib
import json
import os
import subprocess
import sys

from fastpyon import pyon

from bench import links, machine, measure, peers
from bench.links import LINKS, PICKLE, SIPYCO, STREAM, SWAP
from bench.workloads import WORKLOADS

STEPS = {  # of each section: those of pair.py, with the links that are asked
    "pipe": {"to_child": LINKS, "to_parent": LINKS},
    "ends": {"blocking": (STREAM, PICKLE), "asyncio": (STREAM, PICKLE, SWAP, SIPYCO)},
}
# The child of sipyco reads with a system call for each byte: ten times as much would take minutes.
MOST = {("to_child", SIPYCO): 10**6}
PATIENCE = 4  # the budget is for calls in a process; through a pipe they take longer


class Refused(Exception):
    """A link does not do it, and why."""


class Pair:
    """The two processes of a link; until they are closed they can be asked for exchanges."""

    def __init__(self, **job):
        environment = dict(os.environ)
        environment.pop("FASTPYON", None)  # or sipyco would not be sipyco
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.pair", json.dumps(job)],
            cwd=machine.ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def exchanges(self, number):
        """Seconds of each of that many."""
        if not number:
            return 0.0
        with contextlib.suppress(BrokenPipeError):  # its last words are still to be read
            print(number, file=self.process.stdin, flush=True)
        answer = json.loads(self.process.stdout.readline() or '{"failed": "the process died"}')
        if "failed" in answer:
            raise Refused(answer["failed"])
        return answer["seconds"] / number

    def close(self):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def run(pair, _, number):
    return pair.exchanges(number)


def step_times(step, names, workload, items, plan):
    """The samples of each link, and why others have none."""
    refused = {}
    with contextlib.ExitStack() as stack:
        pairs = {}
        for name in names:
            pairs[name] = Pair(link=name, step=step, workload=workload.name, items=items)
            stack.callback(pairs[name].close)
        for name in names:
            try:
                pairs[name].exchanges(1)  # which is judged
            except Refused as error:
                refused[name] = str(error)
                del pairs[name]
        return measure.times({name: (pair, None) for name, pair in pairs.items()}, plan, run), refused


def measured(workload, scale, plan):
    missing = peers.Missing()
    for name in LINKS:
        try:
            links.link(name)
        except ImportError as error:
            missing[name] = str(error)
    items = workload.size(scale)
    found = {
        "workload": workload.name,
        "items": items,
        "bytes": len(pyon.encode(workload.make(items))),  # it is ASCII
        "verdicts": {},
        "missing": missing,
        "times": {},
        "refused": {},
    }
    for step, names in STEPS[workload.section].items():
        able = [
            name
            for name in names
            if name not in missing and items <= MOST.get((step, name), items)
        ]
        found["times"][step], found["refused"][step] = step_times(step, able, workload, items, plan)
    return found


def main():
    job = json.loads(sys.argv[1])
    workload = next(workload for workload in WORKLOADS if workload.name == job["workload"])
    plan = measure.Plan(*job["plan"])
    plan = plan._replace(budget=PATIENCE * plan.budget)
    try:
        found = measured(workload, job["scale"], plan)
    except ImportError as error:  # without NumPy, there are no arrays
        found = {"workload": workload.name, "left_out": str(error)}
    json.dump(found, sys.stdout, default=list)


if __name__ == "__main__":
    main()
