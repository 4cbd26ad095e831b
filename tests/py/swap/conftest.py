# SPDX-License-Identifier: LGPL-3.0-or-later
import pytest

from standins import LONG


@pytest.fixture(params=[b"x", "\N{GREEK SMALL LETTER PI}".encode()], ids=["ascii", "utf-8"])
def long(request):
    """A line that is long."""
    return request.param * LONG + b"\n"
