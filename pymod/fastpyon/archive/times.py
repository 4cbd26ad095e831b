# SPDX-License-Identifier: LGPL-3.0-or-later
"""Times that people write."""

import datetime

import numpy

_FORMS = "%Y", "%Y-%m", "%Y-%m-%d", "%Y-%m-%d %H", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f"


def stamp(time):
    """Seconds since 1970, of a number, a date, a datetime, or a text such as "2026-05" or "2026-05-01 14:30".

    A time without a zone is local, as are the folders of ARTIQ. A part that is left out is the first one.
    """
    if isinstance(time, str):
        time = _parse(time)
    if isinstance(time, datetime.datetime):
        return time.timestamp()
    if isinstance(time, numpy.datetime64):  # has no zone
        return stamp(time.astype("M8[us]").item())
    if isinstance(time, datetime.date):
        return datetime.datetime(time.year, time.month, time.day).timestamp()
    return float(time)


def _parse(text):
    for form in _FORMS:
        try:
            return datetime.datetime.strptime(text.strip().replace("T", " "), form)
        except ValueError:
            pass
    try:
        return datetime.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no time such as 2026-05-01 or 2026-05-01 14:30") from None
