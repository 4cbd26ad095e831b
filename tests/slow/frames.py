#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Reads hostile frames: each is refused with an error, or gives arrays that have their frames, one each.

    python tests/slow/frames.py [--messages N] [--seed S]

There are N messages (1,000,000 unless told otherwise, which takes some minutes): arrays whose shape, dtype or number
may be wrong, beside frames that may be cut, too long, missing or too many, in a text in which something may have
happened to a byte. The exit status is 1 if a message makes a difference.
"""

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "py" / "support"))

from hostile_frames import compare  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    different, read = compare(arguments.messages, arguments.seed)
    print(f"{arguments.messages} messages, {read} read, {len(different)} differences")
    return bool(different)


if __name__ == "__main__":
    sys.exit(main())
