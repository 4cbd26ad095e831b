"""A custom type of PYON v2, and what registers it, for the tests of the registry."""

from fastpyon.pyon import register


class Point:
    """A custom type that keeps its arguments."""

    def __init__(self, *arguments):
        self.arguments = arguments

    def __repr__(self):
        return f"Point{self.arguments}"

    def __eq__(self, other):
        return type(other) is type(self) and other.arguments == self.arguments

    def __hash__(self):
        return hash(self.arguments)


class SubPoint(Point):
    pass


def as_point(encoder, kind=Point, decoder=Point):
    register([kind], name="point", encode=encoder, decode=decoder)


def written(result):
    return '{"__jsonclass__":["point",%s]}' % result
