# SPDX-License-Identifier: LGPL-3.0-or-later
"""Random operations on a database beside a dict, 10^6 of them: by hand.

PYTHONPATH=build/python python tests/slow/database.py [COUNT]
"""

import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "py", "support", "random_values"))
import operations

ROUND = 10_000

total = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
for seed in range(total // ROUND):
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        operations.run(f"{folder}/data.pyon", 1000 + seed, ROUND)
    print(f"\r{(seed + 1) * ROUND:,} operations", end="", flush=True)
print()
