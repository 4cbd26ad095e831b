# SPDX-License-Identifier: LGPL-3.0-or-later
"""The measurements as Markdown.

Times are medians, and what stands in the column of a peer is a ratio: its time over that of fastpyon.
Above 1, fastpyon is faster; numbers below 1 are bold.
"""
from statistics import median

from bench import library
from bench.pair import STEPS
from bench.peers import COPY, COPY_IN_PLACE, FAST, OURS, OURS_V1, SIPYCO, SIPYCO_V1
from bench.pipe import STEPS as PIPE_STEPS
from bench.workloads import WORKLOADS

WORKLOAD = {workload.name: workload for workload in WORKLOADS}
V1 = OURS_V1, SIPYCO_V1, SIPYCO_V1 + FAST
AS_LISTS = "¹"

HEAD = """# Benchmarks

Written by `{command}` on {date}. The method, and how to read the tables, is in
[bench/README.md](../bench/README.md). Only ratios mean anything on another machine.
"""

ENCODE = """
## Encoding

Version 2. Time: median and, in brackets, minimum. Under each peer: its time over that of fastpyon, so
**bold** is faster than fastpyon. "{copy}" is memcpy of the text into new memory, "{in_place}" into
memory that is there. {lists} marks peers that make lists of tuples. Empty: a peer that does not take such
values, or does not give them back. pybase64 has nothing but the payload of an array to do.
"""
FRESH = """
## Decoding into fresh memory

The result of the previous call is gone. Its memory is returned to the system, as far as Python and malloc
do that: the arenas of small objects, the top of the heap, blocks of 32 MiB and more.
"""
RESIDENT = """
## Decoding into resident memory

Memory stays mapped from call to call, as in a process that has lived for a while. Only values for which it
makes a difference, and calls below half a second.
"""
VERSION_1 = """
## Version 1

As above, with fresh memory; ratios are to fastpyon's version 1. sipyco decodes it with `eval`.
"""
FILES = """
## Files

`store_file` and `load_file` of a dashboard state with {items} datasets, a file of {megabytes}. Each makes
the file as safe on the disk as it does by default. "plain" stores and reads the text without indentation, with
an `fsync` and without any format.
"""
MEMORY = """
## Memory

The peak of memory that a call has allocated (as `tracemalloc` sees it), over the size of its result.
"""
GROWTH = """
## Growth

Nanoseconds per item, against the number of items.
"""
PIPE = """
## Through a pipe

A value goes from one process to another: encoded, written, read and decoded, and acknowledged with
one byte, which ends the time. The parent runs asyncio and the child blocks, as ARTIQ's master and its
workers do. "sipyco + fastpyon" is sipyco's `pipe_ipc` with fastpyon swapped in; pickle and msgpack
have a length before each value; MB/s are of the text of the value. Under each: its time over that of
the first. "-" marks an exchange that is impossible, for a reason given below the table, or is not tried: the
child of sipyco reads with a system call for each byte, which for 10 000 000 numbers would take minutes.
"""
ENDS = """
## Through a pipe, with ends of the same kind

The same in one direction, where both processes block, or both run asyncio.
"""
LIBRARY = """
## The library alone

`bench/c/throughput`: MB/s of text with the kernels for each instruction set (one that the processor
lacks is replaced by the best it has), nanoseconds per token with the best, and memcpy of the same text.
"""


# ---- Numbers -------------------------------------------------------------------------------------


def duration(seconds):
    for unit, scale in ("s", 1), ("ms", 1e-3), ("µs", 1e-6):
        if seconds >= scale:
            break
    return f"{three_digits(seconds / scale)} {unit}"


def three_digits(number):
    """Not more digits than mean something, and no exponents."""
    return f"{number:.0f}" if number >= 100 else f"{number:.3g}"


def two_digits(number):
    return f"{number:.0f}" if number >= 10 else f"{number:.2g}"


def size(number):
    for unit, scale in ("MB", 1e6), ("kB", 1e3), ("bytes", 1):
        if number >= scale:
            break
    return f"{three_digits(number / scale)} {unit}"


