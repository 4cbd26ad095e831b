# SPDX-License-Identifier: LGPL-3.0-or-later
"""Training for a build that is tuned by a profile: python -m bench.train [--pyon PROGRAM]

Encodes and decodes the benchmark's workloads, each for about the same time, in every way that programs use: as text,
bytes, pieces and lines, also in the pretty layout. PROGRAM, the command pyon, goes over files of the same values.
Nothing is measured. See tools/pgo.sh.
"""

import argparse
import os
import subprocess
import tempfile

from bench.workloads import WORKLOADS
from fastpyon import pyon, pyon_v1, stream

ITEMS = 1000  # of a value, at most
BYTES = 4 * 10**6  # of text, for each workload and way


def use(value, module):
    text = module.encode(value)
    data = text.encode()
    pretty = module.encode(value, True)
    for _ in range(max(1, BYTES // len(text))):
        module.encode(value)
        module.decode(text)
    for _ in range(max(1, BYTES // len(text) // 10)):
        stream.encode(value, module)
        b"".join(stream.iterencode(value, module, size=4096))
        module.encode(value, True)
        module.decode(pretty)
        module.decode(data)
        decoder = stream.Decoder(module, lines=True)
        decoder.feed(data + b"\n")
        list(decoder)
    return data


def use_program(program, folder, values):
    """The commands over a file of lines, and a file of one value each."""
    files = {"lines.pyon": b"\n".join(values) + b"\n", "one.pyon": b"[" + b",".join(values) + b"]"}
    for name, content in files.items():
        path = os.path.join(folder, name)
        with open(path, "wb") as file:
            file.write(content)
        for arguments in (["check"], ["fmt", "--compact"], ["fmt", "--pretty"], ["convert", "--to", "v1"], ["stats"]):
            subprocess.run([program, *arguments, path], stdout=subprocess.DEVNULL, check=True)
    records = os.path.join(folder, "records.pyon")
    rows = [pyon.encode({"rid": i, "name": f"scan {i}", "x": i / 7, "ok": True, "at": [i, None]}) for i in range(5000)]
    with open(records, "w") as file:
        file.write("\n".join(rows) + "\n")
    subprocess.run([program, "get", records, "rid", "x", "--csv"], stdout=subprocess.DEVNULL, check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pyon", metavar="PROGRAM")
    options = parser.parse_args()
    texts = []
    for workload in WORKLOADS:
        if workload.section == "main":  # others have the same values
            value = workload.make(min(workload.size(1), ITEMS))
            use(value, pyon_v1)
            texts.append(use(value, pyon))
    if options.pyon:
        with tempfile.TemporaryDirectory() as folder:
            use_program(options.pyon, folder, texts)


if __name__ == "__main__":
    main()
