# SPDX-License-Identifier: LGPL-3.0-or-later
"""Values as frames: their text, and the data of large arrays beside it, for zmq.py and dask.py.

    [b'{"x":{"__jsonclass__":["nparray",[[1000],"<f8",1]]}}', <1000 doubles>]

The text is PYON v2 in which the data of some arrays is the number of a frame, from 1 on. ``load`` takes frames of
strangers: the extension checks them before it makes an array (frames.c).
"""

from fastpyon import _core
from fastpyon import pyon  # noqa: F401  # gives the extension its parts

LEAST = 4096  # bytes of data: what is smaller stays in the text
MAX_BYTES = 1 << 30  # of all frames
MAX_TEXT = 1 << 28  # its objects take up to some 30 times as many bytes


def dump(x, exact=False):
    """Returns a list: the text of a value as bytes, and memoryviews of the data of its large arrays.

    With ``exact``, it is a TypeError if the value that comes back would have another type somewhere: PYON knows a
    subclass of a common type as that type, an OrderedDict as a dict, and a structure as a void. It is a TypeError,
    too, if a scalar could not be read, or would have another value.
    """
    return _core.encode_frames(x, LEAST, exact)


def load(frames, max_bytes=MAX_BYTES, max_text=MAX_TEXT):
    """Returns the value of a sequence of buffers: a text, and data, which arrays keep. No data is copied."""
    views = [memoryview(frame) for frame in frames]
    if not views:
        raise ValueError("there are no frames")
    if views[0].nbytes > max_text:
        raise ValueError(f"the text has {views[0].nbytes} bytes, more than {max_text}")
    size = sum(view.nbytes for view in views)
    if size > max_bytes:
        raise ValueError(f"the frames have {size} bytes, more than {max_bytes}")
    return _core.decode_frames(bytes(frames[0]), tuple(views[1:]))