def count(number):
    return f"{number:,}".replace(",", " ")


def table(rows):
    """Lines of a table; the first row is its head, the first column stands left, the others right."""
    head, *body = rows
    yield "| " + " | ".join(head) + " |"
    yield "|---|" + "--:|" * (len(head) - 1)
    for row in body:
        yield "| " + " | ".join(row) + " |"


# ---- Tables of times -----------------------------------------------------------------------------


def title(result):
    return WORKLOAD[result["workload"]].titled(result["items"])


def costs(result, seconds):
    """Nanoseconds an item, and megabytes of text a second."""
    item = WORKLOAD[result["workload"]].item
    each = f"{three_digits(seconds / result['items'] * 1e9)}" if item and result["items"] > 1 else ""
    return each, f"{result['bytes'] / seconds / 1e6:.0f}"


def ratio(result, times, peer, base):
    if peer not in times:
        return ""
    text = two_digits(median(times[peer]) / median(times[base]))
    faster = float(text) < 1 and peer not in (COPY, COPY_IN_PLACE)
    text += AS_LISTS if result["verdicts"].get(peer) == "lists" else ""
    return f"**{text}**" if faster else text


def comparison(results, step, base=OURS, peers=None, absent=""):
    """Lines of the table of one step: each workload with the ratios of all peers that can do it."""
    results = [result for result in results if base in result["times"].get(step, {})]
    if peers is None:
        able = {peer for result in results for peer in result["times"][step]} - {base, *V1}
        order = dict.fromkeys(peer for result in results for peer in result["verdicts"])
        peers = sorted(able, key=lambda peer: (peer.startswith(COPY), [*order].index(peer)))
    rows = [["workload", base, "ns/item", "MB/s", *peers]]
    for result in results:
        times = result["times"][step]
        middle, least = median(times[base]), min(times[base])
        rows.append(
            [
                title(result),
                f"{duration(middle)} ({duration(least)})",
                *costs(result, middle),
                *(ratio(result, times, peer, base) or absent for peer in peers),
            ]
        )
    return table(rows) if len(rows) > 1 else []


def file_table(result):
    rows = [["", "fastpyon", "fastpyon v1", "sipyco / fastpyon", "sipyco v1 / v1", "plain"]]
    for name, step in ("store_file", "encode"), ("load_file", "fresh"):
        times = result["times"][step]
        rows.append(
            [
                name,
                duration(median(times[OURS])),
                duration(median(times[OURS_V1])),
                ratio(result, times, SIPYCO, OURS),
                ratio(result, times, SIPYCO_V1, OURS_V1),
                duration(median(times["plain"])),
            ]
        )
    return table(rows)


def pipe_tables(name, results):
    """A table of each step of this section, and below it the peers that refused, and why."""
    for step in PIPE_STEPS[name]:
        links = list(dict.fromkeys(link for result in results for link in result["times"][step]))
        if not links:
            continue
        yield f"\n{STEPS[step].title.capitalize()}:\n"
        yield from comparison(results, step, links[0], links[1:], "-")
        reasons = [
            f"- {link}, {title(result)}: {reason}"
            for result in results
            for link, reason in result["refused"][step].items()
        ]
        yield from ["", *reasons] if reasons else []


# ---- Other tables --------------------------------------------------------------------------------


def memory_table(results):
    peers = [peer for peer in (OURS, OURS_V1, SIPYCO) if any(peer in r["memory"] for r in results)]
    rows = [["workload", *(f"{step}, {peer}" for step in ("encode", "decode") for peer in peers)]]
    for result in results:
        if result["bytes"] < 100_000:  # for small texts, one would see memory that is always there
            continue
        cells = []
        for step in "encode", "decode":
            for peer in peers:
                use = result["memory"].get(peer, {}).get(step)
                cells.append(f"{use['peak'] / use['held']:.2f}" if use else "")
        rows.append([title(result), *cells])
    return table(rows) if len(rows) > 1 else []


