# SPDX-License-Identifier: LGPL-3.0-or-later
"""Texts of either version, of one value or several: version 2 is tried first, as ARTIQ does."""

from fastpyon import pyon, pyon_v1, stream


def _decode_several(text, dialect):
    decoder = stream.Decoder(dialect)
    decoder.feed(text)
    decoder.close()
    return list(decoder)


def decode_one(text):
    """The value of a text. Raises a ValueError if it is of neither version."""
    errors = []
    for dialect in pyon, pyon_v1:
        try:
            return dialect.decode(text)
        except Exception as error:  # whatever a constructor raises
            errors.append(error)
    raise ValueError("neither version 2 ({}) nor version 1 ({})".format(*errors))


def decode(text):
    """The value of a text; or the list of its values, if there are several. Raises a ValueError if it is of neither
    version."""
    try:
        return decode_one(text)
    except ValueError as error:
        for dialect in pyon, pyon_v1:
            try:
                return _decode_several(text, dialect)
            except Exception:  # the errors that it has as one value say more
                pass
        raise error


def load(filename):
    """The same of a file."""
    with open(filename, encoding="utf-8", newline="") as file:
        return decode(file.read())
