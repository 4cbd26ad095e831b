# SPDX-License-Identifier: LGPL-3.0-or-later
"""Random messages of frames, most of them with a mistake, and what must hold for their results."""

import random
import tracemalloc

import numpy as np

from fastpyon import _frames

DTYPES = {"<f8": 8, "<i2": 2, ">u4": 4, "|b1": 1, "|S3": 3, "<U2": 8, "|V5": 5, "<c16": 16, "|i1": 1}
BAD_DTYPES = [
    "|O", "|O8", "<i3", "i2", "=i2", "<M8[s]", "<U0", "|V0", "<U99999999999", "(2,)i1", "<i2,<i2", "", "é", "<f4 ",
]  # fmt: skip
LENGTHS = [0, 1, 2, 3, 2**31, 2**32, 2**62, 2**63 - 1, 2**63, 2**64 + 1, -1]
MEMORY = 1 << 20  # bytes that a refused message may take: much less than the arrays that it asks for


def array(chance, number):
    """The text of an array, and its data. Now and then one of its parts is wrong."""
    shape = [chance.choice(LENGTHS[:4]) for _ in range(chance.randrange(4))]
    dtype = chance.choice(list(DTYPES))
    size = DTYPES[dtype] * int(np.prod(shape, dtype=int))
    accident = chance.randrange(12)
    if accident == 0:
        dtype = chance.choice(BAD_DTYPES)
    elif accident == 1:
        shape.insert(chance.randrange(len(shape) + 1), chance.choice(LENGTHS))
    elif accident == 2:
        number = chance.choice([number - 1, number + 1, 0, -1, 2**64, 1.0, None, True, "AA=="])
    elif accident == 3:
        size = max(0, size + chance.choice([-8, -1, 1, 8]))
    text = f'{{"__jsonclass__":["nparray",[{shape},"{dtype}",{_json(number)}]]}}'
    return text, chance.randbytes(size)


def _json(x):
    return {None: "null", "AA==": '"AA=="'}.get(x, "true" if x is True else str(x))


def message(chance):
    """The text and the data of some arrays."""
    arrays = [array(chance, number) for number in range(1, chance.randrange(5) + 1)]
    text, data = ("[" + ",".join(part[0] for part in arrays) + "]").encode(), [part[1] for part in arrays]
    accident = chance.randrange(12)
    if accident == 0 and data:
        del data[chance.randrange(len(data))]
    elif accident == 1:
        data.insert(chance.randrange(len(data) + 1), b"12345678")
    elif accident == 2:
        chance.shuffle(data)
    elif accident == 3:
        place = chance.randrange(len(text))
        text = text[:place] + chance.choice([b"", chance.randbytes(1), b"[", b'"', b"1"]) + text[place + 1 :]
    return text, data


def difference(text, data):
    """What is wrong with the result for a message, or None; and whether the message was read."""
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    memory = [bytearray(part) for part in data]
    try:
        value = _frames.load([text, *memory])
    except (ValueError, TypeError, LookupError):
        taken = tracemalloc.get_traced_memory()[1] - before
        return (f"{taken} bytes were allocated" if taken > MEMORY else None), False
    arrays = [x for x in value if isinstance(x, np.ndarray)] if isinstance(value, list) else []
    if sum(x.nbytes for x in arrays) < sum(map(len, memory)):
        return "a frame is that of no array", True
    shared = [sum(np.may_share_memory(x, np.frombuffer(part, "u1")) for x in arrays) for part in memory if part]
    if any(count > 1 for count in shared):
        return "two arrays have one frame", True
    again = _frames.load(_frames.dump(value))
    if any(not _same(x, y) for x, y in zip(value, again)):
        return "it is another value when it was sent once more", True
    return None, True


def _same(x, y):
    if not isinstance(x, np.ndarray):
        return type(x) is type(y)
    return (x.dtype, x.shape, x.tobytes()) == (y.dtype, y.shape, y.tobytes())


def compare(count, seed):
    """Returns the messages that make a difference, and the number of those that were read."""
    chance, different, read = random.Random(seed), [], 0
    tracemalloc.start()
    try:
        for _ in range(count):
            text, data = message(chance)
            wrong, good = difference(text, data)
            read += good
            if wrong:
                different.append((text, data, wrong))
                print(f"{wrong}: {text!r}, {data!r}")
    finally:
        tracemalloc.stop()
    return different, read