def growth_tables(results):
    for kind, name in ("growth-floats", "list of floats"), ("growth-array", "array of float64"):
        sizes = [result for result in results if result["workload"].startswith(kind)]
        if not sizes:
            continue
        head = [name, *(count(result["items"]) for result in sizes)]
        rows = [head]
        for step in "encode", "fresh", "resident":
            for peer in dict.fromkeys(peer for result in sizes for peer in result["times"].get(step, ())):
                label = {"encode": "encode", "fresh": "decode", "resident": "decode, resident"}[step]
                rows.append([f"{label}, {peer}", *(each(result, step, peer) for result in sizes)])
        yield ""
        yield from table(rows)


def each(result, step, peer):
    samples = result["times"].get(step, {}).get(peer)
    return three_digits(median(samples) / result["items"] * 1e9) if samples else ""


def library_table(measured):
    best = measured[library.CPUS[-1]]
    rows = [["step", "values", "ns/token", *library.CPUS, "memcpy"]]
    for i, row in enumerate(best):
        speeds = [measured[cpu][i]["MB/s"] for cpu in library.CPUS]
        rows.append([row["step"], row["values"], row["ns/token"], *speeds, row["memcpy MB/s"]])
    return table(rows)


# ---- The whole -----------------------------------------------------------------------------------


def remarks(results):
    """The peers that are missing, the cases that were left out, and whether the texts are those of the reference."""
    missing = {name: why for result in results for name, why in result.get("missing", {}).items()}
    for name, why in missing.items():
        yield f"- {name} is left out: {why}"
    for result in results:
        if "left_out" in result:
            yield f"- {result['workload']} is left out: {result['left_out']}"
    same = [(result, ours) for result in results for ours in result.get("same", ())]
    wrong = [f"{r['workload']} ({ours})" for r, ours in same if not r["same"][ours]]
    if wrong:
        yield f"- **The text differs from that of sipyco**: {', '.join(wrong)}"
    elif same:
        yield "- The text of every value is that of sipyco, byte for byte, in both versions."


def section(head, lines):
    lines = list(lines)
    return [head, *lines] if lines else []


def markdown(found, plots=()):
    """The report: `found` is what __main__ gathers, `plots` are those of plot.py."""
    machine, all_results = found["machine"], found["results"]
    results = [result for result in all_results if "times" in result]
    sections = {
        name: [result for result in results if WORKLOAD[result["workload"]].section == name]
        for name in ("main", "files", "growth", "pipe", "ends")
    }
    main = sections["main"]
    v1_peers = [peer for peer in V1[1:] if any(peer in r["times"]["fresh"] for r in main)]

    def images(name):
        return [f"\n![{text}]({file})" for where, text, file in plots if where == name]

    lines = [HEAD.format(command=found["command"], date=machine["date"])]
    lines += [f"- {name}: {text}" for name, text in machine.items() if name != "date"]
    if found["scale"] != 1:
        lines.append(f"- sizes are those of a full run times {found['scale']:g}")
    lines += remarks(all_results)
    about = ENCODE.format(copy=COPY, in_place=COPY_IN_PLACE, lists=AS_LISTS)
    lines += section(about, [*comparison(main, "encode"), *images("encode")])
    lines += section(FRESH, [*comparison(main, "fresh"), *images("fresh")])
    lines += section(RESIDENT, comparison(main, "resident"))
    for step, name in ("encode", "Encoding"), ("fresh", "Decoding"):
        rows = list(comparison(main, step, OURS_V1, [OURS, *v1_peers]))
        lines += section(VERSION_1 if step == "encode" else "", rows and [f"{name}:\n", *rows])
    for result in sections["files"]:
        megabytes = size(result["bytes"])
        about = FILES.format(items=count(result["items"]), megabytes=megabytes)
        lines += section(about, file_table(result))
    lines += section(MEMORY, memory_table(main))
    lines += section(GROWTH, [*images("growth"), *growth_tables(sections["growth"])])
    lines += section(PIPE, [*images("pipe"), *pipe_tables("pipe", sections["pipe"])])
    lines += section(ENDS, pipe_tables("ends", sections["ends"]))
    if found["library"]:
        lines += section(LIBRARY, library_table(found["library"]))
    return "\n".join(lines) + "\n"
