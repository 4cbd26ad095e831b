# SPDX-License-Identifier: LGPL-3.0-or-later
"""Measures, and writes the report: bench/run is the command for it.

Without names everything is measured, and the report goes into docs/. With names (of workloads, or of
their sections: main, files, growth, pipe, ends; or "library"), --quick or --from it is printed,
unless --output is given.
"""
import argparse
import json
import shlex
import subprocess
import sys
import time
from pathlib import Path

from bench import library, machine, report
from bench.measure import Plan
from bench.workloads import WORKLOADS

FULL = Plan(rounds=5, least=2, budget=0.5)
QUICK = Plan(rounds=3, least=1, budget=0.1)
QUICK_SCALE = 0.02
PROGRAMS = {"pipe": "bench.pipe", "ends": "bench.pipe"}


def options(arguments):
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    parser.add_argument("names", nargs="*", help="workloads or sections; see --list")
    parser.add_argument("--list", action="store_true", help="print the names and end")
    parser.add_argument("--quick", action="store_true", help="small values, few rounds")
    parser.add_argument("--scale", type=float, help="sizes are multiplied by this")
    parser.add_argument("--json", metavar="FILE", help="store all samples, in seconds")
    parser.add_argument("--from", metavar="FILE", dest="source", help="report what --json stored")
    parser.add_argument("--output", metavar="DIR", help="where benchmarks.md and its plots go")
    parser.add_argument("--library", metavar="PROGRAM", help="bench/c/throughput, if it is built")
    found = parser.parse_args(arguments)
    known = {name for workload in WORKLOADS for name in (workload.name, workload.section)}
    if unknown := [name for name in found.names if name not in known | {"library"}]:
        parser.error(f"unknown: {', '.join(unknown)}; see --list")
    if found.scale is None:
        found.scale = QUICK_SCALE if found.quick else 1
    return found


def chosen(names, scale):
    return [
        workload
        for workload in WORKLOADS
        if (not names or {workload.name, workload.section} & {*names}) and workload.size(scale)
    ]


def measure(workload, scale, plan):
    """The result of the worker; if it dies, a note of that."""
    job = json.dumps({"workload": workload.name, "scale": scale, "plan": plan})
    process = subprocess.run(
        [sys.executable, "-m", PROGRAMS.get(workload.section, "bench.worker"), job],
        cwd=machine.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if process.returncode:
        reason = (process.stderr.strip().splitlines() or [f"exit {process.returncode}"])[-1]
        return {"workload": workload.name, "left_out": reason}
    return json.loads(process.stdout)


def measure_all(arguments, words):
    plan = QUICK if arguments.quick else FULL
    results = []
    for workload in chosen(arguments.names, arguments.scale):
        start = time.perf_counter()
        print(f"{workload.name} ...", end=" ", file=sys.stderr, flush=True)
        results.append(measure(workload, arguments.scale, plan))
        why = results[-1].get("left_out")
        said = f"left out: {why}" if why else f"{time.perf_counter() - start:.1f} s"
        print(said, file=sys.stderr, flush=True)
    program = arguments.library
    wanted = program and (not arguments.names or "library" in arguments.names)
    return {
        "command": shlex.join(["bench/run", *words]),
        "machine": machine.description(),
        "scale": arguments.scale,
        "results": results,
        "library": library.measure(program, arguments.quick) if wanted else {},
    }


def main():
    arguments = options(sys.argv[1:])
    if arguments.list:
        for workload in WORKLOADS:
            print(f"{workload.section:8}{workload.name:24}{workload.titled(workload.items)}")
        return
    if arguments.source:
        found = json.loads(Path(arguments.source).read_text(encoding="utf-8"))
    else:
        words = sys.argv[1:]
        if "--library" in words:  # bench/run's own doing
            at = words.index("--library")
            del words[at : at + 2]
        found = measure_all(arguments, words)
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(found), encoding="utf-8")
    folder = arguments.output
    if not (folder or arguments.names or arguments.source or arguments.scale != 1):
        folder = machine.ROOT / "docs"
    if not folder:
        print(report.markdown(found))
        return
    plots = []
    try:
        from bench import plot
    except ImportError as error:
        print(f"bench: no plots: {error}", file=sys.stderr)
    else:
        plots = plot.draw(found, Path(folder))
    (Path(folder) / "benchmarks.md").write_text(report.markdown(found, plots), encoding="utf-8")


if __name__ == "__main__":
    main()
