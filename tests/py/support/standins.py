# SPDX-License-Identifier: LGPL-3.0-or-later
"""Packages that look like sipyco to the swap, as far as it looks: for tests without sipyco.

Texts that they encode themselves begin with "theirs", so that a test sees which module did it.
"""

LONG = 3 << 20  # bytes of a long line: more than LONG_LINE of gather.c, and no multiple of what is read at once

V2 = '''
import json

_encode_map = {}
_decode_map = {}


class _Tuple:
    pass


def wrap(o):
    return o


def register(types, *, name, encode, decode):
    for t in types:
        _encode_map[t] = name, encode
    _decode_map[name] = decode


def deregister(types, name):
    del _decode_map[name]
    for t in types:
        del _encode_map[t]


register([complex], name="complex", encode=lambda x: [x.real, x.imag], decode=complex)
register([set], name="set", encode=lambda x: [list(x)], decode=set)


def encode(x, pretty=False, **kw):
    return "theirs" + json.dumps(wrap(x), default=lambda o: [t[0] for t in [_encode_map[type(o)]]])


def decode(s, **kw):
    return json.loads(s[len("theirs"):])


def store_file(filename, x, **kw):
    raise NotImplementedError


def load_file(filename, **kw):
    raise NotImplementedError
'''

V1 = '''
from fractions import Fraction

_encode_map = {int: "number", str: "str", Fraction: "fraction"}


class _Encoder:
    def __init__(self, pretty):
        self.out = []

    def encode_number(self, x):
        self.out.append(repr(x))

    def encode(self, x):
        if type(x) not in _encode_map:
            raise TypeError(type(x))
        getattr(self, "encode_" + _encode_map[type(x)])(x)


def encode(x, pretty=False):
    encoder = _Encoder(pretty)
    encoder.encode(x)
    return "theirs" + "".join(encoder.out)


_eval_dict = {"null": None, "inf": float("inf"), "Fraction": Fraction}


def decode(s):
    return eval(s[len("theirs"):], _eval_dict, {})


def store_file(filename, x):
    raise NotImplementedError


def load_file(filename):
    raise NotImplementedError
'''

UNKNOWN = '''
def encode(x):
    return "theirs"


def decode(s):
    return "theirs"
'''

PIPE_IPC = '''
import asyncio


async def _fds_to_asyncio(rfd, wfd, loop):
    reader = asyncio.StreamReader(limit=100 << 20)
    protocol = asyncio.StreamReaderProtocol(reader)
    transport, _ = await loop.connect_read_pipe(lambda: protocol, open(rfd, "rb", 0))
    return transport, reader, open(wfd, "wb", 0)


class ChildComm:
    def __init__(self, address):
        self.rf, self.wf = (open(int(fd), mode, 0) for fd, mode in zip(address.split(","), ("rb", "wb")))

    def read(self, n):
        return self.rf.read(n)

    def readline(self):
        return self.rf.readline()

    def close(self):
        self.rf.close()
        self.wf.close()
'''

KEEPALIVE = '''
import asyncio


async def async_open_connection(host, port, **kwargs):
    return await asyncio.open_connection(host, port, **kwargs)
'''

TOOLS = '''
import asyncio


class AsyncioServer:
    async def start(self, host, port):
        self.server = await asyncio.start_server(self._handle_connection, host, port, limit=1 << 16)

    def _handle_connection(self, reader, writer):
        self.task = asyncio.ensure_future(self._handle_connection_cr(reader, writer))
'''

PC_RPC = '''
def _socket_readline(socket, bufsize=4096):
    raise NotImplementedError
'''

STREAMS = {"pipe_ipc": PIPE_IPC, "keepalive": KEEPALIVE, "tools": TOOLS, "pc_rpc": PC_RPC}
SHAPES = {
    "1.10": {"pyon": V2, "pyon_v1": V1, **STREAMS},
    "1.9": {"pyon": V1, **STREAMS},
    "unknown": {"pyon": UNKNOWN, "pipe_ipc": UNKNOWN},
}


def make(folder, shape):
    """Writes the package into a folder."""
    package = folder / "sipyco"
    package.mkdir()
    for name, text in {"__init__": "", **SHAPES[shape]}.items():
        (package / f"{name}.py").write_text(text, encoding="utf-8")
