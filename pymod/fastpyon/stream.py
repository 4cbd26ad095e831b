from fastpyon import _core, pyon, pyon_v1


class DecodeError(ValueError):
    pass


def _make_error(code, offset, message, depth, place, size, max_bytes):
    return DecodeError(code, offset, message, depth, place, size, max_bytes)


_core.bind_stream(_make_error)


class Decoder(_core.Decoder):
    __slots__ = ()

    def __new__(cls, dialect=pyon, *, max_bytes=None, max_depth=None):
        n = 2 if dialect is pyon else 1
        return super().__new__(cls, n, max_bytes or 0, max_depth or 0)
