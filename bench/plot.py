# SPDX-License-Identifier: LGPL-3.0-or-later
"""Plots beside the tables, as SVG. Only this module needs matplotlib."""
from statistics import median

import matplotlib

from bench.links import MSGPACK, PICKLE, STREAM, SWAP
from bench.pair import STEPS
from bench.peers import COPY, OURS, PAYLOAD, SIPYCO
from bench.workloads import WORKLOADS

matplotlib.use("svg")
matplotlib.rcParams.update(
    {
        "svg.fonttype": "none",  # text stays text,
        "svg.hashsalt": "bench",  # and the same measurements give the same file
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
)
from matplotlib import pyplot, ticker  # noqa: E402  # after the choice of a backend

SHOWN = (
    "floats", "small-ints", "long-ints", "array-1e6", "dict", "tuples", "strings",
    "foreign-strings", "nested-text", "dashboard", "dashboard-plain", "call",
)  # fmt: skip
COLUMNS = 4
BLUE, GREY, RED = "#1f77b4", "#b0b0b0", "#d62728"
COLOURS = {
    OURS: BLUE, SIPYCO: RED, "json": "#7f7f7f", "orjson": "#2ca02c", PAYLOAD: "#9467bd",
    STREAM: BLUE, SWAP: "#17becf", PICKLE: "#7f7f7f", MSGPACK: "#2ca02c",
}  # fmt: skip


def save(figure, folder, name):
    figure.savefig(folder / name, metadata={"Date": None})
    pyplot.close(figure)
    return name


def bars(results, step, what):
    """A panel for each workload: times over that of fastpyon, which is the line at 1; log scale."""
    rows = -(-len(results) // COLUMNS)
    figure, panels = pyplot.subplots(
        rows, COLUMNS, figsize=(13, 2.6 * rows), layout="constrained", squeeze=False
    )
    workloads = {workload.name: workload for workload in WORKLOADS}
    for panel in panels.flat[len(results) :]:
        panel.set_axis_off()
    for panel, result in zip(panels.flat, results):
        times = result["times"][step]
        base = median(times[OURS])
        ratios = {
            peer: median(samples) / base
            for peer, samples in times.items()
            if peer != OURS and " v1" not in peer and not peer.startswith(COPY)
        }
        peers = sorted(ratios, key=ratios.get, reverse=True)
        for at, peer in enumerate(peers):
            value = ratios[peer]
            colour = GREY if value >= 1 else RED
            panel.barh(at, value - 1, left=1, color=colour)
            panel.text(max(value, 1) * 1.1, at, f"{value:.2g}", va="center", fontsize=8)
        panel.axvline(1, color=BLUE)
        panel.set_xscale("log")
        panel.set_xlim(min(0.3, *ratios.values()), max(ratios.values(), default=1) * 4)
        panel.xaxis.set_major_formatter(ticker.FormatStrFormatter("%g"))
        panel.xaxis.set_minor_locator(ticker.NullLocator())
        panel.set_yticks(range(len(peers)), peers)
        panel.set_title(workloads[result["workload"]].titled(result["items"]), fontsize=9)
    figure.suptitle(f"{what}: time over that of fastpyon (line; longer bars are slower)")
    return figure


def growth(results):
    """Time per item against size: a line that stays level is a cost that grows linearly."""
    kinds = ("growth-floats", "list of floats"), ("growth-array", "array of float64")
    steps = ("encode", "encode"), ("fresh", "decode")
    figure, panels = pyplot.subplots(2, 2, figsize=(11, 7), layout="constrained", sharex=True)
    for row, (kind, what) in zip(panels, kinds):
        sizes = [result for result in results if result["workload"].startswith(kind)]
        for panel, (step, verb) in zip(row, steps):
            for peer in dict.fromkeys(peer for result in sizes for peer in result["times"][step]):
                draw_line(panel, sizes, step, peer, "-", peer)
            if step == "fresh":
                draw_line(panel, sizes, "resident", OURS, ":", f"{OURS}, resident memory")
            panel.set(title=f"{verb}, {what}", ylabel="ns per item")
            dress(panel)
            panel.yaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
    for panel in panels[-1]:
        panel.set_xlabel("items")
    return figure


def pipes(results):
    """Time against size: right of the bend of a line one sees speed, left of it the cost of
    an exchange."""
    kinds = ("pipe-floats", "list of floats"), ("pipe-array", "array of float64")
    figure, panels = pyplot.subplots(
        2, 2, figsize=(11, 7), layout="constrained", sharex=True, sharey="row"
    )
    for row, (kind, what) in zip(panels, kinds):
        sizes = [result for result in results if result["workload"].startswith(kind)]
        for panel, step in zip(row, ("to_child", "to_parent")):
            for link in dict.fromkeys(link for result in sizes for link in result["times"][step]):
                draw_line(panel, sizes, step, link, "-", link, each=False)
            panel.set(title=f"{what}, {STEPS[step].title}", ylabel="seconds")
            dress(panel)
    for panel in panels[-1]:
        panel.set_xlabel("items")
    return figure


def dress(panel):
    """Both axes by powers, with plain numbers; after its lines are drawn."""
    panel.set(xscale="log", yscale="log")
    panel.yaxis.set_major_formatter(ticker.FormatStrFormatter("%g"))
    panel.yaxis.set_minor_locator(ticker.NullLocator())
    panel.xaxis.set_minor_locator(ticker.NullLocator())
    panel.grid(alpha=0.3)
    if panel.lines:
        panel.legend(fontsize=8)


def draw_line(panel, results, step, peer, style, label, each=True):
    """Time against items, that of each or that of all."""
    points = [
        (result["items"], median(times[peer]) / result["items"] * 1e9 if each else median(times[peer]))
        for result in results
        if peer in (times := result["times"].get(step, {}))
    ]
    if points:
        panel.plot(*zip(*points), style, marker=".", color=COLOURS.get(peer), label=label)


def draw(found, folder):
    """Draws what was measured: (section, text, file name) of each plot."""
    results = [result for result in found["results"] if "times" in result]
    shown = [result for result in results if result["workload"] in SHOWN]
    grown = [result for result in results if result["workload"].startswith("growth")]
    piped = [result for result in results if result["workload"].startswith("pipe")]
    plots = []
    for step, what in ("encode", "Encoding"), ("fresh", "Decoding"):
        if shown:
            name = save(bars(shown, step, what), folder, f"benchmarks-{what.lower()}.svg")
            plots.append((step, f"{what} beside the peers", name))
    if grown:
        plots.append(("growth", "Time per item", save(growth(grown), folder, "benchmarks-growth.svg")))
    if piped:
        plots.append(("pipe", "Time through a pipe", save(pipes(piped), folder, "benchmarks-pipe.svg")))
    return plots
