"""Points in time as people write them, and as runs keep them: RFC 3339 text.

A day or a wall-clock time counts in a named zone, by the rules of its clock changes. Nobody here
knows what time it is now.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

_SHAPE: Final = re.compile(
    r"\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)?)?"
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


def moment_ms(text: str, timezone: str) -> int:
    """Return the instant that text names, in milliseconds since the epoch.

    Text is RFC 3339, or a day or a date and time on the clock of `timezone`: a time that a change
    of the clock leaves out is the end of the gap, one that comes twice is the first. Raises
    ValueError for anything else.
    """
    found = text.strip()
    if len(found) > 40 or _SHAPE.fullmatch(found) is None:
        raise ValueError(f"{text[:40]!r} names no point in time")
    moment = datetime.fromisoformat(found.upper())
    if moment.tzinfo is None:
        return _settle(moment, ZoneInfo(timezone))
    return _since_epoch(moment)


def _settle(wall: datetime, zone: tzinfo) -> int:
    """Return when a clock in a zone shows a time for the first time, or leaps over it."""
    first, last = (_since_epoch(wall.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
    if first <= last:
        return first
    # In a gap the two folds stand crosswise around the change: look for it between them.
    before, after = last, first
    offset = _offset(before, zone)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(middle, zone) == offset:
            before = middle
        else:
            after = middle
    return after


def _offset(at_ms: int, zone: tzinfo) -> timedelta | None:
    return (_EPOCH + at_ms * _MILLISECOND).astimezone(zone).utcoffset()


def _since_epoch(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND
